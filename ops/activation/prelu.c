/* prelu(x, weight) = x above 0, weight x at and below it, and at NaN, with one weight (a scalar or [1]) or one a channel of
 * axis 1, as F.prelu; for x the derivative is 1 above 0, else the weight; for the weight the sum of those x. It selects, so
 * that an infinite x above 0 leaks no NaN into the weight. He, Zhang, Ren and Sun 2015 (arXiv:1502.01852). By definition alone:
 * its steps run as one chain. */
#include "tape/op.h"

static bool shape(wg_call *c)
{
    const wg_shape *weight = c->in[1].shape;
    char a[128], b[128];
    int64_t channels = c->shape.rank > 1 ? c->shape.dim[1] : 1;
    if (weight->rank == 0 || (weight->rank == 1 && (weight->dim[0] == 1 || wg__same_size(c, &channels, weight->dim[0])))) return true;
    return wg__refuse(c, "x is %s, weight is %s: one weight is wanted, or one a channel of axis 1", wg__show_type(a, c->in[0]),
                      wg__show_type(b, c->in[1]));
}

static wg_tensor define(const wg_rule *r)
{
    wg_tensor x = r->in[0], weight = r->in[1], above = wg_gt(x, wg_num(0)), low = wg_where(above, wg_num(0), x);
    wg_ints after = {.n = wg_shape_get(x).rank - 2};
    for (int i = 0; i < after.n; i++) after.v[i] = i - after.n;
    if (wg_shape_get(weight).rank && wg_shape_get(x).rank == 0) weight = wg_reshape_like(weight, x);
    else if (wg_shape_get(weight).rank && after.n > 0) weight = (wg_unsqueeze)(weight, after);
    return wg_where(above, x, wg_mul(weight, low));
}

/* values and gradients: PyTorch 1.13.1 in f64 */
static const wg_sample samples[] = {
    {.call = "prelu([[-1.5, 0.25], [5, -0.75]], [0.25])", .value = "[[-0.375, 0.25], [5, -0.1875]]",
     .grad = "[[0.25, 1], [1, 0.25]]; [-2.25]"},
    {.call = "prelu([[-1.5, 0.25], [5, -0.75]], [0.25, -2])", .value = "[[-0.375, 0.25], [5, 1.5]]",
     .grad = "[[0.25, 1], [1, -2]]; [-1.5, -0.75]"},
    {.call = "prelu([[[-1.5, 0.25, 1], [5, -0.75, -3]]], [0.25, -2])", .value = "[[[-0.375, 0.25, 1], [5, 1.5, 6]]]",
     .grad = "[[[0.25, 1, 1], [1, -2, -2]]]; [-1.5, -3.75]"},
    {.call = "prelu([-1.5, 0.25], [0.5])", .value = "[-0.75, 0.25]", .grad = "[0.5, 1]; [-1.5]"},
    {.call = "prelu([-1.5, 0.25], f64 0.5)", .value = "[-0.75, 0.25]", .grad = "[0.5, 1]; -1.5"},
    {.call = "prelu(f64 -2.5, f64 0.5)", .value = "-1.25", .grad = "0.5; -2.5"},
    {.call = "prelu(f64 -2.5, [0.5])", .value = "-1.25", .grad = "0.5; [-2.5]"},
    {.call = "prelu([-1, 3], 0.5)", .value = "[-0.5, 3]", .grad = "[0.5, 1]"},
    {.call = "prelu([0, -0.0, -inf, -1], [0.25])", .value = "[0, -0.0, -inf, -0.25]", .grad = "[0.25, 0.25, 0.25, 0.25]; [-inf]",
     .kink = true},
    {.call = "prelu([inf, -1, 2], [0.25])", .value = "[inf, -0.25, 2]", .grad = "[1, 0.25, 1]; [-1]", .kink = true},
    {.call = "prelu([nan, 1], [0.25])", .value = "[nan, 1]", .grad = "[0.25, 1]; [nan]", .kink = true},
    {.call = "prelu([[1, 2], [-1, 3]], [nan, inf])", .value = "[[1, 2], [nan, 3]]", .grad = "[[1, 1], [nan, 1]]; [-1, 0]", .kink = true},
    {.call = "prelu(~[4, 5], ~[5])"},
    {.call = "prelu(~[3, 2, 4], ~[2])"},
    {.call = "prelu(~[2, 3, 2, 2], ~[1])"},
    {.call = "prelu(~[37], ~[1])"},
    {.call = "prelu(f64[0, 3](), [1, 2, 3])", .value = "f64[0, 3]()", .grad = "f64[0, 3](); [0, 0, 0]"},
    {.call = "prelu(f64[2, 0](), f64[0]())", .value = "f64[2, 0]()", .grad = "f64[2, 0](); f64[0]()"},
    {.call = "prelu([[1, 2]], [1, 2, 3])", .refused = "x is f64[1,2], weight is f64[3]: one weight is wanted"},
    {.call = "prelu([1, 2], [1, 2])", .refused = "one weight is wanted, or one a channel of axis 1"},
    {.call = "prelu([[1, 2]], [[1, 2]])", .refused = "one weight is wanted"},
    {.call = "prelu([1], f32[1])", .refused = "cast one to the other's dtype"},
    {.call = "prelu([1])", .refused = "weight is missing"},
    {.call = "prelu(i64[1, 2], i64[1])", .refused = "must be f32 or f64"},
    {.call = "prelu(bool[true], bool[true])", .refused = "must be f32 or f64"},
    {.call = "prelu(u8[1], u8[1])", .refused = "must be f32 or f64"},
    {.call = "prelu()", .refused = "prelu"},
    {.call = "prelu([1], [2], [3])", .refused = "prelu"},
    {0}};

const wg_op wg_op_prelu = {WG_LINE(prelu), .kind = WG_BLOCK, .shape = shape, .define = define, .samples = samples};

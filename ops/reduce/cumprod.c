/* cumprod(x; axis): the products of x up to and with each element along axis, as torch.cumprod. By definition alone: the
 * products of what lies before, from recurrence, times x; so its derivatives, which are recurrence's, divide by nothing and are
 * right with zeros, to any order (and a number beside NaN or inf, where torch's is not). f32 accumulates in double. */
#include "tape/op.h"

static bool shape(wg_call *c)
{
    const wg_cumprod_options *o = c->attrs;
    int axis;
    return wg__axis(c, o->axis, c->shape.rank, &axis);
}

static wg_tensor define(const wg_rule *r)
{
    const wg_cumprod_options *o = r->attrs;
    return wg_mul(wg_recurrence(r->in[0], .axis = o->axis, .start = 1), r->in[0]);
}

/* values and gradients: PyTorch 1.13.1 in f64 */
static const wg_sample samples[] = {
    {.call = "cumprod([1, 2, -3, 0.5]; axis=0)", .value = "[1, 2, -6, -3]", .grad = "[-6, -3.5, 3, -6]"},
    {.call = "cumprod([[1, 2, 3], [4, 5, 6]]; axis=0)", .value = "[[1, 2, 3], [4, 10, 18]]", .grad = "[[5, 6, 7], [1, 2, 3]]"},
    {.call = "cumprod([[1, 2, 3], [4, 5, 6]]; axis=1)", .value = "[[1, 2, 6], [4, 20, 120]]", .grad = "[[9, 4, 2], [36, 28, 20]]"},
    {.call = "cumprod([[[1, 2], [3, 4]], [[-5, 6], [7, 0.25]]]; axis=-2)", .value = "[[[1, 2], [3, 8]], [[-5, 6], [-35, 1.5]]]",
     .grad = "[[[4, 5], [1, 2]], [[8, 1.25], [-5, 6]]]"},
    {.call = "cumprod(2.5; axis=0)", .value = "2.5", .grad = "1"},
    {.call = "cumprod(-2.5; axis=-1)", .value = "-2.5", .grad = "1"},
    {.call = "cumprod([[3]]; axis=0)", .value = "[[3]]", .grad = "[[1]]"},
    {.call = "cumprod([2, 0, 3]; axis=0)", .value = "[2, 0, 0]", .grad = "[1, 8, 0]"},
    {.call = "cumprod([2, 0, 3, 0, 4]; axis=0)", .value = "[2, 0, 0, 0, 0]", .grad = "[1, 8, 0, 0, 0]"},
    {.call = "cumprod([0, 0, 3]; axis=0)", .value = "[0, 0, 0]", .grad = "[1, 0, 0]"},
    {.call = "cumprod([[2, 0], [0, 3], [5, 7]]; axis=0)", .value = "[[2, 0], [0, 0], [0, 0]]", .grad = "[[1, 25], [12, 0], [0, 0]]"},
    {.call = "cumprod([2, nan, 3]; axis=0)", .value = "[2, nan, nan]", .grad = "[nan, 8, nan]", .kink = true},
    {.call = "cumprod([1e+200, 1e+200]; axis=0)", .value = "[1e+200, inf]", .grad = "[1e+200, 1e+200]", .kink = true},
    {.call = "cumprod([0, inf]; axis=0)", .value = "[0, nan]", .grad = "[inf, 0]", .kink = true},
    {.call = "cumprod(~[3, 2, 4]; axis=1)"},
    {.call = "cumprod(~[37]; axis=0)"},
    {.call = "cumprod(~[2, 19]; axis=-1)"},
    {.call = "cumprod(f64[0](); axis=0)", .value = "f64[0]()", .grad = "f64[0]()"},
    {.call = "cumprod(f64[0, 3](); axis=0)", .value = "f64[0, 3]()", .grad = "f64[0, 3]()"},
    {.call = "cumprod(f64[0, 3](); axis=1)", .value = "f64[0, 3]()", .grad = "f64[0, 3]()"},
    {.call = "cumprod(f64[2, 0](); axis=1)", .value = "f64[2, 0]()", .grad = "f64[2, 0]()"},
    {.call = "cumprod([1]; axis=1)", .refused = "axis 1 is out of range for rank 1"},
    {.call = "cumprod([[1]]; axis=-3)", .refused = "axis -3 is out of range for rank 2"},
    {.call = "cumprod([1])", .refused = "axis"},
    {.call = "cumprod([1], [2]; axis=0)", .refused = "cumprod"},
    {.call = "cumprod(2.5; axis=1)", .refused = "axis 1 is out of range"},
    {.call = "cumprod(i64[1, 2]; axis=0)", .refused = "must be f32 or f64"},
    {.call = "cumprod(bool[true]; axis=0)", .refused = "must be f32 or f64"},
    {0}};

const wg_op wg_op_cumprod = {WG_LINE(cumprod), .kind = WG_BLOCK, .shape = shape, .define = define, .samples = samples};

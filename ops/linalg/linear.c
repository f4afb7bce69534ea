/* linear(x, weight, bias?) = x weight^T + bias, as F.linear: weight is (out, in), the last axis of x is in. */
#include "tape/op.h"

static bool shape(wg_call *c)
{
    const wg_shape *weight = c->in[1].shape;
    char a[128], b[128];
    if (c->shape.rank == 0) return wg__refuse(c, "x is a scalar, which has no features");
    if (weight->rank != 2) return wg__refuse(c, "weight is %s, which must be (out, in)", wg__show_type(a, c->in[1]));
    int64_t inner = c->shape.dim[c->shape.rank - 1];
    if (!wg__same_size(c, &inner, weight->dim[1]))
        return wg__refuse(c, "x is %s, weight is %s: inner sizes %lld and %lld differ", wg__show_type(a, c->in[0]),
                          wg__show_type(b, c->in[1]), (long long)inner, (long long)weight->dim[1]);
    c->shape.dim[c->shape.rank - 1] = weight->dim[0];
    if (!c->in[2].dtype) return true;
    int64_t out = weight->dim[0];
    if (c->in[2].shape->rank == 1 && wg__same_size(c, &out, c->in[2].shape->dim[0])) return true;
    return wg__refuse(c, "weight is %s, bias is %s: one bias an output is wanted", wg__show_type(a, c->in[1]), wg__show_type(b, c->in[2]));
}

static wg_tensor define(const wg_rule *r)
{
    wg_tensor y = wg_matmul(r->in[0], wg_transpose(r->in[1]));
    return r->in[2].tape ? wg_add(y, r->in[2]) : y;
}

static const wg_sample samples[] = {
    {.call = "linear([[1, 2]], [[3, 4], [5, 6], [0, 1]], [10, 20, 30])", .value = "[[21, 37, 32]]",
     .grad = "[[8, 11]]; [[1, 2], [1, 2], [1, 2]]; [1, 1, 1]"},
    {.call = "linear([[1, 2]], [[3, 4], [5, 6], [0, 1]])", .value = "[[11, 17, 2]]"},
    {.call = "linear([1, 2], [[3, 4]])", .value = "[11]", .grad = "[3, 4]; [[1, 2]]"},
    {.call = "linear([1, 2], [[3, 4]], [0.5])", .value = "[11.5]"},
    {.call = "linear(f64[0, 2](), [[3, 4]], [5])", .value = "f64[0, 1]()", .grad = "f64[0, 2](); [[0, 0]]; [0]"},
    {.call = "linear(f64[2, 0](), f64[1, 0](), [5])", .value = "[[5], [5]]", .grad = "f64[2, 0](); f64[1, 0](); [2]"},
    {.call = "linear([[1, nan]], [[0, 0], [0, 1]])", .value = "[[nan, nan]]", .kink = true},
    {.call = "linear(~[4, 3], ~[2, 3], ~[2])"},
    {.call = "linear(~[2, 3, 5], ~[4, 5], ~[4])"},
    {.call = "linear(~[5], ~[4, 5])"},
    {.call = "linear(~[2, 100], ~[10, 128])", .refused = "x is f64[2,100], weight is f64[10,128]: inner sizes 100 and 128 differ"},
    {.call = "linear([1, 2], [3, 4])", .refused = "must be (out, in)"},
    {.call = "linear(1.5, [[1]])", .refused = "x is a scalar"},
    {.call = "linear([1, 2], [[3, 4]], [1, 2])", .refused = "one bias an output"},
    {0}};

const wg_op wg_op_linear = {WG_LINE(linear), .kind = WG_BLOCK, .shape = shape, .define = define, .samples = samples};

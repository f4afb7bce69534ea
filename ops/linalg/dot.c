/* dot(a, b): the sum over i of a[i] b[i], of two vectors of one length: torch.dot. Of nothing: 0. Integers wrap. By sum, not by
 * matmul, so that long ones are shared out and the bits do not depend on how a and b lie. */
#include "tape/op.h"

static bool shape(wg_call *c)
{
    char a[128], b[128];
    if (c->shape.rank != 1 || c->in[1].shape->rank != 1 || !wg__same_size(c, &c->shape.dim[0], c->in[1].shape->dim[0]))
        return wg__refuse(c, "a is %s, b is %s: two vectors of one length are wanted", wg__show_type(a, c->in[0]),
                          wg__show_type(b, c->in[1]));
    c->shape.rank = 0;
    return true;
}

static wg_tensor define(const wg_rule *r) { return wg_sum(wg_mul(r->in[0], r->in[1])); }

static const wg_sample samples[] = {
    {.call = "dot([1, 2, 3], [4, -5, 0.5])", .value = "-4.5", .grad = "[4, -5, 0.5]; [1, 2, 3]"},
    {.call = "dot([3], [0.5])", .value = "1.5", .grad = "[0.5]; [3]"},
    {.call = "dot([1, nan], [2, 1])", .value = "nan", .grad = "[2, 1]; [1, nan]", .kink = true},
    {.call = "dot([inf, 1], [0, 1])", .value = "nan", .grad = "[0, 1]; [inf, 1]", .kink = true},
    {.call = "dot(f64[0](), f64[0]())", .value = "0", .grad = "f64[0](); f64[0]()"},
    {.call = "dot(i64[1, 2], i64[3, 4])", .value = "i64 11"},
    {.call = "dot(i64[9223372036854775807, 1], i64[1, 1])", .value = "i64 -9223372036854775808"},
    {.call = "dot(~[7], ~[7])"},
    {.call = "dot(~[300], ~[300])"},
    {.call = "dot([1, 2], [1, 2, 3])", .refused = "a is f64[2], b is f64[3]: two vectors of one length"},
    {.call = "dot([1, 2], [1])", .refused = "two vectors of one length"},
    {.call = "dot([[1, 2]], [1, 2])", .refused = "a is f64[1,2], b is f64[2]: two vectors"},
    {.call = "dot([1], 2.0)", .refused = "two vectors of one length"},
    {.call = "dot([1], i64[1])", .refused = "cast one to the other's dtype"},
    {.call = "dot(bool[true], bool[true])", .refused = "must be f32, f64 or i64"},
    {0}};

const wg_op wg_op_dot = {WG_LINE(dot), .kind = WG_BLOCK, .takes = WG_NUMBERS, .shape = shape, .define = define, .samples = samples};

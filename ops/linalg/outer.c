/* outer(a, b): y[i, j] = a[i] b[j], of two vectors: torch.outer. Integers wrap. */
#include "tape/op.h"

static bool shape(wg_call *c)
{
    char a[128], b[128];
    if (c->shape.rank != 1 || c->in[1].shape->rank != 1)
        return wg__refuse(c, "a is %s, b is %s: two vectors are wanted", wg__show_type(a, c->in[0]), wg__show_type(b, c->in[1]));
    c->shape.rank = 2;
    c->shape.dim[1] = c->in[1].shape->dim[0];
    return true;
}

static wg_tensor define(const wg_rule *r) { return wg_mul(wg_unsqueeze(r->in[0], WG_INTS(-1)), r->in[1]); }

/* Lengths differ: the tests repeat what is of the first one's shape, and the square of that is too large. */
static const wg_sample samples[] = {
    {.call = "outer([1, -2], [3, 0.5, 4])", .value = "[[3, 0.5, 4], [-6, -1, -8]]", .grad = "[7.5, 7.5]; [-1, -1, -1]"},
    {.call = "outer([3], [0.5, -1])", .value = "[[1.5, -3]]", .grad = "[-0.5]; [3, 3]"},
    {.call = "outer([1, nan], [0, inf, 2])", .value = "[[0, inf, 2], [nan, nan, nan]]", .grad = "[inf, inf]; [nan, nan, nan]",
     .kink = true},
    {.call = "outer(f64[0](), [1, 2])", .value = "f64[0, 2]()", .grad = "f64[0](); [0, 0]"},
    {.call = "outer([1, 2], f64[0]())", .value = "f64[2, 0]()", .grad = "[0, 0]; f64[0]()"},
    {.call = "outer(i64[1, 2], i64[3])", .value = "i64[[3], [6]]"},
    {.call = "outer(i64[9223372036854775807], i64[2, 1])", .value = "i64[[-2, 9223372036854775807]]"},
    {.call = "outer(~[3], ~[4])"},
    {.call = "outer(~[40], ~[33])"},
    {.call = "outer([[1, 2]], [1, 2])", .refused = "a is f64[1,2], b is f64[2]: two vectors are wanted"},
    {.call = "outer([1], 2.0)", .refused = "two vectors are wanted"},
    {.call = "outer([1], i64[1])", .refused = "cast one to the other's dtype"},
    {.call = "outer(bool[true], bool[true])", .refused = "must be f32, f64 or i64"},
    {0}};

const wg_op wg_op_outer = {WG_LINE(outer), .kind = WG_BLOCK, .takes = WG_NUMBERS, .shape = shape, .define = define, .samples = samples};

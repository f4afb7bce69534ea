/* roll(x; shift, axis): x's items along axis moved on by shift places, those that leave at the end come in at the front, as torch.roll;
 * shift may be negative or larger than the axis. By definition alone: the two stretches (arc, a view) joined the other way round. */
#include "tape/op.h"

static bool shape(wg_call *c)
{
    const wg_roll_options *o = c->attrs;
    int axis;
    if (c->shape.rank == 0) return wg__refuse(c, "x is a scalar, which has no axis to roll along");
    return wg__axis(c, o->axis, c->shape.rank, &axis);
}

static wg_tensor define(const wg_rule *r)
{
    const wg_roll_options *o = r->attrs;
    wg_tensor x = r->in[0];
    wg_tensor part[2] = {wg_arc(x, o->shift, .axis = o->axis, .tail = true), wg_arc(x, o->shift, .axis = o->axis)};
    wg_tensor y = wg_concat(wg_tensors_of(part, 2), .axis = o->axis);
    return wg__known(wg_dim(x, o->axis)) ? y : wg_reshape_like(y, x); /* as many, which only this says */
}

/* values from PyTorch in f64 */
static const wg_sample samples[] = {
    {.call = "roll([1, 2, 3, 4, 5]; shift=2, axis=0)", .value = "[4, 5, 1, 2, 3]", .grad = "[1, 1, 1, 1, 1]"},
    {.call = "roll([1, 2, 3, 4, 5]; shift=-1, axis=-1)", .value = "[2, 3, 4, 5, 1]", .grad = "[1, 1, 1, 1, 1]"},
    {.call = "roll([1, 2, 3]; shift=7, axis=0)", .value = "[3, 1, 2]", .grad = "[1, 1, 1]"},
    {.call = "roll([1, 2, 3]; shift=-7, axis=0)", .value = "[2, 3, 1]", .grad = "[1, 1, 1]"},
    {.call = "roll([1, 2, 3]; shift=0, axis=0)", .value = "[1, 2, 3]", .grad = "[1, 1, 1]"},
    {.call = "roll([1, 2, 3]; shift=3, axis=0)", .value = "[1, 2, 3]", .grad = "[1, 1, 1]"},
    {.call = "roll([[1, 2, 3], [4, 5, 6]]; shift=1, axis=0)", .value = "[[4, 5, 6], [1, 2, 3]]", .grad = "[[1, 1, 1], [1, 1, 1]]"},
    {.call = "roll([[1, 2, 3], [4, 5, 6]]; shift=1, axis=1)", .value = "[[3, 1, 2], [6, 4, 5]]", .grad = "[[1, 1, 1], [1, 1, 1]]"},
    {.call = "roll([[[1, 2], [3, 4], [5, 6]]]; shift=-1, axis=-2)", .value = "[[[3, 4], [5, 6], [1, 2]]]",
     .grad = "[[[1, 1], [1, 1], [1, 1]]]"},
    {.call = "roll([7]; shift=5, axis=0)", .value = "[7]", .grad = "[1]"},
    {.call = "roll([nan, 1, inf]; shift=1, axis=0)", .value = "[inf, nan, 1]", .grad = "[1, 1, 1]", .kink = true},
    {.call = "roll(f64[0, 3](); shift=1, axis=0)", .value = "f64[0, 3]()", .grad = "f64[0, 3]()"},
    {.call = "roll(f64[0, 3](); shift=1, axis=1)", .value = "f64[0, 3]()", .grad = "f64[0, 3]()"},
    {.call = "roll(i64[1, 2, 3]; shift=1, axis=0)", .value = "i64[3, 1, 2]"},
    {.call = "roll(i32[1, 2, 3]; shift=1, axis=0)", .value = "i32[3, 1, 2]"},
    {.call = "roll(u8[1, 2, 3]; shift=1, axis=0)", .value = "u8[3, 1, 2]"},
    {.call = "roll(bool[true, false, false]; shift=2, axis=0)", .value = "bool[false, false, true]"},
    {.call = "roll(~[3, 5, 2]; shift=3, axis=1)"},
    {.call = "roll(~[33, 7]; shift=-20, axis=0)"},
    {.call = "roll(~[4, 3]; shift=2147483647, axis=-1)"},
    {.call = "roll(2.5; shift=1, axis=0)", .refused = "scalar"},
    {.call = "roll([1, 2]; shift=1, axis=1)", .refused = "axis 1 is out of range for rank 1"},
    {.call = "roll([1, 2]; shift=1, axis=-2)", .refused = "axis -2 is out of range for rank 1"},
    {.call = "roll([1, 2]; shift=1)", .refused = "axis"},
    {.call = "roll([1, 2]; axis=0)", .refused = "shift"},
    {.call = "roll([1, 2]; shift=0.5, axis=0)", .refused = "integer"},
    {0}};

const wg_op wg_op_roll = {WG_LINE(roll), .kind = WG_BLOCK, .takes = WG_EVERY, .shape = shape, .define = define, .samples = samples};

/* repeat_interleave(x; repeats, axis): each item along axis `repeats` times in a row, as torch.repeat_interleave with one count. The
 * reverse adds up what was repeated. By definition alone: a view and one packing, with an axis more on the way. */
#include "ops/shape/along.h"

static bool shape(wg_call *c)
{
    const wg_repeat_interleave_options *o = c->attrs;
    int axis;
    if (c->shape.rank == 0) return wg__refuse(c, "x is a scalar, which has no axis to repeat along");
    if (!wg__axis(c, o->axis, c->shape.rank, &axis)) return false;
    if (o->repeats < 0 && o->repeats >= WG_START) return wg__refuse(c, "repeats is %lld, must be 0 or more", (long long)o->repeats);
    if (c->shape.rank == WG_MAX_RANK && o->repeats != 1)
        return wg__refuse(c, "x has %d axes, and to repeat along one takes another", WG_MAX_RANK);
    c->shape.dim[axis] = wg__times(c, c->shape.dim[axis], o->repeats);
    return true;
}

static wg_tensor define(const wg_rule *r)
{
    const wg_repeat_interleave_options *o = r->attrs;
    int rank = wg_shape_get(r->in[0]).rank;
    return wg__repeated(r->in[0], o->axis < 0 ? o->axis + rank : o->axis, o->repeats, true);
}

/* values from PyTorch in f64 */
static const wg_sample samples[] = {
    {.call = "repeat_interleave([1, 2]; repeats=2, axis=0)", .value = "[1, 1, 2, 2]", .grad = "[2, 2]"},
    {.call = "repeat_interleave([1, 2, 3]; repeats=3, axis=-1)", .value = "[1, 1, 1, 2, 2, 2, 3, 3, 3]", .grad = "[3, 3, 3]"},
    {.call = "repeat_interleave([[1, 2], [3, 4]]; repeats=2, axis=0)", .value = "[[1, 2], [1, 2], [3, 4], [3, 4]]",
     .grad = "[[2, 2], [2, 2]]"},
    {.call = "repeat_interleave([[1, 2], [3, 4]]; repeats=2, axis=1)", .value = "[[1, 1, 2, 2], [3, 3, 4, 4]]",
     .grad = "[[2, 2], [2, 2]]"},
    {.call = "repeat_interleave([[[1], [2]], [[3], [4]]]; repeats=2, axis=-2)", .value = "[[[1], [1], [2], [2]], [[3], [3], [4], [4]]]",
     .grad = "[[[2], [2]], [[2], [2]]]"},
    {.call = "repeat_interleave([1, 2]; repeats=1, axis=0)", .value = "[1, 2]", .grad = "[1, 1]"},
    {.call = "repeat_interleave([1, 2]; repeats=0, axis=0)", .value = "f64[0]()", .grad = "[0, 0]"},
    {.call = "repeat_interleave(f64[0, 3](); repeats=2, axis=0)", .value = "f64[0, 3]()", .grad = "f64[0, 3]()"},
    {.call = "repeat_interleave(f64[0, 3](); repeats=2, axis=1)", .value = "f64[0, 6]()", .grad = "f64[0, 3]()"},
    {.call = "repeat_interleave([nan, inf]; repeats=2, axis=0)", .value = "[nan, nan, inf, inf]", .grad = "[2, 2]", .kink = true},
    {.call = "repeat_interleave(i64[1, 2]; repeats=2, axis=0)", .value = "i64[1, 1, 2, 2]"},
    {.call = "repeat_interleave(i32[1, 2]; repeats=2, axis=0)", .value = "i32[1, 1, 2, 2]"},
    {.call = "repeat_interleave(u8[1, 2]; repeats=2, axis=0)", .value = "u8[1, 1, 2, 2]"},
    {.call = "repeat_interleave(bool[true, false]; repeats=2, axis=0)", .value = "bool[true, true, false, false]"},
    {.call = "repeat_interleave(~[2, 3, 4]; repeats=3, axis=1)"},
    {.call = "repeat_interleave(~[5, 7]; repeats=9, axis=0)"},
    {.call = "repeat_interleave(~[1, 2, 1, 2, 1, 2, 1]; repeats=2, axis=6)"},
    {.call = "repeat_interleave(2.5; repeats=2, axis=0)", .refused = "scalar"},
    {.call = "repeat_interleave([1, 2]; repeats=-1, axis=0)", .refused = "repeats is -1, must be 0 or more"},
    {.call = "repeat_interleave([1, 2]; repeats=2, axis=1)", .refused = "axis 1 is out of range for rank 1"},
    {.call = "repeat_interleave([1, 2]; repeats=2)", .refused = "axis"},
    {.call = "repeat_interleave([1, 2]; axis=0)", .refused = "repeats"},
    {.call = "repeat_interleave(~[1, 1, 1, 1, 1, 1, 1, 1]; repeats=2, axis=0)", .refused = "takes another"},
    {0}};

const wg_op wg_op_repeat_interleave = {WG_LINE(repeat_interleave), .kind = WG_BLOCK, .takes = WG_EVERY, .shape = shape, .define = define,
                                       .samples = samples};

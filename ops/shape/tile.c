/* tile(x; reps): x again and again, reps[i] times along axis i, as torch.tile and NumPy's: reps are of the last axes where they are
 * fewer than x's, and make new axes in front where they are more. The reverse adds up what was repeated. By definition alone: views,
 * and one packing for each axis that grows, which takes an axis more on the way. */
#include "ops/shape/along.h"

static bool shape(wg_call *c)
{
    const wg_tile_options *o = c->attrs;
    const wg_shape x = c->shape;
    int n = o->reps.n > 0 ? o->reps.n : 0, rank = n > x.rank ? n : x.rank;
    c->shape.rank = rank;
    for (int i = rank - 1; i >= 0; i--) {
        int axis = i - (rank - x.rank), rep = i - (rank - n);
        int64_t size = axis >= 0 ? x.dim[axis] : 1, times = rep >= 0 ? o->reps.v[rep] : 1;
        if (times < 0) return wg__refuse(c, "reps[%d] is %lld, must be 0 or more", rep, (long long)times);
        if (times != 1 && x.rank == WG_MAX_RANK)
            return wg__refuse(c, "x has %d axes, and to repeat along one takes another", WG_MAX_RANK);
        c->shape.dim[i] = wg__times(c, size, times);
    }
    return true;
}

static wg_tensor define(const wg_rule *r)
{
    const wg_tile_options *o = r->attrs;
    wg_tensor y = r->in[0];
    int rank = wg_shape_get(y).rank, n = o->reps.n > 0 ? o->reps.n : 0, more = n > rank ? n - rank : 0;
    for (int i = n - 1; i >= more; i--) y = wg__repeated(y, i - n + rank, o->reps.v[i], false);
    if (!more) return y;
    wg_shape s = {.rank = n};
    for (int i = 0; i < n; i++) s.dim[i] = i < more ? o->reps.v[i] : WG_ANY;
    return wg_expand(y, s);
}

/* values from PyTorch in f64 */
static const wg_sample samples[] = {
    {.call = "tile([1, 2]; reps=[2])", .value = "[1, 2, 1, 2]", .grad = "[2, 2]"},
    {.call = "tile([1, 2]; reps=3)", .value = "[1, 2, 1, 2, 1, 2]", .grad = "[3, 3]"},
    {.call = "tile([[1, 2], [3, 4]]; reps=[2, 1])", .value = "[[1, 2], [3, 4], [1, 2], [3, 4]]", .grad = "[[2, 2], [2, 2]]"},
    {.call = "tile([[1, 2], [3, 4]]; reps=[1, 2])", .value = "[[1, 2, 1, 2], [3, 4, 3, 4]]", .grad = "[[2, 2], [2, 2]]"},
    {.call = "tile([[1, 2], [3, 4]]; reps=[2, 3])",
     .value = "[[1, 2, 1, 2, 1, 2], [3, 4, 3, 4, 3, 4], [1, 2, 1, 2, 1, 2], [3, 4, 3, 4, 3, 4]]", .grad = "[[6, 6], [6, 6]]"},
    {.call = "tile([[1, 2], [3, 4]]; reps=[2])", .value = "[[1, 2, 1, 2], [3, 4, 3, 4]]", .grad = "[[2, 2], [2, 2]]"},
    {.call = "tile([1, 2]; reps=[2, 2])", .value = "[[1, 2, 1, 2], [1, 2, 1, 2]]", .grad = "[4, 4]"},
    {.call = "tile([1, 2]; reps=[3, 1])", .value = "[[1, 2], [1, 2], [1, 2]]", .grad = "[3, 3]"},
    {.call = "tile([1, 2]; reps=[2, 1, 2])", .value = "[[[1, 2, 1, 2]], [[1, 2, 1, 2]]]", .grad = "[4, 4]"},
    {.call = "tile(2.5; reps=[2])", .value = "[2.5, 2.5]", .grad = "2"},
    {.call = "tile(2.5; reps=[1, 3])", .value = "[[2.5, 2.5, 2.5]]", .grad = "3"},
    {.call = "tile(2.5; reps=[])", .value = "2.5", .grad = "1"},
    {.call = "tile([1, 2]; reps=[])", .value = "[1, 2]", .grad = "[1, 1]"},
    {.call = "tile([1, 2]; reps=[0])", .value = "f64[0]()", .grad = "[0, 0]"},
    {.call = "tile([1, 2]; reps=[0, 2])", .value = "f64[0, 4]()", .grad = "[0, 0]"},
    {.call = "tile(f64[0, 3](); reps=[2, 2])", .value = "f64[0, 6]()", .grad = "f64[0, 3]()"},
    {.call = "tile([nan, inf]; reps=[2])", .value = "[nan, inf, nan, inf]", .grad = "[2, 2]", .kink = true},
    {.call = "tile(i64[1, 2]; reps=[2])", .value = "i64[1, 2, 1, 2]"},
    {.call = "tile(i32[1, 2]; reps=[2])", .value = "i32[1, 2, 1, 2]"},
    {.call = "tile(u8[1, 2]; reps=[2])", .value = "u8[1, 2, 1, 2]"},
    {.call = "tile(bool[true, false]; reps=[2])", .value = "bool[true, false, true, false]"},
    {.call = "tile(~[2, 3, 2]; reps=[2, 1, 3])"},
    {.call = "tile(~[1, 2, 1, 1, 1, 1, 1, 2]; reps=[1, 1])"},
    {.call = "tile(~[1, 1, 1, 1, 1, 1, 1, 2]; reps=[2])", .refused = "x has 8 axes, and to repeat along one takes another"},
    {.call = "tile(~[1, 1, 1, 1, 1, 1, 1, 2]; reps=[2, 1, 1, 1, 1, 1, 1, 1])", .refused = "x has 8 axes, and to repeat along one"},
    {.call = "tile(~[3, 4]; reps=[2, 3, 1, 2])"},
    {.call = "tile(~[1, 5]; reps=[7, 1])"},
    {.call = "tile(~[1, 2, 1, 2, 1, 2, 1]; reps=[2, 2])"},
    {.call = "tile([1, 2]; reps=[-1])", .refused = "reps[0] is -1, must be 0 or more"},
    {.call = "tile([1, 2]; reps=[2, -3])", .refused = "reps[1] is -3"},
    {.call = "tile([1, 2]; reps=[1, 1, 1, 1, 1, 1, 1, 1, 1])", .refused = "more than 8"},
    {.call = "tile([1, 2])", .refused = "reps"},
    {.call = "tile(~[1, 1, 1, 1, 1, 1, 1, 1]; reps=[2])", .refused = "takes another"},
    {.call = "tile([1, 2]; reps=[4611686018427387904, 4])", .refused = "more elements than memory can hold"},
    {0}};

const wg_op wg_op_tile = {WG_LINE(tile), .kind = WG_BLOCK, .takes = WG_EVERY, .shape = shape, .define = define, .samples = samples};

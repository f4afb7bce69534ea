/* flip(x; axes): x with the order of its items along axes turned round, as torch.flip. By definition alone: slices of step -1, which
 * are views, and so is the reverse. A scalar is its own mirror. */
#include "tape/op.h"

static bool shape(wg_call *c)
{
    const wg_flip_options *o = c->attrs;
    uint32_t mask;
    return wg__axes(c, &o->axes, c->shape.rank, &mask);
}

static wg_tensor define(const wg_rule *r)
{
    const wg_flip_options *o = r->attrs;
    wg_tensor y = r->in[0];
    int rank = wg_shape_get(y).rank;
    uint32_t mask = rank ? wg__axis_mask(&o->axes, rank) : 0;
    for (int i = 0; i < rank; i++)
        if (mask >> i & 1) y = wg_slice(y, i - rank, .step = -1);
    return y;
}

/* values from PyTorch in f64 */
static const wg_sample samples[] = {
    {.call = "flip([1, 2, 3]; axes=[0])", .value = "[3, 2, 1]", .grad = "[1, 1, 1]"},
    {.call = "flip([[1, 2, 3], [4, 5, 6]]; axes=[0])", .value = "[[4, 5, 6], [1, 2, 3]]", .grad = "[[1, 1, 1], [1, 1, 1]]"},
    {.call = "flip([[1, 2, 3], [4, 5, 6]]; axes=[-1])", .value = "[[3, 2, 1], [6, 5, 4]]", .grad = "[[1, 1, 1], [1, 1, 1]]"},
    {.call = "flip([[1, 2, 3], [4, 5, 6]]; axes=[1, 0])", .value = "[[6, 5, 4], [3, 2, 1]]", .grad = "[[1, 1, 1], [1, 1, 1]]"},
    {.call = "flip([[[1, 2], [3, 4]], [[5, 6], [7, 8]]]; axes=[0, -1])", .value = "[[[6, 5], [8, 7]], [[2, 1], [4, 3]]]",
     .grad = "[[[1, 1], [1, 1]], [[1, 1], [1, 1]]]"},
    {.call = "flip([[[1, 2], [3, 4]], [[5, 6], [7, 8]]]; axes=[1])", .value = "[[[3, 4], [1, 2]], [[7, 8], [5, 6]]]",
     .grad = "[[[1, 1], [1, 1]], [[1, 1], [1, 1]]]"},
    {.call = "flip([[7]]; axes=[0, 1])", .value = "[[7]]", .grad = "[[1]]"},
    {.call = "flip([7]; axes=[-1])", .value = "[7]", .grad = "[1]"},
    {.call = "flip([nan, 1, -inf]; axes=[0])", .value = "[-inf, 1, nan]", .grad = "[1, 1, 1]", .kink = true},
    {.call = "flip(f64[0, 3](); axes=[0, 1])", .value = "f64[0, 3]()", .grad = "f64[0, 3]()"},
    {.call = "flip(f64[2, 0](); axes=[0])", .value = "f64[2, 0]()", .grad = "f64[2, 0]()"},
    {.call = "flip(i64[9007199254740993, 2]; axes=[0])", .value = "i64[2, 9007199254740993]"},
    {.call = "flip(i32[[1, 2], [3, 4]]; axes=[0])", .value = "i32[[3, 4], [1, 2]]"},
    {.call = "flip(u8[1, 255]; axes=[0])", .value = "u8[255, 1]"},
    {.call = "flip(bool[true, false, false]; axes=[-1])", .value = "bool[false, false, true]"},
    {.call = "flip(f32[1.5, -2]; axes=[0])", .value = "f32[-2, 1.5]", .grad = "f32[1, 1]"},
    {.call = "flip(2.5; axes=[0])", .value = "2.5", .grad = "1"},
    {.call = "flip(~[3, 4, 5]; axes=[0, 2])"},
    {.call = "flip(~[17, 9]; axes=[1])"},
    {.call = "flip(~[2, 3, 2, 2]; axes=[-4, 1, -1])"},
    {.call = "flip([[1, 2]]; axes=[2])", .refused = "axis 2 is out of range for rank 2"},
    {.call = "flip([[1, 2]]; axes=[-3])", .refused = "axis -3 is out of range for rank 2"},
    {.call = "flip([[1, 2]]; axes=[0, -2])", .refused = "axis 0 appears twice"},
    {.call = "flip([1]; axes=[])", .refused = "axes=[]"},
    {.call = "flip([1])", .refused = "axes"},
    {.call = "flip(2.5; axes=[1])", .refused = "axis 1 is out of range for rank 0"},
    {0}};

const wg_op wg_op_flip = {WG_LINE(flip), .kind = WG_BLOCK, .takes = WG_EVERY, .shape = shape, .define = define, .samples = samples};

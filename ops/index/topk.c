/* topk(x; k, axis, largest): the k largest (smallest) values along axis, in order: those of torch.topk. NaN is the largest. The
 * derivative goes back to where each value came from, of equal ones the first. By definition alone: argtopk and gather. */
#include "tape/op.h"

static wg_tensor define(const wg_rule *r)
{
    const wg_topk_options *o = r->attrs;
    return wg_gather(r->in[0], wg_argtopk(r->in[0], o->k, .axis = o->axis, .largest = o->largest), o->axis);
}

/* values from PyTorch in f64 */
static const wg_sample samples[] = {
    {.call = "topk([3, 1, 4, 2]; k=2)", .value = "[4, 3]", .grad = "[1, 0, 1, 0]"},
    {.call = "topk([3, 1, 4, 2]; k=2, largest=false)", .value = "[1, 2]", .grad = "[0, 1, 0, 1]"},
    {.call = "topk([3, 1, 4, 2]; k=4)", .value = "[4, 3, 2, 1]", .grad = "[1, 1, 1, 1]"},
    {.call = "topk([3, 1, 4, 2]; k=0)", .value = "f64[0]()", .grad = "[0, 0, 0, 0]"},
    {.call = "topk([2, 1, 2, 2, 1]; k=2)", .value = "[2, 2]", .grad = "[1, 0, 1, 0, 0]", .kink = true},
    {.call = "topk([2, 1, 2, 2, 1]; k=4, largest=false)", .value = "[1, 1, 2, 2]", .grad = "[1, 1, 1, 0, 1]", .kink = true},
    {.call = "topk([1, nan, 3, nan, 2]; k=3)", .value = "[nan, nan, 3]", .grad = "[0, 1, 1, 1, 0]", .kink = true},
    {.call = "topk([1, nan, 3, nan, 2]; k=4, largest=false)", .value = "[1, 2, 3, nan]", .grad = "[1, 1, 1, 0, 1]", .kink = true},
    {.call = "topk([[3, 1, 2], [4, 6, 5]]; k=1)", .value = "[[3], [6]]", .grad = "[[1, 0, 0], [0, 1, 0]]"},
    {.call = "topk([[3, 1, 2], [4, 0, 5]]; k=1, axis=0)", .value = "[[4, 1, 5]]", .grad = "[[0, 1, 0], [1, 0, 1]]"},
    {.call = "topk([[3, 1, 2], [4, 0, 5]]; k=2, axis=-2, largest=false)", .value = "[[3, 0, 2], [4, 1, 5]]",
     .grad = "[[1, 1, 1], [1, 1, 1]]"},
    {.call = "topk(i64[9007199254740993, 9007199254740992, 9007199254740994]; k=2)", .value = "i64[9007199254740994, 9007199254740993]"},
    {.call = "topk(f32[2.5, -1, 7]; k=2)", .value = "f32[7, 2.5]", .grad = "f32[1, 0, 1]"},
    {.call = "topk(2.5; k=1)", .value = "2.5", .grad = "1"},
    {.call = "topk(f64[0](); k=0)", .value = "f64[0]()", .grad = "f64[0]()"},
    {.call = "topk(f64[0, 3](); k=2)", .value = "f64[0, 2]()", .grad = "f64[0, 3]()"},
    {.call = "topk(~[3, 5, 2]; k=3, axis=1)"},
    {.call = "topk(~[2, 70]; k=20, largest=false)"},
    {.call = "topk([1, 2]; k=3)", .refused = "k is 3, axis 0 has only 2 items"},
    {.call = "topk([1, 2]; k=-1)", .refused = "k is -1, must be 0 or more"},
    {.call = "topk(2.5; k=0)", .refused = "of a scalar it must be 1"},
    {.call = "topk([1, 2]; k=1, axis=1)", .refused = "axis 1 is out of range for rank 1"},
    {.call = "topk([1, 2])", .refused = "k is missing"},
    {.call = "topk(bool[true]; k=1)", .refused = "must be f32, f64 or i64"},
    {0}};

const wg_op wg_op_topk = {WG_LINE(topk), .kind = WG_BLOCK, .takes = WG_NUMBERS, .define = define, .samples = samples};

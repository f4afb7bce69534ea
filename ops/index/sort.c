/* sort(x; axis, descending): the values along axis in ascending (descending) order: those of torch.sort(stable=True). NaN is the
 * largest: last, and first when descending. The derivative goes back to where each value came from. By definition alone: argsort and gather. */
#include "tape/op.h"

static bool shape(wg_call *c)
{
    const wg_sort_options *o = c->attrs;
    int axis;
    return wg__axis(c, o->axis, c->shape.rank, &axis);
}

static wg_tensor define(const wg_rule *r)
{
    const wg_sort_options *o = r->attrs;
    return wg_gather(r->in[0], wg_argsort(r->in[0], .axis = o->axis, .descending = o->descending), o->axis);
}

/* values from PyTorch in f64 */
static const wg_sample samples[] = {
    {.call = "sort([3, 1, 2])", .value = "[1, 2, 3]", .grad = "[1, 1, 1]"},
    {.call = "sort([3, 1, 2]; descending=true)", .value = "[3, 2, 1]", .grad = "[1, 1, 1]"},
    {.call = "sort([2, 1, 2, 1])", .value = "[1, 1, 2, 2]", .grad = "[1, 1, 1, 1]", .kink = true},
    {.call = "sort([1, nan, 3, nan, 2])", .value = "[1, 2, 3, nan, nan]", .grad = "[1, 1, 1, 1, 1]", .kink = true},
    {.call = "sort([1, nan, 3, nan, 2]; descending=true)", .value = "[nan, nan, 3, 2, 1]", .grad = "[1, 1, 1, 1, 1]", .kink = true},
    {.call = "sort([0, -0.0, 0, -1])", .value = "[-1, 0, 0, 0]", .grad = "[1, 1, 1, 1]", .kink = true},
    {.call = "sort([inf, -inf, nan, 0])", .value = "[-inf, 0, inf, nan]", .grad = "[1, 1, 1, 1]", .kink = true},
    {.call = "sort([[3, 1, 2], [4, 6, 5]])", .value = "[[1, 2, 3], [4, 5, 6]]", .grad = "[[1, 1, 1], [1, 1, 1]]"},
    {.call = "sort([[3, 1, 2], [4, 0, 5]]; axis=0)", .value = "[[3, 0, 2], [4, 1, 5]]", .grad = "[[1, 1, 1], [1, 1, 1]]"},
    {.call = "sort([[3, 1, 2], [4, 0, 5]]; axis=-2, descending=true)", .value = "[[4, 1, 5], [3, 0, 2]]",
     .grad = "[[1, 1, 1], [1, 1, 1]]"},
    {.call = "sort(i64[9007199254740993, 9007199254740992, -9223372036854775808])",
     .value = "i64[-9223372036854775808, 9007199254740992, 9007199254740993]"},
    {.call = "sort(f32[2.5, -1, 7])", .value = "f32[-1, 2.5, 7]", .grad = "f32[1, 1, 1]"},
    {.call = "sort(2.5; axis=-1)", .value = "2.5", .grad = "1"},
    {.call = "sort([7])", .value = "[7]", .grad = "[1]"},
    {.call = "sort(f64[0]())", .value = "f64[0]()", .grad = "f64[0]()"},
    {.call = "sort(f64[2, 0](); axis=0)", .value = "f64[2, 0]()", .grad = "f64[2, 0]()"},
    {.call = "sort(~[3, 5, 2]; axis=1)"},
    {.call = "sort(~[2, 70])"},
    {.call = "sort(~[40, 3]; axis=0, descending=true)"},
    {.call = "sort([1]; axis=1)", .refused = "axis 1 is out of range for rank 1"},
    {.call = "sort([1]; axis=-2)", .refused = "axis -2 is out of range for rank 1"},
    {.call = "sort(2.5; axis=1)", .refused = "axis 1 is out of range for rank 0"},
    {.call = "sort(bool[true])", .refused = "must be f32, f64 or i64"},
    {.call = "sort([1]; descending=2)", .refused = "true or false"},
    {.call = "sort()", .refused = "x is missing"},
    {0}};

const wg_op wg_op_sort = {WG_LINE(sort), .kind = WG_BLOCK, .takes = WG_NUMBERS, .shape = shape, .define = define, .samples = samples};

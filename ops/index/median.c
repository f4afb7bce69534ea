/* median(x; axis, keepdim): the lower median of the values along axis, as the values of torch.median; NaN where there is one. The
 * derivative goes to the first place that holds it (torch: to any of equals). Of an empty axis there is none: refused. By definition
 * alone: argmedian and gather. */
#include "ops/index/order.h"

static bool shape(wg_call *c)
{
    const wg_median_options *o = c->attrs;
    return wg__median_shape(c, o->axis, o->keepdim);
}

static wg_tensor define(const wg_rule *r)
{
    const wg_median_options *o = r->attrs;
    wg_tensor y = wg_gather(r->in[0], wg_argmedian(r->in[0], o->axis, .keepdim = true), o->axis);
    return o->keepdim ? y : wg_squeeze(y, .axes = WG_INTS(o->axis));
}

/* values from PyTorch in f64, gradients to the first of equals */
static const wg_sample samples[] = {
    {.call = "median([3, 1, 2]; axis=0)", .value = "2", .grad = "[0, 0, 1]"},
    {.call = "median([3, 1, 4, 2]; axis=0)", .value = "2", .grad = "[0, 0, 0, 1]"},
    {.call = "median([1, 1, 1]; axis=0)", .value = "1", .grad = "[1, 0, 0]", .kink = true},
    {.call = "median([3, 2, 2, 2, 1]; axis=-1)", .value = "2", .grad = "[0, 1, 0, 0, 0]", .kink = true},
    {.call = "median([1, nan, 3, nan]; axis=0)", .value = "nan", .grad = "[0, 1, 0, 0]", .kink = true},
    {.call = "median([0, -0.0]; axis=0)", .value = "0", .grad = "[1, 0]", .kink = true},
    {.call = "median([[3, 1, 2], [4, 6, 5]]; axis=0)", .value = "[3, 1, 2]", .grad = "[[1, 1, 1], [0, 0, 0]]"},
    {.call = "median([[3, 1, 2], [4, 6, 5]]; axis=1)", .value = "[2, 5]", .grad = "[[0, 0, 1], [0, 0, 1]]"},
    {.call = "median([[3, 1, 2], [4, 6, 5]]; axis=-1, keepdim=true)", .value = "[[2], [5]]", .grad = "[[0, 0, 1], [0, 0, 1]]"},
    {.call = "median(i64[9007199254740993, 9007199254740992, 9007199254740994]; axis=0)", .value = "i64 9007199254740993"},
    {.call = "median(f32[2.5, -1, 7]; axis=0)", .value = "f32 2.5", .grad = "f32[1, 0, 0]"},
    {.call = "median([-inf, inf, 0]; axis=0)", .value = "0", .grad = "[0, 0, 1]", .kink = true},
    {.call = "median([7]; axis=0)", .value = "7", .grad = "[1]"},
    {.call = "median(2.5; axis=0)", .value = "2.5", .grad = "1"},
    {.call = "median(f64[0, 3](); axis=1)", .value = "f64[0]()"},
    {.call = "median(f64[0, 3](); axis=1, keepdim=true)", .value = "f64[0, 1]()"},
    {.call = "median(~[3, 6, 2]; axis=1)"},
    {.call = "median(~[2, 71]; axis=-1)"},
    {.call = "median(f64[0](); axis=0)", .refused = "axis 0 is empty"},
    {.call = "median(f64[0, 3](); axis=0)", .refused = "axis 0 is empty"},
    {.call = "median([1]; axis=1)", .refused = "axis 1 is out of range for rank 1"},
    {.call = "median([1]; axis=-2)", .refused = "axis -2 is out of range for rank 1"},
    {.call = "median([1])", .refused = "axis is missing"},
    {.call = "median(bool[true]; axis=0)", .refused = "must be f32, f64 or i64"},
    {0}};

const wg_op wg_op_median = {WG_LINE(median), .kind = WG_BLOCK, .takes = WG_NUMBERS, .shape = shape, .define = define, .samples = samples};

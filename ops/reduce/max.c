/* max(x; axes, keepdim): the largest along axes, as torch.amax; NaN wins. The cotangent is split evenly among those that
 * attain it (where NaN does: the NaNs). Of an empty axis there is none: refused. */
#define OPTIONS wg_max_options
#define WHAT "largest"
#define PICK max
#include "ops/reduce/extreme.h"

#ifndef WG_KERNEL_PART
static const wg_sample samples[] = {
    {.call = "max([1, 3, 2])", .value = "3", .grad = "[0, 1, 0]"},
    {.call = "max([1, 3, 3])", .value = "3", .grad = "[0, 0.5, 0.5]", .kink = true},
    {.call = "max([[1, 2], [3, 2]]; axes=[0])", .value = "[3, 2]", .grad = "[[0, 0.5], [1, 0.5]]", .kink = true},
    {.call = "max([[1, 2], [3, 2]]; axes=[-1], keepdim=true)", .value = "[[2], [3]]", .grad = "[[0, 1], [1, 0]]"},
    {.call = "max([1, nan, 3])", .value = "nan", .grad = "[0, 1, 0]", .kink = true},
    {.call = "max([[nan, 1], [2, 5]]; axes=[1])", .value = "[nan, 5]", .grad = "[[1, 0], [0, 1]]", .kink = true},
    {.call = "max([-inf, -inf])", .value = "-inf", .grad = "[0.5, 0.5]", .kink = true},
    {.call = "max(i64[-9223372036854775808, -5])", .value = "i64 -5"},
    {.call = "max(2.5; axes=[-1])", .value = "2.5", .grad = "1"},
    {.call = "max(f64[0, 3](); axes=[1])", .value = "f64[0]()", .grad = "f64[0, 3]()"},
    {.call = "max(~[3, 2, 4]; axes=[0, -1])"},
    {.call = "max(~[40, 33]; axes=[0])"},
    {.call = "max(f64[0]())", .refused = "axis 0 is empty"},
    {.call = "max(f64[0, 3](); axes=[0])", .refused = "axis 0 is empty"},
    {.call = "max([[1]]; axes=[])", .refused = "axes=[]"},
    {.call = "max([[1]]; axes=[0, -2])", .refused = "appears twice"},
    {.call = "max([[1]]; axes=[2])", .refused = "axis 2 is out of range for rank 2"},
    {0}};

#define WG_OVER WG_OVER_NUMBERS
#include "tape/instances.h"

const wg_op wg_op_max = {WG_LINE(max), .kind = WG_REDUCE, .takes = WG_NUMBERS, .shape = shape, .axes = axes, .vjp = vjp,
                         .jvp = jvp, .splits = true, .kernel = kernels, .samples = samples};
#endif

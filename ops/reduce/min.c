/* min(x; axes, keepdim): the smallest along axes, as torch.amin; NaN wins. The cotangent is split evenly among those that
 * attain it (where NaN does: the NaNs). Of an empty axis there is none: refused. */
#define OPTIONS wg_min_options
#define WHAT "smallest"
#define PICK min
#include "ops/reduce/extreme.h"

#ifndef WG_KERNEL_PART
static const wg_sample samples[] = {
    {.call = "min([3, 1, 2])", .value = "1", .grad = "[0, 1, 0]"},
    {.call = "min([1, 1, 3])", .value = "1", .grad = "[0.5, 0.5, 0]", .kink = true},
    {.call = "min([[1, 2], [3, 2]]; axes=[0])", .value = "[1, 2]", .grad = "[[1, 0.5], [0, 0.5]]", .kink = true},
    {.call = "min([[1, 2], [3, 2]]; axes=[-1], keepdim=true)", .value = "[[1], [2]]", .grad = "[[1, 0], [0, 1]]"},
    {.call = "min([1, nan, 3])", .value = "nan", .grad = "[0, 1, 0]", .kink = true},
    {.call = "min([[nan, 7], [2, 5]]; axes=[1])", .value = "[nan, 2]", .grad = "[[1, 0], [1, 0]]", .kink = true},
    {.call = "min([inf, inf])", .value = "inf", .grad = "[0.5, 0.5]", .kink = true},
    {.call = "min(i64[9223372036854775807, -5])", .value = "i64 -5"},
    {.call = "min(2.5; axes=[-1])", .value = "2.5", .grad = "1"},
    {.call = "min(f64[0, 3](); axes=[1])", .value = "f64[0]()", .grad = "f64[0, 3]()"},
    {.call = "min(~[3, 2, 4]; axes=[0, -1])"},
    {.call = "min(~[40, 33]; axes=[0])"},
    {.call = "min(f64[0]())", .refused = "axis 0 is empty: nothing is its smallest"},
    {.call = "min(f64[0, 3](); axes=[0])", .refused = "axis 0 is empty"},
    {.call = "min([[1]]; axes=[])", .refused = "axes=[]"},
    {.call = "min([[1]]; axes=[0, -2])", .refused = "appears twice"},
    {.call = "min([[1]]; axes=[2])", .refused = "axis 2 is out of range for rank 2"},
    {0}};

#define WG_OVER WG_OVER_NUMBERS
#include "tape/instances.h"

const wg_op wg_op_min = {WG_LINE(min), .kind = WG_REDUCE, .takes = WG_NUMBERS, .shape = shape, .axes = axes, .vjp = vjp,
                         .jvp = jvp, .splits = true, .kernel = kernels, .samples = samples};
#endif

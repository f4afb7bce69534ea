/* argmin(x; axis, keepdim): the place of the smallest along axis, i64; of the flattened tensor when no axis is given. The
 * first of equals; the first NaN wins. Of an empty axis there is none: refused. No derivative. */
#define OPTIONS wg_argmin_options
#define WHAT "smallest"
#define KEEPS <=
#include "ops/reduce/place.h"

#ifndef WG_KERNEL_PART
static const wg_sample samples[] = {
    {.call = "argmin([3, 1, 2])", .value = "i64 1"},
    {.call = "argmin([3, 1, 1])", .value = "i64 1"},
    {.call = "argmin([[5, 1, 2], [7, 0, 0]])", .value = "i64 4"},
    {.call = "argmin([[5, 1, 2], [7, 0, 0]]; axis=1)", .value = "i64[1, 1]"},
    {.call = "argmin([[5, 1, 2], [7, 0, 0]]; axis=-2)", .value = "i64[0, 1, 1]"},
    {.call = "argmin([[5, 1, 2], [7, 0, 0]]; axis=1, keepdim=true)", .value = "i64[[1], [1]]"},
    {.call = "argmin([[1, 5], [7, 0]]; keepdim=true)", .value = "i64[[3]]"},
    {.call = "argmin([1, nan, 3, nan])", .value = "i64 1"},
    {.call = "argmin([nan, -inf])", .value = "i64 0"},
    {.call = "argmin([inf, inf])", .value = "i64 0"},
    {.call = "argmin([0, -0.0, 0])", .value = "i64 0"},
    {.call = "argmin(i64[3, -9223372036854775808, 4])", .value = "i64 1"},
    {.call = "argmin(2.5; axis=0)", .value = "i64 0"},
    {.call = "argmin(f64[0, 3](); axis=1)", .value = "i64[0]()"},
    {.call = "argmin(f64[0]())", .refused = "axis 0 is empty: nothing is its smallest"},
    {.call = "argmin(f64[0, 3](); axis=0)", .refused = "axis 0 is empty"},
    {.call = "argmin([1]; axis=1)", .refused = "axis 1 is out of range for rank 1"},
    {.call = "argmin(bool[true])", .refused = "must be f32, f64 or i64"},
    {0}};

#define WG_OVER WG_OVER_NUMBERS
#include "tape/instances.h"

const wg_op wg_op_argmin = {WG_LINE(argmin), .kind = WG_REDUCE, .takes = WG_NUMBERS, .gives = WG_I64, .shape = shape, .axes = axes,
                            .constant = true, .kernel = kernels, .samples = samples};
#endif

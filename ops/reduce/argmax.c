/* argmax(x; axis, keepdim): the place of the largest along axis, i64; of the flattened tensor when no axis is given. The
 * first of equals; the first NaN wins. Of an empty axis there is none: refused. No derivative. */
#define OPTIONS wg_argmax_options
#define WHAT "largest"
#define KEEPS >=
#include "ops/reduce/place.h"

#ifndef WG_KERNEL_PART
static const wg_sample samples[] = {
    {.call = "argmax([1, 3, 2])", .value = "i64 1"},
    {.call = "argmax([1, 3, 3])", .value = "i64 1"},
    {.call = "argmax([[1, 5, 2], [7, 0, 7]])", .value = "i64 3"},
    {.call = "argmax([[1, 5, 2], [7, 0, 7]]; axis=1)", .value = "i64[1, 0]"},
    {.call = "argmax([[1, 5, 2], [7, 0, 7]]; axis=-2)", .value = "i64[1, 0, 1]"},
    {.call = "argmax([[1, 5, 2], [7, 0, 7]]; axis=1, keepdim=true)", .value = "i64[[1], [0]]"},
    {.call = "argmax([[1, 5], [7, 0]]; keepdim=true)", .value = "i64[[2]]"},
    {.call = "argmax([1, nan, 3, nan])", .value = "i64 1"},
    {.call = "argmax([nan, inf])", .value = "i64 0"},
    {.call = "argmax([-inf, -inf])", .value = "i64 0"},
    {.call = "argmax([0, -0.0, 0])", .value = "i64 0"},
    {.call = "argmax(i64[3, 9223372036854775807, 4])", .value = "i64 1"},
    {.call = "argmax(2.5; axis=0)", .value = "i64 0"},
    {.call = "argmax(f64[0, 3](); axis=1)", .value = "i64[0]()"},
    {.call = "argmax(f64[0]())", .refused = "axis 0 is empty"},
    {.call = "argmax(f64[0, 3](); axis=0)", .refused = "axis 0 is empty"},
    {.call = "argmax([1]; axis=1)", .refused = "axis 1 is out of range for rank 1"},
    {.call = "argmax(bool[true])", .refused = "must be f32, f64 or i64"},
    {0}};

#define WG_OVER WG_OVER_NUMBERS
#include "tape/instances.h"

const wg_op wg_op_argmax = {WG_LINE(argmax), .kind = WG_REDUCE, .takes = WG_NUMBERS, .gives = WG_I64, .shape = shape, .axes = axes,
                            .constant = true, .kernel = kernels, .samples = samples};
#endif

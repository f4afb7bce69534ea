/* gt(a, b): whether a > b, with NumPy's broadcasting; a bool, no derivative. False beside NaN. a and b are of one dtype,
 * any; false is less than true. */
#ifndef WG_KERNEL_PART
#include "tape/op.h"

static const wg_sample samples[] = {
    {.call = "gt([1, 2, 3], [1, 3, 2])", .value = "bool[false, false, true]"},
    {.call = "gt([0, nan, inf, nan], [-0.0, 1, inf, nan])", .value = "bool[false, false, false, false]"},
    {.call = "gt(i64[9007199254740993, 2], i64[9007199254740992, 2])", .value = "bool[true, false]"},
    {.call = "gt(i32[-1, 2], i32[1, 2])", .value = "bool[false, false]"},
    {.call = "gt(u8[255, 2, 0], u8[1, 2, 1])", .value = "bool[true, false, false]"},
    {.call = "gt(bool[true, false, true], bool[true, true, false])", .value = "bool[false, false, true]"},
    {.call = "gt([1, 2], 2.0)", .value = "bool[false, false]"},
    {.call = "gt([[1], [2]], [1, 2, 3])", .value = "bool[[false, false, false], [true, false, false]]"},
    {.call = "gt(2.0, [[2]])", .value = "bool[[false]]"},
    {.call = "gt(f64[0, 3](), [1])", .value = "bool[0, 3]()"},
    {.call = "gt([1, 2], [1, 2, 3])", .refused = "do not broadcast"},
    {.call = "gt([1], f32[1])", .refused = "cast one to the other's dtype"},
    {.call = "gt(i64[1], i32[1])", .refused = "cast one to the other's dtype"},
    {0}};

#define WG_OVER WG_OVER_COMPUTED
#include "tape/instances.h"

const wg_op wg_op_gt = {WG_LINE(gt), .kind = WG_ELEMENTWISE, .takes = WG_COMPUTED, .gives = WG_BOOL, .constant = true,
                        .kernel = kernels, .samples = samples};
#else

static int64_t FN(kernel)(const wg_args *a, int64_t lo, int64_t hi)
{
    const T *x = a->in[0], *z = a->in[1];
    uint8_t *y = a->out;
    for (int64_t i = lo; i < hi; i++) y[i] = x[i] > z[i];
    return -1;
}
#endif

/* logical_not(x): whether x is 0; a bool, no derivative. x is of any dtype; NaN is not 0. */
#ifndef WG_KERNEL_PART
#include "tape/op.h"

/* values and gradients: PyTorch 1.13.1 in f64 */
static const wg_sample samples[] = {
    {.call = "logical_not(bool[true, false])", .value = "bool[false, true]"},
    {.call = "logical_not([1, 0, -0.0, nan, inf])", .value = "bool[false, true, true, false, false]"},
    {.call = "logical_not(i64[9007199254740993, 0, -1])", .value = "bool[false, true, false]"},
    {.call = "logical_not(i32[0, -2])", .value = "bool[true, false]"},
    {.call = "logical_not(u8[0, 255])", .value = "bool[true, false]"},
    {.call = "logical_not([[0, 2], [3, 0]])", .value = "bool[[true, false], [false, true]]"},
    {.call = "logical_not(0.5)", .value = "bool false"},
    {.call = "logical_not(bool[[true], [false]])", .value = "bool[[false], [true]]"},
    {.call = "logical_not(f64[0, 3]())", .value = "bool[0, 3]()"},
    {.call = "logical_not(bool[2, 0]())", .value = "bool[2, 0]()"},
    {.call = "logical_not([1], [2])", .refused = "logical_not"},
    {.call = "logical_not([1]; axis=0)", .refused = "axis"},
    {.call = "logical_not()", .refused = "logical_not"},
    {0}};

#define WG_OVER WG_OVER_COMPUTED
#include "tape/instances.h"

const wg_op wg_op_logical_not = {WG_LINE(logical_not), .kind = WG_ELEMENTWISE, .takes = WG_COMPUTED, .gives = WG_BOOL, .constant = true,
                                 .kernel = kernels, .samples = samples};
#else

static int64_t FN(kernel)(const wg_args *a, int64_t lo, int64_t hi)
{
    const T *x = a->in[0];
    uint8_t *y = a->out;
    for (int64_t i = lo; i < hi; i++) y[i] = x[i] == 0;
    return -1;
}
#endif

/* isinf(x): whether x is inf or -inf; a bool, no derivative. Integers never are. */
#ifndef WG_KERNEL_PART
#include "tape/op.h"

/* values and gradients: PyTorch 1.13.1 in f64 */
static const wg_sample samples[] = {
    {.call = "isinf([1, nan, inf])", .value = "bool[false, false, true]"},
    {.call = "isinf([-inf, 0, -0.0, 1e+300])", .value = "bool[true, false, false, false]"},
    {.call = "isinf([[nan, 1], [inf, -inf]])", .value = "bool[[false, false], [true, true]]"},
    {.call = "isinf(nan)", .value = "bool false"},
    {.call = "isinf(2.5)", .value = "bool false"},
    {.call = "isinf(i64[9223372036854775807, -9223372036854775808, 0])", .value = "bool[false, false, false]"},
    {.call = "isinf(i32[1, -2])", .value = "bool[false, false]"},
    {.call = "isinf(u8[0, 255])", .value = "bool[false, false]"},
    {.call = "isinf(f64[0, 3]())", .value = "bool[0, 3]()"},
    {.call = "isinf(f64[2, 0, 1]())", .value = "bool[2, 0, 1]()"},
    {.call = "isinf(bool[true])", .refused = "must be f32, f64 or i64"},
    {.call = "isinf([1], [2])", .refused = "isinf"},
    {.call = "isinf([1]; axis=0)", .refused = "axis"},
    {.call = "isinf()", .refused = "isinf"},
    {0}};

#define WG_OVER WG_OVER_NUMBERS
#include "tape/instances.h"

const wg_op wg_op_isinf = {WG_LINE(isinf), .kind = WG_ELEMENTWISE, .takes = WG_NUMBERS, .gives = WG_BOOL, .constant = true,
                           .kernel = kernels, .samples = samples};
#else

static int64_t FN(kernel)(const wg_args *a, int64_t lo, int64_t hi)
{
    const T *x = a->in[0];
    uint8_t *y = a->out;
    for (int64_t i = lo; i < hi; i++) {
        REAL v = (REAL)x[i];
        y[i] = (v == (REAL)INFINITY) | (v == -(REAL)INFINITY);
    }
    return -1;
}
#endif

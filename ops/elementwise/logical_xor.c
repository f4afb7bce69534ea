/* logical_xor(a, b): whether just one is not 0, with NumPy's broadcasting; a bool, no derivative. a and b are of one dtype,
 * any; NaN is not 0. */
#ifndef WG_KERNEL_PART
#include "tape/op.h"

/* values and gradients: PyTorch 1.13.1 in f64 */
static const wg_sample samples[] = {
    {.call = "logical_xor(bool[true, true, false, false], bool[true, false, true, false])", .value = "bool[false, true, true, false]"},
    {.call = "logical_xor([1, 0, nan, -0.0], [2, 2, 0, 0])", .value = "bool[false, true, true, false]"},
    {.call = "logical_xor(i64[9007199254740993, 0, -1], i64[1, 0, 0])", .value = "bool[false, false, true]"},
    {.call = "logical_xor(i32[0, -2], i32[0, 3])", .value = "bool[false, false]"},
    {.call = "logical_xor(u8[0, 255], u8[1, 2])", .value = "bool[true, false]"},
    {.call = "logical_xor([1, 0], 2.0)", .value = "bool[false, true]"},
    {.call = "logical_xor(0, [1, 0])", .value = "bool[true, false]"},
    {.call = "logical_xor(bool[[true], [false]], bool[true, false, true])", .value = "bool[[false, true, false], [true, false, true]]"},
    {.call = "logical_xor([[1], [0]], [0, 3, nan])", .value = "bool[[true, false, false], [false, true, true]]"},
    {.call = "logical_xor(f64[0, 3](), [1])", .value = "bool[0, 3]()"},
    {.call = "logical_xor(bool[true], bool[0]())", .value = "bool[0]()"},
    {.call = "logical_xor([1, 2], [1, 2, 3])", .refused = "do not broadcast"},
    {.call = "logical_xor([1], f32[1])", .refused = "cast one to the other's dtype"},
    {.call = "logical_xor(bool[true], [1])", .refused = "cast one to the other's dtype"},
    {.call = "logical_xor(i64[1], i32[1])", .refused = "cast one to the other's dtype"},
    {.call = "logical_xor([1])", .refused = "b is missing"},
    {.call = "logical_xor([1], [1]; axis=0)", .refused = "axis"},
    {0}};

#define WG_OVER WG_OVER_COMPUTED
#include "tape/instances.h"

const wg_op wg_op_logical_xor = {WG_LINE(logical_xor), .kind = WG_ELEMENTWISE, .takes = WG_COMPUTED, .gives = WG_BOOL, .constant = true,
                                 .kernel = kernels, .samples = samples};
#else

static int64_t FN(kernel)(const wg_args *a, int64_t lo, int64_t hi)
{
    const T *x = a->in[0], *z = a->in[1];
    uint8_t *y = a->out;
    for (int64_t i = lo; i < hi; i++) y[i] = (x[i] != 0) != (z[i] != 0);
    return -1;
}
#endif

/* log10(x), the logarithm to base 10; d/dx = 1 / (x ln 10), also below 0, where the value is NaN (as torch has it). At 0: -inf,
 * derivative inf. A node of its own: whole powers of 10 are exact. */
#ifndef WG_KERNEL_PART
#include "tape/op.h"

static wg_tensor slope(const wg_rule *r, int i)
{
    return wg_reciprocal(wg_mul(r->in[i], wg_num(2.30258509299404568402)));
}

/* values and gradients: PyTorch 1.13.1 in f64 */
static const wg_sample samples[] = {
    {.call = "log10([0.5, 2, 3, 1000])", .value = "[-0.3010299956639812, 0.3010299956639812, 0.47712125471966244, 3]",
     .grad = "[0.8685889638065037, 0.21714724095162594, 0.14476482730108395, 0.00043429448190325184]"},
    {.call = "log10([0, -1])", .value = "[-inf, nan]", .grad = "[inf, -0.43429448190325187]", .kink = true},
    {.call = "log10([-0.0, inf, -inf, nan])", .value = "[-inf, inf, nan, nan]", .grad = "[-inf, 0, 0, nan]", .kink = true},
    {.call = "log10([1e+300, 1e-300])", .value = "[300, -300]", .grad = "[4.342944819032518e-301, 4.342944819032518e+299]", .kink = true},
    {.call = "log10(2.0)", .value = "0.3010299956639812", .grad = "0.21714724095162594"},
    {.call = "log10([[2]])", .value = "[[0.3010299956639812]]", .grad = "[[0.21714724095162594]]"},
    {.call = "log10(+[4, 5])"},
    {.call = "log10(+[3, 1, 2])"},
    {.call = "log10(+[37])"},
    {.call = "log10(f64[0, 3]())", .value = "f64[0, 3]()", .grad = "f64[0, 3]()"},
    {.call = "log10(f64[2, 0, 1]())", .value = "f64[2, 0, 1]()", .grad = "f64[2, 0, 1]()"},
    {.call = "log10(i64[1, 2])", .refused = "must be f32 or f64"},
    {.call = "log10(bool[true])", .refused = "must be f32 or f64"},
    {.call = "log10(u8[1])", .refused = "must be f32 or f64"},
    {.call = "log10([1], [2])", .refused = "log10"},
    {.call = "log10([1]; axis=0)", .refused = "axis"},
    {.call = "log10()", .refused = "log10"},
    {0}};

#define WG_OVER WG_OVER_REALS
#include "tape/instances.h"

const wg_op wg_op_log10 = {WG_LINE(log10), .kind = WG_ELEMENTWISE, .slope = slope, .kernel = kernels, .samples = samples};
#else

static int64_t FN(kernel)(const wg_args *a, int64_t lo, int64_t hi)
{
    const T *x = a->in[0];
    T *y = a->out;
    for (int64_t i = lo; i < hi; i++) y[i] = M(log10)(x[i]);
    return -1;
}
#endif

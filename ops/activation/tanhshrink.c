/* tanhshrink(x) = x - tanh(x); d/dx = tanh(x)^2. A node of its own: near 0, where it is about x^3 / 3, the difference has lost
 * its digits (torch's has), the polynomial behind tanh has them. */
#ifndef WG_KERNEL_PART
#include "tape/op.h"

static wg_tensor slope(const wg_rule *r, int i)
{
    return wg_square(wg_tanh(r->in[i]));
}

/* values and gradients: PyTorch 1.13.1 in f64 */
static const wg_sample samples[] = {
    {.call = "tanhshrink([[-1.5, 0.25], [5, -0.75]])",
     .value = "[[-0.5948517463551336, 0.005081337596290869], [4.000090795737405, -0.1148510476127127]]",
     .grad = "[[0.8192933610763514, 0.05998515119362202], [0.9998184167690561, 0.40341419171866855]]"},
    {.call = "tanhshrink([0, -0.0, nan, inf, -inf])", .value = "[0, -0.0, nan, inf, -inf]", .grad = "[0, 0, nan, 1, 1]", .kink = true},
    {.call = "tanhshrink([1e-05, -0.001])", .value = "[3.3333333332000005e-16, -3.3333320000005397e-10]",
     .grad = "[9.9999999993333339e-11, 9.9999933333371111e-07]"},
    {.call = "tanhshrink([1000, -1000])", .value = "[999, -999]", .grad = "[1, 1]", .kink = true},
    {.call = "tanhshrink(-2.5)", .value = "-1.5133857018485697", .grad = "0.9734077733168395"},
    {.call = "tanhshrink([[0.75]])", .value = "[[0.1148510476127127]]", .grad = "[[0.40341419171866855]]"},
    {.call = "tanhshrink(~[4, 5])"},
    {.call = "tanhshrink(~[3, 1, 2])"},
    {.call = "tanhshrink(~[37])"},
    {.call = "tanhshrink(f64[0, 3]())", .value = "f64[0, 3]()", .grad = "f64[0, 3]()"},
    {.call = "tanhshrink(f64[2, 0, 1]())", .value = "f64[2, 0, 1]()", .grad = "f64[2, 0, 1]()"},
    {.call = "tanhshrink([1]; min=0)", .refused = "min"},
    {.call = "tanhshrink(i64[1, 2])", .refused = "must be f32 or f64"},
    {.call = "tanhshrink(bool[true])", .refused = "must be f32 or f64"},
    {.call = "tanhshrink(u8[1])", .refused = "must be f32 or f64"},
    {.call = "tanhshrink()", .refused = "tanhshrink"},
    {.call = "tanhshrink([1], [2])", .refused = "tanhshrink"},
    {0}};

#define WG_OVER WG_OVER_REALS
#include "tape/instances.h"

const wg_op wg_op_tanhshrink = {WG_LINE(tanhshrink), .kind = WG_ELEMENTWISE, .slope = slope, .kernel = kernels, .samples = samples};
#else

static int64_t FN(kernel)(const wg_args *a, int64_t lo, int64_t hi)
{
    const T *x = a->in[0];
    T *y = a->out;
    for (int64_t i = lo; i < hi; i++) y[i] = M(tanhshrink)(x[i]);
    return -1;
}
#endif

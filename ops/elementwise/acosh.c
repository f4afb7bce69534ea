/* acosh(x), the area hyperbolic cosine, for x of 1 or more; d/dx = 1 / (sqrt(|x| - 1) sqrt(|x| + 1)), which does not cancel near 1 as
 * torch's x^2 - 1 does, nor overflow. At 1: 0, derivative inf; below 1 NaN, value and (down to -1; there as torch) derivative. A node
 * of its own for the exact kernel. */
#ifndef WG_KERNEL_PART
#include "tape/op.h"

static wg_tensor slope(const wg_rule *r, int i)
{
    wg_tensor size = wg_abs(r->in[i]);
    return wg_mul(wg_rsqrt(wg_sub(size, wg_num(1))), wg_rsqrt(wg_add(size, wg_num(1))));
}

/* values and gradients: PyTorch 1.13.1 in f64 */
static const wg_sample samples[] = {
    {.call = "acosh([1.25, 2.5, 3, 10])", .value = "[0.6931471805599453, 1.566799236972411, 1.762747174039086, 2.993222846126381]",
     .grad = "[1.3333333333333333, 0.4364357804719848, 0.35355339059327373, 0.10050378152592121]"},
    {.call = "acosh([1, 0.5, 0, -2])", .value = "[0, nan, nan, nan]", .grad = "[inf, nan, nan, 0.5773502691896258]", .kink = true},
    {.call = "acosh([inf, -inf, nan])", .value = "[inf, nan, nan]", .grad = "[0, 0, nan]", .kink = true},
    {.call = "acosh([1e+20])", .value = "[46.74484904044086]", .grad = "[1e-20]", .kink = true},
    {.call = "acosh([1.5, 100])", .value = "[0.9624236501192069, 5.298292365610484]",
     .grad = "[0.8944271909999159, 0.010000500037503125]"},
    {.call = "acosh([1.00000001])", .value = "[0.0001414213556897163]", .grad = "[7071.06781567491]", .kink = true},
    {.call = "acosh(2.5)", .value = "1.566799236972411", .grad = "0.4364357804719848"},
    {.call = "acosh([[2.5]])", .value = "[[1.566799236972411]]", .grad = "[[0.4364357804719848]]"},
    {.call = "acosh(f64[0, 3]())", .value = "f64[0, 3]()", .grad = "f64[0, 3]()"},
    {.call = "acosh(f64[2, 0, 1]())", .value = "f64[2, 0, 1]()", .grad = "f64[2, 0, 1]()"},
    {.call = "acosh(i64[1, 2])", .refused = "must be f32 or f64"},
    {.call = "acosh(bool[true])", .refused = "must be f32 or f64"},
    {.call = "acosh(u8[1])", .refused = "must be f32 or f64"},
    {.call = "acosh([1], [2])", .refused = "acosh"},
    {.call = "acosh([1]; axis=0)", .refused = "axis"},
    {.call = "acosh()", .refused = "acosh"},
    {0}};

#define WG_OVER WG_OVER_REALS
#include "tape/instances.h"

const wg_op wg_op_acosh = {WG_LINE(acosh), .kind = WG_ELEMENTWISE, .slope = slope, .kernel = kernels, .samples = samples};
#else

static int64_t FN(kernel)(const wg_args *a, int64_t lo, int64_t hi)
{
    const T *x = a->in[0];
    T *y = a->out;
    for (int64_t i = lo; i < hi; i++) y[i] = M(acosh)(x[i]);
    return -1;
}
#endif

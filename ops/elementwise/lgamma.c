/* lgamma(x) = log |Gamma(x)|; d/dx = digamma(x). inf at 0, -1, -2, ..., where the derivative is digamma's: -inf at 0, inf at
 * -0, NaN at the negative integers; inf at +-inf. The second derivative is polygamma(x; n=1), and so on. A node of its own: it
 * has no formula in other ops. */
#ifndef WG_KERNEL_PART
#include "tape/op.h"

static wg_tensor slope(const wg_rule *r, int i)
{
    return wg_digamma(r->in[i]);
}

/* values and gradients: PyTorch 1.13.1 in f64 */
static const wg_sample samples[] = {
    {.call = "lgamma([0.5, 2.5, 3, 10])", .value = "[0.5723649429247001, 0.2846828704729192, 0.6931471805599453, 12.801827480081469]",
     .grad = "[-1.9635100260214229, 0.7031566406452431, 0.922784335098467, 2.251752589066721]"},
    {.call = "lgamma([0, -0.0, -1, -2])", .value = "[inf, inf, inf, inf]", .grad = "[-inf, inf, nan, nan]", .kink = true},
    {.call = "lgamma([inf, nan])", .value = "[inf, nan]", .grad = "[inf, nan]", .kink = true},
    {.call = "lgamma([1, 2])", .value = "[0, 0]", .grad = "[-0.5772156649015328, 0.422784335098467]", .kink = true},
    {.call = "lgamma([1e+20, 1e-20])", .value = "[4.505170185988091e+21, 46.051701859880914]", .grad = "[46.051701859880914, -1e+20]",
     .kink = true},
    {.call = "lgamma([-0.5, -1.5, -2.25])", .value = "[1.2655121234846454, 0.860047015376481, 0.5555015450206475]",
     .grad = "[0.03648997397857639, 0.7031566406452433, 4.158583564657972]"},
    {.call = "lgamma(2.5)", .value = "0.2846828704729192", .grad = "0.7031566406452431"},
    {.call = "lgamma([[2.5]])", .value = "[[0.2846828704729192]]", .grad = "[[0.7031566406452431]]"},
    {.call = "lgamma(+[4, 5])"},
    {.call = "lgamma(+[3, 1, 2])"},
    {.call = "lgamma(+[37])"},
    {.call = "lgamma(f64[0, 3]())", .value = "f64[0, 3]()", .grad = "f64[0, 3]()"},
    {.call = "lgamma(f64[2, 0, 1]())", .value = "f64[2, 0, 1]()", .grad = "f64[2, 0, 1]()"},
    {.call = "lgamma(i64[1, 2])", .refused = "must be f32 or f64"},
    {.call = "lgamma([1], [2])", .refused = "lgamma"},
    {.call = "lgamma([1]; axis=0)", .refused = "axis"},
    {.call = "lgamma()", .refused = "lgamma"},
    {0}};

#define WG_OVER WG_OVER_REALS
#include "tape/instances.h"

const wg_op wg_op_lgamma = {WG_LINE(lgamma), .kind = WG_ELEMENTWISE, .slope = slope, .kernel = kernels, .samples = samples};
#else

static int64_t FN(kernel)(const wg_args *a, int64_t lo, int64_t hi)
{
    const T *x = a->in[0];
    T *y = a->out;
    for (int64_t i = lo; i < hi; i++) y[i] = M(lgamma)(x[i]);
    return -1;
}
#endif

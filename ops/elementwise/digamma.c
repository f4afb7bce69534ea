/* digamma(x) = d/dx log |Gamma(x)|; d/dx = polygamma(x; n=1), the trigamma function, and so on to any order. -inf at 0, inf at
 * -0, NaN at the negative integers, where the derivative is inf (torch: a large number); inf at inf, NaN at -inf. A node of its
 * own: it has no formula in other ops. */
#ifndef WG_KERNEL_PART
#include "tape/op.h"

static wg_tensor slope(const wg_rule *r, int i)
{
    return wg_polygamma(r->in[i], .n = 1);
}

/* values and gradients: mpmath with 30 digits: torch's trigamma is right to 1e-9 only */
static const wg_sample samples[] = {
    {.call = "digamma([0.5, 2.5, 3, 10])", .value = "[-1.9635100260214235, 0.7031566406452432, 0.9227843350984671, 2.251752589066721]",
     .grad = "[4.934802200544679, 0.49035775610023485, 0.39493406684822646, 0.10516633568168575]"},
    {.call = "digamma([-0.5, -1.25, -3.75])", .value = "[0.03648997397857652, 3.714139120213528, -1.6923885983113303]",
     .grad = "[8.934802200544679, 19.181879647671607, 19.504980060599575]"},
    {.call = "digamma([0, -0.0, -1, -2])", .value = "[-inf, inf, nan, nan]", .grad = "[inf, inf, inf, inf]", .kink = true},
    {.call = "digamma([inf, -inf, nan])", .value = "[inf, nan, nan]", .grad = "[0, nan, nan]", .kink = true},
    {.call = "digamma([1e+20, 1e-20, 100.5])", .value = "[46.051701859880914, -1e+20, 4.605174352581845]",
     .grad = "[1e-20, 1.0000000000000002e+40, 0.009999916669583104]", .kink = true},
    {.call = "digamma(2.5)", .value = "0.7031566406452432", .grad = "0.49035775610023485"},
    {.call = "digamma([[1.46, 1]])", .value = "[[-0.0015805619870834522, -0.5772156649015329]]",
     .grad = "[[0.9691196215098878, 1.6449340668482264]]"},
    {.call = "digamma(+[4, 5])"},
    {.call = "digamma(+[3, 1, 2])"},
    {.call = "digamma(+[37])"},
    {.call = "digamma(f64[0, 3]())", .value = "f64[0, 3]()", .grad = "f64[0, 3]()"},
    {.call = "digamma(f64[2, 0, 1]())", .value = "f64[2, 0, 1]()", .grad = "f64[2, 0, 1]()"},
    {.call = "digamma(i64[1, 2])", .refused = "must be f32 or f64"},
    {.call = "digamma([1], [2])", .refused = "digamma"},
    {.call = "digamma([1]; axis=0)", .refused = "axis"},
    {.call = "digamma()", .refused = "digamma"},
    {0}};

#define WG_OVER WG_OVER_REALS
#include "tape/instances.h"

const wg_op wg_op_digamma = {WG_LINE(digamma), .kind = WG_ELEMENTWISE, .slope = slope, .kernel = kernels, .samples = samples};
#else

static int64_t FN(kernel)(const wg_args *a, int64_t lo, int64_t hi)
{
    const T *x = a->in[0];
    T *y = a->out;
    for (int64_t i = lo; i < hi; i++) y[i] = M(digamma)(x[i]);
    return -1;
}
#endif

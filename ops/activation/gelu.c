/* gelu(x) = x P(x), P the normal distribution's cumulative function; d/dx = P(x) + x p(x), p its density.
 * Hendrycks and Gimpel 2016, "Gaussian error linear units" (arXiv:1606.08415). "tanh" is their approximation
 * x (1 + tanh(sqrt(2/pi) (x + 0.044715 x^3))) / 2, which GPT-2 uses. gelu(-inf) is NaN, as in torch.
 * A node of its own, since one pass over x serves value and all its factors; so is its slope, gelu_slope. The kernel has
 * (1 + tanh(u)) / 2 = 1 / (1 + exp(-2 u)), which keeps its digits where it is small. */
#ifndef WG_KERNEL_PART
#include "tape/op.h"

static const double root2pi = 0.79788456080286535588, cubic = 0.044715; /* sqrt(2/pi) */

static wg_tensor slope(const wg_rule *r, int i)
{
    const wg_gelu_options *o = r->attrs;
    return wg_gelu_slope(r->in[i], .approximate = o->approximate);
}

static const wg_sample samples[] = {
    {"gelu([-1, 0, 1, 3])", .value = "[-0.15865525393145707, 0, 0.8413447460685429, 2.99595030590511]",
     .grad = "[-0.08331547058768632, 0.5, 1.0833154705876864, 1.011945647204184]"},
    {"gelu([-1, 0, 1, 3]; approximate=\"tanh\")", .value = "[-0.15880800939172324, 0, 0.8411919906082768, 2.996362607918227]"},
    {"gelu([-1000, 100, nan, inf])", .value = "[-0.0, 100, nan, inf]", .kink = true},
    {"gelu(~[2, 3]; approximate=\"tanh\")"},
    {"gelu(f64[0, 3]())", .value = "f64[0, 3]()"},
    {"gelu(i64[1, 2])", .refused = "must be f32 or f64"},
    {"gelu([1]; approximate=\"fast\")", .refused = "approximate=\"fast\" is not one of none, tanh"},
    {0}};

#define WG_OVER WG_OVER_REALS
#include "tape/instances.h"

const wg_op wg_op_gelu = {WG_LINE(gelu), .kind = WG_ELEMENTWISE, .slope = slope, .kernel = kernels, .samples = samples};
#else

static int64_t FN(kernel)(const wg_args *a, int64_t lo, int64_t hi)
{
    const wg_gelu_options *o = a->attrs;
    const T *x = a->in[0];
    T *y = a->out;
    if (o->approximate[0] == 'n')
        for (int64_t i = lo; i < hi; i++) y[i] = C(0.5) * x[i] * (C(1) + M(erf)(x[i] * C(0.70710678118654752440)));
    else
        for (int64_t i = lo; i < hi; i++)
            y[i] = x[i] * M(sigmoid)(C(2 * root2pi) * (x[i] + C(cubic) * x[i] * x[i] * x[i]));
    return -1;
}
#endif

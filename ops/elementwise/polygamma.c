/* polygamma(x; n), the n-th derivative of digamma, n in 1..100, as torch.polygamma(n, x): (-1)^(n+1) n! sum over k >= 0 of 1 /
 * (x + k)^(n+1); d/dx = polygamma(x; n+1), so the derivatives of lgamma and digamma, for which it is, go on; that of n = 100 is
 * refused. The first terms one by one, the rest by Euler and Maclaurin; left of 0 by reflection (Abramowitz and Stegun 1964,
 * 6.4.7). At 0, -1, -2, ... inf for odd n; for even n, where the sides differ, NaN, and -inf at 0, inf at -0 (torch: -inf). NaN
 * at -inf. A node of its own: it has no formula in other ops. */
#ifndef WG_KERNEL_PART
#include "tape/op.h"

static bool shape(wg_call *c)
{
    const wg_polygamma_options *o = c->attrs;
    return (o->n >= 1 && o->n <= 100) || wg__refuse(c, "n is %d, must be in 1..100", o->n);
}

static wg_tensor slope(const wg_rule *r, int i)
{
    const wg_polygamma_options *o = r->attrs;
    return wg_polygamma(r->in[i], .n = o->n + 1);
}

/* values and gradients: mpmath with 30 digits: torch's trigamma is right to 1e-9 only */
static const wg_sample samples[] = {
    {.call = "polygamma([0.5, 2.5, 3, 10]; n=1)",
     .value = "[4.934802200544679, 0.49035775610023485, 0.39493406684822646, 0.10516633568168575]",
     .grad = "[-16.82879664423432, -0.2362040516417274, -0.15411380631918858, -0.011049834970802067]"},
    {.call = "polygamma([0.5, 2.5, 3, 10]; n=2)",
     .value = "[-16.82879664423432, -0.2362040516417274, -0.15411380631918858, -0.011049834970802067]",
     .grad = "[97.40909103400244, 0.22390584881725206, 0.11893940226682916, 0.0023199013042898686]"},
    {.call = "polygamma([0.5, 2.5, 3, 10]; n=3)",
     .value = "[97.40909103400244, 0.22390584881725206, 0.11893940226682916, 0.0023199013042898686]",
     .grad = "[-771.4742498266672, -0.3137559995067314, -0.13626612344087824, -0.0007299311682352867]"},
    {.call = "polygamma([0.5, 2.5, 30]; n=8)", .value = "[-20644899.96176004, -11.146030731869933, -8.757097753984775e-09]",
     .grad = "[371595452.38509744, 39.49072156988489, 2.372767494543248e-09]"},
    {.call = "polygamma([0.75, 2.5, 7]; n=40)", .value = "[-1.081765854756002e+53, -3.945528236109492e+31, -18384697575431.664]",
     .grad = "[5.9136533393328075e+54, 6.470664420733102e+32, 107624810989756.39]"},
    {.call = "polygamma([-0.5, -1.25, -3.75]; n=1)", .value = "[8.934802200544679, 19.181879647671607, 19.504980060599575]",
     .grad = "[-0.82879664423432, 123.72136678366236, -124.07972713378925]"},
    {.call = "polygamma([-0.5, -1.25, -3.75]; n=2)", .value = "[-0.82879664423432, 123.72136678366236, -124.07972713378925]",
     .grad = "[193.40909103400244, 1558.2209125348506, 1558.5200920240343]"},
    {.call = "polygamma([-0.5, -1.25, -3.875]; n=5)", .value = "[15371.113548602436, 492230.21062287455, 31457611.051694818]",
     .grad = "[-43.457923803023284, 11791222.068440905, -1509947916.8513274]"},
    {.call = "polygamma([0, -0.0, -1, -2]; n=1)", .value = "[inf, inf, inf, inf]", .grad = "[-inf, inf, nan, nan]", .kink = true},
    {.call = "polygamma([0, -0.0, -1, -2]; n=2)", .value = "[-inf, inf, nan, nan]", .grad = "[inf, inf, inf, inf]", .kink = true},
    {.call = "polygamma([inf, -inf, nan]; n=1)", .value = "[0, nan, nan]", .grad = "[0, nan, nan]", .kink = true},
    {.call = "polygamma([inf, nan]; n=4)", .value = "[-0.0, nan]", .grad = "[0, nan]", .kink = true},
    {.call = "polygamma([1e+200, 1e+20, 1e-20, 100.5]; n=1)", .value = "[1e-200, 1e-20, 1.0000000000000002e+40, 0.009999916669583104]",
     .grad = "[0, -1e-40, -2.0000000000000003e+60, -9.999750014581719e-05]", .kink = true},
    {.call = "polygamma([-1000000.25]; n=1)", .value = "[19.739207802179468]", .grad = "[124.02510672119828]", .kink = true},
    {.call = "polygamma(2.5; n=1)", .value = "0.49035775610023485", .grad = "-0.2362040516417274"},
    {.call = "polygamma([[1.5, 1]]; n=4)", .value = "[[-3.4742498266672253, -24.88626612344088]]",
     .grad = "[[11.113548602435497, 122.0811674381339]]"},
    {.call = "polygamma(+[4, 5]; n=1)"},
    {.call = "polygamma(+[3, 1, 2]; n=2)"},
    {.call = "polygamma(+[37]; n=1)"},
    {.call = "polygamma(f64[0, 3](); n=1)", .value = "f64[0, 3]()", .grad = "f64[0, 3]()"},
    {.call = "polygamma(f64[2, 0, 1](); n=7)", .value = "f64[2, 0, 1]()", .grad = "f64[2, 0, 1]()"},
    {.call = "polygamma([1]; n=0)", .refused = "n is 0, must be in 1..100"},
    {.call = "polygamma([1]; n=101)", .refused = "n is 101, must be in 1..100"},
    {.call = "polygamma([1]; n=-1)", .refused = "n is -1"},
    {.call = "polygamma([1])", .refused = "n"},
    {.call = "polygamma(i64[1, 2]; n=1)", .refused = "must be f32 or f64"},
    {.call = "polygamma(bool[true]; n=1)", .refused = "must be f32 or f64"},
    {0}};

#define WG_OVER WG_OVER_REALS
#include "tape/instances.h"

const wg_op wg_op_polygamma = {WG_LINE(polygamma), .kind = WG_ELEMENTWISE, .shape = shape, .slope = slope, .kernel = kernels,
                               .samples = samples};
#else

/* pi times the n-th derivative of cot(pi x) by x, a polynomial of degree n + 1 in c = cot(pi x): c' = -pi (1 + c^2) */
static double FN(reflected)(double x, int n)
{
    double p[104] = {0, 1}, q[104], y = 0, c = 1 / tan(0x1.921fb54442d18p+1 * (x - WG_K64(round)(x)));
    for (int order = 1; order <= n; order++) {
        for (int k = 0; k <= order + 1; k++)
            q[k] = -0x1.921fb54442d18p+1 * ((k <= order ? (k + 1) * p[k + 1] : 0) + (k > 1 ? (k - 1) * p[k - 1] : 0));
        for (int k = 0; k <= order + 1; k++) p[k] = q[k];
    }
    for (int k = n + 1; k >= 0; k--) y = y * c + p[k];
    return 0x1.921fb54442d18p+1 * y;
}

/* n! times the sum of 1 / (x + k)^(n+1) for x > 0 */
static double FN(sum)(double x, int n)
{
    /* B(2k) / (2k)! */
    static const double tail[] = {1.0 / 12, -1.0 / 720, 1.0 / 30240, -1.0 / 1209600, 1.0 / 47900160, -691.0 / 1307674368000.0,
                                  1.0 / 74724249600.0, -3617.0 / 10670622842880000.0, 43867.0 / 5109094217170944000.0,
                                  -174611.0 / 802857662698291200000.0};
    double sum = 0, lead, rest, step;
    for (; x < n + 10; x += 1) {
        double term = 1 / x;
        for (int j = 1; j <= n; j++) term *= j / x;
        sum += term;
    }
    if (x > DBL_MAX) return 0;
    lead = 1 / x;
    for (int j = 1; j < n; j++) lead *= j / x;
    rest = 0.5;
    step = (n + 1) / x;
    for (int k = 0; k < 10; k++) {
        rest += tail[k] * step;
        step *= (n + 2 * k + 2) / x * ((n + 2 * k + 3) / x);
    }
    return sum + (lead + lead * (n / x) * rest);
}

static double FN(value)(double x, int n)
{
    const double sign = n % 2 ? 1 : -1;
    if (x == 0) return n % 2 ? (double)INFINITY : -(double)INFINITY * WG_K64(copysign)(1, x);
    if (x > 0 || x != x) return sign * FN(sum)(x, n);
    if (x < -DBL_MAX) return (double)NAN;
    if (WG_K64(round)(x) == x) return n % 2 ? (double)INFINITY : (double)NAN;
    return -FN(sum)(1 - x, n) - FN(reflected)(x, n);
}

static int64_t FN(kernel)(const wg_args *a, int64_t lo, int64_t hi)
{
    const wg_polygamma_options *o = a->attrs;
    const T *x = a->in[0];
    T *y = a->out;
    for (int64_t i = lo; i < hi; i++) y[i] = (T)FN(value)((double)x[i], o->n);
    return -1;
}
#endif

/* init.c -- how parameters begin: PyTorch's formulas over NumPy's numbers. */
#include "base/alloc.h"
#include "base/array.h"
#include "tape/params.h"
#include "tape/tape.h"

#include <math.h>

/* ---- numbers ---------------------------------------------------------------------------------------------------------- */

/* PyTorch's fans: weights are (out, in, kernel...); a vector has no fan of its own, its length serves. */
static void fans(const wg_shape *s, double *in, double *out)
{
    double kernel = 1;
    for (int i = 2; i < s->rank; i++) kernel *= (double)s->dim[i];
    *in = (s->rank > 1 ? (double)s->dim[1] : s->rank ? (double)s->dim[0] : 1) * kernel;
    *out = (s->rank ? (double)s->dim[0] : 1) * kernel;
}

double wg_gain(const char *nonlinearity, double slope)
{
    if (strcmp(nonlinearity, "tanh") == 0) return 5.0 / 3;
    if (strcmp(nonlinearity, "relu") == 0) return sqrt(2);
    if (strcmp(nonlinearity, "leaky_relu") == 0) return sqrt(2 / (1 + slope * slope));
    if (strcmp(nonlinearity, "selu") == 0) return 0.75;
    return strcmp(nonlinearity, "linear") == 0 || strcmp(nonlinearity, "sigmoid") == 0 ? 1 : (double)NAN;
}

/* The inverse of erf: M. Giles, "Approximating the erfinv function" (GPU Computing Gems 2, 2012), to single precision, and two steps
 * of Newton's to double. */
static double erf_inverse(double x)
{
    static const double near[] = {2.81022636e-08, 3.43273939e-07, -3.5233877e-06, -4.39150654e-06, 0.00021858087,
                                  -0.00125372503, -0.00417768164, 0.246640727,    1.50140941};
    static const double far[] = {-0.000200214257, 0.000100950558, 0.00134934322, -0.00367342844, 0.00573950773,
                                 -0.0076224613,   0.00943887047,  1.00167406,    2.83297682};
    double w = -log((1 - x) * (1 + x)), y = 0;
    const double *c = w < 5 ? near : far;
    if (!(fabs(x) < 1)) return x < 0 ? (double)-INFINITY : (double)INFINITY;
    w = w < 5 ? w - 2.5 : sqrt(w) - 3;
    for (int i = 0; i < 9; i++) y = c[i] + y * w;
    y *= x;
    for (int i = 0; i < 2; i++) y -= (erf(y) - x) / (2 / sqrt(acos(-1)) * exp(-y * y));
    return y;
}

/* Normal numbers within min..max, by the inverse of their distribution, as torch.nn.init.trunc_normal_. */
static wg_status truncated(wg_array *a, const wg_init *init, wg_rng *r)
{
    double mean = init->lo, deviation = init->hi, min = init->min, max = init->max;
    if (min == 0 && max == 0) min = -2, max = 2;
    if (!(min < max && deviation > 0)) return WG_EARG;
    double lo = erf((min - mean) / deviation / sqrt(2)), hi = erf((max - mean) / deviation / sqrt(2));
    for (int64_t i = 0; i < wg_shape_count(a->shape); i++) {
        double v = mean + deviation * sqrt(2) * erf_inverse(lo + (hi - lo) * wg_rng_uniform(r));
        wg_array_put(a, i, fmin(fmax(v, min), max));
    }
    return WG_OK;
}

/* ---- orthogonal --------------------------------------------------------------------------------------------------------- */

static double dot(const double *x, const double *y, int64_t n)
{
    double sum = 0;
    for (int64_t i = 0; i < n; i++) sum += x[i] * y[i];
    return sum;
}

/* m vectors of n, m <= n, made orthonormal in order: the q of a QR whose r has a positive diagonal, by Gram and Schmidt, twice, which
 * is enough (Giraud, Langou and Rozloznik 2005). */
static void orthonormal(double *v, int64_t m, int64_t n)
{
    for (int64_t i = 0; i < m; i++) {
        double *x = v + i * n, length;
        for (int64_t k = 0; k < 2 * i; k++) {
            const double *y = v + (k % i) * n;
            double along = dot(x, y, n);
            for (int64_t j = 0; j < n; j++) x[j] -= along * y[j];
        }
        length = sqrt(dot(x, x, n));
        for (int64_t j = 0; j < n; j++) x[j] /= length;
    }
}

/* Saxe et al. 2014 (arXiv:1312.6120): rows, or, where there are more of them, columns of normal numbers made orthonormal. */
static wg_status orthogonal(wg_array *a, double gain, wg_rng *r)
{
    int64_t count = wg_shape_count(a->shape), rows = a->shape.rank ? a->shape.dim[0] : 0;
    if (a->shape.rank < 2) return WG_ESHAPE;
    if (count == 0) return WG_OK;
    int64_t cols = count / rows;
    bool tall = rows > cols;
    double *v = wg__alloc(wg__mul((size_t)count, sizeof *v));
    if (!v) return WG_ENOMEM;
    for (int64_t i = 0; i < count; i++) v[tall ? i % cols * rows + i / cols : i] = wg_rng_normal(r);
    orthonormal(v, tall ? cols : rows, tall ? rows : cols);
    for (int64_t i = 0; i < count; i++) wg_array_put(a, i, gain * v[tall ? i % cols * rows + i / cols : i]);
    wg__free(v);
    return WG_OK;
}

/* ---- by kind ------------------------------------------------------------------------------------------------------------ */

wg_status wg_init_fill(wg_array *a, const wg_init *init, wg_rng *r)
{
    const char *kind = init->kind ? init->kind : "zeros";
    double in, out, lo = 0, hi = 0;
    bool normal = strstr(kind, "normal") != NULL, random = normal || strstr(kind, "uniform");
    if (wg__array_wrong(a) || !r) return WG_EARG;
    fans(&a->shape, &in, &out);
    double fan = fmax(init->fan && strcmp(init->fan, "out") == 0 ? out : in, 1), both = fmax(in + out, 1),
           one = init->gain > 0 ? init->gain : 1;
    if (strcmp(kind, "truncated_normal") == 0) return truncated(a, init, r);
    if (strcmp(kind, "orthogonal") == 0) return orthogonal(a, one, r);
    if (strcmp(kind, "ones") == 0) lo = 1;
    if (strcmp(kind, "constant") == 0) lo = init->hi;
    if (strcmp(kind, "uniform") == 0 || strcmp(kind, "normal") == 0) lo = init->lo, hi = init->hi;
    if (strcmp(kind, "kaiming_uniform") == 0) hi = init->gain > 0 ? init->gain * sqrt(3 / fan) : 1 / sqrt(fan), lo = -hi; /* a = sqrt 5 */
    if (strcmp(kind, "kaiming_normal") == 0) hi = (init->gain > 0 ? init->gain : sqrt(2)) / sqrt(fan);
    if (strcmp(kind, "xavier_uniform") == 0) hi = one * sqrt(6 / both), lo = -hi;
    if (strcmp(kind, "xavier_normal") == 0) hi = one * sqrt(2 / both);
    int64_t n = wg_shape_count(a->shape);
    for (int64_t i = 0; i < n; i++)
        wg_array_put(a, i, !random ? lo : normal ? lo + hi * wg_rng_normal(r) : lo + (hi - lo) * wg_rng_uniform(r));
    return WG_OK;
}

wg_status wg__params_fill(wg_stored *s, uint32_t seed, const wg_init *init)
{
    if (!init->kind || strcmp(init->kind, "zeros") == 0) return WG_OK; /* made so */
    /* the name is part of the seed: the order in which layers are made, or left out, changes no other layer */
    wg_rng *r = wg_rng_new((uint32_t)wg__hash(seed, s->name, strlen(s->name)));
    wg_status status = r ? wg_init_fill(&s->array, init, r) : WG_ENOMEM;
    wg_rng_free(r);
    return status;
}

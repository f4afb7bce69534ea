/* logabsdet(x): log |det x| of each matrix, the second result of torch.linalg.slogdet, without det's overflow. The derivative is the
 * transposed inverse, through solve. A singular matrix gives -inf, and NaN for its derivative (torch: inf and NaN). A node of its own:
 * one elimination; in double also for f32. */
#ifndef WG_KERNEL_PART
#include "ops/linalg/lu.h"

static bool shape(wg_call *c)
{
    if (!wg__is_matrix(c, 0, true)) return false;
    c->shape.rank -= 2;
    return true;
}

/* The gradient of each determinant's logarithm. Singular matrices stand aside, so that they fail no run. */
static wg_tensor slope(const wg_rule *r)
{
    wg_tensor singular = wg_unsqueeze(wg_eq(r->out, wg_num(-(double)INFINITY)), WG_INTS(-1, -2));
    wg_tensor inverse = wg_inv(wg_where(singular, wg__identity(r, r->in[0]), r->in[0]));
    return wg_where(singular, wg_num((double)NAN), wg__swapped(inverse));
}

static wg_tensor vjp(const wg_rule *r, wg_tensor g, int i)
{
    (void)i;
    return wg_mul(wg_unsqueeze(g, WG_INTS(-1, -2)), slope(r));
}

static wg_tensor jvp(const wg_rule *r, const wg_tensor *dx) { return wg_sum(wg_mul(dx[0], slope(r)), .axes = WG_INTS(-1, -2)); }

/* values from PyTorch in f64 */
static const wg_sample samples[] = {
    {.call = "logabsdet([[2, 1], [1, 3]])", .value = "1.6094379124341005", .grad = "[[0.6, -0.2], [-0.2, 0.4]]"},
    {.call = "logabsdet([[0, 1], [2, 0]])", .value = "0.6931471805599453", .grad = "[[0, 1], [0.5, 0]]"},
    {.call = "logabsdet([[-4]])", .value = "1.3862943611198906", .grad = "[[-0.25]]"},
    {.call = "logabsdet([[[2, 1], [1, 3]], [[1, 0], [0, -2]]])", .value = "[1.6094379124341005, 0.6931471805599453]",
     .grad = "[[[0.6, -0.2], [-0.2, 0.4]], [[1, 0], [0, -0.5]]]"},
    {.call = "logabsdet([[1e-200, 0], [0, 1e-200]])", .value = "-921.0340371976183", .grad = "[[1e+200, 0], [0, 1e+200]]", .kink = true},
    {.call = "logabsdet([[1, 2, 3], [0, 1, 4], [5, 6, 2]])", .value = "1.0986122886681091",
     .grad = "[[-7.333333333333339, 6.666666666666671, -1.6666666666666679], [4.6666666666666705, -4.333333333333337, "
             "1.3333333333333341], [1.6666666666666676, -1.3333333333333341, 0.33333333333333354]]"},
    {.call = "logabsdet([[1, 2], [2, 4]])", .value = "-inf", .grad = "[[nan, nan], [nan, nan]]", .kink = true},
    {.call = "logabsdet([[[1, 2], [2, 4]], [[1, 0], [0, 2]]])", .value = "[-inf, 0.6931471805599453]",
     .grad = "[[[nan, nan], [nan, nan]], [[1, 0], [0, 0.5]]]", .kink = true},
    {.call = "logabsdet(f64[0, 0]())", .value = "0"},
    {.call = "logabsdet(f64[0, 2, 2]())", .value = "f64[0]()"},
    {.call = "logabsdet([[nan, 1], [1, 1]])", .value = "nan", .kink = true},
    {.call = "logabsdet(~[2, 3, 3])", .ulps = 64},
    {.call = "logabsdet(~[5, 5])", .ulps = 64},
    {.call = "logabsdet([[1, 2, 3], [4, 5, 6]])", .refused = "x is f64[2,3], which is not square"},
    {.call = "logabsdet([1, 2])", .refused = "x is f64[2], which is no matrix"},
    {.call = "logabsdet(2.5)", .refused = "no matrix"},
    {.call = "logabsdet(i64[[1]])", .refused = "must be f32 or f64"},
    {.call = "logabsdet()", .refused = "x is missing"},
    {.call = "logabsdet([[1]], [[1]])", .refused = "takes 1 input"},
    {0}};

#define WG_OVER WG_OVER_REALS
#include "tape/instances.h"

const wg_op wg_op_logabsdet = {WG_LINE(logabsdet), .kind = WG_BLOCK, .shape = shape, .vjp = vjp, .jvp = jvp, .units = wg__matrix_units,
                               .kernel = kernels, .samples = samples};
#else

/* The pivots' product as m 2^e with m near 1: neither over- nor underflows, and near det = 1 no digits cancel. */
static double FN(log_of)(const double *a, int64_t n)
{
    double m = 1, e = 0;
    for (int64_t i = 0; i < n; i++) {
        int power;
        m = frexp(m * fabs(a[i * n + i]), &power);
        if (m < 0x1.6a09e667f3bcdp-1) m *= 2, power--; /* below the root of 1/2 */
        e += power;
    }
    return m > 0 || isnan(m) ? log(m) + e * 0x1.62e42fefa39efp-1 : -(double)INFINITY;
}

static int64_t FN(kernel)(const wg_args *args, int64_t lo, int64_t hi)
{
    const int64_t n = args->size[0];
    double *a = args->scratch, sign = 1;
    for (int64_t u = lo; u < hi; u++) {
        const T *x = (const T *)args->in[0] + u * n * n;
        for (int64_t i = 0; i < n * n; i++) a[i] = (double)x[i];
        bool singular = wg__eliminate(a, n, n, &sign) >= 0;
        ((T *)args->out)[u] = (T)(singular ? -(double)INFINITY : FN(log_of)(a, n));
    }
    return -1;
}
#endif

/* cholesky(x; upper): the lower triangular L with L L^T = x (upper: its transpose), of symmetric positive definite matrices, as
 * torch.linalg.cholesky. Of x that is not symmetric, the symmetric part (x + x^T) / 2 is meant (torch reads one triangle), so that the
 * derivative, symmetric as in torch, is that of the function. Where x is not positive definite, the run fails, with matrix and column.
 * With P the lower triangle and half of the diagonal: dL = L P(L^-1 dx L^-T). Murray 2016 (arXiv:1602.07527). A node of its own:
 * no other op says it; f32 accumulates in double. */
#ifndef WG_KERNEL_PART
#include "ops/linalg/lu.h"

static bool shape(wg_call *c) { return wg__is_matrix(c, 0, true); }

static wg_tensor define(const wg_rule *r)
{
    const wg_cholesky_options *o = r->attrs;
    return o->upper ? wg__swapped(wg_cholesky(r->in[0])) : WG_NONE;
}

static wg_tensor half(wg_tensor x) { return wg_mul(wg_add(x, wg__swapped(x)), wg_num(0.5)); }

/* The lower triangle of x, with half of the diagonal. */
static wg_tensor lower(wg_tensor x) { return wg_mul(wg_add(wg_tril(x), wg_tril(x, .offset = -1)), wg_num(0.5)); }

/* L^-T x L^-1 for `turned`, else L^-1 x L^-T; x is symmetric or made so behind. */
static wg_tensor around(wg_tensor l, wg_tensor x, bool turned)
{
    wg_tensor by = turned ? wg__swapped(l) : l;
    return wg__swapped(wg_solve_triangular(by, wg__swapped(wg_solve_triangular(by, x, turned)), turned));
}

static wg_tensor vjp(const wg_rule *r, wg_tensor g, int i)
{
    (void)i;
    return half(around(r->out, lower(wg_matmul(wg__swapped(r->out), g)), true));
}

static wg_tensor jvp(const wg_rule *r, const wg_tensor *dx) { return wg_matmul(r->out, lower(around(r->out, half(dx[0]), false))); }

static void explain(const wg_work *w, const wg_args *a, int64_t position, char *why, size_t why_size)
{
    const wg_shape *y = w->out.shape;
    (void)a;
    wg__explain_column(y, y->rank - 2, y->dim[y->rank - 1], position, "is not positive definite", why, why_size);
}

/* values from PyTorch in f64 */
static const wg_sample samples[] = {
    {.call = "cholesky([[4, 2], [2, 3]])", .value = "[[2, 0], [1, 1.4142135623730951]]",
     .grad = "[[0.21338834764831843, 0.07322330470336313], [0.07322330470336313, 0.35355339059327373]]", .ulps = 64},
    {.call = "cholesky([[4, 2], [2, 3]]; upper=true)", .value = "[[2, 1], [0, 1.4142135623730951]]",
     .grad = "[[0.21338834764831843, 0.07322330470336313], [0.07322330470336313, 0.35355339059327373]]", .ulps = 64},
    {.call = "cholesky([[4, 1], [3, 3]])", .value = "[[2, 0], [1, 1.4142135623730951]]",
     .grad = "[[0.21338834764831843, 0.07322330470336313], [0.07322330470336313, 0.35355339059327373]]", .ulps = 64},
    {.call = "cholesky([[9]])", .value = "[[3]]", .grad = "[[0.16666666666666666]]"},
    {.call = "cholesky([[[4, 2], [2, 3]], [[1, 0], [0, 16]]])", .value = "[[[2, 0], [1, 1.4142135623730951]], [[1, 0], [0, 4]]]",
     .grad = "[[[0.21338834764831843, 0.07322330470336313], [0.07322330470336313, 0.35355339059327373]], [[0.5, 0.5], [0.5, 0.125]]]",
     .ulps = 64},
    {.call = "cholesky([[4, 2, 1], [2, 5, 3], [1, 3, 6]])", .value = "[[2, 0, 0], [1, 2, 0], [0.5, 1.25, 2.0463381929681126]]",
     .grad = "[[0.14939194878403364, 0.13108051215966365, 0.14027118054453816], [0.13108051215966365, 0.18919487840336346, "
             "0.09728819455461847], [0.14027118054453816, 0.09728819455461847, 0.24433888871261045]]", .ulps = 64},
    {.call = "cholesky([[4, 2, 1], [2, 5, 3], [1, 3, 6]]; upper=true)",
     .value = "[[2, 1, 0.5], [0, 2, 1.25], [0, 0, 2.0463381929681126]]",
     .grad = "[[0.14939194878403364, 0.13108051215966365, 0.14027118054453816], [0.13108051215966365, 0.18919487840336346, "
             "0.09728819455461847], [0.14027118054453816, 0.09728819455461847, 0.24433888871261045]]", .ulps = 64},
    {.call = "cholesky([[7, 1, 0.5, 2], [1, 8, -1, 0], [0.5, -1, 9, 1], [2, 0, 1, 6]])",
     .value = "[[2.6457513110645907, 0, 0, 0], [0.3779644730092272, 2.8030595529069404, 0, 0], [0.1889822365046136, "
             "-0.3822353935782192, 2.969542358374741, 0], [0.7559289460184544, -0.10192943828752508, 0.27552454871518217, "
             "2.31133468827799]]",
     .grad = "[[0.1443911517330906, 0.08481392947827107, 0.10630070200139227, 0.08708665646084678], [0.08481392947827107, "
             "0.21381893534329716, 0.2048533992665642, 0.20646625710390928], [0.10630070200139227, 0.2048533992665642, "
             "0.15461588317582206, 0.14830470033403703], [0.08708665646084678, 0.20646625710390928, 0.14830470033403703, "
             "0.21632522651772002]]", .ulps = 64},
    {.call = "cholesky(f64[0, 0]())", .value = "f64[0, 0]()"},
    {.call = "cholesky(f64[0, 2, 2]())", .value = "f64[0, 2, 2]()"},
    {.call = "cholesky([[1, 2], [2, 1]])", .refused = "the matrix is not positive definite: column 1"},
    {.call = "cholesky([[0]])", .refused = "the matrix is not positive definite: column 0"},
    {.call = "cholesky([[nan]])", .refused = "the matrix is not positive definite: column 0"},
    {.call = "cholesky([[[1, 0], [0, 1]], [[1, 0], [0, -1]]])", .refused = ": matrix [1] is not positive definite: column 1"},
    {.call = "cholesky([[1, 2, 3], [4, 5, 6]])", .refused = "x is f64[2,3], which is not square"},
    {.call = "cholesky([1, 2])", .refused = "x is f64[2], which is no matrix"},
    {.call = "cholesky(i64[[1]])", .refused = "must be f32 or f64"},
    {0}};

#define WG_OVER WG_OVER_REALS
#include "tape/instances.h"

const wg_op wg_op_cholesky = {WG_LINE(cholesky), .kind = WG_BLOCK, .shape = shape, .define = define, .define_when = true,
                              .vjp = vjp, .jvp = jvp, .units = wg__matrix_units, .kernel = kernels, .explain = explain,
                              .samples = samples};
#else

static WIDE FN(dot)(const T *x, const T *y, int64_t n)
{
    WIDE lane[8] = {0}, total = 0;
    int64_t i = 0;
    for (; i + 8 <= n; i += 8)
        for (int k = 0; k < 8; k++) lane[k] += (WIDE)x[i + k] * (WIDE)y[i + k];
    for (; i < n; i++) total += (WIDE)x[i] * (WIDE)y[i];
    for (int k = 0; k < 8; k++) total += lane[k];
    return total;
}

/* Row by row; the first column whose pivot is not positive, or -1. */
static int64_t FN(factor)(const T *x, T *l, int64_t n)
{
    for (int64_t i = 0; i < n; i++) {
        for (int64_t j = 0; j <= i; j++) {
            WIDE s = ((WIDE)x[i * n + j] + (WIDE)x[j * n + i]) / 2 - FN(dot)(l + i * n, l + j * n, j);
            if (i == j && !(s > 0)) return i;
            l[i * n + j] = i == j ? (T)sqrt(s) : (T)(s / (WIDE)l[j * n + j]);
        }
        for (int64_t j = i + 1; j < n; j++) l[i * n + j] = 0;
    }
    return -1;
}

static int64_t FN(kernel)(const wg_args *a, int64_t lo, int64_t hi)
{
    const int64_t n = a->size[0];
    for (int64_t u = lo; u < hi; u++) {
        int64_t bad = FN(factor)((const T *)a->in[0] + u * n * n, (T *)a->out + u * n * n, n);
        if (bad >= 0) return u * n + bad;
    }
    return -1;
}
#endif

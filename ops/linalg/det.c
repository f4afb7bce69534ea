/* det(x): the determinant of each matrix, as torch.linalg.det; 0 where it is singular. The derivative is the cofactors, also of
 * singular matrices, where no inverse has them. With E of rank at most 3 (det_border) so that b = x + E is regular, and z = b^-1 E,
 *     det x = det b det(1 - z) = det b (1 - e1 + e2 - e3),   e1 = tr z, e2 = (e1^2 - tr z^2) / 2, e3 = (e1^3 - 3 e1 tr z^2 + 2 tr z^3) / 6
 * as a function of x for any constant E: so it has all derivatives of det, through logabsdet and solve. Where more than 3 pivots are
 * missing they are 0, which they are below order 4. A node of its own: one elimination; in double also for f32. */
#ifndef WG_KERNEL_PART
#include "ops/linalg/lu.h"

static bool shape(wg_call *c)
{
    if (!wg__is_matrix(c, 0, true)) return false;
    c->shape.rank -= 2;
    return true;
}

/* tr(x y) of each matrix */
static wg_tensor trace_of(wg_tensor x, wg_tensor y) { return wg_sum(wg_mul(x, wg__swapped(y)), .axes = WG_INTS(-1, -2)); }

/* det(1 - z), z of rank 3 at most */
static wg_tensor beside_one(wg_tensor z)
{
    wg_tensor square = wg_matmul(z, z), t1 = wg_trace(z), t2 = wg_trace(square), t3 = trace_of(square, z), t11 = wg_square(t1);
    wg_tensor e2 = wg_mul(wg_sub(t11, t2), wg_num(0.5));
    wg_tensor e3 = wg_add(wg_sub(wg_mul(t1, t11), wg_mul(wg_mul(t1, t2), wg_num(3))), wg_mul(t3, wg_num(2)));
    return wg_sub(wg_add(wg_sub(wg_num(1), t1), e2), wg_div(e3, wg_num(6)));
}

/* The kernel's value; the derivatives are those of what is added to it, which is 0. */
static wg_tensor define(const wg_rule *r)
{
    wg_tensor x = r->in[0], border = wg_det_border(x), known = wg_eq(border, border);
    wg_tensor e = wg_where(known, border, wg_num(0)), b = wg_where(known, wg_add(x, e), wg__identity(r, x));
    wg_tensor l = wg_logabsdet(b), d = wg_mul(wg_stop_gradient(wg_det(b)), wg_exp(wg_sub(l, wg_stop_gradient(l))));
    wg_tensor some = wg_sum(border, .axes = WG_INTS(-1, -2));
    wg_tensor f = wg_where(wg_eq(some, some), wg_mul(d, beside_one(wg_solve(b, e))), wg_num(0));
    return wg_add(wg_stop_gradient(wg_det(x)), wg_sub(f, wg_stop_gradient(f)));
}

/* values from PyTorch in f64; gradients of singular matrices: their cofactors. Where all of these are 0, what
 * is left is rounding, which cannot be compared with differences. */
static const wg_sample samples[] = {
    {.call = "det([[2, 1], [1, 3]])", .value = "5", .grad = "[[3, -1], [-1, 2]]"},
    {.call = "det([[0, 1], [2, 0]])", .value = "-2", .grad = "[[0, -2], [-1, 0]]"},
    {.call = "det([[-4]])", .value = "-4", .grad = "[[1]]"},
    {.call = "det([[[2, 1], [1, 3]], [[1, 0], [0, -2]]])", .value = "[5, -2]", .grad = "[[[3, -1], [-1, 2]], [[-2, 0], [0, 1]]]"},
    {.call = "det([[1, 2, 3], [0, 1, 4], [5, 6, 2]])", .value = "2.9999999999999982",
     .grad = "[[-22.000000000000004, 20, -5], [14.000000000000004, -13, 4], [5, -4, 1]]", .ulps = 64},
    {.call = "det([[nan, 1], [1, 1]])", .value = "nan", .kink = true},
    {.call = "det(f64[0, 0]())", .value = "1"},
    {.call = "det(f64[0, 2, 2]())", .value = "f64[0]()"},
    {.call = "det([[1, 2], [2, 4]])", .value = "0", .grad = "[[4, -2], [-2, 1]]"},
    {.call = "det([[0, 0], [0, 0]])", .value = "0", .kink = true},
    {.call = "det([[0]])", .value = "0", .grad = "[[1]]", .kink = true},
    {.call = "det([[1, 2, 3], [0, 0, 0], [4, 5, 7]])", .value = "0", .grad = "[[0, 0, 0], [1, -5, 3], [0, 0, 0]]"},
    {.call = "det([[1, 1, 1], [1, 1, 1], [0, 0, 0]])", .value = "0", .kink = true},
    {.call = "det([[0, 0, 0], [0, 0, 0], [0, 0, 0]])", .value = "0", .kink = true},
    {.call = "det([[0, 0, 0, 0], [0, 0, 0, 0], [0, 0, 0, 0], [0, 0, 0, 0]])", .value = "0", .kink = true},
    {.call = "det([[1e20, 0], [0, 1e-20]])", .value = "1", .grad = "[[1e-20, 0], [0, 1e20]]",
     .kink = true}, /* too uneven for differences */
    {.call = "det([[[1, 2], [2, 4]], [[2, 1], [1, 3]]])", .value = "[0, 5]", .grad = "[[[4, -2], [-2, 1]], [[3, -1], [-1, 2]]]"},
    {.call = "det(~[2, 3, 3])", .ulps = 64},
    {.call = "det(~[4, 4])", .ulps = 64},
    {.call = "det([[1, 2, 3], [4, 5, 6]])", .refused = "x is f64[2,3], which is not square"},
    {.call = "det([1, 2])", .refused = "x is f64[2], which is no matrix"},
    {.call = "det(2.5)", .refused = "no matrix"},
    {.call = "det(i64[[1]])", .refused = "must be f32 or f64"},
    {.call = "det()", .refused = "x is missing"},
    {.call = "det([[1]], [[1]])", .refused = "takes 1 input"},
    {0}};

#define WG_OVER WG_OVER_REALS
#include "tape/instances.h"

const wg_op wg_op_det = {WG_LINE(det), .kind = WG_BLOCK, .shape = shape, .define = define, .units = wg__matrix_units, .kernel = kernels,
                         .samples = samples};
#else

static int64_t FN(kernel)(const wg_args *args, int64_t lo, int64_t hi)
{
    const int64_t n = args->size[0];
    double *a = args->scratch;
    for (int64_t u = lo; u < hi; u++) {
        const T *x = (const T *)args->in[0] + u * n * n;
        double y = 1;
        for (int64_t i = 0; i < n * n; i++) a[i] = (double)x[i];
        if (wg__eliminate(a, n, n, &y) >= 0) y = 0;
        for (int64_t i = 0; i < n && (y < 0 || y > 0 || isnan(y)); i++) y *= a[i * n + i];
        ((T *)args->out)[u] = (T)y;
    }
    return -1;
}
#endif

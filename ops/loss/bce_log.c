/* bce_log(p; complement) = log p, or with complement log(1 - p) by log1p, but no less than -100: the logarithms of binary_cross_entropy,
 * for which it is. The derivatives are those of torch's binary_cross_entropy, 1/p and -1/(1 - p) written as (1 - p) / m and -p / m with
 * m = max(p (1 - p), 1e-12): at 0 that of log p is 1e12, at 1 it is 0. A p below 0 or above 1 fails the run; NaN stays. Not
 * elementwise, since a group of such can word the failure of one op only. */
#ifndef WG_KERNEL_PART
#include "tape/op.h"

static bool units(wg_work *w)
{
    w->units = wg_shape_count(*w->out.shape);
    w->cost = 5;
    return true;
}

static wg_tensor slope(const wg_rule *r)
{
    const wg_bce_log_options *o = r->attrs;
    wg_tensor p = r->in[0], q = wg_sub(wg_num(1), p);
    return wg_div(o->complement ? wg_neg(p) : q, wg_clamp(wg_mul(p, q), .min = 1e-12));
}

static wg_tensor vjp(const wg_rule *r, wg_tensor g, int i)
{
    (void)i;
    return wg_mul(g, slope(r));
}

static wg_tensor jvp(const wg_rule *r, const wg_tensor *dx) { return wg_mul(dx[0], slope(r)); }

static void explain(const wg_work *w, const wg_args *a, int64_t position, char *why, size_t why_size)
{
    (void)w, (void)a;
    snprintf(why, why_size, "a probability is outside 0..1 at element %lld", (long long)position);
}

static const wg_sample samples[] = {
    {.call = "bce_log([0.125, 0.5, 0.75])", .value = "[-2.0794415416798357, -0.6931471805599453, -0.2876820724517809]",
     .grad = "[8, 2, 1.3333333333333333]"},
    {.call = "bce_log([0, -0.0, 1])", .value = "[-100, -100, 0]", .grad = "[1000000000000, 1000000000000, 0]", .kink = true},
    {.call = "bce_log([1e-13, 1e-50])", .value = "[-29.933606208922594, -100]", .grad = "[999999999999.9, 1000000000000]",
     .kink = true},
    {.call = "bce_log([nan])", .value = "[nan]", .grad = "[nan]", .kink = true},
    {.call = "bce_log(0.5)", .value = "-0.6931471805599453", .grad = "2"},
    {.call = "bce_log([[0.1, 0.2, 0.9], [0.4, 0.35, 0.6]])",
     .value = "[[-2.3025850929940455, -1.6094379124341003, -0.10536051565782628], [-0.916290731874155, -1.0498221244986778, "
              "-0.5108256237659907]]"},
    {.call = "bce_log([0.125, 0.5, 0.75]; complement=true)", .value = "[-0.13353139262452263, -0.6931471805599453, -1.3862943611198906]",
     .grad = "[-1.1428571428571428, -2, -4]"},
    {.call = "bce_log([0, -0.0, 1, nan]; complement=true)", .value = "[0, 0, -100, nan]", .grad = "[0, 0, -1000000000000, nan]", .kink = true},
    {.call = "bce_log([1e-13, 1e-50]; complement=true)", .value = "[-1.00000000000005e-13, -1e-50]", .grad = "[-0.1, -1e-38]", .kink = true},
    {.call = "bce_log([1.5]; complement=true)", .refused = "a probability is outside 0..1 at element 0"},
    {.call = "bce_log(f64[0, 3]())", .value = "f64[0, 3]()", .grad = "f64[0, 3]()"},
    {.call = "bce_log([0.5, 1.5])", .refused = "a probability is outside 0..1 at element 1"},
    {.call = "bce_log([-1e-300])", .refused = "a probability is outside 0..1 at element 0"},
    {.call = "bce_log([inf])", .refused = "a probability is outside 0..1 at element 0"},
    {.call = "bce_log(i64[1])", .refused = "must be f32 or f64"},
    {0}};

#define WG_OVER WG_OVER_REALS
#include "tape/instances.h"

const wg_op wg_op_bce_log = {WG_LINE(bce_log), .kind = WG_BLOCK, .vjp = vjp, .jvp = jvp, .units = units, .kernel = kernels,
                             .explain = explain, .samples = samples};
#else

static int64_t FN(kernel)(const wg_args *a, int64_t lo, int64_t hi)
{
    const wg_bce_log_options *o = a->attrs;
    const T *x = a->in[0];
    T *y = a->out;
    for (int64_t i = lo; i < hi; i++)
        if (x[i] < 0 || x[i] > 1) return i;
    for (int64_t i = lo; i < hi; i++) {
        T v = o->complement ? M(log1p)(-x[i]) : M(log)(x[i]);
        y[i] = v < C(-100) ? C(-100) : v;
    }
    return -1;
}
#endif

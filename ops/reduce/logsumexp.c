/* logsumexp(x; axes, keepdim) = log(sum exp(x)) along axes, by max + log(sum exp(x - max)); d/dx = exp(x - y). Of -inf only,
 * and of nothing: -inf, with gradient 0 (torch: NaN); +inf gives +inf, with gradient NaN for it, as torch. Long rows go in
 * chunks: the logsumexp of logsumexps is the whole's. */
#ifndef WG_KERNEL_PART
#include "ops/reduce/along.h"

static bool shape(wg_call *c)
{
    const wg_logsumexp_options *o = c->attrs;
    return wg__along(c, &o->axes, o->keepdim, NULL);
}

static uint32_t axes(const wg_work *w)
{
    const wg_logsumexp_options *o = w->attrs;
    return wg__axis_mask(&o->axes, w->in[0].shape->rank);
}

/* exp(x - y), 0 where x = -inf: chosen before exp, so that -inf - -inf reaches neither the value nor a derivative */
static wg_tensor shares(const wg_rule *r)
{
    const wg_logsumexp_options *o = r->attrs;
    wg_tensor x = r->in[0], y = o->keepdim ? r->out : wg__undrop(r->out, &o->axes, x), none = wg_num((double)-INFINITY);
    return wg_exp(wg_where(wg_eq(x, none), none, wg_sub(x, y)));
}

static wg_tensor vjp(const wg_rule *r, wg_tensor g, int i)
{
    const wg_logsumexp_options *o = r->attrs;
    if (!o->keepdim) g = wg__undrop(g, &o->axes, r->in[i]);
    return wg_mul(g, shares(r));
}

static wg_tensor jvp(const wg_rule *r, const wg_tensor *dx)
{
    const wg_logsumexp_options *o = r->attrs;
    return wg_sum(wg_mul(dx[0], shares(r)), .axes = o->axes, .keepdim = o->keepdim);
}

static const wg_sample samples[] = {
    {.call = "logsumexp([1, 2, 3])", .value = "3.4076059644443806",
     .grad = "[0.09003057317038043, 0.24472847105479759, 0.6652409557748217]"},
    {.call = "logsumexp([[1, 2, 3], [0, -1, 0.5]]; axes=[1])", .value = "[3.4076059644443806, 1.1041306053367284]"},
    {.call = "logsumexp([[1, 2, 3], [0, -1, 0.5]]; axes=[-1], keepdim=true)", .value = "[[3.4076059644443806], [1.1041306053367284]]"},
    {.call = "logsumexp([10000, 10000])", .value = "10000.69314718056", .grad = "[0.4999999999999138, 0.4999999999999138]", .kink = true},
    {.call = "logsumexp([2000, 0, 1, 2, 3, 4, 5, 6, 7])", .value = "2000", .grad = "[1, 0, 0, 0, 0, 0, 0, 0, 0]", .kink = true},
    {.call = "logsumexp([-inf, 1])", .value = "1", .grad = "[0, 1]", .kink = true},
    {.call = "logsumexp([-inf, -inf])", .value = "-inf", .grad = "[0, 0]", .kink = true},
    {.call = "logsumexp([inf, 0])", .value = "inf", .grad = "[nan, 0]", .kink = true},
    {.call = "logsumexp([nan, 1])", .value = "nan", .grad = "[nan, nan]", .kink = true},
    {.call = "logsumexp([inf, nan])", .value = "nan", .grad = "[nan, nan]", .kink = true},
    {.call = "logsumexp(f64[0]())", .value = "-inf", .grad = "f64[0]()", .kink = true},
    {.call = "logsumexp(f64[0, 2](); axes=[0])", .value = "[-inf, -inf]", .grad = "f64[0, 2]()", .kink = true},
    {.call = "logsumexp(2.5; axes=[0])", .value = "2.5", .grad = "1"},
    {.call = "logsumexp(~[3, 2, 4]; axes=[0, -1])"},
    {.call = "logsumexp(~[40, 33]; axes=[0])"},
    {.call = "logsumexp([[1]]; axes=[])", .refused = "axes=[]"},
    {.call = "logsumexp([[1]]; axes=[0, -2])", .refused = "appears twice"},
    {.call = "logsumexp(i64[1])", .refused = "must be f32 or f64"},
    {0}};

#define WG_OVER WG_OVER_REALS
#include "tape/instances.h"

const wg_op wg_op_logsumexp = {WG_LINE(logsumexp), .kind = WG_REDUCE, .shape = shape, .axes = axes, .vjp = vjp, .jvp = jvp,
                               .splits = true, .kernel = kernels, .samples = samples};
#else

/* log(sum exp(x)) of n values, in eight lanes of fixed order. */
static T FN(row)(const T *x, int64_t n)
{
    T high[8], top = C(-INFINITY), e[8];
    WIDE lane[8] = {0}, total = 0;
    int64_t j = 0;
    for (int k = 0; k < 8; k++) high[k] = top;
    for (; j + 8 <= n; j += 8)
        for (int k = 0; k < 8; k++) high[k] = M(max)(high[k], x[j + k]);
    for (; j < n; j++) top = M(max)(top, x[j]);
    for (int k = 0; k < 8; k++) top = M(max)(top, high[k]);
    if (!isfinite(top)) return top; /* NaN; +inf; -inf: nothing, or -inf only */
    for (j = 0; j + 8 <= n; j += 8) {
        for (int k = 0; k < 8; k++) e[k] = M(exp)(x[j + k] - top);
        for (int k = 0; k < 8; k++) lane[k] += (WIDE)e[k];
    }
    for (; j < n; j++) total += (WIDE)M(exp)(x[j] - top);
    for (int k = 0; k < 8; k++) total += lane[k];
    return top + M(log)((T)total);
}

static int64_t FN(kernel)(const wg_args *a, int64_t lo, int64_t hi)
{
    const T *x = a->in[0];
    T *y = a->out;
    for (int64_t i = lo; i < hi; i++) y[i] = FN(row)(x + i * a->row, a->row);
    return -1;
}
#endif

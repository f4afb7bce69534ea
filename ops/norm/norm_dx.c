/* norm_dx(x, g, weight?; axes, eps, center): the gradient in x of layer_norm (center) or rms_norm, of cotangent g. With u = g weight,
 * c = x - mean, r = 1 / sqrt(mean of c^2 + eps):     r (u - mean of u - c r^2 mean of u c)
 * without the mean of u, and with c = x, for rms_norm. Linear in g. An op of its own for its speed: see layer_norm. */
#ifndef WG_KERNEL_PART
#include "ops/norm/rows.h"

static bool shape(wg_call *c)
{
    const wg_norm_dx_options *o = c->attrs;
    int n = wg__norm_axes(c, &o->axes);
    return n && wg__norm_cotangent(c, 1) && wg__norm_affine(c, 2, n);
}

static wg_tensor define(const wg_rule *r)
{
    const wg_norm_dx_options *o = r->attrs;
    wg_normal n = wg__normal(r->in[0], &o->axes, o->eps, o->center);
    wg_tensor u = r->in[2].tape ? wg_mul(r->in[1], r->in[2]) : r->in[1], y = wg_mul(n.c, n.r);
    wg_tensor d = wg_sub(u, wg_mul(y, wg_mean(wg_mul(u, y), .axes = n.axes, .keepdim = true)));
    if (o->center) d = wg_sub(d, wg_mean(u, .axes = n.axes, .keepdim = true));
    return wg_mul(d, n.r);
}

static bool units(wg_work *w)
{
    const wg_norm_dx_options *o = w->attrs;
    wg__norm_sizes(w, o->axes.n ? o->axes.n : 1);
    w->units = w->size[0] ? w->size[1] : 0;
    w->cost = 15 + 0.35 * (double)w->size[0];
    return true;
}

/* values from PyTorch's gradients, f64 */
static const wg_sample samples[] = {
    {.call = "norm_dx([[1, 2, 4], [-0.5, 3, 0.25]], [[1, -2, 0.5], [3, 0.25, -1]], [1.5, -2, 0.5])",
     .value = "[[-1.0022221405061134, 1.5033407274091162, -0.5011185869030026], [1.2334194388999387, 0.33637955799993025, "
     "-1.569798996899869]]"},
    {.call = "norm_dx([[1, 2, 4], [-0.5, 3, 0.25]], [[1, -2, 0.5], [3, 0.25, -1]])",
     .value = "[[0.9735911492720329, -1.4603871534309036, 0.4867960041588706], [1.0708304406199334, 0.2920413963003601, "
     "-1.3628718369202935]]"},
    {.call = "norm_dx([[1, 2, 4], [-0.5, 3, 0.25]], [[1, -2, 0.5], [3, 0.25, -1]], [1.5, -2, 0.5]; eps=1e-06, center=false)",
     .value = "[[0.3779644730092243, 1.1338933920302163, -0.6614376725307671], [2.436024779725634, 0.4247327798788634, "
     "-0.22474663318707486]]"},
    {.call = "norm_dx([[2.7, 2.7, 2.7]], [[0.3, 0.3, 0.3]])", .value = "[[0, 0, 0]]", .kink = true},
    {.call = "norm_dx([[2.5]], [[7]], [3])", .value = "[[0]]", .kink = true},
    {.call = "norm_dx(f64[0, 3](), f64[0, 3](), [1, 2, 3])", .value = "f64[0, 3]()"},
    {.call = "norm_dx(f64[2, 0](), f64[2, 0]())", .value = "f64[2, 0]()"},
    {.call = "norm_dx(~[3, 5], ~[3, 5], ~[5])"},
    {.call = "norm_dx(~[2, 40], ~[2, 40])"},
    {.call = "norm_dx(~[2, 40], ~[2, 40], ~[40]; center=false)"},
    {.call = "norm_dx(~[2, 2, 3], ~[2, 2, 3], ~[2, 3]; axes=[1, 2])"},
    {.call = "norm_dx(~[2, 3], ~[3])", .refused = "x is f64[2,3], g is f64[3]: they must have one shape"},
    {.call = "norm_dx(~[2, 3], ~[2, 3], ~[2])", .refused = "weight is f64[2]"},
    {.call = "norm_dx(2.5, 2.5)", .refused = "x is a scalar"},
    {0}};

#define WG_OVER WG_OVER_REALS
#include "tape/instances.h"

const wg_op wg_op_norm_dx = {WG_LINE(norm_dx), .kind = WG_BLOCK, .shape = shape, .define = define, .units = units,
                             .kernel = kernels, .samples = samples};
#else
#include "ops/norm/rows.h"

/* u of WIDTH values and of one, relative to `shift`; whether there is a weight is known where this is used. */
#define U_MANY(j) (weight ? MANY(g + (j)) * MANY(weight + (j)) - shift : MANY(g + (j)) - shift)
#define U(j) ((weight ? g[j] * weight[j] : g[j]) - shift)
#define C_MANY(j) (MANY(x + (j)) - first - mean)
#define C_OF(j) (x[j] - first - mean)

/* Rows of which the moments are known. u is relative to its first value where it is centred, as x is; the c add up to 0, so that this is
   nothing to the mean of u c. */
static inline __attribute__((always_inline)) void FN(some)(const T *x, const T *g, const T *weight, T *y, int64_t n, int64_t rows,
                                                           bool center, const FN(moments) *m)
{
    WIDE u[ROWS * WIDTH], uc[ROWS * WIDTH], u_mean[ROWS], uc_mean[ROWS];
    for (int64_t i = 0; i < rows; i++, x += n, g += n) {
        T first = m->first[i], mean = m->mean[i], shift = center ? weight ? g[0] * weight[0] : g[0] : 0;
        ROW_SUMS(u + i * WIDTH, n, U_MANY(j), U(j));
        ROW_SUMS(uc + i * WIDTH, n, U_MANY(j) * C_MANY(j), U(j) * C_OF(j));
    }
    FN(norm_means)(u, rows, n, u_mean);
    FN(norm_means)(uc, rows, n, uc_mean);
    x -= rows * n;
    g -= rows * n;
    for (int64_t i = 0; i < rows; i++, x += n, g += n, y += n) {
        T first = m->first[i], mean = m->mean[i], r = m->r[i], shift = center ? weight ? g[0] * weight[0] : g[0] : 0;
        T middle = center ? (T)u_mean[i] : 0, slope = (T)((WIDE)r * (WIDE)r * uc_mean[i]);
        int64_t j = 0;
        for (; j + WIDTH <= n; j += WIDTH) PUT_MANY(y + j, r * (U_MANY(j) - middle - C_MANY(j) * slope));
        for (; j < n; j++) y[j] = r * (U(j) - middle - C_OF(j) * slope);
    }
}

static int64_t FN(kernel)(const wg_args *a, int64_t lo, int64_t hi)
{
    const wg_norm_dx_options *o = a->attrs;
    int64_t n = a->size[0];
    const T *weight = a->in[2];
    FN(moments) m;
    for (int64_t i = lo; i < hi; i += ROWS) {
        int64_t rows = hi - i < ROWS ? hi - i : ROWS;
        const T *x = (const T *)a->in[0] + i * n, *g = (const T *)a->in[1] + i * n;
        T *y = (T *)a->out + i * n;
        FN(take_moments)(x, n, rows, o->eps, o->center, &m);
        if (weight) FN(some)(x, g, weight, y, n, rows, o->center, &m);
        else FN(some)(x, g, NULL, y, n, rows, o->center, &m);
    }
    return -1;
}
#undef U_MANY
#undef U
#undef C_MANY
#undef C_OF
#endif

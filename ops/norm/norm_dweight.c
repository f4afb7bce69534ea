/* norm_dweight(x, g; axes, eps, center): the gradient in weight of layer_norm (center) or rms_norm, of cotangent g: the sum over all
 * rows of g times the normalised row. Linear in g. The moments of the rows first, then a unit sums some columns over all rows, in order. */
#ifndef WG_KERNEL_PART
#include "ops/norm/rows.h"

static bool shape(wg_call *c)
{
    const wg_norm_dweight_options *o = c->attrs;
    int n = wg__norm_axes(c, &o->axes);
    if (!n || !wg__norm_cotangent(c, 1)) return false;
    wg_shape y = {.rank = n};
    for (int i = 0; i < n; i++) y.dim[i] = c->shape.dim[c->shape.rank - n + i];
    c->shape = y;
    return true;
}

static wg_tensor define(const wg_rule *r)
{
    const wg_norm_dweight_options *o = r->attrs;
    wg_normal n = wg__normal(r->in[0], &o->axes, o->eps, o->center);
    wg_tensor y = wg_mul(wg_mul(n.c, n.r), r->in[1]);
    wg_ints lead = {.n = wg_shape_get(y).rank - n.axes.n};
    for (int i = 0; i < lead.n; i++) lead.v[i] = i;
    return lead.n ? wg_sum(y, .axes = lead) : y;
}

enum { COLUMNS = 2 * WIDTH };

static bool units(wg_work *w)
{
    const wg_norm_dweight_options *o = w->attrs;
    wg__norm_sizes(w, o->axes.n ? o->axes.n : 1);
    w->units = (w->size[0] + COLUMNS - 1) / COLUMNS;
    w->prepare_units = w->size[0] ? (w->size[1] + ROWS - 1) / ROWS : 0;
    w->cost = 0.1 * (double)(w->size[1] * 2 * COLUMNS); /* with its share of the moments */
    return !__builtin_mul_overflow((size_t)w->prepare_units, 3 * ROWS * w->width, &w->shared); /* a kernel's `moments` */
}

/* values from PyTorch's gradients, f64 */
static const wg_sample samples[] = {
    {.call = "norm_dweight([[1, 2, 4], [-0.5, 3, 0.25]], [[1, -2, 0.5], [3, 0.25, -1]])",
     .value = "[-3.893664048697815, 0.8806754859760704, 1.1112289990776152]"},
    {.call = "norm_dweight([[1, 2, 4], [-0.5, 3, 0.25]], [[1, -2, 0.5], [3, 0.25, -1]]; eps=1e-06, center=false)",
     .value = "[-0.4734062025674399, -1.0861724597574671, 0.6140337839270008]"},
    {.call = "norm_dweight([[2.7, 2.7, 2.7]], [[1, 2, 3]])", .value = "[0, 0, 0]", .kink = true},
    {.call = "norm_dweight([1, 2, 3], [1, 2, 3])", .value = "[-1.2247356859083902, 0, 3.6742070577251704]"},
    {.call = "norm_dweight(f64[0, 3](), f64[0, 3]())", .value = "[0, 0, 0]"},
    {.call = "norm_dweight(f64[2, 0](), f64[2, 0]())", .value = "f64[0]()"},
    {.call = "norm_dweight(~[3, 5], ~[3, 5])"},
    {.call = "norm_dweight(~[3, 40], ~[3, 40]; center=false)"},
    {.call = "norm_dweight(~[3, 2, 20], ~[3, 2, 20]; axes=[1, 2])"},
    {.call = "norm_dweight(~[2, 3], ~[2, 1])", .refused = "they must have one shape"},
    {.call = "norm_dweight(2.5, 2.5)", .refused = "x is a scalar"},
    {0}};

#define WG_OVER WG_OVER_REALS
#define WG_WITH_PREPARE
#include "tape/instances.h"

const wg_op wg_op_norm_dweight = {WG_LINE(norm_dweight), .kind = WG_BLOCK, .shape = shape, .define = define, .units = units,
                                  .kernel = kernels, .prepare = prepares, .samples = samples};
#else
#include "ops/norm/rows.h"

/* The moments of ROWS rows a unit. */
static int64_t FN(prepare)(const wg_args *a, int64_t lo, int64_t hi)
{
    const wg_norm_dweight_options *o = a->attrs;
    FN(moments) *m = a->shared;
    int64_t n = a->size[0], all = a->size[1];
    for (int64_t u = lo; u < hi; u++)
        FN(take_moments)((const T *)a->in[0] + u * ROWS * n, n, all - u * ROWS < ROWS ? all - u * ROWS : ROWS, o->eps, o->center, &m[u]);
    return -1;
}

/* COLUMNS columns: two vectors. */
static void FN(whole)(const T *x, const T *g, const FN(moments) *m, int64_t n, int64_t rows, T *y)
{
    WIDE total[COLUMNS] = {0};
    for (int64_t i0 = 0; i0 < rows; i0 += ROWS, m++) {
        FN(many) a = {0}, b = {0};
        for (int64_t i = 0; i < ROWS && i0 + i < rows; i++, x += n, g += n) {
            a += (MANY(x) - m->first[i] - m->mean[i]) * m->r[i] * MANY(g);
            b += (MANY(x + WIDTH) - m->first[i] - m->mean[i]) * m->r[i] * MANY(g + WIDTH);
        }
        for (int k = 0; k < WIDTH; k++) total[k] += (WIDE)a[k], total[k + WIDTH] += (WIDE)b[k];
    }
    for (int k = 0; k < COLUMNS; k++) y[k] = (T)total[k];
}

static T FN(single)(const T *x, const T *g, const FN(moments) *m, int64_t n, int64_t rows)
{
    WIDE total = 0;
    for (int64_t i = 0; i < rows; i++) {
        const FN(moments) *of = m + i / ROWS;
        total += (WIDE)((x[i * n] - of->first[i % ROWS] - of->mean[i % ROWS]) * of->r[i % ROWS] * g[i * n]);
    }
    return (T)total;
}

static int64_t FN(kernel)(const wg_args *a, int64_t lo, int64_t hi)
{
    int64_t n = a->size[0], rows = a->size[1];
    const T *x = a->in[0], *g = a->in[1];
    T *y = a->out;
    for (int64_t u = lo; u < hi; u++) {
        int64_t first = u * COLUMNS, last = first + COLUMNS < n ? first + COLUMNS : n;
        if (last - first == COLUMNS) FN(whole)(x + first, g + first, a->shared, n, rows, y + first);
        else
            for (int64_t j = first; j < last; j++) y[j] = FN(single)(x + j, g + j, a->shared, n, rows);
    }
    return -1;
}
#endif

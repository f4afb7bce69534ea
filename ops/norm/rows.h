/* rows.h -- what the norms over the last axes share: which axes, the shape of weight and bias, the number of values a row, the
 * definition of a normalised row; and in the kernel part the moments of a row.
 *
 * A row is shifted by its first value before it is averaged: a row of one value repeated is then exactly 0 after centring, and values far
 * from 0 keep their digits. Sums are kept in double, in lanes of a fixed order. */
#ifndef WG_KERNEL_PART
#ifndef WG_OPS_NORM_ROWS_H
#define WG_OPS_NORM_ROWS_H

#include "tape/op.h"

/* How many axes: they must be the last ones, in any order. Not given: the last one. 0: refused. */
static inline int wg__norm_axes(wg_call *c, const wg_ints *axes)
{
    const wg_shape *x = c->in[0].shape;
    const wg_ints last = {.v = {-1}, .n = 1};
    char a[128];
    uint32_t mask, given;
    if (x->rank == 0) return wg__refuse(c, "x is a scalar, which has no axis to normalise over"), 0;
    if (!wg__axes(c, axes->n ? axes : &last, x->rank, &mask)) return 0;
    int n = axes->n ? axes->n : 1;
    given = ((1u << n) - 1) << (x->rank - n);
    if (mask == given) return n;
    return wg__refuse(c, "x is %s: axes must be its last %d", wg__show_type(a, c->in[0]), n), 0;
}

/* Whether input i, if it is there, has the sizes of the last n axes of x. */
static inline bool wg__norm_affine(wg_call *c, int i, int n)
{
    const wg_shape *x = c->in[0].shape, *w = c->in[i].shape;
    char a[128], b[128];
    if (!c->in[i].dtype) return true;
    bool fits = w->rank == n;
    for (int k = 0; fits && k < n; k++) {
        int64_t size = w->dim[k];
        fits = wg__same_size(c, &size, x->dim[x->rank - n + k]);
    }
    if (fits) return true;
    return wg__refuse(c, "x is %s, %s is %s: it must have the sizes of the last %s of x", wg__show_type(a, c->in[0]), c->op->inputs[i].name,
                      wg__show_type(b, c->in[i]), n == 1 ? "axis" : "axes");
}

/* Whether g has the shape of x. */
static inline bool wg__norm_cotangent(wg_call *c, int i)
{
    const wg_shape *x = c->in[0].shape, *g = c->in[i].shape;
    char a[128], b[128];
    bool fits = g->rank == x->rank;
    for (int k = 0; fits && k < x->rank; k++) {
        int64_t size = g->dim[k];
        fits = wg__same_size(c, &size, x->dim[k]);
    }
    if (fits) return true;
    return wg__refuse(c, "x is %s, g is %s: they must have one shape", wg__show_type(a, c->in[0]), wg__show_type(b, c->in[i]));
}

/* The axes counted from the end, for .define. */
static inline wg_ints wg__norm_last(const wg_ints *axes)
{
    wg_ints last = {.n = axes->n ? axes->n : 1};
    for (int i = 0; i < last.n; i++) last.v[i] = i - last.n;
    return last;
}

/* x less its mean, the reciprocal root of the mean square of that (of x itself where not centred), and the axes. */
typedef struct wg_normal {
    wg_tensor c, r;
    wg_ints axes;
} wg_normal;

static inline wg_normal wg__normal(wg_tensor x, const wg_ints *axes, double eps, bool center)
{
    wg_normal y = {.c = x, .axes = wg__norm_last(axes)};
    if (center) { /* twice, the first time by a constant: what the mean rounds off is centred too */
        wg_tensor d = wg_sub(x, wg_stop_gradient(wg_mean(x, .axes = y.axes, .keepdim = true)));
        y.c = wg_sub(d, wg_mean(d, .axes = y.axes, .keepdim = true));
    }
    y.r = wg_rsqrt(wg_add(wg_mean(wg_square(y.c), .axes = y.axes, .keepdim = true), wg_num(eps)));
    return y;
}

/* size: {values a row, rows} */
static inline void wg__norm_sizes(wg_work *w, int axes)
{
    const wg_shape *x = w->in[0].shape;
    w->size[0] = w->size[1] = 1;
    for (int i = 0; i < x->rank; i++) w->size[i < x->rank - axes] *= x->dim[i];
}

#endif
#else

/* Eight values, in double; the compiler makes of it what the instruction set has. */
typedef double FN(eight) __attribute__((vector_size(64)));
typedef T FN(eight_there) __attribute__((vector_size(8 * sizeof(T)), aligned(sizeof(T)), may_alias));

#define EIGHT(x) __builtin_convertvector(*(const FN(eight_there) *)(x), FN(eight))
#define PUT_EIGHT(y, v) (*(FN(eight_there) *)(y) = __builtin_convertvector(v, FN(eight_there)))

/* By address: how such a vector would be passed depends on the instruction set. */
static inline __attribute__((always_inline)) double FN(total)(const FN(eight) *a, const FN(eight) *b)
{
    FN(eight) s = *a + *b;
    return ((s[0] + s[4]) + (s[2] + s[6])) + ((s[1] + s[5]) + (s[3] + s[7]));
}

/* The mean of x (0 where not centred), and the reciprocal root of its mean square deviation and eps. */
static inline __attribute__((always_inline)) void FN(moments)(const T *x, int64_t n, double eps, bool center, double *mean, double *r)
{
    FN(eight) a = {0}, b = {0}, c, d;
    double m = 0, rest = 0;
    int64_t j;
    if (center) {
        const double first = (double)x[0];
        for (j = 0; j + 16 <= n; j += 16) {
            a += EIGHT(x + j) - first;
            b += EIGHT(x + j + 8) - first;
        }
        for (; j < n; j++) rest += (double)x[j] - first;
        m = first + (FN(total)(&a, &b) + rest) / (double)n;
    }
    a = b = (FN(eight)){0};
    rest = 0;
    for (j = 0; j + 16 <= n; j += 16) {
        c = EIGHT(x + j) - m;
        d = EIGHT(x + j + 8) - m;
        a += c * c;
        b += d * d;
    }
    for (; j < n; j++) rest += ((double)x[j] - m) * ((double)x[j] - m);
    *mean = m;
    *r = 1 / sqrt((FN(total)(&a, &b) + rest) / (double)n + eps);
}
#endif

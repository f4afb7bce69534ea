/* pool.h -- what the pools share: attributes, shapes, messages. x is (batch, channels, 1 to 3 sizes); each channel of each image is a
 * plane of its own, over which a window moves. A window that hangs over an edge sees less. Below it a template, as in tile.h. */
#ifndef WG_OPS_CONV_POOL_H
#define WG_OPS_CONV_POOL_H

#include "ops/conv/tile.h"

typedef struct pool_attrs {
    wg_ints kernel, stride, padding, dilation;
    bool ceil; /* a last window that begins inside of x or of its padding before it counts, even if it does not fit */
} pool_attrs;

static inline bool pool_lists(wg_call *c, const pool_attrs *a, int axes)
{
    if (a->kernel.n < 1) return wg__refuse(c, "kernel is empty, 1 or %d numbers are wanted", axes);
    if (!conv_list(c, "kernel", &a->kernel, axes, 1) || !conv_list(c, "stride", &a->stride, axes, 1) ||
        !conv_list(c, "padding", &a->padding, axes, 0) || !conv_list(c, "dilation", &a->dilation, axes, 1))
        return false;
    int64_t taps = 1;
    for (int i = 0; i < axes; i++)
        if (__builtin_mul_overflow(taps, conv_each(&a->kernel, i, 1), &taps) || taps > INT32_MAX)
            return wg__refuse(c, "kernel has more than %d places", INT32_MAX);
    for (int i = 0; i < axes; i++)
        if (conv_each(&a->padding, i, 0) > conv_each(&a->kernel, i, 1) / 2)
            return wg__refuse(c, "padding %lld is more than half of kernel %lld", (long long)conv_each(&a->padding, i, 0),
                              (long long)conv_each(&a->kernel, i, 1));
    return true;
}

static inline conv_axis pool_axis(const pool_attrs *a, int axis)
{
    int64_t k = conv_each(&a->kernel, axis, 1);
    return (conv_axis){.k = k,
                       .stride = conv_each(&a->stride, axis, k),
                       .padding = conv_each(&a->padding, axis, 0),
                       .dilation = conv_each(&a->dilation, axis, 1)};
}

/* How many windows there are along an axis of `in`; 0 where none fits. */
static inline int64_t pool_windows(conv_axis v, int64_t in, bool ceil)
{
    int64_t out = conv_places(in, v.k, v.stride, v.padding, v.dilation);
    if (!ceil || out == 0) return out;
    int64_t rest = in + 2 * v.padding - (v.k - 1) * v.dilation - 1 - (out - 1) * v.stride;
    return rest > 0 && out * v.stride < in + v.padding ? out + 1 : out;
}

/* The shape of what a pool of x gives, or a reason. */
static inline bool pool_shape(wg_call *c, wg_type x, const pool_attrs *a, wg_shape *y)
{
    char text[128];
    int axes = x.shape->rank - 2;
    if (axes < 1 || axes > CONV_AXES) return wg__refuse(c, "x is %s, must be (batch, channels, 1 to 3 sizes)", wg__show_type(text, x));
    if (!pool_lists(c, a, axes)) return false;
    *y = *x.shape;
    for (int i = 0; i < axes; i++) {
        conv_axis v = pool_axis(a, i);
        int64_t in = x.shape->dim[i + 2], *out = &y->dim[i + 2];
        *out = !wg__known(in) ? wg__fresh(c) : in == 0 || in > INT64_MAX / 4 ? 0 : pool_windows(v, in, a->ceil);
        if (wg__known(in) && in > 0 && in < v.dilation && v.k > 1)
            return wg__refuse(c, "x is %s: dilation %lld is larger than axis %d, a window could see padding only", wg__show_type(text, x),
                              (long long)v.dilation, i + 2);
        if (*out == 0)
            return wg__refuse(c, "x is %s: with dilation %lld the kernel of %lld is larger than axis %d and its padding, %lld on each side",
                              wg__show_type(text, x), (long long)v.dilation, (long long)v.k, i + 2, (long long)v.padding);
    }
    return true;
}

/* The shape of a pool over a fixed number of axes. */
static inline bool pool_layer(wg_call *c, int axes, const pool_attrs *a)
{
    char text[128];
    if (c->in[0].shape->rank != axes + 2)
        return wg__refuse(c, "x is %s, must be (batch, channels, %d size%s)", wg__show_type(text, c->in[0]), axes, axes > 1 ? "s" : "");
    return pool_shape(c, c->in[0], a, &c->shape);
}

/* Whether g has the shape of a pool of x. */
static inline bool pool_fits(wg_call *c, wg_type x, wg_type g, const char *name, const pool_attrs *a)
{
    wg_shape y;
    char xt[128], gt[128];
    if (!pool_shape(c, x, a, &y)) return false;
    bool same = y.rank == g.shape->rank;
    for (int i = 0; same && i < y.rank; i++) same = wg__same_size(c, &y.dim[i], g.shape->dim[i]);
    return same || wg__refuse(c, "%s is %s, which is not what the pool gives from x, %s", name, wg__show_type(gt, g), wg__show_type(xt, x));
}

/* Whether all windows lie inside of x, four or more of 2 along the last axis side by side: a fast way. */
static inline bool pool_pairs(const conv_plan *p)
{
    const conv_axis *a = p->axis;
    bool inside = true;
    for (int i = 0; i < CONV_AXES; i++)
        inside = inside && a[i].padding == 0 && (a[i].out - 1) * a[i].stride + (a[i].k - 1) * a[i].dilation < a[i].in;
    return inside && a[2].k == 2 && a[2].stride == 2 && a[2].dilation == 1 && a[2].out >= 4;
}

/* Where the first row of x begins that row `row` of y sees. */
static inline int64_t pool_row(const conv_plan *p, int64_t row)
{
    const conv_axis *a = p->axis;
    return (row / a[1].out * a[0].stride * a[1].in + row % a[1].out * a[1].stride) * a[2].in;
}

/* A unit is a plane. */
static inline bool pool_units(wg_work *w, const wg_shape *x, const wg_shape *y, const pool_attrs *a, double each)
{
    conv_plan p = {.taps = 1, .terms = 1, .in_plane = 1, .out_plane = 1, .ci = 1, .co = 1, .batch = x->dim[0], .groups = x->dim[1]};
    int axes = x->rank - 2, skip = CONV_AXES - axes;
    for (int i = 0; i < CONV_AXES; i++) {
        conv_axis v = {1, 1, 1, 1, 0, 1};
        if (i >= skip) v = pool_axis(a, i - skip), v.in = x->dim[i - skip + 2], v.out = y->dim[i - skip + 2];
        p.axis[i] = v;
        p.taps *= v.k;
        p.in_plane *= v.in;
        p.out_plane *= v.out;
    }
    w->units = p.batch * p.groups;
    w->cost = each * (double)p.taps * (double)p.out_plane;
    memcpy(w->size, &p, sizeof p);
    return true;
}

/* Where a unit is a plane of x. */
static inline int64_t pool_region(const wg_work *w, int64_t lo, int64_t hi, wg_region *r)
{
    conv_plan p;
    memcpy(&p, w->size, sizeof p);
    int64_t n = (hi - lo) * p.in_plane;
    *r = (wg_region){lo * p.in_plane, n, 1, n, n};
    return hi;
}
#endif

/* geometry.h -- what the convolutions share before any number is computed: attributes, shapes, messages, and the sizes that
 * travel to the kernels. x is (batch, channels, 1 to 3 sizes), weight (outputs, channels / groups, as many sizes), y (batch, outputs,
 * sizes). Inside, there are always 3 spatial axes; those that are not there have size 1. */
#ifndef WG_OPS_CONV_GEOMETRY_H
#define WG_OPS_CONV_GEOMETRY_H

#include "tape/op.h"

enum { CONV_AXES = 3 };

/* The attributes of a convolution, whatever op they come from. A list has a number an axis, or one for all, or is unset. */
typedef struct conv_attrs {
    wg_ints stride, padding, dilation, output_padding;
    int64_t groups;
} conv_attrs;

#define CONV_ATTRS(o) (&(conv_attrs){.stride = (o)->stride, .padding = (o)->padding, .dilation = (o)->dilation, .groups = (o)->groups})

static inline int64_t conv_each(const wg_ints *list, int axis, int64_t unset)
{
    return list->n < 1 ? unset : list->v[list->n == 1 ? 0 : axis];
}

static inline wg_ints conv_one(int64_t v) { return wg_ints_of(&v, 1); }

static inline bool conv_list(wg_call *c, const char *name, const wg_ints *list, int axes, int64_t least)
{
    if (list->n && list->n != 1 && list->n != axes)
        return wg__refuse(c, "%s has %d numbers, 1 or %d are wanted", name, list->n < 0 ? 0 : list->n, axes);
    for (int i = 0; i < list->n; i++)
        if (list->v[i] < least || list->v[i] > INT32_MAX)
            return wg__refuse(c, "%s is %lld, must be at least %lld", name, (long long)list->v[i], (long long)least);
    return true;
}

static inline bool conv_lists(wg_call *c, const conv_attrs *a, int axes)
{
    return conv_list(c, "stride", &a->stride, axes, 1) && conv_list(c, "padding", &a->padding, axes, 0) &&
           conv_list(c, "dilation", &a->dilation, axes, 1) && conv_list(c, "output_padding", &a->output_padding, axes, 0);
}

/* How many places of a window of k, `dilation` apart, there are along `in` and its padding on both sides: 0 when it does not fit. */
static inline int64_t conv_places(int64_t in, int64_t k, int64_t stride, int64_t padding, int64_t dilation)
{
    int64_t reach;
    if (__builtin_mul_overflow(dilation, k - 1, &reach) || reach >= in + 2 * padding) return 0;
    return (in + 2 * padding - reach - 1) / stride + 1;
}

/* The spatial size of y along one axis, known or not. */
static inline bool conv_size(wg_call *c, wg_type x, wg_type weight, int axis, const conv_attrs *a, int64_t *y)
{
    int64_t in = x.shape->dim[axis + 2], k = weight.shape->dim[axis + 2], s = conv_each(&a->stride, axis, 1);
    int64_t p = conv_each(&a->padding, axis, 0), d = conv_each(&a->dilation, axis, 1);
    char xt[128], wt[128];
    if (k == 0) return wg__refuse(c, "weight is %s: a kernel without places", wg__show_type(wt, weight));
    if (!wg__known(in) || !wg__known(k)) {
        bool same = wg__known(k) && s == 1 && k - 1 <= INT32_MAX && 2 * p == d * (k - 1);
        *y = same ? in : wg__fresh(c);
        return true;
    }
    *y = in > INT64_MAX / 4 ? 0 : conv_places(in, k, s, p, d);
    if (*y > 0) return true;
    return wg__refuse(c, "x is %s, weight is %s: with dilation %lld the kernel is larger than axis %d of x and its padding, %lld on each "
                      "side", wg__show_type(xt, x), wg__show_type(wt, weight), (long long)d, axis + 2, (long long)p);
}

/* Ranks, channels and groups of x (or of its channels alone, when x is not there yet) and weight. */
static inline bool conv_agree(wg_call *c, wg_type x, const char *x_name, wg_type weight, const conv_attrs *a)
{
    int rank = x.shape->rank, axes = rank - 2;
    char xt[128], wt[128];
    if (axes < 1 || axes > CONV_AXES)
        return wg__refuse(c, "%s is %s, must be (batch, channels, 1 to 3 sizes)", x_name, wg__show_type(xt, x));
    if (weight.shape->rank != rank)
        return wg__refuse(c, "%s is %s, weight is %s: weight must be (outputs, channels / groups, %d sizes)", x_name, wg__show_type(xt, x),
                          wg__show_type(wt, weight), axes);
    if (a->groups < 1) return wg__refuse(c, "groups is %lld, must be at least 1", (long long)a->groups);
    if (!conv_lists(c, a, axes)) return false;
    if (wg__known(weight.shape->dim[0]) && weight.shape->dim[0] % a->groups)
        return wg__refuse(c, "weight is %s: %lld groups do not divide its %lld outputs", wg__show_type(wt, weight), (long long)a->groups,
                          (long long)weight.shape->dim[0]);
    return true;
}

/* The shape of conv(x, weight), or a reason. */
static inline bool conv_shape(wg_call *c, wg_type x, const char *x_name, wg_type weight, const conv_attrs *a, wg_shape *y)
{
    char xt[128], wt[128];
    if (!conv_agree(c, x, x_name, weight, a)) return false;
    int64_t channels = x.shape->dim[1], each = weight.shape->dim[1], wanted = wg__times(c, each, a->groups);
    if (!wg__same_size(c, &channels, wanted))
        return wg__refuse(c, "%s is %s, weight is %s: %lld channels, but the weight has %lld in each of %lld groups", x_name,
                          wg__show_type(xt, x), wg__show_type(wt, weight), (long long)channels, (long long)each, (long long)a->groups);
    *y = (wg_shape){.rank = x.shape->rank, .dim = {x.shape->dim[0], weight.shape->dim[0]}};
    for (int i = 0; i + 2 < y->rank; i++)
        if (!conv_size(c, x, weight, i, a, &y->dim[i + 2])) return false;
    return true;
}

/* Whether g is what conv(x, weight) gives. */
static inline bool conv_fits(wg_call *c, wg_type x, const char *x_name, wg_type weight, wg_type g, const conv_attrs *a)
{
    wg_shape y;
    char xt[128], wt[128], gt[128];
    if (!conv_shape(c, x, x_name, weight, a, &y)) return false;
    bool same = y.rank == g.shape->rank;
    for (int i = 0; same && i < y.rank; i++) same = wg__same_size(c, &y.dim[i], g.shape->dim[i]);
    return same || wg__refuse(c, "g is %s, which is not what conv gives from %s, %s, and weight, %s", wg__show_type(gt, g), x_name,
                              wg__show_type(xt, x), wg__show_type(wt, weight));
}

/* The size along one axis of x that has g's places, output_padding more than the smallest. */
static inline bool conv_back_size(wg_call *c, wg_type g, const char *name, wg_type weight, int axis, const conv_attrs *a, int64_t *x)
{
    int64_t out = g.shape->dim[axis + 2], k = weight.shape->dim[axis + 2], s = conv_each(&a->stride, axis, 1), reach, spread;
    int64_t p = conv_each(&a->padding, axis, 0), d = conv_each(&a->dilation, axis, 1), more = conv_each(&a->output_padding, axis, 0);
    char wt[128], gt[128];
    if (more >= s) return wg__refuse(c, "output_padding %lld must be smaller than stride %lld", (long long)more, (long long)s);
    if (!wg__known(out) || !wg__known(k)) return *x = wg__fresh(c), true;
    bool fits = !__builtin_mul_overflow(out - 1, s, &spread) && !__builtin_mul_overflow(k - 1, d, &reach) &&
                !__builtin_add_overflow(spread, reach, &spread) && !__builtin_add_overflow(spread, 1 + more - 2 * p, x);
    if (fits && out > 0 && k > 0 && *x > 0) return true;
    return wg__refuse(c, "%s is %s, weight is %s: nothing is left along axis %d after padding %lld", name, wg__show_type(gt, g),
                      wg__show_type(wt, weight), axis + 2, (long long)p);
}

/* The shape of x from that of g = conv(x, weight): of transposed convolution. */
static inline bool conv_back_shape(wg_call *c, wg_type g, const char *name, wg_type weight, const conv_attrs *a, wg_shape *x)
{
    char wt[128], gt[128];
    if (!conv_agree(c, g, name, weight, a)) return false;
    int64_t outputs = weight.shape->dim[0];
    if (!wg__same_size(c, &outputs, g.shape->dim[1]))
        return wg__refuse(c, "%s is %s, weight is %s: %lld channels, but the weight has %lld", name, wg__show_type(gt, g),
                          wg__show_type(wt, weight), (long long)g.shape->dim[1], (long long)outputs);
    *x = *g.shape;
    x->dim[1] = wg__times(c, weight.shape->dim[1], a->groups);
    for (int i = 0; i + 2 < x->rank; i++)
        if (!conv_back_size(c, g, name, weight, i, a, &x->dim[i + 2])) return false;
    return true;
}

/* ---- with a bias, over a fixed number of axes ----------------------------------------------------------------------------- */

/* x, weight and, where there is one, bias of conv1d to conv3d (back: of conv_transpose1d and 2d). */
static inline bool conv_layer(wg_call *c, int axes, const conv_attrs *a, bool back)
{
    char at[128], bt[128];
    if (c->in[0].shape->rank != axes + 2)
        return wg__refuse(c, "x is %s, must be (batch, channels, %d size%s)", wg__show_type(at, c->in[0]), axes, axes > 1 ? "s" : "");
    if (!(back ? conv_back_shape : conv_shape)(c, c->in[0], "x", c->in[1], a, &c->shape)) return false;
    int64_t outputs = c->shape.dim[1];
    if (!c->in[2].dtype || (c->in[2].shape->rank == 1 && wg__same_size(c, &outputs, c->in[2].shape->dim[0]))) return true;
    return wg__refuse(c, "weight is %s, bias is %s: one bias an output is wanted", wg__show_type(at, c->in[1]),
                      wg__show_type(bt, c->in[2]));
}

static inline wg_tensor conv_biased(wg_tensor y, wg_tensor bias, int axes)
{
    static const wg_ints behind = {.v = {-1, -2, -3}, .n = 3};
    if (!bias.tape) return y;
    return wg_add(y, wg_unsqueeze(bias, wg_ints_of(behind.v, (size_t)axes)));
}

/* ---- sizes for the kernels -------------------------------------------------------------------------------------------- */

typedef struct conv_axis {
    int64_t in, out, k, stride, padding, dilation;
} conv_axis;

/* ci and co are channels and outputs of one group; a term is a tap (a place of the kernel) of a channel, the channel running fastest. */
typedef struct conv_plan {
    conv_axis axis[CONV_AXES];
    int64_t batch, groups, ci, co;
    int64_t taps, terms, in_plane, out_plane;
    int64_t kc;     /* terms a block of the product                                                        */
    int64_t share;  /* what of it a unit has: positions (conv), channels (conv_dx, conv_dw)                 */
    int64_t blocks; /* units an image and group, or a group                                                */
    int64_t ahead;  /* conv_dx: 1 where it is a convolution of g, whose plan this is                       */
    int64_t chunks; /* conv_dw: of images, each with sums of its own                                       */
} conv_plan;

_Static_assert(sizeof(conv_plan) <= WG_NUMBERS_MAX * sizeof(int64_t), "the plan travels in size[]");

static inline conv_plan conv_plan_of(const wg_shape *x, const wg_shape *weight, const wg_shape *y, const conv_attrs *a)
{
    conv_plan p = {.batch = x->dim[0], .groups = a->groups, .ci = weight->dim[1], .co = weight->dim[0] / a->groups};
    int axes = x->rank - 2, skip = CONV_AXES - axes;
    p.taps = p.in_plane = p.out_plane = 1;
    for (int i = 0; i < CONV_AXES; i++) {
        conv_axis v = {1, 1, 1, 1, 0, 1};
        if (i >= skip)
            v = (conv_axis){x->dim[i - skip + 2], y->dim[i - skip + 2], weight->dim[i - skip + 2], conv_each(&a->stride, i - skip, 1),
                            conv_each(&a->padding, i - skip, 0), conv_each(&a->dilation, i - skip, 1)};
        p.axis[i] = v;
        p.taps *= v.k;
        p.in_plane *= v.in;
        p.out_plane *= v.out;
    }
    p.terms = p.taps * p.ci;
    return p;
}

/* A multiplication and an addition for each term of each value of y. */
static inline double conv_flops(const conv_plan *p)
{
    return 2.0 * (double)p->batch * (double)p->groups * (double)p->co * (double)p->terms * (double)p->out_plane;
}

/* Tells what they count and about how many nanoseconds they take, by unit. */
static inline void conv_cost(const conv_plan *p, wg_work *w)
{
    w->flops = conv_flops(p);
    w->cost = w->flops / (w->width == 4 ? 80 : 40) / (double)(w->units ? w->units : 1);
}

static inline int64_t conv_up(int64_t x, int64_t step) { return (x + step - 1) / step * step; }

static inline int64_t conv_least(int64_t a, int64_t b) { return a < b ? a : b; }

#endif

/* conv_dx(weight, g, like?; stride, padding, output_padding, dilation, groups): the reverse of conv in x, also known as transposed
 * convolution: every value of g spreads weight over the places that it was made from.
 *     y[n, c, i stride + t dilation - padding] += weight[o, c, t] g[n, o, i]
 * y has like's shape, whose value is not read; without it, (g's size - 1) stride - 2 padding + (kernel - 1) dilation + 1 + output_padding
 * along an axis. output_padding must be smaller than stride (torch lets it reach dilation too, where it would only append zeros).
 * Linear in weight and in g: its reverses are conv_dw and conv. A node because as a conv of g with zeros put in it would multiply
 * by them; where there are hardly any it does that, else g's windows come from one product with a short inner axis, and are added up
 * where they overlap, in order. */
#ifndef WG_KERNEL_PART
#include "ops/conv/ahead.h"

static conv_attrs attrs_of(const wg_conv_dx_options *o)
{
    conv_attrs a = *CONV_ATTRS(o);
    a.output_padding = o->output_padding;
    return a;
}

static bool shape(wg_call *c)
{
    conv_attrs a = attrs_of(c->attrs);
    wg_type weight = c->in[0], g = c->in[1], like = c->in[2];
    if (like.dtype) {
        c->shape = *like.shape;
        return conv_fits(c, like, "like", weight, g, &a);
    }
    return conv_back_shape(c, g, "g", weight, &a, &c->shape);
}

static wg_tensor vjp(const wg_rule *r, wg_tensor g, int i)
{
    const wg_conv_dx_options *o = r->attrs;
    if (i == 0)
        return wg_conv_dw(g, r->in[1], r->in[0], .stride = o->stride, .padding = o->padding, .dilation = o->dilation, .groups = o->groups);
    return wg_conv(g, r->in[0], .stride = o->stride, .padding = o->padding, .dilation = o->dilation, .groups = o->groups);
}

/* Whether it is done as a convolution of g with the weights turned round: where no zeros lie between the places that g's values go to, and
   next to none are multiplied at the edges. */
static bool ahead(const conv_plan *p, conv_plan *turned)
{
    *turned = *p;
    turned->ahead = 1;
    turned->ci = p->co;
    turned->co = p->ci;
    turned->terms = p->taps * p->co;
    turned->in_plane = p->out_plane;
    turned->out_plane = p->in_plane;
    bool whole = 8 * p->in_plane <= 9 * p->out_plane;
    for (int i = 0; i < CONV_AXES; i++) {
        conv_axis *a = &turned->axis[i];
        *a = (conv_axis){p->axis[i].out, p->axis[i].in, a->k, 1, (a->k - 1) * a->dilation - a->padding, a->dilation};
        whole = whole && p->axis[i].stride == 1 && a->padding >= 0;
    }
    return whole;
}

enum { ROWS = 216 }; /* of the product a unit, about: what they give for a panel of positions stays near */

/* Else a unit is some channels of one image and group. The product's rows are a tap of a channel each, its inner axis is the outputs; the
   weights are packed for it before: for each group and block of channels blocks of outputs, of these panels of rows. */
static bool units(wg_work *w)
{
    conv_attrs a = attrs_of(w->attrs);
    conv_plan p = conv_plan_of(w->out.shape, w->in[0].shape, w->in[1].shape, &a), turned;
    if (ahead(&p, &turned)) return conv_ahead(w, &turned);
    int64_t most = p.taps < ROWS ? ROWS / p.taps : 1, columns = wg__gemm_columns(w->width), elements;
    p.blocks = p.ci ? (p.ci - 1) / most + 1 : 0;
    p.share = p.ci ? (p.ci - 1) / p.blocks + 1 : 1;
    p.kc = wg__gemm_depth(p.co, w->width);
    int64_t rows = conv_up(p.share * p.taps, WG_GEMM_ROWS);
    memcpy(w->size, &p, sizeof p);
    w->units = p.batch * p.groups * p.blocks;
    w->prepare_units = w->units && p.co ? p.groups * p.blocks : 0;
    if (!w->units) return true; /* weights may then be more than memory */
    conv_cost(&p, w);
    w->scratch = (size_t)(columns * (p.kc + rows)) * w->width;
    return !__builtin_mul_overflow(rows * p.groups * p.blocks, p.co, &elements) &&
           !__builtin_mul_overflow((size_t)elements, w->width, &w->shared);
}

/* Some positions, or some blocks of channels, of one image and group. */
static int64_t region(const wg_work *w, int64_t lo, int64_t hi, wg_region *r)
{
    conv_plan p;
    memcpy(&p, w->size, sizeof p);
    if (p.ahead) return conv_ahead_region(&p, lo, hi, r);
    int64_t image = lo / p.blocks, last = conv_least((image + 1) * p.blocks, hi), c0 = lo % p.blocks * p.share;
    int64_t n = (conv_least(c0 + (last - lo) * p.share, p.ci) - c0) * p.in_plane;
    *r = (wg_region){(image * p.ci + c0) * p.in_plane, n, 1, n, p.ci * p.in_plane};
    return last;
}

static const wg_sample samples[] = {
    {"conv_dx([[[-1, 1.5, 1.5]]], [[[2, 3, 1.5]]], [[[0, 0, 0, 0, 0]]])",
     .value = "[[[-2, 0, 6, 6.75, 2.25]]]",
     .grad = "[[[6.5, 6.5, 6.5]]]; [[[2, 2, 2]]]; [[[0, 0, 0, 0, 0]]]"},
    {"conv_dx([[[[3, -1.5, 3], [0.5, 1.5, -0.5]]]], [[[[0.5, 1.5, 0.5, 3, 0.5, 3], [1, -2, 1.5, 1, -2, 1.5]]]], [[[[0, 0, 0, 0], [0, 0, "
       "0, 0], [0, 0, 0, 0]]]]; stride=[2, 1], padding=[1, 2])",
     .value = "[[[[2.25, 1.5, 4.5, 0.75], [10.5, -5.25, -3, 10.5], [-2.75, 3.75, -0.25, -2.75]]]]",
     .grad = "[[[[2, -1.5, 1.5], [9, 4, 7]]]]; [[[[-0.5, 1, 1.5, 1.5, 2, 0.5], [2.5, 2.5, 6, 6, 3.5, 3.5]]]]; [[[[0, 0, 0, 0], [0, 0, 0, "
       "0], [0, 0, 0, 0]]]]"},
    {"conv_dx([[[-1, -2]], [[1, 2]]], [[[1, 1], [0.5, 2]]], [[[0, 0, 0, 0, 0, 0], [0, 0, 0, 0, 0, 0]]]; stride=3, groups=2)",
     .value = "[[[-1, -2, 0, -1, -2, 0], [0.5, 1, 0, 2, 4, 0]]]",
     .grad = "[[[2, 2]], [[2.5, 2.5]]]; [[[-3, -3], [3, 3]]]; [[[0, 0, 0, 0, 0, 0], [0, 0, 0, 0, 0, 0]]]"},
    {"conv_dx([[[[-0.5, -1.5, -0.5], [0.5, -0.5, -0.5], [0.5, -1, -1]]]], [[[[-2, 0.5, -1], [-2, 1, -1], [1.5, -1.5, -1.5]]]], [[[[0, 0, "
       "0], [0, 0, 0], [0, 0, 0]]]]; padding=1)",
     .value = "[[[[3.75, 0.25, 1.25], [2.25, 3.25, 3.5], [1, -0.25, 1.5]]]]",
     .grad = "[[[[-3, -3.5, -1], [-3.5, -6, -2.5], [-0.5, -4.5, -2.5]]]]; [[[[-3, -2, -0.5], [-5, -4.5, -2.5], [-3, -3, -2]]]]; [[[[0, "
       "0, 0], [0, 0, 0], [0, 0, 0]]]]"},
    {"conv_dx(~[4, 3, 3, 2], ~[2, 4, 4, 4], ~[2, 3, 6, 5])"},
    {"conv_dx(~[4, 2, 3, 3], ~[2, 4, 9, 10]; padding=[1, 2], dilation=[1, 2], groups=2)"},
    {"conv_dx(~[6, 2, 3, 3], ~[2, 6, 3, 3]; stride=[2, 1], output_padding=[1, 0], padding=1, dilation=[1, 2], groups=3)"},
    {"conv_dx(~[2, 3, 2, 1, 2], ~[1, 2, 2, 3, 2])"},
    {"conv_dx(~[13, 17, 1, 1], ~[2, 13, 5, 4])"},
    {"conv_dx(~[2, 60, 3, 3], ~[2, 2, 3, 2]; stride=2)"},
    {"conv_dx(~[1, 1, 2, 2, 2], ~[1, 1, 2, 5, 4])"},
    {"conv_dx(~[2, 1, 3], f64[0, 2, 2](), f64[0, 1, 5](); stride=2)", .value = "f64[0, 1, 5]()"},
    {"conv_dx(f64[0, 1, 2](), f64[1, 0, 2](), [[[1, nan, 3]]])", .value = "[[[0, 0, 0]]]", .kink = true},
    {"conv_dx(~[1, 1, 3], ~[1, 1, 3], ~[1, 1, 6])",
     .refused = "g is f64[1,1,3], which is not what conv gives from like, f64[1,1,6], and weight, f64[1,1,3]"},
    {"conv_dx(~[1, 1, 3], ~[1, 2, 3])", .refused = "g is f64[1,2,3], weight is f64[1,1,3]: 2 channels, but the weight has 1"},
    {"conv_dx(~[1, 1, 3], ~[1, 1, 3]; output_padding=1)", .refused = "output_padding 1 must be smaller than stride 1"},
    {"conv_dx(~[1, 1, 2], ~[1, 1, 1]; padding=1)", .refused = "nothing is left along axis 2 after padding 1"},
    {"conv_dx(~[1, 1, 3, 1], ~[1, 1, 3])", .refused = "weight must be (outputs, channels / groups, 1 sizes)"},
    {"conv_dx(~[3, 1, 3], ~[1, 3, 3]; groups=2)", .refused = "2 groups do not divide its 3 outputs"},
    {0}};

#define WG_OVER WG_OVER_REALS
#define WG_WITH_PREPARE
#include "tape/instances.h"

const wg_op wg_op_conv_dx = {WG_LINE(conv_dx), .kind = WG_BLOCK, .shape_only = 4, .shape = shape, .multilinear = 3, .vjp = vjp,
                             .units = units, .region = region, .kernel = kernels, .prepare = prepares, .samples = samples};
#else
#include "run/gemm.h"

#include "ops/conv/tile.h"

#include "ops/conv/ahead.h"
#include "ops/conv/fold.h"

static int64_t FN(prepare)(const wg_args *a, int64_t lo, int64_t hi)
{
    conv_plan p;
    memcpy(&p, a->size, sizeof p);
    if (p.ahead) {
        conv_weights turned = {p.co * p.terms, p.taps, p.co * p.taps, -1}; /* from the last tap to the first */
        FN(ahead_pack)(&p, a->shared, (const T *)a->in[0] + p.taps - 1, &turned, lo, hi);
        return -1;
    }
    int64_t rows = conv_up(p.share * p.taps, WG_GEMM_ROWS);
    for (int64_t u = lo; u < hi; u++) {
        int64_t group = u / p.blocks, c0 = u % p.blocks * p.share, n = conv_least(p.share, p.ci - c0), m = n * p.taps;
        const T *weight = (const T *)a->in[0] + (group * p.co * p.ci + c0) * p.taps;
        for (int64_t q = 0; q < p.co; q += p.kc) {
            int64_t k = conv_least(p.kc, p.co - q);
            T *to = (T *)a->shared + u * rows * p.co + rows * q;
            for (int64_t i = 0; i < m; i += CONV_MR)
                for (int64_t o = q; o < q + k; o++)
                    for (int64_t r = i; r < i + CONV_MR; r++) *to++ = r < m ? weight[o * p.terms + r % n * p.taps + r / n] : 0;
        }
    }
    return -1;
}

/* Adds a row of windows to the places of x that its parts come from. */
static inline void FN(spread)(T *x, const T *row, const conv_parts *p)
{
    for (int64_t i = 0; i < p->n; i++)
        for (int64_t t = 0; t < p->part[i].n; t++) x[p->part[i].from + t * p->stride] += row[p->part[i].at + t];
}

/* Adds all windows of a panel of positions: of each tap `channels` rows. */
static void FN(spread_all)(const conv_plan *p, T *x, const T *row, int64_t channels, int64_t j0, int64_t j1)
{
    conv_run run[CONV_RUNS];
    conv_span span[CONV_RUNS];
    conv_parts parts;
    int64_t runs = conv_runs(p, j0, j1, run);
#if defined WG_AVX512_HERE
    if (p->axis[2].stride == 1) {
        FN(fold_all)(&(FN(fold)){p, row, channels, j0, j1}, x);
        return;
    }
#endif
    for (int64_t tap = 0; tap < p->taps; tap++) {
        conv_spans(p, tap, run, runs, span);
        FN(conv_parts)(&parts, run, span, runs, p->axis[2].stride);
        for (int64_t c = 0; c < channels; c++, row += CONV_NR) FN(spread)(x + c * p->in_plane, row, &parts);
    }
}

/* Some channels of one image and group. */
static void FN(channels)(const conv_plan *p, T *x, const T *weight, const T *y, int64_t channels, T *scratch)
{
    int64_t rows = conv_up(p->share * p->taps, WG_GEMM_ROWS), m = conv_up(channels * p->taps, CONV_MR);
    T *panel = scratch, *windows = panel + CONV_NR * p->kc;
    wg_gemm g = {.k = p->co, .kc = p->kc, .c_rs = CONV_NR};
    for (int64_t j = 0; j < p->out_plane; j += CONV_NR) {
        int64_t n = conv_least(CONV_NR, p->out_plane - j);
        for (int64_t q = 0; q < p->co; q += p->kc) {
            int64_t k = conv_least(p->kc, p->co - q);
            FN(gemm_pack_b)(panel, y + q * p->out_plane + j, p->out_plane, 1, 0, n, k);
            FN(gemm_column)(&g, k, NULL, weight + rows * q, panel, CONV_NR, windows, 0, m, CONV_NR, q > 0);
        }
        FN(spread_all)(p, x, windows, channels, j, j + n);
    }
}

static int64_t FN(kernel)(const wg_args *a, int64_t lo, int64_t hi)
{
    conv_plan p;
    memcpy(&p, a->size, sizeof p);
    int64_t each = conv_up(p.share * p.taps, WG_GEMM_ROWS) * p.co;
    if (p.ahead) return FN(ahead)(&p, a, a->in[1], lo, hi), -1;
    for (int64_t u = lo; u < hi; u++) {
        int64_t image = u / p.blocks, block = u % p.blocks, c0 = block * p.share, channels = conv_least(p.share, p.ci - c0);
        T *x = (T *)a->out + (image * p.ci + c0) * p.in_plane;
        memset(x, 0, (size_t)(channels * p.in_plane) * sizeof(T));
        if (p.co)
            FN(channels)(&p, x, (const T *)a->shared + (image % p.groups * p.blocks + block) * each,
                         (const T *)a->in[1] + image * p.co * p.out_plane, channels, a->scratch);
    }
    return -1;
}
#endif

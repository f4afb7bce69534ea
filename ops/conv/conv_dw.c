/* conv_dw(x, g, like; stride, padding, dilation, groups): the reverse of conv in its weight, of like's shape, whose value is not read.
 *     y[o, c, t] = sum over n, i of g[n, o, i] x[n, c, i stride + t dilation - padding]
 * Linear in x and in g: its reverses are conv_dx and conv. A node because the inner axis, all positions of all
 * images, is long and the result small: the images are cut into chunks by sizes alone, each has sums of its own, and these are added
 * in order. */
#ifndef WG_KERNEL_PART
#include "ops/conv/geometry.h"
#include "run/gemm.h"

static bool shape(wg_call *c)
{
    const wg_conv_dw_options *o = c->attrs;
    c->shape = *c->in[2].shape;
    return conv_fits(c, c->in[0], "x", c->in[2], c->in[1], CONV_ATTRS(o));
}

static wg_tensor vjp(const wg_rule *r, wg_tensor g, int i)
{
    const wg_conv_dw_options *o = r->attrs;
    if (i == 0)
        return wg_conv_dx(g, r->in[1], .like = r->in[0], .stride = o->stride, .padding = o->padding, .dilation = o->dilation,
                          .groups = o->groups);
    return wg_conv(r->in[0], g, .stride = o->stride, .padding = o->padding, .dilation = o->dilation, .groups = o->groups);
}

enum { CHANNELS = 32, UNITS = 16, DEEP = 384, FEW_PANELS = 4 };

/* Places along an axis that some tap sees. */
static int64_t reach(const conv_axis *a) { return (a->out - 1) * a->stride + (a->k - 1) * a->dilation + 1; }

static int64_t reaches(const conv_plan *p) { return reach(&p->axis[0]) * reach(&p->axis[1]) * reach(&p->axis[2]); }

/* Images whose positions are one block of terms; 1 where an image has that many itself. */
static int64_t images_of(const conv_plan *p) { return p->out_plane < p->kc ? p->kc / p->out_plane : 1; }

/* Positions of an image that are one block of terms. */
static int64_t positions_of(const conv_plan *p) { return conv_least(p->kc, p->out_plane); }

/* In the first phase a unit is some channels of a group over the images of a chunk, in the second an output: a row of the result. */
static bool units(wg_work *w)
{
    const wg_conv_dw_options *o = w->attrs;
    conv_plan p = conv_plan_of(w->in[0].shape, w->in[2].shape, w->in[1].shape, CONV_ATTRS(o));
    int64_t deep = w->width == 4 ? DEEP : DEEP / 2, sums, columns = wg__gemm_columns(w->width), image, total;
    p.blocks = p.ci ? (p.ci - 1) / CHANNELS + 1 : 0;
    p.share = p.ci ? (p.ci - 1) / p.blocks + 1 : 1;
    p.kc = p.out_plane < deep ? deep / p.out_plane * p.out_plane : wg__gemm_depth(p.out_plane, w->width);
    int64_t passes = (p.batch + images_of(&p) - 1) / images_of(&p), parts = p.groups * p.blocks;
    p.chunks = parts && parts < UNITS ? conv_least(passes, (UNITS - 1) / parts + 1) : conv_least(passes, 1);
    w->prepare_units = p.co ? p.chunks * parts : 0;
    w->units = p.ci ? p.groups * p.co : 0;
    memcpy(w->size, &p, sizeof p);
    if (!w->prepare_units) return true; /* images may then be more than memory */
    conv_cost(&p, w);
    image = images_of(&p) * p.share;
    for (int i = 0; i < CONV_AXES; i++)
        if (__builtin_mul_overflow(image, reach(&p.axis[i]), &image)) return false; /* padding may be as large as one likes */
    return !__builtin_add_overflow(image, (columns + conv_up(p.co, WG_GEMM_ROWS)) * p.kc, &total) &&
           !__builtin_mul_overflow((size_t)total, w->width, &w->scratch) &&
           !__builtin_mul_overflow(p.chunks * p.co * p.groups, p.blocks * p.share * p.taps, &sums) &&
           !__builtin_mul_overflow((size_t)sums, w->width, &w->shared);
}

static const wg_sample samples[] = {
    {"conv_dw([[[-2, -2, -2, 1, 0.5]]], [[[2, 0.5, 1]]], [[[0, 0, 0]]])",
     .value = "[[[-7, -4, -3]]]",
     .grad = "[[[2, 2.5, 3.5, 1.5, 1]]]; [[[-6, -3, -0.5]]]; [[[0, 0, 0]]]"},
    {"conv_dw([[[[-1, 1, -1, 1], [1, 0.5, 0.5, 1.5], [-1.5, -2, -1, 0.5]]]], [[[[3, -0.5, 0.5, -0.5, 1, -1], [1.5, -1.5, -1.5, 1, 1, "
       "-0.5]]]], [[[[0, 0, 0], [0, 0, 0]]]]; stride=[2, 1], padding=[1, 2])",
     .value = "[[[[-1.25, -0.25, 1.5], [-4, 7.25, -1.75]]]]",
     .grad = "[[[[3, -0.5, 1, -0.5], [-1.5, -2, 0.5, 1.5], [-1.5, -2, 0.5, 1.5]]]]; [[[[-1, 0, -1, 1, 0, 1], [-0.5, -2, -2.5, 0, 1.5, "
       "2]]]]; [[[[0, 0, 0], [0, 0, 0]]]]"},
    {"conv_dw([[[2, -1, -1.5, 1, -0.5], [2, 0.5, -0.5, -1.5, -2]], [[3, -0.5, 1, -1, 0.5], [1, -1.5, 1, -1, 1.5]]], [[[0.5, 3], [0.5, "
       "2]], [[1, 1.5], [0.5, 1.5]]], [[[0, 0]], [[0, 0]]]; stride=2, groups=2, dilation=2)",
     .value = "[[[1, -0.5]], [[2, -1.5]]]",
     .grad = "[[[0.5, 0, 3.5, 0, 3], [0.5, 0, 2.5, 0, 2]], [[1, 0, 2.5, 0, 1.5], [0.5, 0, 2, 0, 1.5]]]; [[[0.5, -2], [1.5, -2.5]], [[4, "
       "1.5], [2, 2.5]]]; [[[0, 0]], [[0, 0]]]"},
    {"conv_dw(~[2, 3, 6, 5], ~[2, 4, 4, 4], ~[4, 3, 3, 2])"},
    {"conv_dw(~[3, 4, 5, 7], ~[3, 6, 7, 4], ~[6, 2, 3, 3]; stride=[1, 2], padding=[2, 1], groups=2)"},
    {"conv_dw(~[1, 2, 3, 4, 4], ~[1, 3, 4, 2, 5], ~[3, 2, 2, 3, 2]; stride=[1, 2, 1], padding=1)"},
    {"conv_dw(~[2, 35, 4], ~[2, 13, 4], ~[13, 35, 1])"},
    {"conv_dw(f64[0, 1, 3](), f64[0, 1, 2](), [[[1, nan]]])", .value = "[[[0, 0]]]", .kink = true},
    {"conv_dw(~[1, 2, 3], f64[1, 0, 2](), f64[0, 2, 2]())", .value = "f64[0, 2, 2]()"},
    {"conv_dw(~[1, 1, 6], ~[1, 1, 3], ~[1, 1, 3])",
     .refused = "g is f64[1,1,3], which is not what conv gives from x, f64[1,1,6], and weight, f64[1,1,3]"},
    {"conv_dw(~[2, 1, 5], ~[1, 1, 3], ~[1, 1, 3])", .refused = "which is not what conv gives"},
    {"conv_dw(~[1, 3, 5], ~[1, 1, 3], ~[1, 2, 3])", .refused = "3 channels, but the weight has 2"},
    {"conv_dw(~[1, 1, 5], ~[1, 1, 3], ~[1, 1, 3]; groups=-1)", .refused = "groups is -1, must be at least 1"},
    {"conv_dw(~[1, 5], ~[1, 3], ~[1, 3])", .refused = "must be (batch, channels, 1 to 3 sizes)"},
    {0}};

#define WG_OVER WG_OVER_REALS
#define WG_WITH_PREPARE
#include "tape/instances.h"

const wg_op wg_op_conv_dw = {WG_LINE(conv_dw), .kind = WG_BLOCK, .shape_only = 4, .shape = shape, .multilinear = 3, .vjp = vjp,
                             .units = units, .kernel = kernels, .prepare = prepares, .samples = samples};
#else
#include "run/gemm.h"

#include "ops/conv/tile.h"

/* One image with zeros around it, its channels side by side: what a row of taps sees at a position is then one stretch. */
static void FN(turn)(const conv_plan *p, T *to, const T *x, int64_t channels)
{
    const conv_axis *a = p->axis;
    int64_t ny = reach(&a[1]), nx = reach(&a[2]), z1 = reach(&a[0]);
    memset(to, 0, (size_t)(z1 * ny * nx * channels) * sizeof(T));
    z1 = conv_least(z1, a[0].in + a[0].padding);
    int64_t y1 = conv_least(ny, a[1].in + a[1].padding), x1 = conv_least(nx, a[2].in + a[2].padding);
    for (int64_t z = a[0].padding; z < z1; z++)
        for (int64_t y = a[1].padding; y < y1; y++) {
            T *row = to + (z * ny + y) * nx * channels;
            const T *from = x + ((z - a[0].padding) * a[1].in + y - a[1].padding) * a[2].in - a[2].padding;
            for (int64_t c = 0; c < channels; c++)
                for (int64_t i = a[2].padding; i < x1; i++) row[i * channels + c] = from[c * p->in_plane + i];
        }
}

/* Outputs from `first` on of g, at `positions` positions of `images` images: panels of rows. */
static void FN(pack_g)(const conv_plan *p, T *to, const T *g, int64_t first, int64_t images, int64_t positions)
{
    int64_t k = images * positions, step = p->groups * p->co * p->out_plane;
    for (int64_t i = first; i < p->co; i += CONV_MR, to += CONV_MR * k)
        for (int64_t m = 0; m < images; m++)
            FN(gemm_panel)(to + m * positions * CONV_MR, CONV_MR, g + m * step + i * p->out_plane, p->out_plane, 1, p->co - i, positions);
}

/* What columns j0..j1-1, a tap of a channel each, see of a turned image at position 0. */
static void FN(stretches)(const conv_plan *p, int64_t channels, int64_t j0, int64_t j1, conv_parts *parts)
{
    const conv_axis *a = p->axis;
    conv_run run[CONV_RUNS];
    conv_span span[CONV_RUNS];
    int64_t n = 0;
    for (int64_t j = j0, step; j < j1; j += step) {
        int64_t tap = j / channels, x = tap % a[2].k * a[2].dilation, y = tap / a[2].k % a[1].k * a[1].dilation;
        int64_t z = tap / a[2].k / a[1].k * a[0].dilation;
        int64_t from = ((z * reach(&a[1]) + y) * reach(&a[2]) + x) * channels + j % channels;
        step = conv_least(channels - j % channels, j1 - j);
        if (n && span[n - 1].from + span[n - 1].hi == from) {
            span[n - 1].hi += step;
        } else {
            run[n] = (conv_run){.at = j - j0, .n = step};
            span[n++] = (conv_span){from, 0, step};
        }
    }
    FN(conv_parts)(parts, run, span, n, 1);
}

/* The panel of those columns: positions p0..p1-1 of one turned image. */
static void FN(pack_x)(const conv_plan *p, T *to, const T *x, int64_t channels, int64_t p0, int64_t p1, const conv_parts *parts)
{
    const conv_axis *a = p->axis;
    for (int64_t i = p0, end; i < p1; i = end) {
        int64_t ix = i % a[2].out, iy = i / a[2].out % a[1].out, iz = i / a[2].out / a[1].out;
        const T *from = x + ((iz * a[0].stride * reach(&a[1]) + iy * a[1].stride) * reach(&a[2]) + ix * a[2].stride) * channels;
        end = conv_least(i - ix + a[2].out, p1);
        FN(conv_rows)(to, from, end - i, a[2].stride * channels, parts);
        to += (end - i) * CONV_NR;
    }
}

/* One block of terms, read where it lies if few panels would use a copy: `images` turned images, positions p0..p1-1 of each. */
static void FN(pass)(const conv_plan *p, T *sums, const T *x, const T *g, int64_t channels, int64_t images, int64_t p0, int64_t p1,
                     bool add, T *scratch)
{
    int64_t k = images * (p1 - p0), columns = channels * p->taps, each = reaches(p) * channels;
    T *panel = scratch, *panels = panel + CONV_NR * p->kc;
    bool direct = images == 1 && columns <= FEW_PANELS * CONV_NR; /* but for a last short panel of rows */
    wg_gemm gemm = {.k = k, .kc = k, .a_rs = p->out_plane, .a_cs = 1, .c_rs = columns, .a_direct = direct};
    FN(pack_g)(p, panels, g + p0, direct ? p->co - p->co % CONV_MR : 0, images, p1 - p0);
    for (int64_t j = 0; j < columns; j += CONV_NR) {
        conv_parts parts;
        int64_t width = conv_least(CONV_NR, columns - j);
        FN(stretches)(p, channels, j, j + width, &parts);
        for (int64_t m = 0; m < images; m++) FN(pack_x)(p, panel + m * (p1 - p0) * CONV_NR, x + m * each, channels, p0, p1, &parts);
        FN(gemm_column)(&gemm, k, g + p0, panels, panel, CONV_NR, sums + j, 0, p->co, width, add);
    }
}

static int64_t FN(prepare)(const wg_args *a, int64_t lo, int64_t hi)
{
    conv_plan p;
    memcpy(&p, a->size, sizeof p);
    int64_t passes = (p.batch + images_of(&p) - 1) / images_of(&p), positions = positions_of(&p);
    for (int64_t u = lo; u < hi; u++) {
        int64_t block = u % p.blocks, group = u / p.blocks % p.groups, chunk = u / p.blocks / p.groups;
        int64_t c0 = block * p.share, channels = conv_least(p.share, p.ci - c0);
        int64_t first = chunk * passes / p.chunks * images_of(&p), last = (chunk + 1) * passes / p.chunks * images_of(&p);
        T *sums = (T *)a->shared + u * p.co * p.share * p.taps, *turned = a->scratch;
        T *scratch = turned + reaches(&p) * p.share * images_of(&p);
        last = conv_least(last, p.batch);
        for (int64_t i = first, n; i < last; i += n) {
            n = conv_least(images_of(&p), last - i);
            const T *g = (const T *)a->in[1] + (i * p.groups + group) * p.co * p.out_plane;
            for (int64_t m = 0; m < n; m++) {
                const T *x = (const T *)a->in[0] + (((i + m) * p.groups + group) * p.ci + c0) * p.in_plane;
                FN(turn)(&p, turned + m * reaches(&p) * channels, x, channels);
            }
            for (int64_t j = 0; j < p.out_plane; j += positions)
                FN(pass)(&p, sums, turned, g, channels, n, j, conv_least(j + positions, p.out_plane), i > first || j > 0, scratch);
        }
    }
    return -1;
}

/* Row `output` of one group and block of channels: the sums of the chunks, in order. */
static void FN(gather)(const conv_plan *p, T *y, T *sums, int64_t channels)
{
    int64_t n = channels * p->taps, chunk = p->groups * p->blocks * p->share * p->taps * p->co;
    for (int64_t k = 1; k < p->chunks; k++)
        for (int64_t i = 0; i < n; i++) sums[i] += sums[k * chunk + i];
    for (int64_t c = 0; c < channels; c++)
        for (int64_t t = 0; t < p->taps; t++) y[c * p->taps + t] = sums[t * channels + c];
}

static int64_t FN(kernel)(const wg_args *a, int64_t lo, int64_t hi)
{
    conv_plan p;
    memcpy(&p, a->size, sizeof p);
    int64_t each = p.share * p.taps * p.co;
    for (int64_t u = lo; u < hi; u++) {
        T *y = (T *)a->out + u * p.terms;
        if (!p.chunks) memset(y, 0, (size_t)p.terms * sizeof(T));
        for (int64_t block = 0; block < p.blocks && p.chunks; block++) {
            int64_t c0 = block * p.share, channels = conv_least(p.share, p.ci - c0);
            T *sums = (T *)a->shared + (u / p.co * p.blocks + block) * each + u % p.co * channels * p.taps;
            FN(gather)(&p, y + c0 * p.taps, sums, channels);
        }
    }
    return -1;
}
#endif

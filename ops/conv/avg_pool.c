/* avg_pool(x; kernel, stride, padding, ceil, count_pad): the mean of what each window sees of x, (batch, channels, 1 to 3 sizes): what
 * avg_pool1d to 3d are. count_pad: zeros of the padding count as values; places beyond it never do. Linear; its reverse is
 * avg_pool_dx. A node, because as a convolution it would multiply by ones. f32 accumulates in double. */
#ifndef WG_KERNEL_PART
#include "ops/conv/avg_pool.h"

static bool shape(wg_call *c) { return pool_shape(c, c->in[0], AVG_ATTRS((const wg_avg_pool_options *)c->attrs), &c->shape); }

static bool units(wg_work *w)
{
    return pool_units(w, w->in[0].shape, w->out.shape, AVG_ATTRS((const wg_avg_pool_options *)w->attrs), 0.5);
}

static wg_tensor vjp(const wg_rule *r, wg_tensor g, int i)
{
    const wg_avg_pool_options *o = r->attrs;
    return wg_avg_pool_dx(g, r->in[i], o->kernel, .stride = o->stride, .padding = o->padding, .ceil = o->ceil, .count_pad = o->count_pad);
}

static const wg_sample samples[] = {
    {"avg_pool([[[[-2, 1.5, 2, 1], [1.5, -2, -2, -0.5], [1.5, -2, 1.5, 2], [-2, -0.5, -0.5, -1.5]]]]; kernel=2)",
     .value = "[[[[-0.25, 0.125], [-0.75, 0.375]]]]",
     .grad = "[[[[0.25, 0.25, 0.25, 0.25], [0.25, 0.25, 0.25, 0.25], [0.25, 0.25, 0.25, 0.25], [0.25, 0.25, 0.25, 0.25]]]]"},
    {"avg_pool([[[1.5, 2, -0.5, -1], [1, -1.5, 1, -1.5]]]; kernel=3, stride=1, padding=1)",
     .value = "[[[1.1666666666666667, 1, 0.16666666666666666, -0.5], [-0.16666666666666666, 0.16666666666666666, -0.6666666666666666, "
       "-0.16666666666666666]]]",
     .grad = "[[[0.6666666666666666, 1, 1, 0.6666666666666666], [0.6666666666666666, 1, 1, 0.6666666666666666]]]"},
    {"avg_pool([[[[-2, 0.5, 0.5, 2, 0.5], [2, -0.5, 3, 0.5, -2], [1, 1, 1, -1.5, -2]]]]; kernel=2, ceil=true)",
     .value = "[[[[0, 1.5, -0.75], [1, -0.25, -2]]]]",
     .grad = "[[[[0.25, 0.25, 0.25, 0.25, 0.5], [0.25, 0.25, 0.25, 0.25, 0.5], [0.5, 0.5, 0.5, 0.5, 1]]]]"},
    {"avg_pool([[[[1.5, -1.5, -2, -1.5], [-2, -1.5, -2, -1], [3, -2, 2, -2]]]]; kernel=[2, 4], stride=[1, 2], padding=[1, 2], "
       "count_pad=false)",
     .value = "[[[[0, -0.875, -1.75], [-0.875, -1.25, -1.625], [-0.625, -0.6875, -0.75], [0.5, 0.25, 0]]]]",
     .grad = "[[[[1.125, 1.125, 1.125, 1.125], [0.75, 0.75, 0.75, 0.75], [1.125, 1.125, 1.125, 1.125]]]]"},
    {"avg_pool([[[[[-0.5, 3], [1, -0.5]], [[2, 1], [2, 1]]]]]; kernel=[1, 2, 2], stride=1)",
     .value = "[[[[[0.75]], [[1.5]]]]]",
     .grad = "[[[[[0.25, 0.25], [0.25, 0.25]], [[0.25, 0.25], [0.25, 0.25]]]]]"},
    {"avg_pool([[[[-2, 1.5, 0.5, 1.5, -1.5, 0.5], [-1, 1.5, -1.5, 3, 1.5, 3], [1, 3, 1.5, -1, 1.5, 3]]]]; kernel=4, stride=3, padding=2, "
       "ceil=true)",
     .value = "[[[[0, 0.40625, 0.21875], [0.28125, 0.59375, 0.5625]]]]",
     .grad = "[[[[0.0625, 0.125, 0.0625, 0.0625, 0.125, 0.0625], [0.125, 0.25, 0.125, 0.125, 0.25, 0.125], [0.0625, 0.125, 0.0625, "
       "0.0625, 0.125, 0.0625]]]]"},
    {"avg_pool([[[1, inf, 3, nan]]]; kernel=2)", .value = "[[[inf, nan]]]", .grad = "[[[0.5, 0.5, 0.5, 0.5]]]", .kink = true},
    {"avg_pool(~[2, 3, 6, 5]; kernel=[2, 3])"},
    {"avg_pool(~[2, 3, 7, 9]; kernel=3, stride=[2, 4], padding=1, ceil=true, count_pad=false)"},
    {"avg_pool(~[1, 2, 150]; kernel=3, stride=1)"},
    {"avg_pool(f64[0, 2, 4](); kernel=2)", .value = "f64[0, 2, 2]()", .grad = "f64[0, 2, 4]()"},
    {"avg_pool(~[1, 1, 4, 4]; kernel=5)",
     .refused = "x is f64[1,1,4,4]: with dilation 1 the kernel of 5 is larger than axis 2 and its padding, 0 on each side"},
    {"avg_pool(~[1, 1, 4, 4]; kernel=2, stride=0)", .refused = "stride is 0, must be at least 1"},
    {"avg_pool(~[1, 1, 4, 4]; kernel=2, padding=-1)", .refused = "padding is -1, must be at least 0"},
    {"avg_pool(~[1, 1, 4, 4]; kernel=3, padding=2)", .refused = "padding 2 is more than half of kernel 3"},
    {"avg_pool(~[1, 1, 4, 4]; kernel=[2, 2, 2])", .refused = "kernel has 3 numbers, 1 or 2 are wanted"},
    {"avg_pool(~[1, 1, 4, 4]; kernel=[])", .refused = "kernel is empty"},
    {"avg_pool(~[3, 4]; kernel=2)", .refused = "x is f64[3,4], must be (batch, channels, 1 to 3 sizes)"},
    {"avg_pool(i64[[[1, 2]]]; kernel=2)", .refused = "must be f32 or f64"},
    {0}};

#define WG_OVER WG_OVER_REALS
#include "tape/instances.h"

const wg_op wg_op_avg_pool = {WG_LINE(avg_pool), .kind = WG_BLOCK, .shape = shape, .linear = 1, .vjp = vjp, .units = units,
                              .kernel = kernels, .samples = samples};
#else
#include "ops/conv/avg_pool.h"

/* y[j..j+n-1] of one plane. */
static void FN(means)(const conv_plan *p, const T *x, T *y, int64_t j, int64_t n, bool count_pad)
{
    conv_run run;
    conv_span span;
    WIDE sum[STRETCH] = {0};
    T size[STRETCH];
    conv_runs(p, j, j + n, &run);
    for (int64_t tap = 0; tap < p->taps; tap++) {
        conv_spans(p, tap, &run, 1, &span);
        for (int64_t t = span.lo; t < span.hi; t++) sum[t] += (WIDE)x[span.from + t * p->axis[2].stride];
    }
    FN(sizes)(p, j, n, count_pad, size);
    for (int64_t t = 0; t < n; t++) y[j + t] = (T)(sum[t] / (WIDE)size[t]);
}

static int64_t FN(kernel)(const wg_args *a, int64_t lo, int64_t hi)
{
    const wg_avg_pool_options *o = a->attrs;
    conv_plan p;
    memcpy(&p, a->size, sizeof p);
    for (int64_t u = lo; u < hi; u++)
        for (int64_t j = 0, n; j < p.out_plane; j += n) {
            n = conv_least(STRETCH, p.axis[2].out - j % p.axis[2].out);
            FN(means)(&p, (const T *)a->in[0] + u * p.in_plane, (T *)a->out + u * p.out_plane, j, n, o->count_pad);
        }
    return -1;
}
#endif

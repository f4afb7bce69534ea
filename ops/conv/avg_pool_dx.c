/* avg_pool_dx(g, like; kernel, stride, padding, ceil, count_pad): what g has of each window of an avg_pool, divided evenly among the places
 * that the window sees of a tensor of like's shape, whose value is not read: the reverse of avg_pool, which is its own reverse. */
#ifndef WG_KERNEL_PART
#include "ops/conv/avg_pool.h"

static bool shape(wg_call *c)
{
    const wg_avg_pool_dx_options *o = c->attrs;
    c->shape = *c->in[1].shape;
    return pool_fits(c, c->in[1], c->in[0], "g", AVG_ATTRS(o));
}

static bool units(wg_work *w)
{
    return pool_units(w, w->in[1].shape, w->in[0].shape, AVG_ATTRS((const wg_avg_pool_dx_options *)w->attrs), 0.5);
}

static wg_tensor vjp(const wg_rule *r, wg_tensor g, int i)
{
    const wg_avg_pool_dx_options *o = r->attrs;
    (void)i;
    return wg_avg_pool(g, o->kernel, .stride = o->stride, .padding = o->padding, .ceil = o->ceil, .count_pad = o->count_pad);
}

static const wg_sample samples[] = {
    {"avg_pool_dx([[[2, 4]]], [[[nan, 0, 0, 0, 0]]]; kernel=2)", .value = "[[[1, 1, 2, 2, 0]]]", .grad = "[[[1, 1]]]; [[[0, 0, 0, 0, 0]]]",
     .kink = true},
    {"avg_pool_dx([[[3, 6, 9]]], [[[0, 0, 0]]]; kernel=3, stride=1, padding=1)", .value = "[[[3, 6, 5]]]"},
    {"avg_pool_dx([[[3, 6, 9]]], [[[0, 0, 0]]]; kernel=3, stride=1, padding=1, count_pad=false)", .value = "[[[3.5, 8, 6.5]]]"},
    {"avg_pool_dx(~[2, 3, 4, 3], ~[2, 3, 7, 9]; kernel=3, stride=[2, 4], padding=1, ceil=true)"},
    {"avg_pool_dx(~[1, 2, 148], ~[1, 2, 150]; kernel=3, stride=1)"},
    {"avg_pool_dx(f64[0, 2, 2](), f64[0, 2, 4](); kernel=2)", .value = "f64[0, 2, 4]()"},
    {"avg_pool_dx(~[1, 1, 2, 2], ~[1, 1, 4, 4]; kernel=5)",
     .refused = "x is f64[1,1,4,4]: with dilation 1 the kernel of 5 is larger than axis 2 and its padding, 0 on each side"},
    {"avg_pool_dx(~[1, 1, 2, 2], ~[1, 1, 4, 4]; kernel=2, stride=0)", .refused = "stride is 0, must be at least 1"},
    {"avg_pool_dx(~[1, 1, 2, 2], ~[1, 1, 4, 4]; kernel=2, padding=-1)", .refused = "padding is -1, must be at least 0"},
    {"avg_pool_dx(~[1, 1, 2, 2], ~[1, 1, 4, 4]; kernel=3, padding=2)", .refused = "padding 2 is more than half of kernel 3"},
    {"avg_pool_dx(~[1, 1, 2, 2], ~[1, 1, 4, 4]; kernel=[2, 2, 2])", .refused = "kernel has 3 numbers, 1 or 2 are wanted"},
    {"avg_pool_dx(~[1, 1, 2, 2], ~[1, 1, 4, 4]; kernel=[])", .refused = "kernel is empty"},
    {"avg_pool_dx(~[1, 2, 3], ~[1, 2, 4]; kernel=2)", .refused = "g is f64[1,2,3], which is not what the pool gives from x, f64[1,2,4]"},
    {0}};

#define WG_OVER WG_OVER_REALS
#include "tape/instances.h"

const wg_op wg_op_avg_pool_dx = {WG_LINE(avg_pool_dx), .kind = WG_BLOCK, .shape_only = 2, .shape = shape, .linear = 1, .vjp = vjp,
                                 .units = units, .region = pool_region, .kernel = kernels, .samples = samples};
#else
#include "ops/conv/avg_pool.h"

/* Adds n windows from position j of one plane. */
static void FN(divide)(const conv_plan *p, const T *g, T *x, int64_t j, int64_t n, bool count_pad)
{
    conv_run run;
    conv_span span;
    T share[STRETCH];
    conv_runs(p, j, j + n, &run);
    FN(sizes)(p, j, n, count_pad, share);
    for (int64_t t = 0; t < n; t++) share[t] = g[j + t] / share[t];
    for (int64_t tap = 0; tap < p->taps; tap++) {
        conv_spans(p, tap, &run, 1, &span);
        for (int64_t t = span.lo; t < span.hi; t++) x[span.from + t * p->axis[2].stride] += share[t];
    }
}

static int64_t FN(kernel)(const wg_args *a, int64_t lo, int64_t hi)
{
    const wg_avg_pool_dx_options *o = a->attrs;
    conv_plan p;
    memcpy(&p, a->size, sizeof p);
    for (int64_t u = lo; u < hi; u++) {
        T *x = (T *)a->out + u * p.in_plane;
        memset(x, 0, (size_t)p.in_plane * sizeof(T));
        for (int64_t j = 0, n; j < p.out_plane; j += n) {
            n = conv_least(STRETCH, p.axis[2].out - j % p.axis[2].out);
            FN(divide)(&p, (const T *)a->in[0] + u * p.out_plane, x, j, n, o->count_pad);
        }
    }
    return -1;
}
#endif

/* resample(x; size, mode): x, (batch, channels, height, width), in another height and width, one number for both or two: what
 * upsample_nearest2d ("nearest"), upsample_bilinear2d ("linear", and "corners" with align_corners) and adaptive_avg_pool2d ("average")
 * are. Linear; its reverse is resample_dx. A place of weight 0 is not read. A node of its own: as products with the two matrices that it
 * stands for it would multiply by zeros, and let what is infinite there through. f32 accumulates in double. */
#ifndef WG_KERNEL_PART
#include "ops/conv/resample.h"

static bool shape(wg_call *c)
{
    const wg_resample_options *o = c->attrs;
    return resample_shape(c, c->in[0], &o->size, "size", &c->shape);
}

static wg_tensor vjp(const wg_rule *r, wg_tensor g, int i)
{
    const wg_resample_options *o = r->attrs;
    return wg_resample_dx(g, r->in[i], o->size, .mode = o->mode);
}

static bool units(wg_work *w) { return resample_units(w, w->in[0].shape, w->out.shape, false); }

/* values and gradients: PyTorch 1.13.1 in f64 */
static const wg_sample samples[] = {
    {.call = "resample([[[[-0.25, 0.5, -0.75], [1.25, -1.25, -1.25]]]]; size=[4, 3])",
     .value = "[[[[-0.25, 0.5, -0.75], [-0.25, 0.5, -0.75], [1.25, -1.25, -1.25], [1.25, -1.25, -1.25]]]]",
     .grad = "[[[[2, 2, 2], [2, 2, 2]]]]"},
    {.call = "resample([[[[0.5, 0.5], [-0.25, 1.5]]]]; size=[3, 4], mode=\"linear\")",
     .value = "[[[[0.5, 0.5, 0.5, 0.5], [0.125, 0.34375, 0.7812499999999999, 0.9999999999999999], [-0.25, 0.1875, 1.0625, 1.5]]]]",
     .grad = "[[[[3, 3], [3, 3]]]]"},
    {.call = "resample([[[[-0.75, -1.5], [0.5, -0.5]]]]; size=3, mode=\"corners\")",
     .value = "[[[[-0.75, -1.125, -1.5], [-0.125, -0.5625, -1], [0.5, 0, -0.5]]]]", .grad = "[[[[2.25, 2.25], [2.25, 2.25]]]]"},
    {.call = "resample([[[[1.5, 0, -0.25, -1.25], [-1.75, 2, -0.5, 0.5], [-0.75, 0, 0.5, -1.5], [0.75, -1, 1.25, 0.25], [2, 0, 1.5, "
     "0.75]]]]; size=[2, 3], mode=\"average\")",
     .value = "[[[[0.16666666666666666, 0.2916666666666667, -0.4166666666666667], [0.16666666666666666, 0.375, 0.4583333333333333]]]]",
     .grad = "[[[[0.16666666666666666, 0.3333333333333333, 0.3333333333333333, 0.16666666666666666], [0.16666666666666666, "
     "0.3333333333333333, 0.3333333333333333, 0.16666666666666666], [0.3333333333333333, 0.6666666666666666, 0.6666666666666666, "
     "0.3333333333333333], [0.16666666666666666, 0.3333333333333333, 0.3333333333333333, 0.16666666666666666], [0.16666666666666666, "
     "0.3333333333333333, 0.3333333333333333, 0.16666666666666666]]]]"},
    {.call = "resample([[[[1, inf], [nan, 2]]]]; size=[2, 3], mode=\"linear\")", .value = "[[[[1, inf, inf], [nan, nan, 2]]]]",
     .kink = true},
    {.call = "resample(~[2, 3, 3, 5]; size=[6, 10])"},
    {.call = "resample(~[2, 3, 5, 7]; size=[7, 3], mode=\"linear\")"},
    {.call = "resample(~[1, 2, 4, 6]; size=[9, 2], mode=\"corners\")"},
    {.call = "resample(~[1, 2, 40, 37]; size=[3, 5], mode=\"average\")"},
    {.call = "resample(~[1, 2, 3, 2]; size=[40, 37], mode=\"average\")"},
    {.call = "resample(f64[0, 2, 3, 3](); size=6)", .value = "f64[0, 2, 6, 6]()", .grad = "f64[0, 2, 3, 3]()"},
    {.call = "resample(~[2, 3, 4]; size=2)", .refused = "x is f64[2,3,4], must be (batch, channels, height, width)"},
    {.call = "resample(~[1, 1, 2, 2]; size=0)", .refused = "size is 0, must be at least 1"},
    {.call = "resample(~[1, 1, 2, 2]; size=[1, 2, 3])", .refused = "size has 3 numbers, 1 or 2 are wanted"},
    {.call = "resample(~[1, 1, 2, 2])", .refused = "size is missing"},
    {.call = "resample(~[1, 1, 2, 2]; size=2, mode=\"cubic\")", .refused = "mode=\"cubic\" is not one of"},
    {.call = "resample(f64[1, 1, 2, 0](); size=2)", .refused = "its height and width must be from 1"},
    {.call = "resample(i64[[[[1]]]]; size=2)", .refused = "must be f32 or f64"},
    {0}};

#define WG_OVER WG_OVER_REALS
#define WG_WITH_PREPARE
#include "tape/instances.h"

const wg_op wg_op_resample = {WG_LINE(resample), .kind = WG_BLOCK, .shape = shape, .linear = 1, .vjp = vjp, .units = units,
                              .kernel = kernels, .prepare = prepares, .samples = samples};
#else
#include "ops/conv/resample.h"

static int64_t FN(prepare)(const wg_args *a, int64_t lo, int64_t hi)
{
    (void)lo, (void)hi; /* one unit */
    resample_fill(a->size, ((const wg_resample_options *)a->attrs)->mode, a->shared);
    return -1;
}

static int64_t FN(kernel)(const wg_args *a, int64_t lo, int64_t hi) { return FN(resample)(a, lo, hi); }
#endif

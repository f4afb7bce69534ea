/* resample_dx(g, like; size, mode): the gradient of resample in x of like's shape, whose value is not read, of cotangent g: every value of
 * g back to the places that it was made of, by their weights. Linear; its reverse is resample. A node of its own: see resample. */
#ifndef WG_KERNEL_PART
#include "ops/conv/resample.h"

static bool shape(wg_call *c)
{
    const wg_resample_dx_options *o = c->attrs;
    const wg_shape *g = c->in[0].shape;
    char gt[128], xt[128];
    wg_shape y;
    if (!resample_shape(c, c->in[1], &o->size, "size", &y)) return false;
    bool same = g->rank == y.rank;
    for (int i = 0; same && i < y.rank; i++) same = wg__same_size(c, &y.dim[i], g->dim[i]);
    c->shape = *c->in[1].shape;
    return same || wg__refuse(c, "g is %s, which is not what resample gives from x, %s", wg__show_type(gt, c->in[0]),
                              wg__show_type(xt, c->in[1]));
}

static wg_tensor vjp(const wg_rule *r, wg_tensor g, int i)
{
    const wg_resample_dx_options *o = r->attrs;
    (void)i;
    return wg_resample(g, o->size, .mode = o->mode);
}

static bool units(wg_work *w) { return resample_units(w, w->in[0].shape, w->out.shape, true); }

/* values: gradients of PyTorch 1.13.1 in f64 */
static const wg_sample samples[] = {
    {.call = "resample_dx([[[[1.25, 0.25, 1.25], [1.25, -1.75, 1.25], [-1, -0.5, -2], [1.75, 2, 1.25]]]], [[[[-0.25, -1.75, 1.5], [2, "
     "0.25, 0.5]]]]; size=[4, 3])",
     .value = "[[[[2.5, -1.5, 2.5], [0.75, 1.5, -0.75]]]]"},
    {.call = "resample_dx([[[[-0.25, -1.5, 0.25, -1.25], [-0.25, -1.75, -1.75, 2], [-0.5, 1.25, -1.75, -2]]]], [[[[1.75, -1.25], "
     "[-0.75, 2]]]]; size=[3, 4], mode=\"linear\")",
     .value = "[[[[-2.3125, -1.3125], [-0.9999999999999998, -2.875]]]]"},
    {.call = "resample_dx([[[[0.25, -0.25], [-2, 2]]]], [[[[1.25, -1.75, -1.25], [0.5, -1, 0], [1.75, -1.75, 0.75], [-0.25, -0.5, "
     "-1.25], [-1.25, -0.75, -0.25]]]]; size=[2, 2], mode=\"linear\")",
     .value = "[[[[0.046875, 0, -0.046875], [0.140625, 0, -0.140625], [0, 0, 0], [-1.125, 0, 1.125], [-0.375, 0, 0.375]]]]"},
    {.call = "resample_dx([[[[0, -1, -2], [1.75, 1, -1.75], [0, -0.25, 0]]]], [[[[2, 2], [1.25, -1.75]]]]; size=3, mode=\"corners\")",
     .value = "[[[[0.625, -3.125], [1, -0.75]]]]"},
    {.call = "resample_dx([[[[1.75, 0.5, -2], [-1.75, -1, -1.75]]]], [[[[-1.25, -1.75, -1.5, 1.75], [-1.75, -1.5, 2, 2], [1.75, 0.5, "
     "-0.75, 0.5], [-1.5, 0.75, 1, 1], [0.25, 0.75, 0, -0.5]]]]; size=[2, 3], mode=\"average\")",
     .value = "[[[[0.2916666666666667, 0.375, -0.25, -0.3333333333333333], [0.2916666666666667, 0.375, -0.25, -0.3333333333333333], [0, "
     "-0.08333333333333334, -0.7083333333333333, -0.625], [-0.2916666666666667, -0.45833333333333337, -0.45833333333333337, "
     "-0.2916666666666667], [-0.2916666666666667, -0.45833333333333337, -0.45833333333333337, -0.2916666666666667]]]]"},
    {.call = "resample_dx([[[[nan, 1]]]], [[[[0, 0, 0, 0, 0]]]]; size=[1, 2])", .value = "[[[[nan, 0, 1, 0, 0]]]]", .kink = true},
    {.call = "resample_dx(~[2, 3, 6, 10], ~[2, 3, 3, 5]; size=[6, 10])"},
    {.call = "resample_dx(~[2, 3, 7, 3], ~[2, 3, 5, 7]; size=[7, 3], mode=\"linear\")"},
    {.call = "resample_dx(~[1, 2, 9, 2], ~[1, 2, 4, 6]; size=[9, 2], mode=\"corners\")"},
    {.call = "resample_dx(~[1, 2, 3, 5], ~[1, 2, 40, 37]; size=[3, 5], mode=\"average\")"},
    {.call = "resample_dx(f64[0, 2, 6, 6](), f64[0, 2, 3, 3](); size=6)", .value = "f64[0, 2, 3, 3]()"},
    {.call = "resample_dx(~[2, 3, 4], ~[2, 3, 4]; size=2)", .refused = "x is f64[2,3,4], must be (batch, channels, height, width)"},
    {.call = "resample_dx(~[1, 1, 2, 2], ~[1, 1, 2, 2]; size=3)",
     .refused = "g is f64[1,1,2,2], which is not what resample gives from x, f64[1,1,2,2]"},
    {.call = "resample_dx(~[1, 1, 2, 2], ~[2, 1, 2, 2]; size=2)", .refused = "g is f64[1,1,2,2], which is not what resample gives"},
    {.call = "resample_dx(~[1, 1, 2, 2], ~[1, 1, 2, 2]; size=0)", .refused = "size is 0, must be at least 1"},
    {.call = "resample_dx(~[1, 1, 2, 2], ~[1, 1, 2, 2]; size=[1, 2, 3])", .refused = "size has 3 numbers, 1 or 2 are wanted"},
    {.call = "resample_dx(~[1, 1, 2, 2], ~[1, 1, 2, 2])", .refused = "size is missing"},
    {0}};

#define WG_OVER WG_OVER_REALS
#define WG_WITH_PREPARE
#include "tape/instances.h"

const wg_op wg_op_resample_dx = {WG_LINE(resample_dx), .kind = WG_BLOCK, .shape_only = 2, .shape = shape, .linear = 1, .vjp = vjp,
                                 .units = units, .kernel = kernels, .prepare = prepares, .samples = samples};
#else
#include "ops/conv/resample.h"

static int64_t FN(prepare)(const wg_args *a, int64_t lo, int64_t hi)
{
    (void)lo, (void)hi; /* one unit */
    resample_fill(a->size, ((const wg_resample_dx_options *)a->attrs)->mode, a->shared);
    return -1;
}

static int64_t FN(kernel)(const wg_args *a, int64_t lo, int64_t hi) { return FN(resample)(a, lo, hi); }
#endif

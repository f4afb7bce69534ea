/* upsample_bilinear2d(x; size, align_corners): x, (batch, channels, height, width), in another height and width, one number for both or
 * two, by interpolation between the two nearest rows and columns: F.interpolate(mode="bilinear"). Row i of h lies at (i + 1/2) H / h - 1/2
 * of x's rows, at its first or last where that is outside; with align_corners at i (H - 1) / (h - 1), the first where h is 1. It may make x
 * smaller, too, and then looks at two rows only. A row of weight 0 is not read: what is infinite there stays out, where torch has NaN.
 * Linear. By definition alone: it is resample. */
#include "ops/conv/resample.h"

static bool shape(wg_call *c)
{
    return resample_shape(c, c->in[0], &((const wg_upsample_bilinear2d_options *)c->attrs)->size, "size", &c->shape);
}

static wg_tensor define(const wg_rule *r)
{
    const wg_upsample_bilinear2d_options *o = r->attrs;
    return wg_resample(r->in[0], o->size, .mode = o->align_corners ? "corners" : "linear");
}

/* values and gradients: PyTorch 1.13.1 in f64 */
static const wg_sample samples[] = {
    {.call = "upsample_bilinear2d([[[[0, 1.75, 1], [1.25, 1, 1.5]]]]; size=[4, 3])",
     .value = "[[[[0, 1.75, 1], [0.3125, 1.5625, 1.125], [0.9375, 1.1875, 1.375], [1.25, 1, 1.5]]]]",
     .grad = "[[[[2, 2, 2], [2, 2, 2]]]]"},
    {.call = "upsample_bilinear2d([[[[-1, 0.75], [-1.25, -1.75]], [[-1, 1.75], [-0.5, 0]]]]; size=3)",
     .value = "[[[[-1, -0.12500000000000006, 0.75], [-1.125, -0.8124999999999999, -0.4999999999999999], [-1.25, -1.5, -1.75]], [[-1, "
     "0.3749999999999999, 1.75], [-0.75, 0.06249999999999996, 0.875], [-0.5, -0.25, 0]]]]",
     .grad = "[[[[2.25, 2.25], [2.25, 2.2499999999999996]], [[2.25, 2.25], [2.25, 2.2499999999999996]]]]"},
    {.call = "upsample_bilinear2d([[[[1.25, 0.25], [1.25, 2], [1, 0.75], [1.25, -0.25], [0.5, -2]]]]; size=[2, 5])",
     .value = "[[[[1.25, 1.28125, 1.40625, 1.53125, 1.5625], [1.0625, 0.8875, 0.1875, -0.5125000000000002, -0.6875]]]]",
     .grad = "[[[[0.625, 0.625], [1.8749999999999998, 1.875], [0, 0], [1.8749999999999998, 1.875], [0.625, 0.625]]]]"},
    {.call = "upsample_bilinear2d([[[[0, -0.75, 0.5], [-1.25, -0.5, 0]]]]; size=[4, 3], align_corners=true)",
     .value = "[[[[0, -0.75, 0.5], [-0.41666666666666663, -0.6666666666666666, 0.33333333333333337], [-0.8333333333333333, "
     "-0.5833333333333333, 0.16666666666666669], [-1.25, -0.5, 0]]]]",
     .grad = "[[[[2, 2, 2], [2, 2, 2]]]]"},
    {.call = "upsample_bilinear2d([[[[0.25, -1.25], [-1.5, 1.75], [1.75, -1.5]]]]; size=[1, 5], align_corners=true)",
     .value = "[[[[0.25, -0.125, -0.5, -0.875, -1.25]]]]", .grad = "[[[[2.5, 2.5], [0, 0], [0, 0]]]]"},
    {.call = "upsample_bilinear2d([[[[1, inf], [nan, 2]]]]; size=[2, 3])", .value = "[[[[1, inf, inf], [nan, nan, 2]]]]", .kink = true},
    {.call = "upsample_bilinear2d([[[[1, inf], [nan, 2]]]]; size=[1, 2], align_corners=true)", .value = "[[[[1, inf]]]]", .kink = true},
    {.call = "upsample_bilinear2d(~[2, 3, 3, 5]; size=[6, 10])"},
    {.call = "upsample_bilinear2d(~[1, 2, 7, 4]; size=[3, 9], align_corners=true)"},
    {.call = "upsample_bilinear2d(~[1, 2, 9, 1]; size=2)"},
    {.call = "upsample_bilinear2d(f64[0, 2, 3, 3](); size=6)", .value = "f64[0, 2, 6, 6]()", .grad = "f64[0, 2, 3, 3]()"},
    {.call = "upsample_bilinear2d(~[2, 3, 4]; size=2)", .refused = "x is f64[2,3,4], must be (batch, channels, height, width)"},
    {.call = "upsample_bilinear2d(~[1, 1, 2, 2]; size=0)", .refused = "size is 0, must be at least 1"},
    {.call = "upsample_bilinear2d(~[1, 1, 2, 2]; size=[2, -1])", .refused = "size is -1, must be at least 1"},
    {.call = "upsample_bilinear2d(~[1, 1, 2, 2]; size=[1, 2, 3])", .refused = "size has 3 numbers, 1 or 2 are wanted"},
    {.call = "upsample_bilinear2d(~[1, 1, 2, 2])", .refused = "size is missing"},
    {.call = "upsample_bilinear2d(f64[1, 1, 0, 2](); size=2)", .refused = "its height and width must be from 1"},
    {.call = "upsample_bilinear2d(i64[[[[1]]]]; size=2)", .refused = "must be f32 or f64"},
    {0}};

const wg_op wg_op_upsample_bilinear2d = {WG_LINE(upsample_bilinear2d), .kind = WG_BLOCK, .shape = shape, .define = define,
                                         .samples = samples};

/* upsample_nearest2d(x; size): x, (batch, channels, height, width), in another height and width, one number for both or two; row i of h
 * is row floor(i H / h): F.interpolate(mode="nearest"). It may make x smaller, too. Worked out in integers: torch does so in f32, and at
 * some sizes is off by one row. Linear. By definition alone: it is resample. */
#include "ops/conv/resample.h"

static bool shape(wg_call *c)
{
    return resample_shape(c, c->in[0], &((const wg_upsample_nearest2d_options *)c->attrs)->size, "size", &c->shape);
}

static wg_tensor define(const wg_rule *r)
{
    const wg_upsample_nearest2d_options *o = r->attrs;
    return wg_resample(r->in[0], o->size, .mode = "nearest");
}

/* values and gradients: PyTorch 1.13.1 in f64 */
static const wg_sample samples[] = {
    {.call = "upsample_nearest2d([[[[-0.25, -1, 0.75], [1.75, -1.5, -2]]]]; size=[4, 3])",
     .value = "[[[[-0.25, -1, 0.75], [-0.25, -1, 0.75], [1.75, -1.5, -2], [1.75, -1.5, -2]]]]", .grad = "[[[[2, 2, 2], [2, 2, 2]]]]"},
    {.call = "upsample_nearest2d([[[[1.75, 0], [-0.25, -0.5]], [[1.75, 1.75], [1, -1]]]]; size=3)",
     .value = "[[[[1.75, 1.75, 0], [1.75, 1.75, 0], [-0.25, -0.25, -0.5]], [[1.75, 1.75, 1.75], [1.75, 1.75, 1.75], [1, 1, -1]]]]",
     .grad = "[[[[4, 2], [2, 1]], [[4, 2], [2, 1]]]]"},
    {.call = "upsample_nearest2d([[[[-0.25, -1], [2, 1], [-2, -1.5], [-0.75, -1.75], [0.25, -2]]]]; size=[2, 5])",
     .value = "[[[[-0.25, -0.25, -0.25, -1, -1], [-2, -2, -2, -1.5, -1.5]]]]", .grad = "[[[[3, 2], [0, 0], [3, 2], [0, 0], [0, 0]]]]"},
    {.call = "upsample_nearest2d([[[[1, nan], [-inf, 2]]]]; size=2)", .value = "[[[[1, nan], [-inf, 2]]]]",
     .grad = "[[[[1, 1], [1, 1]]]]", .kink = true},
    {.call = "upsample_nearest2d(~[2, 3, 3, 5]; size=[6, 10])"},
    {.call = "upsample_nearest2d(~[1, 2, 7, 4]; size=[3, 9])"},
    {.call = "upsample_nearest2d(f64[0, 2, 3, 3](); size=6)", .value = "f64[0, 2, 6, 6]()", .grad = "f64[0, 2, 3, 3]()"},
    {.call = "upsample_nearest2d(~[2, 3, 4]; size=2)", .refused = "x is f64[2,3,4], must be (batch, channels, height, width)"},
    {.call = "upsample_nearest2d(~[1, 1, 2, 2]; size=0)", .refused = "size is 0, must be at least 1"},
    {.call = "upsample_nearest2d(~[1, 1, 2, 2]; size=[2, -1])", .refused = "size is -1, must be at least 1"},
    {.call = "upsample_nearest2d(~[1, 1, 2, 2]; size=[1, 2, 3])", .refused = "size has 3 numbers, 1 or 2 are wanted"},
    {.call = "upsample_nearest2d(~[1, 1, 2, 2]; size=[])", .refused = "size is empty"},
    {.call = "upsample_nearest2d(~[1, 1, 2, 2])", .refused = "size is missing"},
    {.call = "upsample_nearest2d(f64[1, 1, 0, 2](); size=2)", .refused = "its height and width must be from 1"},
    {.call = "upsample_nearest2d(i64[[[[1]]]]; size=2)", .refused = "must be f32 or f64"},
    {0}};

const wg_op wg_op_upsample_nearest2d = {WG_LINE(upsample_nearest2d), .kind = WG_BLOCK, .shape = shape, .define = define,
                                        .samples = samples};

/* adaptive_avg_pool2d(x; output): the mean of each of output[0] by output[1] windows (or as many both ways) that together cover x, (batch,
 * channels, height, width): F.adaptive_avg_pool2d. Window i of h goes from floor(i H / h) to before ceil((i + 1) H / h), so neighbours may
 * share a row. Linear. By definition alone: it is resample. */
#include "ops/conv/resample.h"

static bool shape(wg_call *c)
{
    return resample_shape(c, c->in[0], &((const wg_adaptive_avg_pool2d_options *)c->attrs)->output, "output", &c->shape);
}

static wg_tensor define(const wg_rule *r)
{
    const wg_adaptive_avg_pool2d_options *o = r->attrs;
    return wg_resample(r->in[0], o->output, .mode = "average");
}

/* values and gradients: PyTorch 1.13.1 in f64 */
static const wg_sample samples[] = {
    {.call = "adaptive_avg_pool2d([[[[0.75, -1.5, 1.25], [-1, -2, 0.25], [1.25, 1.25, -1.25], [-1.75, -1.75, 1]]]]; output=[2, 1])",
     .value = "[[[[-0.375], [-0.20833333333333334]]]]",
     .grad = "[[[[0.16666666666666666, 0.16666666666666666, 0.16666666666666666], [0.16666666666666666, 0.16666666666666666, "
     "0.16666666666666666], [0.16666666666666666, 0.16666666666666666, 0.16666666666666666], [0.16666666666666666, 0.16666666666666666, "
     "0.16666666666666666]]]]"},
    {.call = "adaptive_avg_pool2d([[[[0.5, 0, 2, -0.25], [-1.75, 0.25, -2, -1.5], [-1.25, -1.75, -0.5, 1.25], [0.25, 0, -1, -1.75], "
     "[0.5, 0.5, 0.75, -1]]]]; output=[2, 3])",
     .value = "[[[[-0.6666666666666666, -0.3333333333333333, -0.16666666666666666], [-0.2916666666666667, -0.3333333333333333, "
     "-0.375]]]]",
     .grad = "[[[[0.16666666666666666, 0.3333333333333333, 0.3333333333333333, 0.16666666666666666], [0.16666666666666666, "
     "0.3333333333333333, 0.3333333333333333, 0.16666666666666666], [0.3333333333333333, 0.6666666666666666, 0.6666666666666666, "
     "0.3333333333333333], [0.16666666666666666, 0.3333333333333333, 0.3333333333333333, 0.16666666666666666], [0.16666666666666666, "
     "0.3333333333333333, 0.3333333333333333, 0.16666666666666666]]]]"},
    {.call = "adaptive_avg_pool2d([[[[1, 1], [1.5, 2]]]]; output=3)", .value = "[[[[1, 1, 1], [1.25, 1.375, 1.5], [1.5, 1.75, 2]]]]",
     .grad = "[[[[2.25, 2.25], [2.25, 2.25]]]]"},
    {.call = "adaptive_avg_pool2d([[[[1, -1.25], [2, 0]], [[1.25, -0.25], [0.25, 1.25]]], [[[0, 2], [0.25, 0.5]], [[-2, 1.25], [0.5, "
     "-2]]]]; output=1)",
     .value = "[[[[0.4375]], [[0.625]]], [[[0.6875]], [[-0.5625]]]]",
     .grad = "[[[[0.25, 0.25], [0.25, 0.25]], [[0.25, 0.25], [0.25, 0.25]]], [[[0.25, 0.25], [0.25, 0.25]], [[0.25, 0.25], [0.25, "
     "0.25]]]]"},
    {.call = "adaptive_avg_pool2d([[[[1, 2, inf, 3], [4, 5, 6, nan]]]]; output=[1, 2])", .value = "[[[[3, nan]]]]",
     .grad = "[[[[0.25, 0.25, 0.25, 0.25], [0.25, 0.25, 0.25, 0.25]]]]", .kink = true},
    {.call = "adaptive_avg_pool2d(~[2, 3, 6, 9]; output=[3, 3])"},
    {.call = "adaptive_avg_pool2d(~[1, 2, 7, 5]; output=[3, 4])"},
    {.call = "adaptive_avg_pool2d(~[1, 1, 3, 40]; output=[5, 1])"},
    {.call = "adaptive_avg_pool2d(f64[0, 2, 3, 3](); output=2)", .value = "f64[0, 2, 2, 2]()", .grad = "f64[0, 2, 3, 3]()"},
    {.call = "adaptive_avg_pool2d(~[2, 3, 4]; output=2)", .refused = "x is f64[2,3,4], must be (batch, channels, height, width)"},
    {.call = "adaptive_avg_pool2d(~[1, 1, 2, 2]; output=0)", .refused = "output is 0, must be at least 1"},
    {.call = "adaptive_avg_pool2d(~[1, 1, 2, 2]; output=[2, -1])", .refused = "output is -1, must be at least 1"},
    {.call = "adaptive_avg_pool2d(~[1, 1, 2, 2]; output=[1, 2, 3])", .refused = "output has 3 numbers, 1 or 2 are wanted"},
    {.call = "adaptive_avg_pool2d(~[1, 1, 2, 2])", .refused = "output is missing"},
    {.call = "adaptive_avg_pool2d(f64[1, 1, 2, 0](); output=2)", .refused = "its height and width must be from 1"},
    {.call = "adaptive_avg_pool2d(i64[[[[1]]]]; output=2)", .refused = "must be f32 or f64"},
    {0}};

const wg_op wg_op_adaptive_avg_pool2d = {WG_LINE(adaptive_avg_pool2d), .kind = WG_BLOCK, .shape = shape, .define = define,
                                         .samples = samples};

/* adaptive_max_pool2d(x; output): the largest value of each of output[0] by output[1] windows (or as many both ways) that together cover
 * x, (batch, channels, height, width): F.adaptive_max_pool2d. Window i of h goes from floor(i H / h) to before ceil((i + 1) H / h), so
 * neighbours may share a row. The gradient goes to the first of equals; the first NaN wins (torch: the last). By definition alone: an
 * index op and a gather. */
#include "ops/conv/resample.h"

static bool shape(wg_call *c)
{
    return resample_shape(c, c->in[0], &((const wg_adaptive_max_pool2d_options *)c->attrs)->output, "output", &c->shape);
}

static wg_tensor define(const wg_rule *r)
{
    const wg_adaptive_max_pool2d_options *o = r->attrs;
    wg_tensor at = wg_flatten(wg_adaptive_argmax(r->in[0], o->output), .start = 2), x = wg_flatten(r->in[0], .start = 2);
    return wg_reshape(wg_gather(x, at, .axis = 2), WG_SHAPE(WG_ANY, WG_ANY, conv_each(&o->output, 0, 1), conv_each(&o->output, 1, 1)));
}

/* values and gradients: PyTorch 1.13.1 in f64 */
static const wg_sample samples[] = {
    {.call = "adaptive_max_pool2d([[[[1, 2, 3], [6, 5, 4], [-1, 0, -2], [-3, 7, 8]]]]; output=[2, 1])", .value = "[[[[6], [8]]]]",
     .grad = "[[[[0, 0, 0], [1, 0, 0], [0, 0, 0], [0, 0, 1]]]]"},
    {.call = "adaptive_max_pool2d([[[[6, 9, 2, 0.5], [5, 3.5, 2.5, 7.5], [6.5, 4.5, 8.5, 7], [0, 9.5, 4, 5.5], [1, 8, 1.5, 3]]]]; "
     "output=[2, 3])",
     .value = "[[[[9, 9, 8.5], [9.5, 9.5, 8.5]]]]",
     .grad = "[[[[0, 2, 0, 0], [0, 0, 0, 0], [0, 0, 2, 0], [0, 2, 0, 0], [0, 0, 0, 0]]]]"},
    {.call = "adaptive_max_pool2d([[[[1, 4], [3, 2]]]]; output=3)", .value = "[[[[1, 4, 4], [3, 4, 4], [3, 3, 2]]]]",
     .grad = "[[[[1, 4], [3, 1]]]]"},
    {.call = "adaptive_max_pool2d([[[[1, 4], [4, 2]], [[nan, 4], [9, nan]]]]; output=1)", .value = "[[[[4]], [[nan]]]]",
     .grad = "[[[[0, 1], [0, 0]], [[1, 0], [0, 0]]]]", .kink = true},
    {.call = "adaptive_max_pool2d(~[2, 3, 6, 9]; output=[3, 3])"},
    {.call = "adaptive_max_pool2d(~[1, 2, 7, 5]; output=[3, 4])"},
    {.call = "adaptive_max_pool2d(~[1, 1, 3, 40]; output=[5, 1])"},
    {.call = "adaptive_max_pool2d(f64[0, 2, 3, 3](); output=2)", .value = "f64[0, 2, 2, 2]()", .grad = "f64[0, 2, 3, 3]()"},
    {.call = "adaptive_max_pool2d(~[2, 3, 4]; output=2)", .refused = "x is f64[2,3,4], must be (batch, channels, height, width)"},
    {.call = "adaptive_max_pool2d(~[1, 1, 2, 2]; output=0)", .refused = "output is 0, must be at least 1"},
    {.call = "adaptive_max_pool2d(~[1, 1, 2, 2]; output=[2, -1])", .refused = "output is -1, must be at least 1"},
    {.call = "adaptive_max_pool2d(~[1, 1, 2, 2]; output=[1, 2, 3])", .refused = "output has 3 numbers, 1 or 2 are wanted"},
    {.call = "adaptive_max_pool2d(~[1, 1, 2, 2])", .refused = "output is missing"},
    {.call = "adaptive_max_pool2d(f64[1, 1, 2, 0](); output=2)", .refused = "its height and width must be from 1"},
    {.call = "adaptive_max_pool2d(i64[[[[1]]]]; output=2)", .refused = "must be f32 or f64"},
    {0}};

const wg_op wg_op_adaptive_max_pool2d = {WG_LINE(adaptive_max_pool2d), .kind = WG_BLOCK, .shape = shape, .define = define,
                                         .samples = samples};

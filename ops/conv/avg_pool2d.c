/* avg_pool2d(x; kernel, stride, padding, ceil, count_pad) as F.avg_pool2d: the mean of what each window sees of x, (batch, channels,
 * height, width); avg_pool says the rest. stride is the kernel's size where it is not given. */
#include "ops/conv/avg_pool.h"

static bool shape(wg_call *c) { return pool_layer(c, 2, AVG_ATTRS((const wg_avg_pool2d_options *)c->attrs)); }

static wg_tensor define(const wg_rule *r)
{
    const wg_avg_pool2d_options *o = r->attrs;
    return wg_avg_pool(r->in[0], o->kernel, .stride = o->stride, .padding = o->padding, .ceil = o->ceil, .count_pad = o->count_pad);
}

static const wg_sample samples[] = {
    {"avg_pool2d([[[[-0.5, -2, -2, 2], [2, 1, 1, -2], [-1.5, -0.5, 1.5, -1.5], [1, 0.5, -1.5, 2]]]]; kernel=2)",
     .value = "[[[[0.125, -0.25], [-0.125, 0.125]]]]",
     .grad = "[[[[0.25, 0.25, 0.25, 0.25], [0.25, 0.25, 0.25, 0.25], [0.25, 0.25, 0.25, 0.25], [0.25, 0.25, 0.25, 0.25]]]]"},
    {"avg_pool2d([[[[-1.5, -0.5], [-0.5, -2], [-1, -1]], [[-2, -1.5], [-0.5, 0.5], [-0.5, -0.5]]]]; kernel=[2, 1], stride=1, padding=[1, "
       "0])",
     .value = "[[[[-0.75, -0.25], [-1, -1.25], [-0.75, -1.5], [-0.5, -0.5]], [[-1, -0.75], [-1.25, -0.5], [-0.5, 0], [-0.25, -0.25]]]]",
     .grad = "[[[[1, 1], [1, 1], [1, 1]], [[1, 1], [1, 1], [1, 1]]]]"},
    {"avg_pool2d([[[[3, 3, 1.5, 3, 1], [3, -0.5, 2, -1, -1.5], [-2, -1.5, -2, -1.5, -0.5]]]]; kernel=[1, 4], stride=2, padding=[0, 1], "
       "count_pad=false, ceil=true)",
     .value = "[[[[2.5, 2.125, 2], [-1.8333333333333333, -1.375, -1]]]]",
     .grad = "[[[[0.3333333333333333, 0.5833333333333333, 0.5833333333333333, 0.75, 0.75], [0, 0, 0, 0, 0], [0.3333333333333333, "
       "0.5833333333333333, 0.5833333333333333, 0.75, 0.75]]]]"},
    {"avg_pool2d(~[2, 3, 5, 5]; kernel=2, stride=1)"},
    {"avg_pool2d(f64[0, 2, 4, 4](); kernel=2)", .value = "f64[0, 2, 2, 2]()"},
    {"avg_pool2d(~[1, 1, 4, 4]; kernel=5)", .refused = "the kernel of 5 is larger than axis 2"},
    {"avg_pool2d(~[1, 1, 4, 4]; kernel=2, stride=-1)", .refused = "stride is -1, must be at least 1"},
    {"avg_pool2d(~[1, 1, 4, 4]; kernel=2, padding=2)", .refused = "padding 2 is more than half of kernel 2"},
    {"avg_pool2d(~[1, 1, 4, 4]; kernel=[1, 1, 1, 1])", .refused = "kernel has 4 numbers, 1 or 2 are wanted"},
    {"avg_pool2d(~[1, 1, 4, 4, 1]; kernel=2)", .refused = "must be (batch, channels, 2 sizes)"},
    {"avg_pool2d(i64[0, 1, 4, 4](); kernel=2)", .refused = "must be f32 or f64"},
    {0}};

const wg_op wg_op_avg_pool2d = {WG_LINE(avg_pool2d), .kind = WG_BLOCK, .shape = shape, .define = define, .samples = samples};

/* max_pool2d(x; kernel, stride, padding, dilation, ceil) as F.max_pool2d: the largest value that each window sees of x, (batch, channels,
 * height, width); max_pool says the rest. stride is the kernel's size where it is not given. */
#include "ops/conv/max_pool.h"

static bool shape(wg_call *c) { return pool_layer(c, 2, MAX_ATTRS((const wg_max_pool2d_options *)c->attrs)); }

static wg_tensor define(const wg_rule *r)
{
    const wg_max_pool2d_options *o = r->attrs;
    return wg_max_pool(r->in[0], o->kernel, .stride = o->stride, .padding = o->padding, .dilation = o->dilation, .ceil = o->ceil);
}

static const wg_sample samples[] = {
    {"max_pool2d([[[[0, -1, 3, 2.5], [0.5, -0.5, 5.5, 6.5], [2, 3.5, 5, 4.5], [4, 1.5, 6, 1]]]]; kernel=2)",
     .value = "[[[[0.5, 6.5], [4, 6]]]]",
     .grad = "[[[[0, 0, 0, 0], [1, 0, 0, 1], [0, 0, 0, 0], [1, 0, 1, 0]]]]"},
    {"max_pool2d([[[[4, 4.5, 2.5], [6, -1, 7], [7.5, 1, -0.5]], [[6.5, 2, 3.5], [5.5, 3, 5], [1.5, 0.5, 0]]]]; kernel=[3, 2], stride=[1, "
       "2], padding=[1, 1], ceil=true)",
     .value = "[[[[6, 7], [7.5, 7], [7.5, 7]], [[6.5, 5], [6.5, 5], [5.5, 5]]]]",
     .grad = "[[[[0, 0, 0], [1, 0, 3], [2, 0, 0]], [[2, 0, 0], [1, 0, 3], [0, 0, 0]]]]"},
    {"max_pool2d([[[[1, 4, 0.5, 0], [3.5, -1, 5, 6.5], [5.5, -0.5, 8, 7.5], [2, 1.5, 6, 4.5], [8.5, 2.5, 3, 7]]]]; kernel=2, stride=1, "
       "dilation=2)",
     .value = "[[[[8, 7.5], [6, 6.5], [8.5, 7.5]]]]",
     .grad = "[[[[0, 0, 0, 0], [0, 0, 0, 1], [0, 0, 1, 2], [0, 0, 1, 0], [1, 0, 0, 0]]]]"},
    {"max_pool2d(~[2, 3, 5, 5]; kernel=2, stride=1)"},
    {"max_pool2d(f64[0, 2, 4, 4](); kernel=2)", .value = "f64[0, 2, 2, 2]()"},
    {"max_pool2d(~[1, 1, 4, 4]; kernel=5)", .refused = "the kernel of 5 is larger than axis 2"},
    {"max_pool2d(~[1, 1, 4, 4]; kernel=2, stride=-1)", .refused = "stride is -1, must be at least 1"},
    {"max_pool2d(~[1, 1, 4, 4]; kernel=2, padding=2)", .refused = "padding 2 is more than half of kernel 2"},
    {"max_pool2d(~[1, 1, 4, 4]; kernel=[1, 1, 1, 1])", .refused = "kernel has 4 numbers, 1 or 2 are wanted"},
    {"max_pool2d(~[1, 1, 4, 4, 1]; kernel=2)", .refused = "must be (batch, channels, 2 sizes)"},
    {"max_pool2d(i64[0, 1, 4, 4](); kernel=2)", .refused = "must be f32 or f64"},
    {0}};

const wg_op wg_op_max_pool2d = {WG_LINE(max_pool2d), .kind = WG_BLOCK, .shape = shape, .define = define, .samples = samples};

/* max_pool3d(x; kernel, stride, padding, dilation, ceil) as F.max_pool3d: the largest value that each window sees of x, (batch, channels,
 * depth, height, width); max_pool says the rest. stride is the kernel's size where it is not given. */
#include "ops/conv/max_pool.h"

static bool shape(wg_call *c) { return pool_layer(c, 3, MAX_ATTRS((const wg_max_pool3d_options *)c->attrs)); }

static wg_tensor define(const wg_rule *r)
{
    const wg_max_pool3d_options *o = r->attrs;
    return wg_max_pool(r->in[0], o->kernel, .stride = o->stride, .padding = o->padding, .dilation = o->dilation, .ceil = o->ceil);
}

static const wg_sample samples[] = {
    {"max_pool3d([[[[[4, -1, 6, 1], [5.5, 1.5, 2.5, 3]], [[2, 6.5, 0, -0.5], [4.5, 5, 3.5, 0.5]]]]]; kernel=2)",
     .value = "[[[[[6.5, 6]]]]]",
     .grad = "[[[[[0, 0, 1, 0], [0, 0, 0, 0]], [[0, 1, 0, 0], [0, 0, 0, 0]]]]]"},
    {"max_pool3d([[[[[2.5, -0.5], [-1, 1]], [[1.5, 4], [2, 0.5]], [[3.5, 0], [4.5, 3]]]]]; kernel=[2, 1, 2], stride=1, padding=[1, 0, 1])",
     .value = "[[[[[2.5, 2.5, -0.5], [-1, 1, 1]], [[2.5, 4, 4], [2, 2, 1]], [[3.5, 4, 4], [4.5, 4.5, 3]], [[3.5, 3.5, 0], [4.5, 4.5, "
       "3]]]]]",
     .grad = "[[[[[3, 1], [1, 3]], [[0, 4], [2, 0]], [[3, 1], [4, 2]]]]]"},
    {"max_pool3d(~[2, 3, 5, 5, 5]; kernel=2, stride=1)"},
    {"max_pool3d(f64[0, 2, 4, 4, 4](); kernel=2)", .value = "f64[0, 2, 2, 2, 2]()"},
    {"max_pool3d(~[1, 1, 4, 4, 4]; kernel=5)", .refused = "the kernel of 5 is larger than axis 2"},
    {"max_pool3d(~[1, 1, 4, 4, 4]; kernel=2, stride=-1)", .refused = "stride is -1, must be at least 1"},
    {"max_pool3d(~[1, 1, 4, 4, 4]; kernel=2, padding=2)", .refused = "padding 2 is more than half of kernel 2"},
    {"max_pool3d(~[1, 1, 4, 4, 4]; kernel=[1, 1, 1, 1])", .refused = "kernel has 4 numbers, 1 or 3 are wanted"},
    {"max_pool3d(~[1, 1, 4, 4, 4, 1]; kernel=2)", .refused = "must be (batch, channels, 3 sizes)"},
    {"max_pool3d(i64[0, 1, 4, 4, 4](); kernel=2)", .refused = "must be f32 or f64"},
    {0}};

const wg_op wg_op_max_pool3d = {WG_LINE(max_pool3d), .kind = WG_BLOCK, .shape = shape, .define = define, .samples = samples};

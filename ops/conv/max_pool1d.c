/* max_pool1d(x; kernel, stride, padding, dilation, ceil) as F.max_pool1d: the largest value that each window sees of x, (batch, channels,
 * length); max_pool says the rest. stride is the kernel's size where it is not given. */
#include "ops/conv/max_pool.h"

static bool shape(wg_call *c) { return pool_layer(c, 1, MAX_ATTRS((const wg_max_pool1d_options *)c->attrs)); }

static wg_tensor define(const wg_rule *r)
{
    const wg_max_pool1d_options *o = r->attrs;
    return wg_max_pool(r->in[0], o->kernel, .stride = o->stride, .padding = o->padding, .dilation = o->dilation, .ceil = o->ceil);
}

static const wg_sample samples[] = {
    {"max_pool1d([[[2, 2.5, -1, 0, 1, 0.5], [4, 4.5, 3, 3.5, 1.5, -0.5]]]; kernel=2)",
     .value = "[[[2.5, 0, 1], [4.5, 3.5, 1.5]]]",
     .grad = "[[[0, 1, 0, 1, 1, 0], [0, 1, 0, 1, 1, 0]]]"},
    {"max_pool1d([[[0.5, -1, 0, -0.5, 1]]]; kernel=3, stride=1, padding=1)",
     .value = "[[[0.5, 0.5, 0, 1, 1]]]",
     .grad = "[[[2, 0, 1, 0, 2]]]"},
    {"max_pool1d([[[1.5, 1, -1, 0.5, 0, -0.5]]]; kernel=2, stride=2, dilation=3, ceil=true)",
     .value = "[[[1.5, -0.5]]]",
     .grad = "[[[1, 0, 0, 0, 0, 1]]]"},
    {"max_pool1d(~[2, 3, 5]; kernel=2, stride=1)"},
    {"max_pool1d(f64[0, 2, 4](); kernel=2)", .value = "f64[0, 2, 2]()"},
    {"max_pool1d(~[1, 1, 4]; kernel=5)", .refused = "the kernel of 5 is larger than axis 2"},
    {"max_pool1d(~[1, 1, 4]; kernel=2, stride=-1)", .refused = "stride is -1, must be at least 1"},
    {"max_pool1d(~[1, 1, 4]; kernel=2, padding=2)", .refused = "padding 2 is more than half of kernel 2"},
    {"max_pool1d(~[1, 1, 4]; kernel=[1, 1, 1, 1])", .refused = "kernel has 4 numbers, 1 or 1 are wanted"},
    {"max_pool1d(~[1, 1, 4, 1]; kernel=2)", .refused = "must be (batch, channels, 1 size)"},
    {"max_pool1d(i64[0, 1, 4](); kernel=2)", .refused = "must be f32 or f64"},
    {0}};

const wg_op wg_op_max_pool1d = {WG_LINE(max_pool1d), .kind = WG_BLOCK, .shape = shape, .define = define, .samples = samples};

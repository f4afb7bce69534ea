/* avg_pool1d(x; kernel, stride, padding, ceil, count_pad) as F.avg_pool1d: the mean of what each window sees of x, (batch, channels,
 * length); avg_pool says the rest. stride is the kernel's size where it is not given. */
#include "ops/conv/avg_pool.h"

static bool shape(wg_call *c) { return pool_layer(c, 1, AVG_ATTRS((const wg_avg_pool1d_options *)c->attrs)); }

static wg_tensor define(const wg_rule *r)
{
    const wg_avg_pool1d_options *o = r->attrs;
    return wg_avg_pool(r->in[0], o->kernel, .stride = o->stride, .padding = o->padding, .ceil = o->ceil, .count_pad = o->count_pad);
}

static const wg_sample samples[] = {
    {"avg_pool1d([[[1, -1, 1, 1.5, 2, -0.5], [2, 2, 1, 0.5, -1, 3]]]; kernel=2)",
     .value = "[[[0, 1.25, 0.75], [2, 0.75, 1]]]",
     .grad = "[[[0.5, 0.5, 0.5, 0.5, 0.5, 0.5], [0.5, 0.5, 0.5, 0.5, 0.5, 0.5]]]"},
    {"avg_pool1d([[[1.5, 2, -2, -1, -1]]]; kernel=4, stride=2, padding=2, ceil=true)",
     .value = "[[[0.875, 0.125, -1, -0.3333333333333333]]]",
     .grad = "[[[0.5, 0.5, 0.5, 0.5, 0.5833333333333333]]]"},
    {"avg_pool1d([[[-2, 2, -1.5, -1.5, 1]]]; kernel=2, stride=3, padding=1, count_pad=false)",
     .value = "[[[-2, -1.5]]]",
     .grad = "[[[1, 0, 0.5, 0.5, 0]]]"},
    {"avg_pool1d(~[2, 3, 5]; kernel=2, stride=1)"},
    {"avg_pool1d(f64[0, 2, 4](); kernel=2)", .value = "f64[0, 2, 2]()"},
    {"avg_pool1d(~[1, 1, 4]; kernel=5)", .refused = "the kernel of 5 is larger than axis 2"},
    {"avg_pool1d(~[1, 1, 4]; kernel=2, stride=-1)", .refused = "stride is -1, must be at least 1"},
    {"avg_pool1d(~[1, 1, 4]; kernel=2, padding=2)", .refused = "padding 2 is more than half of kernel 2"},
    {"avg_pool1d(~[1, 1, 4]; kernel=[1, 1, 1, 1])", .refused = "kernel has 4 numbers, 1 or 1 are wanted"},
    {"avg_pool1d(~[1, 1, 4, 1]; kernel=2)", .refused = "must be (batch, channels, 1 size)"},
    {"avg_pool1d(i64[0, 1, 4](); kernel=2)", .refused = "must be f32 or f64"},
    {0}};

const wg_op wg_op_avg_pool1d = {WG_LINE(avg_pool1d), .kind = WG_BLOCK, .shape = shape, .define = define, .samples = samples};

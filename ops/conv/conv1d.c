/* conv1d(x, weight, bias?; stride, padding, dilation, groups) as F.conv1d: the correlation of x, (batch, channels, length),
 * with weight, (outputs, channels / groups, sizes of the kernel), and bias added to each output: conv says the rest. stride, padding
 * and dilation are a number; padding puts zeros on both sides. */
#include "ops/conv/geometry.h"

static conv_attrs attrs_of(const wg_conv1d_options *o)
{
    return (conv_attrs){.stride = conv_one(o->stride), .padding = conv_one(o->padding), .dilation = conv_one(o->dilation),
                        .groups = o->groups};
}

static bool shape(wg_call *c)
{
    conv_attrs a = attrs_of(c->attrs);
    return conv_layer(c, 1, &a, false);
}

static wg_tensor define(const wg_rule *r)
{
    conv_attrs a = attrs_of(r->attrs);
    wg_tensor y = wg_conv(r->in[0], r->in[1], .stride = a.stride, .padding = a.padding, .dilation = a.dilation, .groups = a.groups);
    return conv_biased(y, r->in[2], 1);
}

static const wg_sample samples[] = {
    {"conv1d([[[1.5, -2, 1.5, -1]]], [[[-0.5, -2]], [[2, 3]]], [1.5, 3])",
     .value = "[[[4.75, -0.5, 2.75], [0, 3.5, 3]]]",
     .grad = "[[[1.5, 2.5, 2.5, 1]]]; [[[1, -1.5]], [[1, -1.5]]]; [3, 3]"},
    {"conv1d([[[-0.5, -2, 2, 3, 0.5], [3, 1, -0.5, -1.5, 0.5]]], [[[-1.5, -0.5, -2], [-2, 3, -0.5]]]; stride=2, padding=1)",
     .value = "[[[12.75, -6.75, -0.25]]]",
     .grad = "[[[-0.5, -3.5, -0.5, -3.5, -0.5], [3, -2.5, 3, -2.5, 3]]]; [[[1, 2, 1], [-0.5, 3, -0.5]]]"},
    {"conv1d([[[1.5, -2, -2, 2], [-1.5, -1, 3, 0.5]]], [[[-0.5, -2]], [[3, 3]]], [1.5, -2]; groups=2, dilation=2)",
     .value = "[[[4.75, -1.5], [2.5, -3.5]]]",
     .grad = "[[[-0.5, -0.5, -2, -2], [3, 3, 3, 3]]]; [[[-0.5, 0]], [[-2.5, 3.5]]]; [2, 2]"},
    {"conv1d(~[2, 4, 5], ~[6, 2, 3], ~[6]; stride=2, padding=1, groups=2)"},
    {"conv1d(f64[0, 2, 3](), ~[3, 2, 2], [1, 2, 3])", .value = "f64[0, 3, 2]()"},
    {"conv1d(~[1, 2, 2], ~[1, 2, 3])",
     .refused = "x is f64[1,2,2], weight is f64[1,2,3]: with dilation 1 the kernel is larger than axis 2 of x"},
    {"conv1d(~[1, 3, 4], ~[1, 2, 3])", .refused = "3 channels, but the weight has 2"},
    {"conv1d(~[1, 2, 4], ~[3, 1, 3]; groups=2)", .refused = "2 groups do not divide its 3 outputs"},
    {"conv1d(~[2, 4], ~[1, 2, 3])", .refused = "must be (batch, channels, 1 size)"},
    {"conv1d(~[1, 2, 4], ~[3, 2, 3], [1, 2])", .refused = "bias is f64[2]: one bias an output is wanted"},
    {"conv1d(~[1, 2, 4], ~[3, 2, 3]; stride=0)", .refused = "stride is 0, must be at least 1"},
    {"conv1d(~[1, 2, 4], ~[3, 2, 3]; padding=-2)", .refused = "padding is -2, must be at least 0"},
    {0}};

const wg_op wg_op_conv1d = {WG_LINE(conv1d), .kind = WG_BLOCK, .shape = shape, .define = define, .samples = samples};

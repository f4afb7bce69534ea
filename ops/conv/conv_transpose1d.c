/* conv_transpose1d(x, weight, bias?; stride, padding, output_padding, dilation, groups) as F.conv_transpose1d: every value of x spreads
 * weight, (channels, outputs / groups, sizes of the kernel), over y; bias is added to each output. What conv_dx does without like. */
#include "ops/conv/geometry.h"

static conv_attrs attrs_of(const wg_conv_transpose1d_options *o)
{
    return (conv_attrs){.stride = conv_one(o->stride), .padding = conv_one(o->padding), .dilation = conv_one(o->dilation),
                        .output_padding = conv_one(o->output_padding), .groups = o->groups};
}

static bool shape(wg_call *c)
{
    conv_attrs a = attrs_of(c->attrs);
    return conv_layer(c, 1, &a, true);
}

static wg_tensor define(const wg_rule *r)
{
    conv_attrs a = attrs_of(r->attrs);
    wg_tensor y = wg_conv_dx(r->in[1], r->in[0], .stride = a.stride, .padding = a.padding, .output_padding = a.output_padding,
                                   .dilation = a.dilation, .groups = a.groups);
    return conv_biased(y, r->in[2], 1);
}

static const wg_sample samples[] = {
    {"conv_transpose1d([[[3, -1.5, 3]]], [[[-2, 3], [1, -1]]], [-1.5, -0.5])",
     .value = "[[[-7.5, 10.5, -12, 7.5], [2.5, -5, 4, -3.5]]]",
     .grad = "[[[1, 1, 1]]]; [[[4.5, 4.5], [4.5, 4.5]]]; [4, 4]"},
    {"conv_transpose1d([[[-1, -0.5], [2, 1.5]]], [[[0.5, 1, 1.5]], [[1, 3, 1.5]]]; stride=2, padding=1, output_padding=1)",
     .value = "[[[5, 2.75, 4, 1.5]]]",
     .grad = "[[[2.5, 3], [4.5, 5.5]]]; [[[-0.5, -1.5, -1.5]], [[1.5, 3.5, 3.5]]]"},
    {"conv_transpose1d([[[-1.5, 1.5], [3, -0.5]]], [[[1.5, -1], [1.5, 3]], [[2, -1], [1.5, -1]]], [-1, -1.5, 2, 2]; groups=2, dilation=2)",
     .value = "[[[-3.25, 1.25, 0.5, -2.5], [-3.75, 0.75, -6, 3], [8, 1, -1, 2.5], [6.5, 1.25, -1, 2.5]]]",
     .grad = "[[[5, 5], [1.5, 1.5]]]; [[[0, 0], [0, 0]], [[2.5, 2.5], [2.5, 2.5]]]; [4, 4, 4, 4]"},
    {"conv_transpose1d(~[2, 4, 3], ~[4, 3, 3], ~[6]; stride=2, padding=1, output_padding=1, groups=2)"},
    {"conv_transpose1d(f64[0, 2, 3](), ~[2, 3, 2], [1, 2, 3])", .value = "f64[0, 3, 4]()"},
    {"conv_transpose1d(~[1, 3, 4], ~[2, 1, 3])", .refused = "3 channels, but the weight has 2"},
    {"conv_transpose1d(~[1, 3, 4], ~[3, 1, 3]; groups=2)", .refused = "2 groups do not divide its 3 outputs"},
    {"conv_transpose1d(~[2, 4], ~[1, 2, 3])", .refused = "must be (batch, channels, 1 size)"},
    {"conv_transpose1d(~[1, 2, 4], ~[2, 3, 3], [1, 2])", .refused = "bias is f64[2]: one bias an output is wanted"},
    {"conv_transpose1d(~[1, 2, 4], ~[2, 3, 3]; stride=2, output_padding=2)", .refused = "output_padding 2 must be smaller than stride 2"},
    {"conv_transpose1d(~[1, 2, 1], ~[2, 3, 2]; padding=1)", .refused = "nothing is left along axis 2 after padding 1"},
    {"conv_transpose1d(~[1, 2, 4], ~[2, 3, 3]; dilation=0)", .refused = "dilation is 0, must be at least 1"},
    {0}};

const wg_op wg_op_conv_transpose1d = {WG_LINE(conv_transpose1d), .kind = WG_BLOCK, .shape = shape, .define = define, .samples = samples};

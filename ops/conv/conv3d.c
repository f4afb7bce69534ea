/* conv3d(x, weight, bias?; stride, padding, dilation, groups) as F.conv3d: the correlation of x, (batch, channels, depth, height, width),
 * with weight, (outputs, channels / groups, sizes of the kernel), and bias added to each output: conv says the rest. stride, padding
 * and dilation are a number an axis, or one for all; padding puts zeros on both sides. */
#include "ops/conv/geometry.h"

static conv_attrs attrs_of(const wg_conv3d_options *o)
{
    return *CONV_ATTRS(o);
}

static bool shape(wg_call *c)
{
    conv_attrs a = attrs_of(c->attrs);
    return conv_layer(c, 3, &a, false);
}

static wg_tensor define(const wg_rule *r)
{
    conv_attrs a = attrs_of(r->attrs);
    wg_tensor y = wg_conv(r->in[0], r->in[1], .stride = a.stride, .padding = a.padding, .dilation = a.dilation, .groups = a.groups);
    return conv_biased(y, r->in[2], 3);
}

static const wg_sample samples[] = {
    {"conv3d([[[[[1.5, 2], [-2, -0.5]], [[-0.5, 3], [0.5, -1.5]]]]], [[[[[1.5, -0.5], [1.5, -1]], [[-2, 1], [1, 3]]]]], [0.5])",
     .value = "[[[[[-0.75]]]]]",
     .grad = "[[[[[1.5, -0.5], [1.5, -1]], [[-2, 1], [1, 3]]]]]; [[[[[1.5, 2], [-2, -0.5]], [[-0.5, 3], [0.5, -1.5]]]]]; [1]"},
    {"conv3d([[[[[-1.5, 2, -1.5]], [[3, 1.5, -1.5]]], [[[1, 3, -1.5]], [[-2, 2, -1]]]]], [[[[[-0.5, 1.5]]], [[[-2, 3]]]]]; stride=[2, 1, "
       "1])",
     .value = "[[[[[10.75, -13.75]]]]]",
     .grad = "[[[[[-0.5, 1, 1.5]], [[0, 0, 0]]], [[[-2, 1, 3]], [[0, 0, 0]]]]]; [[[[[0.5, 0.5]]], [[[4, 1.5]]]]]"},
    {"conv3d([[[[[-1.5, -1.5], [1.5, -1]], [[-2, 1], [-1.5, -2]]]]], [[[[[-1.5, 2]], [[0.5, 0.5]]]], [[[[-1.5, -2]], [[3, 3]]]]], [-0.5, "
       "-1.5]; padding=[1, 0, 0])",
     .value = "[[[[[-2], [-0.25]], [[-1.75], [-6.5]], [[4.5], [-2.25]]], [[[-10.5], [0]], [[0.75], [-12.25]], [[-0.5], [4.75]]]]]",
     .grad = "[[[[[0.5, 3.5], [0.5, 3.5]], [[0.5, 3.5], [0.5, 3.5]]]]]; [[[[[-3.5, -3.5]], [[-3.5, -3.5]]]], [[[[-3.5, -3.5]], [[-3.5, "
       "-3.5]]]]]; [6, 6]"},
    {"conv3d(~[2, 4, 5, 5, 5], ~[6, 2, 3, 3, 3], ~[6]; stride=2, padding=1, groups=2)"},
    {"conv3d(f64[0, 2, 3, 3, 3](), ~[3, 2, 2, 2, 2], [1, 2, 3])", .value = "f64[0, 3, 2, 2, 2]()"},
    {"conv3d(~[1, 2, 2, 2, 2], ~[1, 2, 3, 3, 3])",
     .refused = "x is f64[1,2,2,2,2], weight is f64[1,2,3,3,3]: with dilation 1 the kernel is larger than axis 2 of x"},
    {"conv3d(~[1, 3, 4, 4, 4], ~[1, 2, 3, 3, 3])", .refused = "3 channels, but the weight has 2"},
    {"conv3d(~[1, 2, 4, 4, 4], ~[3, 1, 3, 3, 3]; groups=2)", .refused = "2 groups do not divide its 3 outputs"},
    {"conv3d(~[2, 4, 4, 4], ~[1, 2, 3, 3, 3])", .refused = "must be (batch, channels, 3 sizes)"},
    {"conv3d(~[1, 2, 4, 4, 4], ~[3, 2, 3, 3, 3], [1, 2])", .refused = "bias is f64[2]: one bias an output is wanted"},
    {"conv3d(~[1, 2, 4, 4, 4], ~[3, 2, 3, 3, 3]; stride=0)", .refused = "stride is 0, must be at least 1"},
    {"conv3d(~[1, 2, 4, 4, 4], ~[3, 2, 3, 3, 3]; padding=-2)", .refused = "padding is -2, must be at least 0"},
    {0}};

const wg_op wg_op_conv3d = {WG_LINE(conv3d), .kind = WG_BLOCK, .shape = shape, .define = define, .samples = samples};

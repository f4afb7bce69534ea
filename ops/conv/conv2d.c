/* conv2d(x, weight, bias?; stride, padding, dilation, groups) as F.conv2d: the correlation of x, (batch, channels, height, width),
 * with weight, (outputs, channels / groups, sizes of the kernel), and bias added to each output: conv says the rest. stride, padding
 * and dilation are a number an axis, or one for all; padding puts zeros on both sides. */
#include "ops/conv/geometry.h"

static conv_attrs attrs_of(const wg_conv2d_options *o)
{
    return *CONV_ATTRS(o);
}

static bool shape(wg_call *c)
{
    conv_attrs a = attrs_of(c->attrs);
    return conv_layer(c, 2, &a, false);
}

static wg_tensor define(const wg_rule *r)
{
    conv_attrs a = attrs_of(r->attrs);
    wg_tensor y = wg_conv(r->in[0], r->in[1], .stride = a.stride, .padding = a.padding, .dilation = a.dilation, .groups = a.groups);
    return conv_biased(y, r->in[2], 2);
}

static const wg_sample samples[] = {
    {"conv2d([[[[-1.5, 1, -1], [0.5, 3, 2], [-2, 1, -0.5]]]], [[[[-0.5, -1.5], [3, -1.5]]]], [-1])",
     .value = "[[[[-4.75, 6], [-13.25, -1.75]]]]",
     .grad = "[[[[-0.5, -2, -1.5], [2.5, -0.5, -3], [3, 1.5, -1.5]]]]; [[[[3, 5], [2.5, 5.5]]]]; [4]"},
    {"conv2d([[[[-0.5, 0.5, -1], [-2, 2, 1.5]], [[-2, 0.5, -0.5], [0.5, 3, 3]]]], [[[[1.5, -2]], [[2, 1]]], [[[-2, -2]], [[-1, -2]]]])",
     .value = "[[[[-5.25, 3.25], [-3, 9]], [[1, 1.5], [-6.5, -16]]]]",
     .grad = "[[[[-0.5, -4.5, -4], [-0.5, -4.5, -4]], [[1, 0, -1], [1, 0, -1]]]]; [[[[0, 3]], [[2, 6]]], [[[0, 3]], [[2, 6]]]]"},
    {"conv2d([[[[-1.5, -2, -1.5], [2, -2, -1.5], [3, 3, 2]]]], [[[[1, -1, 1], [-1.5, 1, 1.5], [1.5, 0.5, 1]]]], [0.5]; padding=1, "
       "stride=2)",
     .value = "[[[[-5, -1.75], [4, -2.5]]]]",
     .grad = "[[[[1, 0, 1], [-0.5, 4.5, -0.5], [1, 0, 1]]]]; [[[[-2, 0.5, -2], [1, 2, 1], [-2, 0.5, -2]]]]; [4]"},
    {"conv2d([[[[-0.5, 1], [1.5, -1.5], [-1, 3]], [[-2, 1.5], [-1.5, -1], [-2, 1]]]], [[[[2, 3], [1.5, -2]]], [[[1.5, -2], [1, 2]]]], "
       "[1, 1.5]; groups=2, padding=[0, 1], dilation=[1, 2])",
     .value = "[[[[7, 2.25], [-9.5, 2.5]], [[-3.5, -3], [5.5, -2.75]]]]",
     .grad = "[[[[2, 3], [3.5, 1], [1.5, -2]], [[1.5, -2], [2.5, 0], [1, 2]]]]; [[[[1, -0.5], [0.5, 1.5]]], [[[-3.5, 0.5], [-3.5, 0]]]]; "
       "[4, 4]"},
    {"conv2d(~[2, 4, 5, 5], ~[6, 2, 3, 3], ~[6]; stride=2, padding=1, groups=2)"},
    {"conv2d(f64[0, 2, 3, 3](), ~[3, 2, 2, 2], [1, 2, 3])", .value = "f64[0, 3, 2, 2]()"},
    {"conv2d(~[1, 2, 2, 2], ~[1, 2, 3, 3])",
     .refused = "x is f64[1,2,2,2], weight is f64[1,2,3,3]: with dilation 1 the kernel is larger than axis 2 of x"},
    {"conv2d(~[1, 3, 4, 4], ~[1, 2, 3, 3])", .refused = "3 channels, but the weight has 2"},
    {"conv2d(~[1, 2, 4, 4], ~[3, 1, 3, 3]; groups=2)", .refused = "2 groups do not divide its 3 outputs"},
    {"conv2d(~[2, 4, 4], ~[1, 2, 3, 3])", .refused = "must be (batch, channels, 2 sizes)"},
    {"conv2d(~[1, 2, 4, 4], ~[3, 2, 3, 3], [1, 2])", .refused = "bias is f64[2]: one bias an output is wanted"},
    {"conv2d(~[1, 2, 4, 4], ~[3, 2, 3, 3]; stride=0)", .refused = "stride is 0, must be at least 1"},
    {"conv2d(~[1, 2, 4, 4], ~[3, 2, 3, 3]; padding=-2)", .refused = "padding is -2, must be at least 0"},
    {0}};

const wg_op wg_op_conv2d = {WG_LINE(conv2d), .kind = WG_BLOCK, .shape = shape, .define = define, .samples = samples};

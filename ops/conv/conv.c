/* conv(x, weight; stride, padding, dilation, groups): the correlation of x, (batch, channels, 1 to 3 sizes), with weight, (outputs,
 * channels / groups, as many sizes), zeros beyond the edges: what conv1d, conv2d and conv3d are without their bias.
 *     y[n, o, i] = sum over c, t of weight[o, c, t] x[n, c, i stride + t dilation - padding]
 * Linear in x and in weight: the reverses are conv_dx and conv_dw, and the three are each other's derivatives, so that every order
 * is there. A node because the matrix of all windows is never made: panels of it are packed where the product reads them. */
#ifndef WG_KERNEL_PART
#include "ops/conv/ahead.h"

static bool shape(wg_call *c)
{
    const wg_conv_options *o = c->attrs;
    return conv_shape(c, c->in[0], "x", c->in[1], CONV_ATTRS(o), &c->shape);
}

static wg_tensor vjp(const wg_rule *r, wg_tensor g, int i)
{
    const wg_conv_options *o = r->attrs;
    if (i == 0)
        return wg_conv_dx(r->in[1], g, .like = r->in[0], .stride = o->stride, .padding = o->padding, .dilation = o->dilation,
                          .groups = o->groups);
    return wg_conv_dw(r->in[0], g, r->in[1], .stride = o->stride, .padding = o->padding, .dilation = o->dilation, .groups = o->groups);
}

static bool units(wg_work *w)
{
    const wg_conv_options *o = w->attrs;
    conv_plan p = conv_plan_of(w->in[0].shape, w->in[1].shape, w->out.shape, CONV_ATTRS(o));
    return conv_ahead(w, &p);
}

static int64_t region(const wg_work *w, int64_t lo, int64_t hi, wg_region *r)
{
    conv_plan p;
    memcpy(&p, w->size, sizeof p);
    return conv_ahead_region(&p, lo, hi, r);
}

static const wg_sample samples[] = {
    {"conv([[[-0.5, 3, -1, 1, 2]]], [[[-1.5, -2, 2]]])",
     .value = "[[[-7.25, -0.5, 3.5]]]",
     .grad = "[[[-1.5, -3.5, -1.5, 0, 2]]]; [[[1.5, 3, 2]]]"},
    {"conv([[[[0.5, 3, -0.5], [-0.5, 2, 3], [3, 2, 1.5]], [[-1, -0.5, -1], [3, 1.5, -2], [-1.5, -1, -2]]]], [[[[0.5, -2], [0.5, 2]], "
       "[[1.5, 1.5], [1.5, 2]]], [[[-1, 1], [-1.5, -2]], [[-1, 2], [-0.5, 0.5]]]])",
     .value = "[[[[3.25, 5.5], [3.75, -7.25]], [[-1.5, -15.75], [-5.75, -11]]]]",
     .grad = "[[[[-0.5, -1.5, -1], [-1.5, -2.5, -1], [-1, -1, 0]], [[0.5, 4, 3.5], [1.5, 7.5, 6], [1, 3.5, 2.5]]]]; [[[[5, 7.5], [6.5, "
       "8.5]], [[3, -2], [2, -3.5]]], [[[5, 7.5], [6.5, 8.5]], [[3, -2], [2, -3.5]]]]"},
    {"conv([[[[1.5, 0.5, 1.5, 3], [1.5, 1, 3, 1.5], [-0.5, 1, -2, 0.5]]]], [[[[-1, 1, 3], [-1.5, -0.5, 0.5]]]]; stride=[2, 1], "
       "padding=[1, 2])",
     .value = "[[[[0.75, -0.5, -1.75, 0, -3.75, -4.5], [4.25, 5.25, 7.75, 6.25, 1.25, -2.25]]]]",
     .grad = "[[[[-1.5, -1.5, -1.5, -1.5], [3, 3, 3, 3], [-1.5, -1.5, -1.5, -1.5]]]]; [[[[7, 7, 7], [5.5, 5.5, 5.5]]]]"},
    {"conv([[[0.5, -1.5, -1.5, 2, 2]]], [[[-1.5, 1]]]; dilation=3, padding=1)",
     .value = "[[[-1.5, 1.25, 4.25, 2.25]]]",
     .grad = "[[[-1.5, -1.5, -0.5, 1, 1]]]; [[[-2.5, 2.5]]]"},
    {"conv([[[-1.5, 1.5, -1], [-2, 0.5, 1.5]], [[1.5, -1.5, -2], [-2, 1.5, 1]]], [[[3, 0.5]], [[3, -0.5]], [[-2, 0.5]], [[-2, -1.5]]]; "
       "groups=2)",
     .value = "[[[-3.75, 4], [-5.25, 5], [4.25, -0.25], [3.25, -3.25]], [[3.75, -5.5], [5.25, -3.5], [4.75, -2.5], [1.75, -4.5]]]",
     .grad = "[[[6, 6, 0], [-4, -5, -1]], [[6, 6, 0], [-4, -5, -1]]]; [[[0, -3]], [[0, -3]], [[-2, 4.5]], [[-2, 4.5]]]"},
    {"conv([[[[[-1.5, 3], [-2, -0.5]], [[1.5, 0.5], [0.5, -1]]]]], [[[[[-2, 1]], [[1, 1]]]]]; padding=[0, 1, 0])",
     .value = "[[[[[0], [8], [3], [0]]]]]",
     .grad = "[[[[[-2, 1], [-2, 1]], [[1, 1], [1, 1]]]]]; [[[[[-3.5, 2.5]], [[2, -0.5]]]]]"},
    {"conv(~[2, 3, 6, 5], ~[4, 3, 3, 2])"},
    {"conv(~[3, 4, 5, 7], ~[6, 2, 3, 3]; stride=[1, 2], padding=[2, 1], groups=2)"},
    {"conv(~[1, 6, 9], ~[6, 1, 3]; groups=6, dilation=2, padding=2)"},
    {"conv(~[1, 2, 3, 4, 4], ~[3, 2, 2, 3, 2]; stride=[1, 2, 1], padding=1)"},
    {"conv(~[2, 17, 5, 4], ~[13, 17, 1, 1])"},
    {"conv(~[1, 1, 70], ~[2, 1, 5])"},
    {"conv(~[1, 1, 11089], ~[1, 1, 1])"},
    {"conv(~[1, 2, 58], ~[1, 2, 3]; stride=3, padding=1)"},
    {"conv(~[1, 2, 9, 8], ~[1, 2, 3, 1]; padding=[1, 0])"},
    {"conv(~[1, 2, 5, 3, 4], ~[1, 2, 3, 1, 1]; padding=[1, 0, 0])"},
    {"conv(f64[0, 2, 5, 5](), ~[3, 2, 3, 3])", .value = "f64[0, 3, 3, 3]()"},
    {"conv(f64[1, 0, 3](), f64[2, 0, 2]())", .value = "[[[0, 0], [0, 0]]]", .grad = "f64[1, 0, 3](); f64[2, 0, 2]()"},
    {"conv(~[1, 2, 3], f64[0, 2, 2]())", .value = "f64[1, 0, 2]()"},
    {"conv([[[1, inf, 2]]], [[[1, 1]]])", .value = "[[[inf, inf]]]", .grad = "[[[1, 2, 1]]]; [[[inf, inf]]]", .kink = true},
    {"conv(~[1, 1, 2, 2], ~[1, 1, 3, 2])",
     .refused = "x is f64[1,1,2,2], weight is f64[1,1,3,2]: with dilation 1 the kernel is larger than axis 2 of x and its padding, 0 on "
       "each side"},
    {"conv(~[1, 1, 5], ~[1, 1, 3]; dilation=3)", .refused = "with dilation 3 the kernel is larger than axis 2"},
    {"conv(~[1, 3, 5], ~[1, 2, 3])",
     .refused = "x is f64[1,3,5], weight is f64[1,2,3]: 3 channels, but the weight has 2 in each of 1 groups"},
    {"conv(~[1, 4, 5], ~[3, 2, 3]; groups=2)", .refused = "2 groups do not divide its 3 outputs"},
    {"conv(~[1, 4, 5], ~[3, 4, 3]; groups=0)", .refused = "groups is 0, must be at least 1"},
    {"conv(~[4, 5], ~[3, 4])", .refused = "x is f64[4,5], must be (batch, channels, 1 to 3 sizes)"},
    {"conv(~[1, 4, 5], ~[3, 4, 3, 1])", .refused = "weight must be (outputs, channels / groups, 1 sizes)"},
    {"conv(~[1, 1, 5], ~[1, 1, 3]; stride=0)", .refused = "stride is 0, must be at least 1"},
    {"conv(~[1, 1, 5], ~[1, 1, 3]; padding=-1)", .refused = "padding is -1, must be at least 0"},
    {"conv(~[1, 1, 5], ~[1, 1, 3]; dilation=0)", .refused = "dilation is 0, must be at least 1"},
    {"conv(~[1, 1, 5], ~[1, 1, 3]; stride=[1, 1])", .refused = "stride has 2 numbers, 1 or 1 are wanted"},
    {"conv(~[1, 1, 5], ~[1, 1, 0])", .refused = "a kernel without places"},
    {"conv(~[1, 1, 5], i64[[[1, 2]]])", .refused = "cast"},
    {0}};

#define WG_OVER WG_OVER_REALS
#define WG_WITH_PREPARE
#include "tape/instances.h"

const wg_op wg_op_conv = {WG_LINE(conv), .kind = WG_BLOCK, .shape = shape, .multilinear = 3, .vjp = vjp, .units = units, .region = region, .kernel = kernels,
                          .prepare = prepares, .samples = samples};
#else
#include "run/gemm.h"

#include "ops/conv/tile.h"

#include "ops/conv/ahead.h"

static int64_t FN(prepare)(const wg_args *a, int64_t lo, int64_t hi)
{
    conv_plan p;
    memcpy(&p, a->size, sizeof p);
    FN(ahead_pack)(&p, a->shared, a->in[1], &(conv_weights){p.co * p.terms, p.terms, p.taps, 1}, lo, hi);
    return -1;
}

static int64_t FN(kernel)(const wg_args *a, int64_t lo, int64_t hi)
{
    conv_plan p;
    memcpy(&p, a->size, sizeof p);
    FN(ahead)(&p, a, a->in[0], lo, hi);
    return -1;
}
#endif

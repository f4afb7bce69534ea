/* instance_norm(x, weight?, bias?; eps) = (x - mean) / sqrt(variance + eps) weight + bias, mean and variance (biased) of each item's
 * channel (axis 1) over all axes behind; one weight and bias for each channel: F.instance_norm. Ulyanov, Vedaldi and Lempitsky 2016
 * (arXiv:1607.08022). One value alone gives bias; torch refuses it. By definition alone: moments and shift_scale do the work. */
#include "ops/norm/channels.h"

static bool shape(wg_call *c) { return wg__channels_of(c, 3) && wg__by_channel(c, 1) && wg__by_channel(c, 2); }

static wg_tensor define(const wg_rule *r)
{
    const wg_instance_norm_options *o = r->attrs;
    wg_tensor x = wg__with_places(r->in[0]), m = wg_moments(x, .axes = wg__places(x)), n = wg_size(x, .axes = wg__places(x));
    wg_tensor scale = wg_rsqrt(wg_add(wg_div(wg__moment(m, 2), n), wg_num(o->eps)));
    return wg__shaped_as(wg__normed(x, wg__moment(m, 0), wg__moment(m, 1), scale, r->in[1], r->in[2]), r->in[0]);
}

/* values and gradients: PyTorch 1.13.1 in f64; of constants by the formula */
static const wg_sample samples[] = {
    {.call = "instance_norm([[[1, 2, 4], [4, -3, 0]], [[0.5, -1, 1], [2, 2.5, 7]]], [1.5, -2], [0.25, 1])",
     .value = "[[[-1.3535622971754464, -0.15089057429386177, 2.2544528714693075], [-1.5574464971605464, 3.324951361055042, "
     "1.232495136105504]], [[0.8383443322755818, -1.8092051629645363, 1.7208608306889543], [2.630746883828632, 2.1859977336935503, "
     "-1.8167446175221822]]]", .kink = true}, /* of a plain sum the gradient is all rounding */
    {.call = "instance_norm([[[[1, 2], [4, -3]]]]; eps=0.125)",
     .value = "[[[[0, 0.38851434494290565], [1.165543034828717, -1.5540573797716226]]]]"},
    {.call = "instance_norm([[[1, 2, 4], [4, -3, 0]], [[0.5, -1, 1], [2, 2.5, 7]]], [1.5, -2])",
     .value = "[[[-1.6035622971754464, -0.40089057429386177, 2.0044528714693075], [-2.557446497160546, 2.3249513610550423, "
     "0.2324951361055042]], [[0.5883443322755818, -2.059205162964536, 1.4708608306889546], [1.6307468838286316, 1.1859977336935503, "
     "-2.816744617522182]]]"},
    {.call = "instance_norm([[[1, 2, 4], [4, -3, 0]], [[0.5, -1, 1], [2, 2.5, 7]]], _, [1.5, -2])",
     .value = "[[[0.43095846854970243, 1.2327396171374256, 2.836301914312872], [-0.7212767514197267, -3.1624756805275207, "
     "-2.116247568052752]], [[1.8922295548503878, 0.1271965580236425, 2.4805738871259697], [-2.815373441914316, -2.592998866846775, "
     "-0.5916276912389089]]]"},
    {.call = "instance_norm([[[2.7, 2.7, 2.7], [-100000000, -100000000, -100000000]]], [3, 2], [0.5, 0.25])",
     .value = "[[[0.5, 0.5, 0.5], [0.25, 0.25, 0.25]]]", .kink = true},
    {.call = "instance_norm([[[1, inf], [nan, 1], [1, 3]]])",
     .value = "[[[nan, nan], [nan, nan], [-0.9999950000374997, 0.9999950000374997]]]", .kink = true},
    {.call = "instance_norm([[[3], [-2]]], [1.5, 2], [0.25, 1])", .value = "[[[0.25], [1]]]", .kink = true},
    {.call = "instance_norm(f64[0, 2, 3](), [1, 2], [1, 2])", .value = "f64[0, 2, 3]()", .grad = "f64[0, 2, 3](); [0, 0]; [0, 0]"},
    {.call = "instance_norm(f64[1, 2, 0]())", .value = "f64[1, 2, 0]()", .grad = "f64[1, 2, 0]()"},
    {.call = "instance_norm(~[3, 4, 5], ~[4], ~[4])"},
    {.call = "instance_norm(~[2, 3, 3, 5], ~[3])"},
    {.call = "instance_norm(~[2, 1, 70])"},
    {.call = "instance_norm(~[2, 3])", .refused = "x is f64[2,3]: it needs at least three axes"},
    {.call = "instance_norm(~[3])", .refused = "x is f64[3]: it needs at least three axes"},
    {.call = "instance_norm(~[2, 3, 4], ~[4])", .refused = "x is f64[2,3,4], weight is f64[4]: it must have one number for each channel"},
    {.call = "instance_norm(~[2, 3, 4], _, ~[3, 1])", .refused = "bias is f64[3,1]"},
    {.call = "instance_norm(~[2, 3, 4], 1.5)", .refused = "weight is f64[]"},
    {.call = "instance_norm(bool[[[true]]])", .refused = "must be f32 or f64"},
    {0}};

const wg_op wg_op_instance_norm = {WG_LINE(instance_norm), .kind = WG_BLOCK, .shape = shape, .define = define, .samples = samples};

/* std(x; axes, correction, keepdim) = sqrt(var(x)), as torch.std: correction=1 is unbiased. Of constants 0, with derivative 0, of any
 * order; of one element, unbiased, and of nothing: NaN. By definition alone: var does the work. */
#include "ops/reduce/along.h"

static bool shape(wg_call *c)
{
    const wg_std_options *o = c->attrs;
    return wg__along(c, &o->axes, o->keepdim, NULL);
}

static wg_tensor define(const wg_rule *r)
{
    const wg_std_options *o = r->attrs;
    wg_tensor v = wg_var(r->in[0], .axes = o->axes, .correction = o->correction, .keepdim = o->keepdim);
    wg_tensor flat = wg_eq(v, wg_num(0));
    /* twice: the root of 0, whose slope is inf, is nowhere */
    return wg_where(flat, wg_num(0), wg_sqrt(wg_where(flat, wg_num(1), v)));
}

static const wg_sample samples[] = {
    {.call = "std([1, 2, 4])", .value = "1.5275252316519465", .grad = "[-0.43643578047198484, -0.10910894511799625, 0.5455447255899809]"},
    {.call = "std([1, 2, 4]; correction=0)", .value = "1.247219128924647",
     .grad = "[-0.35634832254989923, -0.08908708063747484, 0.44543540318737396]"},
    {.call = "std([1, 2, 4]; correction=2)", .value = "2.1602468994692865",
     .grad = "[-0.6172133998483678, -0.154303349962092, 0.7715167498104596]"},
    {.call = "std([[1, 2, 4], [0, 0, 3]]; axes=[1], keepdim=true)", .value = "[[1.5275252316519465], [1.7320508075688772]]"},
    {.call = "std([[1, 2], [3, 5], [4, -1]]; axes=[-2])", .value = "[1.5275252316519468, 3.0]",
     .grad = "[[-0.5455447255899809, 0.0], [0.10910894511799622, 0.5], [0.4364357804719848, -0.5]]"},
    {.call = "std([5])", .value = "nan", .grad = "[nan]", .kink = true},
    {.call = "std([5]; correction=0)", .value = "0", .grad = "[0]", .kink = true},
    {.call = "std([3, 3, 3])", .value = "0", .grad = "[0, 0, 0]", .kink = true},
    {.call = "std([[1, 2, 4], [7, 7, 7]]; axes=[1])", .value = "[1.5275252316519465, 0]",
     .grad = "[[-0.43643578047198484, -0.10910894511799625, 0.5455447255899809], [0, 0, 0]]", .kink = true},
    {.call = "std([100000000, 100000008])", .value = "5.656854249492381", .grad = "[-0.7071067811865475, 0.7071067811865475]",
     .kink = true}, /* smooth, but its second derivative is all rounding */
    {.call = "std(f64[0]())", .value = "nan", .grad = "f64[0]()", .kink = true},
    {.call = "std([1, inf])", .value = "nan", .grad = "[nan, nan]", .kink = true},
    {.call = "std(~[3, 2, 4]; axes=[0, -1])"},
    {.call = "std(~[20, 7]; axes=[0], correction=0)"},
    {.call = "std([[1]]; axes=[])", .refused = "axes=[]"},
    {.call = "std([[1]]; axes=[0, -2])", .refused = "appears twice"},
    {.call = "std([[1]]; axes=[2])", .refused = "axis 2 is out of range for rank 2"},
    {.call = "std(i64[1, 2])", .refused = "must be f32 or f64"},
    {0}};

const wg_op wg_op_std = {WG_LINE(std), .kind = WG_BLOCK, .shape = shape, .define = define, .samples = samples};

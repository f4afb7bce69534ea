/* hardshrink(x; lambda): 0 where |x| <= lambda, else x; d/dx = 0 there, else 1, at NaN too, which stays (as torch has it). A
 * lambda below 0 leaves every x. It selects, so that an infinite cotangent leaves 0 where 0 belongs. By definition alone: its
 * steps run as one chain. */
#include "tape/op.h"

static bool shape(wg_call *c)
{
    const wg_hardshrink_options *o = c->attrs;
    return !isnan(o->lambda) || wg__refuse(c, "lambda is nan");
}

static wg_tensor define(const wg_rule *r)
{
    const wg_hardshrink_options *o = r->attrs;
    return wg_where(wg_le(wg_abs(r->in[0]), wg_num(o->lambda)), wg_num(0), r->in[0]);
}

/* values and gradients: PyTorch 1.13.1 in f64 */
static const wg_sample samples[] = {
    {.call = "hardshrink([[-1.5, 0.25], [5, -0.125]])", .value = "[[-1.5, 0], [5, 0]]", .grad = "[[1, 0], [1, 0]]"},
    {.call = "hardshrink([-1.5, 0.25, 5, -0.125]; lambda=2)", .value = "[0, 0, 5, 0]", .grad = "[0, 0, 1, 0]"},
    {.call = "hardshrink([0.5, -0.5, 0, nan, inf, -inf])", .value = "[0, 0, 0, nan, inf, -inf]", .grad = "[0, 0, 0, 1, 1, 1]",
     .kink = true},
    {.call = "hardshrink([0, 1]; lambda=0)", .value = "[0, 1]", .grad = "[0, 1]", .kink = true},
    {.call = "hardshrink([0, 1, -1]; lambda=-1)", .value = "[0, 1, -1]", .grad = "[1, 1, 1]"},
    {.call = "hardshrink([1, -3]; lambda=inf)", .value = "[0, 0]", .grad = "[0, 0]"},
    {.call = "hardshrink(-2.5)", .value = "-2.5", .grad = "1"},
    {.call = "hardshrink([[0.75]])", .value = "[[0.75]]", .grad = "[[1]]"},
    {.call = "hardshrink(~[4, 5])"},
    {.call = "hardshrink(~[3, 1, 2])"},
    {.call = "hardshrink(~[37])"},
    {.call = "hardshrink(f64[0, 3]())", .value = "f64[0, 3]()", .grad = "f64[0, 3]()"},
    {.call = "hardshrink(f64[2, 0, 1]())", .value = "f64[2, 0, 1]()", .grad = "f64[2, 0, 1]()"},
    {.call = "hardshrink([1]; lambda=nan)", .refused = "lambda is nan"},
    {.call = "hardshrink(i64[1, 2])", .refused = "must be f32 or f64"},
    {.call = "hardshrink(bool[true])", .refused = "must be f32 or f64"},
    {.call = "hardshrink(u8[1])", .refused = "must be f32 or f64"},
    {.call = "hardshrink()", .refused = "hardshrink"},
    {.call = "hardshrink([1], [2])", .refused = "hardshrink"},
    {0}};

const wg_op wg_op_hardshrink = {WG_LINE(hardshrink), .kind = WG_ELEMENTWISE, .shape = shape, .define = define, .samples = samples};

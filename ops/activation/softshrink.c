/* softshrink(x; lambda): 0 where |x| <= lambda, else x moved towards 0 by lambda; d/dx = 0 there, else 1, at NaN too (as torch
 * has it), which stays (torch 1.13: 0). It selects, so that an infinite cotangent leaves 0 where 0 belongs. Donoho and
 * Johnstone 1994. By definition alone: its steps run as one chain. */
#include "tape/op.h"

static bool shape(wg_call *c)
{
    const wg_softshrink_options *o = c->attrs;
    return o->lambda >= 0 || wg__refuse(c, "lambda is %g, must be 0 or more", o->lambda);
}

static wg_tensor define(const wg_rule *r)
{
    const wg_softshrink_options *o = r->attrs;
    wg_tensor x = r->in[0], moved = wg_sub(x, wg_mul(wg_num(o->lambda), wg_sign(x)));
    return wg_where(wg_le(wg_abs(x), wg_num(o->lambda)), wg_num(0), moved);
}

/* values and gradients: PyTorch 1.13.1 in f64 */
static const wg_sample samples[] = {
    {.call = "softshrink([[-1.5, 0.25], [5, -0.125]])", .value = "[[-1, 0], [4.5, 0]]", .grad = "[[1, 0], [1, 0]]"},
    {.call = "softshrink([-1.5, 0.25, 5, -0.125]; lambda=2)", .value = "[0, 0, 3, 0]", .grad = "[0, 0, 1, 0]"},
    {.call = "softshrink([0.5, -0.5, 0, inf, -inf])", .value = "[0, 0, 0, inf, -inf]", .grad = "[0, 0, 0, 1, 1]", .kink = true},
    {.call = "softshrink([nan])", .value = "[nan]", .grad = "[1]", .kink = true},
    {.call = "softshrink([0, 1]; lambda=0)", .value = "[0, 1]", .grad = "[0, 1]", .kink = true},
    {.call = "softshrink(-2.5)", .value = "-2", .grad = "1"},
    {.call = "softshrink([[0.75]])", .value = "[[0.25]]", .grad = "[[1]]"},
    {.call = "softshrink(~[4, 5])"},
    {.call = "softshrink(~[3, 1, 2])"},
    {.call = "softshrink(~[37])"},
    {.call = "softshrink(f64[0, 3]())", .value = "f64[0, 3]()", .grad = "f64[0, 3]()"},
    {.call = "softshrink(f64[2, 0, 1]())", .value = "f64[2, 0, 1]()", .grad = "f64[2, 0, 1]()"},
    {.call = "softshrink([1]; lambda=nan)", .refused = "lambda is nan"},
    {.call = "softshrink([1]; lambda=-1)", .refused = "lambda is -1, must be 0 or more"},
    {.call = "softshrink(i64[1, 2])", .refused = "must be f32 or f64"},
    {.call = "softshrink(bool[true])", .refused = "must be f32 or f64"},
    {.call = "softshrink(u8[1])", .refused = "must be f32 or f64"},
    {.call = "softshrink()", .refused = "softshrink"},
    {.call = "softshrink([1], [2])", .refused = "softshrink"},
    {0}};

const wg_op wg_op_softshrink = {WG_LINE(softshrink), .kind = WG_ELEMENTWISE, .shape = shape, .define = define, .samples = samples};

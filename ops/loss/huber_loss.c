/* huber_loss(x, target; delta, reduction): with d = x - target, d^2 / 2 where |d| < delta and delta (|d| - delta/2) beyond, then the
 * mean, the sum or neither: F.huber_loss; Huber 1964. With c, d cut to -delta..delta, it is c (d - c/2), and the derivative c. */
#include "ops/loss/reduction.h"

static bool shape(wg_call *c)
{
    const wg_huber_loss_options *o = c->attrs;
    if (!(o->delta > 0)) return wg__refuse(c, "delta is %g, must be above 0", o->delta);
    return wg__same_as_target(c) && wg__reduced_shape(c, o->reduction);
}

static wg_tensor define(const wg_rule *r)
{
    const wg_huber_loss_options *o = r->attrs;
    wg_tensor d = wg_sub(r->in[0], r->in[1]), c = wg_clamp(d, .min = -o->delta, .max = o->delta);
    return wg__reduce_loss(wg_mul(c, wg_sub(d, wg_mul(c, wg_num(0.5)))), o->reduction);
}

static const wg_sample samples[] = {
    {.call = "huber_loss([1, 2, 4, -1], [0.5, 3.5, 1, -1])", .value = "0.90625",
     .grad = "[0.125, -0.25, 0.25, 0]; [-0.125, 0.25, -0.25, 0]"},
    {.call = "huber_loss([[1, 2], [4, -1]], [[0.5, 3.5], [1, -1]]; reduction=\"sum\")", .value = "3.625",
     .grad = "[[0.5, -1], [1, 0]]; [[-0.5, 1], [-1, 0]]"},
    {.call = "huber_loss([1, 2, 4, -3], [0.5, 3.5, 1, 0]; delta=2, reduction=\"none\")", .value = "[0.125, 1.125, 4, 4]",
     .grad = "[0.5, -1.5, 2, -2]; [-0.5, 1.5, -2, 2]"},
    {.call = "huber_loss([1, 2, 4.125, -3], [0.5, 3.5, 4, 0]; delta=0.25, reduction=\"none\")",
     .value = "[0.09375, 0.34375, 0.0078125, 0.71875]", .grad = "[0.25, -0.25, 0.125, -0.25]; [-0.25, 0.25, -0.125, 0.25]"},
    {.call = "huber_loss(2.5, 1)", .value = "1", .grad = "1; -1"},
    {.call = "huber_loss([3, -1, 1], [1, 1, 1]; delta=2, reduction=\"none\")", .value = "[2, 2, 0]",
     .grad = "[2, -2, 0]; [-2, 2, 0]", .kink = true},
    {.call = "huber_loss([nan, inf, inf, -inf], [1, 1, inf, 0]; delta=2, reduction=\"none\")", .value = "[nan, inf, nan, inf]",
     .grad = "[nan, 2, nan, -2]; [nan, -2, nan, 2]", .kink = true},
    {.call = "huber_loss([3, -1], [1, 1]; delta=inf, reduction=\"none\")", .value = "[2, 2]", .grad = "[2, -2]; [-2, 2]"},
    {.call = "huber_loss(f64[0](), f64[0]())", .value = "nan", .grad = "f64[0](); f64[0]()", .kink = true},
    {.call = "huber_loss(f64[0, 3](), f64[0, 3](); reduction=\"sum\")", .value = "0", .grad = "f64[0, 3](); f64[0, 3]()"},
    {.call = "huber_loss(f64[0](), f64[0](); reduction=\"none\")", .value = "f64[0]()", .grad = "f64[0](); f64[0]()"},
    {.call = "huber_loss(~[3, 4], ~[3, 4])"},
    {.call = "huber_loss(~[2, 3, 2], ~[2, 3, 2]; delta=0.5, reduction=\"sum\")"},
    {.call = "huber_loss([1], [1]; delta=0)", .refused = "delta is 0, must be above 0"},
    {.call = "huber_loss([1], [1]; delta=nan)", .refused = "delta is nan"},
    {.call = "huber_loss([[1], [2]], [1, 2])", .refused = "x is f64[2,1], target is f64[2]: their shapes differ"},
    {.call = "huber_loss([1, 2], [1, 2, 3])", .refused = "their shapes differ"},
    {.call = "huber_loss([1], [1]; reduction=\"max\")", .refused = "reduction=\"max\" is not one of mean, sum, none"},
    {.call = "huber_loss([1], f32[1])", .refused = "cast one to the other's dtype"},
    {.call = "huber_loss(i64[1], i64[1])", .refused = "must be f32 or f64"},
    {0}};

const wg_op wg_op_huber_loss = {WG_LINE(huber_loss), .kind = WG_BLOCK, .shape = shape, .define = define, .samples = samples};

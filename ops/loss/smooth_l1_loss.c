/* smooth_l1_loss(x, target; beta, reduction): with d = x - target, d^2 / (2 beta) where |d| < beta and |d| - beta/2 beyond, then the
 * mean, the sum or neither: F.smooth_l1_loss; Girshick 2015. With c, d cut to -beta..beta, it is c/beta (d - c/2), and the derivative
 * c/beta. beta = 0 is l1_loss, with derivative 0 where d = 0 (torch: -1). */
#include "ops/loss/reduction.h"

static bool shape(wg_call *c)
{
    const wg_smooth_l1_loss_options *o = c->attrs;
    if (!(o->beta >= 0)) return wg__refuse(c, "beta is %g, must be 0 or more", o->beta);
    return wg__same_as_target(c) && wg__reduced_shape(c, o->reduction);
}

static wg_tensor define(const wg_rule *r)
{
    const wg_smooth_l1_loss_options *o = r->attrs;
    wg_tensor d = wg_sub(r->in[0], r->in[1]);
    if (!(o->beta > 0)) return wg__reduce_loss(wg_abs(d), o->reduction);
    wg_tensor c = wg_clamp(d, .min = -o->beta, .max = o->beta);
    return wg__reduce_loss(wg_mul(wg_div(c, wg_num(o->beta)), wg_sub(d, wg_mul(c, wg_num(0.5)))), o->reduction);
}

static const wg_sample samples[] = {
    {.call = "smooth_l1_loss([1, 2, 4, -1], [0.5, 3.5, 1, -1])", .value = "0.90625",
     .grad = "[0.125, -0.25, 0.25, 0]; [-0.125, 0.25, -0.25, 0]"},
    {.call = "smooth_l1_loss([[1, 2], [4, -1]], [[0.5, 3.5], [1, -1]]; reduction=\"sum\")", .value = "3.625",
     .grad = "[[0.5, -1], [1, 0]]; [[-0.5, 1], [-1, 0]]"},
    {.call = "smooth_l1_loss([1, 2, 4, -3], [0.5, 3.5, 1, 0]; beta=2, reduction=\"none\")", .value = "[0.0625, 0.5625, 2, 2]",
     .grad = "[0.25, -0.75, 1, -1]; [-0.25, 0.75, -1, 1]"},
    {.call = "smooth_l1_loss([1, 2, 4.125, -3], [0.5, 3.5, 4, 0]; beta=0.25, reduction=\"none\")",
     .value = "[0.375, 1.375, 0.03125, 2.875]", .grad = "[1, -1, 0.5, -1]; [-1, 1, -0.5, 1]"},
    {.call = "smooth_l1_loss(2.5, 1)", .value = "1", .grad = "1; -1"},
    {.call = "smooth_l1_loss([2, 0, 1], [1, 1, 1]; reduction=\"none\")", .value = "[0.5, 0.5, 0]", .grad = "[1, -1, 0]; [-1, 1, 0]",
     .kink = true},
    {.call = "smooth_l1_loss([2, 0, 1], [1, 1, 1]; beta=0, reduction=\"none\")", .value = "[1, 1, 0]",
     .grad = "[1, -1, 0]; [-1, 1, 0]", .kink = true},
    {.call = "smooth_l1_loss([nan, inf, inf, -inf], [1, 1, inf, 0]; reduction=\"none\")", .value = "[nan, inf, nan, inf]",
     .grad = "[nan, 1, nan, -1]; [nan, -1, nan, 1]", .kink = true},
    {.call = "smooth_l1_loss([2, -1], [1, 1]; beta=inf, reduction=\"none\")", .value = "[0, 0]", .grad = "[0, 0]; [0, 0]",
     .kink = true},
    {.call = "smooth_l1_loss(f64[0](), f64[0]())", .value = "nan", .grad = "f64[0](); f64[0]()", .kink = true},
    {.call = "smooth_l1_loss(f64[0, 3](), f64[0, 3](); reduction=\"sum\")", .value = "0", .grad = "f64[0, 3](); f64[0, 3]()"},
    {.call = "smooth_l1_loss(f64[0](), f64[0](); reduction=\"none\")", .value = "f64[0]()", .grad = "f64[0](); f64[0]()"},
    {.call = "smooth_l1_loss(~[3, 4], ~[3, 4])"},
    {.call = "smooth_l1_loss(~[2, 3, 2], ~[2, 3, 2]; beta=0.5, reduction=\"sum\")"},
    {.call = "smooth_l1_loss([1], [1]; beta=-1)", .refused = "beta is -1, must be 0 or more"},
    {.call = "smooth_l1_loss([1], [1]; beta=nan)", .refused = "beta is nan"},
    {.call = "smooth_l1_loss([[1], [2]], [1, 2])", .refused = "x is f64[2,1], target is f64[2]: their shapes differ"},
    {.call = "smooth_l1_loss([1, 2], [1, 2, 3])", .refused = "their shapes differ"},
    {.call = "smooth_l1_loss([1], [1]; reduction=\"max\")", .refused = "reduction=\"max\" is not one of mean, sum, none"},
    {.call = "smooth_l1_loss([1], f32[1])", .refused = "cast one to the other's dtype"},
    {.call = "smooth_l1_loss(i64[1], i64[1])", .refused = "must be f32 or f64"},
    {0}};

const wg_op wg_op_smooth_l1_loss = {WG_LINE(smooth_l1_loss), .kind = WG_BLOCK, .shape = shape, .define = define, .samples = samples};

/* l1_loss(x, target; reduction) = |x - target|, then the mean, the sum or neither: F.l1_loss. Differentiable in both, by the sign
 * of the difference: 0 where they are equal, and at NaN, as torch has it. */
#include "ops/loss/reduction.h"

static bool shape(wg_call *c)
{
    const wg_l1_loss_options *o = c->attrs;
    return wg__same_as_target(c) && wg__reduced_shape(c, o->reduction);
}

static wg_tensor define(const wg_rule *r)
{
    const wg_l1_loss_options *o = r->attrs;
    return wg__reduce_loss(wg_abs(wg_sub(r->in[0], r->in[1])), o->reduction);
}

static const wg_sample samples[] = {
    {.call = "l1_loss([1, 2, 4, -1], [0, 3.5, 1, 1])", .value = "1.875",
     .grad = "[0.25, -0.25, 0.25, -0.25]; [-0.25, 0.25, -0.25, 0.25]"},
    {.call = "l1_loss([[1, 2], [4, -1]], [[0, 3.5], [1, 1]]; reduction=\"sum\")", .value = "7.5",
     .grad = "[[1, -1], [1, -1]]; [[-1, 1], [-1, 1]]"},
    {.call = "l1_loss([[1, 2, 4]], [[3, 5, -1]]; reduction=\"none\")", .value = "[[2, 3, 5]]", .grad = "[[-1, -1, 1]]; [[1, 1, -1]]"},
    {.call = "l1_loss(2.5, 1)", .value = "1.5", .grad = "1; -1"},
    {.call = "l1_loss([1, 2], [1, 1]; reduction=\"none\")", .value = "[0, 1]", .grad = "[0, 1]; [0, -1]", .kink = true},
    {.call = "l1_loss([nan, inf, inf, -inf], [1, 1, inf, 0]; reduction=\"none\")", .value = "[nan, inf, nan, inf]",
     .grad = "[0, 1, 0, -1]; [0, -1, 0, 1]", .kink = true},
    {.call = "l1_loss(f64[0](), f64[0]())", .value = "nan", .grad = "f64[0](); f64[0]()", .kink = true},
    {.call = "l1_loss(f64[0, 3](), f64[0, 3](); reduction=\"sum\")", .value = "0", .grad = "f64[0, 3](); f64[0, 3]()"},
    {.call = "l1_loss(f64[0](), f64[0](); reduction=\"none\")", .value = "f64[0]()", .grad = "f64[0](); f64[0]()"},
    {.call = "l1_loss(~[3, 4], ~[3, 4])"},
    {.call = "l1_loss(~[2, 3, 2], ~[2, 3, 2]; reduction=\"sum\")"},
    {.call = "l1_loss([[1], [2]], [1, 2])", .refused = "x is f64[2,1], target is f64[2]: their shapes differ"},
    {.call = "l1_loss([1, 2], [1, 2, 3])", .refused = "their shapes differ"},
    {.call = "l1_loss([1], [1]; reduction=\"max\")", .refused = "reduction=\"max\" is not one of mean, sum, none"},
    {.call = "l1_loss([1], f32[1])", .refused = "cast one to the other's dtype"},
    {.call = "l1_loss(i64[1], i64[1])", .refused = "must be f32 or f64"},
    {0}};

const wg_op wg_op_l1_loss = {WG_LINE(l1_loss), .kind = WG_BLOCK, .shape = shape, .define = define, .samples = samples};

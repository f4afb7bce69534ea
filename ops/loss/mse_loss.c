/* mse_loss(x, target; reduction) = (x - target)^2, then the mean, the sum or neither: F.mse_loss. Differentiable in both.
 * Shapes must be equal, where torch warns and broadcasts. The mean of nothing is NaN. */
#include "ops/loss/reduction.h"

static bool shape(wg_call *c)
{
    const wg_mse_loss_options *o = c->attrs;
    return wg__same_as_target(c) && wg__reduced_shape(c, o->reduction);
}

static wg_tensor define(const wg_rule *r)
{
    const wg_mse_loss_options *o = r->attrs;
    return wg__reduce_loss(wg_square(wg_sub(r->in[0], r->in[1])), o->reduction);
}

static const wg_sample samples[] = {
    {.call = "mse_loss([1, 2, 4], [1, 0, 1])", .value = "4.333333333333333",
     .grad = "[0, 1.3333333333333333, 2]; [0, -1.3333333333333333, -2]"},
    {.call = "mse_loss([1, 2, 4], [1, 0, 1]; reduction=\"sum\")", .value = "13", .grad = "[0, 4, 6]; [0, -4, -6]"},
    {.call = "mse_loss([[1, 2]], [[3, 5]]; reduction=none)", .value = "[[4, 9]]"},
    {.call = "mse_loss(2.5, 1.0)", .value = "2.25", .grad = "3; -3"},
    {.call = "mse_loss(f64[0](), f64[0]())", .value = "nan", .grad = "f64[0](); f64[0]()", .kink = true},
    {.call = "mse_loss(f64[0](), f64[0](); reduction=\"sum\")", .value = "0", .grad = "f64[0](); f64[0]()"},
    {.call = "mse_loss([1, nan], [1, 1]; reduction=\"none\")", .value = "[0, nan]", .grad = "[0, nan]; [0, nan]", .kink = true},
    {.call = "mse_loss(~[3, 4], ~[3, 4])"},
    {.call = "mse_loss(~[2, 3, 2], ~[2, 3, 2]; reduction=\"sum\")"},
    {.call = "mse_loss([[1], [2]], [1, 2])", .refused = "x is f64[2,1], target is f64[2]: their shapes differ"},
    {.call = "mse_loss([1, 2], [1, 2, 3])", .refused = "their shapes differ"},
    {.call = "mse_loss([1], [1]; reduction=\"max\")", .refused = "reduction=\"max\" is not one of mean, sum, none"},
    {.call = "mse_loss(i64[1], i64[1])", .refused = "must be f32 or f64"},
    {0}};

const wg_op wg_op_mse_loss = {WG_LINE(mse_loss), .kind = WG_BLOCK, .shape = shape, .define = define, .samples = samples};

/* margin_ranking_loss(a, b, target; margin, reduction) = max(0, margin - target (a - b)), then the mean, the sum or neither:
 * F.margin_ranking_loss. target is 1 where a should be the larger, -1 where b should, in a's dtype or as integers. Where the
 * loss just gets to 0 it still has its slope, as torch's clamp. Differentiable in all three. Shapes must be equal. */
#include "ops/loss/reduction.h"

static bool shape(wg_call *c)
{
    const wg_margin_ranking_loss_options *o = c->attrs;
    if (isnan(o->margin)) return wg__refuse(c, "margin is nan");
    return wg__same_as(c, 1) && wg__same_as(c, 2) && wg__labels_fit(c, 2) && wg__reduced_shape(c, o->reduction);
}

static wg_tensor define(const wg_rule *r)
{
    const wg_margin_ranking_loss_options *o = r->attrs;
    wg_tensor target = wg__labels(r->in[2], r->in[0]), ahead = wg_mul(target, wg_sub(r->in[0], r->in[1]));
    return wg__reduce_loss(wg_clamp(wg_sub(wg_num(o->margin), ahead), .min = 0), o->reduction);
}

/* values and gradients: PyTorch 1.13.1 in f64 */
static const wg_sample samples[] = {
    {.call = "margin_ranking_loss([0.5, 2, 0.25, 3], [1, -1, 2, 0.5], [1, 1, -1, -1]; margin=0.25)", .value = "0.875",
     .grad = "[-0.25, 0, 0, 0.25]; [0.25, 0, 0, -0.25]; [0.125, 0, 0, -0.625]"},
    {.call = "margin_ranking_loss([0.5, 2, 0.25, 3], [1, -1, 2, 0.5], i64[1, 1, -1, -1]; reduction=\"sum\")", .value = "3",
     .grad = "[-1, 0, 0, 1]; [1, 0, 0, -1]"},
    {.call = "margin_ranking_loss([0.5, 2, 0.25, 3], [1, -1, 2, 0.5], i32[1, 1, -1, -1]; margin=4, reduction=\"none\")",
     .value = "[4.5, 1, 2.25, 6.5]", .grad = "[-1, -1, 1, 1]; [1, 1, -1, -1]"},
    {.call = "margin_ranking_loss([[0.5, 2]], [[1, -1]], u8[[1, 1]]; margin=1, reduction=\"none\")", .value = "[[1.5, 0]]",
     .grad = "[[-1, 0]]; [[1, 0]]"},
    {.call = "margin_ranking_loss([1, 1], [1, 0], [1, 1]; margin=1, reduction=\"none\")", .value = "[1, 0]",
     .grad = "[-1, -1]; [1, 1]; [0, -1]", .kink = true},
    {.call = "margin_ranking_loss([1], [1], [-1]; reduction=\"none\")", .value = "[0]", .grad = "[1]; [-1]; [0]", .kink = true},
    {.call = "margin_ranking_loss([nan, 1, inf, -inf, inf], [1, nan, 1, 1, inf], [1, 1, 1, 1, 1]; reduction=\"none\")",
     .value = "[nan, nan, 0, inf, nan]", .grad = "[0, 0, 0, -1, 0]; [0, 0, 0, 1, 0]; [nan, nan, nan, inf, nan]", .kink = true},
    {.call = "margin_ranking_loss(f64 0.25, f64 1.5, f64 1)", .value = "1.25", .grad = "-1; 1; 1.25"},
    {.call = "margin_ranking_loss(f64[0](), f64[0](), f64[0]())", .value = "nan", .grad = "f64[0](); f64[0](); f64[0]()", .kink = true},
    {.call = "margin_ranking_loss(f64[0](), f64[0](), f64[0](); reduction=\"sum\")", .value = "0",
     .grad = "f64[0](); f64[0](); f64[0]()"},
    {.call = "margin_ranking_loss(f64[0, 3](), f64[0, 3](), f64[0, 3](); reduction=\"none\")", .value = "f64[0, 3]()",
     .grad = "f64[0, 3](); f64[0, 3](); f64[0, 3]()"},
    {.call = "margin_ranking_loss(~[3, 4], ~[3, 4], ~[3, 4]; margin=0.5)"},
    {.call = "margin_ranking_loss(~[37], ~[37], +[37]; reduction=\"sum\", margin=3)"},
    {.call = "margin_ranking_loss([[1], [2]], [1, 2], [1, 2])", .refused = "a is f64[2,1], b is f64[2]: their shapes differ"},
    {.call = "margin_ranking_loss([1, 2], [1, 2], [1])", .refused = "a is f64[2], target is f64[1]: their shapes differ"},
    {.call = "margin_ranking_loss([1], [1], bool[true])", .refused = "target is bool[1], which must be of the same dtype or integers"},
    {.call = "margin_ranking_loss([1], [1], f32[1])", .refused = "target is f32[1], which must be"},
    {.call = "margin_ranking_loss([1], f32[1], [1])", .refused = "cast one to the other's dtype"},
    {.call = "margin_ranking_loss([1], [1], [1]; margin=nan)", .refused = "margin is nan"},
    {.call = "margin_ranking_loss([1], [1], [1]; reduction=\"max\")", .refused = "reduction=\"max\" is not one of mean, sum, none"},
    {.call = "margin_ranking_loss(i64[1], i64[1], i64[1])", .refused = "must be f32 or f64"},
    {0}};

const wg_op wg_op_margin_ranking_loss = {WG_LINE(margin_ranking_loss), .kind = WG_BLOCK, .any_dtype = 4, .shape = shape, .define = define,
                                         .samples = samples};

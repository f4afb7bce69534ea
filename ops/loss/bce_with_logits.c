/* bce_with_logits(x, target, weight?, pos_weight?; reduction): with p = sigmoid(x),
 *     -weight (pos_weight target log p + (1 - target) log(1 - p)),
 * F.binary_cross_entropy_with_logits; -log p is softplus(-x) and -log(1 - p) is softplus(x), so that large x neither overflow
 * nor cancel. Where target is 0 or 1 and the other side's term is infinite it counts as 0: (inf, 1) gives 0 (torch: NaN).
 * Differentiable in all four; weights broadcast to x. */
#include "ops/loss/reduction.h"

static bool shape(wg_call *c)
{
    const wg_bce_with_logits_options *o = c->attrs;
    return wg__same_as_target(c) && wg__weights_fit(c, 2) && wg__weights_fit(c, 3) && wg__reduced_shape(c, o->reduction);
}

/* part * cost, 0 where part is 0 and cost infinite. */
static wg_tensor share(wg_tensor part, wg_tensor cost)
{
    wg_tensor none = wg_eq(part, wg_num(0)), endless = wg_eq(cost, wg_num((double)INFINITY));
    return wg_mul(part, wg_where(wg_where(endless, none, endless), wg_num(0), cost));
}

static wg_tensor define(const wg_rule *r)
{
    const wg_bce_with_logits_options *o = r->attrs;
    wg_tensor x = r->in[0], target = r->in[1];
    wg_tensor yes = share(target, wg_softplus(wg_neg(x), .threshold = (double)INFINITY));
    wg_tensor no = share(wg_sub(wg_num(1), target), wg_softplus(x, .threshold = (double)INFINITY));
    if (r->in[3].tape) yes = wg_mul(yes, r->in[3]);
    wg_tensor loss = wg_add(yes, no);
    if (r->in[2].tape) loss = wg_mul(loss, r->in[2]);
    return wg__reduce_loss(loss, o->reduction);
}

static const wg_sample samples[] = {
    {.call = "bce_with_logits([[0, 1, -2], [3, -0.5, 20]], [[1, 0, 1], [0, 0.25, 1]])", .value = "1.296833536156024",
     .grad = "[[-0.08333333333333333, 0.12184309643833414, -0.14679951299631375], "
             "[0.15876235447040557, 0.021256778133024234, -3.4352560303170064e-10]]; "
             "[[0, -0.16666666666666666, 0.3333333333333333], [-0.5, 0.08333333333333333, -3.3333333333333335]]"},
    {.call = "bce_with_logits([[0, 1, -2], [3, -0.5, 20]], [[1, 0, 1], [0, 0.25, 1]]; reduction=\"sum\")", .value = "7.7810012169361435"},
    {.call = "bce_with_logits([0, 1, -2], [1, 0, 0.5]; reduction=\"none\")",
     .value = "[0.6931471805599453, 1.3132616875182228, 1.1269280110429727]"},
    {.call = "bce_with_logits([0, 1, -2], [1, 0, 0.5], [2, 3, 0.5]; reduction=\"none\")",
     .value = "[1.3862943611198906, 3.9397850625546686, 0.5634640055214863]",
     .grad = "[-1, 2.193175735890015, -0.1903985389889412]; [0, -3, 1]; [0.6931471805599453, 1.3132616875182228, 1.1269280110429727]"},
    {.call = "bce_with_logits([0, 1, -2], [1, 0, 0.5], _, [2, 3, 0.5]; reduction=\"none\")",
     .value = "[1.3862943611198906, 1.3132616875182228, 0.5951960082822294]",
     .grad = "[-1, 0.7310585786300049, -0.16059780848341182]; [0.6931471805599453, -0.37347662496355416, 0.9365359944785139]; "
             "[0.6931471805599453, 0, 1.0634640055214863]"},
    {.call = "bce_with_logits([1000, -1000, 1000, -1000], [0, 1, 1, 0]; reduction=\"none\")", .value = "[1000, 1000, 0, 0]",
     .grad = "[1, -1, 0, 0]; [-1000, 1000, -1000, 1000]", .kink = true},
    {.call = "bce_with_logits([-50, 50], [0, 1]; reduction=\"sum\")", .value = "3.857499695927836e-22",
     .grad = "[1.928749847963918e-22, -1.928749847963918e-22]; [50, -50]", .kink = true},
    {.call = "bce_with_logits([inf, -inf, inf, nan], [1, 0, 0, 1]; reduction=\"none\")", .value = "[0, 0, inf, nan]",
     .grad = "[0, 0, 1, nan]; [0, 0, -inf, nan]", .kink = true},
    {.call = "bce_with_logits(f64[0](), f64[0]())", .value = "nan", .grad = "f64[0](); f64[0]()", .kink = true},
    {.call = "bce_with_logits(~[3, 4], +[3, 4], ~[4], +[3, 1])"},
    {.call = "bce_with_logits(~[5], ~[5])"},
    {.call = "bce_with_logits([[1], [2]], [1, 2])", .refused = "x is f64[2,1], target is f64[2]: their shapes differ"},
    {.call = "bce_with_logits([1, 2], [1, 2], [1, 2, 3])", .refused = "to whose shape weight, f64[3], does not broadcast"},
    {.call = "bce_with_logits([1], [1], _, [1, 2])", .refused = "to whose shape pos_weight, f64[2], does not broadcast"},
    {.call = "bce_with_logits([1], i64[1])", .refused = "target is i64[1], which must be f32 or f64"},
    {0}};

const wg_op wg_op_bce_with_logits = {WG_LINE(bce_with_logits), .kind = WG_BLOCK, .shape = shape, .define = define, .samples = samples};

/* poisson_nll_loss(x, target; log_input, eps, reduction) = exp(x) - target x, or with log_input=false, where x is the rate
 * itself, x - target log(x + eps), then the mean, the sum or neither: F.poisson_nll_loss, without Stirling's term for target!,
 * which is constant in x. Differentiable in both. Shapes must be equal. */
#include "ops/loss/reduction.h"

static bool shape(wg_call *c)
{
    const wg_poisson_nll_loss_options *o = c->attrs;
    if (!(o->eps >= 0)) return wg__refuse(c, "eps is %g, must be 0 or more", o->eps);
    return wg__same_as_target(c) && wg__reduced_shape(c, o->reduction);
}

static wg_tensor define(const wg_rule *r)
{
    const wg_poisson_nll_loss_options *o = r->attrs;
    wg_tensor x = r->in[0], rate = o->log_input ? wg_exp(x) : x, log = o->log_input ? x : wg_log(wg_add(x, wg_num(o->eps)));
    return wg__reduce_loss(wg_sub(rate, wg_mul(r->in[1], log)), o->reduction);
}

/* values and gradients: PyTorch 1.13.1 in f64 */
static const wg_sample samples[] = {
    {.call = "poisson_nll_loss([0.5, -2, 0.25, 3], [1, 0, 5, 2])", .value = "3.850904723453038",
     .grad = "[0.16218031767503205, 0.033833820809153176, -0.9289936458280647, 4.521384230796917]; [-0.125, 0.5, -0.0625, -0.75]"},
    {.call = "poisson_nll_loss([0.5, -2, 0.25, 3], [1, 0, 5, 2]; reduction=\"sum\")", .value = "15.403618893812151",
     .grad = "[0.6487212707001282, 0.1353352832366127, -3.7159745833122586, 18.085536923187668]; [-0.5, 2, -0.25, -3]"},
    {.call = "poisson_nll_loss([[0.5, -2], [0.25, 3]], [[1, 0], [5, 2.5]]; reduction=\"none\")",
     .value = "[[1.1487212707001282, 0.1353352832366127], [0.034025416687741394, 12.585536923187668]]",
     .grad = "[[0.6487212707001282, 0.1353352832366127], [-3.7159745833122586, 17.585536923187668]]; [[-0.5, 2], [-0.25, -3]]"},
    {.call = "poisson_nll_loss([0.5, 2, 0.25, 3], [1, 0, 5, 2]; log_input=false, reduction=\"none\")",
     .value = "[1.1931471605599455, 2, 7.181471605599457, 0.8027754159971141]",
     .grad = "[-0.9999999600000007, 1, -18.999999200000033, 0.33333333555555555]; [0.6931471605599454, -0.6931471855599453, "
             "1.3862943211198915, -1.098612292001443]"},
    {.call = "poisson_nll_loss([0.5, 2, 0.25, 3], [1, 0, 5, 2]; log_input=false, eps=0.125)", .value = "2.2113203319819092",
     .grad = "[-0.15000000000000002, 0.25, -3.0833333333333335, 0.09]; [0.1175009073114339, -0.18844295059409505, 0.24520731325293155, "
             "-0.2848585707970912]"},
    {.call = "poisson_nll_loss([0, 0, -1], [0, 1, 1]; log_input=false, eps=0, reduction=\"none\")", .value = "[nan, inf, nan]",
     .grad = "[nan, -inf, 2]; [inf, inf, nan]", .kink = true},
    {.call = "poisson_nll_loss([0, 0], [0, 2]; log_input=false, reduction=\"none\")", .value = "[0, 36.841361487904734]",
     .grad = "[1, -199999999]; [18.420680743952367, 18.420680743952367]", .kink = true},
    {.call = "poisson_nll_loss([1000, -1000, inf, -inf, nan], [1, 1, 1, 1, 1]; reduction=\"none\")",
     .value = "[inf, 1000, nan, inf, nan]", .grad = "[inf, -1, inf, -1, nan]; [-1000, 1000, -inf, inf, nan]", .kink = true},
    {.call = "poisson_nll_loss(f64 0.25, f64 2)", .value = "0.7840254166877414", .grad = "-0.7159745833122586; -0.25"},
    {.call = "poisson_nll_loss(f64[0](), f64[0]())", .value = "nan", .grad = "f64[0](); f64[0]()", .kink = true},
    {.call = "poisson_nll_loss(f64[0](), f64[0](); reduction=\"sum\")", .value = "0", .grad = "f64[0](); f64[0]()"},
    {.call = "poisson_nll_loss(f64[0, 3](), f64[0, 3](); reduction=\"none\")", .value = "f64[0, 3]()",
     .grad = "f64[0, 3](); f64[0, 3]()"},
    {.call = "poisson_nll_loss(~[3, 4], +[3, 4])"},
    {.call = "poisson_nll_loss(+[37], +[37]; log_input=false, reduction=\"sum\")"},
    {.call = "poisson_nll_loss([[1], [2]], [1, 2])", .refused = "x is f64[2,1], target is f64[2]: their shapes differ"},
    {.call = "poisson_nll_loss([1, 2], [1, 2, 3])", .refused = "their shapes differ"},
    {.call = "poisson_nll_loss([1], [1]; eps=-1)", .refused = "eps is -1, must be 0 or more"},
    {.call = "poisson_nll_loss([1], [1]; eps=nan)", .refused = "eps is nan"},
    {.call = "poisson_nll_loss([1], f32[1])", .refused = "cast one to the other's dtype"},
    {.call = "poisson_nll_loss([1], [1]; reduction=\"max\")", .refused = "reduction=\"max\" is not one of mean, sum, none"},
    {.call = "poisson_nll_loss(i64[1], i64[1])", .refused = "must be f32 or f64"},
    {0}};

const wg_op wg_op_poisson_nll_loss = {WG_LINE(poisson_nll_loss), .kind = WG_BLOCK, .shape = shape, .define = define, .samples = samples};

/* kl_div(logp, target; log_target, reduction) = target (log target - logp), or with log_target=true, where target is the logarithm
 * already, exp(target) (target - logp): F.kl_div. Then the mean over all elements, the sum, neither, or with reduction="batchmean" the
 * sum divided by the size of axis 0, which is the divergence of Kullback and Leibler 1951. Where target is 0, target log target is
 * 0, and so is its derivative (torch: NaN); times a logp of -inf it is NaN. */
#include "ops/loss/reduction.h"

static bool shape(wg_call *c)
{
    const wg_kl_div_options *o = c->attrs;
    return wg__same_as_target(c) && wg__reduced_shape(c, o->reduction);
}

static wg_tensor define(const wg_rule *r)
{
    const wg_kl_div_options *o = r->attrs;
    wg_tensor logp = r->in[0], target = r->in[1], loss;
    if (o->log_target) {
        loss = wg_mul(wg_exp(target), wg_sub(target, logp));
    } else {
        wg_tensor none = wg_eq(target, wg_num(0)), safe = wg_where(none, wg_num(1), target);
        loss = wg_sub(wg_mul(target, wg_log(safe)), wg_mul(target, logp));
    }
    if (strcmp(o->reduction, "batchmean") != 0) return wg__reduce_loss(loss, o->reduction);
    loss = wg_sum(loss);
    return wg_shape_get(logp).rank ? wg_div(loss, wg_size(logp, .axes = WG_INTS(0))) : loss;
}

static const wg_sample samples[] = {
    {.call = "kl_div([[-1.5, -0.25, -2], [-0.75, -3, -1]], [[0.2, 0.5, 0.3], [0.6, 0.1, 0.3]])", .value = "0.02456687684644111",
     .grad = "[[-0.03333333333333333, -0.08333333333333333, -0.049999999999999996], [-0.09999999999999999, "
             "-0.016666666666666666, -0.049999999999999996]]; [[0.14842701459431665, 0.09280880324000912, "
             "0.2993378659456773], [0.2065290627056682, 0.2829024845009924, 0.13267119927901064]]"},
    {.call = "kl_div([[-1.5, -0.25, -2], [-0.75, -3, -1]], [[0.2, 0.5, 0.3], [0.6, 0.1, 0.3]]; reduction=\"sum\")",
     .value = "0.14740126107864665",
     .grad = "[[-0.2, -0.5, -0.3], [-0.6, -0.1, -0.3]]; [[0.8905620875658997, 0.5568528194400547, 1.7960271956740639], "
             "[1.2391743762340093, 1.6974149070059545, 0.7960271956740639]]"},
    {.call = "kl_div([[-1.5, -0.25, -2], [-0.75, -3, -1]], [[0.2, 0.5, 0.3], [0.6, 0.1, 0.3]]; reduction=\"none\")",
     .value = "[[-0.021887582486820045, -0.22157359027997264, 0.23880815870221916], [0.1435046257404055, "
              "0.06974149070059549, -0.061191841297780825]]",
     .grad = "[[-0.2, -0.5, -0.3], [-0.6, -0.1, -0.3]]; [[0.8905620875658997, 0.5568528194400547, 1.7960271956740639], "
             "[1.2391743762340093, 1.6974149070059545, 0.7960271956740639]]"},
    {.call = "kl_div([[-1.5, -0.25, -2], [-0.75, -3, -1]], [[0.2, 0.5, 0.3], [0.6, 0.1, 0.3]]; reduction=\"batchmean\")",
     .value = "0.07370063053932333",
     .grad = "[[-0.1, -0.25, -0.15], [-0.3, -0.05, -0.15]]; [[0.44528104378294986, 0.27842640972002736, "
             "0.8980135978370319], [0.6195871881170046, 0.8487074535029773, 0.39801359783703194]]"},
    {.call = "kl_div([[-1.5, -0.25, -2], [-0.75, -3, -1]], [[-1, -0.5, -3], [-2, -0.25, -1]]; log_target=true)",
     .value = "0.32584217278171607",
     .grad = "[[-0.061313240195240384, -0.1010884432854389, -0.008297844727977323], [-0.022555880539435448, "
             "-0.1298001305119008, -0.061313240195240384]]; [[0.09196986029286058, 0.07581633246407918, 0], "
             "[-0.005638970134858864, 0.486750489419628, 0.061313240195240384]]"},
    {.call = "kl_div([[-1.5, -0.25, -2], [-0.75, -3, -1]], [[-1, -0.5, -3], [-2, -0.25, -1]]; log_target=true, reduction=\"batchmean\")",
     .value = "0.9775265183451483",
     .grad = "[[-0.18393972058572117, -0.3032653298563167, -0.024893534183931972], [-0.06766764161830635, "
             "-0.38940039153570244, -0.18393972058572117]]; [[0.27590958087858175, 0.22744899739223753, 0], "
             "[-0.016916910404576588, 1.4602514682588843, 0.18393972058572117]]"},
    {.call = "kl_div(-1, 0.5; reduction=\"batchmean\")", .value = "0.15342640972002736", .grad = "-0.5; 1.3068528194400546"},
    {.call = "kl_div([-1, -inf, -inf], [0, 0, 0.5]; reduction=\"none\")", .value = "[0, nan, inf]",
     .grad = "[0, 0, -0.5]; [1, inf, inf]", .kink = true},
    {.call = "kl_div([-1, nan, -1], [-1, 0.5, nan]; reduction=\"none\")", .value = "[nan, nan, nan]",
     .grad = "[1, -0.5, nan]; [nan, nan, nan]", .kink = true},
    {.call = "kl_div([-1, -inf, -0.5, nan], [-inf, -1, nan, -1]; log_target=true, reduction=\"none\")",
     .value = "[nan, inf, nan, nan]", .grad = "[0, -0.36787944117144233, nan, -0.36787944117144233]; [nan, inf, nan, nan]",
     .kink = true},
    {.call = "kl_div(f64[0](), f64[0]())", .value = "nan", .grad = "f64[0](); f64[0]()", .kink = true},
    {.call = "kl_div(f64[0, 3](), f64[0, 3](); reduction=\"sum\")", .value = "0", .grad = "f64[0, 3](); f64[0, 3]()"},
    {.call = "kl_div(f64[0](), f64[0](); reduction=\"none\")", .value = "f64[0]()", .grad = "f64[0](); f64[0]()"},
    {.call = "kl_div(f64[0, 3](), f64[0, 3](); reduction=\"batchmean\")", .value = "nan", .grad = "f64[0, 3](); f64[0, 3]()",
     .kink = true},
    {.call = "kl_div(~[3, 4], +[3, 4])"},
    {.call = "kl_div(~[2, 3, 2], ~[2, 3, 2]; log_target=true, reduction=\"batchmean\")"},
    {.call = "kl_div([[1], [2]], [1, 2])", .refused = "logp is f64[2,1], target is f64[2]: their shapes differ"},
    {.call = "kl_div([1, 2], [1, 2, 3])", .refused = "their shapes differ"},
    {.call = "kl_div([1], [1]; reduction=\"max\")", .refused = "reduction=\"max\" is not one of mean, sum, none, batchmean"},
    {.call = "kl_div([1], f32[1])", .refused = "cast one to the other's dtype"},
    {.call = "kl_div(i64[1], i64[1])", .refused = "must be f32 or f64"},
    {0}};

const wg_op wg_op_kl_div = {WG_LINE(kl_div), .kind = WG_BLOCK, .shape = shape, .define = define, .samples = samples};

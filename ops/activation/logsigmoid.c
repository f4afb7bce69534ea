/* logsigmoid(x) = log(sigmoid(x)) = -softplus(-x), which neither overflows nor cancels; d/dx = sigmoid(-x), so 1 at -1000 and -inf.
 * By definition alone: its three steps run as one chain. */
#include "tape/op.h"

static wg_tensor define(const wg_rule *r)
{
    return wg_neg(wg_softplus(wg_neg(r->in[0]), .threshold = (double)INFINITY));
}

static const wg_sample samples[] = {
    {.call = "logsigmoid([-1.5, -0.25, 0.5, 2])",
     .value = "[-1.7014132779827524, -0.8259394198788436, -0.4740769841801067, -0.1269280110429725]",
     .grad = "[0.8175744761936437, 0.5621765008857982, 0.37754066879814546, 0.11920292202211755]"},
    {.call = "logsigmoid([0, 1000, -1000])", .value = "[-0.6931471805599453, 0, -1000]", .grad = "[0.5, 0, 1]", .kink = true},
    {.call = "logsigmoid([30, -30])", .value = "[-9.357622968839737e-14, -30.000000000000092]",
     .grad = "[9.3576229688393e-14, 0.9999999999999064]", .kink = true},
    {.call = "logsigmoid([nan, inf, -inf])", .value = "[nan, 0, -inf]", .grad = "[nan, 0, 1]", .kink = true},
    {.call = "logsigmoid(-2.5)", .value = "-2.5788897342925496", .grad = "0.9241418199787564"},
    {.call = "logsigmoid(~[2, 3])"},
    {.call = "logsigmoid(f64[0, 3]())", .value = "f64[0, 3]()", .grad = "f64[0, 3]()"},
    {.call = "logsigmoid(i64[1, 2])", .refused = "must be f32 or f64"},
    {0}};

const wg_op wg_op_logsigmoid = {WG_LINE(logsigmoid), .kind = WG_ELEMENTWISE, .define = define, .samples = samples};

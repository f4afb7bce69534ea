/* mish(x) = x tanh(softplus(x)); d/dx = t + x (1 - t^2) sigmoid(x), t the tanh. Misra 2019 (arXiv:1908.08681). mish(-inf) is
 * NaN, and the derivative at both infinities, as in torch. By definition alone: its steps run as one chain. */
#include "tape/op.h"

static wg_tensor define(const wg_rule *r)
{
    return wg_mul(r->in[0], wg_tanh(wg_softplus(r->in[0], .threshold = (double)INFINITY)));
}

/* values and gradients: PyTorch 1.13.1 in f64 */
static const wg_sample samples[] = {
    {.call = "mish([[-1.5, -0.25], [0.5, 2]])",
     .value = "[[-0.29809974216680674, -0.129926963679141], [0.3752452113048951, 1.9439589595339946]]",
     .grad = "[[-0.06409781589225869, 0.43981560172180506], [0.8864243753577272, 1.0693179342794896]]"},
    {.call = "mish([0, -0.0, nan, inf, -inf])", .value = "[0, -0.0, nan, inf, nan]", .grad = "[0.6, 0.6, nan, nan, nan]", .kink = true},
    {.call = "mish([1000, -1000, -30, 30])", .value = "[1000, -0.0, -2.807286890651921e-12, 30]",
     .grad = "[1, 0, -2.713710660963392e-12, 1]", .kink = true},
    {.call = "mish(-2.5)", .value = "-0.19681620390653337", .grad = "-0.10974357275018566"},
    {.call = "mish([[0.75]])", .value = "[[0.6100183352182934]]", .grad = "[[0.985758355716688]]"},
    {.call = "mish(~[4, 5])"},
    {.call = "mish(~[3, 1, 2])"},
    {.call = "mish(~[37])"},
    {.call = "mish(f64[0, 3]())", .value = "f64[0, 3]()", .grad = "f64[0, 3]()"},
    {.call = "mish(f64[2, 0, 1]())", .value = "f64[2, 0, 1]()", .grad = "f64[2, 0, 1]()"},
    {.call = "mish([1]; alpha=1)", .refused = "alpha"},
    {.call = "mish(i64[1, 2])", .refused = "must be f32 or f64"},
    {.call = "mish(bool[true])", .refused = "must be f32 or f64"},
    {.call = "mish(u8[1])", .refused = "must be f32 or f64"},
    {.call = "mish()", .refused = "mish"},
    {.call = "mish([1], [2])", .refused = "mish"},
    {0}};

const wg_op wg_op_mish = {WG_LINE(mish), .kind = WG_ELEMENTWISE, .define = define, .samples = samples};

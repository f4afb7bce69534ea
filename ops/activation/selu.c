/* selu(x) = s elu(x; alpha=a), a = 1.6732632423543772, s = 1.0507009873554805, with which mean 0 and variance 1 are a fixed
 * point; d/dx = s above 0, else s a exp(x), so s a at 0; s at NaN, which stays (as torch has it). Klambauer, Unterthiner, Mayr
 * and Hochreiter 2017 (arXiv:1706.02515). By definition alone: its two steps run as one chain. */
#include "tape/op.h"

static wg_tensor define(const wg_rule *r)
{
    return wg_mul(wg_num(1.05070098735548049342), wg_elu(r->in[0], .alpha = 1.67326324235437728482));
}

/* values and gradients: PyTorch 1.13.1 in f64 */
static const wg_sample samples[] = {
    {.call = "selu([[-1.5, -0.25], [0.5, 2]])",
     .value = "[[-1.3658143533672527, -0.388890197478119], [0.5253504936777402, 2.101401974710961]]",
     .grad = "[[0.392284987480124, 1.3692091433692577], [1.0507009873554805, 1.0507009873554805]]"},
    {.call = "selu([0, -0.0, nan, inf, -inf])", .value = "[0, 0, nan, inf, -1.7580993408473766]",
     .grad = "[1.7580993408473766, 1.7580993408473766, 1.0507009873554805, 1.0507009873554805, 0]", .kink = true},
    {.call = "selu([1000, -1000, -30, 30])", .value = "[1050.7009873554805, -1.7580993408473766, -1.758099340847212, 31.521029620664414]",
     .grad = "[1.0507009873554805, 0, 1.6451630773416182e-13, 1.0507009873554805]", .kink = true},
    {.call = "selu([-1e-20])", .value = "[-1.7580993408473767e-20]", .grad = "[1.7580993408473766]", .kink = true},
    {.call = "selu(-2.5)", .value = "-1.6137857588732423", .grad = "0.1443135819741343"},
    {.call = "selu([[0.75]])", .value = "[[0.7880257405166103]]", .grad = "[[1.0507009873554805]]"},
    {.call = "selu(~[4, 5])"},
    {.call = "selu(~[3, 1, 2])"},
    {.call = "selu(~[37])"},
    {.call = "selu(f64[0, 3]())", .value = "f64[0, 3]()", .grad = "f64[0, 3]()"},
    {.call = "selu(f64[2, 0, 1]())", .value = "f64[2, 0, 1]()", .grad = "f64[2, 0, 1]()"},
    {.call = "selu([1]; alpha=1)", .refused = "alpha"},
    {.call = "selu(i64[1, 2])", .refused = "must be f32 or f64"},
    {.call = "selu(bool[true])", .refused = "must be f32 or f64"},
    {.call = "selu(u8[1])", .refused = "must be f32 or f64"},
    {.call = "selu()", .refused = "selu"},
    {.call = "selu([1], [2])", .refused = "selu"},
    {0}};

const wg_op wg_op_selu = {WG_LINE(selu), .kind = WG_ELEMENTWISE, .define = define, .samples = samples};

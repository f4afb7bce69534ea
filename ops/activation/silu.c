/* silu(x) = x sigmoid(x); d/dx = s (1 + x (1 - s)), s the sigmoid. Elfwing, Uchibe and Doya 2017 (arXiv:1702.03118). silu(-inf)
 * is NaN, and the derivative at both infinities, as in torch. By definition alone: its two steps run as one chain. */
#include "tape/op.h"

static wg_tensor define(const wg_rule *r)
{
    return wg_mul(r->in[0], wg_sigmoid(r->in[0]));
}

static const wg_sample samples[] = {
    {.call = "silu([-1.5, -0.25, 0.5, 2])", .value = "[-0.2736382857095345, -0.10945587477855048, 0.3112296656009273, 1.7615941559557646]",
     .grad = "[-0.041294154299142946, 0.37628997842980233, 0.7399611873026519, 1.0907842487848955]"},
    {.call = "silu([0, -1e-20])", .value = "[0, -5e-21]", .grad = "[0.5, 0.5]"},
    {.call = "silu([1000, -1000, -30, 30])", .value = "[1000, -0.0, -2.8072868906517896e-12, 29.999999999997197]",
     .grad = "[1, 0, -2.713710660963134e-12, 1.000000000002711]", .kink = true},
    {.call = "silu([-0.0, nan, inf, -inf])", .value = "[-0.0, nan, inf, nan]", .grad = "[0.5, nan, nan, nan]", .kink = true},
    {.call = "silu(-2.5)", .value = "-0.18964545005310887", .grad = "-0.09940111134152683"},
    {.call = "silu(~[2, 3])"},
    {.call = "silu(f64[0, 3]())", .value = "f64[0, 3]()", .grad = "f64[0, 3]()"},
    {.call = "silu(i64[1, 2])", .refused = "must be f32 or f64"},
    {0}};

const wg_op wg_op_silu = {WG_LINE(silu), .kind = WG_ELEMENTWISE, .define = define, .samples = samples};

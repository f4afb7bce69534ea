/* hardsigmoid(x) = min(max(x + 3, 0), 6) / 6; d/dx = 1/6 between -3 and 3, 0 at and beyond them, as torch (whose 1/6 has single
 * precision), and 1/6 at NaN, which stays (torch: 0). It selects, so that an infinite cotangent leaves 0 where 0 belongs.
 * Courbariaux, Bengio and David 2015 (arXiv:1511.00363). By definition alone: its steps run as one chain. */
#include "tape/op.h"

static wg_tensor define(const wg_rule *r)
{
    wg_tensor cut = wg_hardtanh(wg_add(r->in[0], wg_num(3)), .min = 0, .max = 6);
    return wg_div(cut, wg_num(6));
}

/* values and gradients: PyTorch 1.13.1 in f64 */
static const wg_sample samples[] = {
    {.call = "hardsigmoid([[-1.5, 0.25], [5, -8]])", .value = "[[0.25, 0.5416666666666666], [1, 0]]",
     .grad = "[[0.16666666666666666, 0.16666666666666666], [0, 0]]"},
    {.call = "hardsigmoid([-3, 3, nan, inf, -inf])", .value = "[0, 1, nan, 1, 0]", .grad = "[0, 0, 0.16666666666666666, 0, 0]",
     .kink = true},
    {.call = "hardsigmoid([-2.9999999, -0.0])", .value = "[1.6666666639390353e-08, 0.5]",
     .grad = "[0.16666666666666666, 0.16666666666666666]", .kink = true},
    {.call = "hardsigmoid(-2.5)", .value = "0.08333333333333333", .grad = "0.16666666666666666"},
    {.call = "hardsigmoid([[0.75]])", .value = "[[0.625]]", .grad = "[[0.16666666666666666]]"},
    {.call = "hardsigmoid(~[4, 5])"},
    {.call = "hardsigmoid(~[3, 1, 2])"},
    {.call = "hardsigmoid(~[37])"},
    {.call = "hardsigmoid(f64[0, 3]())", .value = "f64[0, 3]()", .grad = "f64[0, 3]()"},
    {.call = "hardsigmoid(f64[2, 0, 1]())", .value = "f64[2, 0, 1]()", .grad = "f64[2, 0, 1]()"},
    {.call = "hardsigmoid([1]; min=0)", .refused = "min"},
    {.call = "hardsigmoid(i64[1, 2])", .refused = "must be f32 or f64"},
    {.call = "hardsigmoid(bool[true])", .refused = "must be f32 or f64"},
    {.call = "hardsigmoid(u8[1])", .refused = "must be f32 or f64"},
    {.call = "hardsigmoid()", .refused = "hardsigmoid"},
    {.call = "hardsigmoid([1], [2])", .refused = "hardsigmoid"},
    {0}};

const wg_op wg_op_hardsigmoid = {WG_LINE(hardsigmoid), .kind = WG_ELEMENTWISE, .define = define, .samples = samples};

/* hardswish(x) = x min(max(x + 3, 0), 6) / 6; d/dx = x/3 + 1/2 from -3 to 3, both included (as torch has it), 0 below, 1 above
 * and at NaN, which stays. At -inf 0, the limit (torch: NaN). It selects, so that an infinite cotangent leaves 0 where 0
 * belongs. Howard and others 2019 (arXiv:1905.02244). By definition alone: its steps run as one chain. */
#include "tape/op.h"

static wg_tensor define(const wg_rule *r)
{
    wg_tensor x = r->in[0], inner = wg_clamp(x, .min = -3, .max = 3); /* finite where it is not chosen */
    wg_tensor middle = wg_div(wg_mul(inner, wg_add(inner, wg_num(3))), wg_num(6));
    return wg_where(wg_lt(x, wg_num(-3)), wg_num(0), wg_where(wg_le(x, wg_num(3)), middle, x));
}

/* values and gradients: PyTorch 1.13.1 in f64 */
static const wg_sample samples[] = {
    {.call = "hardswish([[-1.5, 0.25], [5, -8]])", .value = "[[-0.375, 0.13541666666666666], [5, 0]]",
     .grad = "[[0, 0.5833333333333334], [1, 0]]"},
    {.call = "hardswish([-3, 3])", .value = "[0, 3]", .grad = "[-0.5, 1.5]", .kink = true},
    {.call = "hardswish([nan, inf, -inf, -1000])", .value = "[nan, inf, 0, 0]", .grad = "[1, 1, 0, 0]", .kink = true},
    {.call = "hardswish([-2.9999999, -0.0])", .value = "[-4.9999998251504395e-08, -0.0]", .grad = "[-0.4999999666666667, 0.5]",
     .kink = true},
    {.call = "hardswish(-2.5)", .value = "-0.20833333333333334", .grad = "-0.33333333333333337"},
    {.call = "hardswish([[0.75]])", .value = "[[0.46875]]", .grad = "[[0.75]]"},
    {.call = "hardswish(~[4, 5])"},
    {.call = "hardswish(~[3, 1, 2])"},
    {.call = "hardswish(~[37])"},
    {.call = "hardswish(f64[0, 3]())", .value = "f64[0, 3]()", .grad = "f64[0, 3]()"},
    {.call = "hardswish(f64[2, 0, 1]())", .value = "f64[2, 0, 1]()", .grad = "f64[2, 0, 1]()"},
    {.call = "hardswish([1]; min=0)", .refused = "min"},
    {.call = "hardswish(i64[1, 2])", .refused = "must be f32 or f64"},
    {.call = "hardswish(bool[true])", .refused = "must be f32 or f64"},
    {.call = "hardswish(u8[1])", .refused = "must be f32 or f64"},
    {.call = "hardswish()", .refused = "hardswish"},
    {.call = "hardswish([1], [2])", .refused = "hardswish"},
    {0}};

const wg_op wg_op_hardswish = {WG_LINE(hardswish), .kind = WG_ELEMENTWISE, .define = define, .samples = samples};

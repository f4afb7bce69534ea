/* relu6(x) = min(max(x, 0), 6), hardtanh from 0 to 6; d/dx = 1 between the bounds, 0 at and beyond them, 1 at NaN, which stays
 * (as torch has it). It selects, so that an infinite cotangent leaves 0 where 0 belongs. Krizhevsky 2010. By definition alone:
 * its steps run as one chain. */
#include "tape/op.h"

static wg_tensor define(const wg_rule *r)
{
    return wg_hardtanh(r->in[0], .min = 0, .max = 6);
}

/* values and gradients: PyTorch 1.13.1 in f64 */
static const wg_sample samples[] = {
    {.call = "relu6([[-1.5, 0.25], [5, 8]])", .value = "[[0, 0.25], [5, 6]]", .grad = "[[0, 1], [1, 0]]"},
    {.call = "relu6([0, 6, nan, inf, -inf])", .value = "[0, 6, nan, 6, 0]", .grad = "[0, 0, 1, 0, 0]", .kink = true},
    {.call = "relu6([-0.0])", .value = "[0]", .grad = "[0]", .kink = true},
    {.call = "relu6(-2.5)", .value = "0", .grad = "0"},
    {.call = "relu6([[0.75]])", .value = "[[0.75]]", .grad = "[[1]]"},
    {.call = "relu6(~[4, 5])"},
    {.call = "relu6(~[3, 1, 2])"},
    {.call = "relu6(~[37])"},
    {.call = "relu6(f64[0, 3]())", .value = "f64[0, 3]()", .grad = "f64[0, 3]()"},
    {.call = "relu6(f64[2, 0, 1]())", .value = "f64[2, 0, 1]()", .grad = "f64[2, 0, 1]()"},
    {.call = "relu6([1]; min=0)", .refused = "min"},
    {.call = "relu6(i64[1, 2])", .refused = "must be f32 or f64"},
    {.call = "relu6(bool[true])", .refused = "must be f32 or f64"},
    {.call = "relu6(u8[1])", .refused = "must be f32 or f64"},
    {.call = "relu6()", .refused = "relu6"},
    {.call = "relu6([1], [2])", .refused = "relu6"},
    {0}};

const wg_op wg_op_relu6 = {WG_LINE(relu6), .kind = WG_ELEMENTWISE, .define = define, .samples = samples};

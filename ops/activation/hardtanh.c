/* hardtanh(x; min, max): x cut to min..max; d/dx = 1 between the bounds, 0 at and beyond them (where clamp has 1), 1 at NaN,
 * which stays (as torch has it). It selects, so that an infinite cotangent leaves 0 where 0 belongs. Collobert 2004. By
 * definition alone: its steps run as one chain. */
#include "tape/op.h"

static bool shape(wg_call *c)
{
    const wg_hardtanh_options *o = c->attrs;
    return o->min <= o->max || wg__refuse(c, "min is %g, max is %g: min must not be above max", o->min, o->max);
}

static wg_tensor define(const wg_rule *r)
{
    const wg_hardtanh_options *o = r->attrs;
    wg_tensor x = r->in[0], high = wg_where(wg_ge(x, wg_num(o->max)), wg_num(o->max), x);
    return wg_where(wg_le(x, wg_num(o->min)), wg_num(o->min), high);
}

/* values and gradients: PyTorch 1.13.1 in f64 */
static const wg_sample samples[] = {
    {.call = "hardtanh([[-1.5, -0.25], [0.5, 2]])", .value = "[[-1, -0.25], [0.5, 1]]", .grad = "[[0, 1], [1, 0]]"},
    {.call = "hardtanh([-1.5, -0.25, 0.5, 2]; min=-0.5, max=3)", .value = "[-0.5, -0.25, 0.5, 2]", .grad = "[0, 1, 1, 1]"},
    {.call = "hardtanh([-1, 1, nan, inf, -inf, -0.0])", .value = "[-1, 1, nan, 1, -1, -0.0]", .grad = "[0, 0, 1, 0, 0, 1]", .kink = true},
    {.call = "hardtanh([0, 1, 2]; min=1, max=1)", .value = "[1, 1, 1]", .grad = "[0, 0, 0]", .kink = true},
    {.call = "hardtanh([-5, 5]; min=-inf, max=inf)", .value = "[-5, 5]", .grad = "[1, 1]"},
    {.call = "hardtanh([1e+30, -2]; min=-inf)", .value = "[1, -2]", .grad = "[0, 1]"},
    {.call = "hardtanh(-2.5)", .value = "-1", .grad = "0"},
    {.call = "hardtanh([[0.75]])", .value = "[[0.75]]", .grad = "[[1]]"},
    {.call = "hardtanh(~[4, 5])"},
    {.call = "hardtanh(~[3, 1, 2])"},
    {.call = "hardtanh(~[37])"},
    {.call = "hardtanh(f64[0, 3]())", .value = "f64[0, 3]()", .grad = "f64[0, 3]()"},
    {.call = "hardtanh(f64[2, 0, 1]())", .value = "f64[2, 0, 1]()", .grad = "f64[2, 0, 1]()"},
    {.call = "hardtanh([1]; min=2, max=1)", .refused = "min is 2, max is 1: min must not be above max"},
    {.call = "hardtanh([1]; min=nan)", .refused = "min is nan"},
    {.call = "hardtanh([1]; max=nan)", .refused = "max is nan"},
    {.call = "hardtanh(i64[1, 2])", .refused = "must be f32 or f64"},
    {.call = "hardtanh(bool[true])", .refused = "must be f32 or f64"},
    {.call = "hardtanh(u8[1])", .refused = "must be f32 or f64"},
    {.call = "hardtanh()", .refused = "hardtanh"},
    {.call = "hardtanh([1], [2])", .refused = "hardtanh"},
    {0}};

const wg_op wg_op_hardtanh = {WG_LINE(hardtanh), .kind = WG_ELEMENTWISE, .shape = shape, .define = define, .samples = samples};

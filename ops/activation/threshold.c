/* threshold(x; threshold, value): x above threshold, else value; d/dx = 1 above, 0 at and below, 1 at NaN, which stays (as
 * torch has it). It selects, so that an infinite cotangent leaves 0 where 0 belongs. By definition alone: its steps run as one
 * chain. */
#include "tape/op.h"

static bool shape(wg_call *c)
{
    const wg_threshold_options *o = c->attrs;
    return !isnan(o->threshold) || wg__refuse(c, "threshold is nan");
}

static wg_tensor define(const wg_rule *r)
{
    const wg_threshold_options *o = r->attrs;
    return wg_where(wg_le(r->in[0], wg_num(o->threshold)), wg_num(o->value), r->in[0]);
}

/* values and gradients: PyTorch 1.13.1 in f64 */
static const wg_sample samples[] = {
    {.call = "threshold([[-1.5, 0.25], [5, 0.75]]; threshold=0.5, value=7)", .value = "[[7, 7], [5, 0.75]]", .grad = "[[0, 0], [1, 1]]"},
    {.call = "threshold([0.5, -0.0, nan, inf, -inf]; threshold=0.5, value=20)", .value = "[20, 20, nan, inf, 20]",
     .grad = "[0, 0, 1, 1, 0]", .kink = true},
    {.call = "threshold([1, 2, 3]; threshold=2, value=nan)", .value = "[nan, nan, 3]", .grad = "[0, 0, 1]", .kink = true},
    {.call = "threshold([1, 3]; threshold=-inf, value=1)", .value = "[1, 3]", .grad = "[1, 1]"},
    {.call = "threshold([1, 3]; threshold=inf, value=1)", .value = "[1, 1]", .grad = "[0, 0]"},
    {.call = "threshold(-2.5; threshold=-3, value=0)", .value = "-2.5", .grad = "1"},
    {.call = "threshold([[0.75]]; threshold=1, value=-inf)", .value = "[[-inf]]", .grad = "[[0]]", .kink = true},
    {.call = "threshold(~[4, 5]; threshold=0.25, value=-1)"},
    {.call = "threshold(~[3, 1, 2]; threshold=0.25, value=-1)"},
    {.call = "threshold(~[37]; threshold=0.25, value=-1)"},
    {.call = "threshold(f64[0, 3](); threshold=0.25, value=-1)", .value = "f64[0, 3]()", .grad = "f64[0, 3]()"},
    {.call = "threshold(f64[2, 0, 1](); threshold=0.25, value=-1)", .value = "f64[2, 0, 1]()", .grad = "f64[2, 0, 1]()"},
    {.call = "threshold([1]; value=1)", .refused = "threshold"},
    {.call = "threshold([1]; threshold=1)", .refused = "value"},
    {.call = "threshold([1]; threshold=nan, value=1)", .refused = "threshold is nan"},
    {.call = "threshold(i64[1, 2]; threshold=0.25, value=-1)", .refused = "must be f32 or f64"},
    {.call = "threshold(bool[true]; threshold=0.25, value=-1)", .refused = "must be f32 or f64"},
    {.call = "threshold(u8[1]; threshold=0.25, value=-1)", .refused = "must be f32 or f64"},
    {.call = "threshold()", .refused = "threshold"},
    {.call = "threshold([1], [2])", .refused = "threshold"},
    {0}};

const wg_op wg_op_threshold = {WG_LINE(threshold), .kind = WG_ELEMENTWISE, .shape = shape, .define = define, .samples = samples};

/* celu(x; alpha) = x above 0, alpha (exp(x / alpha) - 1) at and below it; d/dx = 1 above 0, else exp(x / alpha), so 1 at 0; 1
 * at NaN, which stays (as torch has it). Barron 2017 (arXiv:1704.07483). By definition alone: its steps run as one chain, and
 * expm1 keeps the digits near 0. */
#include "tape/op.h"

static bool shape(wg_call *c)
{
    const wg_celu_options *o = c->attrs;
    return fabs(o->alpha) > 0 || wg__refuse(c, "alpha is %g, must not be 0", o->alpha);
}

static wg_tensor define(const wg_rule *r)
{
    const wg_celu_options *o = r->attrs;
    wg_tensor x = r->in[0], low = wg_div(wg_clamp(x, .max = 0), wg_num(o->alpha)); /* finite where it is not chosen */
    return wg_where(wg_le(x, wg_num(0)), wg_mul(wg_num(o->alpha), wg_expm1(low)), x);
}

/* values and gradients: PyTorch 1.13.1 in f64 */
static const wg_sample samples[] = {
    {.call = "celu([[-1.5, -0.25], [0.5, 2]])", .value = "[[-0.7768698398515702, -0.22119921692859512], [0.5, 2]]",
     .grad = "[[0.22313016014842982, 0.7788007830714049], [1, 1]]"},
    {.call = "celu([-1.5, -0.25, 0.5, 2]; alpha=2)", .value = "[-1.0552668945179706, -0.2350061948308091, 0.5, 2]",
     .grad = "[0.4723665527410147, 0.8824969025845955, 1, 1]"},
    {.call = "celu([-1e-20, -1e-10])", .value = "[-1e-20, -9.9999999995e-11]", .grad = "[1, 0.9999999999]", .kink = true},
    {.call = "celu([0, -0.0, nan, inf, -inf]; alpha=2)", .value = "[0, 0, nan, inf, -2]", .grad = "[1, 1, 1, 1, 0]", .kink = true},
    {.call = "celu([1000, -1000, -30, 30])", .value = "[1000, -1, -0.9999999999999064, 30]", .grad = "[1, 0, 9.357622968840175e-14, 1]",
     .kink = true},
    {.call = "celu([800, -80, 3]; alpha=0.5)", .value = "[800, -0.5, 3]", .grad = "[1, 3.257488532207521e-70, 1]"},
    {.call = "celu(-2.5; alpha=-1.5)", .value = "-6.441735075705044", .grad = "5.294490050470029"},
    {.call = "celu([[0.75]])", .value = "[[0.75]]", .grad = "[[1]]"},
    {.call = "celu(~[4, 5])"},
    {.call = "celu(~[3, 1, 2])"},
    {.call = "celu(~[37])"},
    {.call = "celu(f64[0, 3]())", .value = "f64[0, 3]()", .grad = "f64[0, 3]()"},
    {.call = "celu(f64[2, 0, 1]())", .value = "f64[2, 0, 1]()", .grad = "f64[2, 0, 1]()"},
    {.call = "celu([1]; alpha=0)", .refused = "alpha is 0, must not be 0"},
    {.call = "celu([1]; alpha=nan)", .refused = "alpha is nan"},
    {.call = "celu(i64[1, 2])", .refused = "must be f32 or f64"},
    {.call = "celu(bool[true])", .refused = "must be f32 or f64"},
    {.call = "celu(u8[1])", .refused = "must be f32 or f64"},
    {.call = "celu()", .refused = "celu"},
    {.call = "celu([1], [2])", .refused = "celu"},
    {0}};

const wg_op wg_op_celu = {WG_LINE(celu), .kind = WG_ELEMENTWISE, .shape = shape, .define = define, .samples = samples};

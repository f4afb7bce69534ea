/* gradient_reversal(x; scale): x's value; the derivative, in every mode and order, is -scale instead of 1, so that what lies
 * before it learns to do worse what lies behind it learns to do better. Ganin and Lempitsky 2015 (arXiv:1409.7495). Finite
 * differences do not see it, but for scale = -1. A node of its own: a view, no data move. */
#include "tape/op.h"

static bool shape(wg_call *c)
{
    const wg_gradient_reversal_options *o = c->attrs;
    return isfinite(o->scale) || wg__refuse(c, "scale is %g", o->scale);
}

static bool view(const wg_work *w, const wg_layout *x, wg_layout *y, int64_t *offset)
{
    (void)w;
    *y = *x;
    *offset = 0;
    return true;
}

static wg_tensor vjp(const wg_rule *r, wg_tensor g, int i)
{
    const wg_gradient_reversal_options *o = r->attrs;
    (void)i;
    return wg_mul(g, wg_num(-o->scale));
}

/* values and gradients: by hand */
static const wg_sample samples[] = {
    {.call = "gradient_reversal([1, 2]; scale=-1)", .value = "[1, 2]", .grad = "[1, 1]"},
    {.call = "gradient_reversal([1, -2])", .value = "[1, -2]", .grad = "[-1, -1]", .kink = true},
    {.call = "gradient_reversal([1, -2]; scale=0.25)", .value = "[1, -2]", .grad = "[-0.25, -0.25]", .kink = true},
    {.call = "gradient_reversal([1, -2]; scale=0)", .value = "[1, -2]", .grad = "[0, 0]", .kink = true},
    {.call = "gradient_reversal([[nan, inf], [-inf, 0]]; scale=2)", .value = "[[nan, inf], [-inf, 0]]", .grad = "[[-2, -2], [-2, -2]]",
     .kink = true},
    {.call = "gradient_reversal(2.5)", .value = "2.5", .grad = "-1", .kink = true},
    {.call = "gradient_reversal(2.5; scale=-1)", .value = "2.5", .grad = "1"},
    {.call = "gradient_reversal(~[3, 4]; scale=-1)"},
    {.call = "gradient_reversal(~[37]; scale=-1)"},
    {.call = "gradient_reversal(f64[0, 3]())", .value = "f64[0, 3]()", .grad = "f64[0, 3]()", .kink = true},
    {.call = "gradient_reversal(f64[2, 0](); scale=3)", .value = "f64[2, 0]()", .grad = "f64[2, 0]()", .kink = true},
    {.call = "gradient_reversal([1]; scale=nan)", .refused = "scale is nan"},
    {.call = "gradient_reversal([1]; scale=inf)", .refused = "scale is inf"},
    {.call = "gradient_reversal(i64[1])", .refused = "must be f32 or f64"},
    {.call = "gradient_reversal(bool[true])", .refused = "must be f32 or f64"},
    {.call = "gradient_reversal()", .refused = "gradient_reversal"},
    {.call = "gradient_reversal([1], [2])", .refused = "gradient_reversal"},
    {0}};

const wg_op wg_op_gradient_reversal = {WG_LINE(gradient_reversal), .kind = WG_VIEW, .shape = shape, .vjp = vjp, .view = view,
                                       .samples = samples};

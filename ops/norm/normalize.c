/* normalize(x; p, axis, eps) = x / max(norm(x), eps), the p-norm along axis: F.normalize. p is any real of 0 or more, or inf. Vectors
 * shorter than eps are divided by eps, so 0 stays 0, with derivative 1 / eps. By definition alone: norm is the only pass of its own. */
#include "tape/op.h"

static bool shape(wg_call *c)
{
    const wg_normalize_options *o = c->attrs;
    int axis;
    if (!(o->p >= 0)) return wg__refuse(c, "p is %g, must be 0 or more", o->p);
    return wg__axis(c, o->axis, c->shape.rank, &axis);
}

static wg_tensor define(const wg_rule *r)
{
    const wg_normalize_options *o = r->attrs;
    wg_tensor length = wg_norm(r->in[0], .p = o->p, .axes = WG_INTS(o->axis), .keepdim = true);
    return wg_div(r->in[0], wg_clamp(length, .min = o->eps));
}

/* values and gradients: PyTorch 1.13.1 in f64 */
static const wg_sample samples[] = {
    {.call = "normalize([[3, -4], [1, 2]])", .value = "[[0.6, -0.8], [0.4472135954999579, 0.8944271909999159]]",
     .grad = "[[0.224, 0.168], [0.1788854381999832, -0.08944271909999152]]"},
    {.call = "normalize([1, 2, -2]; axis=0)", .value = "[0.3333333333333333, 0.6666666666666666, -0.6666666666666666]",
     .grad = "[0.2962962962962963, 0.25925925925925924, 0.4074074074074074]"},
    {.call = "normalize([[1, 2], [-3, 5]]; p=1, axis=-2)", .value = "[[0.25, 0.2857142857142857], [-0.75, 0.7142857142857143]]",
     .grad = "[[0.375, 0], [0.125, 0]]"},
    {.call = "normalize([[1, -4, 2], [0.5, 3, -2]]; p=inf)",
     .value = "[[0.25, -1, 0.5], [0.16666666666666666, 1, -0.6666666666666666]]",
     .grad = "[[0.25, 0.1875, 0.25], [0.3333333333333333, 0.16666666666666669, 0.3333333333333333]]"},
    {.call = "normalize([[1, -2, 0.5]]; p=3)", .value = "[[0.4785445511892746, -0.9570891023785492, 0.2392722755946373]]",
     .grad = "[[0.5047661704325225, 0.3736580742162829, 0.48509995600008654]]"},
    {.call = "normalize([[1, -2, 0]]; p=0)", .value = "[[0.5, -1, 0]]", .grad = "[[0.5, 0.5, 0.5]]", .kink = true},
    {.call = "normalize([[3, -4], [1, 2]]; eps=10)", .value = "[[0.3, -0.4], [0.1, 0.2]]", .grad = "[[0.1, 0.1], [0.1, 0.1]]"},
    {.call = "normalize([[0, 0], [1, 0]])", .value = "[[0, 0], [1, 0]]", .grad = "[[1000000000000, 1000000000000], [0, 1]]",
     .kink = true},
    {.call = "normalize([[inf, 1], [nan, 1]])", .value = "[[nan, 0], [nan, nan]]", .kink = true},
    {.call = "normalize(f64[0, 3]())", .value = "f64[0, 3]()", .grad = "f64[0, 3]()"},
    {.call = "normalize(f64[2, 0]())", .value = "f64[2, 0]()", .grad = "f64[2, 0]()"},
    {.call = "normalize(-2.5; axis=0)", .value = "-1", .kink = true},
    {.call = "normalize(~[3, 5])"},
    {.call = "normalize(~[2, 3, 4]; p=1.5, axis=0)"},
    {.call = "normalize(~[2, 40]; p=4)"},
    {.call = "normalize([1, 2])", .refused = "axis 1 is out of range for rank 1"},
    {.call = "normalize(~[2, 3]; p=-1)", .refused = "p is -1, must be 0 or more"},
    {.call = "normalize(~[2, 3]; p=nan)", .refused = "p is nan, must be 0 or more"},
    {.call = "normalize(i64[[1, 2]])", .refused = "must be f32 or f64"},
    {0}};

const wg_op wg_op_normalize = {WG_LINE(normalize), .kind = WG_BLOCK, .shape = shape, .define = define, .samples = samples};

/* hinge_embedding_loss(x, target; margin, reduction): x where target is 1, max(0, margin - x) where it is -1 (anything else:
 * both added, as torch), then the mean, the sum or neither: F.hinge_embedding_loss. x is a distance, target is -1 or 1, in x's
 * dtype or as integers. Where the second just gets to 0 it still has its slope, as torch's clamp. It selects: what is not
 * chosen leaks no NaN. Shapes must be equal. */
#include "ops/loss/reduction.h"

static bool shape(wg_call *c)
{
    const wg_hinge_embedding_loss_options *o = c->attrs;
    if (isnan(o->margin)) return wg__refuse(c, "margin is nan");
    return wg__same_as_target(c) && wg__labels_fit(c, 1) && wg__reduced_shape(c, o->reduction);
}

static wg_tensor define(const wg_rule *r)
{
    const wg_hinge_embedding_loss_options *o = r->attrs;
    wg_tensor x = r->in[0], target = wg__labels(r->in[1], x), left = wg_clamp(wg_sub(wg_num(o->margin), x), .min = 0);
    wg_tensor far = wg_where(wg_eq(target, wg_num(1)), wg_num(0), left), near = wg_where(wg_eq(target, wg_num(-1)), wg_num(0), x);
    return wg__reduce_loss(wg_add(near, far), o->reduction);
}

/* values and gradients: PyTorch 1.13.1 in f64 */
static const wg_sample samples[] = {
    {.call = "hinge_embedding_loss([0.5, 2, 0.25, 3], [1, 1, -1, -1])", .value = "0.8125",
     .grad = "[0.25, 0.25, -0.25, 0]; [0, 0, 0, 0]"},
    {.call = "hinge_embedding_loss([0.5, 2, 0.25, 3], [1, 1, -1, -1]; reduction=\"sum\")", .value = "3.25",
     .grad = "[1, 1, -1, 0]; [0, 0, 0, 0]"},
    {.call = "hinge_embedding_loss([0.5, 2, 0.25, 3], i64[1, 1, -1, -1]; margin=4, reduction=\"none\")", .value = "[0.5, 2, 3.75, 1]",
     .grad = "[1, 1, -1, -1]"},
    {.call = "hinge_embedding_loss([[0.5, -2], [0.25, 3]], i32[[1, -1], [-1, 1]]; margin=0.5, reduction=\"none\")",
     .value = "[[0.5, 2.5], [0.25, 3]]", .grad = "[[1, -1], [-1, 1]]"},
    {.call = "hinge_embedding_loss([0.5, 2], u8[1, 1]; reduction=\"none\")", .value = "[0.5, 2]", .grad = "[1, 1]"},
    {.call = "hinge_embedding_loss([0.5, 2], [0, 0.5]; reduction=\"none\")", .value = "[1, 2]", .grad = "[0, 1]; [0, 0]"},
    {.call = "hinge_embedding_loss([1, 1], [1, -1]; reduction=\"none\")", .value = "[1, 0]", .grad = "[1, -1]; [0, 0]", .kink = true},
    {.call = "hinge_embedding_loss([nan, nan, inf, -inf, inf], [1, -1, 1, -1, -1]; reduction=\"none\")",
     .value = "[nan, nan, inf, inf, 0]", .grad = "[1, 0, 1, -1, 0]; [0, 0, 0, 0, 0]", .kink = true},
    {.call = "hinge_embedding_loss(f64 0.25, f64 -1)", .value = "0.75", .grad = "-1; 0"},
    {.call = "hinge_embedding_loss(f64[0](), f64[0]())", .value = "nan", .grad = "f64[0](); f64[0]()", .kink = true},
    {.call = "hinge_embedding_loss(f64[0](), f64[0](); reduction=\"sum\")", .value = "0", .grad = "f64[0](); f64[0]()"},
    {.call = "hinge_embedding_loss(f64[0, 3](), f64[0, 3](); reduction=\"none\")", .value = "f64[0, 3]()",
     .grad = "f64[0, 3](); f64[0, 3]()"},
    {.call = "hinge_embedding_loss(~[3, 4], i64[[1, 1, -1, -1], [-1, 1, -1, 1], [1, -1, 1, 1]]; margin=2)"},
    {.call = "hinge_embedding_loss(~[37], ~[37]; reduction=\"sum\")"},
    {.call = "hinge_embedding_loss([[1], [2]], [1, 2])", .refused = "x is f64[2,1], target is f64[2]: their shapes differ"},
    {.call = "hinge_embedding_loss([1, 2], [1, 2, 3])", .refused = "their shapes differ"},
    {.call = "hinge_embedding_loss([1], bool[true])", .refused = "target is bool[1], which must be of the same dtype or integers"},
    {.call = "hinge_embedding_loss([1], f32[1])", .refused = "target is f32[1], which must be of the same dtype or integers"},
    {.call = "hinge_embedding_loss([1], [1]; margin=nan)", .refused = "margin is nan"},
    {.call = "hinge_embedding_loss([1], [1]; reduction=\"max\")", .refused = "reduction=\"max\" is not one of mean, sum, none"},
    {.call = "hinge_embedding_loss(i64[1], i64[1])", .refused = "must be f32 or f64"},
    {0}};

const wg_op wg_op_hinge_embedding_loss = {WG_LINE(hinge_embedding_loss), .kind = WG_BLOCK, .any_dtype = 2, .shape = shape,
                                          .define = define, .samples = samples};

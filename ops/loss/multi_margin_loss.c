/* multi_margin_loss(x, target; p, margin, reduction) = 1/C sum over the classes c other than the target t of max(0, margin -
 * x[t] + x[c])^p, p 1 or 2, then the mean over the rows, the sum or neither: F.multi_margin_loss. x is [N, C] with N targets,
 * or [C] with one. Where a term just gets to 0 its slope is 0 (as torch has it); NaN gives NaN (torch passes over it). A class
 * out of range fails the run. */
#include "ops/loss/classes.h"

static bool shape(wg_call *c)
{
    const wg_multi_margin_loss_options *o = c->attrs;
    int axis = 0;
    if (o->p != 1 && o->p != 2) return wg__refuse(c, "p is %d, must be 1 or 2", o->p);
    if (isnan(o->margin)) return wg__refuse(c, "margin is nan");
    if (c->shape.rank > 2) return wg__disagree(c, "[N,C] with N targets is wanted, or [C] with one");
    return wg__class_axis(c, &axis) && wg__class_rows(c, axis) && wg__reduced_shape(c, o->reduction);
}

static wg_tensor define(const wg_rule *r)
{
    const wg_multi_margin_loss_options *o = r->attrs;
    wg_tensor x = r->in[0], target = wg__one_a_row(&(wg_class_terms){.y = x, .axis = -1}, r->in[1]);
    wg_tensor index = wg_unsqueeze(target, WG_INTS(-1)), mine = wg_gather(x, index, -1), zero = wg_zeros_like(x);
    wg_tensor term = wg_relu(wg_add(wg_sub(x, mine), wg_num(o->margin)));
    wg_tensor others = wg_eq(wg_scatter_add(zero, index, wg_ones_like(mine), -1), wg_num(0));
    if (o->p == 2) term = wg_square(term);
    term = wg_sum(wg_where(others, term, wg_num(0)), .axes = WG_INTS(-1));
    return wg__reduce_loss(wg_div(term, wg_size(x, .axes = WG_INTS(-1))), o->reduction);
}

/* values and gradients: PyTorch 1.13.1 in f64 */
static const wg_sample samples[] = {
    {.call = "multi_margin_loss([[1, 2.25, 3], [0.5, -1, 0.125]], i64[2, 0])", .value = "0.14583333333333334",
     .grad = "[[0, 0.16666666666666666, -0.16666666666666666], [-0.16666666666666666, 0, 0.16666666666666666]]"},
    {.call = "multi_margin_loss([[1, 2.25, 3], [0.5, -1, 0.125]], i32[1, 2]; reduction=\"sum\")", .value = "1.0416666666666667",
     .grad = "[[0, -0.3333333333333333, 0.3333333333333333], [0.3333333333333333, 0, -0.3333333333333333]]"},
    {.call = "multi_margin_loss([[1, 2.25, 3], [0.5, -1, 0.125]], i64[1, 2]; p=2, reduction=\"none\")",
     .value = "[1.0208333333333333, 0.6302083333333334]",
     .grad = "[[0, -1.1666666666666665, 1.1666666666666665], [0.9166666666666666, 0, -0.9166666666666666]]"},
    {.call = "multi_margin_loss([[1, 2.25, 3], [0.5, -1, 0.125]], u8[1, 2]; p=2, margin=0.25)", .value = "0.23177083333333331",
     .grad = "[[0, -0.3333333333333333, 0.3333333333333333], [0.20833333333333331, 0, -0.20833333333333331]]"},
    {.call = "multi_margin_loss([[1, 2, 3], [0.5, -1, 0.125]], i64[0, 1]; margin=-0.3, reduction=\"none\")",
     .value = "[0.7999999999999999, 0.6749999999999999]",
     .grad = "[[-0.6666666666666666, 0.3333333333333333, 0.3333333333333333], [0.3333333333333333, -0.6666666666666666, "
             "0.3333333333333333]]"},
    {.call = "multi_margin_loss([1, 2.25, 3], i64 1)", .value = "0.5833333333333334",
     .grad = "[0, -0.3333333333333333, 0.3333333333333333]"},
    {.call = "multi_margin_loss([1, 2.5, 3], i64 1; p=2)", .value = "0.75", .grad = "[0, -1, 1]"},
    {.call = "multi_margin_loss([[4]], i64[0])", .value = "0", .grad = "[[0]]"},
    {.call = "multi_margin_loss([[1, 2, 3]], i64[1]; reduction=\"none\")", .value = "[0.6666666666666666]",
     .grad = "[[0, -0.3333333333333333, 0.3333333333333333]]", .kink = true},
    {.call = "multi_margin_loss([[1, 2, 3]], i64[2]; p=2, reduction=\"none\")", .value = "[0]", .grad = "[[0, 0, 0]]", .kink = true},
    {.call = "multi_margin_loss([[nan, 1], [1, nan]], i64[0, 0]; reduction=\"none\")", .value = "[nan, nan]",
     .grad = "[[-0.5, 0.5], [-0.5, 0.5]]", .kink = true},
    {.call = "multi_margin_loss([[inf, 1], [1, inf]], i64[0, 0]; reduction=\"none\")", .value = "[0, inf]",
     .grad = "[[0, 0], [-0.5, 0.5]]", .kink = true},
    {.call = "multi_margin_loss(f64[0, 3](), i64[0]())", .value = "nan", .grad = "f64[0, 3]()", .kink = true},
    {.call = "multi_margin_loss(f64[0, 3](), i64[0](); reduction=\"sum\")", .value = "0", .grad = "f64[0, 3]()"},
    {.call = "multi_margin_loss(~[4, 5], i64[0, 4, 2, 2])"},
    {.call = "multi_margin_loss(~[6, 3], i64[0, 1, 2, 2, 1, 0]; p=2, margin=3, reduction=\"sum\")"},
    {.call = "multi_margin_loss(~[3, 4], i64[0, 1])", .refused = "x is f64[3,4], target is i64[2]: 3 rows but 2 targets"},
    {.call = "multi_margin_loss([[[1]]], i64[[0]])", .refused = "[N,C] with N targets is wanted"},
    {.call = "multi_margin_loss(~[2, 3], i64[0, 3])", .refused = "index[1,0] is 3, must be in 0..2"},
    {.call = "multi_margin_loss(~[2, 3], i64[0, -1])", .refused = "index[1,0] is -1, must be in 0..2"},
    {.call = "multi_margin_loss([[1, 2]], i64[0]; p=3)", .refused = "p is 3, must be 1 or 2"},
    {.call = "multi_margin_loss([[1, 2]], i64[0]; margin=nan)", .refused = "margin is nan"},
    {.call = "multi_margin_loss(1.5, i64 0)", .refused = "x is a scalar, which has no classes"},
    {.call = "multi_margin_loss([[1, 2]], [0])", .refused = "target is f64[1], which must be i64"},
    {.call = "multi_margin_loss([[1]], i64[0]; reduction=\"max\")", .refused = "reduction=\"max\" is not one of mean, sum, none"},
    {0}};

const wg_op wg_op_multi_margin_loss = {WG_LINE(multi_margin_loss), .kind = WG_BLOCK, .index = 2, .shape = shape, .define = define,
                                       .samples = samples};

/* nll_loss(logp, target, weight?; ignore_index, reduction): -w[t] logp[t] of each row's class t, 0 where t = ignore_index, with
 * w = weight or 1: F.nll_loss. Classes lie on axis 1, on axis 0 of an unbatched [C]. The mean divides by the sum of w[t] over those that
 * count (of none: NaN, gradient 0). A class out of range fails the run, -1 too, unless it is ignore_index. */
#include "ops/loss/classes.h"

static bool shape(wg_call *c)
{
    const wg_nll_loss_options *o = c->attrs;
    int axis = 0;
    return wg__class_axis(c, &axis) && wg__class_rows(c, axis) && wg__reduced_shape(c, o->reduction);
}

static wg_tensor define(const wg_rule *r)
{
    const wg_nll_loss_options *o = r->attrs;
    wg_class_terms t = wg__class_terms(r->in[0], r->in[2], 0);
    return wg__class_loss(&t, r->in[1], r->in[2], o->ignore_index, o->reduction);
}

static const wg_sample samples[] = {
    {.call = "nll_loss([[-1.5, -0.25, -2], [-0.75, -3, -1]], i64[1, 0])", .value = "0.5", .grad = "[[0, -0.5, 0], [-0.5, 0, 0]]"},
    {.call = "nll_loss([[-1.5, -0.25, -2], [-0.75, -3, -1]], i64[1, 2]; reduction=\"sum\")", .value = "1.25",
     .grad = "[[0, -1, 0], [0, 0, -1]]"},
    {.call = "nll_loss([[-1.5, -0.25, -2], [-0.75, -3, -1]], i64[1, 2]; ignore_index=1, reduction=\"none\")", .value = "[0, 1]",
     .grad = "[[0, 0, 0], [0, 0, -1]]"},
    {.call = "nll_loss([[-1.5, -0.25, -2], [-0.75, -3, -1]], i64[-100, 2])", .value = "1", .grad = "[[0, 0, 0], [0, 0, -1]]"},
    {.call = "nll_loss([[-1.5, -0.25, -2], [-0.75, -3, -1]], i64[-1, 2]; ignore_index=-1)", .value = "1",
     .grad = "[[0, 0, 0], [0, 0, -1]]"},
    {.call = "nll_loss([[-1.5, -0.25, -2], [-0.75, -3, -1]], i64[-100, -100])", .value = "nan", .grad = "[[0, 0, 0], [0, 0, 0]]",
     .kink = true},
    {.call = "nll_loss([[-1.5, -0.25, -2], [-0.75, -3, -1]], i64[1, 2], [2, 0.5, 3])", .value = "0.8928571428571429",
     .grad = "[[0, -0.14285714285714285, 0], [0, 0, -0.8571428571428571]]; [0, -0.1836734693877551, 0.030612244897959183]"},
    {.call = "nll_loss([[-1.5, -0.25, -2], [-0.75, -3, -1]], i64[1, -100], [2, 0.5, 3]; reduction=\"none\")", .value = "[0.125, 0]",
     .grad = "[[0, -0.5, 0], [0, 0, 0]]; [0, 0.25, 0]"},
    {.call = "nll_loss([[-1.5, -0.25, -2], [-0.75, -3, -1]], i32[1, 2]; reduction=\"none\")", .value = "[0.25, 1]"},
    {.call = "nll_loss([[-1.5, -0.25, -2], [-0.75, -3, -1]], u8[1, 2]; reduction=\"none\")", .value = "[0.25, 1]"},
    {.call = "nll_loss([-1.5, -0.25, -2], i64 1)", .value = "0.25", .grad = "[0, -1, 0]"},
    {.call = "nll_loss([[[-1, -2], [-3, -5]]], i64[[0, 1]])", .value = "3", .grad = "[[[-0.5, 0], [0, -0.5]]]"},
    {.call = "nll_loss([[-inf, 0], [nan, -1]], i64[1, 1]; reduction=\"none\")", .value = "[0, 1]", .grad = "[[0, -1], [0, -1]]",
     .kink = true},
    {.call = "nll_loss([[-inf, 0], [nan, -1]], i64[0, 0]; reduction=\"none\")", .value = "[inf, nan]", .grad = "[[-1, 0], [-1, 0]]",
     .kink = true},
    {.call = "nll_loss([[-inf, 0]], i64[0], [0, 1]; reduction=\"sum\")", .value = "nan", .grad = "[[0, 0]]; [inf, 0]", .kink = true},
    {.call = "nll_loss(f64[0, 3](), i64[0]())", .value = "nan", .grad = "f64[0, 3]()", .kink = true},
    {.call = "nll_loss(f64[0, 3](), i64[0](); reduction=\"sum\")", .value = "0", .grad = "f64[0, 3]()"},
    {.call = "nll_loss(f64[0, 3](), i64[0](); reduction=\"none\")", .value = "f64[0]()", .grad = "f64[0, 3]()"},
    {.call = "nll_loss(~[4, 5], i64[0, 4, 2, 2], +[5])"},
    {.call = "nll_loss(~[2, 3, 4], i64[[0, 1, 2, 2], [1, -100, 0, 0]]; reduction=\"sum\")"},
    {.call = "nll_loss(~[3, 4], i64[0, 1])", .refused = "logp is f64[3,4], target is i64[2]: 3 rows but 2 targets"},
    {.call = "nll_loss(~[3, 4], i64[[0, 1, 2]])", .refused = "has the axes of logp"},
    {.call = "nll_loss(~[1, 2, 3], i64[[0, 1]])", .refused = "has the sizes of logp"},
    {.call = "nll_loss(~[3, 4], ~[3, 4])", .refused = "target is f64[3,4], which must be i64, i32 or u8"},
    {.call = "nll_loss(~[2, 3], i64[0, 3])", .refused = "index[1,0] is 3, must be in 0..2"},
    {.call = "nll_loss(~[2, 3], i64[0, -1])", .refused = "index[1,0] is -1, must be in 0..2"},
    {.call = "nll_loss(~[2, 3], i64[0, 1], [1, 2])", .refused = "one weight a class"},
    {.call = "nll_loss(2.5, i64 0)", .refused = "logp is a scalar, which has no classes"},
    {.call = "nll_loss(i64[[1, 2]], i64[0])", .refused = "must be f32 or f64"},
    {.call = "nll_loss([[1, 2]], i64[0]; reduction=\"max\")", .refused = "reduction=\"max\" is not one of mean, sum, none"},
    {0}};

const wg_op wg_op_nll_loss = {WG_LINE(nll_loss), .kind = WG_BLOCK, .index = 2, .shape = shape, .define = define, .samples = samples};

/* contrastive_loss(a, b, same; margin, reduction): with d the Euclidean distance of a and b along the last axis,
 * same d^2/2 + (1 - same) max(0, margin - d)^2/2, then the mean over the pairs, the sum or neither: Hadsell, Chopra and LeCun 2006.
 * same is 1 for a pair that belongs together and 0 for one that does not. Differentiable in all three; where d = 0 the derivative
 * of d counts as 0, so that the second part pushes nowhere. */
#include "ops/loss/distance.h"

static bool shape(wg_call *c)
{
    const wg_contrastive_loss_options *o = c->attrs;
    if (!(o->margin >= 0)) return wg__refuse(c, "margin is %g, must be 0 or more", o->margin);
    if (!wg__same_as(c, 1) || !wg__vector_rows(c) || !wg__row_each(c, 2, "number a pair")) return false;
    return wg__reduced_shape(c, o->reduction);
}

static wg_tensor define(const wg_rule *r)
{
    const wg_contrastive_loss_options *o = r->attrs;
    wg_tensor same = r->in[2], square = wg_sum(wg_square(wg_sub(r->in[0], r->in[1])), .axes = WG_INTS(-1));
    wg_tensor near = wg_square(wg_relu(wg_sub(wg_num(o->margin), wg__root(square, 2))));
    wg_tensor loss = wg_add(wg_mul(same, square), wg_mul(wg_sub(wg_num(1), same), near));
    return wg__reduce_loss(wg_mul(loss, wg_num(0.5)), o->reduction);
}

static const wg_sample samples[] = {
    {.call = "contrastive_loss([[1, 2], [0, -1], [3, 0.5]], [[1.25, 1.5], [0.5, -1.25], [0, 2]], [1, 0, 0])",
     .value = "0.08449433520835087",
     .grad = "[[-0.08333333333333333, 0.16666666666666666], [0.13147573033330529, -0.06573786516665264], [0, 0]]; "
             "[[0.08333333333333333, -0.16666666666666666], [-0.13147573033330529, 0.06573786516665264], [0, 0]]; "
             "[0.019672331458315824, 0.019672331458315824, 1.8750000000000002]"},
    {.call = "contrastive_loss([[1, 2], [0, -1], [3, 0.5]], [[1.25, 1.5], [0.5, -1.25], [0, 2]], [1, 0, 0.25]; reduction=\"sum\")",
     .value = "1.6597330056250528",
     .grad = "[[-0.25, 0.5], [0.39442719099991586, -0.19721359549995793], [0.75, -0.375]]; [[0.25, -0.5], "
             "[-0.39442719099991586, 0.19721359549995793], [-0.75, 0.375]]; [0.059016994374947465, 0.059016994374947465, "
             "5.625000000000001]"},
    {.call = "contrastive_loss([[1, 2], [0, -1], [3, 0.5]], [[1.25, 1.5], [0.5, -1.25], [0, 2]], [0, 0, 1]; margin=2, reduction=\"none\")",
     .value = "[1.038216011250105, 1.038216011250105, 5.625000000000001]",
     .grad = "[[0.6444271909999159, -1.2888543819998317], [1.2888543819998317, -0.6444271909999159], [3, -1.5]]; "
             "[[-0.6444271909999159, 1.2888543819998317], [-1.2888543819998317, 0.6444271909999159], [-3, 1.5]]; "
             "[-0.8819660112501051, -0.8819660112501051, 5.625000000000001]"},
    {.call = "contrastive_loss([1, 2], [1.25, 1.5], f64 0)", .value = "0.09723300562505256",
     .grad = "[0.19721359549995793, -0.39442719099991586]; [-0.19721359549995793, 0.39442719099991586]; 0.059016994374947465"},
    {.call = "contrastive_loss([[1, 2], [1, 2]], [[1, 2], [1, 2]], [1, 0]; margin=2, reduction=\"none\")", .value = "[0, 2]",
     .grad = "[[0, 0], [0, 0]]; [[0, 0], [0, 0]]; [-2, -2]", .kink = true},
    {.call = "contrastive_loss([[0, 0]], [[3, 4]], [0]; margin=5, reduction=\"none\")", .value = "[0]",
     .grad = "[[0, 0]]; [[0, 0]]; [12.5]", .kink = true},
    {.call = "contrastive_loss([[nan, 0], [inf, 0]], [[0, 0], [0, 0]], [1, 1]; reduction=\"none\")", .value = "[nan, inf]",
     .kink = true},
    {.call = "contrastive_loss([[1, 2]], [[3, 4]], [nan]; reduction=\"none\")", .value = "[nan]", .kink = true},
    {.call = "contrastive_loss(f64[0, 3](), f64[0, 3](), f64[0]())", .value = "nan", .grad = "f64[0, 3](); f64[0, 3](); f64[0]()",
     .kink = true},
    {.call = "contrastive_loss(f64[0, 3](), f64[0, 3](), f64[0](); reduction=\"sum\")", .value = "0",
     .grad = "f64[0, 3](); f64[0, 3](); f64[0]()"},
    {.call = "contrastive_loss(f64[2, 0](), f64[2, 0](), [1, 0]; reduction=\"none\")", .value = "[0, 0.5]",
     .grad = "f64[2, 0](); f64[2, 0](); [-0.5, -0.5]", .kink = true},
    {.call = "contrastive_loss(~[3, 4], ~[3, 4], ~[3]; margin=4)"},
    {.call = "contrastive_loss(~[2, 3, 2], ~[2, 3, 2], +[2, 3]; margin=3, reduction=\"sum\")"},
    {.call = "contrastive_loss([[1, 2]], [1, 2], [1])", .refused = "a is f64[1,2], b is f64[2]: their shapes differ"},
    {.call = "contrastive_loss([[1, 2]], [[1, 2]], [1, 0])", .refused = "a is f64[1,2], same is f64[2]: one number a pair"},
    {.call = "contrastive_loss([[1, 2]], [[1, 2]], [[1]])", .refused = "one number a pair"},
    {.call = "contrastive_loss(1.5, 2.5, 1.0)", .refused = "a is a scalar, which has no vectors"},
    {.call = "contrastive_loss([[1]], [[1]], [1]; margin=-1)", .refused = "margin is -1, must be 0 or more"},
    {.call = "contrastive_loss([[1]], [[1]], [1]; margin=nan)", .refused = "margin is nan"},
    {.call = "contrastive_loss([[1]], [[1]], i64[1])", .refused = "same is i64[1], which must be f32 or f64"},
    {.call = "contrastive_loss([[1]], [[1]], [1]; reduction=\"max\")", .refused = "reduction=\"max\" is not one of mean, sum, none"},
    {0}};

const wg_op wg_op_contrastive_loss = {WG_LINE(contrastive_loss), .kind = WG_BLOCK, .shape = shape, .define = define,
                                      .samples = samples};

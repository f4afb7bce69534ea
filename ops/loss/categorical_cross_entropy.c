/* categorical_cross_entropy(p, target; reduction) = - sum over c of target[c] log p[c], for probabilities p; then the mean over the rows,
 * the sum or neither. Classes lie on axis 1, on axis 0 of an unbatched [C]. A class with target 0 and p 0 counts as 0, and so do its
 * derivatives; p = 0 where target is not gives an infinite loss: cross_entropy, which takes logits, has no such place. */
#include "ops/loss/classes.h"

static bool shape(wg_call *c)
{
    const wg_categorical_cross_entropy_options *o = c->attrs;
    int axis = 0;
    if (!wg__same_as_target(c) || !wg__class_axis(c, &axis)) return false;
    wg__drop_axes(&c->shape, 1u << axis, false);
    return wg__reduced_shape(c, o->reduction);
}

static wg_tensor define(const wg_rule *r)
{
    const wg_categorical_cross_entropy_options *o = r->attrs;
    wg_tensor p = r->in[0], target = r->in[1];
    wg_tensor nothing = wg_where(wg_eq(target, wg_num(0)), wg_eq(p, wg_num(0)), wg_num(0));
    wg_tensor cost = wg_mul(target, wg_log(wg_where(nothing, wg_num(1), p)));
    return wg__reduce_loss(wg_neg(wg_sum(cost, .axes = WG_INTS(wg__class_axis_of(p)))), o->reduction);
}

static const wg_sample samples[] = {
    {.call = "categorical_cross_entropy([[0.2, 0.3, 0.5], [0.7, 0.2, 0.1]], [[0.1, 0.6, 0.3], [1, 0, 0]])",
     .value = "0.7239732859728438",
     .grad = "[[-0.25, -1, -0.3], [-0.7142857142857143, 0, 0]]; [[0.8047189562170501, 0.6019864021629681, "
             "0.34657359027997264], [0.17833747196936622, 0.8047189562170501, 1.1512925464970227]]"},
    {.call = "categorical_cross_entropy([[0.2, 0.3, 0.5], [0.7, 0.2, 0.1]], [[0.1, 0.6, 0.3], [1, 0, 0]]; reduction=\"sum\")",
     .value = "1.4479465719456877",
     .grad = "[[-0.5, -2, -0.6], [-1.4285714285714286, 0, 0]]; [[1.6094379124341003, 1.2039728043259361, "
             "0.6931471805599453], [0.35667494393873245, 1.6094379124341003, 2.3025850929940455]]"},
    {.call = "categorical_cross_entropy([[0.2, 0.3, 0.5], [0.7, 0.2, 0.1]], [[0.1, 0.6, 0.3], [1, 0, 0]]; reduction=\"none\")",
     .value = "[1.0912716280069552, 0.35667494393873245]",
     .grad = "[[-0.5, -2, -0.6], [-1.4285714285714286, 0, 0]]; [[1.6094379124341003, 1.2039728043259361, "
             "0.6931471805599453], [0.35667494393873245, 1.6094379124341003, 2.3025850929940455]]"},
    {.call = "categorical_cross_entropy([0.2, 0.3, 0.5], [0.1, 0.6, 0.3])", .value = "1.0912716280069552",
     .grad = "[-0.5, -2, -0.6]; [1.6094379124341003, 1.2039728043259361, 0.6931471805599453]"},
    {.call = "categorical_cross_entropy([[[0.2, 0.3], [0.8, 0.7]]], [[[1, 0], [0, 1]]]; reduction=\"none\")",
     .value = "[[1.6094379124341003, 0.35667494393873245]]",
     .grad = "[[[-5, 0], [0, -1.4285714285714286]]]; [[[1.6094379124341003, 1.2039728043259361], [0.2231435513142097, "
             "0.35667494393873245]]]"},
    {.call = "categorical_cross_entropy([[0, 1], [0, 0.5]], [[0, 1], [0.5, 0.5]]; reduction=\"none\")", .value = "[0, inf]",
     .grad = "[[0, -1], [-inf, -1]]; [[0, 0], [inf, 0.6931471805599453]]", .kink = true},
    {.call = "categorical_cross_entropy([[nan, 1], [-1, 0.5]], [[0, 1], [0, 1]]; reduction=\"none\")", .value = "[nan, nan]",
     .kink = true},
    {.call = "categorical_cross_entropy(f64[0, 3](), f64[0, 3]())", .value = "nan", .grad = "f64[0, 3](); f64[0, 3]()", .kink = true},
    {.call = "categorical_cross_entropy(f64[0, 3](), f64[0, 3](); reduction=\"sum\")", .value = "0",
     .grad = "f64[0, 3](); f64[0, 3]()"},
    {.call = "categorical_cross_entropy(f64[2, 0](), f64[2, 0](); reduction=\"none\")", .value = "[0, 0]",
     .grad = "f64[2, 0](); f64[2, 0]()"},
    {.call = "categorical_cross_entropy(+[3, 4], ~[3, 4])"},
    {.call = "categorical_cross_entropy(+[2, 3, 2], ~[2, 3, 2]; reduction=\"sum\")"},
    {.call = "categorical_cross_entropy([[1], [2]], [1, 2])", .refused = "p is f64[2,1], target is f64[2]: their shapes differ"},
    {.call = "categorical_cross_entropy([[1, 2]], i64[0])", .refused = "target is i64[1], which must be f32 or f64"},
    {.call = "categorical_cross_entropy(0.5, 1.0)", .refused = "p is a scalar, which has no classes"},
    {.call = "categorical_cross_entropy([1], f32[1])", .refused = "cast one to the other's dtype"},
    {.call = "categorical_cross_entropy([1], [1]; reduction=\"max\")", .refused = "reduction=\"max\" is not one of mean, sum, none"},
    {0}};

const wg_op wg_op_categorical_cross_entropy = {WG_LINE(categorical_cross_entropy), .kind = WG_BLOCK, .shape = shape, .define = define,
                                               .samples = samples};

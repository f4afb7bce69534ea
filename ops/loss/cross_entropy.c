/* cross_entropy(logits, target, weight?; ignore_index, label_smoothing, reduction): F.cross_entropy. Classes lie on axis 1,
 * on axis 0 of an unbatched [C]. With y = log_softmax(logits), e = label_smoothing and w = weight or 1:
 *     target of classes:        -(1 - e) w[t] y[t] - e/C sum over c of w[c] y[c], 0 where t = ignore_index; the mean
 *                               divides by the sum of w[t] over those that count (of none: NaN, gradient 0);
 *     target of probabilities:  - sum over c of w[c] ((1 - e) p[c] + e/C) y[c]; the mean divides by the number of rows.
 * A class out of range fails the run, -1 too, unless it is ignore_index. */
#include "ops/loss/classes.h"

static bool shape(wg_call *c)
{
    const wg_cross_entropy_options *o = c->attrs;
    const wg_shape *target = c->in[1].shape;
    wg_dtype d = c->in[1].dtype;
    char a[128];
    int axis = 0;
    if (d == WG_BOOL)
        return wg__refuse(c, "target is %s, which must be classes (i64, i32 or u8) or probabilities", wg__show_type(a, c->in[1]));
    if (wg_dtype_real(d) && d != c->in[0].dtype) return wg__disagree(c, "cast one to the other's dtype");
    if (!(o->label_smoothing >= 0 && o->label_smoothing <= 1))
        return wg__refuse(c, "label_smoothing is %g, must be in 0..1", o->label_smoothing);
    if (!wg__class_axis(c, &axis)) return false;
    if (!wg_dtype_real(d)) return wg__class_rows(c, axis) && wg__reduced_shape(c, o->reduction);
    if (target->rank != c->shape.rank) return wg__disagree(c, "probabilities must have the shape of logits, classes be integers");
    for (int i = 0; i < target->rank; i++)
        if (!wg__same_size(c, &c->shape.dim[i], target->dim[i])) return wg__disagree(c, "probabilities must have the shape of logits");
    wg__drop_axes(&c->shape, 1u << axis, false);
    return wg__reduced_shape(c, o->reduction);
}

static wg_tensor of_probabilities(const wg_rule *r, const wg_class_terms *t)
{
    const wg_cross_entropy_options *o = r->attrs;
    wg_tensor p = r->in[1];
    if (t->e > 0) p = wg_add(wg_mul(p, wg_num(1 - t->e)), t->smooth);
    wg_tensor rows = wg_sum(wg_mul(t->weighted, p), .axes = WG_INTS(t->axis));
    return wg__reduce_loss(wg_neg(rows), o->reduction);
}

static wg_tensor define(const wg_rule *r)
{
    const wg_cross_entropy_options *o = r->attrs;
    wg_tensor logits = r->in[0], target = r->in[1];
    wg_class_terms t = wg__class_terms(wg_log_softmax(logits, .axis = wg__class_axis_of(logits)), r->in[2], o->label_smoothing);
    wg_dtype d = wg_dtype_get(target);
    if (wg_dtype_real(d)) return of_probabilities(r, &t);
    return wg__class_loss(&t, d == WG_I64 ? target : wg_cast(target, WG_I64), r->in[2], o->ignore_index, o->reduction);
}

static const wg_sample samples[] = {
    {.call = "cross_entropy([[1, 2, 3], [0.5, -1, 0]], i64[2, 0])", .value = "0.5058682848905544",
     .grad = "[[0.04501528658519022, 0.12236423552739882, -0.1673795221125891], "
             "[-0.22672530636691018, 0.060975826154864424, 0.16574948021204575]]"},
    {.call = "cross_entropy([[1, 2, 3], [0.5, -1, 0]], i32[2, 0]; reduction=\"sum\")", .value = "1.0117365697811087"},
    {.call = "cross_entropy([[1, 2, 3], [0.5, -1, 0]], i64[2, 1]; ignore_index=1, reduction=\"none\")", .value = "[0.4076059644443804, 0]",
     .grad = "[[0.09003057317038043, 0.24472847105479764, -0.3347590442251782], [0, 0, 0]]"},
    {.call = "cross_entropy([[1, 2, 3], [0.5, -1, 0]], i64[2, -100])", .value = "0.4076059644443804"},
    {.call = "cross_entropy([[1, 2, 3], [0.5, -1, 0]], i64[-1, 1]; ignore_index=-1)", .value = "2.1041306053367284"},
    {.call = "cross_entropy([[1, 2, 3], [0.5, -1, 0]], i64[-100, -100])", .value = "nan", .grad = "[[0, 0, 0], [0, 0, 0]]", .kink = true},
    {.call = "cross_entropy([[1, 2, 3], [0.5, -1, 0]], i64[2, 0], [1, 2, 0.5])", .value = "0.5386223917059457",
     .grad = "[[0.030010191056793478, 0.08157615701826587, -0.1115863480750594], "
             "[-0.3023004084892136, 0.08130110153981923, 0.22099930694939432]]; [0.04367214242052175, 0, -0.08734428484104356]"},
    {.call = "cross_entropy([[1, 2, 3], [0.5, -1, 0]], i64[2, 0]; label_smoothing=0.1)", .value = "0.5892016182238877",
     .grad = "[[0.02834861991852355, 0.10569756886073216, -0.13404618877925578], "
             "[-0.19339197303357686, 0.04430915948819776, 0.14908281354537908]]"},
    {.call = "cross_entropy([[1, 2, 3], [0.5, -1, 0]], i64[2, -100], [1, 2, 0.5]; label_smoothing=0.1)", .value = "0.7286200930369645"},
    {.call = "cross_entropy([[1, 2, 3], [0.5, -1, 0]], i64[2, -100], [1, 2, 0.5]; label_smoothing=0.1, reduction=\"none\")",
     .value = "[0.36431004651848226, 0]"},
    {.call = "cross_entropy([1, 2, 3], i64 1)", .value = "1.4076059644443804",
     .grad = "[0.09003057317038043, -0.7552715289452023, 0.6652409557748218]"},
    {.call = "cross_entropy([[[1, 2], [3, 5]]], i64[[0, 1]])", .value = "1.0877576813083574",
     .grad = "[[[-0.4403985389889412, 0.02371293658878339], [0.44039853898894116, -0.023712936588783373]]]"},
    {.call = "cross_entropy([[1, 2, 3], [0.5, -1, 0]], [[0.2, 0.3, 0.5], [1, 0, 0]])", .value = "0.8558682848905544",
     .grad = "[[-0.05498471341480979, -0.027635764472601174, 0.08262047788741089], "
             "[-0.22672530636691018, 0.060975826154864424, 0.16574948021204575]]; "
             "[[1.2038029822221903, 0.7038029822221902, 0.2038029822221902], "
             "[0.3020653026683642, 1.0520653026683642, 0.5520653026683642]]"},
    {.call = "cross_entropy([[1, 2, 3], [0.5, -1, 0]], [[0.2, 0.3, 0.5], [1, 0, 0]], [1, 2, 0.5]; label_smoothing=0.1)",
     .value = "1.0943038905053954"},
    {.call = "cross_entropy([1, 2, 3], [0.2, 0.3, 0.5]; reduction=\"none\")", .value = "1.1076059644443805"},
    {.call = "cross_entropy([[10000, 0], [0, 0]], i64[1, 0])", .value = "5000.34657359028",
     .grad = "[[0.5, -0.5], [-0.25, 0.25]]", .kink = true},
    {.call = "cross_entropy(f64[0, 3](), i64[0]())", .value = "nan", .grad = "f64[0, 3]()", .kink = true},
    {.call = "cross_entropy(f64[0, 3](), i64[0](); reduction=\"sum\")", .value = "0", .grad = "f64[0, 3]()"},
    {.call = "cross_entropy(~[4, 5], i64[0, 4, 2, 2], +[5]; label_smoothing=0.2)"},
    {.call = "cross_entropy(~[2, 3, 4], ~[2, 3, 4])"},
    {.call = "cross_entropy(~[3, 4], i64[0, 1])", .refused = "logits is f64[3,4], target is i64[2]: 3 rows but 2 targets"},
    {.call = "cross_entropy(~[3, 4], i64[[0, 1, 2]])", .refused = "has the axes of logits"},
    {.call = "cross_entropy(~[3, 4], ~[1, 4])", .refused = "probabilities must have the shape of logits"},
    {.call = "cross_entropy(~[3, 4], ~[3])", .refused = "probabilities must have the shape of logits"},
    {.call = "cross_entropy(~[2, 3], i64[0, 3])", .refused = "index[1,0] is 3, must be in 0..2"},
    {.call = "cross_entropy(~[2, 3], i64[0, -1])", .refused = "index[1,0] is -1, must be in 0..2"},
    {.call = "cross_entropy(~[2, 3], bool[true, false])", .refused = "target is bool[2], which must be classes"},
    {.call = "cross_entropy(~[2, 3], i64[0, 1], [1, 2])", .refused = "one weight a class"},
    {.call = "cross_entropy(~[2, 3], i64[0, 1]; label_smoothing=1.5)", .refused = "label_smoothing is 1.5, must be in 0..1"},
    {0}};

const wg_op wg_op_cross_entropy = {WG_LINE(cross_entropy), .kind = WG_BLOCK, .any_dtype = 2, .shape = shape, .define = define,
                                   .samples = samples};

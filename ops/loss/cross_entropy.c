/* cross_entropy(logits, target, weight?; ignore_index, label_smoothing, reduction): F.cross_entropy. Classes lie on axis 1,
 * on axis 0 of an unbatched [C]. With y = log_softmax(logits), e = label_smoothing and w = weight or 1:
 *     target of classes:        -(1 - e) w[t] y[t] - e/C sum over c of w[c] y[c], 0 where t = ignore_index; the mean
 *                               divides by the sum of w[t] over those that count (of none: NaN, gradient 0);
 *     target of probabilities:  - sum over c of w[c] ((1 - e) p[c] + e/C) y[c]; the mean divides by the number of rows.
 * A class out of range fails the run, -1 too, unless it is ignore_index. */
#include "ops/loss/reduction.h"

static int class_axis(int rank) { return rank == 1 ? 0 : 1; }

static bool disagree(wg_call *c, const char *why)
{
    char a[128], b[128];
    return wg__refuse(c, "logits is %s, target is %s: %s", wg__show_type(a, c->in[0]), wg__show_type(b, c->in[1]), why);
}

/* c->shape is logits' shape; it becomes that of the unreduced loss. */
static bool rows_shape(wg_call *c, int axis)
{
    const wg_shape *target = c->in[1].shape;
    char why[96];
    if (wg_dtype_real(c->in[1].dtype)) { /* probabilities */
        if (target->rank != c->shape.rank) return disagree(c, "probabilities must have the shape of logits, classes be integers");
        for (int i = 0; i < target->rank; i++)
            if (!wg__same_size(c, &c->shape.dim[i], target->dim[i])) return disagree(c, "probabilities must have the shape of logits");
        wg__drop_axes(&c->shape, 1u << axis, false);
        return true;
    }
    wg__drop_axes(&c->shape, 1u << axis, false);
    if (target->rank != c->shape.rank) return disagree(c, "a target of classes has the axes of logits but that of the classes");
    for (int i = 0; i < target->rank; i++) {
        int64_t rows = c->shape.dim[i];
        snprintf(why, sizeof why, "%lld rows but %lld targets", (long long)rows, (long long)target->dim[i]);
        if (!wg__same_size(c, &c->shape.dim[i], target->dim[i]))
            return disagree(c, i == 0 ? why : "a target of classes has the sizes of logits but that of the classes");
    }
    return true;
}

static bool shape(wg_call *c)
{
    const wg_cross_entropy_options *o = c->attrs;
    wg_dtype d = c->in[1].dtype;
    char a[128], b[128];
    if (c->shape.rank == 0) return wg__refuse(c, "logits is a scalar, which has no classes");
    if (d == WG_BOOL)
        return wg__refuse(c, "target is %s, which must be classes (i64, i32 or u8) or probabilities", wg__show_type(a, c->in[1]));
    if (wg_dtype_real(d) && d != c->in[0].dtype) return disagree(c, "cast one to the other's dtype");
    if (!(o->label_smoothing >= 0 && o->label_smoothing <= 1))
        return wg__refuse(c, "label_smoothing is %g, must be in 0..1", o->label_smoothing);
    int axis = class_axis(c->shape.rank);
    if (c->in[2].dtype) {
        const wg_shape *weight = c->in[2].shape;
        int64_t classes = c->shape.dim[axis];
        if (weight->rank != 1 || !wg__same_size(c, &classes, weight->dim[0]))
            return wg__refuse(c, "logits is %s, weight is %s: one weight a class is wanted", wg__show_type(a, c->in[0]),
                              wg__show_type(b, c->in[2]));
    }
    return rows_shape(c, axis) && wg__reduced_shape(c, o->reduction);
}

/* What the rules share: y = log_softmax(logits) times the classes' weights, and e/C. */
typedef struct terms {
    wg_tensor y, weighted, smooth;
    int rank, axis;
    double e;
} terms;

static terms terms_of(const wg_rule *r)
{
    const wg_cross_entropy_options *o = r->attrs;
    terms t = {.rank = wg_shape_get(r->in[0]).rank, .e = o->label_smoothing};
    wg_tensor weight = r->in[2];
    t.axis = class_axis(t.rank);
    t.y = t.weighted = wg_log_softmax(r->in[0], .axis = t.axis - t.rank);
    if (weight.tape) {
        wg_ints after = {.n = t.rank - t.axis - 1};
        for (int i = 0; i < after.n; i++) after.v[i] = i - after.n;
        t.weighted = wg_mul(t.y, after.n ? (wg_unsqueeze)(weight, after) : weight);
    }
    if (t.e > 0) t.smooth = wg_div(wg_num(t.e), wg_size(r->in[0], .axes = WG_INTS(t.axis - t.rank)));
    return t;
}

static wg_tensor of_probabilities(const wg_rule *r, const terms *t)
{
    const wg_cross_entropy_options *o = r->attrs;
    wg_tensor p = r->in[1];
    if (t->e > 0) p = wg_add(wg_mul(p, wg_num(1 - t->e)), t->smooth);
    wg_tensor rows = wg_sum(wg_mul(t->weighted, p), .axes = WG_INTS(t->axis - t->rank));
    return wg__reduce_loss(wg_neg(rows), o->reduction);
}

/* Sizes known only when run must agree then: gather would take fewer targets than rows. One view there and one back refuse all
 * others, and neither reads a value. */
static wg_tensor one_a_row(const terms *t, wg_tensor target)
{
    if (wg_shape_count(wg_shape_get(t->y)) >= 0 && wg_shape_count(wg_shape_get(target)) >= 0) return target;
    wg_tensor rows = wg_sum(t->y, .axes = WG_INTS(t->axis - t->rank));
    return wg_reshape_like(wg_expand_like(target, rows), target);
}

static wg_tensor of_classes(const wg_rule *r, const terms *t, wg_tensor target)
{
    const wg_cross_entropy_options *o = r->attrs;
    wg_ints axes = {.v = {t->axis - t->rank}, .n = 1};
    target = one_a_row(t, target);
    wg_tensor counts = wg_ne(target, wg_num((double)o->ignore_index)), safe = wg_where(counts, target, wg_num(0));
    wg_tensor picked = wg_gather(t->weighted, (wg_unsqueeze)(safe, axes), t->axis - t->rank);
    wg_tensor loss = wg_reshape_like(wg_neg(picked), target);
    if (t->e > 0) {
        wg_tensor even = wg_mul(wg_sum(t->weighted, .axes = axes), t->smooth);
        loss = wg_sub(wg_mul(loss, wg_num(1 - t->e)), even);
    }
    loss = wg_where(counts, loss, wg_num(0));
    if (o->reduction[0] != 'm') return wg__reduce_loss(loss, o->reduction);
    wg_tensor each = wg_cast(counts, wg_dtype_get(loss));
    if (r->in[2].tape) each = wg_where(counts, wg_take(r->in[2], safe), wg_num(0));
    return wg_div(wg_sum(loss), wg_sum(each));
}

static wg_tensor define(const wg_rule *r)
{
    terms t = terms_of(r);
    wg_tensor target = r->in[1];
    wg_dtype d = wg_dtype_get(target);
    if (wg_dtype_real(d)) return of_probabilities(r, &t);
    return of_classes(r, &t, d == WG_I64 ? target : wg_cast(target, WG_I64));
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
    {.call = "cross_entropy(~[3, 4], ~[3])", .refused = "probabilities must have the shape of logits"},
    {.call = "cross_entropy(~[2, 3], i64[0, 3])", .refused = "index[1,0] is 3, must be in 0..2"},
    {.call = "cross_entropy(~[2, 3], i64[0, -1])", .refused = "index[1,0] is -1, must be in 0..2"},
    {.call = "cross_entropy(~[2, 3], bool[true, false])", .refused = "target is bool[2], which must be classes"},
    {.call = "cross_entropy(~[2, 3], i64[0, 1], [1, 2])", .refused = "one weight a class"},
    {.call = "cross_entropy(~[2, 3], i64[0, 1]; label_smoothing=1.5)", .refused = "label_smoothing is 1.5, must be in 0..1"},
    {0}};

const wg_op wg_op_cross_entropy = {WG_LINE(cross_entropy), .kind = WG_BLOCK, .any_dtype = 2, .shape = shape, .define = define,
                                   .samples = samples};

/* classes.h -- what cross_entropy and nll_loss share: a score a class in, the scores of the target classes out. Classes lie on
 * axis 1, on axis 0 of an unbatched [C]. */
#ifndef WG_OPS_LOSS_CLASSES_H
#define WG_OPS_LOSS_CLASSES_H

#include "ops/loss/reduction.h"

static inline bool wg__disagree(wg_call *c, const char *why)
{
    char a[128], b[128];
    return wg__refuse(c, "%s is %s, %s is %s: %s", c->op->inputs[0].name, wg__show_type(a, c->in[0]), c->op->inputs[1].name,
                      wg__show_type(b, c->in[1]), why);
}

/* The axis of the classes, which lie along the first input; its weights (input 2), if any, are one a class. */
static inline bool wg__class_axis(wg_call *c, int *axis)
{
    const char *name = c->op->inputs[0].name;
    char a[128], b[128];
    if (c->shape.rank == 0) return wg__refuse(c, "%s is a scalar, which has no classes", name);
    *axis = c->shape.rank == 1 ? 0 : 1;
    if (c->n < 3 || !c->in[2].dtype) return true;
    const wg_shape *weight = c->in[2].shape;
    int64_t classes = c->shape.dim[*axis];
    if (weight->rank == 1 && wg__same_size(c, &classes, weight->dim[0])) return true;
    return wg__refuse(c, "%s is %s, weight is %s: one weight a class is wanted", name, wg__show_type(a, c->in[0]),
                      wg__show_type(b, c->in[2]));
}

/* The same axis, counted from the end, in .define. */
static inline int wg__class_axis_of(wg_tensor x)
{
    int rank = wg_shape_get(x).rank;
    return rank > 1 ? 1 - rank : -1;
}

/* The shape of a loss a row, from that of the scores in c, where target is one class a row. */
static inline bool wg__class_rows(wg_call *c, int axis)
{
    const wg_shape *target = c->in[1].shape;
    const char *name = c->op->inputs[0].name;
    char why[96];
    wg__drop_axes(&c->shape, 1u << axis, false);
    snprintf(why, sizeof why, "a target of classes has the axes of %s but that of the classes", name);
    if (target->rank != c->shape.rank) return wg__disagree(c, why);
    for (int i = 0; i < target->rank; i++) {
        int64_t rows = c->shape.dim[i];
        if (wg__same_size(c, &c->shape.dim[i], target->dim[i])) continue;
        if (i) snprintf(why, sizeof why, "a target of classes has the sizes of %s but that of the classes", name);
        else snprintf(why, sizeof why, "%lld rows but %lld targets", (long long)rows, (long long)target->dim[0]);
        return wg__disagree(c, why);
    }
    return true;
}

/* y, logarithms of probabilities, times the classes' weights; the share e of smoothing, and e/C. axis counts from the end. */
typedef struct wg_class_terms {
    wg_tensor y, weighted, smooth;
    int axis;
    double e;
} wg_class_terms;

static inline wg_class_terms wg__class_terms(wg_tensor y, wg_tensor weight, double e)
{
    wg_class_terms t = {.y = y, .weighted = y, .axis = wg__class_axis_of(y), .e = e};
    if (weight.tape) {
        wg_ints after = {.n = -1 - t.axis};
        for (int i = 0; i < after.n; i++) after.v[i] = i - after.n;
        t.weighted = wg_mul(y, after.n ? (wg_unsqueeze)(weight, after) : weight);
    }
    if (e > 0) t.smooth = wg_div(wg_num(e), wg_size(y, .axes = WG_INTS(t.axis)));
    return t;
}

/* Sizes known only when run must agree then: gather would take fewer targets than rows. One view there and one back refuse all
 * others, and neither reads a value. */
static inline wg_tensor wg__one_a_row(const wg_class_terms *t, wg_tensor target)
{
    if (wg_shape_count(wg_shape_get(t->y)) >= 0 && wg_shape_count(wg_shape_get(target)) >= 0) return target;
    wg_tensor rows = wg_sum(t->y, .axes = WG_INTS(t->axis));
    return wg_reshape_like(wg_expand_like(target, rows), target);
}

/* -(1 - e) w[t] y[t] - e/C sum over c of w[c] y[c], reduced; 0 where t = ignore. The mean divides by the sum of the w[t] that count. */
static inline wg_tensor wg__class_loss(const wg_class_terms *t, wg_tensor target, wg_tensor weight, int64_t ignore, const char *reduction)
{
    wg_ints axes = {.v = {t->axis}, .n = 1};
    target = wg__one_a_row(t, target);
    wg_tensor counts = wg_ne(target, wg_num((double)ignore)), safe = wg_where(counts, target, wg_num(0));
    wg_tensor picked = wg_gather(t->weighted, (wg_unsqueeze)(safe, axes), t->axis);
    wg_tensor loss = wg_reshape_like(wg_neg(picked), target);
    if (t->e > 0) {
        wg_tensor even = wg_mul(wg_sum(t->weighted, .axes = axes), t->smooth);
        loss = wg_sub(wg_mul(loss, wg_num(1 - t->e)), even);
    }
    loss = wg_where(counts, loss, wg_num(0));
    if (reduction[0] != 'm') return wg__reduce_loss(loss, reduction);
    wg_tensor each = wg_cast(counts, wg_dtype_get(loss));
    if (weight.tape) each = wg_where(counts, wg_take(weight, safe), wg_num(0));
    return wg_div(wg_sum(loss), wg_sum(each));
}

#endif

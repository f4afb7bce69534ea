/* reduction.h -- what losses share: checks of their shapes, and the last step, reduction="mean", "sum" or "none". */
#ifndef WG_OPS_LOSS_REDUCTION_H
#define WG_OPS_LOSS_REDUCTION_H

#include "tape/op.h"

static inline wg_tensor wg__reduce_loss(wg_tensor loss, const char *reduction)
{
    if (strcmp(reduction, "none") == 0) return loss;
    return strcmp(reduction, "sum") == 0 ? wg_sum(loss) : wg_mean(loss);
}

/* The shape of the result, from that of the unreduced loss in c. */
static inline bool wg__reduced_shape(wg_call *c, const char *reduction)
{
    if (strcmp(reduction, "none") != 0) c->shape.rank = 0;
    return true;
}

/* The first input and input i agree: a shape that differs and happens to broadcast is a mistake more often than a wish. */
static inline bool wg__same_as(wg_call *c, int i)
{
    char a[128], b[128];
    const wg_shape *other = c->in[i].shape;
    bool same = c->shape.rank == other->rank;
    for (int k = 0; same && k < other->rank; k++) same = wg__same_size(c, &c->shape.dim[k], other->dim[k]);
    return same || wg__refuse(c, "%s is %s, %s is %s: their shapes differ", c->op->inputs[0].name, wg__show_type(a, c->in[0]),
                              c->op->inputs[i].name, wg__show_type(b, c->in[i]));
}

static inline bool wg__same_as_target(wg_call *c) { return wg__same_as(c, 1); }

/* Input i holds labels, one each for the first input: numbers of its dtype, or integers. */
static inline bool wg__labels_fit(wg_call *c, int i)
{
    char a[128], b[128];
    wg_dtype d = c->in[i].dtype;
    if (d != WG_BOOL && (!wg_dtype_real(d) || d == c->in[0].dtype)) return true;
    return wg__refuse(c, "%s is %s, %s is %s, which must be of the same dtype or integers: cast it", c->op->inputs[0].name,
                      wg__show_type(a, c->in[0]), c->op->inputs[i].name, wg__show_type(b, c->in[i]));
}

static inline wg_tensor wg__labels(wg_tensor labels, wg_tensor like)
{
    return wg_dtype_real(wg_dtype_get(labels)) ? labels : wg_cast(labels, wg_dtype_get(like));
}

/* Input i, weights, is absent or broadcasts to the first input's shape. */
static inline bool wg__weights_fit(wg_call *c, int i)
{
    char a[128], b[128];
    wg_shape both = c->shape;
    if (!c->in[i].dtype) return true;
    bool fits = wg__broadcast(c, &both, c->in[i].shape) && both.rank == c->shape.rank;
    for (int k = 0; fits && k < both.rank; k++) fits = both.dim[k] == c->shape.dim[k] || !wg__known(c->shape.dim[k]);
    return fits || wg__refuse(c, "%s is %s, to whose shape %s, %s, does not broadcast", c->op->inputs[0].name, wg__show_type(a, c->in[0]),
                              c->op->inputs[i].name, wg__show_type(b, c->in[i]));
}

#endif

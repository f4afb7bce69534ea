/* reduction.h -- the last step that losses share: reduction="mean", "sum" or "none". */
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

/* x and target agree: a target of another shape that happens to broadcast is a mistake more often than a wish. */
static inline bool wg__same_as_target(wg_call *c)
{
    char a[128], b[128];
    const wg_shape *target = c->in[1].shape;
    bool same = c->shape.rank == target->rank;
    for (int i = 0; same && i < target->rank; i++) same = wg__same_size(c, &c->shape.dim[i], target->dim[i]);
    return same || wg__refuse(c, "%s is %s, %s is %s: their shapes differ", c->op->inputs[0].name, wg__show_type(a, c->in[0]),
                              c->op->inputs[1].name, wg__show_type(b, c->in[1]));
}

#endif

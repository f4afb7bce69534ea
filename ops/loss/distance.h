/* distance.h -- what the losses of distances share: a root that has a derivative everywhere. */
#ifndef WG_OPS_LOSS_DISTANCE_H
#define WG_OPS_LOSS_DISTANCE_H

#include "ops/loss/reduction.h"

/* s^(1/p) for s >= 0; at 0 its derivatives are 0, where they would be infinite and make NaN of those of a norm. */
static inline wg_tensor wg__root(wg_tensor s, double p)
{
    wg_tensor none = wg_eq(s, wg_num(0)), safe = wg_where(none, wg_num(1), s);
    return wg_where(none, wg_num(0), p > 2 || p < 2 ? wg_pow(safe, wg_num(1 / p)) : wg_sqrt(safe));
}

/* The shape of a loss a row, from that of the vectors in c, which lie along the last axis. */
static inline bool wg__vector_rows(wg_call *c)
{
    if (c->shape.rank == 0) return wg__refuse(c, "%s is a scalar, which has no vectors", c->op->inputs[0].name);
    c->shape.rank--;
    return true;
}

/* Input i holds one number for each of those rows. */
static inline bool wg__row_each(wg_call *c, int i, const char *what)
{
    const wg_shape *s = c->in[i].shape;
    char a[128], b[128];
    bool fits = s->rank == c->shape.rank;
    for (int k = 0; fits && k < s->rank; k++) fits = wg__same_size(c, &c->shape.dim[k], s->dim[k]);
    return fits || wg__refuse(c, "%s is %s, %s is %s: one %s is wanted", c->op->inputs[0].name, wg__show_type(a, c->in[0]),
                              c->op->inputs[i].name, wg__show_type(b, c->in[i]), what);
}

#endif

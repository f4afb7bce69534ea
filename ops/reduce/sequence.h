/* sequence.h -- what recurrence and the cumulative reductions share: their units are the sequences along one axis. */
#ifndef WG_OPS_REDUCE_SEQUENCE_H
#define WG_OPS_REDUCE_SEQUENCE_H

#include "tape/op.h"

/* size: {steps, elements from one to the next}; a unit is one sequence */
static inline bool wg__sequences(wg_work *w, int axis)
{
    const wg_shape *s = w->in[0].shape;
    if (axis < 0) axis += s->rank;
    w->size[0] = w->size[1] = w->units = 1;
    for (int i = 0; i < s->rank; i++)
        if (i == axis) w->size[0] = s->dim[i];
        else w->units *= s->dim[i], w->size[1] *= i > axis ? s->dim[i] : 1;
    w->cost = 3 * (double)w->size[0];
    return true;
}

#endif

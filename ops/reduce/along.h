/* along.h -- the shape of a reduction along axes. */
#ifndef WG_OPS_REDUCE_ALONG_H
#define WG_OPS_REDUCE_ALONG_H

#include "tape/op.h"

/* Of nothing there is no `what`: an empty axis of the mask is refused. */
static inline bool wg__some_along(wg_call *c, uint32_t mask, const char *what)
{
    for (int i = 0; i < c->shape.rank; i++)
        if (mask >> i & 1 && c->shape.dim[i] == 0) return wg__refuse(c, "axis %d is empty: nothing is its %s", i, what);
    return true;
}

/* c->shape without the axes; what: NULL where they may be empty. */
static inline bool wg__along(wg_call *c, const wg_ints *axes, bool keepdim, const char *what)
{
    uint32_t mask;
    if (!wg__axes(c, axes, c->shape.rank, &mask) || (what && !wg__some_along(c, mask, what))) return false;
    wg__drop_axes(&c->shape, mask, keepdim);
    return true;
}

#endif

/* along.h -- the shape of a reduction along axes. */
#ifndef WG_OPS_REDUCE_ALONG_H
#define WG_OPS_REDUCE_ALONG_H

#include "tape/op.h"

/* c->shape without the axes; what: NULL where they may be empty. */
static inline bool wg__along(wg_call *c, const wg_ints *axes, bool keepdim, const char *what)
{
    uint32_t mask;
    if (!wg__axes(c, axes, c->shape.rank, &mask) || (what && !wg__some_along(c, mask, what))) return false;
    wg__drop_axes(&c->shape, mask, keepdim);
    return true;
}

#endif

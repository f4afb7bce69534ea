/* fill.h -- what the constants of a given shape share: the check of that shape; and for zeros, ones and full one number, broadcast: no
 * memory is filled until something needs it packed. */
#ifndef WG_OPS_CONSTANT_FILL_H
#define WG_OPS_CONSTANT_FILL_H

#include "tape/op.h"

static inline bool wg__fill_shape(wg_call *c, wg_shape shape, wg_dtype dtype)
{
    for (int i = 0; i < shape.rank; i++)
        if (shape.dim[i] < 0 && shape.dim[i] >= WG_START)
            return wg__refuse(c, "size %lld of axis %d: a size is 0 or more, or a letter", (long long)shape.dim[i], i);
    c->shape = shape;
    c->dtype = dtype;
    return true;
}

static inline wg_tensor wg__fill(const wg_rule *r, wg_shape shape, wg_dtype dtype, double value)
{
    return wg_expand(wg__number_of(r, value, dtype), shape);
}

#endif

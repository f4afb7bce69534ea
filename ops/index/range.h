/* range.h -- what the ops that read an index share: wording one that is out of range. */
#ifndef WG_OPS_INDEX_RANGE_H
#define WG_OPS_INDEX_RANGE_H

#include "tape/op.h"

/* "index[3] is 9, must be in 0..1": flat position `position` of an index of shape s, into an axis of n items. */
static inline void wg__explain_index(const wg_shape *s, const int64_t *index, int64_t position, int64_t n, char *why, size_t why_size)
{
    int64_t at[WG_MAX_RANK], rest = position;
    size_t used = 0, room = why_size;
    char place[WG_MAX_RANK * 21] = "";
    for (int i = s->rank - 1; i >= 0; i--) {
        at[i] = rest % s->dim[i];
        rest /= s->dim[i];
    }
    for (int i = 0; i < s->rank; i++) used += (size_t)snprintf(place + used, sizeof place - used, "%s%lld", i ? "," : "", (long long)at[i]);
    if (n > 0) snprintf(why, room, "index[%s] is %lld, must be in 0..%lld", place, (long long)index[position], (long long)n - 1);
    else snprintf(why, room, "index[%s] is %lld, but the axis is empty", place, (long long)index[position]);
}

/* The sizes around an axis: the product before it, of it, and after it. */
static inline void wg__around(const wg_shape *s, int axis, int64_t size[3])
{
    size[0] = size[1] = size[2] = 1;
    for (int i = 0; i < s->rank; i++) size[i < axis ? 0 : i == axis ? 1 : 2] *= s->dim[i];
}

static inline int64_t wg__product(const wg_shape *s)
{
    int64_t n = 1;
    for (int i = 0; i < s->rank; i++) n *= s->dim[i];
    return n;
}

#endif

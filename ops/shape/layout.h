/* layout.h -- what the views that broadcast and reshape share: strides are worked out, no data move. */
#ifndef WG_OPS_SHAPE_LAYOUT_H
#define WG_OPS_SHAPE_LAYOUT_H

#include "tape/op.h"

/* May x be broadcast to y? Sizes that are not known yet may be anything. */
static inline bool wg__may_spread(const wg_shape *x, const wg_shape *y)
{
    if (x->rank > y->rank) return false;
    for (int i = 0; i < x->rank; i++) {
        int64_t from = x->dim[i], to = y->dim[y->rank - x->rank + i];
        if (from >= 0 && to >= 0 && from != to && from != 1) return false;
    }
    return true;
}

/* Broadcasting: an axis that repeats has stride 0. */
static inline void wg__broadcast_view(const wg_layout *x, const wg_shape *to, wg_layout *y)
{
    int new_axes = to->rank - x->shape.rank;
    y->shape = *to;
    for (int i = 0; i < to->rank; i++) {
        bool repeats = i < new_axes || (x->shape.dim[i - new_axes] == 1 && to->dim[i] != 1);
        y->stride[i] = repeats ? 0 : x->stride[i - new_axes];
    }
}

static inline void wg__row_major(const wg_shape *s, wg_layout *y)
{
    int64_t step = 1;
    y->shape = *s;
    for (int i = s->rank - 1; i >= 0; i--) {
        y->stride[i] = step;
        step *= s->dim[i] ? s->dim[i] : 1;
    }
}

/* One group of x's axes lo..hi-1 that has as many elements as y's axes ylo..yhi-1: false if it is not evenly spaced. */
static inline bool wg__regroup(const wg_layout *x, int lo, int hi, wg_layout *y, int ylo, int yhi)
{
    for (int i = lo; i + 1 < hi && i + 1 < WG_MAX_RANK; i++)
        if (x->stride[i] != x->shape.dim[i + 1] * x->stride[i + 1]) return false;
    y->stride[yhi - 1] = x->stride[hi - 1];
    for (int i = yhi - 1; i > ylo; i--) y->stride[i - 1] = y->stride[i] * y->shape.dim[i];
    return true;
}

/* The same elements in row-major order under another shape of as many: false where that takes a copy. Groups of axes
   with equal products are matched from the left. */
static inline bool wg__reshaped(const wg_layout *from, const wg_shape *to, wg_layout *y)
{
    wg_layout x = {.shape = {{0}, 0}, .stride = {0}}; /* without its axes of size 1, which have no say */
    int n = 0, i = 0, j = 0;
    wg__row_major(to, y);
    for (int k = 0; k < from->shape.rank; k++) {
        if (from->shape.dim[k] == 0) return true;
        if (from->shape.dim[k] == 1) continue;
        x.shape.dim[n] = from->shape.dim[k];
        x.stride[n++] = from->stride[k];
    }
    while (i < n) {
        int lo = i, ylo = j;
        int64_t a = x.shape.dim[i++], b = to->dim[j++];
        while (a != b)
            if (b < a) b *= to->dim[j++];
            else a *= x.shape.dim[i++];
        if (!wg__regroup(&x, lo, i, y, ylo, j)) return false;
    }
    return true;
}

#endif

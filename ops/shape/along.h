/* along.h -- what the ops that lengthen an axis share: everything is said in views and concat, also where sizes are known only
 * when run. */
#ifndef WG_OPS_SHAPE_ALONG_H
#define WG_OPS_SHAPE_ALONG_H

#include "tape/op.h"

/* x's shape, but -1 (as x has it) everywhere except n along axis: what expand takes. */
static inline wg_shape wg__only(wg_tensor x, int axis, int64_t n)
{
    wg_shape s = wg_shape_get(x);
    for (int i = 0; i < s.rank; i++) s.dim[i] = i == axis ? n : WG_ANY;
    return s;
}

/* A tensor of x's shape but with n items along axis, only to be a shape: nothing computes it. */
static inline wg_tensor wg__sized(wg_tensor x, int axis, int64_t n)
{
    wg_tensor y = wg_dtype_half(wg_dtype_get(x)) ? wg_cast(x, WG_F32) : x; /* which can be summed */
    return wg_expand(wg_sum(y, .axes = WG_INTS(axis), .keepdim = true), wg__only(x, axis, n));
}

/* x, which must have n items along axis: a view that refuses any other number when run. */
static inline wg_tensor wg__exactly(wg_tensor x, int axis, int64_t n)
{
    return wg__known(wg_dim(x, axis)) ? x : wg_reshape_like(x, wg__sized(x, axis, n));
}

/* Axis by axis: [.., n, ..] to [.., times * n, ..]; the whole again and again, or each item. Takes an axis more on the way. */
static inline wg_tensor wg__repeated(wg_tensor x, int axis, int64_t times, bool each)
{
    int extra = each ? axis + 1 : axis;
    if (times == 1) return x;
    wg_tensor y = wg_unsqueeze(x, WG_INTS(extra));
    return wg_flatten(wg_expand(y, wg__only(y, extra, times)), .start = axis, .end = axis + 1);
}

#endif

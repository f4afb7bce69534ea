/* pack.h -- gathering a strided operand into contiguous values: the one place that walks strides. */
#ifndef WG_RUN_PACK_H
#define WG_RUN_PACK_H

#include "tape/op.h"

/* Elements lo..lo+n-1, in row-major order of the layout's shape, from x into y. */
void wg__gather(void *y, const void *x, const wg_layout *layout, int64_t lo, int64_t n, size_t width);
/* The other way: n values from x to the places lo..lo+n-1 of the layout at y; none of its axes repeats. */
void wg__scatter(void *y, const wg_layout *layout, int64_t lo, int64_t n, const void *x, size_t width);
/* n times the value at x. */
void wg__fill(void *y, const void *x, int64_t n, size_t width);

#endif

/* avg_pool.h -- what avg_pool and its reverse share: by how much a window's sum is divided. */
#include "ops/conv/pool.h"

#ifndef WG_KERNEL_PART
#define AVG_ATTRS(o) (&(pool_attrs){.kernel = (o)->kernel, .stride = (o)->stride, .padding = (o)->padding, .ceil = (o)->ceil})

enum { STRETCH = 64 }; /* windows of a row at a time */

/* Places of window i along an axis: with those in the padding, or without. */
static inline int64_t places(const conv_axis *a, int64_t i, bool count_pad)
{
    int64_t lo = i * a->stride - a->padding, hi = conv_least(lo + a->k, a->in + a->padding);
    if (count_pad) return hi - lo;
    return conv_least(hi, a->in) - (lo > 0 ? lo : 0);
}
#else

/* The sizes of n windows side by side from position j. */
static inline void FN(sizes)(const conv_plan *p, int64_t j, int64_t n, bool count_pad, T *size)
{
    const conv_axis *a = p->axis;
    int64_t row = j / a[2].out, rows = places(&a[0], row / a[1].out, count_pad) * places(&a[1], row % a[1].out, count_pad);
    for (int64_t t = 0; t < n; t++) size[t] = (T)(rows * places(&a[2], j % a[2].out + t, count_pad));
}
#endif

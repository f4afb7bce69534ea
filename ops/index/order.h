/* order.h -- what argsort, argtopk and argmedian share: values as keys that integers compare, and a heap of the least.
 *
 * A key's order is that of the values, NaN last and -0 beside 0; its complement's is the other way round, NaN first. With the place
 * as second key no two items are equal, so the answer does not depend on how it is found. */
#ifndef WG_OPS_INDEX_ORDER_H
#define WG_OPS_INDEX_ORDER_H

#include "ops/index/range.h"

typedef struct wg_ranked {
    uint64_t key;
    int64_t at;
} wg_ranked;

static inline uint64_t wg__key_of_real(double x, bool turned)
{
    uint64_t bits;
    double y = x + 0.0; /* -0 becomes 0 */
    memcpy(&bits, &y, sizeof bits);
    uint64_t key = isnan(x) ? UINT64_MAX : bits >> 63 ? ~bits : bits | (uint64_t)1 << 63;
    return turned ? ~key : key;
}

static inline uint64_t wg__key_of_int(int64_t x, bool turned)
{
    uint64_t key = (uint64_t)x ^ (uint64_t)1 << 63;
    return turned ? ~key : key;
}

/* Of a value of the kernel's type T, in its kernel part. */
#define WG_KEY(x, turned) (C(0.5) > 0 ? wg__key_of_real((double)(x), turned) : wg__key_of_int((int64_t)(x), turned))

static inline bool wg__before(wg_ranked a, wg_ranked b) { return a.key < b.key || (a.key == b.key && a.at < b.at); }

/* heap[0] is the last in order: lets x sink from i on. */
static inline void wg__sink(wg_ranked *heap, int64_t n, int64_t i, wg_ranked x)
{
    for (int64_t child; (child = 2 * i + 1) < n; i = child) {
        if (child + 1 < n && wg__before(heap[child], heap[child + 1])) child++;
        if (!wg__before(x, heap[child])) break;
        heap[i] = heap[child];
    }
    heap[i] = x;
}

/* The shape without axis, which may not be empty. */
static inline bool wg__median_shape(wg_call *c, int of, bool keepdim)
{
    int axis;
    if (!wg__axis(c, of, c->shape.rank, &axis)) return false;
    if (c->shape.rank && c->shape.dim[axis] == 0) return wg__refuse(c, "axis %d is empty: nothing is its median", axis);
    wg__drop_axes(&c->shape, 1u << axis, keepdim);
    return true;
}

/* size: {n, elements from one item to the next}; a unit is one sequence along axis; a scalar is one of one */
static inline void wg__sequences(wg_work *w, int axis)
{
    const wg_shape *s = w->in[0].shape;
    int64_t around[3];
    wg__around(s, axis < 0 ? axis + s->rank : axis, around);
    if (s->rank == 0) around[1] = 1;
    w->size[0] = around[1];
    w->size[1] = around[2];
    w->units = around[0] * around[2];
    w->cost = 1 + 2 * (double)around[1] * log2(2 + (double)around[1]);
}

/* Where sequence u of n items begins, `step` from one to the next. */
static inline int64_t wg__sequence(int64_t u, int64_t n, int64_t step) { return u / step * step * n + u % step; }

#endif

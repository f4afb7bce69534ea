/* argsort(x; axis, descending): where the values along axis are to be found in ascending (descending) order, i64, as
 * torch.argsort(stable=True): equal ones in their own order, NaN as the largest: last, and first when descending. No derivative. A node
 * of its own: sort, whose derivative is that of gather, needs no other. */
#ifndef WG_KERNEL_PART
#include "ops/index/order.h"

static bool shape(wg_call *c)
{
    const wg_argsort_options *o = c->attrs;
    int axis;
    return wg__axis(c, o->axis, c->shape.rank, &axis);
}

static bool units(wg_work *w)
{
    const wg_argsort_options *o = w->attrs;
    wg__sequences(w, o->axis);
    return !__builtin_mul_overflow((size_t)w->size[0], 2 * sizeof(wg_ranked), &w->scratch);
}

/* Merge sort, stable: runs of a few by insertion, then from a to b and back. Returns which of the two it ends in. */
static wg_ranked *sorted(wg_ranked *a, wg_ranked *b, int64_t n)
{
    enum { RUN = 16 };
    for (int64_t lo = 0; lo < n; lo += RUN)
        for (int64_t i = lo + 1; i < lo + RUN && i < n; i++) {
            wg_ranked x = a[i];
            int64_t j = i;
            for (; j > lo && x.key < a[j - 1].key; j--) a[j] = a[j - 1];
            a[j] = x;
        }
    for (int64_t run = RUN; run < n; run *= 2) {
        for (int64_t lo = 0; lo < n; lo += 2 * run) {
            int64_t middle = lo + run < n ? lo + run : n, hi = middle + run < n ? middle + run : n, i = lo, j = middle, k = lo;
            while (i < middle && j < hi) {
                bool right = a[j].key < a[i].key;
                b[k++] = right ? a[j] : a[i];
                i += !right;
                j += right;
            }
            while (i < middle) b[k++] = a[i++];
            while (j < hi) b[k++] = a[j++];
        }
        wg_ranked *c = a;
        a = b;
        b = c;
    }
    return a;
}

/* values from PyTorch */
static const wg_sample samples[] = {
    {.call = "argsort([3, 1, 2])", .value = "i64[1, 2, 0]"},
    {.call = "argsort([3, 1, 2]; descending=true)", .value = "i64[0, 2, 1]"},
    {.call = "argsort([2, 1, 2, 1])", .value = "i64[1, 3, 0, 2]"},
    {.call = "argsort([2, 1, 2, 1]; descending=true)", .value = "i64[0, 2, 1, 3]"},
    {.call = "argsort([1, nan, 3, nan, 2])", .value = "i64[0, 4, 2, 1, 3]"},
    {.call = "argsort([1, nan, 3, nan, 2]; descending=true)", .value = "i64[1, 3, 2, 4, 0]"},
    {.call = "argsort([0, -0.0, 0, -1])", .value = "i64[3, 0, 1, 2]"},
    {.call = "argsort([inf, -inf, nan, 0])", .value = "i64[1, 3, 0, 2]"},
    {.call = "argsort([1e-310, -1e-310, 0])", .value = "i64[1, 2, 0]"},
    {.call = "argsort([[3, 1, 2], [4, 6, 5]])", .value = "i64[[1, 2, 0], [0, 2, 1]]"},
    {.call = "argsort([[3, 1, 2], [4, 0, 5]]; axis=0)", .value = "i64[[0, 1, 0], [1, 0, 1]]"},
    {.call = "argsort([[3, 1, 2], [4, 0, 5]]; axis=-2, descending=true)", .value = "i64[[1, 0, 1], [0, 1, 0]]"},
    {.call = "argsort([[[3, 1], [2, 4]], [[0, 5], [1, 2]]]; axis=1)", .value = "i64[[[1, 0], [0, 1]], [[0, 1], [1, 0]]]"},
    {.call = "argsort(i64[9007199254740993, 9007199254740992, -9223372036854775808])", .value = "i64[2, 1, 0]"},
    {.call = "argsort(i64[3, 3, 1]; descending=true)", .value = "i64[0, 1, 2]"},
    {.call = "argsort(f32[2.5, -1, 7])", .value = "i64[1, 0, 2]"},
    {.call = "argsort(2.5; axis=0)", .value = "i64 0"},
    {.call = "argsort([7])", .value = "i64[0]"},
    {.call = "argsort(f64[0]())", .value = "i64[0]()"},
    {.call = "argsort(f64[2, 0](); axis=0)", .value = "i64[2, 0]()"},
    {.call = "argsort([5, 3, 17, 1, 5, 8, 3, 9, 2, 4, 5, 5, 6, 7, 16, 0, 1, 3, 18, 5, 3, 2, 11, 10, 12, 13, 14, 15, 9, 2, 5, 7, 8, 20, 1])",
     .value = "i64[15, 3, 16, 34, 8, 21, 29, 1, 6, 17, 20, 9, 0, 4, 10, 11, 19, 30, 12, 13, 31, 5, 32, 7, 28, 23, 22, 24, 25, 26, "
             "27, 14, 2, 18, 33]"},
    {.call = "argsort([1]; axis=1)", .refused = "axis 1 is out of range for rank 1"},
    {.call = "argsort([1]; axis=-2)", .refused = "axis -2 is out of range for rank 1"},
    {.call = "argsort(2.5; axis=1)", .refused = "axis 1 is out of range for rank 0"},
    {.call = "argsort(bool[true])", .refused = "must be f32, f64 or i64"},
    {.call = "argsort([1]; descending=2)", .refused = "true or false"},
    {.call = "argsort()", .refused = "x is missing"},
    {0}};

#define WG_OVER WG_OVER_NUMBERS
#include "tape/instances.h"

const wg_op wg_op_argsort = {WG_LINE(argsort), .kind = WG_BLOCK, .takes = WG_NUMBERS, .gives = WG_I64, .shape = shape,
                             .constant = true, .units = units, .kernel = kernels, .samples = samples};
#else

static int64_t FN(kernel)(const wg_args *a, int64_t lo, int64_t hi)
{
    const wg_argsort_options *o = a->attrs;
    const int64_t n = a->size[0], step = a->size[1];
    wg_ranked *item = a->scratch;
    for (int64_t u = lo; u < hi && n; u++) {
        int64_t first = wg__sequence(u, n, step);
        const T *x = (const T *)a->in[0] + first;
        int64_t *y = (int64_t *)a->out + first;
        for (int64_t i = 0; i < n; i++) item[i] = (wg_ranked){WG_KEY(x[i * step], o->descending), i};
        const wg_ranked *in_order = sorted(item, item + n, n);
        for (int64_t i = 0; i < n; i++) y[i * step] = in_order[i].at;
    }
    return -1;
}
#endif

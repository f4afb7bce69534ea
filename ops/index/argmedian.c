/* argmedian(x; axis, keepdim): where the lower median of the values along axis is: the first place that holds it, or the first NaN,
 * i64. No derivative. Of an empty axis there is none: refused. A node of its own: median needs a place that depends on the axis's size,
 * which may be known only when run, and no full order: a heap of half of the values holds it. */
#ifndef WG_KERNEL_PART
#include "ops/index/order.h"

static bool shape(wg_call *c)
{
    const wg_argmedian_options *o = c->attrs;
    return wg__median_shape(c, o->axis, o->keepdim);
}

static bool units(wg_work *w)
{
    const wg_argmedian_options *o = w->attrs;
    wg__sequences(w, o->axis);
    return !__builtin_mul_overflow((size_t)w->size[0] / 2 + 1, sizeof(wg_ranked), &w->scratch);
}

/* values from PyTorch; the first of equals, where torch gives any */
static const wg_sample samples[] = {
    {.call = "argmedian([3, 1, 2]; axis=0)", .value = "i64 2"},
    {.call = "argmedian([3, 1, 4, 2]; axis=0)", .value = "i64 3"},
    {.call = "argmedian([1, 1, 1]; axis=0)", .value = "i64 0"},
    {.call = "argmedian([3, 2, 2, 2, 1]; axis=-1)", .value = "i64 1"},
    {.call = "argmedian([5, 1, 1, 1, 5, 5, 1]; axis=0)", .value = "i64 1"},
    {.call = "argmedian([1, nan, 3, nan]; axis=0)", .value = "i64 1"},
    {.call = "argmedian([0, -0.0]; axis=0)", .value = "i64 0"},
    {.call = "argmedian([[3, 1, 2], [4, 6, 5]]; axis=0)", .value = "i64[0, 0, 0]"},
    {.call = "argmedian([[3, 1, 2], [4, 6, 5]]; axis=1)", .value = "i64[2, 2]"},
    {.call = "argmedian([[3, 1, 2], [4, 6, 5]]; axis=-1, keepdim=true)", .value = "i64[[2], [2]]"},
    {.call = "argmedian(i64[9007199254740993, 9007199254740992, 9007199254740994]; axis=0)", .value = "i64 0"},
    {.call = "argmedian(f32[2.5, -1, 7]; axis=0)", .value = "i64 0"},
    {.call = "argmedian([-inf, inf, 0]; axis=0)", .value = "i64 2"},
    {.call = "argmedian([7]; axis=0)", .value = "i64 0"},
    {.call = "argmedian(2.5; axis=0)", .value = "i64 0"},
    {.call = "argmedian(f64[0, 3](); axis=1)", .value = "i64[0]()"},
    {.call = "argmedian(f64[0, 3](); axis=1, keepdim=true)", .value = "i64[0, 1]()"},
    {.call = "argmedian(f64[0](); axis=0)", .refused = "axis 0 is empty"},
    {.call = "argmedian(f64[0, 3](); axis=0)", .refused = "axis 0 is empty"},
    {.call = "argmedian([1]; axis=1)", .refused = "axis 1 is out of range for rank 1"},
    {.call = "argmedian([1]; axis=-2)", .refused = "axis -2 is out of range for rank 1"},
    {.call = "argmedian([1])", .refused = "axis is missing"},
    {.call = "argmedian(bool[true]; axis=0)", .refused = "must be f32, f64 or i64"},
    {0}};

#define WG_OVER WG_OVER_NUMBERS
#include "tape/instances.h"

const wg_op wg_op_argmedian = {WG_LINE(argmedian), .kind = WG_BLOCK, .takes = WG_NUMBERS, .gives = WG_I64, .shape = shape,
                               .constant = true, .units = units, .kernel = kernels, .samples = samples};
#else

/* heap: room for the lower half of x, of which the last in order is the median. */
static int64_t FN(middle)(const T *x, int64_t n, int64_t step, wg_ranked *heap)
{
    int64_t half = (n - 1) / 2 + 1, at = 0;
    for (int64_t i = 0; i < n; i++) {
        wg_ranked item = {WG_KEY(x[i * step], false), i};
        if (C(0.5) > 0 && item.key == UINT64_MAX) return i; /* NaN */
        if (i < half) heap[i] = item;
        if (i == half - 1)
            for (int64_t j = half / 2; j-- > 0;) wg__sink(heap, half, j, heap[j]);
        if (i >= half && item.key < heap[0].key) wg__sink(heap, half, 0, item);
    }
    while (WG_KEY(x[at * step], false) != heap[0].key) at++;
    return at;
}

static int64_t FN(kernel)(const wg_args *a, int64_t lo, int64_t hi)
{
    const int64_t n = a->size[0], step = a->size[1];
    int64_t *y = a->out;
    for (int64_t u = lo; u < hi; u++)
        y[u] = FN(middle)((const T *)a->in[0] + wg__sequence(u, n, step), n, step, a->scratch);
    return -1;
}
#endif

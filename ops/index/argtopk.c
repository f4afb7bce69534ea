/* argtopk(x; k, axis, largest): where the k largest (smallest) values along axis are, in order, i64: the indices of torch.topk, but of
 * equal values always the first ones; NaN is the largest. No derivative. A node of its own: topk, whose derivative is that of gather,
 * needs no other; a heap of k goes through x once. */
#ifndef WG_KERNEL_PART
#include "ops/index/order.h"

static bool shape(wg_call *c)
{
    const wg_argtopk_options *o = c->attrs;
    int axis;
    if (!wg__axis(c, o->axis, c->shape.rank, &axis)) return false;
    int64_t n = c->shape.rank ? c->shape.dim[axis] : 1;
    if (o->k < 0 && o->k >= WG_START) return wg__refuse(c, "k is %lld, must be 0 or more", (long long)o->k);
    if (wg__known(n) && wg__known(o->k) && o->k > n)
        return wg__refuse(c, "k is %lld, axis %d has only %lld items", (long long)o->k, axis, (long long)n);
    if (c->shape.rank) c->shape.dim[axis] = o->k;
    else if (o->k != 1) return wg__refuse(c, "k is %lld, of a scalar it must be 1", (long long)o->k);
    return true;
}

/* size: {n, step, k} */
static bool units(wg_work *w)
{
    const wg_argtopk_options *o = w->attrs;
    wg__sequences(w, o->axis);
    w->size[2] = o->k;
    return !__builtin_mul_overflow((size_t)o->k, sizeof(wg_ranked), &w->scratch);
}

/* values from PyTorch */
static const wg_sample samples[] = {
    {.call = "argtopk([3, 1, 4, 2]; k=2)", .value = "i64[2, 0]"},
    {.call = "argtopk([3, 1, 4, 2]; k=2, largest=false)", .value = "i64[1, 3]"},
    {.call = "argtopk([3, 1, 4, 2]; k=4)", .value = "i64[2, 0, 3, 1]"},
    {.call = "argtopk([3, 1, 4, 2]; k=0)", .value = "i64[0]()"},
    {.call = "argtopk([2, 1, 2, 2, 1]; k=2)", .value = "i64[0, 2]"},
    {.call = "argtopk([2, 1, 2, 2, 1]; k=4, largest=false)", .value = "i64[1, 4, 0, 2]"},
    {.call = "argtopk([1, nan, 3, nan, 2]; k=3)", .value = "i64[1, 3, 2]"},
    {.call = "argtopk([1, nan, 3, nan, 2]; k=4, largest=false)", .value = "i64[0, 4, 2, 1]"},
    {.call = "argtopk([[3, 1, 2], [4, 6, 5]]; k=1)", .value = "i64[[0], [1]]"},
    {.call = "argtopk([[3, 1, 2], [4, 0, 5]]; k=1, axis=0)", .value = "i64[[1, 0, 1]]"},
    {.call = "argtopk([[3, 1, 2], [4, 0, 5]]; k=2, axis=-2, largest=false)", .value = "i64[[0, 1, 0], [1, 0, 1]]"},
    {.call = "argtopk(i64[9007199254740993, 9007199254740992, 9007199254740994]; k=2)", .value = "i64[2, 0]"},
    {.call = "argtopk(f32[2.5, -1, 7]; k=2)", .value = "i64[2, 0]"},
    {.call = "argtopk(2.5; k=1)", .value = "i64 0"},
    {.call = "argtopk(f64[0](); k=0)", .value = "i64[0]()"},
    {.call = "argtopk(f64[0, 3](); k=2)", .value = "i64[0, 2]()"},
    {.call = "argtopk([-inf, inf, 0]; k=3)", .value = "i64[1, 2, 0]"},
    {.call = "argtopk([1, 2]; k=3)", .refused = "k is 3, axis 0 has only 2 items"},
    {.call = "argtopk([1, 2]; k=-1)", .refused = "k is -1, must be 0 or more"},
    {.call = "argtopk(2.5; k=0)", .refused = "of a scalar it must be 1"},
    {.call = "argtopk([1, 2]; k=1, axis=1)", .refused = "axis 1 is out of range for rank 1"},
    {.call = "argtopk([1, 2])", .refused = "k is missing"},
    {.call = "argtopk(bool[true]; k=1)", .refused = "must be f32, f64 or i64"},
    {0}};

#define WG_OVER WG_OVER_NUMBERS
#include "tape/instances.h"

const wg_op wg_op_argtopk = {WG_LINE(argtopk), .kind = WG_BLOCK, .takes = WG_NUMBERS, .gives = WG_I64, .shape = shape,
                             .constant = true, .units = units, .kernel = kernels, .samples = samples};
#else

static int64_t FN(kernel)(const wg_args *a, int64_t lo, int64_t hi)
{
    const wg_argtopk_options *o = a->attrs;
    const int64_t n = a->size[0], step = a->size[1], k = a->size[2];
    wg_ranked *heap = a->scratch; /* the k first in order so far */
    for (int64_t u = lo; u < hi && k; u++) {
        const T *x = (const T *)a->in[0] + wg__sequence(u, n, step);
        int64_t *y = (int64_t *)a->out + wg__sequence(u, k, step);
        for (int64_t i = 0; i < k; i++) heap[i] = (wg_ranked){WG_KEY(x[i * step], o->largest), i};
        for (int64_t i = k / 2; i-- > 0;) wg__sink(heap, k, i, heap[i]);
        for (int64_t i = k; i < n; i++) {
            wg_ranked item = {WG_KEY(x[i * step], o->largest), i};
            if (item.key < heap[0].key) wg__sink(heap, k, 0, item);
        }
        for (int64_t i = k - 1; i >= 0; i--) {
            y[i * step] = heap[0].at;
            wg__sink(heap, i, 0, heap[i]);
        }
    }
    return -1;
}
#endif

/* gather(x, index; axis): y[i, j, ...] = x[index[i, j, ...], j, ...] for axis 0, and so on, as torch.gather. index has x's
 * rank and is no larger than x along the other axes. An index below 0 or past the end fails the run. The reverse is
 * scatter_add: items gathered twice accumulate. */
#ifndef WG_KERNEL_PART
#include "ops/index/range.h"

static int axis_of(const wg_work *w)
{
    const wg_gather_options *o = w->attrs;
    int rank = w->in[0].shape->rank;
    return o->axis < 0 ? o->axis + (rank ? rank : 1) : o->axis;
}

static bool shape(wg_call *c)
{
    const wg_gather_options *o = c->attrs;
    const wg_shape *x = c->in[0].shape, *index = c->in[1].shape;
    char a[128], b[128];
    int axis;
    if (!wg__axis(c, o->axis, x->rank, &axis)) return false;
    bool fits = x->rank == index->rank;
    for (int i = 0; fits && i < x->rank; i++)
        fits = i == axis || !wg__known(x->dim[i]) || !wg__known(index->dim[i]) || index->dim[i] <= x->dim[i];
    if (!fits)
        return wg__refuse(c, "x is %s, index is %s: index must have x's rank and be no larger than x along axes other than %d",
                          wg__show_type(a, c->in[0]), wg__show_type(b, c->in[1]), axis);
    c->shape = *index;
    return true;
}

/* size: {rank, axis, n, index's sizes, x's strides} */
static bool units(wg_work *w)
{
    const wg_shape *x = w->in[0].shape, *index = w->in[1].shape;
    int64_t step = 1, *size = w->size;
    size[0] = x->rank;
    size[1] = axis_of(w);
    size[2] = x->rank ? x->dim[size[1]] : 1;
    for (int i = x->rank - 1; i >= 0; i--) {
        size[3 + i] = index->dim[i];
        size[3 + WG_MAX_RANK + i] = step;
        step *= x->dim[i];
    }
    w->units = wg__product(index);
    w->cost = 3;
    return true;
}

static void explain(const wg_work *w, const wg_args *a, int64_t position, char *why, size_t why_size)
{
    wg__explain_index(w->in[1].shape, a->in[1], position, w->in[0].shape->rank ? w->in[0].shape->dim[axis_of(w)] : 1, why, why_size);
}

static wg_tensor vjp(const wg_rule *r, wg_tensor g, int i)
{
    const wg_gather_options *o = r->attrs;
    wg_tensor zeros = wg_expand_like(wg__number_of(r, 0, wg_dtype_get(g)), r->in[i]);
    return wg_scatter_add(zeros, r->in[1], g, o->axis);
}

static const wg_sample samples[] = {
    {.call = "gather([1, 2], i64[0, 0, 1]; axis=0)", .value = "[1, 1, 2]", .grad = "[2, 1]"},
    {.call = "gather([[1, 2], [3, 4]], i64[[0, 0], [1, 0]]; axis=1)", .value = "[[1, 1], [4, 3]]", .grad = "[[2, 0], [1, 1]]"},
    {.call = "gather([[1, 2], [3, 4], [5, 6]], i64[[2, 0]]; axis=0)", .value = "[[5, 2]]", .grad = "[[0, 1], [0, 0], [1, 0]]"},
    {.call = "gather([[1, 2], [3, 4]], i64[[1]]; axis=-1)", .value = "[[2]]", .grad = "[[0, 1], [0, 0]]"},
    {.call = "gather([1, 2], i64[0](); axis=0)", .value = "f64[0]()", .grad = "[0, 0]"},
    {.call = "gather(2.5, i64 0; axis=0)", .value = "2.5", .grad = "1"},
    {.call = "gather(i64[5, 6], i64[1]; axis=0)", .value = "i64[6]"},
    {.call = "gather(bool[true, false], i64[1, 0]; axis=0)", .value = "bool[false, true]"},
    {.call = "gather(~[3, 4, 2], i64[[[0, 3], [1, 1]], [[2, 2], [0, 3]], [[1, 0], [3, 3]]]; axis=1)"},
    {.call = "gather(~[2, 3], i64[[1, 0, 1], [0, 0, 0], [1, 1, 1]]; axis=0)"},
    {.call = "gather([1, 2], i64[0, 2]; axis=0)", .refused = "index[1] is 2, must be in 0..1"},
    {.call = "gather([[1, 2], [3, 4]], i64[[0, 1], [0, -1]]; axis=1)", .refused = "index[1,1] is -1, must be in 0..1"},
    {.call = "gather([[1, 2]], i64[0]; axis=1)", .refused = "x's rank"},
    {.call = "gather([[1, 2]], i64[[0], [0]]; axis=1)", .refused = "no larger than x"},
    {.call = "gather([1], i64[0]; axis=1)", .refused = "axis 1 is out of range for rank 1"},
    {.call = "gather([1], [0]; axis=0)", .refused = "index is f64[1], which must be i64"},
    {0}};

#define WG_OVER WG_OVER_WIDTHS
#include "tape/instances.h"

const wg_op wg_op_gather = {WG_LINE(gather), .kind = WG_BLOCK, .takes = WG_EVERY, .index = 2, .shape = shape, .linear = 1,
                            .vjp = vjp, .units = units, .kernel = kernels, .by_width = true, .explain = explain, .samples = samples};
#else

static int64_t FN(kernel)(const wg_args *a, int64_t lo, int64_t hi)
{
    int64_t rank = a->size[0], axis = a->size[1], n = a->size[2];
    const int64_t *dim = a->size + 3, *stride = a->size + 3 + WG_MAX_RANK, *index = a->in[1];
    const T *x = a->in[0];
    T *y = a->out;
    for (int64_t u = lo; u < hi; u++) {
        int64_t at = index[u], rest = u;
        if (at < 0 || at >= n) return u;
        int64_t from = rank ? at * stride[axis] : 0;
        for (int64_t i = rank - 1; i >= 0; i--) {
            if (i != axis) from += rest % dim[i] * stride[i];
            rest /= dim[i];
        }
        y[u] = x[from];
    }
    return -1;
}
#endif

/* scatter_add(x, index, src; axis): x with y[index[i, j, ...], j, ...] += src[i, j, ...] for axis 0, and so on, as
 * torch.scatter_add. index has x's rank and is no larger than x along the other axes; src has index's shape (torch takes a
 * larger one, but has no gradient for it: slice it first). An index below 0 or past the end fails the run. A unit owns
 * rows of the result and goes through the index in order: the same bits on any number of threads. */
#ifndef WG_KERNEL_PART
#include "ops/index/range.h"

static int axis_of(const wg_work *w)
{
    const wg_scatter_add_options *o = w->attrs;
    int rank = w->in[0].shape->rank;
    return o->axis < 0 ? o->axis + (rank ? rank : 1) : o->axis;
}

static bool shape(wg_call *c)
{
    const wg_scatter_add_options *o = c->attrs;
    const wg_shape *x = c->in[0].shape, *index = c->in[1].shape, *src = c->in[2].shape;
    char a[128], b[128];
    int axis;
    if (!wg__axis(c, o->axis, x->rank, &axis)) return false;
    bool fits = x->rank == index->rank, same = src->rank == index->rank;
    for (int i = 0; fits && i < x->rank; i++)
        fits = i == axis || !wg__known(x->dim[i]) || !wg__known(index->dim[i]) || index->dim[i] <= x->dim[i];
    if (!fits)
        return wg__refuse(c, "x is %s, index is %s: index must have x's rank and be no larger than x along axes other than %d",
                          wg__show_type(a, c->in[0]), wg__show_type(b, c->in[1]), axis);
    for (int i = 0; same && i < src->rank; i++) {
        int64_t size = src->dim[i];
        same = wg__same_size(c, &size, index->dim[i]);
    }
    return same || wg__refuse(c, "src is %s, index is %s: their shapes differ", wg__show_type(a, c->in[2]), wg__show_type(b, c->in[1]));
}

enum { PARTS = 16 }; /* stretches of axis 0 when the indices run along it: each goes through them all */

/* size: {rank, axis, rows, rows a unit, values a row, index's elements a row, n, index's sizes, x's strides} */
static bool units(wg_work *w)
{
    const wg_shape *x = w->in[0].shape, *index = w->in[1].shape;
    int axis = axis_of(w);
    int64_t step = 1, *size = w->size, rows = x->rank ? x->dim[0] : 1, many = wg__product(index);
    int64_t share = axis == 0 ? (rows + PARTS - 1) / PARTS : 1;
    size[0] = x->rank;
    size[1] = axis;
    size[2] = rows;
    size[3] = share;
    size[4] = rows ? wg__product(x) / rows : 0;
    size[5] = x->rank && index->dim[0] ? many / index->dim[0] : x->rank ? 0 : 1;
    size[6] = x->rank ? x->dim[axis] : 1;
    for (int i = x->rank - 1; i >= 0; i--) {
        size[7 + i] = index->dim[i];
        size[7 + WG_MAX_RANK + i] = step;
        step *= x->dim[i];
    }
    w->units = rows ? (rows + share - 1) / share : many > 0; /* an index into nothing is an error still */
    w->cost = 0.5 * (double)(share * size[4]) + 4.0 * (axis == 0 ? (double)many : (double)size[5]);
    return true;
}

static void explain(const wg_work *w, const wg_args *a, int64_t position, char *why, size_t why_size)
{
    wg__explain_index(w->in[1].shape, a->in[1], position, w->in[0].shape->rank ? w->in[0].shape->dim[axis_of(w)] : 1, why, why_size);
}

static wg_tensor vjp(const wg_rule *r, wg_tensor g, int i)
{
    const wg_scatter_add_options *o = r->attrs;
    return i == 0 ? g : wg_gather(g, r->in[1], o->axis);
}

static const wg_sample samples[] = {
    {.call = "scatter_add([1, 2], i64[0, 0], [5, 6]; axis=0)", .value = "[12, 2]", .grad = "[1, 1]; [1, 1]"},
    {.call = "scatter_add([[1, 2], [3, 4]], i64[[0, 0], [1, 0]], [[10, 20], [30, 40]]; axis=1)", .value = "[[31, 2], [43, 34]]"},
    {.call = "scatter_add([[1, 2], [3, 4], [5, 6]], i64[[2, 0]], [[10, 20]]; axis=0)", .value = "[[1, 22], [3, 4], [15, 6]]",
     .grad = "[[1, 1], [1, 1], [1, 1]]; [[1, 1]]"},
    {.call = "scatter_add([[1, 2], [3, 4]], i64[[1]], [[10]]; axis=-1)", .value = "[[1, 12], [3, 4]]"},
    {.call = "scatter_add([1, 2], i64[0](), f64[0](); axis=0)", .value = "[1, 2]", .grad = "[1, 1]; f64[0]()"},
    {.call = "scatter_add(f64[0](), i64[0](), f64[0](); axis=0)", .value = "f64[0]()"},
    {.call = "scatter_add(2.5, i64 0, 1.5; axis=0)", .value = "4", .grad = "1; 1"},
    {.call = "scatter_add(i64[1, 2], i64[1, 1], i64[9223372036854775807, 1]; axis=0)", .value = "i64[1, -9223372036854775806]"},
    {.call = "scatter_add(~[3, 4, 2], i64[[[0, 3], [1, 1]], [[2, 2], [0, 3]]], ~[2, 2, 2]; axis=1)"},
    {.call = "scatter_add(~[2, 3], i64[[1, 0, 1], [0, 0, 0], [1, 1, 1]], ~[3, 3]; axis=0)"},
    {.call = "scatter_add(~[50], i64[49, 0, 17, 17, 3], ~[5]; axis=0)"},
    {.call = "scatter_add([1, 2], i64[0, 2], [1, 1]; axis=0)", .refused = "index[1] is 2, must be in 0..1"},
    {.call = "scatter_add([[1, 2], [3, 4]], i64[[0, 1], [0, -1]], [[1, 1], [1, 1]]; axis=1)",
     .refused = "index[1,1] is -1, must be in 0..1"},
    {.call = "scatter_add([1, 2], i64[0], [1, 2]; axis=0)", .refused = "their shapes differ"},
    {.call = "scatter_add([[1, 2]], i64[[0], [0]], [[1], [1]]; axis=1)", .refused = "no larger than x"},
    {.call = "scatter_add([1], i64[0], [1]; axis=1)", .refused = "axis 1 is out of range for rank 1"},
    {0}};

#define WG_OVER WG_OVER_NUMBERS
#include "tape/instances.h"

const wg_op wg_op_scatter_add = {WG_LINE(scatter_add), .kind = WG_BLOCK, .takes = WG_NUMBERS, .index = 2, .shape = shape, .linear = 5,
                                 .vjp = vjp, .units = units, .kernel = kernels, .explain = explain, .samples = samples};
#else

/* Adds index's elements lo..hi-1 to those rows first..last-1 of y that they name; the first bad position or -1. */
static int64_t FN(add)(const wg_args *a, int64_t lo, int64_t hi, int64_t first, int64_t last)
{
    const int64_t rank = a->size[0], axis = a->size[1], n = a->size[6];
    const int64_t *dim = a->size + 7, *stride = a->size + 7 + WG_MAX_RANK, *index = a->in[1];
    const T *src = a->in[2];
    T *y = a->out;
    for (int64_t u = lo; u < hi; u++) {
        int64_t at = index[u], rest = u, to = 0;
        if (at < 0 || at >= n) return u;
        if (axis == 0 && (at < first || at >= last)) continue;
        for (int64_t i = rank - 1; i >= 0; i--) {
            to += (i == axis ? at : rest % dim[i]) * stride[i];
            rest /= dim[i];
        }
        y[to] = M(add)(y[to], src[u]);
    }
    return -1;
}

static int64_t FN(kernel)(const wg_args *a, int64_t lo, int64_t hi)
{
    const int64_t axis = a->size[1], rows = a->size[2], share = a->size[3], width = a->size[4], many = a->size[5];
    const int64_t index_rows = a->size[0] ? a->size[7] : 1;
    for (int64_t u = lo; u < hi; u++) {
        int64_t first = u * share, last = first + share < rows ? first + share : rows;
        const T *x = a->in[0];
        T *y = a->out;
        for (int64_t i = first * width; i < last * width; i++) y[i] = x[i];
        int64_t from = axis == 0 ? 0 : first, to = axis == 0 || last > index_rows ? index_rows : last;
        if (from >= to) continue;
        int64_t bad = FN(add)(a, from * many, to * many, first, last);
        if (bad >= 0) return bad;
    }
    return -1;
}
#endif

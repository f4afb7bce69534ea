/* take(x, index; axis): x's items along axis at the places that index names; the axis gives way to index's axes (NumPy's
 * take; torch.index_select for an index of one axis). An index below 0 or past the end fails the run. The reverse is
 * take_add: items taken twice accumulate. */
#ifndef WG_KERNEL_PART
#include "ops/index/range.h"

static bool shape(wg_call *c)
{
    const wg_take_options *o = c->attrs;
    const wg_shape x = c->shape, *index = c->in[1].shape;
    int axis;
    if (!wg__axis(c, o->axis, x.rank, &axis)) return false;
    if (x.rank == 0) return wg__refuse(c, "x is a scalar, which has no axis to take from");
    if (x.rank - 1 + index->rank > WG_MAX_RANK)
        return wg__refuse(c, "the result would have %d axes, more than %d", x.rank - 1 + index->rank, WG_MAX_RANK);
    c->shape.rank = x.rank - 1 + index->rank;
    for (int i = 0; i < index->rank; i++) c->shape.dim[axis + i] = index->dim[i];
    for (int i = axis + 1; i < x.rank; i++) c->shape.dim[i - 1 + index->rank] = x.dim[i];
    return true;
}

static int axis_of(const wg_work *w)
{
    const wg_take_options *o = w->attrs;
    return o->axis < 0 ? o->axis + w->in[0].shape->rank : o->axis;
}

/* size: {n, inner, m}: items of x along axis, values an item, indices. */
static bool units(wg_work *w)
{
    int64_t around[3], m = wg__product(w->in[1].shape);
    wg__around(w->in[0].shape, axis_of(w), around);
    w->units = around[0] * m;
    w->cost = 1 + 0.1 * (double)around[2];
    w->size[0] = around[1];
    w->size[1] = around[2];
    w->size[2] = m;
    return true;
}

static void explain(const wg_work *w, const wg_args *a, int64_t position, char *why, size_t why_size)
{
    wg__explain_index(w->in[1].shape, a->in[1], position, w->in[0].shape->dim[axis_of(w)], why, why_size);
}

static wg_tensor vjp(const wg_rule *r, wg_tensor g, int i)
{
    const wg_take_options *o = r->attrs;
    return wg_take_add(r->in[i], r->in[1], g, .axis = o->axis);
}

static const wg_sample samples[] = {
    {.call = "take([10, 20, 30], i64[2, 0, 2])", .value = "[30, 10, 30]", .grad = "[1, 0, 2]"},
    {.call = "take([[1, 2], [3, 4], [5, 6]], i64[2, 0])", .value = "[[5, 6], [1, 2]]", .grad = "[[1, 1], [0, 0], [1, 1]]"},
    {.call = "take([[1, 2], [3, 4]], i64[1, 1, 0]; axis=-1)", .value = "[[2, 2, 1], [4, 4, 3]]", .grad = "[[1, 2], [1, 2]]"},
    {.call = "take([1, 2, 3], i64[[0, 1], [2, 0]])", .value = "[[1, 2], [3, 1]]", .grad = "[2, 1, 1]"},
    {.call = "take([[1, 2], [3, 4]], i64 1)", .value = "[3, 4]", .grad = "[[0, 0], [1, 1]]"},
    {.call = "take([1, 2], i64[0]())", .value = "f64[0]()", .grad = "[0, 0]"},
    {.call = "take(f64[3, 0](), i64[2, 1])", .value = "f64[2, 0]()"},
    {.call = "take(i64[5, 6], i64[1])", .value = "i64[6]"},
    {.call = "take(bool[true, false], i64[1, 0])", .value = "bool[false, true]"},
    {.call = "take([nan, 1], i64[0, 1])", .value = "[nan, 1]", .grad = "[1, 1]", .kink = true},
    {.call = "take(~[4, 3, 2], i64[[3, 0], [1, 1]]; axis=0)"},
    {.call = "take(~[2, 5, 3], i64[4, 4, 0]; axis=1)"},
    {.call = "take(~[1, 1, 1, 1, 1, 1, 1, 2], i64[1, 0, 1]; axis=7)"},
    {.call = "take([1, 2], i64[0, 2])", .refused = "index[1] is 2, must be in 0..1"},
    {.call = "take([1, 2], i64[[0, 0], [-1, 0]])", .refused = "index[1,0] is -1, must be in 0..1"},
    {.call = "take(f64[0](), i64[0])", .refused = "but the axis is empty"},
    {.call = "take(1.5, i64[0])", .refused = "scalar"},
    {.call = "take([1], i64[0]; axis=1)", .refused = "axis 1 is out of range for rank 1"},
    {.call = "take([1], [0])", .refused = "index is f64[1], which must be i64"},
    {0}};

#define WG_OVER WG_OVER_WIDTHS
#include "tape/instances.h"

const wg_op wg_op_take = {WG_LINE(take), .kind = WG_BLOCK, .takes = WG_EVERY, .index = 2, .shape = shape, .linear = 1,
                          .vjp = vjp, .units = units, .kernel = kernels, .by_width = true, .explain = explain, .samples = samples};
#else

static int64_t FN(kernel)(const wg_args *a, int64_t lo, int64_t hi)
{
    int64_t n = a->size[0], inner = a->size[1], m = a->size[2];
    const int64_t *index = a->in[1];
    for (int64_t u = lo; u < hi; u++) {
        int64_t from = index[u % m];
        if (from < 0 || from >= n) return u % m;
        const T *x = (const T *)a->in[0] + (u / m * n + from) * inner;
        T *y = (T *)a->out + u * inner;
        for (int64_t i = 0; i < inner; i++) y[i] = x[i];
    }
    return -1;
}
#endif

/* slice(x; axis, start, stop, step): NumPy's x[start:stop:step] along one axis. Negative bounds count from the end, bounds
 * past the end are cut, step may be negative but not 0. A view: no data move. Its reverse is unview, made by the engine. */
#include "tape/op.h"

/* NumPy's rule for an axis of n items: the first index, and how many. */
static int64_t bounds(const wg_slice_options *o, int64_t n, int64_t *first)
{
    int64_t step = o->step, low = step > 0 ? 0 : -1, high = step > 0 ? n : n - 1;
    int64_t start = o->start == WG_START ? (step > 0 ? 0 : n - 1) : o->start < 0 ? o->start + n : o->start;
    int64_t stop = o->stop == WG_END ? (step > 0 ? n : -1) : o->stop < 0 ? o->stop + n : o->stop;
    start = start < low ? low : start > high ? high : start;
    stop = stop < low ? low : stop > high ? high : stop;
    *first = start;
    if (step > 0) return start < stop ? (stop - start - 1) / step + 1 : 0;
    return stop < start ? (start - stop - 1) / -step + 1 : 0;
}

static bool is_letter(int64_t size)
{
    return size < WG_START && size > INT64_MIN;
}

static bool shape(wg_call *c)
{
    const wg_slice_options *o = c->attrs;
    int axis;
    int64_t first;
    if (!wg__axis(c, o->axis, c->shape.rank, &axis)) return false;
    if (c->shape.rank == 0) return wg__refuse(c, "x is a scalar, which has no axis to slice");
    if (o->step == 0) return wg__refuse(c, "step is 0");
    if (o->step == INT64_MIN) return wg__refuse(c, "step is too small");
    int64_t *n = &c->shape.dim[axis];
    if (wg__known(*n) && !is_letter(o->start) && !is_letter(o->stop)) *n = bounds(o, *n, &first);
    else if (o->start == WG_START && o->step == 1 && is_letter(o->stop)) *n = o->stop; /* the first T rows */
    else if (!(o->start == WG_START && o->stop == WG_END && (o->step == 1 || o->step == -1))) *n = wg__fresh(c);
    return true;
}

static bool view(const wg_work *w, const wg_layout *x, wg_layout *y, int64_t *offset)
{
    const wg_slice_options *o = w->attrs;
    int axis = o->axis < 0 ? o->axis + x->shape.rank : o->axis;
    int64_t first;
    *y = *x;
    y->shape.dim[axis] = bounds(o, x->shape.dim[axis], &first);
    y->stride[axis] = x->stride[axis] * o->step;
    *offset = y->shape.dim[axis] ? first * x->stride[axis] : 0;
    return true;
}

static const wg_sample samples[] = {
    {"slice([[1, 2, 3], [4, 5, 6]]; axis=1, start=1)", .value = "[[2, 3], [5, 6]]", .grad = "[[0, 1, 1], [0, 1, 1]]"},
    {"slice([1, 2, 3, 4, 5]; axis=0, start=3, stop=0, step=-2)", .value = "[4, 2]", .grad = "[0, 1, 0, 1, 0]"},
    {"slice([1, 2, 3]; axis=0, step=-1)", .value = "[3, 2, 1]"},
    {"slice([1, 2, 3, 4, 5]; axis=0, step=2)", .value = "[1, 3, 5]", .grad = "[1, 0, 1, 0, 1]"},
    {"slice([1, 2, 3, 4, 5]; axis=0, step=-2)", .value = "[5, 3, 1]", .grad = "[1, 0, 1, 0, 1]"},
    {"slice([1, 2, 3]; axis=0, start=-2, stop=10)", .value = "[2, 3]"},
    {"slice([1, 2]; axis=0, start=5)", .value = "f64[0]()", .grad = "[0, 0]"},
    {"slice(i64[[1, 2], [3, 4]]; axis=0, stop=1)", .value = "i64[[1, 2]]"},
    {"slice(~[3, 4, 5]; axis=-2, start=1, stop=4, step=2)"},
    {"slice([1, 2]; axis=0, step=0)", .refused = "step is 0"},
    {"slice([1, 2]; axis=1)", .refused = "axis 1 is out of range for rank 1"},
    {"slice(3.5; axis=0)", .refused = "scalar"},
    {0}};

const wg_op wg_op_slice = {WG_LINE(slice), .kind = WG_VIEW, .takes = WG_EVERY, .shape = shape, .linear = 1, .view = view, .samples = samples};

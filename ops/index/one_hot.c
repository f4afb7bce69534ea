/* one_hot(index; classes, dtype): index with a new last axis of `classes`, 1 at the place that index names and 0 elsewhere,
 * as F.one_hot. A class below 0 or past the last fails the run. No derivative. */
#ifndef WG_KERNEL_PART
#include "ops/index/range.h"

static bool shape(wg_call *c)
{
    const wg_one_hot_options *o = c->attrs;
    if (o->classes < 0 && o->classes >= WG_START) return wg__refuse(c, "classes is %lld", (long long)o->classes);
    if (c->shape.rank == WG_MAX_RANK) return wg__refuse(c, "the result would have more than %d axes", WG_MAX_RANK);
    if (wg_dtype_half(o->dtype)) return wg__refuse(c, "dtype is %s: make it f32 and cast it", wg_dtype_name(o->dtype));
    c->shape.dim[c->shape.rank++] = o->classes;
    c->dtype = o->dtype;
    return true;
}

/* size: {classes} */
static bool units(wg_work *w)
{
    w->size[0] = w->out.shape->dim[w->out.shape->rank - 1];
    w->units = wg__product(w->in[0].shape);
    w->cost = 1 + 0.25 * (double)w->size[0];
    return true;
}

static void explain(const wg_work *w, const wg_args *a, int64_t position, char *why, size_t why_size)
{
    wg__explain_index(w->in[0].shape, a->in[0], position, w->size[0], why, why_size);
}

static const wg_sample samples[] = {
    {.call = "one_hot(i64[1, 0]; classes=3)", .value = "f32[[0, 1, 0], [1, 0, 0]]"},
    {.call = "one_hot(i64[1, 0]; classes=2, dtype=f64)", .value = "[[0, 1], [1, 0]]"},
    {.call = "one_hot(i64 2; classes=3, dtype=f64)", .value = "[0, 0, 1]"},
    {.call = "one_hot(i64[[0], [1]]; classes=2, dtype=i64)", .value = "i64[[[1, 0]], [[0, 1]]]"},
    {.call = "one_hot(u8[1]; classes=2, dtype=bool)", .value = "bool[[false, true]]"},
    {.call = "one_hot(i32[1]; classes=2, dtype=u8)", .value = "u8[[0, 1]]"},
    {.call = "one_hot(i64[0, 0]; classes=1, dtype=i32)", .value = "i32[[1], [1]]"},
    {.call = "one_hot(i64[0](); classes=0)", .value = "f32[0, 0]()"},
    {.call = "one_hot(i64[0](); classes=3)", .value = "f32[0, 3]()"},
    {.call = "one_hot(i64[0, 3]; classes=3)", .refused = "index[1] is 3, must be in 0..2"},
    {.call = "one_hot(i64[-1]; classes=3)", .refused = "index[0] is -1, must be in 0..2"},
    {.call = "one_hot(i64[0]; classes=0)", .refused = "the axis is empty"},
    {.call = "one_hot(i64[0]; classes=2, dtype=f16)", .refused = "dtype is f16: make it f32 and cast it"},
    {.call = "one_hot(i64[0]; classes=-2)", .refused = "classes is -2"},
    {.call = "one_hot([0]; classes=3)", .refused = "index is f64[1], which must be i64"},
    {0}};

#define WG_OVER WG_OVER_COMPUTED
#include "tape/instances.h"

const wg_op wg_op_one_hot = {WG_LINE(one_hot), .kind = WG_BLOCK, .index = 1, .shape = shape, .constant = true, .units = units,
                             .kernel = kernels, .key = -1, .explain = explain, .samples = samples};
#else

static int64_t FN(kernel)(const wg_args *a, int64_t lo, int64_t hi)
{
    const int64_t *index = a->in[0], classes = a->size[0];
    for (int64_t i = lo; i < hi; i++) {
        T *y = (T *)a->out + i * classes;
        if (index[i] < 0 || index[i] >= classes) return i;
        for (int64_t j = 0; j < classes; j++) y[j] = 0;
        y[index[i]] = 1;
    }
    return -1;
}
#endif

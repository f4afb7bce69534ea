/* argmax(x; axis, keepdim): the place of the largest along axis, i64; of the flattened tensor when no axis is given. The
 * first of equals; the first NaN wins. Of an empty axis there is none: refused. No derivative. */
#ifndef WG_KERNEL_PART
#include "tape/op.h"

static bool shape(wg_call *c)
{
    const wg_argmax_options *o = c->attrs;
    uint32_t mask = (1u << c->shape.rank) - 1;
    int axis;
    if (o->axis != WG_NO_AXIS) {
        if (!wg__axis(c, o->axis, c->shape.rank, &axis)) return false;
        mask = 1u << axis;
    }
    for (int i = 0; i < c->shape.rank; i++)
        if (mask >> i & 1 && c->shape.dim[i] == 0) return wg__refuse(c, "axis %d is empty: nothing is its largest", i);
    wg__drop_axes(&c->shape, mask, o->keepdim);
    return true;
}

static uint32_t axes(const wg_work *w)
{
    const wg_argmax_options *o = w->attrs;
    int rank = w->in[0].shape->rank;
    if (o->axis == WG_NO_AXIS) return (1u << rank) - 1;
    return 1u << (o->axis < 0 ? o->axis + (rank ? rank : 1) : o->axis);
}

static const wg_sample samples[] = {
    {.call = "argmax([1, 3, 2])", .value = "i64 1"},
    {.call = "argmax([1, 3, 3])", .value = "i64 1"},
    {.call = "argmax([[1, 5, 2], [7, 0, 7]])", .value = "i64 3"},
    {.call = "argmax([[1, 5, 2], [7, 0, 7]]; axis=1)", .value = "i64[1, 0]"},
    {.call = "argmax([[1, 5, 2], [7, 0, 7]]; axis=-2)", .value = "i64[1, 0, 1]"},
    {.call = "argmax([[1, 5, 2], [7, 0, 7]]; axis=1, keepdim=true)", .value = "i64[[1], [0]]"},
    {.call = "argmax([[1, 5], [7, 0]]; keepdim=true)", .value = "i64[[2]]"},
    {.call = "argmax([1, nan, 3, nan])", .value = "i64 1"},
    {.call = "argmax([nan, inf])", .value = "i64 0"},
    {.call = "argmax([-inf, -inf])", .value = "i64 0"},
    {.call = "argmax([0, -0.0, 0])", .value = "i64 0"},
    {.call = "argmax(i64[3, 9223372036854775807, 4])", .value = "i64 1"},
    {.call = "argmax(2.5; axis=0)", .value = "i64 0"},
    {.call = "argmax(f64[0, 3](); axis=1)", .value = "i64[0]()"},
    {.call = "argmax(f64[0]())", .refused = "axis 0 is empty"},
    {.call = "argmax(f64[0, 3](); axis=0)", .refused = "axis 0 is empty"},
    {.call = "argmax([1]; axis=1)", .refused = "axis 1 is out of range for rank 1"},
    {.call = "argmax(bool[true])", .refused = "must be f32, f64 or i64"},
    {0}};

#define WG_OVER WG_OVER_NUMBERS
#include "tape/instances.h"

const wg_op wg_op_argmax = {WG_LINE(argmax), .kind = WG_REDUCE, .takes = WG_NUMBERS, .gives = WG_I64, .shape = shape, .axes = axes,
                            .constant = true, .kernel = kernels, .samples = samples};
#else

static int64_t FN(place)(const T *x, int64_t n)
{
    T top = x[0];
    int64_t at = 0;
    for (int64_t j = 0; j < n; j++)
        if (!(x[j] <= top)) {
            if (!(x[j] > top)) return j; /* neither: NaN */
            top = x[j];
            at = j;
        }
    return at;
}

static int64_t FN(kernel)(const wg_args *a, int64_t lo, int64_t hi)
{
    int64_t *y = a->out;
    for (int64_t i = lo; i < hi; i++) y[i] = FN(place)((const T *)a->in[0] + i * a->row, a->row);
    return -1;
}
#endif

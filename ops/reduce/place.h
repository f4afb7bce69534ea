/* place.h -- all of argmax and argmin but their names: the includer defines OPTIONS, its options; WHAT, in words; and KEEPS, >= or
 * <=, by which the first of two stays. It is included twice, for the rules and in the kernel part. */
#ifndef WG_KERNEL_PART
#include "ops/reduce/along.h"

static bool shape(wg_call *c)
{
    const OPTIONS *o = c->attrs;
    uint32_t mask = (1u << c->shape.rank) - 1;
    int axis;
    if (o->axis != WG_NO_AXIS) {
        if (!wg__axis(c, o->axis, c->shape.rank, &axis)) return false;
        mask = 1u << axis;
    }
    if (!wg__some_along(c, mask, WHAT)) return false;
    wg__drop_axes(&c->shape, mask, o->keepdim);
    return true;
}

static uint32_t axes(const wg_work *w)
{
    const OPTIONS *o = w->attrs;
    int rank = w->in[0].shape->rank;
    if (o->axis == WG_NO_AXIS) return (1u << rank) - 1;
    return 1u << (o->axis < 0 ? o->axis + (rank ? rank : 1) : o->axis);
}
#else

static int64_t FN(place)(const T *x, int64_t n)
{
    T best = x[0];
    int64_t at = 0;
    for (int64_t j = 0; j < n; j++)
        if (!(best KEEPS x[j])) {
            if (!(x[j] KEEPS best)) return j; /* neither: NaN */
            best = x[j];
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

/* arange(; start, stop, step, dtype): start + i step for i = 0 .. ceil((stop - start) / step) - 1, NumPy's length; none where
 * that is not positive. Each is worked out in double. An i64 range takes integers below 2^53. */
#ifndef WG_KERNEL_PART
#include "tape/op.h"

static bool whole(double x) { return fabs(x) <= 0x1p53 && trunc(x) >= x && trunc(x) <= x; }

static bool shape(wg_call *c)
{
    const wg_arange_options *o = c->attrs;
    double length = ceil((o->stop - o->start) / o->step);
    if (o->dtype != WG_F32 && o->dtype != WG_F64 && o->dtype != WG_I64)
        return wg__refuse(c, "dtype is %s, must be f32, f64 or i64", wg_dtype_name(o->dtype));
    if (!(fabs(o->step) > 0)) return wg__refuse(c, "step is %g", o->step);
    if (!isfinite(o->start) || !isfinite(o->stop) || !isfinite(o->step)) return wg__refuse(c, "start, stop and step must be finite");
    if (o->dtype == WG_I64 && !(whole(o->start) && whole(o->stop) && whole(o->step)))
        return wg__refuse(c, "start, stop and step of an i64 range must be integers below 2^53");
    if (length > 0x1p53) return wg__refuse(c, "the result has more elements than memory can hold");
    c->shape.rank = 1;
    c->shape.dim[0] = length > 0 ? (int64_t)length : 0;
    c->dtype = o->dtype;
    return true;
}

static bool units(wg_work *w)
{
    w->units = w->out.shape->dim[0];
    w->cost = 0.5;
    return true;
}

static const wg_sample samples[] = {
    {.call = "arange(; stop=3)", .value = "f32[0, 1, 2]"},
    {.call = "arange(; start=1, stop=2, step=0.25, dtype=f64)", .value = "[1, 1.25, 1.5, 1.75]"},
    {.call = "arange(; start=0, stop=1, step=0.3, dtype=f64)", .value = "[0, 0.3, 0.6, 0.8999999999999999]"},
    {.call = "arange(; start=5, stop=0, step=-2, dtype=f64)", .value = "[5, 3, 1]"},
    {.call = "arange(; start=2, stop=7, step=3, dtype=i64)", .value = "i64[2, 5]"},
    {.call = "arange(; start=3, stop=-4, step=-3, dtype=i64)", .value = "i64[3, 0, -3]"},
    {.call = "arange(; stop=0)", .value = "f32[0]()"},
    {.call = "arange(; start=2, stop=1, dtype=i64)", .value = "i64[0]()"},
    {.call = "arange(; start=1, stop=2, step=-1)", .value = "f32[0]()"},
    {.call = "arange(; stop=3, step=0)", .refused = "step is 0"},
    {.call = "arange(; stop=inf)", .refused = "must be finite"},
    {.call = "arange(; stop=2.5, dtype=i64)", .refused = "must be integers"},
    {.call = "arange(; stop=3, dtype=bool)", .refused = "dtype is bool"},
    {.call = "arange(; stop=1e300)", .refused = "more elements than memory can hold"},
    {0}};

#define WG_OVER WG_OVER_NUMBERS
#include "tape/instances.h"

const wg_op wg_op_arange = {WG_LINE(arange), .kind = WG_BLOCK, .shape = shape, .constant = true, .units = units, .kernel = kernels,
                            .samples = samples};
#else

static int64_t FN(kernel)(const wg_args *a, int64_t lo, int64_t hi)
{
    const wg_arange_options *o = a->attrs;
    T *y = a->out;
    for (int64_t i = lo; i < hi; i++) y[i] = (T)(o->start + (double)i * o->step);
    return -1;
}
#endif

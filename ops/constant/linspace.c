/* linspace(; start, stop, steps, dtype): start + i (stop - start) / (steps - 1) for i = 0 .. steps - 1, as np.linspace: worked out in
 * double, and the last of several is stop itself. One step gives start. A letter in steps is a size known when run. */
#ifndef WG_KERNEL_PART
#include "ops/constant/fill.h"

static bool shape(wg_call *c)
{
    const wg_linspace_options *o = c->attrs;
    if (!wg_dtype_real(o->dtype)) return wg__refuse(c, "dtype is %s, must be f32 or f64", wg_dtype_name(o->dtype));
    if (!isfinite(o->stop - o->start)) return wg__refuse(c, "start, stop and their difference must be finite");
    return wg__fill_shape(c, (wg_shape){{o->steps}, 1}, o->dtype);
}

static bool units(wg_work *w)
{
    w->size[0] = w->units = w->out.shape->dim[0];
    w->cost = 0.5;
    return true;
}

static const wg_sample samples[] = {
    {.call = "linspace(; start=0, stop=1, steps=3)", .value = "f32[0, 0.5, 1]"},
    {.call = "linspace(; start=0, stop=1, steps=4, dtype=f64)", .value = "[0, 0.3333333333333333, 0.6666666666666666, 1]"},
    {.call = "linspace(; start=0.1, stop=0.9, steps=6, dtype=f64)", .value = "[0.1, 0.26, 0.42000000000000004, 0.58, 0.74, 0.9]"},
    {.call = "linspace(; start=1, stop=-2, steps=7, dtype=f64)", .value = "[1, 0.5, 0, -0.5, -1, -1.5, -2]"},
    {.call = "linspace(; start=-1.5, stop=2.25, steps=11, dtype=f64)",
     .value = "[-1.5, -1.125, -0.75, -0.375, 0, 0.375, 0.75, 1.125, 1.5, 1.875, 2.25]"},
    {.call = "linspace(; start=0.1, stop=0.7, steps=8)",
     .value = "f32[0.10000000149011612, 0.18571428954601288, 0.27142858505249023, 0.3571428656578064, 0.44285714626312256, "
              "0.5285714268684387, 0.6142857074737549, 0.699999988079071]"},
    {.call = "linspace(; start=3, stop=3, steps=3, dtype=f64)", .value = "[3, 3, 3]"},
    {.call = "linspace(; start=2, stop=5, steps=1, dtype=f64)", .value = "[2]"},
    {.call = "linspace(; start=2, stop=5, steps=0, dtype=f64)", .value = "f64[0]()"},
    {.call = "linspace(; start=2, stop=5, steps=2, dtype=f64)", .value = "[2, 5]"},
    {.call = "linspace(; start=2, stop=5, steps=0)", .value = "f32[0]()"},
    {.call = "linspace(; start=0, stop=5e-324, steps=3, dtype=f64)", .value = "[0, 0, 5e-324]"},
    {.call = "linspace(; start=0, stop=1e+300, steps=3, dtype=f64)", .value = "[0, 5e+299, 1e+300]"},
    {.call = "linspace(; start=0, stop=49, steps=50, dtype=f64)",
     .value = "[0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, "
              "29, 30, 31, 32, 33, 34, 35, 36, 37, 38, 39, 40, 41, 42, 43, 44, 45, 46, 47, 48, 49]"},
    {.call = "linspace(; start=0, stop=1, steps=-1)", .refused = "size -1 of axis 0"},
    {.call = "linspace(; start=0, stop=inf, steps=3)", .refused = "must be finite"},
    {.call = "linspace(; start=nan, stop=1, steps=3)", .refused = "must be finite"},
    {.call = "linspace(; start=-1e308, stop=1e308, steps=3)", .refused = "must be finite"},
    {.call = "linspace(; start=0, stop=1, steps=3, dtype=i64)", .refused = "dtype is i64, must be f32 or f64"},
    {.call = "linspace(; start=0, stop=1, steps=4611686018427387904)", .refused = "more elements than memory can hold"},
    {0}};

#define WG_OVER WG_OVER_REALS
#include "tape/instances.h"

const wg_op wg_op_linspace = {WG_LINE(linspace), .kind = WG_BLOCK, .shape = shape, .constant = true, .units = units, .kernel = kernels,
                              .samples = samples};
#else

static int64_t FN(kernel)(const wg_args *a, int64_t lo, int64_t hi)
{
    const wg_linspace_options *o = a->attrs;
    const double parts = a->size[0] > 1 ? (double)(a->size[0] - 1) : 1, span = o->stop - o->start, step = span / parts;
    T *y = a->out;
    for (int64_t i = lo; i < hi; i++) {
        double k = (double)i;
        y[i] = (T)(o->start + (step != 0 ? k * step : k / parts * span)); /* a step may round to 0, as it does in NumPy */
    }
    if (hi > 1 && hi == a->size[0]) y[hi - 1] = (T)o->stop;
    return -1;
}
#endif

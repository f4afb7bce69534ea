/* floor(x), the largest whole number not above x; derivative 0 everywhere (NaN stays NaN, +-inf themselves). */
#ifndef WG_KERNEL_PART
#include "tape/op.h"

static const wg_sample samples[] = {
    {.call = "floor([-1.75, -0.25, 0.25, 2.75])", .value = "[-2, -1, 0, 2]", .grad = "[0, 0, 0, 0]"},
    {.call = "floor([-2.5, -1.5, -0.5, 0.5, 1.5, 2.5])", .value = "[-3, -2, -1, 0, 1, 2]", .grad = "[0, 0, 0, 0, 0, 0]", .kink = true},
    {.call = "floor([-2, -0.0, 0, 3])", .value = "[-2, -0.0, 0, 3]", .grad = "[0, 0, 0, 0]", .kink = true},
    {.call = "floor([4503599627370495.5, -4503599627370497.0, 1e+300])", .value = "[4503599627370495.0, -4503599627370497.0, 1e+300]",
     .grad = "[0, 0, 0]", .kink = true},
    {.call = "floor([inf, -inf, nan])", .value = "[inf, -inf, nan]", .grad = "[0, 0, 0]", .kink = true},
    {.call = "floor(f64[0, 3]())", .value = "f64[0, 3]()", .grad = "f64[0, 3]()"},
    {.call = "floor(i64[1, 2])", .refused = "must be f32 or f64"},
    {.call = "floor(bool[true])", .refused = "must be f32 or f64"},
    {0}};

#define WG_OVER WG_OVER_REALS
#include "tape/instances.h"

const wg_op wg_op_floor = {WG_LINE(floor), .kind = WG_ELEMENTWISE, .constant = true, .kernel = kernels, .samples = samples};
#else

static int64_t FN(kernel)(const wg_args *a, int64_t lo, int64_t hi)
{
    const T *x = a->in[0];
    T *y = a->out;
    for (int64_t i = lo; i < hi; i++) y[i] = M(floor)(x[i]);
    return -1;
}
#endif

/* asin(x), the angle in -pi/2..pi/2 whose sine is x; d/dx = 1 / sqrt(1 - x^2): inf at +-1, NaN beyond, as the value. */
#ifndef WG_KERNEL_PART
#include "tape/op.h"

static wg_tensor slope(const wg_rule *r, int i)
{
    return wg_rsqrt(wg_sub(wg_num(1), wg_square(r->in[i])));
}

static const wg_sample samples[] = {
    {.call = "asin([-0.75, 0.125, 0.5, 0.9])", .value = "[-0.848062078981481, 0.1253278311680654, 0.5235987755982989, 1.1197695149986342]",
     .grad = "[1.5118578920369088, 1.0079052613579391, 1.1547005383792517, 2.294157338705618]"},
    {.call = "asin([1, -1, 2])", .value = "[1.5707963267948966, -1.5707963267948966, nan]", .grad = "[inf, inf, nan]", .kink = true},
    {.call = "asin([inf, nan])", .value = "[nan, nan]", .grad = "[nan, nan]", .kink = true},
    {.call = "asin(0.625)", .value = "0.6751315329370317", .grad = "1.281025230440697"},
    {.call = "asin(f64[0, 3]())", .value = "f64[0, 3]()", .grad = "f64[0, 3]()"},
    {.call = "asin(i64[1, 2])", .refused = "must be f32 or f64"},
    {.call = "asin(bool[true])", .refused = "must be f32 or f64"},
    {0}};

#define WG_OVER WG_OVER_REALS
#include "tape/instances.h"

const wg_op wg_op_asin = {WG_LINE(asin), .kind = WG_ELEMENTWISE, .slope = slope, .kernel = kernels, .samples = samples};
#else

static int64_t FN(kernel)(const wg_args *a, int64_t lo, int64_t hi)
{
    const T *x = a->in[0];
    T *y = a->out;
    for (int64_t i = lo; i < hi; i++) y[i] = M(asin)(x[i]);
    return -1;
}
#endif

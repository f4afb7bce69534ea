/* atan(x), the angle in -pi/2..pi/2 whose tangent is x; d/dx = 1 / (1 + x^2): 0 at +-inf. */
#ifndef WG_KERNEL_PART
#include "tape/op.h"

static wg_tensor slope(const wg_rule *r, int i)
{
    return wg_reciprocal(wg_add(wg_square(r->in[i]), wg_num(1)));
}

static const wg_sample samples[] = {
    {.call = "atan([-1, 0, 0.5, 3])", .value = "[-0.7853981633974483, 0, 0.4636476090008061, 1.2490457723982544]",
     .grad = "[0.5, 1, 0.8, 0.1]"},
    {.call = "atan([1e+300, -1e+300])", .value = "[1.5707963267948966, -1.5707963267948966]", .grad = "[0, 0]", .kink = true},
    {.call = "atan([inf, -inf, nan])", .value = "[1.5707963267948966, -1.5707963267948966, nan]", .grad = "[0, 0, nan]", .kink = true},
    {.call = "atan(0.625)", .value = "0.5585993153435624", .grad = "0.7191011235955056"},
    {.call = "atan(~[4, 5])"},
    {.call = "atan(f64[0, 3]())", .value = "f64[0, 3]()", .grad = "f64[0, 3]()"},
    {.call = "atan(i64[1, 2])", .refused = "must be f32 or f64"},
    {.call = "atan(bool[true])", .refused = "must be f32 or f64"},
    {0}};

#define WG_OVER WG_OVER_REALS
#include "tape/instances.h"

const wg_op wg_op_atan = {WG_LINE(atan), .kind = WG_ELEMENTWISE, .slope = slope, .kernel = kernels, .samples = samples};
#else

static int64_t FN(kernel)(const wg_args *a, int64_t lo, int64_t hi)
{
    const T *x = a->in[0];
    T *y = a->out;
    for (int64_t i = lo; i < hi; i++) y[i] = M(atan)(x[i]);
    return -1;
}
#endif

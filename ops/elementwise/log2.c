/* log2(x), the logarithm to base 2; d/dx = 1 / (x ln 2), also below 0, where the value is NaN (as torch has it). At 0: -inf,
 * derivative inf. Of whole powers it is exact. */
#ifndef WG_KERNEL_PART
#include "tape/op.h"

static wg_tensor slope(const wg_rule *r, int i)
{
    return wg_reciprocal(wg_mul(r->in[i], wg_num(0.69314718055994530942)));
}

static const wg_sample samples[] = {
    {.call = "log2([0.5, 1, 3, 1024])", .value = "[-1, 0, 1.584962500721156, 10]",
     .grad = "[2.8853900817779268, 1.4426950408889634, 0.48089834696298783, 0.0014088818758681283]"},
    {.call = "log2([0, -1])", .value = "[-inf, nan]", .grad = "[inf, -1.4426950408889634]", .kink = true},
    {.call = "log2([inf, nan])", .value = "[inf, nan]", .grad = "[0, nan]", .kink = true},
    {.call = "log2(0.625)", .value = "-0.6780719051126376", .grad = "2.3083120654223412"},
    {.call = "log2(+[4, 5])"},
    {.call = "log2(f64[0, 3]())", .value = "f64[0, 3]()", .grad = "f64[0, 3]()"},
    {.call = "log2(i64[1, 2])", .refused = "must be f32 or f64"},
    {.call = "log2(bool[true])", .refused = "must be f32 or f64"},
    {0}};

#define WG_OVER WG_OVER_REALS
#include "tape/instances.h"

const wg_op wg_op_log2 = {WG_LINE(log2), .kind = WG_ELEMENTWISE, .slope = slope, .kernel = kernels, .samples = samples};
#else

static int64_t FN(kernel)(const wg_args *a, int64_t lo, int64_t hi)
{
    const T *x = a->in[0];
    T *y = a->out;
    for (int64_t i = lo; i < hi; i++) y[i] = M(log2)(x[i]);
    return -1;
}
#endif

/* log(x), the natural logarithm; d/dx = 1 / x, also below 0, where the value is NaN (as torch has it). At 0: -inf, derivative
 * inf. */
#ifndef WG_KERNEL_PART
#include "tape/op.h"

static wg_tensor slope(const wg_rule *r, int i)
{
    return wg_reciprocal(r->in[i]);
}

static const wg_sample samples[] = {
    {.call = "log([0.5, 1, 2, 10])", .value = "[-0.6931471805599453, 0, 0.6931471805599453, 2.302585092994046]",
     .grad = "[2, 1, 0.5, 0.1]"},
    {.call = "log([0, -1, 1])", .value = "[-inf, nan, 0]", .grad = "[inf, -1, 1]", .kink = true},
    {.call = "log([-0.0, inf, -inf, nan])", .value = "[-inf, inf, nan, nan]", .grad = "[-inf, 0, -0.0, nan]", .kink = true},
    {.call = "log(2.5)", .value = "0.9162907318741551", .grad = "0.4"},
    {.call = "log(+[4, 5])"},
    {.call = "log(f64[0, 3]())", .value = "f64[0, 3]()", .grad = "f64[0, 3]()"},
    {.call = "log(i64[1, 2])", .refused = "must be f32 or f64"},
    {.call = "log(bool[true])", .refused = "must be f32 or f64"},
    {0}};

#define WG_OVER WG_OVER_REALS
#include "tape/instances.h"

const wg_op wg_op_log = {WG_LINE(log), .kind = WG_ELEMENTWISE, .slope = slope, .kernel = kernels, .samples = samples};
#else

static int64_t FN(kernel)(const wg_args *a, int64_t lo, int64_t hi)
{
    const T *x = a->in[0];
    T *y = a->out;
    for (int64_t i = lo; i < hi; i++) y[i] = M(log)(x[i]);
    return -1;
}
#endif

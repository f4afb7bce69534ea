/* log1p(x) = log(1 + x), exact near 0; d/dx = 1 / (1 + x), also below -1, where the value is NaN (as torch has it). At -1: -inf,
 * derivative inf. */
#ifndef WG_KERNEL_PART
#include "tape/op.h"

static wg_tensor slope(const wg_rule *r, int i)
{
    return wg_reciprocal(wg_add(r->in[i], wg_num(1)));
}

static const wg_sample samples[] = {
    {.call = "log1p([-0.5, 0.5, 1, 9])", .value = "[-0.6931471805599453, 0.4054651081081644, 0.6931471805599453, 2.302585092994046]",
     .grad = "[2, 0.6666666666666666, 0.5, 0.1]"},
    {.call = "log1p([1e-20, -1e-10, 0])", .value = "[1e-20, -1.00000000005e-10, 0]", .grad = "[1, 1.0000000001, 1]"},
    {.call = "log1p([-1, -2])", .value = "[-inf, nan]", .grad = "[inf, -1]", .kink = true},
    {.call = "log1p([-0.0, inf, -inf, nan])", .value = "[-0.0, inf, nan, nan]", .grad = "[1, 0, -0.0, nan]", .kink = true},
    {.call = "log1p(1.5)", .value = "0.9162907318741551", .grad = "0.4"},
    {.call = "log1p(+[4, 5])"},
    {.call = "log1p(f64[0, 3]())", .value = "f64[0, 3]()", .grad = "f64[0, 3]()"},
    {.call = "log1p(i64[1, 2])", .refused = "must be f32 or f64"},
    {.call = "log1p(bool[true])", .refused = "must be f32 or f64"},
    {0}};

#define WG_OVER WG_OVER_REALS
#include "tape/instances.h"

const wg_op wg_op_log1p = {WG_LINE(log1p), .kind = WG_ELEMENTWISE, .slope = slope, .kernel = kernels, .samples = samples};
#else

static int64_t FN(kernel)(const wg_args *a, int64_t lo, int64_t hi)
{
    const T *x = a->in[0];
    T *y = a->out;
    for (int64_t i = lo; i < hi; i++) y[i] = M(log1p)(x[i]);
    return -1;
}
#endif

/* reciprocal(x) = 1 / x; d/dx = -1 / x^2. At 0: inf, derivative -inf. */
#ifndef WG_KERNEL_PART
#include "tape/op.h"

static wg_tensor slope(const wg_rule *r, int i)
{
    (void)i;
    return wg_neg(wg_square(r->out));
}

static const wg_sample samples[] = {
    {.call = "reciprocal([-0.5, 1, 4])", .value = "[-2, 1, 0.25]", .grad = "[-4, -1, -0.0625]"},
    {.call = "reciprocal([0, -0.0, inf, -inf, nan])", .value = "[inf, -inf, 0, -0.0, nan]", .grad = "[-inf, -inf, -0.0, -0.0, nan]",
     .kink = true},
    {.call = "reciprocal(-2.5)", .value = "-0.4", .grad = "-0.16000000000000003"},
    {.call = "reciprocal(+[4, 5])"},
    {.call = "reciprocal(f64[0, 3]())", .value = "f64[0, 3]()", .grad = "f64[0, 3]()"},
    {.call = "reciprocal(i64[1, 2])", .refused = "must be f32 or f64"},
    {.call = "reciprocal(bool[true])", .refused = "must be f32 or f64"},
    {0}};

#define WG_OVER WG_OVER_REALS
#include "tape/instances.h"

const wg_op wg_op_reciprocal = {WG_LINE(reciprocal), .kind = WG_ELEMENTWISE, .slope = slope, .kernel = kernels, .samples = samples};
#else

static int64_t FN(kernel)(const wg_args *a, int64_t lo, int64_t hi)
{
    const T *x = a->in[0];
    T *y = a->out;
    for (int64_t i = lo; i < hi; i++) y[i] = 1 / x[i];
    return -1;
}
#endif

/* expm1(x) = e^x - 1, exact near 0, where e^x would lose the digits; d/dx = e^x. */
#ifndef WG_KERNEL_PART
#include "tape/op.h"

static wg_tensor slope(const wg_rule *r, int i)
{
    return wg_exp(r->in[i]);
}

static const wg_sample samples[] = {
    {.call = "expm1([-1, 0.25, 1e-10, 3])", .value = "[-0.6321205588285577, 0.2840254166877415, 1.00000000005e-10, 19.085536923187668]",
     .grad = "[0.36787944117144233, 1.2840254166877414, 1.0000000001, 20.085536923187668]"},
    {.call = "expm1([1000, -1000])", .value = "[inf, -1]", .grad = "[inf, 0]", .kink = true},
    {.call = "expm1([inf, -inf, nan])", .value = "[inf, -1, nan]", .grad = "[inf, 0, nan]", .kink = true},
    {.call = "expm1(0.625)", .value = "0.8682459574322224", .grad = "1.8682459574322223"},
    {.call = "expm1(~[4, 5])"},
    {.call = "expm1(f64[0, 3]())", .value = "f64[0, 3]()", .grad = "f64[0, 3]()"},
    {.call = "expm1(i64[1, 2])", .refused = "must be f32 or f64"},
    {.call = "expm1(bool[true])", .refused = "must be f32 or f64"},
    {0}};

#define WG_OVER WG_OVER_REALS
#include "tape/instances.h"

const wg_op wg_op_expm1 = {WG_LINE(expm1), .kind = WG_ELEMENTWISE, .slope = slope, .kernel = kernels, .samples = samples};
#else

static int64_t FN(kernel)(const wg_args *a, int64_t lo, int64_t hi)
{
    const T *x = a->in[0];
    T *y = a->out;
    for (int64_t i = lo; i < hi; i++) y[i] = M(expm1)(x[i]);
    return -1;
}
#endif

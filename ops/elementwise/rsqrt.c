/* rsqrt(x) = 1 / sqrt(x); d/dx = -y^3 / 2. At 0: inf, derivative -inf (of -0 the opposite); NaN below 0, both value and
 * derivative. */
#ifndef WG_KERNEL_PART
#include "tape/op.h"

static wg_tensor slope(const wg_rule *r, int i)
{
    (void)i;
    return wg_mul(wg_num(-0.5), wg_mul(wg_square(r->out), r->out));
}

static const wg_sample samples[] = {
    {.call = "rsqrt([0.25, 1, 2, 9])", .value = "[2, 1, 0.7071067811865475, 0.3333333333333333]",
     .grad = "[-4, -0.5, -0.17677669529663684, -0.018518518518518517]"},
    {.call = "rsqrt([0, -0.0, -1])", .value = "[inf, -inf, nan]", .grad = "[-inf, inf, nan]", .kink = true},
    {.call = "rsqrt([inf, -inf, nan])", .value = "[0, nan, nan]", .grad = "[-0.0, nan, nan]", .kink = true},
    {.call = "rsqrt(6.25)", .value = "0.4", .grad = "-0.03200000000000001"},
    {.call = "rsqrt(+[4, 5])"},
    {.call = "rsqrt(f64[3, 0]())", .value = "f64[3, 0]()", .grad = "f64[3, 0]()"},
    {.call = "rsqrt(i64[1, 2])", .refused = "must be f32 or f64"},
    {.call = "rsqrt(bool[true])", .refused = "must be f32 or f64"},
    {0}};

#define WG_OVER WG_OVER_REALS
#include "tape/instances.h"

const wg_op wg_op_rsqrt = {WG_LINE(rsqrt), .kind = WG_ELEMENTWISE, .slope = slope, .kernel = kernels, .samples = samples};
#else

static int64_t FN(kernel)(const wg_args *a, int64_t lo, int64_t hi)
{
    const T *x = a->in[0];
    T *y = a->out;
    for (int64_t i = lo; i < hi; i++) y[i] = M(rsqrt)(x[i]);
    return -1;
}
#endif

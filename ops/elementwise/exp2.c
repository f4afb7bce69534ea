/* exp2(x) = 2^x; d/dx = 2^x ln 2. exp2(-inf) = 0, exp2(inf) = inf; whole powers are exact. */
#ifndef WG_KERNEL_PART
#include "tape/op.h"

static wg_tensor slope(const wg_rule *r, int i)
{
    (void)i;
    return wg_mul(r->out, wg_num(0.69314718055994530942));
}

static const wg_sample samples[] = {
    {.call = "exp2([-1, 0, 0.5, 3])", .value = "[0.5, 1, 1.4142135623730951, 8]",
     .grad = "[0.34657359027997264, 0.6931471805599453, 0.9802581434685472, 5.545177444479562]"},
    {.call = "exp2([1100, -1100])", .value = "[inf, 0]", .grad = "[inf, 0]", .kink = true},
    {.call = "exp2([inf, -inf, nan])", .value = "[inf, 0, nan]", .grad = "[inf, 0, nan]", .kink = true},
    {.call = "exp2(0.625)", .value = "1.5422108254079407", .grad = "1.06897908546054"},
    {.call = "exp2(~[4, 5])"},
    {.call = "exp2(f64[0, 3]())", .value = "f64[0, 3]()", .grad = "f64[0, 3]()"},
    {.call = "exp2(i64[1, 2])", .refused = "must be f32 or f64"},
    {.call = "exp2(bool[true])", .refused = "must be f32 or f64"},
    {0}};

#define WG_OVER WG_OVER_REALS
#include "tape/instances.h"

const wg_op wg_op_exp2 = {WG_LINE(exp2), .kind = WG_ELEMENTWISE, .slope = slope, .kernel = kernels, .samples = samples};
#else

static int64_t FN(kernel)(const wg_args *a, int64_t lo, int64_t hi)
{
    const T *x = a->in[0];
    T *y = a->out;
    for (int64_t i = lo; i < hi; i++) y[i] = M(exp2)(x[i]);
    return -1;
}
#endif

/* exp(x) = e^x, its own derivative. Overflows to inf, underflows to 0, derivatives with it. */
#ifndef WG_KERNEL_PART
#include "tape/op.h"

static wg_tensor slope(const wg_rule *r, int i)
{
    (void)i;
    return r->out;
}

static const wg_sample samples[] = {
    {.call = "exp([-1, 0, 1, 2.5])", .value = "[0.36787944117144233, 1, 2.718281828459045, 12.182493960703473]",
     .grad = "[0.36787944117144233, 1, 2.718281828459045, 12.182493960703473]"},
    {.call = "exp([1000, -1000])", .value = "[inf, 0]", .grad = "[inf, 0]", .kink = true},
    {.call = "exp([inf, -inf, nan, -0.0])", .value = "[inf, 0, nan, 1]", .grad = "[inf, 0, nan, 1]", .kink = true},
    {.call = "exp(0.5)", .value = "1.6487212707001282", .grad = "1.6487212707001282"},
    {.call = "exp(~[2, 3])"},
    {.call = "exp(f64[0, 3]())", .value = "f64[0, 3]()", .grad = "f64[0, 3]()"},
    {.call = "exp(i64[1, 2])", .refused = "must be f32 or f64"},
    {.call = "exp(bool[true])", .refused = "must be f32 or f64"},
    {0}};

#define WG_OVER WG_OVER_REALS
#include "tape/instances.h"

const wg_op wg_op_exp = {WG_LINE(exp), .kind = WG_ELEMENTWISE, .slope = slope, .kernel = kernels, .samples = samples};
#else

static int64_t FN(kernel)(const wg_args *a, int64_t lo, int64_t hi)
{
    const T *x = a->in[0];
    T *y = a->out;
    for (int64_t i = lo; i < hi; i++) y[i] = M(exp)(x[i]);
    return -1;
}
#endif

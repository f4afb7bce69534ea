/* sqrt(x), the square root; d/dx = 1 / (2 sqrt(x)): inf at 0; NaN below 0, both value and derivative. */
#ifndef WG_KERNEL_PART
#include "tape/op.h"

static wg_tensor slope(const wg_rule *r, int i)
{
    (void)i;
    return wg_div(wg_num(0.5), r->out);
}

static const wg_sample samples[] = {
    {.call = "sqrt([0.25, 1, 2, 9])", .value = "[0.5, 1, 1.4142135623730951, 3]",
     .grad = "[1, 0.5, 0.35355339059327373, 0.16666666666666666]"},
    {.call = "sqrt([0, -1, 4])", .value = "[0, nan, 2]", .grad = "[inf, nan, 0.25]", .kink = true},
    {.call = "sqrt([inf, -inf, nan])", .value = "[inf, nan, nan]", .grad = "[0, nan, nan]", .kink = true},
    {.call = "sqrt(6.25)", .value = "2.5", .grad = "0.2"},
    {.call = "sqrt(+[4, 5])"},
    {.call = "sqrt(f64[3, 0]())", .value = "f64[3, 0]()", .grad = "f64[3, 0]()"},
    {.call = "sqrt(i64[1, 2])", .refused = "must be f32 or f64"},
    {.call = "sqrt(bool[true])", .refused = "must be f32 or f64"},
    {0}};

#define WG_OVER WG_OVER_REALS
#include "tape/instances.h"

const wg_op wg_op_sqrt = {WG_LINE(sqrt), .kind = WG_ELEMENTWISE, .slope = slope, .kernel = kernels, .samples = samples};
#else

static int64_t FN(kernel)(const wg_args *a, int64_t lo, int64_t hi)
{
    const T *x = a->in[0];
    T *y = a->out;
    for (int64_t i = lo; i < hi; i++) y[i] = M(sqrt)(x[i]);
    return -1;
}
#endif

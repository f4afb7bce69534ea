/* softsign(x) = x / (1 + |x|); d/dx = 1 / (1 + |x|)^2, also at 0. Turian, Bergstra and Bengio 2009. softsign(+-inf) is NaN, as in
 * torch; the derivative there is 0. */
#ifndef WG_KERNEL_PART
#include "tape/op.h"

static wg_tensor slope(const wg_rule *r, int i)
{
    return wg_reciprocal(wg_square(wg_add(wg_abs(r->in[i]), wg_num(1))));
}

static const wg_sample samples[] = {
    {"softsign([-3, -0.5, 0.25, 1])", .value = "[-0.75, -0.3333333333333333, 0.2, 0.5]",
     .grad = "[0.0625, 0.4444444444444444, 0.64, 0.25]"},
    {"softsign([0])", .value = "[0]", .grad = "[1]", .kink = true},
    {"softsign([-inf, inf, nan])", .value = "[nan, nan, nan]", .grad = "[0, 0, nan]", .kink = true},
    {"softsign(~[2, 3])"},
    {"softsign(f64[0, 3]())", .value = "f64[0, 3]()"},
    {"softsign(i64[1, 2])", .refused = "must be f32 or f64"},
    {0}};

#define WG_OVER WG_OVER_REALS
#include "tape/instances.h"

const wg_op wg_op_softsign = {WG_LINE(softsign), .kind = WG_ELEMENTWISE, .slope = slope, .kernel = kernels, .samples = samples};
#else

static int64_t FN(kernel)(const wg_args *a, int64_t lo, int64_t hi)
{
    const T *x = a->in[0];
    T *y = a->out;
    for (int64_t i = lo; i < hi; i++) y[i] = x[i] / (C(1) + M(abs)(x[i]));
    return -1;
}
#endif

/* acos(x), the angle in 0..pi whose cosine is x; d/dx = -1 / sqrt(1 - x^2): -inf at +-1, NaN beyond, as the value. */
#ifndef WG_KERNEL_PART
#include "tape/op.h"

static wg_tensor slope(const wg_rule *r, int i)
{
    return wg_neg(wg_rsqrt(wg_sub(wg_num(1), wg_square(r->in[i]))));
}

static const wg_sample samples[] = {
    {.call = "acos([-0.75, 0.125, 0.5, 0.9])", .value = "[2.4188584057763776, 1.4454684956268313, 1.0471975511965976, 0.45102681179626236]",
     .grad = "[-1.5118578920369088, -1.0079052613579391, -1.1547005383792517, -2.294157338705618]"},
    {.call = "acos([1, -1, 2])", .value = "[0, 3.141592653589793, nan]", .grad = "[-inf, -inf, nan]", .kink = true},
    {.call = "acos([inf, nan])", .value = "[nan, nan]", .grad = "[nan, nan]", .kink = true},
    {.call = "acos(0.625)", .value = "0.895664793857865", .grad = "-1.281025230440697"},
    {.call = "acos(f64[0, 3]())", .value = "f64[0, 3]()", .grad = "f64[0, 3]()"},
    {.call = "acos(i64[1, 2])", .refused = "must be f32 or f64"},
    {.call = "acos(bool[true])", .refused = "must be f32 or f64"},
    {0}};

#define WG_OVER WG_OVER_REALS
#include "tape/instances.h"

const wg_op wg_op_acos = {WG_LINE(acos), .kind = WG_ELEMENTWISE, .slope = slope, .kernel = kernels, .samples = samples};
#else

static int64_t FN(kernel)(const wg_args *a, int64_t lo, int64_t hi)
{
    const T *x = a->in[0];
    T *y = a->out;
    for (int64_t i = lo; i < hi; i++) y[i] = M(acos)(x[i]);
    return -1;
}
#endif

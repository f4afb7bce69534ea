/* abs(x) = |x|; d/dx = sign(x), so 0 at the kink, and at NaN, as torch has it. Integers wrap: abs of the smallest is itself. */
#ifndef WG_KERNEL_PART
#include "tape/op.h"

static wg_tensor slope(const wg_rule *r, int i)
{
    return wg_sign(r->in[i]);
}

static const wg_sample samples[] = {
    {.call = "abs([-1.5, 0.25, 3])", .value = "[1.5, 0.25, 3]", .grad = "[-1, 1, 1]"},
    {.call = "abs([0, -0.0, nan])", .value = "[0, 0, nan]", .grad = "[0, 0, 0]", .kink = true},
    {.call = "abs([inf, -inf])", .value = "[inf, inf]", .grad = "[1, -1]", .kink = true},
    {.call = "abs(i64[5, -7, 0, -9223372036854775808])", .value = "i64[5, 7, 0, -9223372036854775808]"},
    {.call = "abs(i32[-5, 7])", .value = "i64[5, 7]"},
    {.call = "abs(-2.5)", .value = "2.5", .grad = "-1"},
    {.call = "abs(~[20])"},
    {.call = "abs(f64[1, 0, 3]())", .value = "f64[1, 0, 3]()", .grad = "f64[1, 0, 3]()"},
    {.call = "abs(bool[true, false])", .refused = "must be f32, f64 or i64"},
    {0}};

#define WG_OVER WG_OVER_NUMBERS
#include "tape/instances.h"

const wg_op wg_op_abs = {WG_LINE(abs), .kind = WG_ELEMENTWISE, .takes = WG_NUMBERS, .slope = slope, .kernel = kernels, .samples = samples};
#else

static int64_t FN(kernel)(const wg_args *a, int64_t lo, int64_t hi)
{
    const T *x = a->in[0];
    T *y = a->out;
    for (int64_t i = lo; i < hi; i++) y[i] = M(abs)(x[i]);
    return -1;
}
#endif

/* neg(x) = -x; d/dx = -1. Integers wrap: the smallest is its own opposite. */
#ifndef WG_KERNEL_PART
#include "tape/op.h"

static wg_tensor slope(const wg_rule *r, int i)
{
    (void)r, (void)i;
    return wg_num(-1);
}

static const wg_sample samples[] = {
    {.call = "neg([[-1.5, 0.25], [3, -4]])", .value = "[[1.5, -0.25], [-3, 4]]", .grad = "[[-1, -1], [-1, -1]]"},
    {.call = "neg([0, -0.0, inf, -inf, nan])", .value = "[-0.0, 0, -inf, inf, nan]", .grad = "[-1, -1, -1, -1, -1]", .kink = true},
    {.call = "neg(i64[5, -7, 0, -9223372036854775808])", .value = "i64[-5, 7, 0, -9223372036854775808]"},
    {.call = "neg(u8[3, 0])", .value = "i64[-3, 0]"},
    {.call = "neg(2.5)", .value = "-2.5", .grad = "-1"},
    {.call = "neg(~[3, 4])"},
    {.call = "neg(f64[0, 3]())", .value = "f64[0, 3]()", .grad = "f64[0, 3]()"},
    {.call = "neg(bool[true, false])", .refused = "must be f32, f64 or i64"},
    {0}};

#define WG_OVER WG_OVER_NUMBERS
#include "tape/instances.h"

const wg_op wg_op_neg = {WG_LINE(neg), .kind = WG_ELEMENTWISE, .takes = WG_NUMBERS, .slope = slope, .kernel = kernels, .samples = samples};
#else

static int64_t FN(kernel)(const wg_args *a, int64_t lo, int64_t hi)
{
    const T *x = a->in[0];
    T *y = a->out;
    for (int64_t i = lo; i < hi; i++) y[i] = M(neg)(x[i]);
    return -1;
}
#endif

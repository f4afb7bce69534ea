/* sign(x): -1, 0 or 1, and 0 for NaN, as torch has it; its derivative is 0 everywhere. */
#ifndef WG_KERNEL_PART
#include "tape/op.h"

static const wg_sample samples[] = {
    {.call = "sign([-1.5, 0.25, 3])", .value = "[-1, 1, 1]", .grad = "[0, 0, 0]"},
    {.call = "sign([0, -0.0, nan, inf, -inf])", .value = "[0, 0, 0, 1, -1]", .grad = "[0, 0, 0, 0, 0]", .kink = true},
    {.call = "sign(i64[5, -7, 0, -9223372036854775808])", .value = "i64[1, -1, 0, -1]"},
    {.call = "sign(-2.5)", .value = "-1", .grad = "0"},
    {.call = "sign(+[2, 3])"},
    {.call = "sign(f64[0]())", .value = "f64[0]()", .grad = "f64[0]()"},
    {.call = "sign(bool[true, false])", .refused = "must be f32, f64 or i64"},
    {0}};

#define WG_OVER WG_OVER_NUMBERS
#include "tape/instances.h"

const wg_op wg_op_sign = {WG_LINE(sign), .kind = WG_ELEMENTWISE, .takes = WG_NUMBERS, .constant = true,
                          .kernel = kernels, .samples = samples};
#else

static int64_t FN(kernel)(const wg_args *a, int64_t lo, int64_t hi)
{
    const T *x = a->in[0];
    T *y = a->out;
    for (int64_t i = lo; i < hi; i++) y[i] = (T)((x[i] > 0) - (x[i] < 0));
    return -1;
}
#endif

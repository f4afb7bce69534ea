/* tanh(x); d/dx = 1 - tanh(x)^2. Saturates to -1 and 1, where the derivative is 0. */
#ifndef WG_KERNEL_PART
#include "tape/op.h"

static wg_tensor slope(const wg_rule *r, int i)
{
    (void)i;
    return wg_sub(wg_num(1), wg_square(r->out));
}

static const wg_sample samples[] = {
    {.call = "tanh([-1, 0, 0.5, 2.5])", .value = "[-0.7615941559557649, 0, 0.46211715726000974, 0.9866142981514303]",
     .grad = "[0.41997434161402614, 1, 0.7864477329659274, 0.02659222668316057]"},
    {.call = "tanh([1000, -1000])", .value = "[1, -1]", .grad = "[0, 0]", .kink = true},
    {.call = "tanh([inf, -inf, nan, -0.0])", .value = "[1, -1, nan, -0.0]", .grad = "[0, 0, nan, 1]", .kink = true},
    {.call = "tanh(0.25)", .value = "0.24491866240370913", .grad = "0.940014848806378"},
    {.call = "tanh(~[2, 3])"},
    {.call = "tanh(f64[0, 3]())", .value = "f64[0, 3]()", .grad = "f64[0, 3]()"},
    {.call = "tanh(i64[1, 2])", .refused = "must be f32 or f64"},
    {.call = "tanh(bool[true])", .refused = "must be f32 or f64"},
    {0}};

#define WG_OVER WG_OVER_REALS
#include "tape/instances.h"

const wg_op wg_op_tanh = {WG_LINE(tanh), .kind = WG_ELEMENTWISE, .slope = slope, .kernel = kernels, .samples = samples};
#else

static int64_t FN(kernel)(const wg_args *a, int64_t lo, int64_t hi)
{
    const T *x = a->in[0];
    T *y = a->out;
    for (int64_t i = lo; i < hi; i++) y[i] = M(tanh)(x[i]);
    return -1;
}
#endif

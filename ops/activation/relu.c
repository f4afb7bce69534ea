/* relu(x) = max(x, 0); d/dx = 1 above 0, 0 at and below it, 1 at NaN, which stays (as torch has it). The slope selects,
 * so that an infinite cotangent does not make NaN of a 0. Fukushima 1969; Nair and Hinton 2010. */
#ifndef WG_KERNEL_PART
#include "tape/op.h"

static wg_tensor slope(const wg_rule *r, int i)
{
    (void)i;
    /* never negative, so this is out > 0, or NaN */
    return wg_ne(r->out, wg_num(0));
}

static const wg_sample samples[] = {
    {.call = "relu([[-1.5, 0.25], [3, -4]])", .value = "[[0, 0.25], [3, 0]]", .grad = "[[0, 1], [1, 0]]"},
    {.call = "relu([0, -0.0, nan, -inf, inf])", .value = "[0, -0.0, nan, 0, inf]", .grad = "[0, 0, 1, 0, 1]", .kink = true},
    {.call = "relu(-2.5)", .value = "0", .grad = "0"},
    {.call = "relu(~[20])"},
    {.call = "relu(f64[0, 3]())", .value = "f64[0, 3]()", .grad = "f64[0, 3]()"},
    {.call = "relu(i64[1, 2])", .refused = "must be f32 or f64"},
    {.call = "relu(bool[true])", .refused = "must be f32 or f64"},
    {0}};

#define WG_OVER WG_OVER_REALS
#include "tape/instances.h"

const wg_op wg_op_relu = {WG_LINE(relu), .kind = WG_ELEMENTWISE, .slope = slope, .kernel = kernels, .samples = samples};
#else

static int64_t FN(kernel)(const wg_args *a, int64_t lo, int64_t hi)
{
    const T *x = a->in[0];
    T *y = a->out;
    for (int64_t i = lo; i < hi; i++) y[i] = x[i] < 0 ? 0 : x[i];
    return -1;
}
#endif

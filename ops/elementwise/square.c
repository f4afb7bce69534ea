/* square(x) = x x; d/dx = 2 x. Integers wrap. */
#ifndef WG_KERNEL_PART
#include "tape/op.h"

static wg_tensor slope(const wg_rule *r, int i)
{
    return wg_mul(wg_num(2), r->in[i]);
}

static const wg_sample samples[] = {
    {.call = "square([-1.5, 0.25, 0, 3])", .value = "[2.25, 0.0625, 0, 9]", .grad = "[-3, 0.5, 0, 6]"},
    {.call = "square([inf, -inf, nan])", .value = "[inf, inf, nan]", .grad = "[inf, -inf, nan]", .kink = true},
    {.call = "square(i64[5, -7, 4294967296])", .value = "i64[25, 49, 0]"},
    {.call = "square(-2.5)", .value = "6.25", .grad = "-5"},
    {.call = "square(~[3, 1, 2])"},
    {.call = "square(f64[0, 3]())", .value = "f64[0, 3]()", .grad = "f64[0, 3]()"},
    {.call = "square(bool[true, false])", .refused = "must be f32, f64 or i64"},
    {0}};

#define WG_OVER WG_OVER_NUMBERS
#include "tape/instances.h"

const wg_op wg_op_square = {WG_LINE(square), .kind = WG_ELEMENTWISE, .takes = WG_NUMBERS, .slope = slope,
                            .kernel = kernels, .samples = samples};
#else

static int64_t FN(kernel)(const wg_args *a, int64_t lo, int64_t hi)
{
    const T *x = a->in[0];
    T *y = a->out;
    for (int64_t i = lo; i < hi; i++) y[i] = M(mul)(x[i], x[i]);
    return -1;
}
#endif

/* sub(a, b) = a - b, with NumPy's broadcasting; the derivative is 1 for a, -1 for b. Integers wrap. */
#ifndef WG_KERNEL_PART
#include "tape/op.h"

static wg_tensor slope(const wg_rule *r, int i)
{
    (void)r;
    return wg_num(i ? -1 : 1);
}

static const wg_sample samples[] = {
    {.call = "sub([[1, 2], [3, 4]], [0.5, -0.5])", .value = "[[0.5, 2.5], [2.5, 4.5]]", .grad = "[[1, 1], [1, 1]]; [-2, -2]"},
    {.call = "sub([inf, nan, 1], [inf, 1, inf])", .value = "[nan, nan, -inf]", .grad = "[1, 1, 1]; [-1, -1, -1]", .kink = true},
    {.call = "sub(i64[1, -9223372036854775808], i64[2, 1])", .value = "i64[-1, 9223372036854775807]"},
    {.call = "sub(u8[0], u8[1])", .value = "i64[-1]"},
    {.call = "sub(1, [1, 2.5])", .value = "[0, -1.5]"},
    {.call = "sub(~[3, 1, 2], ~[1, 3, 2])"},
    {.call = "sub(~[3, 2], ~[2])"},
    {.call = "sub([1], f64[0]())", .value = "f64[0]()", .grad = "[0]; f64[0]()"},
    {.call = "sub([1, 2], [1, 2, 3])", .refused = "do not broadcast"},
    {.call = "sub([1, 2], f32[1, 2])", .refused = "cast one to the other's dtype"},
    {.call = "sub(bool[true], bool[true])", .refused = "must be f32, f64 or i64"},
    {0}};

#define WG_OVER WG_OVER_NUMBERS
#include "tape/instances.h"

const wg_op wg_op_sub = {WG_LINE(sub), .kind = WG_ELEMENTWISE, .takes = WG_NUMBERS, .slope = slope, .kernel = kernels, .samples = samples};
#else

static int64_t FN(kernel)(const wg_args *a, int64_t lo, int64_t hi)
{
    const T *x = a->in[0], *z = a->in[1];
    T *y = a->out;
    for (int64_t i = lo; i < hi; i++) y[i] = M(sub)(x[i], z[i]);
    return -1;
}
#endif

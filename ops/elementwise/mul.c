/* mul(a, b) = a b, with NumPy's broadcasting; the derivative for each is the other. Integers wrap. */
#ifndef WG_KERNEL_PART
#include "tape/op.h"

static wg_tensor slope(const wg_rule *r, int i)
{
    return r->in[1 - i];
}

static const wg_sample samples[] = {
    {.call = "mul([[1, 2], [3, 4]], [0.5, -0.5])", .value = "[[0.5, -1], [1.5, -2]]", .grad = "[[0.5, -0.5], [0.5, -0.5]]; [4, 6]"},
    {.call = "mul([inf, nan, 0], [0, 1, -2])", .value = "[nan, nan, -0.0]", .grad = "[0, 1, -2]; [inf, nan, 0]", .kink = true},
    {.call = "mul(i64[3, 4611686018427387904], i64[-5, 2])", .value = "i64[-15, -9223372036854775808]"},
    {.call = "mul(u8[200], u8[2])", .value = "i64[400]"},
    {.call = "mul([1, 2], 0.5)", .value = "[0.5, 1]"},
    {.call = "mul(~[3, 1, 2], ~[1, 3, 2])"},
    {.call = "mul(~[1], ~[2, 3])"},
    {.call = "mul([1], f64[0]())", .value = "f64[0]()", .grad = "[0]; f64[0]()"},
    {.call = "mul(f64[0, 3](), [1, 2, 3])", .value = "f64[0, 3]()", .grad = "f64[0, 3](); [0, 0, 0]"},
    {.call = "mul([1, 2], [1, 2, 3])", .refused = "do not broadcast"},
    {.call = "mul([1, 2], f32[1, 2])", .refused = "cast one to the other's dtype"},
    {.call = "mul(bool[true], bool[true])", .refused = "must be f32, f64 or i64"},
    {0}};

#define WG_OVER WG_OVER_NUMBERS
#include "tape/instances.h"

const wg_op wg_op_mul = {WG_LINE(mul), .kind = WG_ELEMENTWISE, .takes = WG_NUMBERS, .slope = slope, .kernel = kernels, .samples = samples};
#else

static int64_t FN(kernel)(const wg_args *a, int64_t lo, int64_t hi)
{
    const T *x = a->in[0], *z = a->in[1];
    T *y = a->out;
    for (int64_t i = lo; i < hi; i++) y[i] = M(mul)(x[i], z[i]);
    return -1;
}
#endif

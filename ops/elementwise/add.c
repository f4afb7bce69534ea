/* add(a, b) = a + b, with NumPy's broadcasting; the derivative is 1 for both. Integers wrap. */
#ifndef WG_KERNEL_PART
#include "tape/op.h"

static wg_tensor slope(const wg_rule *r, int i)
{
    (void)r, (void)i;
    return wg_num(1);
}

static const wg_sample samples[] = {
    {.call = "add([[1, 2], [3, 4]], [0.5, -0.5])", .value = "[[1.5, 1.5], [3.5, 3.5]]", .grad = "[[1, 1], [1, 1]]; [2, 2]"},
    {.call = "add([inf, nan, 1], [-inf, 1, inf])", .value = "[nan, nan, inf]", .grad = "[1, 1, 1]; [1, 1, 1]", .kink = true},
    {.call = "add(i64[1, 9223372036854775807], i64[2, 1])", .value = "i64[3, -9223372036854775808]"},
    {.call = "add(u8[255], u8[1])", .value = "i64[256]"},
    {.call = "add([1, 2], 0.5)", .value = "[1.5, 2.5]"},
    {.call = "add(~[3, 1, 2], ~[1, 3, 2])"},
    {.call = "add(~[2], ~[3, 2])"},
    {.call = "add([1], f64[0]())", .value = "f64[0]()", .grad = "[0]; f64[0]()"},
    {.call = "add(f64[0, 3](), [1, 2, 3])", .value = "f64[0, 3]()", .grad = "f64[0, 3](); [0, 0, 0]"},
    {.call = "add([[1], [2]], [[10, 20, 30]])", .value = "[[11, 21, 31], [12, 22, 32]]", .grad = "[[3], [3]]; [[2, 2, 2]]"},
    {.call = "add([1, 2], [1, 2, 3])", .refused = "do not broadcast"},
    {.call = "add([1, 2], f32[1, 2])", .refused = "cast one to the other's dtype"},
    {.call = "add(bool[true], bool[true])", .refused = "must be f32, f64 or i64"},
    {0}};

#define WG_OVER WG_OVER_NUMBERS
#include "tape/instances.h"

const wg_op wg_op_add = {WG_LINE(add), .kind = WG_ELEMENTWISE, .takes = WG_NUMBERS, .adds = true, .slope = slope, .kernel = kernels, .samples = samples};
#else

static int64_t FN(kernel)(const wg_args *a, int64_t lo, int64_t hi)
{
    const T *x = a->in[0], *z = a->in[1];
    T *y = a->out;
    for (int64_t i = lo; i < hi; i++) y[i] = M(add)(x[i], z[i]);
    return -1;
}
#endif

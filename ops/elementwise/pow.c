/* pow(a, b) = a^b, with NumPy's broadcasting. d/da = b a^(b-1), and 0 where b = 0 and a is 0 or NaN, since a^0 = 1;
 * d/db = a^b log(a), and 0 where a = 0 and b >= 0; below 0, where no other exponent has a value, it is NaN (as torch has it). */
#ifndef WG_KERNEL_PART
#include "tape/op.h"

static wg_tensor slope(const wg_rule *r, int i)
{
    wg_tensor a = r->in[0], b = r->in[1];
    if (i == 0) {
        wg_tensor flat = wg_where(wg_gt(wg_abs(a), wg_num(0)), wg_num(0), wg_eq(b, wg_num(0)));
        return wg_where(flat, wg_num(0), wg_mul(b, wg_pow(a, wg_sub(b, wg_num(1)))));
    }
    wg_tensor flat = wg_where(wg_eq(a, wg_num(0)), wg_ge(b, wg_num(0)), wg_num(0));
    return wg_where(flat, wg_num(0), wg_mul(r->out, wg_log(a)));
}

static const wg_sample samples[] = {
    {.call = "pow([0.5, 2, 3, 1], [2, 0.5, -1, 7])", .value = "[0.25, 1.4142135623730951, 0.3333333333333333, 1]",
     .grad = "[1, 0.3535533905932738, -0.1111111111111111, 7]; [-0.17328679513998632, 0.9802581434685472, 0.3662040962227032, 0]"},
    {.call = "pow([0, 0, -2, 2], [0, 2, 2, -1])", .value = "[1, 0, 4, 0.5]", .grad = "[0, 0, -4, -0.25]; [0, 0, nan, 0.34657359027997264]",
     .kink = true},
    {.call = "pow([0, nan, -3], [0, 0, 0])", .value = "[1, 1, 1]", .grad = "[0, 0, 0]; [0, nan, nan]", .kink = true},
    {.call = "pow([2, 0.5, 3], [0, 0, 0])", .value = "[1, 1, 1]", .grad = "[0, 0, 0]; [0.6931471805599453, -0.6931471805599453, 1.0986122886681098]"},
    {.call = "pow([0, -3, 0, 4], 2.0)", .value = "[0, 9, 0, 16]"},
    {.call = "pow([0, -1, 0], [0.5, 0.5, -1])", .value = "[0, nan, inf]", .grad = "[inf, nan, -inf]; [0, nan, -inf]", .kink = true},
    {.call = "pow([inf, -inf, 2, 0.5, nan], [2, 3, inf, inf, 1])", .value = "[inf, -inf, inf, 0, nan]", .kink = true},
    {.call = "pow(2.0, [1, 2, 3])", .value = "[2, 4, 8]"},
    {.call = "pow(+[3, 1, 2], ~[1, 3, 2])"},
    {.call = "pow(+[4], ~[3, 4])"},
    {.call = "pow([1], f64[0]())", .value = "f64[0]()", .grad = "[0]; f64[0]()"},
    {.call = "pow([1, 2], [1, 2, 3])", .refused = "do not broadcast"},
    {.call = "pow([1, 2], f32[1, 2])", .refused = "cast one to the other's dtype"},
    {.call = "pow(i64[2], i64[3])", .refused = "must be f32 or f64"},
    {0}};

#define WG_OVER WG_OVER_REALS
#include "tape/instances.h"

const wg_op wg_op_pow = {WG_LINE(pow), .kind = WG_ELEMENTWISE, .slope = slope, .kernel = kernels, .samples = samples};
#else

static int64_t FN(kernel)(const wg_args *a, int64_t lo, int64_t hi)
{
    const T *x = a->in[0], *z = a->in[1];
    T *y = a->out;
    for (int64_t i = lo; i < hi; i++) y[i] = M(pow)(x[i], z[i]);
    return -1;
}
#endif

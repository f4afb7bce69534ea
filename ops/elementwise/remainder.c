/* remainder(a, b), Python's remainder: a - n b with n the floor of a/b, so that it has b's sign, with NumPy's broadcasting. The
 * derivative is 1 for a, -n for b; where the value is NaN, so is b's. Beside b = inf an a below 0 gives inf, as in Python and
 * torch. An integer by 0 is an error of the run. A node of its own: the remainder is exact, where a - n b is not. */
#ifndef WG_KERNEL_PART
#include "ops/elementwise/whole.h"

/* n is that of fmod, or one less where the signs differ */
static wg_tensor slope(const wg_rule *r, int i)
{
    wg_tensor a = r->in[0], b = r->in[1], cut = wg_fmod(a, b), less = wg_cast(wg_ne(cut, r->out), wg_dtype_get(a));
    if (i == 0) return wg_num(1);
    return wg_sub(less, wg_round(wg_div(wg_sub(a, cut), b)));
}

/* values and gradients: PyTorch 1.13.1 in f64 */
static const wg_sample samples[] = {
    {.call = "remainder([5.5, -5.5, 5.5, -5.5], [2, 2, -2, -2])", .value = "[1.5, 0.5, -0.5, -1.5]",
     .grad = "[1, 1, 1, 1]; [-2, 3, 3, -2]"},
    {.call = "remainder([1, 0.3], [0.1, 0.1])", .value = "[0.09999999999999995, 0.09999999999999998]", .grad = "[1, 1]; [-9, -2]",
     .kink = true},
    {.call = "remainder([[7.25], [-2.5]], [0.75, -3, 4.5])", .value = "[[0.5, -1.75, 2.75], [0.5, -2.5, 2]]",
     .grad = "[[3], [3]]; [-5, 3, 0]"},
    {.call = "remainder([6, -6, 0, -0.0], [2, 2, 2, 2])", .value = "[0, -0.0, 0, -0.0]", .grad = "[1, 1, 1, 1]; [-3, 3, 0, 0]",
     .kink = true},
    {.call = "remainder([1, -1, 0, nan, 1], [0, 0, 0, 1, nan])", .value = "[nan, nan, nan, nan, nan]",
     .grad = "[1, 1, 1, 1, 1]; [nan, nan, nan, nan, nan]", .kink = true},
    {.call = "remainder([inf, -inf, 1, -1, -1], [1, 2, inf, inf, -inf])", .value = "[nan, nan, 1, inf, -1]",
     .grad = "[1, 1, 1, 1, 1]; [nan, nan, 0, 1, 0]", .kink = true},
    {.call = "remainder([1e+300, -1e+20], [3, 0.7])", .value = "[0, 0.0684307133907951]",
     .grad = "[1, 1]; [-3.3333333333333335e+299, 1.4285714285714286e+20]", .kink = true},
    {.call = "remainder(i64[7, -7, 7, -7, 0], i64[3, 3, -3, -3, 5])", .value = "i64[1, 2, -2, -1, 0]"},
    {.call = "remainder(i64[-9223372036854775808, 9223372036854775807], i64[-1, -9223372036854775808])", .value = "i64[0, -1]"},
    {.call = "remainder(i32[7, -7], i32[4, 4])", .value = "i64[3, 1]"},
    {.call = "remainder([7.5, -2.5], 2.0)", .value = "[1.5, 1.5]", .grad = "[1, 1]"},
    {.call = "remainder(7.5, [2, -2])", .value = "[1.5, -0.5]", .grad = "[-3, 4]"},
    {.call = "remainder(5.5, 2.0)", .value = "1.5", .grad = "1; -2"},
    {.call = "remainder([1.25, -0.5, 3.75, 9.5], [[1, 2.5, -0.75, 4]])", .value = "[[0.25, 2, 0, 1.5]]",
     .grad = "[1, 1, 1, 1]; [[-1, 1, 5, -2]]", .kink = true},
    {.call = "remainder([1], f64[0]())", .value = "f64[0]()", .grad = "[0]; f64[0]()"},
    {.call = "remainder(f64[2, 0](), f64[2, 1]())", .value = "f64[2, 0]()", .grad = "f64[2, 0](); [[0], [0]]"},
    {.call = "remainder([1, 2], [1, 2, 3])", .refused = "do not broadcast"},
    {.call = "remainder([1, 2], f32[1, 2])", .refused = "cast one to the other's dtype"},
    {.call = "remainder(bool[true], bool[true])", .refused = "must be f32, f64 or i64"},
    {.call = "remainder(i64[1, 2], i64[3, 0])", .refused = "integer division by zero at element 1"},
    {.call = "remainder([1])", .refused = "b is missing"},
    {.call = "remainder([1], [1]; axis=0)", .refused = "axis"},
    {0}};

#define WG_OVER WG_OVER_NUMBERS
#define WG_WITH_REMAINDERS
#include "tape/instances.h"

const wg_op wg_op_remainder = {WG_LINE(remainder), .kind = WG_ELEMENTWISE, .takes = WG_NUMBERS, .slope = slope, .explain = wg__explain_zero,
                               .fails = WG_INTEGERS, .kernel = kernels, .samples = samples};
#else
#include "ops/elementwise/whole.h"

static int64_t FN(kernel)(const wg_args *a, int64_t lo, int64_t hi) { return FN(remainders)(a, lo, hi, true); }
#endif

/* fmod(a, b), C's remainder: a - n b with n = a/b cut towards zero, so that it has a's sign, with NumPy's broadcasting. The
 * derivative is 1 for a, -n for b (torch: the n of the rounded a/b, which at times is another); where the value is NaN, so is
 * b's. An integer by 0 is an error of the run. A node of its own: the remainder is exact, where a - n b is not. */
#ifndef WG_KERNEL_PART
#include "ops/elementwise/whole.h"

static wg_tensor slope(const wg_rule *r, int i)
{
    if (i == 0) return wg_num(1);
    return wg_neg(wg_round(wg_div(wg_sub(r->in[0], r->out), r->in[1])));
}

/* values and gradients: PyTorch 1.13.1 in f64 */
static const wg_sample samples[] = {
    {.call = "fmod([5.5, -5.5, 5.5, -5.5], [2, 2, -2, -2])", .value = "[1.5, -1.5, 1.5, -1.5]", .grad = "[1, 1, 1, 1]; [-2, 2, 2, -2]"},
    {.call = "fmod([1, 0.3], [0.1, 0.1])", .value = "[0.09999999999999995, 0.09999999999999998]", .grad = "[1, 1]; [-9, -2]",
     .kink = true},
    {.call = "fmod([[7.25], [-2.5]], [0.75, -3, 4.5])", .value = "[[0.5, 1.25, 2.75], [-0.25, -2.5, -2.5]]",
     .grad = "[[3], [3]]; [-6, 2, -1]"},
    {.call = "fmod([6, -6, 0, -0.0], [2, 2, 2, 2])", .value = "[0, -0.0, 0, -0.0]", .grad = "[1, 1, 1, 1]; [-3, 3, 0, 0]", .kink = true},
    {.call = "fmod([1, -1, 0, nan, 1], [0, 0, 0, 1, nan])", .value = "[nan, nan, nan, nan, nan]",
     .grad = "[1, 1, 1, 1, 1]; [nan, nan, nan, nan, nan]", .kink = true},
    {.call = "fmod([inf, -inf, 1, -1, -1], [1, 2, inf, inf, -inf])", .value = "[nan, nan, 1, -1, -1]",
     .grad = "[1, 1, 1, 1, 1]; [nan, nan, 0, 0, 0]", .kink = true},
    {.call = "fmod([1e+300, -1e+20], [3, 0.7])", .value = "[0, -0.6315692866092049]",
     .grad = "[1, 1]; [-3.3333333333333335e+299, 1.4285714285714286e+20]", .kink = true},
    {.call = "fmod(i64[7, -7, 7, -7, 0], i64[3, 3, -3, -3, 5])", .value = "i64[1, -1, 1, -1, 0]"},
    {.call = "fmod(i64[-9223372036854775808, 9223372036854775807], i64[-1, -9223372036854775808])",
     .value = "i64[0, 9223372036854775807]"},
    {.call = "fmod(i32[7, -7], i32[4, 4])", .value = "i64[3, -3]"},
    {.call = "fmod([7.5, -2.5], 2.0)", .value = "[1.5, -0.5]", .grad = "[1, 1]"},
    {.call = "fmod(7.5, [2, -2])", .value = "[1.5, 1.5]", .grad = "[-3, 3]"},
    {.call = "fmod(5.5, 2.0)", .value = "1.5", .grad = "1; -2"},
    {.call = "fmod([1.25, -0.5, 3.75, 9.5], [[1, 2.5, -0.75, 4]])", .value = "[[0.25, -0.5, 0, 1.5]]",
     .grad = "[1, 1, 1, 1]; [[-1, 0, 5, -2]]", .kink = true},
    {.call = "fmod([1], f64[0]())", .value = "f64[0]()", .grad = "[0]; f64[0]()"},
    {.call = "fmod(f64[2, 0](), f64[2, 1]())", .value = "f64[2, 0]()", .grad = "f64[2, 0](); [[0], [0]]"},
    {.call = "fmod([1, 2], [1, 2, 3])", .refused = "do not broadcast"},
    {.call = "fmod([1, 2], f32[1, 2])", .refused = "cast one to the other's dtype"},
    {.call = "fmod(bool[true], bool[true])", .refused = "must be f32, f64 or i64"},
    {.call = "fmod(i64[1, 2], i64[3, 0])", .refused = "integer division by zero at element 1"},
    {.call = "fmod([1])", .refused = "b is missing"},
    {.call = "fmod([1], [1]; axis=0)", .refused = "axis"},
    {0}};

#define WG_OVER WG_OVER_NUMBERS
#define WG_WITH_REMAINDERS
#include "tape/instances.h"

const wg_op wg_op_fmod = {WG_LINE(fmod), .kind = WG_ELEMENTWISE, .takes = WG_NUMBERS, .slope = slope, .explain = wg__explain_zero,
                          .fails = WG_INTEGERS, .kernel = kernels, .samples = samples};
#else
#include "ops/elementwise/whole.h"

static int64_t FN(kernel)(const wg_args *a, int64_t lo, int64_t hi) { return FN(remainders)(a, lo, hi, false); }
#endif

/* div(a, b) = a / b, with NumPy's broadcasting; the derivative is 1/b for a, -a/b^2 for b. Reals divided by 0 give inf or NaN.
 * Integers are cut towards zero, as in C; the smallest by -1 wraps; by 0 is an error of the run. */
#ifndef WG_KERNEL_PART
#include "ops/elementwise/whole.h"

static wg_tensor slope(const wg_rule *r, int i)
{
    wg_tensor b = r->in[1];
    return i == 0 ? wg_reciprocal(b) : wg_neg(wg_div(r->out, b));
}

static const wg_sample samples[] = {
    {.call = "div([[1, 2], [3, 4]], [0.5, -0.25])", .value = "[[2, -8], [6, -16]]", .grad = "[[2, -4], [2, -4]]; [-16, -96]"},
    {.call = "div([0, 1, -1], [0, 0, 0])", .value = "[nan, inf, -inf]", .grad = "[inf, inf, inf]; [nan, -inf, inf]", .kink = true},
    {.call = "div([inf, 1, nan, inf], [2, inf, 1, inf])", .value = "[inf, 0, nan, nan]", .grad = "[0.5, 0, 1, 0]; [-inf, -0.0, nan, nan]",
     .kink = true},
    {.call = "div(i64[7, -7, 7, 0, -9223372036854775808], i64[2, 2, -2, 5, -1])", .value = "i64[3, -3, -3, 0, -9223372036854775808]"},
    {.call = "div(1, [2, -4])", .value = "[0.5, -0.25]"},
    {.call = "div(~[3, 1, 2], +[1, 3, 2])"},
    {.call = "div(~[1], +[2, 3])"},
    {.call = "div([1], f64[0]())", .value = "f64[0]()", .grad = "[0]; f64[0]()"},
    {.call = "div(i64[4, 1, 2, 3], i64[1, 2, 3, 0])", .refused = "integer division by zero at element 3"},
    {.call = "div([1, 2], [1, 2, 3])", .refused = "do not broadcast"},
    {.call = "div([1, 2], f32[1, 2])", .refused = "cast one to the other's dtype"},
    {.call = "div(bool[true], bool[true])", .refused = "must be f32, f64 or i64"},
    {0}};

#define WG_OVER WG_OVER_NUMBERS
#include "tape/instances.h"

const wg_op wg_op_div = {WG_LINE(div), .kind = WG_ELEMENTWISE, .takes = WG_NUMBERS, .slope = slope, .kernel = kernels,
                         .explain = wg__explain_zero, .fails = WG_INTEGERS, .samples = samples};
#else

static int64_t FN(kernel)(const wg_args *a, int64_t lo, int64_t hi)
{
    const T *x = a->in[0], *z = a->in[1];
    T *y = a->out;
    const bool whole = C(0.5) == 0;
    for (int64_t i = lo; whole && i < hi; i++) {
        if (z[i] == 0) return i;
        y[i] = z[i] == C(-1) ? M(neg)(x[i]) : x[i] / z[i];
    }
    for (int64_t i = lo; !whole && i < hi; i++) y[i] = x[i] / z[i];
    return -1;
}
#endif

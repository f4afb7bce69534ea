/* isfinite(x): whether x is neither NaN nor infinite; a bool, no derivative. Integers always are. By definition alone: less itself it
 * is 0. */
#include "tape/op.h"

static wg_tensor define(const wg_rule *r)
{
    return wg_eq(wg_sub(r->in[0], r->in[0]), wg_num(0)); /* inf - inf is NaN */
}

/* values and gradients: PyTorch 1.13.1 in f64 */
static const wg_sample samples[] = {
    {.call = "isfinite([1, nan, inf])", .value = "bool[true, false, false]"},
    {.call = "isfinite([-inf, 0, -0.0, 1e+300])", .value = "bool[false, true, true, true]"},
    {.call = "isfinite([[nan, 1], [inf, -inf]])", .value = "bool[[false, true], [false, false]]"},
    {.call = "isfinite(nan)", .value = "bool false"},
    {.call = "isfinite(2.5)", .value = "bool true"},
    {.call = "isfinite(i64[9223372036854775807, -9223372036854775808, 0])", .value = "bool[true, true, true]"},
    {.call = "isfinite(i32[1, -2])", .value = "bool[true, true]"},
    {.call = "isfinite(u8[0, 255])", .value = "bool[true, true]"},
    {.call = "isfinite(f64[0, 3]())", .value = "bool[0, 3]()"},
    {.call = "isfinite(f64[2, 0, 1]())", .value = "bool[2, 0, 1]()"},
    {.call = "isfinite(bool[true])", .refused = "must be f32, f64 or i64"},
    {.call = "isfinite([1], [2])", .refused = "isfinite"},
    {.call = "isfinite([1]; axis=0)", .refused = "axis"},
    {.call = "isfinite()", .refused = "isfinite"},
    {0}};

const wg_op wg_op_isfinite = {WG_LINE(isfinite), .kind = WG_ELEMENTWISE, .takes = WG_NUMBERS, .gives = WG_BOOL, .constant = true,
                              .define = define, .samples = samples};

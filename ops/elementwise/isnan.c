/* isnan(x): whether x is NaN; a bool, no derivative. Integers never are. By definition alone: it is unequal to itself. */
#include "tape/op.h"

static wg_tensor define(const wg_rule *r) { return wg_ne(r->in[0], r->in[0]); }

/* values and gradients: PyTorch 1.13.1 in f64 */
static const wg_sample samples[] = {
    {.call = "isnan([1, nan, inf])", .value = "bool[false, true, false]"},
    {.call = "isnan([-inf, 0, -0.0, 1e+300])", .value = "bool[false, false, false, false]"},
    {.call = "isnan([[nan, 1], [inf, -inf]])", .value = "bool[[true, false], [false, false]]"},
    {.call = "isnan(nan)", .value = "bool true"},
    {.call = "isnan(2.5)", .value = "bool false"},
    {.call = "isnan(i64[9223372036854775807, -9223372036854775808, 0])", .value = "bool[false, false, false]"},
    {.call = "isnan(i32[1, -2])", .value = "bool[false, false]"},
    {.call = "isnan(u8[0, 255])", .value = "bool[false, false]"},
    {.call = "isnan(f64[0, 3]())", .value = "bool[0, 3]()"},
    {.call = "isnan(f64[2, 0, 1]())", .value = "bool[2, 0, 1]()"},
    {.call = "isnan(bool[true])", .refused = "must be f32, f64 or i64"},
    {.call = "isnan([1], [2])", .refused = "isnan"},
    {.call = "isnan([1]; axis=0)", .refused = "axis"},
    {.call = "isnan()", .refused = "isnan"},
    {0}};

const wg_op wg_op_isnan = {WG_LINE(isnan), .kind = WG_ELEMENTWISE, .takes = WG_NUMBERS, .gives = WG_BOOL, .constant = true,
                           .define = define, .samples = samples};

/* isinf(x): whether x is inf or -inf; a bool, no derivative. Integers never are. By definition alone: it is not finite, and
 * equal to itself. */
#include "tape/op.h"

static wg_tensor define(const wg_rule *r) { return wg_logical_and(wg_logical_not(wg_isfinite(r->in[0])), wg_eq(r->in[0], r->in[0])); }

/* values and gradients: PyTorch 1.13.1 in f64 */
static const wg_sample samples[] = {
    {.call = "isinf([1, nan, inf])", .value = "bool[false, false, true]"},
    {.call = "isinf([-inf, 0, -0.0, 1e+300])", .value = "bool[true, false, false, false]"},
    {.call = "isinf([[nan, 1], [inf, -inf]])", .value = "bool[[false, false], [true, true]]"},
    {.call = "isinf(nan)", .value = "bool false"},
    {.call = "isinf(2.5)", .value = "bool false"},
    {.call = "isinf(i64[9223372036854775807, -9223372036854775808, 0])", .value = "bool[false, false, false]"},
    {.call = "isinf(i32[1, -2])", .value = "bool[false, false]"},
    {.call = "isinf(u8[0, 255])", .value = "bool[false, false]"},
    {.call = "isinf(f64[0, 3]())", .value = "bool[0, 3]()"},
    {.call = "isinf(f64[2, 0, 1]())", .value = "bool[2, 0, 1]()"},
    {.call = "isinf(bool[true])", .refused = "must be f32, f64 or i64"},
    {.call = "isinf([1], [2])", .refused = "isinf"},
    {.call = "isinf([1]; axis=0)", .refused = "axis"},
    {.call = "isinf()", .refused = "isinf"},
    {0}};

const wg_op wg_op_isinf = {WG_LINE(isinf), .kind = WG_ELEMENTWISE, .takes = WG_NUMBERS, .gives = WG_BOOL, .constant = true,
                           .define = define, .samples = samples};

/* stop_gradient(x): x's value, and no derivative: what depends on x through it does not, for every mode and order. */
#include "tape/op.h"

static bool view(const wg_work *w, const wg_layout *x, wg_layout *y, int64_t *offset)
{
    (void)w;
    *y = *x;
    *offset = 0;
    return true;
}

static const wg_sample samples[] = {
    {.call = "stop_gradient([1, 2])", .value = "[1, 2]", .grad = "[0, 0]", .kink = true},
    {.call = "stop_gradient(2.5)", .value = "2.5", .grad = "0", .kink = true},
    {.call = "stop_gradient([[nan, inf]])", .value = "[[nan, inf]]", .grad = "[[0, 0]]", .kink = true},
    {.call = "stop_gradient(f64[0, 3]())", .value = "f64[0, 3]()", .grad = "f64[0, 3]()", .kink = true},
    {.call = "stop_gradient(i64[9007199254740993])", .value = "i64[9007199254740993]"},
    {.call = "stop_gradient(bool[true, false])", .value = "bool[true, false]"},
    {.call = "stop_gradient()", .refused = "stop_gradient"},
    {.call = "stop_gradient([1], [2])", .refused = "stop_gradient"},
    {.call = "stop_gradient([1]; axis=0)", .refused = "axis"},
    {0}};

const wg_op wg_op_stop_gradient = {WG_LINE(stop_gradient), .kind = WG_VIEW, .takes = WG_EVERY, .constant = true, .view = view,
                                   .samples = samples};

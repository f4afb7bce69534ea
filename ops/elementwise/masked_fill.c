/* masked_fill(x, mask; value): value where mask, else x, with NumPy's broadcasting, as torch.masked_fill. The derivative goes
 * to the x that stay; the others' is 0 whatever they hold: it selects. x is of any dtype that can hold value. By definition
 * alone: it is a where. */
#include "tape/op.h"

static wg_tensor define(const wg_rule *r)
{
    const wg_masked_fill_options *o = r->attrs;
    return wg_where(r->in[1], wg_num(o->value), r->in[0]);
}

/* values and gradients: PyTorch 1.13.1 in f64 */
static const wg_sample samples[] = {
    {.call = "masked_fill([1, -2, 3], bool[true, false, true]; value=0.5)", .value = "[0.5, -2, 0.5]", .grad = "[0, 1, 0]"},
    {.call = "masked_fill([nan, 2, inf], bool[true, false, true]; value=0)", .value = "[0, 2, 0]", .grad = "[0, 1, 0]", .kink = true},
    {.call = "masked_fill([1, 2], bool[false, true]; value=-inf)", .value = "[1, -inf]", .grad = "[1, 0]", .kink = true},
    {.call = "masked_fill([1, 2], bool[false, true]; value=nan)", .value = "[1, nan]", .grad = "[1, 0]", .kink = true},
    {.call = "masked_fill([[1, 2], [3, 4]], bool[true, false]; value=-1)", .value = "[[-1, 2], [-1, 4]]", .grad = "[[0, 1], [0, 1]]"},
    {.call = "masked_fill([[1], [2]], bool[true, false, false]; value=7)", .value = "[[7, 1, 1], [7, 2, 2]]", .grad = "[[2], [2]]"},
    {.call = "masked_fill(i64[9007199254740993, 2], bool[false, true]; value=-5)", .value = "i64[9007199254740993, -5]"},
    {.call = "masked_fill(i32[1, 2], bool[true, false]; value=3)", .value = "i32[3, 2]"},
    {.call = "masked_fill(u8[1, 2], bool[true, false]; value=255)", .value = "u8[255, 2]"},
    {.call = "masked_fill(bool[true, false], bool[true, false]; value=0)", .value = "bool[false, false]"},
    {.call = "masked_fill(f64 2.5, bool true; value=1)", .value = "1", .grad = "0"},
    {.call = "masked_fill(~[3, 4], bool[true, false, false, true]; value=2)"},
    {.call = "masked_fill(~[3, 1], bool[[true, false]]; value=2)"},
    {.call = "masked_fill(f64[0, 3](), bool[true]; value=1)", .value = "f64[0, 3]()", .grad = "f64[0, 3]()"},
    {.call = "masked_fill([1, 2], bool[[true], [false]]; value=0)", .value = "[[0, 0], [1, 2]]", .grad = "[1, 1]"},
    {.call = "masked_fill([1, 2], [1, 0]; value=0)", .refused = "mask is f64[2], which must be bool"},
    {.call = "masked_fill([1, 2], i64[1, 0]; value=0)", .refused = "must be bool"},
    {.call = "masked_fill([1, 2], bool[true, false, true]; value=0)", .refused = "do not broadcast"},
    {.call = "masked_fill([1, 2], bool[true, false])", .refused = "value"},
    {.call = "masked_fill(i64[1, 2], bool[true, false]; value=2.5)", .refused = "the number 2.5 is not an i64"},
    {.call = "masked_fill([1]; value=1)", .refused = "mask is missing"},
    {0}};

const wg_op wg_op_masked_fill = {WG_LINE(masked_fill), .kind = WG_ELEMENTWISE, .takes = WG_EVERY, .bools = 2, .define = define,
                                 .samples = samples};

/* ones_like(x): 1 everywhere, in x's shape and dtype, as torch.ones_like. Only x's shape is read; no derivative. By definition
 * alone: one number, broadcast. */
#include "tape/op.h"

static bool shape(wg_call *c)
{
    c->dtype = c->in[0].dtype;
    return true;
}

static wg_tensor define(const wg_rule *r)
{
    return wg_expand_like(wg__number_of(r, 1, wg_dtype_get(r->in[0])), r->in[0]);
}

/* values and gradients: PyTorch 1.13.1 in f64 */
static const wg_sample samples[] = {
    {.call = "ones_like([1, -2, 3])", .value = "[1, 1, 1]"},
    {.call = "ones_like([nan, inf])", .value = "[1, 1]"},
    {.call = "ones_like([[1, 2], [3, 4]])", .value = "[[1, 1], [1, 1]]"},
    {.call = "ones_like(2.5)", .value = "1"},
    {.call = "ones_like(f32[1, 2])", .value = "f32[1, 1]"},
    {.call = "ones_like(i64[9007199254740993])", .value = "i64[1]"},
    {.call = "ones_like(i32[1, 2])", .value = "i32[1, 1]"},
    {.call = "ones_like(u8[[3]])", .value = "u8[[1]]"},
    {.call = "ones_like(bool[true, false])", .value = "bool[true, true]"},
    {.call = "ones_like(f64[0, 3]())", .value = "f64[0, 3]()"},
    {.call = "ones_like(i64[2, 0]())", .value = "i64[2, 0]()"},
    {.call = "ones_like(~[3, 4])"},
    {.call = "ones_like()", .refused = "ones_like"},
    {.call = "ones_like([1], [2])", .refused = "ones_like"},
    {.call = "ones_like([1]; dtype=f32)", .refused = "dtype"},
    {.call = "ones_like([1]; axis=0)", .refused = "axis"},
    {0}};

const wg_op wg_op_ones_like = {WG_LINE(ones_like), .kind = WG_BLOCK, .shape_only = 1, .shape = shape, .define = define, .constant = true,
                               .samples = samples};

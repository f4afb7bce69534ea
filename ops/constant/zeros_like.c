/* zeros_like(x): 0 everywhere, in x's shape and dtype, as torch.zeros_like. Only x's shape is read; no derivative. By
 * definition alone: one number, broadcast. */
#include "tape/op.h"

static bool shape(wg_call *c)
{
    c->dtype = c->in[0].dtype;
    return true;
}

static wg_tensor define(const wg_rule *r)
{
    return wg_expand_like(wg__number_of(r, 0, wg_dtype_get(r->in[0])), r->in[0]);
}

/* values and gradients: PyTorch 1.13.1 in f64 */
static const wg_sample samples[] = {
    {.call = "zeros_like([1, -2, 3])", .value = "[0, 0, 0]"},
    {.call = "zeros_like([nan, inf])", .value = "[0, 0]"},
    {.call = "zeros_like([[1, 2], [3, 4]])", .value = "[[0, 0], [0, 0]]"},
    {.call = "zeros_like(2.5)", .value = "0"},
    {.call = "zeros_like(f32[1, 2])", .value = "f32[0, 0]"},
    {.call = "zeros_like(i64[9007199254740993])", .value = "i64[0]"},
    {.call = "zeros_like(i32[1, 2])", .value = "i32[0, 0]"},
    {.call = "zeros_like(u8[[3]])", .value = "u8[[0]]"},
    {.call = "zeros_like(bool[true, false])", .value = "bool[false, false]"},
    {.call = "zeros_like(f64[0, 3]())", .value = "f64[0, 3]()"},
    {.call = "zeros_like(i64[2, 0]())", .value = "i64[2, 0]()"},
    {.call = "zeros_like(~[3, 4])"},
    {.call = "zeros_like()", .refused = "zeros_like"},
    {.call = "zeros_like([1], [2])", .refused = "zeros_like"},
    {.call = "zeros_like([1]; dtype=f32)", .refused = "dtype"},
    {.call = "zeros_like([1]; axis=0)", .refused = "axis"},
    {0}};

const wg_op wg_op_zeros_like = {WG_LINE(zeros_like), .kind = WG_BLOCK, .shape_only = 1, .shape = shape, .define = define,
                                .constant = true, .samples = samples};

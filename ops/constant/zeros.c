/* zeros(; shape, dtype): 0 everywhere, as torch.zeros. A letter in shape is a size known when run. */
#include "ops/constant/fill.h"

static bool shape(wg_call *c)
{
    const wg_zeros_options *o = c->attrs;
    return wg__fill_shape(c, o->shape, o->dtype);
}

static wg_tensor define(const wg_rule *r)
{
    const wg_zeros_options *o = r->attrs;
    return wg__fill(r, o->shape, o->dtype, 0);
}

static const wg_sample samples[] = {
    {.call = "zeros(; shape=[2, 3])", .value = "f32[[0, 0, 0], [0, 0, 0]]"},
    {.call = "zeros(; shape=[2], dtype=f64)", .value = "[0, 0]"},
    {.call = "zeros(; shape=[], dtype=f64)", .value = "0"},
    {.call = "zeros(; shape=[0, 2], dtype=f64)", .value = "f64[0, 2]()"},
    {.call = "zeros(; shape=[2], dtype=i64)", .value = "i64[0, 0]"},
    {.call = "zeros(; shape=[1, 1], dtype=i32)", .value = "i32[[0]]"},
    {.call = "zeros(; shape=[3], dtype=u8)", .value = "u8[0, 0, 0]"},
    {.call = "zeros(; shape=[1], dtype=bool)", .value = "bool[false]"},
    {.call = "zeros(; shape=[-1])", .refused = "size -1 of axis 0"},
    {.call = "zeros(; shape=[2, -1])", .refused = "size -1 of axis 1"},
    {.call = "zeros(; shape=[4611686018427387904, 4])", .refused = "more elements than memory can hold"},
    {0}};

const wg_op wg_op_zeros = {WG_LINE(zeros), .kind = WG_BLOCK, .shape = shape, .define = define, .constant = true, .samples = samples};

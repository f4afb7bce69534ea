/* ones(; shape, dtype): 1 everywhere, as torch.ones. A letter in shape is a size known when run. */
#include "ops/constant/fill.h"

static bool shape(wg_call *c)
{
    const wg_ones_options *o = c->attrs;
    return wg__fill_shape(c, o->shape, o->dtype);
}

static wg_tensor define(const wg_rule *r)
{
    const wg_ones_options *o = r->attrs;
    return wg__fill(r, o->shape, o->dtype, 1);
}

static const wg_sample samples[] = {
    {.call = "ones(; shape=[2, 3])", .value = "f32[[1, 1, 1], [1, 1, 1]]"},
    {.call = "ones(; shape=[2], dtype=f64)", .value = "[1, 1]"},
    {.call = "ones(; shape=[], dtype=f64)", .value = "1"},
    {.call = "ones(; shape=[0, 2], dtype=f64)", .value = "f64[0, 2]()"},
    {.call = "ones(; shape=[2], dtype=i64)", .value = "i64[1, 1]"},
    {.call = "ones(; shape=[1, 1], dtype=i32)", .value = "i32[[1]]"},
    {.call = "ones(; shape=[3], dtype=u8)", .value = "u8[1, 1, 1]"},
    {.call = "ones(; shape=[1], dtype=bool)", .value = "bool[true]"},
    {.call = "ones(; shape=[-1])", .refused = "size -1 of axis 0"},
    {.call = "ones(; shape=[2, -1])", .refused = "size -1 of axis 1"},
    {.call = "ones(; shape=[4611686018427387904, 4])", .refused = "more elements than memory can hold"},
    {0}};

const wg_op wg_op_ones = {WG_LINE(ones), .kind = WG_BLOCK, .shape = shape, .define = define, .constant = true, .samples = samples};

/* full(; shape, value, dtype): value everywhere, as torch.full. An integer dtype takes an integer that it can hold. */
#include "ops/constant/fill.h"

static bool holds(wg_dtype d, double value)
{
    double low = d == WG_I64   ? -0x1p63
                 : d == WG_I32 ? -0x1p31
                               : 0,
           high = d == WG_I64   ? 0x1p63
                  : d == WG_I32 ? 0x1p31
                  : d == WG_U8  ? 256
                                : 2;
    return wg_dtype_real(d) || wg_dtype_half(d) || (value >= low && value < high && trunc(value) >= value && trunc(value) <= value);
}

static bool shape(wg_call *c)
{
    const wg_full_options *o = c->attrs;
    if (!holds(o->dtype, o->value)) return wg__refuse(c, "%s cannot hold %g", wg_dtype_name(o->dtype), o->value);
    return wg__fill_shape(c, o->shape, o->dtype);
}

static wg_tensor define(const wg_rule *r)
{
    const wg_full_options *o = r->attrs;
    return wg__fill(r, o->shape, o->dtype, o->value);
}

static const wg_sample samples[] = {
    {.call = "full(; shape=[2, 2], value=1.5)", .value = "f32[[1.5, 1.5], [1.5, 1.5]]"},
    {.call = "full(; shape=[2], value=0.1, dtype=f64)", .value = "[0.1, 0.1]"},
    {.call = "full(; shape=[], value=-inf, dtype=f64)", .value = "-inf"},
    {.call = "full(; shape=[1], value=nan, dtype=f64)", .value = "[nan]"},
    {.call = "full(; shape=[0], value=3, dtype=f64)", .value = "f64[0]()"},
    {.call = "full(; shape=[2], value=-7, dtype=i64)", .value = "i64[-7, -7]"},
    {.call = "full(; shape=[1], value=255, dtype=u8)", .value = "u8[255]"},
    {.call = "full(; shape=[1], value=1, dtype=bool)", .value = "bool[true]"},
    {.call = "full(; shape=[1], value=2.5, dtype=i64)", .refused = "i64 cannot hold 2.5"},
    {.call = "full(; shape=[1], value=256, dtype=u8)", .refused = "u8 cannot hold 256"},
    {.call = "full(; shape=[1], value=nan, dtype=i32)", .refused = "i32 cannot hold nan"},
    {.call = "full(; shape=[-1], value=1)", .refused = "size -1 of axis 0"},
    {0}};

const wg_op wg_op_full = {WG_LINE(full), .kind = WG_BLOCK, .shape = shape, .define = define, .constant = true, .samples = samples};

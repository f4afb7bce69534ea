/* mean(x; axes, keepdim) = sum(x) / size(x) along axes. Of bool: the share of true, as f32. Of nothing: NaN. */
#include "tape/op.h"

static bool shape(wg_call *c)
{
    const wg_mean_options *o = c->attrs;
    uint32_t mask;
    if (!wg__axes(c, &o->axes, c->shape.rank, &mask)) return false;
    wg__drop_axes(&c->shape, mask, o->keepdim);
    if (c->dtype == WG_BOOL) c->dtype = WG_F32;
    return true;
}

static wg_tensor define(const wg_rule *r)
{
    const wg_mean_options *o = r->attrs;
    wg_tensor x = r->in[0];
    if (wg_dtype_get(x) == WG_BOOL) x = wg_cast(x, WG_F32);
    return wg_div(wg_sum(x, .axes = o->axes, .keepdim = o->keepdim), wg_size(x, .axes = o->axes));
}

static const wg_sample samples[] = {
    {.call = "mean([[1, 2, 3], [4, 5, 6]])", .value = "3.5",
     .grad = "[[0.16666666666666666, 0.16666666666666666, 0.16666666666666666], [0.16666666666666666, 0.16666666666666666, 0.16666666666666666]]"},
    {.call = "mean([[1, 2, 3], [4, 5, 6]]; axes=[0])", .value = "[2.5, 3.5, 4.5]"},
    {.call = "mean([[1, 2, 3], [4, 5, 6]]; axes=[-1], keepdim=true)", .value = "[[2], [5]]"},
    {.call = "mean(bool[true, false, true, true])", .value = "f32 0.75"},
    {.call = "mean(f64[0]())", .value = "nan", .grad = "f64[0]()", .kink = true},
    {.call = "mean(f64[0, 3](); axes=[0])", .value = "[nan, nan, nan]", .kink = true},
    {.call = "mean(f64[0, 3](); axes=[1])", .value = "f64[0]()"},
    {.call = "mean(2.5; axes=[-1])", .value = "2.5", .grad = "1"},
    {.call = "mean([1, nan])", .value = "nan", .grad = "[0.5, 0.5]", .kink = true},
    {.call = "mean(~[3, 2, 4]; axes=[0, -1])"},
    {.call = "mean(~[20, 33]; axes=[0])"},
    {.call = "mean([[1]]; axes=[])", .refused = "axes=[]"},
    {.call = "mean([[1]]; axes=[0, -2])", .refused = "appears twice"},
    {.call = "mean([[1]]; axes=[2])", .refused = "axis 2 is out of range for rank 2"},
    {.call = "mean(i64[1, 2])", .refused = "cast it"},
    {0}};

const wg_op wg_op_mean = {WG_LINE(mean), .kind = WG_BLOCK, .takes = WG_REALS | WG_BOOLS, .shape = shape, .define = define,
                          .samples = samples};

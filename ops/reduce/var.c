/* var(x; axes, correction, keepdim) = sum (x - mean)^2 / (n - correction), as torch.var: correction=1 is unbiased. f32 values far from 0
 * keep their digits. Of one element, unbiased, and of nothing: NaN; of constants 0. By definition alone: moments does the work. */
#include "ops/reduce/along.h"

static bool shape(wg_call *c)
{
    const wg_var_options *o = c->attrs;
    return wg__along(c, &o->axes, o->keepdim, NULL);
}

static wg_tensor define(const wg_rule *r)
{
    const wg_var_options *o = r->attrs;
    wg_tensor squares = wg_squeeze(wg_slice(wg_moments(r->in[0], .axes = o->axes), 0, .start = 2), .axes = WG_INTS(0));
    wg_tensor n = wg_size(r->in[0], .axes = o->axes);
    if (o->correction != 0) n = wg_maximum(wg_sub(n, wg_num(o->correction)), wg_num(0));
    wg_tensor y = wg_div(squares, n);
    if (!o->keepdim) return y;
    wg_ints all = o->axes; /* a scalar has no axis to put back */
    for (int rank = wg_shape_get(r->in[0]).rank; o->axes.n == 0 && all.n < rank; all.n++) all.v[all.n] = all.n;
    return wg_shape_get(r->in[0]).rank ? wg_unsqueeze(y, all) : y;
}

static const wg_sample samples[] = {
    {.call = "var([1, 2, 4])", .value = "2.3333333333333335", .grad = "[-1.3333333333333333, -0.3333333333333333, 1.6666666666666667]"},
    {.call = "var([1, 2, 4]; correction=0)", .value = "1.5555555555555556",
     .grad = "[-0.8888888888888888, -0.2222222222222222, 1.1111111111111112]"},
    {.call = "var([[1, 2, 4], [0, 0, 3]]; axes=[1], keepdim=true)", .value = "[[2.3333333333333335], [3]]"},
    {.call = "var([[1, 2], [3, 5]]; axes=[-2])", .value = "[2, 4.5]", .grad = "[[-2, -3], [2, 3]]"},
    {.call = "var([1, 2, 4]; correction=2)", .value = "4.666666666666667"},
    {.call = "var([1, 2, 4]; correction=5)", .value = "inf", .kink = true},
    {.call = "var([5])", .value = "nan", .grad = "[nan]", .kink = true},
    {.call = "var([5]; correction=0)", .value = "0", .grad = "[0]"},
    {.call = "var([3, 3, 3])", .value = "0", .grad = "[0, 0, 0]"},
    {.call = "var([100000000, 100000008])", .value = "32", .grad = "[-8, 8]"},
    {.call = "var(f64[0]())", .value = "nan", .grad = "f64[0]()", .kink = true},
    {.call = "var([1, inf])", .value = "nan", .grad = "[nan, nan]", .kink = true},
    {.call = "var(~[3, 2, 4]; axes=[0, -1])"},
    {.call = "var(~[20, 7]; axes=[0], correction=0)"},
    {.call = "var([[1]]; axes=[])", .refused = "axes=[]"},
    {.call = "var([[1]]; axes=[0, -2])", .refused = "appears twice"},
    {.call = "var([[1]]; axes=[2])", .refused = "axis 2 is out of range for rank 2"},
    {.call = "var(i64[1, 2])", .refused = "must be f32 or f64"},
    {0}};

const wg_op wg_op_var = {WG_LINE(var), .kind = WG_BLOCK, .shape = shape, .define = define, .samples = samples};

/* clamp(x; min, max): x cut to min..max; where min > max, max. d/dx = 1 from bound to bound, both included, else 0; 0 at NaN,
 * which stays (as torch has it). The slope selects. Of integers: the integers between the bounds. */
#ifndef WG_KERNEL_PART
#include "tape/op.h"

static bool shape(wg_call *c)
{
    const wg_clamp_options *o = c->attrs;
    return (!isnan(o->min) && !isnan(o->max)) || wg__refuse(c, "a bound is nan");
}

static wg_tensor slope(const wg_rule *r, int i)
{
    const wg_clamp_options *o = r->attrs;
    wg_tensor x = r->in[i], below = wg_le(x, wg_num(o->max));
    return o->min == -(double)INFINITY ? below : wg_where(wg_ge(x, wg_num(o->min)), below, wg_num(0));
}

/* a whole number in i64's range */
static int64_t bound(double v)
{
    return v >= 0x1p63 ? INT64_MAX : v < -0x1p63 ? INT64_MIN : (int64_t)v;
}

static const wg_sample samples[] = {
    {.call = "clamp([-1.5, 0.25, 0.75, 3]; min=0, max=1)", .value = "[0, 0.25, 0.75, 1]", .grad = "[0, 1, 1, 0]"},
    {.call = "clamp([0, 1, 0.5, 2, nan]; min=0, max=1)", .value = "[0, 1, 0.5, 1, nan]", .grad = "[1, 1, 1, 0, 0]", .kink = true},
    {.call = "clamp([0, 1.5, 3]; min=2, max=1)", .value = "[1, 1, 1]", .grad = "[0, 0, 0]", .kink = true},
    {.call = "clamp([-1.5, 0.25]; min=0)", .value = "[0, 0.25]", .grad = "[0, 1]"},
    {.call = "clamp([-1.5, 0.25]; max=0)", .value = "[-1.5, 0]", .grad = "[1, 0]"},
    {.call = "clamp([inf, -inf]; min=-2, max=2)", .value = "[2, -2]", .grad = "[0, 0]", .kink = true},
    {.call = "clamp(i64[-5, 0, 7]; min=-2.5, max=3.5)", .value = "i64[-2, 0, 3]"},
    {.call = "clamp(i64[-9223372036854775808, 9223372036854775807])", .value = "i64[-9223372036854775808, 9223372036854775807]"},
    {.call = "clamp(2.5; max=1)", .value = "1", .grad = "0"},
    {.call = "clamp(~[3, 4]; min=-0.5, max=0.5)"},
    {.call = "clamp(f64[0, 3](); min=0)", .value = "f64[0, 3]()", .grad = "f64[0, 3]()"},
    {.call = "clamp([1]; min=nan)", .refused = "a bound is nan"},
    {.call = "clamp(bool[true]; min=0)", .refused = "must be f32, f64 or i64"},
    {0}};

#define WG_OVER WG_OVER_NUMBERS
#include "tape/instances.h"

const wg_op wg_op_clamp = {WG_LINE(clamp), .kind = WG_ELEMENTWISE, .takes = WG_NUMBERS, .shape = shape, .slope = slope,
                           .kernel = kernels, .samples = samples};
#else

static int64_t FN(kernel)(const wg_args *a, int64_t lo, int64_t hi)
{
    const wg_clamp_options *o = a->attrs;
    const bool whole = C(0.5) == 0;
    const T low = whole ? (T)bound(ceil(o->min)) : C(o->min), top = whole ? (T)bound(floor(o->max)) : C(o->max), *x = a->in[0];
    T *y = a->out;
    for (int64_t i = lo; i < hi; i++) {
        T v = x[i] < low ? low : x[i];
        y[i] = v > top ? top : v;
    }
    return -1;
}
#endif

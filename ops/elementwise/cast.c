/* cast(x; dtype): x in another dtype. Between reals the derivative passes; from or to anything else it is 0. Reals become
 * integers towards zero, those out of range the nearest there is, NaN 0; integers that do not fit wrap; bool is x != 0, and
 * from bool come 0 and 1. */
#ifndef WG_KERNEL_PART
#include "tape/op.h"

static bool shape(wg_call *c)
{
    const wg_cast_options *o = c->attrs;
    c->dtype = o->dtype;
    return true;
}

static wg_tensor vjp(const wg_rule *r, wg_tensor g, int i)
{
    return wg_cast(g, wg_dtype_get(r->in[i]));
}

/* towards zero, within low..high; what casting to integers would leave undefined */
static int64_t whole(double x, int64_t low, int64_t high)
{
    if (x != x) return 0;
    return x <= (double)low ? low : x >= (double)high ? high : (int64_t)x;
}

static const wg_sample samples[] = {
    {.call = "cast([-1.5, 0.25, 3]; dtype=f32)", .value = "f32[-1.5, 0.25, 3]", .grad = "[1, 1, 1]"},
    {.call = "cast([-1.5, 0.75, 3]; dtype=f64)", .value = "[-1.5, 0.75, 3]", .grad = "[1, 1, 1]"},
    {.call = "cast([0.1, nan, inf, 1e-60]; dtype=f32)", .value = "f32[0.10000000149011612, nan, inf, 0]", .grad = "[1, 1, 1, 1]",
     .kink = true},
    {.call = "cast([-1.75, 1.75, nan, inf, -inf, 1e10]; dtype=i32)", .value = "i32[-1, 1, 0, 2147483647, -2147483648, 2147483647]"},
    {.call = "cast([-1.75, 1e300, -inf, 4294967296.5]; dtype=i64)",
     .value = "i64[-1, 9223372036854775807, -9223372036854775808, 4294967296]"},
    {.call = "cast([-1.75, 1.75, 300, nan]; dtype=u8)", .value = "u8[0, 1, 255, 0]"},
    {.call = "cast([0, -0.0, 0.5, nan]; dtype=bool)", .value = "bool[false, false, true, true]"},
    {.call = "cast(i64[0, -1, 4294967297]; dtype=i32)", .value = "i32[0, -1, 1]"},
    {.call = "cast(i64[9007199254740993, -3]; dtype=f64)", .value = "[9007199254740992, -3]"},
    {.call = "cast(bool[true, false]; dtype=f64)", .value = "[1, 0]"},
    {.call = "cast(u8[255, 7]; dtype=i32)", .value = "i32[255, 7]"},
    {.call = "cast(2.5; dtype=i64)", .value = "i64 2"},
    {.call = "cast(f64[0, 3](); dtype=bool)", .value = "bool[0, 3]()"},
    {.call = "cast(~[2, 3]; dtype=f64)"},
    {.call = "cast([1]; dtype=f16)", .refused = "is no dtype"},
    {0}};

#define WG_OVER WG_OVER_EVERY
#include "tape/instances.h"

const wg_op wg_op_cast = {WG_LINE(cast), .kind = WG_ELEMENTWISE, .takes = WG_EVERY, .shape = shape, .linear = 1, .vjp = vjp,
                          .kernel = kernels, .samples = samples};
#else

#ifndef WG_EACH
#define WG_EACH(OUT, value)                                                                                                               \
    {                                                                                                                                     \
        OUT *y = a->out;                                                                                                                  \
        for (int64_t i = lo; i < hi; i++) y[i] = (OUT)(value);                                                                            \
        break;                                                                                                                            \
    }
#endif

static int64_t FN(kernel)(const wg_args *a, int64_t lo, int64_t hi)
{
    const T *x = a->in[0];
    const bool real = C(0.5) != 0;
    switch (a->dtype[1]) {
    case WG_F32: WG_EACH(float, x[i])
    case WG_F64: WG_EACH(double, x[i])
    case WG_I64: WG_EACH(int64_t, real ? whole((double)x[i], INT64_MIN, INT64_MAX) : (int64_t)x[i])
    case WG_I32: WG_EACH(int32_t, real ? whole((double)x[i], INT32_MIN, INT32_MAX) : (int64_t)x[i])
    case WG_U8: WG_EACH(uint8_t, real ? whole((double)x[i], 0, UINT8_MAX) : (int64_t)x[i])
    case WG_BOOL: WG_EACH(uint8_t, x[i] != 0)
    }
    return -1;
}
#endif

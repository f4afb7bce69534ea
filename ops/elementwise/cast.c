/* cast(x; dtype): x in another dtype. Between reals the derivative passes (in f32 where x or the result is bf16 or f16); from
 * or to anything else it is 0. To f32, bf16 and f16 it rounds to the nearest, ties to even, once, from whatever x is; a NaN stays
 * one, quiet, with its sign and the first bits of its payload. Reals become integers towards zero, those out of range the nearest
 * there is, NaN 0; integers that do not fit wrap; bool is x != 0, and from bool come 0 and 1. */
#ifndef WG_KERNEL_PART
#include "base/half.h"
#include "tape/op.h"

static bool shape(wg_call *c)
{
    const wg_cast_options *o = c->attrs;
    c->dtype = o->dtype;
    return true;
}

static wg_tensor vjp(const wg_rule *r, wg_tensor g, int i)
{
    return wg_cast(g, wg__derived(wg_dtype_get(r->in[i])));
}

static wg_tensor jvp(const wg_rule *r, const wg_tensor *dx)
{
    return wg_cast(dx[0], wg__derived(wg_dtype_get(r->out)));
}

/* towards zero, within low..high; what casting to integers would leave undefined */
static int64_t whole(double x, int64_t low, int64_t high)
{
    if (x != x) return 0;
    return x <= (double)low ? low : x >= (double)high ? high : (int64_t)x;
}

static inline float itself(float x) { return x; }

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
    {.call = "cast([1, 0.1, -0.0, 1.00390625, 1.01171875, 1e39, nan, 5e-41]; dtype=bf16)",
     .value = "bf16[1, 0.10009765625, -0.0, 1, 1.015625, inf, nan, 9.18354961579912e-41]"},
    {.call = "cast([1, 0.1, -0.0, 65519.99, 65520, -inf, nan, 2e-8, 4e-8]; dtype=f16)",
     .value = "f16[1, 0.0999755859375, -0.0, 65504, inf, -inf, nan, 0, 5.960464477539063e-08]"},
    {.call = "cast([1.0004882812500002, 1.00048828125, 1.0014648437499998]; dtype=f16)", .value = "f16[1.0009765625, 1, 1.0009765625]"},
    {.call = "cast(i64[4629700416936869889, 4629700416936869888, -4629700416936869889, -9223372036854775807]; dtype=bf16)",
     .value = "bf16[4647714815446351872, 4611686018427387904, -4647714815446351872, -9223372036854775808]"},
    {.call = "cast(i32[65504, 65520, -2049]; dtype=f16)", .value = "f16[65504, inf, -2048]"},
    {.call = "cast(bool[true, false]; dtype=bf16)", .value = "bf16[1, 0]"},
    {.call = "cast(bf16[-1.5, 3e38, nan]; dtype=i64)", .value = "i64[-1, 9223372036854775807, 0]"},
    {.call = "cast(bf16[-1.5, 0, 256]; dtype=u8)", .value = "u8[0, 0, 255]"},
    {.call = "cast(f16[0.5, 0, nan, -2]; dtype=bool)", .value = "bool[true, false, true, true]"},
    {.call = "cast(f16[-1.5, 65504, 6e-8]; dtype=f64)", .value = "[-1.5, 65504, 5.960464477539063e-08]"},
    {.call = "cast(bf16[70000, -1.5, 1e-30]; dtype=f16)", .value = "f16[inf, -1.5, 0]"},
    {.call = "cast(f16[1.0009765625, 65504, -inf]; dtype=bf16)", .value = "bf16[1, 65536, -inf]"},
    {.call = "cast([1]; dtype=f8)", .refused = "is no dtype"},
    {0}};

#define WG_OVER WG_OVER_EVERY
#include "tape/instances.h"

const wg_op wg_op_cast = {WG_LINE(cast), .kind = WG_ELEMENTWISE, .takes = WG_EVERY, .shape = shape, .vjp = vjp, .jvp = jvp,
                          .kernel = kernels, .samples = samples};
#else

/* x: one value, a number. To float without rounding twice: see half.h. */
#ifndef WG_EACH
#define WG_EACH(OUT, value)                                                                                                               \
    {                                                                                                                                     \
        OUT *y = a->out;                                                                                                                  \
        for (int64_t i = lo; i < hi; i++) y[i] = (OUT)(value);                                                                            \
        break;                                                                                                                            \
    }
#define WG_NARROW(x) _Generic((x), float: itself, double: wg__odd, default: wg__odd_of_whole)(x)
#define WG_CASES(x, real)                                                                                                                 \
    switch (a->dtype[1]) {                                                                                                                \
    case WG_F32: WG_EACH(float, x)                                                                                                        \
    case WG_F64: WG_EACH(double, x)                                                                                                       \
    case WG_I64: WG_EACH(int64_t, real ? whole((double)(x), INT64_MIN, INT64_MAX) : (int64_t)(x))                                         \
    case WG_I32: WG_EACH(int32_t, real ? whole((double)(x), INT32_MIN, INT32_MAX) : (int64_t)(x))                                         \
    case WG_U8: WG_EACH(uint8_t, real ? whole((double)(x), 0, UINT8_MAX) : (int64_t)(x))                                                  \
    case WG_BOOL: WG_EACH(uint8_t, (x) != 0)                                                                                              \
    case WG_BF16: WG_EACH(uint16_t, wg__to_bf16(WG_NARROW(x)))                                                                            \
    case WG_F16: WG_EACH(uint16_t, wg__to_f16(WG_NARROW(x)))                                                                              \
    }
#endif

static int64_t FN(kernel)(const wg_args *a, int64_t lo, int64_t hi)
{
    const T *x = a->in[0];
#if defined HALF_BITS
    if (a->dtype[0] == WG_BF16) WG_CASES(wg__from_bf16(x[i]), true)
    else WG_CASES(wg__from_f16(x[i]), true)
#else
    const bool real = C(0.5) != 0;
    WG_CASES(x[i], real)
#endif
    return -1;
}
#endif

/* kernelmath_f32.h -- part of kernelmath.h: f32 functions computed in f32.
 *
 * Polynomials are minimax (Remez exchange in 113 bits), highest power first. Reductions split a constant in two, the
 * first with so few bits that its product with the integer is exact without fma (Cody and Waite, Software Manual for
 * the Elementary Functions, 1980). */

WG_INLINE float WG_K32(add)(float a, float b) { return a + b; }

WG_INLINE float WG_K32(sub)(float a, float b) { return a - b; }

WG_INLINE float WG_K32(mul)(float a, float b) { return a * b; }

WG_INLINE float WG_K32(neg)(float a) { return -a; }

WG_INLINE float WG_K32(abs)(float x) { return __builtin_fabsf(x); }

WG_INLINE float WG_K32(copysign)(float x, float y) { return __builtin_copysignf(x, y); }

WG_INLINE float WG_K32(sign)(float x)
{
    float y = x > 0 ? 1 : x;
    return x < 0 ? -1 : y;
}

WG_INLINE float WG_K32(min)(float a, float b) { return ((a < b) | (a != a)) ? a : b; }

WG_INLINE float WG_K32(max)(float a, float b) { return ((a > b) | (a != a)) ? a : b; }

WG_INLINE bool WG_K32(isnan)(float x) { return x != x; }

WG_INLINE bool WG_K32(isinf)(float x) { return WG_K32(abs)(x) == (float)INFINITY; }

WG_INLINE bool WG_K32(isfinite)(float x) { return WG_K32(abs)(x) < (float)INFINITY; }

WG_INLINE float WG_K32(fma)(float a, float b, float c)
{
#if defined WG_FMA_HERE
    return __builtin_fmaf(a, b, c);
#else
    return a * b + c;
#endif
}

WG_INLINE float WG_K32(sqrt)(float x) { return __builtin_sqrtf(x); }

WG_INLINE float WG_K32(rsqrt)(float x) { return 1 / __builtin_sqrtf(x); }

WG_INLINE float WG_K32(reciprocal)(float x) { return 1 / x; }

/* The base set has no rounding instruction: there it is the sum with 2^23 of the sign of x, which only wants |x| below
   2^23; the sign is put back for the zeros. */
WG_INLINE float WG_K32(round)(float x)
{
#if defined WG_FMA_HERE
    return __builtin_rintf(x);
#else
    float m = WG_K32(copysign)(0x1p23f, x), y = WG_K32(copysign)((x + m) - m, x);
    return WG_K32(abs)(x) < 0x1p23f ? y : x;
#endif
}

WG_INLINE float WG_K32(floor)(float x)
{
#if defined WG_FMA_HERE
    return __builtin_floorf(x);
#else
    float y = WG_K32(round)(x);
    return y - (y > x ? 1.0f : 0.0f);
#endif
}

WG_INLINE float WG_K32(ceil)(float x)
{
#if defined WG_FMA_HERE
    return __builtin_ceilf(x);
#else
    float y = WG_K32(round)(x);
    return WG_K32(copysign)(y + (y < x ? 1.0f : 0.0f), x);
#endif
}

WG_INLINE float WG_K32(trunc)(float x)
{
#if defined WG_FMA_HERE
    return __builtin_truncf(x);
#else
    return WG_K32(copysign)(WG_K32(floor)(WG_K32(abs)(x)), x);
#endif
}

/* ---- exponentials ------------------------------------------------------------------------------------------------ */

/* (exp(r) - 1 - r) / r^2 for |r| <= log(2) / 2 */
WG_INLINE float WG_K32(exp_tail_)(float r)
{
    float q = 0x1.a17ebp-13f;
    q = WG_K32(fma)(q, r, 0x1.6d43b2p-10f);
    q = WG_K32(fma)(q, r, 0x1.1110acp-7f);
    q = WG_K32(fma)(q, r, 0x1.5554e8p-5f);
    q = WG_K32(fma)(q, r, 0x1.555556p-3f);
    return WG_K32(fma)(q, r, 0x1p-1f);
}

/* p * 2^n, n the integer in the low bits of t; in two factors, so that p * 2^n may be subnormal or infinite. */
WG_INLINE float WG_K32(scale_)(float p, float t)
{
    uint32_t n = wg__bits32(t), half = n >> 1;
    return p * wg__float((half + 127) << 23) * wg__float((n - half + 127) << 23);
}

/* What the sum 1 + r loses of r is added with the rest: that keeps the error at 0.7 ulp. */
WG_INLINE float WG_K32(exp)(float x)
{
    float c = x < -104.0f ? -104.0f : x;
    c = c > 89.0f ? 89.0f : c;
    float t = WG_K32(fma)(c, 0x1.715476p+0f, WG_ROUNDER32), n = t - WG_ROUNDER32;
    float r = WG_K32(fma)(n, 0x1.bd0106p-13f, WG_K32(fma)(n, -0x1.63p-1f, c));
    float s = 1.0f + r, p = s + WG_K32(fma)(r * r, WG_K32(exp_tail_)(r), r - (s - 1.0f));
    return WG_K32(scale_)(p, t);
}

WG_INLINE float WG_K32(exp2)(float x)
{
    float c = x < -151.0f ? -151.0f : x;
    c = c > 129.0f ? 129.0f : c;
    float t = c + WG_ROUNDER32, r = c - (t - WG_ROUNDER32);
    float q = 0x1.00dc4ep-16f;
    q = WG_K32(fma)(q, r, 0x1.444004p-13f);
    q = WG_K32(fma)(q, r, 0x1.5d874cp-10f);
    q = WG_K32(fma)(q, r, 0x1.3b2a1cp-7f);
    q = WG_K32(fma)(q, r, 0x1.c6b08ep-5f);
    q = WG_K32(fma)(q, r, 0x1.ebfbep-3f);
    q = WG_K32(fma)(q, r, 0x1.62e43p-1f);
    return WG_K32(scale_)(WG_K32(fma)(q, r, 1.0f), t);
}

/* 2^n (exp(r) - 1) + (2^n - 1), through half of it, which does not overflow before the result does. */
WG_INLINE float WG_K32(expm1)(float x)
{
    float c = x < -20.0f ? -20.0f : x;
    c = c > 89.0f ? 89.0f : c;
    float t = WG_K32(fma)(c, 0x1.715476p+0f, WG_ROUNDER32), n = t - WG_ROUNDER32;
    float hi = WG_K32(fma)(n, -0x1.63p-1f, c), lo = n * 0x1.bd0106p-13f;
    float r = hi + lo;
    lo = lo - (r - hi); /* what the sum lost */
    float p = WG_K32(fma)(r * r, WG_K32(exp_tail_)(r), lo);
    float half = wg__float((wg__bits32(t) + 126) << 23);
    float y = WG_K32(fma)(half, r, half - 0.5f);
    y = WG_K32(fma)(half, p, y) * 2.0f;
    y = WG_K32(abs)(x) < 0x1p-13f ? WG_K32(fma)(0.5f * x, x, x) : y;
    return WG_K32(copysign)(y, x);
}

/* ---- logarithms -------------------------------------------------------------------------------------------------- */

/* x = 2^e (1 + f), 1 + f in sqrt(1/2)..sqrt(2), for x > 0 finite */
WG_INLINE void WG_K32(split_)(float x, float *e, float *f)
{
    bool small = x < FLT_MIN;
    uint32_t u = wg__bits32(small ? x * 0x1p23f : x), d = u - 0x3f3504f3u;
    *e = (float)((int32_t)d >> 23) - (small ? 23.0f : 0.0f);
    *f = wg__float(u - (d & 0xff800000u)) - 1.0f;
}

/* (log(1 + f) - f + f^2 / 2) / f^3 */
WG_INLINE float WG_K32(log_tail_)(float f)
{
    float p = 0x1.2c573ep-4f;
    p = WG_K32(fma)(p, f, -0x1.dd9744p-4f);
    p = WG_K32(fma)(p, f, 0x1.dc8e44p-4f);
    p = WG_K32(fma)(p, f, -0x1.fbc4d2p-4f);
    p = WG_K32(fma)(p, f, 0x1.23dd1ap-3f);
    p = WG_K32(fma)(p, f, -0x1.55625cp-3f);
    p = WG_K32(fma)(p, f, 0x1.999d36p-3f);
    p = WG_K32(fma)(p, f, -0x1.ffffe6p-3f);
    return WG_K32(fma)(p, f, 0x1.555554p-2f);
}

/* e log(2) + log(1 + f) */
WG_INLINE float WG_K32(log_sum_)(float e, float f)
{
    float z = f * f, y = WG_K32(log_tail_)(f) * f * z;
    y = WG_K32(fma)(e, -0x1.bd0106p-13f, y);
    y = WG_K32(fma)(z, -0.5f, y) + f;
    return WG_K32(fma)(e, 0x1.63p-1f, y);
}

/* y = log(x), put right where x is 0, negative, infinite or NaN */
WG_INLINE float WG_K32(log_edge_)(float x, float y)
{
    float edge = x == 0.0f ? -(float)INFINITY : (float)NAN;
    y = x > 0.0f ? y : edge;
    return x == (float)INFINITY ? x : y;
}

WG_INLINE float WG_K32(log)(float x)
{
    float e, f;
    WG_K32(split_)(x, &e, &f);
    return WG_K32(log_edge_)(x, WG_K32(log_sum_)(e, f));
}

WG_INLINE float WG_K32(log2)(float x)
{
    float e, f;
    WG_K32(split_)(x, &e, &f);
    float p = 0x1.a4b4fp-4f;
    p = WG_K32(fma)(p, f, -0x1.5b45fp-3f);
    p = WG_K32(fma)(p, f, 0x1.5b8a4p-3f);
    p = WG_K32(fma)(p, f, -0x1.6dedb6p-3f);
    p = WG_K32(fma)(p, f, 0x1.a49142p-3f);
    p = WG_K32(fma)(p, f, -0x1.ec8706p-3f);
    p = WG_K32(fma)(p, f, 0x1.277c36p-2f);
    p = WG_K32(fma)(p, f, -0x1.71545ap-2f);
    p = WG_K32(fma)(p, f, 0x1.ec7094p-2f);
    p = WG_K32(fma)(p, f, -0x1.715476p-1f);
    p = p * f * f;
    p = WG_K32(fma)(f, 0x1.c551d94ap-2f, p); /* log2(e) - 1 */
    return WG_K32(log_edge_)(x, e + (f + p));
}

/* With 2^e near u = 1 + x, f = x / 2^e + (1 / 2^e - 1) has all the bits of x that u lost. */
WG_INLINE float WG_K32(log1p)(float x)
{
    float u = 1.0f + x;
    uint32_t d = wg__bits32(u) - 0x3f3504f3u;
    int32_t n = (int32_t)d >> 23;
    float s = wg__float((uint32_t)(127 - n) << 23);
    float far = wg__float(wg__bits32(u) - (d & 0xff800000u)) - 1.0f, near = WG_K32(fma)(s, x, s - 1.0f);
    float e = (float)n, y = WG_K32(log_edge_)(u, WG_K32(log_sum_)(e, e > 30.0f ? far : near));
    return WG_K32(abs)(x) < 0x1p-25f ? x : y;
}

/* ---- sigmoid and friends ------------------------------------------------------------------------------------------ */

/* With e = exp(-|x|) <= 1, which cannot overflow, and q = e / (1 + e): 1 - q, and e - e q on the left, where the
   rounding of 1 + e then hardly shows. */
WG_INLINE float WG_K32(sigmoid)(float x)
{
    float e = WG_K32(exp)(-WG_K32(abs)(x)), q = e / (1.0f + e), top = x < 0.0f ? e : 1.0f;
    return WG_K32(fma)(-top, q, top);
}

WG_INLINE float WG_K32(log1pexp)(float x) { return WG_K32(log1p)(WG_K32(exp)(-WG_K32(abs)(x))); }

/* (tanh(x) - x) / x as a function of z = x^2 <= 0.4 */
WG_INLINE float WG_K32(tanh_tail_)(float z)
{
    float p = 0x1.2b4d6p-9f;
    p = WG_K32(fma)(p, z, -0x1.112a9ep-7f);
    p = WG_K32(fma)(p, z, 0x1.64a0c2p-6f);
    p = WG_K32(fma)(p, z, -0x1.ba085p-5f);
    p = WG_K32(fma)(p, z, 0x1.1110e8p-3f);
    return WG_K32(fma)(p, z, -0x1.555556p-2f) * z;
}

WG_INLINE float WG_K32(tanh)(float x)
{
    float a = WG_K32(abs)(x), p = WG_K32(tanh_tail_)(x * x);
    float near = WG_K32(fma)(p, a, a), far = 1.0f - 2.0f / (WG_K32(exp)(2.0f * a) + 1.0f);
    return WG_K32(copysign)(a < 0.625f ? near : far, x);
}

WG_INLINE float WG_K32(tanhshrink)(float x)
{
    float near = -x * WG_K32(tanh_tail_)(x * x);
    return WG_K32(abs)(x) < 0.625f ? near : x - WG_K32(tanh)(x);
}

/* Beyond 1, 1 - exp(log(erfc(x))), the inner logarithm as a polynomial. */
WG_INLINE float WG_K32(erf)(float x)
{
    float a = WG_K32(abs)(x), z = x * x;
    float p = 0x1.600e78p-14f;
    p = WG_K32(fma)(p, z, -0x1.ac1b1cp-11f);
    p = WG_K32(fma)(p, z, 0x1.551b78p-8f);
    p = WG_K32(fma)(p, z, -0x1.b81a98p-6f);
    p = WG_K32(fma)(p, z, 0x1.ce2ecp-4f);
    p = WG_K32(fma)(p, z, -0x1.812746p-2f);
    p = WG_K32(fma)(p, z, 0x1.06eba8p-3f); /* 2 / sqrt(pi) - 1 */
    float near = WG_K32(fma)(p, a, a);
    float t = a > 4.0f ? 4.0f : a;
    float q = 0x1.6bd7ep-16f;
    q = WG_K32(fma)(q, t, -0x1.cec5fep-12f);
    q = WG_K32(fma)(q, t, 0x1.138cbcp-8f);
    q = WG_K32(fma)(q, t, -0x1.9d0304p-6f);
    q = WG_K32(fma)(q, t, 0x1.bc1516p-4f);
    q = WG_K32(fma)(q, t, 0x1.443566p-1f);
    q = WG_K32(fma)(q, t, 0x1.212c0cp+0f);
    q = WG_K32(fma)(q, t, -0x1.8a574ep-13f);
    return WG_K32(copysign)(a < 1.0f ? near : 1.0f - WG_K32(exp)(-q), x);
}

/* ---- inverse trigonometry ----------------------------------------------------------------------------------------- */

WG_INLINE float WG_K32(atan)(float x)
{
    float a = WG_K32(abs)(x);
    bool far = a > 1.0f;
    float q = far ? 1.0f / a : a, z = q * q;
    float p = 0x1.9a7408p-10f;
    p = WG_K32(fma)(p, z, -0x1.371088p-7f);
    p = WG_K32(fma)(p, z, 0x1.b9bc38p-6f);
    p = WG_K32(fma)(p, z, -0x1.968da2p-5f);
    p = WG_K32(fma)(p, z, 0x1.21a65p-4f);
    p = WG_K32(fma)(p, z, -0x1.6e69f4p-4f);
    p = WG_K32(fma)(p, z, 0x1.c64952p-4f);
    p = WG_K32(fma)(p, z, -0x1.248ab8p-3f);
    p = WG_K32(fma)(p, z, 0x1.999964p-3f);
    p = WG_K32(fma)(p, z, -0x1.555556p-2f);
    p = WG_K32(fma)(p * z, q, q);
    return WG_K32(copysign)(far ? 0x1.921fb6p+0f - (p + 0x1.777a5cp-25f) : p, x);
}

/* (asin(q) - q) / q as a function of z = q^2 <= 1/4 */
WG_INLINE float WG_K32(asin_tail_)(float z)
{
    float p = 0x1.15e1a4p-5f;
    p = WG_K32(fma)(p, z, 0x1.169f76p-6f);
    p = WG_K32(fma)(p, z, 0x1.fe10bap-6f);
    p = WG_K32(fma)(p, z, 0x1.6d55e6p-5f);
    p = WG_K32(fma)(p, z, 0x1.333448p-4f);
    return WG_K32(fma)(p, z, 0x1.555554p-3f) * z;
}

/* Beyond 1/2: asin(x) = pi/2 - 2 asin(sqrt((1 - x) / 2)) */
WG_INLINE float WG_K32(asin)(float x)
{
    float a = WG_K32(abs)(x);
    bool far = a > 0.5f;
    float z = far ? WG_K32(fma)(a, -0.5f, 0.5f) : a * a, q = far ? WG_K32(sqrt)(z) : a;
    float p = WG_K32(asin_tail_)(z) * q, turned = 0x1.921fb6p+0f - 2.0f * q, lost = (0x1.921fb6p+0f - turned) - 2.0f * q;
    return WG_K32(copysign)(far ? turned + (lost - (2.0f * p + 0x1.777a5cp-25f)) : q + p, x);
}

WG_INLINE float WG_K32(acos)(float x)
{
    float a = WG_K32(abs)(x);
    bool far = a > 0.5f;
    float z = far ? WG_K32(fma)(a, -0.5f, 0.5f) : a * a, q = far ? WG_K32(sqrt)(z) : x;
    float p = WG_K32(fma)(WG_K32(asin_tail_)(z), q, q);
    float left = 0x1.921fb6p+1f - (2.0f * p + 0x1.777a5cp-24f);
    float end = x < 0.0f ? left : 2.0f * p;
    return far ? end : 0x1.921fb6p+0f - (p + 0x1.777a5cp-25f);
}

/* kernelmath_f64.h -- part of kernelmath.h: f64 functions.
 *
 * exp, log, tanh, sigmoid, log1pexp and erf are straight lines (minimax polynomials by Remez exchange in 113 bits); the
 * rest call the C library. */

WG_INLINE double WG_K64(add)(double a, double b) { return a + b; }

WG_INLINE double WG_K64(sub)(double a, double b) { return a - b; }

WG_INLINE double WG_K64(mul)(double a, double b) { return a * b; }

WG_INLINE double WG_K64(neg)(double a) { return -a; }

WG_INLINE double WG_K64(abs)(double x) { return __builtin_fabs(x); }

WG_INLINE double WG_K64(copysign)(double x, double y) { return __builtin_copysign(x, y); }

WG_INLINE double WG_K64(sign)(double x)
{
    double y = x > 0 ? 1 : x;
    return x < 0 ? -1 : y;
}

WG_INLINE double WG_K64(min)(double a, double b) { return ((a < b) | (a != a)) ? a : b; }

WG_INLINE double WG_K64(max)(double a, double b) { return ((a > b) | (a != a)) ? a : b; }

WG_INLINE bool WG_K64(isnan)(double x) { return x != x; }

WG_INLINE bool WG_K64(isinf)(double x) { return WG_K64(abs)(x) == (double)INFINITY; }

WG_INLINE bool WG_K64(isfinite)(double x) { return WG_K64(abs)(x) < (double)INFINITY; }

WG_INLINE double WG_K64(fma)(double a, double b, double c)
{
#if defined WG_FMA_HERE
    return __builtin_fma(a, b, c);
#else
    return a * b + c;
#endif
}

WG_INLINE double WG_K64(sqrt)(double x) { return __builtin_sqrt(x); }

WG_INLINE double WG_K64(rsqrt)(double x) { return 1 / __builtin_sqrt(x); }

WG_INLINE double WG_K64(reciprocal)(double x) { return 1 / x; }

/* The base set has no rounding instruction: there it is the sum with 2^52 of the sign of x, which only wants |x| below
   2^52; the sign is put back for the zeros. */
WG_INLINE double WG_K64(round)(double x)
{
#if defined WG_FMA_HERE
    return __builtin_rint(x);
#else
    double m = WG_K64(copysign)(0x1p52, x), y = WG_K64(copysign)((x + m) - m, x);
    return WG_K64(abs)(x) < 0x1p52 ? y : x;
#endif
}

WG_INLINE double WG_K64(floor)(double x)
{
#if defined WG_FMA_HERE
    return __builtin_floor(x);
#else
    double y = WG_K64(round)(x);
    return y - (y > x ? 1.0 : 0.0);
#endif
}

WG_INLINE double WG_K64(ceil)(double x)
{
#if defined WG_FMA_HERE
    return __builtin_ceil(x);
#else
    double y = WG_K64(round)(x);
    return WG_K64(copysign)(y + (y < x ? 1.0 : 0.0), x);
#endif
}

WG_INLINE double WG_K64(trunc)(double x)
{
#if defined WG_FMA_HERE
    return __builtin_trunc(x);
#else
    return WG_K64(copysign)(WG_K64(floor)(WG_K64(abs)(x)), x);
#endif
}

/* ---- exp, log ------------------------------------------------------------------------------------------------------- */

/* r loses bits twice, in its second reduction and in the sum 1 + r; both are added with the rest. The scaling by 2^n is in two factors, so that the result may be subnormal or infinite. */
WG_INLINE double WG_K64(exp)(double x)
{
    double c = x < -746.0 ? -746.0 : x;
    c = c > 710.0 ? 710.0 : c;
    double t = WG_K64(fma)(c, 0x1.71547652b82fep+0, WG_ROUNDER64), n = t - WG_ROUNDER64;
    double first = WG_K64(fma)(n, -0x1.62e42feep-1, c), r = WG_K64(fma)(n, -0x1.a39ef35793c76p-33, first);
    double q = WG_K64(fma)(2.0922482840783295e-09, r, 2.5106275397291376e-08);
    q = WG_K64(fma)(q, r, 2.7557250243959485e-07);
    q = WG_K64(fma)(q, r, 2.7557252831687057e-06);
    q = WG_K64(fma)(q, r, 2.4801587350128388e-05);
    q = WG_K64(fma)(q, r, 0.00019841269876866036);
    q = WG_K64(fma)(q, r, 0.001388888888887321);
    q = WG_K64(fma)(q, r, 0.0083333333333255443);
    q = WG_K64(fma)(q, r, 0.041666666666666685);
    q = WG_K64(fma)(q, r, 0.16666666666666671);
    q = WG_K64(fma)(q, r, 0.5);
    double s = 1.0 + r, lost = (r - (s - 1.0)) + WG_K64(fma)(n, -0x1.a39ef35793c76p-33, first - r);
    double p = s + WG_K64(fma)(q, r * r, lost);
    uint64_t u = wg__bits64(t), half = u >> 1;
    return p * wg__double((half + 1023) << 52) * wg__double((u - half + 1023) << 52);
}

/* x = 2^e (1 + f), 1 + f in sqrt(1/2)..sqrt(2), for x > 0 finite. The exponent becomes a number by way of the bits of
   2^52 + (e + 1024): there is no conversion from 64 bits below AVX-512. */
WG_INLINE void WG_K64(split_)(double x, double *e, double *f)
{
    bool small = x < DBL_MIN;
    uint64_t u = wg__bits64(small ? x * 0x1p54 : x), d = u - 0x3fe6a09e667f3bcdu;
    uint64_t biased = (d + 0x4000000000000000u) >> 52;
    *e = wg__double(biased | 0x4330000000000000u) - (small ? 0x1p52 + 1078.0 : 0x1p52 + 1024.0);
    *f = wg__double(u - (d & 0xfff0000000000000u)) - 1.0;
}

/* y = log(x), put right where x is 0, negative, infinite or NaN */
WG_INLINE double WG_K64(log_edge_)(double x, double y)
{
    double edge = x == 0.0 ? -(double)INFINITY : (double)NAN;
    y = x > 0.0 ? y : edge;
    return x == (double)INFINITY ? x : y;
}

/* e log(2) + log(1 + f), the latter f - h + s (h + z P(z)) with h = f^2 / 2, s = f / (2 + f), z = s^2 */
WG_INLINE double WG_K64(log_sum_)(double e, double f)
{
    double s = f / (2.0 + f), z = s * s, h = 0.5 * f * f;
    double p = WG_K64(fma)(0.14617736879262011, z, 0.15331607958229473);
    p = WG_K64(fma)(p, z, 0.18182892887446106);
    p = WG_K64(fma)(p, z, 0.22222211077394793);
    p = WG_K64(fma)(p, z, 0.28571428626371287);
    p = WG_K64(fma)(p, z, 0.39999999999898506);
    p = WG_K64(fma)(p, z, 0.66666666666666696);
    double tail = WG_K64(fma)(s, WG_K64(fma)(p, z, h), e * 0x1.a39ef35793c76p-33);
    return WG_K64(fma)(e, 0x1.62e42feep-1, f - (h - tail));
}

WG_INLINE double WG_K64(log)(double x)
{
    double e, f;
    WG_K64(split_)(x, &e, &f);
    return WG_K64(log_edge_)(x, WG_K64(log_sum_)(e, f));
}

/* ---- sigmoid and friends ---------------------------------------------------------------------------------------------- */

/* With e = exp(-|x|) <= 1, which cannot overflow, and q = e / (1 + e): 1 - q, and e - e q on the left, where the
   rounding of 1 + e then hardly shows. */
WG_INLINE double WG_K64(sigmoid)(double x)
{
    double e = WG_K64(exp)(-WG_K64(abs)(x)), q = e / (1.0 + e), top = x < 0.0 ? e : 1.0;
    return WG_K64(fma)(-top, q, top);
}

/* log1p of e in 0..1: log(u), u = 1 + e, and what u lost of e, over u. */
WG_INLINE double WG_K64(log1pexp)(double x)
{
    double t = WG_K64(exp)(-WG_K64(abs)(x)), u = 1.0 + t, lost = t - (u - 1.0), e, f;
    WG_K64(split_)(u, &e, &f);
    return WG_K64(log_sum_)(e, f) + lost / u;
}

/* (tanh(x) - x) / x as a function of z = x^2 <= 0.4 */
WG_INLINE double WG_K64(tanh_tail_)(double z)
{
    double p = WG_K64(fma)(6.4150809787160597e-06, z, -3.1058000397847438e-05);
    p = WG_K64(fma)(p, z, 9.2445450332378809e-05);
    p = WG_K64(fma)(p, z, -0.00023752850481332903);
    p = WG_K64(fma)(p, z, 0.00058964167407256503);
    p = WG_K64(fma)(p, z, -0.0014557717076743031);
    p = WG_K64(fma)(p, z, 0.0035921212899754302);
    p = WG_K64(fma)(p, z, -0.0088632350677253415);
    p = WG_K64(fma)(p, z, 0.021869488517427663);
    p = WG_K64(fma)(p, z, -0.053968253967861327);
    p = WG_K64(fma)(p, z, 0.13333333333333011);
    return WG_K64(fma)(p, z, -0.33333333333333331) * z;
}

WG_INLINE double WG_K64(tanh)(double x)
{
    double a = WG_K64(abs)(x), p = WG_K64(tanh_tail_)(x * x);
    double near = WG_K64(fma)(p, a, a), far = 1.0 - 2.0 / (WG_K64(exp)(2.0 * a) + 1.0);
    return WG_K64(copysign)(a < 0.625 ? near : far, x);
}

WG_INLINE double WG_K64(tanhshrink)(double x)
{
    double near = -x * WG_K64(tanh_tail_)(x * x);
    return WG_K64(abs)(x) < 0.625 ? near : x - WG_K64(tanh)(x);
}

/* Beyond 1, 1 - exp(log(erfc(x))), the inner logarithm as a polynomial. */
WG_INLINE double WG_K64(erf)(double x)
{
    double a = WG_K64(abs)(x), z = x * x;
    double p = WG_K64(fma)(6.1777184783536762e-11, z, -1.1502349510159217e-09);
    p = WG_K64(fma)(p, z, 1.4692958215544219e-08);
    p = WG_K64(fma)(p, z, -1.6355182166156841e-07);
    p = WG_K64(fma)(p, z, 1.6461451955615292e-06);
    p = WG_K64(fma)(p, z, -1.4925622788271087e-05);
    p = WG_K64(fma)(p, z, 0.00012055332224476947);
    p = WG_K64(fma)(p, z, -0.00085483270102426254);
    p = WG_K64(fma)(p, z, 0.0052239776253061362);
    p = WG_K64(fma)(p, z, -0.026866170645124008);
    p = WG_K64(fma)(p, z, 0.11283791670955111);
    p = WG_K64(fma)(p, z, -0.37612638903183754);
    p = WG_K64(fma)(p, z, 0x1.06eba8214db69p-3); /* 2 / sqrt(pi) - 1 */
    double near = WG_K64(fma)(p, a, a), t = a > 6.0 ? 6.0 : a;
    double q = WG_K64(fma)(4.9536959460548896e-12, t, -2.0548788092399711e-10);
    q = WG_K64(fma)(q, t, 3.9524614343091029e-09);
    q = WG_K64(fma)(q, t, -4.6628822853492324e-08);
    q = WG_K64(fma)(q, t, 3.7491120781557075e-07);
    q = WG_K64(fma)(q, t, -2.1448778441827661e-06);
    q = WG_K64(fma)(q, t, 8.7070821907789662e-06);
    q = WG_K64(fma)(q, t, -2.2956679431086179e-05);
    q = WG_K64(fma)(q, t, 2.0620406969183114e-05);
    q = WG_K64(fma)(q, t, 0.00013431468526610798);
    q = WG_K64(fma)(q, t, -0.00076943628957719043);
    q = WG_K64(fma)(q, t, 0.0019143902671858535);
    q = WG_K64(fma)(q, t, -0.00040907941458615351);
    q = WG_K64(fma)(q, t, -0.018991350144770897);
    q = WG_K64(fma)(q, t, 0.10270408870216526);
    q = WG_K64(fma)(q, t, 0.63664337961881501);
    q = WG_K64(fma)(q, t, 1.1283741481205782);
    q = WG_K64(fma)(q, t, 4.964219751400189e-07);
    return WG_K64(copysign)(a < 1.0 ? near : 1.0 - WG_K64(exp)(-q), x);
}

/* ---- by the C library: not vectorised --------------------------------------------------------------------------------- */

WG_INLINE double WG_K64(exp2)(double x) { return exp2(x); }

WG_INLINE double WG_K64(expm1)(double x) { return expm1(x); }

WG_INLINE double WG_K64(log2)(double x) { return log2(x); }

WG_INLINE double WG_K64(log10)(double x) { return log10(x); }

WG_INLINE double WG_K64(log1p)(double x) { return log1p(x); }

WG_INLINE double WG_K64(sin)(double x) { return sin(x); }

WG_INLINE double WG_K64(cos)(double x) { return cos(x); }

WG_INLINE double WG_K64(tan)(double x) { return tan(x); }

WG_INLINE double WG_K64(asin)(double x) { return asin(x); }

WG_INLINE double WG_K64(acos)(double x) { return acos(x); }

WG_INLINE double WG_K64(atan)(double x) { return atan(x); }

WG_INLINE double WG_K64(sinh)(double x) { return sinh(x); }

WG_INLINE double WG_K64(cosh)(double x) { return cosh(x); }

WG_INLINE double WG_K64(asinh)(double x) { return asinh(x); }

WG_INLINE double WG_K64(acosh)(double x) { return acosh(x); }

WG_INLINE double WG_K64(atanh)(double x) { return atanh(x); }

WG_INLINE double WG_K64(erfc)(double x) { return erfc(x); }

WG_INLINE double WG_K64(atan2)(double y, double x) { return atan2(y, x); }

WG_INLINE double WG_K64(pow)(double x, double y) { return pow(x, y); }

WG_INLINE double WG_K64(hypot)(double x, double y) { return hypot(x, y); }

WG_INLINE double WG_K64(fmod)(double x, double y) { return fmod(x, y); }

WG_INLINE double WG_K64(remainder)(double x, double y) { return remainder(x, y); }

WG_INLINE double WG_K64(lgamma)(double x)
{
    int sign;
    return lgamma_r(x, &sign);
}

/* Left of 0 by reflection, digamma(1 - x) - pi / tan(pi x); up to 10 by digamma(x) = digamma(x + 1) - 1 / x; then
   log(x) - 1/(2 x) - sum B(2k) / (2k x^(2k)). NaN at the negative integers, -infinity at 0, infinity at -0. */
WG_INLINE double WG_K64(digamma)(double x)
{
    double whole = WG_K64(round)(x), sum = 0.0;
    if (x == 0.0) return -1.0 / x;
    if (x < 0.0) {
        if (whole == x) return (double)NAN;
        sum = -0x1.921fb54442d18p+1 / tan(0x1.921fb54442d18p+1 * (x - whole));
        x = 1.0 - x;
    }
    for (; x < 10.0; x += 1.0) sum -= 1.0 / x;
    double w = 1.0 / x, z = w * w;
    double p = WG_K64(fma)(-1.0 / 12.0, z, 691.0 / 32760.0);
    p = WG_K64(fma)(p, z, -1.0 / 132.0);
    p = WG_K64(fma)(p, z, 1.0 / 240.0);
    p = WG_K64(fma)(p, z, -1.0 / 252.0);
    p = WG_K64(fma)(p, z, 1.0 / 120.0);
    p = WG_K64(fma)(p, z, -1.0 / 12.0);
    return sum + (log(x) - 0.5 * w + p * z);
}

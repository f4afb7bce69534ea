/* kernelmath_wide.h -- part of kernelmath.h: f32 functions computed in f64, and those that call the C library.
 *
 * Where f32 has too few bits for the steps between (the reduction of a large angle, y * log(x), a quotient of two
 * roundings) a polynomial of some 35 bits in f64 costs less than the care it saves. Such results are within 0.6 ulp. */

/* ---- sin, cos, tan ----------------------------------------------------------------------------------------------- */

/* x = (quarter + r) pi/2, |r| <= 1/2 about, for every finite x; answers r, and the quarter turns modulo 4 in *quarter.
 *
 * 2/pi is cut in three, a + b + c, where a and b have so few bits that their products with the 24 bits of x are exact
 * in f64 (|x a| <= 2^51). A larger x is an integer times 2^s, so 2^s 2/pi can be used for it less any multiple of 4:
 * three more sets of constants, for x / 2^27, x / 2^54, x / 2^81, reach the largest float (the idea of Payne and
 * Hanek, SIGNUM Newsletter 18, 1983). What is left is right to 2^-58, and no float comes nearer than 2^-31 to a
 * multiple of pi/2. */
WG_INLINE double WG_K32(turns_)(float x, uint32_t *quarter)
{
    float v = WG_K32(abs)(x);
    bool k1 = v >= 0x1p50f, k2 = v >= 0x1p77f, k3 = v >= 0x1p104f;
    double s = k1 ? 0x1p-27 : 1.0, a = k1 ? -0x1.1b1bbeap-1 : 0x1.45f306cp-1;
    double b = k1 ? -0x1.ac07b16p-30 : 0x1.c9c882ap-29, c = k1 ? 0x1.f47d4d377036ep-59 : 0x1.4fe13abe8fa9ap-59;
    s = k2 ? 0x1p-54 : s;
    a = k2 ? 0x1.4a7f09dp+0 : a;
    b = k2 ? 0x1.7d1f534p-30 : b;
    c = k2 ? 0x1.bb81b6c52b328p-59 : c;
    s = k3 ? 0x1p-81 : s;
    a = k3 ? -0x1.505c159p+0 : a;
    b = k3 ? -0x1.911f924p-30 : b;
    c = k3 ? -0x1.d6a66c3bc6fbep-59 : c;
    double d = (double)x * s, h = d * a, g = d * b;
    double th = h + WG_ROUNDER64, tg = g + WG_ROUNDER64;
    h -= th - WG_ROUNDER64;
    g -= tg - WG_ROUNDER64;
    double t = (h + g) + WG_ROUNDER64;
    h -= t - WG_ROUNDER64;
    *quarter = (uint32_t)(wg__bits64(th) + wg__bits64(tg) + wg__bits64(t));
    return (h + g) + d * c;
}

/* sin of the angle `quarter` quarter turns on: for quarter odd its cosine, and so on. */
WG_INLINE float WG_K32(sine_)(double turns, uint32_t quarter)
{
    float r = (float)(turns * 0x1.921fb54442d18p+0), z = r * r;
    float s = WG_K32(fma)(-0x1.9abcd2p-13f, z, 0x1.110c12p-7f);
    s = WG_K32(fma)(s, z, -0x1.555552p-3f);
    s = WG_K32(fma)(WG_K32(fma)(s, z, 0.0f), r, r); /* + 0: sin(-0) = -0 */
    float c = WG_K32(fma)(0x1.9bce34p-16f, z, -0x1.6c12cp-10f);
    c = WG_K32(fma)(c, z, 0x1.555554p-5f);
    c = WG_K32(fma)(c, z, -0.5f);
    c = WG_K32(fma)(c, z, 1.0f);
    float y = quarter & 1 ? c : s;
    return wg__float(wg__bits32(y) ^ (quarter & 2) << 30);
}

WG_INLINE float WG_K32(sin)(float x)
{
    uint32_t quarter;
    double r = WG_K32(turns_)(x, &quarter);
    return WG_K32(sine_)(r, quarter);
}

WG_INLINE float WG_K32(cos)(float x)
{
    uint32_t quarter;
    double r = WG_K32(turns_)(x, &quarter);
    return WG_K32(sine_)(r, quarter + 1);
}

WG_INLINE float WG_K32(tan)(float x)
{
    uint32_t quarter;
    double r = WG_K32(turns_)(x, &quarter) * 0x1.921fb54442d18p+0, z = r * r;
    double s = WG_K64(fma)(2.7246945949353705e-06, z, -0.00019840063762556102);
    s = WG_K64(fma)(s, z, 0.0083333318323158632);
    s = WG_K64(fma)(s, z, -0.16666666663747207);
    s = WG_K64(fma)(WG_K64(fma)(s, z, 0.0), r, r); /* + 0: tan(-0) = -0 */
    double c = WG_K64(fma)(-2.72984628760054e-07, z, 2.4800581117475744e-05);
    c = WG_K64(fma)(c, z, -0.0013888887636433972);
    c = WG_K64(fma)(c, z, 0.041666666664230308);
    c = WG_K64(fma)(c, z, -0.5);
    c = WG_K64(fma)(c, z, 1.0);
    bool odd = quarter & 1;
    return (float)((odd ? -c : s) / (odd ? s : c));
}

/* ---- exponentials and logarithms of 35 bits ------------------------------------------------------------------------ */

/* n = the integer next to x / log(2), as 2^n; r = x - n log(2) */
WG_INLINE double WG_K32(reduce_)(double x, double *power)
{
    double t = WG_K64(fma)(x, 0x1.71547652b82fep+0, WG_ROUNDER64);
    *power = wg__double((wg__bits64(t) + 1023) << 52);
    return WG_K64(fma)(t - WG_ROUNDER64, -0x1.62e42fefa39efp-1, x);
}

/* exp(x) for |x| < 700 */
WG_INLINE double WG_K32(exp_wide_)(double x)
{
    double power, r = WG_K32(reduce_)(x, &power);
    double q = WG_K64(fma)(0.00019908908767380049, r, 0.0013934544232652949);
    q = WG_K64(fma)(q, r, 0.0083332840988108794);
    q = WG_K64(fma)(q, r, 0.041666456781461969);
    q = WG_K64(fma)(q, r, 0.16666666761945642);
    q = WG_K64(fma)(q, r, 0.50000000142905399);
    return (WG_K64(fma)(q, r * r, r) + 1.0) * power;
}

/* log(1 + f) for 1 + f in sqrt(1/2)..sqrt(2): 2 artanh(f / (2 + f)) */
WG_INLINE double WG_K32(log_wide_)(double f)
{
    double s = f / (2.0 + f), z = s * s;
    double p = WG_K64(fma)(0.1936423705734488, z, 0.22191307650915806);
    p = WG_K64(fma)(p, z, 0.28571756249248831);
    p = WG_K64(fma)(p, z, 0.39999998787259272);
    p = WG_K64(fma)(p, z, 0.66666666667384344);
    return WG_K64(fma)(p * z, s, 2.0 * s);
}

/* log(x) of a normal f64, 0 or infinity; NaN for what is negative or NaN */
WG_INLINE double WG_K32(log_of_wide_)(double x)
{
    double e, f;
    WG_K64(split_)(x, &e, &f);
    return WG_K64(log_edge_)(x, WG_K64(fma)(e, 0x1.62e42fefa39efp-1, WG_K32(log_wide_)(f)));
}

WG_INLINE float WG_K32(log10)(float x)
{
    float e, f;
    WG_K32(split_)(x, &e, &f);
    double y = WG_K64(fma)((double)e, 0x1.34413509f79ffp-2, WG_K32(log_wide_)((double)f) * 0x1.bcb7b1526e50ep-2);
    return WG_K32(log_edge_)(x, (float)y);
}

/* ---- pow ----------------------------------------------------------------------------------------------------------- */

/* |x|^y: 2^(y log2(|x|)); 1^y is 1 for every y, and 0 and infinity come out through log2 = -+infinity. */
WG_INLINE float WG_K32(pow_abs_)(float a, float y)
{
    float e, f;
    WG_K32(split_)(a, &e, &f);
    double l = (double)e + WG_K32(log_wide_)((double)f) * 0x1.71547652b82fep+0;
    l = a == 0.0f ? -(double)INFINITY : l;
    l = a < (float)INFINITY ? l : (double)a;
    double w = (double)y * l;
    w = a == 1.0f ? 0.0 : w;
    w = w < -160.0 ? -160.0 : w;
    w = w > 160.0 ? 160.0 : w;
    double t = w + WG_ROUNDER64, r = w - (t - WG_ROUNDER64);
    double q = WG_K64(fma)(1.325964733580569e-06, r, 1.5303702285138296e-05);
    q = WG_K64(fma)(q, r, 0.00015403436504146632);
    q = WG_K64(fma)(q, r, 0.0013333478467779753);
    q = WG_K64(fma)(q, r, 0.0096181291835880454);
    q = WG_K64(fma)(q, r, 0.055504109063314121);
    q = WG_K64(fma)(q, r, 0.24022650695737408);
    q = WG_K64(fma)(q, r, 0.69314718055683167);
    return (float)(WG_K64(fma)(q, r, 1.0) * wg__double((wg__bits64(t) + 1023) << 52));
}

WG_INLINE float WG_K32(pow)(float x, float y)
{
    float a = WG_K32(abs)(x), p = WG_K32(pow_abs_)(a, y), half = 0.5f * y;
    bool whole = WG_K32(floor)(y) == y, odd = whole & (WG_K32(floor)(half) != half);
    p = odd ? WG_K32(copysign)(p, x) : p;
    p = ((x < 0.0f) & (a < (float)INFINITY) & !whole) ? (float)NAN : p;
    return y == 0.0f ? 1.0f : p;
}

/* ---- hyperbolic functions ------------------------------------------------------------------------------------------- */

/* With u = 2^n / 2, v = 2^-n / 2: sinh(n log(2) + r) = (u - v) cosh(r) + (u + v) sinh(r), cosh with - and + swapped. */
WG_INLINE void WG_K32(hyperbolic_)(float x, double *odd, double *even)
{
    float a = WG_K32(abs)(x);
    double u, r = WG_K32(reduce_)((double)(a > 100.0f ? 100.0f : a), &u), z = r * r;
    double s = WG_K64(fma)(0.00019891986026099122, z, 0.0083333100184522797);
    s = WG_K64(fma)(s, z, 0.16666666682543191);
    s = WG_K64(fma)(s * z, r, r);
    double c = WG_K64(fma)(2.4869208092226974e-05, z, 0.0013888837080452308);
    c = WG_K64(fma)(c, z, 0.041666666793661211);
    c = WG_K64(fma)(c, z, 0.49999999999951361);
    c = WG_K64(fma)(c, z, 1.0);
    u *= 0.5;
    double v = wg__double(0x7fc0000000000000u - wg__bits64(u)); /* 1 / (4 u) */
    *odd = (u - v) * c + (u + v) * s;
    *even = (u + v) * c + (u - v) * s;
}

WG_INLINE float WG_K32(sinh)(float x)
{
    double odd, even;
    WG_K32(hyperbolic_)(x, &odd, &even);
    return WG_K32(copysign)((float)odd, x);
}

WG_INLINE float WG_K32(cosh)(float x)
{
    double odd, even;
    WG_K32(hyperbolic_)(x, &odd, &even);
    return (float)even;
}

WG_INLINE float WG_K32(asinh)(float x)
{
    float a = WG_K32(abs)(x);
    double w = (double)a, y = WG_K32(log_of_wide_)(w + WG_K64(sqrt)(w * w + 1.0));
    return a < 0x1p-12f ? x : WG_K32(copysign)((float)y, x);
}

WG_INLINE float WG_K32(acosh)(float x)
{
    double w = (double)x;
    float y = (float)WG_K32(log_of_wide_)(w + WG_K64(sqrt)(w * w - 1.0));
    return x < 1.0f ? (float)NAN : y;
}

WG_INLINE float WG_K32(atanh)(float x)
{
    double w = (double)x;
    float y = (float)(0.5 * WG_K32(log_of_wide_)((1.0 + w) / (1.0 - w)));
    return WG_K32(abs)(x) < 0x1p-13f ? x : y;
}

/* ---- erfc, atan2, hypot --------------------------------------------------------------------------------------------- */

/* erfc(a) = exp(-a^2) g(t) / (1 + 2 a), t = (a - 4) / (a + 4) (Shepherd and Laframboise, Math. Comp. 36, 1981) */
WG_INLINE float WG_K32(erfc)(float x)
{
    float v = WG_K32(abs)(x);
    double a = (double)(v > 10.5f ? 10.5f : v), m = 1.0 + 2.0 * a, n = a + 4.0, inverse = 1.0 / (m * n);
    double t = (a - 4.0) * (m * inverse);
    double g = WG_K64(fma)(-0.00063028770317084966, t, -0.0010979793505170757);
    g = WG_K64(fma)(g, t, 0.0050859193731599105);
    g = WG_K64(fma)(g, t, -0.016014165979402511);
    g = WG_K64(fma)(g, t, 0.037209872293504274);
    g = WG_K64(fma)(g, t, -0.066361513153679136);
    g = WG_K64(fma)(g, t, 0.093721870077076067);
    g = WG_K64(fma)(g, t, -0.10103694045424653);
    g = WG_K64(fma)(g, t, 0.06809787585386208);
    g = WG_K64(fma)(g, t, 0.015379596516886362);
    g = WG_K64(fma)(g, t, -0.13962113247011437);
    g = WG_K64(fma)(g, t, 1.2329951189325938);
    double y = WG_K32(exp_wide_)(-a * a) * g * (n * inverse);
    return (float)(x < 0.0f ? 2.0 - y : y);
}

WG_INLINE float WG_K32(atan2)(float y, float x)
{
    double v = (double)WG_K32(abs)(y), u = (double)WG_K32(abs)(x);
    bool steep = v > u;
    double hi = steep ? v : u, lo = steep ? u : v, equal = hi == 0.0 ? 0.0 : 1.0;
    double q = lo == hi ? equal : lo / hi, z = q * q;
    double p = WG_K64(fma)(0.00062451726246955954, z, -0.0043953898085189267);
    p = WG_K64(fma)(p, z, 0.0144872090075986);
    p = WG_K64(fma)(p, z, -0.03047166438196083);
    p = WG_K64(fma)(p, z, 0.047762668890506225);
    p = WG_K64(fma)(p, z, -0.062715084218505496);
    p = WG_K64(fma)(p, z, 0.075953723391173164);
    p = WG_K64(fma)(p, z, -0.090754365628483394);
    p = WG_K64(fma)(p, z, 0.11109629978610205);
    p = WG_K64(fma)(p, z, -0.14285640302376384);
    p = WG_K64(fma)(p, z, 0.19999998544802455);
    p = WG_K64(fma)(p, z, -0.33333333328587689);
    p = WG_K64(fma)(p * z, q, q);
    p = steep ? 0x1.921fb54442d18p+0 - p : p;
    p = WG_K32(copysign)(1.0f, x) < 0.0f ? 0x1.921fb54442d18p+1 - p : p;
    p = ((x != x) | (y != y)) ? (double)NAN : p;
    return WG_K32(copysign)((float)p, y);
}

/* An infinite side makes it infinite, whatever the other is. */
WG_INLINE float WG_K32(hypot)(float x, float y)
{
    double a = (double)x, b = (double)y;
    float h = (float)WG_K64(sqrt)(a * a + b * b);
    h = WG_K32(isinf)(x) ? (float)INFINITY : h;
    return WG_K32(isinf)(y) ? (float)INFINITY : h;
}

/* ---- by the C library: not vectorised ------------------------------------------------------------------------------- */

WG_INLINE float WG_K32(fmod)(float x, float y) { return fmodf(x, y); }

WG_INLINE float WG_K32(remainder)(float x, float y) { return remainderf(x, y); }

WG_INLINE float WG_K32(lgamma)(float x) { return (float)WG_K64(lgamma)((double)x); }

WG_INLINE float WG_K32(digamma)(float x) { return (float)WG_K64(digamma)((double)x); }

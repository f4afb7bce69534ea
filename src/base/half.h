/* half.h -- bf16 and f16: bits to float, which is exact, and back, to the nearest, ties to even.
 *
 * Written without branches and in integers where it matters, so that a loop over any of these vectorises and every instruction
 * set gives the same bits. bf16 is the upper half of a float; f16 is IEEE 754's binary16. A NaN keeps its sign and the top bits of
 * its payload and comes out quiet, as processors do it; too large a number becomes infinite; subnormals are numbers like others.
 *
 * From double and from integers a number goes through float without being rounded twice: on the way it is rounded to odd (cut
 * off, the last bit set if anything was lost), which float's 24 digits hold for the 8 or 11 that are wanted (Boldo and Melquiond
 * 2008, Emulation of FMA and correctly rounded sums). */
#ifndef WG_BASE_HALF_H
#define WG_BASE_HALF_H

#include <math.h>
#include <stdint.h>
#include <string.h>

static inline uint32_t wg__bits_of(float x)
{
    uint32_t u;
    memcpy(&u, &x, sizeof u);
    return u;
}

static inline float wg__of_bits(uint32_t u)
{
    float x;
    memcpy(&x, &u, sizeof x);
    return x;
}

static inline float wg__from_bf16(uint16_t h) { return wg__of_bits((uint32_t)h << 16); }

static inline uint16_t wg__to_bf16(float x)
{
    uint32_t u = wg__bits_of(x), near = u + 0x7fffu + (u >> 16 & 1), quiet = u | 0x400000u;
    return (uint16_t)(((u & 0x7fffffffu) > 0x7f800000u ? quiet : near) >> 16);
}

/* The exponent is 112 less in f16. A subnormal's digits become those of 2^-14 + it, from which 2^-14 is taken. */
static inline float wg__from_f16(uint16_t h)
{
    uint32_t sign = (h & 0x8000u) << 16, digits = (h & 0x7fffu) << 13, least = 113u << 23;
    uint32_t small = wg__bits_of(wg__of_bits(digits + least) - wg__of_bits(least));
    uint32_t endless = digits + (224u << 23), quiet = digits > 0x1fu << 23 ? 0x400000u : 0;
    uint32_t normal = digits >= 0x1fu << 23 ? endless | quiet : digits + (112u << 23);
    return wg__of_bits(sign | (digits < 1u << 23 ? small : normal));
}

/* A subnormal is counted in units of 2^-24, which are the last digits of a float between 0.5 and 1: adding 0.5 rounds to them. */
static inline uint16_t wg__to_f16(float x)
{
    uint32_t all = wg__bits_of(x), sign = all >> 16 & 0x8000u, u = all & 0x7fffffffu;
    uint32_t small = wg__bits_of(wg__of_bits(u) + 0.5f) - wg__bits_of(0.5f);
    uint32_t normal = (u - (112u << 23) + 0xfffu + (u >> 13 & 1)) >> 13;
    uint32_t large = u > 0x7f800000u ? 0x7e00u | (u >> 13 & 0x3ffu) : 0x7c00u;
    uint32_t y = u < 113u << 23 ? small : u >= 143u << 23 ? large : normal;
    return (uint16_t)(sign | y);
}

/* x rounded to odd. */
static inline float wg__odd(double x)
{
    float near = (float)x;
    double a = fabs(x), b = fabs((double)near);
    uint32_t u = wg__bits_of(near), beyond = b > a, lost = (uint32_t)(b > a) | (uint32_t)(b < a);
    return wg__of_bits((u - beyond) | lost);
}

/* The same of an integer: of those that double cannot hold, the digits that float cannot either are first made one. */
static inline float wg__odd_of_whole(int64_t n)
{
    const int64_t tail = 0x7ff;
    int64_t cut = (n & ~tail) | (int64_t)((n & tail) != 0) << 10;
    return wg__odd((double)(n > -(INT64_C(1) << 53) && n < INT64_C(1) << 53 ? n : cut));
}

#endif

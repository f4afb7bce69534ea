/* kernelmath.h -- the scalar functions that elementwise kernels call, once for each instruction set.
 *
 * instances.h includes this file inside the region of an instruction set, with ISA defined; M(exp) in a kernel is then
 * wg_exp_f32_base or the like. Every function is one straight line: both arms of a choice are computed and one is
 * selected, integer tricks go through the bits, no table, no call. So a plain loop over an array becomes vector code
 * (gcc -O3, clang -O3, with -fno-math-errno -fno-trapping-math) of the region's own width, and the region with fma
 * gets fma. Functions that call the C library say so where they stand.
 *
 * For each of f32 and f64: abs add sub mul neg sign min max copysign isnan isinf isfinite fma sqrt rsqrt reciprocal
 * floor ceil round trunc exp exp2 expm1 log log2 log10 log1p sin cos tan asin acos atan atan2 sinh cosh tanh asinh
 * acosh atanh sigmoid log1pexp tanhshrink erf erfc pow hypot fmod remainder lgamma digamma; for i64: add sub mul neg
 * abs sign min max.
 *
 *   min, max        NaN wins over a number
 *   round           half to even
 *   fma             a * b + c, rounded once where the instruction set has it, twice elsewhere
 *   sign            -1, 0 or 1; the sign of a zero is kept, NaN stays
 *   log1pexp        log(1 + exp(-|x|)): softplus(x) is max(x, 0) plus it, logsigmoid(x) is min(x, 0) minus it
 *   tanhshrink      x - tanh(x), which near 0 has lost its digits
 *   remainder       of IEEE 754: x - y * n, n the integer nearest to x / y
 *   i64             wraps, without undefined behaviour
 *
 * f32: at most 2 units in the last place over the whole range, subnormal results too, sin and cos of the largest float
 * as well; f64: the same for exp, log, tanh, sigmoid, log1pexp and erf, else what the C library gives. Specials as in
 * C17 annex F. tests/test_kernelmath.c holds the bound of each. The functions stand in three parts: kernelmath_f64.h,
 * kernelmath_f32.h, and kernelmath_wide.h (f32 by way of f64); names ending in _ are steps of theirs, not for
 * kernels. */
#ifndef WG_TAPE_KERNELMATH_H
#define WG_TAPE_KERNELMATH_H

#include <float.h>
#include <math.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

double lgamma_r(double x, int *sign); /* POSIX; plain lgamma writes a global */

#define WG_INLINE static inline __attribute__((always_inline, unused))
#define WG_K32(name) WG_K_(name, f32, ISA)
#define WG_K64(name) WG_K_(name, f64, ISA)
#define WG_KI64(name) WG_K_(name, i64, ISA)
#define WG_K_(name, suffix, isa) WG_K__(name, suffix, isa)
#define WG_K__(name, suffix, isa) wg_##name##_##suffix##_##isa

WG_INLINE uint32_t wg__bits32(float x)
{
    uint32_t u;
    memcpy(&u, &x, sizeof u);
    return u;
}

WG_INLINE float wg__float(uint32_t u)
{
    float x;
    memcpy(&x, &u, sizeof x);
    return x;
}

WG_INLINE uint64_t wg__bits64(double x)
{
    uint64_t u;
    memcpy(&u, &x, sizeof u);
    return u;
}

WG_INLINE double wg__double(uint64_t u)
{
    double x;
    memcpy(&x, &u, sizeof x);
    return x;
}

/* Adding and subtracting 1.5 * 2^23 (2^52) rounds to an integer, half to even, and leaves that integer in the low bits
   of the sum. */
#define WG_ROUNDER32 0x1.8p23f
#define WG_ROUNDER64 0x1.8p52

#endif

#include "tape/kernelmath_f64.h"

#include "tape/kernelmath_f32.h"

#include "tape/kernelmath_wide.h" /* needs both */

/* ---- i64 --------------------------------------------------------------------------------------------------------- */

WG_INLINE int64_t WG_KI64(add)(int64_t a, int64_t b) { return (int64_t)((uint64_t)a + (uint64_t)b); }

WG_INLINE int64_t WG_KI64(sub)(int64_t a, int64_t b) { return (int64_t)((uint64_t)a - (uint64_t)b); }

WG_INLINE int64_t WG_KI64(mul)(int64_t a, int64_t b) { return (int64_t)((uint64_t)a * (uint64_t)b); }

WG_INLINE int64_t WG_KI64(neg)(int64_t a) { return (int64_t)(0 - (uint64_t)a); }

WG_INLINE int64_t WG_KI64(abs)(int64_t a) { return a < 0 ? WG_KI64(neg)(a) : a; }

WG_INLINE int64_t WG_KI64(sign)(int64_t a) { return (int64_t)(a > 0) - (int64_t)(a < 0); }

WG_INLINE int64_t WG_KI64(min)(int64_t a, int64_t b) { return a < b ? a : b; }

WG_INLINE int64_t WG_KI64(max)(int64_t a, int64_t b) { return a > b ? a : b; }

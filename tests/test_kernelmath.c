/* test_kernelmath.c -- the functions of src/tape/kernelmath.h against the C library's long double ones.
 *
 * The file compiles its kernels as an op's file does, so every instruction set is tried (those this machine has). Each
 * function is swept over all exponents, over a linear grid, near the multiples of pi/2 and at the special values; the
 * error is counted in units in the last place of the exact result, and a subnormal, an overflow, a NaN and the sign of
 * a zero count as part of it. */
#ifndef WG_KERNEL_PART
#include "tape/op.h"
#include <check.h>
#include <float.h>
#include <stdlib.h>

/* name, exact function, bound in ulp for f32 and for f64 (those of the C library differ between libraries) */
#define UNARY(X)                                                                                                                           \
    X(abs, fabsl, 0, 0)                                                                                                                    \
    X(neg, minus, 0, 0)                                                                                                                    \
    X(sign, sign, 0, 0)                                                                                                                    \
    X(sqrt, sqrtl, 0.501, 0.501)                                                                                                           \
    X(rsqrt, rsqrtl, 1.5, 1.5)                                                                                                             \
    X(reciprocal, reciprocall, 0.501, 0.501)                                                                                               \
    X(floor, floorl, 0, 0)                                                                                                                 \
    X(ceil, ceill, 0, 0)                                                                                                                   \
    X(round, to_even, 0, 0)                                                                                                                \
    X(trunc, truncl, 0, 0)                                                                                                                 \
    X(exp, expl, 0.8, 0.8)                                                                                                                 \
    X(exp2, exp2l, 1.2, 1)                                                                                                                 \
    X(expm1, expm1l, 1.4, 1)                                                                                                               \
    X(log, logl, 0.9, 0.9)                                                                                                                 \
    X(log2, log2l, 1.4, 1)                                                                                                                 \
    X(log10, log10l, 0.51, 2)                                                                                                              \
    X(log1p, log1pl, 1.5, 1)                                                                                                               \
    X(sin, sinl, 1.6, 1)                                                                                                                   \
    X(cos, cosl, 1.6, 1)                                                                                                                   \
    X(tan, tanl, 0.51, 1)                                                                                                                  \
    X(asin, asinl, 1.2, 1)                                                                                                                 \
    X(acos, acosl, 1.2, 1)                                                                                                                 \
    X(atan, atanl, 1.5, 1)                                                                                                                 \
    X(sinh, sinhl, 0.51, 2)                                                                                                                \
    X(cosh, coshl, 0.51, 2)                                                                                                                \
    X(tanh, tanhl, 1.4, 1.4)                                                                                                               \
    X(asinh, asinhl, 0.51, 2.5)                                                                                                            \
    X(acosh, acoshl, 0.51, 2.5)                                                                                                            \
    X(atanh, atanhl, 0.51, 2.5)                                                                                                            \
    X(sigmoid, sigmoidl, 1.8, 1.8)                                                                                                         \
    X(log1pexp, log1pexpl, 1.8, 1.9)                                                                                                       \
    X(tanhshrink, tanhshrinkl, 12, 12)                                                                                                     \
    X(erf, erfl, 1.5, 1.3)                                                                                                                 \
    X(erfc, erfcl, 0.52, 6)

#define BINARY(X)                                                                                                                          \
    X(add, add, 0.501, 0.501)                                                                                                              \
    X(sub, sub, 0.501, 0.501)                                                                                                              \
    X(mul, mul, 0.501, 0.501)                                                                                                              \
    X(min, least, 0, 0)                                                                                                                    \
    X(max, most, 0, 0)                                                                                                                     \
    X(copysign, copysignl, 0, 0)                                                                                                           \
    X(atan2, atan2l, 0.51, 1)                                                                                                              \
    X(hypot, hypotl, 0.51, 1)                                                                                                              \
    X(pow, powl, 0.51, 1)                                                                                                                  \
    X(fmod, fmodl, 0, 0)                                                                                                                   \
    X(remainder, remainderl, 0, 0)

/* answers 0 or 1 */
#define TESTS(X) X(isnan, 0) X(isinf, 0) X(isfinite, 0)

#define NUMBER(name, ...) F_##name,
enum { UNARY(NUMBER) BINARY(NUMBER) TESTS(NUMBER) F_digamma, F_lgamma, F_fma };

#define WG_OVER WG_OVER_REALS
#include "tape/instances.h"

/* ---- exact functions ---------------------------------------------------------------------------------------------- */

typedef long double real;

static real minus(real x) { return -x; }

/* tanh(x) = x / (1 + k), k the continued fraction x^2/(3 + x^2/(5 + ...)) of Gauss: nothing cancels */
static real tanhshrinkl(real x)
{
    real k = 0;
    if (fabsl(x) > 2) return x - tanhl(x);
    for (int n = 41; n > 1; n -= 2) k = x * x / (n + k);
    return x * (k / (1 + k));
}
static real sign(real x) { return x > 0 ? 1 : x < 0 ? -1 : x; }
static real rsqrtl(real x) { return 1 / sqrtl(x); }
static real reciprocall(real x) { return 1 / x; }
static real sigmoidl(real x) { return x < 0 ? expl(x) / (1 + expl(x)) : 1 / (1 + expl(-x)); }
static real log1pexpl(real x) { return log1pl(expl(-fabsl(x))); }
static real add(real a, real b) { return a + b; }
static real sub(real a, real b) { return a - b; }
static real mul(real a, real b) { return a * b; }
static real least(real a, real b) { return isnan(a) || a < b ? a : b; }
static real most(real a, real b) { return isnan(a) || a > b ? a : b; }

static real to_even(real x)
{
    real y = rintl(x); /* the rounding mode is to nearest, half to even */
    return copysignl(y, x);
}

/* ---- the sweep ------------------------------------------------------------------------------------------------------ */

typedef struct function {
    const char *name;
    real (*one)(real);
    real (*two)(real, real);
    double ulps[2];
} function;

#define ONE(n, exact, u32, u64) {.name = #n, .one = exact, .ulps = {u32, u64}},
#define TWO(n, exact, u32, u64) {.name = #n, .two = exact, .ulps = {u32, u64}},
static const function functions[] = {UNARY(ONE) BINARY(TWO)};
enum { FUNCTIONS = sizeof functions / sizeof *functions };

enum { POINTS = 1 << 17 };

/* Numbers of one dtype in double, which holds both; x[i], y[i] go to a function of two. */
typedef struct points {
    int n;
    double *x, *y;
} points;

static uint64_t next(uint64_t *state) /* splitmix64 */
{
    uint64_t z = *state += 0x9e3779b97f4a7c15u;
    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
    z = (z ^ z >> 27) * 0x94d049bb133111ebu;
    return z ^ z >> 31;
}

static double uniform(uint64_t *state, double lo, double hi) { return lo + (hi - lo) * (double)(next(state) >> 11) * 0x1p-53; }

static void put(points *p, wg_dtype d, double x, double y)
{
    if (p->n == POINTS) return;
    p->x[p->n] = d == WG_F32 ? (double)(float)x : x;
    p->y[p->n++] = d == WG_F32 ? (double)(float)y : y;
}

/* A number of random bits: every exponent alike, subnormals, infinities and NaNs among them. */
static double any(uint64_t *state, wg_dtype d) { return d == WG_F32 ? (double)wg__float((uint32_t)next(state)) : wg__double(next(state)); }

static void put_specials(points *p, wg_dtype d)
{
    const double tiny = d == WG_F32 ? 0x1p-149 : 0x1p-1074, low = d == WG_F32 ? (double)FLT_MIN : DBL_MIN;
    const double high = d == WG_F32 ? (double)FLT_MAX : DBL_MAX;
    const double s[] = {
        0,          tiny, low,  low - tiny, 0x1p-30,   0.25,    0.5,  0.75,   1,      1.5,    2,       2.5,  3,
        4,          10,   17,   87,         88.72,     89,      103,  103.97, 104,    709.78, 710,     745,  746,
        1000,       4e15, 5e15, 1e9,        8388607.5, 8388608, 1e30, high,   0x1p50, 0x1p77, 0x1p104, 1e22, (double)INFINITY,
        (double)NAN};
    enum { N = sizeof s / sizeof *s };
    for (int i = 0; i < 2 * N; i++)
        for (int j = 0; j < 2 * N; j++) put(p, d, i < N ? s[i] : -s[i - N], j < N ? s[j] : -s[j - N]);
}

static points points_new(wg_dtype d)
{
    points p = {.x = malloc(POINTS * sizeof(double)), .y = malloc(POINTS * sizeof(double))};
    ck_assert(p.x && p.y);
    uint64_t state = 2024;
    put_specials(&p, d);
    for (int k = -2000; k <= 2000; k++) put(&p, d, k * 1.57079632679489661923, k);
    for (int k = -2000; k <= 2000; k++) put(&p, d, k / 4.0, 10.0 / (k + 0.5));
    for (int k = p.n; k < POINTS; k++) {
        double x = any(&state, d), y = any(&state, d); /* apart: the order of two calls in one call is nobody's */
        double u = uniform(&state, -1, 1), v = uniform(&state, -1, 1);
        switch (k % 8) {
        case 0: put(&p, d, 2 * u, 40 * v); break;
        case 1: put(&p, d, 110 * u, 3 * v); break;
        case 2: put(&p, d, exp2(40 * u), floor(9 * v)); break;
        case 3: put(&p, d, 1 + 0x1p-12 * u, 3e5 * v); break;
        case 4: put(&p, d, 800 * u, 1000 * v); break;
        default: put(&p, d, x, y); break;
        }
    }
    return p;
}

static void points_free(points *p)
{
    free(p->x);
    free(p->y);
}

/* One unit in the last place of dtype d at x. */
static real ulp(wg_dtype d, real x)
{
    int e;
    frexpl(x, &e);
    int digits = d == WG_F32 ? FLT_MANT_DIG : DBL_MANT_DIG, least_e = d == WG_F32 ? FLT_MIN_EXP : DBL_MIN_EXP;
    return ldexpl(1, (e > least_e ? e : least_e) - digits);
}

/* The error of `got` in ulp; infinite where it is of another kind than `want`. A zero has the sign of what it stands
   for. Beyond the largest number infinity is right. */
static double error(wg_dtype d, double got, real want)
{
    const real top = d == WG_F32 ? (real)FLT_MAX : (real)DBL_MAX;
    if (isnan(want)) return isnan(got) ? 0 : HUGE_VAL;
    if (isnan(got) || (!isinf(got) && !signbit(got) != !signbit(want))) return HUGE_VAL;
    if (isinf(want)) return (real)got == want ? 0 : HUGE_VAL;
    if (isinf(got)) return (got > 0) == (want > 0) ? fmax(0, (double)((top - fabsl(want)) / ulp(d, top)) + 0.5) : HUGE_VAL;
    return (double)(fabsl((real)got - want) / ulp(d, want));
}

static void run(int f, wg_isa isa, wg_dtype d, const points *p, double *out)
{
    size_t width = d == WG_F32 ? sizeof(float) : sizeof(double);
    void *data[3];
    for (int i = 0; i < 3; i++) ck_assert(data[i] = malloc((size_t)p->n * width));
    for (int i = 0; i < p->n; i++) {
        if (d == WG_F32) ((float *)data[0])[i] = (float)p->x[i], ((float *)data[1])[i] = (float)p->y[i];
        else ((double *)data[0])[i] = p->x[i], ((double *)data[1])[i] = p->y[i];
    }
    kernels[isa][d](&(wg_args){.in = (const void *[]){data[0], data[1]}, .out = data[2], .attrs = &f}, 0, p->n);
    for (int i = 0; i < p->n; i++) out[i] = d == WG_F32 ? (double)((float *)data[2])[i] : ((double *)data[2])[i];
    for (int i = 0; i < 3; i++) free(data[i]);
}

/* The largest error over the points; the first place of it in *at. */
static double worst(int f, wg_isa isa, wg_dtype d, const points *p, const real *want, int *at, double *got_there)
{
    double most_error = -1, *got = malloc((size_t)p->n * sizeof *got);
    ck_assert(got);
    run(f, isa, d, p, got);
    for (int i = 0; i < p->n; i++) {
        double e = error(d, got[i], want[i]);
        if (e > most_error) most_error = e, *at = i, *got_there = got[i];
    }
    free(got);
    return most_error;
}

static void check_function(int f, wg_dtype d)
{
    const function *it = &functions[f];
    points p = points_new(d);
    real *want = malloc(POINTS * sizeof *want);
    ck_assert(want);
    for (int i = 0; i < p.n; i++) want[i] = it->one ? it->one((real)p.x[i]) : it->two((real)p.x[i], (real)p.y[i]);
    for (wg_isa isa = 0; isa < WG_ISAS; isa++) {
        if (!wg__isa_here(isa)) continue;
        int i = 0;
        double got = 0, e = worst(f, isa, d, &p, want, &i, &got), bound = it->ulps[d == WG_F64];
        ck_assert_msg(e <= bound, "isa %d %s %s(%a, %a): %.9g, exactly %.12Lg: %.3f ulp, allowed %g", (int)isa, d == WG_F32 ? "f32" : "f64",
                      it->name, p.x[i], p.y[i], got, want[i], e, bound);
    }
    free(want);
    points_free(&p);
}

START_TEST(f32_is_within_its_bound) { check_function(_i, WG_F32); }
END_TEST

START_TEST(f64_is_within_its_bound) { check_function(_i, WG_F64); }
END_TEST

/* ---- what has no long double counterpart ------------------------------------------------------------------------------ */

/* Far to the right by recurrence, then the asymptotic series; its first left out term is below 1e-22. */
static real digammal(real x)
{
    const real pi = 3.14159265358979323846264338327950288L;
    if (x == 0) return -1 / x;
    if (x < 0) return x == floorl(x) ? (real)NAN : digammal(1 - x) - pi / tanl(pi * (x - rintl(x)));
    real sum = 0;
    for (; x < 40; x += 1) sum -= 1 / x;
    real z = 1 / (x * x);
    return sum + logl(x) - 1 / (2 * x) - z * (1 / 12.0L - z * (1 / 120.0L - z * (1 / 252.0L - z * (1 / 240.0L - z / 132.0L))));
}

/* Near its zeros and poles the last bit of x decides; there the error is counted against 1. */
static bool close_to(wg_dtype d, double got, real want, double tolerance)
{
    if (fabsl(want) > (d == WG_F32 ? (real)FLT_MAX : (real)DBL_MAX)) want = copysignl((real)INFINITY, want);
    if (isnan(want)) return isnan(got);
    if (isinf(want)) return (real)got == want;
    return fabsl((real)got - want) <= (real)tolerance * fmaxl(fabsl(want), 1);
}

static void check_gamma(int f, real (*exact)(real), wg_dtype d, double tolerance)
{
    points p = points_new(d);
    double *got = malloc(POINTS * sizeof *got);
    ck_assert(got);
    for (wg_isa isa = 0; isa < WG_ISAS; isa++) {
        if (!wg__isa_here(isa)) continue;
        run(f, isa, d, &p, got);
        for (int i = 0; i < p.n; i++) {
            real want = exact((real)p.x[i]);
            if (!close_to(d, got[i], want, tolerance))
                ck_abort_msg("isa %d, function %d at %a: %.17g, exactly %.20Lg", (int)isa, f, p.x[i], got[i], want);
        }
    }
    free(got);
    points_free(&p);
}

START_TEST(digamma_is_right)
{
    check_gamma(F_digamma, digammal, WG_F32, (double)FLT_EPSILON);
    check_gamma(F_digamma, digammal, WG_F64, 1e-14);
}
END_TEST

START_TEST(lgamma_is_right)
{
    check_gamma(F_lgamma, lgammal, WG_F32, (double)FLT_EPSILON);
    check_gamma(F_lgamma, lgammal, WG_F64, 4 * DBL_EPSILON);
}
END_TEST

static int told_apart(wg_isa isa, wg_dtype d, const points *p, double *got)
{
    int wrong = 0;
    run(F_isnan, isa, d, p, got);
    for (int i = 0; i < p->n; i++) wrong += got[i] != (isnan(p->x[i]) ? 1 : 0);
    run(F_isinf, isa, d, p, got);
    for (int i = 0; i < p->n; i++) wrong += got[i] != (isinf(p->x[i]) ? 1 : 0);
    run(F_isfinite, isa, d, p, got);
    for (int i = 0; i < p->n; i++) wrong += got[i] != (isfinite(p->x[i]) ? 1 : 0);
    return wrong;
}

START_TEST(kinds_of_number_are_told_apart)
{
    for (wg_dtype d = WG_F32; d <= WG_F64; d++) {
        points p = points_new(d);
        double *got = malloc(POINTS * sizeof *got);
        ck_assert(got);
        for (wg_isa isa = 0; isa < WG_ISAS; isa++) ck_assert_int_eq(wg__isa_here(isa) ? told_apart(isa, d, &p, got) : 0, 0);
        free(got);
        points_free(&p);
    }
}
END_TEST

/* fma(x, y, -fl(x y)) is the rounding error of the product where fma is real, and 0 where it is not. */
START_TEST(fma_is_fused_where_it_can_be)
{
    points p = {.n = 1, .x = &(double){1 + 0x1p-20}, .y = &(double){1 + 0x1p-20}};
    double out;
    run(F_fma, WG_ISA_BASE, WG_F32, &p, &out);
    ck_assert(out == 0);
    for (wg_isa isa = WG_ISA_AVX2; isa < WG_ISAS; isa++) {
        if (!wg__isa_here(isa)) continue;
        run(F_fma, isa, WG_F32, &p, &out);
        ck_assert(out == 0x1p-40);
    }
}
END_TEST

START_TEST(functions_give_the_values_of_annex_f)
{
    const float inf = (float)INFINITY;
    ck_assert(wg_exp_f32_base(1000) == inf && wg_exp_f32_base(-1000) == 0 && wg_exp_f32_base(-inf) == 0);
    ck_assert(wg_exp_f32_base(0) == 1 && wg_exp2_f32_base(10) == 1024 && wg_exp2_f32_base(-149) == 0x1p-149f);
    ck_assert(wg_log_f32_base(0) == -inf && isnan(wg_log_f32_base(-1)) && wg_log_f32_base(inf) == inf);
    ck_assert(wg_log_f32_base(1) == 0 && wg_log2_f32_base(0x1p-149f) == -149 && wg_log10_f32_base(1e10f) == 10);
    ck_assert(wg_tanh_f32_base(inf) == 1 && wg_tanh_f32_base(-inf) == -1 && signbit(wg_tanh_f32_base(-0.0f)));
    ck_assert(wg_sigmoid_f32_base(1000) == 1 && wg_sigmoid_f32_base(-1000) == 0 && wg_sigmoid_f32_base(0) == 0.5f);
    ck_assert(wg_sigmoid_f64_base(1000) == 1 && wg_sigmoid_f64_base(-1000) == 0 && wg_sigmoid_f64_base(0) == 0.5);
    ck_assert(wg_erf_f32_base(inf) == 1 && wg_erf_f32_base(-inf) == -1 && signbit(wg_erf_f32_base(-0.0f)));
    ck_assert(signbit(wg_sin_f32_base(-0.0f)) && wg_cos_f32_base(0) == 1 && isnan(wg_sin_f32_base(inf)));
    ck_assert(wg_pow_f32_base((float)NAN, 0) == 1 && wg_pow_f32_base(1, (float)NAN) == 1 && wg_pow_f32_base(-1, inf) == 1);
    ck_assert(wg_pow_f32_base(-2, 3) == -8 && isnan(wg_pow_f32_base(-2, 0.5f)) && wg_pow_f32_base(-0.0f, -3) == -inf);
    ck_assert(wg_round_f32_base(0.5f) == 0 && wg_round_f32_base(1.5f) == 2 && wg_round_f32_base(2.5f) == 2);
}
END_TEST

START_TEST(integers_wrap)
{
    ck_assert(wg_add_i64_base(INT64_MAX, 1) == INT64_MIN && wg_sub_i64_base(INT64_MIN, 1) == INT64_MAX);
    ck_assert(wg_mul_i64_base(INT64_MAX, 2) == -2 && wg_neg_i64_base(INT64_MIN) == INT64_MIN);
    ck_assert(wg_abs_i64_base(INT64_MIN) == INT64_MIN && wg_abs_i64_base(-3) == 3 && wg_abs_i64_base(3) == 3);
    ck_assert(wg_sign_i64_base(-9) == -1 && wg_sign_i64_base(0) == 0 && wg_sign_i64_base(9) == 1);
    ck_assert(wg_min_i64_base(-1, 2) == -1 && wg_max_i64_base(-1, 2) == 2);
}
END_TEST

static Suite *kernelmath_suite(void)
{
    Suite *s = suite_create("kernelmath");
    TCase *sweep = tcase_create("sweep");
    tcase_set_timeout(sweep, 60);
    tcase_add_loop_test(sweep, f32_is_within_its_bound, 0, FUNCTIONS);
    tcase_add_loop_test(sweep, f64_is_within_its_bound, 0, FUNCTIONS);
    tcase_add_test(sweep, digamma_is_right);
    tcase_add_test(sweep, lgamma_is_right);
    suite_add_tcase(s, sweep);
    TCase *edges = tcase_create("edges");
    tcase_add_test(edges, kinds_of_number_are_told_apart);
    tcase_add_test(edges, fma_is_fused_where_it_can_be);
    tcase_add_test(edges, functions_give_the_values_of_annex_f);
    tcase_add_test(edges, integers_wrap);
    suite_add_tcase(s, edges);
    return s;
}

int main(void)
{
    SRunner *r = srunner_create(kernelmath_suite());
    srunner_run_all(r, CK_NORMAL);
    int failed = srunner_ntests_failed(r);
    srunner_free(r);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}

#else

#define LOOP1(f, ...)                                                                                                                      \
    case F_##f:                                                                                                                            \
        for (int64_t i = lo; i < hi; i++) z[i] = (T)M(f)(x[i]);                                                                            \
        break;
#define LOOP2(f, ...)                                                                                                                      \
    case F_##f:                                                                                                                            \
        for (int64_t i = lo; i < hi; i++) z[i] = M(f)(x[i], y[i]);                                                                         \
        break;

static int64_t FN(kernel)(const wg_args *a, int64_t lo, int64_t hi)
{
    const T *restrict x = a->in[0], *restrict y = a->in[1];
    T *restrict z = a->out;
    switch (*(const int *)a->attrs) {
        UNARY(LOOP1)
        BINARY(LOOP2)
        TESTS(LOOP1)
        LOOP1(digamma, 0)
        LOOP1(lgamma, 0)
    case F_fma:
        for (int64_t i = lo; i < hi; i++) z[i] = M(fma)(x[i], y[i], -(x[i] * y[i]));
        break;
    default: break;
    }
    return -1;
}

#undef LOOP1
#undef LOOP2
#endif

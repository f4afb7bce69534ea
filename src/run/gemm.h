/* gemm.h -- the matrix product c = a b of one block of rows and columns: packing, micro-kernel, edges.
 *
 * The idea is that of K. Goto and R. van de Geijn, "Anatomy of high-performance matrix multiplication", ACM TOMS
 * 34(3), 2008, in the form of BLIS (F. Van Zee and R. van de Geijn, ACM TOMS 41(3), 2015): a micro-kernel keeps an
 * MR x NR tile of c in registers and walks down k; panels of a (MR rows) and of b (NR columns) are laid out so that it
 * reads them in order. Operands come with any strides: packing reads them, nothing is copied before. Where reading in
 * place costs less than packing (few tiles use a panel), the micro-kernel reads the operand itself.
 *
 * Invariant: an element of c is sum over k in order, in one register, over each KC terms, and those sums are added in
 * order, whoever made them (gemm_add_terms). So its bits depend on k and KC only: not on edges, strides, packing, blocks of
 * rows and columns, nor threads.
 * (With one row or one column the other operand is read once, and how it lies decides: rows added, or dot products
 * in lanes. There the bits depend on k and on that layout, still not on blocks nor threads.)
 *
 * The upper part is for whoever plans (block sizes, bytes). The lower part is a template: included where T, WIDE, FN,
 * SUFFIX and M are defined (see tape/instances.h), once for each type and instruction set. Letters: m rows of c, n columns of
 * c, k terms; rs and cs strides from row to row and from column to column, in elements. */
#ifndef WG_RUN_GEMM_H
#define WG_RUN_GEMM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#if defined __x86_64__
#include <immintrin.h>
#endif

/* Blocks of rows and columns start at multiples of these, whatever the instruction set: they are multiples of every MR
   and NR below. */
enum { WG_GEMM_ROWS = 12, WG_GEMM_COLUMN_BYTES = 128 };

/* One product. c is row-major, its columns contiguous; a is m x k, b is k x n. */
typedef struct wg_gemm {
    int64_t k, kc; /* terms, and terms a block (see wg__gemm_depth)                  */
    int64_t a_rs, a_cs;
    int64_t b_rs, b_cs;
    int64_t c_rs;
    int64_t rows;              /* of c, where threads share them out; 0: where they do not    */
    int64_t a_rows, b_columns; /* of a packed a or b: m, n rounded up                          */
    bool a_direct, b_direct;   /* read in place; b only if b_cs is 1                              */
} wg_gemm;

static inline int64_t wg__gemm_columns(size_t width) { return WG_GEMM_COLUMN_BYTES / (int64_t)width; }

static inline int64_t wg__gemm_up(int64_t x, int64_t step) { return (x + step - 1) / step * step; }

/* Terms a block: many, so that a tile of c is seldom fetched again; a's block of that depth and b's panel share the second-level
   cache, and b's panel is asked for ahead. Blocks are about equal. */
static inline int64_t wg__gemm_depth(int64_t k, size_t width)
{
    int64_t most = width == 4 ? 512 : 256, blocks = (k + most - 1) / most;
    return k == 0 ? 1 : wg__gemm_up((k + blocks - 1) / blocks, 4);
}

/* Elements of scratch that a block of `rows` rows needs. */
static inline int64_t wg__gemm_scratch(int64_t rows, int64_t kc, bool a_direct, size_t width)
{
    return ((a_direct ? 0 : wg__gemm_up(rows, WG_GEMM_ROWS)) + wg__gemm_columns(width)) * kc;
}
#endif

/* ---- the template ------------------------------------------------------------------------------------------------- */
#ifdef T

#define WG_GEMM_TYPE_f32 4
#define WG_GEMM_TYPE_f64 8
#define WG_GEMM_TYPE_i64 1
#define WG_GEMM_PASTE_(a, b) a##b
#define WG_GEMM_PASTE(a, b) WG_GEMM_PASTE_(a, b)
#define WG_GEMM_TYPE WG_GEMM_PASTE(WG_GEMM_TYPE_, SUFFIX)

/* E is T, but unsigned for integers, whose arithmetic wraps. */
#if WG_GEMM_TYPE == WG_GEMM_TYPE_i64
#define E uint64_t
#define WG_GEMM_SFMA(a, b, c) ((c) + (a) * (b))
#else
#define E T
#define WG_GEMM_SFMA(a, b, c) M(fma)(a, b, c)
#endif

/* The tile: MR rows of two vectors each, as many as there are registers for. */
#if defined WG_AVX512_HERE
#define WG_GEMM_BYTES 64
#define MR 12
#elif defined WG_FMA_HERE
#define WG_GEMM_BYTES 32
#if WG_GEMM_TYPE == WG_GEMM_TYPE_i64
#define MR 4 /* a product of these takes registers of its own */
#else
#define MR 6
#endif
#else
#define WG_GEMM_BYTES 16
#define MR 4
#endif
#if WG_GEMM_BYTES == 64 && WG_GEMM_TYPE == WG_GEMM_TYPE_f32
#define WG_GEMM_FMA(a, b, c) ((V)_mm512_fmadd_ps(a, b, c))
#elif WG_GEMM_BYTES == 64 && WG_GEMM_TYPE == WG_GEMM_TYPE_f64
#define WG_GEMM_FMA(a, b, c) ((V)_mm512_fmadd_pd(a, b, c))
#elif WG_GEMM_BYTES == 32 && WG_GEMM_TYPE == WG_GEMM_TYPE_f32
#define WG_GEMM_FMA(a, b, c) ((V)_mm256_fmadd_ps(a, b, c))
#elif WG_GEMM_BYTES == 32 && WG_GEMM_TYPE == WG_GEMM_TYPE_f64
#define WG_GEMM_FMA(a, b, c) ((V)_mm256_fmadd_pd(a, b, c))
#else
#define WG_GEMM_FMA(a, b, c) ((c) + (a) * (b))
#endif

#define LANES (WG_GEMM_BYTES / (int)sizeof(E))
#define NR (2 * LANES)
#define V FN(gemm_vector)

/* For ops that pack panels of their own: rows of a panel of a, columns of one of b. */
enum { FN(gemm_mr) = MR, FN(gemm_nr) = NR };

typedef E FN(gemm_vector) __attribute__((vector_size(WG_GEMM_BYTES)));
/* The same in memory: aligned as an E, and lawful to read any E through. */
typedef E FN(gemm_memory) __attribute__((vector_size(WG_GEMM_BYTES), aligned(sizeof(E)), may_alias));

static inline __attribute__((always_inline)) V FN(gemm_load)(const E *x) { return *(const FN(gemm_memory) *)x; }

static inline __attribute__((always_inline)) void FN(gemm_store)(E *x, V v) { *(FN(gemm_memory) *)x = v; }

/* x in every lane; x - 0 is x, whatever x is. */
static inline __attribute__((always_inline)) V FN(gemm_spread)(E x) { return x - (V){0}; }

/* Vectors at the right edge: n of their lanes. A mask is what the instruction set makes of n; where it has none, loading
   takes all lanes (b's panel is packed then, and long enough), storing goes one by one. */
#if defined WG_AVX512_HERE
enum { FN(gemm_masks) = 1 };
static inline __attribute__((always_inline)) unsigned FN(gemm_mask)(int64_t n) { return (1u << n) - 1; }
#if WG_GEMM_TYPE == WG_GEMM_TYPE_f32
#define WG_GEMM_LOAD_SOME(x, mask) ((V)_mm512_maskz_loadu_ps((__mmask16)(mask), x))
#define WG_GEMM_STORE_SOME(x, mask, v) _mm512_mask_storeu_ps(x, (__mmask16)(mask), (__m512)(v))
#else
#define WG_GEMM_LOAD_SOME(x, mask) ((V)_mm512_maskz_loadu_epi64((__mmask8)(mask), x))
#define WG_GEMM_STORE_SOME(x, mask, v) _mm512_mask_storeu_epi64(x, (__mmask8)(mask), (__m512i)(v))
#endif
static inline __attribute__((always_inline)) void FN(gemm_out_some)(E *c, V v, bool add, unsigned mask)
{
    WG_GEMM_STORE_SOME(c, mask, add ? WG_GEMM_LOAD_SOME(c, mask) + v : v);
}
#else
enum { FN(gemm_masks) = 0 };
static inline __attribute__((always_inline)) unsigned FN(gemm_mask)(int64_t n) { return (unsigned)n; }
#define WG_GEMM_LOAD_SOME(x, mask) FN(gemm_load)(x)
static inline __attribute__((always_inline)) void FN(gemm_out_some)(E *c, V v, bool add, unsigned mask)
{
    if (mask == LANES) {
        FN(gemm_store)(c, add ? FN(gemm_load)(c) + v : v);
        return;
    }
    for (unsigned i = 0; i < mask; i++) c[i] = add ? c[i] + v[i] : v[i];
}
#endif

/* Asks for two vectors that will be needed: b's some terms ahead, since its panel comes from a cache that is far, and c's
   shortly before the end, since its rows may be a page apart and then evict each other. For the same reason a b that is not
   packed yet is asked for in two steps: far ahead into the second level, shortly before it is read into the first. */
enum { FN(gemm_ahead) = 32, FN(gemm_soon) = 8, FN(gemm_far) = 48, FN(gemm_late) = 64 };
#define FETCH(x, write)                                                                                                                    \
    do {                                                                                                                                   \
        __builtin_prefetch(x, write);                                                                                                      \
        __builtin_prefetch((x) + LANES, write);                                                                                            \
    } while (0)

#define FETCH_FAR(x)                                                                                                                       \
    do {                                                                                                                                   \
        __builtin_prefetch(x, 0, 2);                                                                                                       \
        __builtin_prefetch((x) + LANES, 0, 2);                                                                                             \
    } while (0)

/* The micro-kernel: c[rows][n] (+)= a[rows][k] b[k][n], n one or two vectors of columns, the last of which counts as far
   as `mask` says (where it is not all there: `some`). What is read of b goes to `keep` too, where that is not NULL. Rows by
   name, not in an array: compilers keep names in registers; those from `rows` on are never used and cost nothing. rows, two,
   some are constants where it is inlined. */
static inline __attribute__((always_inline)) void FN(gemm_micro)(const int rows, const bool two, const bool some, int64_t k, const E *a,
                                                                 int64_t rs, int64_t cs, const E *b, int64_t b_rs, E *c, int64_t c_rs,
                                                                 bool add, unsigned mask, E *keep)
{
#define WG_GEMM_EACH(F) F(0) F(1) F(2) F(3) F(4) F(5) F(6) F(7) F(8) F(9) F(10) F(11)
#define WG_GEMM_ZERO(i) V l##i = {0}, h##i = {0};
#define WG_GEMM_STEP(i)                                                                                                                    \
    if (i < rows) {                                                                                                                        \
        V x = FN(gemm_spread)(row[i / 3][i % 3 * rs]);                                                                                     \
        l##i = WG_GEMM_FMA(x, lo, l##i);                                                                                                   \
        if (two) h##i = WG_GEMM_FMA(x, hi, h##i);                                                                                          \
    }
#define WG_GEMM_OUT(i)                                                                                                                     \
    if (i < rows) {                                                                                                                        \
        E *to = c + i * c_rs;                                                                                                              \
        if (some && !two) FN(gemm_out_some)(to, l##i, add, mask);                                                                          \
        else FN(gemm_store)(to, add ? FN(gemm_load)(to) + l##i : l##i);                                                                    \
        if (some && two) FN(gemm_out_some)(to + LANES, h##i, add, mask);                                                                   \
        else if (two) FN(gemm_store)(to + LANES, add ? FN(gemm_load)(to + LANES) + h##i : h##i);                                           \
    }
    const E *row[4] = {a, a + 3 * rs, a + 6 * rs, a + 9 * rs}; /* three rows a pointer, as addressing modes like it */
    WG_GEMM_EACH(WG_GEMM_ZERO)
    for (int64_t p = 0, end = !some && k > FN(gemm_late) ? k - FN(gemm_late) : 0;; end = k) {
        for (; p < end; p++) {
            V lo = some && !two ? WG_GEMM_LOAD_SOME(b, mask) : FN(gemm_load)(b);
            V hi = !two ? lo : some ? WG_GEMM_LOAD_SOME(b + LANES, mask) : FN(gemm_load)(b + LANES);
            if (!some) FETCH(b + (keep ? FN(gemm_soon) : FN(gemm_ahead)) * b_rs, 0);
            if (keep) {
                FETCH_FAR(b + FN(gemm_far) * b_rs);
                FN(gemm_store)(keep, lo);
                FN(gemm_store)(keep + LANES, hi);
                keep += NR;
            }
            WG_GEMM_EACH(WG_GEMM_STEP)
            for (int i = 0; i < 4; i++) row[i] += cs;
            b += b_rs;
        }
        if (p == k) break;
        for (int i = 0; !some && i < rows; i++) FETCH(c + i * c_rs, 1);
    }
    WG_GEMM_EACH(WG_GEMM_OUT)
#undef WG_GEMM_EACH
#undef WG_GEMM_ZERO
#undef WG_GEMM_STEP
#undef WG_GEMM_OUT
}

static __attribute__((noinline)) void FN(gemm_whole)(int64_t k, const E *a, int64_t rs, int64_t cs, const E *b, int64_t b_rs, E *c,
                                                     int64_t c_rs, bool add)
{
    FN(gemm_micro)(MR, true, false, k, a, rs, cs, b, b_rs, c, c_rs, add, 0, NULL);
}

/* The same; what it reads of b stays behind as a panel: packing hides behind the arithmetic. */
static __attribute__((noinline)) void FN(gemm_keep)(int64_t k, const E *a, int64_t rs, int64_t cs, const E *b, int64_t b_rs, E *c,
                                                    int64_t c_rs, bool add, E *panel)
{
    FN(gemm_micro)(MR, true, false, k, a, rs, cs, b, b_rs, c, c_rs, add, 0, panel);
}

/* A kernel for each number of rows and of vectors. */
typedef void FN(gemm_kernel)(int64_t k, const E *a, int64_t rs, int64_t cs, const E *b, int64_t b_rs, E *c, int64_t c_rs, bool add,
                             unsigned mask);
#if MR == 12
#define WG_GEMM_EACH(F) F(1), F(2), F(3), F(4), F(5), F(6), F(7), F(8), F(9), F(10), F(11), F(12)
#define WG_GEMM_EVERY(F) F(1) F(2) F(3) F(4) F(5) F(6) F(7) F(8) F(9) F(10) F(11) F(12)
#elif MR == 6
#define WG_GEMM_EACH(F) F(1), F(2), F(3), F(4), F(5), F(6)
#define WG_GEMM_EVERY(F) F(1) F(2) F(3) F(4) F(5) F(6)
#else
#define WG_GEMM_EACH(F) F(1), F(2), F(3), F(4)
#define WG_GEMM_EVERY(F) F(1) F(2) F(3) F(4)
#endif
#define WG_GEMM_ONE(rows, vectors)                                                                                                         \
    static void FN(gemm_##rows##x##vectors)(int64_t k, const E *a, int64_t rs, int64_t cs, const E *b, int64_t b_rs, E *c, int64_t c_rs,   \
                                            bool add, unsigned mask)                                                                       \
    {                                                                                                                                      \
        FN(gemm_micro)(rows, vectors == 2, true, k, a, rs, cs, b, b_rs, c, c_rs, add, mask, NULL);                                         \
    }
#define WG_GEMM_BOTH(rows) WG_GEMM_ONE(rows, 1) WG_GEMM_ONE(rows, 2)
#define WG_GEMM_NAME1(rows) FN(gemm_##rows##x1)
#define WG_GEMM_NAME2(rows) FN(gemm_##rows##x2)
WG_GEMM_EVERY(WG_GEMM_BOTH)
static FN(gemm_kernel) *const FN(gemm_kernels)[2][MR] = {{WG_GEMM_EACH(WG_GEMM_NAME1)}, {WG_GEMM_EACH(WG_GEMM_NAME2)}};
#undef WG_GEMM_EACH
#undef WG_GEMM_EVERY
#undef WG_GEMM_ONE
#undef WG_GEMM_BOTH
#undef WG_GEMM_NAME1
#undef WG_GEMM_NAME2

/* Turning, where x is contiguous along the terms: a square of 16 bytes by as many rows goes through registers, 1, 2 or 4
   squares (of rows further down) side by side in a vector. */
#define QUAD (16 / (int)sizeof(E))
#if defined __x86_64__
#define WG_GEMM_AT1(x, step) _mm_loadu_ps((const float *)(x))
#define WG_GEMM_AT2(x, step) _mm256_insertf128_ps(_mm256_castps128_ps256(WG_GEMM_AT1(x, step)), WG_GEMM_AT1((x) + (step), step), 1)
#define WG_GEMM_AT4(x, step)                                                                                                               \
    _mm512_castpd_ps(_mm512_insertf64x4(_mm512_castps_pd(_mm512_castps256_ps512(WG_GEMM_AT2(x, step))),                                    \
                                        _mm256_castps_pd(WG_GEMM_AT2((x) + 2 * (step), step)), 1))
#define WG_GEMM_TURN(squares, P, F, D)                                                                                                     \
    static inline __attribute__((always_inline)) void FN(gemm_turn##squares)(E *restrict to, const int width, const E *restrict x,         \
                                                                             int64_t across, int64_t k)                                    \
    {                                                                                                                                      \
        int64_t p = 0, step = QUAD * across; /* from square to square */                                                                   \
        (void)step;                                                                                                                        \
        for (; p + QUAD <= k; p += QUAD) {                                                                                                 \
            const E *from = x + p;                                                                                                         \
            float *at = (float *)(to + p * width);                                                                                         \
            const int down = width * (int)(sizeof(E) / 4);                                                                                 \
            F a = WG_GEMM_AT##squares(from, step), b = WG_GEMM_AT##squares(from + across, step);                                           \
            D lo = P##_castps_pd(a), hi = P##_castps_pd(b), lo2 = lo, hi2 = hi;                                                            \
            if (QUAD == 4) {                                                                                                               \
                F c = WG_GEMM_AT##squares(from + 2 * across, step), d = WG_GEMM_AT##squares(from + 3 * across, step);                      \
                lo = P##_castps_pd(P##_unpacklo_ps(a, b)), lo2 = P##_castps_pd(P##_unpackhi_ps(a, b));                                     \
                hi = P##_castps_pd(P##_unpacklo_ps(c, d)), hi2 = P##_castps_pd(P##_unpackhi_ps(c, d));                                     \
            }                                                                                                                              \
            P##_storeu_ps(at, P##_castpd_ps(P##_unpacklo_pd(lo, hi)));                                                                     \
            P##_storeu_ps(at + down, P##_castpd_ps(P##_unpackhi_pd(lo, hi)));                                                              \
            if (QUAD == 2) continue;                                                                                                       \
            P##_storeu_ps(at + 2 * down, P##_castpd_ps(P##_unpacklo_pd(lo2, hi2)));                                                        \
            P##_storeu_ps(at + 3 * down, P##_castpd_ps(P##_unpackhi_pd(lo2, hi2)));                                                        \
        }                                                                                                                                  \
        for (; p < k; p++)                                                                                                                 \
            for (int i = 0; i < squares * QUAD; i++) to[p * width + i] = x[i * across + p];                                                \
    }
WG_GEMM_TURN(1, _mm, __m128, __m128d)
#if defined WG_FMA_HERE
WG_GEMM_TURN(2, _mm256, __m256, __m256d)
#endif
#if defined WG_AVX512_HERE
WG_GEMM_TURN(4, _mm512, __m512, __m512d)
#endif
#endif

/* The first `rows` of a panel's rows, x contiguous along the terms; how many were turned. */
static inline __attribute__((always_inline)) int FN(gemm_turn)(E *restrict to, const int width, const E *restrict x, int64_t across,
                                                               int64_t rows, int64_t k)
{
    int i = 0;
    (void)to, (void)width, (void)x, (void)across, (void)rows, (void)k;
#if defined WG_AVX512_HERE
    for (; i + 4 * QUAD <= width && i + 4 * QUAD <= rows; i += 4 * QUAD) FN(gemm_turn4)(to + i, width, x + i * across, across, k);
#endif
#if defined WG_FMA_HERE
    for (; i + 2 * QUAD <= width && i + 2 * QUAD <= rows; i += 2 * QUAD) FN(gemm_turn2)(to + i, width, x + i * across, across, k);
#endif
#if defined __x86_64__
    for (; i + QUAD <= width && i + QUAD <= rows; i += QUAD) FN(gemm_turn1)(to + i, width, x + i * across, across, k);
#endif
    return i;
}

/* One panel: to[p][i] = x[i * across + p * along], i < width, p < k; zeros from `count` on. */
static inline __attribute__((always_inline)) void FN(gemm_panel)(E *restrict to, const int width, const E *restrict x, int64_t across,
                                                                 int64_t along, int64_t count, int64_t k)
{
    if (count >= width && across == 1) {
        for (int64_t p = 0; p < k; p++) memcpy(to + p * width, x + p * along, (size_t)width * sizeof(E));
        return;
    }
    enum { LINE = 16 }; /* terms at a time: each cache line of x is used whole before the next column may evict it */
    for (int64_t p = 0, n; p < k; p += n) {
        n = k - p < LINE ? k - p : LINE;
        E *at = to + p * width;
        const E *from = x + p * along;
        for (int i = along == 1 ? FN(gemm_turn)(at, width, from, across, count, n) : 0; i < width; i++)
            for (int64_t q = 0; q < n; q++) at[q * width + i] = i < count ? from[i * across + q * along] : (E)0;
    }
}

/* Rows i0..i1-1 of a, k terms, in panels of MR one after another. */
static __attribute__((noinline)) void FN(gemm_pack_a)(E *to, const E *a, int64_t rs, int64_t cs, int64_t i0, int64_t i1, int64_t k)
{
    for (int64_t i = i0; i < i1; i += MR, to += MR * k) FN(gemm_panel)(to, MR, a + i * rs, rs, cs, i1 - i, k);
}

/* Columns j0..j1-1 of b, k terms, in panels of NR one after another. */
static __attribute__((noinline)) void FN(gemm_pack_b)(E *to, const E *b, int64_t rs, int64_t cs, int64_t j0, int64_t j1, int64_t k)
{
    for (int64_t j = j0; j < j1; j += NR, to += NR * k) FN(gemm_panel)(to, NR, b + j * cs, cs, rs, j1 - j, k);
}

/* All k of rows i0..i1-1 (i0 a multiple of MR) to their places in a packed a of g->a_rows rows. */
static inline void FN(gemm_pack_rows)(const wg_gemm *g, void *packed, const T *a, int64_t i0, int64_t i1)
{
    for (int64_t p = 0; p < g->k; p += g->kc) {
        int64_t k = g->k - p < g->kc ? g->k - p : g->kc;
        FN(gemm_pack_a)((E *)packed + p * g->a_rows + i0 * k, (const E *)a + p * g->a_cs, g->a_rs, g->a_cs, i0, i1, k);
    }
}

/* All k of columns j0..j1-1 (j0 a multiple of NR) to their places in a packed b of g->b_columns columns. */
static inline void FN(gemm_pack_columns)(const wg_gemm *g, void *packed, const T *b, int64_t j0, int64_t j1)
{
    for (int64_t p = 0; p < g->k; p += g->kc) {
        int64_t k = g->k - p < g->kc ? g->k - p : g->kc;
        FN(gemm_pack_b)((E *)packed + p * g->b_columns + j0 * k, (const E *)b + p * g->b_rs, g->b_rs, g->b_cs, j0, j1, k);
    }
}

/* One panel of b (k terms, its rows b_rs apart) times rows i0..i1-1, n columns; a in panels of MR rows, or where it lies.
   The first half of c is walked from its last rows to its first. A processor that has seen tiles a fixed step apart asks for some more
   of them, beyond the last; these must not be rows that another thread writes, whose core would have to give them up and to ask
   for them back in every panel (measured with two cores that share no cache: a fifth of the time). */
static inline void FN(gemm_column)(const wg_gemm *g, int64_t k, const E *a, const E *panels, const E *b, int64_t b_rs, E *c, int64_t i0,
                                   int64_t i1, int64_t n, bool add)
{
    int64_t rs = g->a_direct ? g->a_rs : 1, cs = g->a_direct ? g->a_cs : MR, short_n = n > LANES ? n - LANES : n;
    FN(gemm_kernel) *const *kernel = FN(gemm_kernels)[n > LANES];
    const bool back = i0 + i1 < g->rows;
    for (int64_t t = 0, tiles = (i1 - i0 + MR - 1) / MR; t < tiles; t++) {
        int64_t i = i0 + (back ? tiles - 1 - t : t) * MR;
        const E *x = g->a_direct ? a + i * rs : panels + (i - i0) * k;
        if (i1 - i >= MR && n == NR) FN(gemm_whole)(k, x, rs, cs, b, b_rs, c + i * g->c_rs, g->c_rs, add);
        else kernel[i1 - i < MR ? i1 - i - 1 : MR - 1](k, x, rs, cs, b, b_rs, c + i * g->c_rs, g->c_rs, add, FN(gemm_mask)(short_n));
    }
}

/* What a block is made of. packed_a, packed_b: NULL, or all of it, packed; then it is not read where it lies. */
typedef struct FN(gemm_operands) {
    const T *a, *b;
    const void *packed_a, *packed_b;
} FN(gemm_operands);

/* c (+)= a b for terms p..p+k-1, rows i0..i1-1, columns j..j+n-1, n at most NR; a's panels, room for one of b. */
static inline void FN(gemm_panels)(const wg_gemm *g, const FN(gemm_operands) * x, int64_t p, int64_t k, const E *panels, E *panel, E *c,
                                   int64_t i0, int64_t i1, int64_t j, int64_t n)
{
    const E *a = (const E *)x->a + p * g->a_cs, *b = (const E *)x->b + p * g->b_rs, *from = panel;
    int64_t b_rs = NR;
    if (x->packed_b) {
        from = (const E *)x->packed_b + p * g->b_columns + j * k;
    } else if (g->b_direct && (n == NR || FN(gemm_masks))) {
        from = b + j;
        b_rs = g->b_rs;
    } else if (g->b_cs == 1 && n == NR && i1 - i0 >= MR) {
        const E *first = g->a_direct ? a + i0 * g->a_rs : panels;
        FN(gemm_keep)
        (k, first, g->a_direct ? g->a_rs : 1, g->a_direct ? g->a_cs : MR, b + j, g->b_rs, c + i0 * g->c_rs + j, g->c_rs, p > 0, panel);
        i0 += MR;
        panels += MR * k;
    } else {
        FN(gemm_pack_b)(panel, b, g->b_rs, g->b_cs, j, j + n, k);
    }
    FN(gemm_column)(g, k, a, panels, from, b_rs, c + j, i0, i1, n, p > 0);
}

/* c = a b for rows i0..i1-1 and columns j0..j1-1 (j0 a multiple of NR; i0 of MR where a is packed). Scratch: see
   wg__gemm_scratch. Where a's panels are made here, all columns use them at once; else all terms of a few columns come first, whose
   tiles of c then stay near. */
static inline void FN(gemm_block)(const wg_gemm *g, const FN(gemm_operands) * x, T *c, int64_t i0, int64_t i1, int64_t j0, int64_t j1,
                                  void *scratch)
{
    E *panel = scratch, *own = panel + NR * g->kc;
    bool packs = !g->a_direct && !x->packed_a;
    int64_t step = packs ? j1 - j0 : NR;
    for (int64_t j = j0; j < j1; j += step) {
        int64_t end = j1 - j < step ? j1 : j + step;
        for (int64_t p = 0; p < g->k; p += g->kc) {
            int64_t k = g->k - p < g->kc ? g->k - p : g->kc;
            const E *panels = x->packed_a ? (const E *)x->packed_a + p * g->a_rows + i0 * k : own;
            if (packs) FN(gemm_pack_a)(own, (const E *)x->a + p * g->a_cs, g->a_rs, g->a_cs, i0, i1, k);
            for (int64_t q = j; q < end; q += NR)
                FN(gemm_panels)(g, x, p, k, panels, panel, (E *)c, i0, i1, q, end - q < NR ? end - q : NR);
        }
    }
    if (g->k == 0)
        for (int64_t i = i0; i < i1; i++) memset(c + i * g->c_rs + j0, 0, (size_t)(j1 - j0) * sizeof(T));
}

/* c = a b for terms [block * kc, ...) alone: for products of so few rows and columns that threads share out the terms. */
static inline void FN(gemm_terms)(const wg_gemm *whole, const T *a, const T *b, T *c, int64_t block, int64_t m, int64_t n, void *scratch)
{
    wg_gemm g = *whole;
    int64_t p = block * g.kc;
    g.k = whole->k - p < g.kc ? whole->k - p : g.kc;
    FN(gemm_operands) x = {.a = a + p * g.a_cs, .b = b + p * g.b_rs};
    FN(gemm_block)(&g, &x, c, 0, m, 0, n, scratch);
}

/* Elements lo..hi-1 of c: those of `blocks` such products, `size` elements each, added in order, as gemm_block does. */
static inline void FN(gemm_add_terms)(const T *parts, int64_t blocks, int64_t size, T *to, int64_t lo, int64_t hi)
{
    E *c = (E *)to;
    memcpy(c + lo, parts + lo, (size_t)(hi - lo) * sizeof(E));
    for (int64_t block = 1; block < blocks; block++) {
        const E *x = (const E *)parts + block * size;
        int64_t i = lo;
        for (; i + LANES <= hi; i += LANES) FN(gemm_store)(c + i, FN(gemm_load)(c + i) + FN(gemm_load)(x + i));
        for (; i < hi; i++) c[i] += x[i];
    }
}

/* ---- one row or one column ------------------------------------------------------------------------------------------ */

/* The sum of a vector's lanes: its halves added, then theirs, down to 16 bytes. */
static inline __attribute__((always_inline)) E FN(gemm_lanes)(V v)
{
    typedef E four __attribute__((vector_size(16)));
    enum { FOURS = WG_GEMM_BYTES / 16, EACH = 16 / (int)sizeof(E) };
    four x[FOURS];
    memcpy(x, &v, sizeof v);
    for (int half = FOURS / 2; half > 0; half /= 2)
        for (int i = 0; i < half; i++) x[i] += x[i + half];
    return EACH == 4 ? (x[0][0] + x[0][EACH / 2]) + (x[0][1] + x[0][EACH - 1]) : x[0][0] + x[0][1];
}

/* sum over p < k of x[p] y[p]: 1024 terms at a time in lanes, those sums added in order, in double. */
static inline T FN(gemm_dot)(const E *x, const E *y, int64_t k)
{
    WIDE total = 0;
    for (int64_t p = 0; p < k;) {
        int64_t end = k - p < 1024 ? k : p + 1024;
        V s0 = {0}, s1 = {0}, s2 = {0}, s3 = {0};
        for (; p + 4 * LANES <= end; p += 4 * LANES) {
            s0 = WG_GEMM_FMA(FN(gemm_load)(x + p), FN(gemm_load)(y + p), s0);
            s1 = WG_GEMM_FMA(FN(gemm_load)(x + p + LANES), FN(gemm_load)(y + p + LANES), s1);
            s2 = WG_GEMM_FMA(FN(gemm_load)(x + p + 2 * LANES), FN(gemm_load)(y + p + 2 * LANES), s2);
            s3 = WG_GEMM_FMA(FN(gemm_load)(x + p + 3 * LANES), FN(gemm_load)(y + p + 3 * LANES), s3);
        }
        s0 = (s0 + s1) + (s2 + s3);
        E sum = FN(gemm_lanes)(s0);
        for (; p < end; p++) sum = WG_GEMM_SFMA(x[p], y[p], sum);
        total += (WIDE)sum;
    }
    return (T)total;
}

/* y[j] = sum over p of x[p] m[p][j], j in j0..j1-1, m contiguous along j or anyhow: rows are added, 512 at a time. */
static inline void FN(gemm_rows)(const E *x, int64_t xs, const E *m, int64_t rs, int64_t cs, int64_t k, E *y, int64_t j0, int64_t j1)
{
    enum { STRETCH = 256 };
    for (int64_t j = j0; j < j1; j += STRETCH) {
        int64_t n = j1 - j < STRETCH ? j1 - j : STRETCH;
        E part[STRETCH];
        memset(y + j, 0, (size_t)n * sizeof(E));
        for (int64_t p = 0; p < k;) {
            int64_t end = k - p < 512 ? k : p + 512;
            memset(part, 0, (size_t)n * sizeof(E));
            for (; cs == 1 && p + 4 <= end; p += 4) { /* four at once, as one after another: fewer ways to and from part */
                const E *r0 = m + p * rs + j, *r1 = r0 + rs, *r2 = r1 + rs, *r3 = r2 + rs;
                E s0 = x[p * xs], s1 = x[(p + 1) * xs], s2 = x[(p + 2) * xs], s3 = x[(p + 3) * xs];
                for (int64_t i = 0; i < n; i++)
                    part[i] = WG_GEMM_SFMA(s3, r3[i], WG_GEMM_SFMA(s2, r2[i], WG_GEMM_SFMA(s1, r1[i], WG_GEMM_SFMA(s0, r0[i], part[i]))));
            }
            for (; p < end; p++) {
                const E *row = m + p * rs + j * cs;
                E s = x[p * xs];
                if (cs == 1)
                    for (int64_t i = 0; i < n; i++) part[i] = WG_GEMM_SFMA(s, row[i], part[i]);
                else
                    for (int64_t i = 0; i < n; i++) part[i] = WG_GEMM_SFMA(s, row[i * cs], part[i]);
            }
            for (int64_t i = 0; i < n; i++) y[j + i] += part[i];
        }
    }
}

/* y[j] = sum over p < k of x[p * xs] m[p * rs + j * cs] for j0 <= j < j1. Scratch: k elements. */
static inline void FN(gemm_vector_product)(const T *x, int64_t xs, const T *m, int64_t rs, int64_t cs, int64_t k, T *y, int64_t j0,
                                           int64_t j1, void *scratch)
{
    const E *v = (const E *)x;
    if (k == 0) {
        memset(y + j0, 0, (size_t)(j1 - j0) * sizeof(T));
        return;
    }
    if (cs == 1 || rs != 1) {
        FN(gemm_rows)(v, xs, (const E *)m, rs, cs, k, (E *)y, j0, j1);
        return;
    }
    if (xs != 1) {
        E *copy = scratch;
        for (int64_t p = 0; p < k; p++) copy[p] = v[p * xs];
        v = copy;
    }
    for (int64_t j = j0; j < j1; j++) y[j] = FN(gemm_dot)(v, (const E *)m + j * cs, k);
}

#undef WG_GEMM_TYPE_f32
#undef WG_GEMM_TYPE_f64
#undef WG_GEMM_TYPE_i64
#undef WG_GEMM_PASTE_
#undef WG_GEMM_PASTE
#undef WG_GEMM_TYPE
#undef WG_GEMM_BYTES
#undef WG_GEMM_FMA
#undef WG_GEMM_SFMA
#undef WG_GEMM_TURN
#undef WG_GEMM_AT4
#undef WG_GEMM_AT2
#undef WG_GEMM_AT1
#undef WG_GEMM_LOAD_SOME
#undef WG_GEMM_STORE_SOME
#undef FETCH
#undef FETCH_FAR
#undef LANES
#undef QUAD
#undef NR
#undef MR
#undef V
#undef E
#endif

/* tile.h -- between an image and the panels that the matrix product reads (run/gemm.h): the columns of a panel are positions of y side
 * by side, its rows are terms: what a tap of the kernel sees of a channel there. So the matrix of all windows (im2col) is never made: a
 * panel of it is, in the first-level cache. Below it a template for each type and instruction set, as gemm.h is. */
#ifndef WG_OPS_CONV_TILE_H
#define WG_OPS_CONV_TILE_H

#include "ops/conv/geometry.h"

enum { CONV_RUNS = 128 }; /* at least the columns of a panel */

/* Positions of a panel that are neighbours along the last axis: n of them from column `at`; the first tap of the first sees z, y, x. */
typedef struct conv_run {
    int64_t at, n, z, y, x;
} conv_run;

/* What one tap sees of a run: elements `from`, from + stride, ...; those of lo..hi-1 lie inside of the image. */
typedef struct conv_span {
    int64_t from, lo, hi;
} conv_span;

/* The runs of positions j0..j1-1; how many. */
static inline int64_t conv_runs(const conv_plan *p, int64_t j0, int64_t j1, conv_run *run)
{
    const conv_axis *a = p->axis;
    int64_t n = 0;
    for (int64_t j = j0, step; j < j1; j += step) {
        int64_t x = j % a[2].out, y = j / a[2].out % a[1].out, z = j / a[2].out / a[1].out;
        step = conv_least(a[2].out - x, j1 - j);
        run[n++] = (conv_run){j - j0, step, z * a[0].stride - a[0].padding, y * a[1].stride - a[1].padding, x * a[2].stride - a[2].padding};
    }
    return n;
}

static inline void conv_spans(const conv_plan *p, int64_t tap, const conv_run *run, int64_t runs, conv_span *span)
{
    const conv_axis *a = p->axis;
    int64_t dx = tap % a[2].k * a[2].dilation, dy = tap / a[2].k % a[1].k * a[1].dilation, dz = tap / a[2].k / a[1].k * a[0].dilation;
    for (int64_t i = 0; i < runs; i++) {
        int64_t z = run[i].z + dz, y = run[i].y + dy, x = run[i].x + dx, n = run[i].n, lo = 0, hi = n;
        if (z < 0 || z >= a[0].in || y < 0 || y >= a[1].in || x >= a[2].in) hi = 0;
        if (hi && x < 0) lo = conv_least((a[2].stride - 1 - x) / a[2].stride, n);
        if (hi) hi = conv_least((a[2].in - 1 - x) / a[2].stride + 1, n);
        span[i] = (conv_span){(z * a[1].in + y) * a[2].in + x, lo, hi < lo ? lo : hi};
    }
}

/* Elements that a tap is away from the first one. */
static inline int64_t conv_tap(const conv_plan *p, int64_t tap)
{
    const conv_axis *a = p->axis;
    int64_t x = tap % a[2].k * a[2].dilation, y = tap / a[2].k % a[1].k * a[1].dilation, z = tap / a[2].k / a[1].k * a[0].dilation;
    return (z * a[1].in + y) * a[2].in + x;
}

/* Whether every tap sees the image at every position of the runs. */
static inline bool conv_inside(const conv_plan *p, const conv_run *run, int64_t runs)
{
    const conv_axis *a = p->axis;
    bool in = true;
    for (int64_t i = 0; i < runs; i++)
        in = in && run[i].z >= 0 && run[i].z + (a[0].k - 1) * a[0].dilation < a[0].in && run[i].y >= 0 &&
             run[i].y + (a[1].k - 1) * a[1].dilation < a[1].in && run[i].x >= 0 &&
             run[i].x + (run[i].n - 1) * a[2].stride + (a[2].k - 1) * a[2].dilation < a[2].in;
    return in;
}

/* A row of a panel, put together: n elements from x[from] on, stride apart, to column `at`. Where there is AVX-512 a part stays within
   one vector, and n has a bit for each of its lanes. */
typedef struct conv_part {
    int64_t at, n, from;
} conv_part;

typedef struct conv_parts {
    conv_part part[CONV_RUNS];
    int64_t n, low; /* parts; those of the first vector */
    int64_t stride;
} conv_parts;
#endif

/* ---- the template -------------------------------------------------------------------------------------------------------- */
#ifdef T

#undef CONV_NR
#undef CONV_MR
#define CONV_NR ((int64_t)FN(gemm_nr))
#define CONV_MR ((int)FN(gemm_mr))

#if defined WG_AVX512_HERE
#define CONV_LANES (CONV_NR / 2)

static inline __attribute__((always_inline)) FN(gemm_vector) FN(conv_load)(FN(gemm_vector) v, int64_t mask, const T *x)
{
    if (sizeof(T) == 4) return (FN(gemm_vector))_mm512_mask_loadu_ps((__m512)v, (__mmask16)mask, x);
    return (FN(gemm_vector))_mm512_mask_loadu_pd((__m512d)v, (__mmask8)mask, x);
}

static inline __attribute__((always_inline)) void FN(conv_store)(T *x, int64_t mask, FN(gemm_vector) v)
{
    if (sizeof(T) == 4) _mm512_mask_storeu_ps(x, (__mmask16)mask, (__m512)v);
    else _mm512_mask_storeu_pd(x, (__mmask8)mask, (__m512d)v);
}
#endif

/* Makes the parts of `runs` stretches: columns run[i].at + span[i].lo to hi - 1. */
static inline void FN(conv_parts)(conv_parts *p, const conv_run *run, const conv_span *span, int64_t runs, int64_t stride)
{
    p->n = p->low = 0;
    p->stride = stride;
    for (int64_t i = 0; i < runs; i++) {
        int64_t lo = run[i].at + span[i].lo, hi = run[i].at + span[i].hi, from = span[i].from + span[i].lo * stride;
#if defined WG_AVX512_HERE
        for (int64_t end; lo < hi && stride == 1; from += end - lo, lo = end) {
            int64_t vector = lo / CONV_LANES, first = lo % CONV_LANES;
            end = conv_least((vector + 1) * CONV_LANES, hi);
            p->part[p->n++] = (conv_part){vector * CONV_LANES, ((1 << (end - lo)) - 1) << first, from - first};
            p->low += vector == 0;
        }
#endif
        if (lo < hi) p->part[p->n++] = (conv_part){lo, hi - lo, from};
    }
}

#if defined WG_AVX512_HERE
/* Rows of a panel, `low` parts in their first vector and `high` in the second. Where these are constants the parts stay in registers. */
static inline __attribute__((always_inline)) void FN(conv_vectors)(const int64_t low, const int64_t high, T *to, const T *x, int64_t rows,
                                                                   int64_t step, const conv_part *parts)
{
    conv_part few[4];
    const conv_part *part = low + high <= 4 ? few : parts;
    for (int64_t i = 0; i < low + high && i < 4; i++) few[i] = parts[i];
    for (int64_t r = 0; r < rows; r++, to += CONV_NR, x += step) {
        FN(gemm_vector) first = {0}, second = {0};
        for (int64_t i = 0; i < low; i++) first = FN(conv_load)(first, part[i].n, x + part[i].from);
        for (int64_t i = low; i < low + high; i++) second = FN(conv_load)(second, part[i].n, x + part[i].from);
        FN(gemm_store)(to, first);
        FN(gemm_store)(to + CONV_LANES, second);
    }
}
#endif

/* `rows` rows of a panel, zeros where there is no part; from row to row x goes on by `step`. */
static inline void FN(conv_rows)(T *to, const T *x, int64_t rows, int64_t step, const conv_parts *p)
{
#if defined WG_AVX512_HERE
    int64_t high = p->n - p->low;
    if (p->stride == 1) {
        if (p->low == 1 && high == 1) FN(conv_vectors)(1, 1, to, x, rows, step, p->part);
        else if (p->low == 1 && high == 2) FN(conv_vectors)(1, 2, to, x, rows, step, p->part);
        else if (p->low == 2 && high == 1) FN(conv_vectors)(2, 1, to, x, rows, step, p->part);
        else if (p->low == 2 && high == 2) FN(conv_vectors)(2, 2, to, x, rows, step, p->part);
        else FN(conv_vectors)(p->low, high, to, x, rows, step, p->part);
        return;
    }
#endif
    for (int64_t r = 0; r < rows; r++, to += CONV_NR, x += step) {
        int64_t end = 0;
        for (int64_t i = 0; i < p->n; i++) {
            const conv_part *part = &p->part[i];
            for (; end < part->at; end++) to[end] = 0;
            for (int64_t t = 0; t < part->n; t++) to[end + t] = x[part->from + t * p->stride];
            end += part->n;
        }
        for (; end < CONV_NR; end++) to[end] = 0;
    }
}

/* Terms q0..q1-1 of x (the channels of one image and group) at `runs` runs of positions: rows of a panel of CONV_NR columns. */
static inline void FN(conv_pack)(const conv_plan *p, T *to, const T *x, int64_t q0, int64_t q1, const conv_run *run, int64_t runs)
{
    conv_span span[CONV_RUNS];
    conv_parts parts;
    bool inside = conv_inside(p, run, runs);
    conv_spans(p, 0, run, runs, span);
    FN(conv_parts)(&parts, run, span, runs, p->axis[2].stride);
    for (int64_t q = q0, end; q < q1; q = end) {
        int64_t tap = q / p->ci;
        const T *from = x + (inside ? conv_tap(p, tap) : 0);
        end = conv_least((tap + 1) * p->ci, q1);
        if (!inside) {
            conv_spans(p, tap, run, runs, span);
            FN(conv_parts)(&parts, run, span, runs, p->axis[2].stride);
        }
        FN(conv_rows)(to, from + (q - tap * p->ci) * p->in_plane, end - q, p->in_plane, &parts);
        to += (end - q) * CONV_NR;
    }
}
#endif

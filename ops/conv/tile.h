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
#endif

/* ---- the template -------------------------------------------------------------------------------------------------------- */
#ifdef T

#undef CONV_NR
#undef CONV_MR
#define CONV_NR ((int64_t)FN(gemm_nr))
#define CONV_MR ((int)FN(gemm_mr))

/* One row of a panel: what a tap sees of one channel at all runs. */
static inline void FN(conv_row)(T *to, const T *x, const conv_run *run, const conv_span *span, int64_t runs, int64_t stride)
{
    for (int64_t i = 0; i < runs; i++) {
        T *row = to + run[i].at;
        const T *from = x + span[i].from;
        int64_t t = 0;
        for (; t < span[i].lo; t++) row[t] = 0;
        if (stride == 1)
            for (; t < span[i].hi; t++) row[t] = from[t];
        else
            for (; t < span[i].hi; t++) row[t] = from[t * stride];
        for (; t < run[i].n; t++) row[t] = 0;
    }
}

/* Terms q0..q1-1 of x (the channels of one image and group) at `runs` runs of positions: rows of a panel of CONV_NR columns. */
static inline void FN(conv_pack)(const conv_plan *p, T *to, const T *x, int64_t q0, int64_t q1, const conv_run *run, int64_t runs)
{
    conv_span span[CONV_RUNS];
    int64_t columns = run[runs - 1].at + run[runs - 1].n;
    for (int64_t q = q0, end; q < q1; q = end) {
        int64_t tap = q / p->ci;
        end = conv_least((tap + 1) * p->ci, q1);
        conv_spans(p, tap, run, runs, span);
        for (int64_t i = q; i < end; i++, to += CONV_NR) {
            FN(conv_row)(to, x + (i - tap * p->ci) * p->in_plane, run, span, runs, p->axis[2].stride);
            for (int64_t t = columns; t < CONV_NR; t++) to[t] = 0;
        }
    }
}
#endif

/* ahead.h -- packed weights times panels of windows: what conv does, and conv_dx where that is a convolution without waste. A unit is
 * some positions of one image and group; the weights are packed before, for each group blocks of terms, of these panels of rows. Below
 * it a template, as in tile.h. */
#ifndef WG_OPS_CONV_AHEAD_H
#define WG_OPS_CONV_AHEAD_H

#include "ops/conv/geometry.h"
#include "run/gemm.h"

enum { AHEAD_WIDE = 512 }; /* positions a unit, about: weights are read once for so many */

/* Fills in the plan's blocks and w's answers. */
static inline bool conv_ahead(wg_work *w, conv_plan *p)
{
    int64_t rows, elements, columns = wg__gemm_columns(w->width);
    p->kc = wg__gemm_depth(p->terms, w->width);
    p->blocks = (p->out_plane - 1) / AHEAD_WIDE + 1;
    p->share = conv_up((p->out_plane - 1) / p->blocks + 1, columns);
    p->blocks = (p->out_plane - 1) / p->share + 1;
    memcpy(w->size, p, sizeof *p);
    w->units = p->co ? p->batch * p->groups * p->blocks : 0;
    w->prepare_units = 0;
    if (!w->units) return true; /* weights may then be more than memory */
    rows = conv_up(p->co, WG_GEMM_ROWS);
    w->prepare_units = p->terms ? p->groups * (rows / WG_GEMM_ROWS) : 0;
    conv_cost(p, w);
    w->scratch = (size_t)(columns * p->kc) * w->width;
    return !__builtin_mul_overflow(rows * p->groups, p->terms, &elements) &&
           !__builtin_mul_overflow((size_t)elements, w->width, &w->shared);
}

/* Some positions of one image and group. */
static inline int64_t conv_ahead_region(const conv_plan *p, int64_t lo, int64_t hi, wg_region *r)
{
    int64_t image = lo / p->blocks, last = conv_least((image + 1) * p->blocks, hi);
    int64_t j0 = lo % p->blocks * p->share, j1 = conv_least(j0 + (last - lo) * p->share, p->out_plane);
    *r = (wg_region){image * p->co * p->out_plane + j0, j1 - j0, p->co, p->out_plane, p->co * p->out_plane};
    return last;
}

/* Where weights lie: of output r, channel c, tap t of a group at weight[r * output + c * channel + t * tap]. */
typedef struct conv_weights {
    int64_t group, output, channel, tap;
} conv_weights;
#endif

/* ---- the template -------------------------------------------------------------------------------------------------------- */
#ifdef T

/* Packs units lo..hi-1 of w: some rows of a group each. */
static void FN(ahead_pack)(const conv_plan *p, T *packed, const T *weight, const conv_weights *w, int64_t lo, int64_t hi)
{
    int64_t rows = conv_up(p->co, WG_GEMM_ROWS), each = rows / WG_GEMM_ROWS;
    for (int64_t u = lo; u < hi; u++) {
        int64_t first = u % each * WG_GEMM_ROWS, last = conv_least(first + WG_GEMM_ROWS, p->co);
        const T *from = weight + u / each * w->group;
        for (int64_t q = 0; q < p->terms; q += p->kc) {
            int64_t k = conv_least(p->kc, p->terms - q);
            T *block = packed + u / each * rows * p->terms + rows * q;
            for (int64_t i = first; i < last; i += CONV_MR) {
                T *to = block + i * k;
                for (int64_t t = q; t < q + k; t++)
                    for (int64_t r = i; r < i + CONV_MR; r++)
                        *to++ = r < p->co ? from[r * w->output + t % p->ci * w->channel + t / p->ci * w->tap] : 0;
            }
        }
    }
}

/* Positions j0..j1-1 of one image and group. */
static void FN(ahead_positions)(const conv_plan *p, const T *x, const T *weight, T *y, int64_t j0, int64_t j1, T *panel)
{
    int64_t rows = conv_up(p->co, WG_GEMM_ROWS);
    wg_gemm g = {.k = p->terms, .kc = p->kc, .c_rs = p->out_plane};
    for (int64_t q = 0; q < p->terms; q += p->kc) {
        int64_t k = conv_least(p->kc, p->terms - q);
        for (int64_t j = j0; j < j1; j += CONV_NR) {
            conv_run run[CONV_RUNS];
            int64_t n = conv_least(CONV_NR, j1 - j), runs = conv_runs(p, j, j + n, run);
            FN(conv_pack)(p, panel, x, q, q + k, run, runs);
            FN(gemm_column)(&g, k, NULL, weight + rows * q, panel, CONV_NR, y + j, 0, p->co, n, q > 0);
        }
    }
}

static void FN(ahead)(const conv_plan *p, const wg_args *a, const T *x, int64_t lo, int64_t hi)
{
    int64_t each = conv_up(p->co, WG_GEMM_ROWS) * p->terms;
    for (int64_t u = lo; u < hi; u++) {
        int64_t image = u / p->blocks, j0 = u % p->blocks * p->share, j1 = conv_least(j0 + p->share, p->out_plane);
        T *y = (T *)a->out + image * p->co * p->out_plane;
        if (p->terms)
            FN(ahead_positions)(p, x + image * p->ci * p->in_plane, (const T *)a->shared + image % p->groups * each, y, j0, j1, a->scratch);
        for (int64_t o = 0; o < p->co && !p->terms; o++) memset(y + o * p->out_plane + j0, 0, (size_t)(j1 - j0) * sizeof(T));
    }
}
#endif

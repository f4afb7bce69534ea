/* fold.h -- sums over some axes of a packed tensor, read once where it lies: what moments and shifted_sums share. The values of one result
 * are cut into pieces of CHUNK, a first step takes each piece while it is in cache, a second one puts the pieces of a result together: both
 * are split over threads, and the cuts are a function of sizes only.
 *
 * The axes, neighbours of one sort joined, are kept and folded in turn. Where the last one is folded, a piece is a number of runs side
 * by side; where it is kept, a piece is some rows of up to SIDE columns. */
#ifndef WG_KERNEL_PART
#ifndef WG_OPS_NORM_FOLD_H
#define WG_OPS_NORM_FOLD_H

#include "ops/norm/rows.h"

enum { CHUNK = 1 << 14 /* values of a piece */, SIDE = 64, DOWN = CHUNK / SIDE, SORTS = WG_MAX_RANK / 2 };

typedef struct fold_axes { /* from the outermost to the innermost */
    int64_t n, size[SORTS], stride[SORTS];
} fold_axes;

typedef struct fold_plan {
    int64_t results, each; /* results, and values of each */
    int64_t run;           /* values side by side of one result: 0 where the last axis is kept */
    int64_t side;          /* results side by side; 1 where the last axis is folded */
    int64_t pieces, tiles; /* pieces of a result; tiles of results side by side */
    fold_axes kept, folded; /* all but the run, or the side */
} fold_plan;

_Static_assert(sizeof(fold_plan) <= WG_NUMBERS_MAX * sizeof(int64_t), "a plan travels in wg_work.size");

static inline fold_plan fold_plan_of(const wg_shape *x, uint32_t mask)
{
    fold_plan p = {.results = 1, .each = 1, .side = 1, .tiles = 1, .pieces = 1};
    fold_axes *sort[2] = {&p.kept, &p.folded};
    int64_t step = 1, last = -1;
    for (int i = x->rank - 1; i >= 0; i--) {
        int64_t n = x->dim[i], s = mask >> i & 1;
        *(s ? &p.each : &p.results) *= n;
        if (n == 1) continue;
        fold_axes *a = sort[s];
        if (s == last) a->size[a->n - 1] *= n;
        else a->size[a->n] = n, a->stride[a->n++] = step;
        last = s;
        step *= n;
    }
    for (int k = 0; k < 2; k++) /* they were found from the innermost on */
        for (int64_t i = 0, j = sort[k]->n - 1; i < j; i++, j--) {
            int64_t n = sort[k]->size[i], s = sort[k]->stride[i];
            sort[k]->size[i] = sort[k]->size[j], sort[k]->stride[i] = sort[k]->stride[j];
            sort[k]->size[j] = n, sort[k]->stride[j] = s;
        }
    bool columns = p.kept.n && p.kept.stride[p.kept.n - 1] == 1;
    if (columns) p.side = p.kept.size[--p.kept.n], p.tiles = (p.side + SIDE - 1) / SIDE;
    else p.run = p.folded.n ? p.folded.size[--p.folded.n] : 1;
    int64_t most = columns ? DOWN : CHUNK;
    if (p.each > most) p.pieces = (p.each + most - 1) / most;
    return p;
}

/* numbers: doubles that a piece leaves for each result. */
static inline bool fold_units(wg_work *w, uint32_t mask, int64_t numbers, double each)
{
    fold_plan p = fold_plan_of(w->in[0].shape, mask);
    int64_t parts;
    w->units = p.results == 1 ? 2 : p.results; /* of one result, too, the pieces are split over threads: the second unit does nothing */
    w->prepare_units = p.run ? p.results * p.pieces : p.side ? p.results / p.side * p.tiles * p.pieces : 0;
    w->cost = 1 + each * (double)p.each;
    memcpy(w->size, &p, sizeof p);
    return !__builtin_mul_overflow(p.results * p.pieces, numbers, &parts) &&
           !__builtin_mul_overflow((size_t)parts, sizeof(double), &w->shared);
}

/* Walks along axes, the last one fastest. */
typedef struct fold_walk {
    int64_t at[SORTS], offset;
} fold_walk;

static inline fold_walk fold_start(const fold_axes *a, int64_t index)
{
    fold_walk w = {.offset = 0};
    for (int64_t i = a->n - 1; i >= 0; i--) {
        w.at[i] = index % a->size[i];
        index /= a->size[i];
        w.offset += w.at[i] * a->stride[i];
    }
    return w;
}

static inline void fold_step(const fold_axes *a, fold_walk *w)
{
    for (int64_t i = a->n - 1; i >= 0; i--) {
        w->offset += a->stride[i];
        if (++w->at[i] < a->size[i]) return;
        w->offset -= a->size[i] * a->stride[i];
        w->at[i] = 0;
    }
}

/* The stretches of one piece of a result, one after the other: n values from `from` on. */
typedef struct fold_piece {
    const fold_plan *p;
    fold_walk walk;
    int64_t base, begin, rest; /* of the result; of the next stretch in its run; values to come */
    int64_t from, n;
} fold_piece;

static inline fold_piece fold_piece_of(const fold_plan *p, int64_t result, int64_t piece)
{
    int64_t first = piece * CHUNK, rest = p->each - first < CHUNK ? p->each - first : CHUNK;
    return (fold_piece){.p = p, .walk = fold_start(&p->folded, first / p->run), .base = fold_start(&p->kept, result).offset,
                        .begin = first % p->run, .rest = rest};
}

static inline bool fold_next(fold_piece *f)
{
    if (f->rest <= 0) return false;
    f->from = f->base + f->walk.offset + f->begin;
    f->n = f->p->run - f->begin < f->rest ? f->p->run - f->begin : f->rest;
    f->rest -= f->n;
    f->begin = 0;
    fold_step(&f->p->folded, &f->walk);
    return true;
}

/* Asks for the stretch that comes next, to which the processor sees no way from this one: of x, of `width` bytes a value. */
static inline void fold_fetch(const fold_piece *f, const void *x, size_t width)
{
    int64_t n = f->p->run < f->rest ? f->p->run : f->rest;
    const char *at = (const char *)x + (f->base + f->walk.offset) * (int64_t)width;
    for (int64_t i = 0; i < n * (int64_t)width; i += 64) __builtin_prefetch(at + i, 0, 2);
}

/* Rows of columns side by side: what piece `u` of them all is. */
typedef struct fold_block {
    int64_t base, first, rows, columns; /* of its left upper corner, but for the rows before; the first row; */
    int64_t result, piece;              /* of the first column */
} fold_block;

static inline fold_block fold_block_of(const fold_plan *p, int64_t u)
{
    int64_t piece = u % p->pieces, tile = u / p->pieces % p->tiles, outer = u / p->pieces / p->tiles, first = piece * DOWN;
    return (fold_block){.base = fold_start(&p->kept, outer).offset + tile * SIDE, .first = first, .piece = piece,
                        .rows = p->each - first < DOWN ? p->each - first : DOWN,
                        .columns = p->side - tile * SIDE < SIDE ? p->side - tile * SIDE : SIDE, .result = outer * p->side + tile * SIDE};
}

/* How many values piece `piece` has. */
static inline int64_t fold_count(const fold_plan *p, int64_t piece)
{
    int64_t most = p->run ? CHUNK : DOWN, rest = p->each - piece * most;
    return rest < most ? rest : most;
}

#endif
#else

#include "ops/norm/lanes.h"

static inline WIDE FN(lanes_total)(const WIDE *lanes)
{
    WIDE four[4] = {0};
    for (int k = 0; k < WIDTH; k++) four[k % 4] += lanes[k];
    return (four[0] + four[2]) + (four[1] + four[3]);
}
#endif

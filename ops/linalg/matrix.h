/* matrix.h -- what the ops on matrices share: the last two axes are rows and columns, those before them a batch. */
#ifndef WG_OPS_LINALG_MATRIX_H
#define WG_OPS_LINALG_MATRIX_H

#include "tape/op.h"

/* Input i must have rows and columns, as many of both where `square`. */
static inline bool wg__is_matrix(wg_call *c, int i, bool square)
{
    const wg_shape *s = c->in[i].shape;
    char text[128];
    if (s->rank < 2) return wg__refuse(c, "%s is %s, which is no matrix", c->op->inputs[i].name, wg__show_type(text, c->in[i]));
    int64_t rows = s->dim[s->rank - 2];
    if (!square || wg__same_size(c, &rows, s->dim[s->rank - 1])) return true;
    return wg__refuse(c, "%s is %s, which is not square", c->op->inputs[i].name, wg__show_type(text, c->in[i]));
}

/* x with its last two axes swapped. */
static inline wg_tensor wg__swapped(wg_tensor x)
{
    int rank = wg_shape_get(x).rank;
    wg_ints axes = {.n = rank};
    for (int i = 0; i < rank; i++) axes.v[i] = i - rank;
    if (rank < 2) return x; /* of an invalid tensor only */
    axes.v[rank - 2] = -1;
    axes.v[rank - 1] = -2;
    return wg_transpose(x, .axes = axes);
}

/* The identity as large as the matrices of x, with as many axes, also where their size is known only when run. */
static inline wg_tensor wg__identity(const wg_rule *r, wg_tensor x)
{
    wg_shape s = wg_shape_get(x);
    wg_ints others = {.n = s.rank - 1}, front = {.n = s.rank - 2};
    if (s.rank < 2) return x; /* of an invalid tensor only */
    for (int i = 0; i < others.n; i++) others.v[i] = front.v[i] = i;
    wg_tensor one = wg__known(s.dim[s.rank - 1])
                        ? wg_eye(r->tape, s.dim[s.rank - 1], .dtype = wg_dtype_get(x))
                        : wg_diag_embed(wg_expand_like(wg__number_of(r, 1, wg_dtype_get(x)), wg_sum(x, .axes = others)));
    return front.n ? wg_unsqueeze(one, front) : one; /* else solve might take it for vectors */
}

/* "matrix [1,0] is singular: column 2": position is the flat place in the batch times n, plus the column. */
static inline void wg__explain_column(const wg_shape *batch, int axes, int64_t n, int64_t position, const char *what, char *why,
                                      size_t why_size)
{
    int64_t matrix = position / n, at[WG_MAX_RANK];
    char place[WG_MAX_RANK * 21 + 8] = "the matrix";
    size_t used = 0;
    for (int i = axes - 1; i >= 0; i--) {
        at[i] = matrix % batch->dim[i];
        matrix /= batch->dim[i];
    }
    for (int i = 0; i < axes; i++)
        used += (size_t)snprintf(place + used, sizeof place - used, "%s%lld", i ? "," : "matrix [", (long long)at[i]);
    if (axes) snprintf(place + used, sizeof place - used, "]");
    snprintf(why, why_size, "%s %s: column %lld", place, what, (long long)(position % n));
}

/* Batch axes of an operand beside those of the result: sizes that are not 1, and how far apart its items are (0 where it repeats). */
enum { WG_BATCH_AXES = WG_MAX_RANK - 2 };

typedef struct wg_batch {
    int64_t axes, dim[WG_BATCH_AXES], step[2][WG_BATCH_AXES];
} wg_batch;

/* Returns how many matrices the result has. */
static inline int64_t wg__batch_of(const wg_work *w, int operands, wg_batch *b)
{
    int rank = w->out.shape->rank - 2;
    int64_t many = 1;
    *b = (wg_batch){.axes = 0};
    for (int i = 0; i < rank; i++) {
        int64_t size = w->out.shape->dim[i];
        if (size == 1) continue;
        for (int o = 0; o < operands; o++) {
            const wg_layout *x = &w->layout[o];
            int axis = i - rank + x->shape.rank - 2;
            b->step[o][b->axes] = axis >= 0 && x->shape.dim[axis] != 1 ? x->stride[axis] : 0;
        }
        b->dim[b->axes++] = size;
        many *= size;
    }
    return many;
}

/* Where operand o's matrix number `at` begins. */
static inline int64_t wg__batch_place(const wg_batch *b, int o, int64_t at)
{
    int64_t place = 0;
    for (int64_t i = b->axes - 1; i >= 0; i--) {
        place += at % b->dim[i] * b->step[o][i];
        at /= b->dim[i];
    }
    return place;
}

/* The shape of a x = b: the batches broadcast, then b's rows and columns. */
static inline bool wg__solution(wg_call *c, bool left)
{
    const wg_shape *a = c->in[0].shape, *b = c->in[1].shape;
    char at[128], bt[128];
    if (!wg__is_matrix(c, 0, true) || !wg__is_matrix(c, 1, false)) return false;
    int64_t n = a->dim[a->rank - 1], m = b->dim[b->rank - (left ? 2 : 1)], k = b->dim[b->rank - (left ? 1 : 2)];
    if (!wg__same_size(c, &n, m))
        return wg__refuse(c, "a is %s, b is %s: a's size %lld and b's %lld %s differ", wg__show_type(at, c->in[0]),
                          wg__show_type(bt, c->in[1]), (long long)a->dim[a->rank - 1], (long long)m, left ? "rows" : "columns");
    wg_shape y = *a, with = *b;
    y.rank -= 2;
    with.rank -= 2;
    if (!wg__broadcast(c, &y, &with)) return false;
    y.dim[y.rank++] = left ? n : k;
    y.dim[y.rank++] = left ? k : n;
    c->shape = y;
    return true;
}

#endif

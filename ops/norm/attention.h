/* attention.h -- what attention and its gradient share: shapes, the definition of the weights, and in the kernel part the weights of some
 * rows of queries.
 *
 * Letters: L queries and S keys, d features of each, e features of a value. A row of weights is the softmax of one query's scores.
 * A kernel takes ROWS queries at a time and keeps their scores for all keys: memory grows with S, not with L S (after T. Dao et al.,
 * "FlashAttention", arXiv:2205.14135, which goes on to cut the keys too, as what is near a GPU's cores is smaller). Where a query may look
 * at no later key, scores are computed and used by blocks of KEYS keys, and the blocks above the diagonal are left out. */
#ifndef WG_KERNEL_PART
#ifndef WG_OPS_NORM_ATTENTION_H
#define WG_OPS_NORM_ATTENTION_H

#include "ops/norm/lanes.h"
#include "run/gemm.h"
#include "tape/op.h"

enum {
    ROWS = 64, /* a multiple of KEYS  */
    KEYS = 32, /* a multiple of WIDTH */
    MANY_ITEMS = 16, /* batch items enough to be shared out whole             */
    FLOPS = 60       /* a nanosecond, for whether to share out; about half of the best */
};

/* What .units tells the kernel through size[]. */
typedef struct attention_plan {
    int64_t L, S, d, e;
    int64_t row;     /* elements from one row of scores to the next */
    int64_t batches; /* batch items                                 */
    int64_t parts;   /* units each is cut into                      */
} attention_plan;

_Static_assert(sizeof(attention_plan) <= WG_NUMBERS_MAX * sizeof(int64_t), "the plan travels in size[]");

static inline wg_shape wg__attention_batch(const wg_shape *s)
{
    wg_shape batch = *s;
    batch.rank = s->rank > 2 ? s->rank - 2 : 0;
    return batch;
}

static inline bool wg__attention_refuse(wg_call *c, int i, const char *must)
{
    char a[128], b[128];
    return wg__refuse(c, "q is %s, %s is %s: %s", wg__show_type(a, c->in[0]), c->op->inputs[i].name, wg__show_type(b, c->in[i]), must);
}

/* A mask, of booleans or of scores to add, broadcasts to (L, S), and its other axes with those of the rest. */
static inline bool wg__attention_mask(wg_call *c, int i, int64_t L, int64_t S, wg_shape *batch)
{
    const wg_shape *m = c->in[i].shape;
    int64_t core[2] = {L, S};
    if (!c->in[i].dtype) return true;
    if (c->in[i].dtype != WG_BOOL && c->in[i].dtype != c->in[0].dtype)
        return wg__attention_refuse(c, i, "it must be bool, or of the dtype of q");
    for (int k = 0; k < 2 && k < m->rank; k++) {
        int64_t size = m->dim[m->rank - 1 - k];
        if (size != 1 && !wg__same_size(c, &size, core[1 - k])) return wg__attention_refuse(c, i, "it must broadcast to queries by keys");
    }
    wg_shape with = wg__attention_batch(m);
    return wg__broadcast(c, batch, &with);
}

/* Checks q, k, v and the mask (input `mask`); the sizes that the result is made of. */
static inline bool wg__attention_sizes(wg_call *c, int mask, wg_shape *batch, int64_t size[4])
{
    const wg_shape *q = c->in[0].shape, *k = c->in[1].shape, *v = c->in[2].shape;
    static const char *const ranks = "each needs at least two axes, (rows, features)";
    if (q->rank < 2) return wg__attention_refuse(c, 1, ranks);
    for (int i = 1; i < 3; i++)
        if (c->in[i].shape->rank < 2) return wg__attention_refuse(c, i, ranks);
    size[0] = q->dim[q->rank - 2];
    size[1] = k->dim[k->rank - 2];
    size[2] = q->dim[q->rank - 1];
    size[3] = v->dim[v->rank - 1];
    if (!wg__same_size(c, &size[2], k->dim[k->rank - 1])) return wg__attention_refuse(c, 1, "the features of q and k differ");
    if (!wg__same_size(c, &size[1], v->dim[v->rank - 2])) {
        char a[128], b[128];
        return wg__refuse(c, "k is %s, v is %s: as many values are wanted as keys", wg__show_type(a, c->in[1]), wg__show_type(b, c->in[2]));
    }
    *batch = wg__attention_batch(q);
    wg_shape kb = wg__attention_batch(k), vb = wg__attention_batch(v);
    return wg__broadcast(c, batch, &kb) && wg__broadcast(c, batch, &vb) && wg__attention_mask(c, mask, size[0], size[1], batch);
}

/* x with its last two axes swapped. */
static inline wg_tensor wg__attention_swap(wg_tensor x)
{
    wg_ints axes = {.n = wg_shape_get(x).rank};
    for (int i = 0; i < axes.n; i++) axes.v[i] = i - axes.n;
    axes.v[axes.n - 2] = -1;
    axes.v[axes.n - 1] = -2;
    return wg_transpose(x, .axes = axes);
}

static inline wg_tensor wg__attention_scale(wg_tensor q, double scale)
{
    return isnan(scale) ? wg_rsqrt(wg_size(q, .axes = WG_INTS(-1))) : wg_num(scale);
}

/* The weights by definition, (..., L, S): a key that is masked has none, and a query without keys no weights. */
static inline wg_tensor wg__attention_weights(const wg_rule *r, wg_tensor mask, bool causal, double scale)
{
    wg_tensor q = r->in[0], k = r->in[1], none = wg_num((double)-INFINITY);
    wg_tensor s = wg_mul(wg_matmul(q, wg__attention_swap(k)), wg__attention_scale(q, scale));
    if (mask.tape) s = wg_dtype_get(mask) == WG_BOOL ? wg_where(mask, s, none) : wg_add(s, mask);
    if (causal) { /* the number of a row and of a column: how many ones stand before it */
        wg_tensor ones = wg_expand_like(wg__number_of(r, 1, wg_dtype_get(s)), s);
        s = wg_where(wg_le(wg_recurrence(ones, .b = ones, .axis = -1), wg_recurrence(ones, .b = ones, .axis = -2)), s, none);
    }
    wg_tensor away = wg_eq(s, none), idle = wg_all(away, .axes = WG_INTS(-1), .keepdim = true);
    /* chosen before softmax, so that -inf - -inf reaches neither the value nor a derivative */
    return wg_where(away, wg_num(0), wg_softmax(wg_where(idle, wg_num(0), s), .axis = -1));
}

static inline void wg__attention_plan(const wg_work *w, attention_plan *p)
{
    const wg_shape *q = w->in[0].shape, *k = w->in[1].shape, *v = w->in[2].shape;
    *p = (attention_plan){.L = q->dim[q->rank - 2], .S = k->dim[k->rank - 2], .d = q->dim[q->rank - 1], .e = v->dim[v->rank - 1]};
    p->row = wg__gemm_up(p->S, WIDTH);
    p->parts = p->batches = 1;
    for (int i = 0; i < w->out.shape->rank - 2; i++) p->batches *= w->out.shape->dim[i];
}

/* Elements of scratch: `strips` strips of scores, `more`, and what products need. False: beyond all sizes. */
static inline bool wg__attention_room(const attention_plan *p, int64_t strips, int64_t more, size_t width, int64_t *elements)
{
    int64_t terms[] = {p->S, p->d, p->e, ROWS}, most = 0, scores;
    for (int i = 0; i < 4; i++) {
        int64_t kc = wg__gemm_depth(terms[i], width);
        most = kc > most ? kc : most;
    }
    return !__builtin_mul_overflow(p->row, ROWS * strips, &scores) && !__builtin_add_overflow(scores, more, &scores) &&
           !__builtin_add_overflow(scores, wg__gemm_scratch(p->S > ROWS ? p->S : ROWS, most, true, width), elements);
}

#endif
#else

#include "ops/norm/lanes.h"

/* Rows of WIDTH lanes, each row folded in two: lane k and lane k + half. */
static inline __attribute__((always_inline)) void FN(fold)(T *lanes, int64_t rows, const int half, bool add)
{
    for (int64_t i = 0; i < rows; i++, lanes += WIDTH)
        for (int k = 0; k < half; k++) {
            T a = lanes[k], b = lanes[k + half];
            lanes[k] = add ? a + b : a > b ? a : b;
        }
}

/* The sum, or the largest, of each row's lanes in its first one. */
static void FN(fold_all)(T *lanes, int64_t rows, bool add)
{
    if (add) FN(fold)(lanes, rows, 8, true), FN(fold)(lanes, rows, 4, true), FN(fold)(lanes, rows, 2, true), FN(fold)(lanes, rows, 1, true);
    else FN(fold)(lanes, rows, 8, false), FN(fold)(lanes, rows, 4, false), FN(fold)(lanes, rows, 2, false), FN(fold)(lanes, rows, 1, false);
}

/* c = a b, of m x k and k x n. */
static void FN(product)(int64_t m, int64_t n, int64_t k, const T *a, int64_t a_rs, int64_t a_cs, const T *b, int64_t b_rs, int64_t b_cs,
                        T *c, int64_t c_rs, void *scratch)
{
    wg_gemm g = {.k = k, .kc = wg__gemm_depth(k, sizeof(T)), .a_rs = a_rs, .a_cs = a_cs, .b_rs = b_rs, .b_cs = b_cs, .c_rs = c_rs,
                 .a_direct = true, .b_direct = b_cs == 1};
    FN(gemm_operands) x = {.a = a, .b = b};
    if (m > 0 && n > 0) FN(gemm_block)(&g, &x, c, 0, m, 0, n, scratch);
}

/* A matrix operand, where it lies for one batch item. */
typedef struct FN(matrix) {
    const T *at;
    int64_t rs, cs;
} FN(matrix);

/* What the kernels of one batch item work with. */
typedef struct FN(item) {
    FN(matrix) q, k, v, g;
    const void *mask;
    int64_t mask_rs, mask_cs;
    bool mask_bool, causal;
    T scale;
} FN(item);

/* Elements from the start of operand i to its batch item u. The batch is what broadcasting the operands' gives. */
static int64_t FN(batch_at)(const wg_args *a, int n, int i, int64_t u)
{
    int64_t at = 0;
    for (int axis = 0; axis < WG_MAX_RANK - 2; axis++) { /* from the last on */
        int64_t size = 1, mine = 1, stride = 0;
        for (int k = 0; k < n; k++) {
            const wg_layout *x = &a->layout[k];
            int at_axis = x->shape.rank - 3 - axis;
            if (!a->in[k] || at_axis < 0) continue;
            if (x->shape.dim[at_axis] != 1) size = x->shape.dim[at_axis];
            if (k == i) mine = x->shape.dim[at_axis], stride = x->stride[at_axis];
        }
        if (mine != 1) at += u % size * stride;
        u /= size;
    }
    return at;
}

static FN(matrix) FN(matrix_at)(const wg_args *a, int n, int i, int64_t u)
{
    const wg_layout *x = &a->layout[i];
    int rank = x->shape.rank;
    return (FN(matrix)){(const T *)a->in[i] + FN(batch_at)(a, n, i, u), x->stride[rank - 2], x->stride[rank - 1]};
}

/* Batch item u of n inputs, the mask being the last. */
static FN(item) FN(item_at)(const wg_args *a, int n, int64_t u, bool causal, double scale)
{
    FN(item) x = {.causal = causal};
    const wg_layout *m = &a->layout[n - 1];
    int rank = m->shape.rank;
    x.q = FN(matrix_at)(a, n, 0, u);
    x.k = FN(matrix_at)(a, n, 1, u);
    x.v = FN(matrix_at)(a, n, 2, u);
    if (n == 5) x.g = FN(matrix_at)(a, n, 3, u);
    x.scale = (T)(isnan(scale) ? 1 / sqrt((double)a->layout[0].shape.dim[a->layout[0].shape.rank - 1]) : scale);
    if (!a->in[n - 1]) return x;
    int64_t at = FN(batch_at)(a, n, n - 1, u);
    x.mask_bool = a->dtype[n - 1] == WG_BOOL;
    x.mask = (const char *)a->in[n - 1] + at * (int64_t)(x.mask_bool ? 1 : sizeof(T));
    x.mask_rs = rank > 1 && m->shape.dim[rank - 2] != 1 ? m->stride[rank - 2] : 0;
    x.mask_cs = rank > 0 && m->shape.dim[rank - 1] != 1 ? m->stride[rank - 1] : 0;
    return x;
}

/* How many keys query i may look at; of those how many any query of its block may: what is computed of its row. */
static inline int64_t FN(keys_of)(const FN(item) *x, int64_t S, int64_t i) { return x->causal && i + 1 < S ? i + 1 : S; }

static inline int64_t FN(keys_near)(const FN(item) *x, int64_t S, int64_t i) { return FN(keys_of)(x, S, i - i % KEYS + KEYS - 1); }

/* a b^T of rows i0..i1-1 of a with all rows of b, above the diagonal left out; to[0] is row i0. */
static void FN(against)(const FN(item) *x, const attention_plan *p, const FN(matrix) *a, const FN(matrix) *b, int64_t i0, int64_t i1, T *to,
                        void *scratch)
{
    int64_t end = FN(keys_of)(x, p->S, i1 - 1), step = x->causal ? KEYS : p->S > 0 ? p->S : 1;
    for (int64_t j = 0; j < end; j += step) {
        int64_t from = x->causal && j > i0 ? j : i0, n = p->S - j < step ? p->S - j : step;
        FN(product)(i1 - from, n, p->d, a->at + from * a->rs, a->rs, a->cs, b->at + j * b->rs, b->cs, b->rs, to + (from - i0) * p->row + j,
                    p->row, scratch);
    }
}

/* What the mask says to WIDTH scores of query i, from key j on, of which `left` are there. */
static void FN(mask_some)(const FN(item) *x, int64_t i, int64_t j, int left, T *s)
{
    int64_t at = i * x->mask_rs + j * x->mask_cs;
    for (int k = 0; k < WIDTH && k < left; k++, at += x->mask_cs)
        if (!x->mask_bool) s[k] += ((const T *)x->mask)[at];
        else if (!((const uint8_t *)x->mask)[at]) s[k] = C(-INFINITY);
}

static inline int64_t FN(padded)(const FN(item) *x, const attention_plan *p, int64_t i)
{
    return wg__gemm_up(FN(keys_near)(x, p->S, i), WIDTH);
}

/* From products to scores, -inf behind a row's last key; the largest of each row. */
static void FN(scores)(const FN(item) *x, const attention_plan *p, int64_t i0, int64_t i1, T *to, T *lanes)
{
    for (int64_t i = i0; i < i1; i++) {
        T *s = to + (i - i0) * p->row, *lane = lanes + (i - i0) * WIDTH;
        int64_t n = FN(keys_of)(x, p->S, i), padded = FN(padded)(x, p, i);
        FN(many) none = (FN(many)){0} - C(INFINITY), top = none, v;
        for (int64_t j = 0; j < padded; j += WIDTH) {
            int left = n - j < WIDTH ? (int)(n - j) : WIDTH;
            v = MANY(s + j) * x->scale;
            if (x->mask) {
                PUT_MANY(s + j, v);
                FN(mask_some)(x, i, j, left, s + j);
                v = MANY(s + j);
            }
            v = PICK_MANY(LANE_NUMBERS < (FN(number))left, v, none);
            top = PICK_MANY(v > top, v, top);
            PUT_MANY(s + j, v);
        }
        PUT_MANY(lane, top);
    }
    FN(fold_all)(lanes, i1 - i0, false);
}

/* From scores to weights. What is behind a row's last key counts as the largest of its scores, since exp(-inf) costs more than
   others, and then as 0. */
static void FN(soften)(const FN(item) *x, const attention_plan *p, int64_t i0, int64_t i1, T *to, T *lanes)
{
    for (int64_t i = i0; i < i1; i++) {
        T *s = to + (i - i0) * p->row, *lane = lanes + (i - i0) * WIDTH;
        T most = *lane == C(-INFINITY) ? 0 : *lane; /* no key at all: every weight is exp(-inf) */
        int64_t n = FN(keys_of)(x, p->S, i), padded = FN(padded)(x, p, i);
        FN(many) sum = {0};
        for (int64_t j = 0; j < padded; j += WIDTH) {
            int left = n - j < WIDTH ? (int)(n - j) : WIDTH;
            for (int k = 0; k < WIDTH; k++) {
                T e = M(exp)((k < left ? s[j + k] : most) - most);
                s[j + k] = k < left ? e : 0;
            }
            sum += MANY(s + j);
        }
        PUT_MANY(lane, sum);
    }
    FN(fold_all)(lanes, i1 - i0, true);
    for (int64_t i = i0; i < i1; i++) {
        T *s = to + (i - i0) * p->row, total = lanes[(i - i0) * WIDTH], one = total == 0 ? 0 : 1 / total;
        int64_t padded = FN(padded)(x, p, i);
        for (int64_t j = 0; j < padded; j += WIDTH) PUT_MANY(s + j, MANY(s + j) * one);
    }
}

/* The weights of rows i0..i1-1; to[0] is row i0. */
static void FN(weights)(const FN(item) *x, const attention_plan *p, int64_t i0, int64_t i1, T *to, void *scratch)
{
    T lanes[ROWS * WIDTH];
    FN(against)(x, p, &x->q, &x->k, i0, i1, to, scratch);
    FN(scores)(x, p, i0, i1, to, lanes);
    FN(soften)(x, p, i0, i1, to, lanes);
}
#endif

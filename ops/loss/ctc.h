/* ctc.h -- what ctc_nll and ctc_share share: the checks of their shapes, and the sums over all alignments, of which each has a
 * kernel for speed and a definition for all derivatives beyond it.
 *
 * With L = 2 target_len + 1, the states s < L of a row are blank, its first label, blank, ..., blank. An alignment begins in state 0
 * or 1, stays, goes on by one, or by two from a label to another one, a frame each, and ends in state L-2 or L-1 (Graves,
 * Fernandez, Gomez and Schmidhuber 2006). logp is [T, N, C], target [N, S]; both lengths are [N]. */
#if !defined WG_KERNEL_PART && !defined WG_OPS_LOSS_CTC_H
#define WG_OPS_LOSS_CTC_H

#include "tape/op.h"

/* size: {T, N, C, S}; a unit is one row of the batch */
enum { CTC_T, CTC_N, CTC_C, CTC_S };

static inline bool wg__ctc_disagree(wg_call *c, int i, const char *why)
{
    char a[128], b[128];
    return wg__refuse(c, "logp is %s, %s is %s: %s", wg__show_type(a, c->in[0]), c->op->inputs[i].name, wg__show_type(b, c->in[i]), why);
}

static inline bool wg__ctc_blank(wg_call *c, int64_t blank, int64_t classes)
{
    if (blank < 0) return wg__refuse(c, "blank is %lld, must be 0 or more", (long long)blank);
    if (wg__settled(c, classes) && blank >= classes)
        return wg__refuse(c, "blank is %lld, must be below the number of classes, %lld", (long long)blank, (long long)classes);
    return true;
}

/* The sizes agree; *n becomes the size of the batch. */
static inline bool wg__ctc_sizes(wg_call *c, int64_t blank, int64_t *n)
{
    char text[128];
    if (c->shape.rank != 3) return wg__refuse(c, "logp is %s, must be [T,N,C]", wg__show_type(text, c->in[0]));
    *n = c->shape.dim[1];
    if (c->in[1].shape->rank != 2) return wg__ctc_disagree(c, 1, "[N,S] is wanted");
    for (int i = 1; i < 4; i++) {
        if (i > 1 && c->in[i].shape->rank != 1) return wg__ctc_disagree(c, i, "one length a row is wanted");
        if (!wg__same_size(c, n, c->in[i].shape->dim[0])) return wg__ctc_disagree(c, i, "their batches differ");
    }
    return wg__ctc_blank(c, blank, c->shape.dim[2]);
}

/* A thread keeps `rows` of 2 S + 1 numbers. */
static inline bool wg__ctc_units(wg_work *w, int64_t rows)
{
    int64_t states, bytes;
    for (int i = 0; i < 3; i++) w->size[i] = w->in[0].shape->dim[i];
    w->size[CTC_S] = w->in[1].shape->dim[1];
    w->units = w->size[CTC_N];
    if (__builtin_mul_overflow(w->size[CTC_S], 2, &states) || __builtin_add_overflow(states, 1, &states)) return false;
    if (__builtin_mul_overflow(states, rows, &bytes) || __builtin_mul_overflow(bytes, (int64_t)sizeof(double), &bytes)) return false;
    w->scratch = (size_t)bytes;
    w->cost = 20 * (double)w->size[CTC_T] * (double)states;
    return true;
}

/* What is wrong with a row: the first of lengths, then labels. */
static inline void wg__ctc_explain(const wg_work *w, const wg_args *a, int64_t n, char *why, size_t size)
{
    const int64_t *target = a->in[1], *frames = a->in[2], *labels = a->in[3], *z = w->size;
    if (frames[n] < 1 || frames[n] > z[CTC_T])
        snprintf(why, size, "input_len[%lld] is %lld, must be in 1..%lld", (long long)n, (long long)frames[n], (long long)z[CTC_T]);
    else if (labels[n] < 0 || labels[n] > z[CTC_S])
        snprintf(why, size, "target_len[%lld] is %lld, must be in 0..%lld", (long long)n, (long long)labels[n], (long long)z[CTC_S]);
    for (int64_t k = 0; frames[n] >= 1 && frames[n] <= z[CTC_T] && k < labels[n] && k < z[CTC_S]; k++) {
        int64_t label = target[n * z[CTC_S] + k];
        if (label >= 0 && label < z[CTC_C]) continue;
        snprintf(why, size, "target[%lld,%lld] is %lld, must be in 0..%lld", (long long)n, (long long)k, (long long)label,
                 (long long)z[CTC_C] - 1);
        return;
    }
}

/* ---- the definition: one step a frame --------------------------------------------------------------------------------- */

/* rows moved one state on, `by` states; first is what stands before them, [N, 1] */
static inline wg_tensor wg__ctc_shift(wg_tensor rows, wg_tensor first, int by)
{
    wg_tensor all[3] = {first, first, rows};
    return wg_slice(wg_concat(wg_tensors_of(all + 2 - by, (size_t)by + 1), .axis = 1), .axis = 1, .stop = -by);
}

/* 0, 1, 2, ... along axis 1 */
static inline wg_tensor wg__ctc_count(wg_tensor rows)
{
    return wg_sub(wg_cumsum(wg_ones_like(rows), 1), wg_num(1));
}

typedef struct wg_ctc {
    wg_tensor state; /* i64[N, L]: the label of each state; blank behind the last */
    wg_tensor place; /* i64[N, L]: 0, 1, 2, ...                                   */
    wg_tensor skips; /* bool[N, L]: may be come to from two before                */
    wg_tensor never; /* real[N, 1]: -inf                                          */
} wg_ctc;

static inline wg_ctc wg__ctc_states(const wg_rule *r, int64_t blank)
{
    wg_tensor target = r->in[1], length = wg_unsqueeze(r->in[3], WG_INTS(1)), pair[2], all[2];
    wg_ctc c;
    wg_tensor first = wg_expand_like(wg__number_of(r, (double)blank, WG_I64), length);
    pair[0] = wg_expand_like(wg__number_of(r, (double)blank, WG_I64), target);
    pair[1] = wg_where(wg_lt(wg__ctc_count(target), length), target, pair[0]);
    for (int i = 0; i < 2; i++) pair[i] = wg_unsqueeze(pair[i], WG_INTS(2));
    all[0] = wg_flatten(wg_concat(wg_tensors_of(pair, 2), .axis = 2), .start = 1);
    all[1] = first;
    c.state = wg_concat(wg_tensors_of(all, 2), .axis = 1);
    c.place = wg__ctc_count(c.state);
    c.skips = wg_logical_and(wg_ne(c.state, wg__ctc_shift(c.state, first, 2)), wg_gt(c.place, wg_num(1)));
    c.never = wg_expand_like(wg__number_of(r, (double)-INFINITY, wg_dtype_get(r->in[0])), length);
    return c;
}

/* -log of the sum over all alignments of each row's probability, [N] */
static inline wg_tensor wg__ctc_define(const wg_rule *r, int64_t blank)
{
    wg_tensor logp = r->in[0], none = wg_num((double)-INFINITY), alpha = WG_NONE;
    int64_t frames = wg_shape_get(logp).dim[0];
    wg_ctc c = wg__ctc_states(r, blank);
    if (frames < 1) return wg__reject(r, WG_ESHAPE, "a derivative of order 2 needs a number of frames that is known, and not 0");
    for (int64_t t = 0; t < frames; t++) {
        wg_tensor frame = wg_squeeze(wg_slice(logp, .axis = 0, .start = t, .stop = t + 1), .axes = WG_INTS(0));
        wg_tensor here = wg_gather(frame, c.state, 1), next;
        if (t == 0) {
            alpha = wg_where(wg_lt(c.place, wg_num(2)), here, none);
            continue;
        }
        next = wg_logaddexp(alpha, wg__ctc_shift(alpha, c.never, 1));
        next = wg_logaddexp(next, wg_where(c.skips, wg__ctc_shift(alpha, c.never, 2), none));
        alpha = wg_where(wg_gt(wg_unsqueeze(r->in[2], WG_INTS(1)), wg_num((double)t)), wg_add(next, here), alpha);
    }
    wg_tensor last = wg_mul(wg_unsqueeze(r->in[3], WG_INTS(1)), wg_num(2));
    wg_tensor ends = wg_logical_or(wg_eq(c.place, last), wg_eq(c.place, wg_sub(last, wg_num(1))));
    return wg_neg(wg_logsumexp(wg_where(ends, alpha, none), .axes = WG_INTS(1)));
}
#endif

/* ---- the kernels: in double, one row of the batch -------------------------------------------------------------------------- */
#if defined WG_KERNEL_PART

/* log(exp(a) + exp(b) + exp(c)) */
static double FN(either)(double a, double b, double c)
{
    double top = WG_K64(max)(WG_K64(max)(a, b), c);
    if (top == -(double)INFINITY) return top;
    return top + WG_K64(log)(WG_K64(exp)(a - top) + WG_K64(exp)(b - top) + WG_K64(exp)(c - top));
}

/* the label of state s, and whether it may be come to from two before */
static int64_t FN(label)(const int64_t *target, int64_t blank, int64_t s) { return s % 2 ? target[s / 2] : blank; }

static bool FN(skips)(const int64_t *target, int64_t s) { return s % 2 && s > 2 && target[s / 2] != target[s / 2 - 1]; }

/* lengths and labels of row n are in range */
static bool FN(sound)(const wg_args *a, int64_t n)
{
    const int64_t *z = a->size, *target = (const int64_t *)a->in[1] + n * z[CTC_S];
    const int64_t frames = ((const int64_t *)a->in[2])[n], labels = ((const int64_t *)a->in[3])[n];
    if (frames < 1 || frames > z[CTC_T] || labels < 0 || labels > z[CTC_S]) return false;
    for (int64_t k = 0; k < labels; k++)
        if (target[k] < 0 || target[k] >= z[CTC_C]) return false;
    return true;
}

/* alpha[s] of the frame whose logp is p, from `before`, that of the frame before it (NULL: there is none) */
static void FN(step)(const T *p, const int64_t *target, int64_t blank, int64_t states, const double *before, double *alpha)
{
    const double none = -(double)INFINITY;
    for (int64_t s = 0; s < states; s++) {
        double here = (double)p[FN(label)(target, blank, s)];
        if (!before) alpha[s] = s < 2 ? here : none;
        else alpha[s] = here + FN(either)(before[s], s > 0 ? before[s - 1] : none, FN(skips)(target, s) ? before[s - 2] : none);
    }
}
#endif

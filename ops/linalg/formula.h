/* formula.h -- einsum's equation read: which axis of which tensor bears which label. Letters are labels 0 (A) to 51 (z); the axes of
 * an ellipsis are labels 52 to 59, the last axis 59, so that those of different tensors meet as broadcasting has it. */
#ifndef WG_OPS_LINALG_FORMULA_H
#define WG_OPS_LINALG_FORMULA_H

#include "tape/op.h"

enum { WG_LABELS = 60, WG_TERMS = 32, WG_ELLIPSIS = 52 };

typedef struct wg_labels {
    int rank;
    uint8_t label[WG_MAX_RANK];
} wg_labels;

typedef struct wg_formula {
    wg_labels term[WG_TERMS], out;
    int64_t size[WG_LABELS];
    uint64_t twice, once; /* labels that stand more than once, and at all */
} wg_formula;

/* A term as it is written. */
typedef struct wg_term {
    int letters, dots; /* dots: how many letters stand before the ellipsis, or -1 */
    uint8_t letter[WG_MAX_RANK];
} wg_term;

static inline int wg__letter_label(char c) { return c >= 'A' && c <= 'Z' ? c - 'A' : c >= 'a' && c <= 'z' ? c - 'a' + 26 : -1; }

static inline char wg__label_letter(int label) { return (char)(label >= WG_ELLIPSIS ? '.' : label < 26 ? 'A' + label : 'a' + label - 26); }

/* Reads one term, to the comma, the arrow or the end. */
static inline bool wg__read_term(wg_call *c, const char **at, wg_term *t)
{
    *t = (wg_term){.dots = -1};
    for (;; ++*at) {
        int label = wg__letter_label(**at);
        if (**at == ' ') continue;
        if (label >= 0 && t->letters == WG_MAX_RANK) return wg__refuse(c, "equation has a term of more than %d letters", WG_MAX_RANK);
        if (label >= 0) {
            t->letter[t->letters++] = (uint8_t)label;
        } else if (strncmp(*at, "...", 3) == 0) {
            if (t->dots >= 0) return wg__refuse(c, "equation has two times ... in one term");
            t->dots = t->letters;
            *at += 2;
        } else if (!**at || **at == ',' || strncmp(*at, "->", 2) == 0) {
            return true;
        } else {
            return wg__refuse(c, "equation cannot be read at \"%.40s\"", *at);
        }
    }
}

/* The labels of a term for a tensor of that rank; the ellipsis has what the letters leave. */
static inline wg_labels wg__labels_of(const wg_term *t, int rank)
{
    wg_labels l = {.rank = rank};
    int dots = rank - t->letters, before = t->dots < 0 ? t->letters : t->dots;
    for (int i = 0; i < before; i++) l.label[i] = t->letter[i];
    for (int i = 0; i < dots; i++) l.label[before + i] = (uint8_t)(WG_LABELS - dots + i);
    for (int i = before; i < t->letters; i++) l.label[dots + i] = t->letter[i];
    return l;
}

/* Tensor k's axes join the formula's sizes. Within one tensor a letter has one size; between tensors 1 broadcasts. */
static inline bool wg__join_term(wg_call *c, wg_formula *f, int k)
{
    const wg_labels *l = &f->term[k];
    for (int i = 0; i < l->rank; i++) {
        int label = l->label[i];
        uint64_t bit = (uint64_t)1 << label;
        int64_t *size = &f->size[label], here = c->in[k].shape->dim[i];
        for (int j = 0; j < i; j++) {
            int64_t there = c->in[k].shape->dim[j];
            if (l->label[j] == label && wg__known(there) && wg__known(here) && there != here)
                return wg__refuse(c, "%c is %lld and %lld in tensor %d", wg__label_letter(label), (long long)there, (long long)here, k);
        }
        if (f->once & bit) f->twice |= bit;
        wg_shape all = {.rank = 1, .dim = {f->once & bit ? *size : 1}}, one = {.rank = 1, .dim = {here}};
        if (!wg__broadcast(c, &all, &one))
            return wg__refuse(c, "%c is %lld in tensor %d, and %lld before", wg__label_letter(label), (long long)here, k, (long long)*size);
        *size = all.dim[0];
        f->once |= bit;
    }
    return true;
}

static inline bool wg__formula_out(wg_call *c, wg_formula *f, const wg_term *t)
{
    uint64_t seen = 0;
    int dots = 0;
    for (int i = WG_ELLIPSIS; i < WG_LABELS; i++) dots += t->dots >= 0 && f->once >> i & 1;
    if (t->letters + dots > WG_MAX_RANK) return wg__refuse(c, "the result would have more than %d axes", WG_MAX_RANK);
    for (int i = 0; i < t->letters; i++) {
        uint64_t bit = (uint64_t)1 << t->letter[i];
        char letter = wg__label_letter(t->letter[i]);
        if (seen & bit) return wg__refuse(c, "%c stands twice behind ->", letter);
        if (!(f->once & bit)) return wg__refuse(c, "%c is in no tensor", letter);
        seen |= bit;
    }
    f->out = wg__labels_of(t, t->letters + dots);
    return true;
}

/* Without an arrow: the ellipsis, then the letters that stand once. */
static inline bool wg__formula_implied(wg_call *c, wg_formula *f)
{
    uint64_t letters = ((uint64_t)1 << WG_ELLIPSIS) - 1, set = (f->once & ~letters) | (f->once & ~f->twice & letters);
    if (__builtin_popcountll(set) > WG_MAX_RANK) return wg__refuse(c, "the result would have more than %d axes", WG_MAX_RANK);
    for (int part = 0; part < 2; part++)
        for (int i = part ? 0 : WG_ELLIPSIS; i < (part ? WG_ELLIPSIS : WG_LABELS); i++)
            if (set >> i & 1) f->out.label[f->out.rank++] = (uint8_t)i;
    return true;
}

/* Reads the equation for the tensors of c. */
static inline bool wg__formula(wg_call *c, const char *equation, wg_formula *f)
{
    const char *at = equation;
    char text[128];
    wg_term t;
    int n = 0;
    *f = (wg_formula){.once = 0};
    if (c->n > WG_TERMS) return wg__refuse(c, "takes at most %d tensors", WG_TERMS);
    for (bool more = true; more; n++) {
        if (!wg__read_term(c, &at, &t)) return false;
        more = *at == ',';
        at += more;
        if (n >= c->n) continue;
        int rank = c->in[n].shape->rank;
        if (t.dots < 0 ? rank != t.letters : rank < t.letters)
            return wg__refuse(c, "tensor %d is %s, which has %d axes, not %d%s", n, wg__show_type(text, c->in[n]), rank, t.letters,
                              t.dots < 0 ? "" : " or more");
        f->term[n] = wg__labels_of(&t, rank);
    }
    if (n != c->n) return wg__refuse(c, "equation has %d terms for %d tensors", n, c->n);
    for (int k = 0; k < n; k++)
        if (!wg__join_term(c, f, k)) return false;
    if (!*at) return wg__formula_implied(c, f);
    at += 2;
    if (!wg__read_term(c, &at, &t)) return false;
    if (*at) return wg__refuse(c, "equation cannot be read at \"%.40s\"", at);
    return wg__formula_out(c, f, &t);
}

/* The same for a rule's tensors, whose equation has been read before. */
static inline bool wg__formula_of(const wg_rule *r, const char *equation, wg_formula *f)
{
    wg_shape shape[WG_TERMS];
    wg_type in[WG_TERMS];
    char why[256];
    int64_t fresh = WG_START + 1; /* above all letters */
    for (int i = 0; i < r->n && i < WG_TERMS; i++) {
        shape[i] = wg_shape_get(r->in[i]);
        in[i] = (wg_type){wg_dtype_get(r->in[i]), &shape[i]};
    }
    return wg__formula(&(wg_call){.in = in, .n = r->n, .fresh = &fresh, .why = why, .why_size = sizeof why}, equation, f);
}

#endif

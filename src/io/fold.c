/* fold.c -- what several nodes are drawn as.
 *
 * Scopes below the wanted depth are one box each. In a brief drawing a scope that holds no other is one, too, and so are the
 * nodes that one call of a composed op recorded; and of scopes that differ in their number only (h.0, h.1, ...: the same
 * nodes, each fed by the one before or by what feeds them all) the first is drawn, for all. */
#include "io/draw.h"

#include "base/shape.h"

#include <stdlib.h>

/* ---- boxes ---------------------------------------------------------------------------------------------------------- */

/* How much of its scope is frames, and how much its box, if any, is called by. */
static void split_scope(const drawing *d, item *x, bool innermost)
{
    uint32_t level = 0, length = 0, whole = (uint32_t)strlen(x->scope);
    x->framed = x->titled = whole;
    if (d->depth) {
        for (; length < whole; length++)
            if (x->scope[length] == '/' && ++level == d->depth) break;
        if (length < whole) {
            x->framed = x->titled = length++;
            while (length < whole && x->scope[length] != '/') length++;
            x->titled = length;
        }
    }
    if (d->brief && innermost && x->framed == whole)
        while (x->framed && x->scope[--x->framed] != '/') continue;
}

static void split_scopes(drawing *d)
{
    for (size_t i = 0, next; i < d->items; i = next) {
        const item *x = &d->item[i];
        size_t length = strlen(x->scope);
        for (next = i + 1; next < d->items && d->item[next].derivative == x->derivative && !strcmp(d->item[next].scope, x->scope);) next++;
        const item *after = next < d->items && d->item[next].derivative == x->derivative ? &d->item[next] : NULL;
        bool innermost = length && !d->plan && !(after && strncmp(after->scope, x->scope, length) == 0 && after->scope[length] == '/');
        for (size_t k = i; k < next; k++) split_scope(d, &d->item[k], innermost);
    }
}

static bool in_box(const item *x) { return x->titled > x->framed; }

/* Items i and the one before it stand in one box. */
static bool same_box(const drawing *d, size_t i)
{
    const item *x = &d->item[i], *y = x - 1;
    const wg_node *n = &d->t->node[x->node], *m = &d->t->node[y->node];
    if (x->derivative != y->derivative || in_box(x) != in_box(y)) return false;
    if (in_box(x)) return x->titled == y->titled && strncmp(x->scope, y->scope, x->titled) == 0;
    return d->brief && !d->plan && n->via && n->via == m->via && !n->opens && !n->derivative && strcmp(x->scope, y->scope) == 0;
}

static void count_in(drawing *d, box *b, const item *x)
{
    const wg_node *n = &d->t->node[x->node];
    b->count++;
    if (n->op->leaf == WG_LEAF_PARAM) {
        b->params++;
    } else {
        const wg_op *call = n->via ? n->via : n->op;
        b->call = !b->ops || b->call == call ? call : NULL;
        b->ops++;
        b->last = x->node;
    }
}

static bool fold_boxes(drawing *d)
{
    for (size_t i = 0, next; i < d->items; i = next) {
        for (next = i + 1; next < d->items && same_box(d, next);) next++;
        if (!in_box(&d->item[i]) && next == i + 1) continue;
        if (!WG_RESERVE(d->box, d->box_capacity, d->boxes + 1)) return false;
        box *b = &d->box[d->boxes];
        *b = (box){.first = i, .last = WG_ABSENT};
        for (size_t k = i; k < next; k++) {
            count_in(d, b, &d->item[k]);
            d->shown[d->item[k].node] = (uint32_t)(d->t->count + d->boxes);
            d->item[k].hidden = k > i;
        }
        d->boxes++;
    }
    return true;
}

/* ---- repeats -------------------------------------------------------------------------------------------------------- */

/* The name of a frame without its number; digits: where that begins. */
static uint32_t stem(const drawing *d, const frame *f, int64_t *number)
{
    const char *scope = d->item[f->first].scope;
    uint32_t length = f->length;
    while (length && scope[length - 1] >= '0' && scope[length - 1] <= '9') length--;
    *number = length < f->length && f->length - length < 10 ? atoi(scope + length) : -1;
    return length;
}

static bool same_type(const wg_node *n, const wg_node *m)
{
    if (n->dtype != m->dtype || n->shape->rank != m->shape->rank) return false;
    for (int i = 0; i < n->shape->rank; i++) {
        int64_t a = n->shape->dim[i], b = m->shape->dim[i];
        if (a != b && (a >= 0 || b >= 0)) return false; /* unknown sizes need not be the same */
    }
    return true;
}

static bool same_node(const wg_node *n, const wg_node *m)
{
    return n->op == m->op && n->n == m->n && same_type(n, m) &&
           (n->op->kind == WG_LEAF || n->op->keyed || n->attrs == m->attrs || wg__attrs_equal(n->op, n->attrs, m->attrs));
}

/* Where in the family that f begins node stands: its place in its frame, or -1. */
static int64_t place_in(const drawing *d, uint32_t family, uint32_t node, const uint32_t *item_of)
{
    uint32_t at = d->frame_of[node];
    return at != WG_ABSENT && d->frame[at].family == family ? (int64_t)(item_of[node] - d->frame[at].first) : -1;
}

/* Input e of g's node at k and input e0 of f's: the same one, at the same place inside both, or given along from frame to frame. */
static bool same_input(const drawing *d, uint32_t f, uint32_t g, uint32_t e0, uint32_t e, const uint32_t *item_of)
{
    if (e0 == WG_ABSENT || e == WG_ABSENT) return e0 == e;
    if (e0 == e) return true;
    const wg_node *a = &d->t->node[e0], *b = &d->t->node[e];
    if (a->op->leaf == WG_LEAF_NUMBER || b->op->leaf == WG_LEAF_NUMBER)
        return same_node(a, b) && wg__attrs_equal(a->op, a->attrs, b->attrs);
    if (d->shown[e0] == d->shown[e]) return true; /* of another family, folded before */
    int64_t x = place_in(d, f, e0, item_of), y = place_in(d, f, e, item_of);
    bool inside = x >= 0 && d->frame_of[e0] == f, inside_too = y >= 0 && d->frame_of[e] == g;
    return inside || inside_too ? inside && inside_too && x == y : x >= 0 || y >= 0;
}

/* g's nodes are f's again, by themselves. */
static bool alike(const drawing *d, const frame *f, const frame *g)
{
    int64_t number;
    uint32_t length = stem(d, f, &number);
    const item *x = &d->item[f->first], *y = &d->item[g->first];
    if (number < 0 || f->count != g->count || stem(d, g, &number) != length || number < 0 || x->derivative != y->derivative ||
        strncmp(x->scope, y->scope, length) != 0)
        return false;
    for (size_t k = 0; k < f->count; k++, x++, y++)
        if (strcmp(x->scope + f->length, y->scope + g->length) != 0 || !same_node(&d->t->node[x->node], &d->t->node[y->node])) return false;
    return true;
}

static bool fed_alike(const drawing *d, uint32_t f, uint32_t g, const uint32_t *item_of)
{
    const item *x = &d->item[d->frame[f].first], *y = &d->item[d->frame[g].first];
    for (size_t k = 0; k < d->frame[f].count; k++) {
        const wg_node *n = &d->t->node[x[k].node], *m = &d->t->node[y[k].node];
        for (uint32_t i = 0; i < n->n; i++)
            if (!same_input(d, f, g, wg__edges(d->t, n)[i], wg__edges(d->t, m)[i], item_of)) return false;
    }
    return true;
}

static void leave_family(drawing *d, uint32_t f)
{
    for (uint32_t g = f; g < d->frames; g++) {
        if (d->frame[g].family != f) continue;
        for (size_t k = 0; k < d->frame[g].count; k++) d->frame_of[d->item[d->frame[g].first + k].node] = WG_ABSENT;
    }
}

/* The frames that are like f, drawn as f. */
static void fold_family(drawing *d, uint32_t f, const uint32_t *item_of)
{
    frame *first = &d->frame[f];
    bool good = true;
    for (uint32_t g = f; g < d->frames; g++) {
        if (d->frame[g].family != g || (g > f && !alike(d, first, &d->frame[g]))) continue;
        d->frame[g].family = f;
        for (size_t k = 0; k < first->count; k++) d->frame_of[d->item[d->frame[g].first + k].node] = g;
        first->members += g > f;
    }
    for (uint32_t g = f + 1; good && g < d->frames; g++) good = d->frame[g].family != f || fed_alike(d, f, g, item_of);
    if (!good || first->members == 1) {
        leave_family(d, f);
        for (uint32_t g = f + 1; g < d->frames; g++)
            if (d->frame[g].family == f) d->frame[g].family = g;
        first->members = 1;
        return;
    }
    int64_t largest = -1, number;
    for (uint32_t g = f; g < d->frames; g++) {
        if (d->frame[g].family != f) continue;
        stem(d, &d->frame[g], &number);
        if (number > largest) largest = number, first->last = g;
        for (size_t k = 0; g > f && k < first->count; k++) {
            item *x = &d->item[d->frame[g].first + k];
            x->hidden = true;
            d->shown[x->node] = d->shown[d->item[first->first + k].node];
        }
    }
}

/* The frames at a level, of what no family has yet. */
static bool list_frames(drawing *d, size_t level)
{
    for (size_t i = 0; i < d->items; i++) {
        const item *x = &d->item[i];
        uint32_t length = 0;
        size_t depth = 0;
        while (length < x->framed && !(x->scope[length] == '/' && ++depth == level)) length++;
        if (!length || (depth < level && ++depth != level) || d->frame_of[x->node] != WG_ABSENT) continue;
        frame *last = d->frames ? &d->frame[d->frames - 1] : NULL;
        const item *y = last ? &d->item[last->first] : NULL;
        if (last && last->length == length && y->derivative == x->derivative && strncmp(y->scope, x->scope, length) == 0) {
            last->count++;
            continue;
        }
        if (!WG_RESERVE(d->frame, d->frame_capacity, d->frames + 1)) return false;
        uint32_t own = (uint32_t)d->frames++;
        d->frame[own] = (frame){.first = i, .count = 1, .length = length, .family = own, .members = 1, .last = own};
    }
    return true;
}

static bool fold_repeats(drawing *d)
{
    uint32_t *item_of = wg__alloc(wg__mul(d->t->count + 1, sizeof *item_of));
    bool good = item_of != NULL;
    for (size_t i = 0; good && i < d->items; i++) item_of[d->item[i].node] = (uint32_t)i;
    for (size_t level = 1, before = 0; good; level++, before = d->frames) {
        good = list_frames(d, level);
        if (d->frames == before) break;
        for (size_t f = before; good && f < d->frames; f++)
            if (d->frame[f].family == f) fold_family(d, (uint32_t)f, item_of);
    }
    wg__free(item_of);
    return good;
}

bool wg__fold(drawing *d)
{
    for (size_t i = 0; i < d->t->count; i++) d->frame_of[i] = WG_ABSENT;
    split_scopes(d);
    return fold_boxes(d) && (!d->brief || d->plan || fold_repeats(d));
}

bool wg__folded_edge(const drawing *d, uint32_t from, uint32_t into)
{
    uint32_t a = d->frame_of[from], b = d->frame_of[into];
    if (a == WG_ABSENT || b == WG_ABSENT || d->frame[a].family != d->frame[b].family) return false;
    return a != b || d->frame[b].family != b;
}

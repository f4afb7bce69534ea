/* draw.c -- which nodes a picture shows, in which frames, joined by which edges.
 *
 * Items (nodes, and parameters put where their names say) are sorted by side (forward, derivative), scope, and place on
 * the tape; a walk through them opens and closes the nested frames. Nothing recurses, and the same tape gives the same
 * text. What several nodes are drawn as, one box or one frame, is said in fold.c. */
#include "io/draw.h"

#include "plan/plan.h"
#include "tape/text.h"

#include <stdlib.h>

/* ---- order ---------------------------------------------------------------------------------------------------------- */

/* `/` before every other character, so that what is inside a scope stands together. */
static int compare_scopes(const char *a, const char *b)
{
    while (*a && *a == *b) a++, b++;
    int x = *a == '/' ? 1 : (unsigned char)*a, y = *b == '/' ? 1 : (unsigned char)*b;
    return x - y;
}

static int compare_items(const void *a, const void *b)
{
    const item *x = a, *y = b;
    if (x->derivative != y->derivative) return x->derivative ? 1 : -1;
    int order = compare_scopes(x->scope, y->scope);
    return order ? order : x->node < y->node ? -1 : 1;
}

static int compare_edges(const void *a, const void *b)
{
    const edge *x = a, *y = b;
    if (x->into != y->into) return x->into < y->into ? -1 : 1;
    if (x->from != y->from) return x->from < y->from ? -1 : 1;
    if (x->shape_only != y->shape_only) return x->shape_only ? 1 : -1;
    return x->value < y->value ? -1 : x->value > y->value;
}

static int letter_of_name(char c) { return c == '.' ? '/' : (unsigned char)c; }

/* Names say `a.b` where scopes say `a/b`, and scopes may hold dots. */
static int compare_as_names(const char *a, const char *b, size_t n)
{
    while (n && *a && letter_of_name(*a) == letter_of_name(*b)) a++, b++, n--;
    return n ? letter_of_name(*a) - letter_of_name(*b) : 0;
}

static int compare_texts(const void *a, const void *b)
{
    return compare_as_names(*(const char *const *)a, *(const char *const *)b, SIZE_MAX);
}

/* ---- what is shown ---------------------------------------------------------------------------------------------------- */

/* Marks what is returned, what forward nodes use, and, with a plan, what it needs. */
static void mark(drawing *d)
{
    const wg_tape *t = d->t;
    for (size_t i = 0; i < t->n_returned; i++) d->flags[wg__index(t->returned[i])] |= WG_DRAW_RETURNED;
    for (size_t i = 0; i < t->count; i++) {
        const wg_node *n = &t->node[i];
        bool counts = !n->derivative && n->op->kind != WG_EFFECT;
        for (uint32_t k = 0; counts && k < n->n; k++)
            if (wg__edges(t, n)[k] != WG_ABSENT) d->flags[wg__edges(t, n)[k]] |= WG_DRAW_USED;
        d->sides |= n->derivative;
    }
    for (size_t i = 0; d->plan && i < d->plan->needs; i++) d->flags[d->plan->need[i].node] |= WG_DRAW_WANTED;
    if (d->plan) d->sides = false;
}

wg_look wg__look_of(const drawing *d, uint32_t i)
{
    const wg_node *n = &d->t->node[i];
    bool loss = n->shape->rank == 0 && wg_dtype_real((wg_dtype)n->dtype) && !n->derivative && n->op->kind != WG_LEAF;
    if (n->op->leaf == WG_LEAF_INPUT) return WG_LOOK_INPUT;
    if (n->op->leaf == WG_LEAF_PARAM) return WG_LOOK_PARAM;
    if (n->op->kind == WG_EFFECT) return WG_LOOK_EFFECT;
    if (loss && (d->t->n_returned ? d->flags[i] & WG_DRAW_RETURNED : !(d->flags[i] & WG_DRAW_USED))) return WG_LOOK_LOSS;
    if (n->derivative) return WG_LOOK_DERIVATIVE;
    return n->op->leaf == WG_LEAF_CONSTANT || n->op->leaf == WG_LEAF_NUMBER ? WG_LOOK_CONSTANT : WG_LOOK_OP;
}

/* The scopes that nodes stand in, sorted, each once. */
static size_t list_scopes(const drawing *d, const char **scope)
{
    size_t n = 0, kept = 0;
    for (size_t i = 0; i < d->t->count; i++)
        if (d->t->node[i].op->leaf != WG_LEAF_PARAM && d->t->node[i].scope[0] && (!n || scope[n - 1] != d->t->node[i].scope))
            scope[n++] = d->t->node[i].scope;
    if (n) qsort(scope, n, sizeof *scope, compare_texts);
    for (size_t i = 0; i < n; i++)
        if (!kept || strcmp(scope[kept - 1], scope[i]) != 0) scope[kept++] = scope[i];
    return kept;
}

/* A parameter `a.b.weight` stands in the scope a/b, or a, if there is one. */
static const char *scope_of_param(drawing *d, const wg_node *n, const char *const *scope, size_t scopes)
{
    char *text = n->name ? wg__arena_text(&d->arena, n->name, strlen(n->name)) : NULL;
    if (n->name && !text) return NULL; /* no memory */
    for (size_t length = text ? strlen(text) : 0; scopes && length--;) {
        if (letter_of_name(text[length]) != '/') continue;
        text[length] = 0;
        const char *const *found = bsearch(&text, scope, scopes, sizeof *scope, compare_texts);
        if (found) return *found;
        /* a frame that holds frames only is one, too: is there a scope that begins so? */
        for (size_t i = 0; i < scopes; i++)
            if (compare_as_names(scope[i], text, length) == 0 && scope[i][length] == '/') return memcpy(text, scope[i], length);
    }
    return "";
}

/* With a plan, frames are its groups. */
static bool group_scopes(drawing *d, const char **scope_by_node)
{
    const wg_program *g = d->plan->current;
    for (size_t s = 0; g && s < g->steps; s++) {
        const wg_step *step = &g->step[s];
        if (step->kind != WG_S_GROUP || step->count < 2) continue;
        char *title = wg__arena_get(&d->arena, 64);
        if (!title) return false;
        snprintf(title, 64, "step %zu", s);
        for (uint32_t k = 0; k < step->count; k++) scope_by_node[g->value[step->instr[k].value].node] = title;
    }
    return true;
}

static bool collect(drawing *d)
{
    const wg_tape *t = d->t;
    const char **scope = wg__alloc(wg__mul(t->count + 1, 2 * sizeof *scope));
    if (!scope || !WG_RESERVE(d->item, d->item_capacity, t->count + 1)) return wg__free(scope), false;
    const char **group = scope + t->count + 1;
    size_t scopes = d->plan ? 0 : list_scopes(d, scope);
    bool good = !d->plan || group_scopes(d, group);
    for (size_t i = 0; good && i < t->count; i++) {
        const wg_node *n = &t->node[i];
        bool number = n->op->leaf == WG_LEAF_NUMBER && !(d->flags[i] & WG_DRAW_RETURNED);
        d->shown[i] = WG_ABSENT;
        if (number || (d->plan && !(d->flags[i] & WG_DRAW_WANTED))) continue;
        const char *where = d->plan                        ? (group[i] ? group[i] : "")
                            : n->op->leaf == WG_LEAF_PARAM ? scope_of_param(d, n, scope, scopes)
                                                           : n->scope;
        good = where != NULL;
        if (!good) break;
        d->item[d->items++] = (item){.scope = where, .node = (uint32_t)i, .derivative = n->derivative && d->sides};
        d->shown[i] = (uint32_t)i;
    }
    wg__free(scope);
    if (d->items) qsort(d->item, d->items, sizeof *d->item, compare_items);
    return good;
}

static bool is_box(const drawing *d, uint32_t shown) { return shown >= d->t->count; }

static bool add_edge(drawing *d, uint32_t from, uint32_t into, bool shape_only)
{
    if (from == WG_ABSENT || d->shown[from] == WG_ABSENT || d->t->node[from].op->leaf == WG_LEAF_NUMBER) return true;
    edge e = {d->shown[from], d->shown[into], from, shape_only, d->t->node[into].derivative};
    if ((is_box(d, e.into) && e.from == e.into) || wg__folded_edge(d, from, into)) return true;
    if (!WG_RESERVE(d->edge, d->edge_capacity, d->edges + 1)) return false;
    d->edge[d->edges++] = e;
    return true;
}

static bool collect_edges(drawing *d)
{
    bool good = true;
    for (uint32_t i = 0; good && !d->plan && i < d->t->count; i++) {
        const wg_node *n = &d->t->node[i];
        for (uint32_t k = 0; good && d->shown[i] != WG_ABSENT && k < n->n; k++)
            good = add_edge(d, wg__edges(d->t, n)[k], i, wg__shape_only(n->op, k));
    }
    for (size_t i = 0; good && d->plan && i < d->plan->needs; i++) {
        const wg_need *need = &d->plan->need[i];
        const wg_node *n = &d->t->node[need->node];
        for (uint32_t k = 0; good && k < n->n; k++) {
            uint32_t e = d->plan->edge[need->edge + k];
            good = e == WG_ABSENT || add_edge(d, d->plan->need[e].node, need->node, wg__shape_only(n->op, k));
        }
    }
    if (good && (d->boxes || d->brief) && d->edges) qsort(d->edge, d->edges, sizeof *d->edge, compare_edges);
    return good;
}

/* ---- the picture -------------------------------------------------------------------------------------------------------- */

typedef struct frames { /* that are open */
    const char *scope;  /* of the item before */
    size_t length;      /* of it that is open */
    int level;
    bool derivative, side;
} frames;

static void close_frame(const drawing *d, frames *f)
{
    for (int i = 0; i < f->level; i++) fputs("  ", d->to);
    fputs("}\n", d->to);
    f->level--;
}

/* Closes frames until what is open is a beginning of scope[0..length-1]. */
static void close_to(const drawing *d, frames *f, const char *scope, size_t length)
{
    while (f->length &&
           !(f->length <= length && strncmp(f->scope, scope, f->length) == 0 && (f->length == length || scope[f->length] == '/'))) {
        while (f->length && f->scope[f->length - 1] != '/') f->length--;
        if (f->length) f->length--;
        close_frame(d, f);
    }
}

/* "h.0 ... h.3", "4 times", where the frame up to `to` is drawn for a family. */
static const char *put_family(const drawing *d, const item *x, size_t from, size_t to, char title[600], char times[32])
{
    uint32_t first = d->frame_of[x->node];
    const frame *f = first == WG_ABSENT ? NULL : &d->frame[first];
    if (!f || f->length != to) return d->plan ? "one group" : NULL;
    const frame *last = &d->frame[f->last];
    size_t length = strlen(title);
    snprintf(title + length, 600 - length, " \xe2\x80\xa6 %.*s", (int)(last->length - from), d->item[last->first].scope + from);
    snprintf(times, 32, "%u times", f->members);
    return times;
}

static void open_frames(drawing *d, frames *f, const item *x)
{
    char id[1200], title[600], times[32];
    size_t length = x->framed;
    close_to(d, f, x->scope, length);
    f->scope = x->scope;
    while (f->length < length) {
        size_t from = f->length ? f->length + 1 : 0, to = from;
        while (to < length && x->scope[to] != '/') to++;
        snprintf(id, sizeof id, "cluster %s%.*s", x->derivative ? "derivative " : "", (int)(to < 1000 ? to : 1000), x->scope);
        snprintf(title, sizeof title, "%.*s", (int)(to - from < 250 ? to - from : 250), x->scope + from);
        wg__ink_frame(d->to, id, title, put_family(d, x, from, to, title, times), x->derivative, ++f->level);
        f->length = to;
    }
}

static void put_items(drawing *d)
{
    frames f = {.scope = ""};
    for (size_t i = 0; i < d->items; i++) {
        const item *x = &d->item[i];
        if (x->hidden) continue;
        if (d->sides && (!f.side || f.derivative != x->derivative)) {
            close_to(d, &f, "", 0);
            if (f.side) close_frame(d, &f);
            f.derivative = x->derivative;
            f.side = true;
            wg__ink_frame(d->to, x->derivative ? "cluster derivative" : "cluster forward", x->derivative ? "derivatives" : "forward", NULL,
                          x->derivative, ++f.level);
        }
        open_frames(d, &f, x);
        uint32_t shown = d->shown[x->node];
        if (is_box(d, shown)) wg__ink_box(d, shown, f.level + 1);
        else wg__ink_node(d->to, d->t, x->node, wg__look_of(d, x->node), d->flags[x->node] & WG_DRAW_RETURNED, f.level + 1);
    }
    close_to(d, &f, "", 0);
    if (f.side) close_frame(d, &f);
}

static void put_edges(const drawing *d)
{
    for (size_t i = 0; i < d->edges; i++) {
        const edge *e = &d->edge[i], *before = i ? e - 1 : NULL;
        bool once = d->brief || is_box(d, e->from) || is_box(d, e->into);
        if (once && before && before->from == e->from && before->into == e->into) continue;
        wg__ink_edge(d->to, e->from, e->into, &d->t->node[e->value], e->shape_only, e->derivative);
    }
}

wg_status wg_draw_dot(FILE *to, const wg_tape *t, const wg_draw_options *o)
{
    static const wg_draw_options defaults = {0};
    if (!to || !t) return WG_EARG;
    if (!o) o = &defaults;
    if (o->plan && wg_plan_tape(o->plan) != t) return WG_EARG;
    drawing d = {.to = to, .t = t, .plan = o->plan, .depth = o->depth > 0 ? (size_t)o->depth : o->brief, .brief = o->brief};
    d.shown = wg__alloc(wg__mul(t->count + 1, 2 * sizeof *d.shown));
    d.frame_of = d.shown ? d.shown + t->count + 1 : NULL;
    d.flags = wg__alloc(t->count + 1);
    bool good = d.shown && d.flags;
    if (good) mark(&d);
    good = good && collect(&d) && wg__fold(&d) && collect_edges(&d);
    if (good) {
        wg__ink_start(to);
        put_items(&d);
        put_edges(&d);
        fputs("}\n", to);
    }
    wg__free(d.shown);
    wg__free(d.flags);
    wg__free(d.item);
    wg__free(d.box);
    wg__free(d.frame);
    wg__free(d.edge);
    wg__arena_free(&d.arena);
    return !good ? WG_ENOMEM : ferror(to) ? WG_EIO : WG_OK;
}

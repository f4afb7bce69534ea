/* program.c -- the program for the sizes that are fed: looked up among the last few, or made: every shape rule runs again
 * with the sizes known (letters in attributes become numbers), then the passes of plan.h. */
#include "plan/plan.h"

#include "base/shape.h"
#include "tape/infer.h"

void wg__program_free(wg_program *g)
{
    if (!g) return;
    wg_stock *stock = g->arena.stock;
    wg__arena_free(&g->arena);
    wg__put(stock, g->value);
    wg__put(stock, g->edge);
    wg__put(stock, g->order);
    wg__put(stock, g->instr);
    wg__put(stock, g->leaf.value);
    wg__put(stock, g->alias.value);
    wg__put(stock, g->fed.value);
    wg__put(stock, g->joint.value);
    wg__put(stock, g->part);
    wg__put(stock, g->note);
    wg__put(stock, g->base);
    wg__free(g);
}

/* ---- sizes ------------------------------------------------------------------------------------------------------------ */

typedef struct letters {
    int64_t size[256]; /* by letter; -1: not bound */
} letters;

static bool bind_letters(wg_plan *p, letters *l)
{
    for (int i = 0; i < 256; i++) l->size[i] = -1;
    for (size_t k = 0; k < p->feeds; k++) {
        const wg_node *n = wg__plan_node(p, p->feed[k].need);
        for (int i = 0; i < n->shape->rank; i++) {
            int64_t declared = n->shape->dim[i], fed = p->feed[k].array.shape.dim[i];
            if (!wg__is_letter(declared)) continue;
            int64_t *size = &l->size[declared - INT64_MIN];
            if (*size >= 0 && *size != fed)
                return wg__plan_fail(p, WG_ESHAPE, "input %s: axis %d is %lld, but %c is %lld in another input", n->name, i, (long long)fed,
                                     (char)(declared - INT64_MIN), (long long)*size),
                       false;
            *size = fed;
        }
    }
    return true;
}

static bool has_letter(const wg_attr *a, const void *options)
{
    const wg_shape *s = wg__attr_field(a, options);
    if (a->type == WG_A_SIZE) return wg__is_letter(*(const int64_t *)(const void *)s) && *(const int64_t *)(const void *)s != WG_START;
    bool any = false;
    for (int i = 0; a->type == WG_A_SHAPE && i < s->rank; i++) any |= wg__is_letter(s->dim[i]);
    return any;
}

static bool bind_size(const letters *l, int64_t *size)
{
    if (!wg__is_letter(*size) || *size == WG_START) return true;
    *size = l->size[*size - INT64_MIN];
    return *size >= 0;
}

/* The attributes with letters replaced by what is fed; `out` is the tape's own where there is none. */
static wg_status bind_attrs(wg_program *g, const letters *l, const wg_node *n, const void **out)
{
    bool any = false;
    *out = n->attrs;
    for (int i = 0; n->attrs && n->op->kind != WG_LEAF && i < n->op->n_attributes; i++) any |= has_letter(&n->op->attributes[i], n->attrs);
    if (!any) return WG_OK;
    char *copy = wg__arena_get(&g->arena, n->op->options_size);
    if (!copy) return WG_ENOMEM;
    memcpy(copy, n->attrs, n->op->options_size);
    bool bound = true;
    for (int i = 0; i < n->op->n_attributes; i++) {
        const wg_attr *a = &n->op->attributes[i];
        wg_shape *s = wg__attr_field(a, copy);
        if (a->type == WG_A_SIZE) bound &= bind_size(l, (int64_t *)(void *)s);
        for (int k = 0; a->type == WG_A_SHAPE && k < s->rank; k++) bound &= bind_size(l, &s->dim[k]);
    }
    *out = copy;
    return bound ? WG_OK : WG_EMISSING;
}

static wg_status infer(wg_plan *p, wg_program *g, const wg_node *n, wg_value *v, wg_type *type)
{
    char why[256] = "", where[256];
    int64_t fresh = WG_FIRST_FRESH;
    for (uint32_t i = 0; i < n->n; i++) {
        uint32_t e = g->edge[v->edge + i];
        type[i] = e == WG_ABSENT ? (wg_type){0, NULL} : (wg_type){(wg_dtype)g->value[e].dtype, g->value[e].shape};
    }
    wg_call c = {.op = n->op, .attrs = v->attrs, .in = type, .n = (int)n->n, .fresh = &fresh, .why = why, .why_size = sizeof why};
    if (!wg__infer(&c)) {
        wg__locate(n, where, sizeof where);
        return wg__plan_fail(p, WG_ESHAPE, "%s%s", where, why);
    }
    for (uint32_t i = 0; i < n->n && !v->shape; i++)
        if (type[i].shape && wg__dims_equal(type[i].shape, &c.shape)) v->shape = type[i].shape;
    wg_shape *mine = v->shape ? NULL : wg__arena_get(&g->arena, sizeof *mine);
    if (!v->shape && !mine) return WG_ENOMEM;
    if (mine) *mine = c.shape, v->shape = mine;
    return WG_OK;
}

static wg_status size_value(wg_plan *p, wg_program *g, const letters *l, uint32_t k, wg_type **type, size_t *capacity)
{
    const wg_node *n = wg__plan_node(p, k);
    wg_value *v = &g->value[k];
    *v = (wg_value){.op = n->op,
                    .node = p->need[k].node,
                    .root = k,
                    .edge = p->need[k].edge,
                    .n = n->n,
                    .dtype = n->dtype,
                    .again = p->need[k].again,
                    .last = WG_ABSENT,
                    .step = WG_ABSENT};
    wg_status s = n->attrs ? bind_attrs(g, l, n, &v->attrs) : WG_OK;
    if (s == WG_EMISSING) {
        char where[256];
        wg__locate(n, where, sizeof where);
        return wg__plan_fail(p, WG_ESHAPE, "%sa named size is the size of no input of this plan", where);
    }
    if (s) return s;
    if (n->known && v->attrs == n->attrs) return v->shape = n->shape, WG_OK; /* nothing about it hung on an unknown size */
    if (!WG_RESERVE(*type, *capacity, (size_t)n->n + 1)) return WG_ENOMEM;
    return n->op->leaf == WG_LEAF_INPUT ? WG_OK : infer(p, g, n, v, *type);
}

/* Shapes, and with them layouts: a value's are known once its inputs' are. */
static bool size_all(wg_plan *p, wg_program *g)
{
    letters l;
    wg_type *type = NULL;
    size_t capacity = 0, feed = 0;
    wg_status s = WG_OK;
    if (!bind_letters(p, &l)) return false;
    for (uint32_t k = 0; !s && k < p->needs; k++) {
        s = size_value(p, g, &l, k, &type, &capacity);
        if (!s && g->value[k].op->leaf == WG_LEAF_INPUT) g->value[k].shape = &g->sizes[feed++];
        if (!s && !wg__place(p, g, k)) s = WG_ENOMEM;
    }
    if (!s && !wg__place_outputs(p, g)) s = WG_ENOMEM;
    wg__free(type);
    if (s == WG_ENOMEM) wg__plan_fail(p, s, "out of memory while planning");
    return s == WG_OK;
}

/* ---- lookup -------------------------------------------------------------------------------------------------------------- */

static bool fits(const wg_plan *p, const wg_program *g)
{
    for (size_t k = 0; k < p->feeds; k++)
        if (!wg__dims_equal(&g->sizes[k], &p->feed[k].array.shape)) return false;
    return true;
}

static wg_program *make(wg_plan *p)
{
    wg_program *g = wg__alloc(sizeof *g);
    bool done = g != NULL;
    if (done) {
        wg_stock *stock = g->arena.stock = &p->tape->stock;
        g->sizes = wg__arena_get(&g->arena, wg__mul(p->feeds, sizeof *g->sizes));
        size_t copies = p->needs / 16; /* likely enough; else there is more */
        done = g->sizes && WG_RESERVE_FROM(stock, g->value, g->value_capacity, p->needs + copies) &&
               WG_RESERVE_FROM(stock, g->edge, g->edge_capacity, p->edges + copies + 1) && /* never NULL */
               WG_RESERVE_FROM(stock, g->order, g->order_capacity, p->needs + copies);
        g->values = p->needs;
        g->edges = p->edges;
        if (done && p->edges) memcpy(g->edge, p->edge, p->edges * sizeof *g->edge);
    }
    for (size_t k = 0; done && k < p->feeds; k++) g->sizes[k] = p->feed[k].array.shape;
    if (!done) wg__plan_fail(p, WG_ENOMEM, "out of memory while planning");
    if (done && size_all(p, g) && wg__program_rewrite(p, g) && wg__program_steps(p, g) && wg__program_memory(p, g) &&
        wg__program_waits(p, g))
        return g;
    wg__program_free(g);
    return NULL;
}

wg_program *wg__program_for(wg_plan *p)
{
    int oldest = 0;
    p->clock++;
    for (int i = 0; i < WG_PROGRAMS; i++) {
        wg_program *g = p->program[i];
        if (g && fits(p, g)) return g->used = p->clock, g;
        if (!g || (p->program[oldest] && g->used < p->program[oldest]->used)) oldest = i;
    }
    wg_program *g = make(p);
    if (!g) return NULL;
    if (p->current == p->program[oldest]) p->current = NULL;
    wg__program_free(p->program[oldest]);
    g->used = p->clock;
    return p->program[oldest] = g;
}

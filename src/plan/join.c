/* join.c -- values that are put one beside the other are computed there: the inputs of a concatenation, the pieces of a gradient
 * of slices. The whole is a joint: memory without a step of its own. Parts along the first axis lie packed in it; others
 * have rows that are far apart, which a group writes as it goes.
 *
 * The pass runs between layout and steps, and keeps the order of computing one in which inputs come first: what is new goes
 * right before the value for whose sake it is there. */
#include "plan/rewrite.h"

#include "base/shape.h"

/* ---- who reads what ------------------------------------------------------------------------------------------------------ */

static void count_reads(wg_rewrite *r)
{
    const wg_program *g = r->g;
    for (size_t i = 0; i < g->orders; i++) {
        const wg_value *v = &g->value[g->order[i]];
        for (uint32_t j = 0; j < v->n; j++) {
            uint32_t e = g->edge[v->edge + j];
            if (e == WG_ABSENT || wg__shape_only(v->op, j)) continue;
            uint32_t root = g->value[e].root;
            r->reads[root]++;
            r->reader[root] = g->order[i];
            if (e != root) r->mark[root] |= WG_M_VIEWED;
        }
        if (v->output) r->mark[g->order[i]] |= WG_M_FIXED;
    }
    for (size_t i = 0; i < r->p->commits; i++) r->mark[g->value[r->p->commit[i].effect].root] |= WG_M_FIXED;
}

bool wg__read_once(const wg_rewrite *r, uint32_t k) { return k < r->known && r->reads[k] == 1 && !(r->mark[k] & (WG_M_FIXED | WG_M_GONE)); }

wg_whereabouts wg__whereabouts(const wg_program *g, uint32_t k)
{
    wg_whereabouts at = {g->value[k].root, wg__offset(&g->value[k])};
    for (const wg_joint_part *x; g->value[at.whole].inside; at.whole = x->joint) {
        x = &g->part[g->value[at.whole].home];
        at.offset += x->offset;
    }
    return at;
}

/* ---- what is new ------------------------------------------------------------------------------------------------------------ */

uint32_t wg__new_value(wg_program *g, uint32_t like, const wg_op *op, const wg_shape *shape, wg_role role, uint32_t n)
{
    if (!WG_RESERVE_FROM(g->arena.stock, g->value, g->value_capacity, g->values + 1) ||
        !WG_RESERVE_FROM(g->arena.stock, g->edge, g->edge_capacity, g->edges + n))
        return WG_ABSENT;
    uint32_t k = (uint32_t)g->values++;
    g->value[k] = (wg_value){.op = op,
                             .shape = shape,
                             .last = WG_ABSENT,
                             .root = k,
                             .node = g->value[like].node,
                             .edge = (uint32_t)g->edges,
                             .n = n,
                             .step = WG_ABSENT,
                             .dtype = g->value[like].dtype,
                             .role = (uint8_t)role};
    g->edges += n;
    return k;
}

uint32_t wg__new_view(wg_program *g, uint32_t like, wg_whereabouts at, const wg_layout *layout)
{
    wg_layout *kept = wg__arena_get(&g->arena, sizeof *kept);
    uint32_t k = kept ? wg__new_value(g, like, g->value[like].op, &kept->shape, WG_R_ALIAS, 0) : WG_ABSENT;
    if (k == WG_ABSENT) return k;
    *kept = *layout;
    wg_list *l = g->value[at.whole].op->leaf == WG_LEAF_INPUT ? &g->fed : &g->alias;
    if (!WG_RESERVE_FROM(g->arena.stock, l->value, l->capacity, l->n + 1)) return WG_ABSENT;
    l->value[l->n++] = k;
    wg_value *v = &g->value[k];
    v->root = at.whole;
    v->offset = at.offset;
    v->layout = wg__in_order(layout) ? NULL : kept;
    return k;
}

bool wg__insert(wg_rewrite *r, uint32_t value, uint32_t k)
{
    if (!WG_RESERVE(r->insert, r->insert_capacity, r->inserts + 1)) return false;
    r->insert[r->inserts++] = (wg_insert){value, r->before[k]};
    r->before[k] = (uint32_t)r->inserts;
    return true;
}

bool wg__note(wg_program *g, wg_noted what, uint32_t value, uint32_t count)
{
    if (!WG_RESERVE_FROM(g->arena.stock, g->note, g->note_capacity, g->notes + 1)) return false;
    g->note[g->notes++] = (wg_plan_note){what, value, count};
    return true;
}

/* ---- joints ----------------------------------------------------------------------------------------------------------------- */

bool wg__is_whole(const wg_rewrite *r, uint32_t e)
{
    const wg_value *x = &r->g->value[e], *v = &r->g->value[x->root];
    return wg__packed(v) && wg__offset(x) == 0 && wg_shape_count(*x->shape) == wg_shape_count(*v->shape);
}

bool wg__may_be_part(const wg_rewrite *r, uint32_t e)
{
    const wg_value *x = &r->g->value[e], *v = &r->g->value[x->root];
    bool whole = wg__packed(x) && wg__is_whole(r, e);
    bool made = v->role == WG_R_GROUP || v->role == WG_R_STEP || v->role == WG_R_JOINT;
    return whole && made && x->dtype == v->dtype && !v->inside && (x->root >= r->known || !(r->mark[x->root] & WG_M_FIXED));
}

/* A part whose rows are apart is one that a group writes, and that nothing else reads: views of it were worked out as of
   packed values. */
static bool may_lie_apart(const wg_rewrite *r, uint32_t e)
{
    return wg__read_once(r, e) && !(r->mark[e] & WG_M_VIEWED) && r->g->value[e].role == WG_R_GROUP && wg__may_be_part(r, e);
}

static uint32_t copied(wg_rewrite *r, uint32_t e, uint32_t before)
{
    uint32_t copy = wg__new_value(r->g, e, &wg_op_contiguous, r->g->value[e].shape, WG_R_GROUP, 1);
    if (copy == WG_ABSENT) return copy;
    r->g->edge[r->g->value[copy].edge] = e;
    return wg__insert(r, copy, before) ? copy : WG_ABSENT;
}

static bool add_part(wg_rewrite *r, uint32_t k, uint32_t i, int64_t offset, const wg_layout *layout, uint32_t where)
{
    wg_program *g = r->g;
    uint32_t e = g->edge[g->value[k].edge + i];
    bool fits = layout ? may_lie_apart(r, e) : wg__may_be_part(r, e);
    uint32_t part = fits ? g->value[e].root : copied(r, e, where);
    if (part == WG_ABSENT || !WG_RESERVE_FROM(g->arena.stock, g->part, g->part_capacity, g->parts + 1)) return false;
    g->edge[g->value[k].edge + i] = part;
    wg_value *v = &g->value[part];
    if (layout) {
        wg_layout *kept = wg__arena_get(&g->arena, sizeof *kept);
        if (!kept) return false;
        *kept = *layout;
        kept->shape = *v->shape;
        v->layout = kept;
    }
    v->inside = true;
    v->home = (uint32_t)g->parts;
    g->part[g->parts++] = (wg_joint_part){part, k, offset};
    return true;
}

bool wg__join(wg_rewrite *r, uint32_t k, int axis, uint32_t where)
{
    wg_program *g = r->g;
    wg_layout whole = wg__layout_of(&g->value[k]);
    int64_t outer = 1, at = 0;
    for (int i = 0; i < axis; i++) outer *= whole.shape.dim[i];
    for (uint32_t i = 0; i < g->value[k].n; i++) {
        uint32_t e = g->edge[g->value[k].edge + i];
        int64_t stretch = outer > 1 ? g->value[e].shape->dim[axis] * whole.stride[axis] : wg_shape_count(*g->value[e].shape);
        if (!add_part(r, k, i, at, outer > 1 ? &whole : NULL, where)) return false;
        at += stretch;
    }
    g->value[k].role = WG_R_JOINT;
    g->value[k].stored = false;
    if (!WG_RESERVE_FROM(g->arena.stock, g->joint.value, g->joint.capacity, g->joint.n + 1)) return false;
    g->joint.value[g->joint.n++] = k;
    return wg__note(g, WG_N_PARTS, k, g->value[k].n);
}

/* A concatenation of which at least half can be computed in place. */
static bool join_concat(wg_rewrite *r, uint32_t k)
{
    wg_program *g = r->g;
    const wg_value *v = &g->value[k];
    wg_type type[2];
    wg_work w = wg__work_of(g, v, type);
    int axis = v->op->joins(&w);
    int64_t outer = 1;
    uint32_t fit = 0;
    for (int i = 0; i < axis; i++) outer *= v->shape->dim[i];
    for (uint32_t i = 0; i < v->n; i++) {
        uint32_t e = g->edge[v->edge + i];
        fit += outer > 1 ? may_lie_apart(r, e) : wg__may_be_part(r, e);
    }
    return 2 * fit < v->n || wg_shape_count(*v->shape) == 0 || wg__join(r, k, axis, k);
}

/* ---- the order -------------------------------------------------------------------------------------------------------------- */

static void emit(const wg_rewrite *r, uint32_t *order, size_t *n, uint32_t k)
{
    size_t first = *n;
    for (uint32_t i = k < r->known ? r->before[k] : 0; i; i = r->insert[i - 1].next) order[(*n)++] = r->insert[i - 1].value;
    for (size_t a = first, b = *n; a + 1 < b; a++) { /* they were found last one first */
        uint32_t x = order[a];
        order[a] = order[--b];
        order[b] = x;
    }
    if (!(r->mark[k] & WG_M_GONE)) order[(*n)++] = k;
}

static bool new_order(wg_rewrite *r)
{
    wg_program *g = r->g;
    size_t n = 0;
    uint32_t *order = wg__take(g->arena.stock, wg__mul(g->orders + r->inserts, sizeof *order));
    if (!order) return false;
    for (size_t i = 0; i < g->orders; i++) emit(r, order, &n, g->order[i]);
    wg__put(g->arena.stock, g->order);
    g->order = order;
    g->order_capacity = g->orders + r->inserts;
    g->orders = n;
    return true;
}

/* Views of what has become a view are views of what that is one of; of what is gone there are none. */
static void follow_views(wg_rewrite *r)
{
    wg_program *g = r->g;
    size_t kept = 0;
    for (size_t i = 0; i < g->alias.n; i++) {
        wg_value *v = &g->value[g->alias.value[i]];
        const wg_value *x = &g->value[v->root];
        if (v->root < r->known && r->mark[v->root] & WG_M_GONE && x->role != WG_R_ALIAS) continue;
        if (x->role == WG_R_ALIAS) v->offset += x->offset, v->root = x->root;
        g->alias.value[kept++] = g->alias.value[i];
    }
    g->alias.n = kept;
}

/* ---- the pass --------------------------------------------------------------------------------------------------------------- */

static bool rewrite(wg_rewrite *r)
{
    wg_program *g = r->g;
    bool done = true;
    if (!(r->p->without & WG_PASS_STACK)) done = wg__stack_products(r);
    for (size_t i = 0; done && i < g->orders; i++) {
        uint32_t k = g->order[i];
        if (r->mark[k] & WG_M_GONE) continue;
        if (g->value[k].op->joins && !(r->p->without & WG_PASS_JOIN)) done = join_concat(r, k);
        else if (g->value[k].op->adds) done = wg__stack_sum(r, k);
    }
    done = done && new_order(r);
    if (done) follow_views(r);
    return done;
}

bool wg__program_rewrite(wg_plan *p, wg_program *g)
{
    enum { ALL = WG_PASS_JOIN | WG_PASS_STACK };
    if ((p->without & ALL) == ALL || !g->rewritable) return true;
    wg_rewrite r = {.p = p, .g = g, .known = g->values};
    r.reads = wg__alloc(wg__mul(g->values, sizeof *r.reads));
    r.reader = wg__alloc(wg__mul(g->values, sizeof *r.reader));
    r.before = wg__alloc(wg__mul(g->values, sizeof *r.before));
    r.mark = wg__alloc(g->values);
    bool done = r.reads && r.reader && r.before && r.mark;
    if (done) count_reads(&r);
    done = done && rewrite(&r);
    if (!done) wg__plan_fail(p, WG_ENOMEM, "out of memory while planning");
    wg__free(r.reads);
    wg__free(r.reader);
    wg__free(r.before);
    wg__free(r.mark);
    wg__free(r.insert);
    wg__free(r.term);
    wg__free(r.add);
    return done;
}

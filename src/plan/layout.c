/* layout.c -- where values lie: views become layouts on the memory of others, what must be packed and is not gets a copy
 * (an elementwise identity, which fuses like any other), long reductions are cut in two. */
#include "plan/plan.h"

#include "base/shape.h"

wg_layout wg__layout_of(const wg_value *v)
{
    if (v->layout) return *v->layout;
    wg_layout l = {.shape = *v->shape};
    wg__strides(v->shape, l.stride);
    return l;
}

bool wg__in_order(const wg_layout *l)
{
    int64_t step = 1;
    for (int i = l->shape.rank - 1; i >= 0; i--) {
        if (l->shape.dim[i] == 0) return true;
        if (l->shape.dim[i] != 1 && l->stride[i] != step) return false;
        step *= l->shape.dim[i];
    }
    return true;
}

bool wg__packed(const wg_value *v) { return !v->layout; }

wg_layout wg__spread(const wg_layout *x, const wg_shape *over)
{
    wg_layout y = {.shape = *over};
    int lead = over->rank - x->shape.rank;
    for (int i = 0; i < over->rank; i++) y.stride[i] = i < lead || x->shape.dim[i - lead] == 1 ? 0 : x->stride[i - lead];
    return y;
}

wg_layout wg__joined(const wg_layout *x)
{
    wg_layout y = {.shape = {.rank = 0}};
    int r = 0;
    for (int i = 0; i < x->shape.rank; i++) {
        int64_t n = x->shape.dim[i];
        if (n == 1) continue;
        if (r && y.stride[r - 1] == x->stride[i] * n) y.shape.dim[r - 1] *= n, y.stride[r - 1] = x->stride[i];
        else y.shape.dim[r] = n, y.stride[r++] = x->stride[i];
    }
    y.shape.rank = r;
    return y;
}

/* ---- the pass --------------------------------------------------------------------------------------------------------------- */

static bool place_in_order(wg_program *g, uint32_t k)
{
    if (!WG_RESERVE_FROM(g->arena.stock, g->order, g->order_capacity, g->orders + 1)) return false;
    g->order[g->orders++] = k;
    return true;
}

/* A new value, computed by op from one input. WG_ABSENT: no memory. */
static uint32_t add_value(wg_program *g, const wg_op *op, const void *attrs, uint32_t from, const wg_shape *shape, wg_role role)
{
    if (!WG_RESERVE_FROM(g->arena.stock, g->value, g->value_capacity, g->values + 1) ||
        !WG_RESERVE_FROM(g->arena.stock, g->edge, g->edge_capacity, g->edges + 1))
        return WG_ABSENT;
    uint32_t k = (uint32_t)g->values++;
    const wg_value *x = &g->value[from];
    g->value[k] = (wg_value){.op = op,
                             .attrs = attrs,
                             .shape = shape,
                             .root = k,
                             .node = x->node,
                             .edge = (uint32_t)g->edges,
                             .n = 1,
                             .dtype = x->dtype,
                             .role = (uint8_t)role,
                             .last = WG_ABSENT,
                             .step = WG_ABSENT};
    g->edge[g->edges++] = from;
    return place_in_order(g, k) ? k : WG_ABSENT;
}

static uint32_t copy_of(wg_program *g, uint32_t k) { return add_value(g, &wg_op_contiguous, NULL, k, g->value[k].shape, WG_R_GROUP); }

/* Makes input i of value k packed. */
static bool pack_input(wg_program *g, uint32_t k, uint32_t i)
{
    uint32_t e = g->edge[g->value[k].edge + i];
    if (e == WG_ABSENT || wg__packed(&g->value[e])) return true;
    uint32_t copy = copy_of(g, e);
    if (copy == WG_ABSENT) return false;
    g->edge[g->value[k].edge + i] = copy;
    return true;
}

static wg_type type_of(const wg_program *g, uint32_t e)
{
    return e == WG_ABSENT ? (wg_type){0, NULL} : (wg_type){(wg_dtype)g->value[e].dtype, g->value[e].shape};
}

wg_work wg__work_of(const wg_program *g, const wg_value *v, wg_type type[2])
{
    for (uint32_t i = 0; i < v->n && i < 2; i++) type[i] = type_of(g, g->edge[v->edge + i]);
    return (wg_work){.op = v->op, .attrs = v->attrs, .in = type, .n = (int)(v->n < 2 ? v->n : 2), .out = {(wg_dtype)v->dtype, v->shape}};
}

static bool list(wg_program *g, wg_list *l, uint32_t k)
{
    if (!WG_RESERVE_FROM(g->arena.stock, l->value, l->capacity, l->n + 1)) return false;
    l->value[l->n++] = k;
    return true;
}

static bool alias(wg_program *g, uint32_t k, uint32_t of, const wg_layout *layout, int64_t offset)
{
    wg_value *v = &g->value[k], *x = &g->value[of];
    v->role = WG_R_ALIAS;
    v->root = x->root;
    v->offset = wg__offset(x) + offset;
    if (!list(g, g->value[v->root].op->leaf == WG_LEAF_INPUT ? &g->fed : &g->alias, k)) return false;
    if (!layout || wg__in_order(layout)) return true;
    wg_layout *kept = wg__arena_get(&g->arena, sizeof *kept);
    if (kept) *kept = *layout;
    v->layout = kept;
    return kept != NULL;
}

static bool place_view(wg_program *g, uint32_t k)
{
    wg_type type[2];
    wg_layout y;
    int64_t offset = 0;
    for (int attempt = 0; attempt < 2; attempt++) {
        uint32_t from = g->edge[g->value[k].edge];
        wg_work w = wg__work_of(g, &g->value[k], type);
        wg_layout x = wg__layout_of(&g->value[from]);
        if (w.op->view(&w, &x, &y, &offset)) return alias(g, k, from, &y, offset);
        if (!pack_input(g, k, 0)) return false;
    }
    return alias(g, k, g->edge[g->value[k].edge], NULL, 0); /* of packed values every reshape is one */
}

/* A row's length, and the shape in front of it. */
static int64_t row_length(const wg_value *x, uint32_t mask)
{
    int64_t row = 1;
    for (int i = 0; i < x->shape->rank; i++)
        if (mask >> i & 1) row *= x->shape->dim[i];
    return row;
}

/* x without the axes of the mask, or with them, as the shape y says. */
static wg_layout without_axes(const wg_layout *x, uint32_t mask, const wg_shape *y)
{
    wg_layout l = {.shape = *y};
    for (int i = 0, j = 0; i < x->shape.rank; i++)
        if (y->rank == x->shape.rank || !(mask >> i & 1)) l.stride[j++] = x->stride[i];
    return l;
}

static bool place_reduce(wg_program *g, uint32_t k)
{
    wg_type type[2];
    uint32_t from = g->edge[g->value[k].edge];
    wg_work w = wg__work_of(g, &g->value[k], type);
    const wg_value *x = &g->value[from];
    uint32_t mask = w.op->axes(&w);
    int64_t rows = wg_shape_count(*g->value[k].shape), row = row_length(x, mask);
    if (row == 1 && w.op->splits && x->dtype == g->value[k].dtype) { /* itself, the sign of a zero too */
        wg_layout l = wg__layout_of(x), y = without_axes(&l, mask, g->value[k].shape);
        return alias(g, k, from, &y, 0);
    }
    g->value[k].role = WG_R_STEP;
    if (!w.op->splits || row <= 2 * WG_CHUNK) return place_in_order(g, k);
    wg_shape *shape = wg__arena_get(&g->arena, sizeof *shape);
    if (!shape) return false;
    *shape = (wg_shape){{rows, (row - 1) / WG_CHUNK + 1}, 2};
    uint32_t part = add_value(g, w.op, w.attrs, from, shape, WG_R_STEP);
    if (part == WG_ABSENT) return false;
    g->value[part].partial = true;
    g->value[part].mask = (uint8_t)mask;
    g->value[part].dtype = g->value[k].dtype;
    g->edge[g->value[k].edge] = part;
    return place_in_order(g, k);
}

/* A row block along another axis than the last: its result is stored with that axis last, and is a transposed view. */
static bool place_row_block(wg_program *g, uint32_t k)
{
    wg_type type[2];
    wg_work w = wg__work_of(g, &g->value[k], type);
    const wg_shape *s = g->value[k].shape;
    int axis = w.op->core(&w);
    if (axis < 0) axis += s->rank;
    for (uint32_t i = 1; i < g->value[k].n; i++)
        if (!pack_input(g, k, i)) return false;
    wg_layout *l = s->rank ? wg__arena_get(&g->arena, sizeof *l) : NULL;
    if (l) {
        int64_t step = 1;
        l->shape = *s;
        for (int i = s->rank; i >= 0; i--) { /* the core axis first of all, then the rest from the back */
            int a = i == s->rank ? axis : i;
            if (i == axis && i != s->rank) continue;
            l->stride[a] = step;
            step *= s->dim[a] ? s->dim[a] : 1;
        }
        if (!wg__in_order(l)) g->value[k].layout = l;
    }
    g->value[k].role = WG_R_STEP;
    return (l || !s->rank) && place_in_order(g, k);
}

static bool place_effect(wg_program *g, uint32_t k)
{
    uint32_t x = g->edge[g->value[k].edge + 1];
    if (g->value[g->value[x].root].role == WG_R_LEAF || !wg__packed(&g->value[x])) {
        x = copy_of(g, x); /* what is committed is a value of this run, whatever else is committed before it */
        if (x == WG_ABSENT) return false;
        g->edge[g->value[k].edge + 1] = x;
    }
    return alias(g, k, x, NULL, 0);
}

/* A view that shows all of its root as it is stands in nobody's way: read the root, and the two may share a group. */
static void look_through(wg_program *g, uint32_t k)
{
    for (uint32_t i = 0; i < g->value[k].n; i++) {
        uint32_t *e = &g->edge[g->value[k].edge + i];
        const wg_value *x = &g->value[*e], *root = &g->value[x->root];
        if (x->role == WG_R_ALIAS && wg__packed(x) && wg__packed(root) && x->offset == 0 && wg__dims_equal(x->shape, root->shape))
            *e = x->root;
    }
}

bool wg__place(wg_plan *p, wg_program *g, uint32_t k)
{
    const wg_op *op = g->value[k].op;
    if (op->kind == WG_LEAF) return g->value[k].role = WG_R_LEAF, op->leaf == WG_LEAF_INPUT || list(g, &g->leaf, k);
    if (!p->need[k].value) return g->value[k].role = WG_R_SHAPE, true;
    switch (op->kind) {
    case WG_ELEMENTWISE:
        g->value[k].role = WG_R_GROUP;
        if (g->alias.n + g->fed.n) look_through(g, k);
        return place_in_order(g, k);
    case WG_VIEW: return place_view(g, k);
    case WG_REDUCE: return place_reduce(g, k);
    case WG_EFFECT: return place_effect(g, k);
    default: break;
    }
    g->rewritable |= op->product || op->joins || op->embeds;
    if (op->core) return place_row_block(g, k);
    for (uint32_t i = 0; !op->strided && i < g->value[k].n; i++)
        if (!wg__shape_only(op, i) && !pack_input(g, k, i)) return false;
    g->value[k].role = WG_R_STEP;
    return place_in_order(g, k);
}

/* An output has memory of its own, packed, that no other value shares. An effect asked for is read where it ends: its parameter. */
static bool place_output(wg_plan *p, wg_program *g, size_t i)
{
    uint32_t k = p->output[i];
    const wg_value *v = &g->value[k];
    if (v->op->kind == WG_EFFECT) return g->result[i] = g->edge[v->edge], true;
    if ((v->role != WG_R_GROUP && v->role != WG_R_STEP) || !wg__packed(v)) k = copy_of(g, k);
    if (k == WG_ABSENT) return false;
    g->value[k].output = true;
    g->result[i] = k;
    return true;
}

bool wg__place_outputs(wg_plan *p, wg_program *g)
{
    g->result = wg__arena_get(&g->arena, wg__mul(p->outputs, sizeof *g->result));
    bool done = g->result != NULL;
    for (size_t i = 0; done && i < p->outputs; i++) done = place_output(p, g, i);
    return done;
}

/* stack.c -- many small products as one: what a net that is unrolled over time repeats at every step.
 *
 *     X_t W for all t                      (X_t slices of X)      one product, of which the X_t W are views
 *     sum over t of A_t B_t                                       one product, its inner axis that of all terms one behind the other
 *     sum over t of a sum of A_t                                  one sum
 *     sum over t of pieces, zero elsewhere (gradients of slices)  the pieces one beside the other, computed there
 *
 * A sum is a tree of additions whose partial sums nobody else reads. Its terms are put one behind the other by computing
 * them there (join.c), where they do not lie so already. Floating-point sums are taken in another order than was recorded. */
#include "plan/rewrite.h"

#include "base/shape.h"

#include <stdlib.h>

enum { LEAST = 2, KINDS_MOST = 4 };

/* ---- places ------------------------------------------------------------------------------------------------------------------- */

static bool same_layout(const wg_layout *a, const wg_layout *b)
{
    if (!wg__dims_equal(&a->shape, &b->shape)) return false;
    for (int i = 0; i < a->shape.rank; i++)
        if (a->shape.dim[i] != 1 && a->stride[i] != b->stride[i]) return false;
    return true;
}

static bool layouts_equal(const wg_program *g, uint32_t x, uint32_t y)
{
    wg_layout a = wg__layout_of(&g->value[x]), b = wg__layout_of(&g->value[y]);
    return g->value[x].dtype == g->value[y].dtype && same_layout(&a, &b);
}

/* ---- X_t W for all t ---------------------------------------------------------------------------------------------------------- */

typedef struct sight {      /* a product X_t W */
    uint32_t product, next; /* next: 1 + the place of another one of the same root and W; 0 */
    int64_t offset;
} sight;

typedef struct sights {
    sight *all;
    uint32_t *slot; /* 1 + the last one found of its key */
    size_t n, slots;
} sights;

static bool is_slice_product(const wg_rewrite *r, uint32_t k)
{
    const wg_program *g = r->g;
    const wg_value *v = &g->value[k];
    if (!v->op->product || v->role != WG_R_STEP || r->mark[k] & WG_M_FIXED || wg_shape_count(*v->shape) == 0) return false;
    const wg_value *a = &g->value[g->edge[v->edge]], *b = &g->value[g->edge[v->edge + 1]];
    return !v->again && a->role == WG_R_ALIAS && a->shape->rank == 2 && b->shape->rank == 2 && wg_shape_count(*a->shape) > 0;
}

static uint32_t *slot_for(const wg_program *g, const sights *s, uint32_t k)
{
    const uint32_t *in = &g->edge[g->value[k].edge];
    uint32_t key[2] = {g->value[in[0]].root, in[1]};
    size_t i = wg__hash(0, key, sizeof key) & (s->slots - 1);
    for (; s->slot[i]; i = (i + 1) & (s->slots - 1)) {
        const uint32_t *other = &g->edge[g->value[s->all[s->slot[i] - 1].product].edge];
        if (g->value[other[0]].root == key[0] && other[1] == key[1] && layouts_equal(g, other[0], in[0])) break;
    }
    return &s->slot[i];
}

static int by_offset(const void *a, const void *b)
{
    const sight *x = a, *y = b;
    if (x->offset != y->offset) return x->offset < y->offset ? -1 : 1;
    return x->product < y->product ? -1 : x->product > y->product;
}

/* Products x[0..n-1], whose left operands are `step` apart, become views of one. */
static bool stack_run(wg_rewrite *r, const sight *x, uint32_t n, int64_t step)
{
    wg_program *g = r->g;
    uint32_t first = x->product, in[2] = {g->edge[g->value[first].edge], g->edge[g->value[first].edge + 1]};
    wg_layout a = wg__layout_of(&g->value[in[0]]),
              all = {.shape = {{n, a.shape.dim[0], a.shape.dim[1]}, 3}, .stride = {step, a.stride[0], a.stride[1]}};
    wg_shape *shape = wg__arena_get(&g->arena, sizeof *shape);
    if (!shape) return false;
    for (uint32_t i = 0; i < n; i++) first = x[i].product < first ? x[i].product : first;
    *shape = (wg_shape){{n, g->value[first].shape->dim[0], g->value[first].shape->dim[1]}, 3};
    uint32_t left = wg__new_view(g, in[0], (wg_whereabouts){g->value[in[0]].root, x->offset}, &all);
    uint32_t y = wg__new_value(g, first, g->value[first].op, shape, WG_R_STEP, 2);
    if (left == WG_ABSENT || y == WG_ABSENT || !wg__insert(r, y, first)) return false;
    g->value[y].attrs = g->value[first].attrs;
    g->edge[g->value[y].edge] = left;
    g->edge[g->value[y].edge + 1] = in[1];
    for (uint32_t i = 0; i < n; i++) {
        wg_value *v = &g->value[x[i].product];
        r->mark[x[i].product] |= WG_M_GONE;
        v->role = WG_R_ALIAS;
        v->root = y;
        v->offset = (int64_t)i * shape->dim[1] * shape->dim[2];
        if (!WG_RESERVE_FROM(g->arena.stock, g->alias.value, g->alias.capacity, g->alias.n + 1)) return false;
        g->alias.value[g->alias.n++] = x[i].product;
    }
    return wg__note(g, WG_N_PRODUCTS, y, n);
}

/* Runs of even steps among the products of one key, sorted. */
static bool stack_runs(wg_rewrite *r, const sight *x, uint32_t n)
{
    for (uint32_t i = 0, j; i + 1 < n; i = j) {
        int64_t step = x[i + 1].offset - x[i].offset;
        for (j = i + 1; j + 1 < n && x[j + 1].offset - x[j].offset == step; j++) continue;
        j++;
        if (step == 0 || j - i < LEAST) continue;
        if (!stack_run(r, x + i, j - i, step)) return false;
    }
    return true;
}

static bool stack_found(wg_rewrite *r, const sights *s, sight *run)
{
    for (size_t i = 0; i < s->slots; i++) {
        uint32_t n = 0;
        for (uint32_t k = s->slot[i]; k; k = s->all[k - 1].next) run[n++] = s->all[k - 1];
        if (n < LEAST) continue;
        qsort(run, n, sizeof *run, by_offset);
        if (!stack_runs(r, run, n)) return false;
    }
    return true;
}

bool wg__stack_products(wg_rewrite *r)
{
    wg_program *g = r->g;
    sights s = {.n = 0, .slots = 16};
    size_t found = 0;
    for (size_t i = 0; i < g->orders; i++) found += is_slice_product(r, g->order[i]);
    if (found < LEAST) return true;
    while (s.slots < 2 * found) s.slots *= 2;
    s.all = wg__alloc(wg__mul(2 * found, sizeof *s.all)); /* the other half: room to sort in */
    s.slot = wg__alloc(wg__mul(s.slots, sizeof *s.slot));
    bool done = s.all && s.slot;
    for (size_t i = 0; done && i < g->orders; i++) {
        uint32_t k = g->order[i];
        if (!is_slice_product(r, k)) continue;
        uint32_t *slot = slot_for(g, &s, k);
        s.all[s.n++] = (sight){k, *slot, g->value[g->edge[g->value[k].edge]].offset};
        *slot = (uint32_t)s.n;
    }
    done = done && stack_found(r, &s, s.all + found);
    wg__free(s.all);
    wg__free(s.slot);
    return done;
}

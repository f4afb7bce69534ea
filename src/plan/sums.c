/* sums.c -- long sums of like terms: see stack.c. A sum is found as a tree of additions; its terms are sorted into classes of what
 * may be taken together, each class is put in an order in which its operands lie one behind the other, and what then follows
 * each other at even steps becomes one value. What is left over is added up as before. */
#include "plan/rewrite.h"

#include "base/shape.h"

#include <stdlib.h>

enum { LEAST = 2, CLASSES_MOST = 4 };

static bool is_add(const wg_rewrite *r, uint32_t k)
{
    const wg_program *g = r->g;
    const wg_value *v = &g->value[k];
    if (k >= r->known || !v->op->adds || v->role != WG_R_GROUP || r->mark[k] & WG_M_GONE) return false;
    for (uint32_t i = 0; i < v->n; i++)
        if (!wg__dims_equal(g->value[g->edge[v->edge + i]].shape, v->shape)) return false;
    return true;
}

/* A partial sum that only another sum reads. */
static bool is_inner(const wg_rewrite *r, uint32_t k)
{
    return is_add(r, k) && wg__read_once(r, k) && !(r->mark[k] & WG_M_VIEWED) && is_add(r, r->reader[k]);
}

/* ---- terms -------------------------------------------------------------------------------------------------------------------- */

static wg_kinship kinship_of(const wg_rewrite *r, uint32_t leaf)
{
    const wg_program *g = r->g;
    uint32_t m = g->value[leaf].root;
    const wg_value *v = &g->value[m];
    if (!wg__read_once(r, m) || v->role != WG_R_STEP || v->partial || wg_shape_count(*v->shape) == 0) return WG_K_NONE;
    bool stack = !(r->p->without & WG_PASS_STACK), join = !(r->p->without & WG_PASS_JOIN);
    if (v->op->product && stack)
        return g->value[g->edge[v->edge]].shape->rank == 2 && g->value[g->edge[v->edge + 1]].shape->rank == 2 ? WG_K_PRODUCT : WG_K_NONE;
    if (leaf != m) return WG_K_NONE;
    if (v->op->embeds && join) return WG_K_PIECE;
    return v->op->kind == WG_REDUCE && v->op->linear & 1u && v->op->splits && stack ? WG_K_SUM : WG_K_NONE;
}

static bool add_term(wg_rewrite *r, uint32_t leaf)
{
    if (!WG_RESERVE(r->term, r->term_capacity, r->terms + 1)) return false;
    wg_term *t = &r->term[r->terms++];
    *t = (wg_term){.leaf = leaf, .maker = r->g->value[leaf].root, .kinship = kinship_of(r, leaf)};
    uint32_t n = t->kinship == WG_K_PRODUCT ? 2 : t->kinship == WG_K_SUM ? 1 : 0;
    for (uint32_t i = 0; i < n; i++) {
        uint32_t e = r->g->edge[r->g->value[t->maker].edge + i];
        t->at[i] = wg__whereabouts(r->g, e);
        if (r->g->value[r->g->value[e].root].again) t->kinship = WG_K_NONE; /* to be taken together it would have to be kept */
    }
    return true;
}

/* The additions of the sum k, itself first, and their terms. */
static bool collect(wg_rewrite *r, uint32_t k)
{
    const wg_program *g = r->g;
    r->terms = r->adds = 0;
    if (!WG_RESERVE(r->add, r->add_capacity, 1)) return false;
    r->add[r->adds++] = k;
    for (size_t i = 0; i < r->adds; i++)
        for (uint32_t j = 0; j < 2; j++) {
            uint32_t e = g->edge[g->value[r->add[i]].edge + j];
            if (!is_inner(r, e)) {
                if (!add_term(r, e)) return false;
                continue;
            }
            if (!WG_RESERVE(r->add, r->add_capacity, r->adds + 1)) return false;
            r->add[r->adds++] = e;
        }
    return true;
}

static bool same_view(const wg_program *g, uint32_t x, uint32_t y)
{
    wg_layout a = wg__layout_of(&g->value[x]), b = wg__layout_of(&g->value[y]);
    bool same = g->value[x].dtype == g->value[y].dtype && wg__dims_equal(&a.shape, &b.shape);
    for (int i = 0; same && i < a.shape.rank; i++) same = a.shape.dim[i] == 1 || a.stride[i] == b.stride[i];
    return same;
}

/* Whether two terms may be taken together. */
static bool akin(const wg_program *g, const wg_term *x, const wg_term *y)
{
    const wg_value *a = &g->value[x->maker], *b = &g->value[y->maker];
    if (x->kinship != y->kinship || a->op != b->op || a->n != b->n) return false;
    if (x->kinship == WG_K_PIECE) return true;
    if (a->attrs != b->attrs && !wg__attrs_equal(a->op, a->attrs, b->attrs)) return false;
    for (uint32_t i = 0; i < (x->kinship == WG_K_PRODUCT ? 2u : 1u); i++)
        if (!same_view(g, g->edge[a->edge + i], g->edge[b->edge + i])) return false;
    return same_view(g, x->leaf, y->leaf) && wg__offset(&g->value[x->leaf]) == wg__offset(&g->value[y->leaf]);
}

/* Gives out classes, 1 up; 0 is for terms that have no kin. */
static uint32_t classify(wg_rewrite *r)
{
    uint32_t classes = 0, model[CLASSES_MOST];
    for (size_t i = 0; i < r->terms; i++) {
        wg_term *t = &r->term[i];
        uint32_t c = 0;
        while (c < classes && !akin(r->g, &r->term[model[c]], t)) c++;
        if (t->kinship == WG_K_NONE || c == CLASSES_MOST) continue;
        if (c == classes) model[classes++] = (uint32_t)i;
        t->class = c + 1;
    }
    return classes;
}

static int by_key(const void *a, const void *b)
{
    const wg_term *x = a, *y = b;
    if (x->class != y->class) return x->class < y->class ? -1 : 1;
    if (x->key != y->key) return x->key < y->key ? -1 : 1;
    return x->leaf < y->leaf ? -1 : x->leaf > y->leaf;
}

static void sort(wg_term *t, size_t n) { qsort(t, n, sizeof *t, by_key); }

/* ---- what takes the place of terms -------------------------------------------------------------------------------------------- */

/* Term t[0] stands for n of them from here on. */
static void replace(wg_rewrite *r, wg_term *t, size_t n, uint32_t by)
{
    for (size_t i = 0; i < n; i++) {
        if (t[i].maker != by) r->mark[t[i].maker] |= WG_M_GONE;
        t[i].leaf = i ? WG_ABSENT : by;
        t[i].class = 0;
    }
}

/* The value that a class becomes: the sum k itself, when there is nothing to be added. */
static uint32_t target(wg_rewrite *r, uint32_t k, bool all, const wg_op *op, const wg_shape *shape, wg_role role, uint32_t n)
{
    wg_program *g = r->g;
    uint32_t y = wg__new_value(g, k, op, shape, role, n);
    if (y == WG_ABSENT) return y;
    if (!all) return y;
    wg_value *v = &g->value[k];
    v->op = op;
    v->attrs = NULL;
    v->role = (uint8_t)role;
    v->edge = g->value[y].edge;
    v->n = n;
    g->values--;
    return k;
}

/* What has been made for the sake of k, but is not k itself, comes before it. */
static bool put(wg_rewrite *r, uint32_t y, uint32_t k) { return y == k || wg__insert(r, y, k); }

/* ---- pieces ---------------------------------------------------------------------------------------------------------------------- */

/* The axis along which a piece is a stretch of the whole, and where it begins. */
static bool stretch(const wg_program *g, wg_term *t, int *axis)
{
    wg_type type[2];
    wg_layout y, whole = wg__layout_of(&g->value[t->leaf]);
    int64_t offset = 0;
    wg_work w = wg__work_of(g, &g->value[t->maker], type);
    int a = -1;
    if (!w.op->embeds(&w, &y, &offset) || y.shape.rank != whole.shape.rank) return false;
    for (int i = 0; i < y.shape.rank; i++) {
        if (y.shape.dim[i] != 1 && y.stride[i] != whole.stride[i]) return false;
        if (y.shape.dim[i] == whole.shape.dim[i]) continue;
        if (a >= 0) return false;
        a = i;
    }
    if (a < 0 || (*axis >= 0 && *axis != a)) return false;
    *axis = a;
    t->key = offset / whole.stride[a];
    return true;
}

/* Pieces that make up a whole, without gap or overlap, lie side by side and are computed there. */
static bool join_pieces(wg_rewrite *r, uint32_t k, wg_term *t, size_t n)
{
    wg_program *g = r->g;
    int axis = -1;
    int64_t at = 0;
    for (size_t i = 0; i < n; i++)
        if (!stretch(g, &t[i], &axis)) return true;
    sort(t, n);
    for (size_t i = 0; i < n; i++) {
        if (t[i].key != at) return true;
        at += g->value[g->edge[g->value[t[i].maker].edge]].shape->dim[axis];
    }
    if (at != g->value[k].shape->dim[axis]) return true;
    uint32_t y = target(r, k, n == r->terms, &wg_op_concat, g->value[k].shape, WG_R_JOINT, (uint32_t)n);
    if (y == WG_ABSENT) return false;
    for (size_t i = 0; i < n; i++) g->edge[g->value[y].edge + i] = g->edge[g->value[t[i].maker].edge];
    if (!wg__join(r, y, axis, k) || !put(r, y, k)) return false;
    replace(r, t, n, y);
    return true;
}

/* ---- operands one behind the other -------------------------------------------------------------------------------------------- */

/* The axis of operand i that is summed over, along which terms are put one behind the other. */
static int summed_axis(const wg_program *g, const wg_term *t, uint32_t i)
{
    wg_type type[2];
    const wg_value *v = &g->value[t->maker];
    int rank = g->value[g->edge[v->edge + i]].shape->rank;
    if (t->kinship == WG_K_PRODUCT) return i ? rank - 2 : rank - 1;
    wg_work w = wg__work_of(g, v, type);
    uint32_t mask = w.op->axes(&w);
    return mask ? __builtin_ctz(mask) : -1;
}

/* How far apart operands i of neighbours must lie. */
static int64_t step_of(const wg_program *g, const wg_term *t, uint32_t i)
{
    wg_layout x = wg__layout_of(&g->value[g->edge[g->value[t->maker].edge + i]]);
    int axis = summed_axis(g, t, i);
    return axis < 0 ? 0 : x.stride[axis] * x.shape.dim[axis];
}

static bool follows(const wg_term *x, const wg_term *y, uint32_t i, int64_t step)
{
    return x->at[i].whole == y->at[i].whole && y->at[i].offset - x->at[i].offset == step;
}

/* Whether some of the operands i lie in one memory already. */
static bool placed(const wg_term *t, size_t n, uint32_t i)
{
    for (size_t k = 1; k < n; k++)
        if (t[k].at[i].whole == t[k - 1].at[i].whole) return true;
    return false;
}

/* Whether neighbours that share a memory follow each other. */
static bool in_line(const wg_term *t, size_t n, uint32_t i, int64_t step)
{
    for (size_t k = 1; k < n; k++)
        if (t[k].at[i].whole == t[k - 1].at[i].whole && t[k].at[i].offset - t[k - 1].at[i].offset != step) return false;
    return true;
}

/* An order in which what lies in one memory already follows each other: as recorded last to first, as a reverse sweep over steps
   adds them up; first to last; as it lies. */
static void line_up(const wg_program *g, wg_term *t, size_t n, uint32_t operands)
{
    int64_t step[2] = {0, 0};
    for (uint32_t i = 0; i < operands; i++) step[i] = step_of(g, t, i);
    for (int attempt = 0; attempt < 3; attempt++) {
        uint32_t by = operands == 2 && placed(t, n, 1) ? 1 : 0;
        for (size_t k = 0; k < n; k++)
            t[k].key = attempt == 0 ? -(int64_t)t[k].leaf : attempt == 1 ? (int64_t)t[k].leaf : t[k].at[by].offset;
        sort(t, n);
        bool fits = true;
        for (uint32_t i = 0; i < operands; i++) fits &= in_line(t, n, i, step[i]);
        if (fits) return;
    }
}

/* Computes the operands i one behind the other, in the order of the terms, where all of them can be. */
static bool join_operands(wg_rewrite *r, uint32_t k, wg_term *t, size_t n, uint32_t i)
{
    wg_program *g = r->g;
    uint32_t first = g->edge[g->value[t->maker].edge + i];
    int64_t count = wg_shape_count(*g->value[first].shape);
    if (placed(t, n, i) || step_of(g, t, i) != count) return true;
    for (size_t a = 0; a < n; a++)
        if (!wg__is_whole(r, g->edge[g->value[t[a].maker].edge + i])) return true;
    wg_shape *shape = wg__arena_get(&g->arena, sizeof *shape);
    if (!shape) return false;
    *shape = (wg_shape){{(int64_t)n * count}, 1};
    uint32_t y = wg__new_value(g, first, &wg_op_concat, shape, WG_R_JOINT, (uint32_t)n);
    if (y == WG_ABSENT) return false;
    for (size_t a = 0; a < n; a++) g->edge[g->value[y].edge + a] = g->value[g->edge[g->value[t[a].maker].edge + i]].root;
    if (!wg__join(r, y, 0, k) || !wg__insert(r, y, k)) return false;
    for (size_t a = 0; a < n; a++) t[a].at[i] = wg__whereabouts(g, g->edge[g->value[t[a].maker].edge + i]);
    return true;
}

/* ---- one for many ---------------------------------------------------------------------------------------------------------------- */

/* Operand i of n terms as one. */
static uint32_t long_operand(wg_program *g, const wg_term *t, size_t n, uint32_t i)
{
    uint32_t e = g->edge[g->value[t->maker].edge + i];
    wg_layout x = wg__layout_of(&g->value[e]);
    x.shape.dim[summed_axis(g, t, i)] *= (int64_t)n;
    return wg__new_view(g, e, t->at[i], &x);
}

static bool take_product(wg_rewrite *r, uint32_t k, wg_term *t, size_t n)
{
    wg_program *g = r->g;
    uint32_t a = long_operand(g, t, n, 0), b = a == WG_ABSENT ? a : long_operand(g, t, n, 1);
    bool whole = t->leaf == t->maker, all = n == r->terms && whole;
    if (b == WG_ABSENT) return false;
    uint32_t y = target(r, k, all, g->value[t->maker].op, g->value[t->maker].shape, WG_R_STEP, 2), leaf = y;
    if (y == WG_ABSENT || !put(r, y, k)) return false;
    g->value[y].attrs = g->value[t->maker].attrs;
    g->edge[g->value[y].edge] = a;
    g->edge[g->value[y].edge + 1] = b;
    if (!whole) { /* what is added is a view of the product */
        wg_layout x = wg__layout_of(&g->value[t->leaf]);
        leaf = wg__new_view(g, t->leaf, (wg_whereabouts){y, wg__offset(&g->value[t->leaf])}, &x);
        if (leaf == WG_ABSENT) return false;
    }
    replace(r, t, n, leaf);
    return wg__note(g, WG_N_TERMS, y, (uint32_t)n);
}

/* The chunks of a long row, as wg__place makes them. */
static uint32_t in_chunks(wg_rewrite *r, uint32_t k, uint32_t like, uint32_t from)
{
    wg_program *g = r->g;
    wg_type type[2];
    wg_work w = wg__work_of(g, &g->value[like], type);
    int64_t rows = wg_shape_count(*g->value[like].shape), row = wg_shape_count(*g->value[from].shape) / rows;
    if (row <= 2 * WG_CHUNK) return from;
    wg_shape *shape = wg__arena_get(&g->arena, sizeof *shape);
    if (!shape) return WG_ABSENT;
    *shape = (wg_shape){{rows, (row - 1) / WG_CHUNK + 1}, 2};
    uint8_t mask = (uint8_t)w.op->axes(&w);
    uint32_t part = wg__new_value(g, like, g->value[like].op, shape, WG_R_STEP, 1);
    if (part == WG_ABSENT) return part;
    g->value[part].attrs = g->value[like].attrs;
    g->value[part].partial = true;
    g->value[part].mask = mask;
    g->edge[g->value[part].edge] = from;
    return wg__insert(r, part, k) ? part : WG_ABSENT;
}

static bool take_sum(wg_rewrite *r, uint32_t k, wg_term *t, size_t n)
{
    wg_program *g = r->g;
    uint32_t from = long_operand(g, t, n, 0), inputs = g->value[t->maker].n;
    if (from != WG_ABSENT) from = in_chunks(r, k, t->maker, from);
    if (from == WG_ABSENT) return false;
    uint32_t y = target(r, k, n == r->terms, g->value[t->maker].op, g->value[t->maker].shape, WG_R_STEP, inputs);
    if (y == WG_ABSENT || !put(r, y, k)) return false;
    g->value[y].attrs = g->value[t->maker].attrs;
    g->edge[g->value[y].edge] = from;
    for (uint32_t i = 1; i < inputs; i++) g->edge[g->value[y].edge + i] = g->edge[g->value[t->maker].edge + i];
    replace(r, t, n, y);
    return wg__note(g, WG_N_TERMS, y, (uint32_t)n);
}

/* Terms t[0..n-1] of a class, in line: each run of neighbours that follow each other becomes one. */
static bool take_runs(wg_rewrite *r, uint32_t k, wg_term *t, size_t n, uint32_t operands)
{
    int64_t step[2] = {0, 0};
    for (uint32_t i = 0; i < operands; i++) step[i] = step_of(r->g, t, i);
    for (size_t a = 0, b; a < n; a = b) {
        for (b = a + 1; b < n; b++) {
            bool on = true;
            for (uint32_t i = 0; i < operands; i++) on &= step[i] != 0 && follows(&t[b - 1], &t[b], i, step[i]);
            if (!on) break;
        }
        if (b - a < LEAST) continue;
        if (!(t->kinship == WG_K_PRODUCT ? take_product : take_sum)(r, k, t + a, b - a)) return false;
    }
    return true;
}

static bool take_class(wg_rewrite *r, uint32_t k, wg_term *t, size_t n)
{
    uint32_t operands = t->kinship == WG_K_PRODUCT ? 2 : 1;
    if (n < LEAST) return true;
    if (t->kinship == WG_K_PIECE) return join_pieces(r, k, t, n);
    line_up(r->g, t, n, operands);
    for (uint32_t i = 0; i < operands; i++)
        if (!join_operands(r, k, t, n, i)) return false;
    return take_runs(r, k, t, n, operands);
}

/* ---- what is left over --------------------------------------------------------------------------------------------------------- */

/* k adds up the terms that are left. */
static bool add_up(wg_rewrite *r, uint32_t k)
{
    wg_program *g = r->g;
    size_t left = 0;
    for (size_t i = 0; i < r->terms; i++)
        if (r->term[i].leaf != WG_ABSENT) r->term[left++] = r->term[i];
    if (left == r->terms) return true;
    for (size_t i = 1; i < r->adds; i++) r->mark[r->add[i]] |= WG_M_GONE;
    if (left == 1 && r->term->leaf == k) return true;
    if (left == 1) { /* a view of a product */
        g->value[k].op = &wg_op_contiguous;
        g->value[k].n = 1;
        g->edge[g->value[k].edge] = r->term->leaf;
        return true;
    }
    uint32_t sum = r->term[0].leaf;
    for (size_t i = 1; i < left; i++) {
        uint32_t add = i + 1 < left ? r->add[i] : k, *in = &g->edge[g->value[add].edge];
        in[0] = sum;
        in[1] = r->term[i].leaf;
        if (add != k && !wg__insert(r, add, k)) return false;
        sum = add;
    }
    return true;
}

bool wg__stack_sum(wg_rewrite *r, uint32_t k)
{
    if (!is_add(r, k) || is_inner(r, k)) return true;
    if (!collect(r, k)) return false;
    uint32_t classes = classify(r);
    if (!classes) return true;
    sort(r->term, r->terms);
    for (size_t a = 0, b; a < r->terms; a = b) {
        for (b = a + 1; b < r->terms && r->term[b].class == r->term[a].class; b++) continue;
        if (r->term[a].class && !take_class(r, k, r->term + a, b - a)) return false;
    }
    return add_up(r, k);
}

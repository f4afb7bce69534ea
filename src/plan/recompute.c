/* recompute.c -- values between two marks of the forward computation are not kept for the reverse sweep: what it reads of them is
 * computed again, from the marks. A pass over the needs, after equal ones were merged, so that the copies stay copies.
 *
 *     h -> mark -> a -> b -> mark -> ... loss              forward, as before
 *                  a' -> b'  ...  gradients                 the sweep reads a', b'; a and b are gone by then
 *
 * A copy is put right before the first need of the sweep that reads it, with what it is made of that lies between marks too. The planner
 * computes everything as late as its readers allow, so that is when it is computed. Draws are made again to the bit: they hang on
 * their key and step alone. What is kept anyway is not copied: outputs, what is assigned, what a mark shows. Griewank and Walther 2000,
 * "Algorithm 799: revolve", has the idea of checkpoints; where they are is the user's choice here. */
#include "plan/plan.h"

#include <stdlib.h>

enum { AFTER = 1, BEFORE = 2, KEPT = 4 }; /* a mark comes before it; one comes after it; it stays in memory all the same */

typedef struct remaking {
    wg_plan *p;
    wg_need *need; /* the new list, and its edges */
    uint32_t *edge;
    size_t needs, edges;
    uint8_t *state;           /* by old need */
    uint32_t *moved, *again;  /* by old need: its place in the new list, and its copy's */
    uint32_t *wanted, *stack; /* old needs to be copied now */
    size_t n_wanted, n_stack;
} remaking;

static const wg_node *node_of(const remaking *r, uint32_t k) { return wg__plan_node(r->p, k); }

static bool is_mark(const remaking *r, uint32_t k) { return node_of(r, k)->op->mark && !node_of(r, k)->derivative; }

static const uint32_t *inputs(const remaking *r, uint32_t k) { return r->p->edge + r->p->need[k].edge; }

/* An assign's last input is what it hangs on, which the plan may not have. */
static uint32_t arity(const remaking *r, uint32_t k)
{
    const wg_node *n = node_of(r, k);
    return n->op->kind == WG_EFFECT && n->n > 2 ? 2 : n->n;
}

static bool reads_value(const remaking *r, uint32_t k, uint32_t i)
{
    return inputs(r, k)[i] != WG_ABSENT && !wg__shape_only(node_of(r, k)->op, i);
}

/* A value with all that it is a view of. */
static void keep(remaking *r, uint32_t k)
{
    for (;; k = inputs(r, k)[0]) {
        r->state[k] |= KEPT;
        if (node_of(r, k)->op->kind != WG_VIEW) return;
    }
}

static void find_states(remaking *r)
{
    const wg_plan *p = r->p;
    for (uint32_t k = 0; k < p->needs; k++) {
        const wg_node *n = node_of(r, k);
        if (n->op->kind == WG_EFFECT) keep(r, inputs(r, k)[1]);
        for (uint32_t i = 0; i < n->n && n->op->kind != WG_EFFECT && !n->derivative; i++) {
            uint32_t e = inputs(r, k)[i];
            if (reads_value(r, k, i) && (is_mark(r, e) || r->state[e] & AFTER)) r->state[k] |= AFTER;
        }
        if (is_mark(r, k)) keep(r, k);
    }
    for (size_t i = 0; i < p->outputs; i++) keep(r, p->output[i]);
    for (uint32_t k = (uint32_t)p->needs; k-- > 0;) {
        const wg_node *n = node_of(r, k);
        if (n->derivative || n->op->kind == WG_EFFECT || !(is_mark(r, k) || r->state[k] & BEFORE)) continue;
        for (uint32_t i = 0; i < n->n; i++)
            if (reads_value(r, k, i)) r->state[inputs(r, k)[i]] |= BEFORE;
    }
}

static bool between(const remaking *r, uint32_t k)
{
    return r->state[k] == (AFTER | BEFORE) && r->p->need[k].value && node_of(r, k)->op->kind != WG_LEAF;
}

/* Needs k in the new list; what lies between marks is read from its copy, if `copies`. */
static void add(remaking *r, uint32_t k, bool copies, bool is_copy)
{
    uint32_t *in = r->edge + r->edges, n = node_of(r, k)->n;
    for (uint32_t i = 0; i < n; i++) {
        uint32_t e = i < arity(r, k) ? inputs(r, k)[i] : WG_ABSENT;
        in[i] = e == WG_ABSENT ? WG_ABSENT : copies && reads_value(r, k, i) && between(r, e) ? r->again[e] : r->moved[e];
    }
    (is_copy ? r->again : r->moved)[k] = (uint32_t)r->needs;
    r->need[r->needs] = r->p->need[k];
    r->need[r->needs].again = is_copy;
    r->need[r->needs++].edge = (uint32_t)r->edges;
    r->edges += n;
}

static void want(remaking *r, uint32_t k)
{
    for (uint32_t i = 0; i < arity(r, k); i++) {
        uint32_t e = inputs(r, k)[i];
        if (!reads_value(r, k, i) || !between(r, e) || r->again[e] != WG_ABSENT) continue;
        r->again[e] = 0; /* it will have a place */
        r->wanted[r->n_wanted++] = r->stack[r->n_stack++] = e;
    }
}

static int by_number(const void *a, const void *b)
{
    const uint32_t *x = a, *y = b;
    return *x < *y ? -1 : *x > *y;
}

/* Copies of what need k of the sweep reads between marks, inputs first. */
static void copy_for(remaking *r, uint32_t k)
{
    r->n_wanted = r->n_stack = 0;
    want(r, k);
    while (r->n_stack) want(r, r->stack[--r->n_stack]);
    if (r->n_wanted > 1) qsort(r->wanted, r->n_wanted, sizeof *r->wanted, by_number);
    for (size_t i = 0; i < r->n_wanted; i++) add(r, r->wanted[i], true, true);
}

static void remake(remaking *r)
{
    wg_plan *p = r->p;
    for (uint32_t k = 0; k < p->needs; k++) {
        bool sweep = node_of(r, k)->reverse;
        if (sweep) copy_for(r, k);
        add(r, k, sweep, false);
    }
    for (size_t i = 0; i < p->outputs; i++) p->output[i] = r->moved[p->output[i]];
    for (size_t i = 0; i < p->feeds; i++) p->feed[i].need = r->moved[p->feed[i].need];
    for (size_t i = 0; i < p->commits; i++) {
        p->commit[i].param = r->moved[p->commit[i].param];
        p->commit[i].effect = r->moved[p->commit[i].effect];
    }
}

/* Room for a copy of all that lies between marks. */
static bool take_room(remaking *r)
{
    wg_stock *stock = &r->p->tape->stock;
    size_t copies = 0, edges = r->p->edges, n = r->p->needs;
    for (uint32_t k = 0; k < n; k++)
        if (between(r, k)) copies++, edges += node_of(r, k)->n;
    r->need = wg__take(stock, wg__mul(n + copies, sizeof *r->need));
    r->edge = wg__take(stock, wg__mul(edges + 1, sizeof *r->edge));
    r->moved = wg__take(stock, wg__mul(n, sizeof *r->moved));
    r->again = wg__take(stock, wg__mul(n, sizeof *r->again));
    r->wanted = wg__take(stock, wg__mul(copies + 1, sizeof *r->wanted));
    r->stack = wg__take(stock, wg__mul(copies + 1, sizeof *r->stack));
    if (r->again) memset(r->again, 0xff, n * sizeof *r->again);
    return r->need && r->edge && r->moved && r->again && r->wanted && r->stack;
}

bool wg__plan_recompute(wg_plan *p)
{
    wg_stock *stock = &p->tape->stock;
    remaking r = {.p = p, .state = wg__take_zeroed(stock, p->needs + 1)};
    bool done = r.state != NULL;
    if (done) find_states(&r);
    done = done && take_room(&r);
    if (done) {
        remake(&r);
        wg__put(stock, p->need);
        wg__put(stock, p->edge);
        p->need = r.need;
        p->edge = r.edge;
        p->needs = r.needs;
        p->edges = r.edges;
    } else {
        wg__put(stock, r.need);
        wg__put(stock, r.edge);
    }
    wg__put(stock, r.state);
    wg__put(stock, r.moved);
    wg__put(stock, r.again);
    wg__put(stock, r.wanted);
    wg__put(stock, r.stack);
    return done;
}

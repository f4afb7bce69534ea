/* select.c -- what of the tape a plan computes: the nodes that the outputs need, each kind of need apart (a shape alone
 * keeps no value alive), the assigns that hang on them, equal nodes merged. All of it linear in nodes. */
#include "plan/plan.h"

#include "tape/params.h"

enum { SHAPE = 1, VALUE = 2 | SHAPE };

/* By tape index: what is asked of a node; then the need that stands for it. A node's inputs lie before it, so one walk back
 * over the tape meets a node after all that read it. Only an assign lies behind the node that it hangs on: what it asks for
 * there is pending. */
typedef struct selection {
    wg_plan *p;
    uint8_t *asked;
    uint32_t *need;    /* of node, WG_ABSENT */
    uint32_t *pending; /* nodes behind the walk whose inputs are still to be asked for */
    size_t pendings, pending_capacity;
    bool marks;                   /* there is an op that is a mark */
    uint32_t walk;                /* from here on nodes have been met */
    uint32_t *hooked, *next_hook; /* by node: the first assign on it; by hook: the next on the same node */
} selection;

static bool ask(selection *s, uint32_t node, uint8_t what)
{
    uint8_t before = s->asked[node];
    s->asked[node] = before | what;
    if (node < s->walk || (before & what) == what) return true;
    if (!WG_RESERVE_FROM(&s->p->tape->stock, s->pending, s->pending_capacity, s->pendings + 1)) return false;
    s->pending[s->pendings++] = node;
    return true;
}

static bool ask_inputs(selection *s, uint32_t node)
{
    const wg_tape *t = s->p->tape;
    const wg_node *n = &t->node[node];
    const uint32_t *in = wg__edges(t, n);
    const wg_op *op = n->op;
    uint8_t what = s->asked[node];
    bool some = op->shape_only;
    uint32_t count = op->kind == WG_EFFECT && n->n > 2 ? 2 : n->n; /* not `on` */
    for (uint32_t i = 0; i < count; i++)
        if (in[i] != WG_ABSENT && !ask(s, in[i], some && wg__shape_only(op, i) ? SHAPE : what)) return false;
    for (uint32_t h = what == VALUE && s->hooked ? s->hooked[node] : 0; h; h = s->next_hook[h - 1])
        if (!ask(s, t->hook[h - 1], VALUE)) return false;
    return true;
}

static bool ask_all(selection *s, wg_tensors outputs)
{
    s->walk = (uint32_t)s->p->tape->count;
    for (size_t i = 0; i < outputs.n; i++)
        if (!ask(s, wg__index(outputs.x[i]), VALUE)) return false;
    while (s->walk > 0 || s->pendings) {
        uint32_t node = s->pendings ? s->pending[--s->pendings] : --s->walk;
        if (s->asked[node] && !ask_inputs(s, node)) return false;
    }
    return true;
}

static bool find_hooks(selection *s)
{
    const wg_tape *t = s->p->tape;
    if (!t->hooks) return true;
    s->hooked = wg__take_zeroed(&s->p->tape->stock, wg__mul(t->count, sizeof *s->hooked));
    s->next_hook = wg__take_zeroed(&s->p->tape->stock, wg__mul(t->hooks, sizeof *s->next_hook));
    for (size_t h = 0; s->hooked && s->next_hook && h < t->hooks; h++) {
        const wg_node *a = &t->node[t->hook[h]];
        uint32_t on = wg__edges(t, a)[a->n - 1];
        s->next_hook[h] = s->hooked[on];
        s->hooked[on] = (uint32_t)h + 1;
    }
    return s->hooked && s->next_hook;
}

/* ---- leaves and effects ---------------------------------------------------------------------------------------------------- */

static bool add_feed(wg_plan *p, uint32_t need)
{
    if (!WG_RESERVE(p->feed, p->feed_capacity, p->feeds + 1)) return false;
    p->feed[p->feeds++] = (wg_feed_slot){.need = need};
    return true;
}

static bool add_commit(wg_plan *p, uint32_t need)
{
    const uint32_t *in = p->edge + p->need[need].edge;
    for (size_t i = 0; i < p->commits; i++)
        if (p->commit[i].param == in[0]) {
            if (p->edge[p->need[p->commit[i].effect].edge + 1] == in[1]) return true;
            char where[256];
            wg__locate(wg__plan_node(p, need), where, sizeof where);
            wg__tape_fail(p->tape, WG_EARG, "%sthe plan assigns to %s twice", where, wg__plan_node(p, in[0])->name);
            return false;
        }
    if (!WG_RESERVE(p->commit, p->commit_capacity, p->commits + 1)) return false;
    wg_array array = wg__stored(p->tape->params, wg__plan_node(p, in[0])->name)->array;
    p->commit[p->commits++] = (wg_commit){in[0], need, array};
    return true;
}

/* ---- merging ------------------------------------------------------------------------------------------------------------ */

/* Nodes that were recorded together read each other, and few have the same newest input: a need has its slot behind that one's, which
   is in the cache; where others have it, anywhere. */
typedef struct merger {
    struct mark {
        uint32_t need, hash; /* need + 1; of what is another need the hash mostly tells, without a look at it */
    } * slot;
    size_t slots; /* two for each need, and as many for those without inputs */
} merger;

enum { NEAR = 8 };

static uint64_t mix(uint64_t h, uint64_t x)
{
    h = (h ^ x) * 0x9e3779b97f4a7c15u;
    return h ^ h >> 32;
}

/* in[]: the inputs of n, as needs; *after: 1 + the newest of them, or 0. A hash of n and them. */
static uint64_t map_inputs(const selection *s, const wg_node *n, uint32_t *in, uint32_t *after)
{
    const uint32_t *edge = wg__edges(s->p->tape, n), *need = s->need;
    uint64_t h = mix(n->dtype, (uintptr_t)n->op);
    uint32_t last = 0; /* WG_ABSENT + 1 is 0 */
    for (uint32_t i = 0, inputs = n->n; i < inputs; i++) {
        in[i] = edge[i] == WG_ABSENT ? WG_ABSENT : need[edge[i]];
        h = mix(h, in[i]);
        last = last > in[i] + 1 ? last : in[i] + 1;
    }
    *after = last;
    return n->attrs ? mix(h, wg__attrs_hash(n->op, n->attrs)) : h;
}

static size_t slot_after(const merger *m, size_t i, uint64_t h, int tries)
{
    if (tries == NEAR) return h % m->slots;
    return i + 1 < m->slots ? i + 1 : 0;
}

static bool same_need(const wg_plan *p, const wg_node *n, const uint32_t *in, uint32_t other)
{
    const wg_node *m = wg__plan_node(p, other);
    if (m->op != n->op || m->n != n->n || m->dtype != n->dtype) return false;
    if (n->n && memcmp(in, p->edge + p->need[other].edge, n->n * sizeof *in) != 0) return false;
    return n->attrs == m->attrs || wg__attrs_equal(n->op, n->attrs, m->attrs);
}

static bool may_merge(const wg_node *n) { return n->op->kind != WG_EFFECT && n->op->leaf != WG_LEAF_INPUT && n->op->leaf != WG_LEAF_PARAM; }

/* The need for node: an equal one if there is, else a new one. false: no memory, or an error that the tape has. */
static bool add_need(selection *s, merger *m, uint32_t node)
{
    wg_plan *p = s->p;
    const wg_node *n = &p->tape->node[node];
    uint32_t *in = p->edge + p->edges, after;
    uint64_t h = map_inputs(s, n, in, &after);
    bool value = s->asked[node] == VALUE;
    s->marks |= n->op->mark;
    if (m->slot && may_merge(n)) {
        size_t i = 2 * (size_t)after;
        for (int tries = 1; m->slot[i].need; i = slot_after(m, i, h, tries), tries += tries <= NEAR)
            if (m->slot[i].hash == (uint32_t)h && same_need(p, n, in, m->slot[i].need - 1)) {
                s->need[node] = n->op->checks ? in[0] : m->slot[i].need - 1;
                p->need[s->need[node]].value |= value;
                return true;
            }
        m->slot[i] = (struct mark){(uint32_t)p->needs + 1, (uint32_t)h};
    }
    s->need[node] = n->op->checks ? in[0] : (uint32_t)p->needs; /* for its rule it stays, and stands in nobody's way */
    p->need[p->needs++] = (wg_need){.node = node, .edge = (uint32_t)p->edges, .value = value && !n->op->checks};
    p->edges += n->n;
    if (n->op->leaf == WG_LEAF_INPUT) return add_feed(p, s->need[node]);
    return n->op->kind != WG_EFFECT || add_commit(p, s->need[node]);
}

/* Needs in the order of the tape, with room for as many as were asked for. */
static bool add_needs(selection *s)
{
    wg_plan *p = s->p;
    wg_stock *stock = &p->tape->stock;
    size_t count = p->tape->count, asked = 0;
    for (size_t k = 0; k < count; k++) asked += s->asked[k] != 0;
    size_t slots = 2 * asked + 2;
    p->need = wg__take(stock, wg__mul(asked, sizeof *p->need));
    p->edge = wg__take(stock, wg__mul(p->tape->edges, sizeof *p->edge)); /* at most */
    merger m = {p->without & WG_PASS_MERGE ? NULL : wg__take_zeroed(stock, wg__mul(slots, sizeof *m.slot)), slots};
    bool done = p->need && p->edge && (m.slot || p->without & WG_PASS_MERGE);
    for (uint32_t k = 0; done && k < count; k++)
        if (s->asked[k]) done = add_need(s, &m, k);
    wg__put(stock, m.slot);
    return done;
}

static bool select_nodes(selection *s, wg_tensors outputs)
{
    wg_plan *p = s->p;
    size_t count = p->tape->count;
    s->asked = wg__take_zeroed(&p->tape->stock, count);
    s->need = wg__take(&p->tape->stock, wg__mul(count, sizeof *s->need));
    p->output = wg__alloc(wg__mul(outputs.n, sizeof *p->output));
    p->output_node = wg__alloc(wg__mul(outputs.n, sizeof *p->output_node));
    if (!s->asked || !s->need || !p->output || !p->output_node || !find_hooks(s)) return false;
    if (!ask_all(s, outputs) || !add_needs(s)) return false;
    for (size_t i = 0; i < outputs.n; i++) {
        p->output_node[i] = wg__index(outputs.x[i]);
        p->output[i] = s->need[p->output_node[i]];
    }
    p->outputs = outputs.n;
    return !s->marks || p->without & WG_PASS_RECOMPUTE || wg__plan_recompute(p);
}

bool wg__plan_select(wg_plan *p, wg_tensors outputs)
{
    selection s = {.p = p};
    bool done = select_nodes(&s, outputs);
    if (!done) wg__tape_fail(p->tape, WG_ENOMEM, "plan: out of memory"); /* unless an error is there already */
    wg__put(&p->tape->stock, s.asked);
    wg__put(&p->tape->stock, s.need);
    wg__put(&p->tape->stock, s.pending);
    wg__put(&p->tape->stock, s.hooked);
    wg__put(&p->tape->stock, s.next_hook);
    return done;
}

/* waits.c -- where threads must wait for each other: before a step that reads what a step since the last wait wrote, or writes
 * over what one read or wrote, memory that has changed hands included. Steps that one thread does alone are done by the same
 * thread in their order, and need not wait for each other. After a step that can fail all wait, so that nothing is
 * committed that a failed run must not change. */
#include "plan/plan.h"

enum { MOST = 256 }; /* accesses remembered; when there are more, the next step waits */

typedef struct access {
    uint32_t whole; /* ARENA, OUTPUTS, or 2 + a parameter */
    bool write, parallel;
    size_t lo, hi; /* bytes */
} access;

enum { ARENA, OUTPUTS, PARAMS };

typedef struct accesses {
    const wg_program *g;
    access all[MOST];
    uint32_t n, first; /* those from `first` on are the step's at hand */
    bool full;
} accesses;

static void add(accesses *s, access x)
{
    if (s->n == MOST) s->full = true;
    else s->all[s->n++] = x;
}

/* What a root's memory is: of a strided part, all of its joint. */
static void add_root(accesses *s, uint32_t k, bool write, bool parallel)
{
    const wg_program *g = s->g;
    const wg_value *v = &g->value[k];
    size_t width = wg_dtype_size((wg_dtype)v->dtype), bytes = (size_t)wg_shape_count(*v->shape) * width, offset = 0;
    if (v->role == WG_R_LEAF) {
        if (v->op->leaf == WG_LEAF_PARAM) add(s, (access){PARAMS + k, write, parallel, 0, bytes});
        return;
    }
    if (wg__home(v)) {
        add(s, (access){PARAMS + v->home - 1, write, parallel, 0, bytes});
        return;
    }
    while (g->value[k].inside) {
        const wg_joint_part *x = &g->part[g->value[k].home];
        offset += (size_t)x->offset * width;
        if (g->value[k].layout) offset = 0, bytes = (size_t)wg_shape_count(*g->value[x->joint].shape) * width;
        k = x->joint;
    }
    size_t at = (size_t)g->base[k] + offset;
    add(s, (access){g->value[k].output ? OUTPUTS : ARENA, write, parallel, at, at + bytes});
}

static void add_inputs(accesses *s, uint32_t k, bool parallel)
{
    const wg_value *v = &s->g->value[k];
    for (uint32_t i = 0; i < v->n; i++) {
        uint32_t e = s->g->edge[v->edge + i];
        if (e != WG_ABSENT && !wg__shape_only(v->op, i)) add_root(s, s->g->value[e].root, false, parallel);
    }
}

static void add_step(accesses *s, const wg_step *step)
{
    s->first = s->n;
    uint32_t block = step->kind == WG_S_GROUP ? step->head : step->value;
    for (uint32_t o = 0; step->kind == WG_S_GROUP && o < step->n_operands + step->n_stored; o++)
        if (step->operand[o].access != WG_A_HEAD)
            add_root(s, s->g->value[step->operand[o].value].root, o >= step->n_operands, step->parallel);
    if (block == WG_ABSENT) return;
    add_inputs(s, block, step->parallel);
    if (s->g->value[block].stored) add_root(s, block, true, step->parallel);
    if (step->shared) add(s, (access){ARENA, true, step->parallel, step->shared_at, step->shared_at + step->shared});
}

static bool conflict(const accesses *s)
{
    for (uint32_t i = s->first; i < s->n; i++)
        for (uint32_t k = 0; k < s->first; k++) {
            const access *x = &s->all[i], *y = &s->all[k];
            if ((x->write || y->write) && (x->parallel || y->parallel) && x->whole == y->whole && x->lo < y->hi && y->lo < x->hi)
                return true;
        }
    return false;
}

/* Forgets what came before the step at hand. */
static void forget(accesses *s)
{
    memmove(s->all, s->all + s->first, (s->n - s->first) * sizeof *s->all);
    s->n -= s->first;
    s->first = 0;
}

bool wg__program_waits(wg_plan *p, wg_program *g)
{
    accesses *s = wg__alloc(sizeof *s);
    if (!s) return wg__plan_fail(p, WG_ENOMEM, "out of memory while planning"), false;
    s->g = g;
    bool unknown = false; /* the step before has more accesses than are remembered */
    for (size_t i = 0; g->any_parallel && i < g->steps; i++) {
        wg_step *step = &g->step[i], *before = i ? step - 1 : NULL;
        s->full = false;
        add_step(s, step);
        step->waits = before && (unknown || before->fails || s->full || conflict(s));
        if (before && p->without & WG_PASS_WAIT) step->waits = before->parallel || step->parallel;
        if (step->waits) forget(s);
        if (s->full) s->full = false, s->n = 0, add_step(s, step);
        unknown = s->full;
        if (step->parallel && step->prepare_units) forget(s); /* all wait for what is prepared */
        g->waits += step->waits;
    }
    wg__free(s);
    return true;
}

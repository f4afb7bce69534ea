/* epilogue.c -- groups with a head: a block (a convolution, a pool's reverse) whose result a group takes over, some units at a time,
 * while it is in the core's caches: bias and activation, or in the reverse the activation's slope.
 *
 * The head moves to the place of the group, its first reader, which must read the result as it lies, element for element; what else the
 * group reads is there before, as for any group. The op says what elements its units write (.region); a result that nothing else
 * reads has no memory but a thread's scratch. No element is computed in another way, so neither are the bits, whoever shares out the
 * units.
 *
 * What was measured decides what has no head: a group that writes several results, or reads beside one that computes another array as large,
 * streams through memory anyhow and only crowds the caches that the block works in. So matmul says no region: the results of layers
 * fit the caches behind the core, from where a group of its own takes them as fast. */
#include "plan/plan.h"

#include "base/shape.h"

enum { NEAR_BYTES = 3 << 17, CLOSE = 4 }; /* of a result that is worked on at a time; steps that inputs may be kept for at no cost */

static size_t bytes_of(const wg_value *v) { return (size_t)wg_shape_count(*v->shape) * wg_dtype_size((wg_dtype)v->dtype); }

bool wg__follows(const wg_program *g, const wg_value *reader, uint32_t e)
{
    const wg_value *x = &g->value[e], *r = &g->value[x->root];
    if (reader->role != WG_R_GROUP || r->role != WG_R_STEP || !r->op->region || r->partial) return false;
    if (!wg__packed(x) || !wg__packed(r) || wg__offset(x)) return false;
    int64_t n = wg_shape_count(*r->shape);
    return n > 1 && wg_shape_count(*x->shape) == n && wg_shape_count(*reader->shape) == n;
}

/* Whether the memory that v, run at `step`, keeps for longer is no more than what its own result would take. Steps are counted from the
   last one. */
bool wg__head_is_near(const wg_program *g, const wg_value *v, uint32_t step, size_t steps)
{
    size_t kept = 0;
    if (steps - step <= CLOSE) return true;
    for (uint32_t i = 0; i < v->n; i++) {
        uint32_t e = g->edge[v->edge + i];
        const wg_value *r = e == WG_ABSENT ? NULL : &g->value[g->value[e].root];
        if (r && r->role != WG_R_LEAF && r->last > step) kept += bytes_of(r);
    }
    return kept <= (v->stored ? 0 : bytes_of(v));
}

/* The head as a step of its own, of which `step` takes over what a block has. */
bool wg__make_head(wg_plan *p, wg_program *g, wg_step *step, uint32_t head)
{
    step->head = step->value = head;
    step->over = WG_ABSENT;
    return wg__make_block(p, g, step);
}

static size_t aligned(size_t bytes) { return (bytes + 63) / 64 * 64; }

static int64_t together(const wg_step *block)
{
    const wg_work *w = block->work;
    double each = (double)wg_shape_count(*w->out.shape) / (double)block->units * (double)wg_dtype_size(w->out.dtype); /* bytes a unit */
    int64_t n = (int64_t)(NEAR_BYTES / each);
    return n < 1 ? 1 : n < block->units ? n : block->units;
}

/* Whether what units write at a time lies in one piece, however threads share them out: always, or but for the few at the ends of what
   a thread does. A group's tiles would be rows' pieces otherwise, and short. */
bool wg__head_lies_well(const wg_step *block)
{
    enum { REGIONS = 3 };
    wg_region r;
    if (!block->units) return false;
    block->work->op->region(block->work, 0, 1, &r);
    if (r.rows == 1) return true;
    block->work->op->region(block->work, 0, together(block), &r);
    return r.length == r.step && r.rows * r.length * REGIONS <= wg_shape_count(*block->work->out.shape);
}

/* What the group said of itself and what the block did before, together. */
void wg__settle_head(wg_program *g, wg_step *step, const wg_step *block)
{
    const wg_value *v = &g->value[step->head];
    wg_region r;
    step->together = together(block);
    v->op->region(step->work, 0, step->together, &r);
    step->head_at = aligned(step->scratch);
    step->own_at = step->head_at + (v->stored ? 0 : aligned((size_t)r.most * wg_dtype_size((wg_dtype)v->dtype)));
    step->scratch = step->own_at + block->scratch;
    step->units = block->units;
    step->cost += block->cost;
    step->fails |= block->fails;
}

/* A result of the group that has fresh memory may have been the head's there: the block then fetches the lines from memory while it
   computes, not the group while it waits for them. */
void wg__head_over(const wg_program *g, wg_step *step, uint32_t result)
{
    uint32_t o = step->n_operands;
    const wg_value *v = &g->value[result], *head = step->head == WG_ABSENT ? NULL : &g->value[step->head];
    if (!head || head->stored || wg__home(v) || wg_dtype_size((wg_dtype)v->dtype) != wg_dtype_size((wg_dtype)head->dtype)) return;
    while (step->operand[o].value != result) o++;
    if (step->operand[o].access != WG_A_DIRECT) return;
    for (uint32_t i = 0; i < step->n_operands; i++)
        if (step->operand[i].access == WG_A_HEAD && step->operand[i].last > step->operand[o].first) return;
    step->over = result;
}

bool wg__head_reads(const wg_program *g, const wg_step *step, uint32_t root)
{
    const wg_value *v = step->kind == WG_S_GROUP && step->head != WG_ABSENT ? &g->value[step->head] : NULL;
    for (uint32_t i = 0; v && i < v->n; i++)
        if (g->edge[v->edge + i] != WG_ABSENT && g->value[g->edge[v->edge + i]].root == root) return true;
    return false;
}

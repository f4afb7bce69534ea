/* memory.c -- where the stored values lie: one arena for what lives between steps, given out and taken back in the order
 * of running; memory of its own for each output. A group may write its result over an operand that nothing reads later. */
#include "plan/plan.h"

enum { ALIGN = 64, HOLES = 512 };

typedef struct hole {
    size_t at, size;
} hole;

typedef struct space { /* free stretches of the arena, by address, none touching another */
    hole hole[HOLES];
    size_t holes, end;
} space;

static size_t rounded(size_t bytes) { return (bytes + ALIGN - 1) / ALIGN * ALIGN; }

static size_t take(space *s, size_t bytes)
{
    size_t best = HOLES, at;
    for (size_t i = 0; i < s->holes && (best == HOLES || s->hole[best].size > bytes); i++)
        if (s->hole[i].size >= bytes && (best == HOLES || s->hole[i].size < s->hole[best].size)) best = i;
    if (best == HOLES && s->holes && s->hole[s->holes - 1].at + s->hole[s->holes - 1].size == s->end) {
        at = s->hole[--s->holes].at; /* the last stretch, made longer */
        s->end = at + bytes;
        return at;
    }
    if (best == HOLES) {
        at = s->end;
        s->end += bytes;
        return at;
    }
    hole *h = &s->hole[best];
    at = h->at;
    h->at += bytes;
    h->size -= bytes;
    if (h->size == 0) memmove(h, h + 1, (--s->holes - best) * sizeof *h);
    return at;
}

static void give(space *s, size_t at, size_t size)
{
    size_t lo = 0, hi = s->holes;
    while (lo < hi) {
        size_t middle = (lo + hi) / 2;
        if (s->hole[middle].at < at) lo = middle + 1;
        else hi = middle;
    }
    hole *before = lo > 0 ? &s->hole[lo - 1] : NULL, *after = lo < s->holes ? &s->hole[lo] : NULL;
    bool joins_before = before && before->at + before->size == at, joins_after = after && at + size == after->at;
    if (joins_before && joins_after) {
        before->size += size + after->size;
        memmove(after, after + 1, (--s->holes - lo) * sizeof *after);
    } else if (joins_before) {
        before->size += size;
    } else if (joins_after) {
        after->at = at;
        after->size += size;
    } else if (s->holes < HOLES) { /* full: the stretch is not used again, which costs memory only */
        memmove(&s->hole[lo + 1], &s->hole[lo], (s->holes++ - lo) * sizeof *s->hole);
        s->hole[lo] = (hole){at, size};
    }
}

static size_t bytes_of(const wg_value *v) { return rounded((size_t)wg_shape_count(*v->shape) * wg_dtype_size((wg_dtype)v->dtype)); }

/* ---- how long values live ----------------------------------------------------------------------------------------------- */

/* The outermost joint that a part lies in. */
static uint32_t whole_of(const wg_program *g, uint32_t k)
{
    while (g->value[k].inside) k = g->part[g->value[k].home].joint;
    return k;
}

/* What is committed lives to the end; a parameter as long as it is read; a joint as long as one of its parts. (Of other values
   the steps know it.) */
static void find_last(wg_plan *p, wg_program *g)
{
    for (size_t i = 0; i < g->joint.n; i++) {
        wg_value *v = &g->value[g->joint.value[i]];
        v->last = v->last == WG_ABSENT ? 0 : (uint32_t)(g->steps - 1 - v->last);
    }
    for (size_t i = 0; i < p->commits; i++) {
        wg_value *param = &g->value[p->commit[i].param];
        param->last = param->last == WG_ABSENT ? 0 : (uint32_t)(g->steps - 1 - param->last);
        g->value[g->value[p->commit[i].effect].root].last = (uint32_t)g->steps;
    }
    for (size_t i = 0; i < g->parts; i++) {
        const wg_value *v = &g->value[g->part[i].value];
        wg_value *whole = &g->value[whole_of(g, g->part[i].value)];
        if (whole->last < v->last) whole->last = v->last;
    }
}

/* ---- in place --------------------------------------------------------------------------------------------------------------- */

static bool arena_owned(const wg_value *v)
{
    return v->stored && !v->output && (v->role == WG_R_GROUP || v->role == WG_R_STEP) && !v->inside && !v->home;
}

/* An operand of a group whose memory a result may take over, from the last instruction that reads it on: it is read element
   for element, and by no later step. */
typedef struct candidate {
    size_t bytes;
    uint8_t operand, last, dtype;
} candidate;

static uint32_t may_go(const wg_plan *p, const wg_program *g, const wg_step *step, uint32_t now, candidate *list)
{
    uint32_t n = 0;
    if (p->without & WG_PASS_INPLACE || p->without & WG_PASS_REUSE) return 0;
    for (uint32_t o = 0; o < step->n_operands; o++) {
        const wg_operand *x = &step->operand[o];
        const wg_value *r = &g->value[x->value];
        if (x->access == WG_A_DIRECT && r->root == x->value && arena_owned(r) && r->last == now && r->step != now &&
            !wg__head_reads(g, step, x->value))
            list[n++] = (candidate){bytes_of(r), (uint8_t)o, x->last, r->dtype};
    }
    return n;
}

static bool only_reader(const wg_program *g, const wg_step *step, uint32_t o)
{
    for (uint32_t k = 0; k < step->n_operands; k++)
        if (k != o && g->value[step->operand[k].value].root == step->operand[o].value) return false;
    return true;
}

/* The operand whose memory v, the result of instruction i, takes over: it is off the list then. WG_ABSENT: none. */
static uint32_t overwritten(const wg_program *g, const wg_step *step, uint32_t i, const wg_value *v, candidate *list, uint32_t *n)
{
    size_t bytes = bytes_of(v), width = wg_dtype_size((wg_dtype)v->dtype);
    for (uint32_t c = 0; c < *n; c++) {
        uint32_t o = list[c].operand;
        if (list[c].last > i || list[c].bytes != bytes) continue;
        if (wg_dtype_size((wg_dtype)list[c].dtype) != width || !only_reader(g, step, o)) continue;
        memmove(&list[c], &list[c + 1], (--*n - c) * sizeof *list);
        return o;
    }
    return WG_ABSENT;
}

/* ---- committed as they are computed --------------------------------------------------------------------------------------- */

static uint32_t last_that_fails(const wg_program *g)
{
    uint32_t last = 0; /* one more than the step; 0: none */
    for (uint32_t i = 0; i < g->steps; i++)
        if (g->step[i].fails) last = i + 1;
    return last;
}

/* Whether the step that computes v, which reads the parameter too, reads each element before it writes over it. */
static bool reads_before(const wg_program *g, const wg_step *step, uint32_t k, uint32_t param)
{
    uint32_t index = 0, readers = 0;
    if (step->kind != WG_S_GROUP || k == step->head || wg__head_reads(g, step, param)) return false;
    while (step->instr[index].value != k) index++;
    for (uint32_t o = 0; o < step->n_operands; o++) {
        const wg_operand *x = &step->operand[o];
        if (g->value[x->value].root != param) continue;
        if (++readers > 1 || x->access != WG_A_DIRECT || wg__offset(&g->value[x->value]) || x->last > index) return false;
    }
    return true;
}

/* Writes the parameter's new value where the old one lies, if by then nothing can fail and nothing reads the old one. */
static void settle(wg_program *g, uint32_t effect, uint32_t param, uint32_t fails)
{
    const wg_value *x = &g->value[effect], *old = &g->value[param];
    wg_value *v = &g->value[x->root];
    if (v->inside || v->home || v->step < fails || old->last > v->step || !arena_owned(v) || wg__offset(x) || !wg__packed(v)) return;
    if (bytes_of(v) != bytes_of(old)) return;
    if (old->last == v->step && !reads_before(g, &g->step[v->step], x->root, param)) return;
    v->home = param + 1;
}

/* ---- the pass ---------------------------------------------------------------------------------------------------------------- */

typedef struct placing {
    const wg_plan *p;
    wg_program *g;
    space space;
    uint32_t *dying, *next; /* by step: 1 + a value that is read there for the last time; by value: the next one */
} placing;

/* Of a value in the arena: who dies where. */
static void place_at(placing *s, uint32_t k, void *at)
{
    uint32_t *list = &s->dying[s->g->value[k].last];
    s->g->base[k] = at;
    s->next[k] = *list;
    *list = k + 1;
}

/* A part's memory is its joint's, which is there from the first part on. */
static void place_value(placing *s, uint32_t part)
{
    wg_program *g = s->g;
    uint32_t k = whole_of(g, part);
    wg_value *v = &g->value[k];
    bool there = v->role == WG_R_JOINT && v->stored;
    if (there) return;
    if (v->role == WG_R_JOINT) v->stored = true;
    if (v->output) {
        g->base[k] = (void *)g->output_bytes;
        g->output_bytes += bytes_of(v);
    } else if (v->role == WG_R_JOINT || arena_owned(v)) {
        place_at(s, k, (void *)take(&s->space, bytes_of(v)));
    }
}

static void place_group(placing *s, wg_step *step, uint32_t now)
{
    wg_program *g = s->g;
    candidate list[WG_GROUP_MAX * 4];
    uint32_t n = may_go(s->p, g, step, now, list), stored = step->n_operands;
    for (uint32_t i = 0; i < step->count; i++) {
        uint32_t k = step->instr[i].value;
        const wg_value *v = &g->value[k];
        if (stored == step->n_operands + step->n_stored || step->operand[stored].value != k) continue; /* a slot */
        stored++;
        uint32_t o = n && arena_owned(v) ? overwritten(g, step, i, v, list, &n) : WG_ABSENT;
        if (o == WG_ABSENT) {
            place_value(s, k);
            wg__head_over(g, step, k);
            continue;
        }
        place_at(s, k, g->base[step->operand[o].value]);
        g->value[step->operand[o].value].last = WG_ABSENT; /* its memory has another owner now */
    }
}

static void give_back(placing *s, uint32_t now)
{
    for (uint32_t k = s->dying[now]; k; k = s->next[k - 1]) {
        const wg_value *v = &s->g->value[k - 1];
        if (v->last == now && bytes_of(v)) give(&s->space, (size_t)s->g->base[k - 1], bytes_of(v));
    }
}

/* What a group reads and writes, as wg__fetch_inputs. */
static void fetch_values(const wg_program *g, const wg_step *step)
{
    uint32_t n = step->kind == WG_S_GROUP ? step->n_operands + step->n_stored : 0;
    for (uint32_t o = 0; o < n; o++) __builtin_prefetch(&g->value[step->operand[o].value]);
}

static void place_all(placing *s)
{
    wg_program *g = s->g;
    for (uint32_t i = 0; i < g->steps; i++) {
        wg_step *step = &g->step[i];
        if (i + 1 < g->steps) fetch_values(g, step + 1);
        if (step->head != WG_ABSENT && g->value[step->head].stored) place_value(s, step->head);
        if (step->kind == WG_S_GROUP) place_group(s, step, i);
        else place_value(s, step->value);
        if (step->shared) step->shared_at = take(&s->space, rounded(step->shared));
        if (s->p->without & WG_PASS_REUSE) continue;
        if (step->shared) give(&s->space, step->shared_at, rounded(step->shared));
        give_back(s, i);
    }
    g->bytes = s->space.end;
}

bool wg__program_memory(wg_plan *p, wg_program *g)
{
    wg_stock *stock = g->arena.stock;
    placing *s = wg__alloc(sizeof *s);
    if (s) {
        *s = (placing){.p = p, .g = g};
        s->dying = wg__take_zeroed(stock, wg__mul(g->steps + 2, sizeof *s->dying));
        s->next = wg__take(stock, wg__mul(g->values, sizeof *s->next));
    }
    g->base = wg__take_zeroed(stock, wg__mul(g->values, sizeof *g->base));
    bool done = s && s->dying && s->next && g->base;
    if (done) {
        find_last(p, g);
        uint32_t fails = last_that_fails(g);
        for (size_t i = 0; !(p->without & WG_PASS_INPLACE) && i < p->commits; i++)
            settle(g, p->commit[i].effect, p->commit[i].param, fails);
        place_all(s);
    } else {
        wg__plan_fail(p, WG_ENOMEM, "out of memory while planning");
    }
    if (s) {
        wg__put(stock, s->dying);
        wg__put(stock, s->next);
    }
    wg__free(s);
    return done;
}

/* group.c -- from values to steps. Values are taken from the last to the first, each as late as those that read it allow:
 * an elementwise value joins the group of its shape that is nearest to its readers, so that the slope of an activation
 * is computed beside the cotangent that it multiplies, and forward and reverse chains over the same values are one pass.
 * Steps come out back to front; a value's step number is never smaller than its readers', so no order can be broken. */
#include "plan/plan.h"

#include "base/array.h"
#include "base/shape.h"

enum { TILE_BYTES = 1 << 16, TILE_EVEN = 64 }; /* of all that a tile reads and writes; elements */
enum { NEAR = 8, AHEAD = 24 }; /* open groups of one shape that are looked at; values that are fetched before it is their turn */

typedef struct shape_groups { /* the last few groups of one shape that are not full, by step */
    const wg_shape *shape;
    uint32_t step[NEAR], n;
} shape_groups;

typedef struct grouping {
    wg_plan *p;
    wg_program *g;
    uint32_t *size;             /* by step: members of a group, 0 for other steps; HEADED: and it has a head */
    uint32_t *tail;             /* by step: its member found last */
    uint32_t *place;            /* by value: where it is read, then the member found before it, then its place in the group: see below */
    shape_groups *open, *near;  /* by shape: a table that grows with the shapes there are; where the last one is in it */
    wg_operand *operand;        /* of the group that is being made ...             */
    uint8_t last[WG_GROUP_MAX]; /* ... by instruction: the last that reads its result */
    size_t width;               /* ... bytes of the widest number that it computes    */
    size_t slots, steps, used, members;
} grouping;

/* While steps are given out: place[] of a value that has none yet is the one group that reads it, NOWHERE, or MANY; its step
   is the least that it may get: the largest step number among its readers, WG_ABSENT where there is none. */
static const uint32_t HEADED = 1u << 31, NOWHERE = WG_ABSENT, MANY = WG_ABSENT - 1;

/* ---- kernels -------------------------------------------------------------------------------------------------------- */

/* The dtype whose kernel moves all that are as wide. */
static wg_dtype by_width(wg_dtype d)
{
    static const wg_dtype of[] = {[1] = WG_U8, [2] = WG_BF16, [4] = WG_F32, [8] = WG_F64};
    return of[wg_dtype_size(d)];
}

wg_kernel wg__kernel(const wg_plan *p, const wg_op *op, const wg_kernel (*table)[WG_DTYPES], wg_dtype d)
{
    if (!table) return NULL;
    if (op->by_width) d = by_width(d);
    return table[p->isa][d] ? table[p->isa][d] : table[WG_ISA_BASE][d];
}

wg_dtype wg__key_dtype(const wg_program *g, const wg_value *v, int key)
{
    uint32_t e = key >= 0 && (uint32_t)key < v->n ? g->edge[v->edge + (uint32_t)key] : WG_ABSENT;
    return (wg_dtype)(e == WG_ABSENT ? v->dtype : g->value[e].dtype);
}

static wg_kernel kernel_for(wg_plan *p, const wg_value *v, const wg_op *op, wg_dtype d)
{
    wg_kernel k = wg__kernel(p, op, op->kernel, d);
    if (!k) wg__plan_fail(p, WG_EDTYPE, "%s has no kernel for %s", v->op->name, wg_dtype_name(d));
    return k;
}

wg_kernel wg__kernel_of(wg_plan *p, const wg_program *g, const wg_value *v)
{
    const wg_op *op = v->op->kernel_of ? v->op->kernel_of : v->op;
    return kernel_for(p, v, op, wg__key_dtype(g, v, op->key));
}

bool wg__may_fail(const wg_program *g, const wg_value *v)
{
    const wg_op *op = v->op;
    return op->explain && (!op->fails || op->fails >> wg__key_dtype(g, v, op->key) & 1);
}

/* ---- which step -------------------------------------------------------------------------------------------------------- */

static shape_groups *slot_of(shape_groups *open, size_t slots, const wg_shape *shape)
{
    size_t i = wg__hash((uint64_t)shape->rank, shape->dim, (size_t)shape->rank * sizeof *shape->dim) & (slots - 1);
    while (open[i].shape && !wg__dims_equal(open[i].shape, shape)) i = (i + 1) & (slots - 1);
    return &open[i];
}

/* Twice the slots, so that at least half of them are free. */
static bool more_slots(grouping *s)
{
    size_t slots = s->slots ? s->slots * 2 : 64;
    shape_groups *open = wg__alloc(wg__mul(slots, sizeof *open));
    for (size_t i = 0; open && i < s->slots; i++)
        if (s->open[i].shape) *slot_of(open, slots, s->open[i].shape) = s->open[i];
    if (!open) return false;
    wg__free(s->open);
    s->open = open;
    s->slots = slots;
    return true;
}

/* NULL: no memory. */
static shape_groups *groups_of(grouping *s, const wg_shape *shape)
{
    if (s->used && s->near->shape == shape) return s->near; /* as for the value before */
    if (s->used * 2 >= s->slots && !more_slots(s)) return NULL;
    s->near = slot_of(s->open, s->slots, shape);
    s->used += !s->near->shape;
    s->near->shape = shape;
    return s->near;
}

/* v, of group `step` or in a step of its own, reads e, whose root may be the head of a group: of `step`, if that is the first to read it
   and does so as it lies. */
static void read_block(grouping *s, const wg_value *v, uint32_t step, uint32_t e)
{
    uint32_t root = s->g->value[e].root, *place = &s->place[root];
    wg_value *r = &s->g->value[root];
    bool follows = wg__follows(s->g, v, e);
    uint32_t least = follows ? step : step + 1;
    r->stored |= !follows || (*place != NOWHERE && *place != step);
    if (r->step == WG_ABSENT || r->step < least) *place = follows ? step : MANY;
    else if (r->step == least && follows) *place = step;
    if (r->step == WG_ABSENT || r->step < least) r->step = least;
    if (r->last > step) r->last = step;
}

/* Choices, not branches: of a graph with reuse the processor can guess none of them. */
static void read_by(grouping *s, const wg_value *v, uint32_t step)
{
    wg_value *value = s->g->value;
    const uint32_t *in = s->g->edge + v->edge, n = v->n;
    const bool grouped = v->role == WG_R_GROUP, own = grouped | (s->size[step] == 0), some = v->op->shape_only; /* own: no head */
    for (uint32_t i = 0; i < n; i++) {
        uint32_t e = in[i];
        if (e == WG_ABSENT || (some && wg__shape_only(v->op, i))) continue;
        uint32_t root = value[e].root, place = s->place[root];
        wg_value *r = &value[root];
        if (r->role == WG_R_STEP && r->op->region) {
            read_block(s, v, step, e);
            continue;
        }
        bool itself = (e == root) & (r->role != WG_R_JOINT) & own, within = itself & grouped & ((place == NOWHERE) | (place == step));
        uint32_t least = step + !itself;                     /* through a view, of what has parts, by a head: after all of root is there */
        r->step = r->step + 1 < least + 1 ? least : r->step; /* WG_ABSENT + 1 is 0 */
        r->last = r->last < step ? r->last : step;
        s->place[root] = within ? step : MANY;
    }
}

/* A joint is there when its parts are. */
static void read_parts(grouping *s, wg_value *v)
{
    for (uint32_t i = 0; i < v->n && v->step != WG_ABSENT; i++) {
        uint32_t e = s->g->edge[v->edge + i];
        wg_value *part = &s->g->value[e];
        if (part->step != WG_ABSENT && part->step >= v->step) continue;
        part->step = v->step;
        if (part->op->region) s->place[e] = MANY;
    }
    v->step = WG_ABSENT; /* it has none of its own */
}

static uint32_t open_step(grouping *s)
{
    uint32_t step = (uint32_t)s->steps++;
    s->size[step] = 0;
    s->tail[step] = WG_ABSENT;
    return step;
}

static void close_group(shape_groups *near, uint32_t i)
{
    near->n--;
    for (; i < near->n; i++) near->step[i] = near->step[i + 1];
}

static uint32_t group_for(grouping *s, uint32_t k)
{
    const wg_value *v = &s->g->value[k];
    uint32_t least = v->step == WG_ABSENT ? 0 : v->step, i = 0;
    if (s->p->without & WG_PASS_FUSE) return open_step(s);
    shape_groups *near = groups_of(s, v->shape);
    if (!near) return WG_ABSENT;
    while (i < near->n && near->step[i] < least) i++;
    if (i == NEAR) close_group(near, 0), i--;
    if (i == near->n) near->step[near->n++] = open_step(s);
    uint32_t step = near->step[i];
    if ((s->size[step] & ~HEADED) == WG_GROUP_MAX - 1) close_group(near, i); /* full now */
    return step;
}

/* Of a group with the head k, as far as its values are found: how many have memory, and how many arrays as large as theirs it reads else. */
static void streams_of(const grouping *s, uint32_t step, uint32_t k, uint32_t *written, uint32_t *read)
{
    const wg_program *g = s->g;
    *written = *read = 0;
    for (uint32_t m = s->tail[step]; m != WG_ABSENT; m = s->place[m]) {
        const wg_value *v = &g->value[m];
        *written += v->stored;
        for (uint32_t i = 0; i < v->n; i++) {
            uint32_t e = g->edge[v->edge + i], before = s->tail[step]; /* members come in their order */
            while (before != m && before != e) before = s->place[before];
            const wg_value *x = &g->value[e];
            *read += before == m && x->root != k && wg_shape_count(*x->shape) == wg_shape_count(*v->shape);
        }
    }
}

/* *step: the group whose head k is; WG_ABSENT: of none. false: no memory. */
static bool head_of(grouping *s, uint32_t k, uint32_t *step)
{
    wg_program *g = s->g;
    wg_value *v = &g->value[k];
    uint32_t at = s->place[k], written, read;
    *step = WG_ABSENT;
    if (!v->op->region || v->step == WG_ABSENT || at != v->step || s->p->without & (WG_PASS_EPILOGUE | WG_PASS_FUSE)) return true;
    if (wg__may_fail(g, v)) return wg__note(g, WG_N_FAILS, k, 1);
    if (s->size[at] & HEADED) return wg__note(g, WG_N_LONE, k, 1);
    v->stored |= v->output || v->inside;
    if (!wg__head_is_near(g, v, at, s->steps)) return wg__note(g, WG_N_KEEPS, k, 1);
    streams_of(s, at, k, &written, &read);
    if (written > 1) return wg__note(g, WG_N_STREAMS, k, 1);
    wg_step trial = {.head = WG_ABSENT};
    if (!wg__make_head(s->p, g, &trial, k)) return true; /* it will fail again, and say why */
    if (trial.work->flops > 0 && read > 0) return wg__note(g, WG_N_STREAMS, k, 1);
    if (!wg__head_lies_well(&trial)) return wg__note(g, WG_N_SHORT, k, 1);
    s->size[at] |= HEADED;
    *step = at;
    return true;
}

/* Values that are read outside of their group need memory. */
static bool assign_steps(grouping *s)
{
    wg_program *g = s->g;
    for (size_t i = g->orders; i-- > 0;) {
        uint32_t k = g->order[i];
        if (i >= AHEAD) wg__fetch_inputs(g, &g->value[g->order[i - AHEAD]]);
        wg_value *v = &g->value[k];
        if (v->role == WG_R_JOINT) {
            read_parts(s, v);
            continue;
        }
        uint32_t step = WG_ABSENT;
        bool whole = true; /* there was memory */
        if (v->role == WG_R_GROUP) step = group_for(s, k);
        else if ((whole = head_of(s, k, &step)) && step == WG_ABSENT) step = open_step(s), v->stored = true;
        if (!whole || step == WG_ABSENT) return wg__plan_fail(s->p, WG_ENOMEM, "out of memory while planning"), false;
        v->step = step;
        v->stored |= v->output | v->inside | ((s->place[k] != NOWHERE) & (s->place[k] != step));
        s->size[step] += v->role == WG_R_GROUP;
        s->members += v->role == WG_R_GROUP;
        s->place[k] = s->tail[step];
        s->tail[step] = k;
        read_by(s, v, step);
    }
    return true;
}

/* ---- groups ---------------------------------------------------------------------------------------------------------------- */

static const wg_layout *keep_layout(grouping *s, const wg_layout *l)
{
    wg_layout *kept = wg__arena_get(&s->g->arena, sizeof *kept);
    if (kept) *kept = *l;
    else wg__plan_fail(s->p, WG_ENOMEM, "out of memory while planning");
    return kept;
}

/* The layout of value e over the group's shape, where that is neither packed nor one number. */
static bool place_operand(grouping *s, const wg_step *step, const wg_shape *over, wg_operand *o)
{
    const wg_value *v = &s->g->value[o->value];
    o->access = WG_A_DIRECT;
    if (step->head != WG_ABSENT && v->root == step->head && !s->g->value[v->root].stored) return o->access = WG_A_HEAD, true;
    if (wg__packed(v) && (v->shape == over || step->elements == 1)) return true;
    wg_layout x = wg__layout_of(v), y = wg__spread(&x, over), z = wg__joined(&y);
    bool still = true;
    for (int i = 0; i < z.shape.rank; i++) still &= z.stride[i] == 0;
    if (still && (z.shape.rank || step->elements != 1)) o->access = WG_A_SCALAR;
    else if (z.shape.rank > 1 || (z.shape.rank == 1 && z.stride[0] != 1)) o->access = WG_A_GATHER;
    return o->access != WG_A_GATHER || (o->layout = keep_layout(s, &z)) != NULL;
}

/* Finds or adds the operand of step that reads value e. */
static bool operand_for(grouping *s, wg_step *step, const wg_value *reader, uint32_t index, uint32_t e, uint16_t *ref)
{
    uint32_t at = s->place[e];
    if (at >= step->n_operands || s->operand[at].value != e) { /* else it is there: place[e] may hold anything */
        at = s->place[e] = step->n_operands++;
        s->operand[at] = (wg_operand){.value = e, .first = (uint8_t)index};
        if (!place_operand(s, step, reader->shape, &s->operand[at])) return false;
        step->n_gathered += s->operand[at].access == WG_A_GATHER;
    }
    s->operand[at].last = (uint8_t)index;
    *ref = (uint16_t)at;
    return true;
}

#define SAME(d)                                                                                                                            \
    {                                                                                                                                      \
        d, d, d, d, d                                                                                                                      \
    }
static const wg_dtype same[WG_DTYPES][5] = {SAME(0),     SAME(WG_F32),  SAME(WG_F64),  SAME(WG_I64), SAME(WG_I32),
                                            SAME(WG_U8), SAME(WG_BOOL), SAME(WG_BF16), SAME(WG_F16)};

static const wg_dtype *dtypes_of(grouping *s, const wg_value *v)
{
    wg_dtype *d = wg__arena_get(&s->g->arena, sizeof same[0]);
    for (uint32_t i = 0; d && i < v->n; i++) d[i] = (wg_dtype)s->g->value[s->g->edge[v->edge + i]].dtype;
    if (d) d[v->n] = (wg_dtype)v->dtype;
    else wg__plan_fail(s->p, WG_ENOMEM, "out of memory while planning");
    return d;
}

static size_t widest(size_t width, unsigned dtype) { return width > wg__width(dtype) ? width : wg__width(dtype); }

static bool make_instr(grouping *s, wg_step *step, uint32_t index, wg_instr *in)
{
    const wg_value *value = s->g->value, *v = &value[in->value];
    const uint32_t *edge = s->g->edge + v->edge, n = v->n;
    bool alike = true;
    for (uint32_t i = 0; i < n; i++) {
        uint32_t e = edge[i];
        const wg_value *x = &value[e];
        alike &= x->dtype == v->dtype;
        if (x->role == WG_R_GROUP && x->step == v->step) {
            s->last[s->place[e]] = (uint8_t)index;
            in->in[i] = (uint16_t)(WG_RESULT + s->place[e]);
        } else if (!operand_for(s, step, v, index, e, &in->in[i])) {
            return false;
        }
    }
    s->last[index] = (uint8_t)index;
    s->width = widest(s->width, v->dtype);
    in->attrs = v->attrs;
    in->n = (uint16_t)n;
    in->dtype = alike ? same[v->dtype] : dtypes_of(s, v);
    in->kernel = alike && !v->op->kernel_of ? kernel_for(s->p, v, v->op, (wg_dtype)v->dtype) : wg__kernel_of(s->p, s->g, v);
    step->fails |= wg__may_fail(s->g, v);
    return in->kernel && in->dtype;
}

/* Tiles of per-thread scratch for what lies between: taken when written, given back after the last reading. */
typedef struct slots {
    uint64_t taken[(WG_GROUP_MAX * 5 + 63) / 64];
    uint32_t count;
} slots;

static uint8_t take_slot(slots *s)
{
    uint32_t word = 0;
    while (!~s->taken[word]) word++;
    uint32_t i = word * 64 + (uint32_t)__builtin_ctzll(~s->taken[word]);
    s->taken[word] |= 1ull << i % 64;
    if (i >= s->count) s->count = i + 1;
    return (uint8_t)i;
}

static void give_slot(slots *s, uint32_t i) { s->taken[i / 64] &= ~(1ull << i % 64); }

/* Slots of what instruction i reads; those that nothing reads later are free again. Its references are final then. */
static void settle_inputs(const grouping *of, const wg_step *step, slots *s, uint32_t i)
{
    wg_instr *in = &step->instr[i];
    for (int a = 0; a < in->n; a++) {
        uint16_t ref = in->in[a];
        const wg_operand *o = &of->operand[ref];
        if (ref >= WG_RESULT) {
            in->in[a] = step->instr[ref - WG_RESULT].out;
            if (in->in[a] >= WG_SLOT && of->last[ref - WG_RESULT] == i) give_slot(s, in->in[a] - WG_SLOT);
        } else if (o->access == WG_A_HEAD) {
            in->in[a] = WG_HEAD;
        } else if (o->access != WG_A_DIRECT) {
            in->in[a] = (uint16_t)(WG_SLOT + o->slot);
            if (o->access == WG_A_GATHER && o->last == i) give_slot(s, o->slot);
        }
    }
}

/* Where the result of instruction i goes: to its own memory, or to a slot: for good, or to be written from there in its layout. */
static uint16_t place_result(const wg_program *g, wg_step *step, slots *s, wg_operand *operand, uint32_t i)
{
    uint32_t k = step->instr[i].value, at = step->n_operands + step->n_stored;
    const wg_value *v = &g->value[k];
    bool strided = v->inside && v->layout;
    if (v->stored) {
        operand[at] = (wg_operand){.value = k, .first = (uint8_t)i, .layout = v->layout};
        step->n_stored++;
        step->n_scattered += strided;
    }
    if (v->stored && !strided) return (uint16_t)at;
    uint8_t slot = take_slot(s);
    if (strided) operand[at].access = WG_A_SCATTER, operand[at].slot = slot;
    return (uint16_t)(WG_SLOT + slot);
}

/* A tile is what fits the nearest caches: the slots, packed as closely as the widest number allows, and a stretch of each array. */
static void place_tiles(const grouping *of, wg_step *step, uint32_t taken)
{
    size_t width = of->width, arrays = taken + step->n_stored;
    for (uint32_t i = 0; i < step->n_operands; i++) {
        const wg_operand *o = &of->operand[i];
        arrays += o->access == WG_A_DIRECT; /* others have slots */
        width = widest(width, of->g->value[o->value].dtype);
    }
    int64_t room = (int64_t)(TILE_BYTES / (width * arrays)) / TILE_EVEN * TILE_EVEN;
    step->tile = room > WG_TILE ? WG_TILE : room < WG_TILE / 4 ? WG_TILE / 4 : room;
    int64_t longest = step->elements < step->tile ? step->elements : step->tile;
    step->slot_bytes = ((size_t)longest * width + 63) / 64 * 64;
    step->scratch = taken * step->slot_bytes;
}

static void place_slots(const grouping *of, wg_step *step)
{
    slots s = {.count = 0};
    wg_operand *operand = of->operand;
    for (uint32_t o = 0; step->elements != 1 && o < step->n_operands; o++)
        if (operand[o].access == WG_A_SCALAR) operand[o].slot = take_slot(&s); /* filled once, kept throughout */
    for (uint32_t i = 0, o = 0; i < step->count; i++) {
        wg_instr *in = &step->instr[i];
        for (; step->n_gathered && o < step->n_operands && operand[o].first == i; o++)
            if (operand[o].access == WG_A_GATHER) operand[o].slot = take_slot(&s);
        in->out = place_result(of->g, step, &s, operand, i);
        settle_inputs(of, step, &s, i);
        if (in->out >= WG_SLOT && of->last[i] == i) give_slot(&s, in->out - WG_SLOT);
    }
    place_tiles(of, step, s.count);
}

/* Its values stand in step->instr. */
static bool make_group(grouping *s, wg_step *step)
{
    wg_program *g = s->g;
    step->kind = WG_S_GROUP;
    step->elements = wg__elements(g->value[step->instr->value].shape);
    step->value = step->instr[step->count - 1].value;
    s->width = 1;
    for (uint32_t i = 0; i < step->count; i++)
        if (!make_instr(s, step, i, &step->instr[i])) return false;
    place_slots(s, step);
    size_t bytes = (step->n_operands + step->n_stored) * sizeof *step->operand;
    step->operand = wg__arena_get(&g->arena, bytes);
    if (!step->operand) return wg__plan_fail(s->p, WG_ENOMEM, "out of memory while planning"), false;
    if (bytes) memcpy(step->operand, s->operand, bytes);
    step->units = (step->elements + step->tile - 1) / step->tile;
    step->cost = (double)step->elements * (0.3 * (double)step->count + 0.3 * (double)step->n_operands);
    return true;
}

/* ---- the pass --------------------------------------------------------------------------------------------------------------------- */

static bool make_headed(grouping *s, wg_step *step)
{
    if (!wg__make_head(s->p, s->g, step, step->head)) return false;
    wg_step block = *step;
    step->fails = false;
    if (!make_group(s, step)) return false;
    wg__settle_head(s->g, step, &block);
    return true;
}

/* Steps are counted from the first one from here on. */
static void number(const grouping *s, uint32_t k, size_t step)
{
    wg_value *v = &s->g->value[k];
    v->step = (uint32_t)step;
    v->last = v->last == WG_ABSENT ? v->step : (uint32_t)(s->steps - 1 - v->last);
}

/* The values of a group, in the order of computing. */
static void list_members(grouping *s, wg_step *step, uint32_t back, size_t i)
{
    for (uint32_t k = s->tail[back], next; k != WG_ABSENT; k = next) {
        next = s->place[k];
        s->place[k] = step->count;
        number(s, k, i);
        wg__fetch_inputs(s->g, &s->g->value[k]);
        if (s->g->value[k].role == WG_R_STEP) {
            step->head = k;
            continue;
        }
        step->instr[step->count++].value = k;
    }
}

static bool build(grouping *s)
{
    wg_plan *p = s->p;
    wg_program *g = s->g;
    g->steps = s->steps;
    g->step = wg__arena_get(&g->arena, wg__mul(s->steps, sizeof *g->step));
    g->instr = wg__take(g->arena.stock, wg__mul(s->members, sizeof *g->instr));
    if (!g->step || !g->instr) return wg__plan_fail(p, WG_ENOMEM, "out of memory while planning"), false;
    wg_instr *instr = g->instr;
    for (size_t i = 0; i < s->steps; i++) {
        wg_step *step = &g->step[i];
        uint32_t back = (uint32_t)(s->steps - 1 - i);
        bool done;
        step->value = s->tail[back];
        step->head = WG_ABSENT;
        if (s->size[back]) {
            step->instr = instr;
            list_members(s, step, back, i);
            instr += step->count;
            done = step->head == WG_ABSENT ? make_group(s, step) : make_headed(s, step);
        } else {
            const wg_op *op = g->value[step->value].op;
            number(s, step->value, i);
            done = op->kind == WG_REDUCE || op->core ? wg__make_rows(p, g, step) : wg__make_block(p, g, step);
        }
        if (!done) return false;
        if (step->inputs) step->many = g->many, g->many = step;
        step->parallel = step->cost > 10000 && step->units > 1;
        g->any_parallel |= step->parallel;
        if (step->scratch > g->scratch) g->scratch = step->scratch;
    }
    return true;
}

bool wg__program_steps(wg_plan *p, wg_program *g)
{
    wg_stock *stock = g->arena.stock;
    grouping s = {.p = p, .g = g};
    s.place = wg__take(stock, wg__mul(g->values, sizeof *s.place));
    s.size = wg__take(stock, wg__mul(g->orders + 1, sizeof *s.size));
    s.tail = wg__take(stock, wg__mul(g->orders + 1, sizeof *s.tail));
    s.operand = wg__alloc(WG_GROUP_MAX * 5 * sizeof *s.operand);
    bool done = s.place && s.size && s.tail && s.operand;
    if (!done) wg__plan_fail(p, WG_ENOMEM, "out of memory while planning");
    if (done) memset(s.place, 0xff, g->values * sizeof *s.place);
    for (size_t i = 0; done && i < p->commits; i++) g->value[g->value[p->commit[i].effect].root].stored = true;
    done = done && assign_steps(&s) && build(&s);
    wg__put(stock, s.place);
    wg__put(stock, s.size);
    wg__put(stock, s.tail);
    wg__free(s.open);
    wg__free(s.operand);
    return done;
}

/* group.c -- from values to steps. Values are taken from the last to the first, each as late as those that read it allow:
 * an elementwise value joins the group of its shape that is nearest to its readers, so that the slope of an activation
 * is computed beside the cotangent that it multiplies, and forward and reverse chains over the same values are one pass.
 * Steps come out back to front; a value's step number is never smaller than its readers', so no order can be broken. */
#include "plan/plan.h"

#include "base/shape.h"

enum { NEAR = 8 }; /* open groups of one shape that are looked at */

typedef struct shape_groups { /* the last few groups of one shape */
    const wg_shape *shape;
    uint32_t step[NEAR], count;
} shape_groups;

typedef struct grouping {
    wg_plan *p;
    wg_program *g;
    uint32_t *least; /* by root: the largest step number among its readers */
    uint32_t *size;  /* by step: members of a group, 0 for other steps */
    uint32_t *tail;  /* by step: its member found last */
    uint32_t *next;  /* by value: the member found before it */
    shape_groups *open;
    wg_operand *operand; /* of the group that is being made */
    size_t slots, steps, used;
} grouping;

/* ---- kernels -------------------------------------------------------------------------------------------------------- */

static wg_dtype by_width(wg_dtype d) { return wg_dtype_size(d) == 4 ? WG_F32 : wg_dtype_size(d) == 8 ? WG_F64 : WG_U8; }

wg_kernel wg__kernel(const wg_plan *p, const wg_op *op, const wg_kernel (*table)[WG_DTYPES], wg_dtype d)
{
    if (!table) return NULL;
    if (op->by_width) d = by_width(d);
    return table[p->isa][d] ? table[p->isa][d] : table[WG_ISA_BASE][d];
}

static wg_dtype key_dtype(const wg_program *g, const wg_value *v, int key)
{
    uint32_t e = key >= 0 && (uint32_t)key < v->n ? g->edge[v->edge + (uint32_t)key] : WG_ABSENT;
    return (wg_dtype)(e == WG_ABSENT ? v->dtype : g->value[e].dtype);
}

static wg_kernel kernel_of(wg_plan *p, const wg_program *g, const wg_value *v)
{
    const wg_op *op = v->op->kernel_of ? v->op->kernel_of : v->op;
    wg_dtype d = key_dtype(g, v, op->key);
    wg_kernel k = wg__kernel(p, op, op->kernel, d);
    if (!k) wg__plan_fail(p, WG_EDTYPE, "%s has no kernel for %s", v->op->name, wg_dtype_name(d));
    return k;
}

bool wg__may_fail(const wg_program *g, const wg_value *v)
{
    const wg_op *op = v->op;
    return op->explain && (!op->fails || op->fails >> key_dtype(g, v, op->key) & 1);
}

/* ---- which step -------------------------------------------------------------------------------------------------------- */

static shape_groups *groups_of(grouping *s, const wg_shape *shape)
{
    size_t i = wg__hash((uint64_t)shape->rank, shape->dim, (size_t)shape->rank * sizeof *shape->dim) & (s->slots - 1);
    while (s->open[i].shape && !wg__dims_equal(s->open[i].shape, shape)) i = (i + 1) & (s->slots - 1);
    if (!s->open[i].shape) s->used++;
    s->open[i].shape = shape;
    return &s->open[i];
}

static bool shape_only(const wg_value *v, uint32_t i) { return v->op->variadic ? v->op->shape_only & 1u : v->op->shape_only >> i & 1u; }

static void read_by(grouping *s, const wg_value *v, uint32_t step)
{
    for (uint32_t i = 0; i < v->n; i++) {
        uint32_t e = s->g->edge[v->edge + i];
        if (e == WG_ABSENT || shape_only(v, i)) continue;
        uint32_t root = s->g->value[e].root, least = e == root ? step : step + 1; /* through a view: after all of root is there */
        if (s->least[root] == WG_ABSENT || s->least[root] < least) s->least[root] = least;
    }
}

static uint32_t open_step(grouping *s, uint32_t k)
{
    uint32_t step = (uint32_t)s->steps++;
    s->size[step] = 0;
    s->tail[step] = WG_ABSENT;
    (void)k;
    return step;
}

static uint32_t group_for(grouping *s, uint32_t k)
{
    const wg_value *v = &s->g->value[k];
    uint32_t least = s->least[k] == WG_ABSENT ? 0 : s->least[k], best = WG_ABSENT;
    if (s->p->without & WG_PASS_FUSE) return open_step(s, k);
    shape_groups *near = groups_of(s, v->shape);
    for (uint32_t i = 0; i < near->count && i < NEAR; i++) {
        uint32_t step = near->step[i];
        if (step >= least && step < best && s->size[step] < WG_GROUP_MAX) best = step;
    }
    if (best != WG_ABSENT) return best;
    best = open_step(s, k);
    near->step[near->count++ % NEAR] = best;
    if (near->count >= 2 * NEAR) near->count -= NEAR; /* stays above NEAR, keeps its place in the ring */
    return best;
}

static void assign_steps(grouping *s)
{
    wg_program *g = s->g;
    for (size_t i = g->orders; i-- > 0;) {
        uint32_t k = g->order[i];
        wg_value *v = &g->value[k];
        uint32_t step = v->role == WG_R_GROUP ? group_for(s, k) : open_step(s, k);
        v->step = step;
        s->size[step] += v->role == WG_R_GROUP;
        s->next[k] = s->tail[step];
        s->tail[step] = k;
        read_by(s, v, step);
    }
}

/* ---- groups ---------------------------------------------------------------------------------------------------------------- */

/* Finds or adds the operand of step that reads value e. */
static uint16_t operand_for(wg_program *g, wg_step *step, const wg_shape *over, uint32_t e)
{
    for (uint32_t i = 0; i < step->n_operands; i++)
        if (step->operand[i].value == e) return (uint16_t)i;
    wg_layout x = wg__layout_of(&g->value[e]), y = wg__spread(&x, over);
    wg_operand *o = &step->operand[step->n_operands];
    *o = (wg_operand){.value = e, .layout = wg__joined(&y)};
    bool still = true;
    for (int i = 0; i < o->layout.shape.rank; i++) still &= o->layout.stride[i] == 0;
    o->access = o->layout.shape.rank == 0 || (o->layout.shape.rank == 1 && o->layout.stride[0] == 1) ? WG_A_DIRECT : WG_A_GATHER;
    if (still && (o->layout.shape.rank || step->elements != 1)) o->access = WG_A_SCALAR;
    return (uint16_t)step->n_operands++;
}

static bool make_instr(wg_plan *p, wg_program *g, wg_step *step, uint32_t index, wg_instr *in)
{
    uint32_t k = g->member[step->first + index];
    const wg_value *v = &g->value[k];
    *in = (wg_instr){.value = k, .kernel = kernel_of(p, g, v), .n = (uint16_t)v->n};
    for (uint32_t i = 0; i < v->n; i++) {
        uint32_t e = g->edge[v->edge + i];
        const wg_value *x = &g->value[e];
        in->dtype[i] = (wg_dtype)x->dtype;
        if (x->role == WG_R_GROUP && x->step == v->step) {
            uint32_t at = 0;
            while (g->member[step->first + at] != e) at++; /* at most WG_GROUP_MAX */
            in->in[i] = (uint16_t)(WG_RESULT + at);
        } else {
            in->in[i] = operand_for(g, step, v->shape, e);
            step->operand[in->in[i]].last = (uint16_t)index;
        }
    }
    in->dtype[v->n] = (wg_dtype)v->dtype;
    return in->kernel != NULL;
}

/* Tiles of per-thread scratch for what lies between: taken when written, given back after the last reading. */
typedef struct slots {
    bool taken[WG_GROUP_MAX * 5];
    uint32_t count;
} slots;

static uint16_t take_slot(slots *s)
{
    uint32_t i = 0;
    while (s->taken[i]) i++;
    s->taken[i] = true;
    if (i >= s->count) s->count = i + 1;
    return (uint16_t)i;
}

static void give_back(const wg_program *g, const wg_step *step, slots *s, const uint32_t *last, uint32_t index)
{
    for (uint32_t i = 0; i < step->n_operands; i++) {
        const wg_operand *o = &step->operand[i];
        if (o->access == WG_A_GATHER && o->last == index) s->taken[o->slot] = false;
    }
    for (uint32_t i = 0; i <= index; i++)
        if (last[i] == index && !g->value[step->instr[i].value].stored) s->taken[step->instr[i].slot] = false;
}

static void place_slots(wg_program *g, wg_step *step)
{
    slots s = {.count = 0};
    uint32_t last[WG_GROUP_MAX]; /* by instruction: the last that reads its result */
    for (uint32_t i = 0; i < step->count; i++) {
        last[i] = i;
        for (int a = 0; a < step->instr[i].n; a++)
            if (step->instr[i].in[a] >= WG_RESULT) last[step->instr[i].in[a] - WG_RESULT] = i;
    }
    bool gathered[WG_GROUP_MAX * 4] = {false};
    for (uint32_t i = 0; i < step->n_operands; i++)
        if (step->operand[i].access == WG_A_SCALAR) step->operand[i].slot = take_slot(&s); /* filled once, kept throughout */
    for (uint32_t i = 0; i < step->count; i++) {
        wg_instr *in = &step->instr[i];
        for (int a = 0; a < in->n; a++) {
            if (in->in[a] >= WG_RESULT) continue;
            wg_operand *o = &step->operand[in->in[a]];
            if (o->access == WG_A_GATHER && !gathered[in->in[a]]) o->slot = take_slot(&s), gathered[in->in[a]] = true;
        }
        if (!g->value[in->value].stored) in->slot = take_slot(&s);
        give_back(g, step, &s, last, i);
    }
    step->n_slots = s.count;
    step->tile = s.count <= 8 ? WG_TILE : s.count <= 16 ? WG_TILE / 2 : WG_TILE / 4;
    step->scratch = (size_t)s.count * (size_t)step->tile * sizeof(double);
}

static bool make_group(grouping *s, wg_step *step)
{
    wg_plan *p = s->p;
    wg_program *g = s->g;
    const wg_value *v = &g->value[g->member[step->first]];
    step->kind = WG_S_GROUP;
    step->elements = wg_shape_count(*v->shape);
    step->value = g->member[step->first + step->count - 1];
    step->instr = wg__arena_get(&g->arena, step->count * sizeof *step->instr);
    if (!step->instr) return wg__plan_fail(p, WG_ENOMEM, "out of memory while planning"), false;
    step->operand = s->operand;
    for (uint32_t i = 0; i < step->count; i++) {
        if (!make_instr(p, g, step, i, &step->instr[i])) return false;
        step->fails |= wg__may_fail(g, &g->value[step->instr[i].value]);
    }
    step->operand = wg__arena_get(&g->arena, step->n_operands * sizeof *step->operand);
    if (step->n_operands && !step->operand) return wg__plan_fail(p, WG_ENOMEM, "out of memory while planning"), false;
    if (step->n_operands) memcpy(step->operand, s->operand, step->n_operands * sizeof *step->operand);
    place_slots(g, step);
    step->units = (step->elements + step->tile - 1) / step->tile;
    step->cost = (double)step->elements * (0.3 * (double)step->count + 0.3 * (double)step->n_operands);
    return true;
}

/* ---- rows --------------------------------------------------------------------------------------------------------------------- */

static uint32_t core_mask(const wg_program *g, const wg_value *v)
{
    if (v->partial) return v->mask;
    wg_type type[2];
    wg_work w = {.op = v->op, .attrs = v->attrs, .in = type, .n = (int)(v->n < 2 ? v->n : 2), .out = {(wg_dtype)v->dtype, v->shape}};
    for (int i = 0; i < w.n; i++) {
        uint32_t e = g->edge[v->edge + (uint32_t)i];
        type[i] = e == WG_ABSENT ? (wg_type){0, NULL} : (wg_type){(wg_dtype)g->value[e].dtype, g->value[e].shape};
    }
    if (v->op->kind == WG_REDUCE) return v->op->axes(&w);
    int axis = v->op->core(&w), rank = type[0].shape->rank;
    return rank ? 1u << (axis < 0 ? axis + rank : axis) : 0;
}

static void add_axis(wg_layout *l, int64_t size, int64_t stride)
{
    l->shape.dim[l->shape.rank] = size;
    l->stride[l->shape.rank++] = stride;
}

/* Columns side by side, read where they lie: one axis walks down them, the last axis that is kept goes on by one, and there is at most one
   more, of outer ones. The operand's layout becomes outer, down, side by side. */
static bool make_columns(wg_plan *p, const wg_program *g, wg_step *step, const wg_layout *kept, const wg_layout *row)
{
    const wg_value *v = &g->value[step->value];
    const wg_op *op = v->op->kernel_of ? v->op->kernel_of : v->op;
    wg_layout k = wg__joined(kept), r = wg__joined(row), *x = &step->operand[0].layout;
    wg_kernel kernel = wg__kernel(p, op, op->columns, key_dtype(g, v, op->key));
    int n = k.shape.rank;
    if (!kernel || v->partial || step->elements == 0 || r.shape.rank != 1 || n < 1 || n > 2 || k.stride[n - 1] != 1) return false;
    *x = (wg_layout){.shape = {.rank = 0}};
    add_axis(x, n == 2 ? k.shape.dim[0] : 1, n == 2 ? k.stride[0] : 0);
    add_axis(x, step->row, r.stride[0]);
    add_axis(x, k.shape.dim[n - 1], 1);
    step->kind = WG_S_COLUMNS;
    step->kernel = kernel;
    step->operand[0].access = WG_A_DIRECT;
    step->chunks = (x->shape.dim[2] - 1) / WG_COLUMNS + 1;
    step->units = x->shape.dim[0] * step->chunks;
    step->cost = (double)step->elements * 0.5;
    step->fails = wg__may_fail(g, v);
    return true;
}

static bool make_rows(wg_plan *p, wg_program *g, wg_step *step)
{
    const wg_value *v = &g->value[step->value];
    uint32_t from = g->edge[v->edge];
    const wg_value *x = &g->value[from];
    wg_layout l = wg__layout_of(x), rows = {.shape = {.rank = 0}}, part[2] = {rows, rows}; /* kept axes, the row's */
    uint32_t mask = x->partial ? 2u : core_mask(g, v);
    for (int i = 0; i < l.shape.rank; i++) add_axis(&part[mask >> i & 1], l.shape.dim[i], l.stride[i]);
    for (int i = 0; i < l.shape.rank; i++) {
        const wg_layout *from_part = &part[i >= part[0].shape.rank];
        int at = i < part[0].shape.rank ? i : i - part[0].shape.rank;
        add_axis(&rows, from_part->shape.dim[at], from_part->stride[at]);
    }
    step->units = wg_shape_count(part[0].shape);
    step->row = wg_shape_count(part[1].shape);
    step->kind = WG_S_ROWS;
    step->kernel = kernel_of(p, g, v);
    step->operand = wg__arena_get(&g->arena, sizeof *step->operand);
    if (!step->operand) return wg__plan_fail(p, WG_ENOMEM, "out of memory while planning"), false;
    step->n_operands = 1;
    step->elements = step->units * step->row;
    wg_layout joined = wg__joined(&rows);
    bool direct = joined.shape.rank == 0 || (joined.shape.rank == 1 && joined.stride[0] == 1) || step->elements == 0;
    step->operand[0].value = from;
    if (!direct && make_columns(p, g, step, &part[0], &part[1])) return step->kernel != NULL;
    step->operand[0] = (wg_operand){.value = from, .access = direct ? WG_A_DIRECT : WG_A_GATHER, .layout = joined};
    step->chunks = v->partial ? v->shape->dim[1] : 1;
    step->units *= step->chunks;
    int64_t piece = v->partial ? WG_CHUNK : step->row;
    step->tile = direct ? 1 : piece > 0 && piece < 4096 ? 4096 / piece : 1; /* rows gathered at a time */
    if (v->partial) step->tile = 1;
    if (!direct) step->scratch = wg__mul((size_t)(step->tile * piece), wg_dtype_size((wg_dtype)x->dtype));
    step->cost = (double)step->elements * (direct ? 0.5 : 1.5);
    step->fails = wg__may_fail(g, v);
    return step->kernel != NULL;
}

/* ---- blocks --------------------------------------------------------------------------------------------------------------------- */

static bool make_block(wg_plan *p, wg_program *g, wg_step *step)
{
    const wg_value *v = &g->value[step->value];
    wg_work *w = wg__arena_get(&g->arena, sizeof *w);
    wg_type *type = wg__arena_get(&g->arena, (v->n + 1) * sizeof *type);
    wg_layout *layout = v->op->strided ? wg__arena_get(&g->arena, (v->n + 1) * sizeof *layout) : NULL;
    wg_dtype *dtype = wg__arena_get(&g->arena, (v->n + 1) * sizeof *dtype);
    if (v->n > WG_FEW_INPUTS) step->inputs = wg__arena_get(&g->arena, v->n * sizeof *step->inputs);
    if (!w || !type || !dtype || (v->n > WG_FEW_INPUTS && !step->inputs) || (v->op->strided && !layout))
        return wg__plan_fail(p, WG_ENOMEM, "out of memory while planning"), false;
    for (uint32_t i = 0; i < v->n; i++) {
        uint32_t e = g->edge[v->edge + i];
        if (e == WG_ABSENT) continue;
        type[i] = (wg_type){(wg_dtype)g->value[e].dtype, g->value[e].shape};
        dtype[i] = type[i].dtype;
        if (layout) layout[i] = wg__layout_of(&g->value[e]);
    }
    dtype[v->n] = (wg_dtype)v->dtype;
    const wg_op *op = v->op->kernel_of ? v->op->kernel_of : v->op;
    *w = (wg_work){.op = v->op,
                   .attrs = v->attrs,
                   .in = type,
                   .n = (int)v->n,
                   .out = {(wg_dtype)v->dtype, v->shape},
                   .layout = layout,
                   .dtype = dtype,
                   .width = wg_dtype_size(key_dtype(g, v, op->key))};
    step->kind = WG_S_BLOCK;
    step->work = w;
    step->kernel = kernel_of(p, g, v);
    step->prepare = wg__kernel(p, op, op->prepare, key_dtype(g, v, op->key));
    if (!step->kernel) return false;
    if (!v->op->units(w)) return wg__plan_fail(p, WG_ENOMEM, "%s: its sizes do not fit memory", v->op->name), false;
    step->units = w->units;
    step->prepare_units = step->prepare ? w->prepare_units : 0;
    step->cost = w->cost * (double)w->units;
    step->scratch = w->scratch;
    step->shared = w->shared;
    step->fails = wg__may_fail(g, v);
    return true;
}

/* ---- the pass --------------------------------------------------------------------------------------------------------------------- */

/* Values that are read outside of their group need memory. */
static void mark_stored(wg_plan *p, wg_program *g)
{
    for (size_t i = 0; i < g->orders; i++) {
        uint32_t k = g->order[i];
        wg_value *v = &g->value[k];
        if (v->role == WG_R_STEP || v->output) v->stored = true;
        for (uint32_t j = 0; j < v->n; j++) {
            uint32_t e = g->edge[v->edge + j];
            if (e == WG_ABSENT || shape_only(v, j)) continue;
            wg_value *root = &g->value[g->value[e].root];
            if (e != g->value[e].root || root->step != v->step || v->role != WG_R_GROUP) root->stored = true;
        }
    }
    for (size_t i = 0; i < p->commits; i++) g->value[g->value[p->commit[i].effect].root].stored = true;
}

static bool build(grouping *s)
{
    wg_plan *p = s->p;
    wg_program *g = s->g;
    g->steps = s->steps;
    g->step = wg__arena_get(&g->arena, wg__mul(s->steps, sizeof *g->step));
    g->member = wg__alloc(wg__mul(g->orders, sizeof *g->member));
    if (!g->step || !g->member) return wg__plan_fail(p, WG_ENOMEM, "out of memory while planning"), false;
    for (size_t i = 0; i < g->orders; i++) g->value[g->order[i]].step = (uint32_t)(s->steps - 1 - g->value[g->order[i]].step);
    mark_stored(p, g);
    uint32_t first = 0;
    for (size_t i = 0; i < s->steps; i++) {
        wg_step *step = &g->step[i];
        uint32_t back = (uint32_t)(s->steps - 1 - i);
        bool done;
        step->value = s->tail[back];
        if (s->size[back]) {
            step->first = first;
            for (uint32_t k = s->tail[back]; k != WG_ABSENT; k = s->next[k]) g->member[first++] = k;
            step->count = first - step->first;
            done = make_group(s, step);
        } else {
            const wg_op *op = g->value[step->value].op;
            done = op->kind == WG_REDUCE || op->core ? make_rows(p, g, step) : make_block(p, g, step);
        }
        if (!done) return false;
        step->parallel = step->cost > 10000 && step->units > 1;
        g->any_parallel |= step->parallel;
        if (step->scratch > g->scratch) g->scratch = step->scratch;
    }
    return true;
}

bool wg__program_steps(wg_plan *p, wg_program *g)
{
    grouping s = {.p = p, .g = g, .slots = 64};
    while (s.slots < g->orders * 2) s.slots *= 2;
    s.least = wg__alloc(wg__mul(g->values, sizeof *s.least));
    s.next = wg__alloc(wg__mul(g->values, sizeof *s.next));
    s.size = wg__alloc(wg__mul(g->orders + 1, sizeof *s.size));
    s.tail = wg__alloc(wg__mul(g->orders + 1, sizeof *s.tail));
    s.open = wg__alloc(wg__mul(s.slots, sizeof *s.open));
    s.operand = wg__alloc(WG_GROUP_MAX * 4 * sizeof *s.operand);
    bool done = s.least && s.next && s.size && s.tail && s.open && s.operand;
    if (!done) wg__plan_fail(p, WG_ENOMEM, "out of memory while planning");
    if (done) memset(s.least, 0xff, g->values * sizeof *s.least);
    if (done) assign_steps(&s);
    done = done && build(&s);
    wg__free(s.least);
    wg__free(s.next);
    wg__free(s.size);
    wg__free(s.tail);
    wg__free(s.open);
    wg__free(s.operand);
    return done;
}

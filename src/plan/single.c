/* single.c -- steps of one value: a reduction or a row block, whose rows are read where they lie or are gathered, and a block,
 * whose op says how many units it is. */
#include "plan/plan.h"

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
static bool make_columns(wg_plan *p, const wg_program *g, wg_step *step, const wg_layout *kept, const wg_layout *row, wg_layout *x)
{
    const wg_value *v = &g->value[step->value];
    const wg_op *op = v->op->kernel_of ? v->op->kernel_of : v->op;
    wg_layout k = wg__joined(kept), r = wg__joined(row);
    wg_kernel kernel = wg__kernel(p, op, op->columns, wg__key_dtype(g, v, op->key));
    int n = k.shape.rank;
    if (!kernel || v->partial || step->elements == 0 || r.shape.rank != 1 || n < 1 || n > 2 || k.stride[n - 1] != 1) return false;
    *x = (wg_layout){.shape = {.rank = 0}};
    add_axis(x, n == 2 ? k.shape.dim[0] : 1, n == 2 ? k.stride[0] : 0);
    add_axis(x, step->row, r.stride[0]);
    add_axis(x, k.shape.dim[n - 1], 1);
    step->kind = WG_S_COLUMNS;
    step->kernel = kernel;
    step->chunks = (x->shape.dim[2] - 1) / WG_COLUMNS + 1;
    step->units = x->shape.dim[0] * step->chunks;
    step->cost = (double)step->elements * 0.5;
    step->fails = wg__may_fail(g, v);
    return true;
}

bool wg__make_rows(wg_plan *p, wg_program *g, wg_step *step)
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
    step->kernel = wg__kernel_of(p, g, v);
    step->operand = wg__arena_get(&g->arena, sizeof *step->operand);
    wg_layout *layout = wg__arena_get(&g->arena, sizeof *layout);
    if (!step->operand || !layout) return wg__plan_fail(p, WG_ENOMEM, "out of memory while planning"), false;
    step->n_operands = 1;
    step->elements = step->units * step->row;
    *layout = wg__joined(&rows);
    bool direct = layout->shape.rank == 0 || (layout->shape.rank == 1 && layout->stride[0] == 1) || step->elements == 0;
    *step->operand = (wg_operand){.value = from, .access = WG_A_DIRECT, .layout = layout};
    if (!direct && make_columns(p, g, step, &part[0], &part[1], layout)) return step->kernel != NULL;
    if (!direct) step->operand->access = WG_A_GATHER;
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

bool wg__make_block(wg_plan *p, wg_program *g, wg_step *step)
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
                   .width = wg_dtype_size(wg__key_dtype(g, v, op->key))};
    step->kind = WG_S_BLOCK;
    step->work = w;
    step->kernel = wg__kernel_of(p, g, v);
    step->prepare = wg__kernel(p, op, op->prepare, wg__key_dtype(g, v, op->key));
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

/* show.c -- the printed plan: what was grouped, what was copied and why, and the memory it takes. */
#include "plan/plan.h"

#include "base/shape.h"

static const char *label(const wg_plan *p, const wg_program *g, uint32_t k, char text[64])
{
    const wg_node *n = &p->tape->node[g->value[k].node];
    bool copy = k >= p->needs && !g->value[k].partial;
    if (n->name) snprintf(text, 64, "%s%s", copy ? "copy of " : "", n->name);
    else snprintf(text, 64, "%s%%%u", copy ? "copy of " : "", g->value[k].node);
    return text;
}

static const char *type_text(const wg_value *v, char text[128]) { return wg__show_type(text, (wg_type){(wg_dtype)v->dtype, v->shape}); }

/* Why a copy is there: the reader that could not take the layout. */
static const char *why_copied(const wg_value *v)
{
    return v->output ? "an output has packed memory of its own" : "its reader needs it packed, or it is committed";
}

static void show_value(FILE *to, const wg_plan *p, const wg_program *g, uint32_t k, const char *indent)
{
    char name[64], type[128];
    const wg_value *v = &g->value[k];
    fprintf(to, "%s%-24s %-14s : %s", indent, label(p, g, k, name), v->op->name, type_text(v, type));
    if (k >= p->needs && !v->partial) fprintf(to, "  (%s)", why_copied(v));
    if (v->again) fprintf(to, "  (again)");
    if (v->partial) fprintf(to, "  (first half: chunks of %d)", WG_CHUNK);
    if (v->output) fprintf(to, "  -> output");
    else if (v->inside) fprintf(to, "  -> part of %s", label(p, g, g->part[v->home].joint, name));
    else if (v->home) fprintf(to, "  -> %s", wg__plan_node(p, v->home - 1)->name);
    else if (v->stored) fprintf(to, "  -> arena+%zu", (size_t)((uintptr_t)g->base[k] - (uintptr_t)g->bound));
    fputc('\n', to);
}

static void show_step(FILE *to, const wg_plan *p, const wg_program *g, size_t i)
{
    const wg_step *s = &g->step[i];
    const char *split = s->parallel ? "split over threads" : "one thread";
    if (s->kind == WG_S_GROUP && s->head != WG_ABSENT) {
        fprintf(
            to,
            "%4zu block  %lld units, and of %lld at a time, while they are near, an epilogue of %u op%s, %u operands (%u gathered), %s\n",
            i, (long long)s->units, (long long)s->together, s->count, s->count == 1 ? "" : "s", s->n_operands, s->n_gathered, split);
        show_value(to, p, g, s->head, "       ");
        for (uint32_t k = 0; k < s->count; k++) show_value(to, p, g, s->instr[k].value, "         ");
        return;
    }
    if (s->kind == WG_S_GROUP) {
        fprintf(to, "%4zu group  %u op%s, %lld tiles of %lld, %u operands (%u gathered), %s\n", i, s->count, s->count == 1 ? "" : "s",
                (long long)s->units, (long long)s->tile, s->n_operands, s->n_gathered, split);
        for (uint32_t k = 0; k < s->count; k++) show_value(to, p, g, s->instr[k].value, "       ");
        return;
    }
    if (s->kind == WG_S_ROWS)
        fprintf(to, "%4zu rows   %lld of %lld%s, %s\n", i, (long long)s->units, (long long)s->row,
                s->operand->access == WG_A_GATHER ? " (gathered: they do not lie packed)" : "", split);
    else if (s->kind == WG_S_COLUMNS)
        fprintf(to, "%4zu columns %lld units of %lld, %s\n", i, (long long)s->units, (long long)s->row, split);
    else fprintf(to, "%4zu block  %lld units, %s\n", i, (long long)s->units, split);
    show_value(to, p, g, s->value, "       ");
}

static void show_note(FILE *to, const wg_plan *p, const wg_program *g, const wg_plan_note *n)
{
    static const char *const what[] = {"parts computed side by side",
                                       "products in one",
                                       "terms of a sum in one",
                                       "it may fail",
                                       "which has another block before it",
                                       "it reads or writes more arrays as large: memory sets its pace",
                                       "what its units write lies in short pieces",
                                       "its inputs would be kept for too long"};
    char name[64], type[128];
    const wg_value *v = &g->value[n->value];
    if (n->what >= WG_N_FAILS) {
        fprintf(to, "apart %s %s : %s from the group that reads it: %s\n", label(p, g, n->value, name), v->op->name, type_text(v, type),
                what[n->what]);
        return;
    }
    fprintf(to, "%-5s %s %s : %s is %u %s\n", n->what == WG_N_PARTS ? "join" : "stack", label(p, g, n->value, name), v->op->name,
            type_text(v, type), n->count, what[n->what]);
}

wg_status wg_plan_print(FILE *to, wg_plan *p)
{
    if (!p) return WG_EARG;
    for (size_t i = 0; i < p->feeds; i++)
        if (!p->feed[i].array.data) {
            const wg_node *n = wg__plan_node(p, p->feed[i].need);
            return wg__plan_fail(p, WG_EMISSING, "plan: input %s has no size yet: feed it first", n->name);
        }
    const wg_program *g = wg__program_for(p);
    if (!g) return p->fault.status;
    fprintf(to, "plan of %zu nodes: %zu steps, arena %zu bytes, outputs %zu bytes, scratch %zu bytes a thread\n", p->needs, g->steps,
            g->bytes, g->output_bytes, g->scratch);
    for (size_t i = 0; i < g->steps; i++) show_step(to, p, g, i);
    for (size_t i = 0; i < p->commits; i++) {
        bool there = wg__home(&g->value[g->value[p->commit[i].effect].root]) == p->commit[i].param + 1;
        fprintf(to, "commit %s%s\n", wg__plan_node(p, p->commit[i].param)->name, there ? " (where it is computed)" : "");
    }
    if (g->any_parallel) fprintf(to, "threads wait for each other before %zu of the steps\n", g->waits);
    for (size_t i = 0; i < g->notes; i++) show_note(to, p, g, &g->note[i]);
    static const char *const names[] = {"merge", "fuse", "inplace", "reuse", "join", "stack", "wait", "recompute", "epilogue"};
    for (int i = 0; i < 9; i++)
        if (p->without & 1u << i) fprintf(to, "without %s\n", names[i]);
    return ferror(to) ? WG_EIO : WG_OK;
}

/* plan.c -- a plan's life. */
#include "plan/plan.h"

#include <stdarg.h>

static void free_plan(wg_plan *p)
{
    for (int i = 0; i < WG_PROGRAMS; i++) wg__program_free(p->program[i]);
    for (size_t i = 0; i < p->feeds; i++) wg__free(p->feed[i].staged);
    wg__put(&p->tape->stock, p->need);
    wg__put(&p->tape->stock, p->edge);
    wg__free(p->output);
    wg__free(p->output_node);
    wg__free(p->feed);
    wg__free(p->commit);
    wg__put(&p->tape->stock, p->memory);
    wg__put(&p->tape->stock, p->output_memory);
    wg__put(&p->tape->stock, p->scratch);
    wg__free(p->timing.clock);
    wg__arena_free(&p->timing.report);
    wg__free(p->name);
    wg__free(p);
}

static void free_all(wg_tape *t)
{
    for (wg_plan *p = t->plans, *next; p; p = next) {
        next = p->next;
        free_plan(p);
    }
    t->plans = NULL;
}

void wg_plan_free(wg_plan *p)
{
    if (!p) return;
    for (wg_plan **at = &p->tape->plans; *at; at = &(*at)->next)
        if (*at == p) {
            wg_stock *stock = &p->tape->stock;
            *at = p->next;
            free_plan(p);
            wg__stock_shrink(stock); /* a reset keeps the memory of plans for those to come, this does not */
            return;
        }
}

/* The instruction set of that name, or the best one here. */
static bool choose_isa(wg_tape *t, const char *name, wg_isa *isa)
{
    char here[64] = "";
    size_t used = 0;
    *isa = WG_ISA_BASE;
    for (wg_isa i = WG_ISA_BASE; i < WG_ISAS; i++) {
        if (!wg__isa_here(i)) continue;
        *isa = i;
        if (name && strcmp(name, wg__isa_name(i)) == 0) return true;
        wg__append(here, sizeof here, &used, "%s%s", used ? ", " : "", wg__isa_name(i));
    }
    if (name) wg__tape_fail(t, WG_EARG, "plan: this machine has no instruction set \"%s\": %s", name, here);
    return !name;
}

wg_plan *wg_plan_create(const wg_plan_options *o)
{
    wg_tape *t = o->outputs.n ? wg_tape_of(o->outputs.x[0]) : NULL;
    wg_isa isa;
    if (!t || t->fault.status) return NULL; /* a tape with an error has no plan: the message is there */
    for (size_t i = 0; i < o->outputs.n; i++)
        if (!wg__usable(t, o->outputs.x[i], "plan: an output")) return NULL;
    if (!choose_isa(t, o->isa, &isa)) return NULL;
    wg_plan *p = wg__alloc(sizeof *p);
    if (!p) return wg__tape_fail(t, WG_ENOMEM, "plan: out of memory"), NULL;
    p->tape = t;
    p->generation = t->generation;
    p->without = o->without;
    p->isa = isa;
    p->threads = o->threads;
    p->name = wg__strdup(o->name ? o->name : "");
    if (!p->name) return wg__tape_fail(t, WG_ENOMEM, "plan: out of memory"), free_plan(p), NULL;
    if (!wg__plan_select(p, o->outputs)) return free_plan(p), NULL;
    p->next = t->plans;
    t->plans = p;
    t->free_plans = free_all;
    return p;
}

wg_plan *wg_plan_of(wg_tensors outputs) { return wg_plan_create(&(wg_plan_options){.outputs = outputs}); }

const char *wg_plan_error(const wg_plan *p)
{
    if (!p) return "no plan: see the tape's error";
    return p->fault.status ? p->fault.text : NULL;
}

const wg_tape *wg_plan_tape(const wg_plan *p) { return p->tape; }

const char *wg_plan_name(const wg_plan *p) { return p->name; }

wg_status wg__plan_fail(wg_plan *p, wg_status s, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    vsnprintf(p->fault.text, sizeof p->fault.text, format, args);
    va_end(args);
    return p->fault.status = s;
}

size_t wg_plan_nodes(const wg_plan *p) { return p ? p->needs : 0; }

size_t wg_plan_memory(const wg_plan *p) { return p ? p->memory_size + p->output_size : 0; }

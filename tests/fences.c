/* fences.c -- what a step writes past its end is seen by nobody: in the arena another value lies there, which is computed later or is
 * done with. Without WG_PASS_REUSE each value has memory of its own and a gap behind it (src/plan/memory.c); here the gaps, and what is
 * left behind each thread's scratch, are marked, and looked at after a run. So is all that a run should write: of what it leaves out the
 * mark is left, which is a result that no other run has. */
#include "run/run.h"
#include "samples.h"

#include <stdlib.h>

enum { MARK = 0xA5 };

/* One block of the plan's memory, and which of its bytes have an owner. */
typedef struct field {
    const char *name;
    char *memory;
    size_t size;
    unsigned char *owned;
} field;

static bool field_new(field *f, const char *name, char *memory, size_t size)
{
    *f = (field){name, memory, size, calloc(size + 1, 1)};
    return f->owned;
}

static void own(field *f, const void *at, size_t bytes)
{
    uintptr_t from = (uintptr_t)at - (uintptr_t)f->memory;
    if (bytes && from < f->size) memset(f->owned + from, 0xff, bytes < f->size - from ? bytes : f->size - from);
}

static void own_values(const wg_program *g, field *f)
{
    for (uint32_t k = 0; k < g->values; k++) {
        const wg_value *v = &g->value[k];
        if (v->stored && v->root == k && g->base[k])
            own(f, g->base[k], (size_t)wg_shape_count(*v->shape) * wg_dtype_size((wg_dtype)v->dtype));
    }
}

/* How many marks are gone that nobody may have written over. */
static size_t gone_from(const field *f)
{
    size_t gone = 0, i = 0;
    for (uint64_t some; i + sizeof some <= f->size; i += sizeof some) {
        memcpy(&some, f->owned + i, sizeof some);
        for (size_t k = i; some != UINT64_MAX && k < i + sizeof some; k++) gone += !f->owned[k] && f->memory[k] != (char)MARK;
    }
    for (; i < f->size; i++) gone += !f->owned[i] && f->memory[i] != (char)MARK;
    return gone;
}

void fences_set(wg_plan *p)
{
    const wg_program *g = p->current;
    memset(p->memory, MARK, g->bytes);
    memset(p->output_memory, MARK, g->output_bytes);
    memset(p->scratch, MARK, p->scratch_each * (size_t)p->scratch_threads);
}

bool fences_stand(wg_plan *p, char *why, size_t size)
{
    enum { ARENA, OUTPUTS, SCRATCH, FIELDS };
    const wg_program *g = p->current;
    field f[FIELDS];
    bool done = field_new(&f[ARENA], "its arena", p->memory, g->bytes);
    done = field_new(&f[OUTPUTS], "its outputs", p->output_memory, g->output_bytes) && done;
    done = field_new(&f[SCRATCH], "a thread's scratch", p->scratch, p->scratch_each * (size_t)p->scratch_threads) && done;
    for (int i = 0; done && i < SCRATCH; i++) own_values(g, &f[i]);
    for (size_t i = 0; done && i < g->steps; i++) own(&f[ARENA], p->memory + g->step[i].shared_at, g->step[i].shared);
    for (int i = 0; done && i < p->scratch_threads; i++) own(&f[SCRATCH], p->scratch + p->scratch_each * (size_t)i, g->scratch);
    for (int i = 0; i < FIELDS; i++) {
        size_t gone = done ? gone_from(&f[i]) : 1;
        if (gone && done) snprintf(why, size, "%zu bytes of %s that no value owns were written", gone, f[i].name);
        else if (gone) snprintf(why, size, "out of memory");
        free(f[i].owned);
        done = done && !gone;
    }
    return done;
}

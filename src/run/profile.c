/* profile.c -- where the time of a run goes: the runner notes when each thread entered and left each step, and this makes of it,
 * when it is asked for, what a step is and what it reads and writes. The sizes come from the values and whose inputs they are,
 * the flops from the op's own count: nothing here knows an op. */
#include "run/run.h"

#include "base/shape.h"

#include <omp.h>

double wg__profile_now(void) { return omp_get_wtime(); }

wg_status wg_plan_profile(wg_plan *p, bool on)
{
    if (!p) return WG_EARG;
    p->timing.on = on;
    return WG_OK;
}

bool wg__profile_start(wg_plan *p, const wg_program *g, int threads, double **clock)
{
    wg_timing *t = &p->timing;
    *clock = NULL;
    t->taken = t->reported = false;
    if (!t->on) return true;
    size_t n = wg__mul(wg__mul(g->steps, (size_t)threads), 4);
    if (!WG_RESERVE(t->clock, t->clock_size, n + 1)) return false;
    memset(t->clock, 0, n * sizeof *t->clock);
    t->threads = threads;
    t->taken = true;
    t->start = wg__profile_now();
    *clock = t->clock;
    return true;
}

/* ---- the report ------------------------------------------------------------------------------------------------------- */

/* The values of each step, and which step last counted a value's memory. */
typedef struct members {
    uint32_t *first, *next; /* of a step, after a value; WG_ABSENT at the end */
    uint32_t *counted;
} members;

static bool find_members(wg_arena *a, const wg_program *g, members *m)
{
    m->first = wg__arena_get(a, wg__mul(g->steps + 1, sizeof *m->first));
    m->next = wg__arena_get(a, wg__mul(g->values + 1, sizeof *m->next));
    m->counted = wg__arena_get(a, wg__mul(g->values + 1, sizeof *m->counted));
    if (!m->first || !m->next || !m->counted) return false;
    for (size_t i = 0; i < g->steps; i++) m->first[i] = WG_ABSENT;
    for (size_t k = g->values; k-- > 0;) {
        const wg_value *v = &g->value[k];
        m->counted[k] = m->next[k] = WG_ABSENT;
        if (v->step == WG_ABSENT || (v->role != WG_R_GROUP && v->role != WG_R_STEP)) continue;
        m->next[k] = m->first[v->step];
        m->first[v->step] = (uint32_t)k;
    }
    return true;
}

static double bytes_of(const wg_value *v) { return (double)wg_shape_count(*v->shape) * (double)wg_dtype_size((wg_dtype)v->dtype); }

/* What value k reads that its step has not read or computed: at most the memory that an operand is a view of. */
static double bytes_read(const wg_program *g, members *m, uint32_t k)
{
    const wg_value *v = &g->value[k];
    double sum = 0;
    for (uint32_t i = 0; i < v->n; i++) {
        uint32_t e = g->edge[v->edge + i];
        if (e == WG_ABSENT || wg__shape_only(v->op, i)) continue;
        const wg_value *x = &g->value[e], *root = &g->value[x->root];
        if (root->step == v->step || m->counted[e] == v->step) continue;
        m->counted[e] = v->step;
        sum += fmin(bytes_of(x), bytes_of(root));
    }
    return sum;
}

static const char *kind_of(const wg_step *s)
{
    static const char *const names[] = {[WG_S_GROUP] = "group", [WG_S_ROWS] = "rows", [WG_S_COLUMNS] = "columns", [WG_S_BLOCK] = "block"};
    return s->head != WG_ABSENT && s->kind == WG_S_GROUP ? "epilogue" : names[s->kind];
}

static const char *type_of(wg_timing *t, const wg_value *v)
{
    char text[128];
    wg__show_type(text, (wg_type){(wg_dtype)v->dtype, v->shape});
    return wg__arena_text(&t->report, text, strlen(text));
}

static const char *label_of(wg_timing *t, const wg_plan *p, const wg_value *v)
{
    char number[24];
    const wg_node *n = &p->tape->node[v->node];
    int length = snprintf(number, sizeof number, "%%%u", v->node);
    return n->name ? wg__arena_text(&t->report, n->name, strlen(n->name)) : wg__arena_text(&t->report, number, (size_t)length);
}

/* The texts and numbers of step i. */
static bool describe(wg_plan *p, const wg_program *g, members *m, size_t i, wg_profile_step *to)
{
    enum { NAMED = 6 };
    char ops[256] = "";
    size_t used = 0;
    const wg_step *s = &g->step[i];
    to->kind = kind_of(s);
    to->flops = s->work ? s->work->flops : 0;
    for (uint32_t k = m->first[i]; k != WG_ABSENT; k = m->next[k]) {
        const wg_value *v = &g->value[k];
        if (to->count++ < NAMED) wg__append(ops, sizeof ops, &used, "%s%s", used ? "+" : "", v->op->name);
        to->bytes += bytes_read(g, m, k) + (v->stored ? bytes_of(v) : 0);
    }
    if (to->count > NAMED) wg__append(ops, sizeof ops, &used, "+%zu more", to->count - NAMED);
    to->ops = wg__arena_text(&p->timing.report, ops, strlen(ops));
    to->label = label_of(&p->timing, p, &g->value[s->value]);
    to->type = type_of(&p->timing, &g->value[s->value]);
    return to->ops && to->label && to->type;
}

static size_t take_spans(const wg_timing *t, size_t steps, size_t i, wg_span *span, double *seconds)
{
    size_t n = 0;
    for (int me = 0; me < t->threads; me++) {
        double mine = 0;
        for (int prepare = 1; prepare >= 0; prepare--) {
            const double *at = t->clock + 2 * (2 * (steps * (size_t)me + i) + (size_t)prepare);
            if (at[1] <= 0) continue;
            span[n++] = (wg_span){me, prepare, at[0] - t->start, at[1] - t->start};
            mine += at[1] - at[0];
        }
        *seconds = fmax(*seconds, mine);
    }
    return n;
}

static bool report(wg_plan *p)
{
    const wg_program *g = p->current;
    wg_timing *t = &p->timing;
    members m;
    wg__arena_free(&t->report);
    wg_profile_step *step = wg__arena_get(&t->report, wg__mul(g->steps + 1, sizeof *step));
    wg_span *span = wg__arena_get(&t->report, wg__mul(wg__mul(g->steps + 1, 2 * (size_t)t->threads), sizeof *span));
    if (!step || !span || !find_members(&t->report, g, &m)) return false;
    t->profile = (wg_profile){.step = step, .steps = g->steps, .threads = t->threads};
    for (size_t i = 0; i < g->steps; i++) {
        step[i].spans = take_spans(t, g->steps, i, span, &step[i].seconds);
        step[i].span = span;
        for (size_t k = 0; k < step[i].spans; k++) t->profile.seconds = fmax(t->profile.seconds, span[k].end);
        span += step[i].spans;
        if (!describe(p, g, &m, i, &step[i])) return false;
    }
    return t->reported = true;
}

wg_status wg_profile_read(wg_plan *p, wg_profile *borrowed)
{
    *borrowed = (wg_profile){0};
    if (!p) return WG_EARG;
    if (!p->ran || !p->timing.taken || !p->current) return wg__plan_fail(p, WG_EARG, "profile: the last run was not profiled");
    if (!p->timing.reported && !report(p)) return wg__plan_fail(p, WG_ENOMEM, "profile: out of memory");
    *borrowed = p->timing.profile;
    return WG_OK;
}

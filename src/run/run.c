/* run.c -- a run: feeds are checked and staged, the program for their sizes is found, addresses are bound, the steps run,
 * and, when none of them failed, the parameters take their new values. */
#include "base/array.h"
#include "run/run.h"

#include "base/shape.h"
#include "tape/params.h"

#include <omp.h>

/* ---- feeding ------------------------------------------------------------------------------------------------------------ */

static wg_feed_slot *slot_of(wg_plan *p, uint32_t node)
{
    for (size_t i = 0; i < p->feeds; i++)
        if (p->need[p->feed[i].need].node == node) return &p->feed[i];
    return NULL;
}

/* What is stored narrow widens without loss. */
static bool dtype_fits(wg_dtype wants, wg_dtype has)
{
    return wants == has || (wants == WG_I64 && (has == WG_I32 || has == WG_U8)) || (wants == WG_I32 && has == WG_U8) ||
           (wg_dtype_real(wants) && wg_dtype_half(has));
}

static bool shape_fits(const wg_shape *wants, const wg_shape *has)
{
    if (wants->rank != has->rank) return false;
    for (int i = 0; i < wants->rank; i++)
        if (has->dim[i] < 0 || (wants->dim[i] >= 0 && wants->dim[i] != has->dim[i])) return false;
    return true;
}

static bool stale(wg_plan *p)
{
    if (p->generation == p->tape->generation) return false;
    wg__plan_fail(p, WG_EARG, "the plan is from before wg_tape_reset");
    return true;
}

wg_status wg_feed(wg_plan *p, wg_tensor input, wg_array a)
{
    char x[128], y[128];
    if (!p) return WG_EARG;
    if (stale(p)) return p->fault.status;
    if (input.tape != p->tape || !wg_ok(input) || wg__node(input)->op->leaf != WG_LEAF_INPUT)
        return wg__plan_fail(p, WG_EARG, "feed: not an input of the plan's tape");
    const wg_node *n = wg__node(input);
    wg_type wants = {(wg_dtype)n->dtype, n->shape}, has = {a.dtype, &a.shape};
    const char *wrong = wg__array_wrong(&a);
    if (wrong) return wg__plan_fail(p, WG_EARG, "feed %s: %s", n->name, wrong);
    if (!dtype_fits(wants.dtype, a.dtype))
        return wg__plan_fail(p, WG_EDTYPE, "feed %s: the input is %s, the array is %s", n->name, wg__show_type(x, wants),
                             wg__show_type(y, has));
    if (!shape_fits(n->shape, &a.shape))
        return wg__plan_fail(p, WG_ESHAPE, "feed %s: the input is %s, the array is %s", n->name, wg__show_type(x, wants),
                             wg__show_type(y, has));
    wg_feed_slot *s = slot_of(p, wg__index(input));
    if (s) { /* an input that the plan does not need may be fed all the same */
        static const char nothing;
        if (!a.data) a.data = (void *)(uintptr_t)&nothing;
        s->settled &= s->array.data == a.data && s->array.dtype == a.dtype && wg__dims_equal(&s->array.shape, &a.shape);
        p->settled &= s->settled;
        s->array = a;
    }
    return WG_OK;
}

/* ---- memory -------------------------------------------------------------------------------------------------------------- */

static bool grow(wg_stock *stock, char **memory, size_t *size, size_t need)
{
    if (need <= *size && *memory) return true;
    char *bigger = wg__take(stock, need);
    if (!bigger) return false;
    wg__put(stock, *memory);
    *memory = bigger;
    *size = need;
    return true;
}

static bool overlap(const wg_array *a, const void *memory, size_t size)
{
    uintptr_t at = (uintptr_t)a->data, lo = (uintptr_t)memory;
    return memory && at < lo + size && lo < at + (size_t)wg_shape_count(a->shape) * wg_dtype_size(a->dtype);
}

/* Whether a run writes what was fed: the plan's own output, or a parameter that it changes. */
static bool written(const wg_plan *p, const wg_array *a)
{
    bool yes = overlap(a, p->output_memory, p->output_size);
    for (size_t i = 0; !yes && i < p->commits; i++) {
        const wg_array *param = &p->commit[i].array;
        yes = overlap(a, param->data, (size_t)wg_shape_count(param->shape) * wg_dtype_size(param->dtype));
    }
    return yes;
}

static void widen(const wg_array *a, wg_dtype to, int64_t n, void *out)
{
    const int32_t *i32 = a->data;
    const uint8_t *u8 = a->data;
    for (int64_t i = 0; i < n && wg_dtype_real(to); i++) {
        double v = wg_array_at(a, i);
        if (to == WG_F32) ((float *)out)[i] = (float)v;
        else ((double *)out)[i] = v;
    }
    for (int64_t i = 0; i < n && !wg_dtype_real(to); i++) {
        int64_t v = a->dtype == WG_I32 ? i32[i] : u8[i];
        if (to == WG_I64) ((int64_t *)out)[i] = v;
        else ((int32_t *)out)[i] = (int32_t)v;
    }
}

/* A copy of a feed that cannot be read where it is: of another dtype, or what the run writes. */
static bool stage(wg_plan *p, wg_feed_slot *s)
{
    wg_dtype to = (wg_dtype)wg__plan_node(p, s->need)->dtype;
    int64_t n = wg_shape_count(s->array.shape);
    bool own = n > 0 && written(p, &s->array);
    s->from_stage = s->array.dtype != to || own;
    s->settled = !s->from_stage;
    if (s->settled) return true;
    if (n < 0) return wg__plan_fail(p, WG_ESHAPE, "feed: the array is larger than memory"), false;
    char *memory = s->staged;
    if (!grow(NULL, &memory, &s->staged_size, (size_t)n * wg_dtype_size(to) + 1))
        return wg__plan_fail(p, WG_ENOMEM, "feed: out of memory"), false;
    s->staged = memory;
    if (s->array.dtype != to) widen(&s->array, to, n, memory);
    else memcpy(memory, s->array.data, (size_t)n * wg_dtype_size(to));
    if (own) s->array.data = memory, s->array.dtype = to; /* later runs may move the outputs */
    return true;
}

static bool prepare_memory(wg_plan *p, const wg_program *g)
{
    wg_stock *stock = &p->tape->stock;
    return grow(stock, &p->memory, &p->memory_size, g->bytes + 64) && grow(stock, &p->output_memory, &p->output_size, g->output_bytes + 64);
}

/* Far apart: kernels, and the processor by itself, ask for what lies ahead, and beyond the end of one thread's scratch the next one's
   would be taken away from the core that writes it. */
static bool prepare_scratch(wg_plan *p, const wg_program *g, int threads)
{
    enum { LINE = 64, APART = 8192 };
    size_t each = (g->scratch + LINE - 1) / LINE * LINE + APART;
    if (p->scratch_threads >= threads && p->scratch_each >= each) return true;
    if (each < p->scratch_each) each = p->scratch_each;
    if (!grow(&p->tape->stock, &p->scratch, &p->scratch_size, wg__mul(each, (size_t)threads))) return false;
    p->scratch_each = each;
    p->scratch_threads = threads;
    return true;
}

/* ---- addresses -------------------------------------------------------------------------------------------------------------- */

/* Leaves that stay where they are for the program's life. */
static void *leaf_address(const wg_plan *p, wg_program *g, uint32_t k)
{
    const wg_node *n = wg__plan_node(p, k);
    if (n->op->leaf == WG_LEAF_PARAM) return wg__stored(p->tape->params, n->name)->array.data;
    if (n->op->leaf == WG_LEAF_CONSTANT) return ((const wg_leaf_constant_options *)n->attrs)->data.data;
    if (n->op->leaf != WG_LEAF_NUMBER) return NULL;
    void *at = wg__arena_get(&g->arena, sizeof(double));
    if (at) wg__put_value(at, (wg_dtype)n->dtype, ((const wg_leaf_number_options *)n->attrs)->value);
    return at;
}

static void bind_aliases(wg_program *g, const wg_list *l)
{
    for (size_t i = 0; i < l->n; i++) {
        const wg_value *v = &g->value[l->value[i]];
        char *root = g->base[v->root];
        g->base[l->value[i]] = root ? root + v->offset * (int64_t)wg_dtype_size((wg_dtype)v->dtype) : NULL;
    }
}

static void *shifted(void *at, const char *from, char *to) { return to + ((uintptr_t)at - (uintptr_t)from); }

static void bind_value(const wg_plan *p, wg_program *g, uint32_t k)
{
    const wg_value *v = &g->value[k];
    if (v->inside) return; /* with its joint */
    if (v->home) g->base[k] = g->base[v->home - 1];
    else g->base[k] = v->output ? shifted(g->base[k], g->bound_outputs, p->output_memory) : shifted(g->base[k], g->bound, p->memory);
}

static void bind_joints(const wg_plan *p, wg_program *g)
{
    for (size_t i = 0; i < g->joint.n; i++) bind_value(p, g, g->joint.value[i]);
    for (size_t i = g->parts; i-- > 0;) { /* outer joints first */
        const wg_joint_part *x = &g->part[i];
        g->base[x->value] = (char *)g->base[x->joint] + x->offset * (int64_t)wg_dtype_size((wg_dtype)g->value[x->value].dtype);
    }
}

/* Where every value lies, while the plan's memory stays where it is. */
static bool bind_values(wg_plan *p, wg_program *g)
{
    for (size_t i = 0; !g->bound && i < g->leaf.n; i++)
        if (!(g->base[g->leaf.value[i]] = leaf_address(p, g, g->leaf.value[i]))) return false;
    for (size_t i = 0; i < g->steps; i++) {
        const wg_step *step = &g->step[i];
        if (i + 1 < g->steps) wg__fetch_operands(g, step + 1);
        for (uint32_t o = 0; o < step->n_stored; o++) bind_value(p, g, step->operand[step->n_operands + o].value);
        if (step->kind != WG_S_GROUP) bind_value(p, g, step->value);
        else if (step->head != WG_ABSENT && g->value[step->head].stored) bind_value(p, g, step->head);
    }
    bind_joints(p, g);
    bind_aliases(g, &g->alias);
    return true;
}

static bool bind(wg_plan *p, wg_program *g)
{
    bool moved = g->bound != p->memory || g->bound_outputs != p->output_memory;
    if (moved && !bind_values(p, g)) return false;
    g->bound = p->memory;
    g->bound_outputs = p->output_memory;
    for (size_t i = 0; i < p->feeds; i++)
        g->base[p->feed[i].need] = (void *)(uintptr_t)(p->feed[i].from_stage ? p->feed[i].staged : p->feed[i].array.data);
    bind_aliases(g, &g->fed);
    for (const wg_step *step = g->many; step; step = step->many) wg__block_inputs(g, step, step->inputs);
    return true;
}

/* ---- running ------------------------------------------------------------------------------------------------------------------ */

static int team_size(const wg_plan *p)
{
    int wanted = p->threads > 0 ? p->threads : p->tape->threads > 0 ? p->tape->threads : omp_get_max_threads();
    return wanted <= 1 || omp_in_parallel() ? 1 : wanted > 256 ? 256 : wanted;
}

static bool check_feeds(wg_plan *p)
{
    size_t used = 0, missing = 0;
    char names[256] = "";
    for (size_t i = 0; i < p->feeds; i++)
        if (!p->feed[i].array.data) {
            wg__append(names, sizeof names, &used, "%s%s", missing ? ", " : "", wg__plan_node(p, p->feed[i].need)->name);
            missing++;
        }
    if (missing) wg__plan_fail(p, WG_EMISSING, "run: input%s not fed: %s", missing > 1 ? "s" : "", names);
    return !missing;
}

static wg_status explain(wg_plan *p, const wg_team *team)
{
    const wg_program *g = team->program;
    const wg_step *step = &g->step[team->failed_step];
    const wg_value *v = &g->value[step->value];
    char where[256], why[256] = "a value is out of range";
    const void **in = step->kind == WG_S_BLOCK ? wg__alloc(((size_t)v->n + 1) * sizeof *in) : NULL;
    for (uint32_t i = 0; step->kind == WG_S_GROUP && i < step->count; i++) /* the member that can fail */
        if (wg__may_fail(g, &g->value[step->instr[i].value])) v = &g->value[step->instr[i].value];
    wg__locate(&p->tape->node[v->node], where, sizeof where);
    if (in) {
        wg__block_inputs(g, step, in);
        wg_args args = wg__block_args(g, step, p->memory, NULL, in);
        v->op->explain(step->work, &args, team->failed_at, why, sizeof why);
    } else if (step->kind != WG_S_BLOCK) {
        wg_work w = {.op = v->op, .attrs = v->attrs, .out = {(wg_dtype)v->dtype, v->shape}};
        v->op->explain(&w, NULL, team->failed_at, why, sizeof why);
    }
    wg__free(in);
    return wg__plan_fail(p, WG_EINDEX, "%s%s", where, why);
}

static void commit(wg_plan *p, const wg_program *g)
{
    for (size_t i = 0; i < p->commits; i++) {
        const wg_value *v = &g->value[p->commit[i].effect];
        if (wg__home(&g->value[v->root]) == p->commit[i].param + 1) continue; /* it lies there already */
        size_t bytes = (size_t)wg_shape_count(*v->shape) * wg_dtype_size((wg_dtype)v->dtype);
        if (bytes) memcpy(g->base[p->commit[i].param], g->base[p->commit[i].effect], bytes);
    }
}

/* The program and its addresses, for what is fed; where that is copied, it is so for every run. */
static bool settle(wg_plan *p)
{
    const char *outputs = p->output_memory;
    if (!check_feeds(p)) return false;
    for (size_t i = 0; i < p->feeds; i++)
        if (!p->feed[i].settled && !stage(p, &p->feed[i])) return false;
    p->ran = false;
    wg_program *g = wg__program_for(p);
    if (!g) return false;
    if (!prepare_memory(p, g) || !bind(p, g)) return wg__plan_fail(p, WG_ENOMEM, "run: out of memory"), false;
    p->current = g;
    p->settled = true;
    for (size_t i = 0; i < p->feeds; i++) {
        p->feed[i].settled &= p->output_memory == outputs;
        p->settled &= p->feed[i].settled;
    }
    return true;
}

wg_status wg_run(wg_plan *p)
{
    if (!p) return WG_EARG;
    if (stale(p) || (!p->settled && !settle(p))) return p->fault.status;
    p->fault.status = WG_OK;
    p->ran = false;
    wg_team team = {.plan = p, .program = p->current, .threads = team_size(p)};
    if (!prepare_scratch(p, p->current, team.threads) || !wg__profile_start(p, p->current, team.threads, &team.clock))
        return wg__plan_fail(p, WG_ENOMEM, "run: out of memory");
    if (!wg__run_steps(&team)) return explain(p, &team);
    commit(p, p->current);
    p->ran = true;
    return WG_OK;
}

/* ---- reading ------------------------------------------------------------------------------------------------------------------- */

wg_status wg_read(wg_plan *p, wg_tensor x, wg_array *borrowed)
{
    *borrowed = (wg_array){0};
    if (!p) return WG_EARG;
    if (stale(p)) return p->fault.status;
    if (!p->ran) return wg__plan_fail(p, WG_EARG, "read: the plan has not run, or its last run failed");
    for (size_t i = 0; i < p->outputs; i++) {
        if (x.tape != p->tape || !wg_ok(x) || p->output_node[i] != wg__index(x)) continue;
        const wg_value *v = &p->current->value[p->current->result[i]];
        *borrowed = wg_array_wrap(p->current->base[p->current->result[i]], (wg_dtype)v->dtype, *v->shape);
        return WG_OK;
    }
    return wg__plan_fail(p, WG_EARG, "read: the tensor is not among the plan's outputs");
}

double wg_read_scalar(wg_plan *p, wg_tensor x)
{
    wg_array a;
    if (wg_read(p, x, &a)) return (double)NAN;
    if (wg_shape_count(a.shape) == 1) return wg_array_at(&a, 0);
    wg__plan_fail(p, WG_ESHAPE, "read: the tensor is not one number");
    return (double)NAN;
}

wg_status wg_show(FILE *to, wg_tensor x)
{
    wg_array a;
    wg_plan *p = wg_plan_of((wg_tensors){&x, 1});
    if (!p) return wg_ok(x) ? wg_error_status(x.tape) : WG_EARG;
    wg_status s = wg_run(p);
    if (s) wg__tape_fail(x.tape, s, "show: %s", p->fault.text);
    if (!s) s = wg_read(p, x, &a);
    if (!s) s = wg_array_print(to, &a);
    wg_plan_free(p);
    return s;
}

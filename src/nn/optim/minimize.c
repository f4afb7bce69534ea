/* minimize.c -- from a loss to a plan that steps: which parameters, in which group, their gradients (clipped, accumulated), a
 * rule's step for each, averages, one assign for each parameter and state. Rates and steps are scalars of the store in double;
 * factors such as 1 - beta^t are worked out in double and cast once. */
#include "base/alloc.h"
#include "nn/optim/minimize.h"

#include <string.h>

enum { NAME_ROOM = 600 };

/* ---- what rules are written with ------------------------------------------------------------------------------------- */

static wg_tensor stored(wg__minimize *m, const char *name, wg_shape shape, wg_dtype dtype, double first)
{
    return wg_param_create(
        m->t, name, shape,
        &(wg_param_options){.dtype = dtype, .kind = WG_STATE, .shared = true, .init = {first != 0 ? "constant" : "zeros", 0, first}});
}

/* What the caller says now, whatever an earlier tape left in the store. */
static wg_tensor number(wg__minimize *m, const char *name, double value)
{
    wg_tensor x = stored(m, name, (wg_shape){.rank = 0}, WG_F64, 0);
    wg_array v = wg_array_wrap(&value, WG_F64, (wg_shape){.rank = 0});
    if (wg_ok(x)) wg_params_set(wg_tape_params(m->t), wg_name_get(x), &v, WG_STATE);
    return x;
}

wg_tensor wg_update_number(wg_update *u, const char *name, double value)
{
    char full[NAME_ROOM];
    if (u->of->group) snprintf(full, sizeof full, "group%zu.%s", u->of->group, name);
    else snprintf(full, sizeof full, "%s", name);
    return number(u->of, full, value);
}

wg_tensor wg_update_state(wg_update *u, const char *name, wg_shape shape, wg_dtype dtype, double first)
{
    char full[NAME_ROOM];
    snprintf(full, sizeof full, "%s.%s", u->name, name);
    return stored(u->of, full, shape, dtype, first);
}

wg_tensor wg_update_like_p(wg_update *u, const char *name) { return wg_update_state(u, name, wg_shape_get(u->p), wg_dtype_get(u->p), 0); }

static void want(wg__minimize *m, wg_tensor x)
{
    if (WG_RESERVE(m->out, m->room, m->outs + 1)) m->out[m->outs++] = x;
    else wg_reject(m->t, WG_ENOMEM, "minimize: out of memory");
}

/* Where gradients are gathered, a value takes its next one in the run that steps only. */
static void assign(wg__minimize *m, wg_tensor x, wg_tensor next)
{
    want(m, wg_assign(x, m->o->accumulate > 1 ? wg_where(m->due, next, x) : next));
}

void wg_update_assign(wg_update *u, wg_tensor state, wg_tensor next) { assign(u->of, state, next); }

static wg_tensor in_dtype_of(wg_tensor p, wg_tensor scalar)
{
    return wg_dtype_get(p) == WG_F64 ? scalar : wg_cast(scalar, wg_dtype_get(p));
}

/* What is stored in bf16 or f16 is trained in f32: its gradient, its state, the step; the new value is rounded when it is stored. */
static wg_tensor computed(wg_tensor x) { return wg_dtype_half(wg_dtype_get(x)) ? wg_cast(x, WG_F32) : x; }
static wg_tensor rounded(wg_tensor next, wg_tensor p) { return wg_dtype_half(wg_dtype_get(p)) ? wg_cast(next, wg_dtype_get(p)) : next; }

wg_tensor wg_update_cast(wg_update *u, wg_tensor scalar) { return in_dtype_of(u->p, scalar); }

/* ---- gradients -------------------------------------------------------------------------------------------------------- */

/* Each gradient becomes the mean of this run's and those gathered since the last step. */
static void accumulate(wg__minimize *m)
{
    int k = m->o->accumulate;
    char name[NAME_ROOM];
    wg_tensor gathered = stored(m, "gathered", (wg_shape){.rank = 0}, WG_I64, 0);
    m->due = wg_ge(gathered, wg_num(k - 1));
    want(m, wg_assign(gathered, wg_where(m->due, wg_mul(gathered, wg_num(0)), wg_add(gathered, wg_num(1)))));
    for (size_t i = 0; i < m->n; i++) {
        snprintf(name, sizeof name, "%s.grad", wg_name_get(m->p[i]));
        wg_tensor sum = stored(m, name, wg_shape_get(m->p[i]), wg_dtype_get(m->g[i]), 0);
        m->g[i] = wg_add(sum, wg_mul(m->g[i], wg_num(1.0 / k)));
        want(m, wg_assign(sum, wg_where(m->due, wg_num(0), m->g[i])));
    }
}

/* PyTorch's clip_grad_value_, then its clip_grad_norm_: all gradients by the same factor, min(1, most / (norm + 1e-6)). */
static void clip(wg__minimize *m)
{
    double most = m->o->clip_value;
    wg_tensor total = WG_NONE;
    for (size_t i = 0; most > 0 && i < m->n; i++) m->g[i] = wg_clamp(m->g[i], .min = -most, .max = most);
    for (size_t i = 0; m->o->clip_norm > 0 && i < m->n; i++) {
        wg_tensor s = wg_sum(wg_square(m->g[i]));
        if (wg_dtype_get(s) != WG_F64) s = wg_cast(s, WG_F64);
        total = i ? wg_add(total, s) : s;
    }
    if (m->o->clip_norm <= 0) return;
    wg_tensor factor = wg_minimum(wg_div(wg_num(m->o->clip_norm), wg_add(wg_sqrt(total), wg_num(1e-6))), wg_num(1));
    for (size_t i = 0; i < m->n; i++) m->g[i] = wg_mul(m->g[i], in_dtype_of(m->g[i], factor));
}

/* ---- steps ------------------------------------------------------------------------------------------------------------ */

/* avg = ema avg + (1 - ema) p, of the first step p itself. */
static void average(wg__minimize *m, const char *of, wg_tensor p, wg_tensor next)
{
    char name[NAME_ROOM];
    snprintf(name, sizeof name, "%s.ema", of);
    wg_tensor avg = stored(m, name, wg_shape_get(p), wg_dtype_get(p), 0), keep = number(m, "ema", m->o->ema);
    wg_tensor rest = in_dtype_of(p, wg_sub(wg_num(1), keep));
    wg_tensor later = wg_add(wg_mul(in_dtype_of(p, keep), avg), wg_mul(rest, next));
    assign(m, avg, wg_where(wg_eq(m->step, wg_num(0)), next, later));
}

static void move(wg__minimize *m, size_t i)
{
    m->group = wg__group_of(m->o, wg_name_get(m->p[i]));
    const wg_group *group = m->group ? &m->o->groups.x[m->group - 1] : NULL;
    wg_optimizer with = group && group->with.rule ? group->with : m->o->with;
    wg_update u = {.p = computed(m->p[i]), .g = m->g[i], .lr = m->lr, .t = m->time, .with = &with, .name = wg_name_get(m->p[i]), .of = m};
    if (group && !isnan(group->weight_decay)) with.weight_decay = group->weight_decay;
    if (group && !isnan(group->lr)) with.lr = group->lr;
    /* a group's rate is a share of the plan's, so that whoever sets that moves all */
    if (with.lr != m->o->with.lr) u.lr = wg_mul(m->lr, wg_update_number(&u, "lr_share", with.lr / m->o->with.lr));
    wg_tensor next = with.rule(&u);
    assign(m, m->p[i], rounded(next, m->p[i]));
    if (m->o->ema > 0) average(m, u.name, u.p, next);
}

static wg_plan *build(wg__minimize *m, wg_tensor loss)
{
    want(m, loss);
    for (size_t i = 0; i < m->o->also.n; i++) want(m, m->o->also.x[i]);
    if (wg_grads(loss, m->p, m->n, m->g)) return NULL;
    wg_scope_push(m->t, "%s", m->name);
    m->lr = number(m, "lr", m->o->with.lr);
    m->step = stored(m, "step", (wg_shape){.rank = 0}, WG_I64, 0);
    m->time = wg_cast(wg_add(m->step, wg_num(1)), WG_F64);
    for (size_t i = 0; i < m->n; i++) m->g[i] = computed(m->g[i]);
    if (m->o->accumulate > 1) accumulate(m);
    clip(m);
    for (size_t i = 0; i < m->n && !wg_error(m->t); i++) move(m, i);
    assign(m, m->step, wg_add(m->step, wg_num(1)));
    wg_scope_pop(m->t);
    return wg_error(m->t) ? NULL : wg_plan_create(&(wg_plan_options){.outputs = {m->out, m->outs}, .name = m->name});
}

static void choose_name(wg__minimize *m)
{
    char lr[80];
    for (int i = 1;; i++) {
        if (i == 1) snprintf(m->name, sizeof m->name, "%s", m->o->name ? m->o->name : "optim");
        else snprintf(m->name, sizeof m->name, "%s%d", m->o->name ? m->o->name : "optim", i);
        snprintf(lr, sizeof lr, "%s.lr", m->name);
        if (!wg_ok(wg_find(m->t, lr))) return;
    }
}

wg_plan *wg_minimize_create(wg_tensor loss, const wg_minimize_options *o)
{
    wg_tape *t = wg_tape_of(loss);
    wg__minimize m = {.t = t, .o = o};
    wg_plan *plan = NULL;
    if (!t || !wg_ok(loss) || !wg__minimize_good(t, o)) return NULL;
    choose_name(&m);
    m.p = wg__trained(loss, o, &m.n);
    m.g = wg__alloc(wg__mul(m.n + 1, sizeof *m.g));
    if (m.p && !m.g) wg_reject(t, WG_ENOMEM, "minimize: out of memory");
    if (m.p && m.g) plan = build(&m, loss);
    wg__free(m.p);
    wg__free(m.g);
    wg__free(m.out);
    return plan;
}

/* optim.c -- optimisers as nodes: the gradients of the trainable parameters, the update rule, one assign for each
 * parameter and state. Rates and steps are scalars of the store in double; factors such as 1 - beta^t are worked out in
 * double and cast once. m, v, t, b1, b2 are the letters of Kingma and Ba. */
#include "base/alloc.h"

#include <math.h>
#include <string.h>
#include <wengert.h>

typedef struct optim {
    wg_tape *t;
    const wg_minimize_options *o;
    char name[64];
    wg_tensor lr, momentum, b1, b2, eps, decay, step;
    wg_tensor *out; /* loss, also, then the assigns */
    size_t outs, room;
} optim;

/* ---- the store ------------------------------------------------------------------------------------------------------ */

static wg_tensor state(optim *m, const char *name, wg_shape shape, wg_dtype dtype)
{
    return wg_param_create(m->t, name, shape, &(wg_param_options){.dtype = dtype, .kind = WG_STATE});
}

/* A number of the optimiser: what the caller says now, whatever an earlier tape left in the store. */
static wg_tensor number(optim *m, const char *name, double value)
{
    wg_tensor x = state(m, name, (wg_shape){.rank = 0}, WG_F64);
    wg_array v = wg_array_wrap(&value, WG_F64, (wg_shape){.rank = 0});
    if (wg_ok(x)) wg_params_set(wg_tape_params(m->t), wg_name_get(x), &v, WG_STATE);
    return x;
}

static void assign(optim *m, wg_tensor param, wg_tensor value)
{
    if (m->outs < m->room) m->out[m->outs++] = wg_assign(param, value);
}

/* ---- the rules ------------------------------------------------------------------------------------------------------ */

static wg_tensor in_dtype_of(wg_tensor p, wg_tensor scalar)
{
    return wg_dtype_get(p) == WG_F64 ? scalar : wg_cast(scalar, wg_dtype_get(p));
}

/* What is stored in bf16 or f16 is trained in f32: its gradient, its state, the step; the new value is rounded when it is stored. */
static wg_tensor computed(wg_tensor x) { return wg_dtype_half(wg_dtype_get(x)) ? wg_cast(x, WG_F32) : x; }

static wg_tensor stored(wg_tensor value, wg_tensor p) { return wg_dtype_half(wg_dtype_get(p)) ? wg_cast(value, wg_dtype_get(p)) : value; }

static wg_tensor sgd(optim *m, wg_tensor p, wg_tensor g, const char *base)
{
    char name[600];
    const wg_optimizer *k = &m->o->with;
    if (k->weight_decay != 0) g = wg_add(g, wg_mul(in_dtype_of(p, m->decay), p));
    if (k->momentum != 0) {
        snprintf(name, sizeof name, "%s.momentum_buffer", base);
        wg_tensor mu = in_dtype_of(p, m->momentum), buffer = state(m, name, wg_shape_get(p), wg_dtype_get(p));
        wg_tensor next = wg_add(wg_mul(mu, buffer), g);
        assign(m, buffer, next);
        g = k->nesterov ? wg_add(g, wg_mul(mu, next)) : next;
    }
    return wg_sub(p, wg_mul(in_dtype_of(p, m->lr), g));
}

static wg_tensor adam(optim *m, wg_tensor p, wg_tensor g, const char *base)
{
    char name[600];
    bool decoupled = strcmp(m->o->with.kind, "adamw") == 0;
    wg_tensor t = wg_cast(wg_add(m->step, wg_num(1)), WG_F64), one = wg_num(1), shrunk = p;
    if (m->o->with.weight_decay != 0 && !decoupled) g = wg_add(g, wg_mul(in_dtype_of(p, m->decay), p));
    if (m->o->with.weight_decay != 0 && decoupled) shrunk = wg_mul(p, in_dtype_of(p, wg_sub(one, wg_mul(m->lr, m->decay))));
    snprintf(name, sizeof name, "%s.exp_avg", base);
    wg_tensor mean = state(m, name, wg_shape_get(p), wg_dtype_get(p));
    snprintf(name, sizeof name, "%s.exp_avg_sq", base);
    wg_tensor square = state(m, name, wg_shape_get(p), wg_dtype_get(p));
    wg_tensor next_mean = wg_add(wg_mul(in_dtype_of(p, m->b1), mean), wg_mul(in_dtype_of(p, wg_sub(one, m->b1)), g));
    wg_tensor next_square = wg_add(wg_mul(in_dtype_of(p, m->b2), square), wg_mul(in_dtype_of(p, wg_sub(one, m->b2)), wg_square(g)));
    assign(m, mean, next_mean);
    assign(m, square, next_square);
    wg_tensor rate = wg_div(m->lr, wg_sub(one, wg_pow(m->b1, t))), root = wg_sqrt(wg_sub(one, wg_pow(m->b2, t)));
    wg_tensor denominator = wg_add(wg_div(wg_sqrt(next_square), in_dtype_of(p, root)), in_dtype_of(p, m->eps));
    return wg_sub(shrunk, wg_mul(in_dtype_of(p, rate), wg_div(next_mean, denominator)));
}

/* PyTorch's clip_grad_norm_: all gradients by the same factor, min(1, most / (norm + 1e-6)). */
static void clip(optim *m, wg_tensor *g, size_t n)
{
    wg_tensor total = WG_NONE;
    for (size_t i = 0; i < n; i++) {
        wg_tensor s = wg_sum(wg_square(g[i]));
        if (wg_dtype_get(s) != WG_F64) s = wg_cast(s, WG_F64);
        total = i ? wg_add(total, s) : s;
    }
    wg_tensor factor = wg_minimum(wg_div(wg_num(m->o->clip_norm), wg_add(wg_sqrt(total), wg_num(1e-6))), wg_num(1));
    for (size_t i = 0; i < n; i++) g[i] = wg_mul(g[i], in_dtype_of(g[i], factor));
}

/* ---- what is trained -------------------------------------------------------------------------------------------------- */

/* The trainable parameters that loss depends on, in tape order; *n of them, to be freed by the caller. */
static wg_tensor *trained(wg_tensor loss, size_t *n)
{
    wg_tape *t = wg_tape_of(loss);
    size_t count = wg_tape_size(t);
    bool *needed = wg__alloc(count + 1);
    wg_tensor *p = wg__alloc(wg__mul(count + 1, sizeof *p));
    *n = 0;
    if (needed && p) needed[wg_node_index(loss)] = true;
    for (size_t k = needed && p ? count : 0; k-- > 0;) {
        wg_tensor x = wg_tape_node(t, k);
        for (int i = 0; needed[k] && i < wg_node_inputs(x); i++)
            if (wg_ok(wg_node_input(x, i))) needed[wg_node_index(wg_node_input(x, i))] = true;
    }
    for (size_t k = 0; needed && p && k < count; k++) {
        wg_tensor x = wg_tape_node(t, k);
        if (needed[k] && strcmp(wg_op_name(x), "param") == 0 && (wg_dtype_real(wg_dtype_get(x)) || wg_dtype_half(wg_dtype_get(x))) &&
            wg_params_kind(wg_tape_params(t), wg_name_get(x)) == WG_TRAINABLE)
            p[(*n)++] = x;
    }
    wg__free(needed);
    if (!p || !needed) return wg__free(p), NULL;
    return p;
}

static void choose_name(optim *m)
{
    char lr[80];
    for (int i = 1;; i++) {
        if (i == 1) snprintf(m->name, sizeof m->name, "%s", m->o->name ? m->o->name : "optim");
        else snprintf(m->name, sizeof m->name, "%s%d", m->o->name ? m->o->name : "optim", i);
        snprintf(lr, sizeof lr, "%s.lr", m->name);
        if (!wg_ok(wg_find(m->t, lr))) return;
    }
}

static wg_plan *build(optim *m, wg_tensor loss, const wg_tensor *p, wg_tensor *g, size_t n)
{
    const wg_optimizer *k = &m->o->with;
    bool is_sgd = strcmp(k->kind, "sgd") == 0;
    m->out[m->outs++] = loss;
    for (size_t i = 0; i < m->o->also.n; i++) m->out[m->outs++] = m->o->also.x[i];
    if (wg_grads(loss, p, n, g)) return NULL;
    wg_scope_push(m->t, "%s", m->name);
    m->lr = number(m, "lr", k->lr);
    m->decay = number(m, "weight_decay", k->weight_decay);
    if (is_sgd) {
        m->momentum = number(m, "momentum", k->momentum);
    } else {
        m->b1 = number(m, "beta1", k->beta1);
        m->b2 = number(m, "beta2", k->beta2);
        m->eps = number(m, "eps", k->eps);
    }
    m->step = state(m, "step", (wg_shape){.rank = 0}, WG_I64);
    for (size_t i = 0; i < n; i++) g[i] = computed(g[i]);
    if (m->o->clip_norm > 0) clip(m, g, n);
    for (size_t i = 0; i < n; i++) {
        wg_tensor x = computed(p[i]);
        assign(m, p[i], stored(is_sgd ? sgd(m, x, g[i], wg_name_get(p[i])) : adam(m, x, g[i], wg_name_get(p[i])), p[i]));
    }
    assign(m, m->step, wg_add(m->step, wg_num(1)));
    wg_scope_pop(m->t);
    return wg_plan_create(&(wg_plan_options){.outputs = {m->out, m->outs}, .name = m->name});
}

wg_plan *wg_minimize_create(wg_tensor loss, const wg_minimize_options *o)
{
    wg_tape *t = wg_tape_of(loss);
    optim m = {.t = t, .o = o};
    wg_plan *plan = NULL;
    size_t n = 0;
    if (!t || !wg_ok(loss)) return NULL;
    const char *kind = o->with.kind ? o->with.kind : "";
    if (strcmp(kind, "sgd") && strcmp(kind, "adam") && strcmp(kind, "adamw"))
        return wg_reject(t, WG_EARG, "minimize: \"%s\" is no optimiser: sgd, adam, adamw", kind), NULL;
    choose_name(&m);
    wg_tensor *p = trained(loss, &n);
    wg_tensor *g = wg__alloc(wg__mul(n + 1, sizeof *g));
    m.room = 3 * n + o->also.n + 2;
    m.out = wg__alloc(wg__mul(m.room, sizeof *m.out));
    if (!p || !g || !m.out) wg_reject(t, WG_ENOMEM, "minimize: out of memory");
    else if (n == 0) wg_reject(t, WG_EARG, "minimize: the loss depends on no trainable parameter");
    else plan = build(&m, loss, p, g, n);
    wg__free(p);
    wg__free(g);
    wg__free(m.out);
    return plan;
}

static wg_status find_lr(const wg_plan *p, char name[80], wg_array *a)
{
    snprintf(name, 80, "%s.lr", wg_plan_name(p));
    return wg_params_get(wg_tape_params(wg_plan_tape(p)), name, a);
}

wg_status wg_set_lr(wg_plan *p, double lr)
{
    char name[80];
    wg_array a;
    if (find_lr(p, name, &a)) return WG_EMISSING;
    a = wg_array_wrap(&lr, WG_F64, (wg_shape){.rank = 0});
    return wg_params_set(wg_tape_params(wg_plan_tape(p)), name, &a, WG_STATE);
}

double wg_get_lr(const wg_plan *p)
{
    char name[80];
    wg_array a;
    return find_lr(p, name, &a) ? (double)NAN : wg_array_at(&a, 0);
}

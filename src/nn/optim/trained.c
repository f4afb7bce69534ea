/* trained.c -- what is to be trained, and whether the options for it make sense. */
#include "base/alloc.h"
#include "nn/optim/minimize.h"

#include <string.h>

/* ---- numbers in their ranges ------------------------------------------------------------------------------------------- */

static bool good_optimizer(wg_tape *t, const wg_optimizer *o)
{
    const struct {
        const char *name;
        double value, below; /* 0 <= value < below */
    } field[] = {
        {"lr", o->lr, INFINITY},
        {"momentum", o->momentum, INFINITY},
        {"weight_decay", o->weight_decay, INFINITY},
        {"beta1", o->beta1, 1},
        {"beta2", o->beta2, 1},
        {"eps", o->eps, INFINITY},
        {"eps2", o->eps2, INFINITY},
        {"alpha", o->alpha, INFINITY},
        {"rho", o->rho, 1},
        {"lr_decay", o->lr_decay, INFINITY},
        {"initial_accumulator_value", o->initial_accumulator_value, INFINITY},
        {"momentum_decay", o->momentum_decay, INFINITY},
        {"d", o->d, INFINITY},
        {"ns_steps", o->ns_steps, 100},
    };
    if (!o->rule) {
        wg_reject(t, WG_EARG, "minimize: no optimiser: it is made by wg_sgd(), wg_adam(), ...");
        return false;
    }
    for (size_t i = 0; i < sizeof field / sizeof *field; i++)
        if (!(field[i].value >= 0 && field[i].value < field[i].below)) {
            wg_reject(t, WG_EARG, "minimize: %s: %s is %g, must be at least 0 and less than %g", o->kind ? o->kind : "optimiser",
                      field[i].name, field[i].value, field[i].below);
            return false;
        }
    return true;
}

static bool good_group(wg_tape *t, const wg_minimize_options *o, const wg_group *g)
{
    wg_optimizer with = g->with.rule ? g->with : o->with;
    if (!isnan(g->lr)) with.lr = g->lr;
    if (!isnan(g->weight_decay)) with.weight_decay = g->weight_decay;
    if (!g->match) return wg_reject(t, WG_EARG, "minimize: a group without a pattern: it is made by wg_group(\"*.bias\", ...)"), false;
    if (!good_optimizer(t, &with)) return false;
    if (with.lr == o->with.lr || o->with.lr > 0 || g->frozen) return true;
    wg_reject(t, WG_EARG, "minimize: group \"%s\": a group's rate is a share of the plan's, which is 0", g->match);
    return false;
}

bool wg__minimize_good(wg_tape *t, const wg_minimize_options *o)
{
    const char *wrong = o->accumulate < 0                 ? "accumulate is negative"
                        : !(o->ema >= 0 && o->ema < 1)    ? "ema must be at least 0 and less than 1"
                        : !(o->clip_norm >= 0)            ? "clip_norm must be at least 0"
                        : !(o->clip_value >= 0)           ? "clip_value must be at least 0"
                        : o->name && strlen(o->name) > 48 ? "its name is longer than 48 characters"
                                                          : NULL;
    if (wrong) return wg_reject(t, WG_EARG, "minimize: %s", wrong), false;
    if (!good_optimizer(t, &o->with)) return false;
    for (size_t i = 0; i < o->groups.n; i++)
        if (!good_group(t, o, &o->groups.x[i])) return false;
    return true;
}

/* ---- names and groups ---------------------------------------------------------------------------------------------------- */

/* One pattern, p to end, against a whole name. After a mismatch the last `*` takes one character more: no recursion. */
static bool one_matches(const char *p, const char *end, const char *name)
{
    const char *star = NULL, *from = NULL;
    while (*name) {
        if (p < end && *p == '*') {
            star = p++;
            from = name;
        } else if (p < end && (*p == '?' || *p == *name)) {
            p++;
            name++;
        } else if (star) {
            p = star + 1;
            name = ++from;
        } else {
            return false;
        }
    }
    while (p < end && *p == '*') p++;
    return p == end;
}

bool wg__name_matches(const char *patterns, const char *name)
{
    for (const char *p = patterns;; p++) {
        size_t length = strcspn(p, "|");
        if (one_matches(p, p + length, name)) return true;
        p += length;
        if (!*p) return false;
    }
}

size_t wg__group_of(const wg_minimize_options *o, const char *name)
{
    for (size_t i = 0; i < o->groups.n; i++)
        if (wg__name_matches(o->groups.x[i].match, name)) return i + 1;
    return 0;
}

/* ---- parameters ----------------------------------------------------------------------------------------------------------- */

/* Marks the nodes that loss is computed from. */
static void mark_needed(wg_tensor loss, bool *needed)
{
    wg_tape *t = wg_tape_of(loss);
    needed[wg_node_index(loss)] = true;
    for (size_t k = wg_node_index(loss) + 1; k-- > 0;) {
        wg_tensor x = wg_tape_node(t, k);
        for (int i = 0; needed[k] && i < wg_node_inputs(x); i++)
            if (wg_ok(wg_node_input(x, i))) needed[wg_node_index(wg_node_input(x, i))] = true;
    }
}

static bool trainable(wg_tensor x)
{
    wg_dtype d = wg_dtype_get(x);
    return strcmp(wg_op_name(x), "param") == 0 && (wg_dtype_real(d) || wg_dtype_half(d)) &&
           wg_params_kind(wg_tape_params(wg_tape_of(x)), wg_name_get(x)) == WG_TRAINABLE;
}

/* Takes out what is frozen; a group that no parameter is in is an error. */
static bool apply_groups(wg_tape *t, const wg_minimize_options *o, wg_tensor *p, size_t *n, bool *used)
{
    size_t kept = 0;
    for (size_t i = 0; i < *n; i++) {
        size_t group = wg__group_of(o, wg_name_get(p[i]));
        if (group) used[group - 1] = true;
        if (!group || !o->groups.x[group - 1].frozen) p[kept++] = p[i];
    }
    for (size_t i = 0; i < o->groups.n; i++)
        if (!used[i]) {
            wg_reject(t, WG_EMISSING, "minimize: group \"%s\": no parameter of the loss is in it", o->groups.x[i].match);
            return false;
        }
    if (kept == 0)
        wg_reject(t, WG_EARG, *n ? "minimize: every parameter is frozen" : "minimize: the loss depends on no trainable parameter");
    *n = kept;
    return kept > 0;
}

wg_tensor *wg__trained(wg_tensor loss, const wg_minimize_options *o, size_t *n)
{
    wg_tape *t = wg_tape_of(loss);
    size_t count = wg_node_index(loss) + 1;
    bool *needed = wg__alloc(count), *used = wg__alloc(o->groups.n + 1);
    wg_tensor *p = wg__alloc(wg__mul(count, sizeof *p));
    bool good = needed && used && p;
    *n = 0;
    if (!good) wg_reject(t, WG_ENOMEM, "minimize: out of memory");
    if (good) mark_needed(loss, needed);
    for (size_t k = 0; good && k < count; k++)
        if (needed[k] && trainable(wg_tape_node(t, k))) p[(*n)++] = wg_tape_node(t, k);
    good = good && apply_groups(t, o, p, n, used);
    wg__free(needed);
    wg__free(used);
    if (good) return p;
    wg__free(p);
    return NULL;
}

/* cli_run.c -- `wengert run`: the returned tensors, and, where they are asked for, gradients, a forward derivative and the
 * parameters' new values, from the arrays of an .npz into another, or as NumPy prints them. */
#include "cli.h"

#include <stdlib.h>
#include <string.h>

/* What is to be computed, under its name; inputs that derivatives add, with their arrays. */
typedef struct job {
    cli_model m;
    const cli_options *o;
    size_t leaves; /* real inputs and parameters */
    wg_tensor *leaf;
    char **name;
    wg_tensor *want;
    size_t wants, capacity, shown; /* the first `shown` are read; assigns follow */
    wg_tensor *extra;              /* inputs made for cotangents and tangents ... */
    const wg_array **fed;          /* ... and what they are fed */
    size_t extras;
    wg_array *made; /* arrays converted for feeding */
    size_t mades;
} job;

static bool want(job *j, wg_tensor x, const char *prefix, const char *name)
{
    if (j->wants == j->capacity) {
        size_t capacity = j->capacity ? 2 * j->capacity : 32;
        wg_tensor *x2 = realloc(j->want, capacity * sizeof *x2);
        if (x2) j->want = x2;
        char **n2 = x2 ? realloc(j->name, capacity * sizeof *n2) : NULL;
        if (!n2) return cli_say("out of memory");
        j->name = n2;
        j->capacity = capacity;
    }
    size_t length = strlen(prefix) + strlen(name) + 1;
    char *copy = malloc(length);
    if (!copy) return cli_say("out of memory");
    snprintf(copy, length, "%s%s", prefix, name);
    j->name[j->wants] = copy;
    j->want[j->wants++] = x;
    return true;
}

/* ---- derivatives ---------------------------------------------------------------------------------------------------- */

/* An input of x's type, for an array of --inputs. */
static bool stand_in(job *j, wg_tensor x, const char *name, const wg_array *a)
{
    char own[64];
    snprintf(own, sizeof own, "wengert.run/%zu", j->extras);
    j->extra[j->extras] = (wg_input)(j->m.tape, own, wg_dtype_get(x), wg_shape_get(x));
    j->fed[j->extras++] = a;
    wg_shape s = wg_shape_get(x);
    bool fits = a->shape.rank == s.rank;
    for (int i = 0; fits && i < s.rank; i++) fits = s.dim[i] < 0 || s.dim[i] == a->shape.dim[i];
    if (!fits) return cli_say("%s: %s has not the shape of what it belongs to", j->o->inputs, name);
    return wg_ok(j->extra[j->extras - 1]) || cli_say("%s", wg_error(j->m.tape));
}

/* The array of --inputs called prefix.name for x: *a NULL where there is none. */
static bool find_given(job *j, const char *prefix, const char *name, wg_tensor x, const wg_array **a, char *full, size_t size)
{
    bool bad;
    snprintf(full, size, "%s%s", prefix, name);
    *a = cli_given(&j->m, full, x, &j->made[j->mades], &bad);
    j->mades++;
    return !bad;
}

static bool add_grads(job *j, wg_tensor y)
{
    char full[1100];
    const wg_array *cot;
    wg_tensor *g = malloc((j->leaves + 1) * sizeof *g);
    if (!g) return cli_say("out of memory");
    bool good = find_given(j, "cot.", j->o->grad, y, &cot, full, sizeof full) && (!cot || stand_in(j, y, full, cot));
    if (good && cot) good = !wg_vjps(y, j->extra[j->extras - 1], j->leaf, j->leaves, g);
    else if (good) good = !wg_grads(y, j->leaf, j->leaves, g);
    if (!good && wg_error(j->m.tape)) cli_say("%s: --grad %s: %s", j->o->file, j->o->grad, wg_error(j->m.tape));
    for (size_t i = 0; good && i < j->leaves; i++) good = want(j, g[i], "grad.", wg_name_get(j->leaf[i]));
    free(g);
    return good;
}

static bool add_jvp(job *j, wg_tensor y)
{
    char full[1100];
    wg_tensor *x = malloc((j->leaves + 1) * sizeof *x), *dx = malloc((j->leaves + 1) * sizeof *dx);
    size_t n = 0;
    bool good = (x && dx) || cli_say("out of memory");
    for (size_t i = 0; good && i < j->leaves; i++) {
        const wg_array *a;
        good =
            find_given(j, "dot.", wg_name_get(j->leaf[i]), j->leaf[i], &a, full, sizeof full) && (!a || stand_in(j, j->leaf[i], full, a));
        if (good && a) x[n] = j->leaf[i], dx[n++] = j->extra[j->extras - 1];
    }
    if (good) {
        wg_tensor d = wg_jvps(y, x, dx, n);
        good = wg_ok(d) ? want(j, d, "jvp.", j->o->jvp) : cli_say("%s: --jvp %s: %s", j->o->file, j->o->jvp, wg_error(j->m.tape));
    }
    free(x);
    free(dx);
    return good;
}

/* ---- feeding --------------------------------------------------------------------------------------------------------- */

/* Which nodes the outputs need; an assign that hangs on a needed node needs its own. */
static uint8_t *find_needed(const job *j)
{
    size_t n = wg_tape_size(j->m.tape);
    uint8_t *needed = calloc(n + 1, 1);
    for (size_t i = 0; needed && i < j->wants; i++) needed[wg_node_index(j->want[i])] = 1;
    for (bool again = needed != NULL; again;) {
        again = false;
        for (size_t i = n; i-- > 0;) {
            wg_tensor x = wg_tape_node(j->m.tape, i), on = cli_is(x, "assign") ? wg_node_input(x, 2) : WG_NONE;
            if (!needed[i] && wg_ok(on) && needed[wg_node_index(on)]) needed[i] = again = 1;
            for (int k = 0; needed[i] && k < wg_node_inputs(x); k++)
                if (wg_ok(wg_node_input(x, k))) needed[wg_node_index(wg_node_input(x, k))] = 1;
        }
    }
    return needed;
}

/* Every input that is there, and one line that names all that are not. */
static bool feed(job *j, wg_plan *p)
{
    char missing[CLI_WHY] = "", full[1100];
    uint8_t *needed = find_needed(j);
    bool good = needed || cli_say("out of memory");
    size_t lack = 0, used = 0;
    for (size_t i = 0; good && i < wg_tape_size(j->m.tape); i++) {
        wg_tensor x = wg_tape_node(j->m.tape, i);
        if (!cli_is(x, "input") || !needed[i]) continue;
        const wg_array *a = NULL;
        for (size_t k = 0; k < j->extras && !a; k++)
            if (j->extra[k].id == x.id) a = j->fed[k];
        if (!a) good = find_given(j, "", wg_name_get(x), x, &a, full, sizeof full);
        if (good && a && wg_feed(p, x, *a)) good = cli_say("%s: %s", j->o->inputs, wg_plan_error(p));
        if (good && !a && used < sizeof missing)
            used += (size_t)snprintf(missing + used, sizeof missing - used, "%s%s", lack++ ? ", " : "", wg_name_get(x));
    }
    free(needed);
    if (good && lack) return cli_say("%s: missing input%s %s: give them in --inputs FILE.npz", j->o->file, lack > 1 ? "s" : "", missing);
    return good;
}

/* ---- results --------------------------------------------------------------------------------------------------------- */

static bool put(wg_archive *out, const char *name, wg_array a)
{
    if (wg_archive_find(out, name)) return true; /* returned twice */
    return !wg_archive_add(out, name, &a) || cli_say("out of memory");
}

static const char *assigned_to(const job *j, size_t i) { return wg_name_get(wg_node_input(j->want[i], 0)); }

/* A returned parameter is the old value; where the new one is wanted too, that takes the name. */
static bool collect(job *j, wg_plan *p, wg_archive *out)
{
    wg_array a;
    for (size_t i = 0; i < j->shown; i++) {
        bool newer = false;
        for (size_t k = j->shown; k < j->wants; k++) newer |= strcmp(assigned_to(j, k), j->name[i]) == 0;
        if (!newer && wg_read(p, j->want[i], &a)) return cli_say("%s: %s", j->o->file, wg_plan_error(p));
        if (!newer && !put(out, j->name[i], a)) return false;
    }
    for (size_t i = j->shown; i < j->wants; i++) {
        if (wg_params_get(wg_tape_params(j->m.tape), assigned_to(j, i), &a)) return cli_say("%s is not there", assigned_to(j, i));
        if (!put(out, assigned_to(j, i), a)) return false;
    }
    return true;
}

static bool deliver(const job *j, const wg_archive *out)
{
    char why[CLI_WHY];
    if (j->o->outputs) return !wg_npz_write(j->o->outputs, out, why, sizeof why) || cli_say("%s", why);
    for (size_t i = 0; i < out->count; i++) {
        printf("%s =%c", out->entry[i].name, out->entry[i].array.shape.rank ? '\n' : ' ');
        if (wg_array_print(stdout, &out->entry[i].array)) return cli_say("standard output cannot be written");
    }
    return fflush(stdout) == 0 || cli_say("standard output cannot be written");
}

static bool prepare(job *j)
{
    const cli_options *o = j->o;
    const char *const extra[] = {o->grad, o->jvp};
    if (!cli_load(&j->m, o, extra, 2)) return false;
    size_t n = wg_tape_size(j->m.tape), room = 2 * n + 8;
    j->leaf = malloc(room * sizeof *j->leaf);
    j->extra = malloc(room * sizeof *j->extra);
    j->fed = malloc(room * sizeof *j->fed);
    j->made = calloc(2 * room, sizeof *j->made);
    if (!j->leaf || !j->extra || !j->fed || !j->made) return cli_say("out of memory");
    for (size_t i = 0; i < n; i++)
        if (cli_real_leaf(wg_tape_node(j->m.tape, i))) j->leaf[j->leaves++] = wg_tape_node(j->m.tape, i);
    bool good = true;
    for (size_t i = 0; good && i < j->m.names; i++) good = want(j, j->m.output[i], "", j->m.name[i]);
    if (good && o->grad) good = add_grads(j, j->m.output[j->m.names]);
    if (good && o->jvp) good = add_jvp(j, j->m.output[j->m.names + (o->grad != NULL)]);
    j->shown = j->wants;
    for (size_t i = 0; good && o->updates && i < n; i++)
        if (cli_is(wg_tape_node(j->m.tape, i), "assign")) good = want(j, wg_tape_node(j->m.tape, i), "", "");
    if (good && !j->wants) return cli_say("%s: nothing is returned: end the text with `return NAME`", o->file);
    return good;
}

/* Whether a run changes anything: then there is only one. */
static bool has_effects(const job *j)
{
    uint8_t *needed = find_needed(j);
    bool any = !needed;
    for (size_t i = 0; !any && i < wg_tape_size(j->m.tape); i++) any = needed[i] && cli_is(wg_tape_node(j->m.tape, i), "assign");
    free(needed);
    return any;
}

/* Profiled, it runs a second time where it may: the first finds its memory not there yet. */
static bool run_plan(const job *j, wg_plan *p)
{
    bool profiled = j->o->profile != NULL;
    if (profiled && !has_effects(j) && wg_run(p)) return cli_say("%s", wg_plan_error(p));
    if (wg_plan_profile(p, profiled) || wg_run(p)) return cli_say("%s", wg_plan_error(p));
    return true;
}

int cli_run(const cli_options *o)
{
    job j = {.o = o};
    wg_archive out = {0};
    bool good = prepare(&j);
    if (good) {
        wg_plan *p = wg_plan_create(&(wg_plan_options){.outputs = {j.want, j.wants}, .isa = o->isa, .threads = o->threads});
        if (!p) good = cli_say("%s: %s", o->file, wg_error(j.m.tape));
        good = good && feed(&j, p);
        good = good && run_plan(&j, p) && collect(&j, p, &out) && deliver(&j, &out) && (!o->profile || cli_profile(p, o));
    }
    wg_archive_free(&out);
    for (size_t i = 0; i < j.mades; i++) wg_array_free(&j.made[i]);
    for (size_t i = 0; i < j.wants; i++) free(j.name[i]);
    free(j.name);
    free(j.want);
    free(j.leaf);
    free(j.extra);
    free(j.fed);
    free(j.made);
    cli_free(&j.m);
    return good ? 0 : 2;
}

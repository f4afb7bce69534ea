/* cli_train.c -- `wengert train`: the parameters of a text learn from the arrays of an .npz, batch by batch, until a scalar of it is
 * small. What comes out is the text and its weights, as wg_model_load reads them. */
#include "cli.h"
#include "progress.h"

#include <stdlib.h>

enum { MOST_INPUTS = 16 };

typedef struct lesson {
    cli_model m;
    const cli_options *o;
    wg_tensor loss, in[MOST_INPUTS];
    wg_array data[MOST_INPUTS], made[MOST_INPUTS]; /* made: converted ones, to be freed */
    int n;
    wg_loader *rows;
    progress shown;
} lesson;

/* The inputs that the loss is computed from, and their arrays. */
static bool take_inputs(lesson *l)
{
    size_t n = wg_node_index(l->loss) + 1;
    uint8_t *needed = calloc(n, 1);
    bool good = needed || cli_say("out of memory");
    if (good) needed[n - 1] = 1;
    for (size_t i = n; good && i-- > 0;) {
        wg_tensor x = wg_tape_node(l->m.tape, i);
        for (int k = 0; needed[i] && k < wg_node_inputs(x); k++)
            if (wg_ok(wg_node_input(x, k))) needed[wg_node_index(wg_node_input(x, k))] = 1;
        if (!needed[i] || !cli_is(x, "input")) continue;
        bool bad;
        if (l->n == MOST_INPUTS) good = cli_say("%s: more than %d inputs", l->o->file, MOST_INPUTS);
        const wg_array *a = good ? cli_given(&l->m, wg_name_get(x), x, &l->made[l->n], &bad) : NULL;
        if (good && !a) good = bad ? false : cli_say("%s: missing input %s: give it in --inputs FILE.npz", l->o->file, wg_name_get(x));
        if (!good) break;
        l->data[l->n] = *a;
        l->in[l->n++] = x;
    }
    free(needed);
    return good && (l->n > 0 || cli_say("%s: %s depends on no input", l->o->file, l->o->loss));
}

static double falling(int64_t step, int64_t steps, void *of)
{
    double rate = ((const lesson *)of)->o->rate;
    return wg_cosine(rate, 0.01 * rate, step, steps);
}

static void report(const wg_fit_report *r, void *of) { progress_report(r, &((lesson *)of)->shown); }

static bool learn(lesson *l, wg_fit_result *r)
{
    char why[CLI_WHY];
    const cli_options *o = l->o;
    l->rows = wg_loader_new(l->data, .n = l->n, .batch = o->batch, .shuffle = true, .seed = o->seed, .why = why, .why_size = sizeof why);
    if (!l->rows) return cli_say("%s: %s", o->inputs, why);
    wg_plan *step = wg_minimize(l->loss, wg_adamw(.lr = o->rate));
    if (!step) return cli_say("%s: %s", o->file, wg_error(l->m.tape));
    bool failed = wg_fit(r, why, sizeof why, step, .loss = l->loss, .inputs = {l->in, (size_t)l->n}, .train = l->rows, .epochs = o->epochs,
                         .rate = falling, .report = report, .user = l, .stop = progress_stop());
    return !failed || cli_say("%s: %s", o->file, why);
}

/* The text once more, with the same parameters and without what the optimiser added to it. */
static bool save(lesson *l)
{
    char why[CLI_WHY];
    wg_tape *plain = NULL;
    const wg_tape_options with = {.params = wg_tape_params(l->m.tape)};
    bool good = !wg_tape_parse(&plain, l->m.text, l->m.length, l->o->file, &with, why, sizeof why) &&
                !wg_model_save(plain, l->o->outputs, why, sizeof why);
    wg_tape_free(plain);
    return good || cli_say("%s", why);
}

int cli_train(const cli_options *o)
{
    lesson l = {.o = o};
    wg_fit_result r = {.epochs = 0};
    bool good = o->inputs || cli_say("wengert train: --inputs FILE.npz is wanted");
    if (good && (good = cli_load(&l.m, o, &o->loss, 1))) l.loss = l.m.output[l.m.names];
    good = good && take_inputs(&l) && learn(&l, &r) && (!o->outputs || save(&l));
    if (good) printf("loss %.6g after %lld epochs%s\n", r.loss, (long long)r.epochs, r.stopped ? ", stopped" : "");
    wg_loader_free(l.rows);
    for (int i = 0; i < l.n; i++) wg_array_free(&l.made[i]);
    cli_free(&l.m);
    return good ? 0 : 2;
}

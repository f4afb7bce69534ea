/* wengert.c -- the command line: run, train, draw, print, plan and check a tape that is written as text; look at the ops.
 *
 * Exit status: 0; 1 when a gradient fails its check; 2 when something was wrong with the call or its files, which one line
 * on stderr says. */
#include "cli.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static const char usage[] =
    "usage: wengert run FILE.tape [--inputs IN.npz] [--outputs OUT.npz] [--grad NAME] [--jvp NAME] [--updates]\n"
    "                             [--threads N] [--seed N] [--isa NAME] [--profile TRACE.json]\n"
    "       wengert train FILE.tape --inputs IN.npz [--outputs MODEL] [--loss NAME] [--epochs N] [--batch N] [--rate R]\n"
    "                             [--threads N] [--seed N]\n"
    "       wengert dot FILE.tape [--grad NAME] [--plan] [--brief] [--depth N] [--inputs IN.npz]\n"
    "                             [-o FILE.dot|.svg|.png|.pdf]\n"
    "       wengert print FILE.tape\n"
    "       wengert plan FILE.tape [--inputs IN.npz] [--threads N] [--isa NAME]\n"
    "       wengert check FILE.tape [--inputs IN.npz] [--seed N]\n"
    "       wengert ops [NAME] [--tsv]\n"
    "       wengert bench [WORKLOAD ...] [--threads N] [--seconds S] [--tsv] | --list\n"
    "       wengert bench WORKLOAD --profile TRACE.json [--threads N] [--seconds S]\n"
    "\n"
    "run    computes what the text returns, prints it, or writes it to OUT.npz. IN.npz holds inputs and parameters by name;\n"
    "       parameters that it does not hold start from --seed, or the text's seed. --grad NAME adds grad.X for every real\n"
    "       input and parameter X (cot.NAME in IN.npz where NAME is not a scalar); --jvp NAME adds the derivative along the\n"
    "       arrays dot.X; --updates runs the assigns and adds the parameters' new values. --profile times a run, the second\n"
    "       where there are no --updates: the steps in a table, and by thread in a file for chrome://tracing or Perfetto.\n"
    "train  moves the parameters until the scalar NAME (loss) is small: AdamW, its rate from R (0.001) down half a cosine, over N (10)\n"
    "       epochs of batches of N (64) rows of the inputs in IN.npz. Ctrl-C ends it early. Writes MODEL.tape, MODEL.safetensors.\n"
    "dot    draws the tape (its gradients too, its plan's groups), to stdout as DOT, or to a file, pictures by Graphviz.\n"
    "       --brief: for a page, with a box a layer, and what repeats drawn once.\n"
    "print  prints the tape in the one form that it has.\n"
    "plan   prints the steps that compute it. Inputs that are not given are zeros, unknown sizes 32.\n"
    "check  compares its gradients with differences; exit status 1 when one fails.\n"
    "ops    lists the ops, or shows one.\n"
    "bench  times training steps and other work, all or those named: median, rate, share of what this machine can do (measured\n"
    "       too: the rows limit/...), and peak memory. Columns with --tsv: name, threads, median, unit, rate, unit, share, MiB.\n"
    "       --profile times the steps of one workload's plan, as run does.\n";

/* ---- options ---------------------------------------------------------------------------------------------------------- */

typedef struct flag {
    const char *name, *commands; /* those that know it, each between blanks */
    size_t offset;
    enum { WORD, NUMBER, REAL, SWITCH } type;
} flag;

static const flag flags[] = {
    {"--inputs", " run train dot plan check ", offsetof(cli_options, inputs), WORD},
    {"--outputs", " run train ", offsetof(cli_options, outputs), WORD},
    {"--grad", " run dot ", offsetof(cli_options, grad), WORD},
    {"--jvp", " run ", offsetof(cli_options, jvp), WORD},
    {"--isa", " run plan ", offsetof(cli_options, isa), WORD},
    {"-o", " dot ", offsetof(cli_options, out), WORD},
    {"--updates", " run ", offsetof(cli_options, updates), SWITCH},
    {"--brief", " dot ", offsetof(cli_options, brief), SWITCH},
    {"--plan", " dot ", offsetof(cli_options, plan), SWITCH},
    {"--profile", " run bench ", offsetof(cli_options, profile), WORD},
    {"--tsv", " ops bench ", offsetof(cli_options, tsv), SWITCH},
    {"--list", " bench ", offsetof(cli_options, list), SWITCH},
    {"--loss", " train ", offsetof(cli_options, loss), WORD},
    {"--epochs", " train ", offsetof(cli_options, epochs), NUMBER},
    {"--batch", " train ", offsetof(cli_options, batch), NUMBER},
    {"--rate", " train ", offsetof(cli_options, rate), REAL},
    {"--threads", " run train plan bench ", offsetof(cli_options, threads), NUMBER},
    {"--depth", " dot ", offsetof(cli_options, depth), NUMBER},
    {"--seed", " run train check ", offsetof(cli_options, seed), NUMBER},
    {"--seconds", " bench ", offsetof(cli_options, seconds), REAL},
};

static bool knows(const flag *f, const char *command)
{
    char between[16];
    snprintf(between, sizeof between, " %s ", command);
    return strstr(f->commands, between) != NULL;
}

static bool read_number(cli_options *o, const flag *f, const char *text)
{
    char *end;
    bool seed = f->offset == offsetof(cli_options, seed);
    bool many = f->offset == offsetof(cli_options, epochs) || f->offset == offsetof(cli_options, batch);
    unsigned long long most = seed ? UINT32_MAX : many ? 1000000000 : 1024;
    errno = 0;
    unsigned long long v = strtoull(text, &end, 10);
    bool digit = text[0] >= '0' && text[0] <= '9'; /* strtoull takes blanks and signs */
    if (!digit || *end || errno || v > most || (!seed && v == 0))
        return cli_say("wengert %s: %s %s: a number from %d to %llu is wanted", o->command, f->name, text, seed ? 0 : 1, most);
    void *to = (char *)o + f->offset;
    if (seed) *(uint32_t *)to = (uint32_t)v, o->seeded = true;
    else *(int *)to = (int)v;
    return true;
}

static bool read_real(cli_options *o, const flag *f, const char *text)
{
    char *end;
    double v = strtod(text, &end), most = 3600;
    bool digit = (text[0] >= '0' && text[0] <= '9') || text[0] == '.';
    if (!digit || *end || !(v <= most))
        return cli_say("wengert %s: %s %s: a number from 0 to %g is wanted", o->command, f->name, text, most);
    *(double *)(void *)((char *)o + f->offset) = v;
    return true;
}

static bool read_flag(cli_options *o, int argc, char **argv, int *i)
{
    char name[32] = "";
    const char *given = argv[*i], *equals = strchr(given, '='), *value = equals ? equals + 1 : NULL;
    snprintf(name, sizeof name, "%.*s", equals ? (int)(equals - given) : 31, given);
    for (size_t k = 0; k < sizeof flags / sizeof *flags; k++) {
        const flag *f = &flags[k];
        void *to = (char *)o + f->offset;
        if (strcmp(f->name, name) != 0 || !knows(f, o->command)) continue;
        if (f->type == SWITCH) return value ? cli_say("wengert %s: %s takes no value", o->command, name) : (*(bool *)to = true);
        if (!value && *i + 1 < argc) value = argv[++*i];
        if (!value) return cli_say("wengert %s: %s: a value is missing", o->command, name);
        if (f->type == NUMBER) return read_number(o, f, value);
        if (f->type == REAL) return read_real(o, f, value);
        *(const char **)to = value;
        return true;
    }
    return cli_say("wengert %s: unknown option %s", o->command, given);
}

static bool read_options(cli_options *o, int argc, char **argv)
{
    bool names = false, many = strcmp(o->command, "bench") == 0; /* names: behind -- */
    o->word = argv + 2;
    for (int i = 2; i < argc; i++) {
        if (!names && strcmp(argv[i], "--") == 0) {
            names = true;
        } else if (!names && argv[i][0] == '-' && argv[i][1]) {
            if (!read_flag(o, argc, argv, &i)) return false;
        } else if (many) {
            argv[2 + o->words++] = argv[i]; /* to the front: never past what has been read */
        } else if (o->file) {
            return cli_say("wengert %s: one file too many: %s", o->command, argv[i]);
        } else {
            o->file = argv[i];
        }
    }
    return o->file || many || strcmp(o->command, "ops") == 0 || cli_say("wengert %s: which file? (wengert --help)", o->command);
}

/* ---- commands --------------------------------------------------------------------------------------------------------- */

static int print(const cli_options *o)
{
    cli_model m;
    bool good = cli_load(&m, o, NULL, 0);
    if (good && (wg_print(stdout, m.tape) || fflush(stdout))) good = cli_say("standard output cannot be written");
    cli_free(&m);
    return good ? 0 : 2;
}

/* A plan of what is returned. Inputs that --inputs lacks are zeros; a size that is not known is 32. */
static wg_plan *plan_for(cli_model *m, const cli_options *o, wg_array *fed)
{
    wg_tensors returned = {m->output, m->outputs};
    if (!returned.n) return cli_say("%s: nothing is returned: end the text with `return NAME`", o->file), NULL;
    wg_plan *p = wg_plan_create(&(wg_plan_options){.outputs = returned, .isa = o->isa, .threads = o->threads});
    if (!p) return cli_say("%s: %s", o->file, wg_error(m->tape)), NULL;
    for (size_t i = 0; i < wg_tape_size(m->tape); i++) {
        wg_tensor x = wg_tape_node(m->tape, i);
        bool bad = false;
        if (!cli_is(x, "input")) continue;
        const wg_array *a = cli_given(m, wg_name_get(x), x, &fed[i], &bad);
        if (bad) return NULL;
        if (!a) {
            wg_shape s = wg_shape_get(x);
            for (int k = 0; k < s.rank; k++) s.dim[k] = s.dim[k] < 0 ? 32 : s.dim[k];
            if (wg_array_new(&fed[i], wg_dtype_get(x), s)) return cli_say("out of memory"), NULL;
            a = &fed[i];
        }
        if (wg_feed(p, x, *a)) return cli_say("%s: %s", o->inputs ? o->inputs : o->file, wg_plan_error(p)), NULL;
    }
    return p;
}

static void free_fed(cli_model *m, wg_array *fed)
{
    for (size_t i = 0; fed && i < wg_tape_size(m->tape); i++) wg_array_free(&fed[i]);
    free(fed);
}

static int plan(const cli_options *o)
{
    cli_model m;
    wg_array *fed = NULL;
    bool good = cli_load(&m, o, NULL, 0);
    if (good && !(fed = calloc(wg_tape_size(m.tape) + 1, sizeof *fed))) good = cli_say("out of memory");
    wg_plan *p = good ? plan_for(&m, o, fed) : NULL;
    if (p && wg_plan_print(stdout, p))
        cli_say("%s: %s", o->file, wg_plan_error(p) ? wg_plan_error(p) : "standard output cannot be written"), p = NULL;
    free_fed(&m, fed);
    cli_free(&m);
    return p ? 0 : 2;
}

/* Gradients of m's last output, by all real inputs and parameters, named after them where the name is free; outputs, too. */
static bool add_grads(cli_model *m, const cli_options *o)
{
    size_t n = wg_tape_size(m->tape), k = 0;
    wg_tensor *x = malloc((n + 1) * sizeof *x), *g = malloc((n + 1) * sizeof *g), y = m->output[m->names];
    bool good = (x && g) || cli_say("out of memory");
    for (size_t i = 0; good && i < n; i++)
        if (cli_real_leaf(wg_tape_node(m->tape, i))) x[k++] = wg_tape_node(m->tape, i);
    bool scalar = good && wg_shape_count(wg_shape_get(y)) == 1;
    wg_tensor cot = good && !scalar ? (wg_input)(m->tape, "cot", wg_dtype_get(y), wg_shape_get(y)) : WG_NONE;
    if (good && (scalar ? wg_grads(y, x, k, g) : wg_vjps(y, cot, x, k, g)))
        good = cli_say("%s: --grad %s: %s", o->file, o->grad, wg_error(m->tape));
    for (size_t i = 0; good && i < k; i++) {
        char name[1100];
        snprintf(name, sizeof name, "grad.%s", wg_name_get(x[i]));
        if (wg_node_index(g[i]) >= n && !wg_name_get(g[i]) && !wg_ok(wg_find(m->tape, name))) wg_name(g[i], name);
    }
    wg_error_clear(m->tape);
    wg_return(m->tape, (wg_tensors){m->output, m->names}); /* what the text returns, without what was asked for */
    wg_tensor *more = good ? realloc(m->output, (m->outputs + k + 1) * sizeof *more) : NULL;
    if (more) m->output = more;
    else if (good) good = cli_say("out of memory");
    for (size_t i = 0; good && i < k; i++) m->output[m->outputs++] = g[i];
    free(x);
    free(g);
    return good;
}

static int dot(const cli_options *o)
{
    cli_model m;
    char why[CLI_WHY] = "";
    wg_array *fed = NULL;
    bool good = cli_load(&m, o, &o->grad, 1);
    if (good && o->grad) good = add_grads(&m, o);
    if (good && !(fed = calloc(wg_tape_size(m.tape) + 1, sizeof *fed))) good = cli_say("out of memory");
    wg_plan *p = good && o->plan ? plan_for(&m, o, fed) : NULL;
    if (p && wg_run(p)) good = cli_say("%s", wg_plan_error(p)); /* so that its groups are those of real sizes */
    if (o->plan && !p) good = false;
    wg_draw_options with = {.path = o->out, .depth = o->depth, .brief = o->brief, .plan = p, .why = why, .why_size = sizeof why};
    if (good && o->out && wg_draw_create(m.tape, &with)) good = cli_say("%s", why);
    if (good && !o->out && (wg_draw_dot(stdout, m.tape, &with) || fflush(stdout))) good = cli_say("standard output cannot be written");
    free_fed(&m, fed);
    cli_free(&m);
    return good ? 0 : 2;
}

static int check(const cli_options *o)
{
    cli_model m;
    int status = 0, checked = 0;
    cli_options mine = *o;
    mine.seeded = false; /* the seed of what is drawn, not of the parameters */
    bool good = cli_load(&m, &mine, NULL, 0);
    size_t n = good ? m.given.count : 0, feeds = 0;
    wg_gradcheck_feed *feed = calloc(n + 1, sizeof *feed);
    if (good && !feed) good = cli_say("out of memory");
    for (size_t i = 0; good && i < n; i++)
        if (cli_is(wg_find(m.tape, m.given.entry[i].name), "input"))
            feed[feeds++] = (wg_gradcheck_feed){m.given.entry[i].name, m.given.entry[i].array};
    for (size_t i = 0; good && i < m.names; i++) {
        if (!wg_dtype_real(wg_dtype_get(m.output[i]))) continue;
        wg_gradcheck_report r =
            wg_gradcheck_with(m.output[i], &(wg_gradcheck_options){.order = 2, .seed = o->seed, .feeds = feed, .n_feeds = feeds});
        checked++;
        if (r.status) good = cli_say("%s", r.text);
        else puts(r.text);
        if (!r.ok) status = 1;
    }
    if (good && !checked) good = cli_say("%s: no real tensor is returned: end the text with `return NAME`", o->file);
    free(feed);
    cli_free(&m);
    return good ? status : 2;
}

int main(int argc, char **argv)
{
    static const struct {
        const char *name;
        int (*run)(const cli_options *o);
    } commands[] = {{"run", cli_run}, {"train", cli_train}, {"dot", dot},     {"print", print},
                    {"plan", plan},   {"check", check},     {"ops", cli_ops}, {"bench", cli_bench}};
    cli_options o = {.command = argc > 1 ? argv[1] : "", .seconds = 2, .loss = "loss", .epochs = 10, .batch = 64, .rate = 1e-3};
    if (strcmp(o.command, "--help") == 0 || strcmp(o.command, "-h") == 0 || strcmp(o.command, "help") == 0) return fputs(usage, stdout), 0;
    for (size_t i = 0; i < sizeof commands / sizeof *commands; i++)
        if (strcmp(commands[i].name, o.command) == 0) return read_options(&o, argc, argv) ? commands[i].run(&o) : 2;
    if (argc < 2) cli_say("wengert: which command? run, train, dot, print, plan, check, ops or bench (wengert --help)");
    else cli_say("wengert: unknown command %s: run, train, dot, print, plan, check, ops or bench (wengert --help)", o.command);
    return 2;
}

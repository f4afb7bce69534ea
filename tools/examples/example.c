/* example.c -- see example.h. */
#define _POSIX_C_SOURCE 200809L
#include "example.h"

#include <errno.h>
#include <math.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

static volatile sig_atomic_t interrupted;

/* A second Ctrl-C ends the program as it would without a handler. */
static void interrupt(int number)
{
    interrupted = 1;
    signal(number, SIG_DFL);
}

int example_fail(const example *e, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    fprintf(stderr, "%s: ", e->name);
    vfprintf(stderr, format, args);
    fputc('\n', stderr);
    va_end(args);
    return 1;
}

int example_lacks(const example *e, const char *path, const char *where)
{
    fprintf(stderr, "%s: %s: %s\n%s\n", e->name, path, strerror(errno), where);
    return 77;
}

static int usage(const example *e)
{
    return fprintf(stderr, "usage: %s [--epochs N] [--data DIR] [--out DIR] [--resume] [ARGUMENT]\n", e->name), 1;
}

int example_begin(example *e, int argc, char **argv)
{
    e->stop = &interrupted;
    if (!e->out) e->out = "out";
    for (int i = 1; i < argc; i++) {
        const char *value = i + 1 < argc ? argv[i + 1] : NULL;
        if (strcmp(argv[i], "--resume") == 0) e->resume = true;
        else if (strcmp(argv[i], "--epochs") == 0 && value && atoll(value) > 0) e->epochs = atoll(argv[++i]);
        else if (strcmp(argv[i], "--data") == 0 && value) e->data = argv[++i];
        else if (strcmp(argv[i], "--out") == 0 && value) e->out = argv[++i];
        else if (argv[i][0] != '-' && !e->argument) e->argument = argv[i];
        else return usage(e);
    }
    if (mkdir(e->out, 0777) && errno != EEXIST) return example_fail(e, "%s: %s", e->out, strerror(errno));
    signal(SIGINT, interrupt);
    return 0;
}

const char *example_out(const char *folder, const char *file)
{
    static char path[4][4096];
    static int next;
    char *p = path[next++ % 4];
    snprintf(p, sizeof path[0], "%s/%s", folder, file);
    return p;
}

static void report(const wg_fit_report *r, void *user)
{
    example *e = user;
    progress *p = &e->progress;
    if (p->began <= 0) *p = progress_start(r->steps);
    if (!r->epoch_end) {
        p->step = r->step - 1; /* a resumed run does not begin at 0 */
        progress_step(p, r->loss, r->items - p->images);
        return;
    }
    char valid[64] = "";
    if (r->scores) snprintf(valid, sizeof valid, ", in validation %.4f%s", r->score[0], r->best ? " (the best so far)" : "");
    progress_line(p, "epoch %lld of %lld: loss %.4g%s, %.0f a second, %.1f s", (long long)r->epoch, (long long)r->epochs, r->epoch_loss,
                  valid, (double)p->images / progress_seconds(p), progress_seconds(p));
}

bool example_fit(example *e, wg_fit_options o)
{
    char why[512] = "";
    wg_fit_result r;
    if (!o.step) return !example_fail(e, "%s", wg_error(wg_tape_of(o.loss)));
    o.epochs = e->epochs;
    o.report = report;
    o.user = e;
    o.stop = e->stop;
    o.checkpoint = example_out(e->out, "checkpoint");
    o.resume = e->resume;
    o.csv = example_out(e->out, "curve.tsv");
    if (wg_fit_run(&o, &r, why, sizeof why)) return !example_fail(e, "%s", why);
    return !r.stopped || !example_fail(e, "stopped; --resume goes on");
}

double example_score(const example *e, wg_plan *p, wg_tensors inputs, wg_loader *rows, wg_tensor score)
{
    double mean;
    if (!p) return example_fail(e, "%s", wg_error(wg_tape_of(score))), (double)NAN;
    if (wg_evaluate(p, inputs, rows, WG_LIST(score), &mean)) return example_fail(e, "%s", wg_plan_error(p)), (double)NAN;
    return mean;
}

bool example_draw(const example *e, const wg_tape *model)
{
    char why[512] = "";
    if (wg_draw(model, example_out(e->out, "graph.dot"), .why = why, .why_size = sizeof why)) return !example_fail(e, "%s", why);
    wg_status s = wg_draw(model, example_out(e->out, "graph.svg"), .why = why, .why_size = sizeof why);
    if (s) example_fail(e, "%s", why);
    return s == WG_OK || s == WG_EMISSING; /* without Graphviz there is graph.dot */
}

bool example_save(const example *e, const wg_tape *model)
{
    wg_params *params = wg_tape_params(model);
    wg_status s = wg_tape_save(model, example_out(e->out, "model.tape"));
    if (s) return !example_fail(e, "%s: %s", example_out(e->out, "model.tape"), wg_status_text(s));
    if (wg_params_save(params, example_out(e->out, "model.safetensors"))) return !example_fail(e, "%s", wg_params_error(params));
    return true;
}

/* example.c -- see example.h. */
#define _POSIX_C_SOURCE 200809L
#include "example.h"

#include <errno.h>
#include <math.h>
#include <spawn.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>

extern char **environ;

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

int example_digits(const example *e, wg_array file[4], const char *where)
{
    static const char *const name[] = {"train-images-idx3-ubyte.gz", "train-labels-idx1-ubyte.gz", "t10k-images-idx3-ubyte.gz",
                                       "t10k-labels-idx1-ubyte.gz"};
    char why[512];
    for (int i = 0; i < 4; i++) {
        wg_status s = wg_idx_read(example_out(e->data, name[i]), &file[i], why, sizeof why);
        if (s == WG_EIO) return example_lacks(e, example_out(e->data, name[i]), where);
        if (s) return example_fail(e, "%s", why);
    }
    return 0;
}

/* ---- learning ------------------------------------------------------------------------------------------------------------- */

/* A path in gnuplot's quotes. */
static void put_path(FILE *f, const char *path)
{
    fputc('\'', f);
    for (; *path; path++) fputs(*path == '\'' ? "''" : (char[]){*path, 0}, f);
    fputc('\'', f);
}

/* OUT/curve.gnuplot, which makes OUT/loss.svg of OUT/curve.csv. score: the table's fifth column; NULL: it has none. */
static bool write_plot(const example *e, const char *score, const wg_fit_result *r)
{
    FILE *f = fopen(example_out(e->out, "curve.gnuplot"), "w");
    if (!f) return false;
    fputs("set terminal svg size 800, 480 background 'white'\nset datafile separator ','\nset output ", f);
    put_path(f, example_out(e->out, "loss.svg"));
    fputs("\nset logscale y\nset grid\nset xlabel 'epoch'\nset ylabel 'loss'\n", f);
    if (score) fprintf(f, "set ytics nomirror\nset y2tics\nset y2label '%s'\nset key center right\n", score);
    fprintf(f, "set xrange [0:%lld]\n", (long long)r->epochs + 1);
    if (r->epochs == 1) fprintf(f, "set yrange [%g:%g]\n", 0.8 * r->loss, 1.25 * r->loss); /* a point has no range of its own */
    if (r->epochs == 1 && score) fprintf(f, "set y2range [%g:%g]\n", r->best - 0.1, r->best + 0.1);
    fputs("plot ", f);
    put_path(f, example_out(e->out, "curve.csv"));
    fputs(" using 1:4 skip 1 with linespoints pointtype 7 linecolor '#2050a0' title 'loss, mean of the epoch'", f);
    if (score)
        fprintf(f, ", '' using 1:5 skip 1 axes x1y2 with linespoints pointtype 7 linecolor '#c04020' title '%s, in validation'", score);
    fputc('\n', f);
    return fclose(f) == 0;
}

/* Without gnuplot the table is there, and what makes the picture of it. */
static void draw_curve(const example *e, const char *score, const wg_fit_result *r)
{
    pid_t child;
    int status = 0;
    char script[4096], *const arguments[] = {(char[]){"gnuplot"}, script, NULL};
    snprintf(script, sizeof script, "%s", example_out(e->out, "curve.gnuplot"));
    if (!write_plot(e, score, r)) example_fail(e, "%s: %s", script, strerror(errno));
    else if (posix_spawnp(&child, "gnuplot", NULL, NULL, arguments, environ))
        printf("there is no gnuplot: the curve is the table %s\n", example_out(e->out, "curve.csv"));
    else if (waitpid(child, &status, 0) != child || status) example_fail(e, "gnuplot %s failed", script);
}

bool example_fit(example *e, wg_fit_options o)
{
    char why[512] = "";
    wg_fit_result r;
    if (!o.step) return !example_fail(e, "%s", wg_error(wg_tape_of(o.loss)));
    o.epochs = e->epochs;
    const char *score = o.score ? wg_name_get(o.scores.x[0]) : NULL;
    o.report = progress_report;
    o.user = &e->progress;
    e->progress.score = score;
    o.stop = progress_stop();
    o.checkpoint = example_out(e->out, "checkpoint");
    o.resume = e->resume;
    o.csv = example_out(e->out, "curve.csv");
    if (wg_fit_run(&o, &r, why, sizeof why)) return !example_fail(e, "%s", why);
    if (r.epochs > 0) draw_curve(e, score, &r);
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
    if (wg_draw(model, example_out(e->out, "graph.dot"), .brief = true, .why = why, .why_size = sizeof why))
        return !example_fail(e, "%s", why);
    wg_status s = wg_draw(model, example_out(e->out, "graph.svg"), .brief = true, .why = why, .why_size = sizeof why);
    if (s) example_fail(e, "%s", why);
    return s == WG_OK || s == WG_EMISSING; /* without Graphviz there is graph.dot */
}

bool example_save(const example *e, const wg_tape *model)
{
    char why[1024];
    return !wg_model_save(model, example_out(e->out, "model"), why, sizeof why) || !example_fail(e, "%s", why);
}

bool example_result(const example *e, const char *format, ...)
{
    char line[200];
    va_list args;
    va_start(args, format);
    vsnprintf(line, sizeof line, format, args);
    va_end(args);
    FILE *f = fopen(example_out(e->out, "result.txt"), "w");
    if (!f || fprintf(f, "%s\n", line) < 0 || fclose(f))
        return !example_fail(e, "%s: %s", example_out(e->out, "result.txt"), strerror(errno));
    return puts(line) >= 0;
}

/* bench.c -- `wengert bench`: the workloads timed, beside what the machine can do, measured in the same run.
 *
 * Every workload, and the measuring of the machine, is a process of its own, forked before this one has started a thread: its
 * peak memory is its own, and none finds memory or threads that another left. */
#define _XOPEN_SOURCE 700
#include "../cli.h"
#include "bench.h"

#include <errno.h>
#include <math.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <omp.h>

enum { WARM = 5, LEAST = 7, SAMPLES_MOST = 200000 };

static const bench_workload *const workloads[] = {
    &bench_mlp_tiny,
    &bench_mlp_small,
    &bench_mlp_big,
    &bench_cnn,
    &bench_gpt,
    &bench_lstm,
    &bench_gru,
    &bench_eltwise,
    &bench_scalar_chain,
    &bench_scalar_dag,
    &bench_scalar_chain_anew,
    &bench_scalar_dag_anew,
    &bench_scalar_chain_replay,
    &bench_scalar_dag_replay,
    &bench_scalar_chain_1000,
    &bench_scalar_chain_10000,
    &bench_scalar_chain_1000000,
};
enum { WORKLOADS = sizeof workloads / sizeof *workloads };

/* What a child answers. */
typedef struct answer {
    bench_limits limits;
    double seconds, parts; /* the median step, and what it is divided by */
    double peak;           /* bytes that were resident at most */
} answer;

typedef struct request {
    const bench_workload *workload; /* NULL: the machine */
    int threads;
    double seconds;
} request;

/* ---- in the child --------------------------------------------------------------------------------------------------- */

static double peak_memory(void)
{
    struct rusage use;
    if (getrusage(RUSAGE_SELF, &use)) return 0;
#if defined __APPLE__
    return (double)use.ru_maxrss;
#else
    return 1024.0 * (double)use.ru_maxrss;
#endif
}

static double median_step(const bench_workload *w, void *job, double seconds)
{
    double *took = malloc(SAMPLES_MOST * sizeof *took), loss = 0;
    int n = 0;
    if (!took) fail("memory", NULL);
    for (double end = now() + seconds, i = 0; i < WARM && (i < 1 || now() < end); i++) {
        if (w->before) w->before(job);
        loss = w->step(job);
    }
    for (double end = now() + seconds; n < SAMPLES_MOST && (n < LEAST || now() < end); n++) {
        if (w->before) w->before(job);
        double start = now();
        loss = w->step(job);
        took[n] = now() - start;
    }
    if (!isfinite(loss)) fail(w->name, "the loss is not a number any more");
    double mid = median(took, n);
    free(took);
    return mid;
}

static answer measure(const request *r)
{
    answer a = {.parts = 1};
    const bench_workload *w = r->workload;
    if (!w) return a.limits = bench_measure_limits(r->threads), a;
    void *job = w->make(r->threads);
    if (w->parts) a.parts = w->parts(job);
    a.seconds = median_step(w, job, r->seconds);
    w->free(job);
    a.peak = peak_memory();
    return a;
}

/* Runs it in a child; false when that went wrong, which it has said. */
static bool ask(const request *r, answer *a)
{
    int ends[2], status;
    if (fflush(stdout) || pipe(ends)) return cli_say("wengert bench: %s", strerror(errno));
    pid_t child = fork();
    if (child == 0) {
        answer mine = measure(r);
        _exit(write(ends[1], &mine, sizeof mine) == (ssize_t)sizeof mine ? 0 : 2);
    }
    close(ends[1]);
    ssize_t got = 0;
    for (ssize_t n = 1; child > 0 && n > 0 && got<(ssize_t)sizeof *a; got += n> 0 ? n : 0)
        n = read(ends[0], (char *)a + got, sizeof *a - (size_t)got);
    close(ends[0]);
    if (child < 0 || waitpid(child, &status, 0) != child) return cli_say("wengert bench: %s", strerror(errno));
    const char *name = r->workload ? r->workload->name : "limits";
    if (!WIFEXITED(status)) return cli_say("wengert bench: %s was ended by signal %d", name, WTERMSIG(status));
    return WEXITSTATUS(status) == 0 && got == (ssize_t)sizeof *a;
}

/* ---- rows ------------------------------------------------------------------------------------------------------------ */

/* A number of 0 is not there: "-". */
static void cell(const cli_options *o, const char *form, int width, double v, double scale)
{
    char text[32] = "-";
    if (v > 0) snprintf(text, sizeof text, form, v * scale);
    if (o->tsv) printf("\t%s", text);
    else printf(" %*s", width, text);
}

static void word(const cli_options *o, const char *text, int width)
{
    if (o->tsv) printf("\t%s", text);
    else printf(" %-*s", width, text);
}

static void row(const cli_options *o, const char *name, int threads, double value, const char *unit, double rate, const char *rate_unit,
                double share, double peak)
{
    printf(o->tsv ? "%s" : "%-21s", name);
    cell(o, "%.0f", 7, threads, 1);
    cell(o, "%.5g", 10, value, 1);
    word(o, unit, 8);
    cell(o, "%.4g", 8, rate, 1e-9);
    word(o, rate_unit, 8);
    cell(o, o->tsv ? "%.3f" : "%.0f %%", 6, share, o->tsv ? 1 : 100);
    cell(o, "%.1f", 9, peak, 1.0 / (1 << 20));
    puts("");
}

static void show_limits(const cli_options *o, const bench_limits *l, int threads)
{
    char name[32];
    for (int i = 0; i < l->isas; i++) {
        snprintf(name, sizeof name, "limit/fma/%s", l->isa[i]);
        row(o, name, threads, l->flops[i] * 1e-9, "GFLOP/s", 0, "-", 0, 0);
    }
    if (l->round_trip > 0) row(o, "limit/round_trip", threads, l->round_trip * 1e9, "ns", 0, "-", 0, 0);
    row(o, "limit/copy", threads, l->copy * 1e-9, "GB/s", 0, "-", 0, 0);
}

static void show(const cli_options *o, const request *r, const answer *a, const bench_limits *l)
{
    const bench_workload *w = r->workload;
    bool flops = w->flops > 0;
    double rate = (flops ? w->flops : w->bytes) / a->seconds, limit = flops ? l->flops[l->isas - 1] : l->copy;
    row(o, w->name, r->threads, a->seconds * w->scale / a->parts, w->unit, rate,
        flops      ? "GFLOP/s"
        : rate > 0 ? "GB/s"
                   : "-",
        rate / limit, a->peak);
}

static const bench_workload *find(const char *name)
{
    for (int i = 0; i < WORKLOADS; i++)
        if (strcmp(workloads[i]->name, name) == 0) return workloads[i];
    cli_say("wengert bench: there is no workload %s (wengert bench --list)", name);
    return NULL;
}

static int list(const cli_options *o)
{
    for (int i = 0; i < WORKLOADS; i++) printf(o->tsv ? "%s\t%s\n" : "%-20s %s\n", workloads[i]->name, workloads[i]->what);
    return fflush(stdout) ? (cli_say("standard output cannot be written"), 2) : 0;
}

/* Profiled steps for a while, then until one takes about as little as the fastest: neighbours disturb a single one. */
static bool typical_step(const bench_workload *w, void *job, double seconds)
{
    enum { TRIES = 100 };
    wg_plan *plan = w->plan(job);
    wg_profile p;
    double best = HUGE_VAL, end = now() + seconds;
    for (int tries = 0; tries < TRIES;) {
        w->step(job);
        if (wg_profile_read(plan, &p)) return cli_say("%s", wg_plan_error(plan));
        if (now() >= end && p.seconds <= 1.03 * best) return true;
        best = fmin(best, p.seconds);
        tries += now() >= end;
    }
    return true;
}

/* The steps of one workload's plan, instead of how long they take together. */
static int profile(const cli_options *o, int threads)
{
    const bench_workload *w = o->words == 1 ? find(o->word[0]) : NULL;
    if (o->words != 1) return cli_say("wengert bench: --profile is of one workload"), 2;
    if (!w) return 2;
    if (!w->plan) return cli_say("wengert bench: %s makes a plan in every step: there is none to profile", w->name), 2;
    void *job = w->make(threads);
    for (int i = 0; i < WARM; i++) w->step(job);
    if (wg_plan_profile(w->plan(job), true)) return cli_say("%s", wg_plan_error(w->plan(job))), 2;
    bool good = typical_step(w, job, o->seconds) && cli_profile(w->plan(job), o);
    w->free(job);
    return good ? 0 : 2;
}

int cli_bench(const cli_options *o)
{
    request r = {.threads = o->threads > 0 ? o->threads : omp_get_max_threads(), .seconds = o->seconds};
    answer machine, a;
    if (o->list) return list(o);
    if (o->profile) return profile(o, r.threads);
    for (int i = 0; i < o->words; i++)
        if (!find(o->word[i])) return 2;
    if (!ask(&r, &machine)) return 2;
    if (!o->tsv) printf("%-21s %7s %10s %-8s %8s %-8s %6s %9s\n", "", "threads", "median", "unit", "rate", "unit", "share", "peak MiB");
    show_limits(o, &machine.limits, r.threads);
    int all = o->words ? o->words : WORKLOADS;
    for (int i = 0; i < all; i++) {
        r.workload = o->words ? find(o->word[i]) : workloads[i];
        if (!ask(&r, &a)) return 2;
        show(o, &r, &a, &machine.limits);
    }
    return fflush(stdout) ? (cli_say("standard output cannot be written"), 2) : 0;
}

/* progress.c -- see progress.h. The bar is drawn at most ten times a second, so that it costs nothing. */
#define _DEFAULT_SOURCE
#include "progress.h"

#include <stdio.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

/* ---- Ctrl-C --------------------------------------------------------------------------------------------------------------- */

static volatile sig_atomic_t interrupted;

static void interrupt(int number)
{
    interrupted = 1;
    signal(number, SIG_DFL);
}

volatile sig_atomic_t *progress_stop(void)
{
    signal(SIGINT, interrupt);
    return &interrupted;
}

/* ---- lines ---------------------------------------------------------------------------------------------------------------- */

enum { BAR = 20, LINE = 300 };
static const double often = 0.1, seldom = 10; /* seconds between lines: on a terminal, elsewhere */

static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static int columns(void)
{
    struct winsize w;
    return ioctl(STDOUT_FILENO, TIOCGWINSZ, &w) == 0 && w.ws_col > 0 ? w.ws_col : 80;
}

static const char *name_of(const progress *p) { return p->score ? p->score : "validation"; }

/* "loss 0.4123  accuracy 0.8812  rate 0.00082  35213/s  12 s left" */
static void put_numbers(char line[LINE], int used, const progress *p, const wg_fit_report *r, double seconds)
{
    double done = (double)(r->step - p->first), left = (double)(r->steps - r->step);
    used += snprintf(line + used, (size_t)(LINE - used), "loss %.4g  ", p->loss);
    if (p->scored) used += snprintf(line + used, (size_t)(LINE - used), "%.40s %.4f  ", name_of(p), p->last_score);
    snprintf(line + used, (size_t)(LINE - used), "rate %.3g  %.0f/s  %.0f s left", r->rate, seconds > 0 ? (double)r->items / seconds : 0,
             done > 0 ? seconds / done * left : 0);
}

static void draw(const progress *p, const wg_fit_report *r, double seconds)
{
    char line[LINE] = "[";
    double share = r->steps > 0 ? (double)r->step / (double)r->steps : 1;
    for (int i = 0; i < BAR; i++) line[1 + i] = (double)i < share * BAR ? '#' : '.';
    int used = 1 + BAR + snprintf(line + 1 + BAR, LINE - 1 - BAR, "] %3.0f%%  ", 100 * share);
    put_numbers(line, used, p, r, seconds);
    printf("\r%.*s\033[K", columns() - 1, line); /* a line that is longer would stay behind */
}

static void end_epoch(progress *p, const wg_fit_report *r, double seconds, bool terminal)
{
    if (terminal) fputs("\r\033[K", stdout);
    printf("epoch %lld of %lld: loss %.4g", (long long)r->epoch, (long long)r->epochs, r->epoch_loss);
    if (r->scores) printf(", %s %.4f%s", name_of(p), r->score[0], r->best ? " (the best so far)" : "");
    printf(", rate %.3g, %.0f/s, %.1f s\n", r->rate, seconds > 0 ? (double)r->items / seconds : 0, seconds);
    p->scored = r->scores > 0;
    if (p->scored) p->last_score = r->score[0];
}

void progress_report(const wg_fit_report *r, void *user)
{
    progress *p = user;
    double t = now();
    bool first = p->began <= 0, terminal = isatty(STDOUT_FILENO) == 1;
    if (first) p->began = p->shown = t, p->first = r->step - 1, p->loss = r->loss;
    p->loss = 0.98 * p->loss + 0.02 * r->loss;
    double seconds = t - p->began;
    if (r->epoch_end) end_epoch(p, r, seconds, terminal);
    else if (t - p->shown < (terminal ? often : seldom)) return;
    p->shown = t;
    if (terminal && r->step < r->steps) draw(p, r, seconds);
    if (!terminal && !r->epoch_end) {
        char line[LINE];
        put_numbers(line, snprintf(line, sizeof line, "step %lld of %lld: ", (long long)r->step, (long long)r->steps), p, r, seconds);
        puts(line);
    }
    fflush(stdout);
}

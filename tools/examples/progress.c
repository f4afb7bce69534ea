/* progress.c -- see progress.h. The bar is drawn at most ten times a second, so that it costs nothing. */
#define _POSIX_C_SOURCE 200809L
#include "progress.h"

#include <stdarg.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>

static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

progress progress_start(int64_t steps) { return (progress){.steps = steps, .began = now(), .terminal = isatty(STDOUT_FILENO) == 1}; }

double progress_seconds(const progress *p) { return now() - p->began; }

static void draw(const progress *p, double seconds)
{
    enum { WIDTH = 30 };
    char bar[WIDTH + 1];
    double share = p->steps > 0 ? (double)p->step / (double)p->steps : 1;
    for (int i = 0; i < WIDTH; i++) bar[i] = (double)i < share * WIDTH ? '#' : '.';
    bar[WIDTH] = 0;
    double left = p->step > 0 ? seconds / (double)p->step * (double)(p->steps - p->step) : 0;
    printf("\r[%s] %3.0f%%  loss %.4f  %.0f images/s  %.0f s left \033[K", bar, 100 * share, p->loss,
           seconds > 0 ? (double)p->images / seconds : 0, left);
    fflush(stdout);
}

void progress_step(progress *p, double loss, int64_t images)
{
    p->loss = p->step == 0 ? loss : 0.98 * p->loss + 0.02 * loss;
    p->step++;
    p->images += images;
    double t = now();
    if (!p->terminal || (t - p->drawn < 0.1 && p->step < p->steps)) return;
    p->drawn = t;
    draw(p, t - p->began);
}

void progress_line(progress *p, const char *format, ...)
{
    va_list list;
    if (p->terminal) fputs("\r\033[K", stdout);
    va_start(list, format);
    vprintf(format, list);
    va_end(list);
    putchar('\n');
    if (p->terminal && p->step < p->steps) draw(p, progress_seconds(p));
    fflush(stdout);
}

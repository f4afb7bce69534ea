/* timing.h -- for the benchmarks: a clock, medians, and calls timed in samples long enough to be measured. A number is
 * never a test: tests do not time anything. */
#ifndef WG_BENCH_TIMING_H
#define WG_BENCH_TIMING_H

#ifndef _XOPEN_SOURCE
#define _XOPEN_SOURCE 700 /* the clock: this header comes first, or the file defines it */
#endif
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <wengert.h>

static inline double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static inline int compare_doubles(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* Sorts v. */
static inline double median(double *v, int n)
{
    qsort(v, (size_t)n, sizeof *v, compare_doubles);
    return n % 2 ? v[n / 2] : 0.5 * (v[n / 2 - 1] + v[n / 2]);
}

typedef void (*timed)(void *);

/* How often f must be called to last at least `least` seconds; warms it up too. */
static inline long calls_for(timed f, void *x, double least)
{
    f(x);
    for (long n = 1;;) {
        double start = now();
        for (long i = 0; i < n; i++) f(x);
        double took = now() - start;
        if (took >= least || n > 100000000) return n;
        n = took < least / 16 ? n * 8 : (long)((double)n * least / took) + 1;
    }
}

/* Seconds a call, over one sample of n calls. */
static inline double sample(timed f, void *x, long n)
{
    double start = now();
    for (long i = 0; i < n; i++) f(x);
    return (now() - start) / (double)n;
}

/* Numbers in -1..1, the same for the same seed. */
static inline void fill_random(float *x, size_t n, uint32_t seed)
{
    for (size_t i = 0; i < n; i++) {
        seed = seed * 1664525u + 1013904223u;
        x[i] = (float)(seed >> 8) / 8388608.0f - 1.0f;
    }
}

static inline void fail(const char *what, const char *why)
{
    fprintf(stderr, "%s: %s\n", what, why ? why : "failed");
    exit(1);
}

static inline void run_or_fail(wg_plan *p)
{
    if (wg_run(p)) fail("run", wg_plan_error(p));
}

static inline int threads_wanted(void)
{
    const char *text = getenv("OMP_NUM_THREADS");
    return text && atoi(text) > 0 ? atoi(text) : 1;
}

#endif

/* chain.c -- what a node costs, on scalars, with the gradients of the leaves:
 *
 *     chain    x <- x w, x + b, tanh x, x + x0 in turn
 *     dag      x <- tanh(x p + q) - r, where p, q, r are random ones of the last 16 tanhs
 *
 *     bench_chain [NODES ...]     default 1000 10000 100000 1000000
 *
 * Prints nanoseconds an operation: NAME/once is recording, differentiating, planning and the first run together, NAME/step a
 * further run, of which NAME/node is the share of one node that the plan runs (an operation and its derivative are several).
 * torch_rows.py has the first, which is what an eager library does every time. */
#define _XOPEN_SOURCE 700
#include "timing.h"

#include <string.h>

enum { TIMES = 5, RING = 16, PARTS = 4 };

typedef struct costs {
    double part[PARTS], step; /* record, grad, plan, first run; a later one */
    size_t nodes;
} costs;

typedef wg_tensor (*graph)(const wg_tensor leaf[3], long operations);

static wg_tensor chain(const wg_tensor leaf[3], long n)
{
    wg_tensor x = leaf[2];
    for (long i = 0; i < n / 4; i++) x = wg_add(wg_tanh(wg_add(wg_mul(x, leaf[0]), leaf[1])), leaf[2]);
    return x;
}

static wg_tensor dag(const wg_tensor leaf[3], long n)
{
    wg_tensor x = leaf[2], ring[RING];
    uint32_t s = 12345;
    for (int i = 0; i < RING; i++) ring[i] = leaf[i % 3];
    for (long i = 0; i < n / 4; i++) {
        s = (s * 1103515245u + 12345u) & 0x7fffffffu;
        wg_tensor p = ring[s >> 8 & 15], q = ring[s >> 14 & 15], r = ring[s >> 20 & 15];
        x = wg_tanh(wg_add(wg_mul(x, p), q));
        ring[i % RING] = x;
        x = wg_sub(x, r);
    }
    return x;
}

static void run(void *p) { run_or_fail(p); }

static wg_tensor leaf(wg_tape *t, const char *name, double value) { return wg_param(t, name, WG_SHAPE(), .init = {"constant", 0, value}); }

static costs cost_of(graph make, long n)
{
    costs c;
    wg_tensor g[3];
    wg_tape *t = wg_tape_new(.threads = 1);
    double at[PARTS + 1];
    at[0] = now();
    wg_tensor v[] = {leaf(t, "w", 0.9), leaf(t, "b", 0.1), leaf(t, "x0", 0.5)}, x = make(v, n);
    at[1] = now();
    if (wg_grads(x, v, 3, g)) fail("grads", wg_error(t));
    at[2] = now();
    wg_plan *p = wg_plan_new(x, g[0], g[1], g[2]);
    if (!p) fail("plan", wg_error(t));
    at[3] = now();
    run(p);
    at[4] = now();
    for (int k = 0; k < PARTS; k++) c.part[k] = at[k + 1] - at[k];
    c.step = sample(run, p, calls_for(run, p, 0.05));
    c.nodes = wg_plan_nodes(p);
    wg_tape_free(t);
    return c;
}

static void row(const char *name, const char *what, long n, double *seconds, double count)
{
    printf("%s/%s/%ld\t1\t%.5g\tns/%s\n", name, what, n, median(seconds, TIMES) * 1e9 / count, strcmp(what, "node") ? "op" : "node");
}

static void measure(const char *name, graph make, long n)
{
    double once[TIMES] = {0}, step[TIMES], part[PARTS][TIMES];
    size_t nodes = 0;
    static const char *const names[PARTS] = {"once.record", "once.grad", "once.plan", "once.first"};
    for (int i = 0; i < TIMES; i++) {
        costs c = cost_of(make, n);
        for (int k = 0; k < PARTS; k++) once[i] += part[k][i] = c.part[k];
        step[i] = c.step;
        nodes = c.nodes;
    }
    row(name, "once", n, once, (double)n);
    for (int k = 0; k < PARTS; k++) row(name, names[k], n, part[k], (double)n);
    row(name, "step", n, step, (double)n);
    row(name, "node", n, step, (double)nodes);
    fflush(stdout);
}

static void measure_both(long n)
{
    measure("chain", chain, n);
    measure("dag", dag, n);
}

int main(int argc, char **argv)
{
    static const long sizes[] = {1000, 10000, 100000, 1000000};
    for (int i = 1; i < argc; i++) measure_both(atol(argv[i]) > 3 ? atol(argv[i]) : 4);
    for (int i = 0; argc == 1 && i < 4; i++) measure_both(sizes[i]);
    return 0;
}

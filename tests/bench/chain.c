/* chain.c -- what a node costs: x <- x w, x + b, tanh x, x + x0 in turn on scalars, and the gradients of the three leaves.
 *
 *     chain [NODES ...]     default 1000 10000 100000 1000000
 *
 * Prints nanoseconds an operation: chain/once is recording, differentiating, planning and the first run together;
 * chain/step is a further run. torch_rows.py has the first, which is what an eager library does every time. */
#define _XOPEN_SOURCE 700
#include "timing.h"

enum { TIMES = 5 };

typedef struct costs {
    double record, grad, plan, first, step;
} costs;

static void run(void *p) { run_or_fail(p); }

static wg_tensor leaf(wg_tape *t, const char *name, double value) { return wg_param(t, name, WG_SHAPE(), .init = {"constant", 0, value}); }

static costs chain(long n)
{
    costs c;
    wg_tensor g[3];
    wg_tape *t = wg_tape_new(.threads = 1);
    double start = now();
    wg_tensor v[] = {leaf(t, "w", 0.9), leaf(t, "b", 0.1), leaf(t, "x0", 0.5)}, x = v[2];
    for (long i = 0; i < n / 4; i++) x = wg_add(wg_tanh(wg_add(wg_mul(x, v[0]), v[1])), v[2]);
    c.record = now() - start;
    if (wg_grads(x, v, 3, g)) fail("grads", wg_error(t));
    c.grad = now() - start - c.record;
    wg_plan *p = wg_plan_new(x, g[0], g[1], g[2]);
    if (!p) fail("plan", wg_error(t));
    c.plan = now() - start - c.record - c.grad;
    run(p);
    c.first = now() - start - c.record - c.grad - c.plan;
    c.step = sample(run, p, calls_for(run, p, 0.05));
    wg_tape_free(t);
    return c;
}

static void measure(long n)
{
    double once[TIMES], step[TIMES], part[4][TIMES], each = 1e9 / (double)n;
    static const char *const names[] = {"record", "grad", "plan", "first"};
    for (int i = 0; i < TIMES; i++) {
        costs c = chain(n);
        once[i] = c.record + c.grad + c.plan + c.first;
        step[i] = c.step;
        part[0][i] = c.record, part[1][i] = c.grad, part[2][i] = c.plan, part[3][i] = c.first;
    }
    printf("chain/once/%ld\t1\t%.5g\tns/op\n", n, median(once, TIMES) * each);
    for (int k = 0; k < 4; k++) printf("chain/once.%s/%ld\t1\t%.5g\tns/op\n", names[k], n, median(part[k], TIMES) * each);
    printf("chain/step/%ld\t1\t%.5g\tns/op\n", n, median(step, TIMES) * each);
    fflush(stdout);
}

int main(int argc, char **argv)
{
    static const long sizes[] = {1000, 10000, 100000, 1000000};
    for (int i = 1; i < argc; i++) measure(atol(argv[i]) > 3 ? atol(argv[i]) : 4);
    for (int i = 0; argc == 1 && i < 4; i++) measure(sizes[i]);
    return 0;
}

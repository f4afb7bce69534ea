/* eltwise.c -- y = sigmoid(a x + b) tanh(x) + x^2 of 2^24 floats, and its gradient with respect to x, in one run.
 *
 *     eltwise [SECONDS]       prints: name, threads, median milliseconds a run. torch_rows.py has the same. */
#define _XOPEN_SOURCE 700
#include "timing.h"

enum { N = 1 << 24, RUNS_MOST = 1000 };

static void run(void *p) { run_or_fail(p); }

int main(int argc, char **argv)
{
    double seconds = argc > 1 ? atof(argv[1]) : 2, took[RUNS_MOST];
    float *v = malloc(2 * (size_t)N * sizeof *v);
    wg_tape *t = wg_tape_new(.threads = threads_wanted());
    if (!v || !t) fail("memory", NULL);
    fill_random(v, N, 1);
    for (size_t i = N; i < 2 * (size_t)N; i++) v[i] = 1;
    wg_tensor x = wg_input(t, "x", WG_F32, WG_SHAPE(N)), dy = wg_input(t, "dy", WG_F32, WG_SHAPE(N));
    wg_tensor a = wg_param(t, "a", WG_SHAPE(), .init = {"constant", 0, 1.5}),
              b = wg_param(t, "b", WG_SHAPE(), .init = {"constant", 0, 0.25});
    wg_tensor y = wg_add(wg_mul(wg_sigmoid(wg_add(wg_mul(x, a), b)), wg_tanh(x)), wg_mul(x, x));
    wg_plan *p = wg_plan_new(y, wg_vjp(y, dy, x));
    if (!p) fail("plan", wg_error(t));
    wg_feed(p, x, wg_array_wrap(v, WG_F32, WG_SHAPE(N)));
    wg_feed(p, dy, wg_array_wrap(v + N, WG_F32, WG_SHAPE(N)));
    run(p);
    int n = 0;
    for (double end = now() + seconds; n < RUNS_MOST && (n < 5 || now() < end); n++) took[n] = sample(run, p, 1);
    printf("eltwise\t%d\t%.5g\tms/step\n", threads_wanted(), median(took, n) * 1e3);
    wg_tape_free(t);
    free(v);
    return 0;
}

/* eltwise.c -- a chain of elementwise work over more numbers than the caches hold, and its gradient from a given cotangent, in
 * one run: y = sigmoid(a x + b) tanh(x) + x^2. */
#include "bench.h"

enum { N = 1 << 24 };

static void *make(int threads)
{
    bench_job *j = bench_job_new(threads, 1);
    wg_tensor x = bench_input(j, "x", WG_SHAPE(N), BENCH_UNIFORM, 0), dy = bench_input(j, "dy", WG_SHAPE(N), BENCH_ONES, 0);
    wg_tensor a = wg_param(j->tape, "a", WG_SHAPE(), .init = {"constant", 0, 1.5});
    wg_tensor b = wg_param(j->tape, "b", WG_SHAPE(), .init = {"constant", 0, 0.25});
    wg_tensor y = wg_add(wg_mul(wg_sigmoid(wg_add(wg_mul(x, a), b)), wg_tanh(x)), wg_mul(x, x));
    return bench_plan(j, wg_plan_new(y, wg_vjp(y, dy, x)), WG_NONE);
}

const bench_workload bench_eltwise = {.name = "eltwise",
                                      .what = "y = sigmoid(a x + b) tanh(x) + x^2 of 2^24 numbers, forward and backward",
                                      .unit = "ms/step",
                                      .scale = 1e3,
                                      .bytes = 4.0 * sizeof(float) * N, /* x and dy in, y and dx out */
                                      .make = make,
                                      .step = bench_step,
                                      .free = bench_free,
                                      .plan = bench_plan_of};

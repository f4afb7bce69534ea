/* mlp.c -- three perceptrons over images of 784 numbers and ten classes. */
#include "bench.h"

enum { FEATURES = 784, CLASSES = 10 };

/* A fully connected net of `layers` sizes, of which the first is a batch's rows. A matrix product forward is two backward, but for
   the first layer's, whose input needs no gradient. */
#define LAYER(rows, in, out) (6.0 * (rows) * (in) * (out))
#define FIRST(rows, in, out) (4.0 * (rows) * (in) * (out))

static void *tiny(int threads)
{
    bench_job *j = bench_job_new(threads, BENCH_BATCHES);
    wg_tensor x = bench_input(j, "x", WG_SHAPE(64, FEATURES), BENCH_UNIFORM, 0);
    wg_tensor y = bench_input(j, "y", WG_SHAPE(64, CLASSES), BENCH_ONE_HOT, 0);
    wg_tensor h = wg_nn_linear(x, 64, .act = wg_sigmoid, .name = "fc1");
    wg_tensor loss = wg_mse_loss(wg_nn_linear(h, CLASSES, .act = wg_sigmoid, .name = "fc2"), y);
    return bench_plan(j, wg_minimize(loss, wg_sgd(.lr = 0.1)), loss);
}

static void *classifier(int threads, int64_t rows, int64_t wide, int hidden)
{
    bench_job *j = bench_job_new(threads, BENCH_BATCHES);
    wg_tensor h = bench_input(j, "x", WG_SHAPE(rows, FEATURES), BENCH_UNIFORM, 0);
    wg_tensor y = bench_input(j, "y", WG_SHAPE(rows), BENCH_LABELS, CLASSES);
    char name[16];
    for (int i = 1; i <= hidden; i++) {
        snprintf(name, sizeof name, "fc%d", i);
        h = wg_nn_linear(h, wide, .act = wg_relu, .name = name);
    }
    snprintf(name, sizeof name, "fc%d", hidden + 1);
    wg_tensor loss = wg_cross_entropy(wg_nn_linear(h, CLASSES, .name = name), y);
    return bench_plan(j, wg_minimize(loss, wg_adam(.lr = 1e-3)), loss);
}

static void *small(int threads) { return classifier(threads, 128, 128, 1); }
static void *big(int threads) { return classifier(threads, 256, 1024, 2); }

const bench_workload bench_mlp_tiny = {.name = "mlp_tiny",
                                       .what = "784-64-10, sigmoid, squared error, batch 64, SGD",
                                       .unit = "us/step",
                                       .scale = 1e6,
                                       .flops = FIRST(64, FEATURES, 64) + LAYER(64, 64, CLASSES),
                                       .make = tiny,
                                       .step = bench_step,
                                       .free = bench_free,
                                       .plan = bench_plan_of};
const bench_workload bench_mlp_small = {.name = "mlp_small",
                                        .what = "784-128-10, relu, cross-entropy, batch 128, Adam",
                                        .unit = "us/step",
                                        .scale = 1e6,
                                        .flops = FIRST(128, FEATURES, 128) + LAYER(128, 128, CLASSES),
                                        .make = small,
                                        .step = bench_step,
                                        .free = bench_free,
                                        .plan = bench_plan_of};
const bench_workload bench_mlp_big = {.name = "mlp_big",
                                      .what = "784-1024-1024-10, relu, cross-entropy, batch 256, Adam",
                                      .unit = "ms/step",
                                      .scale = 1e3,
                                      .flops = FIRST(256, FEATURES, 1024) + LAYER(256, 1024, 1024) + LAYER(256, 1024, CLASSES),
                                      .make = big,
                                      .step = bench_step,
                                      .free = bench_free,
                                      .plan = bench_plan_of};

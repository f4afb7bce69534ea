/* cnn.c -- a small convolutional network over images of 1x28x28 and ten classes: two convolutions of 5x5, each with relu and a pool
 * of 2x2, two fully connected layers; no padding. */
#include "bench.h"

#include <math.h>

enum { BATCH = 64, SIDE = 28, KERNEL = 5, FIRST = 32, SECOND = 64, WIDE = 512, CLASSES = 10 };
enum { AFTER_1 = (SIDE - KERNEL + 1) / 2, AFTER_2 = (AFTER_1 - KERNEL + 1) / 2, FLAT = SECOND * AFTER_2 * AFTER_2 };

/* Convolution with PyTorch's initial values, relu, pool. */
static wg_tensor block(wg_tensor x, int64_t in, int64_t out, const char *name)
{
    wg_tape *t = wg_tape_of(x);
    double bound = 1 / sqrt((double)(in * KERNEL * KERNEL));
    wg_scope_push(t, "%s", name);
    wg_tensor w = wg_param(t, "weight", WG_SHAPE(out, in, KERNEL, KERNEL), .init = {"uniform", -bound, bound});
    wg_tensor b = wg_param(t, "bias", WG_SHAPE(out), .init = {"uniform", -bound, bound});
    wg_scope_pop(t);
    return wg_max_pool2d(wg_relu(wg_conv2d(x, w, b)), WG_INTS(2, 2));
}

static void *make(int threads)
{
    bench_job *j = bench_job_new(threads, BENCH_BATCHES);
    wg_tensor x = bench_input(j, "x", WG_SHAPE(BATCH, 1, SIDE, SIDE), BENCH_UNIFORM, 0);
    wg_tensor y = bench_input(j, "y", WG_SHAPE(BATCH), BENCH_LABELS, CLASSES);
    x = block(block(x, 1, FIRST, "conv1"), FIRST, SECOND, "conv2");
    wg_tensor h = wg_nn_linear(wg_reshape(x, WG_SHAPE(BATCH, FLAT)), WIDE, .act = wg_relu, .name = "fc1");
    wg_tensor loss = wg_cross_entropy(wg_nn_linear(h, CLASSES, .name = "fc2"), y);
    return bench_plan(j, wg_minimize(loss, wg_sgd(.lr = 0.01, .momentum = 0.9)), loss);
}

/* Two a multiply-add, and as much for each of the two gradients; the images need none. */
#define CONV(places, in, out) (2.0 * BATCH * (places) * (places)*KERNEL * KERNEL * (in) * (out))
#define LINEAR(in, out) (6.0 * BATCH * (in) * (out))

const bench_workload bench_cnn = {.name = "cnn",
                                  .what = "1x28x28, conv 5x5 of 32, pool, conv 5x5 of 64, pool, 512, 10, batch 64, SGD with momentum",
                                  .unit = "ms/step",
                                  .scale = 1e3,
                                  .flops = 2 * CONV(SIDE - KERNEL + 1, 1, FIRST) + 3 * CONV(AFTER_1 - KERNEL + 1, FIRST, SECOND) +
                                           LINEAR(FLAT, WIDE) + LINEAR(WIDE, CLASSES),
                                  .make = make,
                                  .step = bench_step,
                                  .free = bench_free,
                                  .plan = bench_plan_of};

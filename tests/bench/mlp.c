/* mlp.c -- training steps of two small networks: feed, run, read, over 8 batches in turn.
 *
 *     mlp mlp_tiny|mlp_small [SECONDS]      OMP_NUM_THREADS says how many threads
 *
 * mlp_tiny: 784-64-10, sigmoid on both layers, mean squared error to one-hot, batch 64, SGD 0.1.
 * mlp_small: 784-128-10, relu, softmax cross-entropy, batch 128, Adam 1e-3.
 * Prints: name, threads, median microseconds a step. torch_rows.py has the same two. */
#define _XOPEN_SOURCE 700
#include "timing.h"

#include <string.h>

enum { BATCHES = 8, STEPS_MOST = 200000, FEATURES = 784, CLASSES = 10 };

typedef struct job {
    bool tiny;
    int64_t rows;
    wg_tensor x, y, loss;
    wg_plan *step;
    float *images, *targets; /* of all batches */
    int64_t *labels;
    double loss_seen;
    int at;
} job;

static void record(job *j, wg_tape *t)
{
    j->x = wg_input(t, "x", WG_F32, WG_SHAPE(j->rows, FEATURES));
    if (j->tiny) {
        j->y = wg_input(t, "y", WG_F32, WG_SHAPE(j->rows, CLASSES));
        wg_tensor h = wg_nn_linear(j->x, 64, .act = wg_sigmoid, .name = "fc1");
        j->loss = wg_mse_loss(wg_nn_linear(h, CLASSES, .act = wg_sigmoid, .name = "fc2"), j->y);
        j->step = wg_minimize(j->loss, wg_sgd(.lr = 0.1));
    } else {
        j->y = wg_input_range(t, "y", WG_I64, WG_SHAPE(j->rows), 0, CLASSES);
        wg_tensor h = wg_nn_linear(j->x, 128, .act = wg_relu, .name = "fc1");
        j->loss = wg_cross_entropy(wg_nn_linear(h, CLASSES, .name = "fc2"), j->y);
        j->step = wg_minimize(j->loss, wg_adam(.lr = 1e-3));
    }
    if (!j->step) fail("record", wg_error(t));
}

static void make_batches(job *j)
{
    size_t rows = BATCHES * (size_t)j->rows;
    j->images = malloc(rows * FEATURES * sizeof *j->images);
    j->targets = calloc(rows * CLASSES, sizeof *j->targets);
    j->labels = malloc(rows * sizeof *j->labels);
    if (!j->images || !j->targets || !j->labels) fail("memory", NULL);
    fill_random(j->images, rows * FEATURES, 7);
    for (size_t i = 0; i < rows * FEATURES; i++) j->images[i] = 0.5f * (j->images[i] + 1);
    for (size_t i = 0; i < rows; i++) {
        j->labels[i] = (int64_t)(i * 7 % CLASSES);
        j->targets[i * CLASSES + (size_t)j->labels[i]] = 1;
    }
}

static void one_step(void *x)
{
    job *j = x;
    int64_t first = j->at * j->rows;
    j->at = (j->at + 1) % BATCHES;
    wg_array y = j->tiny ? wg_array_wrap(j->targets + first * CLASSES, WG_F32, WG_SHAPE(j->rows, CLASSES))
                         : wg_array_wrap(j->labels + first, WG_I64, WG_SHAPE(j->rows));
    wg_feed(j->step, j->x, wg_array_wrap(j->images + first * FEATURES, WG_F32, WG_SHAPE(j->rows, FEATURES)));
    wg_feed(j->step, j->y, y);
    run_or_fail(j->step);
    j->loss_seen = wg_read_scalar(j->step, j->loss);
}

int main(int argc, char **argv)
{
    const char *name = argc > 1 ? argv[1] : "mlp_tiny";
    double seconds = argc > 2 ? atof(argv[2]) : 2, *took = malloc(STEPS_MOST * sizeof *took);
    job j = {.tiny = strcmp(name, "mlp_tiny") == 0, .rows = strcmp(name, "mlp_tiny") == 0 ? 64 : 128};
    wg_tape *t = wg_tape_new(.seed = 1, .threads = threads_wanted());
    if (!took || !t) fail("memory", NULL);
    if (!j.tiny && strcmp(name, "mlp_small") != 0) fail(name, "no such network: mlp_tiny, mlp_small");
    record(&j, t);
    make_batches(&j);
    for (int i = 0; i < 20; i++) one_step(&j);
    int n = 0;
    for (double end = now() + seconds; n < STEPS_MOST && (n < 7 || now() < end); n++) took[n] = sample(one_step, &j, 1);
    printf("%s\t%d\t%.5g\tus/step\n", name, threads_wanted(), median(took, n) * 1e6);
    wg_tape_free(t);
    free(took);
    free(j.images);
    free(j.targets);
    free(j.labels);
    return j.loss_seen >= 0 ? 0 : 1;
}

/* rnn.c -- recurrent networks over characters, their cells written out step by step with PyTorch's weights and gates: one-hot
 * characters (time, batch, vocabulary) -> 128 hidden units -> logits of the next character, the loss at every step.
 * LSTM: Hochreiter and Schmidhuber 1997, gates i f g o; GRU: Cho et al. 2014, gates r z n. */
#include "bench.h"

#include <math.h>

enum { VOCAB = 65, HIDDEN = 128, STEPS = 64, BATCH = 32 };

/* The cell's parameters, and what it carries from step to step. */
typedef struct cell {
    wg_tensor w_ih, w_hh, b_ih, b_hh;
    wg_tensor h, c; /* c: the LSTM's */
} cell;

static wg_tensor uniform(wg_tape *t, const char *name, wg_shape shape)
{
    double bound = 1 / sqrt((double)HIDDEN);
    return wg_param(t, name, shape, .init = {"uniform", -bound, bound});
}

static cell make_cell(wg_tape *t, int64_t gates)
{
    wg_tensor zero = wg_zeros(t, WG_SHAPE(BATCH, HIDDEN));
    return (cell){uniform(t, "rnn.weight_ih_l0", WG_SHAPE(gates * HIDDEN, VOCAB)),
                  uniform(t, "rnn.weight_hh_l0", WG_SHAPE(gates * HIDDEN, HIDDEN)),
                  uniform(t, "rnn.bias_ih_l0", WG_SHAPE(gates * HIDDEN)),
                  uniform(t, "rnn.bias_hh_l0", WG_SHAPE(gates * HIDDEN)),
                  zero,
                  zero};
}

static wg_tensor gate(wg_tensor all, int64_t i) { return wg_slice(all, 1, .start = i * HIDDEN, .stop = (i + 1) * HIDDEN); }

static void lstm_step(cell *s, wg_tensor x)
{
    wg_tensor all = wg_add(wg_linear(x, s->w_ih, s->b_ih), wg_linear(s->h, s->w_hh, s->b_hh));
    wg_tensor i = wg_sigmoid(gate(all, 0)), f = wg_sigmoid(gate(all, 1)), g = wg_tanh(gate(all, 2)), o = wg_sigmoid(gate(all, 3));
    s->c = wg_add(wg_mul(f, s->c), wg_mul(i, g));
    s->h = wg_mul(o, wg_tanh(s->c));
}

static void gru_step(cell *s, wg_tensor x)
{
    wg_tensor in = wg_linear(x, s->w_ih, s->b_ih), back = wg_linear(s->h, s->w_hh, s->b_hh);
    wg_tensor r = wg_sigmoid(wg_add(gate(in, 0), gate(back, 0))), z = wg_sigmoid(wg_add(gate(in, 1), gate(back, 1)));
    wg_tensor n = wg_tanh(wg_add(gate(in, 2), wg_mul(r, gate(back, 2))));
    s->h = wg_add(wg_mul(wg_sub(wg_num(1), z), n), wg_mul(z, s->h));
}

static void *make(int threads, int64_t gates, void (*step)(cell *s, wg_tensor x))
{
    bench_job *j = bench_job_new(threads, BENCH_BATCHES);
    wg_tensor x = bench_input(j, "x", WG_SHAPE(STEPS, BATCH, VOCAB), BENCH_ONE_HOT, 0);
    wg_tensor y = bench_input(j, "y", WG_SHAPE(STEPS, BATCH), BENCH_LABELS, VOCAB), h[STEPS];
    cell s = make_cell(j->tape, gates);
    for (int i = 0; i < STEPS; i++) {
        step(&s, wg_squeeze(wg_slice(x, 0, .start = i, .stop = i + 1), .axes = WG_INTS(0)));
        h[i] = s.h;
    }
    wg_tensor logits = wg_nn_linear(wg_stack((wg_tensors){h, STEPS}), VOCAB, .name = "head");
    wg_tensor loss = wg_cross_entropy(wg_reshape(logits, WG_SHAPE(-1, VOCAB)), wg_reshape(y, WG_SHAPE(-1)));
    return bench_plan(j, wg_minimize(loss, wg_adam(.lr = 2e-3)), loss);
}

static void *lstm(int threads) { return make(threads, 4, lstm_step); }
static void *gru(int threads) { return make(threads, 3, gru_step); }

#define ROWS (1.0 * STEPS * BATCH)
/* The one-hot input needs no gradient: its product has two, the others three. */
#define FLOPS(gates) (ROWS * HIDDEN * (gates) * (4.0 * VOCAB + 6.0 * HIDDEN) + 6.0 * ROWS * HIDDEN * VOCAB)

const bench_workload bench_lstm = {.name = "lstm",
                                   .what = "LSTM of 128, 64 steps, batch 32, vocabulary 65, loss at every step, Adam",
                                   .unit = "ms/step",
                                   .scale = 1e3,
                                   .flops = FLOPS(4),
                                   .make = lstm,
                                   .step = bench_step,
                                   .free = bench_free,
                                   .plan = bench_plan_of};
const bench_workload bench_gru = {.name = "gru",
                                  .what = "GRU of 128, 64 steps, batch 32, vocabulary 65, loss at every step, Adam",
                                  .unit = "ms/step",
                                  .scale = 1e3,
                                  .flops = FLOPS(3),
                                  .make = gru,
                                  .step = bench_step,
                                  .free = bench_free,
                                  .plan = bench_plan_of};

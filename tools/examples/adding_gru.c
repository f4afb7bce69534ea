/* adding_gru.c -- the adding problem of Hochreiter and Schmidhuber 1997: a hundred numbers in 0..1, two of them marked, one in
 * each half; what is the sum of the two? The last state of a GRU must hold the first of them over up to a hundred steps.
 *
 * usage: adding_gru [--epochs N] [--out DIR] [--resume]
 *
 * The numbers are drawn, 50 batches an epoch, and never come again. The last line is the mean squared error on 10,000
 * sequences of their own; answering 1 always gives 0.167. Leaves graph.svg (of three steps), curve.csv, loss.svg, model.tape and
 * model.safetensors in the out folder. Exit status: 0; 1 on an error. */
#include "example.h"

enum { TIME = 100, HIDDEN = 64, BATCH = 64, BATCHES = 50, TEST = 10000 };

typedef struct model {
    wg_tape *tape;
    wg_tensor in[2], loss; /* in: sequences [batch, time, 2], sums [batch] */
} model;

static model declare(wg_params *params, int64_t time, bool eval)
{
    model m = {.tape = wg_tape_new(.seed = 1, .params = params, .eval = eval)};
    wg_tensor last;
    m.in[0] = wg_input(m.tape, "sequence", WG_F32, WG_SHAPE(WG_ANY, time, 2));
    m.in[1] = wg_input(m.tape, "sum", WG_F32, WG_SHAPE(WG_ANY));
    wg_nn_gru(m.in[0], WG_NONE, &last, HIDDEN);
    wg_tensor answer = wg_name(wg_squeeze(wg_nn_linear(last, 1, .name = "head"), .axes = WG_INTS(1)), "answer");
    m.loss = wg_name(wg_mse_loss(answer, m.in[1]), "loss");
    wg_return(m.tape, WG_LIST(answer, m.loss));
    return m;
}

/* Fills a batch: what was in it does not matter. */
static wg_status draw(wg_array *batch, int n, wg_rng *r, void *user)
{
    (void)n, (void)user;
    float(*x)[TIME][2] = batch[0].data, *sum = batch[1].data;
    for (int64_t i = 0; i < batch[0].shape.dim[0]; i++) {
        int64_t first = wg_rng_integer(r, TIME / 2), second = TIME / 2 + wg_rng_integer(r, TIME / 2);
        for (int t = 0; t < TIME; t++) x[i][t][0] = (float)wg_rng_uniform(r), x[i][t][1] = t == first || t == second;
        sum[i] = x[i][first][0] + x[i][second][0];
    }
    return WG_OK;
}

/* A loader of so many sequences an epoch, all drawn anew. */
static wg_loader *drawn(wg_array room[2], int64_t rows, int64_t batch, uint32_t seed)
{
    if (wg_array_new(&room[0], WG_F32, WG_SHAPE(rows, TIME, 2)) || wg_array_new(&room[1], WG_F32, WG_SHAPE(rows))) return NULL;
    return wg_loader_new(room, .n = 2, .batch = batch, .seed = seed, .change = draw, .ahead = true);
}

static double rate(int64_t step, int64_t steps, void *user)
{
    (void)user;
    return wg_cosine(3e-3, 1e-4, step, steps);
}

static double train(example *e, model m, model v, wg_loader *train, wg_loader *test)
{
    wg_plan *step = wg_minimize(m.loss, wg_adam(.lr = 3e-3), .clip_norm = 1);
    wg_fit_options o = {.step = step, .loss = m.loss, .inputs = {m.in, 2}, .train = train, .rate = rate};
    return example_fit(e, o) ? example_score(e, wg_plan_new(v.loss), (wg_tensors){v.in, 2}, test, v.loss) : (double)NAN;
}

int main(int argc, char **argv)
{
    example e = {.name = "adding_gru", .epochs = 40};
    wg_array room[4] = {{0}};
    int status = example_begin(&e, argc, argv);
    if (status) return status;
    wg_loader *learn = drawn(room, BATCH * BATCHES, BATCH, 1), *test = drawn(room + 2, TEST, 500, 2);
    wg_params *params = wg_params_new();
    model m = declare(params, TIME, false), v = declare(params, TIME, true), picture = declare(params, 3, true);
    double error = (double)NAN;
    if (learn && test && example_draw(&e, picture.tape)) error = train(&e, m, v, learn, test);
    if (!(error >= 0 && example_save(&e, v.tape) && example_result(&e, "mean squared error %.5f", error))) status = 1;
    wg_loader_free(learn);
    wg_loader_free(test);
    wg_tape_free(m.tape);
    wg_tape_free(v.tape);
    wg_tape_free(picture.tape);
    wg_params_free(params);
    for (int i = 0; i < 4; i++) wg_array_free(&room[i]);
    return status;
}

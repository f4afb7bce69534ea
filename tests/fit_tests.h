/* fit_tests.h -- what the tests of wg_fit share: a small problem, its options, rates, and stores compared. Define _XOPEN_SOURCE 700
 * before all includes. */
#ifndef WG_TESTS_FIT_TESTS_H
#define WG_TESTS_FIT_TESTS_H

#include "nn_tests.h"

enum { ROWS = 100, BATCH = 8, EPOCHS = 6 };

static char why[512];

/* ---- a small problem ---------------------------------------------------------------------------------------------------- */

/* Batch norm, dropout and Adam, so that buffers, draws and an optimiser's state are in play. */
typedef struct problem {
    wg_params *params;
    wg_tape *train, *eval;
    wg_tensor in[2], ein[2], loss, eloss;
    wg_plan *step, *score;
    float x[ROWS][3], y[ROWS];
    wg_array data[2];
    wg_loader *learn, *valid;
} problem;

static inline wg_tensor declare(wg_tape *t, wg_tensor in[2])
{
    in[0] = wg_input(t, "x", WG_F32, WG_SHAPE(WG_ANY, 3));
    in[1] = wg_input(t, "y", WG_F32, WG_SHAPE(WG_ANY));
    wg_tensor h = wg_nn_linear(in[0], 8, .act = wg_tanh, .name = "fc1");
    h = wg_dropout(wg_nn_batch_norm(h), .p = 0.1);
    return wg_name(wg_mse_loss(wg_squeeze(wg_nn_linear(h, 1, .name = "fc2"), .axes = WG_INTS(1)), in[1]), "loss");
}

static inline problem *make_problem(void)
{
    problem *p = calloc(1, sizeof *p);
    wg_rng *r = wg_rng_new(4);
    for (int i = 0; i < ROWS; i++) {
        for (int k = 0; k < 3; k++) p->x[i][k] = (float)wg_rng_normal(r);
        p->y[i] = p->x[i][0] * p->x[i][1] - p->x[i][2];
    }
    wg_rng_free(r);
    p->data[0] = wg_array_wrap(p->x, WG_F32, WG_SHAPE(ROWS, 3));
    p->data[1] = wg_array_wrap(p->y, WG_F32, WG_SHAPE(ROWS));
    p->params = wg_params_new();
    p->train = wg_tape_new(.params = p->params, .seed = 2);
    p->eval = wg_tape_new(.params = p->params, .seed = 2, .eval = true);
    p->loss = declare(p->train, p->in);
    p->eloss = declare(p->eval, p->ein);
    p->step = wg_minimize(p->loss, wg_adam(.lr = 0.02));
    p->score = wg_plan_new(p->eloss);
    ck_assert_msg(p->step && p->score, "%s", wg_error(p->step ? p->eval : p->train));
    p->learn = wg_loader_new(p->data, .n = 2, .batch = BATCH, .shuffle = true, .seed = 3);
    p->valid = wg_loader_new(p->data, .n = 2, .batch = 30, .shuffle = true, .seed = 7); /* sums in another order each epoch */
    return p;
}

static inline void free_problem(problem *p)
{
    wg_loader_free(p->learn);
    wg_loader_free(p->valid);
    wg_tape_free(p->train);
    wg_tape_free(p->eval);
    wg_params_free(p->params);
    free(p);
}

static inline wg_fit_options options_of(problem *p)
{
    return (wg_fit_options){.step = p->step,
                            .loss = p->loss,
                            .inputs = {p->in, 2},
                            .train = p->learn,
                            .epochs = EPOCHS,
                            .score = p->score,
                            .scores = {&p->eloss, 1},
                            .score_inputs = {p->ein, 2},
                            .valid = p->valid};
}

/* The whole store, as bytes that can be compared. */
static inline void check_same_store(const wg_params *a, const wg_params *b, const char *what)
{
    ck_assert_uint_eq(wg_params_count(a), wg_params_count(b));
    for (size_t i = 0; i < wg_params_count(a); i++) {
        wg_array x, y;
        ck_assert(!wg_params_get(a, wg_params_name(a, i), &x) && !wg_params_get(b, wg_params_name(a, i), &y));
        ck_assert_msg(same_bits(x, y), "%s: %s has other bits", what, wg_params_name(a, i));
    }
}

static char *text_of(const char *path)
{
    static char text[2][4096];
    static int next;
    char *t = text[next++ % 2];
    FILE *f = fopen(path, "r");
    ck_assert_ptr_nonnull(f);
    t[fread(t, 1, sizeof text[0] - 1, f)] = 0;
    fclose(f);
    return t;
}

static inline double falling(int64_t step, int64_t steps, void *user)
{
    (void)user;
    return wg_cosine(0.02, 0.001, step, steps);
}

static inline double rising(int64_t step, int64_t steps, void *user)
{
    (void)steps, (void)user;
    return step < 2 * 13 ? 0.01 : 5; /* two good epochs, then none */
}

#endif

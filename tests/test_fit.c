/* test_fit.c -- training in one call: what is reported, validated, kept, stopped; a run that is killed anywhere and goes on from its
 * checkpoint comes to the same bits as one that never stopped. */
#define _XOPEN_SOURCE 700
#include "nn_tests.h"

#include <math.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

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

static wg_tensor declare(wg_tape *t, wg_tensor in[2])
{
    in[0] = wg_input(t, "x", WG_F32, WG_SHAPE(WG_ANY, 3));
    in[1] = wg_input(t, "y", WG_F32, WG_SHAPE(WG_ANY));
    wg_tensor h = wg_nn_linear(in[0], 8, .act = wg_tanh, .name = "fc1");
    h = wg_dropout(wg_nn_batch_norm(h), .p = 0.1);
    return wg_name(wg_mse_loss(wg_squeeze(wg_nn_linear(h, 1, .name = "fc2"), .axes = WG_INTS(1)), in[1]), "loss");
}

static problem *make_problem(void)
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
    p->valid = wg_loader_new(p->data, .n = 2, .batch = 30);
    return p;
}

static void free_problem(problem *p)
{
    wg_loader_free(p->learn);
    wg_loader_free(p->valid);
    wg_tape_free(p->train);
    wg_tape_free(p->eval);
    wg_params_free(p->params);
    free(p);
}

static wg_fit_options options_of(problem *p)
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

static double falling(int64_t step, int64_t steps, void *user)
{
    (void)user;
    return wg_cosine(0.02, 0.001, step, steps);
}

/* The whole store, as bytes that can be compared. */
static void check_same_store(const wg_params *a, const wg_params *b, const char *what)
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

/* ---- reports, scores, the best weights ------------------------------------------------------------------------------------- */

typedef struct seen {
    int steps, epochs, bests;
    double last, best;
} seen;

static void note(const wg_fit_report *r, void *user)
{
    seen *s = user;
    int64_t batches = (ROWS + BATCH - 1) / BATCH;
    ck_assert(r->epochs == EPOCHS && r->steps == EPOCHS * batches && r->scores == 1 && isfinite(r->loss));
    if (!r->epoch_end) {
        ck_assert_int_eq(r->step, ++s->steps);
        ck_assert_int_eq(r->epoch, (r->step - 1) / batches + 1);
        return;
    }
    ck_assert_int_eq(r->epoch, ++s->epochs);
    ck_assert(r->best == (s->epochs == 1 || r->score[0] < s->best));
    s->bests += r->best;
    s->best = r->best ? r->score[0] : s->best;
    s->last = r->score[0];
}

START_TEST(a_run_reports_validates_and_keeps_the_best)
{
    problem *p = make_problem();
    seen s = {0};
    wg_fit_result r;
    wg_fit_options o = options_of(p);
    double before, after;
    o.report = note;
    o.user = &s;
    o.csv = at("curve.csv");
    ck_assert_int_eq(wg_evaluate(p->score, o.score_inputs, p->valid, o.scores, &before), WG_OK);
    ck_assert_msg(wg_fit_run(&o, &r, why, sizeof why) == WG_OK, "%s", why);
    ck_assert(r.epochs == EPOCHS && r.steps == s.steps && s.epochs == EPOCHS && r.best_epoch > 0 && !r.stopped && !r.early);
    ck_assert_double_eq(r.best, s.best);
    ck_assert_int_eq(wg_evaluate(p->score, o.score_inputs, p->valid, o.scores, &after), WG_OK);
    ck_assert_double_eq(after, r.best); /* the best weights are back */
    ck_assert_double_lt(after, 0.75 * before);
    const char *table = text_of(at("curve.csv"));
    ck_assert_msg(strncmp(table, "epoch,step,rate,loss,loss\n1,13,0.02,", 34) == 0, "%s", table);
    int lines = 0;
    for (const char *c = table; *c; c++) lines += *c == '\n';
    ck_assert_int_eq(lines, EPOCHS + 1);
    free_problem(p);
}
END_TEST

START_TEST(scores_are_means_over_rows)
{
    problem *p = make_problem();
    wg_loader *whole = wg_loader_new(p->data, .n = 2, .batch = ROWS), *pieces = wg_loader_new(p->data, .n = 2, .batch = 7);
    double a, b;
    ck_assert_int_eq(wg_evaluate(p->score, (wg_tensors){p->ein, 2}, whole, (wg_tensors){&p->eloss, 1}, &a), WG_OK);
    ck_assert_int_eq(wg_evaluate(p->score, (wg_tensors){p->ein, 2}, pieces, (wg_tensors){&p->eloss, 1}, &b), WG_OK);
    ck_assert_double_eq_tol(a, b, 1e-6 * a); /* f32 */
    ck_assert_int_eq(wg_evaluate(p->score, (wg_tensors){p->ein, 1}, whole, (wg_tensors){&p->eloss, 1}, &b), WG_EARG);
    wg_loader_free(whole);
    wg_loader_free(pieces);
    free_problem(p);
}
END_TEST

static double rising(int64_t step, int64_t steps, void *user)
{
    (void)steps, (void)user;
    return step < 2 * 13 ? 0.01 : 5; /* two good epochs, then none */
}

START_TEST(patience_ends)
{
    problem *p = make_problem();
    wg_fit_options o = options_of(p);
    wg_fit_result r;
    double now;
    o.epochs = 50;
    o.patience = 3;
    o.rate = rising;
    ck_assert_msg(wg_fit_run(&o, &r, why, sizeof why) == WG_OK, "%s", why);
    ck_assert(r.early && r.best_epoch <= 3 && r.epochs == r.best_epoch + 3);
    ck_assert_int_eq(wg_evaluate(p->score, o.score_inputs, p->valid, o.scores, &now), WG_OK);
    ck_assert_double_eq(now, r.best);
    free_problem(p);
}
END_TEST

/* ---- stopping, going on ---------------------------------------------------------------------------------------------------------- */

typedef struct stopper {
    volatile sig_atomic_t flag;
    int64_t at;
    bool kill;
} stopper;

static void stop_there(const wg_fit_report *r, void *user)
{
    stopper *s = user;
    if (r->epoch_end || r->step != s->at) return;
    if (s->kill) raise(SIGKILL);
    s->flag = 1;
}

/* The run that never stopped. */
static problem *reference(wg_fit_result *r)
{
    problem *p = make_problem();
    wg_fit_options o = options_of(p);
    o.rate = falling;
    o.csv = at("whole.csv");
    ck_assert_msg(wg_fit_run(&o, r, why, sizeof why) == WG_OK, "%s", why);
    return p;
}

static void go_on(const problem *whole, const wg_fit_result *wanted, const char *what)
{
    problem *p = make_problem();
    wg_fit_options o = options_of(p);
    wg_fit_result r;
    o.rate = falling;
    o.csv = at("piece.csv");
    o.checkpoint = at("checkpoint");
    o.every = 4;
    o.resume = true;
    ck_assert_msg(wg_fit_run(&o, &r, why, sizeof why) == WG_OK, "%s: %s", what, why);
    ck_assert(r.steps == wanted->steps && r.epochs == wanted->epochs && r.best_epoch == wanted->best_epoch);
    ck_assert(memcmp(&r.best, &wanted->best, sizeof r.best) == 0 && memcmp(&r.loss, &wanted->loss, sizeof r.loss) == 0);
    check_same_store(whole->params, p->params, what);
    ck_assert_str_eq(text_of(at("whole.csv")), text_of(at("piece.csv")));
    free_problem(p);
}

/* Runs until step `at` in a process of its own, which is then stopped or killed. */
static void run_until(int64_t step, bool killed)
{
    pid_t child = fork();
    if (child == 0) {
        problem *p = make_problem();
        stopper s = {.at = step, .kill = killed};
        wg_fit_options o = options_of(p);
        wg_fit_result r;
        o.rate = falling;
        o.csv = at("piece.csv");
        o.checkpoint = at("checkpoint");
        o.every = 4;
        o.report = stop_there;
        o.user = &s;
        o.stop = &s.flag;
        wg_status status = wg_fit_run(&o, &r, why, sizeof why);
        _exit(status == WG_OK && r.stopped && r.steps == step ? 0 : 1);
    }
    int status;
    ck_assert(waitpid(child, &status, 0) == child);
    ck_assert(killed ? WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL : WIFEXITED(status) && WEXITSTATUS(status) == 0);
}

static void goes_on(bool killed, const int64_t *steps, size_t n)
{
    wg_fit_result r;
    problem *whole = reference(&r);
    for (size_t i = 0; i < n; i++) {
        char what[64], command[128];
        run_until(steps[i], killed);
        snprintf(what, sizeof what, "%s after step %lld", killed ? "killed" : "stopped", (long long)steps[i]);
        go_on(whole, &r, what);
        snprintf(command, sizeof command, "rm -rf %s", at("checkpoint"));
        ck_assert_int_eq(system(command), 0);
    }
    free_problem(whole);
}

START_TEST(a_stopped_run_goes_on_to_the_same_bits) { goes_on(false, (const int64_t[]){1, 7, 13, 14, 40, 77}, 6); }
END_TEST

START_TEST(a_killed_run_goes_on_to_the_same_bits) { goes_on(true, (const int64_t[]){2, 4, 5, 13, 14, 52, 60}, 7); }
END_TEST

/* ---- checkpoints alone, and what is refused -------------------------------------------------------------------------------------- */

START_TEST(a_checkpoint_takes_the_place_of_the_one_before)
{
    wg_archive a = {0}, b = {0}, got;
    wg_array one = WG_ARRAY(double, WG_SHAPE(2), 1, 2), two = WG_ARRAY(double, WG_SHAPE(1), 3);
    ck_assert(!wg_archive_add(&a, "x", &one) && !wg_archive_add(&b, "x", &two));
    const wg_saved first[] = {{"p.safetensors", &a}, {"q.safetensors", &b}}, second[] = {{"p.safetensors", &b}};
    ck_assert_int_eq(wg_checkpoint_read(at("c"), "p.safetensors", &got, why, sizeof why), WG_EMISSING);
    ck_assert_msg(wg_checkpoint_write(at("c"), first, 2, why, sizeof why) == WG_OK, "%s", why);
    ck_assert_msg(wg_checkpoint_write(at("c/"), second, 1, why, sizeof why) == WG_OK, "%s", why);
    ck_assert_int_eq(wg_checkpoint_read(at("c"), "p.safetensors", &got, why, sizeof why), WG_OK);
    ck_assert(wg_shape_count(got.entry[0].array.shape) == 1);
    wg_archive_free(&got);
    ck_assert_int_eq(wg_checkpoint_read(at("c"), "q.safetensors", &got, why, sizeof why), WG_EIO); /* of the first one only */
    ck_assert(access(at("c.new"), F_OK) != 0 && access(at("c.old"), F_OK) != 0);
    ck_assert_int_eq(rename(at("c"), at("c.old")), 0); /* as a file system that cannot exchange may leave it */
    ck_assert_int_eq(wg_checkpoint_read(at("c"), "p.safetensors", &got, why, sizeof why), WG_OK);
    wg_archive_free(&got);
    const wg_saved bad[] = {{"../p", &a}};
    ck_assert_int_eq(wg_checkpoint_write(at("c"), bad, 1, why, sizeof why), WG_EARG);
    ck_assert_int_eq(wg_checkpoint_write("/nowhere/at/all", second, 1, why, sizeof why), WG_EIO);
    ck_assert_msg(has(why, "/nowhere/at/all: "), "%s", why);
    wg_archive_free(&a);
    wg_archive_free(&b);
}
END_TEST

START_TEST(fit_refuses)
{
    problem *p = make_problem();
    wg_fit_options o = options_of(p);
#define REFUSED(change, text)                                                                                                              \
    do {                                                                                                                                   \
        wg_fit_options was = o;                                                                                                            \
        change;                                                                                                                            \
        ck_assert_int_ne(wg_fit_run(&o, NULL, why, sizeof why), WG_OK);                                                                    \
        ck_assert_msg(has(why, text), "wanted \"%s\": %s", text, why);                                                                     \
        o = was;                                                                                                                           \
    } while (0)
    REFUSED(o.step = NULL, "there is no plan");
    REFUSED(o.step = p->score, "not made by wg_minimize");
    REFUSED(o.train = NULL, "a loader, inputs and epochs");
    REFUSED(o.valid = NULL, "validation wants a loader");
    REFUSED(o.inputs.n = 1, "a batch has 2 arrays");
    REFUSED((o.score = NULL, o.patience = 2), "patience wants validation");
    REFUSED(o.resume = true, "no checkpoint to resume");
    REFUSED(o.csv = "/nowhere/at/all", "/nowhere/at/all: ");
    REFUSED(o.checkpoint = "/nowhere/at/all", "checkpoint: /nowhere/at/all");
#undef REFUSED
    wg_array wrong = WG_ARRAY(float, WG_SHAPE(4, 2), 1, 2, 3, 4, 5, 6, 7, 8), more[2] = {wrong, p->data[1]};
    more[1].shape.dim[0] = 4;
    o.train = wg_loader_new(more, .n = 2);
    ck_assert_int_ne(wg_fit_run(&o, NULL, why, sizeof why), WG_OK);
    ck_assert_msg(has(why, "fit: training: feed x: the input is f32[?,3]"), "%s", why);
    wg_loader_free(o.train);
    free_problem(p);
}
END_TEST

START_TEST(a_checkpoint_of_another_model_is_refused)
{
    problem *p = make_problem();
    wg_fit_options o = options_of(p);
    o.checkpoint = at("checkpoint");
    o.epochs = 1;
    ck_assert_int_eq(wg_fit_run(&o, NULL, why, sizeof why), WG_OK);
    wg_param(p->train, "more", WG_SHAPE(2));
    o.resume = true;
    o.epochs = 2;
    ck_assert_int_eq(wg_fit_run(&o, NULL, why, sizeof why), WG_EMISSING);
    ck_assert_msg(has(why, "checkpoint: it has no more"), "%s", why);
    free_problem(p);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {a_run_reports_validates_and_keeps_the_best,
                                  scores_are_means_over_rows,
                                  patience_ends,
                                  a_stopped_run_goes_on_to_the_same_bits,
                                  a_killed_run_goes_on_to_the_same_bits,
                                  a_checkpoint_takes_the_place_of_the_one_before,
                                  fit_refuses,
                                  a_checkpoint_of_another_model_is_refused};
    return run_all("fit", tests, sizeof tests / sizeof *tests, make_folder, remove_folder);
}

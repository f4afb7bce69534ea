/* test_fit.c -- training in one call: what is reported, validated, kept, stopped; a run that is killed anywhere and goes on from its
 * checkpoint comes to the same bits as one that never stopped. */
#define _XOPEN_SOURCE 700
#include "nn_tests.h"

#include <math.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <time.h>
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
    p->valid = wg_loader_new(p->data, .n = 2, .batch = 30, .shuffle = true, .seed = 7); /* sums in another order each epoch */
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
    wg_loader_seek(p->valid, (r.best_epoch - 1) * 4); /* in the order of that epoch */
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

/* Each epoch's losses and scores, and each step's loss and rate, as they are reported. */
typedef struct told {
    double loss[EPOCHS], score[EPOCHS], step_loss[EPOCHS * 13], step_rate[EPOCHS * 13];
    int64_t items;
} told;

static void tell(const wg_fit_report *r, void *user)
{
    told *t = user;
    t->items = r->items;
    if (r->epoch_end) t->loss[r->epoch - 1] = r->epoch_loss, t->score[r->epoch - 1] = r->score[0];
    else t->step_loss[r->step - 1] = r->loss, t->step_rate[r->step - 1] = r->rate;
}

static double falling(int64_t step, int64_t steps, void *user)
{
    (void)user;
    return wg_cosine(0.02, 0.001, step, steps);
}

static void feed_and_run(wg_plan *p, const wg_tensor in[2], const wg_array batch[2])
{
    ck_assert(!wg_feed(p, in[0], batch[0]) && !wg_feed(p, in[1], batch[1]));
    run_ok(p);
}

static double rising(int64_t step, int64_t steps, void *user)
{
    (void)steps, (void)user;
    return step < 2 * 13 ? 0.01 : 5; /* two good epochs, then none */
}

/* What wg_fit does, by the parts that it is made of. */
START_TEST(a_run_is_the_loop_that_one_would_write)
{
    problem *p = make_problem(), *q = make_problem();
    wg_fit_options o = options_of(p);
    wg_array batch[2];
    told t = {.items = 0};
    int step = 0, steps = EPOCHS * 13;
    o.rate = falling;
    o.report = tell;
    o.user = &t;
    o.keep_last = true;
    ck_assert_msg(wg_fit_run(&o, NULL, why, sizeof why) == WG_OK, "%s", why);
    for (int epoch = 0; epoch < EPOCHS; epoch++) {
        double sum = 0, score;
        while (wg_next(q->learn, batch)) {
            wg_set_lr(q->step, wg_cosine(0.02, 0.001, step, steps));
            feed_and_run(q->step, q->in, batch);
            double loss = wg_read_scalar(q->step, q->loss);
            ck_assert(memcmp(&loss, &t.step_loss[step], sizeof loss) == 0);
            ck_assert_double_eq(t.step_rate[step], wg_cosine(0.02, 0.001, step, steps));
            sum += loss * (double)batch[0].shape.dim[0];
            step++;
        }
        ck_assert_double_eq(t.loss[epoch], sum / ROWS);
        ck_assert(!wg_evaluate(q->score, (wg_tensors){q->ein, 2}, q->valid, (wg_tensors){&q->eloss, 1}, &score));
        ck_assert_double_eq(t.score[epoch], score);
    }
    ck_assert_int_eq(step, steps);
    ck_assert_int_eq(t.items, EPOCHS * ROWS);
    check_same_store(p->params, q->params, "by hand");
    free_problem(p);
    free_problem(q);
}
END_TEST

/* The larger the better, and the last weights kept: a score that is the other one's negative. */
START_TEST(the_larger_score_is_the_better)
{
    problem *p = make_problem(), *q = make_problem();
    wg_fit_options o = options_of(p), other = options_of(q);
    wg_fit_result r, s;
    double now;
    wg_tensor negative = wg_neg(q->eloss);
    other.score = wg_plan_new(negative);
    other.scores = (wg_tensors){&negative, 1};
    other.larger = true;
    o.rate = other.rate = rising;
    ck_assert(!wg_fit_run(&o, &r, why, sizeof why) && !wg_fit_run(&other, &s, why, sizeof why));
    ck_assert(r.best_epoch == s.best_epoch && r.best_epoch < EPOCHS);
    ck_assert_double_eq(r.best, -s.best);
    check_same_store(p->params, q->params, "the larger the better");
    free_problem(p);
    p = make_problem();
    o = options_of(p);
    o.rate = rising;
    o.keep_last = true;
    ck_assert_int_eq(wg_fit_run(&o, &r, why, sizeof why), WG_OK);
    ck_assert_int_eq(r.best_epoch, s.best_epoch);
    ck_assert(!wg_evaluate(p->score, o.score_inputs, p->valid, o.scores, &now));
    ck_assert_double_gt(now, r.best); /* those of the last epoch, which was a bad one */
    free_problem(p);
    free_problem(q);
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

/* Bad epochs with a good one between them are not as many in a row. */
static double up_and_down(int64_t step, int64_t steps, void *user)
{
    (void)steps, (void)user;
    int64_t epoch = step / 13;
    return epoch == 1 || epoch == 2 || epoch == 4 || epoch == 5 ? 0 : 0.01; /* those of 0 make nothing better */
}

START_TEST(patience_begins_anew_with_each_better_epoch)
{
    problem *p = make_problem();
    wg_fit_options o = options_of(p);
    wg_fit_result r;
    o.epochs = 7;
    o.patience = 3;
    o.rate = up_and_down;
    ck_assert_msg(wg_fit_run(&o, &r, why, sizeof why) == WG_OK, "%s", why);
    ck_assert_msg(!r.early && r.epochs == 7 && r.best_epoch == 7, "best %d of %d", (int)r.best_epoch, (int)r.epochs);
    free_problem(p);
}
END_TEST

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
    wg_loader_seek(p->valid, (r.best_epoch - 1) * 4);
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

/* The first step that a run reports. */
static void first_step(const wg_fit_report *r, void *first)
{
    if (!r->epoch_end && !*(int64_t *)first) *(int64_t *)first = r->step;
}

/* To the end, from a checkpoint after step `from`. */
static void go_on(const problem *whole, const wg_fit_result *wanted, const char *what, int64_t from)
{
    problem *p = make_problem();
    wg_fit_options o = options_of(p);
    wg_fit_result r;
    int64_t first = 0;
    o.report = first_step;
    o.user = &first;
    o.rate = falling;
    o.csv = at("piece.csv");
    o.checkpoint = at("checkpoint");
    o.every = 4;
    o.resume = true;
    ck_assert_msg(wg_fit_run(&o, &r, why, sizeof why) == WG_OK, "%s: %s", what, why);
    ck_assert_msg(from < 0 || first == from + 1, "%s: it goes on with step %d, not %d", what, (int)first, (int)from + 1);
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
        int64_t before = steps[i] - 1, every = before / 4 * 4, epoch = before / 13 * 13; /* a report comes before the checkpoint */
        go_on(whole, &r, what, killed ? (every > epoch ? every : epoch) : steps[i]);
        snprintf(command, sizeof command, "rm -rf %s", at("checkpoint"));
        ck_assert_int_eq(system(command), 0);
    }
    free_problem(whole);
}

START_TEST(a_stopped_run_goes_on_to_the_same_bits) { goes_on(false, (const int64_t[]){1, 7, 13, 14, 40, 77}, 6); }
END_TEST

START_TEST(a_killed_run_goes_on_to_the_same_bits) { goes_on(true, (const int64_t[]){2, 4, 5, 13, 14, 52, 60}, 7); }
END_TEST

/* A line that came after the last checkpoint, when a run was killed, is cut off: it comes again. */
START_TEST(a_table_is_that_of_its_checkpoint)
{
    wg_fit_result r;
    problem *whole = reference(&r);
    run_until(30, true);
    FILE *f = fopen(at("piece.csv"), "a");
    ck_assert_ptr_nonnull(f);
    fputs("3,39,0.01,1,1\n", f);
    fclose(f);
    go_on(whole, &r, "with a line too many", -1);
    free_problem(whole);
}
END_TEST

/* Two good epochs and then none: the best weights, and how long patience has lasted, are those from before the stop. */
START_TEST(the_best_outlasts_a_stop)
{
    problem *p = make_problem(), *q = make_problem();
    stopper s = {.at = 45};
    wg_fit_options o = options_of(p), piece = options_of(q);
    wg_fit_result whole, r;
    o.rate = piece.rate = rising;
    o.epochs = piece.epochs = 20;
    o.patience = piece.patience = 3;
    ck_assert(!wg_fit_run(&o, &whole, why, sizeof why) && whole.early && whole.best_epoch * 13 < s.at);
    piece.checkpoint = at("checkpoint");
    piece.report = stop_there;
    piece.user = &s;
    piece.stop = &s.flag;
    ck_assert(!wg_fit_run(&piece, &r, why, sizeof why) && r.stopped);
    free_problem(q);
    q = make_problem();
    piece = options_of(q);
    piece.rate = rising;
    piece.epochs = 20;
    piece.patience = 3;
    piece.checkpoint = at("checkpoint");
    piece.resume = true;
    ck_assert_msg(!wg_fit_run(&piece, &r, why, sizeof why), "%s", why);
    ck_assert(r.early && r.epochs == whole.epochs && r.best_epoch == whole.best_epoch);
    check_same_store(p->params, q->params, "the best outlasts a stop");
    free_problem(p);
    free_problem(q);
}
END_TEST

/* A run in a process of its own that is killed wherever it is after so many microseconds; whether it was at its end before. */
static bool run_for(long microseconds)
{
    pid_t child = fork();
    if (child == 0) {
        problem *p = make_problem();
        wg_fit_options o = options_of(p);
        o.rate = falling;
        o.csv = at("piece.csv");
        o.checkpoint = at("checkpoint");
        o.every = 1;
        o.resume = true;
        _exit(wg_fit_run(&o, NULL, why, sizeof why) == WG_OK ? 0 : 1);
    }
    int status;
    nanosleep(&(struct timespec){.tv_nsec = 1000 * microseconds}, NULL);
    kill(child, SIGKILL);
    ck_assert(waitpid(child, &status, 0) == child);
    ck_assert_msg(WIFSIGNALED(status) || WEXITSTATUS(status) == 0, "a run that was killed before does not go on");
    return WIFEXITED(status);
}

/* Killed at any moment, also while it writes a checkpoint or its table, again and again. */
START_TEST(a_run_that_is_killed_again_and_again_comes_to_the_same_bits)
{
    wg_fit_result r;
    problem *whole = reference(&r);
    wg_rng *draws = wg_rng_new((uint32_t)getpid());
    int kills = 0;
    while (kills < 60 && !run_for(1000 + (long)wg_rng_integer(draws, 40000))) kills++;
    go_on(whole, &r, "killed at any moment", -1);
    wg_rng_free(draws);
    free_problem(whole);
}
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
                                  a_run_is_the_loop_that_one_would_write,
                                  the_larger_score_is_the_better,
                                  scores_are_means_over_rows,
                                  patience_begins_anew_with_each_better_epoch,
                                  patience_ends,
                                  a_stopped_run_goes_on_to_the_same_bits,
                                  a_killed_run_goes_on_to_the_same_bits,
                                  a_table_is_that_of_its_checkpoint,
                                  the_best_outlasts_a_stop,
                                  a_run_that_is_killed_again_and_again_comes_to_the_same_bits,
                                  a_checkpoint_takes_the_place_of_the_one_before,
                                  fit_refuses,
                                  a_checkpoint_of_another_model_is_refused};
    return run_all("fit", tests, sizeof tests / sizeof *tests, make_folder, remove_folder);
}

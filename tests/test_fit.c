/* test_fit.c -- training in one call: what is reported, validated, kept, refused; checkpoints by themselves. */
#define _XOPEN_SOURCE 700
#include "fit_tests.h"

#include <math.h>
#include <unistd.h>

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

static void feed_and_run(wg_plan *p, const wg_tensor in[2], const wg_array batch[2])
{
    ck_assert(!wg_feed(p, in[0], batch[0]) && !wg_feed(p, in[1], batch[1]));
    run_ok(p);
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

/* Scores as they are written down, one an epoch. */
typedef struct written {
    const float *score;
    int epoch;
} written;

static wg_status write_score(wg_array *batch, int n, wg_rng *r, void *user)
{
    (void)n, (void)r;
    written *w = user;
    for (int64_t i = 0; i < batch->shape.dim[0]; i++) ((float *)batch->data)[i] = w->score[w->epoch];
    w->epoch++;
    return WG_OK;
}

/* Bad epochs with a good one between them are not as many in a row. */
START_TEST(patience_begins_anew_with_each_better_epoch)
{
    problem *p = make_problem();
    wg_fit_options o = options_of(p);
    wg_fit_result r;
    written w = {(const float[]){5, 6, 6, 4, 6, 4, 3, 7, 7, 7, 1}, 0};
    wg_tensor in = wg_input(p->eval, "score", WG_F32, WG_SHAPE(WG_ANY)), score = wg_mean(in);
    o.score = wg_plan_new(score);
    o.scores = (wg_tensors){&score, 1};
    o.score_inputs = (wg_tensors){&in, 1};
    o.valid = wg_loader_new(&p->data[1], .n = 1, .batch = ROWS, .change = write_score, .user = &w);
    o.epochs = 20;
    o.patience = 3;
    ck_assert_msg(wg_fit_run(&o, &r, why, sizeof why) == WG_OK, "%s", why);
    ck_assert_msg(r.early && r.epochs == 10 && r.best_epoch == 7, "best %d of %d", (int)r.best_epoch, (int)r.epochs);
    wg_loader_free(o.valid);
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
                                  a_checkpoint_takes_the_place_of_the_one_before,
                                  fit_refuses,
                                  a_checkpoint_of_another_model_is_refused};
    return run_all("fit", tests, sizeof tests / sizeof *tests, make_folder, remove_folder);
}

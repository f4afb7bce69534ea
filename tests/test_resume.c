/* test_resume.c -- a run that is stopped or killed anywhere and goes on from its checkpoint comes to the same bits as one that never
 * stopped. */
#define _XOPEN_SOURCE 700
#include "fit_tests.h"

#include <signal.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

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
    double now;
    ck_assert(!wg_evaluate(q->score, piece.score_inputs, q->valid, piece.scores, &now));
    ck_assert_double_gt(now, r.best); /* it stands where it was stopped, not at its best */
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

int main(void)
{
    const TTest *const tests[] = {a_stopped_run_goes_on_to_the_same_bits, a_killed_run_goes_on_to_the_same_bits,
                                  a_table_is_that_of_its_checkpoint, the_best_outlasts_a_stop,
                                  a_run_that_is_killed_again_and_again_comes_to_the_same_bits};
    return run_all("resume", tests, sizeof tests / sizeof *tests, make_folder, remove_folder);
}

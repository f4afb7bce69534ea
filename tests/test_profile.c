/* test_profile.c -- a profiled run: what it says of each step, that it says nothing of other runs, and that it changes nothing. */
#include <check.h>
#include <stdlib.h>
#include <string.h>
#include <wengert.h>

enum { ROWS = 40, IN = 30, OUT = 20 };

static wg_tape *tape;
static wg_tensor x, y, total;
static float data[ROWS * IN];

static wg_plan *make(int threads)
{
    tape = wg_tape_new(.seed = 3, .threads = threads);
    x = wg_input(tape, "x", WG_F32, WG_SHAPE(ROWS, IN));
    y = wg_name(wg_relu(wg_matmul(x, wg_param(tape, "w", WG_SHAPE(IN, OUT), .init = {"normal", 0, 1}))), "y");
    total = wg_sum(y);
    wg_plan *p = wg_plan_new(y, total);
    ck_assert_msg(p != NULL, "%s", wg_error(tape));
    for (int i = 0; i < ROWS * IN; i++) data[i] = (float)(i % 7) - 3;
    ck_assert_int_eq(wg_feed(p, x, wg_array_wrap(data, WG_F32, WG_SHAPE(ROWS, IN))), WG_OK);
    return p;
}

static const wg_profile_step *step_with(const wg_profile *p, const char *op)
{
    for (size_t i = 0; i < p->steps; i++)
        if (strstr(p->step[i].ops, op)) return &p->step[i];
    ck_abort_msg("no step computes %s", op);
    return NULL;
}

START_TEST(test_steps)
{
    wg_profile profile;
    wg_plan *p = make(_i);
    ck_assert_int_eq(wg_plan_profile(p, true), WG_OK);
    ck_assert_int_eq(wg_run(p), WG_OK);
    ck_assert_int_eq(wg_profile_read(p, &profile), WG_OK);
    size_t nodes = 0;
    for (size_t i = 0; i < profile.steps; i++) nodes += profile.step[i].count;
    ck_assert_uint_ge(nodes, 3);
    const wg_profile_step *product = step_with(&profile, "matmul"), *last = step_with(&profile, "sum");
    ck_assert_double_eq(product->flops, 2.0 * ROWS * IN * OUT);
    ck_assert_double_eq(last->flops, 0);
    ck_assert_double_ge(last->bytes, 4.0 * (ROWS * OUT + 1)); /* more where the sum is in two halves */
    ck_assert_int_le(profile.threads, _i);
    wg_tape_free(tape);
}
END_TEST

/* By the planner alone: in a plan that fuses nothing each step's bytes are those of its operands and its result. */
START_TEST(test_bytes)
{
    wg_profile profile;
    make(1);
    wg_tensor twice = wg_add(x, x), spread = wg_add(y, wg_slice(wg_expand(wg_reshape(total, WG_SHAPE(1)), WG_SHAPE(ROWS, OUT)), 0));
    wg_tensor outputs[] = {twice, spread};
    wg_plan *p = wg_plan_create(&(wg_plan_options){.outputs = {outputs, 2}, .without = WG_PASS_FUSE});
    ck_assert_int_eq(wg_feed(p, x, wg_array_wrap(data, WG_F32, WG_SHAPE(ROWS, IN))), WG_OK);
    ck_assert_int_eq(wg_plan_profile(p, true), WG_OK);
    ck_assert_int_eq(wg_run(p), WG_OK);
    ck_assert_int_eq(wg_profile_read(p, &profile), WG_OK);
    int found = 0;
    for (size_t i = 0; i < profile.steps; i++) {
        const wg_profile_step *s = &profile.step[i];
        if (strcmp(s->ops, "add") != 0) continue;
        bool same = s->bytes >= 4.0 * 2 * ROWS * IN;
        ck_assert_double_eq(s->bytes, same ? 4.0 * 2 * ROWS * IN : 4.0 * (2 * ROWS * OUT + 1)); /* x once; one number spread */
        found += same ? 1 : 10;
    }
    ck_assert_int_eq(found, 11);
    ck_assert_str_eq(step_with(&profile, "relu")->label, "y");
    ck_assert_str_eq(step_with(&profile, "relu")->type, "f32[40,20]");
    wg_tape_free(tape);
}
END_TEST

START_TEST(test_spans)
{
    wg_profile profile;
    wg_plan *p = make(_i);
    wg_plan_profile(p, true);
    ck_assert_int_eq(wg_run(p), WG_OK);
    ck_assert_int_eq(wg_profile_read(p, &profile), WG_OK);
    double *ended = calloc((size_t)profile.threads, sizeof *ended), *busy = calloc((size_t)profile.threads, sizeof *busy);
    for (size_t i = 0; i < profile.steps; i++) {
        ck_assert_uint_ge(profile.step[i].spans, 1);
        for (size_t k = 0; k < profile.step[i].spans; k++) {
            const wg_span *s = &profile.step[i].span[k];
            ck_assert(s->thread >= 0 && s->thread < profile.threads);
            ck_assert(s->start >= ended[s->thread] && s->end >= s->start && s->end <= profile.seconds);
            ck_assert(s->end - s->start <= profile.step[i].seconds + 1e-12);
            ended[s->thread] = s->end;
            busy[s->thread] += s->end - s->start;
        }
    }
    for (int i = 0; i < profile.threads; i++) ck_assert(busy[i] <= profile.seconds + 1e-12);
    free(ended);
    free(busy);
    wg_tape_free(tape);
}
END_TEST

START_TEST(test_only_what_was_profiled)
{
    wg_profile profile;
    wg_array plain, timed;
    float kept[ROWS * OUT];
    wg_plan *p = make(1);
    ck_assert_int_eq(wg_plan_profile(NULL, true), WG_EARG);
    ck_assert_int_eq(wg_profile_read(NULL, &profile), WG_EARG);
    ck_assert_int_eq(wg_profile_read(p, &profile), WG_EARG);
    ck_assert_int_eq(wg_run(p), WG_OK);
    ck_assert_int_eq(wg_profile_read(p, &profile), WG_EARG);
    ck_assert_str_eq(wg_plan_error(p), "profile: the last run was not profiled");
    ck_assert_int_eq(wg_read(p, y, &plain), WG_OK);
    memcpy(kept, plain.data, sizeof kept);
    wg_plan_profile(p, true);
    ck_assert_int_eq(wg_profile_read(p, &profile), WG_EARG);
    ck_assert_int_eq(wg_run(p), WG_OK);
    ck_assert_int_eq(wg_read(p, y, &timed), WG_OK);
    ck_assert_int_eq(memcmp(kept, timed.data, sizeof kept), 0);
    ck_assert_int_eq(wg_profile_read(p, &profile), WG_OK);
    wg_plan_profile(p, false);
    ck_assert_int_eq(wg_profile_read(p, &profile), WG_OK); /* still the last run */
    ck_assert_int_eq(wg_run(p), WG_OK);
    ck_assert_int_eq(wg_profile_read(p, &profile), WG_EARG);
    wg_tape_free(tape);
}
END_TEST

/* A run that fails has no profile; the next one has. */
START_TEST(test_failed_run)
{
    wg_profile profile;
    int64_t bad[] = {1, 5}, good[] = {1, 0};
    wg_tape *t = wg_tape_new(.threads = 1);
    wg_tensor at = wg_input(t, "at", WG_I64, WG_SHAPE(2)), w = wg_param(t, "w", WG_SHAPE(3, 2), .init = {"ones"});
    wg_plan *p = wg_plan_new(wg_take(w, at));
    wg_plan_profile(p, true);
    wg_feed(p, at, wg_array_wrap(bad, WG_I64, WG_SHAPE(2)));
    ck_assert_int_eq(wg_run(p), WG_EINDEX);
    ck_assert_int_eq(wg_profile_read(p, &profile), WG_EARG);
    wg_feed(p, at, wg_array_wrap(good, WG_I64, WG_SHAPE(2)));
    ck_assert_int_eq(wg_run(p), WG_OK);
    ck_assert_int_eq(wg_profile_read(p, &profile), WG_OK);
    ck_assert_str_eq(step_with(&profile, "take")->kind, "block");
    wg_tape_free(t);
}
END_TEST

int main(void)
{
    TCase *c = tcase_create("profile");
    tcase_add_loop_test(c, test_steps, 1, 3);
    tcase_add_test(c, test_bytes);
    tcase_add_loop_test(c, test_spans, 1, 4);
    tcase_add_test(c, test_only_what_was_profiled);
    tcase_add_test(c, test_failed_run);
    Suite *s = suite_create("profile");
    suite_add_tcase(s, c);
    SRunner *r = srunner_create(s);
    srunner_run_all(r, CK_ENV);
    int failed = srunner_ntests_failed(r);
    srunner_free(r);
    return failed != 0;
}

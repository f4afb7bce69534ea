/* test_checked.c -- an op that is only a definition refuses at the run what its rule could not see when it was recorded: by its name, in
 * the value and in derivatives alone, read back from text, and at no cost where the sizes were known. */
#include "plan_tests.h"

#include "tape/tape.h"

static wg_tensor vector(const char *name, int64_t size) { return wg_input(tape, name, WG_F32, WG_SHAPE(size)); }

static int checks(void)
{
    int n = 0;
    for (size_t i = 0; i < wg_tape_size(tape); i++) n += tape->node[i].op->checks;
    return n;
}

/* want: the refusal, behind the place; NULL: none */
static void feed_and_run(wg_plan *p, int64_t n, int64_t m, const char *want)
{
    ck_assert_int_eq(wg_feed(p, wg_find(tape, "x"), drawn(WG_SHAPE(n))), WG_OK);
    ck_assert_int_eq(wg_feed(p, wg_find(tape, "t"), drawn(WG_SHAPE(m))), WG_OK);
    if (!want) {
        run(p);
        return;
    }
    ck_assert_int_eq(wg_run(p), WG_ESHAPE);
    const char *why = wg_plan_error(p), *place = strstr(why, "test_checked.c:"), *reason = place ? strstr(place, ": ") : NULL;
    ck_assert_msg(reason != NULL, "%s", why);
    ck_assert_str_eq(reason + 2, want);
}

START_TEST(test_value)
{
    wg_tensor x = vector("x", WG_ANY), t = vector("t", WG_ANY);
    wg_plan *p = made(wg_plan_new(wg_dot(x, t)));
    ck_assert_int_eq(checks(), 1);
    feed_and_run(p, 3, 1, "dot: a is f32[3], b is f32[1]: two vectors of one length are wanted");
    feed_and_run(p, 3, 3, NULL);
    feed_and_run(p, 1, 3, "dot: a is f32[1], b is f32[3]: two vectors of one length are wanted");
}
END_TEST

/* With a cotangent of its own a derivative reads nothing of the value. */
START_TEST(test_derivatives)
{
    wg_tensor x = vector("x", WG_ANY), t = vector("t", WG_ANY), y = wg_mse_loss(x, t, .reduction = "none");
    wg_tensor back = wg_vjp(y, x, t), forth = wg_jvp(y, t, t);
    const char *want = "mse_loss: x is f32[3], target is f32[1]: their shapes differ";
    wg_plan *p[] = {made(wg_plan_new(back)), made(wg_plan_new(forth)), made(wg_plan_new(wg_vjp(forth, x, t)))};
    for (int i = 0; i < 3; i++) {
        feed_and_run(p[i], 3, 3, NULL);
        feed_and_run(p[i], 3, 1, want);
    }
}
END_TEST

START_TEST(test_text)
{
    char text[2][4096] = {"", ""}, why[300];
    for (int i = 0; i < 2; i++) {
        if (i == 0) {
            wg_tensor y = wg_dot(vector("x", WG_ANY), vector("t", WG_ANY));
            wg_return(tape, (wg_tensors){&y, 1});
        } else {
            ck_assert_msg(wg_tape_parse(&tape, text[0], strlen(text[0]), "again", NULL, why, sizeof why) == WG_OK, "%s", why);
        }
        FILE *f = tmpfile();
        ck_assert(f && wg_print(f, tape) == WG_OK);
        rewind(f);
        text[i][fread(text[i], 1, sizeof text[i] - 1, f)] = 0;
        fclose(f);
        wg_plan *p = made(wg_plan_new(wg_returned(tape).x[0]));
        feed_and_run(p, 3, 3, NULL);
        ck_assert_int_eq(wg_feed(p, wg_find(tape, "x"), drawn(WG_SHAPE(1))), WG_OK);
        ck_assert_int_eq(wg_run(p), WG_ESHAPE);
        ck_assert_msg(strstr(wg_plan_error(p), "dot: a is f32[1], b is f32[3]"), "%s", wg_plan_error(p));
        if (i == 0) wg_tape_free(tape), tape = NULL;
    }
    ck_assert_str_eq(text[0], text[1]);
    ck_assert_msg(strstr(text[0], "call=dot()"), "%s", text[0]);
}
END_TEST

/* Nothing is recorded where all is known, or said to be one size, or where nothing hangs on what is open. */
START_TEST(test_none)
{
    wg_dot(vector("a", 3), vector("b", 3));
    wg_dot(vector("c", WG_DIM('n')), vector("d", WG_DIM('n')));
    wg_tensor x = wg_input(tape, "x", WG_F32, WG_SHAPE(WG_ANY, 4));
    wg_linear(x, wg_input(tape, "w", WG_F32, WG_SHAPE(5, 4)), vector("bias", 5));
    ck_assert_str_eq(wg_error(tape) ? wg_error(tape) : "", "");
    ck_assert_int_eq(checks(), 0);
}
END_TEST

/* What the run does is the same, step by step, as where the sizes were known. */
START_TEST(test_cost)
{
    static char text[2][1 << 14];
    for (int open = 0; open < 2; open++) {
        wg_tape_free(tape);
        tape = wg_tape_new(.seed = 1);
        int64_t n = open ? WG_ANY : 50;
        wg_tensor x = vector("x", n), t = vector("t", n), y = wg_tanh(wg_mse_loss(wg_exp(x), t, .reduction = "none"));
        wg_tensor out[] = {y, wg_grad(wg_sum(y), x)};
        wg_plan *p = made(wg_plan_of((wg_tensors){out, 2}));
        feed_and_run(p, 50, 50, NULL);
        ck_assert_int_eq(checks(), open ? 2 : 0);
        const char *at = strchr(printed(p), ':');                              /* behind the number of nodes */
        for (size_t used = 0; at && *at && used + 1 < sizeof text[open]; at++) /* but for the numbers of nodes and what aligns them */
            if (*at == '%') at += strspn(at + 1, "0123456789");
            else if (*at != ' ') text[open][used++] = *at;
    }
    ck_assert_str_eq(text[0], text[1]);
    ck_assert_ptr_nonnull(strstr(text[0], "group"));
}
END_TEST

int main(void)
{
    Suite *s = suite_create("checked");
    TCase *c = tcase_create("checked");
    tcase_add_checked_fixture(c, set_up, tear_down);
    tcase_add_test(c, test_value);
    tcase_add_test(c, test_derivatives);
    tcase_add_test(c, test_text);
    tcase_add_test(c, test_none);
    tcase_add_test(c, test_cost);
    suite_add_tcase(s, c);
    SRunner *r = srunner_create(s);
    srunner_run_all(r, CK_NORMAL);
    int failed = srunner_ntests_failed(r);
    srunner_free(r);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}

/* test_effects.c -- a run is a transaction: parameters are read as they were at its start and changed at its end or not at all, wherever what is
 * assigned is computed; a plan may be fed what it or another gave; what can be read, and when. */
#include "plan_tests.h"

/* ---- transactions ---------------------------------------------------------------------------------------------------------- */

static void set(const char *name, float v)
{
    ck_assert_int_eq(wg_params_set(wg_tape_params(tape), name, &WG_ARRAY(float, WG_SHAPE(), v), WG_TRAINABLE), WG_OK);
}

static double get(const char *name)
{
    wg_array a;
    ck_assert_int_eq(wg_params_get(wg_tape_params(tape), name, &a), WG_OK);
    return wg_array_at(&a, 0);
}

START_TEST(test_swap)
{
    wg_tensor p = wg_param(tape, "p", WG_SHAPE()), q = wg_param(tape, "q", WG_SHAPE());
    set("p", 1);
    set("q", 2);
    wg_tensor sum = wg_add(p, wg_mul(q, wg_num(10)));
    wg_plan *s = made(wg_plan_new(wg_assign(p, q), wg_assign(q, p), p, sum));
    for (int i = 0; i < 3; i++) {
        run(s);
        ck_assert_double_eq(get("p"), i % 2 ? 1 : 2);
        ck_assert_double_eq(get("q"), i % 2 ? 2 : 1);
        ck_assert_double_eq(wg_read_scalar(s, p), i % 2 ? 2 : 1); /* as it was */
        ck_assert_double_eq(wg_read_scalar(s, sum), i % 2 ? 12 : 21);
    }
    ck_assert_ptr_null(wg_plan_new(wg_assign(p, wg_num(1)), wg_assign(p, wg_num(2))));
    ck_assert_ptr_nonnull(strstr(wg_error(tape), "the plan assigns to p twice"));
    ck_assert_ptr_nonnull(strstr(wg_error(tape), __FILE__));
    wg_error_clear(tape);
    wg_tensor view = wg_assign(p, wg_reshape(wg_slice(wg_input(tape, "v", WG_F32, WG_SHAPE(3)), 0, 1, 2), WG_SHAPE()));
    wg_plan *v = made(wg_plan_new(view));
    wg_array three = WG_ARRAY(float, WG_SHAPE(3), 5, 6, 7);
    ck_assert_int_eq(wg_feed(v, wg_find(tape, "v"), three), WG_OK);
    run(v);
    ck_assert_double_eq(get("p"), 6);
    ck_assert_double_eq(wg_read_scalar(v, view), 6);
}
END_TEST

/* An effect that hangs on a node runs with it, and only then. */
START_TEST(test_on)
{
    wg_tensor count = wg_param(tape, "count", WG_SHAPE()), x = wg_input(tape, "x", WG_F32, WG_SHAPE(2));
    wg_tensor y = wg_on(wg_relu(x), count, wg_add(count, wg_num(1)));
    wg_plan *with = made(wg_plan_new(wg_sum(y))), *not_with = made(wg_plan_new(wg_exp(x)));
    wg_array two = WG_ARRAY(float, WG_SHAPE(2), 1, -2);
    ck_assert_int_eq(wg_feed(with, x, two), WG_OK);
    ck_assert_int_eq(wg_feed(not_with, x, two), WG_OK);
    for (int i = 1; i < 4; i++) {
        run(with);
        run(not_with);
        ck_assert_double_eq(get("count"), i);
    }
}
END_TEST

START_TEST(test_failed_run)
{
    wg_tensor x = wg_input(tape, "x", WG_F32, WG_SHAPE(4, 3)), y = wg_input(tape, "y", WG_I64, WG_SHAPE(4));
    wg_tensor loss = wg_cross_entropy(wg_nn_linear(x, 3, .name = "fc"), y);
    int line = __LINE__ - 1;
    wg_plan *p = made(wg_minimize(loss, wg_adam(.lr = 0.1)));
    int64_t labels[] = {0, 1, 2, 9};
    float before[9], want[200];
    wg_array w;
    char text[200];
    ck_assert_int_eq(wg_feed(p, x, drawn(WG_SHAPE(4, 3))), WG_OK);
    ck_assert_int_eq(wg_feed(p, y, wg_array_wrap(labels, WG_I64, WG_SHAPE(4))), WG_OK);
    ck_assert_int_eq(wg_params_get(wg_tape_params(tape), "fc.weight", &w), WG_OK);
    memcpy(before, w.data, sizeof before);
    ck_assert_int_eq(wg_run(p), WG_EINDEX);
    snprintf(text, sizeof text, "%s:%d: cross_entropy: ", __FILE__, line);
    ck_assert_msg(strncmp(wg_plan_error(p), text, strlen(text)) == 0, "%s", wg_plan_error(p));
    ck_assert_msg(strstr(wg_plan_error(p), "9") && strstr(wg_plan_error(p), "0..2"), "%s", wg_plan_error(p));
    ck_assert_mem_eq(w.data, before, sizeof before);
    ck_assert(isnan(wg_read_scalar(p, loss)));
    wg_array step;
    ck_assert_int_eq(wg_params_get(wg_tape_params(tape), "optim.step", &step), WG_OK);
    ck_assert_double_eq(wg_array_at(&step, 0), 0);
    labels[3] = 0;
    run(p); /* and the plan works afterwards */
    ck_assert_ptr_null(wg_plan_error(p));
    ck_assert_mem_ne(w.data, before, sizeof before);
    ck_assert_double_eq(wg_array_at(&step, 0), 1);
    for (int i = 0; i < 200; i++) run(p), want[i] = (float)wg_read_scalar(p, loss);
    ck_assert(want[199] < want[0]);
}
END_TEST

/* ---- feeding back, reading -------------------------------------------------------------------------------------------------- */

START_TEST(test_own_output)
{
    wg_tensor h = wg_input(tape, "h", WG_F32, WG_SHAPE(500)), x = wg_input(tape, "x", WG_F32, WG_SHAPE(500));
    wg_tensor next = wg_tanh(wg_add(wg_mul(h, wg_num(0.9)), x)), other = wg_mul(wg_slice(next, 0, WG_START, WG_END, -1), h);
    wg_plan *p = made(wg_plan_new(next, other)), *q = made(wg_plan_new(next, other));
    static float state[500];
    wg_array fed = wg_array_wrap(state, WG_F32, WG_SHAPE(500)), a, b, c;
    memset(state, 0, sizeof state);
    ck_assert_int_eq(wg_feed(p, h, fed), WG_OK);
    ck_assert_int_eq(wg_feed(q, h, fed), WG_OK);
    ck_assert_int_eq(wg_feed(p, x, drawn(WG_SHAPE(500))), WG_OK);
    ck_assert_int_eq(wg_feed(q, x, drawn(WG_SHAPE(500))), WG_OK);
    for (int i = 0; i < 5; i++) {
        run(p);
        ck_assert_int_eq(wg_read(p, next, &a), WG_OK);
        ck_assert_int_eq(wg_feed(p, h, a), WG_OK); /* the plan's own memory */
        run(q);
        ck_assert_int_eq(wg_read(q, next, &b), WG_OK);
        ck_assert_mem_eq(a.data, b.data, sizeof state);
        ck_assert_int_eq(wg_read(p, other, &a), WG_OK);
        ck_assert_int_eq(wg_read(q, other, &c), WG_OK);
        ck_assert_mem_eq(a.data, c.data, sizeof state);
        memcpy(state, b.data, sizeof state); /* a copy of the caller's own */
    }
}
END_TEST

/* Fed once and run often: the caller's memory is read anew each time, also where it is widened; what a run writes is copied when it is
 * first read, and stays that until it is fed again, at the same address too. */
START_TEST(test_fed_once)
{
    enum { N = 3, MANY = 1000 };
    wg_tensor x = wg_input(tape, "x", WG_F32, WG_SHAPE(WG_ANY)), i = wg_input(tape, "i", WG_I64, WG_SHAPE()), twice = wg_mul(x, wg_num(2)),
              sum = wg_add(i, i);
    wg_tensor w = wg_param(tape, "w", WG_SHAPE(N)), v = wg_input(tape, "v", WG_F32, WG_SHAPE(N));
    wg_plan *p = made(wg_plan_new(twice, sum)), *q = made(wg_plan_new(wg_assign(w, wg_add(w, v))));
    float mine[MANY] = {1, 2, 3};
    int32_t narrow = 5;
    wg_array few = wg_array_wrap(mine, WG_F32, WG_SHAPE(N)), many = wg_array_wrap(mine, WG_F32, WG_SHAPE(MANY)), out, param;
    ck_assert(!wg_feed(p, x, few) && !wg_feed(p, i, wg_array_wrap(&narrow, WG_I32, WG_SHAPE())));
    for (int turn = 0; turn < 3; turn++, mine[1]++, narrow++) { /* no feed between */
        run(p);
        ck_assert(!wg_read(p, twice, &out) && wg_array_at(&out, 1) == 4 + 2 * turn);
        ck_assert_double_eq(wg_read_scalar(p, sum), 10 + 2 * turn);
    }
    for (int turn = 0; turn < 6; turn++) { /* another size is another program, and moves the outputs */
        ck_assert_int_eq(wg_feed(p, x, turn % 2 ? few : many), WG_OK);
        run(p);
        ck_assert(!wg_read(p, twice, &out) && wg_shape_count(out.shape) == (turn % 2 ? N : MANY) && wg_array_at(&out, 2) == 6);
    }
    for (int turn = 0; turn < 3; turn++) {
        ck_assert_int_eq(wg_feed(p, x, out), WG_OK);
        for (int again = 0; again < 3; again++) run(p);
        ck_assert(!wg_read(p, twice, &out) && wg_array_at(&out, 2) == 12 << turn);
    }
    ck_assert(!wg_params_set(wg_tape_params(tape), "w", &few, WG_TRAINABLE) && !wg_params_get(wg_tape_params(tape), "w", &param));
    for (int turn = 0; turn < 2; turn++) {
        ck_assert_int_eq(wg_feed(q, v, param), WG_OK);
        for (int again = 0; again < 3; again++) run(q);
        ck_assert_double_eq(wg_array_at(&param, 2), turn ? 3 * 16 : 3 * 4);
    }
}
END_TEST

/* What is assigned is written where the parameter lies only where nothing reads the old value later, or elsewhere than element for element. */
START_TEST(test_assigned_in_place)
{
    enum { N = 5000 };
    static float start[N], fed[N];
    wg_tensor w = wg_param(tape, "w", WG_SHAPE(N)), x = wg_input(tape, "x", WG_F32, WG_SHAPE(N));
    wg_tensor back = wg_slice(w, 0, .start = WG_END, .stop = WG_START, .step = -1), old = wg_mul(w, wg_num(10));
    wg_plan *near = made(wg_plan_new(wg_assign(w, wg_add(w, x)), old)), *far = made(wg_plan_new(wg_assign(w, wg_sub(back, x))));
    for (int i = 0; i < N; i++) start[i] = (float)i, fed[i] = 1;
    wg_array ws = wg_array_wrap(start, WG_F32, WG_SHAPE(N)), xs = wg_array_wrap(fed, WG_F32, WG_SHAPE(N)), a;
    ck_assert_int_eq(wg_params_set(wg_tape_params(tape), "w", &ws, WG_TRAINABLE), WG_OK);
    ck_assert(!wg_feed(near, x, xs) && !wg_feed(far, x, xs) && !wg_run(near));
    ck_assert(strstr(printed(near), "commit w (where it is computed)"));
    ck_assert(!wg_read(near, old, &a) && wg_array_at(&a, 7) == 70 && wg_array_at(&a, N - 1) == 10 * (N - 1));
    run(far); /* reversed: an element is wanted after another took its place */
    ck_assert(!strstr(printed(far), "commit w (where it is computed)"));
    ck_assert(!wg_params_get(wg_tape_params(tape), "w", &a));
    for (int i = 0; i < N; i++) ck_assert_double_eq(wg_array_at(&a, i), N - 1 - i);
    ck_assert(!wg_feed(near, x, a) && !wg_run(near)); /* the parameter itself: w + w, while w is written */
    for (int i = 0; i < N; i++) ck_assert_double_eq(wg_array_at(&a, i), 2 * (N - 1 - i));
}
END_TEST

/* A step that may fail, after the value is there: the parameter must not have it. */
START_TEST(test_assigned_before_a_failure)
{
    wg_tensor w = wg_param(tape, "w", WG_SHAPE(3)), i = wg_input(tape, "i", WG_I64, WG_SHAPE(1)), next = wg_add(w, wg_num(1));
    wg_tensor picked = wg_take(next, i);
    wg_plan *p = made(wg_plan_new(wg_assign(w, next), picked));
    wg_array a, outside = WG_ARRAY(int64_t, WG_SHAPE(1), 3), inside = WG_ARRAY(int64_t, WG_SHAPE(1), 2);
    ck_assert_int_eq(wg_feed(p, i, outside), WG_OK);
    ck_assert_int_eq(wg_run(p), WG_EINDEX);
    ck_assert(!wg_params_get(wg_tape_params(tape), "w", &a) && wg_array_at(&a, 0) == 0);
    ck_assert_int_eq(wg_feed(p, i, inside), WG_OK);
    run(p);
    ck_assert(wg_array_at(&a, 2) == 1 && !strstr(printed(p), "commit w (where it is computed)"));
    ck_assert_double_eq(wg_read_scalar(p, picked), 1);
}
END_TEST

START_TEST(test_read)
{
    wg_tensor x = wg_input(tape, "x", WG_F32, WG_SHAPE(2)), y = wg_relu(x), z = wg_exp(y);
    wg_plan *p = made(wg_plan_create(&(wg_plan_options){.outputs = WG_LIST(z, z, x), .name = "reader"}));
    wg_array a, two = WG_ARRAY(float, WG_SHAPE(2), -1, 0);
    ck_assert_str_eq(wg_plan_name(p), "reader");
    ck_assert_ptr_eq(wg_plan_tape(p), tape);
    ck_assert_int_eq(wg_read(p, z, &a), WG_EARG);
    ck_assert_str_eq(wg_plan_error(p), "read: the plan has not run, or its last run failed");
    ck_assert_int_eq(wg_feed(p, x, two), WG_OK);
    run(p);
    ck_assert_int_eq(wg_read(p, y, &a), WG_EARG);
    ck_assert_str_eq(wg_plan_error(p), "read: the tensor is not among the plan's outputs");
    ck_assert_ptr_null(a.data);
    ck_assert(isnan(wg_read_scalar(p, z)));
    ck_assert_int_eq(wg_read(p, x, &a), WG_OK); /* an input may be asked for */
    ck_assert_mem_eq(a.data, two.data, 2 * sizeof(float));
    ck_assert_int_eq(wg_run(NULL), WG_EARG);
    ck_assert_int_eq(wg_feed(NULL, x, a), WG_EARG);
    ck_assert_ptr_nonnull(wg_plan_error(NULL));
    wg_plan_free(NULL);
    wg_plan_free(p);
}
END_TEST

int main(void)
{
    Suite *s = suite_create("effects");
    TCase *c = tcase_create("effects");
    tcase_add_checked_fixture(c, set_up, tear_down);
    tcase_set_timeout(c, 300);
    tcase_add_test(c, test_swap);
    tcase_add_test(c, test_on);
    tcase_add_test(c, test_failed_run);
    tcase_add_test(c, test_own_output);
    tcase_add_test(c, test_fed_once);
    tcase_add_test(c, test_assigned_in_place);
    tcase_add_test(c, test_assigned_before_a_failure);
    tcase_add_test(c, test_read);
    suite_add_tcase(s, c);
    SRunner *r = srunner_create(s);
    srunner_run_all(r, CK_NORMAL);
    int failed = srunner_ntests_failed(r);
    srunner_free(r);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}

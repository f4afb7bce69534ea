/* test_lbfgs.c -- L-BFGS against PyTorch's numbers (golden/optim.txt), through checkpoints, and over parameters in halves. */
#define _XOPEN_SOURCE 700
#include "optim_tests.h"

#include <math.h>

/* ---- L-BFGS ---------------------------------------------------------------------------------------------------------------- */

START_TEST(lbfgs_is_pytorchs)
{
    wg_tensor loss = golden_loss();
#define TIGHT .tolerance_grad = 1e-12, .tolerance_change = 1e-14
    wg_lbfgs *l = _i == 0   ? wg_lbfgs_new(loss, .lr = 0.5, .max_iter = 2, .history_size = 3, TIGHT)
                  : _i == 1 ? wg_lbfgs_new(loss, .strong_wolfe = true, .max_iter = 2, TIGHT)
                            : wg_lbfgs_new(loss, .strong_wolfe = true, .lr = 1e-3, .max_iter = 3, .history_size = 2, TIGHT);
#undef TIGHT
    const char *name = _i == 0 ? "lbfgs" : _i == 1 ? "lbfgs_wolfe" : "lbfgs_long";
    double losses[20], evaluations, f = 0, wanted[12];
    char line[64];
    ck_assert_ptr_nonnull(l);
    golden(name, losses, 20);
    for (int i = 1; i <= 20; i++) {
        ck_assert_int_eq(wg_lbfgs_step(l, &f), WG_OK);
        ck_assert_msg(fabs(f - losses[i - 1]) <= 1e-9 * fabs(losses[i - 1]), "%s[%d] is %.17g, PyTorch's is %.17g", name, i, f,
                      losses[i - 1]);
        if (i != 1 && i != 10 && i != 20) continue;
        snprintf(line, sizeof line, "%s.%d", name, i);
        golden(line, wanted, 12);
        const char *const parts[] = {"w", "b", "u"};
        for (int k = 0, j = 0; k < 3; k++) {
            wg_array a = stored(tape, parts[k]);
            for (int64_t m = 0; m < wg_shape_count(a.shape); m++, j++)
                ck_assert_msg(fabs(wg_array_at(&a, m) - wanted[j]) <= 1e-9 * fabs(wanted[j]), "%s[%d] is %.17g, PyTorch's is %.17g", line,
                              j, wg_array_at(&a, m), wanted[j]);
        }
    }
    snprintf(line, sizeof line, "%s.evaluations", name);
    golden(line, &evaluations, 1);
    ck_assert_double_eq((double)wg_lbfgs_evaluations(l), evaluations);
    wg_lbfgs_free(l);
}
END_TEST

/* In the valley of Rosenbrock (1960), chained over four numbers. */
START_TEST(lbfgs_finds_pytorchs_minimum)
{
    const char *name = _i ? "lbfgs_long.minimum" : "lbfgs_wolfe.minimum";
    wg_array start = WG_ARRAY(double, WG_SHAPE(4), -1.2, 1, -1.2, 1);
    wg_tensor x = wg_param(tape, "x", WG_SHAPE(4), .dtype = WG_F64);
    wg_tensor a = wg_slice(x, 0, .start = 0, .stop = 3), b = wg_slice(x, 0, .start = 1, .stop = 4);
    wg_tensor valley = wg_mul(wg_square(wg_sub(b, wg_square(a))), wg_num(100)), slope = wg_square(wg_sub(wg_num(1), a));
    wg_tensor loss = wg_sum(wg_add(valley, slope));
    double wanted[4], f;
    golden(name, wanted, 4);
    ck_assert_int_eq(wg_params_set(wg_tape_params(tape), "x", &start, WG_TRAINABLE), WG_OK);
#define TIGHT .strong_wolfe = true, .tolerance_grad = 1e-12, .tolerance_change = 1e-14
    wg_lbfgs *l = _i ? wg_lbfgs_new(loss, .lr = 1e-3, .max_iter = 3, .history_size = 2, TIGHT) : wg_lbfgs_new(loss, .max_iter = 2, TIGHT);
#undef TIGHT
    for (int i = 0; i < 100; i++) ck_assert_int_eq(wg_lbfgs_step(l, &f), WG_OK);
    wg_array found = stored(tape, "x");
    for (int i = 0; i < 4; i++)
        ck_assert_msg(fabs(wg_array_at(&found, i) - wanted[i]) <= 1e-9, "%s[%d] is %.17g, PyTorch's is %.17g", name, i,
                      wg_array_at(&found, i), wanted[i]);
    wg_lbfgs_free(l);
}
END_TEST

START_TEST(lbfgs_refuses_and_keeps_what_was)
{
    wg_tensor x = wg_input(tape, "x", WG_F64, WG_SHAPE(5, 3)), loss = model(x, data_constant("data.t", WG_SHAPE(5, 2)));
    ck_assert_ptr_null(wg_lbfgs_new(loss, .max_iter = 0));
    expect_error("lbfgs: lr, max_iter and history_size must be positive");
    ck_assert_ptr_null(wg_lbfgs_new(loss, .match = "nothing.*"));
    expect_error("no parameter of the loss is in it");
    wg_lbfgs *l = wg_lbfgs_new(loss, .strong_wolfe = true, .match = "w|b");
    wg_array u = stored(tape, "u");
    double first = wg_array_at(&u, 0), f;
    ck_assert_int_ne(wg_lbfgs_step(l, &f), WG_OK); /* nothing was fed */
    ck_assert(has(wg_plan_error(wg_lbfgs_plan(l)), "x"));
    double xs[15], lower;
    golden("data.x", xs, 15);
    ck_assert_int_eq(wg_feed(wg_lbfgs_plan(l), x, wg_array_wrap(xs, WG_F64, WG_SHAPE(5, 3))), WG_OK);
    ck_assert_int_eq(wg_lbfgs_step(l, &f), WG_OK);
    ck_assert_int_eq(wg_lbfgs_step(l, &lower), WG_OK);
    ck_assert_double_lt(lower, f);
    ck_assert_double_eq(wg_array_at(&u, 0), first);
    wg_lbfgs_free(l);
    wg_lbfgs_free(NULL);
}
END_TEST

static wg_lbfgs *steps_of_lbfgs(wg_lbfgs *l, int n)
{
    for (int i = 0; i < n; i++) ck_assert_int_eq(wg_lbfgs_step(l, NULL), WG_OK);
    return l;
}

/* Parameters and memory through a checkpoint, after a step that made no pair yet, some, and more than the history holds. */
START_TEST(lbfgs_goes_on_to_the_same_bits)
{
#define NEW wg_lbfgs_new(golden_loss(), .strong_wolfe = _i % 2, .lr = 0.5, .max_iter = 2, .history_size = 3, .tolerance_grad = 1e-12)
    char why[300];
    wg_array whole[3];
    wg_archive memory = {0}, params = {0}, back;
    const char *const parts[] = {"w", "b", "u"};
    wg_lbfgs *l = steps_of_lbfgs(NEW, _i / 2 * 2 + 1);
    for (int i = 0; i < 3; i++) {
        wg_array a = stored(tape, parts[i]);
        ck_assert_int_eq(wg_archive_add(&params, parts[i], &a), WG_OK);
    }
    ck_assert_int_eq(wg_lbfgs_save(l, &memory), WG_OK);
    ck_assert_int_eq(wg_lbfgs_save(l, &memory), WG_EARG); /* it is there already */
    const wg_saved file[] = {{"params", &params}, {"lbfgs", &memory}};
    ck_assert_msg(!wg_checkpoint_write(at("c"), file, 2, why, sizeof why), "%s", why);
    steps_of_lbfgs(l, 4);
    int64_t evaluations = wg_lbfgs_evaluations(l);
    for (int i = 0; i < 3; i++) {
        wg_array a = stored(tape, parts[i]);
        ck_assert_int_eq(wg_array_new(&whole[i], WG_F64, a.shape), WG_OK);
        memcpy(whole[i].data, a.data, (size_t)wg_shape_count(a.shape) * sizeof(double));
    }
    wg_lbfgs_free(l);
    wg_archive_free(&memory);
    wg_archive_free(&params);
    tear_down();
    set_up();
    l = NEW;
    ck_assert_msg(!wg_params_load(wg_tape_params(tape), at("c/params")), "%s", wg_params_error(wg_tape_params(tape)));
    ck_assert_msg(!wg_checkpoint_read(at("c"), "lbfgs", &back, why, sizeof why), "%s", why);
    ck_assert_int_eq(wg_lbfgs_load(l, &back), WG_OK);
    steps_of_lbfgs(l, 4);
    for (int i = 0; i < 3; i++) {
        ck_assert_msg(same_bits(stored(tape, parts[i]), whole[i]), "%s has other bits", parts[i]);
        wg_array_free(&whole[i]);
    }
    ck_assert_int_eq(wg_lbfgs_evaluations(l), evaluations);
    wg_archive_free(&back);
    wg_lbfgs_free(l);
#undef NEW
}
END_TEST

START_TEST(lbfgs_takes_up_its_own_memory_only)
{
    wg_lbfgs *l = steps_of_lbfgs(wg_lbfgs_new(wg_name(golden_loss(), "loss"), .strong_wolfe = true, .max_iter = 4), 1);
    wg_tensor v = wg_param(tape, "v", WG_SHAPE(2), .dtype = WG_F64, .init = {.kind = "ones"}), loss = wg_sum(wg_square(v));
    wg_lbfgs *other = wg_lbfgs_new(loss), *shorter = wg_lbfgs_new(wg_find(tape, "loss"), .history_size = 1);
    wg_archive memory = {0}, none = {0};
    ck_assert_int_eq(wg_lbfgs_save(l, &memory), WG_OK);
    ck_assert_int_eq(wg_lbfgs_load(l, &none), WG_EMISSING);
    ck_assert_int_eq(wg_lbfgs_load(other, &memory), WG_ESHAPE);
    ck_assert_int_eq(wg_lbfgs_load(shorter, &memory), WG_ESHAPE);
    ck_assert_int_eq(wg_lbfgs_load(l, &memory), WG_OK);
    ck_assert(wg_lbfgs_save(NULL, &none) == WG_EARG && wg_lbfgs_load(l, NULL) == WG_EARG);
    wg_lbfgs_free(shorter);
    wg_lbfgs_free(other);
    wg_lbfgs_free(l);
    wg_archive_free(&memory);
}
END_TEST

/* ---- parameters stored in halves ---------------------------------------------------------------------------------------------- */

START_TEST(halves_are_averaged_and_searched)
{
    const wg_dtype dtype = _i ? WG_BF16 : WG_F16;
    wg_array three = WG_ARRAY(float, WG_SHAPE(3), 0.5f, -2, 3), a, avg;
    wg_tensor w = wg_param(tape, "w", WG_SHAPE(3), .dtype = dtype, .init = {.kind = "ones"});
    wg_tensor loss = wg_sum(wg_square(wg_sub(wg_cast(w, WG_F32), wg_const(tape, &three))));
    wg_plan *step = wg_minimize(loss, wg_sgd(.lr = 0.125), .ema = 0.75);
    wg_params *to = wg_params_new();
    wg_tape *judge = wg_tape_new(.params = to);
    wg_param(judge, "w", WG_SHAPE(3), .dtype = dtype);
    for (int i = 0; i < 5; i++) run_ok(step);
    ck_assert_int_eq(wg_ema_copy(step, to), WG_OK);
    ck_assert(!wg_params_get(to, "w", &a) && a.dtype == dtype);
    avg = stored(tape, "optim.w.ema");
    ck_assert_int_eq(avg.dtype, WG_F32);
    for (int i = 0; i < 3; i++) {
        wg_array rounded;
        ck_assert_int_eq(wg_array_new(&rounded, dtype, WG_SHAPE(1)), WG_OK);
        wg_array_put(&rounded, 0, wg_array_at(&avg, i));
        ck_assert_double_eq(wg_array_at(&a, i), wg_array_at(&rounded, 0));
        ck_assert_double_ne(wg_array_at(&a, i), 1);
        wg_array_free(&rounded);
    }
    wg_lbfgs *l = steps_of_lbfgs(wg_lbfgs_new(loss, .strong_wolfe = true), 3);
    for (int i = 0; i < 3; i++)
        ck_assert_double_eq(wg_array_at(&(wg_array){stored(tape, "w").data, dtype, WG_SHAPE(3), NULL}, i), wg_array_at(&three, i));
    wg_lbfgs_free(l);
    wg_tape_free(judge);
    wg_params_free(to);
}
END_TEST

int main(void)
{
    Suite *s = suite_create("lbfgs");
    TCase *c = tcase_create("lbfgs");
    tcase_add_checked_fixture(c, make_folder, remove_folder);
    tcase_set_timeout(c, 60);
    tcase_add_loop_test(c, lbfgs_is_pytorchs, 0, 3);
    tcase_add_loop_test(c, lbfgs_finds_pytorchs_minimum, 0, 2);
    tcase_add_test(c, lbfgs_refuses_and_keeps_what_was);
    tcase_add_loop_test(c, lbfgs_goes_on_to_the_same_bits, 0, 8);
    tcase_add_test(c, lbfgs_takes_up_its_own_memory_only);
    tcase_add_loop_test(c, halves_are_averaged_and_searched, 0, 2);
    suite_add_tcase(s, c);
    SRunner *r = srunner_create(s);
    srunner_run_all(r, CK_NORMAL);
    int failed = srunner_ntests_failed(r);
    srunner_free(r);
    return failed != 0;
}

/* test_optim.c -- optimisers and schedules against PyTorch's numbers: golden/optim.txt, made by golden/optim.py. */
#define _XOPEN_SOURCE 700
#include "optim_tests.h"

#include <math.h>

/* ---- against golden numbers ------------------------------------------------------------------------------------------- */

static void near(const char *what, int i, double is, double wanted)
{
    ck_assert_msg(fabs(is - wanted) <= 1e-12 * fabs(wanted), "%s[%d] is %.17g, PyTorch's is %.17g", what, i, is, wanted);
}

/* The parameters, or what the store has under a prefix and suffix of their names, against a line. */
static void values_near(const char *line, const char *before, const char *after)
{
    char name[64];
    double wanted[12];
    const char *const parts[] = {"w", "b", "u"};
    int k = 0;
    golden(line, wanted, 12);
    for (int i = 0; i < 3; i++) {
        snprintf(name, sizeof name, "%s%s%s", before, parts[i], after);
        wg_array a = stored(tape, name);
        for (int64_t j = 0; j < wg_shape_count(a.shape); j++, k++) near(line, k, wg_array_at(&a, j), wanted[k]);
    }
    ck_assert_int_eq(k, 12);
}

static bool is_kept(int step) { return step == 1 || step == 10 || step == 100 || step == 1000; }

/* One more step has been made; its loss, where the golden numbers have it. */
static void step_near(const char *name, int step, double loss)
{
    char line[64];
    double losses[30];
    golden(name, losses, 30);
    if (step <= 10) near(name, step, loss, losses[step - 1]);
    if (step % 50 == 0) near(name, step, loss, losses[9 + step / 50]);
    snprintf(line, sizeof line, "%s.%d", name, step);
    if (is_kept(step)) values_near(line, "", "");
}

/* ---- optimisers ------------------------------------------------------------------------------------------------------- */

enum { TRIALS = 37, GROUPS = 2 };

typedef struct trial {
    const char *name;
    wg_optimizer with;
    double clip_norm, clip_value;
    wg_group group[GROUPS];
} trial;

static trial trial_of(int i)
{
#define ALL .beta1 = 0.8, .beta2 = 0.99, .eps = 1e-6, .weight_decay = 0.1
    const trial trials[TRIALS] = {
        {"sgd", wg_sgd(.lr = 0.1)},
        {"sgd_decay", wg_sgd(.lr = 0.1, .weight_decay = 0.02)},
        {"momentum", wg_sgd(.lr = 0.02, .momentum = 0.9)},
        {"momentum_decay", wg_sgd(.lr = 0.02, .momentum = 0.9, .weight_decay = 0.05)},
        {"dampening", wg_sgd(.lr = 0.05, .momentum = 0.9, .dampening = 0.3, .weight_decay = 0.01)},
        {"nesterov", wg_sgd(.lr = 0.02, .momentum = 0.9, .nesterov = true)},
        {"nesterov_decay", wg_sgd(.lr = 0.02, .momentum = 0.8, .nesterov = true, .weight_decay = 0.05)},
        {"rmsprop", wg_rmsprop(.lr = 1e-3)},
        {"rmsprop_all", wg_rmsprop(.lr = 1e-4, .alpha = 0.9, .eps = 1e-4, .weight_decay = 0.05, .momentum = 0.5, .centered = true)},
        {"adagrad", wg_adagrad(.lr = 0.05)},
        {"adagrad_all", wg_adagrad(.lr = 0.05, .lr_decay = 0.01, .weight_decay = 0.01, .initial_accumulator_value = 0.1, .eps = 1e-6)},
        {"adadelta", wg_adadelta(.lr = 0.1)},
        {"adadelta_all", wg_adadelta(.lr = 0.5, .rho = 0.95, .eps = 1e-5, .weight_decay = 0.02)},
        {"adam", wg_adam(.lr = 0.01)},
        {"adam_decay", wg_adam(.lr = 0.001, ALL)},
        {"amsgrad", wg_adam(.lr = 0.01, .amsgrad = true)},
        {"adamw", wg_adamw(.lr = 0.01)},
        {"adamw_decay", wg_adamw(.lr = 5e-4, .beta1 = 0.85, .beta2 = 0.98, .eps = 1e-5, .weight_decay = 0.2)},
        {"adamw_amsgrad", wg_adamw(.lr = 0.02, .amsgrad = true, ALL)},
        {"nadam", wg_nadam()},
        {"nadam_all", wg_nadam(.lr = 5e-4, .momentum_decay = 0.01, ALL)},
        {"radam", wg_radam()},
        {"radam_all", wg_radam(.lr = 0.001, ALL)},
        {"lion", wg_lion(.lr = 2e-4)},
        {"lion_decay", wg_lion(.lr = 2e-4, .beta1 = 0.8, .beta2 = 0.95, .weight_decay = 0.5)},
        {"adafactor", wg_adafactor(.lr = 5e-4)},
        {"adafactor_all", wg_adafactor(.lr = 3e-4, .beta2_decay = -0.7, .eps = 1e-12, .eps2 = 1e-2, .d = 0.8, .weight_decay = 0.1)},
        {"muon", wg_muon(), .group = {wg_group("b|u", .with = wg_adamw(.lr = 5e-4))}},
        {"muon_all", wg_muon(.lr = 5e-4, .weight_decay = 0.3, .momentum = 0.9, .nesterov = false, .eps = 1e-6, .ns_steps = 4),
         .group = {wg_group("?", .with = wg_adamw(), .match = "b"), wg_group("u*", .with = wg_adamw(.lr = 1), .lr = 1e-3)}},
        {"clip", wg_sgd(.lr = 0.1), .clip_norm = 0.25},
        {"clip_adamw", wg_adamw(.lr = 0.02, .weight_decay = 0.1), .clip_norm = 0.5},
        {"clip_value", wg_sgd(.lr = 0.01, .momentum = 0.5), .clip_value = 0.1},
        {"clip_both", wg_sgd(.lr = 0.1), .clip_norm = 0.2, .clip_value = 0.15},
        {"cosine", wg_sgd(.lr = 0.1, .momentum = 0.5)},
        {"groups", wg_adamw(.lr = 0.01, .weight_decay = 0.3),
         .group = {wg_group("b", .frozen = true), wg_group("w", .lr = 0.001, .weight_decay = 0)}},
        /* the groups' rates are shares of the plan's: half, then, and twice */
        {"groups", wg_adamw(.lr = 0.02, .weight_decay = 0.3),
         .group = {wg_group("b", .frozen = true), wg_group("w", .lr = 0.002, .weight_decay = 0)}},
        {"ema", wg_sgd(.lr = 0.01)},
    };
#undef ALL
    return trials[i];
}

START_TEST(optimisers_agree_with_pytorch)
{
    trial t = trial_of(_i);
    size_t groups = 0;
    while (groups < GROUPS && t.group[groups].match) groups++;
    wg_tensor loss = golden_loss();
    wg_plan *step = wg_minimize(loss, t.with, .clip_norm = t.clip_norm, .clip_value = t.clip_value, .groups = {t.group, groups});
    ck_assert_msg(step != NULL, "%s: %s", t.name, wg_error(tape));
    if (strcmp(t.name, "groups") == 0) ck_assert_int_eq(wg_set_lr(step, 0.01), WG_OK);
    size_t nodes = wg_tape_size(tape);
    for (int i = 1; i <= 1000; i++) {
        if (strcmp(t.name, "cosine") == 0) ck_assert_int_eq(wg_set_lr(step, wg_cosine(0.1, 0.01, i - 1, 1000)), WG_OK);
        run_ok(step);
        step_near(t.name, i, wg_read_scalar(step, loss));
    }
    wg_array steps = stored(tape, "optim.step");
    ck_assert_int_eq(((const int64_t *)steps.data)[0], 1000);
    ck_assert_uint_eq(wg_tape_size(tape), nodes);
}
END_TEST

/* ---- gathered gradients, averages --------------------------------------------------------------------------------------- */

START_TEST(gradients_of_several_runs_make_one_step)
{
    double xs[15], ts[10];
    golden("data.x", xs, 15);
    golden("data.t", ts, 10);
    wg_tensor x = wg_input(tape, "x", WG_F64, WG_SHAPE(3, 3)), t = wg_input(tape, "t", WG_F64, WG_SHAPE(3, 2)), loss = model(x, t);
    wg_plan *step = wg_minimize(loss, wg_adamw(.lr = 0.02, .weight_decay = 0.1), .accumulate = 3);
    for (int i = 1; i <= 1000; i++) {
        double sum = 0;
        for (int part = 0; part < 3; part++) {
            double w = wg_array_at(&(wg_array){stored(tape, "w").data, WG_F64, WG_SHAPE(6), NULL}, 0);
            ck_assert_int_eq(wg_feed(step, x, wg_array_wrap(xs + (ptrdiff_t)3 * part, WG_F64, WG_SHAPE(3, 3))), WG_OK);
            ck_assert_int_eq(wg_feed(step, t, wg_array_wrap(ts + (ptrdiff_t)2 * part, WG_F64, WG_SHAPE(3, 2))), WG_OK);
            run_ok(step);
            sum += wg_read_scalar(step, loss);
            bool moved = w != wg_array_at(&(wg_array){stored(tape, "w").data, WG_F64, WG_SHAPE(6), NULL}, 0);
            ck_assert_int_eq(moved, part == 2);
        }
        step_near("gathered", i, sum / 3);
    }
    ck_assert_int_eq(((const int64_t *)stored(tape, "optim.step").data)[0], 1000);
}
END_TEST

START_TEST(averages_follow_the_parameters)
{
    char line[64];
    wg_tensor loss = golden_loss();
    wg_plan *step = wg_minimize(loss, wg_sgd(.lr = 0.01), .ema = 0.95), *other = wg_plan_new(loss);
    wg_params *copy = wg_params_new();
    ck_assert_ptr_nonnull(step);
    ck_assert_int_eq(wg_ema_copy(step, copy), WG_OK); /* no step yet: the parameters themselves */
    wg_array a;
    ck_assert_uint_eq(wg_params_count(copy), 3);
    ck_assert_int_eq(wg_params_get(copy, "w", &a), WG_OK);
    ck_assert(same_bits(a, stored(tape, "w")));
    for (int i = 1; i <= 1000; i++) {
        run_ok(step);
        step_near("ema", i, wg_read_scalar(step, loss));
        snprintf(line, sizeof line, "averages.%d", i);
        if (is_kept(i)) values_near(line, "optim.", ".ema");
    }
    ck_assert_int_eq(wg_ema_copy(step, copy), WG_OK);
    ck_assert_int_eq(wg_params_get(copy, "w", &a), WG_OK);
    ck_assert(same_bits(a, stored(tape, "optim.w.ema")));
    ck_assert_int_eq(wg_ema_copy(step, wg_tape_params(tape)), WG_EARG);
    ck_assert_int_eq(wg_ema_copy(other, copy), WG_EMISSING);
    wg_params_free(copy);
}
END_TEST

/* ---- what wg_minimize refuses ----------------------------------------------------------------------------------------------- */

START_TEST(numbers_out_of_range_are_refused)
{
    const struct {
        wg_minimize_options o;
        const char *says;
    } bad[] = {
        {{.with = wg_sgd(.lr = -1)}, "minimize: sgd: lr is -1, must be at least 0"},
        {{.with = wg_sgd(.lr = (double)NAN)}, "lr is nan"},
        {{.with = wg_sgd(.lr = (double)INFINITY)}, "lr is inf"},
        {{.with = wg_adam(.beta1 = 1)}, "minimize: adam: beta1 is 1, must be at least 0 and less than 1"},
        {{.with = wg_nadam(.beta2 = -0.1)}, "beta2 is -0.1"},
        {{.with = wg_adamw(.eps = -1)}, "eps is -1"},
        {{.with = wg_adamw(.weight_decay = -1)}, "weight_decay is -1"},
        {{.with = wg_rmsprop(.momentum = -1)}, "momentum is -1"},
        {{.with = wg_adadelta(.rho = 2)}, "rho is 2"},
        {{.with = wg_muon(.ns_steps = 200)}, "ns_steps is 200"},
        {{.with = wg_sgd(.nesterov = true)}, "minimize: sgd: nesterov needs a momentum and no dampening"},
        {{.with = wg_sgd(.nesterov = true, .momentum = 0.9, .dampening = 0.1)}, "nesterov needs"},
        {{.with = wg_muon()}, "minimize: muon moves matrices, and b has 1 axes"},
        {{.with = {.kind = "sdg"}}, "minimize: no optimiser"},
        {{.with = wg_sgd(), .ema = 1}, "ema must be"},
        {{.with = wg_sgd(), .accumulate = -1}, "accumulate is negative"},
        {{.with = wg_sgd(), .clip_norm = -1}, "clip_norm must be"},
        {{.with = wg_sgd(), .clip_value = (double)NAN}, "clip_value must be"},
        {{.with = wg_sgd(), .groups = WG_GROUPS(wg_group("*.bais", .frozen = true))},
         "group \"*.bais\": no parameter of the loss is in it"},
        {{.with = wg_sgd(), .groups = WG_GROUPS(wg_group("*", .frozen = true))}, "every parameter is frozen"},
        {{.with = wg_sgd(), .groups = WG_GROUPS(wg_group("b", .lr = -2))}, "lr is -2"},
        {{.with = wg_sgd(.lr = 0), .groups = WG_GROUPS(wg_group("b", .lr = 2))}, "group \"b\": a group's rate is a share"},
        {{.with = wg_sgd(), .groups = {&(wg_group){.lr = 1}, 1}}, "a group without a pattern"},
        {{.with = wg_sgd(), .name = "a-name-that-is-very-much-longer-than-a-name-should-be"}, "longer than 48"},
    };
    wg_tensor loss = golden_loss();
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        ck_assert_msg(wg_minimize_create(loss, &bad[i].o) == NULL, "a plan, where it should say: %s", bad[i].says);
        expect_error(bad[i].says);
    }
    run_ok(wg_minimize(loss, wg_sgd()));
}
END_TEST

/* A rule of one's own: the sign of the gradient, and how often it has been asked. */
static wg_tensor sign_rule(wg_update *u)
{
    wg_tensor count = wg_update_state(u, "count", WG_SHAPE(), WG_F64, 7);
    wg_update_assign(u, count, wg_add(count, wg_num(1)));
    return wg_sub(u->p,
                  wg_mul(wg_update_cast(u, wg_mul(u->lr, wg_update_number(u, "factor", *(const double *)u->with->own))), wg_sign(u->g)));
}

START_TEST(a_rule_of_ones_own)
{
    double factor = 2;
    wg_tensor loss = golden_loss();
    double before = wg_array_at(&(wg_array){stored(tape, "u").data, WG_F64, WG_SHAPE(4), NULL}, 1);
    wg_plan *step = wg_minimize(loss, {.kind = "sign", .rule = sign_rule, .lr = 0.125, .own = &factor});
    for (int i = 0; i < 2; i++) run_ok(step);
    wg_array u = stored(tape, "u"), count = stored(tape, "optim.u.count");
    ck_assert_double_eq_tol(wg_array_at(&u, 1), before + 0.5, 1e-15); /* u is below 1, where the loss is least */
    ck_assert_double_eq(wg_array_at(&count, 0), 9);
}
END_TEST

/* ---- schedules ------------------------------------------------------------------------------------------------------------- */

START_TEST(schedules_are_pytorchs)
{
    const wg_schedule three[] = {wg_constant_rate(100, .from = 0.1), wg_step_rate(4), wg_exponential_rate(0.9)};
    const wg_schedule two[] = {wg_linear_rate(20, .from = 0.5), wg_step_rate(15, .gamma = 0.5)};
    const struct {
        const char *name;
        wg_schedule s;
    } trials[] = {
        {"rate.constant", wg_constant_rate(7, .from = 0.25)},
        {"rate.linear", wg_linear_rate(30, .from = 0.2, .to = 0.9)},
        {"rate.step", wg_step_rate(7, .gamma = 0.6)},
        {"rate.multistep", wg_multistep_rate(WG_INTS(5, 20, 21), .gamma = 0.3)},
        {"rate.exponential", wg_exponential_rate(0.97)},
        {"rate.polynomial", wg_polynomial_rate(40, .power = 1.5)},
        {"rate.cosine_rate", wg_cosine_rate(59, .to = 0.1)},
        {"rate.restarts", wg_restarts_rate(8, .mult = 2, .to = 0.1)},
        {"rate.restarts_same", wg_restarts_rate(8)},
        {"rate.one_cycle", wg_one_cycle_rate(61)},
        {"rate.one_cycle_linear", wg_one_cycle_rate(61, .pct_start = 0.4, .div_factor = 10, .final_div_factor = 100, .linear = true)},
        {"rate.warmup_cosine", wg_warmup_cosine(60, .warmup = 10, .from = 0.01, .to = 0.1)},
        {"rate.sequence", wg_sequence(WG_INTS(5, 30), three)},
        {"rate.product", wg_product(2, two)},
    };
    for (size_t i = 0; i < sizeof trials / sizeof *trials; i++) {
        double rates[60];
        golden(trials[i].name, rates, 60);
        for (int k = 0; k < 60; k++) near(trials[i].name, k, 0.3 * wg_schedule_at(&trials[i].s, k), rates[k]);
        ck_assert_double_eq(wg_schedule_at(&trials[i].s, -3), wg_schedule_at(&trials[i].s, 0));
        ck_assert(wg_schedule_at(&trials[i].s, INT64_MAX) >= 0 && wg_schedule_at(&trials[i].s, INT64_MAX) <= 1);
    }
    ck_assert_double_eq(wg_schedule_at(&trials[6].s, 1000), 0.1); /* a cosine stays where it ends */
    ck_assert_double_eq(wg_schedule_at(&trials[9].s, 1000), 1 / 25.0 / 1e4);
    ck_assert_double_eq(wg_schedule_at(&(wg_schedule){0}, 5), 1);
}
END_TEST

static double my_rate(const wg_schedule *s, int64_t step) { return *(const double *)s->own / (double)(step + 1); }

START_TEST(a_schedule_of_ones_own_is_composed_like_others)
{
    const double four = 4;
    const wg_schedule mine[] = {{.at = my_rate, .own = &four}, wg_step_rate(2, .gamma = 0.5)};
    wg_schedule both = wg_product(2, mine);
    ck_assert_double_eq(wg_schedule_at(&mine[0], 3), 1);
    ck_assert_double_eq(wg_schedule_at(&both, 3), 0.5);
}
END_TEST

START_TEST(a_plateau_is_pytorchs)
{
    double metrics[40], rates[40];
    struct {
        const char *name;
        wg_plateau p;
    } trials[] = {
        {"rate.plateau", wg_plateau_new(.patience = 2, .eps = 1e-8 / 0.3)},
        {"rate.plateau_all", wg_plateau_new(.patience = 1, .factor = 0.5, .threshold = 0.01, .cooldown = 2, .min_rate = 0.1)},
        {"rate.plateau_absolute",
         wg_plateau_new(.patience = 1, .factor = 0.7, .threshold = 0.05, .absolute = true, .min_rate = 0.01 / 0.3)},
        {"rate.plateau_max", wg_plateau_new(.patience = 3, .factor = 0.5, .maximize = true)},
    };
    golden("metrics", metrics, 40);
    for (size_t i = 0; i < sizeof trials / sizeof *trials; i++) {
        golden(trials[i].name, rates, 40);
        for (int k = 0; k < 40; k++) near(trials[i].name, k, 0.3 * wg_plateau_step(&trials[i].p, metrics[k]), rates[k]);
    }
    wg_plateau p = wg_plateau_new(.patience = 0);
    ck_assert_double_eq(wg_plateau_step(&p, (double)NAN), 0.1); /* no number is never better */
    ck_assert_double_eq(wg_plateau_step(&p, 1), 0.1);
}
END_TEST

/* ---- initialisers ---------------------------------------------------------------------------------------------------------- */

START_TEST(initialisers_are_pytorchs_over_numpys_numbers)
{
    const struct {
        const char *name;
        wg_init init;
        wg_shape shape;
    } trials[] = {
        {"init.uniform", {"uniform", -1, 2}, WG_SHAPE(12)},
        {"init.normal", {"normal", 0.5, 2}, WG_SHAPE(12)},
        {"init.kaiming_uniform", {"kaiming_uniform"}, WG_SHAPE(2, 3, 2)},
        {"init.kaiming_uniform_out", {.kind = "kaiming_uniform", .gain = wg_gain("relu", 0), .fan = "out"}, WG_SHAPE(2, 3, 2)},
        {"init.kaiming_normal", {"kaiming_normal"}, WG_SHAPE(2, 3, 2)},
        {"init.xavier_uniform", {.kind = "xavier_uniform", .gain = wg_gain("tanh", 0)}, WG_SHAPE(2, 3, 2)},
        {"init.xavier_normal", {"xavier_normal"}, WG_SHAPE(2, 3, 2)},
        {"init.truncated", {"truncated_normal", 0, 1}, WG_SHAPE(12)},
        {"init.truncated_all", {.kind = "truncated_normal", .lo = 1, .hi = 0.5, .min = 0.9, .max = 3}, WG_SHAPE(12)},
        {"init.tall", {"orthogonal"}, WG_SHAPE(4, 3)},
        {"init.wide", {.kind = "orthogonal", .gain = 2}, WG_SHAPE(3, 2, 2)},
    };
    for (size_t i = 0; i < sizeof trials / sizeof *trials; i++) {
        double wanted[12];
        wg_array a;
        wg_rng *r = wg_rng_new(7);
        golden(trials[i].name, wanted, 12);
        ck_assert_int_eq(wg_array_new(&a, WG_F64, trials[i].shape), WG_OK);
        ck_assert_int_eq(wg_init_fill(&a, &trials[i].init, r), WG_OK);
        for (int k = 0; k < 12; k++) near(trials[i].name, k, wg_array_at(&a, k), wanted[k]);
        wg_array_free(&a);
        wg_rng_free(r);
    }
    double gains[6];
    const char *const kinds[] = {"linear", "sigmoid", "tanh", "relu", "selu", "leaky_relu"};
    golden("gains", gains, 6);
    for (int i = 0; i < 6; i++) near("gains", i, wg_gain(kinds[i], 0.2), gains[i]);
    ck_assert(isnan(wg_gain("sinc", 0)));
    ck_assert(!wg_ok(wg_param(tape, "v", WG_SHAPE(5), .init = {.kind = "orthogonal"})));
    expect_error("parameter v: ");
    ck_assert(!wg_ok(wg_param(tape, "v", WG_SHAPE(5), .init = {.kind = "truncated_normal", .hi = 1, .min = 2, .max = 1})));
    expect_error("parameter v: ");
}
END_TEST

/* Rows of a wide weight are orthonormal also where it is large. */
START_TEST(orthogonal_is_orthogonal)
{
    wg_param(tape, "q", WG_SHAPE(40, 70), .dtype = WG_F64, .init = {.kind = "orthogonal"});
    const double *q = stored(tape, "q").data;
    for (int i = 0; i < 40; i++)
        for (int j = 0; j <= i; j++) {
            double sum = 0;
            for (int k = 0; k < 70; k++) sum += q[70 * i + k] * q[70 * j + k];
            ck_assert_double_eq_tol(sum, i == j, 1e-14);
        }
}
END_TEST

int main(void)
{
    Suite *s = suite_create("optim");
    TCase *c = tcase_create("optim");
    tcase_add_checked_fixture(c, set_up, tear_down);
    tcase_set_timeout(c, 60);
    tcase_add_loop_test(c, optimisers_agree_with_pytorch, 0, TRIALS);
    tcase_add_test(c, gradients_of_several_runs_make_one_step);
    tcase_add_test(c, averages_follow_the_parameters);
    tcase_add_test(c, numbers_out_of_range_are_refused);
    tcase_add_test(c, a_rule_of_ones_own);
    tcase_add_test(c, schedules_are_pytorchs);
    tcase_add_test(c, a_schedule_of_ones_own_is_composed_like_others);
    tcase_add_test(c, a_plateau_is_pytorchs);
    tcase_add_test(c, initialisers_are_pytorchs_over_numpys_numbers);
    tcase_add_test(c, orthogonal_is_orthogonal);
    suite_add_tcase(s, c);
    SRunner *r = srunner_create(s);
    srunner_run_all(r, CK_NORMAL);
    int failed = srunner_ntests_failed(r);
    srunner_free(r);
    return failed != 0;
}

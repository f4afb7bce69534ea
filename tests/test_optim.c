/* test_optim.c -- optimisers and the cosine against PyTorch's numbers: golden/optim.txt, made by golden/optim.py. */
#define _XOPEN_SOURCE 700
#include "with_numpy.h"
#include "nn_tests.h"

#include <math.h>

/* ---- golden numbers --------------------------------------------------------------------------------------------------- */

/* The values of one line of golden/optim.txt; exactly n of them. */
static void golden(const char *name, double *v, int n)
{
    char path[512], key[80], line[8192];
    const char *source = getenv("WG_SOURCE");
    snprintf(path, sizeof path, "%s/tests/golden/optim.txt", source ? source : ".");
    snprintf(key, sizeof key, "%s: ", name);
    FILE *f = open_or_fail(path, "r");
    int got = -1;
    while (got < 0 && fgets(line, sizeof line, f)) {
        if (strncmp(line, key, strlen(key)) != 0) continue;
        char *at = line + strlen(key), *end;
        for (got = 0; got < n; got++, at = end) {
            v[got] = strtod(at, &end);
            ck_assert_msg(end != at, "%s: only %d values", name, got);
        }
        ck_assert_msg(*at == '\n', "%s: more than %d values", name, n);
    }
    fclose(f);
    ck_assert_msg(got == n, "%s has no line %s", path, name);
}

static wg_tensor data_constant(const char *name, wg_shape shape)
{
    double v[32] = {0};
    wg_array a = wg_array_wrap(v, WG_F64, shape);
    golden(name, v, (int)wg_shape_count(shape));
    return wg_const(tape, &a);
}

static wg_tensor data_param(const char *name, wg_shape shape)
{
    char line[32];
    double v[32] = {0};
    wg_array a = wg_array_wrap(v, WG_F64, shape);
    snprintf(line, sizeof line, "data.%s", name);
    golden(line, v, (int)wg_shape_count(shape));
    wg_tensor p = wg_param(tape, name, shape, .dtype = WG_F64);
    ck_assert_int_eq(wg_params_set(wg_tape_params(tape), name, &a, WG_TRAINABLE), WG_OK);
    return p;
}

/* The model of golden/optim.py. */
static wg_tensor golden_loss(void)
{
    wg_tensor x = data_constant("data.x", WG_SHAPE(5, 3)), t = data_constant("data.t", WG_SHAPE(5, 2));
    wg_tensor k = data_constant("data.k", WG_SHAPE(4)), w = data_param("w", WG_SHAPE(2, 3));
    wg_tensor b = data_param("b", WG_SHAPE(2)), u = data_param("u", WG_SHAPE(4));
    wg_tensor y = wg_tanh(wg_linear(x, w, .bias = b));
    return wg_add(wg_mse_loss(y, t), wg_mean(wg_mul(k, wg_square(wg_sub(u, wg_num(1))))));
}

static void near(const char *what, int i, double is, double wanted)
{
    ck_assert_msg(fabs(is - wanted) <= 1e-12 * fabs(wanted), "%s[%d] is %.17g, PyTorch's is %.17g", what, i, is, wanted);
}

static void params_near(const char *name, int step)
{
    char line[64];
    double wanted[12];
    const char *const parts[] = {"w", "b", "u"};
    int k = 0;
    snprintf(line, sizeof line, "%s.%d", name, step);
    golden(line, wanted, 12);
    for (int i = 0; i < 3; i++) {
        wg_array a = stored(tape, parts[i]);
        for (int64_t j = 0; j < wg_shape_count(a.shape); j++, k++) near(line, k, wg_array_at(&a, j), wanted[k]);
    }
    ck_assert_int_eq(k, 12);
}

typedef struct trial {
    const char *name;
    wg_optimizer with;
    double clip_norm;
} trial;

enum { TRIALS = 13 };

static trial trial_of(int i)
{
    const trial trials[TRIALS] = {
        {"sgd", wg_sgd(.lr = 0.1), 0},
        {"sgd_decay", wg_sgd(.lr = 0.1, .weight_decay = 0.02), 0},
        {"momentum", wg_sgd(.lr = 0.02, .momentum = 0.9), 0},
        {"momentum_decay", wg_sgd(.lr = 0.02, .momentum = 0.9, .weight_decay = 0.05), 0},
        {"nesterov", wg_sgd(.lr = 0.02, .momentum = 0.9, .nesterov = true), 0},
        {"nesterov_decay", wg_sgd(.lr = 0.02, .momentum = 0.8, .nesterov = true, .weight_decay = 0.05), 0},
        {"adam", wg_adam(.lr = 0.01), 0},
        {"adam_decay", wg_adam(.lr = 0.01, .beta1 = 0.8, .beta2 = 0.99, .eps = 1e-6, .weight_decay = 0.1), 0},
        {"adamw", wg_adamw(.lr = 0.01), 0},
        {"adamw_decay", wg_adamw(.lr = 0.02, .beta1 = 0.85, .beta2 = 0.95, .eps = 1e-7, .weight_decay = 0.2), 0},
        {"clip", wg_sgd(.lr = 0.1), 0.25},
        {"clip_adamw", wg_adamw(.lr = 0.02, .weight_decay = 0.1), 0.5},
        {"cosine", wg_sgd(.lr = 0.1, .momentum = 0.5), 0},
    };
    return trials[i];
}

START_TEST(optimisers_agree_with_pytorch)
{
    trial t = trial_of(_i);
    const char *name = t.name;
    double losses[100];
    wg_tensor loss = golden_loss();
    wg_plan *step = wg_minimize(loss, t.with, .clip_norm = t.clip_norm);
    ck_assert_msg(step != NULL, "%s", wg_error(tape));
    golden(name, losses, 100);
    for (int i = 0; i < 100; i++) {
        if (strcmp(name, "cosine") == 0) ck_assert_int_eq(wg_set_lr(step, wg_cosine(0.1, 0.01, i, 100)), WG_OK);
        run_ok(step);
        near(name, i, wg_read_scalar(step, loss), losses[i]);
        if (i == 0 || i == 9 || i == 99) params_near(name, i + 1);
    }
    wg_array steps = stored(tape, "optim.step");
    ck_assert_int_eq(((const int64_t *)steps.data)[0], 100);
}
END_TEST

START_TEST(cosine_is_pytorchs)
{
    double rates[21];
    golden("rates", rates, 21);
    for (int i = 0; i <= 20; i++) near("rates", i, wg_cosine(0.3, 0.03, i, 20), rates[i]);
    near("before the first step", -5, wg_cosine(0.3, 0.03, -5, 20), 0.3);
    ck_assert_double_eq(wg_cosine(0.3, 0.03, 21, 20), 0.03);
    ck_assert_double_eq(wg_cosine(0.3, 0.03, 0, 0), 0.03);
}
END_TEST

int main(void)
{
    Suite *s = suite_create("optim");
    TCase *c = tcase_create("optim");
    tcase_add_checked_fixture(c, set_up, tear_down);
    tcase_add_loop_test(c, optimisers_agree_with_pytorch, 0, TRIALS);
    tcase_add_test(c, cosine_is_pytorchs);
    suite_add_tcase(s, c);
    SRunner *r = srunner_create(s);
    srunner_run_all(r, CK_NORMAL);
    int failed = srunner_ntests_failed(r);
    srunner_free(r);
    return failed != 0;
}

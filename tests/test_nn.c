/* test_nn.c -- what people train with: minimize, linear and its initialisers, dropout, two tapes on one
 * store, weight files. The optimisers' numbers are in test_optim.c. */
#define _XOPEN_SOURCE 700
#include "with_numpy.h"

#include "nn_tests.h"

#include <math.h>

/* ---- minimize ---------------------------------------------------------------------------------------------------------- */

static wg_tensor scalar_param(const char *name, double value)
{
    return wg_param(tape, name, WG_SHAPE(), .dtype = WG_F64, .init = {"constant", 0, value});
}

static double value_of(const char *name)
{
    wg_array a = stored(tape, name);
    return wg_array_at(&a, 0);
}

START_TEST(the_rate_changes_without_a_new_plan)
{
    wg_tensor a = scalar_param("a", 1), loss = wg_mul(a, wg_num(3)); /* the slope is 3 everywhere */
    wg_plan *step = wg_minimize(loss, wg_sgd(.lr = 0.5));
    ck_assert_double_eq(wg_get_lr(step), 0.5);
    run_ok(step);
    ck_assert_double_eq(value_of("a"), -0.5);
    size_t nodes = wg_tape_size(tape), memory = wg_plan_memory(step);
    ck_assert_int_eq(wg_set_lr(step, 0.25), WG_OK);
    ck_assert_double_eq(wg_get_lr(step), 0.25);
    run_ok(step);
    ck_assert_double_eq(value_of("a"), -1.25);
    ck_assert_uint_eq(wg_tape_size(tape), nodes);
    ck_assert_uint_eq(wg_plan_memory(step), memory);
    wg_plan *other = wg_plan_new(loss);
    ck_assert_int_eq(wg_set_lr(other, 1), WG_EMISSING);
    ck_assert(isnan(wg_get_lr(other)));
}
END_TEST

START_TEST(also_is_computed_in_the_same_run)
{
    wg_tensor a = scalar_param("a", 2), loss = wg_square(a), twice = wg_mul(a, wg_num(2)), other = scalar_param("b", 7);
    wg_tensor list[] = {twice, wg_add(other, wg_num(1))};
    wg_plan *step = wg_minimize(loss, wg_sgd(.lr = 0.25), .also = wg_tensors_of(list, 2));
    run_ok(step);
    ck_assert_double_eq(wg_read_scalar(step, loss), 4); /* all from before the step */
    ck_assert_double_eq(wg_read_scalar(step, twice), 4);
    ck_assert_double_eq(wg_read_scalar(step, list[1]), 8);
    ck_assert_double_eq(value_of("a"), 1);
    ck_assert_double_eq(value_of("b"), 7); /* loss does not depend on it */
    run_ok(step);
    ck_assert_double_eq(wg_read_scalar(step, twice), 2);
}
END_TEST

START_TEST(two_optimisers_leave_each_other_alone)
{
    wg_tensor a = scalar_param("a", 2), b = scalar_param("b", 3), first = wg_square(a), second = wg_mul(wg_square(b), a);
    wg_plan *p = wg_minimize(first, wg_sgd(.lr = 0.25)), *q = wg_minimize(second, wg_adam(.lr = 0.5));
    ck_assert_str_eq(wg_plan_name(p), "optim");
    ck_assert_str_eq(wg_plan_name(q), "optim2");
    run_ok(p);
    ck_assert_double_eq(value_of("a"), 1);
    ck_assert_double_eq(value_of("b"), 3);
    ck_assert_double_eq(value_of("optim.step"), 1);
    ck_assert_double_eq(value_of("optim2.step"), 0);
    ck_assert_double_eq(value_of("optim2.a.exp_avg"), 0);
    run_ok(q);
    ck_assert_double_eq(value_of("optim.step"), 1);
    ck_assert_double_eq(value_of("optim2.step"), 1);
    ck_assert_double_eq_tol(value_of("a"), 0.5, 1e-7); /* Adam's first step is lr long */
    ck_assert_double_eq_tol(value_of("b"), 2.5, 1e-7);
    ck_assert_int_eq(wg_set_lr(q, 0.125), WG_OK);
    ck_assert_double_eq(wg_get_lr(p), 0.25);
    wg_plan *named = wg_minimize(first, wg_sgd(), .name = "slow"), *again = wg_minimize(first, wg_sgd(), .name = "slow");
    ck_assert_str_eq(wg_plan_name(named), "slow");
    ck_assert_str_eq(wg_plan_name(again), "slow2");
}
END_TEST

START_TEST(minimize_refuses)
{
    wg_tensor x = wg_input(tape, "x", WG_F64, WG_SHAPE(3)), a = scalar_param("a", 2);
    ck_assert_ptr_null(wg_minimize(wg_sum(x), wg_sgd()));
    expect_error("minimize: the loss depends on no trainable parameter");
    ck_assert_ptr_null(wg_minimize(wg_square(a), (wg_optimizer){.kind = "sdg"}));
    expect_error("minimize: no optimiser: it is made by wg_sgd(), wg_adam(), ...");
    ck_assert_ptr_null(wg_minimize(wg_square(a), (wg_optimizer){.lr = 1}));
    expect_error("no optimiser");
    ck_assert_ptr_null(wg_minimize(wg_mul(x, a), wg_sgd())); /* not a scalar */
    ck_assert_ptr_nonnull(wg_error(tape));
}
END_TEST

START_TEST(buffers_and_states_are_not_trained)
{
    wg_tensor a = scalar_param("a", 2), b = wg_param(tape, "b", WG_SHAPE(), .dtype = WG_F64, .kind = WG_BUFFER, .init = {"ones", 0, 0});
    wg_plan *step = wg_minimize(wg_mul(wg_square(a), wg_add(b, wg_num(1))), wg_sgd(.lr = 0.125));
    run_ok(step);
    ck_assert_double_eq(value_of("a"), 1);
    ck_assert_double_eq(value_of("b"), 1);
}
END_TEST

/* ---- linear and its initialisers ---------------------------------------------------------------------------------------- */

/* All within +-bound, and spread over it as a uniform sample of that size is. */
static void uniform_within(const char *name, double bound)
{
    wg_array a = stored(tape, name);
    int64_t n = wg_shape_count(a.shape);
    double most = 0, sum = 0, squares = 0;
    for (int64_t i = 0; i < n; i++) {
        double v = wg_array_at(&a, i);
        most = fmax(most, fabs(v));
        sum += v;
        squares += v * v;
    }
    ck_assert_msg(most <= (double)(float)bound, "%s: %g is outside +-%g", name, most, bound);
    ck_assert_double_ge(most, 0.98 * bound);
    ck_assert_double_le(fabs(sum / (double)n), 5 * bound / sqrt(3 * (double)n));
    ck_assert_double_eq_tol(squares / (double)n, bound * bound / 3, bound * bound * 5 * 0.3 / sqrt((double)n));
}

static void normal_with(const char *name, double mean, double deviation)
{
    wg_array a = stored(tape, name);
    double n = (double)wg_shape_count(a.shape), sum = 0, squares = 0;
    for (int64_t i = 0; i < wg_shape_count(a.shape); i++) {
        double v = wg_array_at(&a, i) - mean;
        sum += v;
        squares += v * v;
    }
    ck_assert_double_le(fabs(sum / n), 5 * deviation / sqrt(n));
    ck_assert_double_eq_tol(sqrt(squares / n), deviation, 5 * deviation / sqrt(2 * n));
}

START_TEST(initialisers_are_pytorchs)
{
    wg_tensor x = wg_input(tape, "x", WG_F32, WG_SHAPE(WG_ANY, 256));
    wg_nn_linear(x, 400, .name = "fc");
    uniform_within("fc.weight", 1 / sqrt(256.0));
    uniform_within("fc.bias", 1 / sqrt(256.0));
    wg_param(tape, "xu", WG_SHAPE(100, 200), .init = {.kind = "xavier_uniform"});
    uniform_within("xu", sqrt(6.0 / 300));
    wg_param(tape, "ku", WG_SHAPE(40, 20, 5, 5), .init = {.kind = "kaiming_uniform"});
    uniform_within("ku", 1 / sqrt(500.0));
    wg_param(tape, "u", WG_SHAPE(5000), .init = {"uniform", -0.25, 0.25});
    uniform_within("u", 0.25);
    wg_param(tape, "xn", WG_SHAPE(100, 200), .init = {.kind = "xavier_normal"});
    normal_with("xn", 0, sqrt(2.0 / 300));
    wg_param(tape, "kn", WG_SHAPE(40, 20, 5, 5), .init = {.kind = "kaiming_normal"});
    normal_with("kn", 0, sqrt(2.0 / 500));
    wg_param(tape, "n", WG_SHAPE(20000), .init = {"normal", 3, 0.5});
    normal_with("n", 3, 0.5);
    ck_assert_msg(!wg_error(tape), "%s", wg_error(tape));
}
END_TEST

START_TEST(seeds_are_kept_whatever_the_order)
{
    const char *const names[] = {"a", "b", "c"};
    wg_tape *other = wg_tape_new(.seed = 1), *third = wg_tape_new(.seed = 2);
    wg_tensor x = wg_input(tape, "x", WG_F32, WG_SHAPE(2, 9)), y = wg_input(other, "x", WG_F32, WG_SHAPE(2, 9));
    wg_tensor z = wg_input(third, "x", WG_F32, WG_SHAPE(2, 9));
    for (int i = 0; i < 3; i++) wg_nn_linear(x, 7, .name = names[i]);
    for (int i = 2; i >= 0; i -= 2) wg_nn_linear(y, 7, .name = names[i]); /* the other way round, and without b */
    for (int i = 0; i < 3; i++) wg_nn_linear(z, 7, .name = names[i]);
    ck_assert(same_bits(stored(tape, "a.weight"), stored(other, "a.weight")));
    ck_assert(same_bits(stored(tape, "c.weight"), stored(other, "c.weight")));
    ck_assert(same_bits(stored(tape, "c.bias"), stored(other, "c.bias")));
    ck_assert(!same_bits(stored(tape, "a.weight"), stored(tape, "b.weight")));
    ck_assert(!same_bits(stored(tape, "a.weight"), stored(third, "a.weight")));
    wg_tape_free(other);
    wg_tape_free(third);
}
END_TEST

START_TEST(linear_says_which_layer)
{
    wg_tape *other = wg_tape_new(.params = wg_tape_params(tape));
    wg_nn_linear(wg_input(tape, "x", WG_F32, WG_SHAPE(WG_ANY, 128)), 10, .name = "fc2");
    ck_assert_msg(!wg_error(tape), "%s", wg_error(tape));
    ck_assert(!wg_ok(wg_nn_linear(wg_input(other, "x", WG_F32, WG_SHAPE(WG_ANY, 100)), 10, .name = "fc2")));
    const char *wanted = "linear \"fc2\": parameter fc2.weight is f32[10,128], this call needs f32[10,100]";
    ck_assert_msg(has(wg_error(other), wanted), "%s", wg_error(other));
    ck_assert_msg(has(wg_error(other), "test_nn.c:"), "%s", wg_error(other));
    ck_assert_int_eq(wg_error_status(other), WG_ESHAPE);
    wg_tape_free(other);
    wg_nn_linear(wg_input(tape, "y", WG_F32, WG_SHAPE(4, 128)), 10, .name = "fc2");
    expect_error("linear \"fc2\": parameter fc2.weight is on this tape already; .shared = true uses it again");
    wg_nn_linear(wg_input(tape, "z", WG_F32, WG_SHAPE(4, WG_ANY)), 10);
    expect_error("linear \"linear\": the last axis of x must be known");
    wg_nn_linear(wg_input(tape, "s", WG_F32, WG_SHAPE()), 10, .name = "fc3");
    expect_error("linear \"fc3\": x is a scalar");
    wg_nn_linear(wg_find(tape, "y"), -1, .name = "fc4");
    expect_error("linear \"fc4\": out is negative");
    wg_tensor again = wg_nn_linear(wg_find(tape, "y"), 10, .name = "fc5"); /* an error leaves no scope behind */
    ck_assert(wg_ok(again) && wg_ok(wg_find(tape, "fc5.weight")));
}
END_TEST

START_TEST(shared_layers_are_one)
{
    wg_tensor x = wg_const(tape, &WG_ARRAY(double, WG_SHAPE(1, 3), 1, -2, 3)), one = wg_nn_linear(x, 3, .name = "fc", .act = wg_tanh);
    size_t count = wg_params_count(wg_tape_params(tape));
    wg_tensor two = wg_nn_linear(one, 3, .name = "fc", .shared = true);
    ck_assert(wg_ok(two));
    ck_assert_uint_eq(wg_params_count(wg_tape_params(tape)), count);
    ck_assert_uint_eq(count, 2);
    wg_tensor w = wg_find(tape, "fc.weight"), b = wg_find(tape, "fc.bias"), by_hand = wg_tanh(wg_linear(x, w, .bias = b));
    by_hand = wg_linear(by_hand, w, .bias = b);
    wg_plan *p = wg_plan_new(two, by_hand);
    run_ok(p);
    wg_array got, wanted;
    ck_assert_int_eq(wg_read(p, two, &got), WG_OK);
    ck_assert_int_eq(wg_read(p, by_hand, &wanted), WG_OK);
    ck_assert(same_bits(got, wanted));
    wg_gradcheck_report r = wg_gradcheck(two);
    ck_assert_msg(r.ok, "%s", r.text);
    ck_assert(wg_ok(wg_nn_linear(x, 2, .name = "plain", .no_bias = true)));
    ck_assert(!wg_ok(wg_find(tape, "plain.bias")));
}
END_TEST

/* ---- training and evaluation ---------------------------------------------------------------------------------------------- */

static wg_tensor small_net(wg_tensor x) { return wg_nn_linear(wg_nn_linear(x, 8, .act = wg_relu, .name = "fc1"), 3, .name = "fc2"); }

enum { ROWS = 12, FEATURES = 5 };

static wg_array numbers_of(float *v)
{
    for (int i = 0; i < ROWS * FEATURES; i++) v[i] = (float)(i * 7 % 11) / 8.0f - 0.5f;
    return wg_array_wrap(v, WG_F32, WG_SHAPE(ROWS, FEATURES));
}

static wg_array labels_of(int64_t *v)
{
    for (int i = 0; i < ROWS; i++) v[i] = i % 3;
    return wg_array_wrap(v, WG_I64, WG_SHAPE(ROWS));
}

typedef struct model {
    wg_tensor x, label, out, loss;
} model;

static model make_model(wg_tape *t)
{
    model m = {wg_input(t, "x", WG_F32, WG_SHAPE(WG_ANY, FEATURES)), wg_input_range(t, "label", WG_I64, WG_SHAPE(WG_ANY), 0, 3), {0}, {0}};
    m.out = small_net(m.x);
    m.loss = wg_cross_entropy(m.out, m.label);
    return m;
}

static void feed_model(wg_plan *p, const model *m, float *x, int64_t *label)
{
    ck_assert_msg(p != NULL, "no plan");
    ck_assert_int_eq(wg_feed(p, m->x, numbers_of(x)), WG_OK);
    ck_assert_int_eq(wg_feed(p, m->label, labels_of(label)), WG_OK);
}

START_TEST(evaluation_shares_the_store)
{
    float x[ROWS * FEATURES];
    int64_t label[ROWS];
    wg_tape *test = wg_tape_new(.params = wg_tape_params(tape), .eval = true);
    model m = make_model(tape), e = make_model(test);
    wg_plan *step = wg_minimize(m.loss, wg_adam(.lr = 0.05)), *score = wg_plan_new(e.loss);
    feed_model(step, &m, x, label);
    feed_model(score, &e, x, label);
    double first = 0, seen = 0;
    for (int i = 0; i < 50; i++) {
        run_ok(score);
        run_ok(step);
        seen = wg_read_scalar(step, m.loss);
        if (i == 0) first = seen;
        ck_assert_double_eq(wg_read_scalar(score, e.loss), seen);
    }
    ck_assert_double_lt(seen, 0.7 * first);
    wg_tape_free(test);
}
END_TEST

START_TEST(dropout_is_off_in_evaluation)
{
    enum { N = 1000 };
    float ones[N];
    for (int i = 0; i < N; i++) ones[i] = 1.5f;
    wg_tape *test = wg_tape_new(.eval = true);
    wg_array a = wg_array_wrap(ones, WG_F32, WG_SHAPE(N)), got;
    wg_tensor y = wg_dropout(wg_const(test, &a), .p = 0.75);
    wg_plan *p = wg_plan_new(y);
    run_ok(p);
    ck_assert_int_eq(wg_read(p, y, &got), WG_OK);
    ck_assert(same_bits(a, got));
    wg_tape_free(test);
}
END_TEST

enum { DROPPED = 20000 };

/* Two runs of dropout(ones, 0.25) on a new tape of that seed. */
static void drop(uint32_t seed, float *first, float *second)
{
    wg_tape *t = wg_tape_new(.seed = seed);
    wg_tensor y = wg_dropout(wg_ones(t, WG_SHAPE(DROPPED)), .p = 0.25);
    wg_plan *p = wg_plan_new(y);
    float *to[] = {first, second};
    for (int i = 0; i < 2; i++) {
        wg_array got;
        run_ok(p);
        ck_assert_int_eq(wg_read(p, y, &got), WG_OK);
        memcpy(to[i], got.data, DROPPED * sizeof(float));
    }
    wg_tape_free(t);
}

START_TEST(dropout_keeps_the_mean)
{
    static float a[2][DROPPED], b[2][DROPPED], c[2][DROPPED];
    drop(5, a[0], a[1]);
    drop(5, b[0], b[1]);
    drop(6, c[0], c[1]);
    double sum = 0;
    for (int i = 0; i < DROPPED; i++) {
        float v = a[0][i];
        ck_assert_msg(v == 0 || v == 1.0f / 0.75f, "%d: %g", i, (double)v);
        sum += (double)v;
    }
    ck_assert_double_eq_tol(sum / DROPPED, 1, 5 * sqrt(0.25 / 0.75 / DROPPED));
    ck_assert_int_ne(memcmp(a[0], a[1], sizeof a[0]), 0);
    ck_assert_int_eq(memcmp(a, b, sizeof a), 0);
    ck_assert_int_ne(memcmp(a[0], c[0], sizeof a[0]), 0);
}
END_TEST

/* ---- files -------------------------------------------------------------------------------------------------------------------- */

static double train_for(wg_plan *step, wg_tensor loss, int steps)
{
    for (int i = 0; i < steps; i++) run_ok(step);
    return wg_read_scalar(step, loss);
}

START_TEST(training_goes_on_from_a_file)
{
    float x[ROWS * FEATURES];
    int64_t label[ROWS];
    place p = make_place();
    wg_tape *other = wg_tape_new(.seed = 77); /* other numbers, which the file overwrites */
    model m = make_model(tape), n = make_model(other);
    wg_plan *step = wg_minimize(m.loss, wg_adamw(.lr = 0.01)), *resumed = wg_minimize(n.loss, wg_adamw(.lr = 0.01));
    feed_model(step, &m, x, label);
    feed_model(resumed, &n, x, label);
    train_for(step, m.loss, 10);
    ck_assert_msg(wg_params_save(wg_tape_params(tape), p.in) == WG_OK, "%s", wg_params_error(wg_tape_params(tape)));
    double straight = train_for(step, m.loss, 10);
    ck_assert_msg(wg_params_load(wg_tape_params(other), p.in) == WG_OK, "%s", wg_params_error(wg_tape_params(other)));
    ck_assert_double_eq(train_for(resumed, n.loss, 10), straight);
    for (size_t i = 0; i < wg_params_count(wg_tape_params(tape)); i++) {
        const char *name = wg_params_name(wg_tape_params(tape), i);
        ck_assert_msg(same_bits(stored(tape, name), stored(other, name)), "%s differs", name);
    }
    wg_tape_free(other);
    remove_place(&p);
}
END_TEST

/* NumPy reads the file by the names and shapes of PyTorch's Linear and computes the network from them. */
START_TEST(weight_files_have_pytorchs_names)
{
    static const char *const script = "import json, struct, sys\n"
                                      "import numpy as np\n"
                                      "raw = open(sys.argv[1], 'rb').read()\n"
                                      "n = struct.unpack('<Q', raw[:8])[0]\n"
                                      "head = json.loads(raw[8:8 + n])\n"
                                      "p = {}\n"
                                      "for k, v in head.items():\n"
                                      "    if k == '__metadata__': continue\n"
                                      "    assert v['dtype'] == 'F32'\n"
                                      "    lo, hi = v['data_offsets']\n"
                                      "    p[k] = np.frombuffer(raw[8 + n + lo:8 + n + hi], '<f4').reshape(v['shape']).astype('f8')\n"
                                      "assert sorted(p) == ['fc1.bias', 'fc1.weight', 'fc2.bias', 'fc2.weight'], sorted(p)\n"
                                      "assert p['fc1.weight'].shape == (8, 5) and p['fc2.weight'].shape == (3, 8)\n"
                                      "x = (np.arange(60) * 7 % 11 / 8 - 0.5).reshape(12, 5)\n"
                                      "h = np.maximum(x @ p['fc1.weight'].T + p['fc1.bias'], 0)\n"
                                      "np.save(open(sys.argv[2], 'wb'), h @ p['fc2.weight'].T + p['fc2.bias'])\n";
    float x[ROWS * FEATURES];
    char why[256];
    if (!have_numpy()) return;
    place p = make_place();
    wg_array wanted, got;
    wg_tensor in = wg_input(tape, "x", WG_F32, WG_SHAPE(WG_ANY, FEATURES)), out = small_net(in);
    wg_plan *plan = wg_plan_new(out);
    ck_assert_int_eq(wg_params_save(wg_tape_params(tape), p.in), WG_OK);
    run_python(&p, script);
    ck_assert_msg(wg_npy_read(p.out, &wanted, why, sizeof why) == WG_OK, "%s", why);
    ck_assert_int_eq(wg_feed(plan, in, numbers_of(x)), WG_OK);
    run_ok(plan);
    ck_assert_int_eq(wg_read(plan, out, &got), WG_OK);
    ck_assert(wg_shape_equal(got.shape, wanted.shape));
    for (int64_t i = 0; i < wg_shape_count(got.shape); i++) ck_assert_double_eq_tol(wg_array_at(&got, i), wg_array_at(&wanted, i), 1e-6);
    wg_array_free(&wanted);
    remove_place(&p);
}
END_TEST

int main(void)
{
    TTest const *const tests[] = {the_rate_changes_without_a_new_plan,
                                  also_is_computed_in_the_same_run,
                                  two_optimisers_leave_each_other_alone,
                                  minimize_refuses,
                                  buffers_and_states_are_not_trained,
                                  initialisers_are_pytorchs,
                                  seeds_are_kept_whatever_the_order,
                                  linear_says_which_layer,
                                  shared_layers_are_one,
                                  evaluation_shares_the_store,
                                  dropout_is_off_in_evaluation,
                                  dropout_keeps_the_mean,
                                  training_goes_on_from_a_file,
                                  weight_files_have_pytorchs_names};
    return run_all("nn", tests, sizeof tests / sizeof *tests, set_up, tear_down);
}

/* test_draws.c -- whole arrays, orders and choices of random numbers against NumPy's RandomState: a few written down,
 * ten thousand of each where there is NumPy; states that go on; what is refused; literals of arrays. */
#define _XOPEN_SOURCE 700
#include "with_numpy.h"

#include <math.h>
#include <wengert.h>

enum { MANY = 10000 };

static const double unequal[] = {0.1, 0, 0.4, 0.25, 0.25};

START_TEST(first_values)
{
    /* np.random.RandomState(3): uniform(-2, 5, 2), normal(1.5, 0.5, 2), randint(-3, 9, 5), shuffle of arange(10).reshape(5, 2),
       choice(7, 5), choice(7, 5, False), choice(5, 5, True, unequal), choice(5, 4, False, unequal) */
    static const double uniform[] = {1.8555853180220288, 2.957034758326734}, normal[] = {1.5482487340360043, 0.5682536483177546};
    static const int64_t integer[] = {0, 7, 8, 6, 6}, rows[] = {6, 7, 0, 1, 8, 9, 2, 3, 4, 5}, equal[] = {4, 4, 5, 6, 0},
                         others[] = {5, 0, 3, 4, 6}, by[] = {4, 4, 4, 2, 3}, others_by[] = {2, 3, 4, 0};
    double x[2];
    int64_t k[5], order[] = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9};
    wg_array xs = wg_array_wrap(x, WG_F64, WG_SHAPE(2)), ks = wg_array_wrap(k, WG_I64, WG_SHAPE(5));
    wg_array pairs = wg_array_wrap(order, WG_I64, WG_SHAPE(5, 2));
    wg_rng *r = wg_rng_new(3);
    ck_assert(!wg_rng_fill_uniform(r, &xs, -2, 5) && !memcmp(x, uniform, sizeof x));
    ck_assert(!wg_rng_fill_normal(r, &xs, 1.5, 0.5) && !memcmp(x, normal, sizeof x));
    ck_assert(!wg_rng_fill_integer(r, &ks, -3, 9) && !memcmp(k, integer, sizeof k));
    ck_assert(!wg_rng_shuffle(r, &pairs) && !memcmp(order, rows, sizeof rows));
    ck_assert(!wg_rng_choice(r, 7, 5, true, NULL, k) && !memcmp(k, equal, sizeof k));
    ck_assert(!wg_rng_choice(r, 7, 5, false, NULL, k) && !memcmp(k, others, sizeof k));
    ck_assert(!wg_rng_choice(r, 5, 5, true, unequal, k) && !memcmp(k, by, sizeof k));
    ck_assert(!wg_rng_choice(r, 5, 4, false, unequal, k) && !memcmp(k, others_by, sizeof others_by));
    wg_rng_free(r);
}
END_TEST

static const char script[] = "import numpy as np, sys\n"
                             "N = 10000\n"
                             "p = np.array([0.1, 0, 0.4, 0.25, 0.25])\n"
                             "q = np.arange(1, N + 1) / (N * (N + 1) / 2)\n"
                             "with open(sys.argv[2], 'wb') as out:\n"
                             "    for seed in 0, 42:\n"
                             "        r = np.random.RandomState(seed)\n"
                             "        put = lambda x, t: out.write(np.ascontiguousarray(x).astype(t).tobytes())\n"
                             "        put(r.uniform(-2, 5, N), 'f8')\n"
                             "        put(r.normal(1.5, 0.5, N + 1), 'f8')\n"
                             "        put(r.randn(N), 'f4')\n"
                             "        put(r.randint(-1000, 5000, N), 'i8')\n"
                             "        put(r.randint(0, 256, N), 'u1')\n"
                             "        x = np.arange(N)\n"
                             "        r.shuffle(x)\n"
                             "        put(x, 'i8')\n"
                             "        x = np.arange(N).reshape(-1, 4)\n"
                             "        r.shuffle(x)\n"
                             "        put(x, 'i8')\n"
                             "        put(r.choice(300, N), 'i8')\n"
                             "        put(r.choice(2 * N, N, replace=False), 'i8')\n"
                             "        put(r.choice(5, N, p=p), 'i8')\n"
                             "        put(r.choice(N, N // 2, replace=False, p=q), 'i8')\n"
                             "        put(r.random_sample(N), 'f8')\n";

static void same(FILE *from, const void *mine, size_t bytes, const char *what)
{
    void *theirs = malloc(bytes);
    ck_assert_uint_eq(fread(theirs, 1, bytes, from), bytes);
    ck_assert_msg(memcmp(theirs, mine, bytes) == 0, "%s: not NumPy's", what);
    free(theirs);
}

static void compare(FILE *from, wg_rng *r)
{
    static double x[MANY + 1], q[MANY];
    static float f[MANY];
    static int64_t k[MANY];
    static uint8_t b[MANY];
    wg_array xs = wg_array_wrap(x, WG_F64, WG_SHAPE(MANY)), more = wg_array_wrap(x, WG_F64, WG_SHAPE(MANY + 1));
    wg_array fs = wg_array_wrap(f, WG_F32, WG_SHAPE(MANY)), ks = wg_array_wrap(k, WG_I64, WG_SHAPE(MANY)),
             bs = wg_array_wrap(b, WG_U8, WG_SHAPE(MANY));
    wg_array fours = wg_array_wrap(k, WG_I64, WG_SHAPE(MANY / 4, 4));
    for (int i = 0; i < MANY; i++) q[i] = (i + 1) / ((double)MANY * (MANY + 1) / 2);
    ck_assert(!wg_rng_fill_uniform(r, &xs, -2, 5)), same(from, x, MANY * sizeof *x, "uniform");
    ck_assert(!wg_rng_fill_normal(r, &more, 1.5, 0.5)), same(from, x, sizeof x, "normal");
    ck_assert(!wg_rng_fill_normal(r, &fs, 0, 1)), same(from, f, sizeof f, "randn as f32");
    ck_assert(!wg_rng_fill_integer(r, &ks, -1000, 5000)), same(from, k, sizeof k, "randint");
    ck_assert(!wg_rng_fill_integer(r, &bs, 0, 256)), same(from, b, sizeof b, "randint as u8");
    for (int i = 0; i < MANY; i++) k[i] = i;
    ck_assert(!wg_rng_shuffle(r, &ks)), same(from, k, sizeof k, "shuffle");
    for (int i = 0; i < MANY; i++) k[i] = i;
    ck_assert(!wg_rng_shuffle(r, &fours)), same(from, k, sizeof k, "shuffle of rows");
    ck_assert(!wg_rng_choice(r, 300, MANY, true, NULL, k)), same(from, k, sizeof k, "choice");
    ck_assert(!wg_rng_choice(r, 2 * MANY, MANY, false, NULL, k)), same(from, k, sizeof k, "choice without replacement");
    ck_assert(!wg_rng_choice(r, 5, MANY, true, unequal, k)), same(from, k, sizeof k, "choice by probability");
    ck_assert(!wg_rng_choice(r, MANY, MANY / 2, false, q, k)), same(from, k, sizeof k / 2, "choice by probability without replacement");
    ck_assert(!wg_rng_fill_uniform(r, &xs, 0, 1)), same(from, x, MANY * sizeof *x, "random_sample after all of these");
}

START_TEST(numpys)
{
    if (!have_numpy()) return;
    place p = make_place();
    fclose(open_or_fail(p.in, "w"));
    run_python(&p, script);
    FILE *out = open_or_fail(p.out, "rb");
    wg_rng *r = wg_rng_new(0);
    compare(out, r);
    wg_rng_seed(r, 42); /* with a normal cached: it must not stay */
    compare(out, r);
    ck_assert_int_eq(fgetc(out), EOF);
    wg_rng_free(r);
    fclose(out);
    remove_place(&p);
}
END_TEST

START_TEST(states_go_on)
{
    wg_rng *r = wg_rng_new(1), *s = wg_rng_new(2);
    for (int i = 0; i < 701; i++) wg_rng_normal(r);
    wg_rng_state state = wg_rng_get_state(r);
    ck_assert_int_eq(wg_rng_set_state(s, &state), WG_OK);
    for (int i = 0; i < 1000; i++) ck_assert(wg_rng_normal(r) == wg_rng_normal(s));
    state.position = 625;
    ck_assert_int_eq(wg_rng_set_state(s, &state), WG_EARG);
    ck_assert_int_eq(wg_rng_set_state(s, NULL), WG_EARG);
    ck_assert(wg_rng_normal(r) == wg_rng_normal(s));
    wg_rng_free(r);
    wg_rng_free(s);
}
END_TEST

START_TEST(refused)
{
    wg_rng *r = wg_rng_new(1), *untouched = wg_rng_new(1);
    wg_array x = WG_ARRAY(double, WG_SHAPE(2), 0, 0), k = WG_ARRAY(uint8_t, WG_SHAPE(2), 0, 0), none = WG_ARRAY(double, WG_SHAPE(3), 1, 2);
    wg_array scalar = WG_ARRAY(double, WG_SHAPE(), 1);
    int64_t out[4];
    ck_assert_int_eq(wg_rng_fill_uniform(r, &x, 1, 0), WG_EARG);
    ck_assert_int_eq(wg_rng_fill_uniform(r, &x, 0, (double)INFINITY), WG_EARG);
    ck_assert_int_eq(wg_rng_fill_uniform(r, &k, 0, 1), WG_EDTYPE);
    ck_assert_int_eq(wg_rng_fill_uniform(r, &none, 0, 1), WG_EARG);
    ck_assert_int_eq(wg_rng_fill_uniform(NULL, &x, 0, 1), WG_EARG);
    ck_assert_int_eq(wg_rng_fill_normal(r, &x, 0, -1), WG_EARG);
    ck_assert_int_eq(wg_rng_fill_normal(r, &x, 0, (double)NAN), WG_EARG);
    ck_assert_int_eq(wg_rng_fill_integer(r, &x, 0, 2), WG_EDTYPE);
    ck_assert_int_eq(wg_rng_fill_integer(r, &k, 0, 257), WG_EARG);
    ck_assert_int_eq(wg_rng_fill_integer(r, &k, 5, 5), WG_EARG);
    ck_assert_int_eq(wg_rng_shuffle(r, &scalar), WG_EARG);
    ck_assert_int_eq(wg_rng_choice(r, 3, 4, false, NULL, out), WG_EARG);
    ck_assert_int_eq(wg_rng_choice(r, 0, 0, true, NULL, out), WG_EARG);
    ck_assert_int_eq(wg_rng_choice(r, 3, 3, false, (double[]){0.5, 0, 0.5}, out), WG_EARG);
    ck_assert_int_eq(wg_rng_choice(r, 2, 1, true, (double[]){0.5, 0.6}, out), WG_EARG);
    ck_assert_int_eq(wg_rng_choice(r, 2, 1, true, (double[]){1.5, -0.5}, out), WG_EARG);
    ck_assert_int_eq(wg_rng_choice(r, 2, 1, true, (double[]){1, (double)NAN}, out), WG_EARG);
    for (int i = 0; i < 10; i++) ck_assert_uint_eq(wg_rng_u32(r), wg_rng_u32(untouched));
    wg_rng_free(r);
    wg_rng_free(untouched);
}
END_TEST

/* Who takes a literal of too few values says so. */
START_TEST(literals)
{
    wg_array a = WG_ARRAY(float, WG_SHAPE(2, 2), 1, 2, 3, 4), b = WG_ARRAY(bool, WG_SHAPE(1), true),
             few = WG_ARRAY(double, WG_SHAPE(2, 2), 1, 2, 3);
    ck_assert(a.dtype == WG_F32 && wg_array_at(&a, 3) == 4 && !a.owner && b.dtype == WG_BOOL);
    ck_assert(WG_ARRAY(int64_t, WG_SHAPE(), 7).dtype == WG_I64 && WG_ARRAY(int32_t, WG_SHAPE(), 7).dtype == WG_I32);
    ck_assert(WG_ARRAY(uint8_t, WG_SHAPE(), 7).dtype == WG_U8 && WG_ARRAY(double, WG_SHAPE(), 7).dtype == WG_F64);
    ck_assert_ptr_null(few.data);
    wg_tape *t = wg_tape_new();
    ck_assert(!wg_ok(wg_const(t, &few)));
    ck_assert_msg(strstr(wg_error(t), "f64[2,2] has no data (as has a literal whose values do not fill its shape)") != NULL, "%s",
                  wg_error(t));
    wg_error_clear(t);
    ck_assert(wg_ok(wg_const(t, &WG_ARRAY(double, WG_SHAPE(3), 0.5, -1, 2))));
    wg_tensor x = wg_input(t, "x", WG_F64, WG_SHAPE(2, 2));
    wg_plan *p = wg_plan_new(wg_sum(x));
    ck_assert_int_eq(wg_feed(p, x, few), WG_EARG);
    ck_assert_ptr_nonnull(strstr(wg_plan_error(p), "feed x: the array of f64[2,2] has no data"));
    ck_assert_int_eq(wg_params_set(wg_tape_params(t), "w", &few, WG_TRAINABLE), WG_EARG);
    ck_assert_ptr_nonnull(strstr(wg_params_error(wg_tape_params(t)), "w: the value has no data"));
    ck_assert_int_eq(wg_array_print(stdout, &few), WG_EARG);
    wg_tape_free(t);
}
END_TEST

int main(void)
{
    const struct {
        const char *name;
        const TTest *test;
    } tests[] = {
        {"first values", first_values}, {"NumPy's", numpys}, {"states", states_go_on}, {"refused", refused}, {"literals", literals}};
    Suite *suite = suite_create("draws");
    for (size_t i = 0; i < sizeof tests / sizeof *tests; i++) {
        TCase *c = tcase_create(tests[i].name);
        tcase_set_timeout(c, 120);
        tcase_add_test(c, tests[i].test);
        suite_add_tcase(suite, c);
    }
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}

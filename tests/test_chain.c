/* test_chain.c -- a million nodes in a row, from recording to freeing, on a stack of 64 KiB: whatever walks a graph walks it in a
 * loop. Values and derivative are compared with a plain loop's. */
#define _XOPEN_SOURCE 700
#include <check.h>
#include <math.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <wengert.h>

#if defined __has_feature
#if __has_feature(address_sanitizer)
#define SANITIZED 1
#endif
#endif
#if defined __SANITIZE_ADDRESS__
#define SANITIZED 1
#endif

#ifdef SANITIZED
enum { STACK = 1 << 20, NODES = 100000 }; /* its frames are larger, and its memory */
#else
enum { STACK = 64 << 10, NODES = 1000000 };
#endif

static const double start[2] = {0.7, -1.3};

typedef struct chain {
    const char *failed; /* what went wrong, in words; NULL: nothing */
    double y[2], g[2], d;
    size_t nodes;
    long printed;
} chain;

static double factor(int i) { return i % 2 ? 0.8 : 1.25; } /* the slope at 0 stays 1: the gradient does not vanish */

static wg_tensor record(wg_tensor y)
{
    for (int i = 0; i < NODES / 2; i++) y = wg_tanh(wg_mul(y, wg_num(factor(i))));
    return y;
}

static const char *finish(wg_plan *p, wg_tensor x, const wg_tensor out[3], chain *c)
{
    wg_array a;
    if (wg_feed(p, x, wg_array_wrap(start, WG_F64, WG_SHAPE(2))) || wg_run(p)) return "run";
    if (wg_read(p, out[0], &a)) return "read";
    memcpy(c->y, a.data, sizeof c->y);
    if (wg_read(p, out[1], &a)) return "read";
    memcpy(c->g, a.data, sizeof c->g);
    c->d = wg_read_scalar(p, out[2]);
    FILE *f = tmpfile();
    if (!f || wg_print(f, wg_plan_tape(p)) || wg_plan_print(f, p)) return "print";
    c->printed = ftell(f);
    fclose(f);
    return NULL;
}

static void *work(void *arg)
{
    chain *c = arg;
    wg_tape *t = wg_tape_new();
    wg_tensor x = wg_input(t, "x", WG_F64, WG_SHAPE(2)), y = record(x), sum = wg_sum(y), g = wg_grad(sum, x);
    wg_tensor d = wg_jvp(sum, x, wg_const(t, &WG_ARRAY(double, WG_SHAPE(2), 1, 1)));
    wg_plan *p = wg_plan_new(y, g, d);
    c->nodes = wg_tape_size(t);
    c->failed = p ? finish(p, x, (const wg_tensor[]){y, g, d}, c) : "plan";
    wg_tape_free(t);
    return NULL;
}

START_TEST(test_chain)
{
    pthread_attr_t small;
    pthread_t thread;
    chain c = {0};
    ck_assert_int_eq(pthread_attr_init(&small), 0);
    ck_assert_int_eq(pthread_attr_setstacksize(&small, STACK), 0);
    ck_assert_int_eq(pthread_create(&thread, &small, work, &c), 0);
    ck_assert_int_eq(pthread_join(thread, NULL), 0);
    pthread_attr_destroy(&small);
    ck_assert_msg(!c.failed, "%s", c.failed);
    ck_assert_uint_gt(c.nodes, 3 * (size_t)NODES);
    ck_assert_int_gt(c.printed, 20L * NODES);
    double slopes = 0;
    for (int k = 0; k < 2; k++) {
        double y = start[k], g = 1;
        for (int i = 0; i < NODES / 2; i++) {
            y = tanh(y * factor(i));
            g *= factor(i) * (1 - y * y);
        }
        slopes += g;
        ck_assert(fabs(y) > 1e-4 && g > 1e-12);
        ck_assert_double_eq_tol(c.y[k], y, 1e-9 * fabs(y)); /* half a million roundings of each side */
        ck_assert_double_eq_tol(c.g[k], g, 1e-8 * g);
    }
    ck_assert_double_eq_tol(c.d, slopes, 1e-8 * slopes);
}
END_TEST

int main(void)
{
    Suite *s = suite_create("chain");
    TCase *c = tcase_create("chain");
    tcase_set_timeout(c, 300);
    tcase_add_test(c, test_chain);
    suite_add_tcase(s, c);
    SRunner *r = srunner_create(s);
    srunner_run_all(r, CK_NORMAL);
    int failed = srunner_ntests_failed(r);
    srunner_free(r);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}

/* nn_tests.h -- what the tests of src/nn share: a tape and a folder for each test, runs that must succeed, looks into the store.
 * Define _XOPEN_SOURCE 700 before all includes. */
#ifndef WG_TESTS_NN_TESTS_H
#define WG_TESTS_NN_TESTS_H

#include <check.h>
#include <stdlib.h>
#include <string.h>
#include <wengert.h>

static wg_tape *tape;

static inline void set_up(void) { tape = wg_tape_new(.seed = 1); }

static inline void tear_down(void)
{
    wg_tape_free(tape);
    tape = NULL;
}

static inline bool has(const char *text, const char *part) { return text && strstr(text, part); }

static inline void expect_error(const char *part)
{
    ck_assert_msg(has(wg_error(tape), part), "wanted \"%s\", the tape says: %s", part, wg_error(tape) ? wg_error(tape) : "nothing");
    wg_error_clear(tape);
}

static inline void run_ok(wg_plan *p)
{
    ck_assert_ptr_nonnull(p);
    ck_assert_msg(wg_run(p) == WG_OK, "%s", wg_plan_error(p));
}

static inline wg_array stored(const wg_tape *t, const char *name)
{
    wg_array a;
    ck_assert_msg(wg_params_get(wg_tape_params(t), name, &a) == WG_OK, "the store has no %s", name);
    return a;
}

static inline bool same_bits(wg_array a, wg_array b)
{
    if (a.dtype != b.dtype || !wg_shape_equal(a.shape, b.shape)) return false;
    return memcmp(a.data, b.data, (size_t)wg_shape_count(a.shape) * wg_dtype_size(a.dtype)) == 0;
}

/* ---- a folder for a test's files ------------------------------------------------------------------------------------- */

static char folder[64];

/* "folder/name", until the fourth call after this one. */
static inline const char *at(const char *name)
{
    static char path[4][256];
    static int next;
    char *p = path[next++ % 4];
    snprintf(p, sizeof path[0], "%s/%s", folder, name);
    return p;
}

static inline void make_folder(void)
{
    set_up();
    strcpy(folder, "/tmp/wengert-nn-XXXXXX");
    ck_assert_ptr_nonnull(mkdtemp(folder));
}

static inline void remove_folder(void)
{
    char command[128];
    snprintf(command, sizeof command, "rm -rf %s", folder);
    ck_assert_int_eq(system(command), 0);
    tear_down();
}

static inline int run_all(const char *suite, const TTest *const *tests, size_t n, void (*before)(void), void (*after)(void))
{
    Suite *s = suite_create(suite);
    TCase *c = tcase_create(suite);
    tcase_add_checked_fixture(c, before, after);
    tcase_set_timeout(c, 120);
    for (size_t i = 0; i < n; i++) tcase_add_test(c, tests[i]);
    suite_add_tcase(s, c);
    SRunner *r = srunner_create(s);
    srunner_run_all(r, CK_NORMAL);
    int failed = srunner_ntests_failed(r);
    srunner_free(r);
    return failed != 0;
}

#endif

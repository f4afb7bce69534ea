/* nn_tests.h -- what the tests of src/nn share: a tape for each test, runs that must succeed, looks into the store. */
#ifndef WG_TESTS_NN_TESTS_H
#define WG_TESTS_NN_TESTS_H

#include <check.h>
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

#endif

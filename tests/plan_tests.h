/* plan_tests.h -- what the tests of plans share: a tape for each test, numbers to feed, runs that must succeed, the plan as text. */
#ifndef WG_TESTS_PLAN_TESTS_H
#define WG_TESTS_PLAN_TESTS_H

#include <check.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <wengert.h>

enum { MOST = 1 << 18 };
static wg_tape *tape;

static inline void set_up(void) { tape = wg_tape_new(.seed = 1); }

static inline void tear_down(void)
{
    wg_tape_free(tape);
    tape = NULL;
}

/* ---- values ------------------------------------------------------------------------------------------------------------ */

static float numbers[MOST];

/* Numbers of all sizes and both signs, the same in every call. */
static inline wg_array drawn(wg_shape s)
{
    uint32_t u = 12345;
    int64_t n = wg_shape_count(s);
    ck_assert_int_le(n, MOST);
    for (int64_t i = 0; i < n; i++) {
        u = u * 1664525u + 1013904223u;
        numbers[i] = ((float)(u >> 8) / 8388608.0f - 1) * (i % 7 == 0 ? 3.0f : 0.7f);
    }
    return wg_array_wrap(numbers, WG_F32, s);
}

static inline void run(wg_plan *p) { ck_assert_msg(wg_run(p) == WG_OK, "%s", wg_plan_error(p)); }

static inline wg_plan *made(wg_plan *p)
{
    ck_assert_msg(p != NULL, "%s", wg_error(tape));
    return p;
}

static inline char *printed(wg_plan *p)
{
    static char text[1 << 16];
    FILE *f = tmpfile();
    ck_assert_ptr_nonnull(f);
    ck_assert_int_eq(wg_plan_print(f, p), WG_OK);
    rewind(f);
    text[fread(text, 1, sizeof text - 1, f)] = 0;
    fclose(f);
    return text;
}

#endif

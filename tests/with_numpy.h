/* with_numpy.h -- NumPy as a child of a test: C writes a file, Python reads it and writes another, C compares.
 *
 * What is promised to be NumPy's is compared with NumPy itself; where there is none, a test's own written-down values
 * must do, and WG_REQUIRE_NUMPY=1 makes that a failure. Every file lives in a folder of its own, removed after. */
#ifndef WG_TESTS_WITH_NUMPY_H
#define WG_TESTS_WITH_NUMPY_H

#include <check.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static inline bool have_numpy(void)
{
    bool have = system("/usr/bin/python3 -c 'import numpy' >/dev/null 2>&1") == 0;
    const char *required = getenv("WG_REQUIRE_NUMPY");
    if (!have) ck_assert_msg(!required || strcmp(required, "1") != 0, "WG_REQUIRE_NUMPY=1, and there is no NumPy");
    if (!have) puts("no NumPy: compared with the values in the test only");
    return have;
}

typedef struct place {
    char folder[32], script[48], in[48], out[48];
} place;

static inline place make_place(void)
{
    place p = {.folder = "/tmp/wg_base_XXXXXX"};
    ck_assert_ptr_nonnull(mkdtemp(p.folder));
    snprintf(p.script, sizeof p.script, "%s/script.py", p.folder);
    snprintf(p.in, sizeof p.in, "%s/in", p.folder);
    snprintf(p.out, sizeof p.out, "%s/out", p.folder);
    return p;
}

static inline void remove_place(const place *p)
{
    remove(p->script);
    remove(p->in);
    remove(p->out);
    remove(p->folder);
}

static inline FILE *open_or_fail(const char *name, const char *mode)
{
    FILE *f = fopen(name, mode);
    ck_assert_msg(f != NULL, "cannot open %s", name);
    return f;
}

static inline void run_python(const place *p, const char *script)
{
    FILE *f = open_or_fail(p->script, "w");
    ck_assert_int_ge(fputs(script, f), 0);
    ck_assert_int_eq(fclose(f), 0);
    char command[200];
    snprintf(command, sizeof command, "/usr/bin/python3 -W ignore %s %s %s", p->script, p->in, p->out);
    ck_assert_int_eq(system(command), 0);
}

#endif

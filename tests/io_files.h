/* io_files.h -- for the tests of files: a directory for the run, files and arrays to fill and compare, NumPy.
 *
 * NumPy is asked through /usr/bin/python3 or python3 (WG_PYTHON names another); where there is none the tests that need it pass over with
 * a line, unless WG_REQUIRE_NUMPY=1 makes that a failure, as in CI. Define _XOPEN_SOURCE 700 before all includes. */
#ifndef WG_TESTS_IO_FILES_H
#define WG_TESTS_IO_FILES_H

#include "io/bytes.h"
#include "io/format.h"

#include <check.h>
#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#ifndef WG_HAVE_ZLIB
#define WG_HAVE_ZLIB 0
#endif

static char dir[64] = "/tmp/wengert-io-XXXXXX";
static char why[512];

/* ---- files, arrays, NumPy -------------------------------------------------------------------------------------- */

typedef struct place {
    char path[384];
} place;

static inline place at(const char *name)
{
    place p;
    snprintf(p.path, sizeof p.path, "%s/%s", dir, name);
    return p;
}

static inline void spew(const char *path, const void *data, size_t size)
{
    remove(path); /* ext4 waits for the disk when a file that has bytes is cut to none and written again */
    FILE *f = fopen(path, "wb");
    ck_assert_ptr_nonnull(f);
    ck_assert_uint_eq(fwrite(data, 1, size, f), size);
    ck_assert_int_eq(fclose(f), 0);
}

static inline size_t slurp(const char *path, unsigned char *to, size_t room)
{
    FILE *f = fopen(path, "rb");
    ck_assert_msg(f != NULL, "%s: %s", path, strerror(errno));
    size_t n = fread(to, 1, room, f);
    ck_assert(n < room);
    fclose(f);
    return n;
}

/* Entries of the directory, dot files included. */
static inline int entries(const char *path)
{
    DIR *d = opendir(path);
    int n = -2;
    while (readdir(d)) n++;
    closedir(d);
    return n;
}

static inline wg_shape shape_of(int rank, const int64_t *dims) { return wg_shape_of(dims, (size_t)rank); }
#define SHAPE(n, ...) shape_of(n, (const int64_t[]){__VA_ARGS__})

/* Element i is i * 7 % 11, less 3 where the dtype has a sign; the same in `FILL` below. */
static inline wg_array filled(wg_dtype dtype, wg_shape shape)
{
    wg_array a;
    ck_assert_int_eq(wg_array_new(&a, dtype, shape), WG_OK);
    for (int64_t i = 0, n = wg_shape_count(shape); i < n; i++) {
        int v = (int)(i * 7 % 11);
        wg_array_put(&a, i, dtype == WG_BOOL ? v & 1 : dtype == WG_U8 ? v : v - 3);
    }
    return a;
}

static inline void ck_same(const wg_array *a, const wg_array *b)
{
    ck_assert_ptr_nonnull(a);
    ck_assert_int_eq(a->dtype, b->dtype);
    ck_assert(wg_shape_equal(a->shape, b->shape));
    size_t n = (size_t)wg_shape_count(a->shape) * wg_dtype_size(a->dtype);
    if (n) ck_assert_mem_eq(a->data, b->data, n);
}

static inline void ck_filled(const wg_array *a, wg_dtype dtype, wg_shape shape)
{
    wg_array want = filled(dtype, shape);
    ck_same(a, &want);
    wg_array_free(&want);
}

static inline void put(wg_archive *a, const char *name, wg_dtype dtype, wg_shape shape)
{
    wg_array x = filled(dtype, shape);
    ck_assert_int_eq(wg_archive_add(a, name, &x), WG_OK);
    ck_assert_ptr_null(x.owner);
}

static inline void ck_why(const char *path, const char *text)
{
    ck_assert_msg(!strncmp(why, path, strlen(path)) && strstr(why, text), "'%s' has no '%s'", why, text);
}

static inline bool python(const char *script)
{
    char command[1024];
    place p = at("script.py");
    const char *name = getenv("WG_PYTHON"), *system_s = "/usr/bin/python3"; /* where distributions put NumPy */
    if (!name) name = access(system_s, X_OK) ? "python3" : system_s;
    spew(p.path, script, strlen(script));
    snprintf(command, sizeof command, "%s %s %s", name, p.path, dir);
    return system(command) == 0;
}

#define FILL                                                                                                                               \
    "import sys, zlib, gzip, io, zipfile, numpy as np\n"                                                                                   \
    "d = sys.argv[1] + '/'\n"                                                                                                              \
    "DT = dict(f32='f4', f64='f8', i64='i8', i32='i4', u8='u1', bool='b1', f16='f2')\n"                                                    \
    "def fill(t, *shape):\n"                                                                                                               \
    "    v = np.arange(int(np.prod(shape, dtype=int))) * 7 % 11\n"                                                                         \
    "    v = v % 2 if t == 'bool' else v if t == 'u8' else v - 3\n"                                                                        \
    "    return v.astype(DT[t]).reshape(shape)\n"                                                                                          \
    "def same(a, t, *shape):\n"                                                                                                            \
    "    b = fill(t, *shape)\n"                                                                                                            \
    "    assert a.dtype == b.dtype and a.shape == b.shape and (a == b).all(), (t, shape, a)\n"

static inline bool numpy(void)
{
    const char *required = getenv("WG_REQUIRE_NUMPY");
    if (python("try:\n    import numpy\nexcept ImportError:\n    raise SystemExit(1)\n")) return true;
    if (required && *required == '1') ck_abort_msg("WG_REQUIRE_NUMPY=1, and python3 has no NumPy");
    puts("test_io: python3 has no NumPy: passed over");
    return false;
}

/* gzip by hand: one stored block (RFC 1951, 3.2.4). */
static inline size_t gzip(unsigned char *to, const void *data, size_t n)
{
    wg_crc crc;
    unsigned char *p = to;
    wg__crc_init(&crc);
    memcpy(p, "\x1f\x8b\x08\0\0\0\0\0\0\xff\1", 11);
    p = wg__put_le(wg__put_le(p + 11, n, 2), ~(uint64_t)n, 2);
    memcpy(p, data, n);
    return (size_t)(wg__put_le(wg__put_le(p + n, wg__crc(&crc, 0, data, n), 4), n, 4) - to);
}

/* Runs the cases of `suite` in the directory, and takes it away; the number that failed. */
static inline int run_in_directory(Suite *suite)
{
    if (!mkdtemp(dir)) return 1;
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    DIR *d = opendir(dir);
    for (struct dirent *e; (e = readdir(d));)
        if (remove(at(e->d_name).path) && e->d_name[0] != '.') failed++; /* what a test left beside its own */
    closedir(d);
    return rmdir(dir) ? failed + 1 : failed;
}

#endif

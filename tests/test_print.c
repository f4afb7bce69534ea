/* test_print.c -- wg_array_print writes what NumPy's print writes, byte for byte.
 *
 * Some arrays are compared with text written down here; some five hundred with a NumPy that runs as a child. */
#define _GNU_SOURCE
#include "with_numpy.h"

#include <wengert/base.h>

#include <errno.h>
#include <math.h>
#include <stdint.h>

#define SHAPE(...) wg_shape_of((const int64_t[]){__VA_ARGS__}, sizeof((int64_t[]){__VA_ARGS__}) / sizeof(int64_t))
#define F64(...) wg_array_wrap((const double[]){__VA_ARGS__}, WG_F64, SHAPE((int64_t)(sizeof((double[]){__VA_ARGS__}) / 8)))
#define F32(...) wg_array_wrap((const float[]){__VA_ARGS__}, WG_F32, SHAPE((int64_t)(sizeof((float[]){__VA_ARGS__}) / 4)))
#define I64(...) wg_array_wrap((const int64_t[]){__VA_ARGS__}, WG_I64, SHAPE((int64_t)(sizeof((int64_t[]){__VA_ARGS__}) / 8)))

static char *printed(const wg_array *a)
{
    char *text = NULL;
    size_t size = 0;
    FILE *f = open_memstream(&text, &size);
    ck_assert_ptr_nonnull(f);
    ck_assert_int_eq(wg_array_print(f, a), WG_OK);
    ck_assert_int_eq(fclose(f), 0);
    return text;
}

static void prints(wg_array a, const char *expected)
{
    char *text = printed(&a);
    ck_assert_str_eq(text, expected);
    free(text);
}

static wg_array shaped(wg_array a, wg_shape shape) { return wg_array_wrap(a.data, a.dtype, shape); }

static wg_array counting(int64_t n, wg_shape shape)
{
    wg_array a;
    ck_assert_int_eq(wg_array_new(&a, WG_I64, SHAPE(n)), WG_OK);
    for (int64_t i = 0; i < n; i++) ((int64_t *)a.data)[i] = i;
    a.shape = shape;
    return a;
}

/* ---- against what is written here ---------------------------------------------------------------------------- */

START_TEST(lone_values)
{
    wg_shape none = wg_shape_of(NULL, 0);
    prints(shaped(F64(3.5), none), "3.5\n");
    prints(shaped(F64(-0.0), none), "-0.0\n");
    prints(shaped(F64(1e15), none), "1000000000000000.0\n");
    prints(shaped(F64(1e16), none), "1e+16\n");
    prints(shaped(F64(1e-5), none), "1e-05\n");
    prints(shaped(F64(0.1 + 0.2), none), "0.30000000000000004\n");
    prints(shaped(F64(HUGE_VAL), none), "inf\n");
    prints(shaped(F32(0.1f), none), "0.1\n");
    prints(shaped(F32(1e-4f), none), "1e-04\n");
    prints(shaped(F32(99999992.0f), none), "99999990.0\n");
    prints(shaped(I64(INT64_MIN), none), "-9223372036854775808\n");
    prints(wg_array_wrap("\1", WG_BOOL, none), "True\n");
    prints(wg_array_wrap("\377", WG_U8, none), "255\n");
}
END_TEST

/* bf16 shows the fewest digits that tell it from its neighbours, as the others do. */
START_TEST(short_reals)
{
    static const uint16_t bf16[] = {0x3dcd, 0x3f80, 0xc2c8, 0x7f80, 0x0001}, f16[] = {0x2e66, 0x7bff, 0x0001, 0xfc00};
    wg_shape none = {.rank = 0};
    prints(wg_array_wrap(bf16, WG_BF16, SHAPE(3)), "[   0.1    1.  -100. ]\n");
    prints(wg_array_wrap(bf16 + 3, WG_BF16, SHAPE(2)), "[   inf 9.e-41]\n");
    prints(wg_array_wrap(bf16, WG_BF16, none), "0.1\n");
    prints(wg_array_wrap(bf16 + 4, WG_BF16, none), "9e-41\n");
    prints(wg_array_wrap(f16, WG_F16, SHAPE(1, 2)), "[[1.00e-01 6.55e+04]]\n");
    prints(wg_array_wrap(f16 + 1, WG_F16, none), "65500.0\n");
    prints(wg_array_wrap(f16 + 2, WG_F16, SHAPE(2)), "[6.e-08   -inf]\n");
}
END_TEST

START_TEST(rows_of_values)
{
    prints(F64(1, 2.5, -3), "[ 1.   2.5 -3. ]\n");
    prints(F64(1e-5, 1), "[1.e-05 1.e+00]\n");
    prints(F64(1e-5, 1e-200), "[1.e-005 1.e-200]\n");
    prints(F64(0.001, 1), "[0.001 1.   ]\n");
    prints(F64(0.0001), "[0.0001]\n");
    prints(F32(1e-4f), "[1.e-04]\n");                                          /* as a double it is a little less */
    prints(F32(0x1.8561cap-5f, 0x1.7c418p+5f), "[ 0.04753198 47.531982  ]\n"); /* as doubles, more than 1 to 1000 */
    prints(F64(1e8), "[1.e+08]\n");
    prints(F64(0.123456789123), "[0.12345679]\n");
    prints(F64((double)NAN, -HUGE_VAL, 1), "[ nan -inf   1.]\n");
    prints(F64((double)NAN, HUGE_VAL), "[nan inf]\n");
    prints(F64(1e10, (double)NAN, -HUGE_VAL), "[1.e+10    nan   -inf]\n");
    prints(F32(0.1f, 1.1754944e-8f), "[1.0000000e-01 1.1754944e-08]\n");
    prints(F32(99999992.0f), "[99999992.]\n");
    prints(I64(-1, 100), "[ -1 100]\n");
    prints(wg_array_wrap("\1\0", WG_BOOL, SHAPE(1, 2)), "[[ True False]]\n");
    prints(wg_array_wrap(NULL, WG_F32, SHAPE(2, 0, 3)), "[]\n");
    prints(shaped(F64(1, 2, 3, 4), SHAPE(1, 2, 1, 2)), "[[[[1. 2.]]\n\n  [[3. 4.]]]]\n");
}
END_TEST

START_TEST(long_ones)
{
    wg_array a = counting(2002, SHAPE(2, 1001)), b = counting(30, SHAPE(30)), c = counting(1008, SHAPE(7, 144));
    prints(a, "[[   0    1    2 ...  998  999 1000]\n [1001 1002 1003 ... 1999 2000 2001]]\n");
    prints(b, "[ 0  1  2  3  4  5  6  7  8  9 10 11 12 13 14 15 16 17 18 19 20 21 22 23\n"
              " 24 25 26 27 28 29]\n");
    prints(c, "[[   0    1    2 ...  141  142  143]\n [ 144  145  146 ...  285  286  287]\n"
              " [ 288  289  290 ...  429  430  431]\n ...\n [ 576  577  578 ...  717  718  719]\n"
              " [ 720  721  722 ...  861  862  863]\n [ 864  865  866 ... 1005 1006 1007]]\n");
    wg_array_free(&a);
    wg_array_free(&b);
    wg_array_free(&c);
}
END_TEST

static ssize_t full_disk(void *cookie, const char *bytes, size_t size)
{
    (void)cookie, (void)bytes, (void)size;
    errno = ENOSPC;
    return -1;
}

START_TEST(refused)
{
    double v = 1;
    wg_array fine = wg_array_wrap(&v, WG_F64, SHAPE(1)),
             bad[] = {wg_array_wrap(NULL, WG_F64, SHAPE(1)), wg_array_wrap(&v, (wg_dtype)0, SHAPE(1)),
                      wg_array_wrap(&v, WG_F64, SHAPE(WG_ANY)), wg_array_wrap(&v, WG_F64, (wg_shape){.rank = -1}),
                      wg_array_wrap(&v, WG_F64, (wg_shape){.rank = 9})};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) ck_assert_int_eq(wg_array_print(stdout, &bad[i]), WG_EARG);
    ck_assert_int_eq(wg_array_print(stdout, NULL), WG_EARG);
    ck_assert_int_eq(wg_array_print(NULL, &fine), WG_EARG);
    FILE *full = fopencookie(NULL, "w", (cookie_io_functions_t){.write = full_disk});
    ck_assert_ptr_nonnull(full);
    setvbuf(full, NULL, _IONBF, 0);
    ck_assert_int_eq(wg_array_print(full, &fine), WG_EIO);
    fclose(full);
}
END_TEST

/* ---- against NumPy ------------------------------------------------------------------------------------------- */

static const char print_script[] = "import numpy as np, struct, sys\n"
                                   "data = open(sys.argv[1], 'rb').read()\n"
                                   "kind = {1: 'f4', 2: 'f8', 3: 'i8', 4: 'i4', 5: 'u1', 6: '?', 8: 'f2'}\n"
                                   "with open(sys.argv[2], 'w') as out:\n"
                                   "    at = 0\n"
                                   "    while at < len(data):\n"
                                   "        dtype, rank = struct.unpack_from('ii', data, at)\n"
                                   "        shape = struct.unpack_from('%dq' % rank, data, at + 8)\n"
                                   "        at += 8 + 8 * rank\n"
                                   "        n = int(np.prod(shape, dtype='i8'))\n"
                                   "        a = np.frombuffer(data, kind[dtype], n, at).reshape(shape)\n"
                                   "        at += a.nbytes\n"
                                   "        print(a, file=out)\n";

typedef struct pair {
    FILE *raw, *text; /* the arrays for NumPy; what we print of them */
    wg_rng *r;
} pair;

static void add(pair *p, wg_array a)
{
    int32_t head[2] = {(int32_t)a.dtype, a.shape.rank};
    size_t rank = (size_t)a.shape.rank, n = (size_t)wg_shape_count(a.shape);
    ck_assert_uint_eq(fwrite(head, sizeof *head, 2, p->raw), 2);
    ck_assert_uint_eq(fwrite(a.shape.dim, sizeof *a.shape.dim, rank, p->raw), rank);
    if (n) ck_assert_uint_eq(fwrite(a.data, wg_dtype_size(a.dtype), n, p->raw), n);
    ck_assert_int_eq(wg_array_print(p->text, &a), WG_OK);
}

/* Reals of one temper each, so that every branch of the layout is met, and its borders. */
static double real_of_temper(wg_rng *r, int temper, double scale)
{
    switch (temper) {
    case 0: return wg_rng_normal(r);
    case 1: return wg_rng_normal(r) * scale;
    case 2: return (double)(wg_rng_integer(r, 2001) - 1000);
    case 3: return (double)(wg_rng_integer(r, 20001) - 10000) / 100;
    case 4: return ldexp(1, (int)wg_rng_integer(r, 240) - 120);
    case 5: return ldexp(wg_rng_uniform(r) - 0.5, (int)wg_rng_integer(r, 240) - 120);
    case 6: return pow(10, -4 + 3.01 * wg_rng_uniform(r));  /* largest : smallest is about 1000 */
    case 7: return pow(10, 7.9 + 0.11 * wg_rng_uniform(r)); /* about 1e8, where the exponent comes in */
    case 8: return nextafter(pow(10, (double)(wg_rng_integer(r, 12) - 4)), wg_rng_u32(r) % 2 ? 0 : HUGE_VAL);
    default: {
        static const double strange[] = {HUGE_VAL, -HUGE_VAL, 0, -0.0, 1, 12.5};
        int64_t i = wg_rng_integer(r, 7);
        return i == 6 ? (double)NAN : strange[i];
    }
    }
}

static void add_random(pair *p, wg_dtype dtype, wg_shape shape, int temper)
{
    wg_array a;
    ck_assert_int_eq(wg_array_new(&a, dtype, shape), WG_OK);
    double scale = pow(10, (double)(wg_rng_integer(p->r, 18) - 9));
    int64_t range = INT64_C(1) << (1 + wg_rng_integer(p->r, 61));
    for (int64_t i = 0, n = wg_shape_count(shape); i < n; i++) {
        double v = wg_dtype_real(dtype) || wg_dtype_half(dtype) ? real_of_temper(p->r, temper, scale) : 0;
        int64_t k = wg_rng_integer(p->r, range) - (temper % 2 ? range / 2 : 0);
        if (dtype == WG_F64) ((double *)a.data)[i] = v;
        if (dtype == WG_F32) ((float *)a.data)[i] = (float)v;
        if (dtype == WG_F16) wg_array_put(&a, i, v);
        if (dtype == WG_I64) ((int64_t *)a.data)[i] = k;
        if (dtype == WG_I32) ((int32_t *)a.data)[i] = (int32_t)(k % INT32_MAX);
        if (dtype == WG_U8) ((uint8_t *)a.data)[i] = (uint8_t)(k & 255);
        if (dtype == WG_BOOL) ((uint8_t *)a.data)[i] = (uint8_t)(k & 1);
    }
    add(p, a);
    wg_array_free(&a);
}

static void add_all(pair *p)
{
    const wg_shape shapes[] = {wg_shape_of(NULL, 0),
                               SHAPE(1),
                               SHAPE(7),
                               SHAPE(40),
                               SHAPE(1000),
                               SHAPE(1001),
                               SHAPE(0),
                               SHAPE(3, 4),
                               SHAPE(30, 30),
                               SHAPE(40, 50),
                               SHAPE(1, 1200),
                               SHAPE(1200, 1),
                               SHAPE(3, 0),
                               SHAPE(2, 3, 4),
                               SHAPE(11, 11, 11),
                               SHAPE(2, 3, 500),
                               SHAPE(2, 1, 3, 2),
                               SHAPE(8, 2, 8, 9),
                               SHAPE(2, 1, 2, 1, 2, 1, 2, 30)};
    const wg_dtype others[] = {WG_I64, WG_I32, WG_U8, WG_BOOL};
    for (size_t s = 0; s < sizeof shapes / sizeof *shapes; s++) {
        for (int temper = 0; temper < 10; temper++) {
            add_random(p, WG_F64, shapes[s], temper);
            add_random(p, WG_F32, shapes[s], temper);
            add_random(p, WG_F16, shapes[s], temper);
        }
        for (int i = 0; i < 8; i++) add_random(p, others[i / 2], shapes[s], i);
    }
    add(p, F64(0x1p-44, 1));
    add(p, F32(33554430.0f, 99999992.0f, 99999984.0f));
    add(p, F32(9.9999e-5f));
    add(p, F64(9.99999999996, 0.5));
    add(p, F64(99999999.99999999));
    add(p, F64(5e-324, 1.7976931348623157e308));
    add(p, F64(1.5, 2.5, 123.000000005, 0.5000000050000001));
    add(p, I64(INT64_MAX, INT64_MIN, 0));
}

/* Reports the first line that differs, which says more than two whole texts. */
static void same_lines(FILE *mine, FILE *theirs)
{
    char a[256], b[256];
    for (int line = 1;; line++) {
        char *x = fgets(a, sizeof a, mine), *y = fgets(b, sizeof b, theirs);
        ck_assert_msg(!x == !y, "line %d: one text ends", line);
        if (!x) {
            ck_assert_int_gt(line, 3000);
            return;
        }
        ck_assert_msg(strcmp(a, b) == 0, "line %d: we print\n%sNumPy prints\n%s", line, a, b);
    }
}

START_TEST(as_numpy_prints)
{
    if (!have_numpy()) return;
    place where = make_place();
    pair p = {.raw = open_or_fail(where.in, "wb"), .text = tmpfile(), .r = wg_rng_new(2024)};
    ck_assert(p.text && p.r);
    add_all(&p);
    ck_assert_int_eq(fclose(p.raw), 0);
    run_python(&where, print_script);
    FILE *theirs = open_or_fail(where.out, "r");
    rewind(p.text);
    same_lines(p.text, theirs);
    fclose(theirs);
    fclose(p.text);
    wg_rng_free(p.r);
    remove_place(&where);
}
END_TEST

int main(void)
{
    TCase *c = tcase_create("print");
    tcase_set_timeout(c, 120);
    tcase_add_test(c, lone_values);
    tcase_add_test(c, short_reals);
    tcase_add_test(c, rows_of_values);
    tcase_add_test(c, long_ones);
    tcase_add_test(c, refused);
    tcase_add_test(c, as_numpy_prints);
    Suite *suite = suite_create("print");
    suite_add_tcase(suite, c);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}

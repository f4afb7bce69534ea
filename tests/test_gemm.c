/* test_gemm.c -- the fast matrix product (run/gemm.h) held against three plain loops, for every instruction set that is
 * here: all edges of its tiles, operands lying in every way, one row or column, deep sums, any number of threads.
 *
 * Two kinds of numbers. Small whole ones: every sum is exact in any order, so the loops' result must come to the bit.
 * Fractions: an element's bits may depend on the terms alone, so a product of fewer rows and columns must be, to the
 * bit, the corner of a larger one, however the operands lie. */
#include "tape/op.h"

#include <check.h>
#include <stdlib.h>
#include <wengert.h>

/* How an operand lies in memory: its rows one after another, its columns, every second row and column of a larger one, the
   last row and column first, or one row that stands for all. */
typedef enum lie { PLAIN, TURNED, STEPS, BACKWARDS, REPEATED, LIES } lie;

static const wg_dtype dtypes[] = {WG_F32, WG_F64, WG_I64};

typedef struct numbers {
    wg_dtype dtype;
    bool whole; /* else fractions in -1..1 */
} numbers;

/* Element i, j of operand `which`. */
static double number(const numbers *s, int which, int64_t i, int64_t j)
{
    uint32_t h = (uint32_t)(i * 2654435761 + j * 40503 + which * 97 + 12345);
    h = (h ^ h >> 15) * 2246822519u;
    h ^= h >> 13;
    return s->whole ? (double)(h % 17) - 8 : (double)(h >> 8) / 8388608.0 - 1;
}

static void put(void *data, wg_dtype d, int64_t at, double v)
{
    if (d == WG_F32) ((float *)data)[at] = (float)v;
    else if (d == WG_F64) ((double *)data)[at] = v;
    else ((int64_t *)data)[at] = (int64_t)v;
}

static wg_shape lying(lie how, int64_t rows, int64_t columns)
{
    if (how == TURNED) return WG_SHAPE(columns, rows);
    if (how == STEPS) return WG_SHAPE(2 * rows, 2 * columns);
    return WG_SHAPE(how == REPEATED ? 1 : rows, columns);
}

/* The operand as a view of an input. */
static wg_tensor view(wg_tensor x, lie how, int64_t rows, int64_t columns)
{
    int64_t step = how == STEPS ? 2 : -1;
    if (how == TURNED) return wg_transpose(x);
    if (how == REPEATED) return wg_expand(x, WG_SHAPE(rows, columns));
    return how == PLAIN ? x : wg_slice(wg_slice(x, 0, .step = step), 1, .step = step);
}

/* Its memory, exactly as long as it must be: reading on is an error that a sanitizer sees. */
static wg_array operand(const numbers *s, int which, lie how, int64_t rows, int64_t columns)
{
    wg_array a;
    ck_assert_int_eq(wg_array_new(&a, s->dtype, lying(how, rows, columns)), WG_OK);
    int64_t all = wg_shape_count(a.shape), stored = how == REPEATED ? 1 : rows;
    for (int64_t i = 0; how == STEPS && i < all; i++) put(a.data, s->dtype, i, 1e6); /* between the steps */
    for (int64_t i = 0; i < stored; i++)
        for (int64_t j = 0; j < columns; j++) {
            int64_t at = how == TURNED      ? j * rows + i
                         : how == STEPS     ? 4 * i * columns + 2 * j
                         : how == BACKWARDS ? (rows - 1 - i) * columns + columns - 1 - j
                                            : i * columns + j;
            put(a.data, s->dtype, at, number(s, which, i, j));
        }
    return a;
}

/* The product as the plan computes it, into c; one tape and plan for it. */
static void product(const numbers *s, const char *isa, int threads, int64_t m, int64_t n, int64_t k, lie la, lie lb, void *c)
{
    wg_tape *t = wg_tape_new();
    wg_tensor a = wg_input(t, "a", s->dtype, lying(la, m, k)), b = wg_input(t, "b", s->dtype, lying(lb, k, n));
    wg_tensor y = wg_matmul(view(a, la, m, k), view(b, lb, k, n));
    wg_plan *p = wg_plan_create(&(wg_plan_options){.outputs = wg_tensors_of(&y, 1), .isa = isa, .threads = threads});
    ck_assert_msg(p != NULL, "%s", wg_error(t));
    wg_array av = operand(s, 0, la, m, k), bv = operand(s, 1, lb, k, n), out;
    ck_assert_int_eq(wg_feed(p, a, av), WG_OK);
    ck_assert_int_eq(wg_feed(p, b, bv), WG_OK);
    ck_assert_msg(wg_run(p) == WG_OK, "%s", wg_plan_error(p));
    ck_assert_int_eq(wg_read(p, y, &out), WG_OK);
    memcpy(c, out.data, (size_t)(m * n) * wg_dtype_size(s->dtype));
    wg_array_free(&av);
    wg_array_free(&bv);
    wg_tape_free(t);
}

static void *room(int64_t n)
{
    void *x = malloc((size_t)n * sizeof(double));
    ck_assert_ptr_nonnull(x);
    return x;
}

/* Three plain loops. Whole numbers come exactly in double. */
static void reference(const numbers *s, int64_t m, int64_t n, int64_t k, lie la, lie lb, void *c)
{
    double *b = room(k * n), *row = room(n);
    for (int64_t p = 0; p < k; p++)
        for (int64_t j = 0; j < n; j++) b[p * n + j] = number(s, 1, lb == REPEATED ? 0 : p, j);
    for (int64_t i = 0; i < m; i++) {
        for (int64_t j = 0; j < n; j++) row[j] = 0;
        for (int64_t p = 0; p < k; p++) {
            double x = number(s, 0, la == REPEATED ? 0 : i, p);
            for (int64_t j = 0; j < n; j++) row[j] += x * b[p * n + j];
        }
        for (int64_t j = 0; j < n; j++) put(c, s->dtype, i * n + j, row[j]);
    }
    free(b);
    free(row);
}

/* Whole numbers: the loops' result, for all instruction sets and numbers of threads. */
static void hold(wg_dtype d, int64_t m, int64_t n, int64_t k, lie la, lie lb)
{
    numbers s = {d, .whole = true};
    void *want = room(m * n), *got = room(m * n);
    reference(&s, m, n, k, la, lb, want);
    for (wg_isa isa = WG_ISA_BASE; isa < WG_ISAS; isa++)
        for (int threads = 1; wg__isa_here(isa) && threads <= 3; threads += 2) {
            product(&s, wg__isa_name(isa), threads, m, n, k, la, lb, got);
            ck_assert_msg(memcmp(want, got, (size_t)(m * n) * wg_dtype_size(d)) == 0, "%s %dx%dx%d, a lies %d, b %d, %s, %d threads",
                          wg_dtype_name(d), (int)m, (int)n, (int)k, la, lb, wg__isa_name(isa), threads);
        }
    free(want);
    free(got);
}

START_TEST(test_every_edge)
{
    static const int64_t terms[] = {1, 3, 18};
    int64_t m = _i % 50 + 1;
    for (int64_t n = 1; n <= 50; n++) hold(dtypes[n % 3], m, n, terms[(m + n / 3) % 3], PLAIN, PLAIN);
}
END_TEST

/* Rows around the tiles' 4, 6 and 12, columns around those of one and two vectors, all ways to lie. */
START_TEST(test_every_lie)
{
    static const int64_t rows[] = {1, 4, 5, 11, 12, 27}, columns[] = {1, 3, 8, 15, 33, 70};
    wg_dtype d = dtypes[_i / LIES % 3];
    for (int la = 0; la < LIES; la++)
        for (int m = 0; m < 6; m++)
            for (int n = 0; n < 6; n++) hold(d, rows[m], columns[n], 5 + 2 * (m + n), (lie)la, (lie)(_i % LIES));
}
END_TEST

enum { DEEP = 15 };

/* Blocks of terms end within and after these; blocks of rows and columns are shared out, a or b or neither is packed before. */
START_TEST(test_deep_and_large)
{
    static const int64_t sizes[][3] = {{13, 33, 255},  {13, 33, 256},  {13, 33, 257},   {5, 20, 384},     {5, 20, 385},
                                       {5, 20, 769},   {3, 2, 20011},  {32, 32, 31250}, {150, 300, 100},  {300, 150, 400},
                                       {1, 300, 2100}, {300, 1, 2100}, {1, 1, 5000},    {300, 301, 1024}, {1100, 300, 72}};
    const int64_t *x = sizes[_i % DEEP];
    lie la = _i / DEEP == 2 ? TURNED : PLAIN, lb = _i / DEEP == 1 ? TURNED : PLAIN;
    hold(WG_F32, x[0], x[1], x[2], la, lb);
    hold(WG_F64, x[0], x[1], x[2], la, lb);
}
END_TEST

/* A product is the corner of a larger one, to the bit, and that one is near what doubles give. */
START_TEST(test_bits_depend_on_terms_only)
{
    enum { M = 40, N = 130 };
    static const int64_t terms[] = {7, 1000, 2100}; /* of the last, small products share out the terms, the whole does not */
    numbers s = {_i % 2 ? WG_F64 : WG_F32, .whole = false};
    int64_t k = terms[_i / 2 % 3];
    size_t width = wg_dtype_size(s.dtype);
    wg_isa isa = (wg_isa)(_i / 6);
    char *whole = room(M * N), *part = room(M * N), *want = room(M * N);
    if (wg__isa_here(isa)) {
        product(&s, wg__isa_name(isa), 1, M, N, k, PLAIN, PLAIN, whole);
        reference(&s, M, N, k, PLAIN, PLAIN, want);
        for (int i = 0; i < M * N; i++) {
            double got = s.dtype == WG_F32 ? (double)((float *)whole)[i] : ((double *)whole)[i];
            double exact = s.dtype == WG_F32 ? (double)((float *)want)[i] : ((double *)want)[i];
            ck_assert_double_le(fabs(got - exact), (double)k * (s.dtype == WG_F32 ? 0x1p-24 : 0x1p-52) * 2);
        }
        for (int64_t m = 2; m <= M; m += 3)
            for (int64_t n = 2; n <= N; n += 7) {
                lie la = (lie)(m % REPEATED), lb = (lie)(n % REPEATED);
                product(&s, wg__isa_name(isa), 1 + (int)(n % 3), m, n, k, la, lb, part);
                for (int64_t i = 0; i < m; i++)
                    ck_assert_msg(memcmp(part + (size_t)(i * n) * width, whole + (size_t)(i * N) * width, (size_t)n * width) == 0,
                                  "%s %dx%dx%d, %s", wg_dtype_name(s.dtype), (int)m, (int)n, (int)k, wg__isa_name(isa));
            }
    }
    free(whole);
    free(part);
    free(want);
}
END_TEST

/* Large enough to be shared out and packed, by one thread and by three; a small one, of the same terms, is its corner. */
START_TEST(test_bits_of_a_large_product)
{
    enum { M = 300, N = 301, FEW_ROWS = 7, FEW_COLUMNS = 40, K = 1024 };
    numbers s = {_i % 2 ? WG_F64 : WG_F32, .whole = false};
    wg_isa isa = (wg_isa)(_i / 2 % WG_ISAS);
    lie la = _i / (2 * WG_ISAS) ? TURNED : PLAIN;
    size_t width = wg_dtype_size(s.dtype);
    char *alone = room(M * N), *shared = room(M * N), *corner = room(FEW_ROWS * FEW_COLUMNS);
    if (wg__isa_here(isa)) {
        product(&s, wg__isa_name(isa), 1, M, N, K, la, PLAIN, alone);
        product(&s, wg__isa_name(isa), 3, M, N, K, la, PLAIN, shared);
        ck_assert_msg(memcmp(alone, shared, M * N * width) == 0, "%s, threads", wg__isa_name(isa));
        product(&s, wg__isa_name(isa), 1, FEW_ROWS, FEW_COLUMNS, K, PLAIN, TURNED, corner);
        for (size_t i = 0; i < FEW_ROWS; i++)
            ck_assert_msg(memcmp(corner + i * FEW_COLUMNS * width, alone + i * N * width, FEW_COLUMNS * width) == 0, "%s, row %zu",
                          wg__isa_name(isa), i);
    }
    free(alone);
    free(shared);
    free(corner);
}
END_TEST

int main(void)
{
    Suite *s = suite_create("gemm");
    TCase *c = tcase_create("gemm");
    tcase_set_timeout(c, 120);
    tcase_add_loop_test(c, test_every_edge, 0, 50);
    tcase_add_loop_test(c, test_every_lie, 0, 3 * LIES);
    tcase_add_loop_test(c, test_deep_and_large, 0, 3 * DEEP);
    tcase_add_loop_test(c, test_bits_depend_on_terms_only, 0, 6 * WG_ISAS);
    tcase_add_loop_test(c, test_bits_of_a_large_product, 0, 4 * WG_ISAS);
    suite_add_tcase(s, c);
    SRunner *r = srunner_create(s);
    srunner_run_all(r, CK_NORMAL);
    int failed = srunner_ntests_failed(r);
    srunner_free(r);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}

/* test_base.c -- the base room: random numbers, shapes, arrays, memory. */
#define _GNU_SOURCE
#include "base/alloc.h"
#include "base/philox.h"
#include "with_numpy.h"

#include <wengert/io.h>

#include <check.h>
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* ---- random numbers ------------------------------------------------------------------------------------------ */

enum { DRAWS = 10000 };
static const uint32_t seeds[] = {0, 1, 42, 123456789, UINT32_MAX};
static const int64_t bounds[] = {1, 2, 10, 1000, INT64_C(1) << 31, INT64_C(1) << 32, (INT64_C(1) << 32) + 1, INT64_MAX};
enum { SEEDS = sizeof seeds / sizeof *seeds, BOUNDS = sizeof bounds / sizeof *bounds };

START_TEST(random_first_values)
{
    static const double uniform[] = {0x1.18fe1565f12a8p-1, 0x1.6e2d4cf608733p-1, 0x1.349d66b6e894bp-1};
    static const double normal[] = {0x1.c398ef3e5cfa5p+0, 0x1.99c2cfacc8953p-2, 0x1.f51d25222c9abp-1, 0x1.1ed5969e3314ep+1,
                                    0x1.de1847cb13ddap+0};
    static const int64_t small[] = {102, 435, 860, 270, 106, 71}, permuted[] = {8, 5, 0, 2, 1, 9, 7, 3, 6, 4};
    static const int64_t large[] = {810017303572, 440001501305, 902372521174};
    int64_t order[10];
    wg_rng *a = wg_rng_new(0), *b = wg_rng_new(0), *c = wg_rng_new(42), *d = wg_rng_new(7);
    ck_assert(a && b && c && d);
    for (int i = 0; i < 3; i++) ck_assert(wg_rng_uniform(a) == uniform[i]);
    for (int i = 0; i < 5; i++) ck_assert(wg_rng_normal(b) == normal[i]);
    for (int i = 0; i < 6; i++) ck_assert_int_eq(wg_rng_integer(c, 1000), small[i]);
    for (int i = 0; i < 3; i++) ck_assert_int_eq(wg_rng_integer(c, INT64_C(1) << 40), large[i]);
    ck_assert_int_eq(wg_rng_permutation(d, 10, order), WG_OK);
    ck_assert_mem_eq(order, permuted, sizeof order);
    wg_rng_free(a);
    wg_rng_free(b);
    wg_rng_free(c);
    wg_rng_free(d);
}
END_TEST

START_TEST(random_raw_and_refused)
{
    uint32_t word = 0;
    int64_t one[1] = {5};
    wg_rng *r = wg_rng_new(5489), *same = wg_rng_new(5489);
    for (int i = 0; i < 10000; i++) word = wg_rng_u32(r);
    ck_assert_uint_eq(word, 4123659995); /* the value the C++ standard asks of mt19937 */
    ck_assert_int_eq(wg_rng_integer(same, 1), 0);
    ck_assert_int_eq(wg_rng_integer(same, 0), 0);
    ck_assert_int_eq(wg_rng_integer(same, -5), 0);
    ck_assert_int_eq(wg_rng_permutation(same, 0, NULL), WG_OK);
    ck_assert_int_eq(wg_rng_permutation(same, 1, one), WG_OK);
    ck_assert_int_eq(one[0], 0);
    ck_assert_int_eq(wg_rng_permutation(same, -1, one), WG_EARG);
    ck_assert_int_eq(wg_rng_permutation(same, 2, NULL), WG_EARG);
    ck_assert_int_eq(wg_rng_permutation(NULL, 1, one), WG_EARG);
    for (int i = 0; i < 10000; i++) word = wg_rng_u32(same);
    ck_assert_uint_eq(word, 4123659995); /* none of the above drew anything */
    ck_assert(wg_rng_uniform(NULL) == 0 && wg_rng_normal(NULL) == 0 && wg_rng_integer(NULL, 9) == 0);
    wg_rng_free(r);
    wg_rng_free(same);
    wg_rng_free(NULL);
}
END_TEST

static const char draws_script[] = "import numpy as np, sys\n"
                                   "seeds, bounds = open(sys.argv[1]).read().split('\\n')[:2]\n"
                                   "with open(sys.argv[2], 'wb') as out:\n"
                                   "    for seed in seeds.split():\n"
                                   "        r = np.random.RandomState(int(seed))\n"
                                   "        out.write(r.random_sample(10000).tobytes())\n"
                                   "        out.write(r.randn(10001).tobytes())\n"
                                   "        for n in bounds.split():\n"
                                   "            out.write(r.randint(0, int(n), 10000).astype('i8').tobytes())\n"
                                   "        for n in 10000, 2, 1000:\n"
                                   "            out.write(r.permutation(n).astype('i8').tobytes())\n"
                                   "        out.write(r.randn(10000).tobytes())\n";

static void same_bytes(FILE *from, const void *mine, size_t bytes, uint32_t seed, const char *what)
{
    void *theirs = malloc(bytes);
    ck_assert_ptr_nonnull(theirs);
    ck_assert_uint_eq(fread(theirs, 1, bytes, from), bytes);
    ck_assert_msg(memcmp(theirs, mine, bytes) == 0, "seed %" PRIu32 ": %s are not NumPy's", seed, what);
    free(theirs);
}

static void compare_draws(FILE *from, uint32_t seed)
{
    static double x[DRAWS + 1];
    static int64_t k[DRAWS];
    static const int64_t sizes[] = {10000, 2, 1000};
    wg_rng *r = wg_rng_new(seed);
    ck_assert_ptr_nonnull(r);
    for (int i = 0; i < DRAWS; i++) x[i] = wg_rng_uniform(r);
    same_bytes(from, x, DRAWS * sizeof *x, seed, "uniform numbers");
    for (int i = 0; i < DRAWS + 1; i++) x[i] = wg_rng_normal(r); /* odd: a half stays cached over what follows */
    same_bytes(from, x, (DRAWS + 1) * sizeof *x, seed, "normal numbers");
    for (size_t b = 0; b < BOUNDS; b++) {
        for (int i = 0; i < DRAWS; i++) k[i] = wg_rng_integer(r, bounds[b]);
        same_bytes(from, k, sizeof k, seed, "integers");
    }
    for (size_t s = 0; s < 3; s++) {
        ck_assert_int_eq(wg_rng_permutation(r, sizes[s], k), WG_OK);
        same_bytes(from, k, (size_t)sizes[s] * sizeof *k, seed, "permutations");
    }
    for (int i = 0; i < DRAWS; i++) x[i] = wg_rng_normal(r);
    same_bytes(from, x, DRAWS * sizeof *x, seed, "normal numbers after a cached half");
    wg_rng_free(r);
}

START_TEST(random_is_numpys)
{
    if (!have_numpy()) return;
    place p = make_place();
    FILE *in = open_or_fail(p.in, "w");
    for (size_t s = 0; s < SEEDS; s++) fprintf(in, "%" PRIu32 " ", seeds[s]);
    fputc('\n', in);
    for (size_t b = 0; b < BOUNDS; b++) fprintf(in, "%" PRId64 " ", bounds[b]);
    fputc('\n', in);
    ck_assert_int_eq(fclose(in), 0);
    run_python(&p, draws_script);
    FILE *out = open_or_fail(p.out, "rb");
    for (size_t s = 0; s < SEEDS; s++) compare_draws(out, seeds[s]);
    ck_assert_int_eq(fgetc(out), EOF);
    fclose(out);
    remove_place(&p);
}
END_TEST

/* The known answers that come with the authors' Random123. */
START_TEST(philox_known_answers)
{
    static const uint32_t known[3][10] = {
        {0, 0, 0, 0, 0, 0, 0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8},
        {0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff, 0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd},
        {0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344, 0xa4093822, 0x299f31d0, 0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1}};
    for (int i = 0; i < 3; i++) {
        uint32_t out[4];
        wg__philox(known[i], known[i] + 4, out);
        ck_assert_mem_eq(out, known[i] + 6, sizeof out);
    }
}
END_TEST

/* ---- shapes and arrays --------------------------------------------------------------------------------------- */

START_TEST(dtypes)
{
    static const char *const name[WG_DTYPES] = {NULL, "f32", "f64", "i64", "i32", "u8", "bool", "bf16", "f16"};
    static const size_t size[WG_DTYPES] = {0, 4, 8, 8, 4, 1, 1, 2, 2};
    for (int d = 1; d < WG_DTYPES; d++) {
        ck_assert_str_eq(wg_dtype_name((wg_dtype)d), name[d]);
        ck_assert_uint_eq(wg_dtype_size((wg_dtype)d), size[d]);
        ck_assert_int_eq((int)wg_dtype_of(name[d]), d);
        ck_assert_int_eq(wg_dtype_real((wg_dtype)d), d == WG_F32 || d == WG_F64);
        ck_assert_int_eq(wg_dtype_half((wg_dtype)d), d == WG_BF16 || d == WG_F16);
    }
    for (int d = WG_DTYPES; d >= 0; d -= WG_DTYPES) {
        ck_assert_str_eq(wg_dtype_name((wg_dtype)d), "?");
        ck_assert_uint_eq(wg_dtype_size((wg_dtype)d), 0);
        ck_assert(!wg_dtype_real((wg_dtype)d) && !wg_dtype_half((wg_dtype)d));
    }
    ck_assert(!wg_dtype_of("f16x") && !wg_dtype_of("") && !wg_dtype_of(NULL));
}
END_TEST

START_TEST(shapes)
{
    int64_t nine[9] = {1, 1, 1, 1, 1, 1, 1, 1, 1};
    int64_t big = INT64_C(1) << 40;
    ck_assert_int_eq(wg_shape_of(nine, 9).rank, -1);
    ck_assert_int_eq(wg_shape_of(nine, SIZE_MAX).rank, -1);
    ck_assert_int_eq(wg_shape_of(NULL, 1).rank, -1);
    ck_assert_int_eq(wg_shape_of(nine, 8).rank, 8);
    ck_assert_int_eq(wg_shape_of(NULL, 0).rank, 0);
    ck_assert_int_eq(WG_SHAPE(big, big).rank, -1);
    ck_assert_int_eq(WG_SHAPE(big, WG_ANY, big).rank, -1);
    ck_assert_int_eq(WG_SHAPE(big, big, 0).rank, -1); /* its strides would not fit */
    ck_assert_int_eq(WG_SHAPE(WG_ANY, WG_DIM('B'), 3).rank, 3);
    ck_assert_int_eq(wg_shape_count(WG_SHAPE(2, 3, 4)), 24);
    ck_assert_int_eq(wg_shape_count(wg_shape_of(NULL, 0)), 1);
    ck_assert_int_eq(wg_shape_count(WG_SHAPE(2, 0, 4)), 0);
    ck_assert_int_eq(wg_shape_count(WG_SHAPE(2, WG_ANY)), -1);
    ck_assert_int_eq(wg_shape_count(WG_SHAPE(0, WG_DIM('T'))), -1);
    ck_assert_int_eq(wg_shape_count((wg_shape){.rank = 9}), -1);
    ck_assert_int_eq(wg_shape_count((wg_shape){.rank = -1}), -1);
    ck_assert_int_eq(wg_shape_count((wg_shape){.dim = {big, big}, .rank = 2}), -1);
    ck_assert(wg_shape_equal(WG_SHAPE(2, 3), WG_SHAPE(2, 3)) && wg_shape_equal(wg_shape_of(NULL, 0), wg_shape_of(NULL, 0)));
    ck_assert(!wg_shape_equal(WG_SHAPE(2, 3), WG_SHAPE(2, 4)) && !wg_shape_equal(WG_SHAPE(2), WG_SHAPE(2, 1)));
    ck_assert(!wg_shape_equal((wg_shape){.rank = -1}, (wg_shape){.rank = -1}));
    ck_assert_int_eq(wg_ints_of(nine, 3).n, 3);
    ck_assert_int_eq(wg_ints_of(nine, 0).n, -1);
    ck_assert_int_gt(wg_ints_of(nine, 9).n, WG_MAX_RANK);
    ck_assert_int_eq(wg_ints_of((int64_t[]){4, -7}, 2).v[1], -7);
}
END_TEST

START_TEST(arrays)
{
    int64_t big = INT64_C(1) << 40;
    wg_array a = {.dtype = WG_F64};
    ck_assert_int_eq(wg_array_new(&a, WG_I32, WG_SHAPE(2, 3)), WG_OK);
    for (int64_t i = 0; i < 6; i++) ck_assert(wg_array_at(&a, i) == 0);
    wg_array_free(&a);
    ck_assert(!a.data && !a.owner && !(int)a.dtype && a.shape.rank == 0);
    wg_array_free(&a);
    wg_array_free(NULL);
    ck_assert_int_eq(wg_array_new(&a, WG_F32, WG_SHAPE(0, 3)), WG_OK);
    ck_assert(isnan(wg_array_at(&a, 0)));
    wg_array_free(&a);
    ck_assert_int_eq(wg_array_new(&a, (wg_dtype)0, WG_SHAPE(2)), WG_EARG);
    ck_assert_int_eq(wg_array_new(&a, (wg_dtype)99, WG_SHAPE(2)), WG_EARG);
    ck_assert_int_eq(wg_array_new(NULL, WG_F32, WG_SHAPE(2)), WG_EARG);
    ck_assert_int_eq(wg_array_new(&a, WG_F32, WG_SHAPE(2, WG_ANY)), WG_EARG);
    ck_assert_int_eq(wg_array_new(&a, WG_F32, (wg_shape){.rank = -1}), WG_EARG);
    ck_assert_int_eq(wg_array_new(&a, WG_F32, (wg_shape){.rank = 9}), WG_EARG);
    ck_assert_int_eq(wg_array_new(&a, WG_F32, (wg_shape){.dim = {big, big}, .rank = 2}), WG_ENOMEM);
    ck_assert_int_eq(wg_array_new(&a, WG_F64, WG_SHAPE(INT64_C(1) << 58)), WG_ENOMEM);
    ck_assert(!a.data && !a.owner);
}
END_TEST

START_TEST(array_elements)
{
    static const struct {
        char before; /* so that what follows is wrapped at an odd address */
        unsigned char bytes[24];
    } raw = {0, {0, 0, 0, 0x80, 0xff, 0xff, 0xff, 0xff, 1, 0, 0, 0, 0, 0, 0, 0, 2, 0, 0, 0, 0, 0, 0xf8, 0x3f}};
    const unsigned char *p = raw.bytes;
    wg_array i64 = wg_array_wrap(p, WG_I64, WG_SHAPE(2)), i32 = wg_array_wrap(p, WG_I32, WG_SHAPE(6));
    wg_array u8 = wg_array_wrap(p, WG_U8, WG_SHAPE(24)), truth = wg_array_wrap(p, WG_BOOL, WG_SHAPE(24));
    wg_array f64 = wg_array_wrap(p + 16, WG_F64, WG_SHAPE(1)), f32 = wg_array_wrap((const float[]){0.1f}, WG_F32, WG_SHAPE(1));
    ck_assert(wg_array_at(&i64, 0) == -2147483648.0 && wg_array_at(&i64, 1) == 1);
    ck_assert(wg_array_at(&i32, 0) == -2147483648.0 && wg_array_at(&i32, 1) == -1 && wg_array_at(&i32, 2) == 1);
    ck_assert(wg_array_at(&u8, 4) == 255 && wg_array_at(&truth, 4) == 1 && wg_array_at(&truth, 0) == 0);
    ck_assert(wg_array_at(&f64, 0) == 0x1.8000000000002p+0 && wg_array_at(&f32, 0) == (double)0.1f);
    ck_assert(isnan(wg_array_at(&f64, 1)) && isnan(wg_array_at(&f64, -1)) && isnan(wg_array_at(NULL, 0)));
    ck_assert(isnan(wg_array_at(&(wg_array){0}, 0)));
    wg_array_free(&u8); /* borrowed: only emptied */
    ck_assert_ptr_null(u8.data);
}
END_TEST

/* As cast converts: see its samples. */
START_TEST(array_element_set)
{
    static const struct {
        wg_dtype dtype;
        double v, got;
    } known[] = {{WG_F32, 0.1, 0x1.99999ap-4},
                 {WG_F64, 0.1, 0.1},
                 {WG_I64, 1e300, 0x1p63},
                 {WG_I64, -1e300, -0x1p63},
                 {WG_I64, -2.9, -2},
                 {WG_I32, 1e10, 2147483647},
                 {WG_I32, -1e10, -2147483648},
                 {WG_I32, (double)NAN, 0},
                 {WG_U8, -3, 0},
                 {WG_U8, 255.5, 255},
                 {WG_BOOL, 0.5, 1},
                 {WG_BOOL, -0.0, 0},
                 {WG_BF16, 0.1, 0.10009765625},
                 {WG_F16, 0.1, 0.0999755859375},
                 {WG_F16, 65520, HUGE_VAL},
                 {WG_BF16, -1e39, -HUGE_VAL}};
    for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
        char room[32] = {0};
        wg_array a = wg_array_wrap(room + 1, known[i].dtype, WG_SHAPE(2));
        size_t width = wg_dtype_size(a.dtype);
        wg_array_put(&a, 1, known[i].v);
        ck_assert_msg(wg_array_at(&a, 1) == known[i].got, "%zu: %.17g", i, wg_array_at(&a, 1));
        wg_array_put(&a, 2, 7);
        wg_array_put(&a, -1, 7);
        for (size_t k = 0; k < sizeof room; k++) ck_assert((k > width && k <= 2 * width) || room[k] == 0);
    }
    wg_array_put(NULL, 0, 1);
    wg_array_put(&(wg_array){0}, 0, 1);
}
END_TEST

START_TEST(array_rows)
{
    static const int32_t v[12] = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11};
    wg_array a = wg_array_wrap(v, WG_I32, WG_SHAPE(4, 3)), scalar = wg_array_wrap(v, WG_I32, wg_shape_of(NULL, 0));
    static const struct {
        int64_t lo, hi, first, count;
    } known[] = {{1, 3, 1, 2},  {0, 4, 0, 4}, {-5, 2, 0, 2}, {3, 99, 3, 1},
                 {2, 2, 2, 0},  {3, 1, 3, 0}, {9, 12, 4, 0}, {INT64_MIN, INT64_MAX, 0, 4},
                 {-9, -3, 0, 0}};
    for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
        wg_array r = wg_rows(&a, known[i].lo, known[i].hi);
        ck_assert_int_eq(r.shape.rank, 2);
        ck_assert_int_eq(r.shape.dim[0], known[i].count);
        ck_assert_int_eq(r.shape.dim[1], 3);
        ck_assert_ptr_eq(r.data, (const void *)(v + 3 * known[i].first));
        ck_assert_ptr_null(r.owner);
    }
    wg_array none = wg_array_wrap(NULL, WG_F64, WG_SHAPE(5, 0));
    ck_assert_ptr_null(wg_rows(&none, 2, 4).data);
    ck_assert_int_eq(wg_rows(&none, 2, 4).shape.dim[0], 2);
    ck_assert_ptr_null(wg_rows(&scalar, 0, 1).data);
    ck_assert_ptr_null(wg_rows(NULL, 0, 1).data);
}
END_TEST

START_TEST(array_literals)
{
    wg_array w = WG_ARRAY(double, WG_SHAPE(2, 2), 1, 2, 3, 4.5);
    ck_assert(w.dtype == WG_F64 && !w.owner && wg_shape_equal(w.shape, WG_SHAPE(2, 2)));
    for (int64_t i = 0; i < 4; i++) ck_assert(wg_array_at(&w, i) == (i < 3 ? (double)i + 1 : 4.5));
    ck_assert(WG_ARRAY(float, WG_SHAPE(1), 1).dtype == WG_F32 && wg_array_at(&WG_ARRAY(float, WG_SHAPE(1), 0.5f), 0) == 0.5);
    ck_assert(WG_ARRAY(int64_t, WG_SHAPE(1), 1).dtype == WG_I64 && wg_array_at(&WG_ARRAY(int64_t, WG_SHAPE(1), -1), 0) == -1);
    ck_assert(WG_ARRAY(int32_t, WG_SHAPE(1), 1).dtype == WG_I32 && wg_array_at(&WG_ARRAY(int32_t, WG_SHAPE(1), -1), 0) == -1);
    ck_assert(WG_ARRAY(uint8_t, WG_SHAPE(1), 1).dtype == WG_U8 && wg_array_at(&WG_ARRAY(uint8_t, WG_SHAPE(1), 255), 0) == 255);
    ck_assert(WG_ARRAY(bool, WG_SHAPE(1), 1).dtype == WG_BOOL && wg_array_at(&WG_ARRAY(bool, WG_SHAPE(1), 7), 0) == 1);
    ck_assert(wg_array_at(&WG_ARRAY(double, WG_SHAPE(), 3.5), 0) == 3.5);
    ck_assert_int_eq(wg_array_print(stdout, &WG_ARRAY(double, WG_SHAPE(0, 3))), WG_OK);
}
END_TEST

/* Everything that takes an array says no to a literal whose values do not fill its shape. */
START_TEST(array_literals_that_do_not_fit)
{
    static const char reason[] = "the array has no data (a literal whose values do not fill its shape has none)";
    const wg_array bad[] = {WG_ARRAY(float, WG_SHAPE(3), 1, 2),  WG_ARRAY(float, WG_SHAPE(2), 1, 2, 3), WG_ARRAY(float, WG_SHAPE(2)),
                            WG_ARRAY(float, WG_SHAPE()),         WG_ARRAY(float, WG_SHAPE(), 1, 2),     WG_ARRAY(float, WG_SHAPE(0, 3), 1),
                            WG_ARRAY(float, WG_SHAPE(WG_ANY), 1)};
    wg_tape *tape = wg_tape_new();
    wg_params *store = wg_tape_params(tape);
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        char why[200], at[256];
        wg_archive z = {0};
        wg_array lent = bad[i];
        const char *says = i < 5 ? reason : "the array has no proper shape";
        ck_assert_ptr_null(bad[i].data);
        ck_assert_int_eq(wg_array_print(stdout, &bad[i]), WG_EARG);
        ck_assert(!wg_ok(wg_const(tape, &bad[i])));
        snprintf(at, sizeof at, "constant: %s", says);
        ck_assert_msg(strstr(wg_error(tape), at) != NULL, "%s", wg_error(tape));
        wg_error_clear(tape);
        ck_assert_int_eq(wg_params_set(store, "w", &bad[i], WG_TRAINABLE), WG_EARG);
        snprintf(at, sizeof at, "w: %s", says);
        ck_assert_str_eq(wg_params_error(store), at);
        ck_assert_uint_eq(wg_params_count(store), 0);
        ck_assert_int_eq(wg_npy_write("/nowhere/x.npy", &bad[i], why, sizeof why), WG_EARG);
        ck_assert_msg(strstr(why, says) != NULL, "%s", why);
        ck_assert_int_eq(wg_archive_add(&z, "x", &lent), WG_OK);
        ck_assert_int_eq(wg_npz_write("/nowhere/x.npz", &z, why, sizeof why), WG_EARG);
        ck_assert_msg(strstr(why, says) != NULL, "%s", why);
        ck_assert_int_eq(wg_safetensors_write("/nowhere/x.safetensors", &z, why, sizeof why), WG_EARG);
        ck_assert_msg(strstr(why, says) != NULL, "%s", why);
        wg_archive_free(&z);
    }
    wg_tape_free(tape);
}
END_TEST

/* ---- memory -------------------------------------------------------------------------------------------------- */

static bool all_bytes(const unsigned char *p, size_t n, size_t value)
{
    for (size_t i = 0; i < n; i++)
        if (p[i] != value) return false;
    return true;
}

START_TEST(allocation)
{
    static const size_t sizes[] = {0, 1, 100, 1 << 21, (1 << 21) + 1};
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        unsigned char *p = wg__alloc(sizes[i]), *q = wg__alloc_big(sizes[i]);
        ck_assert(p && q && (uintptr_t)q % 64 == 0);
        ck_assert(all_bytes(p, sizes[i], 0));
        if (sizes[i]) q[sizes[i] - 1] = 1;
        wg__free(p);
        wg__free(q);
    }
    wg__free(NULL);
    ck_assert_ptr_null(wg__alloc(SIZE_MAX));
    ck_assert_ptr_null(wg__alloc_big(SIZE_MAX));
    ck_assert_ptr_null(wg__alloc_big(PTRDIFF_MAX));
    ck_assert_uint_eq(wg__mul(6, 7), 42);
    ck_assert_uint_eq(wg__mul(SIZE_MAX, 0), 0);
    ck_assert_uint_eq(wg__mul(SIZE_MAX / 2, 3), SIZE_MAX);
    char *copy = wg__strdup("words");
    ck_assert_str_eq(copy, "words");
    wg__free(copy);
}
END_TEST

START_TEST(reserving)
{
    int32_t *items = NULL;
    size_t capacity = 0;
    ck_assert(WG_RESERVE(items, capacity, 0) && !items);
    const int32_t most = 1 << 20; /* far enough for whole huge pages */
    for (int32_t n = 0; n < most; n++) {
        if (!WG_RESERVE(items, capacity, (size_t)n + 1) || capacity <= (size_t)n) ck_abort_msg("no room for %d", n);
        items[capacity - 1] = -1; /* there is room */
        items[n] = n;
    }
    for (int32_t n = 0; n < most; n++)
        if (items[n] != n) ck_abort_msg("item %d is %d", n, items[n]);
    size_t before = capacity;
    ck_assert(!WG_RESERVE(items, capacity, SIZE_MAX));
    ck_assert(!WG_RESERVE(items, capacity, SIZE_MAX / 4));
    ck_assert(capacity == before && items[999] == 999);
    wg__free(items);
}
END_TEST

/* What is put back is given out again, to what is not much smaller; what nobody wants goes. */
START_TEST(stock)
{
    enum { SIZE = 16 << 20 };
    size_t left = 0;
    wg_stock k = {0};
    char *a = wg__take(&k, SIZE), *b = wg__take(&k, SIZE);
    ck_assert(a && b && a != b && (uintptr_t)a % 64 == 0);
    memset(a, 1, SIZE);
    memset(b, 2, SIZE);
    wg__put(&k, a);
    ck_assert_ptr_ne(wg__take(&k, SIZE / 4), a); /* too large for that */
    ck_assert_uint_eq(k.blocks, 3);
    char *again = wg__take_zeroed(&k, SIZE - 100);
    ck_assert_ptr_eq(again, a);
    for (size_t i = 0; i < SIZE - 100; i++) left += again[i] != 0;
    ck_assert_uint_eq(left, 0);
    ck_assert_uint_eq(k.blocks, 3);
    wg__put(&k, NULL);
    void *small = wg__take(&k, 100); /* is the system's */
    ck_assert_ptr_nonnull(small);
    ck_assert_uint_eq(k.blocks, 3);
    wg__put(&k, small);
    wg__put(&k, a);
    wg__stock_age(&k); /* it is there, and may be wanted yet */
    ck_assert_uint_eq(k.blocks, 3);
    ck_assert_ptr_eq(wg__take(&k, SIZE), a); /* which makes it young again */
    wg__put(&k, a);
    wg__stock_age(&k);
    ck_assert_uint_eq(k.blocks, 3);
    wg__stock_age(&k);
    ck_assert_uint_eq(k.blocks, 2);
    wg__put(&k, b);
    wg__stock_shrink(&k);
    ck_assert_uint_eq(k.blocks, 1);
    ck_assert_ptr_null(wg__take(&k, SIZE_MAX));
    wg__stock_free(&k); /* what was not put back too */
    ck_assert_uint_eq(k.blocks, 0);
    a = wg__take(NULL, SIZE); /* a stock that keeps nothing */
    ck_assert_ptr_nonnull(a);
    wg__put(NULL, a);
}
END_TEST

START_TEST(arena)
{
    wg_arena a = {0};
    unsigned char *kept[500];
    size_t bytes[500];
    for (size_t i = 0; i < 500; i++) {
        bytes[i] = i % 50 == 49 ? 100000 : i % 7 == 0 ? 0 : i * 3;
        kept[i] = wg__arena_get(&a, bytes[i]);
        ck_assert(kept[i] && (uintptr_t)kept[i] % 16 == 0);
        ck_assert(all_bytes(kept[i], bytes[i], 0));
        memset(kept[i], (int)(i % 255) + 1, bytes[i]);
    }
    for (size_t i = 0; i < 500; i++) /* none lies over another */
        ck_assert(all_bytes(kept[i], bytes[i], i % 255 + 1));
    char *text = wg__arena_text(&a, "a name, and more", 6);
    ck_assert_str_eq(text, "a name");
    ck_assert_str_eq(wg__arena_text(&a, NULL, 0), "");
    ck_assert_ptr_null(wg__arena_get(&a, SIZE_MAX));
    ck_assert_ptr_null(wg__arena_get(&a, PTRDIFF_MAX));
    ck_assert_ptr_null(wg__arena_text(&a, "", SIZE_MAX));
    ck_assert_str_eq(text, "a name");
    wg__arena_free(&a);
    ck_assert(!a.last && !a.used && !a.size);
    wg__arena_free(&a);
}
END_TEST

/* Asking for more than there is must give NULL in a build with the address sanitizer too. */
const char *__asan_default_options(void);
const char *__asan_default_options(void) { return "allocator_may_return_null=1"; }

int main(void)
{
    const struct {
        const char *name;
        const TTest *test;
    } tests[] = {{"random: first values", random_first_values},
                 {"random: raw, refused", random_raw_and_refused},
                 {"random: NumPy's", random_is_numpys},
                 {"philox: known answers", philox_known_answers},
                 {"dtypes", dtypes},
                 {"shapes", shapes},
                 {"arrays", arrays},
                 {"array: elements", array_elements},
                 {"array: an element set", array_element_set},
                 {"array: rows", array_rows},
                 {"array: literals", array_literals},
                 {"array: literals that do not fit", array_literals_that_do_not_fit},
                 {"allocation", allocation},
                 {"reserving", reserving},
                 {"stock", stock},
                 {"arena", arena}};
    Suite *suite = suite_create("base");
    for (size_t i = 0; i < sizeof tests / sizeof *tests; i++) {
        TCase *c = tcase_create(tests[i].name);
        tcase_set_timeout(c, 120);
        tcase_add_test(c, tests[i].test);
        suite_add_tcase(suite, c);
    }
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}

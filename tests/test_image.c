/* test_image.c -- images: written, read back, damaged at every byte, tiled, on a terminal. Where the library has no
   libpng, it must say so. */
#define _XOPEN_SOURCE 700
#include <check.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <wengert.h>

static char folder[] = "/tmp/wg_image_XXXXXX", path[64];

static void open_folder(void)
{
    ck_assert_ptr_nonnull(mkdtemp(folder));
    snprintf(path, sizeof path, "%s/image.png", folder);
}

static void close_folder(void)
{
    remove(path);
    ck_assert_int_eq(rmdir(folder), 0); /* and nothing is left beside */
}

#if WG_HAVE_PNG
static void same_bytes(const wg_array *a, const uint8_t *expected, wg_shape shape)
{
    ck_assert(a->dtype == WG_U8 && wg_shape_equal(a->shape, shape));
    ck_assert_mem_eq(a->data, expected, (size_t)wg_shape_count(shape));
}

START_TEST(round_trips)
{
    static uint8_t pixels[7 * 5 * 4];
    static const int64_t channels[] = {0, 1, 3, 4};
    char why[200];
    for (size_t i = 0; i < sizeof pixels; i++)
        pixels[i] = (uint8_t)(i % 4 == 3 ? 100 + i : i * 37); /* no alpha of 0, under which colours need not stay */
    for (int i = 0; i < 4; i++) {
        wg_shape s = channels[i] ? WG_SHAPE(7, 5, channels[i]) : WG_SHAPE(7, 5), back = channels[i] == 1 ? WG_SHAPE(7, 5) : s;
        wg_array a = wg_array_wrap(pixels, WG_U8, s), b;
        ck_assert_msg(wg_png_write(path, &a, why, sizeof why) == WG_OK, "%s", why);
        ck_assert_msg(wg_png_read(path, &b, why, sizeof why) == WG_OK, "%s", why);
        same_bytes(&b, pixels, back);
        wg_array_free(&b);
    }
}
END_TEST

START_TEST(reals)
{
    wg_array a = WG_ARRAY(float, WG_SHAPE(2, 3), 0, 1, 0.5f, -3, 7, NAN), b = WG_ARRAY(double, WG_SHAPE(1, 2), 0.1, 0.999), c;
    ck_assert(!wg_png_write(path, &a, NULL, 0) && !wg_png_read(path, &c, NULL, 0));
    same_bytes(&c, (uint8_t[]){0, 255, 128, 0, 255, 0}, WG_SHAPE(2, 3));
    wg_array_free(&c);
    ck_assert(!wg_png_write(path, &b, NULL, 0) && !wg_png_read(path, &c, NULL, 0));
    same_bytes(&c, (uint8_t[]){26, 255}, WG_SHAPE(1, 2));
    wg_array_free(&c);
}
END_TEST

static void store(const unsigned char *data, size_t size)
{
    FILE *f = fopen(path, "wb");
    ck_assert(f && fwrite(data, 1, size, f) == size && fclose(f) == 0);
}

static bool refused(void)
{
    wg_array a;
    char why[300];
    wg_status s = wg_png_read(path, &a, why, sizeof why);
    ck_assert(s == WG_OK ? *why == 0 && a.data : s == WG_EFORMAT && strstr(why, "image.png: ") && !a.data);
    wg_array_free(&a);
    return s != WG_OK;
}

START_TEST(damaged)
{
    static unsigned char good[4096];
    static uint8_t pixels[16 * 16 * 3];
    for (size_t i = 0; i < sizeof pixels; i++) pixels[i] = (uint8_t)(i * i);
    wg_array a = wg_array_wrap(pixels, WG_U8, WG_SHAPE(16, 16, 3));
    ck_assert_int_eq(wg_png_write(path, &a, NULL, 0), WG_OK);
    FILE *f = fopen(path, "rb");
    size_t size = fread(good, 1, sizeof good, f);
    fclose(f);
    for (size_t n = 0; n + 12 < size; n++) { /* the last chunk is only an end: libpng does without */
        store(good, n);
        ck_assert_msg(refused(), "cut to %zu of %zu bytes, and read", n, size);
    }
    for (size_t i = 0; i < size; i++) { /* read or refused, never a crash */
        good[i] ^= 0x55;
        store(good, size);
        refused();
        good[i] ^= 0x55;
    }
    good[16] = good[20] = 0x00, good[17] = good[21] = 0x0f; /* a million pixels each way, with a wrong sum of the header */
    store(good, size);
    ck_assert(refused());
}
END_TEST

START_TEST(refusals)
{
    char why[300];
    wg_array a, cube = WG_ARRAY(uint8_t, WG_SHAPE(1, 1, 2), 1, 2), row = WG_ARRAY(uint8_t, WG_SHAPE(2), 1, 2),
                whole = WG_ARRAY(int64_t, WG_SHAPE(1, 1), 1);
    ck_assert_int_eq(wg_png_write(path, &cube, why, sizeof why), WG_EARG);
    ck_assert_ptr_nonnull(strstr(why, "no image"));
    ck_assert_int_eq(wg_png_write(path, &row, why, sizeof why), WG_EARG);
    ck_assert_int_eq(wg_png_write(path, &whole, why, sizeof why), WG_EARG);
    ck_assert_int_eq(wg_png_write(path, NULL, why, sizeof why), WG_EARG);
    ck_assert_int_eq(wg_png_write(NULL, &cube, why, sizeof why), WG_EARG);
    ck_assert_int_eq(wg_png_write("/nowhere/at/all.png", &WG_ARRAY(uint8_t, WG_SHAPE(1, 1), 1), why, sizeof why), WG_EIO);
    ck_assert_int_eq(wg_png_read("/nowhere/at/all.png", &a, why, sizeof why), WG_EIO);
    ck_assert_ptr_nonnull(strstr(why, "/nowhere/at/all.png: "));
}
END_TEST
#else
START_TEST(without)
{
    char why[300];
    wg_array a;
    ck_assert_int_eq(wg_png_write(path, &WG_ARRAY(uint8_t, WG_SHAPE(1, 1), 1), why, sizeof why), WG_EMISSING);
    ck_assert_ptr_nonnull(strstr(why, "without libpng"));
    ck_assert_int_eq(wg_png_read(path, &a, why, sizeof why), WG_EMISSING);
}
END_TEST
#endif

START_TEST(grids)
{
    wg_array images = WG_ARRAY(uint8_t, WG_SHAPE(3, 2, 2), 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12), out,
             colours = WG_ARRAY(float, WG_SHAPE(2, 1, 1, 3), 1, 2, 3, 4, 5, 6);
    static const uint8_t expected[5 * 5] = {1, 2, 0, 5, 6, 3, 4, 0, 7, 8, 0, 0, 0, 0, 0, 9, 10, 0, 0, 0, 11, 12, 0, 0, 0};
    ck_assert_int_eq(wg_image_grid(&out, &images, 2, 1), WG_OK);
    ck_assert(wg_shape_equal(out.shape, WG_SHAPE(5, 5)));
    ck_assert_mem_eq(out.data, expected, sizeof expected);
    wg_array_free(&out);
    ck_assert_int_eq(wg_image_grid(&out, &colours, 1, 0), WG_OK);
    ck_assert(wg_shape_equal(out.shape, WG_SHAPE(2, 1, 3)) && wg_array_at(&out, 5) == 6);
    wg_array_free(&out);
    ck_assert_int_eq(wg_image_grid(&out, &images, 0, 1), WG_EARG);
    ck_assert_int_eq(wg_image_grid(&out, &images, 1, -1), WG_EARG);
    ck_assert_int_eq(wg_image_grid(&out, &images, INT64_MAX, INT64_MAX - 9), WG_ENOMEM);
    ck_assert_int_eq(wg_image_grid(&out, &WG_ARRAY(float, WG_SHAPE(2, 1), 1, 2), 1, 0), WG_EARG);
}
END_TEST

static void prints(const wg_array *a, bool colour, const char *expected)
{
    char *text;
    size_t size;
    FILE *f = open_memstream(&text, &size);
    ck_assert_int_eq(wg_image_text(f, a, colour), WG_OK);
    fclose(f);
    ck_assert_str_eq(text, expected);
    free(text);
}

START_TEST(terminals)
{
    wg_array a = WG_ARRAY(uint8_t, WG_SHAPE(3, 3), 0, 255, 100, 0, 255, 110, 60, 255, 0),
             b = WG_ARRAY(double, WG_SHAPE(1, 1, 3), 1, 0.5, 0);
    prints(&a, false, " \u2588\u2592\n\u2591\u2588 \n");
    prints(&b, true, "\033[38;2;255;128;0;48;2;0;0;0m\u2580\033[0m\n");
    ck_assert_int_eq(wg_image_text(stdout, &WG_ARRAY(int32_t, WG_SHAPE(1, 1), 1), false), WG_EARG);
    ck_assert_int_eq(wg_image_text(NULL, &a, false), WG_EARG);
}
END_TEST

int main(void)
{
    const struct {
        const char *name;
        const TTest *test;
    } tests[] = {
#if WG_HAVE_PNG
        {"round trips", round_trips},
        {"reals", reals},
        {"damaged", damaged},
        {"refusals", refusals},
#else
        {"without libpng", without},
#endif
        {"grids", grids},
        {"terminals", terminals}
    };
    Suite *suite = suite_create("image");
    for (size_t i = 0; i < sizeof tests / sizeof *tests; i++) {
        TCase *c = tcase_create(tests[i].name);
        tcase_set_timeout(c, 120);
        tcase_add_checked_fixture(c, open_folder, close_folder);
        tcase_add_test(c, tests[i].test);
        suite_add_tcase(suite, c);
    }
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}

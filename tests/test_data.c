/* test_data.c -- what models learn from: pictures in folders, text as characters, batches changed and made ahead, splits. */
#define _XOPEN_SOURCE 700
#include "nn_tests.h"

#include <math.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#ifndef WG_HAVE_JPEG
#define WG_HAVE_JPEG 0
#endif
#ifndef WG_HAVE_PNG
#define WG_HAVE_PNG 0
#endif

static char why[512];

static void spew(const char *name, const void *data, size_t size)
{
    remove(at(name)); /* ext4 waits for the disk when a file that has bytes is cut to none and written again */
    FILE *f = fopen(at(name), "wb");
    ck_assert_ptr_nonnull(f);
    ck_assert_uint_eq(fwrite(data, 1, size, f), size);
    ck_assert_int_eq(fclose(f), 0);
}

/* ---- pictures --------------------------------------------------------------------------------------------------------- */

/* libjpeg's own, of 16 x 8: 40 and 200; red and blue; without loss but for the colours' rounding. */
static const unsigned char grey_jpeg[] = {
    255, 216, 255, 224, 0,   16, 74, 70, 73, 70, 0, 1, 1, 0, 0, 1,   0,   1, 0, 0, 255, 219, 0, 67,  0,   1,  1,   1,   1,  1,   1,  1,  1,
    1,   1,   1,   1,   1,   1,  1,  1,  1,  1,  1, 1, 1, 1, 1, 1,   1,   1, 1, 1, 1,   1,   1, 1,   1,   1,  1,   1,   1,  1,   1,  1,  1,
    1,   1,   1,   1,   1,   1,  1,  1,  1,  1,  1, 1, 1, 1, 1, 1,   1,   1, 1, 1, 1,   1,   1, 255, 192, 0,  11,  8,   0,  8,   0,  16, 1,
    1,   17,  0,   255, 196, 0,  21, 0,  1,  1,  0, 0, 0, 0, 0, 0,   0,   0, 0, 0, 0,   0,   0, 0,   10,  11, 255, 196, 0,  20,  16, 1,  0,
    0,   0,   0,   0,   0,   0,  0,  0,  0,  0,  0, 0, 0, 0, 0, 255, 218, 0, 8, 1, 1,   0,   0, 63,  0,   39, 234, 128, 63, 255, 217};

static const unsigned char colour_jpeg[] = {
    255, 216, 255, 224, 0,  16,  74,  70, 73,  70,  0, 1,   1,   0,   0,   1,   0,  1,  0, 0,   255, 219, 0,  67, 0, 1,  1, 1,   1,   1,
    1,   1,   1,   1,   1,  1,   1,   1,  1,   1,   1, 1,   1,   1,   1,   1,   1,  1,  1, 1,   1,   1,   1,  1,  1, 1,  1, 1,   1,   1,
    1,   1,   1,   1,   1,  1,   1,   1,  1,   1,   1, 1,   1,   1,   1,   1,   1,  1,  1, 1,   1,   1,   1,  1,  1, 1,  1, 1,   1,   255,
    219, 0,   67,  1,   1,  1,   1,   1,  1,   1,   1, 1,   1,   1,   1,   1,   1,  1,  1, 1,   1,   1,   1,  1,  1, 1,  1, 1,   1,   1,
    1,   1,   1,   1,   1,  1,   1,   1,  1,   1,   1, 1,   1,   1,   1,   1,   1,  1,  1, 1,   1,   1,   1,  1,  1, 1,  1, 1,   1,   1,
    1,   1,   1,   1,   1,  1,   1,   1,  255, 192, 0, 17,  8,   0,   8,   0,   16, 3,  1, 17,  0,   2,   17, 1,  3, 17, 1, 255, 196, 0,
    20,  0,   1,   0,   0,  0,   0,   0,  0,   0,   0, 0,   0,   0,   0,   0,   0,  0,  9, 255, 196, 0,   20, 16, 1, 0,  0, 0,   0,   0,
    0,   0,   0,   0,   0,  0,   0,   0,  0,   0,   0, 255, 196, 0,   22,  1,   1,  1,  1, 0,   0,   0,   0,  0,  0, 0,  0, 0,   0,   0,
    0,   0,   11,  9,   10, 255, 196, 0,  20,  17,  1, 0,   0,   0,   0,   0,   0,  0,  0, 0,   0,   0,   0,  0,  0, 0,  0, 255, 218, 0,
    12,  3,   1,   0,   2,  17,  3,   17, 0,   63,  0, 23,  210, 157, 191, 129, 14, 85, 1, 175, 191, 255, 217};

#if WG_HAVE_JPEG
START_TEST(jpegs_are_read)
{
    wg_array a;
    spew("grey.jpg", grey_jpeg, sizeof grey_jpeg);
    spew("colour.jpg", colour_jpeg, sizeof colour_jpeg);
    ck_assert_msg(wg_jpeg_read(at("grey.jpg"), &a, why, sizeof why) == WG_OK, "%s", why);
    ck_assert(wg_shape_equal(a.shape, WG_SHAPE(8, 16)) && a.dtype == WG_U8);
    for (int i = 0; i < 128; i++) ck_assert_int_eq(((uint8_t *)a.data)[i], i % 16 < 8 ? 40 : 200);
    wg_array_free(&a);
    ck_assert_msg(wg_image_read(at("colour.jpg"), &a, why, sizeof why) == WG_OK, "%s", why);
    ck_assert(wg_shape_equal(a.shape, WG_SHAPE(8, 16, 3)));
    for (int i = 0; i < 128; i++) {
        const uint8_t *p = (uint8_t *)a.data + 3 * i;
        int red = i % 16 < 8 ? 255 : 0;
        ck_assert(abs(p[0] - red) < 2 && p[1] < 2 && abs(p[2] - (255 - red)) < 2);
    }
    wg_array_free(&a);
}
END_TEST

START_TEST(damaged_jpegs_are_refused)
{
    wg_array a;
    for (size_t n = 0; n < sizeof grey_jpeg; n++) { /* cut short anywhere */
        spew("cut.jpg", grey_jpeg, n);
        ck_assert_int_eq(wg_jpeg_read(at("cut.jpg"), &a, why, sizeof why), WG_EFORMAT);
        ck_assert_msg(has(why, "cut.jpg: ") && !a.data, "%zu bytes: %s", n, why);
    }
    for (size_t i = 0; i < sizeof colour_jpeg; i++) /* a changed byte: refused, or another picture, never worse */
        for (int bit = 0; bit < 8; bit++) {
            unsigned char bytes[sizeof colour_jpeg];
            memcpy(bytes, colour_jpeg, sizeof bytes);
            bytes[i] ^= (unsigned char)(1 << bit);
            spew("odd.jpg", bytes, sizeof bytes);
            wg_status s = wg_jpeg_read(at("odd.jpg"), &a, why, sizeof why);
            ck_assert(s == WG_OK ? *why == 0 && a.data : (s == WG_EFORMAT || s == WG_ENOMEM) && *why && !a.data);
            wg_array_free(&a);
        }
    ck_assert_int_eq(wg_image_read(at("nothing.jpg"), &a, why, sizeof why), WG_EIO);
    ck_assert_int_eq(wg_jpeg_read(NULL, &a, why, sizeof why), WG_EARG);
    spew("text.jpg", "hello", 5);
    ck_assert_int_eq(wg_image_read(at("text.jpg"), &a, why, sizeof why), WG_EFORMAT);
    ck_assert_msg(has(why, "text.jpg: neither PNG nor JPEG"), "%s", why);
}
END_TEST
#else
START_TEST(without_libjpeg_it_says_so)
{
    wg_array a;
    spew("grey.jpg", grey_jpeg, sizeof grey_jpeg);
    ck_assert_int_eq(wg_jpeg_read(at("grey.jpg"), &a, why, sizeof why), WG_EMISSING);
    ck_assert_msg(has(why, "built without libjpeg"), "%s", why);
    (void)colour_jpeg;
}
END_TEST
#endif

#if WG_HAVE_JPEG && WG_HAVE_PNG
static void make_classes(void)
{
    mkdir(at("cat"), 0777);
    mkdir(at("dog"), 0777);
    mkdir(at("empty"), 0777);
    spew("cat/b.jpg", grey_jpeg, sizeof grey_jpeg);
    spew("cat/a.JPEG", colour_jpeg, sizeof colour_jpeg);
    spew("cat/notes.txt", "no picture", 10);
    spew("readme", "no class", 8);
    wg_array image;
    ck_assert_int_eq(wg_array_new(&image, WG_U8, WG_SHAPE(8, 16, 4)), WG_OK);
    memset(image.data, 77, 8 * 16 * 4);
    ck_assert_int_eq(wg_png_write(at("dog/c.png"), &image, NULL, 0), WG_OK);
    wg_array_free(&image);
}

START_TEST(a_folder_of_pictures)
{
    wg_pictures p;
    make_classes();
    ck_assert_msg(wg_pictures_read(folder, 3, &p, why, sizeof why) == WG_OK, "%s", why);
    ck_assert(p.n == 3 && p.classes == 3 && wg_shape_equal(p.images.shape, WG_SHAPE(3, 8, 16, 3)));
    ck_assert(!strcmp(p.class_name[0], "cat") && !strcmp(p.class_name[1], "dog") && !strcmp(p.class_name[2], "empty"));
    ck_assert(has(p.path[0], "cat/a.JPEG") && has(p.path[1], "cat/b.jpg") && has(p.path[2], "dog/c.png"));
    const int64_t *label = p.labels.data;
    ck_assert(label[0] == 0 && label[1] == 0 && label[2] == 1);
    const uint8_t *grey = (uint8_t *)p.images.data + 8 * 16 * 3, *dog = grey + 8 * 16 * 3;
    ck_assert(grey[0] == 40 && grey[1] == 40 && grey[2] == 40 && dog[0] == 77);
    wg_pictures_free(&p);
    ck_assert_msg(wg_pictures_read(folder, 1, &p, why, sizeof why) == WG_OK, "%s", why);
    ck_assert(wg_shape_equal(p.images.shape, WG_SHAPE(3, 8, 16, 1)));
    ck_assert_int_le(abs(*(uint8_t *)p.images.data - 76), 1); /* red is 0.299 of white */
    wg_pictures_free(&p);
    wg_pictures_free(NULL);
}
END_TEST

START_TEST(odd_folders_are_refused)
{
    wg_pictures p;
    ck_assert_int_eq(wg_pictures_read(at("nowhere"), 3, &p, why, sizeof why), WG_EIO);
    ck_assert_int_eq(wg_pictures_read(NULL, 3, &p, why, sizeof why), WG_EARG);
    ck_assert_int_eq(wg_pictures_read(folder, 2, &p, why, sizeof why), WG_EARG);
    ck_assert_int_eq(wg_pictures_read(folder, 3, &p, why, sizeof why), WG_EMISSING);
    mkdir(at("cat"), 0777);
    ck_assert_int_eq(wg_pictures_read(folder, 3, &p, why, sizeof why), WG_EMISSING);
    ck_assert_msg(has(why, "no picture in its folders"), "%s", why);
    make_classes();
    wg_array small = WG_ARRAY(uint8_t, WG_SHAPE(1, 2), 1, 2);
    ck_assert_int_eq(wg_png_write(at("dog/d.png"), &small, NULL, 0), WG_OK);
    ck_assert_int_eq(wg_pictures_read(folder, 3, &p, why, sizeof why), WG_EFORMAT);
    ck_assert_msg(has(why, "dog/d.png: is 1 x 2, ") && has(why, "cat/a.JPEG is 8 x 16"), "%s", why);
    spew("dog/d.png", grey_jpeg, 40);
    ck_assert_int_eq(wg_pictures_read(folder, 3, &p, why, sizeof why), WG_EFORMAT);
    ck_assert_msg(has(why, "dog/d.png: ") && !p.path, "%s", why);
}
END_TEST
#endif

/* ---- characters ----------------------------------------------------------------------------------------------------------- */

START_TEST(a_text_is_numbers_of_its_characters)
{
    static const char text[] = "ba\n\xc3\xa9"
                               "a\xe2\x82\xac\xf0\x9f\x98\x80";
    static const int32_t wanted[] = {2, 1, 0, 3, 1, 4, 5};
    wg_chars c;
    wg_array ids;
    char one[5], back[64] = "";
    spew("text", text, sizeof text - 1);
    ck_assert_msg(wg_chars_read(at("text"), &c, why, sizeof why) == WG_OK, "%s", why);
    ck_assert(c.count == 6 && wg_shape_equal(c.ids.shape, WG_SHAPE(7)) && c.ids.dtype == WG_I32);
    for (int i = 0; i < 7; i++) {
        ck_assert_int_eq(((int32_t *)c.ids.data)[i], wanted[i]);
        strcat(back, wg_chars_decode(&c, wanted[i], one));
    }
    ck_assert_str_eq(back, text);
    ck_assert_str_eq(wg_chars_decode(&c, 6, one), "");
    ck_assert_str_eq(wg_chars_decode(&c, -1, one), "");
    ck_assert_int_eq(wg_chars_encode(&c, "a\xe2\x82\xac", &ids, why, sizeof why), WG_OK);
    ck_assert(ids.shape.dim[0] == 2 && ((int32_t *)ids.data)[0] == 1 && ((int32_t *)ids.data)[1] == 4);
    wg_array_free(&ids);
    ck_assert_int_eq(wg_chars_encode(&c, "abc", &ids, why, sizeof why), WG_EINDEX);
    ck_assert_msg(has(why, "character 2, U+0063, is not in the vocabulary") && !ids.data, "%s", why);
    wg_chars_free(&c);
    spew("text", "", 0);
    ck_assert_int_eq(wg_chars_read(at("text"), &c, why, sizeof why), WG_OK);
    ck_assert(c.count == 0 && c.ids.shape.dim[0] == 0);
    wg_chars_free(&c);
    wg_chars_free(NULL);
}
END_TEST

START_TEST(what_is_no_utf8_is_refused)
{
    static const char *const bad[] = {"ok\x80", "ok\xc3",    "ok\xc3(", "ok\xc0\x80", "ok\xed\xa0\x80", "ok\xf4\x90\x80\x80",
                                      "ok\xff", "ok\xe2\x82"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        wg_chars c;
        spew("text", bad[i], strlen(bad[i]));
        ck_assert_int_eq(wg_chars_read(at("text"), &c, why, sizeof why), WG_EFORMAT);
        ck_assert_msg(has(why, "no UTF-8 at byte 2") && !c.code, "%s", why);
    }
}
END_TEST

/* ---- augmenting ------------------------------------------------------------------------------------------------------------ */

START_TEST(flips_mirror_whole_images)
{
    enum { N = 64, H = 2, W = 5, C = 3 };
    uint8_t v[N][H][W][C];
    wg_array a = wg_array_wrap(v, WG_U8, WG_SHAPE(N, H, W, C));
    wg_rng *r = wg_rng_new(3);
    int flipped = 0;
    for (int i = 0; i < N * H * W * C; i++) ((uint8_t *)v)[i] = (uint8_t)(i % (H * W * C));
    ck_assert_int_eq(wg_augment_flip(&a, r, 0.5), WG_OK);
    for (int i = 0; i < N; i++) {
        bool turned = v[i][0][0][0] != 0;
        flipped += turned;
        for (int k = 0; k < H * W * C; k++) {
            int x = k / C % W, was = turned ? k + (W - 1 - 2 * x) * C : k;
            ck_assert_int_eq(((uint8_t *)v[i])[k], was);
        }
    }
    ck_assert(flipped > 16 && flipped < 48);
    uint8_t was[sizeof v];
    memcpy(was, v, sizeof v);
    ck_assert_int_eq(wg_augment_flip(&a, r, 0), WG_OK);
    ck_assert_mem_eq(v, was, sizeof v);
    ck_assert_int_eq(wg_augment_flip(&a, r, 1), WG_OK);
    for (int i = 0; i < N; i++) ck_assert_int_eq(v[i][0][0][0], was[sizeof v / N * (size_t)i + (W - 1) * C]);
    ck_assert_int_eq(wg_augment_flip(&WG_ARRAY(float, WG_SHAPE(2)), r, 1), WG_EARG);
    wg_rng_free(r);
}
END_TEST

START_TEST(crops_move_by_at_most_the_padding)
{
    enum { N = 200, H = 4, W = 6, PAD = 2 };
    float v[N][H][W];
    wg_array a = wg_array_wrap(v, WG_F32, WG_SHAPE(N, H, W));
    wg_rng *r = wg_rng_new(3);
    int seen[2 * PAD + 1][2 * PAD + 1] = {{0}};
    for (int i = 0; i < N * H * W; i++) ((float *)v)[i] = (float)(i % (H * W) + 1);
    ck_assert_int_eq(wg_augment_crop(&a, r, PAD), WG_OK);
    for (int i = 0; i < N; i++) {
        int found = 0;
        for (int down = -PAD; down <= PAD; down++)
            for (int right = -PAD; right <= PAD; right++) {
                bool same = true;
                for (int y = 0; y < H; y++)
                    for (int x = 0; x < W; x++) {
                        int fy = y - down, fx = x - right;
                        float wanted = fy >= 0 && fy < H && fx >= 0 && fx < W ? (float)(fy * W + fx + 1) : 0;
                        same = same && !(v[i][y][x] < wanted || v[i][y][x] > wanted);
                    }
                found += same;
                seen[down + PAD][right + PAD] += same;
            }
        ck_assert_int_eq(found, 1);
    }
    for (int i = 0; i < 25; i++) ck_assert_int_gt(((int *)seen)[i], 0);
    ck_assert_int_eq(wg_augment_crop(&a, r, 5), WG_EARG);
    wg_rng_free(r);
}
END_TEST

START_TEST(normalising_is_by_channel)
{
    uint8_t v[2][2] = {{0, 255}, {51, 102}};
    const double mean[2] = {0.5, 0.25}, deviation[2] = {0.5, 2};
    wg_array a = wg_array_wrap(v, WG_U8, WG_SHAPE(2, 2)), out;
    static const double wanted[4] = {-1, 0.375, -0.6, 0.075};
    ck_assert_int_eq(wg_normalized(&a, mean, deviation, &out), WG_OK);
    for (int i = 0; i < 4; i++) ck_assert_double_eq_tol(wg_array_at(&out, i), wanted[i], 1e-7);
    wg_array_free(&out);
    ck_assert_int_eq(wg_normalized(&a, NULL, NULL, &out), WG_OK);
    ck_assert_double_eq(wg_array_at(&out, 1), 1);
    wg_array_free(&out);
    ck_assert_int_eq(wg_normalized(&WG_ARRAY(int64_t, WG_SHAPE(1), 1), NULL, NULL, &out), WG_EARG);
}
END_TEST

/* ---- the loader ------------------------------------------------------------------------------------------------------------- */

START_TEST(loader_gives_every_row_once_an_epoch)
{
    enum { N = 23, BATCH = 5 };
    float x[N][2];
    uint8_t y[N];
    int64_t order[N];
    for (int i = 0; i < N; i++) x[i][0] = (float)i, x[i][1] = (float)-i, y[i] = (uint8_t)i;
    wg_array data[2] = {wg_array_wrap(x, WG_F32, WG_SHAPE(N, 2)), wg_array_wrap(y, WG_U8, WG_SHAPE(N))}, batch[2];
    wg_loader *l = wg_loader_new(data, .n = 2, .batch = BATCH, .shuffle = true, .seed = 9);
    wg_rng *r = wg_rng_new(9);
    ck_assert_int_eq(wg_loader_batches(l), 5);
    for (int epoch = 0; epoch < 3; epoch++) {
        int at = 0;
        ck_assert_int_eq(wg_rng_permutation(r, N, order), WG_OK);
        for (int b = 0; b < 5; b++) {
            ck_assert(wg_next(l, batch));
            int rows = b < 4 ? BATCH : N - 4 * BATCH;
            ck_assert(wg_shape_equal(batch[0].shape, WG_SHAPE(rows, 2)) && wg_shape_equal(batch[1].shape, WG_SHAPE(rows)));
            for (int i = 0; i < rows; i++, at++) {
                ck_assert_int_eq(((uint8_t *)batch[1].data)[i], order[at]);
                ck_assert_int_eq((int64_t)((float *)batch[0].data)[2 * i], order[at]);
                ck_assert_int_eq((int64_t)((float *)batch[0].data)[2 * i + 1], -order[at]);
            }
        }
        ck_assert(!wg_next(l, batch)); /* and the call after that begins another epoch */
    }
    wg_rng_free(r);
    wg_loader_free(l);
}
END_TEST

START_TEST(loader_in_order)
{
    wg_array a = WG_ARRAY(int64_t, WG_SHAPE(3), 3, 1, 2), batch;
    wg_loader *l = wg_loader_new(&a, .n = 1); /* batches of 64: fewer rows than one */
    ck_assert_int_eq(wg_loader_batches(l), 1);
    for (int epoch = 0; epoch < 2; epoch++) {
        ck_assert(wg_next(l, &batch));
        ck_assert(same_bits(a, batch));
        ck_assert(!wg_next(l, &batch));
    }
    wg_loader_free(l);
    l = wg_loader_new(&WG_ARRAY(int64_t, WG_SHAPE(0, 4)), .n = 1);
    ck_assert_ptr_nonnull(l);
    ck_assert_int_eq(wg_loader_batches(l), 0);
    ck_assert(!wg_next(l, &batch));
    wg_loader_free(l);
    wg_loader_free(NULL);
}
END_TEST

START_TEST(loader_refuses)
{
    float v[256] = {0};

    wg_array a[] = {wg_array_wrap(v, WG_F32, WG_SHAPE(128, 2)), wg_array_wrap(v, WG_F32, WG_SHAPE(96))};
    ck_assert_ptr_null(wg_loader_new(a, .n = 2, .why = why, .why_size = sizeof why));
    ck_assert_str_eq(why, "loader: array 0 has 128 rows, array 1 has 96");
    ck_assert_ptr_null(wg_loader_new(a, .n = 2)); /* nobody asks why */
    ck_assert_ptr_null(wg_loader_new(a, .n = 1, .batch = 0, .why = why, .why_size = sizeof why));
    ck_assert_msg(has(why, "batches of at least one row"), "%s", why);
    a[1] = wg_array_wrap(v, WG_F32, WG_SHAPE());
    ck_assert_ptr_null(wg_loader_new(a, .n = 2, .why = why, .why_size = sizeof why));
    ck_assert_str_eq(why, "loader: an array has no rows");
    a[1] = WG_ARRAY(float, WG_SHAPE(128), 1, 2);
    ck_assert_ptr_null(wg_loader_new(a, .n = 2, .why = why, .why_size = sizeof why));
    ck_assert_msg(has(why, "loader: the array has no data"), "%s", why);
}
END_TEST

/* Adds a draw to each value, so that a batch shows what it was changed with. */
static wg_status changed(wg_array *batch, int n, wg_rng *r, void *calls)
{
    ck_assert_int_eq(n, 1);
    for (int64_t i = 0; i < batch->shape.dim[0]; i++) ((double *)batch->data)[i] += wg_rng_uniform(r);
    ++*(int *)calls;
    return WG_OK;
}

enum { ROWS = 10, SIZE = 4, HANDED = 9 }; /* three batches an epoch */

/* The values of the first HANDED batches, from batch `from` on. */
static void hand_out(bool ahead, int64_t from, double out[HANDED][SIZE])
{
    double x[ROWS];
    int calls = 0;
    wg_array a = wg_array_wrap(x, WG_F64, WG_SHAPE(ROWS)), batch;
    for (int i = 0; i < ROWS; i++) x[i] = 10 * i;
    wg_loader *l = wg_loader_new(&a, .n = 1, .batch = SIZE, .shuffle = true, .seed = 5, .ahead = ahead, .change = changed, .user = &calls);
    ck_assert_ptr_nonnull(l);
    if (from) ck_assert_int_eq(wg_loader_seek(l, from), WG_OK);
    for (int64_t k = from; k < HANDED; k++) {
        if (k && k % 3 == 0 && k != from) ck_assert(!wg_next(l, &batch));
        ck_assert_int_eq(wg_loader_place(l), k);
        ck_assert(wg_next(l, &batch));
        ck_assert_int_eq(batch.shape.dim[0], k % 3 == 2 ? 2 : SIZE);
        for (int64_t i = 0; i < SIZE; i++) out[k][i] = i < batch.shape.dim[0] ? wg_array_at(&batch, i) : 0;
    }
    wg_loader_free(l);
    ck_assert_int_ge(calls, (int)(HANDED - from));
}

START_TEST(batches_depend_on_their_place_alone)
{
    double plain[HANDED][SIZE], ahead[HANDED][SIZE], later[HANDED][SIZE];
    hand_out(false, 0, plain);
    hand_out(true, 0, ahead);
    ck_assert_mem_eq(plain, ahead, sizeof plain);
    for (int from = 1; from < HANDED; from++)
        for (int threads = 0; threads < 2; threads++) {
            hand_out(threads, from, later);
            ck_assert_mem_eq(plain[from], later[from], sizeof plain[0] * (size_t)(HANDED - from));
        }
    ck_assert(memcmp(plain[0], plain[3], sizeof plain[0]) != 0);
}
END_TEST

/* One loader put back and forth, in the middle of an epoch and at its start; `seed` of its order and draws. */
static void jump(uint32_t seed, const int64_t *to, int n, double out[][SIZE])
{
    double x[ROWS] = {0};
    int calls = 0;
    wg_array a = wg_array_wrap(x, WG_F64, WG_SHAPE(ROWS)), batch;
    for (int i = 0; i < ROWS; i++) x[i] = 10 * i;
    wg_loader *l = wg_loader_new(&a, .n = 1, .batch = SIZE, .shuffle = true, .seed = seed, .change = changed, .user = &calls);
    for (int k = 0; k < n; k++) {
        ck_assert_int_eq(wg_loader_seek(l, to[k]), WG_OK);
        ck_assert(wg_next(l, &batch));
        for (int64_t i = 0; i < SIZE; i++) out[k][i] = i < batch.shape.dim[0] ? wg_array_at(&batch, i) : 0;
    }
    wg_loader_free(l);
}

START_TEST(a_loader_can_be_put_anywhere)
{
    static const int64_t there[] = {7, 1, 3, 0, 8, 4, 6, 2};
    enum { JUMPS = sizeof there / sizeof *there };
    double plain[HANDED][SIZE], out[JUMPS][SIZE], other[1][SIZE];
    hand_out(false, 0, plain);
    jump(5, there, JUMPS, out);
    for (int k = 0; k < JUMPS; k++) ck_assert_mem_eq(out[k], plain[there[k]], sizeof plain[0]);
    /* what batches are changed with, behind the point: anew in each epoch, and by seed */
    jump(6, (const int64_t[]){0}, 1, other);
    for (int i = 0; i < SIZE; i++) {
        double first = fmod(plain[0][i], 10);
        ck_assert(fabs(first - fmod(plain[3][i], 10)) > 1e-9 && fabs(first - fmod(other[0][i], 10)) > 1e-9);
    }
}
END_TEST

static wg_status unwilling(wg_array *batch, int n, wg_rng *r, void *user)
{
    (void)batch, (void)n, (void)r, (void)user;
    return WG_EFORMAT;
}

START_TEST(a_change_that_fails_is_told)
{
    for (int ahead = 0; ahead < 2; ahead++) {
        wg_array a = WG_ARRAY(float, WG_SHAPE(3), 1, 2, 3), batch;
        wg_loader *l = wg_loader_new(&a, .n = 1, .change = unwilling, .ahead = ahead);
        ck_assert(!wg_next(l, &batch));
        ck_assert_int_eq(wg_loader_status(l), WG_EFORMAT);
        ck_assert_int_eq(wg_loader_seek(l, -1), WG_EARG);
        wg_loader_free(l);
    }
}
END_TEST

START_TEST(a_split_shares_all_rows_out)
{
    wg_array first, rest, again[2], x, part;
    int seen[101] = {0};
    ck_assert_int_eq(wg_split(101, 0.2, 7, &first, &rest), WG_OK);
    ck_assert(first.shape.dim[0] == 20 && rest.shape.dim[0] == 81);
    for (int i = 0; i < 101; i++) {
        const wg_array *from = i < 20 ? &first : &rest;
        int64_t row = ((int64_t *)from->data)[i < 20 ? i : i - 20];
        ck_assert(row >= 0 && row < 101 && seen[row]++ == 0);
    }
    ck_assert_int_eq(wg_split(101, 0.2, 7, &again[0], &again[1]), WG_OK);
    ck_assert(same_bits(first, again[0]) && same_bits(rest, again[1]));
    for (int i = 0; i < 2; i++) wg_array_free(&again[i]);
    ck_assert_int_eq(wg_split(101, 0.2, 8, &again[0], &again[1]), WG_OK);
    ck_assert(!same_bits(first, again[0])); /* another seed, another split */
    ck_assert_int_eq(wg_array_new(&x, WG_F64, WG_SHAPE(101, 2)), WG_OK);
    for (int i = 0; i < 202; i++) ((double *)x.data)[i] = i;
    ck_assert_int_eq(wg_rows_of(&x, &first, &part), WG_OK);
    for (int i = 0; i < 40; i++) ck_assert_double_eq(wg_array_at(&part, i), (double)(2 * ((int64_t *)first.data)[i / 2] + i % 2));
    wg_array_free(&part);
    ((int64_t *)first.data)[3] = 101;
    ck_assert_int_eq(wg_rows_of(&x, &first, &part), WG_EINDEX);
    ck_assert_int_eq(wg_rows_of(&x, &x, &part), WG_EARG);
    wg_array *all[] = {&first, &rest, &again[0], &again[1], &x};
    for (int i = 0; i < 5; i++) wg_array_free(all[i]);
    ck_assert_int_eq(wg_split(5, 1.5, 0, &first, &rest), WG_EARG);
    ck_assert_int_eq(wg_split(-1, 0.5, 0, &first, &rest), WG_EARG);
    ck_assert_int_eq(wg_split(0, 0.5, 0, &first, &rest), WG_OK);
    wg_array_free(&first);
    wg_array_free(&rest);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
#if WG_HAVE_JPEG
        jpegs_are_read,
        damaged_jpegs_are_refused,
#else
        without_libjpeg_it_says_so,
#endif
#if WG_HAVE_JPEG && WG_HAVE_PNG
        a_folder_of_pictures,
        odd_folders_are_refused,
#endif
        a_text_is_numbers_of_its_characters,
        what_is_no_utf8_is_refused,
        flips_mirror_whole_images,
        crops_move_by_at_most_the_padding,
        normalising_is_by_channel,
        loader_gives_every_row_once_an_epoch,
        loader_in_order,
        loader_refuses,
        batches_depend_on_their_place_alone,
        a_loader_can_be_put_anywhere,
        a_change_that_fails_is_told,
        a_split_shares_all_rows_out
    };
    return run_all("data", tests, sizeof tests / sizeof *tests, make_folder, remove_folder);
}

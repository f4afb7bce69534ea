/* augment.c -- batches of images changed at random, and brought to the scale that models like. */
#include "base/alloc.h"
#include "base/array.h"

#include <string.h>
#include <wengert/data.h>

/* Images (n, height, width, bytes a pixel). */
typedef struct frames {
    char *data;
    int64_t n, high, wide;
    size_t pixel;
} frames;

static bool frames_of(const wg_array *a, frames *f)
{
    if (wg__array_wrong(a) || a->shape.rank < 3 || a->shape.rank > 4) return false;
    const int64_t *d = a->shape.dim;
    size_t channels = a->shape.rank == 4 ? (size_t)d[3] : 1;
    *f = (frames){a->data, d[0], d[1], d[2], channels * wg_dtype_size(a->dtype)};
    return true;
}

static char *row_of(const frames *f, int64_t i, int64_t y) { return f->data + (size_t)((i * f->high + y) * f->wide) * f->pixel; }

static void mirror(const frames *f, char *row, char *one)
{
    for (int64_t x = 0; x < f->wide / 2; x++) {
        char *a = row + (size_t)x * f->pixel, *b = row + (size_t)(f->wide - 1 - x) * f->pixel;
        memcpy(one, a, f->pixel);
        memcpy(a, b, f->pixel);
        memcpy(b, one, f->pixel);
    }
}

wg_status wg_augment_flip(wg_array *images, wg_rng *r, double p)
{
    frames f;
    if (!images || !r || !frames_of(images, &f)) return WG_EARG;
    char *one = wg__alloc(f.pixel + 1);
    if (!one) return WG_ENOMEM;
    for (int64_t i = 0; i < f.n; i++)
        if (wg_rng_uniform(r) < p)
            for (int64_t y = 0; y < f.high; y++) mirror(&f, row_of(&f, i, y), one);
    wg__free(one);
    return WG_OK;
}

/* The image as it is `down` and `right` of where it was, up to what is there. */
static void shift(const frames *f, int64_t i, int64_t down, int64_t right, char *copy)
{
    size_t line = (size_t)f->wide * f->pixel, kept = (size_t)(f->wide - (right < 0 ? -right : right)) * f->pixel;
    size_t from = right < 0 ? (size_t)-right * f->pixel : 0, to = right > 0 ? (size_t)right * f->pixel : 0;
    memcpy(copy, row_of(f, i, 0), line * (size_t)f->high);
    memset(row_of(f, i, 0), 0, line * (size_t)f->high);
    for (int64_t y = 0; y < f->high; y++) {
        int64_t was = y - down;
        if (was >= 0 && was < f->high) memcpy(row_of(f, i, y) + to, copy + (size_t)was * line + from, kept);
    }
}

wg_status wg_augment_crop(wg_array *images, wg_rng *r, int64_t padding)
{
    frames f;
    if (!images || !r || padding < 0 || !frames_of(images, &f) || padding > f.high || padding > f.wide) return WG_EARG;
    size_t bytes = (size_t)(f.high * f.wide) * f.pixel;
    char *copy = wg__alloc(bytes + 1);
    if (!copy) return WG_ENOMEM;
    for (int64_t i = 0; i < f.n && bytes; i++) {
        int64_t down = wg_rng_integer(r, 2 * padding + 1) - padding, right = wg_rng_integer(r, 2 * padding + 1) - padding;
        shift(&f, i, down, right, copy);
    }
    wg__free(copy);
    return WG_OK;
}

wg_status wg_normalized(const wg_array *images, const double *mean, const double *deviation, wg_array *out)
{
    *out = (wg_array){0};
    if (wg__array_wrong(images) || (images->dtype != WG_U8 && images->dtype != WG_F32)) return WG_EARG;
    int64_t n = wg_shape_count(images->shape), channels = images->shape.rank ? images->shape.dim[images->shape.rank - 1] : 1;
    wg_status s = wg_array_new(out, WG_F32, images->shape);
    const uint8_t *bytes = images->data;
    const float *reals = images->data;
    for (int64_t i = 0; !s && i < n; i++) {
        double v = images->dtype == WG_U8 ? bytes[i] / 255.0 : (double)reals[i];
        int64_t c = i % channels;
        ((float *)out->data)[i] = (float)((v - (mean ? mean[c] : 0)) / (deviation ? deviation[c] : 1));
    }
    return s;
}

/* image.c -- images out of arrays and onto terminals. */
#include "io/image.h"

#include <wengert/image.h>

#include <string.h>

int wg__image_channels(const wg_array *a)
{
    if (!a || (a->dtype != WG_U8 && !wg_dtype_real(a->dtype)) || a->shape.rank < 2 || a->shape.rank > 3) return 0;
    int64_t n = a->shape.rank == 3 ? a->shape.dim[2] : 1;
    bool there = a->data && a->shape.dim[0] > 0 && a->shape.dim[1] > 0 && wg_shape_count(a->shape) > 0;
    return there && (n == 1 || n == 3 || n == 4) ? (int)n : 0;
}

uint8_t wg__image_byte(const wg_array *a, int64_t i)
{
    if (a->dtype == WG_U8) return ((const uint8_t *)a->data)[i];
    double v = wg_array_at(a, i);
    return v >= 1 ? 255 : v > 0 ? (uint8_t)(v * 255 + 0.5) : 0;
}

/* ---- grids ---------------------------------------------------------------------------------------------------------- */

wg_status wg_image_grid(wg_array *out, const wg_array *images, int64_t columns, int64_t gap)
{
    *out = (wg_array){0};
    const wg_shape *s = &images->shape;
    if (s->rank < 3 || s->rank > 4 || columns < 1 || gap < 0 || !images->data || wg_shape_count(*s) < 1) return WG_EARG;
    int64_t n = s->dim[0], rows = n / columns + (n % columns != 0), high, wide, steps[2];
    if (__builtin_add_overflow(s->dim[1], gap, &steps[0]) || __builtin_add_overflow(s->dim[2], gap, &steps[1]) ||
        __builtin_mul_overflow(rows, steps[0], &high) || __builtin_mul_overflow(columns, steps[1], &wide))
        return WG_ENOMEM;
    wg_shape shape = {{high - gap, wide - gap, s->dim[3]}, s->rank - 1};
    wg_status status = wg_array_new(out, images->dtype, shape);
    if (status) return status;
    size_t pixel = wg_dtype_size(images->dtype) * (size_t)(s->rank == 4 ? s->dim[3] : 1), line = (size_t)s->dim[2] * pixel;
    for (int64_t i = 0; i < n * s->dim[1]; i++) {
        int64_t image = i / s->dim[1], y = image / columns * steps[0] + i % s->dim[1], x = image % columns * steps[1];
        memcpy((char *)out->data + (size_t)(y * shape.dim[1] + x) * pixel, (const char *)images->data + (size_t)i * line, line);
    }
    return WG_OK;
}

/* ---- terminals ------------------------------------------------------------------------------------------------------ */

typedef struct pixel {
    int red, green, blue;
} pixel;

/* Black below the last row. */
static pixel pixel_at(const wg_array *a, int channels, int64_t y, int64_t x)
{
    int64_t i = (y * a->shape.dim[1] + x) * channels;
    if (y >= a->shape.dim[0]) return (pixel){0, 0, 0};
    int first = wg__image_byte(a, i);
    return channels == 1 ? (pixel){first, first, first} : (pixel){first, wg__image_byte(a, i + 1), wg__image_byte(a, i + 2)};
}

/* ITU-R BT.601's weights */
static int grey(pixel p) { return (299 * p.red + 587 * p.green + 114 * p.blue) / 1000; }

static void put_shade(FILE *to, int value)
{
    static const char *const shades[] = {" ", "\u2591", "\u2592", "\u2593", "\u2588"};
    fputs(shades[value * 5 / 256], to);
}

wg_status wg_image_text(FILE *to, const wg_array *image, bool colour)
{
    int channels = wg__image_channels(image);
    if (!to || !channels) return WG_EARG;
    for (int64_t y = 0; y < image->shape.dim[0]; y += 2) {
        for (int64_t x = 0; x < image->shape.dim[1]; x++) {
            pixel a = pixel_at(image, channels, y, x), b = pixel_at(image, channels, y + 1, x);
            bool last = y + 1 == image->shape.dim[0];
            if (colour) fprintf(to, "\033[38;2;%d;%d;%d;48;2;%d;%d;%dm\u2580", a.red, a.green, a.blue, b.red, b.green, b.blue);
            else put_shade(to, last ? grey(a) : (grey(a) + grey(b)) / 2);
        }
        fputs(colour ? "\033[0m\n" : "\n", to);
    }
    return ferror(to) ? WG_EIO : WG_OK;
}

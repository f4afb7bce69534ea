/* png.c -- PNG files through libpng's simplified interface, which needs no longjmp. libpng is optional (WG_HAVE_PNG). */
#include "base/alloc.h"
#include "io/file.h"
#include "io/image.h"

#include <wengert/image.h>

#include <string.h>

#if WG_HAVE_PNG
#include <png.h>

/* DEFLATE makes at most 1032 bytes of one, a pixel of 1 bit becomes at most 4 bytes. */
enum { UNFOLDS = 1032 * 32 };

static wg_status write_pixels(wg_writer *w, const wg_array *a, int channels, wg_fault *f)
{
    int64_t n = wg_shape_count(a->shape);
    if (a->shape.dim[0] > INT32_MAX || a->shape.dim[1] > INT32_MAX) return wg__fail(f, WG_EARG, "the image is too large for a PNG file");
    uint8_t *bytes = wg__alloc((size_t)n);
    if (!bytes) return wg__fail(f, WG_ENOMEM, "out of memory");
    for (int64_t i = 0; i < n; i++) bytes[i] = wg__image_byte(a, i);
    png_image image = {.version = PNG_IMAGE_VERSION, .width = (png_uint_32)a->shape.dim[1], .height = (png_uint_32)a->shape.dim[0]};
    image.format = channels == 1 ? PNG_FORMAT_GRAY : channels == 3 ? PNG_FORMAT_RGB : PNG_FORMAT_RGBA;
    if (!png_image_write_to_stdio(&image, w->to, 0, bytes, 0, NULL)) wg__fail(f, WG_EIO, "%s", image.message);
    wg__free(bytes);
    return f->status;
}

static wg_status write_file(const char *path, const wg_array *a, int channels, wg_fault *f)
{
    wg_writer w;
    wg_status s = wg__writer_open(&w, path, f);
    if (s) return s;
    write_pixels(&w, a, channels, f);
    return wg__writer_close(&w, f);
}

static wg_status read_pixels(const wg_bytes *file, wg_array *out, wg_fault *f)
{
    png_image image = {.version = PNG_IMAGE_VERSION};
    if (!png_image_begin_read_from_memory(&image, file->data, file->size)) return wg__fail(f, WG_EFORMAT, "%s", image.message);
    bool alpha = image.format & PNG_FORMAT_FLAG_ALPHA, colour = image.format & PNG_FORMAT_FLAG_COLOR;
    image.flags |= PNG_IMAGE_FLAG_16BIT_sRGB;
    image.format = alpha ? PNG_FORMAT_RGBA : colour ? PNG_FORMAT_RGB : PNG_FORMAT_GRAY;
    wg_shape shape = {{image.height, image.width, alpha ? 4 : 3}, alpha || colour ? 3 : 2};
    int64_t n = wg_shape_count(shape);
    if (n < 1 || (size_t)n / UNFOLDS > file->size) {
        png_image_free(&image);
        return wg__fail(f, WG_EFORMAT, "%zu bytes cannot hold an image of %u x %u", file->size, image.width, image.height);
    }
    wg_status s = wg_array_new(out, WG_U8, shape);
    if (s) {
        png_image_free(&image);
        return wg__fail(f, s, "out of memory");
    }
    if (png_image_finish_read(&image, NULL, out->data, 0, NULL) && !(image.warning_or_error & PNG_IMAGE_ERROR)) return WG_OK;
    wg_array_free(out);
    return wg__fail(f, WG_EFORMAT, "%s", image.message);
}
#else
static wg_status write_file(const char *path, const wg_array *a, int channels, wg_fault *f)
{
    (void)path, (void)a, (void)channels;
    return wg__fail(f, WG_EMISSING, "the library was built without libpng");
}

static wg_status read_pixels(const wg_bytes *file, wg_array *out, wg_fault *f)
{
    (void)file, (void)out;
    return wg__fail(f, WG_EMISSING, "the library was built without libpng");
}
#endif

wg_status wg_png_write(const char *path, const wg_array *image, char *why, size_t why_size)
{
    wg_fault f = {0};
    int channels = wg__image_channels(image);
    if (!path) wg__fail(&f, WG_EARG, "no path");
    else if (!channels)
        wg__fail(&f, WG_EARG, "the array is no image: [height, width] or [height, width, 1, 3 or 4] of u8, f32 or f64 is wanted");
    else write_file(path, image, channels, &f);
    return wg__tell(&f, path, why, why_size);
}

wg_status wg_png_read(const char *path, wg_array *out, char *why, size_t why_size)
{
    return wg__file_array(path, out, read_pixels, why, why_size);
}

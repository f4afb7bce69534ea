/* jpeg.c -- JPEG files through libjpeg, which is optional (WG_HAVE_JPEG); and any picture by its first bytes. */
#include "io/file.h"
#include "io/image.h"

#include <wengert/image.h>

#include <string.h>

#if WG_HAVE_JPEG
#include <setjmp.h>
#include <stdio.h> /* jpeglib.h wants it before */
#include <jpeglib.h>

/* A block of 8 x 8 takes a bit at least, in each component. */
enum { UNFOLDS = 64 * 8 };

/* libjpeg's own handler exits the program: this one leaves the reading, by the only way there is. */
typedef struct reading {
    struct jpeg_error_mgr manager; /* first: libjpeg knows no other part */
    jmp_buf leave;
    char text[JMSG_LENGTH_MAX];
} reading;

static void leave(j_common_ptr j)
{
    reading *r = (reading *)(void *)j->err;
    r->manager.format_message(j, r->text);
    longjmp(r->leave, 1);
}

/* A warning says that the file is damaged: so does a level below 0; the others are notes. */
static void note(j_common_ptr j, int level)
{
    if (level < 0) leave(j);
}

static wg_status header(struct jpeg_decompress_struct *j, size_t size, wg_array *out, wg_fault *f)
{
    jpeg_read_header(j, TRUE);
    bool grey = j->jpeg_color_space == JCS_GRAYSCALE;
    j->out_color_space = grey ? JCS_GRAYSCALE : JCS_RGB;
    wg_shape shape = {{j->image_height, j->image_width, 3}, grey ? 2 : 3};
    int64_t n = wg_shape_count(shape);
    if (n < 1 || (size_t)n / (grey ? 1 : 3) / UNFOLDS > size)
        return wg__fail(f, WG_EFORMAT, "%zu bytes cannot hold an image of %u x %u", size, j->image_height, j->image_width);
    return wg_array_new(out, WG_U8, shape) ? wg__fail(f, WG_ENOMEM, "out of memory") : WG_OK;
}

/* What libjpeg makes is freed by its destroy, whichever way the reading ends; *out is the caller's. */
static wg_status read_pixels(struct jpeg_decompress_struct *j, reading *r, const wg_bytes *file, wg_array *out, wg_fault *f)
{
    if (setjmp(r->leave)) return wg__fail(f, WG_EFORMAT, "%s", r->text);
    jpeg_create_decompress(j);
    jpeg_mem_src(j, file->data, (unsigned long)file->size);
    if (header(j, file->size, out, f)) return f->status;
    jpeg_start_decompress(j);
    while (j->output_scanline < j->output_height) {
        JSAMPROW row = (JSAMPROW)out->data + (size_t)j->output_scanline * j->output_width * (size_t)j->output_components;
        jpeg_read_scanlines(j, &row, 1);
    }
    jpeg_finish_decompress(j);
    return WG_OK;
}

static wg_status read_bytes(const wg_bytes *file, wg_array *out, wg_fault *f)
{
    reading r;
    struct jpeg_decompress_struct j = {.err = jpeg_std_error(&r.manager)};
    r.manager.error_exit = leave;
    r.manager.emit_message = note;
    if (file->size == 0) return wg__fail(f, WG_EFORMAT, "the file is empty");
    wg_status s = read_pixels(&j, &r, file, out, f);
    jpeg_destroy_decompress(&j);
    if (s) wg_array_free(out);
    return s;
}
#else
static wg_status read_bytes(const wg_bytes *file, wg_array *out, wg_fault *f)
{
    (void)file, (void)out;
    return wg__fail(f, WG_EMISSING, "the library was built without libjpeg");
}
#endif

wg_status wg_jpeg_read(const char *path, wg_array *out, char *why, size_t why_size)
{
    return wg__file_array(path, out, read_bytes, why, why_size);
}

wg_status wg_image_read(const char *path, wg_array *out, char *why, size_t why_size)
{
    static const unsigned char png[4] = {0x89, 'P', 'N', 'G'}, jpeg[3] = {0xff, 0xd8, 0xff};
    wg_fault f = {0};
    unsigned char first[4] = {0};
    *out = (wg_array){0};
    FILE *file = path ? fopen(path, "rb") : NULL;
    size_t got = file ? fread(first, 1, sizeof first, file) : 0;
    if (file) fclose(file);
    if (!file || (got >= 3 && memcmp(first, jpeg, 3) == 0)) return wg_jpeg_read(path, out, why, why_size); /* says what is wrong with it */
    if (got == 4 && memcmp(first, png, 4) == 0) return wg_png_read(path, out, why, why_size);
    wg__fail(&f, WG_EFORMAT, "neither PNG nor JPEG");
    return wg__tell(&f, path, why, why_size);
}

/* wengert/image.h -- arrays as images: PNG (ISO/IEC 15948) and JPEG files, several in one, and on a terminal.
 *
 * An image is an array [height, width] of greys, or [height, width, channels] of 1 (grey), 3 (RGB) or 4 (RGBA) channels,
 * of u8 (0 to 255), or of f32 or f64 (0 to 1: less is 0, more is 1, NaN is 0). Errors are those of io.h: a status, and
 * one line "path: what is wrong" in `why`. */
#ifndef WENGERT_IMAGE_H
#define WENGERT_IMAGE_H

#include <wengert/base.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Writes an image beside its place and renames it. WG_EARG: the array is no image; WG_EMISSING: the library was built
   without libpng; WG_EIO; WG_ENOMEM. */
WG_API wg_status wg_png_write(const char *path, const wg_array *image, char *why, size_t why_size);

/* Reads one, as u8: [height, width] of grey ones, else [height, width, 3], or 4 where there is transparency. 16 bits
   become 8, palettes colours. The caller frees *out. WG_EFORMAT: malformed or cut short; WG_EMISSING, WG_EIO, WG_ENOMEM
   as above. */
WG_API wg_status wg_png_read(const char *path, wg_array *out, char *why, size_t why_size);

/* Reads a JPEG file (ITU-T T.81), as u8: [height, width] of grey ones, else [height, width, 3]. One that libjpeg can read
   only with a warning, since it is damaged or cut short, is refused. WG_EFORMAT; WG_EMISSING: the library was built
   without libjpeg; WG_EIO; WG_ENOMEM. */
WG_API wg_status wg_jpeg_read(const char *path, wg_array *out, char *why, size_t why_size);

/* Reads a PNG or a JPEG file, by its first bytes, as the two above. */
WG_API wg_status wg_image_read(const char *path, wg_array *out, char *why, size_t why_size);

/* One image of n: `images` is [n, height, width] or [n, height, width, channels], `columns` of them side by side, row
   after row, `gap` pixels of 0 between them. The caller frees *out. WG_EARG: no such array, columns < 1 or gap < 0;
   WG_ENOMEM. */
WG_API wg_status wg_image_grid(wg_array *out, const wg_array *images, int64_t columns, int64_t gap);

/* Prints an image as characters of a terminal that speaks UTF-8, two rows of pixels a line. Grey: five shades, from
   space to full block, of the mean of both rows. colour: 24-bit colours (ISO 8613-6, "true colour") and half blocks,
   each pixel by itself; alpha is left out. WG_EARG: the array is no image. */
WG_API wg_status wg_image_text(FILE *to, const wg_array *image, bool colour);

#ifdef __cplusplus
}
#endif
#endif

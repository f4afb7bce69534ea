/* image.h -- what both files of images ask of an array. */
#ifndef WG_IO_IMAGE_H
#define WG_IO_IMAGE_H

#include <wengert/base.h>

/* Whether a is an image; its channels, 1, 3 or 4, else 0. */
int wg__image_channels(const wg_array *a);

/* Element i as 0..255. */
uint8_t wg__image_byte(const wg_array *a, int64_t i);

#endif

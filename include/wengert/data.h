/* wengert/data.h -- what models learn from: folders of pictures, text as characters, and loaders that hand out batches,
 * shuffled, augmented, read ahead. Files of arrays are in <wengert/io.h>, single pictures in <wengert/image.h>; errors of
 * files are told as there: a status, and one line "path: what is wrong" in `why`. */
#ifndef WENGERT_DATA_H
#define WENGERT_DATA_H

#include <wengert/base.h>

#ifdef __cplusplus
extern "C" {
#endif

/* ---- folders of pictures -------------------------------------------------------------------------------------------- */

/* Pictures of one size, in classes. */
typedef struct wg_pictures {
    wg_array images;    /* u8 [n, height, width, channels] */
    wg_array labels;    /* i64 [n]: 0 .. classes-1         */
    char **class_name;  /* the folders' names, sorted      */
    char **path;        /* of each picture                 */
    int64_t n, classes;
} wg_pictures;

/* Every .png, .jpg and .jpeg of folder/CLASS/, classes and files in the order of their names, as torchvision's
   ImageFolder has them. channels: 3 or 1, to which each picture is turned (grey by ITU-R BT.601; transparency is
   dropped). A picture that cannot be read, or is of another size than the first, is refused: WG_EFORMAT and its path.
   WG_EMISSING: no class, or no picture. Free with wg_pictures_free, which is fine with {0}. */
WG_API wg_status wg_pictures_read(const char *folder, int channels, wg_pictures *out, char *why, size_t why_size);
WG_API void wg_pictures_free(wg_pictures *p);

/* ---- text as characters ------------------------------------------------------------------------------------------------ */

/* A text's characters, each a number 0 .. count-1 by the order of their code points. */
typedef struct wg_chars {
    wg_array ids;     /* i32 [n]: the text            */
    uint32_t *code;   /* the code point of each number */
    int64_t count;
} wg_chars;

/* A file of UTF-8. WG_EFORMAT: the byte where it is none. Free with wg_chars_free, which is fine with {0}. */
WG_API wg_status wg_chars_read(const char *path, wg_chars *out, char *why, size_t why_size);
WG_API void wg_chars_free(wg_chars *c);

/* The numbers of another text in *ids (owned, i32 [n]). WG_EINDEX: a character that the first text has not. */
WG_API wg_status wg_chars_encode(const wg_chars *c, const char *text, wg_array *ids, char *why, size_t why_size);

/* Character `id` as UTF-8 with an ending zero; the empty text for what is no number of c. */
WG_API const char *wg_chars_decode(const wg_chars *c, int64_t id, char text[5]);

/* ---- changing batches ---------------------------------------------------------------------------------------------------- */

/* On images [n, height, width, channels] or [n, height, width] of any dtype, in place, each image by draws of its own. */
WG_API wg_status wg_augment_flip(wg_array *images, wg_rng *r, double p);             /* left and right, with probability p  */
WG_API wg_status wg_augment_crop(wg_array *images, wg_rng *r, int64_t padding);      /* moved by up to `padding` pixels each
                                                                                        way, zeros where nothing was: a crop
                                                                                        of the padded image (He et al. 2015) */

/* out (f32, the shape of images, whose last axis is the channels) = (images / 255 - mean[c]) / deviation[c] for u8, and
   without the division for f32. The caller frees *out. NULL: mean 0, deviation 1. */
WG_API wg_status wg_normalized(const wg_array *images, const double *mean, const double *deviation, wg_array *out);

/* ---- loaders ---------------------------------------------------------------------------------------------------------------- */

typedef struct wg_loader wg_loader;

typedef struct wg_loader_options {
    const wg_array *x;  /* n arrays with as many rows each; borrowed until wg_loader_free */
    int n;
    int64_t batch;      /* rows; the last batch of an epoch has what is left              */
    bool shuffle;       /* anew for each epoch, by NumPy's permutation from seed          */
    uint32_t seed;
    bool ahead;         /* a thread of the loader's makes the next batch meanwhile        */
    /* Changes a batch before it is handed out, with draws that depend on seed, epoch and place only; may be NULL. With
       .ahead it is called by the loader's thread. A status other than WG_OK ends the epoch: wg_loader_status. */
    wg_status (*change)(wg_array *batch, int n, wg_rng *r, void *user);
    void *user;
    char *why;          /* where to say why there is no loader; may be NULL               */
    size_t why_size;
} wg_loader_options;

WG_API wg_loader *wg_loader_create(const wg_loader_options *o);
WG_API void wg_loader_free(wg_loader *l);
WG_API int64_t wg_loader_batches(const wg_loader *l);    /* an epoch                */
WG_API int wg_loader_arrays(const wg_loader *l);         /* n: those of a batch */
WG_API wg_status wg_loader_status(const wg_loader *l);   /* of the last wg_next: why it was false; WG_OK at an epoch's end */

/* The next n batches into batch[0..n-1], borrowed until the next call. False at the end of an epoch, and the call
   after that begins another. */
WG_API bool wg_next(wg_loader *l, wg_array *batch);

/* Where a loader stands: the batches that it has handed out since it was made, by which another one, made with the same
   arrays and options, goes on as if it had been there. Seeking costs the permutations of the epochs passed over. */
WG_API int64_t wg_loader_place(const wg_loader *l);
WG_API wg_status wg_loader_seek(wg_loader *l, int64_t place);

/* Rows 0 .. n-1 in two: a share (0..1) of them, drawn by a permutation from seed, and the rest, both in ascending order, as
   owned i64 arrays. WG_EARG: n or share makes no sense. */
WG_API wg_status wg_split(int64_t n, double share, uint32_t seed, wg_array *first, wg_array *rest);

/* The rows of a that `rows` (i64) names, copied. WG_EINDEX: one that is not there. The caller frees *out. */
WG_API wg_status wg_rows_of(const wg_array *a, const wg_array *rows, wg_array *out);

#ifdef __cplusplus
}
#endif

#ifndef __cplusplus
#define wg_loader_new(...) wg_loader_create(&(wg_loader_options){.batch = 64, .x = __VA_ARGS__})
#endif
#endif

/* format.h -- what the formats share: arrays to be written, names in messages, .npy inside .npz, JSON. */
#ifndef WG_IO_FORMAT_H
#define WG_IO_FORMAT_H

#include "io/source.h"

#include <wengert/io.h>

/* Bytes of an array that is to be written; WG_EARG when it is none. */
wg_status wg__array_bytes(const wg_array *a, size_t *bytes, wg_fault *f);

/* Bytes of a shape that a file declares: WG_EFORMAT when they are more than `most` or no number at all. */
wg_status wg__declared_bytes(wg_dtype dtype, const wg_shape *shape, uint64_t most, size_t *bytes, wg_fault *f);

/* Another key and text, whatever is there. */
wg_status wg__archive_add_meta(wg_archive *a, const char *key, const char *text);

/* Bytes that are neither 0 nor 1 become 1: any other value in a bool is undefined in C. */
void wg__bools_mend(wg_array *a);

/* `text` cut and made printable, for messages: returns `to`. */
enum { WG_SHOWN = 80 };
const char *wg__shown(char to[WG_SHOWN], const char *text, size_t size);

/* "f32[10,128]": returns `to`. */
enum { WG_TYPE_TEXT = WG_MAX_RANK * 24 + 16 };
const char *wg__type_text(char to[WG_TYPE_TEXT], wg_dtype dtype, const wg_shape *shape);

bool wg__utf8(const char *text, size_t size); /* well-formed (Unicode 15, table 3-7) */

/* A whole .npy of `whole` bytes. */
wg_status wg__npy_take(wg_source *s, uint64_t whole, wg_array *out, wg_fault *f);

/* wg__array_bytes, and WG_EDTYPE where .npy cannot say the dtype. */
wg_status wg__npy_check(const wg_array *a, size_t *bytes, wg_fault *f);

/* The header of a version 1.0 file; returns its length. */
enum { WG_NPY_HEADER = 512 };
size_t wg__npy_header(unsigned char to[WG_NPY_HEADER], const wg_array *a);

/* As wg_npz_write, but zip64 fields from `limit` on instead of 2^32 - 1, so that tests reach them. */
wg_status wg__npz_write(const char *path, const wg_archive *a, uint64_t limit, wg_fault *f);

/* wg_tape_save that says why. */
wg_status wg__tape_write(const wg_tape *t, const char *path, char *why, size_t why_size);

/* ---- JSON (RFC 8259), the part that safetensors headers use; strict, no recursion, no allocation ---------------- */

typedef struct wg_json {
    char *text; /* strings are decoded where they stand: a decoded one is never longer */
    size_t size, at;
    wg_fault *fault;
} wg_json;

bool wg__json_try(wg_json *j, char c);                   /* steps over white space, and over c if it is next */
bool wg__json_take(wg_json *j, char c);                  /* the same, and a fault if it is not               */
const char *wg__json_string(wg_json *j);                 /* UTF-8, no zero inside; NULL: fault               */
bool wg__json_natural(wg_json *j, uint64_t *value);      /* an integer >= 0 without fraction or exponent     */
bool wg__json_end(wg_json *j);                           /* nothing but white space follows                  */
bool wg__json_next(wg_json *j, char close, bool *first); /* another element of a list or object?           */
wg_status wg__json_fault(wg_json *j, const char *what);

#endif

/* wengert/io.h -- arrays and parameters from and to files: .npy, .npz, safetensors, IDX.
 *
 * Reading. A stranger's file is only data: every length in it is checked against the bytes that are there before it is
 * believed, so a file of a hundred bytes that speaks of a terabyte is refused at once, and a compressed one can unfold
 * to what its own header declares and not to a byte more. What a format allows and this library cannot hold (another
 * dtype, a rank above 8, big-endian .npy) is refused by name. A file is read whole or not at all: on failure *out is
 * empty ({0}). What *out held before is not freed.
 *
 * Writing. A file is written beside its place, synced and renamed, so whatever happens (a full disk, a lost machine)
 * the old file or the new one is there, whole; on failure nothing is left beside it. A symbolic link is followed; what
 * is no regular file (a pipe, /dev/stdout) is written in place.
 *
 * Errors. Each call answers a status, and on failure writes one line "path: what is wrong (where)" into `why`, cut to
 * `why_size` bytes with the ending zero; on success `why` is the empty text. `why` may be NULL, `why_size` 0.
 *   WG_EIO      the system refused: errno says why, and so does the text
 *   WG_EFORMAT  the file is malformed or cut short, holds what this library does not read, or is compressed and the
 *               library was built without zlib
 *   WG_ENOMEM   no memory
 *   WG_EARG     an argument makes no sense (a NULL path, an array without data)
 *   WG_EDTYPE   the format has no such dtype (bf16 in .npy, .npz)
 *
 * dtypes in files: f32, f64, f16, i64, i32, u8, bool, and in safetensors bf16, which NumPy's formats do not have. A byte of
 * a bool array that is neither 0 nor 1 is read as 1. */
#ifndef WENGERT_IO_H
#define WENGERT_IO_H

#include <wengert/base.h>
#include <wengert/tape.h>

#ifdef __cplusplus
extern "C" {
#endif

/* ---- NumPy's .npy ------------------------------------------------------------------------------------------- */

/* NumPy's NEP 1 and numpy.lib.format: versions 1.0, 2.0 and 3.0, dtypes f4 f8 f2 i8 i4 u1 b1, C or Fortran order (which
   comes out row-major). The caller frees *out. */
WG_API wg_status wg_npy_read(const char *path, wg_array *out, char *why, size_t why_size);

/* Version 1.0, little-endian, C order. */
WG_API wg_status wg_npy_write(const char *path, const wg_array *a, char *why, size_t why_size);

/* ---- arrays by name ------------------------------------------------------------------------------------------ */

/* A name and its array, both the archive's. */
typedef struct wg_named {
    char *name;
    wg_array array;
} wg_named;

/* What is said about an archive: a key and its text, both the archive's. */
typedef struct wg_meta {
    char *key, *text;
} wg_meta;

/* An ordered set of arrays, each under a name of its own: what .npz and safetensors files hold. Start with {0}. Look at
   entry[0..count-1] and meta[0..metas-1] freely; add and free only through the functions below (the rest is an index by name,
   and the file that wg_safetensors_map keeps in sight). */
typedef struct wg_archive {
    wg_named *entry;
    size_t count, capacity;
    size_t *slot;
    size_t slots;
    wg_meta *meta;
    size_t metas, meta_capacity;
    void *mapped;
    size_t mapped_size;
} wg_archive;

/* Adds at the end. The archive takes over what *array owns: an owned array becomes the archive's, and *array is left
   borrowing the same data, valid as long as the archive; a borrowed one stays the lender's, who keeps it alive as long
   as the archive is used. The name is copied: any text but the empty one. WG_EARG: no name, no array, or the name is
   there already; WG_ENOMEM. On failure nothing has changed. */
WG_API wg_status wg_archive_add(wg_archive *a, const char *name, wg_array *array);

/* The array of that name, borrowed until the archive changes, or NULL. */
WG_API const wg_array *wg_archive_find(const wg_archive *a, const char *name);

/* Metadata, which safetensors files keep (.npz files do not): sets the text of a key, and says it, or NULL. WG_EARG: no key or
   text; WG_ENOMEM. */
WG_API wg_status wg_archive_set_meta(wg_archive *a, const char *key, const char *text);
WG_API const char *wg_archive_meta(const wg_archive *a, const char *key);

/* Frees names, owned arrays and metadata, lets go of a mapped file, and empties *a; NULL is fine. */
WG_API void wg_archive_free(wg_archive *a);

/* ---- NumPy's .npz -------------------------------------------------------------------------------------------- */

/* A ZIP archive (PKWARE's APPNOTE 6.3) of .npy files, as numpy.savez and savez_compressed write it: entries stored or
   deflated (RFC 1951), zip64 sizes, data descriptors; CRC-32 checked. The names lose their ".npy". Refused: an entry
   that is no .npy, a name that comes twice, encryption, other compressions, archives in parts, entries that overlap. */
WG_API wg_status wg_npz_read(const char *path, wg_archive *out, char *why, size_t why_size);

/* Stored, not compressed; zip64 where a size needs it. The same archive gives the same bytes. */
WG_API wg_status wg_npz_write(const char *path, const wg_archive *a, char *why, size_t why_size);

/* ---- safetensors ----------------------------------------------------------------------------------------------- */

/* The format of github.com/huggingface/safetensors: eight bytes with the header's length, a JSON header, the data.
   dtypes F32 F64 BF16 F16 I64 I32 U8 BOOL; order as in the header; `__metadata__` becomes the archive's. Refused, as the format
   demands: a name or key that comes twice, sizes that do not match shapes, data that overlaps, leaves holes or bytes over. */
WG_API wg_status wg_safetensors_read(const char *path, wg_archive *out, char *why, size_t why_size);

/* The same without reading the data: the arrays lie in the file's own pages, which come into memory when they are looked at and
   may leave it again, so a file larger than memory can be used. The archive owns the mapping: its arrays are borrowed until
   wg_archive_free. Writing to them changes this process's copy of a page, never the file. An array that does not lie at a
   multiple of its element is copied. Everything that wg_safetensors_read refuses is refused here, against the size that the file
   has at the call; do not cut the file short while it is in use: the system ends a process that looks where a file has been.
   (A file that is replaced by renaming, as all writers here do, stays as it was.) WG_EIO: what is no regular file. */
WG_API wg_status wg_safetensors_map(const char *path, wg_archive *out, char *why, size_t why_size);

/* The header, metadata first, in the archive's order, padded to 8 bytes; the data by falling element size, so that each array
   starts at a multiple of its element. WG_EARG: a name, key or text is no UTF-8, or a name is "__metadata__". */
WG_API wg_status wg_safetensors_write(const char *path, const wg_archive *a, char *why, size_t why_size);

/* ---- IDX ------------------------------------------------------------------------------------------------------- */

/* The format of LeCun's MNIST files: types u8, i8, i16, i32, f32, f64, 1 to 8 dimensions, big-endian, which is turned.
   i8 and i16 come out as i32. A file compressed by gzip (RFC 1952) is recognised by its first bytes, not its name. */
WG_API wg_status wg_idx_read(const char *path, wg_array *out, char *why, size_t why_size);

/* ---- a store of parameters -------------------------------------------------------------------------------------- */

/* Every entry of the store (trainable, buffer, state) in a safetensors file, in order of making, with the metadata `format: pt`
   that loaders of PyTorch's weights ask for. Statuses as above; the text is wg_params_error(p)'s. */
WG_API wg_status wg_params_save(wg_params *p, const char *path);

typedef struct wg_load_options {
    const char *path;
    bool strict; /* true: what does not fit is an error; false: it is left */
} wg_load_options;

/* wg_params_load(p, path) fills the entries that the store has (so record the model first, and the optimiser if its state is
   to return) from a safetensors file, by name. File and store must have the same names, dtypes and shapes, else WG_EMISSING (a
   name is in one of them only), WG_EDTYPE or WG_ESHAPE, and wg_params_error lists every one that is missing from the file, not
   in the store, or unlike. With `.strict = false` it loads those that fit and passes over the rest, which wg_params_left
   (tape.h) lists. A transaction: the whole file is read and checked before the first parameter changes. Needs the store
   alone, as wg_params_set does. */
WG_API wg_status wg_params_load_create(wg_params *p, const wg_load_options *o);

/* ---- a model ----------------------------------------------------------------------------------------------------- */

/* path.tape, the tape as text, and path.safetensors: every parameter, buffer and state that is on the tape, and no others, so
   that what an optimiser keeps stays out of a tape that it is not on (an evaluation tape's file is PyTorch's state_dict). Each
   of the two is replaced whole, the weights first. Errors as above; WG_EARG: no tape, or one with an error. */
WG_API wg_status wg_model_save(const wg_tape *t, const char *path, char *why, size_t why_size);

/* Reads the two: a tape as wg_tape_read makes it (with o, which may be NULL), its store filled as by wg_params_load, strictly.
   Find what to feed and to read by wg_find and wg_returned. On failure *t is NULL; entries that a shared store had are as they
   were. The caller frees *t. */
WG_API wg_status wg_model_load(wg_tape **t, const char *path, const wg_tape_options *o, char *why, size_t why_size);

/* ---- checkpoints -------------------------------------------------------------------------------------------------- */

/* A file of a checkpoint: a plain name, and the arrays in it. */
typedef struct wg_saved {
    const char *name;
    const wg_archive *arrays;
} wg_saved;

/* A directory of n safetensors files in the place of `dir`, whatever was there of an earlier one: written beside it (dir.new),
   synced, and exchanged in one step, so a run that is killed at any moment leaves the old files or the new ones, all of them.
   WG_EARG: a name that is no plain one; WG_EIO, WG_ENOMEM. */
WG_API wg_status wg_checkpoint_write(const char *dir, const wg_saved *file, size_t n, char *why, size_t why_size);

/* One file of it. WG_EMISSING: there is no checkpoint; else as wg_safetensors_read. */
WG_API wg_status wg_checkpoint_read(const char *dir, const char *name, wg_archive *out, char *why, size_t why_size);

#ifdef __cplusplus
}
#endif

#ifndef __cplusplus
#define wg_params_load(p, ...) wg_params_load_create((p), &(wg_load_options){.strict = true, .path = __VA_ARGS__})
#endif
#endif

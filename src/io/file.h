/* file.h -- whole files in, whole files out.
 *
 * Inside src/io an error is a wg_fault without the path; the public functions end in wg__tell, which puts the path
 * before it. A fault of status WG_EIO leaves errno as the system set it. */
#ifndef WG_IO_FILE_H
#define WG_IO_FILE_H

#include "base/error.h"

#include <stdio.h>

/* The bytes of a file, 64-byte aligned, for the reader to change as it likes. */
typedef struct wg_bytes {
    unsigned char *data;
    size_t size;
} wg_bytes;

wg_status wg__file_read(const char *path, wg_bytes *out, wg_fault *f); /* free with wg__file_free */
void wg__file_free(wg_bytes *b);

/* The same without a copy of it: the file's pages, which are read when they are looked at, and of which a written one is this
   process's own. Free with wg__unmap (alloc.h). */
wg_status wg__file_map(const char *path, wg_bytes *out, wg_fault *f);

/* All of a public call that reads one array out of a file: `read` fills *out or fails; on failure *out is empty. */
typedef wg_status (*wg_array_reader)(const wg_bytes *file, wg_array *out, wg_fault *f);
wg_status wg__file_array(const char *path, wg_array *out, wg_array_reader read, char *why, size_t why_size);

/* A file being written beside its place. Everything that prints to a FILE may use `to`. */
typedef struct wg_writer {
    FILE *to;
    char *path;   /* the file to replace, links followed                   */
    char *beside; /* what is being written; NULL: `path` itself, no file   */
    int error;    /* errno of the first write that failed                  */
} wg_writer;

/* On success wg__writer_close must follow; on failure nothing is open. */
wg_status wg__writer_open(wg_writer *w, const char *path, wg_fault *f);

/* Keeps the first error for wg__writer_close to tell. */
void wg__writer_put(wg_writer *w, const void *data, size_t size);

/* Syncs, renames, syncs the directory; or, when f holds an error or something fails, leaves everything as it was. */
wg_status wg__writer_close(wg_writer *w, wg_fault *f);

/* Ends a public call: "path: text" (or the empty text) into why, and the fault's status. */
wg_status wg__tell(const wg_fault *f, const char *path, char *why, size_t why_size);

#endif

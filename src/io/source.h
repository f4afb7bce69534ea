/* source.h -- bytes that come out of a piece of memory in order, packed or not: what the format readers read from. */
#ifndef WG_IO_SOURCE_H
#define WG_IO_SOURCE_H

#include "base/error.h"

typedef enum wg_packing { WG_PLAIN, WG_DEFLATE, WG_GZIP } wg_packing; /* as it stands; RFC 1951; RFC 1952 */

/* CRC-32 (ISO 3309, as in zip and gzip), eight bytes a step (Kounavis and Berry 2005). */
typedef struct wg_crc {
    uint32_t table[8][256];
} wg_crc;
void wg__crc_init(wg_crc *c);
uint32_t wg__crc(const wg_crc *c, uint32_t crc, const void *data, size_t size); /* start with crc = 0 */

typedef struct wg_source {
    const unsigned char *in; /* packed bytes not used yet, borrowed */
    size_t left;
    wg_packing packing;
    uint64_t size;     /* all packed bytes                                        */
    uint64_t given;    /* unpacked bytes handed out                               */
    bool ended;        /* the packed stream is at its end                         */
    void *zlib;        /* its z_stream; NULL when plain                           */
    const wg_crc *sum; /* set it after opening to keep `crc` of what is handed out */
    uint32_t crc;
} wg_source;

/* WG_EFORMAT when it is packed and the library was built without zlib. On failure there is nothing to close. */
wg_status wg__source_open(wg_source *s, const void *data, size_t size, wg_packing packing, wg_fault *f);
void wg__source_close(wg_source *s);

/* The next n bytes, all of them or WG_EFORMAT. */
wg_status wg__source_get(wg_source *s, void *to, size_t n, wg_fault *f);

/* WG_EFORMAT unless everything has been handed out, and checksums agree. */
wg_status wg__source_end(wg_source *s, wg_fault *f);

/* No more than this can still come: exact when plain, a bound from deflate's best ratio when packed. */
uint64_t wg__source_most(const wg_source *s);

#endif

/* bytes.h -- numbers in files: little-endian (zip, npy, safetensors) and big-endian (IDX) fields at any address.
 * The payloads of little-endian formats are copied as they stand, which is right on little-endian hosts only. */
#ifndef WG_IO_BYTES_H
#define WG_IO_BYTES_H

#include <stdint.h>

#if !defined __BYTE_ORDER__ || __BYTE_ORDER__ != __ORDER_LITTLE_ENDIAN__
#error "src/io copies little-endian payloads as they stand: this host needs them turned"
#endif

static inline uint16_t wg__le16(const unsigned char *p) { return (uint16_t)(p[0] | p[1] << 8); }

static inline uint32_t wg__le32(const unsigned char *p) { return wg__le16(p) | (uint32_t)wg__le16(p + 2) << 16; }

static inline uint64_t wg__le64(const unsigned char *p) { return wg__le32(p) | (uint64_t)wg__le32(p + 4) << 32; }

static inline uint32_t wg__be32(const unsigned char *p) { return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3]; }

static inline uint64_t wg__be64(const unsigned char *p) { return (uint64_t)wg__be32(p) << 32 | wg__be32(p + 4); }

/* Writes the `n` low bytes of v, lowest first; returns what follows them. */
static inline unsigned char *wg__put_le(unsigned char *p, uint64_t v, int n)
{
    for (int i = 0; i < n; i++) *p++ = (unsigned char)(v >> 8 * i);
    return p;
}

#endif

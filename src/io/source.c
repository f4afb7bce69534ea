/* source.c -- bytes out of memory: as they stand, or through zlib. zlib is optional (WG_HAVE_ZLIB). */
#include "io/source.h"
#include "base/alloc.h"

#include <limits.h>
#include <string.h>

static wg_status short_fault(wg_fault *f, size_t wanted)
{
    return wg__fail(f, WG_EFORMAT, "is cut short (%zu more bytes are needed)", wanted);
}

#if WG_HAVE_ZLIB
#include <zlib.h>

/* Deflate's shortest code for its longest match: 258 bytes from 2 bits. */
enum { BEST_RATIO = 1032 };

static voidpf zlib_alloc(voidpf unused, uInt items, uInt size)
{
    (void)unused;
    return wg__alloc(wg__mul(items, size));
}

static void zlib_free(voidpf unused, voidpf p)
{
    (void)unused;
    wg__free(p);
}

static wg_status packed_open(wg_source *s, wg_fault *f)
{
    z_stream *z = wg__alloc(sizeof *z);
    if (!z) return wg__fail(f, WG_ENOMEM, "out of memory");
    z->zalloc = zlib_alloc;
    z->zfree = zlib_free;
    int bits = s->packing == WG_GZIP ? 16 + MAX_WBITS : -MAX_WBITS; /* zlib's way to ask for gzip, and for no header */
    if (inflateInit2(z, bits) != Z_OK) {
        wg__free(z);
        return wg__fail(f, WG_ENOMEM, "out of memory");
    }
    s->zlib = z;
    return WG_OK;
}

static void packed_close(wg_source *s)
{
    inflateEnd(s->zlib);
    wg__free(s->zlib);
}

/* gzip allows members one after the other (RFC 1952, 2.2); what they hold is joined. */
static wg_status packed_next_member(wg_source *s, wg_fault *f)
{
    if (s->packing == WG_GZIP && s->left) {
        if (inflateReset(s->zlib) != Z_OK) return wg__fail(f, WG_EFORMAT, "gzip: broken stream");
        return WG_OK;
    }
    if (s->left) return wg__fail(f, WG_EFORMAT, "%zu bytes follow the deflated data", s->left);
    s->ended = true;
    return WG_OK;
}

/* Up to n bytes; fewer only when the stream is at its end. */
static wg_status packed_get(wg_source *s, unsigned char *to, size_t n, size_t *got, wg_fault *f)
{
    z_stream *z = s->zlib;
    const char *kind = s->packing == WG_GZIP ? "gzip" : "deflate";
    for (*got = 0; *got < n && !s->ended;) {
        uInt in = s->left < UINT_MAX ? (uInt)s->left : UINT_MAX;
        uInt out = n - *got < UINT_MAX ? (uInt)(n - *got) : UINT_MAX;
        z->next_in = (z_const Bytef *)s->in;
        z->avail_in = in;
        z->next_out = to + *got;
        z->avail_out = out;
        int r = inflate(z, Z_NO_FLUSH);
        s->in += in - z->avail_in;
        s->left -= in - z->avail_in;
        *got += out - z->avail_out;
        if (r == Z_MEM_ERROR) return wg__fail(f, WG_ENOMEM, "out of memory");
        if (r == Z_BUF_ERROR) return wg__fail(f, WG_EFORMAT, "%s: the data is cut short", kind);
        if (r != Z_OK && r != Z_STREAM_END)
            return wg__fail(f, WG_EFORMAT, "%s: %s (packed byte %llu)", kind, z->msg ? z->msg : "broken stream",
                            (unsigned long long)(s->size - s->left));
        if (r == Z_STREAM_END && packed_next_member(s, f)) return f->status;
    }
    s->given += *got;
    return WG_OK;
}

static uint64_t packed_most(const wg_source *s)
{
    if (s->size > (UINT64_MAX >> 1) / BEST_RATIO) return UINT64_MAX;
    uint64_t most = s->size * BEST_RATIO;
    return most > s->given ? most - s->given : 0;
}

#else

static wg_status packed_open(wg_source *s, wg_fault *f)
{
    return wg__fail(f, WG_EFORMAT, "is %s, which this library cannot read: it was built without zlib",
                    s->packing == WG_GZIP ? "compressed (gzip)" : "compressed (deflate)");
}

static void packed_close(wg_source *s) { (void)s; }

static wg_status packed_get(wg_source *s, unsigned char *to, size_t n, size_t *got, wg_fault *f)
{
    (void)to;
    (void)n;
    *got = 0;
    return packed_open(s, f);
}

static uint64_t packed_most(const wg_source *s)
{
    (void)s;
    return 0;
}
#endif

wg_status wg__source_open(wg_source *s, const void *data, size_t size, wg_packing packing, wg_fault *f)
{
    *s = (wg_source){.in = data, .left = size, .packing = packing, .size = size};
    return packing == WG_PLAIN ? WG_OK : packed_open(s, f);
}

void wg__source_close(wg_source *s)
{
    if (s->zlib) packed_close(s);
    *s = (wg_source){0};
}

wg_status wg__source_get(wg_source *s, void *to, size_t n, wg_fault *f)
{
    size_t got = 0;
    if (s->packing != WG_PLAIN) {
        if (packed_get(s, to, n, &got, f)) return f->status;
        if (got < n) return short_fault(f, n - got);
    } else {
        if (n > s->left) return short_fault(f, n - s->left);
        if (n) memcpy(to, s->in, n);
        s->in += n;
        s->left -= n;
        s->given += n;
    }
    if (s->sum) s->crc = wg__crc(s->sum, s->crc, to, n);
    return WG_OK;
}

wg_status wg__source_end(wg_source *s, wg_fault *f)
{
    unsigned char over;
    size_t got = 0;
    if (s->packing == WG_PLAIN) {
        if (s->left) return wg__fail(f, WG_EFORMAT, "%zu bytes follow the data", s->left);
        return WG_OK;
    }
    /* asking for one byte more takes zlib to the end of the stream, where it compares the checksum */
    if (packed_get(s, &over, 1, &got, f)) return f->status;
    return got ? wg__fail(f, WG_EFORMAT, "more is packed than the header declares") : WG_OK;
}

uint64_t wg__source_most(const wg_source *s) { return s->packing == WG_PLAIN ? s->left : packed_most(s); }

/* ---- CRC-32 ---------------------------------------------------------------------------------------------------- */

void wg__crc_init(wg_crc *c)
{
    for (uint32_t i = 0; i < 256; i++) {
        uint32_t x = i;
        for (int bit = 0; bit < 8; bit++) x = x & 1 ? x >> 1 ^ UINT32_C(0xedb88320) : x >> 1;
        c->table[0][i] = x;
    }
    for (int k = 1; k < 8; k++) /* table k: the byte, and then k zero bytes */
        for (int i = 0; i < 256; i++) {
            uint32_t x = c->table[k - 1][i];
            c->table[k][i] = x >> 8 ^ c->table[0][x & 255];
        }
}

uint32_t wg__crc(const wg_crc *c, uint32_t crc, const void *data, size_t size)
{
    const unsigned char *p = data;
    crc = ~crc;
    for (; size >= 8; size -= 8, p += 8) {
        crc ^= (uint32_t)p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 | (uint32_t)p[3] << 24;
        crc = c->table[7][crc & 255] ^ c->table[6][crc >> 8 & 255] ^ c->table[5][crc >> 16 & 255] ^ c->table[4][crc >> 24] ^
              c->table[3][p[4]] ^ c->table[2][p[5]] ^ c->table[1][p[6]] ^ c->table[0][p[7]];
    }
    for (; size; size--) crc = crc >> 8 ^ c->table[0][(crc ^ *p++) & 255];
    return ~crc;
}

/* idx.c -- IDX, the format of LeCun's MNIST files, plain or gzipped: two zero bytes, a type, a rank, the sizes as
 * big-endian 32-bit numbers, the elements, big-endian. Elements are turned in place after they are read. */
#include "base/alloc.h"
#include "io/bytes.h"
#include "io/file.h"
#include "io/format.h"

#include <string.h>

typedef struct element {
    int code;       /* in the file                                  */
    size_t width;   /* bytes an element in the file                 */
    wg_dtype dtype; /* in memory: i8 and i16 widen, being no dtypes */
} element;

static const element TYPES[] = {{0x08, 1, WG_U8},  {0x09, 1, WG_I32}, {0x0b, 2, WG_I32},
                                {0x0c, 4, WG_I32}, {0x0d, 4, WG_F32}, {0x0e, 8, WG_F64}};

/* i8 and i16 into i32, in the same memory. The packed elements stand at its end: number i is written to bytes 4i to
   4i + 3, and number i + 1 is read from 4n - w(n - i - 1) >= 4(i + 1) on, so none is overwritten before it is read. */
static void widen(unsigned char *data, int64_t n, size_t width)
{
    const unsigned char *from = data + (size_t)n * (4 - width);
    for (int64_t i = 0; i < n; i++, from += width) {
        int32_t v = width == 1 ? (from[0] ^ 0x80) - 0x80 : ((from[0] << 8 | from[1]) ^ 0x8000) - 0x8000;
        memcpy(data + 4 * i, &v, 4);
    }
}

static void turn(wg_array *a, size_t width)
{
    unsigned char *p = a->data;
    int64_t n = wg_shape_count(a->shape);
    if (wg_dtype_size(a->dtype) != width) {
        widen(p, n, width);
    } else if (width == 4) {
        for (int64_t i = 0; i < n; i++) {
            uint32_t v = wg__be32(p + 4 * i);
            memcpy(p + 4 * i, &v, 4);
        }
    } else if (width == 8) {
        for (int64_t i = 0; i < n; i++) {
            uint64_t v = wg__be64(p + 8 * i);
            memcpy(p + 8 * i, &v, 8);
        }
    }
}

static wg_status read_header(wg_source *s, const element **type, wg_shape *shape, wg_fault *f)
{
    unsigned char head[4], size[4];
    if (wg__source_get(s, head, 4, f)) return f->status;
    if (head[0] || head[1]) return wg__fail(f, WG_EFORMAT, "is no IDX file (wrong first bytes)");
    *type = NULL;
    for (size_t i = 0; i < sizeof TYPES / sizeof *TYPES; i++)
        if (TYPES[i].code == head[2]) *type = &TYPES[i];
    if (!*type) return wg__fail(f, WG_EFORMAT, "IDX type 0x%02x is unknown (byte 2)", (unsigned)head[2]);
    if (head[3] < 1 || head[3] > WG_MAX_RANK) return wg__fail(f, WG_EFORMAT, "has %d dimensions, 1 to 8 are read (byte 3)", head[3]);
    shape->rank = head[3];
    for (int i = 0; i < shape->rank; i++) {
        if (wg__source_get(s, size, 4, f)) return f->status;
        shape->dim[i] = wg__be32(size);
    }
    return WG_OK;
}

/* What a shape of elements takes in the file, checked against what can still come. */
static wg_status packed_bytes(const element *type, const wg_shape *shape, uint64_t most, size_t *bytes, wg_fault *f)
{
    size_t widening = wg_dtype_size(type->dtype) / type->width;
    uint64_t most_in_memory = most > UINT64_MAX / widening ? UINT64_MAX : most * widening;
    if (wg__declared_bytes(type->dtype, shape, most_in_memory, bytes, f)) return f->status;
    *bytes /= widening;
    return WG_OK;
}

static wg_status read_array(wg_source *s, wg_array *out, wg_fault *f)
{
    const element *type = NULL;
    wg_shape shape = {0};
    size_t bytes;
    if (read_header(s, &type, &shape, f)) return f->status;
    if (packed_bytes(type, &shape, wg__source_most(s), &bytes, f)) return f->status;
    if (wg_array_new(out, type->dtype, shape)) return wg__fail(f, WG_ENOMEM, "out of memory (%zu bytes)", bytes);
    size_t offset = bytes * (wg_dtype_size(type->dtype) / type->width) - bytes;
    if (bytes) wg__source_get(s, (unsigned char *)out->data + offset, bytes, f);
    if (f->status == WG_OK) wg__source_end(s, f);
    if (f->status == WG_OK && bytes) turn(out, type->width);
    if (f->status != WG_OK) wg_array_free(out);
    return f->status;
}

static wg_status read_whole(const wg_bytes *file, wg_array *out, wg_fault *f)
{
    wg_source s;
    bool gzip = file->size >= 2 && file->data[0] == 0x1f && file->data[1] == 0x8b;
    if (wg__source_open(&s, file->data, file->size, gzip ? WG_GZIP : WG_PLAIN, f)) return f->status;
    read_array(&s, out, f);
    wg__source_close(&s);
    return f->status;
}

wg_status wg_idx_read(const char *path, wg_array *out, char *why, size_t why_size)
{
    return wg__file_array(path, out, read_whole, why, why_size);
}

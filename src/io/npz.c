/* npz.c -- NumPy's .npz: a ZIP archive (PKWARE APPNOTE 6.3) of .npy files.
 *
 * Reading goes by the central directory at the end, whose sizes are right also where the local headers leave them to
 * a data descriptor or to zip64. Every field is checked against the bytes there are, and the packed sizes together
 * against the room before the directory, so entries cannot share bytes and unfold them many times over. */
#include "base/alloc.h"
#include "io/bytes.h"
#include "io/file.h"
#include "io/format.h"

#include <string.h>

enum {
    LOCAL = 0x04034b50,
    CENTRAL = 0x02014b50,
    END = 0x06054b50,
    END64 = 0x06064b50,
    LOCATOR64 = 0x07064b50,
    LOCAL_SIZE = 30,
    CENTRAL_SIZE = 46,
    END_SIZE = 22,
    END64_SIZE = 56,
    LOCATOR64_SIZE = 20,
    FLAG_ENCRYPTED = 1,
    FLAG_UTF8 = 1 << 11,
    STORED = 0,
    DEFLATED = 8,
    ZIP64 = 1 /* id of the extra field */
};

static const uint32_t MANY = UINT32_MAX; /* "look into the zip64 field" */

typedef struct directory {
    uint64_t offset, size, count;
} directory;

typedef struct item {
    const char *name; /* in the file, not ended by a zero */
    size_t name_size;
    unsigned flags, method;
    uint32_t crc;
    uint64_t packed, size, offset;
} item;

typedef struct reader {
    const unsigned char *data;
    size_t size;
    directory dir;
    wg_crc crc;
    wg_fault *fault;
} reader;

/* ---- reading ---------------------------------------------------------------------------------------------------- */

static wg_status bad(const reader *r, const char *what, uint64_t at)
{
    return wg__fail(r->fault, WG_EFORMAT, "%s (byte %llu)", what, (unsigned long long)at);
}

static wg_status bad_item(const reader *r, const item *it, const char *what)
{
    char shown[WG_SHOWN];
    return wg__fail(r->fault, WG_EFORMAT, "%s: %s", wg__shown(shown, it->name, it->name_size), what);
}

/* The zip64 record of the directory, if its locator stands before the end record at `end`. */
static wg_status read_end64(reader *r, size_t end, uint64_t *room)
{
    if (end < LOCATOR64_SIZE) return WG_OK;
    size_t at = end - LOCATOR64_SIZE;
    const unsigned char *p = r->data + at;
    if (wg__le32(p) != LOCATOR64) return WG_OK;
    uint64_t where = wg__le64(p + 8);
    if (at < END64_SIZE || where > at - END64_SIZE || wg__le32(r->data + where) != END64)
        return bad(r, "the zip64 directory is not where it should be", at);
    p = r->data + where;
    if (wg__le32(p + 16) || wg__le32(p + 20) || wg__le64(p + 24) != wg__le64(p + 32))
        return bad(r, "is one part of an archive in parts", where);
    r->dir = (directory){.count = wg__le64(p + 32), .size = wg__le64(p + 40), .offset = wg__le64(p + 48)};
    *room = where;
    return WG_OK;
}

static wg_status find_directory(reader *r)
{
    size_t lowest = r->size > END_SIZE + 65535 ? r->size - END_SIZE - 65535 : 0; /* a comment may follow */
    if (r->size < END_SIZE) return bad(r, "is no zip archive, or cut short", r->size);
    size_t end = r->size - END_SIZE;
    while (wg__le32(r->data + end) != END || wg__le16(r->data + end + 20) != r->size - end - END_SIZE)
        if (end-- == lowest) return bad(r, "is no zip archive, or cut short: no directory", r->size);
    const unsigned char *p = r->data + end;
    uint64_t room = end; /* the directory must end before this */
    if (wg__le16(p + 4) || wg__le16(p + 6) || wg__le16(p + 8) != wg__le16(p + 10)) return bad(r, "is one part of an archive in parts", end);
    r->dir = (directory){.count = wg__le16(p + 10), .size = wg__le32(p + 12), .offset = wg__le32(p + 16)};
    if (read_end64(r, end, &room)) return r->fault->status;
    if (r->dir.offset > room || r->dir.size > room - r->dir.offset) return bad(r, "the directory lies outside of the file", end);
    if (r->dir.count > r->dir.size / CENTRAL_SIZE) return bad(r, "the directory is too small for its entries", end);
    return WG_OK;
}

/* Sizes that did not fit 32 bits stand in the extra field, in a fixed order, only those. */
static wg_status read_extra(const reader *r, item *it, const unsigned char *p, size_t size)
{
    while (size >= 4) {
        unsigned id = wg__le16(p);
        size_t n = wg__le16(p + 2);
        p += 4;
        size -= 4;
        if (n > size) return bad_item(r, it, "an extra field is longer than there is room");
        const unsigned char *q = p;
        uint64_t *field[] = {&it->size, &it->packed, &it->offset};
        for (int k = 0; k < 3 && id == ZIP64; k++) {
            if (*field[k] != MANY) continue;
            if (n - (size_t)(q - p) < 8) return bad_item(r, it, "a zip64 size is missing");
            *field[k] = wg__le64(q);
            q += 8;
        }
        p += n;
        size -= n;
    }
    return WG_OK;
}

/* The directory's entry at *at, which moves on. */
static wg_status read_item(const reader *r, uint64_t *at, item *it)
{
    uint64_t end = r->dir.offset + r->dir.size;
    const unsigned char *p = r->data + *at;
    if (end - *at < CENTRAL_SIZE || wg__le32(p) != CENTRAL) return bad(r, "a broken directory", *at);
    size_t name = wg__le16(p + 28), extra = wg__le16(p + 30), comment = wg__le16(p + 32);
    if (end - *at - CENTRAL_SIZE < name + extra + comment) return bad(r, "a broken directory", *at);
    *it = (item){.name = (const char *)p + CENTRAL_SIZE,
                 .name_size = name,
                 .flags = wg__le16(p + 8),
                 .method = wg__le16(p + 10),
                 .crc = wg__le32(p + 16),
                 .packed = wg__le32(p + 20),
                 .size = wg__le32(p + 24),
                 .offset = wg__le32(p + 42)};
    if (it->flags & FLAG_ENCRYPTED) return bad_item(r, it, "is encrypted");
    if (it->method != STORED && it->method != DEFLATED)
        return bad_item(r, it, "is compressed in a way that is not read (stored and deflated are)");
    *at += CENTRAL_SIZE + name + extra + comment;
    return read_extra(r, it, p + CENTRAL_SIZE + name, extra);
}

/* Where the packed bytes of an entry begin. */
static wg_status find_data(const reader *r, const item *it, const unsigned char **data)
{
    uint64_t room = r->dir.offset;
    if (it->offset > room || room - it->offset < LOCAL_SIZE) return bad_item(r, it, "lies outside of the file");
    const unsigned char *p = r->data + it->offset;
    size_t name = wg__le16(p + 26), extra = wg__le16(p + 28);
    if (wg__le32(p) != LOCAL || wg__le16(p + 8) != it->method) return bad_item(r, it, "its own header is another's");
    room -= it->offset + LOCAL_SIZE;
    if (room < name + extra || room - name - extra < it->packed) return bad_item(r, it, "lies outside of the file");
    if (name != it->name_size || memcmp(p + LOCAL_SIZE, it->name, name) != 0) return bad_item(r, it, "its own header bears another name");
    *data = p + LOCAL_SIZE + name + extra;
    return WG_OK;
}

/* The name in the archive: without ".npy". *key is the caller's to free. */
static wg_status make_key(const reader *r, const item *it, char **key)
{
    size_t n = it->name_size;
    if (n <= 4 || memcmp(it->name + n - 4, ".npy", 4) != 0) return bad_item(r, it, "is no .npy");
    if (memchr(it->name, 0, n) || !wg__utf8(it->name, n)) return bad_item(r, it, "the name is not UTF-8");
    *key = wg__alloc(n - 3);
    if (!*key) return wg__fail(r->fault, WG_ENOMEM, "out of memory");
    memcpy(*key, it->name, n - 4);
    return WG_OK;
}

static wg_status read_array(const reader *r, const item *it, wg_array *out)
{
    const unsigned char *data = NULL;
    wg_source s;
    wg_fault inner = {0};
    *out = (wg_array){0};
    if (find_data(r, it, &data)) return r->fault->status;
    if (it->method == STORED && it->packed != it->size) return bad_item(r, it, "is stored, and its two sizes differ");
    if (!wg__source_open(&s, data, (size_t)it->packed, it->method == STORED ? WG_PLAIN : WG_DEFLATE, &inner)) {
        s.sum = &r->crc;
        wg__npy_take(&s, it->size, out, &inner);
        if (inner.status == WG_OK && s.crc != it->crc) wg__fail(&inner, WG_EFORMAT, "the checksum (CRC-32) is wrong");
        wg__source_close(&s);
    }
    if (inner.status == WG_OK) return WG_OK;
    wg_array_free(out);
    bad_item(r, it, inner.text);
    return r->fault->status = inner.status;
}

static wg_status add_item(const reader *r, const item *it, wg_archive *out)
{
    char *key = NULL;
    wg_array a = {0};
    if (make_key(r, it, &key)) return r->fault->status;
    if (wg_archive_find(out, key)) bad_item(r, it, "the name comes twice");
    else if (!read_array(r, it, &a) && wg_archive_add(out, key, &a)) wg__fail(r->fault, WG_ENOMEM, "out of memory");
    if (r->fault->status != WG_OK) wg_array_free(&a);
    wg__free(key);
    return r->fault->status;
}

/* The packed entries and their headers stand side by side before the directory: together they cannot be more. */
static wg_status check_room(const reader *r)
{
    uint64_t at = r->dir.offset, room = r->dir.offset;
    for (uint64_t i = 0; i < r->dir.count; i++) {
        item it;
        if (read_item(r, &at, &it)) return r->fault->status;
        uint64_t head = LOCAL_SIZE + it.name_size;
        if (room < head || room - head < it.packed) return bad_item(r, &it, "shares its bytes with another entry");
        room -= head + it.packed;
    }
    if (at != r->dir.offset + r->dir.size) return bad(r, "a broken directory", at);
    return WG_OK;
}

static wg_status read_archive(const wg_bytes *file, wg_archive *out, wg_fault *f)
{
    reader r = {.data = file->data, .size = file->size, .fault = f};
    if (find_directory(&r) || check_room(&r)) return f->status;
    wg__crc_init(&r.crc);
    uint64_t at = r.dir.offset;
    for (uint64_t i = 0; i < r.dir.count && f->status == WG_OK; i++) {
        item it;
        if (!read_item(&r, &at, &it)) add_item(&r, &it, out);
    }
    return f->status;
}

wg_status wg_npz_read(const char *path, wg_archive *out, char *why, size_t why_size)
{
    wg_fault f = {0};
    wg_bytes file;
    if (!out) wg__fail(&f, WG_EARG, "nowhere to put the arrays");
    else *out = (wg_archive){0};
    if (f.status == WG_OK && !wg__file_read(path, &file, &f)) {
        if (read_archive(&file, out, &f)) wg_archive_free(out);
        wg__file_free(&file);
    }
    return wg__tell(&f, path, why, why_size);
}

/* ---- writing ---------------------------------------------------------------------------------------------------- */

typedef struct written {
    uint32_t crc;
    uint64_t size, offset;
} written;

typedef struct archiver {
    wg_writer w;
    uint64_t at;    /* bytes written                                   */
    uint64_t limit; /* from here on a size goes into the zip64 field   */
    wg_crc crc;
} archiver;

static void put(archiver *z, const void *data, size_t size)
{
    wg__writer_put(&z->w, data, size);
    z->at += size;
}

/* What stands in both headers from "version needed" to the length of the name. */
static unsigned char *put_common(unsigned char *p, const char *name, const written *e, bool wide)
{
    unsigned flags = 0;
    for (const char *c = name; *c; c++)
        if (*c & 0x80) flags = FLAG_UTF8;
    p = wg__put_le(p, wide ? 45 : 20, 2);
    p = wg__put_le(p, flags, 2);
    p = wg__put_le(p, STORED, 2);
    p = wg__put_le(p, 0, 2);    /* time: 00:00, so that the same arrays give the same file */
    p = wg__put_le(p, 0x21, 2); /* date: 1980-01-01, the first there is                    */
    p = wg__put_le(p, e->crc, 4);
    p = wg__put_le(p, wide ? MANY : e->size, 4);
    p = wg__put_le(p, wide ? MANY : e->size, 4);
    return wg__put_le(p, strlen(name) + 4, 2);
}

static void put_name(archiver *z, const char *name)
{
    put(z, name, strlen(name));
    put(z, ".npy", 4);
}

static void put_local(archiver *z, const wg_named *e, written *done)
{
    unsigned char head[WG_NPY_HEADER], record[LOCAL_SIZE + 20], *p = record, extra[20], *q = extra;
    size_t bytes = 0, n = wg__npy_header(head, &e->array);
    wg_fault checked = {0};
    wg__array_bytes(&e->array, &bytes, &checked);
    done->offset = z->at;
    done->size = n + (uint64_t)bytes;
    done->crc = wg__crc(&z->crc, wg__crc(&z->crc, 0, head, n), e->array.data, bytes);
    bool wide = done->size >= z->limit;
    p = put_common(wg__put_le(p, LOCAL, 4), e->name, done, wide);
    p = wg__put_le(p, wide ? 20 : 0, 2);
    put(z, record, (size_t)(p - record));
    put_name(z, e->name);
    if (wide) {
        q = wg__put_le(wg__put_le(q, ZIP64, 2), 16, 2);
        q = wg__put_le(wg__put_le(q, done->size, 8), done->size, 8);
        put(z, extra, (size_t)(q - extra));
    }
    put(z, head, n);
    put(z, e->array.data, bytes);
}

static void put_central(archiver *z, const wg_named *e, const written *done)
{
    unsigned char record[CENTRAL_SIZE], *p = record, extra[28], *q = extra + 4;
    bool wide = done->size >= z->limit, far = done->offset >= z->limit;
    if (wide) q = wg__put_le(wg__put_le(q, done->size, 8), done->size, 8);
    if (far) q = wg__put_le(q, done->offset, 8);
    size_t n = wide || far ? (size_t)(q - extra) : 0;
    wg__put_le(wg__put_le(extra, ZIP64, 2), (uint64_t)(q - extra - 4), 2);
    p = wg__put_le(p, CENTRAL, 4);
    p = wg__put_le(p, 3 << 8 | (wide || far ? 45 : 20), 2); /* made by: Unix, whose file modes follow below */
    p = put_common(p, e->name, done, wide);
    p = wg__put_le(p, n, 2);
    p = wg__put_le(p, 0, 2);                                /* comment          */
    p = wg__put_le(p, 0, 4);                                /* part, attributes */
    p = wg__put_le(p, (uint64_t)(0100000 | 0644) << 16, 4); /* mode          */
    p = wg__put_le(p, far ? MANY : done->offset, 4);
    put(z, record, (size_t)(p - record));
    put_name(z, e->name);
    put(z, extra, n);
}

static void put_end(archiver *z, uint64_t count, uint64_t from)
{
    unsigned char record[END64_SIZE + LOCATOR64_SIZE + END_SIZE], *p = record;
    uint64_t size = z->at - from, here = z->at;
    bool many = count >= (z->limit < 0xffff ? z->limit : 0xffff), wide = size >= z->limit, far = from >= z->limit;
    if (many || wide || far) {
        p = wg__put_le(wg__put_le(p, END64, 4), END64_SIZE - 12, 8);
        p = wg__put_le(wg__put_le(p, 3 << 8 | 45, 2), 45, 2);
        p = wg__put_le(p, 0, 8); /* this part, the directory's part */
        p = wg__put_le(wg__put_le(p, count, 8), count, 8);
        p = wg__put_le(wg__put_le(p, size, 8), from, 8);
        p = wg__put_le(wg__put_le(p, LOCATOR64, 4), 0, 4);
        p = wg__put_le(wg__put_le(p, here, 8), 1, 4);
    }
    p = wg__put_le(wg__put_le(p, END, 4), 0, 4);
    p = wg__put_le(wg__put_le(p, many ? 0xffff : count, 2), many ? 0xffff : count, 2);
    p = wg__put_le(wg__put_le(p, wide ? MANY : size, 4), far ? MANY : from, 4);
    p = wg__put_le(p, 0, 2);
    put(z, record, (size_t)(p - record));
}

static wg_status check_archive(const wg_archive *a, wg_fault *f)
{
    char shown[WG_SHOWN];
    for (size_t i = 0; i < a->count; i++) {
        const char *name = a->entry[i].name ? a->entry[i].name : "";
        wg_fault inner = {0};
        size_t bytes, n = strlen(name);
        const char *what = !n                                                  ? "an array without a name"
                           : n > 65535 - 4                                     ? "the name is too long"
                           : !wg__utf8(name, n)                                ? "the name is not UTF-8"
                           : wg__npy_check(&a->entry[i].array, &bytes, &inner) ? inner.text
                                                                               : NULL;
        if (what) return wg__fail(f, inner.status ? inner.status : WG_EARG, "%s: %s", wg__shown(shown, name, n), what);
    }
    return WG_OK;
}

wg_status wg__npz_write(const char *path, const wg_archive *a, uint64_t limit, wg_fault *f)
{
    archiver z = {.limit = limit};
    if (!a) return wg__fail(f, WG_EARG, "no archive");
    if (check_archive(a, f)) return f->status;
    written *done = wg__alloc(wg__mul(a->count, sizeof *done));
    if (!done) return wg__fail(f, WG_ENOMEM, "out of memory");
    if (!wg__writer_open(&z.w, path, f)) {
        wg__crc_init(&z.crc);
        for (size_t i = 0; i < a->count; i++) put_local(&z, &a->entry[i], &done[i]);
        uint64_t from = z.at;
        for (size_t i = 0; i < a->count; i++) put_central(&z, &a->entry[i], &done[i]);
        put_end(&z, a->count, from);
        wg__writer_close(&z.w, f);
    }
    wg__free(done);
    return f->status;
}

wg_status wg_npz_write(const char *path, const wg_archive *a, char *why, size_t why_size)
{
    wg_fault f = {0};
    wg__npz_write(path, a, MANY, &f);
    return wg__tell(&f, path, why, why_size);
}

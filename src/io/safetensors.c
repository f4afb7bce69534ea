/* safetensors.c -- the format of github.com/huggingface/safetensors: the header's length (8 bytes, little-endian), a
 * JSON object of name: {dtype, shape, data_offsets}, the data. The offsets count from the header's end, and together
 * they must cover the data once: no overlap, no hole. Entries are collected and checked before any array is made. */
#include "base/alloc.h"
#include "io/bytes.h"
#include "io/file.h"
#include "io/format.h"

#include <stdlib.h>
#include <string.h>

static const char METADATA[] = "__metadata__";

static const char *const DTYPE_TEXT[WG_DTYPES] = {[WG_F32] = "F32", [WG_F64] = "F64",   [WG_I64] = "I64",   [WG_I32] = "I32",
                                                  [WG_U8] = "U8",   [WG_BOOL] = "BOOL", [WG_BF16] = "BF16", [WG_F16] = "F16"};

typedef struct entry {
    const char *name; /* in the header */
    wg_dtype dtype;
    wg_shape shape;
    uint64_t begin, end;
} entry;

typedef struct reader {
    wg_json json;
    entry *list;
    size_t count, capacity;
    unsigned char *data;
    uint64_t size; /* of the data */
    bool mapped;   /* the data stays where it is */
    wg_archive *out;
    wg_fault *fault;
} reader;

/* ---- reading --------------------------------------------------------------------------------------------------- */

static bool take_dtype(wg_json *j, wg_dtype *dtype)
{
    char shown[WG_SHOWN];
    const char *text = wg__json_string(j);
    if (!text) return false;
    for (int d = 1; d < WG_DTYPES; d++) {
        if (strcmp(text, DTYPE_TEXT[d]) != 0) continue;
        *dtype = (wg_dtype)d;
        return true;
    }
    wg__fail(j->fault, WG_EFORMAT, "dtype %s is not read (F32, F64, BF16, F16, I64, I32, U8, BOOL are) (header, byte %zu)",
             wg__shown(shown, text, strlen(text)), j->at);
    return false;
}

static bool take_shape(wg_json *j, wg_shape *shape)
{
    bool first = true;
    if (!wg__json_take(j, '[')) return false;
    while (wg__json_next(j, ']', &first)) {
        uint64_t size;
        if (shape->rank == WG_MAX_RANK) return wg__json_fault(j, "more than 8 dimensions"), false;
        if (!wg__json_natural(j, &size)) return false;
        if (size > INT64_MAX) return wg__json_fault(j, "a size is too large"), false;
        shape->dim[shape->rank++] = (int64_t)size;
    }
    return j->fault->status == WG_OK;
}

static bool take_offsets(wg_json *j, entry *e)
{
    return wg__json_take(j, '[') && wg__json_natural(j, &e->begin) && wg__json_take(j, ',') && wg__json_natural(j, &e->end) &&
           wg__json_take(j, ']');
}

static bool take_entry(wg_json *j, entry *e)
{
    static const char *const keys[] = {"dtype", "shape", "data_offsets"};
    bool seen[3] = {false}, first = true;
    if (!wg__json_take(j, '{')) return false;
    while (wg__json_next(j, '}', &first)) {
        const char *key = wg__json_string(j);
        int k = 0;
        if (!key || !wg__json_take(j, ':')) return false;
        while (k < 3 && strcmp(key, keys[k]) != 0) k++;
        if (k == 3 || seen[k]) return wg__json_fault(j, k == 3 ? "an unknown key" : "a key comes twice"), false;
        seen[k] = true;
        if (!(k == 0 ? take_dtype(j, &e->dtype) : k == 1 ? take_shape(j, &e->shape) : take_offsets(j, e))) return false;
    }
    if (j->fault->status != WG_OK) return false;
    if (seen[0] && seen[1] && seen[2]) return true;
    return wg__json_fault(j, "dtype, shape or data_offsets is missing"), false;
}

static int by_key(const void *a, const void *b) { return strcmp(*(char *const *)a, *(char *const *)b); }

/* No key twice: seen side by side in order. */
static bool check_keys(const reader *r)
{
    size_t n = r->out->metas, twice = 0;
    const char **key = wg__alloc(wg__mul(n, sizeof *key));
    char shown[WG_SHOWN];
    if (!key) return wg__fail(r->fault, WG_ENOMEM, "out of memory"), false;
    for (size_t i = 0; i < n; i++) key[i] = r->out->meta[i].key;
    if (n) qsort(key, n, sizeof *key, by_key);
    for (size_t i = 1; i < n && !twice; i++)
        if (strcmp(key[i - 1], key[i]) == 0) twice = i;
    if (twice) wg__fail(r->fault, WG_EFORMAT, "__metadata__: %s comes twice", wg__shown(shown, key[twice], strlen(key[twice])));
    wg__free(key);
    return !twice;
}

/* Texts by name. */
static bool take_metadata(reader *r)
{
    wg_json *j = &r->json;
    bool first = true;
    if (!wg__json_take(j, '{')) return false;
    while (wg__json_next(j, '}', &first)) {
        const char *key = wg__json_string(j), *text = key && wg__json_take(j, ':') ? wg__json_string(j) : NULL;
        if (!text) return false;
        if (wg__archive_add_meta(r->out, key, text)) return wg__fail(j->fault, WG_ENOMEM, "out of memory"), false;
    }
    return j->fault->status == WG_OK && check_keys(r);
}

static wg_status take_header(reader *r)
{
    wg_json *j = &r->json;
    bool first = true, metadata = false;
    if (!j->size || j->text[0] != '{') return wg__json_fault(j, "the header does not begin with '{'");
    wg__json_take(j, '{');
    while (wg__json_next(j, '}', &first)) {
        const char *name = wg__json_string(j);
        if (!name || !wg__json_take(j, ':')) return r->fault->status;
        if (!*name) return wg__json_fault(j, "an empty name");
        if (!strcmp(name, METADATA)) {
            if (metadata) return wg__json_fault(j, "__metadata__ comes twice");
            metadata = true;
            if (!take_metadata(r)) return r->fault->status;
            continue;
        }
        if (!WG_RESERVE(r->list, r->capacity, r->count + 1)) return wg__fail(r->fault, WG_ENOMEM, "out of memory");
        r->list[r->count] = (entry){.name = name};
        if (!take_entry(j, &r->list[r->count++])) return r->fault->status;
    }
    if (r->fault->status == WG_OK) wg__json_end(j);
    return r->fault->status;
}

static int by_place(const void *a, const void *b)
{
    const entry *x = *(entry *const *)a, *y = *(entry *const *)b;
    if (x->begin != y->begin) return x->begin < y->begin ? -1 : 1;
    return x->end < y->end ? -1 : x->end > y->end;
}

/* Each entry's bytes fit its shape. */
static wg_status check_sizes(const reader *r)
{
    char shown[WG_SHOWN];
    for (size_t i = 0; i < r->count; i++) {
        const entry *e = &r->list[i];
        wg_fault local = {0};
        size_t bytes;
        wg__shown(shown, e->name, strlen(e->name));
        if (e->begin > e->end || e->end > r->size)
            return wg__fail(r->fault, WG_EFORMAT, "%s: data_offsets [%llu, %llu] are outside of the %llu bytes of data", shown,
                            (unsigned long long)e->begin, (unsigned long long)e->end, (unsigned long long)r->size);
        if (wg__declared_bytes(e->dtype, &e->shape, e->end - e->begin, &bytes, &local))
            return wg__fail(r->fault, local.status, "%s: %s", shown, local.text);
        if (bytes != e->end - e->begin)
            return wg__fail(r->fault, WG_EFORMAT, "%s: the shape needs %zu bytes, data_offsets give %llu", shown, bytes,
                            (unsigned long long)(e->end - e->begin));
    }
    return WG_OK;
}

/* In order of place, each entry begins where the one before ends, and the last ends where the data does. */
static wg_status check_places(const reader *r)
{
    char shown[WG_SHOWN];
    uint64_t at = 0;
    const entry **order = wg__alloc(wg__mul(r->count, sizeof *order));
    if (!order) return wg__fail(r->fault, WG_ENOMEM, "out of memory");
    for (size_t i = 0; i < r->count; i++) order[i] = &r->list[i];
    if (r->count) qsort(order, r->count, sizeof *order, by_place);
    for (size_t i = 0; i < r->count && r->fault->status == WG_OK; i++) {
        if (order[i]->begin != at)
            wg__fail(r->fault, WG_EFORMAT, "%s: the data %s (data_offsets begin at %llu, not %llu)",
                     wg__shown(shown, order[i]->name, strlen(order[i]->name)),
                     order[i]->begin < at ? "overlaps another array's" : "leaves a hole", (unsigned long long)order[i]->begin,
                     (unsigned long long)at);
        at = order[i]->end;
    }
    wg__free(order);
    if (r->fault->status == WG_OK && at != r->size)
        wg__fail(r->fault, WG_EFORMAT, "%llu bytes belong to no array", (unsigned long long)(r->size - at));
    return r->fault->status;
}

static wg_status make_array(const reader *r, const entry *e)
{
    char shown[WG_SHOWN];
    unsigned char *data = r->data + e->begin;
    wg_array a = wg_array_wrap(data, e->dtype, e->shape);
    size_t bytes = (size_t)(e->end - e->begin);
    if (wg_archive_find(r->out, e->name))
        return wg__fail(r->fault, WG_EFORMAT, "%s: the name comes twice", wg__shown(shown, e->name, strlen(e->name)));
    if (!r->mapped || (uintptr_t)data % wg_dtype_size(e->dtype)) {
        if (wg_array_new(&a, e->dtype, e->shape)) return wg__fail(r->fault, WG_ENOMEM, "out of memory (%zu bytes)", bytes);
        if (bytes) memcpy(a.data, data, bytes);
    }
    wg__bools_mend(&a);
    wg_status s = wg_archive_add(r->out, e->name, &a);
    if (!s) return WG_OK;
    wg_array_free(&a);
    return wg__fail(r->fault, s, "%s", wg_status_text(s));
}

static wg_status read_archive(const wg_bytes *file, bool mapped, wg_archive *out, wg_fault *f)
{
    if (file->size < 8) return wg__fail(f, WG_EFORMAT, "is cut short (%zu bytes)", file->size);
    uint64_t length = wg__le64(file->data), left = file->size - 8;
    if (length > left)
        return wg__fail(f, WG_EFORMAT, "is cut short or no safetensors (the header's length is %llu, %llu bytes follow)",
                        (unsigned long long)length, (unsigned long long)left);
    reader r = {.data = file->data + 8 + length, .size = left - length, .mapped = mapped, .out = out, .fault = f};
    r.json = (wg_json){(char *)file->data + 8, (size_t)length, 0, f};
    if (!take_header(&r) && !check_sizes(&r) && !check_places(&r))
        for (size_t i = 0; i < r.count && f->status == WG_OK; i++) make_array(&r, &r.list[i]);
    wg__free(r.list);
    return f->status;
}

wg_status wg_safetensors_read(const char *path, wg_archive *out, char *why, size_t why_size)
{
    wg_fault f = {0};
    wg_bytes file;
    if (!out) wg__fail(&f, WG_EARG, "nowhere to put the arrays");
    else *out = (wg_archive){0};
    if (f.status == WG_OK && !wg__file_read(path, &file, &f)) {
        if (read_archive(&file, false, out, &f)) wg_archive_free(out);
        wg__file_free(&file);
    }
    return wg__tell(&f, path, why, why_size);
}

wg_status wg_safetensors_map(const char *path, wg_archive *out, char *why, size_t why_size)
{
    wg_fault f = {0};
    wg_bytes file;
    if (!out) wg__fail(&f, WG_EARG, "nowhere to put the arrays");
    else *out = (wg_archive){0};
    if (f.status == WG_OK && !wg__file_map(path, &file, &f)) {
        out->mapped = file.data;
        out->mapped_size = file.size;
        if (read_archive(&file, true, out, &f)) wg_archive_free(out);
    }
    return wg__tell(&f, path, why, why_size);
}

/* ---- writing --------------------------------------------------------------------------------------------------- */

typedef struct text {
    char *data;
    size_t size, capacity;
} text;

static bool put(text *t, const char *s, size_t n)
{
    if (n > SIZE_MAX - t->size || !WG_RESERVE(t->data, t->capacity, t->size + n)) return false;
    memcpy(t->data + t->size, s, n);
    t->size += n;
    return true;
}

static bool put_quoted(text *t, const char *s)
{
    if (!put(t, "\"", 1)) return false;
    for (; *s; s++) {
        char code[8];
        unsigned char c = (unsigned char)*s;
        int n = c == '"' || c == '\\' ? snprintf(code, sizeof code, "\\%c", c)
                : c < 0x20            ? snprintf(code, sizeof code, "\\u%04x", c)
                                      : snprintf(code, sizeof code, "%c", c);
        if (!put(t, code, (size_t)n)) return false;
    }
    return put(t, "\"", 1);
}

static bool put_entry(text *t, const wg_named *e, uint64_t begin, size_t bytes)
{
    char rest[WG_MAX_RANK * 24 + 128];
    size_t used = 0;
    wg__append(rest, sizeof rest, &used, ":{\"dtype\":\"%s\",\"shape\":[", DTYPE_TEXT[e->array.dtype]);
    for (int i = 0; i < e->array.shape.rank; i++)
        wg__append(rest, sizeof rest, &used, "%s%lld", i ? "," : "", (long long)e->array.shape.dim[i]);
    wg__append(rest, sizeof rest, &used, "],\"data_offsets\":[%llu,%llu]}", (unsigned long long)begin, (unsigned long long)(begin + bytes));
    return put_quoted(t, e->name) && put(t, rest, used);
}

static bool put_metadata(text *t, const wg_archive *a)
{
    if (!a->metas) return true;
    if (!put_quoted(t, METADATA) || !put(t, ":{", 2)) return false;
    for (size_t i = 0; i < a->metas; i++)
        if ((i && !put(t, ",", 1)) || !put_quoted(t, a->meta[i].key) || !put(t, ":", 1) || !put_quoted(t, a->meta[i].text)) return false;
    return put(t, a->count ? "}," : "}", a->count ? 2 : 1);
}

static wg_status check_metadata(const wg_archive *a, wg_fault *f)
{
    char shown[WG_SHOWN];
    for (size_t i = 0; i < a->metas; i++) {
        const char *key = a->meta[i].key, *said = a->meta[i].text;
        if (!wg__utf8(key, strlen(key)) || !wg__utf8(said, strlen(said)))
            return wg__fail(f, WG_EARG, "metadata %s: not UTF-8", wg__shown(shown, key, strlen(key)));
    }
    return WG_OK;
}

static wg_status check_entry(const wg_named *e, size_t *bytes, wg_fault *f)
{
    char shown[WG_SHOWN];
    wg_fault local = {0};
    const char *what = !e->name || !*e->name                       ? "an array without a name"
                       : !wg__utf8(e->name, strlen(e->name))       ? "the name is not UTF-8"
                       : !strcmp(e->name, METADATA)                ? "the format keeps this name for itself"
                       : wg__array_bytes(&e->array, bytes, &local) ? local.text
                                                                   : NULL;
    if (!what) return WG_OK;
    const char *name = e->name ? e->name : "";
    return wg__fail(f, WG_EARG, "%s: %s", wg__shown(shown, name, strlen(name)), what);
}

/* Where each array of element size `width` begins, from *at on. */
static wg_status place(const wg_archive *a, size_t width, uint64_t *begin, uint64_t *at, wg_fault *f)
{
    for (size_t i = 0; i < a->count; i++) {
        size_t bytes;
        if (check_entry(&a->entry[i], &bytes, f)) return f->status;
        if (wg_dtype_size(a->entry[i].array.dtype) != width) continue;
        begin[i] = *at;
        *at += bytes;
    }
    return WG_OK;
}

static bool put_header(text *t, const wg_archive *a, const uint64_t *begin)
{
    unsigned char length[8] = {0};
    size_t bytes = 0;
    wg_fault unused = {0};
    if (!put(t, (char *)length, 8) || !put(t, "{", 1) || !put_metadata(t, a)) return false;
    for (size_t i = 0; i < a->count; i++) {
        wg__array_bytes(&a->entry[i].array, &bytes, &unused);
        if ((i && !put(t, ",", 1)) || !put_entry(t, &a->entry[i], begin[i], bytes)) return false;
    }
    if (!put(t, "}", 1)) return false;
    while (t->size % 8)
        if (!put(t, " ", 1)) return false;
    wg__put_le((unsigned char *)t->data, t->size - 8, 8);
    return true;
}

static const size_t WIDTHS[] = {8, 4, 2, 1};
enum { WIDTH_COUNT = sizeof WIDTHS / sizeof *WIDTHS };

static wg_status write_archive(const char *path, const wg_archive *a, const text *header, wg_fault *f)
{
    wg_writer w;
    if (wg__writer_open(&w, path, f)) return f->status;
    wg__writer_put(&w, header->data, header->size);
    for (size_t k = 0; k < WIDTH_COUNT; k++)
        for (size_t i = 0; i < a->count; i++) {
            const wg_array *x = &a->entry[i].array;
            size_t bytes = 0;
            if (wg_dtype_size(x->dtype) == WIDTHS[k] && !wg__array_bytes(x, &bytes, f)) wg__writer_put(&w, x->data, bytes);
        }
    return wg__writer_close(&w, f);
}

wg_status wg_safetensors_write(const char *path, const wg_archive *a, char *why, size_t why_size)
{
    wg_fault f = {0};
    text header = {0};
    uint64_t at = 0, *begin = a ? wg__alloc(wg__mul(a->count, sizeof *begin)) : NULL;
    if (!a) wg__fail(&f, WG_EARG, "no archive");
    else if (!begin) wg__fail(&f, WG_ENOMEM, "out of memory");
    else check_metadata(a, &f);
    for (size_t k = 0; k < WIDTH_COUNT && f.status == WG_OK; k++) place(a, WIDTHS[k], begin, &at, &f);
    if (f.status == WG_OK && !put_header(&header, a, begin)) wg__fail(&f, WG_ENOMEM, "out of memory");
    if (f.status == WG_OK) write_archive(path, a, &header, &f);
    wg__free(header.data);
    wg__free(begin);
    return wg__tell(&f, path, why, why_size);
}

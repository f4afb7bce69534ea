/* archive.c -- arrays by name, in order, with an index by name: an open hash table of entry numbers plus one
 * (0: free), at most half full, FNV-1a (Fowler, Noll, Vo), so that a file of a million names is read in linear time.
 * Also what every format asks of an array and of a name. */
#include "base/array.h"
#include "base/alloc.h"
#include "base/shape.h"
#include "io/format.h"

#include <string.h>

static uint64_t hash_of(const char *name)
{
    uint64_t h = UINT64_C(14695981039346656037);
    for (; *name; name++) h = (h ^ (unsigned char)*name) * UINT64_C(1099511628211);
    return h;
}

/* Where the name is, or the free slot where it belongs. */
static size_t slot_of(const wg_archive *a, const char *name)
{
    size_t i = (size_t)hash_of(name) & (a->slots - 1);
    while (a->slot[i] && strcmp(a->entry[a->slot[i] - 1].name, name) != 0) i = (i + 1) & (a->slots - 1);
    return i;
}

static bool index_grow(wg_archive *a)
{
    if (a->slots > SIZE_MAX / 2) return false;
    size_t slots = a->slots ? 2 * a->slots : 16;
    size_t *slot = wg__alloc(wg__mul(slots, sizeof *slot));
    if (!slot) return false;
    wg__free(a->slot);
    a->slot = slot;
    a->slots = slots;
    for (size_t i = 0; i < a->count; i++) a->slot[slot_of(a, a->entry[i].name)] = i + 1;
    return true;
}

wg_status wg_archive_add(wg_archive *a, const char *name, wg_array *array)
{
    if (!a || !array || !name || !*name || wg_archive_find(a, name)) return WG_EARG;
    if (!WG_RESERVE(a->entry, a->capacity, a->count + 1)) return WG_ENOMEM;
    if (2 * (a->count + 1) > a->slots && !index_grow(a)) return WG_ENOMEM;
    char *copy = wg__strdup(name);
    if (!copy) return WG_ENOMEM;
    a->slot[slot_of(a, name)] = a->count + 1;
    a->entry[a->count++] = (wg_named){copy, *array};
    array->owner = NULL;
    return WG_OK;
}

const wg_array *wg_archive_find(const wg_archive *a, const char *name)
{
    if (!a || !name || !a->slots) return NULL;
    size_t i = a->slot[slot_of(a, name)];
    return i ? &a->entry[i - 1].array : NULL;
}

/* ---- metadata --------------------------------------------------------------------------------------------------- */

static wg_meta *meta_of(const wg_archive *a, const char *key)
{
    for (size_t i = 0; i < a->metas; i++)
        if (strcmp(a->meta[i].key, key) == 0) return &a->meta[i];
    return NULL;
}

wg_status wg__archive_add_meta(wg_archive *a, const char *key, const char *text)
{
    if (!WG_RESERVE(a->meta, a->meta_capacity, a->metas + 1)) return WG_ENOMEM;
    wg_meta m = {wg__strdup(key), wg__strdup(text)};
    if (m.key && m.text) return a->meta[a->metas++] = m, WG_OK;
    wg__free(m.key);
    wg__free(m.text);
    return WG_ENOMEM;
}

wg_status wg_archive_set_meta(wg_archive *a, const char *key, const char *text)
{
    if (!a || !key || !text) return WG_EARG;
    wg_meta *there = meta_of(a, key);
    if (!there) return wg__archive_add_meta(a, key, text);
    char *copy = wg__strdup(text);
    if (!copy) return WG_ENOMEM;
    wg__free(there->text);
    there->text = copy;
    return WG_OK;
}

const char *wg_archive_meta(const wg_archive *a, const char *key)
{
    const wg_meta *m = a && key ? meta_of(a, key) : NULL;
    return m ? m->text : NULL;
}

void wg_archive_free(wg_archive *a)
{
    if (!a) return;
    for (size_t i = 0; i < a->metas; i++) {
        wg__free(a->meta[i].key);
        wg__free(a->meta[i].text);
    }
    wg__free(a->meta);
    for (size_t i = 0; i < a->count; i++) {
        wg__free(a->entry[i].name);
        wg_array_free(&a->entry[i].array);
    }
    wg__free(a->entry);
    wg__free(a->slot);
    wg__unmap(a->mapped, a->mapped_size);
    *a = (wg_archive){0};
}

/* ---- arrays and names, for every format ------------------------------------------------------------------------- */

static size_t bytes_of(wg_dtype dtype, const wg_shape *shape)
{
    if (shape->rank < 0 || shape->rank > WG_MAX_RANK || !wg_dtype_size(dtype)) return SIZE_MAX;
    int64_t count = wg_shape_count(*shape);
    return count < 0 ? SIZE_MAX : wg__mul((size_t)count, wg_dtype_size(dtype));
}

wg_status wg__array_bytes(const wg_array *a, size_t *bytes, wg_fault *f)
{
    const char *wrong = wg__array_wrong(a);
    if (wrong) return wg__fail(f, WG_EARG, "%s", wrong);
    *bytes = bytes_of(a->dtype, &a->shape);
    return *bytes == SIZE_MAX ? wg__fail(f, WG_EARG, "the array is larger than memory") : WG_OK;
}

wg_status wg__declared_bytes(wg_dtype dtype, const wg_shape *shape, uint64_t most, size_t *bytes, wg_fault *f)
{
    *bytes = bytes_of(dtype, shape);
    if (*bytes != SIZE_MAX && *bytes <= most) return WG_OK;
    char text[WG_TYPE_TEXT];
    return wg__fail(f, WG_EFORMAT, "the header declares %s, which is more than the %llu bytes left can hold",
                    wg__type_text(text, dtype, shape), (unsigned long long)most);
}

const char *wg__type_text(char to[WG_TYPE_TEXT], wg_dtype dtype, const wg_shape *shape)
{
    size_t used = 0;
    wg__append(to, WG_TYPE_TEXT, &used, "%s", wg_dtype_name(dtype));
    wg__show_shape(to, WG_TYPE_TEXT, &used, shape, false);
    return to;
}

void wg__bools_mend(wg_array *a)
{
    if (a->dtype != WG_BOOL) return;
    unsigned char *p = a->data;
    for (int64_t i = 0, n = wg_shape_count(a->shape); i < n; i++)
        if (p[i] > 1) p[i] = 1; /* a byte that is right is not written: it may be a file's page */
}

const char *wg__shown(char to[WG_SHOWN], const char *text, size_t size)
{
    bool cut = size > WG_SHOWN - 4, fine = wg__utf8(text, size);
    size_t n = cut ? WG_SHOWN - 4 : size;
    if (cut && fine)
        while (n && ((unsigned char)text[n] & 0xc0) == 0x80) n--;
    for (size_t i = 0; i < n; i++) {
        unsigned char c = (unsigned char)text[i];
        to[i] = c < 0x20 || c == 0x7f || (c >= 0x80 && !fine) ? '?' : text[i];
    }
    memcpy(to + n, cut ? "..." : "", cut ? 4 : 1);
    return to;
}

bool wg__utf8(const char *text, size_t size)
{
    const unsigned char *p = (const unsigned char *)text, *end = p + size;
    while (p < end) {
        unsigned char c = *p++;
        if (c < 0x80) continue;
        int more = c >= 0xf0 ? 3 : c >= 0xe0 ? 2 : 1;
        if (c < 0xc2 || c > 0xf4 || end - p < more) return false;
        /* the first continuation's range is narrower where longer forms, surrogates or 0x110000.. would begin */
        unsigned char low = c == 0xe0 ? 0xa0 : c == 0xf0 ? 0x90 : 0x80;
        unsigned char high = c == 0xed ? 0x9f : c == 0xf4 ? 0x8f : 0xbf;
        if (*p < low || *p > high) return false;
        for (int i = 1; i < more; i++)
            if ((p[i] & 0xc0) != 0x80) return false;
        p += more;
    }
    return true;
}

/* chars.c -- a text as numbers of its characters (UTF-8, RFC 3629). */
#include "base/alloc.h"
#include "io/file.h"

#include <wengert/data.h>

#include <stdlib.h>
#include <string.h>

enum { CODES = 0x110000 };

/* The code point at the start of `left` bytes, and its length in *n; n = 0: no UTF-8 (an overlong form and a surrogate are none). */
static uint32_t decode(const unsigned char *s, size_t left, int *n)
{
    static const uint32_t least[5] = {0, 0, 0x80, 0x800, 0x10000};
    int length = s[0] < 0x80 ? 1 : s[0] >> 5 == 6 ? 2 : s[0] >> 4 == 14 ? 3 : s[0] >> 3 == 30 ? 4 : 0;
    uint32_t code = length == 1 ? s[0] : s[0] & (0x7fu >> length);
    *n = 0;
    if (!length || (size_t)length > left) return 0;
    for (int i = 1; i < length; i++) {
        if (s[i] >> 6 != 2) return 0;
        code = code << 6 | (s[i] & 0x3fu);
    }
    if (code < least[length] || code >= CODES || code >> 11 == 0x1b) return 0;
    *n = length;
    return code;
}

/* Code points of a text, or the fault that names the byte. */
static wg_status code_points(const unsigned char *text, size_t size, wg_array *out, wg_fault *f)
{
    if (wg_array_new(out, WG_I32, (wg_shape){{(int64_t)size}, 1})) return wg__fail(f, WG_ENOMEM, "out of memory");
    int32_t *code = out->data;
    int64_t count = 0;
    for (size_t at = 0; at < size; count++) {
        int n;
        code[count] = (int32_t)decode(text + at, size - at, &n);
        if (!n) return wg__fail(f, WG_EFORMAT, "no UTF-8 at byte %zu", at);
        at += (size_t)n;
    }
    out->shape.dim[0] = count;
    return WG_OK;
}

static wg_status number(wg_chars *c, wg_fault *f)
{
    int32_t *id = c->ids.data, *of = wg__alloc(wg__mul(CODES, sizeof *of)); /* by code point: its number */
    int64_t n = c->ids.shape.dim[0];
    for (int64_t i = 0; of && i < n; i++) of[id[i]] = 1;
    for (int64_t i = 0; of && i < CODES; i++) c->count += of[i];
    c->code = of ? wg__alloc(wg__mul((size_t)c->count + 1, sizeof *c->code)) : NULL;
    if (!c->code) {
        wg__free(of);
        return wg__fail(f, WG_ENOMEM, "out of memory");
    }
    int32_t next = 0;
    for (uint32_t i = 0; i < CODES; i++)
        if (of[i]) c->code[next] = i, of[i] = next++;
    for (int64_t i = 0; i < n; i++) id[i] = of[id[i]];
    wg__free(of);
    return WG_OK;
}

wg_status wg_chars_read(const char *path, wg_chars *out, char *why, size_t why_size)
{
    wg_fault f = {0};
    wg_bytes file = {0};
    *out = (wg_chars){0};
    if (!wg__file_read(path, &file, &f) && !code_points(file.data, file.size, &out->ids, &f)) number(out, &f);
    wg__file_free(&file);
    if (f.status) wg_chars_free(out);
    return wg__tell(&f, path, why, why_size);
}

void wg_chars_free(wg_chars *c)
{
    if (!c) return;
    wg_array_free(&c->ids);
    wg__free(c->code);
    *c = (wg_chars){0};
}

static int by_code(const void *a, const void *b)
{
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
    return (x > y) - (x < y);
}

static wg_status look_up(const wg_chars *c, wg_array *ids, wg_fault *f)
{
    int32_t *id = ids->data;
    for (int64_t i = 0; i < ids->shape.dim[0]; i++) {
        uint32_t code = (uint32_t)id[i];
        const uint32_t *at = bsearch(&code, c->code, (size_t)c->count, sizeof code, by_code);
        if (!at) return wg__fail(f, WG_EINDEX, "character %lld, U+%04X, is not in the vocabulary", (long long)i, code);
        id[i] = (int32_t)(at - c->code);
    }
    return WG_OK;
}

wg_status wg_chars_encode(const wg_chars *c, const char *text, wg_array *ids, char *why, size_t why_size)
{
    wg_fault f = {0};
    *ids = (wg_array){0};
    if (!code_points((const unsigned char *)text, strlen(text), ids, &f)) look_up(c, ids, &f);
    if (f.status) wg_array_free(ids);
    return wg__tell(&f, "text", why, why_size);
}

const char *wg_chars_decode(const wg_chars *c, int64_t id, char text[5])
{
    uint32_t code = id >= 0 && id < c->count ? c->code[id] : 0;
    int n = id < 0 || id >= c->count ? 0 : code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
    static const unsigned char lead[5] = {0, 0, 0xc0, 0xe0, 0xf0};
    memset(text, 0, 5);
    for (int i = n - 1; i > 0; i--, code >>= 6) text[i] = (char)(0x80 | (code & 0x3f));
    if (n) text[0] = (char)(lead[n] | code);
    return text;
}

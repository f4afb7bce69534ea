/* npy.c -- NumPy's .npy (NEP 1; numpy.lib.format): a magic, a version, the length of a header, the header (a literal
 * Python dictionary of three keys), the elements. The header is read by a parser of just that dictionary. */
#include "base/alloc.h"
#include "io/bytes.h"
#include "io/file.h"
#include "io/format.h"

#include <string.h>

enum {
    HEADER_MOST = 10000, /* NumPy's own limit; what these dtypes need is 400 */
    ALIGNED = 64
};

static const unsigned char MAGIC[6] = {0x93, 'N', 'U', 'M', 'P', 'Y'};

/* dtypes by what stands after the byte order */
static const struct {
    const char *code;
    wg_dtype dtype;
} DTYPES[] = {{"f4", WG_F32}, {"f8", WG_F64}, {"f2", WG_F16}, {"i8", WG_I64}, {"i4", WG_I32}, {"u1", WG_U8}, {"b1", WG_BOOL}};
enum { DTYPE_COUNT = sizeof DTYPES / sizeof *DTYPES };

typedef struct header {
    wg_dtype dtype;
    wg_shape shape;
    bool fortran;
} header;

typedef struct cursor {
    const char *text;
    size_t size, at, start; /* start: where the header stands in the file, for messages */
    wg_fault *fault;
} cursor;

/* ---- the header's dictionary ------------------------------------------------------------------------------------- */

static bool wrong(cursor *c, const char *what)
{
    wg__fail(c->fault, WG_EFORMAT, "%s (header, byte %zu)", what, c->start + c->at);
    return false;
}

static void skip_space(cursor *c)
{
    while (c->at < c->size && c->text[c->at] && strchr(" \t\r\n", c->text[c->at])) c->at++;
}

static bool try_char(cursor *c, char want)
{
    skip_space(c);
    if (c->at == c->size || c->text[c->at] != want) return false;
    c->at++;
    return true;
}

static bool take_char(cursor *c, char want)
{
    char what[] = "expected '?'";
    what[10] = want;
    return try_char(c, want) || wrong(c, what);
}

static bool try_word(cursor *c, const char *word)
{
    size_t n = strlen(word);
    skip_space(c);
    if (c->size - c->at < n || memcmp(c->text + c->at, word, n) != 0) return false;
    c->at += n;
    return true;
}

/* A quoted text without escapes: where it stands and how long it is. */
static bool take_string(cursor *c, const char **text, size_t *size)
{
    char quote = try_char(c, '\'') ? '\'' : '"';
    if (quote == '"' && !try_char(c, '"')) return wrong(c, "expected a string");
    *text = c->text + c->at;
    const char *end = memchr(*text, quote, c->size - c->at);
    if (!end) return wrong(c, "a string does not end");
    *size = (size_t)(end - *text);
    if (memchr(*text, '\\', *size)) return wrong(c, "an escape in a string");
    c->at += *size + 1;
    return true;
}

static bool take_dtype(cursor *c, wg_dtype *dtype)
{
    const char *s;
    size_t n;
    char shown[WG_SHOWN];
    if (try_char(c, '[')) return wrong(c, "structured dtypes are not read");
    if (!take_string(c, &s, &n)) return false;
    size_t order = n && strchr("<>=|", s[0]) && s[0] ? 1 : 0;
    for (size_t i = 0; i < DTYPE_COUNT; i++) {
        if (n - order != 2 || memcmp(s + order, DTYPES[i].code, 2) != 0) continue;
        *dtype = DTYPES[i].dtype;
        if (wg_dtype_size(*dtype) == 1 || s[0] != '>') return true;
        wg__fail(c->fault, WG_EFORMAT, "dtype %s is big-endian, which is not read (NumPy: .astype('<%s'))", wg__shown(shown, s, n),
                 DTYPES[i].code);
        return false;
    }
    wg__fail(c->fault, WG_EFORMAT, "dtype %s is not read (f4, f8, f2, i8, i4, u1, b1 are)%s", wg__shown(shown, s, n),
             n - order == 1 && s[order] == 'O' ? ": it holds pickled Python objects" : "");
    return false;
}

static bool take_size(cursor *c, int64_t *size)
{
    size_t first = c->at;
    int64_t v = 0;
    for (; c->at < c->size && c->text[c->at] >= '0' && c->text[c->at] <= '9'; c->at++) {
        int digit = c->text[c->at] - '0';
        if (v > (INT64_MAX - digit) / 10) return wrong(c, "a size is too large");
        v = 10 * v + digit;
    }
    if (c->at == first) return wrong(c, "expected a size");
    if (c->at - first > 1 && c->text[first] == '0') return wrong(c, "a size with a leading zero");
    if (c->at < c->size && c->text[c->at] == 'L') c->at++; /* a long of Python 2 */
    *size = v;
    return true;
}

static bool take_shape(cursor *c, wg_shape *shape)
{
    *shape = (wg_shape){0};
    if (!take_char(c, '(')) return false;
    while (!try_char(c, ')')) {
        if (shape->rank == WG_MAX_RANK) return wrong(c, "more than 8 dimensions");
        if (!take_size(c, &shape->dim[shape->rank])) return false;
        shape->rank++;
        bool comma = try_char(c, ',');
        if (comma) continue;
        if (shape->rank == 1) return wrong(c, "expected ',' (the shape is no tuple)");
        return take_char(c, ')');
    }
    return true;
}

static bool take_bool(cursor *c, bool *value)
{
    *value = try_word(c, "True");
    return *value || try_word(c, "False") || wrong(c, "expected True or False");
}

static bool take_header(cursor *c, header *h)
{
    bool dtype = false, order = false, shape = false;
    const char *key;
    size_t n;
    if (!take_char(c, '{')) return false;
    while (!try_char(c, '}')) {
        if (!take_string(c, &key, &n) || !take_char(c, ':')) return false;
        bool *seen = n == 5 && !memcmp(key, "descr", 5)             ? &dtype
                     : n == 13 && !memcmp(key, "fortran_order", 13) ? &order
                     : n == 5 && !memcmp(key, "shape", 5)           ? &shape
                                                                    : NULL;
        if (!seen || *seen) return wrong(c, seen ? "a key comes twice" : "an unknown key");
        *seen = true;
        bool good = seen == &dtype ? take_dtype(c, &h->dtype) : seen == &order ? take_bool(c, &h->fortran) : take_shape(c, &h->shape);
        if (!good) return false;
        if (try_char(c, ',')) continue;
        if (!take_char(c, '}')) return false;
        break;
    }
    if (!dtype || !order || !shape) return wrong(c, "'descr', 'fortran_order' or 'shape' is missing");
    skip_space(c);
    return c->at == c->size || wrong(c, "something follows the dictionary");
}

/* ---- the array ------------------------------------------------------------------------------------------------- */

/* Magic, version and header. */
static wg_status read_header(wg_source *s, uint64_t whole, header *h, wg_fault *f)
{
    unsigned char head[12];
    char text[HEADER_MOST];
    if (wg__source_get(s, head, 8, f)) return f->status;
    if (memcmp(head, MAGIC, sizeof MAGIC) != 0) return wg__fail(f, WG_EFORMAT, "is no .npy (wrong first bytes)");
    int major = head[6], minor = head[7];
    if (major < 1 || major > 3 || minor) return wg__fail(f, WG_EFORMAT, ".npy version %d.%d is not read (1.0, 2.0, 3.0 are)", major, minor);
    if (wg__source_get(s, head, major == 1 ? 2 : 4, f)) return f->status;
    uint32_t size = major == 1 ? wg__le16(head) : wg__le32(head);
    if (size > whole - s->given)
        return wg__fail(f, WG_EFORMAT, "is cut short (the header's length is %lu, %llu bytes are left)", (unsigned long)size,
                        (unsigned long long)(whole - s->given));
    if (size > HEADER_MOST) return wg__fail(f, WG_EFORMAT, "the header is longer than %d bytes", HEADER_MOST);
    cursor c = {text, size, 0, (size_t)s->given, f};
    if (!wg__source_get(s, text, size, f)) take_header(&c, h);
    return f->status;
}

#define MOVE(T)                                                                                                                            \
    do {                                                                                                                                   \
        T *d = to;                                                                                                                         \
        const T *s = from;                                                                                                                 \
        for (int64_t j = 0; j < n; j++) d[j] = s[j * stride];                                                                              \
    } while (0)

static void gather(void *to, const void *from, int64_t n, int64_t stride, size_t size)
{
    if (size == 8) MOVE(uint64_t);
    if (size == 4) MOVE(uint32_t);
    if (size == 2) MOVE(uint16_t);
    if (size == 1) MOVE(uint8_t);
}
#undef MOVE

/* Column-major elements into the row-major array: an odometer over all axes but the last, which is gathered. */
static void from_fortran(wg_array *a, const unsigned char *columns)
{
    int64_t stride[WG_MAX_RANK], at[WG_MAX_RANK] = {0}, offset = 0, step = 1;
    int last = a->shape.rank - 1;
    size_t size = wg_dtype_size(a->dtype);
    for (int k = 0; k <= last; k++) {
        stride[k] = step;
        step *= a->shape.dim[k];
    }
    int64_t n = a->shape.dim[last], rows = step / n;
    unsigned char *to = a->data;
    for (int64_t row = 0; row < rows; row++, to += (size_t)n * size) {
        gather(to, columns + (size_t)offset * size, n, stride[last], size);
        for (int k = last - 1; k >= 0; k--) {
            offset += stride[k];
            if (++at[k] < a->shape.dim[k]) break;
            offset -= stride[k] * a->shape.dim[k];
            at[k] = 0;
        }
    }
}

static wg_status read_fortran(wg_source *s, wg_array *out, size_t bytes, wg_fault *f)
{
    unsigned char *columns = wg__alloc_big(bytes);
    if (!columns) return wg__fail(f, WG_ENOMEM, "out of memory (%zu bytes)", bytes);
    if (!wg__source_get(s, columns, bytes, f)) from_fortran(out, columns);
    wg__free(columns);
    return f->status;
}

wg_status wg__npy_take(wg_source *s, uint64_t whole, wg_array *out, wg_fault *f)
{
    header h = {0};
    size_t bytes;
    *out = (wg_array){0};
    if (read_header(s, whole, &h, f)) return f->status;
    uint64_t left = whole - s->given, most = wg__source_most(s);
    if (wg__declared_bytes(h.dtype, &h.shape, left < most ? left : most, &bytes, f)) return f->status;
    if (bytes != left) return wg__fail(f, WG_EFORMAT, "%llu bytes follow the array", (unsigned long long)(left - bytes));
    if (wg_array_new(out, h.dtype, h.shape)) return wg__fail(f, WG_ENOMEM, "out of memory (%zu bytes)", bytes);
    if (h.fortran && h.shape.rank > 1 && bytes) read_fortran(s, out, bytes, f);
    else if (bytes) wg__source_get(s, out->data, bytes, f);
    if (f->status == WG_OK) wg__source_end(s, f);
    if (f->status == WG_OK) wg__bools_mend(out);
    if (f->status != WG_OK) wg_array_free(out);
    return f->status;
}

static wg_status read_whole(const wg_bytes *file, wg_array *out, wg_fault *f)
{
    wg_source s;
    if (wg__source_open(&s, file->data, file->size, WG_PLAIN, f)) return f->status;
    wg__npy_take(&s, file->size, out, f);
    wg__source_close(&s);
    return f->status;
}

wg_status wg_npy_read(const char *path, wg_array *out, char *why, size_t why_size)
{
    return wg__file_array(path, out, read_whole, why, why_size);
}

/* ---- writing ---------------------------------------------------------------------------------------------------- */

wg_status wg__npy_check(const wg_array *a, size_t *bytes, wg_fault *f)
{
    if (wg__array_bytes(a, bytes, f)) return f->status;
    for (size_t i = 0; i < DTYPE_COUNT; i++)
        if (DTYPES[i].dtype == a->dtype) return WG_OK;
    return wg__fail(f, WG_EDTYPE, "the array is %s, which NumPy's formats do not have: write a safetensors file, or cast it to f32",
                    wg_dtype_name(a->dtype));
}

size_t wg__npy_header(unsigned char to[WG_NPY_HEADER], const wg_array *a)
{
    const char *code = "";
    char *text = (char *)to + 10;
    size_t used = 0, room = WG_NPY_HEADER - 10;
    for (size_t i = 0; i < DTYPE_COUNT; i++)
        if (DTYPES[i].dtype == a->dtype) code = DTYPES[i].code;
    wg__append(text, room, &used, "{'descr': '%c%s', 'fortran_order': False, 'shape': (", wg_dtype_size(a->dtype) == 1 ? '|' : '<', code);
    for (int i = 0; i < a->shape.rank; i++)
        wg__append(text, room, &used, "%s%lld%s", i ? " " : "", (long long)a->shape.dim[i], i + 1 < a->shape.rank || i == 0 ? "," : "");
    wg__append(text, room, &used, "), }");
    size_t whole = (10 + used + 1 + ALIGNED - 1) / ALIGNED * ALIGNED; /* the data starts aligned, as NumPy's does */
    memset(text + used, ' ', whole - 10 - used);
    to[whole - 1] = '\n';
    memcpy(to, MAGIC, sizeof MAGIC);
    to[6] = 1;
    to[7] = 0;
    wg__put_le(to + 8, whole - 10, 2);
    return whole;
}

wg_status wg_npy_write(const char *path, const wg_array *a, char *why, size_t why_size)
{
    wg_fault f = {0};
    wg_writer w;
    size_t bytes;
    unsigned char head[WG_NPY_HEADER];
    if (!wg__npy_check(a, &bytes, &f) && !wg__writer_open(&w, path, &f)) {
        wg__writer_put(&w, head, wg__npy_header(head, a));
        wg__writer_put(&w, a->data, bytes);
        wg__writer_close(&w, &f);
    }
    return wg__tell(&f, path, why, why_size);
}

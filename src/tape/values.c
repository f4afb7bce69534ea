/* values.c -- the text form's values: numbers, lists, words, types, by the tables of the ops' attributes.
 *
 * Lists are read twice: once for brackets and counts, without recursion and with nothing kept, then, when the dtype is
 * known, for the values. So a list is believed only as far as its text reaches. */
#include "tape/reader.h"

#include "base/array.h"
#include "base/number.h"
#include "base/shape.h"

#include <stdarg.h>

/* ---- messages ---------------------------------------------------------------------------------------------------- */

bool wg__wrong(wg_reader *r, const wg_token *at, const char *format, ...)
{
    char text[sizeof r->fault.text];
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    wg__fail(&r->fault, WG_EFORMAT, "%s:%d:%d: %s", r->path, at->line, at->column, text);
    return false;
}

bool wg__unexpected(wg_reader *r, const char *wanted)
{
    const wg_token *t = &r->lx.token;
    int length = (int)(t->length < 40 ? t->length : 40);
    if (t->kind == WG_T_END) return wg__wrong(r, t, "expected %s, found the end of the text", wanted);
    if (t->kind == WG_T_LINE) return wg__wrong(r, t, "expected %s, found the end of the line", wanted);
    if (t->kind == WG_T_STRING) return wg__wrong(r, t, "expected %s, found \"%.*s\"", wanted, length, t->text);
    if (t->kind == WG_T_BROKEN && t->text[-1] == '"') return wg__wrong(r, t, "a quote without its end");
    if ((unsigned)t->text[0] < 0x20 || t->text[0] == 0x7f) return wg__wrong(r, t, "expected %s, found a control character", wanted);
    return wg__wrong(r, t, "expected %s, found `%.*s`", wanted, length, t->text);
}

bool wg__expect(wg_reader *r, int kind, const char *what)
{
    if (r->lx.token.kind != kind) return wg__unexpected(r, what);
    wg__lex(&r->lx);
    return true;
}

/* ---- numbers ----------------------------------------------------------------------------------------------------- */

static bool is_special(const wg_token *t) { return wg__token_is(t, "inf") || wg__token_is(t, "nan"); }

bool wg__is_value(const wg_token *t)
{
    return t->kind == WG_T_NUMBER || is_special(t) || wg__token_is(t, "true") || wg__token_is(t, "false");
}

static bool real_of(wg_reader *r, const wg_token *t, double *v)
{
    const char *end = t->text + t->length, *stop;
    if (t->kind != WG_T_NUMBER && !is_special(t)) return wg__unexpected(r, "a number");
    if (!wg__read_real(t->text, end, v, &stop) || stop != end)
        return wg__wrong(r, t, "`%.*s` is no number", (int)(t->length < 40 ? t->length : 40), t->text);
    bool word = !(t->text[t->length - 1] >= '0' && t->text[t->length - 1] <= '9') && t->text[t->length - 1] != '.';
    if (isinf(*v) && !word) return wg__wrong(r, t, "`%.*s` is out of range", (int)(t->length < 40 ? t->length : 40), t->text);
    return true;
}

static bool integer_of(wg_reader *r, const wg_token *t, int64_t low, int64_t high, int64_t *v)
{
    const char *end = t->text + t->length, *stop;
    double real;
    if (t->kind != WG_T_NUMBER) return wg__unexpected(r, "an integer");
    if (wg__read_int(t->text, end, v, &stop)) {
        if (stop == end && *v >= low && *v <= high) return true;
    } else {
        stop = t->text;
    }
    if (!real_of(r, t, &real)) return false;
    bool digits = true;
    for (size_t i = 1; i < t->length; i++) digits &= t->text[i] >= '0' && t->text[i] <= '9';
    if (!digits) return wg__wrong(r, t, "`%.*s` is no integer", (int)(t->length < 40 ? t->length : 40), t->text);
    return wg__wrong(r, t, "%.*s is out of range, %lld to %lld", (int)(t->length < 40 ? t->length : 40), t->text, (long long)low,
                     (long long)high);
}

bool wg__read_number(wg_reader *r, double *v)
{
    if (!real_of(r, &r->lx.token, v)) return false;
    wg__lex(&r->lx);
    return true;
}

static bool read_integer(wg_reader *r, int64_t low, int64_t high, int64_t *v)
{
    if (!integer_of(r, &r->lx.token, low, high, v)) return false;
    wg__lex(&r->lx);
    return true;
}

static bool letter_of(const wg_token *t, int64_t *v)
{
    if (t->kind != WG_T_NAME || t->length != 1 || t->text[0] == '_' || t->text[0] == '%') return false;
    *v = WG_DIM(t->text[0]);
    return true;
}

/* A size in a shape: a number, `?`, a letter. */
static bool read_size(wg_reader *r, int64_t low, int64_t *v)
{
    if (r->lx.token.kind == '?') *v = WG_ANY;
    else if (!letter_of(&r->lx.token, v)) return read_integer(r, low, INT64_MAX, v);
    wg__lex(&r->lx);
    return true;
}

/* A bound: an integer that is no symbol, a letter, `end` or `start`. */
static bool read_bound(wg_reader *r, int64_t *v)
{
    const wg_token *t = &r->lx.token;
    if (wg__token_is(t, "end")) *v = WG_END;
    else if (wg__token_is(t, "start")) *v = WG_START;
    else if (!letter_of(t, v)) return read_integer(r, INT64_MIN / 2, INT64_MAX, v);
    wg__lex(&r->lx);
    return true;
}

/* ---- types ------------------------------------------------------------------------------------------------------- */

static bool read_dtype(wg_reader *r, wg_dtype *d)
{
    char name[8] = "";
    const wg_token *t = &r->lx.token;
    if (t->kind != WG_T_NAME && t->kind != WG_T_STRING) return wg__unexpected(r, "a dtype");
    if (t->length < sizeof name) memcpy(name, t->text, t->length);
    *d = wg_dtype_of(name);
    if (!wg_dtype_size(*d)) return wg__wrong(r, t, "`%.*s` is no dtype", (int)(t->length < 40 ? t->length : 40), t->text);
    wg__lex(&r->lx);
    return true;
}

bool wg__read_type(wg_reader *r, wg_written *type)
{
    type->at = r->lx.token;
    type->shape.rank = 0;
    if (!read_dtype(r, &type->dtype) || !wg__expect(r, '[', "`[` and the sizes")) return false;
    while (r->lx.token.kind != ']') {
        if (type->shape.rank && !wg__expect(r, ',', "`,` or `]`")) return false;
        if (type->shape.rank == WG_MAX_RANK) return wg__wrong(r, &type->at, "a shape has at most %d axes", WG_MAX_RANK);
        if (!read_size(r, 0, &type->shape.dim[type->shape.rank++])) return false;
    }
    wg__lex(&r->lx);
    return true;
}

/* ---- lists ------------------------------------------------------------------------------------------------------- */

/* dim[d]: the length of the lists at depth d, -1 before the first has ended; n[d]: items so far in the open one. */
typedef struct wg_brackets {
    int64_t dim[WG_MAX_RANK], n[WG_MAX_RANK];
    int depth, leaf; /* lists open; depth of the values, -1 before the first */
} wg_brackets;

static bool close_list(wg_reader *r, wg_brackets *b)
{
    int d = b->depth - 1;
    if (b->n[d] == 0 && b->leaf < 0) b->leaf = b->depth;
    if ((b->n[d] == 0 && b->leaf != b->depth) || (b->dim[d] >= 0 && b->dim[d] != b->n[d]))
        return wg__wrong(r, &r->lx.token, "the lists are not all of one length");
    b->dim[d] = b->n[d];
    if (--b->depth > 0) b->n[b->depth - 1]++;
    else r->lx.lists--; /* before the next token is read: there a line may end */
    wg__lex(&r->lx);
    return true;
}

static bool scan_item(wg_reader *r, wg_brackets *b, int64_t *count)
{
    if (r->lx.token.kind == '[') {
        if (b->depth == WG_MAX_RANK) return wg__wrong(r, &r->lx.token, "lists are nested at most %d deep", WG_MAX_RANK);
        if (b->depth == b->leaf) return wg__wrong(r, &r->lx.token, "a list among values");
        b->n[b->depth++] = 0;
        if (b->depth == 1) r->lx.lists++;
        wg__lex(&r->lx);
        return true;
    }
    if (!wg__is_value(&r->lx.token)) return wg__unexpected(r, "a value or a list");
    if (b->leaf >= 0 && b->leaf != b->depth) return wg__wrong(r, &r->lx.token, "a value among lists");
    b->leaf = b->depth;
    b->n[b->depth - 1]++;
    ++*count;
    wg__lex(&r->lx);
    return true;
}

bool wg__scan_list(wg_reader *r, wg_pending *list)
{
    wg_brackets b = {.leaf = -1};
    bool value = true; /* a value or a list may stand here */
    for (int i = 0; i < WG_MAX_RANK; i++) b.dim[i] = -1;
    *list = (wg_pending){.any = true, .from = r->lx};
    if (r->lx.token.kind != '[') {
        if (!wg__is_value(&r->lx.token)) return wg__unexpected(r, "a value or a list");
        list->count = 1;
        wg__lex(&r->lx);
        return true;
    }
    do {
        int kind = r->lx.token.kind;
        bool open = kind == '[', empty = b.depth > 0 && b.n[b.depth - 1] == 0;
        if (kind == ']' && (!value || empty)) {
            if (!close_list(r, &b)) return false;
            value = false;
        } else if (value) {
            if (!scan_item(r, &b, &list->count)) return false;
            value = open;
        } else {
            if (!wg__expect(r, ',', "`,` or `]`")) return false;
            if (r->lx.token.kind == ']') return wg__unexpected(r, "a value or a list");
            value = true;
        }
    } while (b.depth > 0);
    list->shape.rank = b.leaf;
    memcpy(list->shape.dim, b.dim, sizeof b.dim);
    return true;
}

static bool store_integer(wg_reader *r, const wg_token *t, wg_dtype dtype, char *at)
{
    int64_t v = wg__token_is(t, "true");
    int32_t narrow;
    bool word = t->kind == WG_T_NAME && dtype == WG_BOOL && !is_special(t);
    int64_t low = dtype == WG_I64 ? INT64_MIN : dtype == WG_I32 ? INT32_MIN : 0;
    int64_t high = dtype == WG_I64 ? INT64_MAX : dtype == WG_I32 ? INT32_MAX : dtype == WG_U8 ? UINT8_MAX : 1;
    if (!word && t->kind != WG_T_NUMBER) return wg__wrong(r, t, "`%.*s` is no %s", (int)t->length, t->text, wg_dtype_name(dtype));
    if (!word && !integer_of(r, t, low, high, &v)) return false;
    if (dtype == WG_I64) {
        memcpy(at, &v, sizeof v);
    } else if (dtype == WG_I32) {
        narrow = (int32_t)v;
        memcpy(at, &narrow, sizeof narrow);
    } else {
        *at = (char)v;
    }
    return true;
}

static bool store_value(wg_reader *r, const wg_token *t, wg_dtype dtype, char *at)
{
    double v;
    if (!wg__floats(dtype)) return store_integer(r, t, dtype, at);
    if (t->kind == WG_T_NAME && !is_special(t)) return wg__wrong(r, t, "`%.*s` is no %s", (int)t->length, t->text, wg_dtype_name(dtype));
    if (!real_of(r, t, &v)) return false;
    if (isinf(wg__rounded_to(dtype, v)) && !isinf(v))
        return wg__wrong(r, t, "%.*s is out of range for %s", (int)(t->length < 40 ? t->length : 40), t->text, wg_dtype_name(dtype));
    wg__put_value(at, dtype, v);
    return true;
}

bool wg__read_list(wg_reader *r, const wg_pending *list, wg_dtype dtype, const wg_shape *shape, wg_array *out)
{
    int64_t count;
    char a[128], b[128];
    if (!wg__shape_known(shape) || !wg__count(shape, &count))
        return wg__wrong(r, &list->from.token, "a constant is %s: its sizes must be numbers", wg__show_type(a, (wg_type){dtype, shape}));
    bool flat = list->shape.rank <= 1 && count == list->count;
    if (!flat && !wg__dims_equal(&list->shape, shape))
        return wg__wrong(r, &list->from.token, "the data are %s, the type is %s", wg__show_type(a, (wg_type){dtype, &list->shape}),
                         wg__show_type(b, (wg_type){dtype, shape}));
    size_t width = wg_dtype_size(dtype);
    char *values = r->values = wg__alloc(wg__mul((size_t)(count ? count : 1), width));
    if (!values) return wg__fail(&r->fault, WG_ENOMEM, "%s: out of memory", r->path), false;
    wg_lexer after = r->lx; /* what follows the list */
    r->lx = list->from;
    bool good = true;
    r->lx.lists++;
    for (int64_t i = 0; good && i < count; wg__lex(&r->lx))
        if (wg__is_value(&r->lx.token)) good = store_value(r, &r->lx.token, dtype, values + (size_t)i++ * width);
    r->lx = after;
    *out = (wg_array){.data = values, .dtype = dtype, .shape = *shape};
    return good;
}

/* ---- attributes -------------------------------------------------------------------------------------------------- */

/* At most 8 integers or sizes, or a lone one. */
static bool read_items(wg_reader *r, const wg_attr *a, bool sizes, int64_t *v, int *n)
{
    wg_token first = r->lx.token;
    *n = 0;
    bool list = first.kind == '[';
    if (list) wg__lex(&r->lx);
    while (!list || r->lx.token.kind != ']') {
        if (*n && !wg__expect(r, ',', "`,` or `]`")) return false;
        if (*n == WG_MAX_RANK) return wg__wrong(r, &first, "%s has more than %d items", a->name, WG_MAX_RANK);
        if (sizes ? !read_size(r, -1, &v[*n]) : !read_integer(r, INT64_MIN, INT64_MAX, &v[*n])) return false;
        ++*n;
        if (!list) return true;
    }
    wg__lex(&r->lx);
    return true;
}

static bool read_ints(wg_reader *r, const wg_attr *a, wg_ints *list)
{
    if (a->fallback && wg__token_is(&r->lx.token, a->fallback)) { /* axes=all */
        list->n = 0;
        wg__lex(&r->lx);
        return true;
    }
    if (!read_items(r, a, false, list->v, &list->n)) return false;
    if (list->n == 0) list->n = -1;
    return true;
}

static bool read_word(wg_reader *r, const char **word)
{
    const wg_token *t = &r->lx.token;
    if (t->kind != WG_T_NAME && t->kind != WG_T_STRING) return wg__unexpected(r, "a word");
    *word = wg__arena_text(&r->t->arena, t->text, t->length); /* recording puts the table's own word in its place */
    if (!*word) return wg__fail(&r->fault, WG_ENOMEM, "%s: out of memory", r->path), false;
    wg__lex(&r->lx);
    return true;
}

static bool read_text(wg_reader *r, const char **text)
{
    return r->lx.token.kind == WG_T_STRING ? read_word(r, text) : wg__unexpected(r, "a text in quotes");
}

static bool read_bool(wg_reader *r, bool *v)
{
    *v = wg__token_is(&r->lx.token, "true");
    if (!*v && !wg__token_is(&r->lx.token, "false")) return wg__unexpected(r, "true or false");
    wg__lex(&r->lx);
    return true;
}

static bool read_int(wg_reader *r, int *v)
{
    int64_t wide = WG_NO_AXIS;
    if (wg__token_is(&r->lx.token, "none")) wg__lex(&r->lx);
    else if (!read_integer(r, INT_MIN + 1, INT_MAX, &wide)) return false;
    *v = (int)wide;
    return true;
}

static bool holds_call(const wg_op *op)
{
    bool any = false;
    for (int i = 0; i < op->n_attributes; i++) any |= op->attributes[i].type == WG_A_CALL;
    return any;
}

/* A call without its tensors as a value: slice(axis=1, start=2). One level deep: what has such an attribute itself is none. */
static bool read_applied(wg_reader *r, wg_applied *v)
{
    wg_token at = r->lx.token;
    char name[64] = "", why[256];
    uint32_t given = 0;
    if (at.kind != WG_T_NAME) return wg__unexpected(r, "an op");
    if (at.length < sizeof name) memcpy(name, at.text, at.length);
    const wg_op *op = wg__op_find(name);
    if (!op || op->kind == WG_LEAF || op->kind == WG_EFFECT || holds_call(op))
        return wg__wrong(r, &at, "`%.*s` is no op that may stand here", (int)(at.length < 40 ? at.length : 40), at.text);
    void *options = wg__arena_get(&r->t->arena, op->options_size);
    if (!options) return wg__fail(&r->fault, WG_ENOMEM, "%s: out of memory", r->path), false;
    wg__attrs_init(op, options);
    wg__lex(&r->lx);
    if (!wg__expect(r, '(', "`(`")) return false;
    while (r->lx.token.kind != ')') {
        if (given && !wg__expect(r, ',', "`,` or `)`")) return false;
        if (!wg__read_attribute(r, op, options, &given)) return false;
    }
    wg__lex(&r->lx);
    for (int i = 0; i < op->n_attributes; i++)
        if (op->attributes[i].required && !(given >> i & 1)) return wg__wrong(r, &at, "%s: %s is missing", name, op->attributes[i].name);
    if (!wg__attrs_check(op, options, why, sizeof why)) return wg__wrong(r, &at, "%s: %s", name, why);
    *v = (wg_applied){.op = op, .attrs = options};
    return true;
}

static bool read_value(wg_reader *r, const wg_attr *a, void *x)
{
    wg_ints *list = x;
    wg_shape *shape = x;
    switch (a->type) {
    case WG_A_INT: return read_int(r, x);
    case WG_A_SIZE: return read_bound(r, x);
    case WG_A_REAL: return wg__read_number(r, x);
    case WG_A_BOOL: return read_bool(r, x);
    case WG_A_ENUM: return read_word(r, x);
    case WG_A_DTYPE: return read_dtype(r, x);
    case WG_A_INTS: return read_ints(r, a, list);
    case WG_A_SHAPE: return read_items(r, a, true, shape->dim, &shape->rank);
    case WG_A_DATA: return wg__scan_list(r, &r->data); /* its dtype may follow */
    case WG_A_CALL: return read_applied(r, x);
    case WG_A_TEXT: return read_text(r, x);
    }
    return false;
}

bool wg__read_attribute(wg_reader *r, const wg_op *op, void *options, uint32_t *given)
{
    wg_token at = r->lx.token;
    if (at.kind != WG_T_NAME) return wg__unexpected(r, "an attribute");
    for (int i = 0; i < op->n_attributes; i++) {
        const wg_attr *a = &op->attributes[i];
        if (!wg__token_is(&at, a->name)) continue;
        if (*given >> i & 1) return wg__wrong(r, &at, "%s: %s is given twice", op->name, a->name);
        *given |= 1u << i;
        wg__lex(&r->lx);
        return wg__expect(r, '=', "`=`") && read_value(r, a, wg__attr_field(a, options));
    }
    return wg__wrong(r, &at, "%s has no attribute `%.*s`", op->name, (int)(at.length < 40 ? at.length : 40), at.text);
}

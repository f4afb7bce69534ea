/* attrs.c -- attributes by their table: the one place that knows how a field of a wg_<op>_options is compared,
 * hashed, copied, checked and set to its default. Text and printing are in text.c. */
#include "tape/tape.h"

void *wg__attr_field(const wg_attr *a, const void *options) { return (char *)(uintptr_t)options + a->offset; }

uint64_t wg__hash(uint64_t h, const void *bytes, size_t n)
{
    const unsigned char *p = bytes; /* FNV-1a, then a final mix */
    h ^= 0xcbf29ce484222325u;
    for (size_t i = 0; i < n; i++) h = (h ^ p[i]) * 0x100000001b3u;
    h ^= h >> 32;
    return h * 0x9e3779b97f4a7c15u ^ h >> 29;
}

static size_t field_size(wg_attr_type type)
{
    static const size_t size[] = {sizeof(int),          sizeof(int64_t),    sizeof(double),      sizeof(bool),
                                  sizeof(const char *), sizeof(wg_dtype),   sizeof(wg_ints),     sizeof(wg_shape),
                                  sizeof(wg_array),     sizeof(wg_applied), sizeof(const char *)};
    return size[type];
}

static size_t data_bytes(const wg_array *a) { return (size_t)wg_shape_count(a->shape) * wg_dtype_size(a->dtype); }

static bool field_equal(const wg_attr *a, const void *x, const void *y)
{
    const wg_ints *i = x, *j = y;
    const wg_array *d = x, *e = y;
    const wg_applied *v = x, *w = y;
    switch (a->type) {
    case WG_A_INTS: return i->n == j->n && (i->n <= 0 || memcmp(i->v, j->v, (size_t)i->n * sizeof *i->v) == 0);
    case WG_A_SHAPE: return wg_shape_equal(*(const wg_shape *)x, *(const wg_shape *)y);
    case WG_A_DATA:
        return d->dtype == e->dtype && wg_shape_equal(d->shape, e->shape) &&
               (!data_bytes(d) || memcmp(d->data, e->data, data_bytes(d)) == 0);
    case WG_A_CALL: return v->op == w->op && wg__attrs_equal(v->op, v->attrs, w->attrs);
    case WG_A_TEXT: return strcmp(*(const char *const *)x, *(const char *const *)y) == 0;
    default: return memcmp(x, y, field_size(a->type)) == 0;
    }
}

bool wg__attrs_equal(const wg_op *op, const void *a, const void *b)
{
    if (a == b) return true;
    for (int i = 0; i < op->n_attributes; i++)
        if (!field_equal(&op->attributes[i], wg__attr_field(&op->attributes[i], a), wg__attr_field(&op->attributes[i], b))) return false;
    return true;
}

uint64_t wg__attrs_hash(const wg_op *op, const void *options)
{
    uint64_t h = 0;
    for (int i = 0; options && i < op->n_attributes; i++) {
        const wg_attr *a = &op->attributes[i];
        const void *x = wg__attr_field(a, options);
        const wg_ints *list = x;
        const wg_shape *s = x;
        const wg_array *d = x;
        const wg_applied *v = x;
        const char *const *text = x;
        switch (a->type) {
        case WG_A_INTS: h = wg__hash(h, list->v, (size_t)(list->n > 0 ? list->n : 0) * sizeof *list->v); break;
        case WG_A_SHAPE: h = wg__hash(h, s->dim, (size_t)(s->rank > 0 ? s->rank : 0) * sizeof *s->dim); break;
        case WG_A_DATA: h = wg__hash(h, d->data, data_bytes(d)); break;
        case WG_A_CALL: h = wg__hash(h + wg__attrs_hash(v->op, v->attrs), &v->op, sizeof v->op); break;
        case WG_A_TEXT: h = wg__hash(h, *text, strlen(*text)); break;
        default: h = wg__hash(h, x, field_size(a->type));
        }
    }
    return h;
}

static void set_default(const wg_attr *a, void *x)
{
    switch (a->type) {
    case WG_A_INT: *(int *)x = (int)a->number; break;
    case WG_A_SIZE:
        *(int64_t *)x = !a->fallback                        ? 0
                        : strcmp(a->fallback, "end") == 0   ? WG_END
                        : strcmp(a->fallback, "start") == 0 ? WG_START
                                                            : (int64_t)a->number;
        break;
    case WG_A_REAL: *(double *)x = a->number; break;
    case WG_A_BOOL: *(bool *)x = a->number != 0; break;
    case WG_A_DTYPE: *(wg_dtype *)x = (wg_dtype)(int)a->number; break;
    case WG_A_ENUM:
    case WG_A_TEXT: *(const char **)x = a->fallback; break;
    default: memset(x, 0, field_size(a->type));
    }
}

void wg__attrs_init(const wg_op *op, void *options)
{
    for (int i = 0; i < op->n_attributes; i++) set_default(&op->attributes[i], wg__attr_field(&op->attributes[i], options));
}

bool wg__attr_default(const wg_attr *a, const void *options)
{
    wg_array room; /* the largest field */
    if (a->required) return false;
    memset(&room, 0, sizeof room);
    set_default(a, &room);
    if (a->type == WG_A_ENUM) return strcmp(*(const char *const *)wg__attr_field(a, options), a->fallback) == 0;
    return field_equal(a, wg__attr_field(a, options), &room);
}

/* An enumeration becomes its table's own word (so that equal words are equal pointers); NULL is the default. */
static bool check_word(const wg_attr *a, const char **word, char *why, size_t why_size)
{
    if (!*word) *word = a->fallback;
    for (const char *const *w = a->words; *w; w++)
        if (strcmp(*w, *word) == 0) return *word = *w, true;
    size_t used = 0;
    wg__append(why, why_size, &used, "%s=\"%s\" is not one of", a->name, *word);
    for (const char *const *w = a->words; *w; w++) wg__append(why, why_size, &used, "%s %s", w == a->words ? "" : ",", *w);
    return false;
}

/* What stands between quotes in the text form. NULL is the default; of a required one, missing. */
static bool check_text(const wg_attr *a, const char **text, char *why, size_t why_size)
{
    if (!*text) *text = a->fallback;
    if (!*text) return snprintf(why, why_size, "%s is missing", a->name), false;
    for (const char *c = *text; *c; c++)
        if (*c == '"' || (unsigned char)*c < 0x20) return snprintf(why, why_size, "%s has a quote or a control character", a->name), false;
    return true;
}

bool wg__attrs_check(const wg_op *op, void *options, char *why, size_t why_size)
{
    for (int i = 0; i < op->n_attributes; i++) {
        const wg_attr *a = &op->attributes[i];
        void *x = wg__attr_field(a, options);
        if (a->type == WG_A_ENUM && !check_word(a, x, why, why_size)) return false;
        if (a->type == WG_A_TEXT && !check_text(a, x, why, why_size)) return false;
        if (a->type == WG_A_DTYPE && !wg_dtype_size(*(wg_dtype *)x)) return snprintf(why, why_size, "%s is no dtype", a->name), false;
        if (a->type == WG_A_SHAPE && (((wg_shape *)x)->rank < 0 || ((wg_shape *)x)->rank > WG_MAX_RANK))
            return snprintf(why, why_size, "%s has more than %d axes", a->name, WG_MAX_RANK), false;
        if (a->type == WG_A_INTS && ((wg_ints *)x)->n > WG_MAX_RANK)
            return snprintf(why, why_size, "%s has more than %d items", a->name, WG_MAX_RANK), false;
    }
    return true;
}

static bool copy_data(wg_tape *t, wg_array *d)
{
    size_t bytes = data_bytes(d);
    void *mine = wg__arena_get(&t->arena, bytes ? bytes : 1);
    if (mine && bytes) memcpy(mine, d->data, bytes);
    d->data = mine;
    d->owner = NULL;
    return mine != NULL;
}

const void *wg__attrs_copy(wg_tape *t, const wg_op *op, const void *options)
{
    char *copy = wg__arena_get(&t->arena, op->options_size);
    if (!copy) return NULL;
    for (int i = 0; i < op->n_attributes; i++) {
        const wg_attr *a = &op->attributes[i];
        void *x = wg__attr_field(a, copy);
        memcpy(x, wg__attr_field(a, options), field_size(a->type));
        if (a->type == WG_A_DATA && !copy_data(t, x)) return NULL;
        const char **text = x;
        if (a->type == WG_A_TEXT && !(*text = wg__arena_text(&t->arena, *text, strlen(*text)))) return NULL;
        wg_applied *v = x;
        if (a->type == WG_A_CALL && v->attrs && !(v->attrs = wg__attrs_copy(t, v->op, v->attrs))) return NULL;
    }
    return copy;
}

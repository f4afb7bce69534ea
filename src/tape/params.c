/* params.c -- the parameter store. Entries are separate allocations: growing the table moves no data. */
#include "base/array.h"
#include "tape/params.h"

#include "base/alloc.h"
#include "tape/tape.h"

#include <stdarg.h>

struct wg_params {
    wg_stored **entry;
    size_t count, capacity;
    uint32_t *slot; /* open addressing by name, entry index + 1 */
    size_t slots;
    wg_fault fault;
    char *text; /* in its place, where it is longer than that has room for; NULL */
};

wg_params *wg_params_new(void) { return wg__alloc(sizeof(wg_params)); }

void wg_params_free(wg_params *p)
{
    if (!p) return;
    for (size_t i = 0; i < p->count; i++) {
        wg_array_free(&p->entry[i]->array);
        wg__free(p->entry[i]->name);
        wg__free(p->entry[i]);
    }
    wg__free(p->entry);
    wg__free(p->slot);
    wg__free(p->text);
    wg__free(p);
}

wg_status wg__params_fail(wg_params *p, wg_status s, const char *format, ...)
{
    va_list args;
    wg__params_fail_clear(p);
    va_start(args, format);
    vsnprintf(p->fault.text, sizeof p->fault.text, format, args);
    va_end(args);
    return p->fault.status = s;
}

wg_status wg__params_fail_long(wg_params *p, wg_status s, char *text)
{
    wg__params_fail_clear(p);
    p->text = text;
    return p->fault.status = s;
}

void wg__params_fail_clear(wg_params *p)
{
    wg__free(p->text);
    p->text = NULL;
    p->fault = (wg_fault){WG_OK, ""};
}

const char *wg_params_error(const wg_params *p)
{
    if (!p) return "no parameter store: out of memory";
    return !p->fault.status ? NULL : p->text ? p->text : p->fault.text;
}

const char *wg_params_left(const wg_params *p) { return p && !p->fault.status ? p->text : NULL; }

static size_t find_slot(const wg_params *p, const char *name)
{
    size_t i = wg__hash(0, name, strlen(name)) & (p->slots - 1);
    while (p->slot[i] && strcmp(p->entry[p->slot[i] - 1]->name, name) != 0) i = (i + 1) & (p->slots - 1);
    return i;
}

wg_stored *wg__stored(const wg_params *p, const char *name)
{
    if (!p->slots) return NULL;
    size_t i = find_slot(p, name);
    return p->slot[i] ? p->entry[p->slot[i] - 1] : NULL;
}

static bool grow_slots(wg_params *p)
{
    if ((p->count + 1) * 2 <= p->slots) return true;
    size_t slots = p->slots ? p->slots * 2 : 64;
    uint32_t *fresh = wg__alloc(wg__mul(slots, sizeof *fresh));
    if (!fresh) return false;
    wg__free(p->slot);
    p->slot = fresh;
    p->slots = slots;
    for (size_t i = 0; i < p->count; i++) p->slot[find_slot(p, p->entry[i]->name)] = (uint32_t)i + 1;
    return true;
}

wg_status wg__params_add(wg_params *p, const char *name, wg_dtype dtype, wg_shape shape, wg_param_kind kind, wg_stored **out)
{
    if (!grow_slots(p) || !WG_RESERVE(p->entry, p->capacity, p->count + 1)) return WG_ENOMEM;
    wg_stored *s = wg__alloc(sizeof *s);
    if (!s) return WG_ENOMEM;
    wg_status status = wg_array_new(&s->array, dtype, shape);
    s->name = status ? NULL : wg__strdup(name);
    s->kind = kind;
    if (!s->name) {
        wg_array_free(&s->array);
        wg__free(s);
        return status ? status : WG_ENOMEM;
    }
    size_t at = find_slot(p, name);
    p->entry[p->count++] = s;
    p->slot[at] = (uint32_t)p->count;
    *out = s;
    return WG_OK;
}

void wg__params_drop_last(wg_params *p)
{
    wg_stored *s = p->entry[p->count - 1];
    p->slot[find_slot(p, s->name)] = 0; /* the last one in: no other's search passes over its slot */
    p->count--;
    wg_array_free(&s->array);
    wg__free(s->name);
    wg__free(s);
}

size_t wg_params_count(const wg_params *p) { return p ? p->count : 0; }

const char *wg_params_name(const wg_params *p, size_t i) { return p && i < p->count ? p->entry[i]->name : NULL; }

wg_param_kind wg_params_kind(const wg_params *p, const char *name)
{
    const wg_stored *s = p ? wg__stored(p, name) : NULL;
    return s ? s->kind : WG_TRAINABLE;
}

wg_status wg_params_get(const wg_params *p, const char *name, wg_array *borrowed)
{
    const wg_stored *s = p ? wg__stored(p, name) : NULL;
    *borrowed = s ? wg_array_wrap(s->array.data, s->array.dtype, s->array.shape) : (wg_array){0};
    return s ? WG_OK : WG_EMISSING;
}

wg_status wg_params_set(wg_params *p, const char *name, const wg_array *value, wg_param_kind kind)
{
    wg_stored *s = wg__stored(p, name);
    if (!wg__name_good(name, strlen(name))) return wg__params_fail(p, WG_EARG, "\"%s\" is no name for a parameter", name);
    const char *wrong = wg__array_wrong(value);
    if (wrong) return wg__params_fail(p, WG_EARG, "%s: %s", name, wrong);
    if (s && s->array.dtype != value->dtype)
        return wg__params_fail(p, WG_EDTYPE, "%s is %s, the value is %s", name, wg_dtype_name(s->array.dtype), wg_dtype_name(value->dtype));
    if (s && !wg_shape_equal(s->array.shape, value->shape)) {
        char a[128], b[128];
        return wg__params_fail(p, WG_ESHAPE, "%s is %s, the value is %s", name,
                               wg__show_type(a, (wg_type){s->array.dtype, &s->array.shape}),
                               wg__show_type(b, (wg_type){value->dtype, &value->shape}));
    }
    if (!s) {
        wg_status status = wg__params_add(p, name, value->dtype, value->shape, kind, &s);
        if (status) return wg__params_fail(p, status, "%s: %s", name, wg_status_text(status));
    }
    size_t bytes = (size_t)wg_shape_count(value->shape) * wg_dtype_size(value->dtype);
    if (bytes) memmove(s->array.data, value->data, bytes);
    return WG_OK;
}

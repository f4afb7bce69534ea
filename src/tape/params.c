/* params.c -- the parameter store. Entries are separate allocations: growing the table moves no data. */
#include "base/array.h"
#include "tape/params.h"

#include "base/alloc.h"
#include "tape/tape.h"

#include <math.h>
#include <stdarg.h>

struct wg_params {
    wg_stored **entry;
    size_t count, capacity;
    uint32_t *slot; /* open addressing by name, entry index + 1 */
    size_t slots;
    wg_fault fault;
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
    wg__free(p);
}

wg_status wg__params_fail(wg_params *p, wg_status s, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    vsnprintf(p->fault.text, sizeof p->fault.text, format, args);
    va_end(args);
    return p->fault.status = s;
}

void wg__params_fail_clear(wg_params *p) { p->fault = (wg_fault){WG_OK, ""}; }

const char *wg_params_error(const wg_params *p)
{
    if (!p) return "no parameter store: out of memory";
    return p->fault.status ? p->fault.text : NULL;
}

const char *wg_params_left(const wg_params *p) { return p && !p->fault.status && p->fault.text[0] ? p->fault.text : NULL; }

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

/* ---- initialisers --------------------------------------------------------------------------------------------------- */

/* PyTorch's fans: weights are (out, in, kernel...); a vector has no fan of its own, its length serves. */
static void fans(const wg_shape *s, double *in, double *out)
{
    double kernel = 1;
    for (int i = 2; i < s->rank; i++) kernel *= (double)s->dim[i];
    *in = (s->rank > 1 ? (double)s->dim[1] : s->rank ? (double)s->dim[0] : 1) * kernel;
    *out = (s->rank ? (double)s->dim[0] : 1) * kernel;
}

wg_status wg__params_fill(wg_stored *s, uint32_t seed, const wg_init *init)
{
    const char *kind = init->kind ? init->kind : "zeros";
    double in, out, lo = 0, hi = 0;
    bool normal = strstr(kind, "normal") != NULL, random = normal || strstr(kind, "uniform");
    fans(&s->array.shape, &in, &out);
    if (strcmp(kind, "zeros") == 0) return WG_OK;
    if (strcmp(kind, "ones") == 0) lo = 1;
    if (strcmp(kind, "constant") == 0) lo = init->hi;
    if (strcmp(kind, "uniform") == 0 || strcmp(kind, "normal") == 0) lo = init->lo, hi = init->hi;
    if (strcmp(kind, "kaiming_uniform") == 0) hi = 1 / sqrt(fmax(in, 1)), lo = -hi; /* a = sqrt 5 */
    if (strcmp(kind, "kaiming_normal") == 0) hi = sqrt(2 / fmax(in, 1));
    if (strcmp(kind, "xavier_uniform") == 0) hi = sqrt(6 / fmax(in + out, 1)), lo = -hi;
    if (strcmp(kind, "xavier_normal") == 0) hi = sqrt(2 / fmax(in + out, 1));
    /* the name is part of the seed: the order in which layers are made, or left out, changes no other layer */
    wg_rng *r = random ? wg_rng_new((uint32_t)wg__hash(seed, s->name, strlen(s->name))) : NULL;
    if (random && !r) return WG_ENOMEM;
    int64_t n = wg_shape_count(s->array.shape);
    for (int64_t i = 0; i < n; i++)
        wg_array_put(&s->array, i, !random ? lo : normal ? lo + hi * wg_rng_normal(r) : lo + (hi - lo) * wg_rng_uniform(r));
    wg_rng_free(r);
    return WG_OK;
}

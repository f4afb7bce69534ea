/* leaves.c -- names, scopes, and the leaves that bear them: inputs, parameters, constants. */
#include "base/array.h"
#include "base/shape.h"
#include "tape/params.h"
#include "tape/tape.h"

#include <stdarg.h>

enum { NAME_MAX_ = 512 };

/* ---- names -------------------------------------------------------------------------------------------------------- */

bool wg__name_good(const char *name, size_t length)
{
    if (length == 0 || length >= NAME_MAX_) return false;
    for (size_t i = 0; i < length; i++) {
        char c = name[i];
        bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
        bool later = (c >= '0' && c <= '9') || c == '.' || c == '/' || c == '-';
        if (!letter && !(i > 0 && later)) return false;
    }
    return !(length == 1 && name[0] == '_');
}

static size_t name_slot(const wg_tape *t, const char *name, size_t length)
{
    const wg_names *m = &t->names;
    size_t i = wg__hash(0, name, length) & (m->capacity - 1);
    for (; m->slot[i]; i = (i + 1) & (m->capacity - 1)) {
        const char *other = t->node[m->slot[i] - 1].name;
        if (strncmp(other, name, length) == 0 && !other[length]) break;
    }
    return i;
}

uint32_t wg__name_find(const wg_tape *t, const char *name, size_t length)
{
    if (!t->names.capacity) return WG_ABSENT;
    uint32_t found = t->names.slot[name_slot(t, name, length)];
    return found ? found - 1 : WG_ABSENT;
}

static bool grow_names(wg_tape *t)
{
    wg_names *m = &t->names, old = *m;
    if ((m->used + 1) * 2 <= m->capacity) return true;
    size_t capacity = old.capacity ? old.capacity * 2 : 64;
    uint32_t *slot = wg__alloc(wg__mul(capacity, sizeof *slot));
    if (!slot) return false;
    m->slot = slot;
    m->capacity = capacity;
    for (size_t i = 0; i < old.capacity; i++)
        if (old.slot[i]) {
            const char *name = t->node[old.slot[i] - 1].name;
            slot[name_slot(t, name, strlen(name))] = old.slot[i];
        }
    wg__free(old.slot);
    return true;
}

wg_status wg__name_node(wg_tape *t, uint32_t index, const char *name, size_t length)
{
    wg_node *n = &t->node[index];
    if (!wg__name_good(name, length)) {
        wg__tape_fail(t, WG_EARG, "\"%.*s\" is no name: letters, digits, _ . / -, beginning with a letter",
                      (int)(length < 64 ? length : 64), name);
        return WG_EARG;
    }
    if (n->name && strlen(n->name) == length && strncmp(n->name, name, length) == 0) return WG_OK;
    if (n->name) {
        wg__tape_fail(t, WG_EARG, "name \"%.*s\": the node is called \"%s\" already", (int)length, name, n->name);
        return WG_EARG;
    }
    if (wg__name_find(t, name, length) != WG_ABSENT) {
        wg__tape_fail(t, WG_EARG, "the name \"%.*s\" is taken on this tape", (int)length, name);
        return WG_EARG;
    }
    char *copy = wg__arena_text(&t->arena, name, length);
    if (!copy || !grow_names(t)) {
        wg__tape_fail(t, WG_ENOMEM, "name: out of memory");
        return WG_ENOMEM;
    }
    t->names.slot[name_slot(t, name, length)] = index + 1;
    t->names.used++;
    t->node[index].name = copy;
    return WG_OK;
}

/* scope, joined by `joint`, before the name; parameters use dots throughout, as PyTorch does */
static size_t full_name(const wg_tape *t, const char *name, char joint, char full[NAME_MAX_ * 2])
{
    size_t used = 0;
    wg__append(full, NAME_MAX_ * 2, &used, "%s", t->place.scope);
    if (joint == '.')
        for (size_t i = 0; i < used; i++)
            if (full[i] == '/') full[i] = '.';
    if (used) wg__append(full, NAME_MAX_ * 2, &used, "%c", joint);
    wg__append(full, NAME_MAX_ * 2, &used, "%s", name);
    return used;
}

wg_tensor wg_name(wg_tensor x, const char *name)
{
    char full[NAME_MAX_ * 2];
    if (!wg_ok(x)) return x;
    size_t length = full_name(x.tape, name ? name : "", '/', full);
    return wg__name_node(x.tape, wg__index(x), full, length) ? wg__invalid(x.tape) : x;
}

wg_tensor wg_find(wg_tape *t, const char *name)
{
    uint32_t i = wg__name_find(t, name, strlen(name));
    return i == WG_ABSENT ? wg__invalid(t) : wg__tensor(t, i);
}

void wg_scope_push(wg_tape *t, const char *format, ...)
{
    char name[NAME_MAX_], full[NAME_MAX_ * 2];
    va_list args;
    va_start(args, format);
    vsnprintf(name, sizeof name, format, args);
    va_end(args);
    size_t length = full_name(t, name, '/', full);
    char *kept = wg__name_good(full, length) ? wg__arena_text(&t->arena, full, length) : NULL;
    if (kept) t->place.scope = kept;
    else wg__tape_fail(t, WG_EARG, "scope: \"%s\" is no name (or memory ran out)", name);
}

void wg_scope_pop(wg_tape *t)
{
    const char *slash = strrchr(t->place.scope, '/');
    size_t length = slash ? (size_t)(slash - t->place.scope) : 0;
    if (!t->place.scope[0]) {
        wg__tape_fail(t, WG_EARG, "scope: more popped than pushed");
        return;
    }
    const char *kept = length ? wg__arena_text(&t->arena, t->place.scope, length) : "";
    if (kept) t->place.scope = kept;
    else wg__tape_fail(t, WG_ENOMEM, "scope: out of memory");
}

/* ---- leaves ------------------------------------------------------------------------------------------------------------ */

static wg_tensor named_leaf(wg_tape *t, const wg_op *op, const void *options, const char *name)
{
    wg_tensor x = wg__record_with(t, op, options, NULL, 0);
    if (!wg_ok(x) || wg__name_node(t, wg__index(x), name, strlen(name)) == WG_OK) return x;
    return wg__invalid(t);
}

wg_tensor(wg_input_range)(wg_tape *t, const char *name, wg_dtype dtype, wg_shape shape, double low, double high)
{
    char full[NAME_MAX_ * 2];
    if (!t) return WG_NONE;
    full_name(t, name ? name : "", '/', full);
    return named_leaf(t, &wg_op_input, &(wg_leaf_input_options){.dtype = dtype, .shape = shape, .low = low, .high = high}, full);
}

wg_tensor(wg_input)(wg_tape *t, const char *name, wg_dtype dtype, wg_shape shape) { return (wg_input_range)(t, name, dtype, shape, 0, 0); }

wg_tensor(wg_const)(wg_tape *t, const wg_array *a)
{
    if (!t) return WG_NONE;
    const char *wrong = wg__array_wrong(a);
    if (wrong) return wg__tape_fail(t, WG_EARG, "constant: %s", wrong);
    return wg__record_with(t, &wg_op_constant, &(wg_leaf_constant_options){.dtype = a->dtype, .shape = a->shape, .data = *a}, NULL, 0);
}

/* The store's entry for a parameter of that name and type: found, or made and filled. */
static wg_stored *entry_for(wg_tape *t, const char *name, wg_shape shape, const wg_param_options *o)
{
    wg_stored *s = wg__stored(t->params, name);
    wg_dtype dtype = o->dtype ? o->dtype : WG_F32;
    if (s) {
        char a[128], b[128];
        if (s->array.dtype == dtype && wg_shape_equal(s->array.shape, shape)) return s;
        wg__tape_fail(t, WG_ESHAPE, "parameter %s is %s, this call needs %s", name,
                      wg__show_type(a, (wg_type){s->array.dtype, &s->array.shape}), wg__show_type(b, (wg_type){dtype, &shape}));
        return NULL;
    }
    wg_status status = wg__params_add(t->params, name, dtype, shape, o->kind, &s);
    if (!status && (status = wg__params_fill(s, t->seed, &o->init))) wg__params_drop_last(t->params);
    if (status) wg__tape_fail(t, status, "parameter %s: %s", name, wg_status_text(status));
    return status ? NULL : s;
}

wg_tensor wg_param_create(wg_tape *t, const char *name, wg_shape shape, const wg_param_options *o)
{
    static const wg_param_options defaults = {.dtype = WG_F32};
    char full[NAME_MAX_ * 2], type[128];
    if (!t) return WG_NONE;
    if (!o) o = &defaults;
    size_t length = full_name(t, name ? name : "", '.', full);
    uint32_t there = wg__name_find(t, full, length);
    if (!wg__name_good(full, length)) return wg__tape_fail(t, WG_EARG, "\"%s\" is no name for a parameter", full);
    if (there != WG_ABSENT && !(o->shared && t->node[there].op->leaf == WG_LEAF_PARAM))
        return wg__tape_fail(t, WG_EARG, "parameter %s is on this tape already; .shared = true uses it again", full);
    if (shape.rank < 0 || !wg__shape_known(&shape))
        return wg__tape_fail(t, WG_ESHAPE, "parameter %s: the sizes of %s must be known", full,
                             wg__show_type(type, (wg_type){WG_F32, &shape}));
    size_t stored = wg_params_count(t->params);
    const wg_stored *s = entry_for(t, full, shape, o);
    if (!s) return wg__invalid(t);
    if (there != WG_ABSENT) return wg__tensor(t, there);
    static const char *const kinds[] = {"trainable", "buffer", "state"};
    wg_param_options used = *o;
    wg_tensor x = named_leaf(t, &wg_op_param,
                             &(wg_leaf_param_options){.dtype = s->array.dtype,
                                                      .shape = shape,
                                                      .init = used.init.kind,
                                                      .lo = used.init.lo,
                                                      .hi = used.init.hi,
                                                      .gain = used.init.gain,
                                                      .fan = used.init.fan,
                                                      .min = used.init.min,
                                                      .max = used.init.max,
                                                      .kind = kinds[s->kind]},
                             full);
    if (!wg_ok(x) && wg_params_count(t->params) > stored) wg__params_drop_last(t->params); /* an unknown kind, or no memory */
    return x;
}

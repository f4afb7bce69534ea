/* tape.c -- a tape's life, its handles, and the place (file:line) of what is recorded. */
#include "tape/tape.h"

#include "base/shape.h"
#include "tape/params.h"

const char wg__number_tag;

wg_tensor wg_tensor_none(void) { return (wg_tensor){NULL, 0}; }

wg_tensor wg_num(double value)
{
    wg_tensor x = {(wg_tape *)(uintptr_t)&wg__number_tag, 0};
    memcpy(&x.id, &value, sizeof x.id);
    return x;
}

bool wg_ok(wg_tensor x) { return x.tape && !wg__is_number(x, NULL) && wg__lives(x.tape, x); }

wg_tensors wg_tensors_of(const wg_tensor *x, size_t n) { return (wg_tensors){x, n}; }

/* ---- life ------------------------------------------------------------------------------------------------------------ */

static void forget(wg_tape *t)
{
    t->count = t->edges = t->placed = t->n_returned = t->hooks = t->names.used = 0;
    t->place = (wg_place){.scope = ""};
    t->fresh = WG_FIRST_FRESH;
    t->random_keys = 0;
    if (t->names.slot) memset(t->names.slot, 0, t->names.capacity * sizeof *t->names.slot);
    memset(t->number, 0xff, sizeof t->number);
    wg__arena_free(&t->arena);
    t->fault = (wg_fault){WG_OK, ""};
}

wg_tape *wg_tape_create(const wg_tape_options *o)
{
    static const wg_tape_options defaults = {0};
    wg_tape *t = wg__alloc(sizeof *t);
    if (!t) return NULL;
    if (!o) o = &defaults;
    t->params = o->params ? o->params : wg_params_new();
    if (!t->params) {
        wg__free(t);
        return NULL;
    }
    t->owns_params = !o->params;
    t->seed = o->seed;
    t->eval = o->eval;
    t->threads = o->threads;
    t->arena.stock = &t->stock;
    forget(t);
    return t;
}

void wg_tape_free(wg_tape *t)
{
    if (!t) return;
    if (t->free_plans) t->free_plans(t);
    if (t->owns_params) wg_params_free(t->params);
    wg__arena_free(&t->arena);
    wg__put(&t->stock, t->node);
    wg__put(&t->stock, t->edge);
    wg__free(t->names.slot);
    wg__free(t->returned);
    wg__free(t->hook);
    wg__stock_free(&t->stock);
    wg__free(t);
}

void wg_tape_reset(wg_tape *t)
{
    if (t->free_plans) t->free_plans(t);
    t->generation++;
    forget(t);
    wg__stock_age(&t->stock);
}

const char *wg_error(const wg_tape *t)
{
    if (!t) return "no tape: out of memory";
    return t->fault.status ? t->fault.text : NULL;
}

wg_status wg_error_status(const wg_tape *t) { return t ? t->fault.status : WG_ENOMEM; }

void wg_error_clear(wg_tape *t)
{
    t->fault = (wg_fault){WG_OK, ""};
    t->fault_placed = false;
}

wg_params *wg_tape_params(const wg_tape *t) { return t->params; }
bool wg_tape_eval(const wg_tape *t) { return t->eval; }
size_t wg_tape_size(const wg_tape *t) { return t->count; }

/* ---- places ------------------------------------------------------------------------------------------------------------ */

wg_tensor wg_at(wg_tensor x, const char *file, int line)
{
    wg_tape *t = x.tape;
    if (!t || wg__is_number(x, NULL) || t->place.depth > 0) return x;
    for (; t->placed < t->count; t->placed++)
        if (!t->node[t->placed].file) {
            t->node[t->placed].file = file;
            t->node[t->placed].line = line;
        }
    if (t->fault.status && !t->fault_placed) {
        char text[sizeof t->fault.text];
        memcpy(text, t->fault.text, sizeof text);
        size_t used = 0;
        wg__append(t->fault.text, sizeof t->fault.text, &used, "%s:%d: %s", file, line, text);
        t->fault_placed = true;
    }
    return x;
}

void wg__locate(const wg_node *n, char *text, size_t size)
{
    size_t used = 0;
    text[0] = 0;
    if (n->file) wg__append(text, size, &used, "%s:%d: ", n->file, n->line);
    bool checks = n->op->checks && n->via; /* of what: its rule says so itself */
    const wg_op *op = checks ? ((const wg_checked_options *)n->attrs)->call.op : n->op;
    if (n->via && n->via != op) wg__append(text, size, &used, "%s: ", n->via->name);
    if (!checks) wg__append(text, size, &used, "%s: ", op->name);
}

/* ---- looking -------------------------------------------------------------------------------------------------------------- */

wg_tape *wg_tape_of(wg_tensor x) { return wg__is_number(x, NULL) ? NULL : x.tape; }

size_t wg_node_index(wg_tensor x) { return wg_ok(x) ? wg__index(x) : SIZE_MAX; }

wg_dtype wg_dtype_get(wg_tensor x) { return wg_ok(x) ? (wg_dtype)wg__node(x)->dtype : (wg_dtype)0; }

wg_shape wg_shape_get(wg_tensor x)
{
    wg_shape s = {.rank = 0};
    if (!wg_ok(x)) return s;
    s = *wg__node(x)->shape;
    for (int i = 0; i < s.rank; i++)
        if (s.dim[i] < 0 && !wg__is_letter(s.dim[i])) s.dim[i] = WG_ANY;
    return s;
}

int64_t wg_dim(wg_tensor x, int axis)
{
    wg_shape s = wg_shape_get(x);
    if (axis < 0) axis += s.rank;
    return axis >= 0 && axis < s.rank ? s.dim[axis] : WG_ANY;
}

const char *wg_op_name(wg_tensor x) { return wg_ok(x) ? wg__node(x)->op->name : NULL; }

const char *wg_name_get(wg_tensor x) { return wg_ok(x) ? wg__node(x)->name : NULL; }

int wg_node_inputs(wg_tensor x) { return wg_ok(x) ? (int)wg__node(x)->n : 0; }

wg_tensor wg_node_input(wg_tensor x, int i)
{
    if (!wg_ok(x) || i < 0 || (uint32_t)i >= wg__node(x)->n) return WG_NONE;
    uint32_t e = wg__edges(x.tape, wg__node(x))[i];
    return e == WG_ABSENT ? WG_NONE : wg__tensor(x.tape, e);
}

wg_tensor wg_tape_node(wg_tape *t, size_t i) { return i < t->count ? wg__tensor(t, (uint32_t)i) : wg__invalid(t); }

void wg_return(wg_tape *t, wg_tensors outputs)
{
    for (size_t i = 0; i < outputs.n; i++)
        if (!wg__usable(t, outputs.x[i], "return: a tensor")) return;
    if (!WG_RESERVE(t->returned, t->returned_capacity, outputs.n)) {
        wg__tape_fail(t, WG_ENOMEM, "return: out of memory");
        return;
    }
    if (outputs.n) memmove(t->returned, outputs.x, outputs.n * sizeof *outputs.x);
    t->n_returned = outputs.n;
}

wg_tensors wg_returned(const wg_tape *t) { return (wg_tensors){t->returned, t->n_returned}; }

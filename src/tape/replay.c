/* replay.c -- see replay.h. One pass over the nodes in tape order: a node's inputs are earlier nodes, so what stands for
 * them is known when the node is reached. Attributes are substituted by their table, so no op is known here; of the leaves
 * only those that bear names are: inputs and parameters. */
#include "tape/replay.h"

#include "base/array.h"
#include "base/shape.h"
#include "tape/params.h"

typedef struct replay {
    wg_tape *to;
    const wg_tape *from;
    wg_tensor *map;
    const wg_replay_options *o;
    wg_tensor *in; /* room for the inputs of the widest node so far */
    size_t in_capacity;
    const char *text[2], *text_copy[2]; /* the last file and scope that were copied */
    void *data;                         /* of a constant that was converted */
} replay;

static wg_dtype real_of(const wg_replay_options *o, wg_dtype d) { return o->real && wg__floats(d) ? o->real : d; }

static bool substituted(const wg_replay_options *o) { return o->real || o->size; }

/* ---- attributes ---------------------------------------------------------------------------------------------------- */

/* In attributes only letters are symbols: WG_ANY, WG_START and WG_END mean what the op says. */
static int64_t size_of(const wg_replay_options *o, int64_t size)
{
    return o->size && size > INT64_MIN && size < WG_START ? o->size(o->context, size) : size;
}

static bool convert(replay *r, wg_array *a)
{
    wg_dtype want = real_of(r->o, a->dtype);
    if (want == a->dtype) return true;
    size_t n = (size_t)wg_shape_count(a->shape);
    r->data = wg__alloc(wg__mul(n ? n : 1, wg_dtype_size(want)));
    if (!r->data) return wg__tape_fail(r->to, WG_ENOMEM, "replay: out of memory"), false;
    for (size_t i = 0; i < n; i++) wg__put_value((char *)r->data + i * wg_dtype_size(want), want, wg_array_at(a, (int64_t)i));
    *a = wg_array_wrap(r->data, want, a->shape);
    return true;
}

/* An op has at most one attribute that is a call (a view inside unview, what checked checks): its attributes are next. */
static bool substitute(replay *r, const wg_op *op, void *options)
{
    const wg_replay_options *o = r->o;
    for (wg_applied *inner; substituted(o); op = inner->op) {
        inner = NULL;
        for (int i = 0; i < op->n_attributes; i++) {
            void *x = wg__attr_field(&op->attributes[i], options);
            wg_shape *s = x;
            switch (op->attributes[i].type) {
            case WG_A_DTYPE: *(wg_dtype *)x = real_of(o, *(wg_dtype *)x); break;
            case WG_A_SIZE: *(int64_t *)x = size_of(o, *(int64_t *)x); break;
            case WG_A_SHAPE:
                for (int k = 0; k < s->rank; k++) s->dim[k] = size_of(o, s->dim[k]);
                break;
            case WG_A_DATA:
                if (!convert(r, x)) return false;
                break;
            case WG_A_CALL: inner = x; break;
            default: break;
            }
        }
        if (!inner || !inner->attrs) return true;
        options = (void *)(uintptr_t)wg__attrs_copy(r->to, inner->op, inner->attrs);
        if (!options) return wg__tape_fail(r->to, WG_ENOMEM, "replay: out of memory"), false;
        inner->attrs = options;
    }
    return true;
}

/* ---- leaves that bear names ----------------------------------------------------------------------------------------- */

/* A size of an input: here fresh symbols may be substituted too, and one that is not becomes WG_ANY again. */
static wg_shape input_shape(const wg_replay_options *o, const wg_shape *of)
{
    wg_shape s = *of;
    for (int i = 0; i < s.rank; i++) {
        if (s.dim[i] >= 0) continue;
        if (o->size) s.dim[i] = o->size(o->context, s.dim[i]);
        if (s.dim[i] < 0 && !wg__is_letter(s.dim[i])) s.dim[i] = WG_ANY;
    }
    return s;
}

static wg_tensor named(wg_tape *t, wg_tensor x, const char *name)
{
    if (!wg_ok(x) || wg__name_node(t, wg__index(x), name, strlen(name)) == WG_OK) return x;
    return wg__invalid(t);
}

static wg_tensor replay_input(replay *r, const wg_node *n)
{
    wg_leaf_input_options o = {.dtype = real_of(r->o, (wg_dtype)n->dtype), .shape = input_shape(r->o, n->shape)};
    if (n->op->leaf == WG_LEAF_INPUT) {
        const wg_leaf_input_options *was = n->attrs;
        o.low = was->low;
        o.high = was->high;
    }
    return named(r->to, wg__record_with(r->to, &wg_op_input, &o, NULL, 0), n->name);
}

/* The parameter in the store of `to`, copied there from that of `from` if need be. */
static bool store(replay *r, const wg_node *n, wg_dtype dtype)
{
    const wg_stored *from = wg__stored(r->from->params, n->name), *there = wg__stored(r->to->params, n->name);
    if (there && (there->array.dtype != dtype || !wg_shape_equal(there->array.shape, *n->shape)))
        return wg__tape_fail(r->to, WG_ESHAPE, "replay: parameter %s is in the store with another dtype or shape", n->name), false;
    if (there) return true;
    if (!from) return wg__tape_fail(r->to, WG_EMISSING, "replay: parameter %s is not in the store", n->name), false;
    wg_array value = from->array;
    if (!convert(r, &value)) return false;
    wg_status s = wg_params_set(r->to->params, n->name, &value, from->kind);
    if (s) wg__tape_fail(r->to, s, "replay: parameter %s: %s", n->name, wg_status_text(s));
    return !s;
}

static wg_tensor replay_param(replay *r, const wg_node *n)
{
    wg_leaf_param_options o = *(const wg_leaf_param_options *)n->attrs;
    uint32_t there = wg__name_find(r->to, n->name, strlen(n->name));
    o.dtype = real_of(r->o, o.dtype);
    if (r->o->params_as_inputs) return replay_input(r, n);
    if (!store(r, n, o.dtype)) return wg__invalid(r->to);
    if (there != WG_ABSENT && r->to->node[there].op == n->op) return wg__tensor(r->to, there);
    return named(r->to, wg__record_with(r->to, n->op, &o, NULL, 0), n->name);
}

/* ---- nodes ------------------------------------------------------------------------------------------------------------ */

/* Texts live in the arena of `from`; neighbours mostly share theirs. */
static const char *keep_text(replay *r, int which, const char *text)
{
    if (r->to == r->from || !text || !text[0]) return text;
    if (r->text[which] == text) return r->text_copy[which];
    const char *copy = wg__arena_text(&r->to->arena, text, strlen(text));
    if (!copy) return wg__tape_fail(r->to, WG_ENOMEM, "replay: out of memory"), NULL;
    r->text[which] = text;
    return r->text_copy[which] = copy;
}

static bool gather_inputs(replay *r, const wg_node *n)
{
    if (!WG_RESERVE(r->in, r->in_capacity, n->n)) return wg__tape_fail(r->to, WG_ENOMEM, "replay: out of memory"), false;
    for (uint32_t i = 0; i < n->n; i++) {
        uint32_t e = wg__edges(r->from, n)[i];
        r->in[i] = e == WG_ABSENT ? WG_NONE : r->map[e];
        if (e != WG_ABSENT && wg__is_none(r->in[i]))
            return wg__tape_fail(r->to, WG_EARG, "replay: %s: what it reads was left out", n->op->name), false;
    }
    return true;
}

static wg_tensor replay_op(replay *r, const wg_node *n)
{
    union {
        max_align_t align;
        char bytes[512];
    } options; /* as large as wg__record_with takes */
    if (n->op->options_size > sizeof options) return wg__tape_fail(r->to, WG_EARG, "replay: %s: its options are too large", n->op->name);
    if (!gather_inputs(r, n)) return wg__invalid(r->to);
    if (n->attrs) memcpy(options.bytes, n->attrs, n->op->options_size);
    if (n->attrs && !substitute(r, n->op, &options)) return wg__invalid(r->to);
    wg_tensor y = wg__record_with(r->to, n->op, n->attrs ? &options : NULL, r->in, (int)n->n);
    if (!wg_ok(y) || !n->name || wg__name_find(r->to, n->name, strlen(n->name)) != WG_ABSENT) return y;
    return wg__node(y)->name ? y : named(r->to, y, n->name);
}

static wg_tensor replay_node(replay *r, const wg_node *n, uint32_t index)
{
    bool leaf = n->op->leaf == WG_LEAF_INPUT || n->op->leaf == WG_LEAF_PARAM;
    if (leaf && r->to == r->from) return wg__tensor(r->to, index);
    if (n->op->kind == WG_EFFECT && !r->o->effects) return r->map[wg__edges(r->from, n)[1]]; /* see assign */
    wg_place before = r->to->place;
    const char *scope = keep_text(r, 0, n->scope), *file = keep_text(r, 1, n->file);
    if (!scope) return wg__invalid(r->to);
    r->to->place = (wg_place){.file = file, .scope = scope, .line = n->line, .depth = before.depth + 1, .via = n->via};
    wg_tensor y = n->op->leaf == WG_LEAF_INPUT ? replay_input(r, n) : n->op->leaf == WG_LEAF_PARAM ? replay_param(r, n) : replay_op(r, n);
    r->to->place = before;
    wg__free(r->data);
    r->data = NULL;
    return y;
}

bool wg__replay(wg_tape *to, const wg_tape *from, const uint8_t *wanted, wg_tensor *map, const wg_replay_options *o)
{
    static const wg_replay_options plain = {0};
    replay r = {.to = to, .from = from, .map = map, .o = o ? o : &plain};
    size_t count = from->count;
    bool done = true;
    for (size_t i = 0; done && i < count; i++) {
        wg_node n = from->node[i]; /* a copy: recording may move the nodes */
        if ((wanted && !wanted[i]) || !wg__is_none(map[i])) continue;
        map[i] = replay_node(&r, &n, (uint32_t)i);
        done = wg_ok(map[i]);
    }
    if (done && to->random_keys < from->random_keys) to->random_keys = from->random_keys;
    wg__free(r.in);
    return done;
}

void wg__mark_ancestors(const wg_tape *t, const wg_tensor *y, size_t n, const wg_tensor *map, const wg_replay_options *o, uint8_t *mask)
{
    for (size_t k = 0; k < n; k++)
        if (wg_ok(y[k])) mask[wg__index(y[k])] = 1;
    for (size_t i = t->count; i-- > 0;) {
        const wg_node *at = &t->node[i];
        const uint32_t *e = wg__edges(t, at);
        if (!mask[i] || (map && !wg__is_none(map[i]))) continue;
        bool only_value = at->op->kind == WG_EFFECT && !(o && o->effects);
        for (uint32_t k = 0; k < at->n; k++)
            if (e[k] != WG_ABSENT && (!only_value || k == 1)) mask[e[k]] = 1;
    }
}

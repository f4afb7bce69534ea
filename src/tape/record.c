/* record.c -- one call becomes one node: inputs are checked, numbers get the others' dtype, small integers are cast
 * at the door, attributes are made canonical, the shape rule runs, the node is appended. An op that is a definition
 * only records its definition instead. Nothing is computed. */
#include "base/array.h"
#include "tape/infer.h"
#include "tape/tape.h"

#include <stdarg.h>

enum { FEW = 8 }; /* inputs that need no memory of their own */

wg_tensor wg__tape_fail(wg_tape *t, wg_status s, const char *format, ...)
{
    if (t->fault.status == WG_OK) {
        char text[sizeof t->fault.text];
        va_list args;
        va_start(args, format);
        vsnprintf(text, sizeof text, format, args);
        va_end(args);
        t->fault_placed = t->place.file != NULL;
        if (t->fault_placed) wg__fail(&t->fault, s, "%s:%d: %s", t->place.file, t->place.line, text);
        else wg__fail(&t->fault, s, "%s", text);
    }
    return wg__invalid(t);
}

wg_tensor wg_reject(wg_tape *t, wg_status s, const char *format, ...)
{
    char text[sizeof t->fault.text];
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    return wg__tape_fail(t, s, "%s", text);
}

static wg_tensor fail_op(wg_tape *t, const wg_op *op, wg_status s, const char *why)
{
    const wg_op *via = t->place.via;
    if (via && via != op) return wg__tape_fail(t, s, "%s: %s: %s", via->name, op->name, why);
    return wg__tape_fail(t, s, "%s: %s", op->name, why);
}

wg_tensor wg__reject(const wg_rule *r, wg_status s, const char *format, ...)
{
    char why[256];
    va_list args;
    va_start(args, format);
    vsnprintf(why, sizeof why, format, args);
    va_end(args);
    const wg_op *via = r->tape->place.via;
    return wg__tape_fail(r->tape, s, "%s: %s", via ? via->name : "?", why);
}

bool wg__usable(wg_tape *t, wg_tensor x, const char *what)
{
    if (x.tape != t) {
        if (wg__is_none(x)) wg__tape_fail(t, WG_EARG, "%s is missing", what);
        else if (wg__is_number(x, NULL)) wg__tape_fail(t, WG_EARG, "%s is a number, not a tensor of the tape", what);
        else wg__tape_fail(t, WG_EARG, "%s belongs to another tape", what);
        return false;
    }
    if (wg__index(x) == WG_ABSENT) {
        wg__tape_fail(t, WG_EARG, "%s is not a valid tensor", what);
        return false;
    }
    if ((uint32_t)(x.id >> 32) != t->generation || wg__index(x) >= t->count) {
        wg__tape_fail(t, WG_EARG, "%s is a handle from before wg_tape_reset", what);
        return false;
    }
    return true;
}

/* ---- places ------------------------------------------------------------------------------------------------------ */

wg_place wg__enter(wg_tape *t, const wg_node *of, const wg_op *via)
{
    wg_place before = t->place;
    t->place.depth++;
    if (of) {
        t->place.file = of->file;
        t->place.line = of->line;
        t->place.scope = of->scope;
        if (of->via) t->place.via = of->via;
        t->place.reverse |= of->reverse;
    }
    if (via && !t->place.via) {
        t->place.via = via;
        t->place.opened = t->count;
    }
    return before;
}

void wg__leave(wg_tape *t, wg_place before) { t->place = before; }

wg_rule wg__rule(wg_tape *t, uint32_t index, wg_tensor *in)
{
    const wg_node *n = &t->node[index];
    for (uint32_t i = 0; i < n->n; i++) {
        uint32_t e = wg__edges(t, n)[i];
        in[i] = e == WG_ABSENT ? WG_NONE : wg__tensor(t, e);
    }
    return (wg_rule){.tape = t, .attrs = n->attrs, .in = in, .n = (int)n->n, .out = wg__tensor(t, index)};
}

wg_tensor wg__expand(wg_tape *t, uint32_t index)
{
    wg_node n = t->node[index]; /* a copy: recording may move the nodes */
    wg_tensor few[FEW], *in = n.n <= FEW ? few : wg__alloc(wg__mul(n.n, sizeof *in));
    if (!in) return wg__tape_fail(t, WG_ENOMEM, "%s: out of memory", n.op->name);
    wg_rule r = wg__rule(t, index, in);
    r.out = wg__invalid(t);
    wg_place before = wg__enter(t, &n, n.op);
    wg_tensor y = n.op->define(&r);
    wg__leave(t, before);
    if (in != few) wg__free(in);
    return y;
}

/* ---- the parts of recording ---------------------------------------------------------------------------------------- */

bool wg__may_disagree(const wg_op *op, int i)
{
    uint32_t bit = op->variadic ? 1u : 1u << i;
    return bit & (op->index | op->bools | op->any_dtype | op->shape_only);
}

wg_dtype wg__at_the_door(const wg_op *op, int i, wg_dtype d)
{
    uint32_t takes = op->takes ? op->takes : WG_REALS, bit = op->variadic ? 1u : 1u << i;
    if (bit & (op->any_dtype | op->shape_only | op->bools)) return d;
    if (bit & op->index) takes = WG_INTEGERS;
    return (d == WG_I32 || d == WG_U8) && !(takes >> d & 1) && takes >> WG_I64 & 1 ? WG_I64 : d;
}

/* The dtype that the inputs which must agree agree on, as far as they are tensors. */
static wg_dtype common_dtype(const wg_op *op, const wg_tensor *in, int n)
{
    for (int i = 0; i < n; i++)
        if (in[i].tape && !wg__is_number(in[i], NULL) && !wg__may_disagree(op, i))
            return wg__at_the_door(op, i, (wg_dtype)wg__node(in[i])->dtype);
    return WG_F32;
}

/* Whether in[i] may stand where it is; else the tape's error says why, unless it is an earlier one's. */
static bool may_stand(wg_tape *t, const wg_op *op, wg_tensor x, int i)
{
    char what[96];
    if (wg__lives(t, x) || wg__is_number(x, NULL)) return true;
    if (wg__is_none(x) && !op->variadic && op->inputs[i].optional) return true;
    if (x.tape == t && wg__index(x) == WG_ABSENT) return false; /* invalid in, invalid out */
    snprintf(what, sizeof what, "%s: %s", op->name, op->inputs[op->variadic ? 0 : i].name);
    return wg__usable(t, x, what);
}

/* Whether a number can be of dtype d. */
static bool holds(wg_dtype d, double v) { return wg__floats(d) || (v >= -0x1p63 && v < 0x1p63 && v == (double)(int64_t)v); }

/* Input i as a node of t: a number of dtype d, a tensor cast where only i64 is taken. */
static bool convert(wg_tape *t, const wg_op *op, wg_tensor *x, int i, wg_dtype d)
{
    double v;
    if (wg__is_number(*x, &v)) {
        wg_dtype wants = !wg__may_disagree(op, i) ? d : op->index >> i & 1 ? WG_I64 : WG_F32;
        if (!holds(wants, v)) {
            char why[96];
            snprintf(why, sizeof why, "the number %g is not an %s", v, wg_dtype_name(wants));
            return fail_op(t, op, WG_EDTYPE, why), false;
        }
        *x = wg__number(t, v, wants);
    } else if (x->tape) {
        wg_dtype has = (wg_dtype)wg__node(*x)->dtype, wants = wg__at_the_door(op, i, has);
        if (wants == has) return true;
        *x = (wg_cast)(*x, wants);
    }
    return !x->tape || wg__lives(t, *x);
}

/* Whether the inputs are nodes of t already, of dtypes that the op takes: what most calls are. */
static bool ready(const wg_tape *t, const wg_op *op, const wg_tensor *in, int n)
{
    for (int i = 0; i < n; i++) {
        if (!wg__lives(t, in[i])) return false;
        wg_dtype d = (wg_dtype)wg__node(in[i])->dtype;
        if ((d == WG_I32 || d == WG_U8) && wg__at_the_door(op, i, d) != d) return false;
    }
    return true;
}

/* Inputs made ready: in[] becomes nodes of t or none. */
static bool admit(wg_tape *t, const wg_op *op, wg_tensor *in, int n)
{
    for (int i = 0; i < n; i++)
        if (!may_stand(t, op, in[i], i)) return false;
    wg_dtype d = common_dtype(op, in, n);
    for (int i = 0; i < n; i++)
        if (!convert(t, op, &in[i], i, d)) return false;
    return true;
}

/* Numbers all have one shape, so that they are known to be alike without a look at it; others share it where they can. */
static const wg_shape *keep_shape(wg_tape *t, const wg_call *c)
{
    static const wg_shape number;
    if (!c->shape.rank) return &number;
    for (int i = 0; i < c->n; i++)
        if (c->in[i].dtype && wg__dims_equal(c->in[i].shape, &c->shape)) return c->in[i].shape;
    wg_shape *s = wg__arena_get(&t->arena, sizeof *s);
    if (s) *s = c->shape;
    return s;
}

static bool known(const wg_call *c, const wg_shape *shape)
{
    bool all = wg__shape_known(shape);
    for (int i = 0; all && i < c->n; i++) all = !c->in[i].shape || c->in[i].shape == shape || wg__shape_known(c->in[i].shape);
    return all;
}

/* attrs and shape are the tape's already. */
static wg_tensor append(wg_tape *t, const wg_op *op, const void *attrs, const wg_tensor *in, int n, wg_type type, bool known)
{
    bool effect = op->kind == WG_EFFECT;
    if (!type.shape || (op->n_attributes && !attrs) || t->count >= WG_ABSENT - 1 ||
        !WG_RESERVE_FROM(&t->stock, t->node, t->node_capacity, t->count + 1) ||
        !WG_RESERVE_FROM(&t->stock, t->edge, t->edge_capacity, t->edges + (size_t)n + 1) || /* never NULL */
        (effect && !WG_RESERVE(t->hook, t->hook_capacity, t->hooks + 1)))
        return fail_op(t, op, WG_ENOMEM, "out of memory");
    t->node[t->count] = (wg_node){.op = op,
                                  .attrs = attrs,
                                  .shape = type.shape,
                                  .scope = t->place.scope,
                                  .file = t->place.file,
                                  .line = t->place.line,
                                  .via = t->place.via,
                                  .derivative = t->place.derivative,
                                  .reverse = t->place.reverse,
                                  .edge = (uint32_t)t->edges,
                                  .n = (uint32_t)n,
                                  .dtype = (uint8_t)type.dtype,
                                  .known = known,
                                  .opens = t->place.via && t->place.opened == t->count};
    uint32_t *edge = t->edge + t->edges;
    for (int i = 0; i < n; i++) edge[i] = in[i].tape ? wg__index(in[i]) : WG_ABSENT;
    t->edges += (size_t)n;
    if (effect && in[n - 1].tape) t->hook[t->hooks++] = (uint32_t)t->count;
    return wg__tensor(t, (uint32_t)t->count++);
}

static bool is_composite(const wg_op *op) { return op->define && (!(op->kernel || op->kernel_of || op->view) || op->define_when); }

/* Whether nothing has to be worked out, as in most calls: values computed element by element from nodes of one shape and one dtype,
   which the op takes, are of this shape themselves. */
static bool is_plain(const wg_tape *t, const wg_op *op, const wg_tensor *in, int n, wg_type *y)
{
    if (op->kind != WG_ELEMENTWISE || op->n_attributes || op->shape || op->variadic || is_composite(op) || !wg__lives(t, *in)) return false;
    const wg_node *x = wg__node(*in);
    bool plain = !(op->index | op->bools | op->shape_only | op->any_dtype) && (op->takes ? op->takes : WG_REALS) >> x->dtype & 1;
    for (int i = 1; plain && i < n; i++)
        plain = wg__lives(t, in[i]) && wg__node(in[i])->shape == x->shape && wg__node(in[i])->dtype == x->dtype;
    *y = (wg_type){op->gives ? op->gives : (wg_dtype)x->dtype, x->shape};
    return plain;
}

/* y, what op is defined as, and with it what op's own rule asks of sizes that are not known yet: what op is made of may broadcast
   what op refuses, and which it is shows when the sizes are fed. */
static wg_tensor with_check(wg_tape *t, const wg_op *op, const void *attrs, const wg_tensor *in, int n, wg_tensor y)
{
    wg_checked_options o = {.call = {op, op->n_attributes ? attrs : NULL}};
    wg_tensor all[FEW] = {y};
    if (n >= wg_op_checked.n_inputs || !wg__lives(t, y)) return y;
    memcpy(all + 1, in, (size_t)n * sizeof *in);
    return wg__record_with(t, &wg_op_checked, &o, all, wg_op_checked.n_inputs);
}

/* in[] is ready. */
static wg_tensor record_ready(wg_tape *t, const wg_op *op, void *attrs, const wg_tensor *in, int n, wg_type *type)
{
    char why[256];
    why[0] = '\0';
    for (int i = 0; i < n; i++)
        type[i] = in[i].tape ? (wg_type){(wg_dtype)wg__node(in[i])->dtype, wg__node(in[i])->shape} : (wg_type){0, NULL};
    wg_call c = {.op = op, .attrs = attrs, .in = type, .n = n, .fresh = &t->fresh, .why = why, .why_size = sizeof why};
    if (!wg__attrs_check(op, attrs, why, sizeof why)) return fail_op(t, op, WG_EARG, why);
    if (!wg__infer(&c)) return fail_op(t, op, WG_ESHAPE, why);
    if (op->kind == WG_EFFECT && wg__node(in[0])->op->leaf != WG_LEAF_PARAM) return fail_op(t, op, WG_EARG, "param is not a parameter");
    if (is_composite(op)) {
        wg_place before = wg__enter(t, NULL, op);
        wg_tensor y = op->define(&(wg_rule){.tape = t, .attrs = attrs, .in = in, .n = n, .out = wg__invalid(t)});
        if (c.trusts && op->shape) y = with_check(t, op, attrs, in, n, y);
        wg__leave(t, before);
        if (!op->define_when || y.tape) return y;
    }
    const wg_shape *shape = keep_shape(t, &c);
    return append(t, op, op->n_attributes ? wg__attrs_copy(t, op, attrs) : NULL, in, n, (wg_type){c.dtype, shape},
                  shape && known(&c, shape));
}

wg_tensor wg__record_with(wg_tape *t, const wg_op *op, const void *attrs, const wg_tensor *in, int n)
{
    union {
        max_align_t align;
        char bytes[512];
    } options;
    wg_tensor few[FEW], *mine = few;
    wg_type few_types[FEW], *type = few_types;
    if (is_plain(t, op, in, n, type)) return append(t, op, NULL, in, n, *type, wg__shape_known(type->shape));
    if (op->options_size > sizeof options) return fail_op(t, op, WG_EARG, "its options are larger than wg__record_with allows");
    if (op->n_attributes) {
        size_t rest = (size_t)(op->options_size - op->inputs_size);
        memset(&options, 0, op->options_size);
        if (attrs) memcpy(options.bytes + op->inputs_size, (const char *)attrs + op->inputs_size, rest);
    }
    if (op->variadic && n < 1) return fail_op(t, op, WG_EARG, "needs at least one tensor");
    bool admitted = ready(t, op, in, n);
    if (n > FEW) {
        mine = wg__alloc(wg__mul((size_t)n, sizeof *mine));
        type = wg__alloc(wg__mul((size_t)n, sizeof *type));
        if (!mine || !type) {
            wg__free(mine);
            wg__free(type);
            return fail_op(t, op, WG_ENOMEM, "out of memory");
        }
    }
    for (int i = 0; !admitted && i < n; i++) mine[i] = in[i];
    wg_tensor y = wg__invalid(t);
    if (admitted || admit(t, op, mine, n)) y = record_ready(t, op, &options, admitted ? in : mine, n, type);
    if (n > FEW) {
        wg__free(mine);
        wg__free(type);
    }
    return y;
}

wg_tensor wg__record(const wg_op *op, const void *options)
{
    const wg_tensor *in = options;
    int n = op->n_inputs;
    wg_tape *t = NULL;
    if (!options) return WG_NONE;
    if (op->variadic) {
        const wg_tensors *list = options;
        in = list->x;
        n = list->n <= INT32_MAX ? (int)list->n : 0;
    }
    if (n == 0 && !op->variadic) t = *(wg_tape *const *)options;
    for (int i = 0; i < n && !t; i++)
        if (!wg__is_number(in[i], NULL)) t = in[i].tape;
    if (!t) return WG_NONE; /* nothing to keep an error on */
    return wg__record_with(t, op, options, in, n);
}

wg_tensor wg__number(wg_tape *t, double value, wg_dtype dtype)
{
    uint64_t bits;
    memcpy(&bits, &value, sizeof bits);
    uint32_t *cached = &t->number[wg__hash(bits, &dtype, sizeof dtype) % WG_NUMBER_CACHE];
    if (*cached < t->count) {
        const wg_node *n = &t->node[*cached];
        const wg_leaf_number_options *o = n->attrs;
        if (n->op->leaf == WG_LEAF_NUMBER && n->dtype == dtype && memcmp(&o->value, &value, sizeof value) == 0)
            return wg__tensor(t, *cached);
    }
    const wg_op *via = t->place.via;
    if (!holds(dtype, value))
        return wg__tape_fail(t, WG_EDTYPE, "%s%sthe number %g is not an %s", via ? via->name : "", via ? ": " : "", value,
                             wg_dtype_name(dtype));
    wg_tensor x = wg__record_with(t, &wg_op_number, &(wg_leaf_number_options){.dtype = dtype, .value = value}, NULL, 0);
    if (wg_ok(x)) *cached = wg__index(x);
    return x;
}

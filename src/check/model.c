/* model.c -- the private copy of a model: replayed in f64, its parameters turned into inputs so that one plan is run many
 * times with one element moved, its inputs drawn or fed. */
#include "base/array.h"
#include "base/shape.h"
#include "check/check.h"
#include "tape/params.h"
#include "tape/replay.h"

#include <stdarg.h>

static bool refuse(wg_gradcheck_report *r, wg_status s, const char *format, ...) WG_PRINTF(3, 4);
static bool refuse(wg_gradcheck_report *r, wg_status s, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    vsnprintf(r->text, sizeof r->text, format, args);
    va_end(args);
    r->status = s;
    return false;
}

static bool no_memory(wg_gradcheck_report *r) { return refuse(r, WG_ENOMEM, "gradcheck: out of memory"); }

/* ---- sizes ------------------------------------------------------------------------------------------------------------ */

typedef struct sizes {
    int64_t letter[256];         /* -1: not chosen yet */
    int64_t *fresh, *fresh_size; /* ascending, for a search by halves */
    size_t n, capacity, capacity_size;
    bool alike; /* every size that is free is 3 */
    int letters;
} sizes;

enum { ANY_SIZE = 3 };

static int64_t size_of(void *context, int64_t symbol)
{
    static const int64_t primes[] = {2, 5, 7, 11, 13, 17, 19, 23};
    sizes *s = context;
    if (wg__is_letter(symbol)) {
        int64_t *size = &s->letter[symbol - INT64_MIN];
        if (*size < 0) *size = s->alike ? ANY_SIZE : primes[s->letters++ % 8];
        return *size;
    }
    size_t lo = 0, hi = s->n;
    while (lo < hi) {
        size_t mid = (lo + hi) / 2;
        if (s->fresh[mid] < symbol) lo = mid + 1;
        else hi = mid;
    }
    return lo < s->n && s->fresh[lo] == symbol ? s->fresh_size[lo] : ANY_SIZE;
}

static const wg_gradcheck_feed *feed_of(const wg_gradcheck_options *o, const char *name)
{
    for (size_t i = 0; i < o->n_feeds; i++)
        if (name && o->feeds[i].name && strcmp(o->feeds[i].name, name) == 0) return &o->feeds[i];
    return NULL;
}

static bool fits(const wg_shape *want, const wg_shape *have)
{
    bool same = want->rank == have->rank;
    for (int i = 0; same && i < want->rank; i++) same = want->dim[i] < 0 || want->dim[i] == have->dim[i];
    return same;
}

/* The sizes that the fed arrays settle. Fresh symbols come in ascending order, as the inputs were recorded. */
static bool settle(sizes *s, const wg_node *n, const wg_array *a, wg_gradcheck_report *r)
{
    char have[128], want[128];
    const char *wrong = wg__array_wrong(a);
    if (wrong) return refuse(r, WG_EARG, "gradcheck: input %s: %s", n->name, wrong);
    if (!fits(n->shape, &a->shape))
        return refuse(r, WG_ESHAPE, "gradcheck: input %s is %s, fed is %s", n->name,
                      wg__show_type(want, (wg_type){(wg_dtype)n->dtype, n->shape}), wg__show_type(have, (wg_type){a->dtype, &a->shape}));
    for (int i = 0; i < n->shape->rank; i++) {
        int64_t d = n->shape->dim[i];
        if (d >= 0) continue;
        if (wg__is_letter(d)) {
            int64_t *size = &s->letter[d - INT64_MIN];
            if (*size >= 0 && *size != a->shape.dim[i])
                return refuse(r, WG_ESHAPE, "gradcheck: input %s is fed %lld for size %c, another says %lld", n->name,
                              (long long)a->shape.dim[i], (char)(d - INT64_MIN), (long long)*size);
            *size = a->shape.dim[i];
            continue;
        }
        if (!WG_RESERVE(s->fresh, s->capacity, s->n + 1) || !WG_RESERVE(s->fresh_size, s->capacity_size, s->n + 1)) return no_memory(r);
        s->fresh[s->n] = d;
        s->fresh_size[s->n++] = a->shape.dim[i];
    }
    return true;
}

static bool choose_sizes(sizes *s, const wg_tape *t, const uint8_t *mask, const wg_gradcheck_options *o, bool alike, wg_gradcheck_report *r)
{
    s->n = 0;
    s->letters = 0;
    s->alike = alike;
    for (int i = 0; i < 256; i++) s->letter[i] = -1;
    for (size_t i = 0; i < t->count; i++) {
        const wg_gradcheck_feed *f = mask[i] && t->node[i].op->leaf == WG_LEAF_INPUT ? feed_of(o, t->node[i].name) : NULL;
        if (f && !settle(s, &t->node[i], &f->value, r)) return false;
    }
    return true;
}

/* ---- leaves ---------------------------------------------------------------------------------------------------------- */

static bool real_to_integer(wg_dtype to, wg_dtype from) { return !wg__floats(to) && wg__floats(from); }

static void put(wg_array *a, int64_t i, double v, int64_t whole)
{
    if (a->dtype == WG_I64) ((int64_t *)a->data)[i] = whole;
    else wg_array_put(a, i, wg__floats(a->dtype) ? v : (double)whole);
}

/* a = b, of the same shape and perhaps another dtype. */
static void copy_values(wg_array *a, const wg_array *b)
{
    int64_t n = wg_shape_count(a->shape);
    if (a->dtype == b->dtype) {
        if (n > 0) memcpy(a->data, b->data, (size_t)n * wg_dtype_size(a->dtype));
        return;
    }
    for (int64_t i = 0; i < n; i++) {
        double v = wg_array_at(b, i);
        put(a, i, v, b->dtype == WG_I64 ? ((const int64_t *)b->data)[i] : wg__floats(b->dtype) ? 0 : (int64_t)v);
    }
}

static wg_check_leaf *new_leaf(wg_check_model *m, wg_tensor x, wg_gradcheck_report *r)
{
    const wg_node *n = wg__node(x);
    if (!WG_RESERVE(m->leaf, m->capacity, m->n + 1)) return no_memory(r), NULL;
    wg_check_leaf *l = &m->leaf[m->n];
    *l = (wg_check_leaf){.x = x, .name = n->name};
    wg_status s = wg_array_new(&l->value, (wg_dtype)n->dtype, *n->shape);
    if (s) return refuse(r, s, "gradcheck: input %s: %s", n->name, wg_status_text(s)), NULL;
    m->n++;
    return l;
}

static bool fill_from(wg_check_leaf *l, const wg_array *a, wg_gradcheck_report *r)
{
    if (real_to_integer(l->value.dtype, a->dtype))
        return refuse(r, WG_EDTYPE, "gradcheck: input %s is %s, fed is %s", l->name, wg_dtype_name(l->value.dtype),
                      wg_dtype_name(a->dtype));
    copy_values(&l->value, a);
    return true;
}

static bool fill_param(wg_check_leaf *l, const wg_tape *from, wg_gradcheck_report *r)
{
    const wg_stored *s = wg__stored(from->params, l->name);
    if (!s) return refuse(r, WG_EMISSING, "gradcheck: parameter %s is not in the store", l->name);
    copy_values(&l->value, &s->array);
    return true;
}

static bool to_draw(wg_check_model *m, wg_check_leaf *l, const wg_node *n, wg_gradcheck_report *r)
{
    const wg_leaf_input_options *o = n->attrs;
    char type[128], place[300] = "";
    wg_dtype d = (wg_dtype)n->dtype;
    l->low = o->low;
    l->high = o->high;
    l->drawn = m->drawn = true;
    if (wg__floats(d) || d == WG_BOOL || (o->low < o->high && o->low >= -0x1p53 && o->high <= 0x1p53)) return true;
    size_t used = 0;
    if (n->file) wg__append(place, sizeof place, &used, "%s:%d: ", n->file, n->line);
    return refuse(
        r, WG_EARG,
        "%sgradcheck: input %s is %s and has no range, so it cannot be drawn: say wg_input_range(..., 0, classes), input(high=classes) "
        "in text, or feed it to wg_gradcheck",
        place, l->name, wg__show_type(type, (wg_type){d, n->shape}));
}

static bool add_leaf(wg_check_model *m, wg_tensor x, const wg_tape *from, uint32_t node, const wg_gradcheck_options *o,
                     wg_gradcheck_report *r)
{
    const wg_node *n = &from->node[node];
    const wg_gradcheck_feed *f = feed_of(o, n->name);
    wg_check_leaf *l = new_leaf(m, x, r);
    if (!l) return false;
    l->checked = wg_dtype_real(l->value.dtype) && o->wrt.n == 0;
    for (size_t i = 0; i < o->wrt.n; i++)
        if (wg__index(o->wrt.x[i]) == node) l->checked = wg_dtype_real(l->value.dtype);
    if (f && n->op->leaf == WG_LEAF_INPUT) return fill_from(l, &f->value, r);
    return n->op->leaf == WG_LEAF_INPUT ? to_draw(m, l, n, r) : fill_param(l, from, r);
}

void wg__check_normal(wg_check_model *m, wg_array *a)
{
    int64_t n = wg_shape_count(a->shape);
    for (int64_t i = 0; i < n; i++) ((double *)a->data)[i] = wg_rng_normal(m->rng);
}

void wg__check_draw(wg_check_model *m)
{
    for (size_t k = 0; k < m->n; k++) {
        wg_check_leaf *l = &m->leaf[k];
        int64_t n = l->drawn ? wg_shape_count(l->value.shape) : 0;
        bool real = wg_dtype_real(l->value.dtype), ranged = l->low < l->high;
        double low = l->value.dtype == WG_BOOL ? 0 : l->low, high = l->value.dtype == WG_BOOL ? 2 : l->high;
        for (int64_t i = 0; i < n; i++)
            if (!real) put(&l->value, i, 0, (int64_t)low + wg_rng_integer(m->rng, (int64_t)(high - low)));
            else put(&l->value, i, ranged ? low + (high - low) * wg_rng_uniform(m->rng) : wg_rng_normal(m->rng), 0);
    }
}

wg_check_leaf *wg__check_leaf_add(wg_check_model *m, const char *name, wg_shape shape, wg_gradcheck_report *r)
{
    char full[64];
    for (int i = 0; i == 0 || wg__name_find(m->tape, full, strlen(full)) != WG_ABSENT; i++)
        snprintf(full, sizeof full, "gradcheck.%s%d", name, i);
    wg_tensor x = (wg_input)(m->tape, full, WG_F64, shape);
    if (wg_ok(x)) return new_leaf(m, x, r);
    return refuse(r, wg_error_status(m->tape), "gradcheck: %s", wg_error(m->tape)), NULL;
}

wg_plan *wg__check_plan(const wg_check_model *m, const wg_tensor *out, size_t n, wg_gradcheck_report *r)
{
    wg_plan *p = wg_plan_of((wg_tensors){out, n});
    if (!p) return refuse(r, wg_error_status(m->tape), "gradcheck: %s", wg_error(m->tape)), NULL;
    for (size_t k = 0; k < m->n; k++) {
        wg_status s = wg_feed(p, m->leaf[k].x, wg_array_wrap(m->leaf[k].value.data, m->leaf[k].value.dtype, m->leaf[k].value.shape));
        if (s) return refuse(r, s, "gradcheck: %s", wg_plan_error(p)), NULL;
    }
    return p;
}

/* ---- the model ----------------------------------------------------------------------------------------------------------- */

static bool check_wrt(wg_tape *t, const uint8_t *mask, const wg_gradcheck_options *o, wg_gradcheck_report *r)
{
    for (size_t i = 0; i < o->wrt.n; i++) {
        wg_tensor x = o->wrt.x[i];
        if (!wg_ok(x) || x.tape != t) return refuse(r, WG_EARG, "gradcheck: wrt[%zu] is no tensor of this tape", i);
        const wg_node *n = wg__node(x);
        if (n->op->leaf != WG_LEAF_INPUT && n->op->leaf != WG_LEAF_PARAM)
            return refuse(r, WG_EARG, "gradcheck: wrt[%zu] is neither input nor parameter", i);
        if (!wg__real(n->dtype))
            return refuse(r, WG_EDTYPE, "gradcheck: %s is %s, which has no derivatives", n->name, wg_dtype_name((wg_dtype)n->dtype));
        if (!mask[wg__index(x)]) return refuse(r, WG_EARG, "gradcheck: y is not computed from %s", n->name);
    }
    return true;
}

static bool replay_once(wg_check_model *m, wg_tensor y, const uint8_t *mask, wg_tensor *map, sizes *s)
{
    const wg_tape *from = y.tape;
    wg_tape_free(m->tape);
    memset(map, 0, from->count * sizeof *map);
    m->tape = wg_tape_create(&(wg_tape_options){.seed = from->seed, .eval = from->eval, .threads = from->threads});
    return m->tape && wg__replay(m->tape, from, mask, map,
                                 &(wg_replay_options){.real = WG_F64, .size = size_of, .context = s, .params_as_inputs = true});
}

static bool build(wg_check_model *m, wg_tensor y, const wg_gradcheck_options *o, uint8_t *mask, wg_tensor *map, sizes *s,
                  wg_gradcheck_report *r)
{
    const wg_tape *from = y.tape;
    wg__mark_ancestors(from, &y, 1, NULL, NULL, mask);
    if (!check_wrt(y.tape, mask, o, r) || !choose_sizes(s, from, mask, o, false, r)) return false;
    bool done = replay_once(m, y, mask, map, s);
    if (!done && m->tape && wg_error_status(m->tape) == WG_ESHAPE) /* letters that must be equal */
        done = choose_sizes(s, from, mask, o, true, r) && replay_once(m, y, mask, map, s);
    if (!m->tape) return no_memory(r);
    if (!done) return refuse(r, wg_error_status(m->tape), "gradcheck, in f64: %s", wg_error(m->tape));
    m->y = map[wg__index(y)];
    for (uint32_t i = 0; i < from->count; i++)
        if (mask[i] && (from->node[i].op->leaf == WG_LEAF_INPUT || from->node[i].op->leaf == WG_LEAF_PARAM))
            if (!add_leaf(m, map[i], from, i, o, r)) return false;
    return true;
}

bool wg__check_model_new(wg_check_model *m, wg_tensor y, const wg_gradcheck_options *o, wg_gradcheck_report *r)
{
    *m = (wg_check_model){0};
    if (!wg_ok(y))
        return refuse(r, WG_EARG, "gradcheck: y is not valid: %s",
                      wg_tape_of(y) && wg_error(y.tape) ? wg_error(y.tape) : "no tensor of a tape");
    if (!wg__floats(wg_dtype_get(y)))
        return refuse(r, WG_EDTYPE, "gradcheck: y is %s, which has no derivatives", wg_dtype_name(wg_dtype_get(y)));
    sizes s = {.n = 0};
    uint8_t *mask = wg__alloc(y.tape->count);
    wg_tensor *map = wg__alloc(wg__mul(y.tape->count, sizeof *map));
    m->rng = wg_rng_new(o->seed);
    bool done = mask && map && m->rng ? build(m, y, o, mask, map, &s, r) : no_memory(r);
    wg__free(mask);
    wg__free(map);
    wg__free(s.fresh);
    wg__free(s.fresh_size);
    return done;
}

void wg__check_model_free(wg_check_model *m)
{
    wg_tape_free(m->tape);
    for (size_t k = 0; k < m->n; k++) wg_array_free(&m->leaf[k].value);
    wg__free(m->leaf);
    wg_rng_free(m->rng);
    *m = (wg_check_model){0};
}

/* ---- one node ---------------------------------------------------------------------------------------------------------------- */

/* The inputs of `node` as inputs of the new tape, each once. */
static bool node_inputs(wg_check_model *m, const wg_check_model *of, const wg_tensor *in, size_t count, wg_tensor *map,
                        wg_gradcheck_report *r)
{
    wg_plan *p = count ? wg__check_plan(of, in, count, r) : NULL;
    bool done = p && !wg_run(p);
    for (size_t k = 0; done && k < count; k++) {
        char name[32];
        wg_array value;
        snprintf(name, sizeof name, "x%zu", k);
        done = !wg_read(p, in[k], &value);
        wg_tensor x = done ? (wg_input)(m->tape, name, value.dtype, value.shape) : wg_tensor_none();
        wg_check_leaf *l = wg_ok(x) ? new_leaf(m, x, r) : NULL;
        done = l != NULL;
        if (!done) break;
        copy_values(&l->value, &value);
        l->checked = wg_dtype_real(value.dtype);
        map[wg__index(in[k])] = x;
    }
    wg_plan_free(p);
    return done;
}

bool wg__check_model_node(wg_check_model *m, const wg_check_model *of, uint32_t node, wg_gradcheck_report *r)
{
    const wg_tape *t = of->tape;
    const wg_node *n = &t->node[node];
    *m = (wg_check_model){.rng = wg_rng_new(1),
                          .tape = wg_tape_create(&(wg_tape_options){.seed = t->seed, .eval = t->eval, .threads = t->threads})};
    uint8_t *mask = wg__alloc(t->count);
    wg_tensor *map = wg__alloc(wg__mul(t->count, sizeof *map)), *in = wg__alloc(wg__mul(n->n + 1, sizeof *in));
    bool done = m->tape && m->rng && mask && map && in;
    size_t count = 0;
    for (uint32_t i = 0; done && i < n->n; i++) {
        uint32_t e = wg__edges(t, n)[i];
        if (e == WG_ABSENT || mask[e]) continue;
        mask[e] = 1;
        in[count++] = wg__tensor(of->tape, e);
    }
    done = done && node_inputs(m, of, in, count, map, r);
    if (done) {
        memset(mask, 0, t->count);
        mask[node] = 1;
        done = wg__replay(m->tape, t, mask, map, NULL);
        m->y = map[node];
    }
    wg__free(mask);
    wg__free(map);
    wg__free(in);
    return done;
}

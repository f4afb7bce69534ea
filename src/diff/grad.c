/* grad.c -- reverse mode. One sweep from y back to the nodes that reach it from x: every node turns the cotangent of its
 * output into cotangents of its inputs, which are added where they meet. What is recorded are ordinary nodes.
 *
 * A node's rule is, in this order: its .vjp; its .slope (elementwise); the adjoint of its view; its .define, which is
 * recorded and swept in turn. So one description of an op's derivative is enough, and no second one can disagree.
 *
 * bf16 and f16 are not computed with, so what flows back through them is f32 (wg__derived); a derivative that was asked for in
 * such a tensor is rounded to it once, at the end. */
#include "diff/sweep.h"

#include "base/shape.h"

enum { FEW = 8, AHEAD = 96 }; /* inputs that need no memory of their own; nodes that are fetched before it is their turn */

bool wg__carries(const wg_tape *t, const wg_node *n, uint32_t i)
{
    const wg_op *op = n->op;
    uint32_t e = wg__edges(t, n)[i], bit = op->variadic ? 1u : 1u << i;
    if (e == WG_ABSENT || op->constant || op->kind == WG_LEAF || op->kind == WG_EFFECT) return false;
    if (bit & (op->shape_only | op->index | op->bools)) return false;
    return wg__real(n->dtype) && wg__real(t->node[e].dtype);
}

int64_t wg__slot(const wg_stretch *s, uint32_t node)
{
    if (node >= s->lo) return node < s->hi ? (int64_t)(node - s->lo) : -1;
    for (size_t k = 0; k < s->n; k++)
        if (s->x[k] == node) return (int64_t)(s->hi - s->lo + k);
    return -1;
}

static bool marked(const wg_stretch *s, uint32_t node)
{
    int64_t at = node == WG_ABSENT ? -1 : wg__slot(s, node);
    return at >= 0 && s->mark[at];
}

bool wg__stretch_new(wg_stretch *s)
{
    size_t slots = (size_t)(s->hi - s->lo) + s->n;
    s->mark = wg__take_zeroed(&s->t->stock, slots);
    s->d = wg__take_zeroed(&s->t->stock, wg__mul(slots, sizeof *s->d));
    if (!s->mark || !s->d) return wg__tape_fail(s->t, WG_ENOMEM, "derivative: out of memory"), false;
    for (size_t k = 0; k < s->n; k++)
        if (s->x[k] < s->hi) s->mark[wg__slot(s, s->x[k])] = 1;
    for (uint32_t k = s->lo; k < s->hi; k++) {
        const wg_node *n = &s->t->node[k];
        for (uint32_t i = 0; i < n->n && !s->mark[k - s->lo]; i++)
            if (marked(s, wg__edges(s->t, n)[i]) && wg__carries(s->t, n, i)) s->mark[k - s->lo] = 1;
    }
    return true;
}

void wg__stretch_free(wg_stretch *s)
{
    wg__put(&s->t->stock, s->mark);
    wg__put(&s->t->stock, s->d);
}

wg_tensor wg__apply_slope(wg_tensor slope, wg_tensor g)
{
    if (wg__lives(g.tape, slope) && wg__node(slope)->dtype == WG_BOOL) return wg_where(slope, g, wg_num(0));
    return wg_mul(g, slope);
}

wg_tensor wg__zeros_like(wg_tape *t, wg_tensor x) { return wg_expand_like(wg__number(t, 0, wg__derived(wg_dtype_get(x))), x); }

wg_tensor wg__in_dtype(wg_tensor x, wg_dtype d) { return !wg_ok(x) || wg_dtype_get(x) == d ? x : wg_cast(x, d); }

/* g, of the output's shape, in the shape of the input that broadcasting spread. */
static wg_tensor unbroadcast(wg_tensor g, wg_tensor x)
{
    return wg__lives(x.tape, g) && !wg__dims_equal(wg__node(g)->shape, wg__node(x)->shape) ? wg_sum_to(g, x) : g;
}

static wg_tensor elementwise_vjp(const wg_rule *r, const wg_op *op, wg_tensor g, int i)
{
    wg_tensor slope = op->slope(r, i);
    double v;
    if (wg__is_number(slope, &v)) g = v == 1 ? g : v == -1 ? wg_neg(g) : wg_mul(g, slope);
    else g = wg__apply_slope(slope, g);
    return unbroadcast(g, r->in[i]);
}

static wg_tensor view_vjp(const wg_rule *r, const wg_op *op, wg_tensor g, int i)
{
    return wg_unview_create(&(wg_unview_options){.x = g, .like = r->in[i], .view = {op, r->attrs}});
}

static void gather(wg_stretch *s, uint32_t node, wg_tensor g)
{
    wg_tensor *sum = &s->d[wg__slot(s, node)];
    *sum = wg__is_none(*sum) ? g : wg_add(*sum, g);
}

/* Sweeps through the definition of a node, recorded now. Inputs lie below lo of the inner sweep. */
static bool through_definition(wg_stretch *s, const wg_rule *r, uint32_t index, wg_tensor g)
{
    wg_tape *t = s->t;
    uint32_t few[FEW], lo = (uint32_t)t->count, n = 0, *x = r->n <= FEW ? few : wg__alloc(wg__mul((size_t)r->n, sizeof *x));
    wg_tensor few_g[FEW], *out = r->n <= FEW ? few_g : wg__alloc(wg__mul((size_t)r->n, sizeof *out));
    wg_tensor y = x && out ? wg__expand(t, index) : wg__tape_fail(t, WG_ENOMEM, "grad: out of memory");
    bool done = wg_ok(y);
    for (int i = 0; done && i < r->n; i++)
        if (wg__carries(t, &t->node[index], (uint32_t)i) && marked(s, wg__index(r->in[i]))) {
            bool seen = false; /* f(x, x): x once, its cotangents are added within */
            for (uint32_t k = 0; k < n; k++) seen |= x[k] == wg__index(r->in[i]);
            if (!seen) x[n++] = wg__index(r->in[i]);
        }
    if (done && wg__index(y) < lo) { /* the definition is an input itself */
        gather(s, wg__index(y), g);
    } else if (done) {
        done = wg__reverse(t, lo, (uint32_t)t->count, wg__index(y), g, x, n, out);
        for (uint32_t k = 0; done && k < n; k++)
            if (!wg__is_none(out[k])) gather(s, x[k], out[k]);
    }
    if (r->n > FEW) {
        wg__free(x);
        wg__free(out);
    }
    return done;
}

static bool sweep_node(wg_stretch *s, uint32_t index, wg_tensor g)
{
    wg_tape *t = s->t;
    const wg_op *op = t->node[index].op;
    int n = (int)t->node[index].n;
    wg_tensor few[FEW], *in = n <= FEW ? few : wg__alloc(wg__mul((size_t)n, sizeof *in));
    if (!in) return wg__tape_fail(t, WG_ENOMEM, "grad: out of memory"), false;
    wg_rule r = wg__rule(t, index, in);
    wg_place before = wg__enter(t, &t->node[index], NULL);
    bool done = true;
    if (!op->vjp && !op->slope && !op->view && op->define) {
        done = through_definition(s, &r, index, g);
    } else {
        for (int i = 0; done && i < n; i++) {
            if (!marked(s, wg__index(in[i])) || !wg__carries(t, &t->node[index], (uint32_t)i)) continue;
            wg_tensor d = op->vjp ? op->vjp(&r, g, i) : op->slope ? elementwise_vjp(&r, op, g, i) : view_vjp(&r, op, g, i);
            done = wg__lives(t, d);
            if (done) gather(s, wg__index(in[i]), d);
        }
    }
    wg__leave(t, before);
    if (in != few) wg__free(in);
    return done && t->fault.status == WG_OK;
}

bool wg__reverse(wg_tape *t, uint32_t lo, uint32_t hi, uint32_t y, wg_tensor g, const uint32_t *x, size_t n, wg_tensor *out)
{
    wg_stretch s = {.t = t, .lo = lo, .hi = hi, .x = x, .n = n};
    bool done = wg__stretch_new(&s);
    if (done) s.d[y - lo] = g;
    for (uint32_t k = y + 1; done && k-- > lo;) {
        wg_tensor c = s.d[k - lo];
        __builtin_prefetch(&t->node[k > AHEAD ? k - AHEAD : 0]);
        if (!wg__is_none(c) && s.mark[k - lo]) done = sweep_node(&s, k, c);
    }
    for (size_t k = 0; done && k < n; k++) out[k] = s.d[wg__slot(&s, x[k])];
    wg__stretch_free(&s);
    return done;
}

/* ---- the public functions --------------------------------------------------------------------------------------------- */

bool wg__check_real(wg_tape *t, wg_tensor x, const char *what)
{
    if (wg__index(x) == WG_ABSENT && x.tape == t) return false;
    if (!wg__usable(t, x, what)) return false;
    if (wg__real(wg__node(x)->dtype)) return true;
    wg__tape_fail(t, WG_EDTYPE, "%s is %s: only real numbers have derivatives", what, wg_dtype_name((wg_dtype)wg__node(x)->dtype));
    return false;
}

bool wg__check_like(wg_tape *t, wg_tensor x, wg_tensor like, const char *what, const char *whose)
{
    char a[128], b[128];
    if (!wg__check_real(t, x, what)) return false;
    const wg_node *m = wg__node(x), *n = wg__node(like);
    bool fits = m->dtype == n->dtype && m->shape->rank == n->shape->rank;
    for (int i = 0; fits && i < m->shape->rank; i++)
        fits = m->shape->dim[i] == n->shape->dim[i] || m->shape->dim[i] < 0 || n->shape->dim[i] < 0;
    if (!fits)
        wg__tape_fail(t, WG_ESHAPE, "%s is %s, %s is %s", what, wg__show_type(a, (wg_type){(wg_dtype)m->dtype, m->shape}), whose,
                      wg__show_type(b, (wg_type){(wg_dtype)n->dtype, n->shape}));
    return fits;
}

static wg_status reverse(wg_tensor y, wg_tensor cotangent, const wg_tensor *x, size_t n, wg_tensor *g)
{
    wg_tape *t = y.tape;
    uint32_t *index = wg__alloc(wg__mul(n, sizeof *index));
    bool good = index != NULL;
    if (!index) wg__tape_fail(t, WG_ENOMEM, "grad: out of memory");
    for (size_t k = 0; k < n; k++) g[k] = wg__invalid(t);
    for (size_t k = 0; good && k < n; k++) {
        good = wg__check_real(t, x[k], "grad: x");
        if (good) index[k] = wg__index(x[k]);
    }
    for (size_t k = 0; good && k < n; k++) g[k] = WG_NONE;
    wg_place before = wg__enter(t, NULL, NULL);
    t->place.derivative = t->place.reverse = true;
    uint32_t end = good ? wg__index(y) + 1 : 0, first = good ? wg__index(y) : 0;
    for (size_t k = 0; good && k < n; k++) first = index[k] < first ? index[k] : first;
    for (size_t k = 0; good && k < n; k++)
        if (index[k] >= end) index[k] = wg__index(y), g[k] = wg__zeros_like(t, x[k]); /* recorded after y: unreached */
    wg_tensor *out = good ? wg__alloc(wg__mul(n, sizeof *out)) : NULL;
    if (good) cotangent = wg__in_dtype(cotangent, wg__derived(wg_dtype_get(y)));
    if (good && !out) wg__tape_fail(t, WG_ENOMEM, "grad: out of memory"), good = false;
    good = good && wg__reverse(t, first, end, wg__index(y), cotangent, index, n, out);
    for (size_t k = 0; good && k < n; k++) {
        if (wg__is_none(g[k])) g[k] = wg__is_none(out[k]) ? wg__zeros_like(t, x[k]) : out[k];
        g[k] = wg__in_dtype(g[k], wg_dtype_get(x[k]));
        good = wg_ok(g[k]);
    }
    wg__leave(t, before);
    for (size_t k = 0; !good && k < n; k++) g[k] = wg__invalid(t);
    wg__free(index);
    wg__free(out);
    return good ? WG_OK : t->fault.status;
}

wg_status wg_vjps(wg_tensor y, wg_tensor cotangent, const wg_tensor *x, size_t n, wg_tensor *g)
{
    wg_tape *t = wg_tape_of(y);
    for (size_t k = 0; k < n; k++) g[k] = t ? wg__invalid(t) : WG_NONE;
    if (!t) return WG_EARG;
    if (!wg__check_real(t, y, "vjp: y") || !wg__check_like(t, cotangent, y, "vjp: the cotangent", "y")) return t->fault.status;
    return reverse(y, cotangent, x, n, g);
}

wg_status wg_grads(wg_tensor y, const wg_tensor *x, size_t n, wg_tensor *g)
{
    wg_tape *t = wg_tape_of(y);
    char text[128];
    for (size_t k = 0; k < n; k++) g[k] = t ? wg__invalid(t) : WG_NONE;
    if (!t) return WG_EARG;
    if (!wg__check_real(t, y, "grad: y")) return t->fault.status;
    wg_shape s = wg_shape_get(y);
    for (int i = 0; i < s.rank; i++)
        if (s.dim[i] != 1) {
            wg__tape_fail(t, WG_ESHAPE, "grad: y is %s, which is not one number: sum it, or use wg_vjp",
                          wg__show_type(text, (wg_type){wg_dtype_get(y), wg__node(y)->shape}));
            return WG_ESHAPE;
        }
    wg_place before = wg__enter(t, wg__node(y), NULL);
    t->place.derivative = t->place.reverse = true;
    wg_tensor one = wg__number(t, 1, wg__derived(wg_dtype_get(y)));
    if (s.rank) one = wg_expand_like(one, y);
    wg__leave(t, before);
    return wg_ok(one) ? reverse(y, one, x, n, g) : t->fault.status;
}

wg_tensor(wg_vjp)(wg_tensor y, wg_tensor cotangent, wg_tensor x)
{
    wg_tensor g = WG_NONE;
    wg_vjps(y, cotangent, &x, 1, &g);
    return g;
}

wg_tensor(wg_grad)(wg_tensor y, wg_tensor x)
{
    wg_tensor g = WG_NONE;
    wg_grads(y, &x, 1, &g);
    return g;
}

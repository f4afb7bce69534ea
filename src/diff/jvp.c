/* jvp.c -- forward mode: tangents ride along the tape from x to y. A node's rule is, in this order: its .jvp; its .slope;
 * the op itself applied to tangents, where it is linear (views are); its .define; and for an op with a .vjp only, the
 * transpose of that: u -> vjp(u) is linear, and the vjp of it at the tangent is the jvp. */
#include "base/shape.h"
#include "diff/sweep.h"

enum { FEW = 8 };

static wg_tensor plus(wg_tensor sum, wg_tensor x) { return wg__is_none(sum) ? x : wg_add(sum, x); }

static wg_tensor by_slopes(const wg_rule *r, const wg_op *op, const wg_tensor *dx)
{
    wg_tensor sum = WG_NONE;
    for (int i = 0; i < r->n; i++) {
        if (wg__is_none(dx[i])) continue;
        wg_tensor slope = op->slope(r, i);
        double v;
        sum = plus(sum, wg__is_number(slope, &v) && v == 1 ? dx[i]
                        : wg__is_number(slope, &v)         ? wg_mul(dx[i], slope)
                                                           : wg__apply_slope(slope, dx[i]));
    }
    return sum;
}

static wg_tensor by_linearity(const wg_rule *r, const wg_op *op, const wg_tensor *dx, uint32_t mask, wg_tensor *in)
{
    for (int i = 0; i < r->n; i++) {
        bool linear = (op->variadic ? 1u : mask >> i & 1u) != 0;
        in[i] = !linear ? r->in[i] : !wg__is_none(dx[i]) ? dx[i] : wg__is_none(r->in[i]) ? WG_NONE : wg__zeros_like(r->tape, r->in[i]);
    }
    return wg__record_with(r->tape, op, r->attrs, in, r->n);
}

static wg_tensor by_parts(const wg_rule *r, const wg_op *op, const wg_tensor *dx, wg_tensor *in)
{
    wg_tensor sum = WG_NONE;
    for (int i = 0; i < r->n; i++) {
        if (wg__is_none(dx[i])) continue;
        for (int k = 0; k < r->n; k++) in[k] = k == i ? dx[k] : r->in[k];
        sum = plus(sum, wg__record_with(r->tape, op, r->attrs, in, r->n));
    }
    return sum;
}

static wg_tensor by_transpose(const wg_rule *r, const wg_op *op, const wg_tensor *dx)
{
    wg_tensor sum = WG_NONE, u = wg__zeros_like(r->tape, r->out), d = WG_NONE;
    uint32_t at = wg__index(u);
    for (int i = 0; i < r->n && wg_ok(u); i++) {
        if (wg__is_none(dx[i])) continue;
        wg_tensor v = op->vjp(r, u, i);
        if (!wg_ok(v) || !wg__reverse(r->tape, at, wg__index(v) + 1, wg__index(v), dx[i], &at, 1, &d)) return wg__invalid(r->tape);
        if (!wg__is_none(d)) sum = plus(sum, d);
    }
    return wg__is_none(sum) ? wg__zeros_like(r->tape, r->out) : sum;
}

static wg_tensor forward(wg_tape *t, uint32_t lo, uint32_t hi, uint32_t y, const uint32_t *x, const wg_tensor *dx, size_t n);

/* A tensor that is an input twice has one tangent. */
static bool listed(const uint32_t *x, uint32_t n, uint32_t index)
{
    while (n)
        if (x[--n] == index) return true;
    return false;
}

static wg_tensor by_definition(const wg_rule *r, uint32_t index, const wg_tensor *dx)
{
    uint32_t few[FEW], lo = (uint32_t)r->tape->count, n = 0, *x = r->n <= FEW ? few : wg__alloc(wg__mul((size_t)r->n, sizeof *x));
    wg_tensor few_d[FEW], *d = r->n <= FEW ? few_d : wg__alloc(wg__mul((size_t)r->n, sizeof *d));
    wg_tensor y = x && d ? wg__expand(r->tape, index) : wg__tape_fail(r->tape, WG_ENOMEM, "jvp: out of memory");
    for (int i = 0; x && d && i < r->n; i++)
        if (!wg__is_none(dx[i]) && !listed(x, n, wg__index(r->in[i]))) x[n] = wg__index(r->in[i]), d[n++] = dx[i];
    if (wg_ok(y)) y = forward(r->tape, wg__index(y) < lo ? wg__index(y) : lo, (uint32_t)r->tape->count, wg__index(y), x, d, n);
    if (r->n > FEW) {
        wg__free(x);
        wg__free(d);
    }
    return y;
}

static wg_tensor jvp_node(const wg_stretch *s, uint32_t index, wg_tensor *room)
{
    wg_tape *t = s->t;
    const wg_op *op = t->node[index].op;
    int n = (int)t->node[index].n;
    wg_tensor *in = room, *dx = room + n, *mine = room + 2 * n;
    wg_rule r = wg__rule(t, index, in);
    uint32_t given = 0;
    for (int i = 0; i < n; i++) {
        int64_t at = wg__carries(t, &t->node[index], (uint32_t)i) ? wg__slot(s, wg__index(in[i])) : -1;
        dx[i] = at >= 0 && s->mark[at] ? s->d[at] : WG_NONE;
        if (!wg__is_none(dx[i])) given |= op->variadic ? 1u : 1u << i;
    }
    wg_place before = wg__enter(t, &t->node[index], NULL);
    wg_tensor y = op->jvp                           ? op->jvp(&r, dx)
                  : op->slope                       ? by_slopes(&r, op, dx)
                  : (given & ~op->linear) == 0      ? by_linearity(&r, op, dx, op->linear, mine)
                  : (given & ~op->multilinear) == 0 ? by_parts(&r, op, dx, mine)
                  : op->vjp                         ? by_transpose(&r, op, dx)
                                                    : by_definition(&r, index, dx);
    if (wg_ok(y) && !wg__dims_equal(wg__node(y)->shape, wg__node(r.out)->shape)) y = wg_expand_like(y, r.out);
    wg__leave(t, before);
    return y;
}

/* Which nodes of the stretch y needs: the others' tangents would be dead nodes. */
static void mark_needed(const wg_stretch *s, uint8_t *needed, uint32_t y)
{
    needed[y - s->lo] = 1;
    for (uint32_t k = y + 1; k-- > s->lo;) {
        const wg_node *n = &s->t->node[k];
        for (uint32_t i = 0; needed[k - s->lo] && i < n->n; i++) {
            uint32_t e = wg__edges(s->t, n)[i];
            if (e != WG_ABSENT && e >= s->lo && wg__carries(s->t, n, i)) needed[e - s->lo] = 1;
        }
    }
}

static wg_tensor forward(wg_tape *t, uint32_t lo, uint32_t hi, uint32_t y, const uint32_t *x, const wg_tensor *dx, size_t n)
{
    wg_stretch s = {.t = t, .lo = lo, .hi = hi, .x = x, .n = n};
    uint8_t *needed = wg__alloc(hi - lo);
    wg_tensor few[3 * FEW], *room = few, result = WG_NONE;
    size_t widest = FEW;
    bool done = wg__stretch_new(&s) && needed;
    if (done) mark_needed(&s, needed, y);
    else wg__tape_fail(t, WG_ENOMEM, "jvp: out of memory");
    for (size_t k = 0; done && k < n; k++) {
        wg_tensor *d = &s.d[wg__slot(&s, x[k])];
        *d = wg__is_none(*d) ? dx[k] : wg_add(*d, dx[k]); /* the same x given twice */
    }
    for (uint32_t k = lo; done && k <= y; k++) {
        if (!s.mark[k - lo] || !needed[k - lo] || t->node[k].op->kind == WG_LEAF) continue;
        size_t wide = t->node[k].n;
        if (wide > widest) {
            if (room != few) wg__free(room);
            room = wg__alloc(wg__mul(wide, 3 * sizeof *room));
            widest = wide;
            if (!room) room = few, widest = FEW, done = false, wg__tape_fail(t, WG_ENOMEM, "jvp: out of memory");
        }
        bool carried = false;
        for (uint32_t i = 0; done && i < t->node[k].n; i++) {
            uint32_t e = wg__edges(t, &t->node[k])[i];
            int64_t at = e == WG_ABSENT || !wg__carries(t, &t->node[k], i) ? -1 : wg__slot(&s, e);
            carried |= at >= 0 && s.mark[at];
        }
        if (!done || !carried) continue;
        wg_tensor d = jvp_node(&s, k, room);
        done = wg_ok(d);
        if (done) s.d[k - lo] = wg__is_none(s.d[k - lo]) ? d : wg_add(s.d[k - lo], d);
    }
    if (done) result = wg__is_none(s.d[y - lo]) ? wg__zeros_like(t, wg__tensor(t, y)) : s.d[y - lo];
    if (room != few) wg__free(room);
    wg__free(needed);
    wg__stretch_free(&s);
    return done ? result : wg__invalid(t);
}

wg_tensor wg_jvps(wg_tensor y, const wg_tensor *x, const wg_tensor *tangent, size_t n)
{
    wg_tape *t = wg_tape_of(y);
    if (!t) return WG_NONE;
    if (!wg__check_real(t, y, "jvp: y")) return wg__invalid(t);
    for (size_t k = 0; k < n; k++)
        if (!wg__check_real(t, x[k], "jvp: x") || !wg__check_like(t, tangent[k], x[k], "jvp: the tangent", "x")) return wg__invalid(t);
    uint32_t *index = wg__alloc(wg__mul(n, sizeof *index)), hi = wg__index(y) + 1, lo = wg__index(y);
    wg_tensor *dx = wg__alloc(wg__mul(n, sizeof *dx)), d = wg__invalid(t);
    size_t used = 0;
    wg_place before = wg__enter(t, NULL, NULL);
    t->place.derivative = true;
    for (size_t k = 0; index && dx && k < n; k++) {
        if (wg__index(x[k]) >= hi) continue; /* recorded later: it does not reach y */
        index[used] = wg__index(x[k]);
        dx[used++] = wg__in_dtype(tangent[k], wg__derived(wg_dtype_get(x[k])));
    }
    for (size_t k = 0; index && k < used; k++) lo = index[k] < lo ? index[k] : lo;
    if (index && dx) d = wg__in_dtype(forward(t, lo, hi, wg__index(y), index, dx, used), wg_dtype_get(y));
    else wg__tape_fail(t, WG_ENOMEM, "jvp: out of memory");
    wg__leave(t, before);
    wg__free(index);
    wg__free(dx);
    return d;
}

wg_tensor(wg_jvp)(wg_tensor y, wg_tensor x, wg_tensor tangent) { return wg_jvps(y, &x, &tangent, 1); }

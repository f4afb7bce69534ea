/* compare.c -- a model's derivatives against differences, and its two modes against each other.
 *
 * With v random, g = vjp(y, v) is the gradient of v . y; with w random, h = grad(w . g) is the gradient of w . g. So both
 * orders are one comparison: a function, a sum of weighted outputs, and what is said to be its gradient. Forward mode is
 * a sum that must come out twice: v . (J u) = u . g, and jvp(w . g; u) = u . h. */
#include "base/shape.h"
#include "check/check.h"
#include "plan/plan.h"

enum { FEW = 200, SAMPLE = 40, DIRECTIONS = 12, REDRAWS = 3 };
static const double modes_agree = 1e-12; /* of the sum of all terms' sizes, on both sides */

typedef struct comparison {
    wg_check_model *m;
    wg_gradcheck_report *r;
    int order;         /* that is being compared */
    size_t n, v, w, u; /* leaves checked; places of v, of the first w, of the first u */
    size_t *leaf;      /* place of each checked leaf */
    wg_tensor *x, *d[2], *tangent, jvp[2], weighted;
    const wg_array **weight; /* the w */
    wg_plan *value, *gradient[2], *forward[2];
    double *along, *base; /* room for a direction */
    char untested[300];
    size_t untested_used;
} comparison;

static void index_text(char text[160], int64_t i, const wg_shape *s)
{
    int64_t stride[WG_MAX_RANK];
    size_t used = 0;
    wg__strides(s, stride);
    text[0] = 0;
    for (int k = 0; k < s->rank; k++) {
        wg__append(text, 160, &used, "%s%lld", k ? ", " : "[", (long long)(i / stride[k]));
        i %= stride[k];
    }
    if (s->rank) wg__append(text, 160, &used, "]");
}

static void begin_text(const comparison *c, size_t *used)
{
    char place[300];
    const wg_node *n = wg__node(c->m->y);
    wg__locate(n, place, sizeof place);
    c->r->text[0] = 0;
    *used = 0;
    wg__append(c->r->text, sizeof c->r->text, used, "%s%s%sgradient of order %d", place, n->name ? n->name : "", n->name ? ": " : "",
               c->order);
}

/* What failed, in words; element < 0: along a random direction. */
static wg_check_verdict fail(comparison *c, const wg_check_leaf *l, int64_t element, double here, double there, double largest,
                             const char *by)
{
    char at[160] = " along a random direction";
    size_t used;
    wg_gradcheck_report *r = c->r;
    if (element >= 0) index_text(at, element, &l->value.shape);
    begin_text(c, &used);
    wg__append(r->text, sizeof r->text, &used, ", in %s%s: reverse mode gives %.17g, %s %.17g; off by %.3g, the largest in %s is %.6g",
               l->name, at, here, by, there, fabs(here - there), l->name, largest);
    r->here = here;
    r->there = there;
    r->worst = fabs(here - there) / largest;
    r->failed = 1;
    return WG_DIFFERS;
}

static wg_check_verdict kink(comparison *c, const wg_check_leaf *l, int64_t element, const wg_check_difference *d)
{
    char at[160] = " along a random direction";
    size_t used;
    if (element >= 0) index_text(at, element, &l->value.shape);
    begin_text(c, &used);
    wg__append(c->r->text, sizeof c->r->text, &used, ", in %s%s: a kink, slopes differ by %.3g within a step of %.3g", l->name, at,
               d->spread, 2 * d->h);
    return WG_KINK;
}

static wg_check_verdict stuck(comparison *c, const wg_plan *p)
{
    const char *why = wg_plan_error(p);
    snprintf(c->r->text, sizeof c->r->text, "gradcheck: the model does not run: %s", why ? why : "no reason given");
    c->r->status = p->fault.status ? p->fault.status : WG_EARG;
    return WG_STUCK;
}

/* ---- differences ------------------------------------------------------------------------------------------------------- */

typedef struct tensor_check {
    const wg_check_leaf *leaf;
    const double *g;
    int64_t n;
    double largest;
    bool tested;
} tensor_check;

static wg_check_verdict along_line(comparison *c, const wg_check_sum *f, tensor_check *t, const wg_check_line *l, double g, double rounding)
{
    wg_check_difference best;
    bool resolved;
    wg_check_verdict v = wg__check_slope(f, l, g, t->largest, rounding, &best, &resolved);
    int64_t element = l->along ? -1 : l->element;
    if (v == WG_STUCK) return stuck(c, f->plan);
    if (v == WG_KINK) return kink(c, t->leaf, element, &best);
    if (v == WG_DIFFERS) return fail(c, t->leaf, element, g, best.slope, t->largest, "differences give");
    if (resolved && t->largest > 0) {
        double off = fabs(best.slope - g) / t->largest;
        t->tested = true;
        if (off > c->r->worst) c->r->worst = off, c->r->here = g, c->r->there = best.slope;
    }
    return WG_AGREES;
}

static wg_check_verdict one_element(comparison *c, const wg_check_sum *f, tensor_check *t, int64_t i)
{
    double *x = t->leaf->value.data, here = x[i];
    /* base is read at one element only */
    wg_check_line l = {.x = x, .base = c->base, .n = t->n, .element = i};
    c->base[i] = here;
    return along_line(c, f, t, &l, t->g[i], t->g[i] != 0 ? fabs(here * t->g[i]) : 0);
}

static wg_check_verdict one_direction(comparison *c, const wg_check_sum *f, tensor_check *t)
{
    double *x = t->leaf->value.data, length = 0, rounding = 0;
    long double g = 0;
    wg_check_line l = {.x = x, .along = c->along, .base = c->base, .n = t->n};
    memcpy(c->base, x, (size_t)t->n * sizeof *x);
    for (int64_t i = 0; i < t->n; i++) {
        c->along[i] = wg_rng_normal(c->m->rng);
        length += c->along[i] * c->along[i];
    }
    for (int64_t i = 0; i < t->n; i++) {
        c->along[i] /= sqrt(length);
        g += (long double)c->along[i] * (long double)t->g[i];
        if (t->g[i] != 0) rounding += fabs(x[i] * t->g[i]);
    }
    return along_line(c, f, t, &l, (double)g, rounding);
}

static wg_check_verdict one_tensor(comparison *c, const wg_check_sum *f, tensor_check *t)
{
    wg_check_verdict v = WG_AGREES;
    bool few = t->n <= FEW;
    for (int64_t i = 0; i < t->n; i++) {
        if (!isfinite(t->g[i])) return fail(c, t->leaf, i, t->g[i], (double)NAN, t->g[i], "and no difference could give");
        t->largest = fmax(t->largest, fabs(t->g[i]));
    }
    for (int64_t i = 0; v == WG_AGREES && i < (few ? t->n : SAMPLE); i++)
        v = one_element(c, f, t, few ? i : wg_rng_integer(c->m->rng, t->n));
    for (int i = 0; v == WG_AGREES && !few && i < DIRECTIONS; i++) v = one_direction(c, f, t);
    if (v != WG_AGREES || t->n == 0) return v;
    if (t->tested) c->r->tested[c->order - 1]++;
    else {
        c->r->untested[c->order - 1]++;
        if (c->order == 1)
            wg__append(c->untested, sizeof c->untested, &c->untested_used, "%s%s", c->untested_used ? ", " : "", t->leaf->name);
    }
    return v;
}

/* ---- forward mode ------------------------------------------------------------------------------------------------------ */

/* Along leaf k alone: the other tangents are zero. */
static wg_check_verdict forward_mode(comparison *c, const wg_check_sum *jvp, size_t k, const tensor_check *t)
{
    double here = 0, there, size = 0, there_size;
    const double *u = c->m->leaf[c->u + k].value.data;
    for (size_t j = 0; j < c->n; j++) {
        wg_array *a = &c->m->leaf[c->u + j].value;
        if (j == k) wg__check_normal(c->m, a);
        else if (wg_shape_count(a->shape) > 0) memset(a->data, 0, (size_t)wg_shape_count(a->shape) * sizeof(double));
    }
    if (!wg__check_value(jvp, &there, &there_size)) return stuck(c, jvp->plan);
    for (int64_t i = 0; i < t->n; i++) {
        here += u[i] * t->g[i];
        size += fabs(u[i] * t->g[i]);
    }
    if (fabs(here - there) <= modes_agree * (size + there_size)) return WG_AGREES;
    return fail(c, t->leaf, -1, here, there, t->largest, "forward mode gives");
}

/* ---- one order --------------------------------------------------------------------------------------------------------- */

static wg_check_verdict one_order(comparison *c)
{
    static const double one = 1;
    wg_check_verdict verdict = WG_AGREES;
    wg_plan *p = c->gradient[c->order - 1];
    wg_array unit = wg_array_wrap(&one, WG_F64, (wg_shape){.rank = 0});
    const wg_array *v = &c->m->leaf[c->v].value, *units = &unit;
    wg_check_sum f = c->order == 1 ? (wg_check_sum){c->value, &c->m->y, &v, 1} : (wg_check_sum){c->gradient[0], c->d[0], c->weight, c->n};
    wg_check_sum jvp = {c->forward[c->order - 1], &c->jvp[c->order - 1], c->order == 1 ? &v : &units, 1};
    if (wg_run(p)) return stuck(c, p);
    for (size_t k = 0; verdict == WG_AGREES && k < c->n; k++) {
        wg_array g;
        if (wg_read(p, c->d[c->order - 1][k], &g)) return stuck(c, p);
        tensor_check t = {.leaf = &c->m->leaf[c->leaf[k]], .g = g.data, .n = wg_shape_count(g.shape)};
        if (!wg_shape_equal(g.shape, t.leaf->value.shape)) {
            size_t used;
            begin_text(c, &used);
            wg__append(c->r->text, sizeof c->r->text, &used, ", in %s: the gradient is not of its shape", t.leaf->name);
            c->r->failed = 1;
            return WG_DIFFERS;
        }
        verdict = one_tensor(c, &f, &t);
        if (verdict == WG_AGREES) verdict = forward_mode(c, &jvp, k, &t);
    }
    return verdict;
}

/* ---- preparing ------------------------------------------------------------------------------------------------------------ */

static bool allocate(comparison *c)
{
    int64_t largest = 1;
    for (size_t k = 0; k < c->m->n; k++) {
        int64_t n = wg_shape_count(c->m->leaf[k].value.shape);
        c->n += c->m->leaf[k].checked;
        largest = n > largest ? n : largest;
    }
    size_t n = c->n + 1;
    c->leaf = wg__alloc(wg__mul(n, sizeof *c->leaf));
    c->x = wg__alloc(wg__mul(n, sizeof *c->x));
    c->d[0] = wg__alloc(wg__mul(n, sizeof *c->x));
    c->d[1] = wg__alloc(wg__mul(n, sizeof *c->x));
    c->tangent = wg__alloc(wg__mul(n, sizeof *c->x));
    c->weight = wg__alloc(wg__mul(n, sizeof *c->weight));
    c->along = wg__alloc(wg__mul((size_t)largest, sizeof(double)));
    c->base = wg__alloc(wg__mul((size_t)largest, sizeof(double)));
    if (c->leaf && c->x && c->d[0] && c->d[1] && c->tangent && c->weight && c->along && c->base) return true;
    snprintf(c->r->text, sizeof c->r->text, "gradcheck: out of memory");
    c->r->status = WG_ENOMEM;
    return false;
}

static void release(comparison *c)
{
    wg_plan_free(c->value);
    for (int i = 0; i < 2; i++) {
        wg_plan_free(c->gradient[i]);
        wg_plan_free(c->forward[i]);
        wg__free(c->d[i]);
    }
    wg__free(c->leaf);
    wg__free(c->x);
    wg__free(c->tangent);
    wg__free(c->weight);
    wg__free(c->along);
    wg__free(c->base);
}

/* The random numbers of the check, as inputs: v of y's shape, a w and a u of each leaf's. */
static bool add_leaves(comparison *c)
{
    wg_check_model *m = c->m;
    size_t n = 0;
    for (size_t k = 0; k < m->n; k++)
        if (m->leaf[k].checked) c->leaf[n] = k, c->x[n++] = m->leaf[k].x;
    c->v = m->n;
    c->w = m->n + 1;
    c->u = m->n + 1 + n;
    if (!wg__check_leaf_add(m, "v", wg_shape_get(m->y), c->r)) return false;
    for (size_t k = 0; k < 2 * n; k++)
        if (!wg__check_leaf_add(m, k < n ? "w" : "u", m->leaf[c->leaf[k % n]].value.shape, c->r)) return false;
    for (size_t k = 0; k < n; k++) {
        c->weight[k] = &m->leaf[c->w + k].value;
        c->tangent[k] = m->leaf[c->u + k].x;
    }
    return true;
}

static bool differentiate(comparison *c, int order)
{
    wg_check_model *m = c->m;
    wg_vjps(m->y, m->leaf[c->v].x, c->x, c->n, c->d[0]);
    c->jvp[0] = wg_jvps(m->y, c->x, c->tangent, c->n);
    for (size_t k = 0; order > 1 && k < c->n; k++) {
        wg_tensor term = (wg_sum)((wg_mul)(c->d[0][k], m->leaf[c->w + k].x));
        c->weighted = k ? (wg_add)(c->weighted, term) : term;
    }
    if (order > 1) {
        wg_grads(c->weighted, c->x, c->n, c->d[1]);
        c->jvp[1] = wg_jvps(c->weighted, c->x, c->tangent, c->n);
    }
    if (!wg_error(m->tape)) return true;
    snprintf(c->r->text, sizeof c->r->text, "gradcheck: differentiating: %s", wg_error(m->tape));
    c->r->status = wg_error_status(m->tape);
    return false;
}

static bool prepare(comparison *c, int order)
{
    if (!allocate(c) || !add_leaves(c)) return false;
    if (!c->n) return true;
    if (!differentiate(c, order)) return false;
    c->value = wg__check_plan(c->m, &c->m->y, 1, c->r);
    for (int i = 0; i < order && c->value && !c->r->status; i++) {
        c->gradient[i] = wg__check_plan(c->m, c->d[i], c->n, c->r);
        if (c->gradient[i]) c->forward[i] = wg__check_plan(c->m, &c->jvp[i], 1, c->r);
    }
    return !c->r->status;
}

static void draw(comparison *c)
{
    wg_array *v = &c->m->leaf[c->v].value;
    wg__check_draw(c->m);
    if (wg_shape_count(v->shape) == 1) *(double *)v->data = 1; /* numbers that a reader knows again */
    else wg__check_normal(c->m, v);
    for (size_t k = 0; k < c->n; k++) wg__check_normal(c->m, &c->m->leaf[c->w + k].value);
}

static void conclude(comparison *c, int order, wg_check_verdict verdict)
{
    wg_gradcheck_report *r = c->r;
    size_t used = strlen(r->text), all = r->tested[0] + r->untested[0];
    r->ok = verdict == WG_AGREES && r->tested[0] > 0;
    if (verdict == WG_KINK) {
        r->failed = 1;
        wg__append(r->text, sizeof r->text, &used, c->m->drawn ? " (after %d draws)" : ", and nothing is drawn that could be drawn again",
                   REDRAWS + 1);
    }
    if (verdict == WG_AGREES) {
        char place[300];
        wg__locate(wg__node(c->m->y), place, sizeof place);
        used = 0;
        r->text[0] = 0;
        wg__append(r->text, sizeof r->text, &used, "%s", place);
        if (!all)
            wg__append(r->text, sizeof r->text, &used, "nothing to check: y is computed from no real input or parameter that has elements");
        else if (!r->tested[0]) wg__append(r->text, sizeof r->text, &used, "nothing was tested: every gradient is zero (%s)", c->untested);
        else
            wg__append(r->text, sizeof r->text, &used, "the gradients of %zu tensor%s agree to order %d, within %.3g of the largest",
                       r->tested[0], r->tested[0] == 1 ? "" : "s", order, r->worst);
        if (r->tested[0] && c->untested_used) wg__append(r->text, sizeof r->text, &used, "; untested, zero on both sides: %s", c->untested);
    }
    if (r->redrawn && verdict != WG_STUCK)
        wg__append(r->text, sizeof r->text, &used, "; drawn again %d time%s, as a stencil straddled a kink", r->redrawn,
                   r->redrawn == 1 ? "" : "s");
}

wg_check_verdict wg__check_model(wg_check_model *m, int order, wg_gradcheck_report *r)
{
    comparison c = {.m = m, .r = r};
    wg_check_verdict v = prepare(&c, order) ? WG_AGREES : WG_STUCK;
    for (int attempt = 0; v != WG_STUCK && attempt <= REDRAWS; attempt++) {
        if (attempt) r->redrawn++;
        memset(r->tested, 0, sizeof r->tested);
        memset(r->untested, 0, sizeof r->untested);
        r->worst = r->here = r->there = 0;
        c.untested_used = 0;
        c.untested[0] = 0;
        draw(&c);
        v = WG_AGREES;
        for (c.order = 1; v == WG_AGREES && c.n && c.order <= order; c.order++) v = one_order(&c);
        if (v != WG_KINK || !m->drawn) break;
    }
    if (v != WG_STUCK) conclude(&c, order, v);
    release(&c);
    return v;
}

/* trial_parts.c -- the whole against its parts: what an op gives for a part of its inputs is that part of what it gives for all,
 * along the axes where it works part by part; which those are is found on its own samples. */
#include "trial.h"

/* Elements from..to-1 of a along the axis. */
static bool part_of(const wg_array *a, int axis, int64_t from, int64_t to, wg_array *out)
{
    wg_shape s = a->shape;
    int64_t row = 1, rows = 1, n = s.dim[axis];
    for (int d = 0; d < axis; d++) rows *= s.dim[d];
    for (int d = axis + 1; d < s.rank; d++) row *= s.dim[d];
    s.dim[axis] = to - from;
    if (wg_array_new(out, a->dtype, s)) return false;
    size_t w = wg_dtype_size(a->dtype) * (size_t)row;
    for (int64_t r = 0; w && to > from && r < rows; r++)
        memcpy((char *)out->data + (size_t)(r * (to - from)) * w, (const char *)a->data + (size_t)(r * n + from) * w,
               (size_t)(to - from) * w);
    return true;
}

/* The inputs that have n elements along that axis, counted from the end as broadcasting does. */
static uint64_t inputs_along(const sample_call *c, int back, int64_t n)
{
    uint64_t mask = 0;
    for (int i = 0; i < c->n; i++) {
        const wg_shape *s = &c->in[i].value.shape;
        if (c->in[i].tensor && s->rank >= back && s->dim[s->rank - back] == n) mask |= (uint64_t)1 << i;
    }
    return mask;
}

/* Part from..to-1 of those inputs; cotangent: of the whole, or NULL. */
static sample_status run_part(const sample_call *c, int back, uint64_t cut, int64_t from, int64_t to, const wg_array *cotangent,
                              sample_result *r, char *why, size_t size)
{
    sample_call part;
    wg_array v = {0};
    bool done = call_copy(&part, c) && (!cotangent || part_of(cotangent, cotangent->shape.rank - back, from, to, &v));
    for (int i = 0; done && i < c->n; i++) {
        if (!(cut >> i & 1)) continue;
        wg_array_free(&part.in[i].value);
        done = part_of(&c->in[i].value, c->in[i].value.shape.rank - back, from, to, &part.in[i].value);
    }
    *r = (sample_result){.n = 0};
    sample_how how = {.real = WG_F64, .cotangent = cotangent ? &v : NULL};
    sample_status s = done ? sample_run(&part, &how, r, why, size) : NOT_RUN;
    wg_array_free(&v);
    sample_free(&part);
    return s;
}

/* Whether part from..to-1 of those inputs gives that part of `whole`. NOT_RUN: not a part that the op takes; NO_DEFINITION: no. */
static sample_status compare_part(const sample_call *c, const wg_array *whole, int back, uint64_t cut, int64_t from, int64_t to,
                                  double ulps, char *why, size_t size)
{
    sample_result r;
    wg_array want = {0};
    sample_status s = run_part(c, back, cut, from, to, NULL, &r, why, size);
    if (s == RAN && (!part_of(whole, whole->shape.rank - back, from, to, &want) || !sample_agree(&r.out[0], &want, ULPS, ulps, why, size)))
        s = NO_DEFINITION;
    sample_result_free(&r);
    wg_array_free(&want);
    return s;
}

static bool along(const wg_array *a, int back, int64_t n) { return a->shape.rank >= back && a->shape.dim[a->shape.rank - back] == n; }

/* A result of one number everywhere (triu far off the diagonal) is the same part by part, and says nothing. */
static bool varied(const wg_array *a)
{
    for (int64_t i = wg_shape_count(a->shape); i-- > 1;)
        if (wg_array_at(a, i) != wg_array_at(a, 0)) return true;
    return false;
}

/* Keeps those axes along which this sample is the same part by part; what cannot be run says nothing. */
static void keep_splits(const sample_call *c, double ulps, splits *s)
{
    char why[600];
    sample_result r;
    if (sample_run(c, &(sample_how){.real = WG_F64}, &r, why, sizeof why) == RAN)
        for (int back = 1; back <= c->in[0].value.shape.rank; back++) {
            int64_t n = c->in[0].value.shape.dim[c->in[0].value.shape.rank - back];
            if (!s->cut[back]) continue;
            if (!along(&r.out[0], back, n) || !varied(&r.out[0]) ||
                compare_part(c, &r.out[0], back, s->cut[back], 0, 1, ulps, why, sizeof why) != RAN ||
                compare_part(c, &r.out[0], back, s->cut[back], 1, n, ulps, why, sizeof why) != RAN)
                s->cut[back] = 0;
        }
    sample_result_free(&r);
}

/* The call with other numbers; `more` > 0: with so much larger sizes, where they are more than 1 (tril is all there is of small matrices). */
static bool another(const sample_call *c, wg_rng *rng, int64_t more, sample_call *out)
{
    bool done = call_copy(out, c);
    for (int i = 0; done && i < c->n; i++) {
        wg_array *a = &out->in[i].value, was = *a;
        wg_shape s = was.shape;
        if (!c->in[i].tensor) continue;
        for (int d = 0; d < s.rank; d++) s.dim[d] += s.dim[d] > 1 ? more : 0;
        if (wg_array_new(a, was.dtype, s)) return *a = was, false;
        for (int64_t e = 0, n = wg_shape_count(s), m = wg_shape_count(was.shape); m && e < n; e++) {
            int64_t whole = wg_rng_integer(rng, 2); /* one after the other: compilers call arguments in any order */
            if (sample_real(&c->in[i]) || was.dtype == WG_BOOL) sample_set(a, e, wg_rng_normal(rng), whole);
            else sample_set(a, e, wg_array_at(&was, e % m), sample_whole(wg_array_at(&was, e % m)));
        }
        wg_array_free(&was);
    }
    return done;
}

uint64_t ranks_of(const sample_call *c)
{
    uint64_t all = 0;
    for (int i = 0; i < c->n; i++) all = all * (WG_MAX_RANK + 1) + (uint64_t)(c->in[i].tensor ? c->in[i].value.shape.rank : 0);
    return all;
}

/* What splits an op has is found on its own samples, small as they are, and on the same with other numbers, and larger. */
void find_splits(trial *t, generator *g, int i)
{
    double ulps = g->of[i]->ulps > 0 ? g->of[i]->ulps : 8;
    const sample_call *c = &g->base[i];
    wg_shape s = c->n && c->in[0].tensor ? c->in[0].value.shape : (wg_shape){0};
    for (int back = 1; back <= s.rank; back++)
        if (s.dim[s.rank - back] > 1) t->splits[i].cut[back] = inputs_along(c, back, s.dim[s.rank - back]);
    t->own_ranks[i] = ranks_of(c);
    if (s.rank) keep_splits(c, ulps, &t->splits[i]);
    for (int k = 0; k < 5 && s.rank; k++) {
        sample_call other = {.n = 0};
        if (another(c, g->rng, k < 3 ? 0 : 7, &other)) keep_splits(&other, ulps, &t->splits[i]);
        sample_free(&other);
    }
}

/* The gradients of both parts, side by side for what is cut, added for what is not. */
static bool joined(const trial *t, int k, int back, bool cut, const sample_result *low, const sample_result *high, wg_array *out)
{
    const wg_array *g = &t->base.out[k], *a = &low->out[k], *b = &high->out[k];
    if (wg_array_new(out, g->dtype, g->shape)) return false;
    int64_t n = wg_shape_count(g->shape), row = 1, head = 0, all = 0;
    for (int d = 1; cut && d < back; d++) row *= g->shape.dim[g->shape.rank - d];
    if (cut) head = a->shape.dim[g->shape.rank - back] * row, all = g->shape.dim[g->shape.rank - back] * row;
    for (int64_t i = 0; i < n; i++) {
        if (!cut) sample_set(out, i, wg_array_at(a, i) + wg_array_at(b, i), 0);
        else if (i % all < head) sample_set(out, i, wg_array_at(a, i / all * head + i % all), 0);
        else sample_set(out, i, wg_array_at(b, i / all * (all - head) + i % all - head), 0);
    }
    return true;
}

static void check_gradients_of(trial *t, int back, uint64_t cut, int64_t at, int64_t n)
{
    char why[600] = "";
    wg_array v = {0}, *y = &t->base.out[0];
    sample_result low = {.n = 0}, high = {.n = 0};
    bool done = t->base.n > 1 && sample_draw(&v, y->dtype, y->shape, COTANGENT) &&
                run_part(&t->v->call, back, cut, 0, at, &v, &low, why, sizeof why) == RAN &&
                run_part(&t->v->call, back, cut, at, n, &v, &high, why, sizeof why) == RAN;
    for (int k = 1; done && k < t->base.n; k++) {
        char name[80];
        wg_array want;
        int i = t->base.input[k];
        snprintf(name, sizeof name, "the parts of axis %d: gradient in x%d", -back, i);
        if (!joined(t, k, back, cut >> i & 1, &low, &high, &want)) break;
        done = adds_to(t, name, &t->base.out[k], &want, 2 * largest(&want), 2 * rounding_of(t, k));
        wg_array_free(&want);
    }
    sample_result_free(&low);
    sample_result_free(&high);
    wg_array_free(&v);
}

void check_pieces(trial *t)
{
    char why[600] = "";
    const sample_call *c = &t->v->call;
    const wg_array *y = &t->base.out[0];
    bool elementwise = t->op->kind == WG_ELEMENTWISE;
    wg_shape s = elementwise ? y->shape : c->n ? c->in[0].value.shape : (wg_shape){0};
    if (!t->v->plain || t->v->aliased || strcmp(t->op->family, "random") == 0) return; /* draws go by position */
    if (!elementwise && ranks_of(c) != t->own_ranks[t->v->number]) return;
    for (int back = 1; back <= s.rank; back++) {
        int64_t n = s.dim[s.rank - back], at = n / 2 + (n > 4);
        uint64_t has = inputs_along(c, back, n), cut = elementwise ? has : t->splits[t->v->number].cut[back];
        if (n < 2 || !cut || (cut & ~has) || !along(y, back, n)) continue;
        if (compare_part(c, y, back, cut, 0, at, ulps_of(t), why, sizeof why) != RAN ||
            compare_part(c, y, back, cut, at, n, ulps_of(t), why, sizeof why) != RAN)
            complain(t, "the parts 0..%lld and %lld..%lld of axis %d: %s", (long long)at - 1, (long long)at, (long long)n - 1, -back, why);
        else check_gradients_of(t, back, cut, at, n);
        t->pieces++;
        return;
    }
}

/* One element of an elementwise op by itself: inputs of one element each. */
static bool element_alone(trial *t, const int64_t *index)
{
    char why[600] = "";
    sample_call one;
    sample_result r = {.n = 0};
    wg_shape out = t->base.out[0].shape;
    wg_array want = {0}, whole = t->base.out[0];
    bool done = call_copy(&one, &t->v->call);
    for (int i = 0; done && i < one.n; i++) {
        for (int d = 0; one.in[i].tensor && d < one.in[i].value.shape.rank; d++) {
            wg_array part, *a = &one.in[i].value;
            int64_t at = a->shape.dim[d] == 1 ? 0 : index[out.rank - a->shape.rank + d];
            if (!part_of(a, d, at, at + 1, &part)) return false;
            wg_array_free(a);
            *a = part;
        }
    }
    for (int d = 0; d < out.rank; d++) {
        wg_array part;
        if (!part_of(&whole, d, index[d], index[d] + 1, &part)) return false;
        wg_array_free(&want);
        want = whole = part;
    }
    if (!done || sample_run(&one, &(sample_how){.real = WG_F64}, &r, why, sizeof why) != RAN) done = false;
    else if (r.out[0].shape.rank != want.shape.rank) done = false;
    else done = sample_agree(&r.out[0], &want, ULPS, 1, why, sizeof why);
    if (!done) complain(t, "an element alone: %s", why);
    sample_result_free(&r);
    wg_array_free(&want);
    sample_free(&one);
    return done;
}

void check_alone(trial *t)
{
    wg_shape s = t->base.out[0].shape;
    if (t->op->kind != WG_ELEMENTWISE || wg_shape_count(s) < 1 || s.rank < 1 || t->v->aliased) return;
    int64_t first[WG_MAX_RANK] = {0}, last[WG_MAX_RANK], middle[WG_MAX_RANK];
    for (int d = 0; d < s.rank; d++) last[d] = s.dim[d] - 1, middle[d] = s.dim[d] / 2;
    t->alone += element_alone(t, first) && element_alone(t, middle) && element_alone(t, last);
}

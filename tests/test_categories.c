/* test_categories.c -- every op over the shared list of categories.c: at least 64 samples, its own included, and at least 6
 * refused calls, whatever the op is. What is expected is never what the kernel said the same way:
 *
 *     definition   the op's .define, recorded in the node's place
 *     alone        each of some elements by itself, where no vector is full and no thread is second (elementwise)
 *     pieces       the two parts of every axis along which the op works part by part (found on the op's own samples)
 *     composition  for an op that is a definition only: that, node by node, without a planner's pass
 *
 * and always: f32 against f64, packed against strided, one thread against several, the base instruction set. A line says
 * which an op was held to. Gradients are the cotangent's, drawn; some are compared with differences to order 2.
 *
 *     test_categories [OP...]     only those ops
 */
#include "categories.h"

#include <check.h>
#include <float.h>
#include <stdarg.h>
#include <stdlib.h>

enum { SAMPLES = 64, REFUSED = 6, CANDIDATES = 1500, GRADCHECKS = 5, SMALL = 30 };
enum { EXACT_PASSES = WG_PASS_MERGE | WG_PASS_FUSE | WG_PASS_INPLACE | WG_PASS_REUSE | WG_PASS_WAIT | WG_PASS_EPILOGUE };
enum { ALL_PASSES = EXACT_PASSES | WG_PASS_JOIN | WG_PASS_STACK };

static const wg_op **chosen;
static int n_chosen;

/* By axis of input 0, counted from the end: which inputs are cut along it with the result; none where the op does not work
 * part by part. */
typedef struct splits {
    uint64_t cut[WG_MAX_RANK + 1];
} splits;

typedef struct trial {
    const wg_op *op;
    variant *v;
    sample_result base;               /* all passes, this machine's instruction set */
    splits *splits;                   /* of each of the op's own samples */
    int *own_rank;                    /* of input 0 of each: axes counted from the start are others in another rank */
    double shake[2 * SAMPLE_RESULTS]; /* of each result: see measure_shake */
    int samples, own, refused, failures;
    int define, alone, pieces, single, aliased, gradchecked, linear; /* samples held to that */
    char first[4000];
    size_t used;
} trial;

static void complain(trial *t, const char *format, ...) WG_PRINTF(2, 3);
static void complain(trial *t, const char *format, ...)
{
    char text[1200];
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    t->failures++;
    wg__append(t->first, sizeof t->first, &t->used, "\n  %s: %s%s%s", t->op->name, t->v ? t->v->label : "", t->v ? ": " : "", text);
}

/* What a change of the inputs by one unit of f64's last place, each its own way, may do to the results: a step of 2^-30 of
 * each, scaled. Where terms cancel (1 - cos, a mean of what is centred), no computation can do better than that. */
static bool measure_shake(trial *t)
{
    char why[600];
    sample_call shaken;
    sample_result r = {.n = 0};
    wg_rng *rng = wg_rng_new(11);
    bool done = rng && call_copy(&shaken, &t->v->call);
    if (!done) return wg_rng_free(rng), false;
    for (int i = 0; i < shaken.n; i++)
        for (int64_t e = sample_real(&shaken.in[i]) ? wg_shape_count(shaken.in[i].value.shape) : 0; e-- > 0;)
            sample_set(&shaken.in[i].value, e, wg_array_at(&shaken.in[i].value, e) * (1 + ldexp(wg_rng_integer(rng, 2) ? 1 : -1, -30)), 0);
    done = sample_run(&shaken, &(sample_how){.real = WG_F64, .drawn = true}, &r, why, sizeof why) == RAN && r.n == t->base.n;
    for (int k = 0; k < t->base.n; k++) {
        t->shake[k] = 0;
        int64_t n = done && wg_dtype_real(r.out[k].dtype) ? wg_shape_count(r.out[k].shape) : 0;
        for (int64_t e = 0; e < n; e++) {
            double d = fabs(wg_array_at(&r.out[k], e) - wg_array_at(&t->base.out[k], e));
            if (isfinite(d)) t->shake[k] = fmax(t->shake[k], ldexp(d, -22));
        }
    }
    sample_result_free(&r);
    sample_free(&shaken);
    wg_rng_free(rng);
    return true;
}

/* As the sample states, for sums of up to 64 terms; a sum of n adds up about sqrt(n) roundings. */
static double ulps_of(const trial *t)
{
    double most = 0, stated = t->v->of->ulps > 0 ? t->v->of->ulps : 8;
    for (int i = 0; i < t->v->call.n; i++)
        if (t->v->call.in[i].tensor) most = fmax(most, (double)wg_shape_count(t->v->call.in[i].value.shape));
    return t->op->kind == WG_ELEMENTWISE ? stated : stated * fmax(1, sqrt(most) / 8);
}

/* A formula with a 1 in it (1 - p, 1 - cos) rounds where that does, however small what is left of it. */
static double floor_of(const trial *t, double shake) { return t->op->kind == WG_BLOCK ? fmax(shake, DBL_EPSILON) : shake; }

/* Whether each is as near as `much` changes of the inputs by a unit of their last place could bring it. */
static bool within(const wg_array *got, const wg_array *want, double much, double shake)
{
    bool coarse = got->dtype == WG_F32 || want->dtype == WG_F32;
    int64_t n = wg_shape_count(got->shape);
    if (!wg_shape_equal(got->shape, want->shape) || !wg_dtype_real(got->dtype)) return false;
    for (int64_t i = 0; i < n; i++) {
        double x = wg_array_at(got, i), y = wg_array_at(want, i), room = much * (coarse ? ldexp(shake, 29) : shake);
        if (!(x == y || (isnan(x) && isnan(y)) || fabs(x - y) <= room || (coarse && fabs(y) > (double)3.4e38f))) return false;
    }
    return true;
}

static bool results_agree(trial *t, const char *what, const sample_result *got, const sample_result *want, measure how, double much, int n)
{
    char why[600];
    if (got->n < n || want->n < n) return complain(t, "%s: not all was computed", what), false;
    for (int k = 0; k < n; k++) {
        if (sample_agree(&got->out[k], &want->out[k], how, much, why, sizeof why)) continue;
        if (how == ULPS && within(&got->out[k], &want->out[k], much, floor_of(t, t->shake[k]))) continue;
        if (k) complain(t, "%s: gradient in x%d%s", what, want->input[k], why);
        else complain(t, "%s: value%s", what, why);
        return false;
    }
    return true;
}

static void check_run(trial *t, const char *what, const sample_how *how, const sample_result *want, measure m, double much)
{
    char why[600] = "";
    sample_result r;
    if (sample_run(&t->v->call, how, &r, why, sizeof why) != RAN) complain(t, "%s: %s", what, why);
    else results_agree(t, what, &r, want, m, much, want->n);
    sample_result_free(&r);
}

/* ---- the same, run otherwise ---------------------------------------------------------------------------------------------- */

static void check_otherwise(trial *t)
{
    char why[600] = "";
    sample_how how = {.real = WG_F64, .drawn = true, .without = WG_PASS_STACK | WG_PASS_JOIN, .threads = 3};
    sample_result plain;
    if (sample_run(&t->v->call, &how, &plain, why, sizeof why) != RAN) {
        complain(t, "three threads: %s", why);
        sample_result_free(&plain);
        return;
    }
    how = (sample_how){.real = WG_F64, .drawn = true, .without = ALL_PASSES, .threads = 1};
    check_run(t, "node by node", &how, &plain, EXACT, 0);
    how.without = WG_PASS_STACK | WG_PASS_JOIN;
    how.threads = 2;
    how.guise = t->v->guise;
    how.dead = true;
    check_run(t, "strided, among dead nodes", &how, &plain, plain.products ? ULPS : EXACT, plain.products ? ulps_of(t) : 0);
    if (t->op->kind == WG_ELEMENTWISE || t->v->values != LARGE) /* 1e20 beside 1e20 - 1 is a tie or none, by how it is rounded */
        check_run(t, "the base instruction set", &(sample_how){.real = WG_F64, .drawn = true, .isa = "base"}, &t->base, ULPS, ulps_of(t));
    results_agree(t, "without joining and stacking", &plain, &t->base, ULPS, ulps_of(t), t->base.n);
    sample_result_free(&plain);
}

static bool has_f64(const sample_call *c)
{
    bool some = false;
    for (int i = 0; i < c->n; i++) some |= c->in[i].tensor && c->in[i].value.dtype == WG_F64;
    return some;
}

static void check_f32(trial *t)
{
    char why[600] = "";
    sample_result single, rounded;
    if (!has_f64(&t->v->call) || t->v->values == LARGE) return;
    sample_how how = {.real = WG_F64, .drawn = true, .round = true};
    sample_status a = sample_run(&t->v->call, &how, &rounded, why, sizeof why);
    how.real = WG_F32;
    sample_status b = sample_run(&t->v->call, &how, &single, why, sizeof why);
    if (a != RAN || b != RAN) complain(t, "f32 against f64: %s", why);
    else t->single += results_agree(t, "f32 against f64", &single, &rounded, ULPS, ulps_of(t), 1);
    sample_result_free(&single);
    sample_result_free(&rounded);
}

static void check_define(trial *t)
{
    char why[600] = "";
    sample_result r;
    if (t->op->kind == WG_BLOCK && t->v->values >= LARGE) return; /* what is masked may be skipped or multiplied by 0; 1e20 may tie */
    sample_status s = sample_run(&t->v->call, &(sample_how){.real = WG_F64, .drawn = true, .define = true}, &r, why, sizeof why);
    if (s == RAN) t->define += results_agree(t, "the kernel against the definition", &t->base, &r, ULPS, 8 * ulps_of(t), 1);
    else if (s != NO_DEFINITION) complain(t, "the definition: %s", why);
    sample_result_free(&r);
}

/* The gradient in what stands in two places is the sum of those in either. */
static bool gradients_add(trial *t, const sample_result *twin)
{
    wg_array *g = &t->base.out[1];
    double most = 0;
    if (t->base.n < 2) return true;
    int64_t n = wg_shape_count(g->shape);
    for (int64_t i = 0; i < n; i++) {
        double sum = 0, room = 0;
        for (int k = 1; k < twin->n; k++) {
            if (twin->input[k] && strcmp(t->v->call.in[twin->input[k]].text, "x0") != 0) continue;
            sum += wg_array_at(&twin->out[k], i);
            room += fabs(wg_array_at(&twin->out[k], i));
        }
        most = fmax(most, isfinite(room) ? room : 0);
        double off = fabs(wg_array_at(g, i) - sum);
        if (isfinite(sum) && !(off <= ldexp(ulps_of(t) * fmax(most, 1), g->dtype == WG_F32 ? -23 : -52) || off <= ulps_of(t) * t->shake[1]))
            return complain(t, "x0 twice: gradient [%lld] is %.17g, must be %.17g", (long long)i, wg_array_at(g, i), sum), false;
    }
    return true;
}

static void check_alias(trial *t)
{
    char why[600] = "";
    sample_call twin;
    sample_result r = {.n = 0};
    if (!t->v->aliased) return;
    if (!variant_twin(t->v, &twin) || sample_run(&twin, &(sample_how){.real = WG_F64, .drawn = true}, &r, why, sizeof why) != RAN)
        complain(t, "with a copy of x0: %s", why);
    else t->aliased += results_agree(t, "x0 twice against a copy of it", &t->base, &r, EXACT, 0, 1) && gradients_add(t, &r);
    sample_result_free(&r);
    sample_free(&twin);
}

/* ---- parts ------------------------------------------------------------------------------------------------------------------ */

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

/* Whether part from..to-1 of those inputs gives that part of `whole`. NOT_RUN: not a part that the op takes; NO_DEFINITION: no. */
static sample_status compare_part(const sample_call *c, const wg_array *whole, int back, uint64_t cut, int64_t from, int64_t to,
                                  double ulps, char *why, size_t size)
{
    sample_call part;
    sample_result r = {.n = 0};
    wg_array want = {0};
    bool done = call_copy(&part, c);
    for (int i = 0; done && i < c->n; i++) {
        if (!(cut >> i & 1)) continue;
        wg_array_free(&part.in[i].value);
        done = part_of(&c->in[i].value, c->in[i].value.shape.rank - back, from, to, &part.in[i].value);
    }
    sample_status s = done ? sample_run(&part, &(sample_how){.real = WG_F64}, &r, why, size) : NOT_RUN;
    if (s == RAN && (!part_of(whole, whole->shape.rank - back, from, to, &want) || !sample_agree(&r.out[0], &want, ULPS, ulps, why, size)))
        s = NO_DEFINITION;
    sample_result_free(&r);
    wg_array_free(&want);
    sample_free(&part);
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

/* What splits an op has is found on its own samples, small as they are, and on the same with other numbers. */
static void find_splits(trial *t, generator *g, int i)
{
    double ulps = g->of[i]->ulps > 0 ? g->of[i]->ulps : 8;
    const sample_call *c = &g->base[i];
    wg_shape s = c->n && c->in[0].tensor ? c->in[0].value.shape : (wg_shape){0};
    for (int back = 1; back <= s.rank; back++)
        if (s.dim[s.rank - back] > 1) t->splits[i].cut[back] = inputs_along(c, back, s.dim[s.rank - back]);
    t->own_rank[i] = s.rank;
    if (s.rank) keep_splits(c, ulps, &t->splits[i]);
    for (int k = 0; k < 3 && s.rank; k++) {
        sample_call other;
        bool done = call_copy(&other, c);
        for (int j = 0; done && j < c->n; j++)
            for (int64_t e = sample_real(&c->in[j]) || c->in[j].value.dtype == WG_BOOL ? wg_shape_count(c->in[j].value.shape) : 0;
                 e-- > 0;) {
                int64_t whole = wg_rng_integer(g->rng, 2); /* one after the other: compilers call arguments in any order */
                sample_set(&other.in[j].value, e, wg_rng_normal(g->rng), whole);
            }
        if (done) keep_splits(&other, ulps, &t->splits[i]);
        sample_free(&other);
    }
}

static void check_pieces(trial *t)
{
    char why[600] = "";
    const sample_call *c = &t->v->call;
    const wg_array *y = &t->base.out[0];
    bool elementwise = t->op->kind == WG_ELEMENTWISE;
    wg_shape s = elementwise ? y->shape : c->n ? c->in[0].value.shape : (wg_shape){0};
    if (!t->v->plain || t->v->aliased || strcmp(t->op->family, "random") == 0) return; /* draws go by position */
    if (!elementwise && c->n && s.rank != t->own_rank[t->v->number]) return;
    for (int back = 1; back <= s.rank; back++) {
        int64_t n = s.dim[s.rank - back], at = n / 2 + (n > 4);
        uint64_t has = inputs_along(c, back, n), cut = elementwise ? has : t->splits[t->v->number].cut[back];
        if (n < 2 || !cut || (cut & ~has) || !along(y, back, n)) continue;
        if (compare_part(c, y, back, cut, 0, at, ulps_of(t), why, sizeof why) != RAN ||
            compare_part(c, y, back, cut, at, n, ulps_of(t), why, sizeof why) != RAN)
            complain(t, "the parts 0..%lld and %lld..%lld of axis %d: %s", (long long)at - 1, (long long)at, (long long)n - 1, -back, why);
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

static void check_alone(trial *t)
{
    wg_shape s = t->base.out[0].shape;
    if (t->op->kind != WG_ELEMENTWISE || wg_shape_count(s) < 1 || s.rank < 1 || t->v->aliased) return;
    int64_t first[WG_MAX_RANK] = {0}, last[WG_MAX_RANK], middle[WG_MAX_RANK];
    for (int d = 0; d < s.rank; d++) last[d] = s.dim[d] - 1, middle[d] = s.dim[d] / 2;
    t->alone += element_alone(t, first) && element_alone(t, middle) && element_alone(t, last);
}

/* ---- gradients --------------------------------------------------------------------------------------------------------------- */

static bool smooth(const trial *t)
{
    int64_t elements = 0;
    const sample_call *c = &t->v->call;
    if (t->v->values != ORDINARY || t->v->of->kink || t->op->constant || !t->v->plain || t->v->guise > SHIFTED) return false;
    for (int i = 0; i < c->n; i++)
        for (int64_t e = sample_real(&c->in[i]) ? wg_shape_count(c->in[i].value.shape) : 0; e-- > 0; elements++)
            if (fabs(wg_array_at(&c->in[i].value, e)) > 100) return false; /* a difference would see rounding only */
    for (int k = 0; k < t->base.n; k++)
        for (int64_t e = wg_shape_count(t->base.out[k].shape); e-- > 0;)
            if (!isfinite(wg_array_at(&t->base.out[k], e))) return false;
    return t->base.n > 1 && elements > 0 && elements <= SMALL && wg_shape_count(t->base.out[0].shape) > 0;
}

static void check_gradients(trial *t)
{
    char why[600] = "", name[SAMPLE_INPUTS][16];
    wg_tensor y;
    wg_gradcheck_feed feed[SAMPLE_INPUTS];
    size_t n = 0;
    const sample_call *c = &t->v->call;
    if (t->gradchecked >= GRADCHECKS || !smooth(t)) return;
    wg_tape *tape = sample_record(c, &(sample_how){.real = WG_F64}, &y, why, sizeof why);
    for (int i = 0; i < c->n; i++) {
        if (!c->in[i].tensor) continue;
        snprintf(name[n], sizeof name[n], "x%d", i);
        feed[n] = (wg_gradcheck_feed){name[n], c->in[i].value};
        n++;
    }
    wg_gradcheck_report r = wg_gradcheck(y, .feeds = feed, .n_feeds = n);
    /* met by chance: a kink, the edge of where the op is defined, a derivative that is 0 and computed as rounding */
    bool chance = strstr(r.text, "a kink") || (isnan(r.there) && isfinite(r.here)) || fabs(r.here - r.there) < 1e-12;
    if ((r.status || r.failed) && !chance) complain(t, "%s", r.text);
    t->gradchecked += !r.status && !r.failed && r.tested[0] > 0;
    wg_tape_free(tape);
}

/* ---- one op ---------------------------------------------------------------------------------------------------------------- */

/* A refusal names the op and says why. */
static bool good_refusal(const wg_op *op, const char *why) { return strstr(why, op->name) && strlen(why) > strlen(op->name) + 8; }

/* What cannot be read as that attribute's type is refused at its line and column. */
static bool misread(const char *why)
{
    int line, column, end = 0;
    return sscanf(why, "sample:%d:%d: %n", &line, &column, &end) == 2 && strlen(why) > (size_t)end + 8;
}

static bool check_variant(trial *t)
{
    char why[600] = "";
    sample_status s = sample_run(&t->v->call, &(sample_how){.real = WG_F64, .drawn = true}, &t->base, why, sizeof why);
    if (s == RAN && !measure_shake(t)) complain(t, "out of memory");
    if (s == RAN) {
        check_otherwise(t);
        check_f32(t);
        check_define(t);
        check_alias(t);
        check_pieces(t);
        check_alone(t);
        check_gradients(t);
        t->samples++;
    } else if (!good_refusal(t->op, why)) {
        complain(t, "is refused with \"%s\", which must name the op and say why", why);
    }
    sample_result_free(&t->base);
    return s == RAN;
}

static void check_samples(trial *t, generator *g)
{
    variant v;
    uint64_t seen[SAMPLES + 1];
    int n = 0;
    for (int i = 0; i < CANDIDATES && t->samples < SAMPLES && g->n && generate(g, &v); i++) {
        bool again = false;
        uint64_t h = wg__hash(0, v.label, strlen(v.label));
        for (int k = 0; k < n; k++) again |= seen[k] == h;
        t->v = &v;
        if (!again && check_variant(t)) seen[n++] = h;
        t->v = NULL;
        variant_free(&v);
    }
}

static void check_wrong(trial *t, const generator *g)
{
    char label[300], why[600];
    bool more = true;
    sample_call wrong;
    sample_result r;
    for (int base = 0; base < g->n && base < 3; base++)
        for (int k = 0; more || k == 0; k++) {
            if (!wrong_call(&g->base[base], k, &wrong, label, sizeof label, &more)) continue;
            why[0] = 0;
            sample_status s = sample_run(&wrong, &(sample_how){.real = WG_F64}, &r, why, sizeof why);
            bool good = s != RAN && good_refusal(t->op, why);
            if (s != RAN && !good && !misread(why))
                complain(t, "%s, %s: is refused with \"%s\", which must name the op and say why", g->of[base]->call, label, why);
            t->refused += good;
            sample_result_free(&r);
            sample_free(&wrong);
        }
}

static wg_tensor named_input(wg_tape *t, int k)
{
    char name[16];
    snprintf(name, sizeof name, "x%d", k);
    return (wg_input)(t, name, WG_F32, WG_SHAPE(2));
}

/* Through the C interface: a tensor of another tape, an invalid one, none at all. Attributes are the defaults: inputs are
 * looked at first. */
static void check_strangers(trial *t)
{
    enum { ANOTHER, INVALID, MISSING, KINDS };
    for (int kind = 0; kind < KINDS; kind++)
        for (int i = 0; i < t->op->n_inputs; i++) {
            wg_tape *mine = wg_tape_new(), *other = wg_tape_new();
            wg_tensor in[SAMPLE_INPUTS], bad[] = {named_input(other, 0), wg_find(mine, "nothing"), WG_NONE};
            max_align_t options[64] = {0};
            if (!t->op->variadic) wg__attrs_init(t->op, options);
            for (int k = 0; k < t->op->n_inputs; k++) in[k] = named_input(mine, k);
            in[i] = bad[kind];
            bool absent = kind == MISSING && t->op->inputs[i].optional;
            wg_tensor y = wg__record_with(mine, t->op, options, in, t->op->n_inputs);
            if (!absent && wg_ok(y)) complain(t, "input %d is a stranger, and is taken", i);
            const char *why = wg_error(mine);
            if (!absent && kind != INVALID && (!why || !strstr(why, t->op->name)))
                complain(t, "input %d is a stranger: \"%s\" does not name the op", i, why ? why : "");
            t->refused += !wg_ok(y);
            wg_tape_free(mine);
            wg_tape_free(other);
        }
}

static void report(const trial *t)
{
    bool composed = t->op->define && !t->op->kernel;
    printf("%s: %d samples (%d its own), %d refused; definition %d, alone %d, pieces %d%s; f32 %d, aliased %d, gradients to order 2: %d\n",
           t->op->name, t->samples, t->own, t->refused, t->define, t->alone, t->pieces, composed ? ", composition all" : "", t->single,
           t->aliased, t->gradchecked);
}

START_TEST(test_op)
{
    trial t = {.op = chosen[_i]};
    generator g;
    char why[600];
    if (t.op->kind == WG_LEAF || t.op->kind == WG_EFFECT) return; /* not called with values */
    bool ready = generator_new(&g, t.op, why, sizeof why);
    ck_assert_msg(ready, "%s: %s", t.op->name, why);
    t.samples = t.own = g.n;
    for (const wg_sample *s = t.op->samples; s->call; s++) t.refused += s->refused != NULL;
    t.splits = calloc((size_t)g.n + 1, sizeof *t.splits);
    t.own_rank = calloc((size_t)g.n + 1, sizeof *t.own_rank);
    ck_assert(t.splits && t.own_rank);
    for (int i = 0; i < g.n; i++) find_splits(&t, &g, i);
    check_samples(&t, &g);
    check_wrong(&t, &g);
    check_strangers(&t);
    report(&t);
    if (t.samples < SAMPLES) complain(&t, "%d samples, must be %d", t.samples, SAMPLES);
    if (t.refused < REFUSED) complain(&t, "%d refused, must be %d", t.refused, REFUSED);
    free(t.splits);
    free(t.own_rank);
    generator_free(&g);
    ck_assert_msg(t.failures == 0, "%d failures%s", t.failures, t.first);
}
END_TEST

static bool choose(int argc, char **argv)
{
    int n = 0;
    while (wg__ops[n]) n++;
    chosen = calloc((size_t)n + 1, sizeof *chosen);
    if (!chosen) return false;
    for (int i = 0; i < n; i++) {
        bool wanted = argc < 2;
        for (int k = 1; k < argc; k++) wanted |= strcmp(argv[k], wg__ops[i]->name) == 0;
        if (wanted) chosen[n_chosen++] = wg__ops[i];
    }
    return n_chosen > 0 && (argc < 2 || n_chosen == argc - 1);
}

int main(int argc, char **argv)
{
    if (!choose(argc, argv)) return EXIT_FAILURE;
    Suite *s = suite_create("categories");
    for (int i = 0; i < n_chosen; i++) {
        TCase *c = tcase_create(chosen[i]->name);
        tcase_set_timeout(c, 300);
        tcase_add_loop_test(c, test_op, i, i + 1);
        suite_add_tcase(s, c);
    }
    SRunner *r = srunner_create(s);
    srunner_run_all(r, CK_NORMAL);
    int failed = srunner_ntests_failed(r);
    srunner_free(r);
    free(chosen);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}

/* program_laws.c -- what must agree for any program: its lines computed alone and all at once; every pass of the planner left out, any
 * number of threads, sizes known only when run, the text printed and read again: the same bits, or within rounding where sums may
 * change places; reverse mode, forward mode and differences.
 *
 * How much rounding can do is measured: it is what the results change by when the leaves change by 1e-13 of themselves, 450 units in
 * the last place. A program that makes much of that says little, and so its room is large; test_random counts the others. */
#define _GNU_SOURCE /* open_memstream, MAP_ANONYMOUS */
#include "check/check.h"
#include "programs.h"

#include <stdarg.h>
#include <stdlib.h>

enum { STEPS = 6 };
static const double slight = 1e-13; /* what the leaves change by */
static const double least = 1e-12;  /* what is nothing but rounding: values and derivatives of single ops are of moderate size */
static const double modes = 1e-10;  /* reverse against forward mode, of the sum of all terms' sizes */
static const double close = 1e-6;   /* reverse mode against differences, of the same */
static const double decided = 1e-5; /* differences that agree with each other as well as this decide */

/* A program on a tape, with its loss and its gradients. */
typedef struct subject {
    const program *p;
    bool f32;
    wg_tape *t;
    wg_tensor line[PROGRAM_LINES], x[PROGRAM_LINES], out[PROGRAM_OUTS], loss;
    int leaf[PROGRAM_LINES], leaves; /* the real ones: places of x */
    int outs, returned;              /* what is returned, the loss, its gradients */
    struct {
        wg_tensor x;
        wg_array value; /* owned */
    } feed[2 * PROGRAM_LINES];
    int feeds;
} subject;

typedef struct results {
    wg_array out[PROGRAM_OUTS];
    int n;
} results;

static bool found(finding *f, const char *law, double apart, const char *format, ...) WG_PRINTF(4, 5);
static bool found(finding *f, const char *law, double apart, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    vsnprintf(f->text, sizeof f->text, format, args);
    va_end(args);
    f->law = law;
    f->apart = apart;
    return false;
}

/* ---- on a tape -------------------------------------------------------------------------------------------------------------- */

static void set(wg_array *a, int64_t i, double v)
{
    if (a->dtype == WG_F32) ((float *)a->data)[i] = (float)v;
    else ((double *)a->data)[i] = v;
}

static void add_feed(subject *s, wg_tensor x, wg_array *value)
{
    s->feed[s->feeds].x = x;
    s->feed[s->feeds++].value = *value;
    *value = (wg_array){0};
}

static bool feed_leaf(subject *s, int k)
{
    const wg_array *v = &s->p->line[k].value;
    wg_array a;
    bool convert = s->f32 && v->dtype == WG_F64;
    int64_t n = wg_shape_count(v->shape);
    if (convert ? wg_array_new(&a, WG_F32, v->shape) != WG_OK : !program_keep(&a, v)) return false;
    for (int64_t i = 0; convert && i < n; i++) set(&a, i, ((const double *)v->data)[i]);
    add_feed(s, s->line[k], &a);
    return true;
}

/* An input of x's dtype and, as far as it is known, shape; fed with weights. */
static wg_tensor weights_for(subject *s, int k, const char *kind)
{
    char name[24];
    wg_array a;
    wg_tensor x = s->line[k];
    wg_shape shape = wg_shape_get(x);
    for (int i = 0; i < shape.rank; i++)
        if (shape.dim[i] < 0) shape.dim[i] = WG_ANY;
    snprintf(name, sizeof name, "%s%d", kind, k);
    wg_tensor w = (wg_input)(s->t, name, wg_dtype_get(x), shape);
    if (wg_array_new(&a, wg_dtype_get(x), s->p->line[k].value.shape)) return WG_NONE;
    int64_t n = wg_shape_count(a.shape);
    for (int64_t i = 0; i < n; i++) set(&a, i, program_weight(i, (uint32_t)kind[0]));
    add_feed(s, w, &a);
    return w;
}

static bool record_loss(subject *s)
{
    wg_tensor g[PROGRAM_LINES];
    s->loss = WG_NONE;
    for (int k = 0; k < s->p->n; k++) {
        if (program_reads(s->p, k)) continue;
        s->out[s->outs++] = s->line[k];
        if (!wg_dtype_real(wg_dtype_get(s->line[k]))) continue;
        wg_tensor term = (wg_sum)((wg_mul)(s->line[k], weights_for(s, k, "w")));
        s->loss = s->loss.tape ? (wg_add)(s->loss, term) : term;
    }
    s->returned = s->outs;
    if (!s->loss.tape || !s->leaves) return true;
    s->out[s->outs++] = s->loss;
    if (wg_grads(s->loss, s->x, (size_t)s->leaves, g)) return false;
    for (int i = 0; i < s->leaves; i++) s->out[s->outs++] = g[i];
    return true;
}

static void subject_free(subject *s)
{
    wg_tape_free(s->t);
    for (int i = 0; i < s->feeds; i++) wg_array_free(&s->feed[i].value);
    s->feeds = 0;
    s->t = NULL;
}

/* To be freed in any case. */
static bool subject_new(subject *s, const program *p, bool f32, bool open, const planted *bad, char *why, size_t size)
{
    *s = (subject){.p = p, .f32 = f32};
    s->t = program_record(p, f32, open, bad, s->line, why, size);
    bool done = s->t != NULL;
    for (int k = 0; done && k < p->n; k++) {
        if (p->line[k].op) continue;
        done = feed_leaf(s, k);
        if (wg_dtype_real(p->line[k].value.dtype)) s->leaf[s->leaves] = k, s->x[s->leaves++] = s->line[k];
    }
    if (done && !record_loss(s)) snprintf(why, size, "%s", wg_error(s->t)), done = false;
    return done;
}

/* ---- running ------------------------------------------------------------------------------------------------------------------- */

static wg_plan *planned(const subject *s, const wg_tensor *out, int n, unsigned without, int threads, char *why, size_t size)
{
    wg_plan *p = wg_plan_create(&(wg_plan_options){.outputs = {out, (size_t)n}, .without = without, .threads = threads});
    if (!p) return snprintf(why, size, "no plan: %s", wg_error(s->t)), NULL;
    for (int i = 0; i < s->feeds; i++)
        if (wg_feed(p, s->feed[i].x, s->feed[i].value)) return snprintf(why, size, "%s", wg_plan_error(p)), wg_plan_free(p), NULL;
    return p;
}

static void results_free(results *r)
{
    for (int i = 0; i < r->n; i++) wg_array_free(&r->out[i]);
    r->n = 0;
}

/* Again with another plan; to be freed in any case. */
static bool outcome(const subject *s, unsigned without, int threads, results *r, char *why, size_t size)
{
    r->n = 0;
    wg_plan *p = planned(s, s->out, s->outs, without, threads, why, size);
    bool done = p != NULL;
    if (done && wg_run(p)) snprintf(why, size, "%s", wg_plan_error(p)), done = false;
    for (wg_array a; done && r->n < s->outs; r->n += done) done = !wg_read(p, s->out[r->n], &a) && program_keep(&r->out[r->n], &a);
    wg_plan_free(p);
    return done;
}

/* ---- comparing ------------------------------------------------------------------------------------------------------------------ */

static void output_name(const subject *s, int i, char *name, size_t size)
{
    int k = -1, nth = i;
    while (i < s->returned && nth >= 0) nth -= !program_reads(s->p, ++k);
    if (i < s->returned) snprintf(name, size, "v%d", k);
    else if (i == s->returned) snprintf(name, size, "the loss");
    else snprintf(name, size, "the gradient in v%d", s->leaf[i - s->returned - 1]);
}

static double largest(const wg_array *a)
{
    double most = 0;
    int64_t n = wg_shape_count(a->shape);
    for (int64_t i = 0; i < n; i++) most = fmax(most, fabs(wg_array_at(a, i)));
    return most;
}

/* wobble: what the leaves' rounding does to each output; NULL: the bits must be the same. */
static bool same(const subject *s, const char *law, const results *got, const results *want, const results *wobble, finding *f)
{
    for (int i = 0; i < want->n; i++) {
        const wg_array *a = &got->out[i], *b = &want->out[i];
        char name[80];
        output_name(s, i, name, sizeof name);
        if (a->dtype != b->dtype || !wg_shape_equal(a->shape, b->shape)) return found(f, law, 1, "%s is of another type", name);
        int64_t n = wg_shape_count(b->shape);
        double unit = wobble ? 64 * 0x1p-52 * largest(b) + largest(&wobble->out[i]) + least : 0;
        for (int64_t k = 0; k < n; k++) {
            double x = wg_array_at(a, k), y = wg_array_at(b, k);
            if (x == y || (isnan(x) && isnan(y)) || fabs(x - y) <= unit) continue;
            return found(f, law, fabs(x - y) / fmax(fabs(y), 1e-300), "%s[%lld] is %.17g, must be %.17g, off by %.3g", name, (long long)k,
                         x, y, fabs(x - y));
        }
    }
    return true;
}

static bool agrees(const subject *s, const char *law, unsigned without, int threads, const results *want, const results *wobble, finding *f)
{
    char why[400] = "";
    results r;
    bool done = outcome(s, without, threads, &r, why, sizeof why);
    done = done ? same(s, law, &r, want, wobble, f) : found(f, law, 1, "does not run: %s", why);
    results_free(&r);
    return done;
}

/* The real leaves as they are, each number times 1 + by * a weight. */
static void feed_near(subject *s, double by, uint32_t salt)
{
    for (int i = 0; i < s->feeds; i++)
        for (int k = 0; k < s->leaves; k++) {
            const wg_array *v = &s->p->line[s->leaf[k]].value;
            int64_t n = s->feed[i].x.id == s->x[k].id ? wg_shape_count(v->shape) : 0;
            for (int64_t j = 0; j < n; j++)
                ((double *)s->feed[i].value.data)[j] = wg_array_at(v, j) * (1 + by * program_weight(j, salt + (uint32_t)k));
        }
}

/* By how much the results change when the leaves change a little. */
static bool wobbling(subject *s, const results *want, results *r, char *why, size_t size)
{
    results other = {.n = 0};
    bool done = true;
    for (r->n = 0; done && r->n < want->n; r->n += done) done = !wg_array_new(&r->out[r->n], WG_F64, want->out[r->n].shape);
    for (uint32_t way = 0; done && way < 3; way++) {
        feed_near(s, slight, 100 * (way + 1));
        done = outcome(s, 0, 1, &other, why, size);
        for (int i = 0; done && i < want->n; i++) {
            int64_t n = wg_shape_count(want->out[i].shape);
            for (int64_t k = 0; k < n; k++) {
                double *most = (double *)r->out[i].data + k;
                *most = fmax(*most, fabs(wg_array_at(&other.out[i], k) - wg_array_at(&want->out[i], k)));
            }
        }
        results_free(&other);
    }
    feed_near(s, 0, 0);
    return done;
}

/* ---- the same bits ------------------------------------------------------------------------------------------------------------------ */

static bool passes_agree(const subject *s, const results *all, const results *wobble, finding *f)
{
    enum { SAME_BITS = WG_PASS_MERGE | WG_PASS_FUSE | WG_PASS_INPLACE | WG_PASS_REUSE | WG_PASS_WAIT | WG_PASS_EPILOGUE };
    static const struct {
        const char *law;
        unsigned without;
        int threads;
    } ways[] = {{"without merging", WG_PASS_MERGE, 1},
                {"without fusing", WG_PASS_FUSE, 1},
                {"without work in place", WG_PASS_INPLACE, 1},
                {"without reuse", WG_PASS_REUSE, 1},
                {"with a wait at every step", WG_PASS_WAIT, 3},
                {"without any of these", SAME_BITS, 1},
                {"with 3 threads", 0, 3},
                {"without joining", WG_PASS_JOIN, 1},
                {"without stacking", WG_PASS_STACK, 1},
                {"without any pass", SAME_BITS | WG_PASS_JOIN | WG_PASS_STACK, 1}};
    for (size_t i = 0; i < sizeof ways / sizeof *ways; i++) {
        bool rounds = ways[i].without & (WG_PASS_JOIN | WG_PASS_STACK);
        if (rounds && !wobble) continue;
        if (!agrees(s, ways[i].law, ways[i].without, ways[i].threads, all, rounds ? wobble : NULL, f)) return false;
    }
    return true;
}

/* The program as the planner has it, without what may reorder sums, against its lines one by one. */
static bool lines_agree(const subject *s, finding *f)
{
    static const char law[] = "line by line";
    char why[400] = "";
    results r, alone = {.n = s->returned};
    bool done = outcome(s, WG_PASS_JOIN | WG_PASS_STACK, 1, &r, why, sizeof why);
    for (int k = 0, i = 0; k < s->p->n; k++)
        if (!program_reads(s->p, k)) alone.out[i++] = s->p->line[k].value; /* borrowed */
    done = done ? same(s, law, &r, &alone, NULL, f) : found(f, law, 1, "does not run: %s", why);
    results_free(&r);
    return done;
}

/* The tape printed, gradients and all, and read again. */
static bool text_agrees(subject *s, const results *want, finding *f)
{
    static const char law[] = "printed and read";
    char *text = NULL, why[400] = "";
    size_t length = 0;
    subject again = {.p = s->p, .outs = s->outs, .returned = s->returned, .leaves = s->leaves};
    memcpy(again.leaf, s->leaf, sizeof s->leaf);
    wg_return(s->t, (wg_tensors){s->out, (size_t)s->outs});
    FILE *to = open_memstream(&text, &length);
    bool printed = to && !wg_print(to, s->t);
    if (to) fclose(to);
    if (!printed || wg_tape_parse(&again.t, text, length, "printed", NULL, why, sizeof why)) {
        free(text);
        wg_tape_free(again.t);
        return found(f, law, 1, "does not read: %s", why);
    }
    free(text);
    memcpy(again.out, wg_returned(again.t).x, (size_t)s->outs * sizeof *s->out);
    for (int i = 0; i < s->feeds; i++) {
        again.feed[i].x = wg_find(again.t, wg_name_get(s->feed[i].x));
        again.feed[i].value = s->feed[i].value;
    }
    again.feeds = s->feeds;
    bool done = agrees(&again, law, 0, 1, want, NULL, f);
    wg_tape_free(again.t);
    return done;
}

/* With the sizes of all leaves left open, where the rules take that and give as many axes (squeeze does not know which are 1). */
static bool open_agrees(const program *p, const planted *bad, const results *want, const results *wobble, finding *f)
{
    char why[400] = "";
    subject *s = malloc(sizeof *s);
    bool fits = s && subject_new(s, p, false, true, bad, why, sizeof why) && s->outs == want->n;
    for (int k = 0; fits && k < p->n; k++) fits = !wg_ok(s->line[k]) || wg_shape_get(s->line[k]).rank == p->line[k].value.shape.rank;
    bool done = !fits || agrees(s, "sizes known when run", 0, 1, want, wobble, f);
    if (s) subject_free(s);
    free(s);
    return done;
}

static bool single_agrees(const program *p, const planted *bad, finding *f)
{
    char why[400] = "";
    results all;
    subject *s = malloc(sizeof *s);
    bool done = s && subject_new(s, p, true, false, bad, why, sizeof why);
    if (!done) found(f, "in f32", 1, "is not recorded: %s", why);
    else if (outcome(s, 0, 1, &all, why, sizeof why)) done = passes_agree(s, &all, NULL, f);
    else found(f, "in f32", 1, "does not run: %s", why), done = false;
    if (s && s->t) results_free(&all);
    if (s) subject_free(s);
    free(s);
    return done;
}

/* ---- derivatives --------------------------------------------------------------------------------------------------------------------- */

typedef struct slopes {
    subject *s;
    wg_plan *value, *forward;
    wg_tensor jvp, tangent[PROGRAM_LINES];
    wg_array u[PROGRAM_LINES];
    double one;
} slopes;

static void fill(wg_array *u, bool zero, uint32_t salt)
{
    int64_t n = wg_shape_count(u->shape);
    for (int64_t i = 0; i < n; i++) ((double *)u->data)[i] = zero ? 0 : program_weight(i, salt);
}

/* By the two steps of a row that agree best. *spread: how well. *bend: between the slopes on the two sides, where that does not
   shrink with the step as a smooth function's does: a kink nearer than the steps are long. A step out of where an op is defined (a
   probability below 0) is too long, and is left out. */
static bool difference(slopes *d, int leaf, double *slope, double *spread, double *bound, double *bend)
{
    static const int exponent[STEPS] = {-7, -10, -13, -16, -19, -22};
    subject *s = d->s;
    wg_array unit = wg_array_wrap(&d->one, WG_F64, WG_SHAPE()), *x = NULL;
    const wg_array *units = &unit;
    for (int i = 0; i < s->feeds; i++)
        if (s->feed[i].x.id == s->x[leaf].id) x = &s->feed[i].value;
    const wg_array *base = &s->p->line[s->leaf[leaf]].value;
    wg_check_sum f = {d->value, &s->loss, &units, 1};
    wg_check_line l = {.x = x->data, .along = d->u[leaf].data, .base = base->data, .n = wg_shape_count(base->shape)};
    wg_check_difference e[STEPS];
    int first = -1; /* the longest that is not */
    *spread = (double)INFINITY;
    *bend = 0;
    for (int i = 0; i < STEPS; i++) {
        bool runs = wg__check_difference(&f, &l, ldexp(1, exponent[i]), 0, &e[i]);
        if (!runs && first < 0) continue;
        if (!runs) return false;
        if (first < 0) first = i;
        double apart = i > first ? fabs(e[i].slope - e[i - 1].slope) : (double)NAN;
        if (apart < *spread) *spread = apart, *slope = e[i].slope, *bound = e[i].bound;
    }
    if (first < 0 || first > 3) return true;
    const wg_check_difference *wide = &e[first > 1 ? first : 1], *fine = &e[4];
    bool stays = fine->spread > 4 * fine->bound && fine->spread > 2 * wide->spread * (fine->h / wide->h);
    *bend = stays ? fine->spread : 0;
    return true;
}

/* Along leaf i: g . u by reverse mode, J u by forward mode, and a difference; wobble: of the gradient. */
static bool leaf_agrees(slopes *d, int i, const wg_array *g, const wg_array *wobble, finding *f)
{
    subject *s = d->s;
    double reverse = 0, size = 0, room = least * (1 + largest(g)), slope = 0, spread, bound = 0, bend = 0;
    int64_t n = wg_shape_count(g->shape);
    for (int k = 0; k < s->leaves; k++) fill(&d->u[k], k != i, 5);
    for (int64_t k = 0; k < n; k++) {
        double u = ((const double *)d->u[i].data)[k], v = u * wg_array_at(g, k);
        reverse += v;
        size += fabs(v);
        room += fabs(u) * wg_array_at(wobble, k);
    }
    if (!isfinite(size)) return found(f, "reverse mode", (double)INFINITY, "the gradient in v%d is not finite", s->leaf[i]);
    if (wg_run(d->forward)) return found(f, "forward mode", 1, "does not run: %s", wg_plan_error(d->forward));
    double forward = wg_read_scalar(d->forward, d->jvp);
    if (!(fabs(forward - reverse) <= modes * size + room))
        return found(f, "forward mode", fabs(forward - reverse) / fmax(size, 1e-300),
                     "along v%d reverse mode gives %.17g, forward mode %.17g, off by %.3g", s->leaf[i], reverse, forward,
                     fabs(forward - reverse));
    if (s->p->kinks) return true;
    if (!difference(d, i, &slope, &spread, &bound, &bend)) return found(f, "differences", 1, "does not run: %s", wg_plan_error(d->value));
    double scale = fmax(size, fabs(slope));
    if (!(spread <= decided * scale)) return f->undecided |= scale > room, true;
    if (fabs(slope - reverse) <= close * scale + 10 * spread + bound + room) return true;
    if (fabs(slope - reverse) <= 2 * bend) return f->undecided |= scale > room, true;
    return found(f, "differences", fabs(slope - reverse) / scale, "along v%d reverse mode gives %.17g, differences %.17g, off by %.3g",
                 s->leaf[i], reverse, slope, fabs(slope - reverse));
}

static bool prepare_slopes(slopes *d, char *why, size_t size)
{
    subject *s = d->s;
    bool done = true;
    for (int i = 0; done && i < s->leaves; i++) {
        char name[24];
        const wg_array *v = &s->p->line[s->leaf[i]].value;
        snprintf(name, sizeof name, "u%d", i);
        d->tangent[i] = (wg_input)(s->t, name, WG_F64, v->shape);
        done = !wg_array_new(&d->u[i], WG_F64, v->shape);
    }
    d->jvp = done ? wg_jvps(s->loss, s->x, d->tangent, (size_t)s->leaves) : WG_NONE;
    if (!wg_ok(d->jvp)) return snprintf(why, size, "%s", wg_error(s->t)), false;
    d->value = planned(s, &s->loss, 1, 0, 1, why, size);
    d->forward = planned(s, &d->jvp, 1, 0, 1, why, size);
    done = d->value && d->forward;
    for (int i = 0; done && i < s->leaves; i++) done = !wg_feed(d->forward, d->tangent[i], d->u[i]);
    return done;
}

static bool slopes_agree(subject *s, const results *base, const results *wobble, finding *f)
{
    char why[400] = "";
    slopes d = {.s = s, .one = 1};
    bool done = prepare_slopes(&d, why, sizeof why);
    if (!done) found(f, "forward mode", 1, "is not recorded: %s", why);
    for (int i = 0; done && i < s->leaves; i++)
        done = leaf_agrees(&d, i, &base->out[s->returned + 1 + i], &wobble->out[s->returned + 1 + i], f);
    for (int i = 0; i < s->leaves; i++) wg_array_free(&d.u[i]);
    return done;
}

/* ---- all -------------------------------------------------------------------------------------------------------------------------------- */

static bool laws_of(subject *s, const planted *bad, finding *f)
{
    char why[400] = "";
    results all, wobble = {.n = 0};
    bool large = s->p->large, done = outcome(s, 0, 1, &all, why, sizeof why);
    done = done && (large || wobbling(s, &all, &wobble, why, sizeof why));
    if (!done) found(f, "running", 1, "%s", why);
    done = done && passes_agree(s, &all, large ? NULL : &wobble, f) && lines_agree(s, f) && text_agrees(s, &all, f);
    done = done && (large || open_agrees(s->p, bad, &all, &wobble, f));
    if (done && !large && s->outs > s->returned) done = slopes_agree(s, &all, &wobble, f);
    results_free(&wobble);
    results_free(&all);
    return done;
}

bool program_laws(const program *p, const void *bad, finding *f)
{
    char why[400] = "";
    subject *s = malloc(sizeof *s);
    *f = (finding){.law = NULL};
    bool done = s && subject_new(s, p, false, false, bad, why, sizeof why);
    if (!done) found(f, "recording", 1, "%s", why);
    done = done && laws_of(s, bad, f);
    if (s) subject_free(s);
    free(s);
    return done && (p->seed % 3 || single_agrees(p, bad, f));
}

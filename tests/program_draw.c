/* program_draw.c -- drawing a program: an op, one of its samples, and for each of the sample's inputs a line that is there,
 * such a line brought into the sample's shape and range, or a new leaf with the sample's numbers. The op's own rules say whether
 * that is a call. A call is kept when it is smooth at the values that it gets, so that the program is away from kinks, and
 * value and gradient are of moderate size. Ops that draw from the tape's store are left out: their draws depend on their place. */
#include "programs.h"

#include <stdlib.h>

enum { MOST_ELEMENTS = 400, MOST_LARGE = 100000, TRIES = 40 };
enum { WAYS = 10 };                 /* that lead from a point: in few of them the same one of equal numbers is chosen again */
static const double moderate = 100; /* what values and gradients may be */
static const double nearby = 1e-5;  /* how far, relatively, a line is from kinks */
static const double smooth = 1e-2;  /* what that may change, relatively */

/* ---- one line alone ---------------------------------------------------------------------------------------------------------- */

typedef struct alone {
    const program *p;
    const program_line *l;
    int line[PROGRAM_ARGS]; /* that it reads, each once */
    int n;
    wg_tape *t;
    wg_plan *plan;
    wg_tensor out[PROGRAM_ARGS + 1], x[PROGRAM_ARGS];
    wg_array fed[PROGRAM_ARGS];
    int outs;
} alone;

static bool record_alone(alone *a)
{
    char text[8192], why[8];
    size_t used = 0;
    text[0] = 0;
    for (int i = 0; i < a->l->n; i++) {
        int k = a->l->arg[i].line, seen = 0;
        while (seen < a->n && a->line[seen] != k) seen++;
        if (k < 0 || seen < a->n) continue;
        const wg_array *v = &a->p->line[k].value;
        a->line[a->n++] = k;
        wg__append(text, sizeof text, &used, "v%d = input() : %s[", k, wg_dtype_name(v->dtype));
        for (int d = 0; d < v->shape.rank; d++) wg__append(text, sizeof text, &used, d ? ", %lld" : "%lld", (long long)v->shape.dim[d]);
        wg__append(text, sizeof text, &used, "]\n");
    }
    wg__append(text, sizeof text, &used, "y = %s(", a->l->op->name);
    for (int i = 0; i < a->l->n; i++)
        if (a->l->arg[i].line < 0) wg__append(text, sizeof text, &used, i ? ", %s" : "%s", a->l->arg[i].text);
        else wg__append(text, sizeof text, &used, i ? ", v%d" : "v%d", a->l->arg[i].line);
    wg__append(text, sizeof text, &used, "%s%s)\nreturn y\n", a->l->attributes[0] ? "; " : "", a->l->attributes);
    if (wg_tape_parse(&a->t, text, used, "line", NULL, why, sizeof why)) return false;
    a->out[a->outs++] = wg_returned(a->t).x[0];
    wg_shape s = wg_shape_get(a->out[0]);
    return wg_params_count(wg_tape_params(a->t)) == 0 && wg_shape_count(s) <= (a->p->large ? MOST_LARGE : MOST_ELEMENTS);
}

static bool differentiate_alone(alone *a, wg_array *cotangent)
{
    wg_tensor x[PROGRAM_ARGS], y = a->out[0];
    size_t n = 0;
    if (!wg_dtype_real(wg_dtype_get(y)) || wg_shape_count(wg_shape_get(y)) < 0) return true;
    for (int i = 0; i < a->n; i++)
        if (wg_dtype_real(a->fed[i].dtype)) x[n++] = a->x[i];
    if (!n || wg_array_new(cotangent, WG_F64, wg_shape_get(y))) return !n;
    int64_t count = wg_shape_count(cotangent->shape);
    for (int64_t i = 0; i < count; i++) ((double *)cotangent->data)[i] = program_weight(i, 77);
    wg_tensor v = wg_const(a->t, cotangent);
    if (wg_vjps(y, v, x, n, a->out + 1)) return false;
    a->outs += (int)n;
    return true;
}

static bool plan_alone(alone *a)
{
    a->plan = wg_plan_create(&(wg_plan_options){.outputs = {a->out, (size_t)a->outs}, .threads = 1});
    bool done = a->plan != NULL;
    for (int i = 0; done && i < a->n; i++) done = !wg_feed(a->plan, a->x[i], a->fed[i]);
    return done && !wg_run(a->plan);
}

/* Finite, and of moderate size: the largest, or -1. */
static double size_of(const wg_array *a)
{
    double most = 0;
    int64_t n = wg_shape_count(a->shape);
    for (int64_t i = 0; i < n; i++) {
        double v = fabs(wg_array_at(a, i));
        if (!(v <= moderate) && wg_dtype_real(a->dtype)) return -1;
        if (v > most) most = v;
    }
    return most;
}

static bool still(const wg_array *a, const wg_array *b)
{
    double room = wg_dtype_real(a->dtype) ? smooth * (1 + size_of(a)) : 0;
    int64_t n = wg_shape_count(a->shape);
    if (!wg_shape_equal(a->shape, b->shape)) return false;
    for (int64_t i = 0; i < n; i++)
        if (!(fabs(wg_array_at(a, i) - wg_array_at(b, i)) <= room)) return false;
    return true;
}

static void nudge(alone *a, int way)
{
    for (int i = 0; i < a->n; i++) {
        const wg_array *from = &a->p->line[a->line[i]].value;
        int64_t n = from->dtype == WG_F64 ? wg_shape_count(from->shape) : 0;
        for (int64_t k = 0; k < n; k++) {
            double v = ((const double *)from->data)[k], by = way == 0 ? 1 : way == 1 ? -1 : program_weight(k, (uint32_t)(way + 9 * i));
            ((double *)a->fed[i].data)[k] = v + by * nearby * (1 + fabs(v));
        }
    }
}

/* The values at the point are kept, then those nearby are compared with them. */
static bool smooth_there(alone *a)
{
    wg_array here[PROGRAM_ARGS + 1] = {{0}}, r;
    bool done = true;
    for (int k = 0; done && k < a->outs; k++)
        done = !wg_read(a->plan, a->out[k], &r) && size_of(&r) >= 0 && (a->p->large || program_keep(&here[k], &r));
    for (int way = 0; done && !a->p->large && way < WAYS; way++) {
        nudge(a, way);
        done = !wg_run(a->plan);
        for (int k = 0; done && k < a->outs; k++) done = !wg_read(a->plan, a->out[k], &r) && still(&here[k], &r);
    }
    for (int k = 0; k < a->outs; k++) wg_array_free(&here[k]);
    return done;
}

bool program_value(const program *p, const program_line *l, bool strict, wg_array *out)
{
    alone a = {.p = p, .l = l};
    wg_array r, cotangent = {0};
    bool done = record_alone(&a);
    for (int i = 0; i < a.n; i++) {
        char name[16];
        snprintf(name, sizeof name, "v%d", a.line[i]);
        a.x[i] = done ? wg_find(a.t, name) : WG_NONE;
        done = done && program_keep(&a.fed[i], &p->line[a.line[i]].value);
    }
    done = done && (!strict || differentiate_alone(&a, &cotangent)) && plan_alone(&a) && !wg_read(a.plan, a.out[0], &r);
    done = done && r.dtype != WG_F32 && wg_shape_count(r.shape) <= (p->large ? MOST_LARGE : MOST_ELEMENTS) && program_keep(out, &r);
    if (done && strict && !smooth_there(&a)) wg_array_free(out), done = false;
    for (int i = 0; i < a.n; i++) wg_array_free(&a.fed[i]);
    wg_array_free(&cotangent);
    wg_tape_free(a.t);
    return done;
}

/* ---- drawing ------------------------------------------------------------------------------------------------------------------- */

typedef struct drawing {
    program *p;
    wg_rng *rng;
} drawing;

static int64_t below(drawing *d, int64_t n) { return wg_rng_integer(d->rng, n); }
static bool chance(drawing *d, double p) { return wg_rng_uniform(d->rng) < p; }

/* Takes the value. -1: there is no room. */
static int add_leaf(drawing *d, wg_array *value)
{
    program *p = d->p;
    if (p->n == PROGRAM_LINES) return wg_array_free(value), -1;
    p->line[p->n] = (program_line){.value = *value};
    *value = (wg_array){0};
    return p->n++;
}

static int add_line(drawing *d, const program_line *l)
{
    program *p = d->p;
    wg_array value = {0};
    if (p->n == PROGRAM_LINES || !program_value(p, l, true, &value)) return -1;
    p->line[p->n] = *l;
    p->line[p->n].value = value;
    return p->n++;
}

/* A line of that op on line x. */
static int apply(drawing *d, const char *op, int x, const char *attributes)
{
    program_line l = {.op = wg__op_find(op), .arg = {{.line = x}}, .n = 1};
    snprintf(l.attributes, sizeof l.attributes, "%s", attributes);
    return add_line(d, &l);
}

static int add_normal(drawing *d, wg_shape s)
{
    wg_array a;
    if (wg_array_new(&a, WG_F64, s)) return -1;
    wg_rng_fill_normal(d->rng, &a, 0, 1);
    return add_leaf(d, &a);
}

/* A line of that dtype (and shape, if given), late ones rather; -1: there is none. */
static int some_line(drawing *d, wg_dtype dtype, const wg_shape *shape)
{
    int fits[PROGRAM_LINES], n = 0;
    for (int k = 0; k < d->p->n; k++) {
        const wg_array *v = &d->p->line[k].value;
        if (v->dtype == dtype && (!shape || wg_shape_equal(v->shape, *shape))) fits[n++] = k;
    }
    if (!n) return -1;
    return chance(d, 0.6) && n > 4 ? fits[n - 1 - below(d, 4)] : fits[below(d, n)];
}

/* Line x in that shape: repeated, cut, and shaped again. */
static int in_shape(drawing *d, int x, const wg_shape *want)
{
    char text[256] = "shape=[";
    size_t used = strlen(text);
    const wg_shape *have = &d->p->line[x].value.shape;
    int64_t n = wg_shape_count(*want), m = wg_shape_count(*have);
    if (wg_shape_equal(*have, *want)) return x;
    if (m < 1 || n < 1) return -1;
    if (m != n && have->rank != 1) x = apply(d, "reshape", x, "shape=[-1]");
    if (m < n && x >= 0) {
        char reps[40];
        snprintf(reps, sizeof reps, "reps=[%lld]", (long long)((n + m - 1) / m));
        x = apply(d, "tile", x, reps);
        m *= (n + m - 1) / m;
    }
    if (m > n && x >= 0) {
        char cut[80];
        int64_t step = m / n > 1 && chance(d, 0.5) ? m / n : 1, start = below(d, m - step * (n - 1));
        snprintf(cut, sizeof cut, "axis=0, start=%lld, stop=%lld, step=%lld", (long long)start, (long long)(start + step * (n - 1) + 1),
                 (long long)step);
        x = apply(d, "slice", x, cut);
    }
    for (int i = 0; i < want->rank; i++) wg__append(text, sizeof text, &used, i ? ", %lld" : "%lld", (long long)want->dim[i]);
    wg__append(text, sizeof text, &used, "]");
    return x < 0 || want->rank == 1 ? x : apply(d, "reshape", x, text);
}

/* Line x in the range of the sample's numbers, where those are of one sign. */
static int in_range(drawing *d, int x, const sample_input *in)
{
    int64_t n = wg_shape_count(in->value.shape);
    double low = in->low, high = in->high;
    for (int64_t i = 0; i < n && !in->drawn; i++) {
        double v = wg_array_at(&in->value, i);
        low = i ? fmin(low, v) : v;
        high = i ? fmax(high, v) : v;
    }
    if (n < 1 || x < 0 || !(low > 0) || chance(d, 0.2)) return x;
    return high < 1 ? apply(d, "sigmoid", x, "") : apply(d, "softplus", x, "");
}

/* The sample's numbers, or numbers near to them. */
static int sample_leaf(drawing *d, const sample_input *in)
{
    wg_array a;
    if (!program_keep(&a, &in->value)) return -1;
    int64_t n = a.dtype == WG_F64 ? wg_shape_count(a.shape) : 0;
    bool near = chance(d, 0.6);
    for (int64_t i = 0; i < n; i++) {
        double *v = (double *)a.data + i;
        if (!(fabs(*v) <= moderate)) return wg_array_free(&a), -1;
        if (near && !in->drawn) *v *= 1 + 0.02 * wg_rng_normal(d->rng);
    }
    return add_leaf(d, &a);
}

/* The line for an input of the sample; -1: none can be had. */
static int line_for(drawing *d, const sample_input *in, double loose)
{
    const wg_shape *s = &in->value.shape;
    wg_dtype dtype = in->value.dtype;
    if (dtype == WG_F32 || dtype == WG_I32 || dtype == WG_U8) return -1;
    if (dtype != WG_F64) {
        int x = chance(d, 0.4) ? some_line(d, dtype, d->p->large ? NULL : s) : -1;
        return x >= 0 ? x : sample_leaf(d, in);
    }
    if (chance(d, loose) || (d->p->large && chance(d, 0.8))) return some_line(d, WG_F64, NULL);
    int x = chance(d, 0.85) ? some_line(d, WG_F64, chance(d, 0.3) ? s : NULL) : -1;
    if (x >= 0) x = in_shape(d, x, s);
    if (x >= 0) x = in_range(d, x, in);
    return x >= 0 ? x : sample_leaf(d, in);
}

static void drop_to(program *p, int n)
{
    while (p->n > n) wg_array_free(&p->line[--p->n].value);
}

/* In f64 throughout. */
static bool attributes_for(const sample_call *c, char *text, size_t size)
{
    bool has = false;
    for (int i = 0; i < c->op->n_attributes; i++) has |= strcmp(c->op->attributes[i].name, "dtype") == 0;
    snprintf(text, size, "%s", c->attributes);
    for (char *at = text; (at = strstr(at, "f32"));) memcpy(at, "f64", 3);
    if (has && !strstr(text, "dtype")) snprintf(text + strlen(text), size - strlen(text), "%sdtype=f64", text[0] ? ", " : "");
    return strlen(text) + 1 < size;
}

/* One more op, and what brings its inputs into shape. */
static bool grow(drawing *d, const wg_op *op, const wg_sample *s)
{
    sample_call c;
    program_line l = {.op = op};
    char why[100];
    int before = d->p->n, same = -1;
    double loose = chance(d, 0.5) ? 0.9 : 0.2;
    bool alias = chance(d, 0.08);
    bool done = sample_read(&c, s, op, why, sizeof why) && c.n <= PROGRAM_ARGS && attributes_for(&c, l.attributes, sizeof l.attributes);
    l.n = done ? c.n : 0;
    for (int i = 0; done && i < c.n; i++) {
        program_arg *a = &l.arg[i];
        a->line = -1;
        if (!c.in[i].tensor) {
            snprintf(a->text, sizeof a->text, "%s", c.in[i].text);
            continue;
        }
        a->line = alias && same >= 0 && sample_real(&c.in[i]) ? same : line_for(d, &c.in[i], loose);
        if (sample_real(&c.in[i])) same = a->line;
        done = a->line >= 0;
    }
    sample_free(&c);
    done = done && add_line(d, &l) >= 0;
    if (!done) drop_to(d->p, before);
    return done;
}

static bool takes(const drawing *d, const wg_sample *s) { return !s->refused && (d->p->kinks || !s->kink); }

static const wg_sample *some_sample(drawing *d, const wg_op *op)
{
    int n = 0, seen = 0;
    for (const wg_sample *s = op->samples; s && s->call; s++) n += takes(d, s);
    int64_t which = n ? below(d, n) : 0;
    for (const wg_sample *s = op->samples; s && s->call; s++)
        if (takes(d, s) && seen++ == which) return s;
    return NULL;
}

bool program_callable(const wg_op *op) { return op->kind != WG_EFFECT && op->kind != WG_LEAF; }

static const wg_op *some_op(drawing *d)
{
    int n = 0;
    while (wg__ops[n]) n++;
    for (;;) {
        const wg_op *op = wg__ops[below(d, n)];
        if (program_callable(op)) return op;
    }
}

static bool first_leaves(drawing *d)
{
    static const int64_t small[][4] = {{0}, {1, 1}, {1, 3}, {1, 4}, {2, 2, 3}, {2, 3, 3}, {2, 3, 2}, {3, 2, 3, 4}, {2, 1, 4}, {1, 17}};
    static const int64_t large[][4] = {{1, 30000}, {2, 150, 200}, {3, 64, 20, 25}, {2, 20000, 3}};
    for (int64_t n = 2 + below(d, 2); n > 0; n--) {
        const int64_t *s = d->p->large ? large[below(d, 4)] : small[below(d, 10)];
        if (add_normal(d, wg_shape_of(s + 1, (size_t)s[0])) < 0) return false;
    }
    return true;
}

/* Leaves that nothing reads are no part of the program. */
static void forget_leaves(program *p)
{
    for (int k = p->n - 1; k >= 0; k--) {
        if (p->line[k].op || program_reads(p, k)) continue;
        wg_array_free(&p->line[k].value);
        memmove(&p->line[k], &p->line[k + 1], (size_t)(p->n - k - 1) * sizeof *p->line);
        p->n--;
        for (int j = k; j < p->n; j++)
            for (int i = 0; i < p->line[j].n; i++) p->line[j].arg[i].line -= p->line[j].arg[i].line > k;
    }
}

bool program_draw(program *p, uint32_t seed)
{
    drawing d = {.p = p, .rng = wg_rng_new(seed)};
    *p = (program){.seed = seed};
    if (!d.rng) return false;
    p->large = chance(&d, 0.04);
    p->kinks = chance(&d, 0.15);
    double u = wg_rng_uniform(d.rng);
    int ops = 3 + (int)((p->large ? 8 : 38) * u * u); /* short ones rather */
    bool done = first_leaves(&d);
    for (int tries = 0; done && program_ops(p) < ops && tries < TRIES * ops; tries++) {
        const wg_op *op = some_op(&d);
        const wg_sample *s = some_sample(&d, op);
        int before = p->n;
        if (s && grow(&d, op, s) && program_ops(p) > 40) drop_to(p, before);
    }
    forget_leaves(p);
    wg_rng_free(d.rng);
    return done;
}

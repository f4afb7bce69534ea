/* sample_runs.c -- a sample recorded through the text form in the guise that is asked for, differentiated, and run. */
#include "samples.h"

#include <float.h>
#include <stdlib.h>

const char *const opening_name[OPENINGS] = {"no size open", "all sizes open", "the first sizes open", "the last sizes open",
                                            "the sizes of x0 open"};

/* ---- the values as they are fed --------------------------------------------------------------------------------------- */

static bool tiled(const sample_call *c, const sample_how *how, int i)
{
    const wg_shape *s = &c->in[i].value.shape;
    return how->tile > 1 && s->rank > 0 && (i == 0 || (!how->tile_one && wg_shape_equal(*s, c->in[0].value.shape)));
}

static wg_dtype fed_dtype(const sample_input *in, const sample_how *how) { return in->value.dtype == WG_F64 ? how->real : in->value.dtype; }

/* Windows of one element less than they are apart would be no windows. */
static bool unfolds(const sample_how *how, const wg_shape *x)
{
    return how->guise == UNFOLDED && x->rank > 1 && x->dim[x->rank - 1] > 0 && x->dim[x->rank - 2] > 0;
}

/* The shape of the input that is fed, of which x is a view. */
static wg_shape fed_shape(const sample_call *c, const sample_how *how, int i)
{
    wg_shape s = c->in[i].value.shape, t = s;
    if (tiled(c, how, i)) s.dim[0] *= how->tile;
    if (how->guise == SLICED && s.rank) s.dim[s.rank - 1] *= 2;
    if (how->guise == SHIFTED && s.rank) s.dim[s.rank - 1] += 2;
    if (how->guise == REPEATED && s.rank && s.dim[0]) s.dim[0] = 1;
    if (unfolds(how, &s)) s.dim[s.rank - 2] += s.dim[s.rank - 1] - 1, s.rank--;
    if (how->guise == TRANSPOSED)
        for (int k = 0; k < t.rank; k++) s.dim[k] = t.dim[t.rank - 1 - k];
    return s;
}

/* Where element i of x lies in what is fed. */
static int64_t place(const sample_how *how, const wg_shape *x, int64_t i)
{
    int64_t last = x->rank ? x->dim[x->rank - 1] : 1, at = 0, left = i, step = 1;
    if (how->guise == SLICED && x->rank) return i / last * 2 * last + i % last * 2;
    if (how->guise == SHIFTED && x->rank) return i / last * (last + 2) + 1 + i % last;
    if (how->guise == REPEATED && x->rank) return i % (wg_shape_count(*x) / x->dim[0]);
    if (unfolds(how, x)) { /* rows of one window each, one element apart */
        int64_t rows = x->dim[x->rank - 2], row = i / last;
        return row / rows * (rows + last - 1) + row % rows + i % last;
    }
    if (how->guise == FLIPPED && x->rank) return i / last * last + last - 1 - i % last;
    if (how->guise != TRANSPOSED) return i;
    for (int k = 0; k < x->rank; k++) step *= x->dim[k];
    for (int k = x->rank - 1; k >= 0; k--) { /* the last axis of x is the first of what is fed */
        step /= x->dim[k];
        at += left % x->dim[k] * step;
        left /= x->dim[k];
    }
    return at;
}

static void copy_element(wg_array *to, int64_t i, const wg_array *from, int64_t k, bool round)
{
    size_t w = wg_dtype_size(from->dtype);
    double v = from->dtype == WG_F64 ? ((const double *)from->data)[k] : 0;
    if (from->dtype == WG_F64 && to->dtype == WG_F32) ((float *)to->data)[i] = (float)v;
    else if (from->dtype == WG_F64 && round) ((double *)to->data)[i] = (double)(float)v;
    else memcpy((char *)to->data + (size_t)i * w, (const char *)from->data + (size_t)k * w, w);
}

static bool feed_value(const sample_call *c, const sample_how *how, int i, wg_array *out)
{
    const wg_array *from = &c->in[i].value;
    if (wg_array_new(out, fed_dtype(&c->in[i], how), fed_shape(c, how, i))) return false;
    int64_t n = wg_shape_count(from->shape), copies = tiled(c, how, i) ? how->tile : 1;
    if (n > 0 && (how->guise == SLICED || how->guise == SHIFTED))
        memset(out->data, 0xff, (size_t)wg_shape_count(out->shape) * wg_dtype_size(out->dtype));
    if (out->dtype == WG_BOOL && n > 0) memset(out->data, 1, (size_t)wg_shape_count(out->shape));
    bool as_it_lies = how->guise == PACKED && !how->round && out->dtype == from->dtype && copies == 1;
    if (as_it_lies && n > 0) memcpy(out->data, from->data, (size_t)n * wg_dtype_size(out->dtype));
    for (int64_t copy = 0; copy < copies && !as_it_lies; copy++)
        for (int64_t k = 0; k < n; k++) copy_element(out, copy * n + place(how, &from->shape, k), from, k, how->round);
    return true;
}

bool sample_overlap(sample_call *c, sample_guise guise)
{
    const sample_how how = {.real = WG_F64, .guise = guise};
    for (int i = 0; i < c->n; i++) {
        wg_array fed, *x = &c->in[i].value;
        if (!c->in[i].tensor) continue;
        if (!feed_value(c, &how, i, &fed)) return false;
        int64_t n = wg_shape_count(x->shape);
        for (int64_t k = 0; k < n; k++) copy_element(x, k, &fed, place(&how, &x->shape, k), false);
        wg_array_free(&fed);
    }
    return true;
}

/* ---- the text ------------------------------------------------------------------------------------------------------------ */

static void show_shape(char *text, size_t size, size_t *used, const wg_shape *s, sample_open open)
{
    for (int k = 0; k < s->rank; k++) {
        bool is_open = open == ALL_OPEN || (open == FIRST_OPEN && k == 0) || (open == LAST_OPEN && k == s->rank - 1);
        wg__append(text, size, used, "%s", k ? ", " : "");
        if (is_open) wg__append(text, size, used, "?");
        else wg__append(text, size, used, "%lld", (long long)s->dim[k]);
    }
}

static void input_lines(const sample_call *c, const sample_how *how, int i, char *text, size_t size, size_t *used)
{
    const sample_input *in = &c->in[i];
    wg_shape s = fed_shape(c, how, i);
    bool viewed = how->guise != PACKED && (s.rank > 0 || how->guise == EXPANDED), rows = how->guise == REPEATED;
    if (how->guise == UNFOLDED) viewed = unfolds(how, &in->value.shape);
    wg__append(text, size, used, "x%d%s = input(", i, viewed ? "_fed" : "");
    if (in->low < in->high) wg__append(text, size, used, "low=%g, high=%g", in->low, in->high);
    wg__append(text, size, used, ") : %s[", wg_dtype_name(fed_dtype(in, how)));
    show_shape(text, size, used, &s, how->open != X_OPEN ? how->open : i ? CLOSED : ALL_OPEN);
    wg__append(text, size, used, "]\n");
    if (viewed && how->guise == TRANSPOSED) wg__append(text, size, used, "x%d = transpose(x%d_fed)\n", i, i);
    if (viewed && how->guise == SLICED) wg__append(text, size, used, "x%d = slice(x%d_fed; axis=-1, step=2)\n", i, i);
    if (viewed && how->guise == FLIPPED) wg__append(text, size, used, "x%d = slice(x%d_fed; axis=-1, step=-1)\n", i, i);
    if (viewed && how->guise == SHIFTED) wg__append(text, size, used, "x%d = slice(x%d_fed; axis=-1, start=1, stop=-1)\n", i, i);
    if (viewed && how->guise == UNFOLDED)
        wg__append(text, size, used, "x%d = unfold(x%d_fed; axis=-1, size=%lld, step=1)\n", i, i,
                   (long long)in->value.shape.dim[in->value.shape.rank - 1]);
    if (viewed && (how->guise == EXPANDED || rows)) {
        wg__append(text, size, used, "x%d = expand(x%d_fed; shape=[", i, i);
        show_shape(text, size, used, rows ? &in->value.shape : &how->out, CLOSED);
        wg__append(text, size, used, "])\n");
    }
}

wg_tape *sample_record(const sample_call *c, const sample_how *how, wg_tensor *y, char *why, size_t size)
{
    char text[8192];
    size_t used = 0;
    wg_tape *t = NULL;
    text[0] = 0;
    for (int i = 0; i < c->n; i++)
        if (c->in[i].tensor) {
            input_lines(c, how, i, text, sizeof text, &used);
            if (how->dead) wg__append(text, sizeof text, &used, "dead%d = cast(x%d; dtype=u8)\n", i, i);
        }
    wg__append(text, sizeof text, &used, "y = %s(", c->op->name);
    for (int i = 0; i < c->n; i++) {
        wg__append(text, sizeof text, &used, i ? ", " : "");
        if (c->in[i].tensor) wg__append(text, sizeof text, &used, "x%d", i);
        else wg__append(text, sizeof text, &used, "%s", c->in[i].text);
    }
    wg__append(text, sizeof text, &used, "%s%s)\n", c->attributes[0] ? "; " : "", c->attributes);
    if (how->dead) wg__append(text, sizeof text, &used, "dead = isfinite(full(; shape=[3], value=1))\nmore = cast(dead; dtype=f64)\n");
    wg__append(text, sizeof text, &used, "return y\n");
    if (wg_tape_parse(&t, text, used, "sample", NULL, why, size)) return wg_tape_free(t), NULL;
    *y = wg_returned(t).x[0];
    return t;
}

/* ---- running ------------------------------------------------------------------------------------------------------------- */

typedef struct running {
    const sample_call *c;
    const sample_how *how;
    wg_tape *t;
    wg_tensor y, x[SAMPLE_INPUTS], fed[SAMPLE_INPUTS], cotangent, tangent[SAMPLE_INPUTS];
    wg_array feed[SAMPLE_INPUTS], seed, along[SAMPLE_INPUTS];
    wg_tensor out[2 * SAMPLE_RESULTS];
    sample_result *r;
} running;

static wg_tensor by_name(wg_tape *t, int i, const char *tail)
{
    char name[32];
    snprintf(name, sizeof name, "x%d%s", i, tail);
    return wg_find(t, name);
}

bool sample_draw(wg_array *a, wg_dtype d, wg_shape s, uint32_t seed)
{
    wg_rng *rng = wg_rng_new(seed);
    bool done = rng && !wg_array_new(a, d, s);
    for (int64_t i = 0, n = done ? wg_shape_count(s) : 0; i < n; i++) sample_set(a, i, wg_rng_normal(rng), 0);
    wg_rng_free(rng);
    return done;
}

/* Of x's type as it was recorded. */
static wg_tensor input_like(running *run, const char *name, wg_tensor x)
{
    wg_shape s = wg_shape_get(x);
    for (int i = 0; i < s.rank; i++)
        if (s.dim[i] < 0) s.dim[i] = WG_ANY;
    return (wg_input)(run->t, name, wg_dtype_get(x), s);
}

static int real_inputs(const running *run, wg_tensor *x, int *which)
{
    int n = 0;
    for (int i = 0; i < run->c->n; i++)
        if (sample_real(&run->c->in[i])) which[n] = i, x[n++] = run->x[i];
    return n;
}

static bool push_forward(running *run)
{
    wg_tensor x[SAMPLE_INPUTS], u[SAMPLE_INPUTS];
    int which[SAMPLE_INPUTS], n = real_inputs(run, x, which);
    for (int k = 0; k < n; k++) {
        char name[32];
        int i = which[k];
        snprintf(name, sizeof name, "tangent%d", i);
        u[k] = run->tangent[i] = input_like(run, name, x[k]);
        if (!sample_draw(&run->along[i], run->feed[i].dtype, run->c->in[i].value.shape, (uint32_t)(TANGENT + i))) return false;
    }
    for (int k = 0; k < n + (n > 1); k++) {
        run->out[run->r->n] = k < n ? wg_jvps(run->y, &x[k], &u[k], 1) : wg_jvps(run->y, x, u, (size_t)n);
        run->r->input[run->r->n++] = k < n ? which[k] : -1;
    }
    return true;
}

/* The gradient of what the cotangent makes of y, for every real input; then of the sum of those. */
static bool differentiate(running *run)
{
    wg_tensor x[SAMPLE_INPUTS], g[SAMPLE_INPUTS], sum = WG_NONE;
    int which[SAMPLE_INPUTS], n = real_inputs(run, x, which);
    if (!wg_dtype_real(wg_dtype_get(run->y)) || !n || run->how->any_rank) return true;
    if (run->how->forward) return push_forward(run);
    run->cotangent = input_like(run, "cotangent", run->y);
    if (wg_vjps(run->y, run->cotangent, x, (size_t)n, g)) return false;
    for (int k = 0; k < n; k++) {
        run->out[run->r->n] = g[k];
        run->r->input[run->r->n++] = which[k];
        if (wg_dtype_get(g[k]) != WG_F64) continue; /* mixed dtypes: cast */
        wg_tensor term = (wg_sum)((wg_mul)(g[k], g[k]));
        sum = sum.tape ? (wg_add)(sum, term) : term;
    }
    if (!run->how->order_two || !sum.tape) return true;
    if (wg_grads(sum, x, (size_t)n, g)) return false;
    for (int k = 0; k < n; k++) {
        run->out[run->r->n] = g[k];
        run->r->input[run->r->n++] = which[k];
    }
    return true;
}

static bool prepare_feeds(running *run)
{
    for (int i = 0; i < run->c->n; i++) {
        if (!run->c->in[i].tensor) continue;
        run->x[i] = by_name(run->t, i, "");
        run->fed[i] = by_name(run->t, i, "_fed");
        if (!wg_ok(run->fed[i])) run->fed[i] = run->x[i];
        if (run->how->guise == EXPANDED) run->x[i] = run->fed[i]; /* the gradient in what is expanded */
        if (!feed_value(run->c, run->how, i, &run->feed[i])) return false;
    }
    return true;
}

static bool fill_cotangent(running *run)
{
    const sample_how *how = run->how;
    wg_shape s = how->open ? how->out : wg_shape_get(run->y);
    const wg_array *given = how->cotangent;
    if (!run->cotangent.tape || (given && given->dtype == wg_dtype_get(run->y))) return true;
    if (how->drawn) {
        if (!sample_draw(&run->seed, wg_dtype_get(run->y), s, COTANGENT)) return false;
        for (int64_t i = how->round ? wg_shape_count(s) : 0; i-- > 0;)
            sample_set(&run->seed, i, (double)(float)wg_array_at(&run->seed, i), 0);
        return true;
    }
    if (wg_array_new(&run->seed, wg_dtype_get(run->y), s)) return false;
    for (int64_t i = 0, n = wg_shape_count(s); i < n; i++) sample_set(&run->seed, i, given ? wg_array_at(given, i) : 1, 0);
    return true;
}

static bool keep(wg_array *to, const wg_array *from)
{
    if (wg_array_new(to, from->dtype, from->shape)) return false;
    int64_t n = wg_shape_count(from->shape);
    if (n > 0) memcpy(to->data, from->data, (size_t)n * wg_dtype_size(from->dtype));
    return true;
}

static bool feed_all(const running *run, wg_plan *p)
{
    bool done = true;
    for (int i = 0; done && i < run->c->n; i++) {
        if (run->c->in[i].tensor) done = !wg_feed(p, run->fed[i], run->feed[i]);
        if (done && run->tangent[i].tape) done = !wg_feed(p, run->tangent[i], run->along[i]);
    }
    return done && (!run->cotangent.tape || !wg_feed(p, run->cotangent, run->seed.dtype ? run->seed : *run->how->cotangent));
}

static void turn_round(wg_array *a)
{
    size_t w = a->data ? wg_dtype_size(a->dtype) : 0;
    char *low = a->data, *high = w ? low + (size_t)wg_shape_count(a->shape) * w : low;
    for (; w && low + w < high; low += w) {
        high -= w;
        for (size_t k = 0; k < w; k++) {
            char c = low[k];
            low[k] = high[k];
            high[k] = c;
        }
    }
}

/* Runs with other values, and fails with some: nothing of it may be left. */
static bool run_otherwise(running *run, wg_plan *p)
{
    if (wg_run(p)) return false;
    for (int i = 0; i < run->c->n; i++) turn_round(&run->feed[i]);
    wg_run(p);
    for (int i = 0; i < run->c->n; i++) turn_round(&run->feed[i]);
    return true;
}

static bool keep_all(running *run, wg_plan *p)
{
    int kept = 0, n = run->r->n;
    for (wg_array a; kept < n; kept++)
        if (wg_read(p, run->out[kept], &a) || !keep(&run->r->out[kept], &a)) break;
    run->r->n = kept;
    return kept == n;
}

static sample_status run_plan(running *run, char *why, size_t size)
{
    wg_plan *p = wg_plan_create(&(wg_plan_options){
        .outputs = {run->out, (size_t)run->r->n}, .isa = run->how->isa, .without = run->how->without, .threads = run->how->threads});
    if (!p) return snprintf(why, size, "no plan: %s", wg_error(run->t)), NOT_RECORDED;
    bool done = fill_cotangent(run) && feed_all(run, p);
    done = done && (!run->how->replay || run_otherwise(run, p)) && !wg_run(p);
    if (done && run->how->fences) {
        done = !run->r->draws || keep_all(run, p);
        fences_set(p);
        done = done && !wg_run(p);
        if (done && !fences_stand(p, why, size)) return NOT_RUN;
    }
    done = done && ((run->how->fences && run->r->draws) || keep_all(run, p));
    if (!done) snprintf(why, size, "%s", wg_plan_error(p) ? wg_plan_error(p) : "the run failed and does not say why");
    return done ? RAN : NOT_RUN;
}

/* What was recorded of the result's sizes, some of them open: one that is known is so, one that is an input's is as large. */
static bool foreseen(const running *run)
{
    const wg_shape *y = wg__node(run->y)->shape;
    for (int d = 0; d < y->rank; d++) {
        if (y->dim[d] >= 0 && y->dim[d] != run->how->out.dim[d]) return false;
        for (int i = 0; y->dim[d] < 0 && i < run->c->n; i++) {
            const sample_input *in = &run->c->in[i];
            const wg_shape *x = in->tensor ? wg__node(by_name(run->t, i, ""))->shape : NULL;
            for (int k = 0; x && k < x->rank; k++)
                if (x->dim[k] == y->dim[d] && in->value.shape.dim[k] != run->how->out.dim[d]) return false;
        }
    }
    return true;
}

/* What there is in it, of which a test may have to know. */
static void look_at_nodes(running *run)
{
    const wg_tape *t = run->t;
    for (size_t i = 0; i < t->count; i++) {
        const wg_node *n = &t->node[i];
        run->r->products |= n->op->product;
        run->r->draws |= n->op->keyed != 0;
        for (uint32_t k = 0; n->derivative && wg_ok(run->y) && k < n->n; k++)
            run->r->reads_value |= wg__edges(t, n)[k] == wg__index(run->y) && !wg__shape_only(n->op, k);
    }
}

static bool beyond_f32(const wg_array *a)
{
    bool any = false;
    for (int64_t i = wg_shape_count(a->shape); i-- > 0;) any |= isfinite(wg_array_at(a, i)) && fabs(wg_array_at(a, i)) > (double)FLT_MAX;
    return any;
}

/* Runs it once more, every node an output. */
static void look_inside(running *run)
{
    size_t n = wg_tape_size(run->t);
    wg_tensor *all = calloc(n, sizeof *all);
    for (size_t i = 0; all && i < n; i++) all[i] = wg_tape_node(run->t, i);
    wg_plan *p = all ? wg_plan_create(&(wg_plan_options){.outputs = {all, n}}) : NULL;
    bool done = p && feed_all(run, p) && !wg_run(p);
    for (size_t i = 0; done && i < n; i++) {
        wg_array a;
        if (wg_dtype_real(wg_dtype_get(all[i])) && !wg_read(p, all[i], &a)) run->r->beyond |= beyond_f32(&a);
    }
    free(all);
}

sample_status sample_run(const sample_call *c, const sample_how *how, sample_result *r, char *why, size_t size)
{
    running run = {.c = c, .how = how, .r = r};
    sample_status status = RAN;
    *r = (sample_result){.n = 0};
    run.t = sample_record(c, how, &run.y, why, size);
    if (!run.t) return NOT_RECORDED;
    if (how->define) {
        const wg_node *n = wg__node(run.y);
        wg_tensor y = n->op == c->op && n->op->define ? wg__expand(run.t, wg__index(run.y)) : WG_NONE;
        if (!y.tape) status = NO_DEFINITION;
        run.y = y;
    }
    run.out[0] = run.y;
    r->n = 1;
    if (status == RAN && how->open && !how->any_rank &&
        wg_shape_get(run.y).rank != how->out.rank) { /* squeeze cannot know which sizes are 1 */
        snprintf(why, size, "%s: recorded with %d axes", c->op->name, wg_shape_get(run.y).rank);
        status = NOT_RECORDED;
    } else if (status == RAN && how->open && !how->any_rank && !foreseen(&run)) {
        snprintf(why, size, "%s: what was recorded of its sizes is not so", c->op->name);
        status = NOT_RUN;
    }
    if (status == RAN && (!prepare_feeds(&run) || !differentiate(&run) || wg_error(run.t))) {
        snprintf(why, size, "%s", wg_error(run.t) ? wg_error(run.t) : "out of memory");
        status = NOT_RECORDED;
    }
    look_at_nodes(&run);
    if (status == RAN) status = run_plan(&run, why, size);
    else r->n = 0;
    if (status == RAN && how->inside) look_inside(&run);
    for (int i = 0; i < c->n; i++) wg_array_free(&run.feed[i]), wg_array_free(&run.along[i]);
    wg_array_free(&run.seed);
    wg_tape_free(run.t);
    return status;
}

void sample_result_free(sample_result *r)
{
    for (int i = 0; i < r->n; i++) wg_array_free(&r->out[i]);
    r->n = 0;
}

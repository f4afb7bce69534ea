/* trial_laws.c -- what holds for every op at every sample, whichever it is: the reverse sweep is linear in the cotangent; forward mode is
 * linear in the tangents, one alone or all together, and its transpose; an operand that broadcasts is that operand expanded; a
 * plan that ran with other values runs as if it had not; sizes that are known only when it runs change nothing. And of an op as a whole:
 * that it is linear in an input it says, for forward mode is then the op itself. */
#include "trial.h"

/* Not where a gradient is a sum over places, which may cancel; nor where 1e20 is beside 1, or f32 is all there is: what that rounds
 * is not known then. */
static bool has_gradients(const trial *t)
{
    return !has_f32(&t->v->call) && t->base.n > 1 && !t->v->aliased && (t->op->kind == WG_ELEMENTWISE || t->v->values != LARGE);
}

static bool run_so(trial *t, const char *law, const sample_how *how, sample_result *r)
{
    char why[600] = "";
    if (sample_run(&t->v->call, how, r, why, sizeof why) == RAN) return true;
    return complain(t, "%s: %s", law, why), false;
}

/* ---- linear in the cotangent ----------------------------------------------------------------------------------------------- */

/* g(2 u - 3 v) against 2 g(u) - 3 g(v) */
static void mixes(trial *t, const sample_result *u, const sample_result *v, const sample_result *mixed)
{
    for (int k = 1; k < mixed->n; k++) {
        const wg_array *a = &u->out[k], *b = &v->out[k];
        wg_array want;
        if (wg_array_new(&want, a->dtype, a->shape)) return;
        for (int64_t i = wg_shape_count(a->shape); i-- > 0;)
            sample_set(&want, i, TWICE * wg_array_at(a, i) + THRICE * wg_array_at(b, i), 0);
        double most = TWICE * largest(a) - THRICE * largest(b);
        bool same = adds_to(t, "the gradient of a mixed cotangent", &mixed->out[k], &want, most, 5 * rounding_of(t, k));
        wg_array_free(&want);
        if (!same) return;
    }
}

static void check_linear(trial *t)
{
    static const char law[] = "another cotangent";
    const wg_array *y = &t->base.out[0];
    wg_array v = {0}, w = {0};
    sample_result other = {.n = 0}, mixed = {.n = 0};
    if (!has_gradients(t)) return;
    bool done = mixed_cotangent(y, ONE_OTHER, &v) && mixed_cotangent(y, MIXED, &w) &&
                run_so(t, law, &(sample_how){.real = WG_F64, .cotangent = &v}, &other) &&
                run_so(t, law, &(sample_how){.real = WG_F64, .cotangent = &w}, &mixed);
    if (done) mixes(t, &t->base, &other, &mixed);
    sample_result_free(&other);
    sample_result_free(&mixed);
    wg_array_free(&v);
    wg_array_free(&w);
}

/* ---- forward mode ------------------------------------------------------------------------------------------------------------ */

/* v . (J u) = u . (v J), of the k-th real input alone */
static bool transposed(trial *t, const sample_result *forward, int k, const wg_array *v)
{
    const wg_array *g = &t->base.out[k], *y = &forward->out[k];
    int i = t->base.input[k];
    double there = 0, back = 0, size = 0, along = 0;
    wg_array u;
    if (!sample_draw(&u, g->dtype, g->shape, (uint32_t)(TANGENT + i))) return false;
    for (int64_t e = wg_shape_count(y->shape); e-- > 0;) {
        double term = wg_array_at(v, e) * wg_array_at(y, e);
        there += term;
        size += fabs(term);
    }
    for (int64_t e = wg_shape_count(g->shape); e-- > 0;) {
        double term = wg_array_at(&u, e) * wg_array_at(g, e);
        back += term;
        size += fabs(term);
        along += fabs(wg_array_at(&u, e));
    }
    wg_array_free(&u);
    double unit_here = fmax(unit_of(g), unit_of(y)), off = fabs(there - back);
    if (!isfinite(size) || off <= ulps_of(t) * (unit_here * size + 2 * rounding_of(t, k) * along)) return true;
    return complain(t, "forward mode along x%d gives %.17g, reverse mode %.17g", i, there, back), false;
}

static void adds_up(trial *t, const sample_result *r)
{
    int all = r->n - 1;
    const wg_array *y = &r->out[all];
    wg_array sum;
    double most = 0, shake = 0;
    if (r->input[all] >= 0 || wg_array_new(&sum, y->dtype, y->shape)) return;
    for (int k = 1; k < all; k++) {
        for (int64_t i = wg_shape_count(y->shape); i-- > 0;)
            sample_set(&sum, i, (k > 1 ? wg_array_at(&sum, i) : 0) + wg_array_at(&r->out[k], i), 0);
        most += largest(&r->out[k]);
        shake += rounding_of(t, k);
    }
    adds_to(t, "along all inputs at once", y, &sum, most, shake);
    wg_array_free(&sum);
}

static void check_forward(trial *t)
{
    sample_result r = {.n = 0};
    wg_array v = {0};
    if (!has_gradients(t)) return;
    bool done = run_so(t, "forward mode", &(sample_how){.real = WG_F64, .forward = true}, &r) &&
                sample_draw(&v, t->base.out[0].dtype, t->base.out[0].shape, COTANGENT);
    for (int k = 1; done && k < t->base.n; k++) done = transposed(t, &r, k, &v);
    if (done) adds_up(t, &r);
    sample_result_free(&r);
    wg_array_free(&v);
}

/* ---- the same, said otherwise -------------------------------------------------------------------------------------------------- */

static void check_expanded(trial *t)
{
    const wg_array *y = &t->base.out[0];
    bool differs = false;
    if (t->op->kind != WG_ELEMENTWISE || t->v->aliased || !wg_shape_count(y->shape)) return; /* 0 NaN may be put before a sum of none */
    for (int i = 0; i < t->v->call.n; i++) differs |= t->v->call.in[i].tensor && !wg_shape_equal(t->v->call.in[i].value.shape, y->shape);
    if (differs)
        check_run(t, "expanded operands", &(sample_how){.real = WG_F64, .drawn = true, .guise = EXPANDED, .out = y->shape}, &t->base, ULPS,
                  ulps_of(t));
}

static void check_replay(trial *t)
{
    if (t->base.draws) return;
    check_run(t, "run once more", &(sample_how){.real = WG_F64, .drawn = true, .replay = true}, &t->base, EXACT, 0);
}

/* A rule may want to know a size when it is recorded, and then says so; but what is recorded must run. */
static void check_open(trial *t)
{
    char why[600] = "";
    sample_result r = {.n = 0};
    sample_how how = {.real = WG_F64, .drawn = true, .out = t->base.out[0].shape};
    how.open = (sample_open)(1 + t->samples % (OPENINGS - 1));
    sample_status s = sample_run(&t->v->call, &how, &r, why, sizeof why);
    if (s == NOT_RUN) complain(t, "%s: %s", opening_name[how.open], why);
    bool masks = t->op->kind == WG_BLOCK && t->v->values >= LARGE; /* what is masked may be skipped or multiplied by 0 */
    if (s == RAN)
        t->open += results_agree(t, opening_name[how.open], &r, &t->base, ULPS, ulps_of(t), t->v->aliased || masks ? 1 : t->base.n);
    sample_result_free(&r);
}

void check_laws(trial *t)
{
    check_linear(t);
    check_forward(t);
    check_expanded(t);
    check_replay(t);
    check_open(t);
}

/* ---- linear in an input -------------------------------------------------------------------------------------------------------- */

enum { U, V, BOTH, CALLS };

/* c three times: with normal numbers in the inputs of `mask`, with others, with 2 of those - 3 of these. */
static bool mixed_calls(const sample_call *c, uint64_t mask, wg_rng *rng, sample_call call[CALLS])
{
    bool done = true;
    for (int k = 0; k < CALLS; k++) done = call_copy(&call[k], c) && done;
    for (int i = 0; done && i < c->n; i++)
        for (int64_t e = mask >> i & 1 ? wg_shape_count(c->in[i].value.shape) : 0; e-- > 0;) {
            double u = wg_rng_normal(rng), v = wg_rng_normal(rng);
            sample_set(&call[U].in[i].value, e, u, 0);
            sample_set(&call[V].in[i].value, e, v, 0);
            sample_set(&call[BOTH].in[i].value, e, TWICE * u + THRICE * v, 0);
        }
    return done;
}

/* Whether f(2 u - 3 v) = 2 f(u) - 3 f(v); *says: whether that says anything. */
static bool mixes_so(const sample_result r[CALLS], double ulps, bool *says)
{
    const wg_array *u = &r[U].out[0], *v = &r[V].out[0], *both = &r[BOTH].out[0];
    double most = TWICE * largest(u) - THRICE * largest(v);
    *says = false;
    if (!wg_dtype_real(u->dtype)) return true;
    for (int64_t e = wg_shape_count(u->shape); e-- > 0;) {
        double off = wg_array_at(both, e) - TWICE * wg_array_at(u, e) - THRICE * wg_array_at(v, e);
        if (!isfinite(off)) return true;
        *says |= wg_array_at(u, e) != 0;
        if (fabs(off) > 8 * ulps * unit_of(u) * most) return false;
    }
    return true;
}

/* Whether v . f(u) is g . u, g what the reverse sweep makes of the cotangent v: an op may say otherwise. */
static bool derives_so(const sample_result *r, uint64_t mask, const sample_call *at, double ulps)
{
    const wg_array *y = &r->out[0];
    wg_array v;
    double there = 0, back = 0, size = 0;
    if (sample_draw(&v, y->dtype, y->shape, COTANGENT))
        for (int64_t e = wg_shape_count(y->shape); e-- > 0;) {
            there += wg_array_at(&v, e) * wg_array_at(y, e);
            size += fabs(wg_array_at(&v, e) * wg_array_at(y, e));
        }
    wg_array_free(&v);
    for (int k = 1; k < r->n; k++) {
        const wg_array *u = &at->in[r->input[k]].value;
        for (int64_t e = mask >> r->input[k] & 1 ? wg_shape_count(u->shape) : 0; e-- > 0;)
            back += wg_array_at(&r->out[k], e) * wg_array_at(u, e);
    }
    return fabs(there - back) <= 64 * ulps * unit_of(y) * size;
}

static bool linear_in(const generator *g, int sample, uint64_t mask, bool *says)
{
    char why[600];
    sample_call call[CALLS];
    sample_result r[CALLS];
    double ulps = g->of[sample]->ulps > 0 ? g->of[sample]->ulps : 8;
    bool done = mixed_calls(&g->base[sample], mask, g->rng, call);
    for (int k = 0; k < CALLS; k++) {
        r[k] = (sample_result){.n = 0};
        sample_how how = {.real = WG_F64, .drawn = true, .any_rank = k != U};
        done = done && sample_run(&call[k], &how, &r[k], why, sizeof why) == RAN;
    }
    bool linear = !done || (mixes_so(r, ulps, says) && (!*says || derives_so(&r[U], mask, &call[U], ulps)));
    for (int k = 0; k < CALLS; k++) sample_result_free(&r[k]), sample_free(&call[k]);
    return linear;
}

/* Found on all of the op's own samples, of each input and of all together. Where there is a definition, a .jvp or a .slope, forward mode is
 * made of that. */
void check_says_linear(trial *t, const generator *g)
{
    const wg_op *op = t->op;
    uint32_t tested = 0, bent = 0, alone = op->linear | op->multilinear, together = 0;
    bool all_tested = false, all_bent = false;
    if (op->kind == WG_ELEMENTWISE || op->jvp || op->constant || (op->define && !op->define_when)) return;
    for (int k = 0; k < g->n; k++) {
        uint64_t all = 0;
        bool says = false;
        for (int i = 0; i < g->base[k].n; i++) {
            uint32_t bit = op->variadic ? 1u : 1u << i;
            if (!sample_real(&g->base[k].in[i]) || op->shape_only & bit) continue;
            all |= (uint64_t)1 << i;
            together |= bit;
            says = false;
            if (bent & bit) continue;
            if (!linear_in(g, k, (uint64_t)1 << i, &says)) bent |= bit;
            tested |= says ? bit : 0;
        }
        says = false;
        if (!all_bent && !linear_in(g, k, all, &says)) all_bent = true;
        all_tested |= says;
    }
    uint32_t silent = tested & ~bent & ~alone;
    if (silent) complain(t, "is linear in input %d, and does not say so", __builtin_ctz(silent));
    if (all_tested && !all_bent && together & ~op->linear) complain(t, "is linear in all its inputs together, and does not say so");
}

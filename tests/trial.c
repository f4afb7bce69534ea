/* trial.c -- what the parts of test_categories.c share: see trial.h. */
#include "trial.h"

#include <float.h>
#include <stdarg.h>

enum { WAYS = 2 * MIXES, SLIGHT = -30 }; /* in one way changes, or roundings, may cancel */

void complain(trial *t, const char *format, ...)
{
    char text[1200];
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    t->failures++;
    wg__append(t->first, sizeof t->first, &t->used, "\n  %s: %s%s%s", t->op->name, t->v ? t->v->label : "", t->v ? ": " : "", text);
}

/* How far got is from want, scaled; all the way where one is a NaN or infinite and the other is not so (1 - 1 under a fraction). */
static void measure_apart(const sample_result *got, const sample_result *want, double *apart)
{
    for (int k = 0; k < want->n && k < got->n; k++) {
        int64_t n = wg_dtype_real(want->out[k].dtype) ? wg_shape_count(want->out[k].shape) : 0;
        for (int64_t e = 0; e < n; e++) {
            double x = wg_array_at(&got->out[k], e), y = wg_array_at(&want->out[k], e);
            if (x == y || (isnan(x) && isnan(y))) continue;
            apart[k] = fmax(apart[k], isfinite(x - y) ? ldexp(fabs(x - y), -SLIGHT - (DBL_MANT_DIG - 1)) : (double)INFINITY);
        }
    }
}

/* On a line as short as this a smooth function has no bend but rounding's; a kink at its end is none in it. */
static void measure_bend(const sample_result *step, double *bend)
{
    for (int k = 0; k < step[0].n; k++) {
        const wg_array *a = step[0].out + k, *b = step[1].out + k, *c = step[2].out + k;
        int64_t n = wg_dtype_real(a->dtype) ? wg_shape_count(a->shape) : 0;
        for (int64_t e = 0; e < n; e++) {
            double d = fabs(wg_array_at(a, e) - 2 * wg_array_at(b, e) + wg_array_at(c, e)) / 2;
            if (isfinite(d)) bend[k] = fmax(bend[k], d);
        }
    }
}

bool has_f32(const sample_call *c)
{
    bool some = false;
    for (int i = 0; i < c->n; i++) some |= c->in[i].tensor && c->in[i].value.dtype == WG_F32;
    return some;
}

/* In f64, each times 1 + or - 2^-30, so often. */
static bool shake(wg_array *a, wg_rng *rng, int often)
{
    wg_array wide;
    if (wg_array_new(&wide, WG_F64, a->shape)) return false;
    for (int64_t e = wg_shape_count(a->shape); e-- > 0;) {
        double by = ldexp(wg_rng_integer(rng, 2) ? often : -often, SLIGHT);
        sample_set(&wide, e, wg_array_at(a, e) * (1 + by), 0);
    }
    wg_array_free(a);
    *a = wide;
    return true;
}

bool mixed_cotangent(const wg_array *y, int mix, wg_array *out)
{
    wg_array other = {0};
    bool done = sample_draw(out, y->dtype, y->shape, mix == ONE_OTHER ? COTANGENT + 1 : COTANGENT);
    done = done && (mix != MIXED || sample_draw(&other, y->dtype, y->shape, COTANGENT + 1));
    for (int64_t e = done && mix == MIXED ? wg_shape_count(y->shape) : 0; e-- > 0;)
        sample_set(out, e, TWICE * wg_array_at(out, e) + THRICE * wg_array_at(&other, e), 0);
    wg_array_free(&other);
    return done;
}

static bool run_shaken(const trial *t, int way, int often, sample_result *r)
{
    char why[600];
    sample_call c = {.n = 0};
    wg_array v = {0};
    const wg_array *y = &t->base.out[0];
    wg_rng *rng = wg_rng_new((uint32_t)(11 + way));
    bool done = rng && call_copy(&c, &t->v->call) && (!wg_dtype_real(y->dtype) || mixed_cotangent(y, way % MIXES, &v));
    for (int i = 0; done && i < c.n; i++) done = !sample_real(&c.in[i]) || shake(&c.in[i].value, rng, often);
    if (done && v.dtype) done = shake(&v, rng, often);
    done = done && sample_run(&c, &(sample_how){.real = WG_F64, .cotangent = v.dtype ? &v : NULL}, r, why, sizeof why) == RAN;
    wg_array_free(&v);
    sample_free(&c);
    wg_rng_free(rng);
    return done;
}

static void measure_way(trial *t, int way)
{
    enum { STEPS = 3 };
    sample_result step[STEPS] = {{.n = 0}};
    bool done = true;
    for (int i = 0; i < STEPS; i++) done = run_shaken(t, way, i + 1, &step[i]) && done;
    if (done && !way && !has_f32(&t->v->call)) measure_apart(&step[0], &t->base, t->shake);
    if (done) measure_apart(&step[1], &step[0], t->shake), measure_bend(step, t->shake);
    for (int i = 0; i < STEPS; i++) sample_result_free(&step[i]);
}

/* What its derivative makes of a value that is rounded: 1 - y has a unit of y's last place, however little is left of it. */
static void measure_value(trial *t)
{
    wg_array v;
    const wg_array *y = &t->base.out[0];
    if (!sample_draw(&v, y->dtype, y->shape, COTANGENT)) return;
    for (int k = 1; k < t->base.n; k++) t->shake[k] = DBL_EPSILON * largest(y) * largest(&v);
    wg_array_free(&v);
}

void measure_shake(trial *t)
{
    memset(t->shake, 0, sizeof t->shake);
    if (t->base.reads_value) measure_value(t);
    for (int way = 0; way < WAYS; way++) measure_way(t, way);
}

/* As the sample states, for sums of up to 64 terms; a sum of n adds up about sqrt(n) roundings. */
double ulps_of(const trial *t)
{
    double most = 0, stated = t->v->of->ulps > 0 ? t->v->of->ulps : 8;
    for (int i = 0; i < t->v->call.n; i++)
        if (t->v->call.in[i].tensor) most = fmax(most, (double)wg_shape_count(t->v->call.in[i].value.shape));
    return t->op->kind == WG_ELEMENTWISE ? stated : stated * fmax(1, sqrt(most) / 8);
}

/* A formula with a 1 in it (1 - p, 1 - cos) rounds where that does, however small what is left of it. */
double rounding_of(const trial *t, int k) { return t->op->kind == WG_BLOCK ? fmax(t->shake[k], DBL_EPSILON) : t->shake[k]; }

/* Whether each is as near as `much` changes of the inputs by a unit of their last place could bring it. */
static bool within(const wg_array *got, const wg_array *want, double much, double shake)
{
    bool coarse = got->dtype == WG_F32 || want->dtype == WG_F32;
    int64_t n = wg_shape_count(got->shape);
    if (!wg_shape_equal(got->shape, want->shape) || !wg_dtype_real(got->dtype)) return false;
    for (int64_t i = 0; i < n; i++) {
        double x = wg_array_at(got, i), y = wg_array_at(want, i), room = much * (coarse ? ldexp(shake, 29) : shake);
        if (coarse && !isfinite(x) && !isfinite(y)) continue;             /* which of them may depend on what is 0 in f64 only */
        if (coarse && fmax(fabs(x), fabs(y)) < (double)FLT_MIN) continue; /* nor has f32 all digits there */
        if (!(x == y || isinf(room) || (isnan(x) && isnan(y)) || fabs(x - y) <= room || (coarse && fabs(y) > (double)3.4e38f)))
            return false;
    }
    return true;
}

bool results_agree(trial *t, const char *what, const sample_result *got, const sample_result *want, measure how, double much, int n)
{
    char why[600];
    if (got->n < n || want->n < n) return complain(t, "%s: not all was computed", what), false;
    for (int k = 0; k < n; k++) {
        if (sample_agree(&got->out[k], &want->out[k], how, much, why, sizeof why)) continue;
        if (how == ULPS && within(&got->out[k], &want->out[k], much, rounding_of(t, k))) continue;
        if (k) complain(t, "%s: gradient in x%d%s", what, want->input[k], why);
        else complain(t, "%s: value%s", what, why);
        return false;
    }
    return true;
}

void check_run(trial *t, const char *what, const sample_how *how, const sample_result *want, measure m, double much)
{
    char why[600] = "";
    sample_result r;
    if (sample_run(&t->v->call, how, &r, why, sizeof why) != RAN) complain(t, "%s: %s", what, why);
    else results_agree(t, what, &r, want, m, much, want->n);
    sample_result_free(&r);
}

double unit_of(const wg_array *a) { return a->dtype == WG_F32 ? (double)FLT_EPSILON : DBL_EPSILON; }

double largest(const wg_array *a)
{
    double most = 0;
    for (int64_t i = wg_shape_count(a->shape); i-- > 0;)
        if (isfinite(wg_array_at(a, i))) most = fmax(most, fabs(wg_array_at(a, i)));
    return most;
}

bool adds_to(trial *t, const char *what, const wg_array *got, const wg_array *want, double most, double shake)
{
    double room = ulps_of(t) * (fmax(unit_of(got), unit_of(&t->base.out[0])) * most + shake);
    for (int64_t i = 0, n = wg_shape_count(want->shape); i < n; i++) {
        double x = wg_array_at(got, i), y = wg_array_at(want, i);
        if (!isfinite(y) || fabs(x - y) <= room) continue;
        return complain(t, "%s[%lld] is %.17g, must be %.17g, off by %.3g", what, (long long)i, x, y, fabs(x - y)), false;
    }
    return true;
}

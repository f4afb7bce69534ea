/* trial.c -- what the parts of test_categories.c share: see trial.h. */
#include "trial.h"

#include <float.h>
#include <stdarg.h>

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

/* How far the results of another run are from those of the base, times 2^power. */
static void measure_run(const trial *t, const sample_call *c, wg_dtype real, int power, double *apart)
{
    char why[600];
    sample_result r;
    bool done = sample_run(c, &(sample_how){.real = real, .drawn = true}, &r, why, sizeof why) == RAN && r.n == t->base.n;
    for (int k = 0; done && k < t->base.n; k++) {
        int64_t n = wg_dtype_real(r.out[k].dtype) ? wg_shape_count(r.out[k].shape) : 0;
        for (int64_t e = 0; e < n; e++) {
            double d = fabs(wg_array_at(&r.out[k], e) - wg_array_at(&t->base.out[k], e));
            if (isfinite(d)) apart[k] = fmax(apart[k], ldexp(d, power));
        }
    }
    sample_result_free(&r);
}

static bool shake(trial *t, uint32_t way)
{
    sample_call shaken;
    wg_rng *rng = wg_rng_new(11 + way);
    if (!rng || !call_copy(&shaken, &t->v->call)) return wg_rng_free(rng), false;
    for (int i = 0; i < shaken.n; i++)
        for (int64_t e = sample_real(&shaken.in[i]) ? wg_shape_count(shaken.in[i].value.shape) : 0; e-- > 0;)
            sample_set(&shaken.in[i].value, e, wg_array_at(&shaken.in[i].value, e) * (1 + ldexp(wg_rng_integer(rng, 2) ? 1 : -1, -30)), 0);
    measure_run(t, &shaken, WG_F64, -22, t->shake);
    sample_free(&shaken);
    wg_rng_free(rng);
    return true;
}

bool measure_shake(trial *t)
{
    memset(t->shake, 0, sizeof t->shake);
    memset(t->noise, 0, sizeof t->noise);
    for (uint32_t way = 0; way < 3; way++) /* in one way the changes may cancel too */
        if (!shake(t, way)) return false;
    measure_run(t, &t->v->call, WG_F32, FLT_MANT_DIG - DBL_MANT_DIG, t->noise);
    return true;
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
static double floor_of(const trial *t, double shake) { return t->op->kind == WG_BLOCK ? fmax(shake, DBL_EPSILON) : shake; }

double rounding_of(const trial *t, int k) { return floor_of(t, fmax(t->shake[k], t->noise[k])); }

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

bool results_agree(trial *t, const char *what, const sample_result *got, const sample_result *want, measure how, double much, int n)
{
    char why[600];
    if (got->n < n || want->n < n) return complain(t, "%s: not all was computed", what), false;
    for (int k = 0; k < n; k++) {
        if (sample_agree(&got->out[k], &want->out[k], how, much, why, sizeof why)) continue;
        bool coarse = got->out[k].dtype == WG_F32 || want->out[k].dtype == WG_F32;
        if (how == ULPS && within(&got->out[k], &want->out[k], much, coarse ? floor_of(t, t->shake[k]) : rounding_of(t, k))) continue;
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

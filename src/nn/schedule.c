/* schedule.c -- rates over time, each a function of the step alone; the one that is not, wg_plateau, keeps plain values. */
#include <math.h>
#include <wengert/schedule.h>

static const double pi = 3.14159265358979323846;

/* From a to b as the share goes from 0 to 1. */
static double along_cosine(double a, double b, double share) { return b + (a - b) * 0.5 * (1 + cos(pi * share)); }
static double along_line(double a, double b, double share) { return a + (b - a) * share; }

/* How much of `steps` is over. */
static double share_of(int64_t step, int64_t steps) { return step >= steps ? 1 : (double)step / (double)steps; }

double wg_schedule_at(const wg_schedule *s, int64_t step) { return s && s->at ? s->at(s, step < 0 ? 0 : step) : 1; }

double wg_rate_constant(const wg_schedule *s, int64_t step) { return step < s->steps ? s->from : 1; }

double wg_rate_linear(const wg_schedule *s, int64_t step) { return along_line(s->from, s->to, share_of(step, s->steps)); }

double wg_rate_step(const wg_schedule *s, int64_t step) { return s->steps > 0 ? pow(s->gamma, (double)(step / s->steps)) : 1; }

double wg_rate_multistep(const wg_schedule *s, int64_t step)
{
    int past = 0;
    for (int i = 0; i < s->milestones.n; i++) past += step >= s->milestones.v[i];
    return pow(s->gamma, past);
}

double wg_rate_exponential(const wg_schedule *s, int64_t step) { return pow(s->gamma, (double)step); }

double wg_rate_polynomial(const wg_schedule *s, int64_t step) { return pow(1 - share_of(step, s->steps), s->power); }

double wg_rate_cosine(const wg_schedule *s, int64_t step) { return wg_cosine(1, s->to, step, s->steps); }

double wg_rate_restarts(const wg_schedule *s, int64_t step)
{
    int64_t length = s->steps, mult = s->mult > 1 ? s->mult : 1;
    if (length < 1) return s->to;
    if (mult == 1) step %= length;
    while (step >= length) {
        step -= length;
        length = length > INT64_MAX / mult ? INT64_MAX : length * mult;
    }
    return along_cosine(1, s->to, (double)step / (double)length);
}

double wg_rate_one_cycle(const wg_schedule *s, int64_t step)
{
    double top = s->pct_start * (double)s->steps - 1, end = (double)s->steps - 1, now = (double)step;
    double low = 1 / s->div_factor, (*along)(double, double, double) = s->linear ? along_line : along_cosine;
    if (now <= top) return along(low, 1, now / top);
    return along(1, low / s->final_div_factor, now >= end ? 1 : (now - top) / (end - top));
}

double wg_rate_warmup_cosine(const wg_schedule *s, int64_t step)
{
    if (step < s->warmup) return along_line(s->from, 1, share_of(step, s->warmup));
    return wg_cosine(1, s->to, step - s->warmup, s->steps - s->warmup);
}

double wg_rate_product(const wg_schedule *s, int64_t step)
{
    double product = 1;
    for (size_t i = 0; i < s->n; i++) product *= wg_schedule_at(&s->list[i], step);
    return product;
}

double wg_rate_sequence(const wg_schedule *s, int64_t step)
{
    int i = 0;
    while (i < s->milestones.n && step >= s->milestones.v[i]) i++;
    return wg_schedule_at(&s->list[i], i ? step - s->milestones.v[i - 1] : step);
}

double wg_cosine(double from, double to, int64_t step, int64_t steps)
{
    if (step <= 0 && steps > 0) return from;
    return step >= steps ? to : along_cosine(from, to, (double)step / (double)steps);
}

static bool better(const wg_plateau *p, double metric)
{
    if (!p->begun) return !isnan(metric);
    double step = p->absolute ? p->threshold : p->threshold * p->best;
    return p->maximize ? metric > p->best + step : metric < p->best - step;
}

double wg_plateau_step(wg_plateau *p, double metric)
{
    if (better(p, metric)) {
        p->best = metric;
        p->begun = true;
        p->bad = 0;
    } else {
        p->bad++;
    }
    if (p->cooling > 0) {
        p->cooling--;
        p->bad = 0;
    }
    if (p->bad > p->patience) {
        double cut = fmax(p->rate * p->factor, p->min_rate);
        if (p->rate - cut > p->eps) p->rate = cut;
        p->cooling = p->cooldown;
        p->bad = 0;
    }
    return p->rate;
}

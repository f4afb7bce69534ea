/* stencil.c -- slopes by differences, and whether one agrees with a gradient.
 *
 * f'(x) = (8 (f(x+h) - f(x-h)) - (f(x+2h) - f(x-2h))) / 12h + O(h^4). A value of f is known to a few units of the last
 * place of the largest that was added up for it, so the difference to about that over h: a small step costs digits, a
 * large one leaves the Taylor series. So steps are tried in turn until one agrees. That cannot let a wrong gradient through:
 * each step has its own rounding bound, and one whose bound is not small against the gradient decides nothing. */
#include "check/check.h"

#include <float.h>

static const double share = 1e-9;   /* of the largest |gradient|: what an error may be */
static const double decides = 1e-4; /* a step decides if its bound is at most this share of it */

bool wg__check_value(const wg_check_sum *f, double *value, double *scale)
{
    long double sum = 0, size = 0;
    if (wg_run(f->plan)) return false;
    for (size_t k = 0; k < f->n; k++) {
        wg_array y;
        if (wg_read(f->plan, f->out[k], &y)) return false;
        const double *v = y.data, *w = f->weight[k]->data;
        int64_t n = wg_shape_count(y.shape);
        for (int64_t i = 0; i < n; i++) {
            sum += (long double)w[i] * (long double)v[i];
            size += fabsl((long double)w[i] * (long double)v[i]);
        }
    }
    *value = (double)sum;
    *scale = (double)size;
    return true;
}

static void move(const wg_check_line *l, double t)
{
    if (!l->along) l->x[l->element] = l->base[l->element] + t;
    else
        for (int64_t i = 0; i < l->n; i++) l->x[i] = l->base[i] + t * l->along[i];
}

static void restore(const wg_check_line *l)
{
    if (!l->along) l->x[l->element] = l->base[l->element];
    else memcpy(l->x, l->base, (size_t)l->n * sizeof *l->x);
}

bool wg__check_difference(const wg_check_sum *f, const wg_check_line *l, double h, double rounding, wg_check_difference *d)
{
    static const double at[4] = {-2, -1, 1, 2};
    double y[4], scale = 0, size;
    bool done = true;
    for (int k = 0; done && k < 4; k++) {
        move(l, at[k] * h);
        done = wg__check_value(f, &y[k], &size);
        if (done && !(size <= scale)) scale = size; /* NaN goes through */
    }
    restore(l);
    if (!done) return false;
    double part[3] = {(y[1] - y[0]) / h, (y[2] - y[1]) / (2 * h), (y[3] - y[2]) / h};
    d->h = h;
    d->slope = (8 * (y[2] - y[1]) - (y[3] - y[0])) / (12 * h);
    d->bound = DBL_EPSILON * (12 * scale + 2 * rounding) / h; /* 1.5 for four values, each to 8 units of the scale */
    d->spread = fmax(fmax(part[0], part[1]), part[2]) - fmin(fmin(part[0], part[1]), part[2]);
    return true;
}

enum { STEPS = 16 };

static double power_of_two(double x)
{
    int e;
    frexp(x, &e);
    return ldexp(1, e - 1);
}

/* The steps for a line whose values are about x, from the one that serves best mostly. */
static int steps(double x, double h[STEPS])
{
    static const int usual[] = {10, 8, 13, 6, 16, 20}, fine[] = {26, 32}, close[] = {8, 10, 12, 6};
    double size = power_of_two(fmax(fabs(x), 1));
    int n = 0;
    for (size_t i = 0; i < sizeof usual / sizeof *usual; i++) h[n++] = ldexp(size, -usual[i]);
    h[n] = 0.75 * h[n - 1], n++; /* a kink just within the end of the last stencil is outside this one */
    for (size_t i = 0; i < 2 && size >= 64; i++) h[n++] = ldexp(size, -fine[i]);
    for (size_t i = 0; i < 4 && x != 0 && fabs(x) < 1. / 16; i++) h[n++] = ldexp(power_of_two(fabs(x)), -close[i]);
    return n;
}

/* Whether the stencils hold a kink that explains an error of `off`: a smooth function's slopes over a stencil differ by
   h f'' and so ever less, those on the two sides of a kink by what they do. */
static bool straddles(const wg_check_difference *d, int n, double off)
{
    const wg_check_difference *fine = NULL, *wide = NULL;
    for (int i = 0; i < n; i++)
        if (!fine || d[i].h < fine->h) fine = &d[i];
    for (int i = 0; i < n; i++)
        if (d[i].h >= 8 * fine->h && (!wide || d[i].h < wide->h)) wide = &d[i];
    if (!fine || !wide || !(off <= 2 * fine->spread) || !(fine->spread > 4 * fine->bound)) return false;
    return fine->spread > 2 * wide->spread * (fine->h / wide->h);
}

wg_check_verdict wg__check_slope(const wg_check_sum *f, const wg_check_line *l, double g, double largest, double rounding,
                                 wg_check_difference *best, bool *resolved)
{
    double h[STEPS], excess = (double)INFINITY;
    wg_check_difference sharp_ones[STEPS];
    int n = steps(l->along ? 1 : l->base[l->element], h), n_sharp = 0;
    bool seen = false;
    *best = (wg_check_difference){.slope = (double)NAN, .h = (double)NAN};
    *resolved = false;
    for (int i = 0; i < n; i++) {
        wg_check_difference d;
        if (!wg__check_difference(f, l, h[i], rounding, &d)) return WG_STUCK;
        if (!isfinite(d.slope) || !isfinite(d.bound)) continue;
        double off = fabs(d.slope - g), over = off - d.bound;
        bool fits = off <= share * largest + d.bound, sharp = largest > 0 ? d.bound <= decides * largest : i < 5;
        if (!seen || (sharp && over < excess)) *best = d, excess = over, seen = true;
        if (sharp) sharp_ones[n_sharp++] = d, *resolved = true;
        if (sharp && fits) return *best = d, WG_AGREES;
    }
    /* no step decides: then g is lost in the rounding of f, and so must the differences be */
    if (seen && !*resolved) return fabs(best->slope - g) <= share * largest + best->bound ? WG_AGREES : WG_DIFFERS;
    if (isfinite(g) && straddles(sharp_ones, n_sharp, fabs(best->slope - g))) return WG_KINK;
    return WG_DIFFERS;
}

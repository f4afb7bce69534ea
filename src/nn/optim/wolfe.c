/* wolfe.c -- a step length by the strong Wolfe conditions (Nocedal and Wright 2006, algorithms 3.5 and 3.6), by cubic
 * interpolation: first a bracket that must hold such a length, then smaller ones. Step for step PyTorch's, so that lengths are
 * its own: lswolfe.lua of torch/optim. */
#include "nn/optim/wolfe.h"

#include <math.h>

enum { MOST = 25 };
static const double decrease = 1e-4, curvature = 0.9;

/* The lowest place in lo..hi of the cubic through two points with their slopes. */
static double lowest(const wg__point *a, const wg__point *b, double lo, double hi)
{
    double d1 = a->slope + b->slope - 3 * (a->f - b->f) / (a->t - b->t), square = d1 * d1 - a->slope * b->slope;
    if (!(square >= 0)) return (lo + hi) / 2;
    double d2 = sqrt(square), at;
    if (a->t <= b->t) at = b->t - (b->t - a->t) * ((b->slope + d2 - d1) / (b->slope - a->slope + 2 * d2));
    else at = a->t - (a->t - b->t) * ((a->slope + d2 - d1) / (a->slope - b->slope + 2 * d2));
    return fmin(fmax(at, lo), hi);
}

static bool too_high(const wg__point *p, const wg__point *start) { return p->f > start->f + decrease * p->t * start->slope; }
static bool flat_enough(const wg__point *p, const wg__point *start) { return fabs(p->slope) <= -curvature * start->slope; }

static bool look(wg__line *l, wg__point *p)
{
    l->looks++;
    return l->look(l->of, p);
}

/* Where to look next in a bracket: a tenth of it away from its ends when the last look was near one already. */
static double inside(const wg__point b[2], bool *near_end)
{
    double lo = fmin(b[0].t, b[1].t), hi = fmax(b[0].t, b[1].t), margin = 0.1 * (hi - lo), t = lowest(&b[0], &b[1], lo, hi);
    bool near = fmin(hi - t, t - lo) < margin, move = near && (*near_end || t >= hi || t <= lo);
    *near_end = near && !move;
    return !move ? t : fabs(t - hi) < fabs(t - lo) ? hi - margin : lo + margin;
}

/* Makes the bracket smaller until its better end, b[*low], will do. spare: room for a gradient. */
static bool zoom(wg__line *l, const wg__point *start, wg__point b[2], double *spare, int used, int *low)
{
    bool near_end = false;
    for (*low = b[0].f <= b[1].f ? 0 : 1; used < MOST && !(fabs(b[1].t - b[0].t) * l->largest < l->tolerance); used++) {
        wg__point p = {.t = inside(b, &near_end), .g = spare};
        int high = 1 - *low;
        if (!look(l, &p)) return false;
        if (too_high(&p, start) || p.f >= b[*low].f) {
            spare = b[high].g;
            b[high] = p;
            *low = b[0].f <= b[1].f ? 0 : 1;
            continue;
        }
        bool done = flat_enough(&p, start);
        if (!done && p.slope * (b[high].t - b[*low].t) >= 0) {
            spare = b[high].g;
            b[high] = b[*low];
        } else {
            spare = b[*low].g;
        }
        b[*low] = p;
        if (done) break;
    }
    return true;
}

bool wg__strong_wolfe(wg__line *l, wg__point start, double t, double *const three[3], wg__point *found)
{
    wg__point last = start, p = {.t = t, .g = three[0]}, b[2];
    int used = 0, low = 0, free_room = 1;
    if (!look(l, &p)) return false;
    for (; used < MOST; used++) {
        bool high = too_high(&p, &start) || (used > 1 && p.f >= last.f);
        if (!high && flat_enough(&p, &start)) return *found = p, true;
        if (high || p.slope >= 0) break;
        wg__point next = {.t = lowest(&last, &p, p.t + 0.01 * (p.t - last.t), p.t * 10), .g = three[free_room]};
        free_room = used == 0 ? 2 : (free_room + 1) % 3; /* the last but one is needed no more */
        last = p;
        p = next;
        if (!look(l, &p)) return false;
    }
    b[0] = used == MOST ? start : last;
    b[1] = p;
    double *spare = three[0];
    for (int i = 0; i < 3; i++)
        if (three[i] != b[0].g && three[i] != b[1].g) spare = three[i];
    if (!zoom(l, &start, b, spare, used, &low)) return false;
    *found = b[low];
    return true;
}

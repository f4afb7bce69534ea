/* wolfe.h -- a step length by the strong Wolfe conditions. */
#ifndef WG_NN_OPTIM_WOLFE_H
#define WG_NN_OPTIM_WOLFE_H

#include <stdbool.h>

/* A place along the direction: its length t, the loss f, the slope along the direction, the gradient there. */
typedef struct wg__point {
    double t, f, slope;
    double *g;
} wg__point;

typedef struct wg__line {
    bool (*look)(void *of, wg__point *at); /* fills f, slope, g at at->t; false: it failed */
    void *of;
    double largest, tolerance; /* of the direction's elements; a bracket that moves them less is not searched */
    int looks;                 /* so far: counted up                                       */
} wg__line;

/* From `start` (t = 0), trying `t` first: *found is the place, its g one of three[0..2]'s, which are room for gradients. */
bool wg__strong_wolfe(wg__line *l, wg__point start, double t, double *const three[3], wg__point *found);

#endif

/* sweep.h -- what the two modes share: which nodes lie between. */
#ifndef WG_DIFF_SWEEP_H
#define WG_DIFF_SWEEP_H

#include "tape/tape.h"

/* A stretch lo..hi-1 of the tape, and the nodes x that derivatives are taken in; those of x that lie below lo are few. */
typedef struct wg_stretch {
    wg_tape *t;
    uint32_t lo, hi;
    const uint32_t *x;
    size_t n;
    uint8_t *mark; /* by slot: depends on x */
    wg_tensor *d;  /* by slot: cotangent, or tangent */
} wg_stretch;

/* hi - lo slots for the stretch, then one for each x; -1 for a node that is neither. */
int64_t wg__slot(const wg_stretch *s, uint32_t node);
bool wg__stretch_new(wg_stretch *s); /* marks what depends on x through edges that carry a derivative; the tape's error */
void wg__stretch_free(wg_stretch *s);

/* Whether a derivative passes from input i of n to its output, by types and kinds alone. */
bool wg__carries(const wg_tape *t, const wg_node *n, uint32_t i);

/* slope * g, or where(slope, g, 0) for a slope that selects. */
wg_tensor wg__apply_slope(wg_tensor slope, wg_tensor g);

wg_tensor wg__zeros_like(wg_tape *t, wg_tensor x); /* of the dtype that its derivatives have on the way */
wg_tensor wg__in_dtype(wg_tensor x, wg_dtype d);   /* x itself where it is of d or invalid */

/* The cotangents of x, from that of y, over the nodes lo..hi-1; WG_NONE where y does not depend on x[k]. */
bool wg__reverse(wg_tape *t, uint32_t lo, uint32_t hi, uint32_t y, wg_tensor g, const uint32_t *x, size_t n, wg_tensor *out);

/* x is a living real tensor of t; and of the dtype and shape of like. Else the tape's error says so. */
bool wg__check_real(wg_tape *t, wg_tensor x, const char *what);
bool wg__check_like(wg_tape *t, wg_tensor x, wg_tensor like, const char *what, const char *whose);

#endif

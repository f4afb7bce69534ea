/* minimize.h -- what the files that make up wg_minimize share. */
#ifndef WG_NN_OPTIM_MINIMIZE_H
#define WG_NN_OPTIM_MINIMIZE_H

#include <wengert.h>

/* A plan in the making. */
typedef struct wg__minimize {
    wg_tape *t;
    const wg_minimize_options *o;
    char name[64];
    wg_tensor *p, *g; /* n parameters, their gradients               */
    size_t n;
    wg_tensor lr, step, time; /* i64: steps made; f64: the one to be made */
    wg_tensor due;            /* bool: this run steps                     */
    size_t group;             /* of the parameter in hand, from 1; 0: none */
    wg_tensor *out;           /* loss, also, then the assigns             */
    size_t outs, room;
} wg__minimize;

/* Whether the options make sense; otherwise the tape says what does not. */
bool wg__minimize_good(wg_tape *t, const wg_minimize_options *o);

/* The group of a parameter, from 1; 0: none. */
size_t wg__group_of(const wg_minimize_options *o, const char *name);

/* Whether a name matches one of the patterns between `|`: `*` is anything, `?` one character. */
bool wg__name_matches(const char *patterns, const char *name);

/* The trainable parameters that loss depends on and that no group freezes, in tape order; *n of them, at least one, to be freed by
   the caller. NULL: the tape says why. */
wg_tensor *wg__trained(wg_tensor loss, const wg_minimize_options *o, size_t *n);

#endif

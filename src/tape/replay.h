/* replay.h -- re-recording the nodes of one tape onto another, or onto its own end, through the registry, with
 * substitutions. Shape rules run again, so whatever is substituted is checked as if it had been written so. */
#ifndef WG_TAPE_REPLAY_H
#define WG_TAPE_REPLAY_H

#include "tape/tape.h"

typedef struct wg_replay_options {
    wg_dtype real; /* f64: what is f32, bf16 or f16 becomes f64, in leaves, constants and attributes (f32: the reverse). Numbers
                               are doubles anyway and lose nothing. 0: dtypes stay */
    int64_t (*size)(void *context, int64_t symbol); /* what a symbol (a letter, or an input's fresh one) becomes: a size, or
                                                       the symbol itself to leave it. NULL: all stay */
    void *context;
    bool params_as_inputs; /* a parameter becomes an input of its name; else it is copied into the store of `to` (converted
                               where `real` says so) unless it is there */
    bool effects;          /* assigns too; else the value of an assign is that of its x, and nothing is assigned */
} wg_replay_options;

/* Records on `to` every node of `from` (as many as it has now) that `wanted` marks (NULL: all of them), in order. map has
 * a place for each node of `from`: one that is set on entry is what stands for that node on `to`, which is then not
 * recorded; the others are WG_NONE and are filled as nodes are recorded. All that a wanted node reads must be wanted or
 * set. Names, places and scopes are kept (a name that `to` has is left out). Where to == from, inputs and parameters stand
 * for themselves. False: the error is on `to`. Linear, and no recursion. */
bool wg__replay(wg_tape *to, const wg_tape *from, const uint8_t *wanted, wg_tensor *map, const wg_replay_options *o);

/* Marks y[0..n-1] and all that they are computed from; mask has a byte for each node of t. Nodes that are set in `map`
 * (may be NULL) are marked, but not what lies before them. */
void wg__mark_ancestors(const wg_tape *t, const wg_tensor *y, size_t n, const wg_tensor *map, const wg_replay_options *o, uint8_t *mask);

#endif

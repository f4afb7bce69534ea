/* trial.h -- one op under test_categories.c, and what its parts share: complaints, room for rounding, agreement. */
#ifndef TESTS_TRIAL_H
#define TESTS_TRIAL_H

#include "categories.h"

/* By axis of input 0, counted from the end: which inputs are cut along it with the result; none where the op does not work
 * part by part. */
typedef struct splits {
    uint64_t cut[WG_MAX_RANK + 1];
} splits;

typedef struct trial {
    const wg_op *op;
    variant *v;
    sample_result base; /* all passes, this machine's instruction set */
    splits *splits;     /* of each of the op's own samples */
    int *own_rank;      /* of input 0 of each: axes counted from the start are others in another rank */
    double shake[2 * SAMPLE_RESULTS], noise[2 * SAMPLE_RESULTS]; /* of each result: see measure_shake */
    int samples, own, refused, failures;
    int define, alone, pieces, single, aliased, gradchecked, open; /* samples held to that */
    char first[4000];
    size_t used;
} trial;

void complain(trial *t, const char *format, ...) WG_PRINTF(2, 3);

/* What nobody can compute better, where terms cancel. Shake: by how much a change of the inputs by one unit of f64's last place, each its
 * own way (a step of 2^-30 of each, scaled), changes each result. Noise: by how much rounding inside the op does, as f32 shows
 * it, scaled; f32 itself is not held against that. False: no memory. */
bool measure_shake(trial *t);

double ulps_of(const trial *t);            /* as the sample states, for sums of up to 64 terms */
double rounding_of(const trial *t, int k); /* of result k in f64: shake or noise */

/* The first n results; ULPS: or as near as `much` shakes. What differs is complained of. */
bool results_agree(trial *t, const char *what, const sample_result *got, const sample_result *want, measure how, double much, int n);
void check_run(trial *t, const char *what, const sample_how *how, const sample_result *want, measure m, double much);

/* trial_parts.c */
void find_splits(trial *t, generator *g, int i); /* of the op's own sample i */
void check_pieces(trial *t);
void check_alone(trial *t);

/* trial_laws.c */
void check_laws(trial *t);

#endif

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
    sample_result base;               /* all passes, this machine's instruction set */
    splits *splits;                   /* of each of the op's own samples */
    uint64_t *own_ranks;              /* of the inputs of each: axes counted from either end are others in other ranks */
    double shake[2 * SAMPLE_RESULTS]; /* of each result: see measure_shake */
    int samples, own, refused, failures;
    int define, alone, pieces, single, single_slopes, aliased, gradchecked, open; /* samples held to that */
    char first[4000];
    size_t used;
} trial;

void complain(trial *t, const char *format, ...) WG_PRINTF(2, 3);

/* What nobody can compute better, where terms cancel: by how much a change of the inputs by one unit of f64's last place, each its own
 * way (a step of 2^-30 of each, scaled), changes each result; or, where that is more, by how much rounding inside the op does, which shows
 * as a bend in what three such steps on a line give; and what a derivative that reads the value makes of that one's rounding. */
void measure_shake(trial *t);

/* The cotangents: the one that all is held to, another, 2 of one - 3 of the other. */
enum { ONE, ONE_OTHER, MIXED, MIXES, TWICE = 2, THRICE = -3 };
bool mixed_cotangent(const wg_array *y, int mix, wg_array *out);

double ulps_of(const trial *t);            /* as the sample states, for sums of up to 64 terms */
double rounding_of(const trial *t, int k); /* of result k in f64 */

/* The first n results; ULPS: or as near as `much` shakes. What differs is complained of. */
bool results_agree(trial *t, const char *what, const sample_result *got, const sample_result *want, measure how, double much, int n);
void check_run(trial *t, const char *what, const sample_how *how, const sample_result *want, measure m, double much);

bool has_f32(const sample_call *c);
double unit_of(const wg_array *a); /* in the last place of 1 */
double largest(const wg_array *a); /* of what is finite, in size */

/* What is a sum of terms of that size in all, where it is finite. */
bool adds_to(trial *t, const char *what, const wg_array *got, const wg_array *want, double most, double shake);

/* trial_parts.c */
uint64_t ranks_of(const sample_call *c);         /* of all inputs, in one number */
void find_splits(trial *t, generator *g, int i); /* of the op's own sample i */
void check_pieces(trial *t);
void check_alone(trial *t);

/* trial_laws.c */
void check_laws(trial *t);
void check_says_linear(trial *t, const generator *g);

#endif

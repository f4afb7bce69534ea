/* categories.h -- samples made from one list, by the descriptor: the shapes, values, layouts and wrong calls that every op is
 * given, whichever it is. What an op is called with is learnt from the samples in its file, which are varied; what it
 * refuses of that is refused with a message (checked), what it takes is checked by test_categories.c. */
#ifndef TESTS_CATEGORIES_H
#define TESTS_CATEGORIES_H

#include "samples.h"

typedef enum values { ORDINARY, TIES, EDGES, LARGE, SPECIAL, ONE_NAN, VALUES } values;
extern const char *const values_name[VALUES];

enum { CATEGORY_SIZES = 32 };
extern const int64_t category_size[CATEGORY_SIZES]; /* around vectors, tiles and what a thread gets */

typedef struct variant {
    sample_call call;
    const wg_sample *of; /* what it was made from, and which sample of the op's that is */
    int number;
    values values;
    sample_guise guise; /* that its values allow, beside PACKED */
    bool aliased;       /* one input in two places: twin is the same with a copy */
    bool plain;         /* attributes and dtypes are as in the sample */
    char label[400];
} variant;

typedef struct generator {
    const wg_op *op;
    wg_rng *rng;
    sample_call *base; /* the op's own samples that are no refusals, read; owned */
    const wg_sample **of;
    int n, made;
} generator;

bool generator_new(generator *g, const wg_op *op, char *why, size_t size);
void generator_free(generator *g);

/* The next candidate, which the op may take or refuse. False: out of memory. Free it with variant_free. */
bool generate(generator *g, variant *v);
void variant_free(variant *v);

/* The aliased sample as it would be with a copy for each place. */
bool variant_twin(const variant *v, sample_call *twin);

/* Wrong calls of c: the k-th, in words too. False: there are no more, or this one does not apply (*more says which). */
bool wrong_call(const sample_call *c, int k, sample_call *out, char *label, size_t size, bool *more);

bool call_copy(sample_call *to, const sample_call *from);

#endif

/* samples.h -- an op's samples as programs: reading the call, recording it in many guises, running it.
 *
 * Every literal of a sample becomes an input x0, x1, ... which is fed with the literal's values, so that it has gradients.
 * A bare number beside a tensor whose dtype it takes, or where an index goes, stays a weak number. */
#ifndef TESTS_SAMPLES_H
#define TESTS_SAMPLES_H

#include "tape/tape.h"
#include <wengert/gradcheck.h>
#include <wengert/plan.h>

enum { SAMPLE_INPUTS = 40, SAMPLE_RESULTS = SAMPLE_INPUTS + 1 };

typedef struct sample_input {
    char text[96];      /* not a tensor: "_", a weak number, a call */
    wg_array value;     /* owned */
    bool tensor, drawn; /* drawn: `~[...]`, `+[...]` */
    double low, high;
} sample_input;

typedef struct sample_call {
    const wg_op *op;
    char attributes[256];
    sample_input in[SAMPLE_INPUTS];
    int n;
} sample_call;

/* False: why is worded. Free with sample_free in both cases. */
bool sample_read(sample_call *c, const wg_sample *s, const wg_op *op, char *why, size_t size);
void sample_free(sample_call *c);

/* One value in the notation of samples, from *text on, which moves behind it. Plain numbers are f64, `typed` says whether
 * a dtype was written. */
bool sample_value(const char **text, wg_array *out, bool *typed);

/* How operands lie in memory: SHIFTED begins one element after where memory is aligned; rows of UNFOLDED overlap by all but
 * one element, those of REPEATED are one row, so that only a sample made by sample_overlap can be given so. */
typedef enum sample_guise { PACKED, TRANSPOSED, SLICED, FLIPPED, SHIFTED, UNFOLDED, REPEATED, EXPANDED } sample_guise;

/* Which sizes of the inputs are known only when it runs. */
typedef enum sample_open { CLOSED, ALL_OPEN, FIRST_OPEN, LAST_OPEN, X_OPEN /* all of input 0 */, OPENINGS } sample_open;

extern const char *const opening_name[OPENINGS];

/* How a sample is recorded and run. */
typedef struct sample_how {
    wg_dtype real; /* f32: f64 literals are f32 inputs; f64: as they are */
    bool round;    /* f64, but with values that f32 has */
    sample_guise guise;
    sample_open open;
    bool any_rank;             /* the value only, and where sizes are open whatever its axes */
    wg_shape out;              /* of the output, for EXPANDED and where it is open */
    int64_t tile;              /* > 1: inputs of the first one's shape are repeated so often along axis 0 ... */
    bool tile_one;             /* ... or the first one only */
    bool define;               /* the op's definition instead of its node */
    bool order_two;            /* gradients of the gradients too: a longer program, for the passes */
    bool drawn;                /* the cotangent is drawn instead of ones, which may cancel */
    bool forward;              /* forward mode instead of reverse */
    bool fences;               /* without WG_PASS_REUSE: it runs twice, and nothing may be written where no value lies */
    bool replay;               /* it ran before: with these values, and with the same from the last to the first */
    const wg_array *cotangent; /* instead; of any real dtype */
    bool inside;               /* every node's value is looked at: see beyond */
    bool dead;                 /* nodes that nothing needs stand between the others */
    const char *isa;
    unsigned without;
    int threads;
} sample_how;

typedef struct sample_result {
    wg_array out[2 * SAMPLE_RESULTS]; /* the value, then the gradient of its sum for each real input; owned. In forward mode: the tangent
                                         that each of them alone gives it, and if there are several, all of them together */
    int input[2 * SAMPLE_RESULTS];    /* which input that is; -1: all */
    int n;
    bool draws;       /* there are random numbers in it, others in every run */
    bool reads_value; /* the value itself is in its gradient: y (1 - y) */
    bool beyond;      /* how->inside: a number that f32 has not is in it */
    bool products;    /* there are matrix products in it, which sum in the order that suits how operands lie */
} sample_result;

typedef enum sample_status { RAN, NOT_RECORDED, NOT_RUN, NO_DEFINITION } sample_status;

sample_status sample_run(const sample_call *c, const sample_how *how, sample_result *r, char *why, size_t size);
void sample_result_free(sample_result *r);

/* Normal numbers of that shape; the cotangent is that of COTANGENT, the tangent of input i that of TANGENT + i. */
enum { COTANGENT = 7, TANGENT = 100 };
bool sample_draw(wg_array *a, wg_dtype d, wg_shape s, uint32_t seed);

/* The sample on a tape of its own (free it with wg_tape_free), its output in *y. NULL: why is worded. */
wg_tape *sample_record(const sample_call *c, const sample_how *how, wg_tensor *y, char *why, size_t size);

bool sample_real(const sample_input *in);                            /* a tensor of f32 or f64 */
void sample_set(wg_array *a, int64_t i, double real, int64_t whole); /* one of the two, by the dtype */
int64_t sample_whole(double v);                                      /* the i64 that v is, 0 where it is none */

/* Makes the values such that they can be given in that guise. */
bool sample_overlap(sample_call *c, sample_guise guise);

/* ---- fences: fences.c ---- */

/* Of a plan that has run, without WG_PASS_REUSE: marks all its memory. */
void fences_set(wg_plan *p);
/* After another run: whether the marks are there where no value lies. False: why is worded. */
bool fences_stand(wg_plan *p, char *why, size_t size);

/* ---- comparing: compare.c ---- */

typedef enum measure { EXACT, RELATIVE, SUMMED, ULPS } measure;

/* Element by element: how far got may be from want is `much` times the unit in the last place of the largest |want| (of
 * f32 if either is), or `much` of the element itself (RELATIVE), or that and four units (SUMMED), or nothing but for the
 * bits of a NaN (EXACT). False: why is worded. */
bool sample_agree(const wg_array *got, const wg_array *want, measure how, double much, char *why, size_t size);

#endif

/* programs.h -- random programs: drawn from the samples of the ops, run in many ways, shrunk when one of the ways disagrees.
 *
 * A program is a list of lines. A line is a leaf, which is fed, or a call of an op on earlier lines. Each line keeps the
 * value that it had when it was computed alone: a line can be cut off from what lies before it at any time. What no other line
 * reads is what the program returns; its loss is their sum, each element with a weight. */
#ifndef TESTS_PROGRAMS_H
#define TESTS_PROGRAMS_H

#include "samples.h"

enum { PROGRAM_LINES = 240, PROGRAM_ARGS = 16, PROGRAM_TEXT = 1 << 17, PROGRAM_OUTS = 2 * PROGRAM_LINES };

typedef struct program_arg {
    int line;      /* -1: the text */
    char text[64]; /* "_", a weak number */
} program_arg;

typedef struct program_line {
    const wg_op *op; /* NULL: a leaf */
    program_arg arg[PROGRAM_ARGS];
    int n;
    char attributes[256];
    wg_array value; /* owned */
} program_line;

typedef struct program {
    uint32_t seed;
    bool large; /* long enough for threads; not held against differences */
    bool kinks; /* made of samples at kinks too; not held against differences */
    program_line line[PROGRAM_LINES];
    int n;
} program;

/* An op whose descriptor is replaced by another: to see that an error is found. */
typedef struct planted {
    const wg_op *real, *broken;
} planted;

typedef struct finding {
    const char *law;
    char text[600]; /* where, and by how much */
    double apart;   /* as a share of what it is measured against */
    bool undecided; /* differences could not decide about some leaf */
} finding;

/* programs.c */
int program_ops(const program *p);
bool program_reads(const program *p, int line); /* some other line reads it */
bool program_copy(program *to, const program *from);
void program_free(program *p);
bool program_keep(wg_array *to, const wg_array *from); /* a copy */
/* The text form, leaves as inputs; f32 instead of f64; leaves' sizes left open. NULL: no memory; else to be freed. */
char *program_text(const program *p, bool f32, bool open);
void program_print(FILE *to, const program *p); /* with the values of the leaves */
/* What the text records, and the tensors of the lines that are leaves or returned. NULL: why is worded. */
wg_tape *program_record(const program *p, bool f32, bool open, const planted *bad, wg_tensor *line, char *why, size_t size);
double program_weight(int64_t i, uint32_t salt); /* of either sign, 0.5 to 1.5 in size */

/* program_draw.c: a program with at least 3 ops; false: no memory. */
bool program_draw(program *p, uint32_t seed);
bool program_callable(const wg_op *op); /* neither a leaf nor an effect */
/* The value of the line alone, from those of the lines that it reads. `strict`: also that it is smooth there, of moderate size,
   and that so is its gradient. */
bool program_value(const program *p, const program_line *l, bool strict, wg_array *out);

/* program_laws.c: true when all hold; else *f says which does not. */
typedef bool (*program_law)(const program *p, const void *context, finding *f);
bool program_laws(const program *p, const void *bad, finding *f); /* bad: a planted, or NULL */

/* program_shrink.c: makes p, which breaks the law, as small as it can be while it does; *f is of the last. */
void program_shrink(program *p, program_law law, const void *context, finding *f);

#endif

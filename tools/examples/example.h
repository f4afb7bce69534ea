/* example.h -- what the examples that learn share, so that each shows its model and its data and little else: arguments,
 * the training's report, and what is left behind. */
#ifndef WG_EXAMPLES_EXAMPLE_H
#define WG_EXAMPLES_EXAMPLE_H

#include "progress.h"

/* usage: NAME [--epochs N] [--data DIR] [--out DIR] [--resume] [ARGUMENT] */
typedef struct example {
    const char *name;
    int64_t epochs;       /* set before: how many without --epochs             */
    const char *data;     /* set before: where the data is without --data      */
    const char *out;      /* a folder, made where it is missing                */
    bool resume;          /* go on from the checkpoint that is in it           */
    const char *argument; /* what is left; NULL: nothing                       */
    progress progress;
} example;

/* 0, or the exit status of a program that says how it is used. */
int example_begin(example *e, int argc, char **argv);

/* "OUT/file" and "DATA/file": texts that stay until the fourth call after this one. */
const char *example_out(const char *folder, const char *file);

/* Prints "name: why" to standard error and returns 1. */
int example_fail(const example *e, const char *format, ...) __attribute__((__format__(__printf__, 2, 3)));

/* 77, and a line that says what is not there and where it is to be had. */
int example_lacks(const example *e, const char *path, const char *where);

/* The four gzipped IDX files of MNIST and what is made like it, in DATA: pictures and labels to train on, pictures and labels to
   test by. 0, or the exit status; `where` as above. */
int example_digits(const example *e, wg_array file[4], const char *where);

/* wg_fit with these options, and the example's: epochs, report, Ctrl-C, OUT/checkpoint, OUT/curve.csv; then its picture by gnuplot,
   OUT/loss.svg, where there is gnuplot. False: it failed or was stopped, and has said so. A plan that is NULL is an error of the
   tape that loss is on. */
bool example_fit(example *e, wg_fit_options o);

/* The mean of a score over the rows of a loader; NaN after saying what failed. */
double example_score(const example *e, wg_plan *p, wg_tensors inputs, wg_loader *rows, wg_tensor score);

/* OUT/graph.dot and graph.svg of the model; itself, OUT/model.tape and model.safetensors. */
bool example_draw(const example *e, const wg_tape *model);
bool example_save(const example *e, const wg_tape *model);

/* What was reached, as a line that is printed and is OUT/result.txt. */
bool example_result(const example *e, const char *format, ...) __attribute__((__format__(__printf__, 2, 3)));

#endif

/* fit.h -- what the parts of wg_fit_run share: the numbers that a run stands at, and the files that keep them. */
#ifndef WG_NN_FIT_H
#define WG_NN_FIT_H

#include <wengert.h>

/* With the store: all that the rest of a run depends on. Doubles, so that it is one array in a file. */
typedef struct wg__fit_state {
    int64_t epoch, step; /* done */
    double loss, rows;   /* of the epoch that is running: sum over rows */
    double last_loss;    /* the mean of the last whole epoch            */
    double best;
    int64_t best_epoch, bad; /* epochs since */
    int64_t csv;             /* bytes of the table that are of this run */
} wg__fit_state;

typedef struct wg_fit {
    const wg_fit_options *o;
    wg_params *params;
    wg__fit_state s;
    wg_fit_report report;
    wg_archive best; /* copies of parameters and buffers */
    FILE *csv;
    char *why;
    size_t why_size;
} wg_fit;

wg_status wg__fit_fail(wg_fit *f, wg_status s, const char *format, ...) WG_PRINTF(3, 4);

wg_status wg__fit_open(wg_fit *f);               /* the table, and the checkpoint where it is resumed */
wg_status wg__fit_close(wg_fit *f, wg_status s); /* returns s, or what closing failed with            */
wg_status wg__fit_keep(wg_fit *f);               /* the weights, as the best                          */
wg_status wg__fit_restore(wg_fit *f);            /* the best, as the weights                          */
wg_status wg__fit_line(wg_fit *f);               /* an epoch's, in the table                          */
wg_status wg__fit_save(wg_fit *f);               /* a checkpoint                                      */

#endif

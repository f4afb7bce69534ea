/* progress.h -- how far a training by wg_fit is, and Ctrl-C: what the examples and `wengert train` share. On a terminal one line
 * that is drawn again and again: a bar, the loss, the last score, the rate, items a second, the time left; above it a line an
 * epoch. Elsewhere plain lines: one an epoch, and where epochs are long, one every ten seconds. */
#ifndef WG_TOOLS_PROGRESS_H
#define WG_TOOLS_PROGRESS_H

#include <signal.h>
#include <wengert.h>

/* Begins as {0}, or with the name of the score that it shows. */
typedef struct progress {
    const char *score;   /* NULL: "validation"                          */
    double began, shown; /* seconds of the clock; shown: the last line  */
    double loss;         /* a running mean, for single batches jump */
    double last_score;
    int64_t first; /* the step that this run began with: a resumed one does not begin at 0 */
    bool scored;
} progress;

/* wg_fit's .report, with .user a progress. */
void progress_report(const wg_fit_report *r, void *user);

/* Catches Ctrl-C from here on; wg_fit's .stop: not 0 after the first one. A second one ends the program as it would without. */
volatile sig_atomic_t *progress_stop(void);

#endif

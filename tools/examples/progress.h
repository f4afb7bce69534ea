/* progress.h -- how far a training is: on a terminal one line that is drawn again and again, with a bar, the loss, images
 * a second and the time left; elsewhere nothing but what progress_line prints. */
#ifndef WG_EXAMPLES_PROGRESS_H
#define WG_EXAMPLES_PROGRESS_H

#include <stdbool.h>
#include <stdint.h>

typedef struct progress {
    int64_t steps, step, images; /* steps to do, done; images seen */
    double began, drawn;         /* seconds of the clock */
    double loss;                 /* a running mean: single batches jump */
    bool terminal;               /* is standard output one? */
} progress;

progress progress_start(int64_t steps);

/* One step more, over so many images. */
void progress_step(progress *p, double loss, int64_t images);

/* A line of its own, above the bar. */
void progress_line(progress *p, const char *format, ...) __attribute__((__format__(__printf__, 2, 3)));

double progress_seconds(const progress *p); /* since progress_start */

#endif

/* wengert/fit.h -- training in one call, for those who want it: epochs, validation, early stopping, the best weights
 * kept, checkpoints from which a run that was killed goes on to the same bits, numbers to a file. The parts are all
 * public (wg_minimize, wg_next, wg_feed, wg_run, wg_set_lr, wg_evaluate, wg_checkpoint_write): a loop of your own is ten lines.
 * Nothing is printed and no signal is caught: a report is called, and a flag is looked at. */
#ifndef WENGERT_FIT_H
#define WENGERT_FIT_H

#include <signal.h>
#include <wengert/data.h>
#include <wengert/plan.h>
#include <wengert/tape.h>

#ifdef __cplusplus
extern "C" {
#endif

/* The means, over all rows of an epoch of `rows`, of scalars that are means over a batch: fed batch by batch to `inputs`
   in the order of the loader's arrays. WG_EARG: another number of inputs than of arrays; else what the plan (wg_plan_error)
   or the loader fails with. No rows: NaN. */
WG_API wg_status wg_evaluate(wg_plan *p, wg_tensors inputs, wg_loader *rows, wg_tensors scores, double *means);

enum { WG_FIT_SCORES = 4 };

/* How far it is: after every step, and once more at the end of an epoch. */
typedef struct wg_fit_report {
    int64_t epoch, epochs;        /* the running one, from 1; of all           */
    int64_t step, steps;          /* done; of all                              */
    int64_t items;                /* rows trained on by this call              */
    double loss, rate;            /* of the last step                          */
    bool epoch_end;               /* the rest is said of the epoch that ended  */
    double epoch_loss;            /* its mean over the rows                    */
    int scores;                   /* how many there are: 0 without validation  */
    double score[WG_FIT_SCORES];  /* means over the rows of `valid`            */
    bool best;                    /* score[0] is the best so far               */
} wg_fit_report;

typedef struct wg_fit_options {
    wg_plan *step;            /* made by wg_minimize                                                              */
    wg_tensor loss;           /* a scalar that step computes, a mean over the batch                                */
    wg_tensors inputs;        /* of step: fed with the arrays of a batch of `train`, in this order                 */
    wg_loader *train;
    int64_t epochs;           /* in all, those of a run that is resumed included                                   */

    wg_plan *score;           /* of an evaluation tape on the same store; NULL: no validation                      */
    wg_tensors scores;        /* scalars that score computes, means over the batch; at most WG_FIT_SCORES          */
    wg_tensors score_inputs;  /* fed likewise from ...                                                             */
    wg_loader *valid;         /* ... rows that are neither trained on nor the final test                           */
    bool larger;              /* the larger scores[0], the better; else the smaller                                */
    int64_t patience;         /* epochs without a better score before it stops; 0: it does not                     */
    bool keep_last;           /* the last weights stay; else, with validation, the best come back at the end       */

    /* The rate of step 0, 1, ... of `steps`; NULL: that of the optimiser stays. */
    double (*rate)(int64_t step, int64_t steps, void *user);
    void (*report)(const wg_fit_report *r, void *user); /* may be NULL                                             */
    void *user;
    volatile sig_atomic_t *stop; /* looked at after every step: not 0 ends it cleanly, with a checkpoint           */

    const char *checkpoint;   /* a directory that is written at the end of epochs and ...                          */
    int64_t every;            /* ... after this many steps; NULL and 0: not                                        */
    bool resume;              /* goes on from `checkpoint` where there is one                                      */
    const char *csv;          /* a table, a line an epoch: epoch,step,rate,loss and the scores; NULL: none         */
} wg_fit_options;

typedef struct wg_fit_result {
    int64_t epochs, steps;    /* done, those before a resume included           */
    int64_t best_epoch;       /* 0: there was no validation                     */
    double best;              /* its score                                      */
    double loss;              /* the mean of the last whole epoch               */
    bool stopped, early;      /* by the flag; by patience                       */
} wg_fit_result;

/* WG_OK, also where it was stopped. What a plan, a loader or a file says when it fails goes to `why`, and the weights are
   then those of the last step that succeeded. WG_EARG: the options do not go together. *result may be NULL. */
WG_API wg_status wg_fit_run(const wg_fit_options *o, wg_fit_result *result, char *why, size_t why_size);

#ifdef __cplusplus
}
#endif

#ifndef __cplusplus
/* The plan, then options; why and its size are the last two: wg_fit(result, why, size, step, .loss = loss, ...). */
#define wg_fit(result, why, why_size, ...) wg_fit_run(&(wg_fit_options){.step = __VA_ARGS__}, (result), (why), (why_size))
#endif
#endif

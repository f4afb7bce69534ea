/* run.h -- the steps of a program, run by a team of threads. */
#ifndef WG_RUN_RUN_H
#define WG_RUN_RUN_H

#include "plan/plan.h"

#include <stdatomic.h>

/* What a team shares while a program runs. */
typedef struct wg_team {
    wg_plan *plan;
    wg_program *program;
    int threads;
    int64_t failed_step;       /* the first step that found a bad value; INT64_MAX */
    int64_t failed_at;         /* and the first bad position in it                 */
    atomic_int arrived, phase; /* the barrier's */
    double *clock;             /* where the plan is profiled: wg_timing's; NULL */
} wg_team;

/* Runs all steps; false when one failed (team says which and where). */
bool wg__run_steps(wg_team *team);

/* Units lo..hi-1 of a step by one thread with that scratch; the first bad position or -1. */
int64_t wg__run_units(const wg_program *g, const wg_step *step, char *memory, void *scratch, int64_t lo, int64_t hi, bool prepare);

/* Room for the times of a run of g by so many threads; false: no memory. Where nothing is profiled *clock is NULL. */
bool wg__profile_start(wg_plan *p, const wg_program *g, int threads, double **clock);
double wg__profile_now(void);

/* Where thread `me` notes start and end of its part of step i. */
static inline double *wg__profile_at(const wg_team *team, int64_t i, int me, bool prepare)
{
    return team->clock + 2 * (2 * ((int64_t)team->program->steps * me + i) + prepare);
}

/* Addresses of a block's inputs; a step of more than WG_FEW_INPUTS keeps them, worked out once a run. */
void wg__block_inputs(const wg_program *g, const wg_step *step, const void **in);
wg_args wg__block_args(const wg_program *g, const wg_step *step, char *memory, void *scratch, const void *const *in);

#endif

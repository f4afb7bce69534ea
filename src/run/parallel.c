/* parallel.c -- one parallel region a run. Every thread walks the list of steps; a step worth splitting is split by fixed
 * ranges of units, the others are the first thread's; barriers stand only where a step may depend on another thread.
 * Who computes a unit never changes what it computes, so the bits do not depend on the number of threads. */
#include "run/run.h"

#include <omp.h>
#include <sched.h>

enum { LOOKS = 64 }; /* at the flag, from one look at the clock to the next */

static const double PATIENCE = 20e-6; /* seconds: a few steps that are worth splitting */

static void relax(void)
{
#if defined __x86_64__
    __builtin_ia32_pause();
#endif
}

/* Threads wait for each other: awake for as long as steps take, since who gives way on a loaded machine comes back after what others are
   given, thousands of times as long; then giving way, since the core may be wanted by the very thread that is waited for (OpenMP's own
   barrier spins on). Where threads outnumber the processors that is so from the start. */
static void meet(wg_team *team, int threads)
{
    int phase = atomic_load_explicit(&team->phase, memory_order_relaxed);
    if (atomic_fetch_add_explicit(&team->arrived, 1, memory_order_acq_rel) + 1 == threads) {
        atomic_store_explicit(&team->arrived, 0, memory_order_relaxed);
        atomic_store_explicit(&team->phase, phase + 1, memory_order_release);
        return;
    }
    double until = 0;
    bool late = false;
    for (unsigned n = 1; atomic_load_explicit(&team->phase, memory_order_acquire) == phase; n++) {
        if (late) sched_yield();
        else relax();
        if (late || n % LOOKS) continue;
        if (until <= 0) until = wg__profile_now() + (threads > omp_get_num_procs() ? 0 : PATIENCE);
        else late = wg__profile_now() > until;
    }
}

static void note_failure(wg_team *team, int64_t step, int64_t at)
{
#pragma omp critical(wg_failure)
    {
        if (step < team->failed_step || (step == team->failed_step && at < team->failed_at)) {
            team->failed_step = step;
            team->failed_at = at;
        }
    }
}

static int64_t first_failed(wg_team *team)
{
    int64_t step;
#pragma omp atomic read
    step = team->failed_step;
    return step;
}

static void run_share(wg_team *team, int64_t i, int me, int threads, void *scratch, bool prepare)
{
    const wg_step *step = &team->program->step[i];
    int64_t units = prepare ? step->prepare_units : step->units, n = step->parallel ? threads : 1;
    int64_t lo = n == 1 ? 0 : units * me / n, hi = n == 1 ? units : units * (me + 1) / n; /* no division for a small step */
    double *clock = team->clock ? wg__profile_at(team, i, me, prepare) : NULL;
    if (clock) clock[0] = wg__profile_now();
    int64_t bad = wg__run_units(team->program, step, team->plan->memory, scratch, lo, hi, prepare);
    if (clock) clock[1] = wg__profile_now();
    if (bad >= 0) note_failure(team, i, bad);
}

static void walk(wg_team *team, int me, int threads)
{
    const wg_program *g = team->program;
    const wg_plan *p = team->plan;
    void *scratch = p->scratch ? p->scratch + (size_t)me * p->scratch_each : NULL;
    bool alone = threads == 1;
    for (int64_t i = 0; i < (int64_t)g->steps; i++) {
        const wg_step *step = &g->step[i];
        bool mine = step->parallel || me == 0;
        if (step->waits && !alone) meet(team, threads);
        if ((step->waits || alone) && first_failed(team) < i)
            return; /* all threads see the same: a later step's failure is a larger number */
        if (mine && step->prepare_units) run_share(team, i, me, threads, scratch, true);
        if (step->prepare_units && step->parallel && !alone) meet(team, threads);
        if (mine) run_share(team, i, me, threads, scratch, false);
    }
}

bool wg__run_steps(wg_team *team)
{
    team->failed_step = team->failed_at = INT64_MAX;
    if (team->threads == 1 || !team->program->any_parallel) {
        walk(team, 0, 1);
    } else {
#pragma omp parallel num_threads(team->threads)
        walk(team, omp_get_thread_num(), omp_get_num_threads()); /* the system may grant fewer than were asked for */
    }
    return team->failed_step == INT64_MAX;
}

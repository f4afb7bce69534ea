/* bench.h -- the workloads that `wengert bench` times: each is what a user would write with the public API, and the same work as
 * the function of its name in tests/bench/torch_rows.py. A step is what a training loop does once: feed, run, read the loss.
 *
 * A workload runs in a process of its own, so that its peak memory is its own; what goes wrong in it ends that process. */
#ifndef WENGERT_BENCH_H
#define WENGERT_BENCH_H

#include "timing.h"

typedef struct bench_workload {
    const char *name, *what;
    const char *unit; /* of the number that is printed ...                                            */
    double scale;     /* ... which is seconds a step times this                                        */
    double flops;     /* of a step's matrix products and convolutions, two a multiply-add; 0: none      */
    double bytes;     /* that a step reads and writes at least, where that is what limits it; 0: it is not */
    void *(*make)(int threads);
    void (*before)(void *job); /* what a step finds done, not timed; NULL: nothing */
    double (*step)(void *job); /* one step; the loss, where there is one */
    void (*free)(void *job);
    wg_plan *(*plan)(const void *job); /* what a step runs; NULL: it makes its own */
    double (*parts)(const void *job);  /* what the number is divided by further, known when it is made; NULL: 1 */
} bench_workload;

extern const bench_workload bench_mlp_tiny, bench_mlp_small, bench_mlp_big, bench_cnn, bench_gpt, bench_lstm, bench_gru, bench_eltwise,
    bench_scalar_chain, bench_scalar_chain_anew, bench_scalar_chain_replay, bench_scalar_dag, bench_scalar_dag_anew,
    bench_scalar_dag_replay, bench_scalar_chain_1000, bench_scalar_chain_10000, bench_scalar_chain_1000000;

/* ---- training steps: train.c ------------------------------------------------------------------------------------------ */

enum { BENCH_BATCHES = 8, BENCH_INPUTS = 4 };

typedef enum bench_fill {
    BENCH_UNIFORM, /* reals in 0..1                             */
    BENCH_ONES,    /* reals                                     */
    BENCH_ONE_HOT, /* reals: one 1 along the last axis          */
    BENCH_LABELS   /* integers from 0 to one below a number     */
} bench_fill;

/* An input with its batches, one behind the other in memory. */
typedef struct bench_feed {
    wg_tensor input;
    wg_array batch; /* the one to be fed next */
    char *all;
    size_t bytes; /* a batch */
} bench_feed;

/* A tape, its inputs and the plan of a step. */
typedef struct bench_job {
    wg_tape *tape;
    wg_plan *plan;
    wg_tensor loss; /* WG_NONE: there is none */
    bench_feed feed[BENCH_INPUTS];
    int feeds, batches, at;
} bench_job;

bench_job *bench_job_new(int threads, int batches);
wg_tensor bench_input(bench_job *j, const char *name, wg_shape shape, bench_fill fill, int labels);
void *bench_plan(bench_job *j, wg_plan *p, wg_tensor loss); /* the step; p NULL: the tape says why */
double bench_step(void *job);
void bench_free(void *job);
wg_plan *bench_plan_of(const void *job);

/* ---- what the machine can do: limits.c ------------------------------------------------------------------------------- */

enum { BENCH_ISAS = 3 };

typedef struct bench_limits {
    const char *isa[BENCH_ISAS]; /* the instruction sets that are here, the best last */
    double flops[BENCH_ISAS];    /* a second, of fused (where there are none: separate) multiply-adds in registers */
    int isas;
    double round_trip; /* seconds that a line of memory takes to another thread and back; 0: one thread */
    double copy;       /* bytes a second read and written, copying more than the caches hold */
} bench_limits;

bench_limits bench_measure_limits(int threads);

#endif

/* wengert/plan.h -- what to compute, and computing it.
 *
 * A plan is made once from the wanted tensors and run as often as you like: it drops what nothing needs, merges equal
 * nodes, runs chains of elementwise work tile by tile, and keeps every value in one block of memory, which it grows to
 * the largest sizes seen and then never asks for more. A run is a transaction: parameters are read as they were at its
 * start and changed after every step that can fail; a run that fails changes nothing, and the plan still works.
 * A plan runs in one thread at a time, on as many cores as the tape says; the bits do not depend on their number. */
#ifndef WENGERT_PLAN_H
#define WENGERT_PLAN_H

#include <wengert/tape.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct wg_plan wg_plan;

/* The planner's passes; each may be left out, and the bits are the same, but without STACK sums are rounded in another order. */
typedef enum wg_pass {
    WG_PASS_MERGE = 1,    /* equal nodes are computed once                          */
    WG_PASS_FUSE = 2,     /* elementwise chains run tile by tile                    */
    WG_PASS_INPLACE = 4,  /* a result may take the place of an operand read last    */
    WG_PASS_REUSE = 8,    /* a buffer whose value is done with serves another       */
    WG_PASS_JOIN = 16,    /* what is put side by side is computed there             */
    WG_PASS_STACK = 32,   /* what every step of an unrolled net repeats is done once: products with one matrix, sums of products */
                          /* these two, and merging where it gives them more to do, may add the terms of a sum in another
                             order: results differ by rounding; the others keep the bits */
    WG_PASS_WAIT = 64,    /* threads wait for each other only where one needs what another made */
    WG_PASS_RECOMPUTE = 128, /* what lies between two marks (wg_checkpoint) is computed again for the reverse sweep, not kept */
    WG_PASS_EPILOGUE = 256 /* elementwise work on what a convolution or a pool's reverse has just written, while it is in the caches */
} wg_pass;

typedef struct wg_plan_options {
    wg_tensors outputs;   /* tensors wanted, and assigns to be done                 */
    unsigned without;     /* passes to leave out: WG_PASS_MERGE | ...               */
    const char *isa;      /* "avx512", "avx2", "base"; NULL: the best that is here   */
    int threads;          /* 0: as the tape says                                    */
    const char *name;     /* for wg_plan_name; copied                               */
} wg_plan_options;

/* NULL: wg_error(tape) says why. The plan belongs to the tape. */
WG_API wg_plan *wg_plan_create(const wg_plan_options *o);
WG_API wg_plan *wg_plan_of(wg_tensors outputs);
WG_API void wg_plan_free(wg_plan *p);                       /* only to free it before its tape; NULL is fine  */
WG_API const char *wg_plan_error(const wg_plan *p);         /* of the last call that failed, or NULL          */
WG_API const wg_tape *wg_plan_tape(const wg_plan *p);
WG_API const char *wg_plan_name(const wg_plan *p);          /* "" when it has none                            */

/* Gives an input its value for the runs that follow. Borrows: `a` must stay until wg_run returns. Any size where the
   input says WG_ANY. dtype and shape must fit, but that what is stored
   narrow is widened: i64 takes i32 and u8, i32 takes u8, f32 and f64 take bf16 and f16. */
WG_API wg_status wg_feed(wg_plan *p, wg_tensor input, wg_array a);

/* Computes the outputs and the effects. WG_EMISSING: an input was not fed; WG_EINDEX: an index, a label or an integer
   divisor out of range (the message says which); WG_ESHAPE: the sizes fed do not fit together; WG_ENOMEM. */
WG_API wg_status wg_run(wg_plan *p);

/* An output of the last run; valid until the next run. */
WG_API wg_status wg_read(wg_plan *p, wg_tensor x, wg_array *borrowed);
WG_API double wg_read_scalar(wg_plan *p, wg_tensor x);      /* NaN, and an error, when it is not one number  */

/* Plans, runs and prints as NumPy would: for small programs. x must not depend on inputs. */
WG_API wg_status wg_show(FILE *to, wg_tensor x);

/* The steps, what is in each group, what was copied and why, and the memory. Sizes are those of the last run (of the
   feeds so far, if it has not run). */
WG_API wg_status wg_plan_print(FILE *to, wg_plan *p);
WG_API size_t wg_plan_memory(const wg_plan *p);             /* bytes of the arena                            */
WG_API size_t wg_plan_nodes(const wg_plan *p);              /* what it needs of the tape, equal nodes once   */

/* ---- where the time of a run goes ------------------------------------------------------------------------------ */

/* What one thread did of a step, in seconds from the start of the run. `prepare`: what a step does before its own work
   (a matrix is packed); the threads then wait for each other. */
typedef struct wg_span {
    int thread;
    bool prepare;
    double start, end;
} wg_span;

typedef struct wg_profile_step {
    const char *kind;     /* "group", "rows", "columns", "block": as the printed plan has it; "epilogue": a block and its group */
    const char *ops;      /* "matmul"; of a group all, or the first ones: "mul+tanh+add+9 more"          */
    const char *label;    /* of what it computes last: a name, or %17 ...                               */
    const char *type;     /* ... and its type, "f32[64,10]"                                             */
    size_t count;         /* nodes computed in it                                                       */
    double flops;         /* as its op counts them; 0: it does not                                      */
    double bytes;         /* of its inputs and what it stores, each once                                */
    double seconds;       /* the longest that a thread was in it, without waiting                       */
    const wg_span *span;
    size_t spans;
} wg_profile_step;

typedef struct wg_profile {
    const wg_profile_step *step;
    size_t steps;
    int threads;
    double seconds;       /* from the first step's start to the last one's end, waiting included        */
} wg_profile;

/* From now on a run takes the time of every step on every thread (two looks at a clock each), or no longer. */
WG_API wg_status wg_plan_profile(wg_plan *p, bool on);

/* Of the last run, which must have been profiled; borrowed until the next call with this plan. WG_EARG, WG_ENOMEM. */
WG_API wg_status wg_profile_read(wg_plan *p, wg_profile *borrowed);

#ifdef __cplusplus
}
#endif

#ifndef __cplusplus
#define wg_plan_new(...) wg_plan_of(WG_LIST(__VA_ARGS__))
#endif
#endif

/* scalar.c -- what a node costs: 100,000 operations on numbers, as a chain and as a graph with reuse. One row is recording,
 * differentiating, planning and the first run together, on a tape that is reset for each graph: what an eager library does every
 * step, which keeps its memory too. One is the same on a tape that is made and freed each time. One is a further run of the same
 * plan. The first two are divided by the operations recorded, the last by those executed, which are the gradient's too. */
#include "bench.h"

enum { NODES = 100000, RING = 16 };

typedef struct graph {
    wg_tape *tape;
    wg_tensor x, leaf[3], out[4]; /* out: x and its gradients */
    int leaves, threads, nodes;
    wg_plan *plan;
    double executed; /* operations, by a run of the plan */
} graph;

static wg_tensor leaf(wg_tape *t, const char *name, double value) { return wg_param(t, name, WG_SHAPE(), .init = {"constant", 0, value}); }

/* x <- tanh(x w + b) + x0 */
static void chain(graph *g)
{
    wg_tensor w = leaf(g->tape, "w", 0.9), b = leaf(g->tape, "b", 0.1), x0 = leaf(g->tape, "x0", 0.5), x = x0;
    for (int i = 0; i < g->nodes / 4; i++) x = wg_add(wg_tanh(wg_add(wg_mul(x, w), b)), x0);
    g->leaf[0] = w, g->leaf[1] = b, g->leaf[2] = x0;
    g->leaves = 3;
    g->x = x;
}

/* x <- tanh(x p + q) - r, where p, q, r are random ones of the last sixteen tanh */
static void dag(graph *g)
{
    wg_tensor x = leaf(g->tape, "x0", 0.5), ring[RING];
    uint32_t s = 12345;
    g->leaf[0] = x;
    g->leaves = 1;
    for (int i = 0; i < RING; i++) ring[i] = x;
    for (int i = 0; i < g->nodes / 4; i++) {
        s = (s * 1103515245u + 12345u) & 0x7fffffffu;
        wg_tensor p = ring[s >> 8 & 15], q = ring[s >> 14 & 15], r = ring[s >> 20 & 15];
        x = wg_tanh(wg_add(wg_mul(x, p), q));
        ring[i % RING] = x;
        x = wg_sub(x, r);
    }
    g->x = x;
}

static double once(graph *g, void (*record)(graph *g))
{
    record(g);
    g->out[0] = g->x;
    if (wg_grads(g->x, g->leaf, (size_t)g->leaves, g->out + 1)) fail("grads", wg_error(g->tape));
    g->plan = wg_plan_of((wg_tensors){g->out, (size_t)g->leaves + 1});
    if (!g->plan) fail("plan", wg_error(g->tape));
    run_or_fail(g->plan);
    return wg_read_scalar(g->plan, g->x);
}

/* Again on the same tape, which keeps the parameters and its memory: what a program does whose graph is another every step. */
static double again(graph *g, void (*record)(graph *g))
{
    if (!g->tape) g->tape = wg_tape_new(.threads = g->threads);
    if (!g->tape) fail("memory", NULL);
    wg_tape_reset(g->tape);
    return once(g, record);
}

static void forget(void *job)
{
    graph *g = job;
    wg_tape_free(g->tape);
    g->tape = NULL;
}

/* A tape of its own for each graph: what it costs to begin anew. The last one is freed before. */
static double anew(graph *g, void (*record)(graph *g))
{
    g->tape = wg_tape_new(.threads = g->threads);
    if (!g->tape) fail("memory", NULL);
    return once(g, record);
}

static double chain_again(void *job) { return again(job, chain); }
static double dag_again(void *job) { return again(job, dag); }
static double chain_anew(void *job) { return anew(job, chain); }
static double dag_anew(void *job) { return anew(job, dag); }

static void *nothing(int threads, int nodes)
{
    graph *g = calloc(1, sizeof *g);
    if (!g) fail("memory", NULL);
    g->threads = threads;
    g->nodes = nodes;
    return g;
}

static void *some(int threads) { return nothing(threads, NODES); }
static void *of_1000(int threads) { return nothing(threads, 1000); }
static void *of_10000(int threads) { return nothing(threads, 10000); }
static void *of_1000000(int threads) { return nothing(threads, 1000000); }

/* Recorded and run once, and counted: how many operations a further run executes. */
static void *recorded(int threads, void (*record)(graph *g))
{
    wg_profile profile;
    graph *g = nothing(threads, NODES);
    g->tape = wg_tape_new(.threads = threads);
    if (!g->tape) fail("memory", NULL);
    once(g, record);
    if (wg_plan_profile(g->plan, true) || wg_run(g->plan) || wg_profile_read(g->plan, &profile)) fail("profile", wg_plan_error(g->plan));
    for (size_t i = 0; i < profile.steps; i++) g->executed += (double)profile.step[i].count;
    wg_plan_profile(g->plan, false);
    return g;
}

static void *chain_made(int threads) { return recorded(threads, chain); }
static void *dag_made(int threads) { return recorded(threads, dag); }

static double replay(void *job)
{
    graph *g = job;
    run_or_fail(g->plan);
    return wg_read_scalar(g->plan, g->x);
}

static double recordings(const void *job) { return ((const graph *)job)->nodes; }
static double executions(const void *job) { return ((const graph *)job)->executed; }

static wg_plan *plan_of(const void *job) { return ((const graph *)job)->plan; }

static void release(void *job)
{
    graph *g = job;
    wg_tape_free(g->tape);
    free(g);
}

#define SCALAR(name_, make_, before_, step_, parts_, plan_, what_)                                                                         \
    {                                                                                                                                      \
        .name = name_, .what = what_, .unit = "ns/op", .scale = 1e9, .make = make_, .before = before_, .step = step_, .free = release,     \
        .parts = parts_, .plan = plan_                                                                                                     \
    }
const bench_workload bench_scalar_chain = SCALAR("scalar_chain", some, NULL, chain_again, recordings, NULL,
                                                 "100,000 numbers in a chain: reset, record, differentiate, plan, run");
const bench_workload bench_scalar_dag = SCALAR("scalar_dag", some, NULL, dag_again, recordings, NULL, "the same with reuse");
const bench_workload bench_scalar_chain_anew =
    SCALAR("scalar_chain_anew", some, forget, chain_anew, recordings, NULL, "scalar_chain on a tape of its own");
const bench_workload bench_scalar_dag_anew =
    SCALAR("scalar_dag_anew", some, forget, dag_anew, recordings, NULL, "scalar_dag on a tape of its own");
const bench_workload bench_scalar_chain_replay =
    SCALAR("scalar_chain_replay", chain_made, NULL, replay, executions, plan_of, "a further run of the chain, an executed operation");
const bench_workload bench_scalar_dag_replay = SCALAR("scalar_dag_replay", dag_made, NULL, replay, executions, plan_of,
                                                      "a further run of the graph with reuse, an executed operation");
const bench_workload bench_scalar_chain_1000 =
    SCALAR("scalar_chain_1000", of_1000, NULL, chain_again, recordings, NULL, "scalar_chain of 1000");
const bench_workload bench_scalar_chain_10000 =
    SCALAR("scalar_chain_10000", of_10000, NULL, chain_again, recordings, NULL, "scalar_chain of 10,000");
const bench_workload bench_scalar_chain_1000000 =
    SCALAR("scalar_chain_1000000", of_1000000, NULL, chain_again, recordings, NULL, "scalar_chain of 1,000,000");

/* limits.c -- what the machine can do at best, measured beside the workloads: multiply-adds that stay in registers, for each
 * instruction set that is here, and copying more memory than the caches hold. Compiled with contraction of a * b + c: that is the
 * instruction whose rate is asked for. */
#include "bench.h"

#include <math.h>
#include <sched.h>
#include <stdatomic.h>
#include <string.h>

#include <omp.h>

enum { ROUNDS = 200000, SAMPLES = 7, COPIED = 64 << 20 };

/* Twelve sums, more than the latency of a multiply-add needs to hide behind, few enough for sixteen registers; AArch64 has
   four units and thirty-two registers. They start from a number the compiler does not know and stay finite. */
#if defined __aarch64__
#define EACH_SUM(F) F(0) F(1) F(2) F(3) F(4) F(5) F(6) F(7) F(8) F(9) F(10) F(11) F(12) F(13) F(14) F(15) F(16) F(17) F(18) F(19)
enum { SUMS = 20 };
#else
#define EACH_SUM(F) F(0) F(1) F(2) F(3) F(4) F(5) F(6) F(7) F(8) F(9) F(10) F(11)
enum { SUMS = 12 };
#endif

#define PEAK_OF(name, target_, bytes)                                                                                                      \
    target_ static float name(float seed, long rounds)                                                                                     \
    {                                                                                                                                      \
        typedef float vector __attribute__((vector_size(bytes)));                                                                          \
        vector a = {0}, b = {0}, all = {0};                                                                                                \
        a += 0.999f, b += seed;                                                                                                            \
        EACH_SUM(PEAK_DECLARE)                                                                                                             \
        for (long i = 0; i < rounds; i++) {                                                                                                \
            EACH_SUM(PEAK_ADD)                                                                                                             \
        }                                                                                                                                  \
        EACH_SUM(PEAK_TAKE)                                                                                                                \
        return all[0];                                                                                                                     \
    }
#define PEAK_DECLARE(i) vector c##i = b + (float)i;
#define PEAK_ADD(i) c##i = c##i * a + b;
#define PEAK_TAKE(i) all += c##i;

typedef struct peak {
    const char *isa;
    float (*run)(float seed, long rounds);
    int lanes;
} peak;

PEAK_OF(peak_base, , 16)
#if defined __x86_64__
PEAK_OF(peak_avx2, __attribute__((target("avx2,fma"))), 32)
PEAK_OF(peak_avx512, __attribute__((target("avx512f"))), 64)
#endif

static int here(peak *p)
{
    int n = 0;
    p[n++] = (peak){"base", peak_base, 4};
#if defined __x86_64__
    __builtin_cpu_init();
    if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) p[n++] = (peak){"avx2", peak_avx2, 8};
    if (__builtin_cpu_supports("avx512f")) p[n++] = (peak){"avx512", peak_avx512, 16};
#endif
    return n;
}

/* Seconds of the fastest sample, which is long beside starting the threads and waiting for the last one. */
static double fastest(int threads, void (*f)(void *), void *x)
{
    double best = HUGE_VAL;
    for (int i = 0; i < SAMPLES; i++) {
        double start = now();
#pragma omp parallel num_threads(threads)
        f(x);
        best = fmin(best, now() - start);
    }
    return best;
}

static void multiply(void *x)
{
    const peak *p = x;
    volatile float sink = p->run(1e-3f, ROUNDS);
    (void)sink;
}

typedef struct blocks {
    char *from, *to; /* a slice for every thread */
} blocks;

static void copy(void *x)
{
    const blocks *b = x;
    size_t at = (size_t)COPIED * (size_t)omp_get_thread_num();
    memcpy(b->to + at, b->from + at, COPIED);
}

/* Two threads in turn raise a counter. */
static double hand_over(atomic_int *counter, int turns)
{
    enum { PATIENCE = 10000 };
    double start = 0;
    atomic_store(counter, 0);
#pragma omp parallel num_threads(2)
    {
        int me = omp_get_thread_num();
#pragma omp barrier
#pragma omp master
        start = now();
        for (int turn = 0; turn < turns && omp_get_num_threads() == 2; turn++) {
            for (int n = 0; atomic_load_explicit(counter, memory_order_acquire) != 2 * turn + me; n++)
                if (n > PATIENCE) sched_yield(); /* the other may be waiting for this core */
            atomic_store_explicit(counter, 2 * turn + me + 1, memory_order_release);
        }
    }
    return (now() - start) / turns;
}

/* How long a line of memory takes from one thread to another and back: where two threads share steps of microseconds, they wait for
   this, and on a virtual machine it changes fivefold when the host moves them. Where they share one core it takes milliseconds:
   then few turns must do. */
static double round_trip(void)
{
    enum { FEW = 20, TURNS = 20000 };
    static _Alignas(128) atomic_int counter;
    double best = hand_over(&counter, FEW);
    for (int i = 0; i < SAMPLES && best < 1e-4; i++) best = fmin(best, hand_over(&counter, TURNS));
    return best;
}

bench_limits bench_measure_limits(int threads)
{
    peak p[BENCH_ISAS];
    bench_limits l = {.isas = here(p)};
    for (int i = 0; i < l.isas; i++) {
        l.isa[i] = p[i].isa;
        l.flops[i] = 2.0 * SUMS * p[i].lanes * ROUNDS * threads / fastest(threads, multiply, &p[i]);
    }
    if (threads > 1) l.round_trip = round_trip();
    size_t bytes = (size_t)COPIED * (size_t)threads;
    blocks b = {aligned_alloc(4096, bytes), aligned_alloc(4096, bytes)};
    if (!b.from || !b.to) fail("memory", NULL);
    memset(b.from, 1, bytes);
    memset(b.to, 2, bytes);
    l.copy = 2.0 * (double)bytes / fastest(threads, copy, &b);
    free(b.from);
    free(b.to);
    return l;
}

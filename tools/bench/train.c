/* train.c -- what the workloads share: a tape with inputs, eight batches of random data for them, fed in turn so that a network
 * does not just learn one of them by heart, and the step. */
#include "bench.h"

#include <string.h>

bench_job *bench_job_new(int threads, int batches)
{
    bench_job *j = calloc(1, sizeof *j);
    wg_tape *t = wg_tape_new(.seed = 1, .threads = threads);
    if (!j || !t) fail("memory", NULL);
    *j = (bench_job){.tape = t, .loss = WG_NONE, .batches = batches};
    return j;
}

static uint32_t draw(uint32_t *seed) { return (*seed = *seed * 1664525u + 1013904223u) >> 8; }

static void fill(char *to, const wg_shape *s, int64_t n, bench_fill how, int labels, uint32_t seed)
{
    float *x = (float *)(void *)to;
    int64_t *label = (int64_t *)(void *)to, last = s->rank ? s->dim[s->rank - 1] : 1;
    for (int64_t i = 0; i < n; i++) {
        if (how == BENCH_LABELS) label[i] = draw(&seed) % (uint32_t)labels;
        else x[i] = how == BENCH_UNIFORM ? (float)draw(&seed) / 16777216.0f : how == BENCH_ONES;
    }
    for (int64_t i = 0; how == BENCH_ONE_HOT && i < n; i += last) x[i + draw(&seed) % (uint32_t)last] = 1;
}

wg_tensor bench_input(bench_job *j, const char *name, wg_shape shape, bench_fill how, int labels)
{
    bench_feed *f = &j->feed[j->feeds++];
    wg_dtype dtype = how == BENCH_LABELS ? WG_I64 : WG_F32;
    int64_t n = wg_shape_count(shape);
    f->input = how == BENCH_LABELS ? wg_input_range(j->tape, name, dtype, shape, 0, labels) : wg_input(j->tape, name, dtype, shape);
    f->bytes = (size_t)n * wg_dtype_size(dtype);
    f->all = malloc((size_t)j->batches * f->bytes);
    if (!f->all) fail("memory", NULL);
    fill(f->all, &shape, n * j->batches, how, labels, (uint32_t)j->feeds);
    f->batch = wg_array_wrap(f->all, dtype, shape);
    return f->input;
}

void *bench_plan(bench_job *j, wg_plan *p, wg_tensor loss)
{
    if (!p) fail("plan", wg_error(j->tape));
    j->plan = p;
    j->loss = loss;
    return j;
}

double bench_step(void *job)
{
    bench_job *j = job;
    for (int i = 0; i < j->feeds; i++) {
        bench_feed *f = &j->feed[i];
        f->batch.data = f->all + (size_t)j->at * f->bytes;
        if (wg_feed(j->plan, f->input, f->batch)) fail("feed", wg_plan_error(j->plan));
    }
    j->at = (j->at + 1) % j->batches;
    run_or_fail(j->plan);
    return wg_ok(j->loss) ? wg_read_scalar(j->plan, j->loss) : 0;
}

void bench_free(void *job)
{
    bench_job *j = job;
    wg_tape_free(j->tape);
    for (int i = 0; i < j->feeds; i++) free(j->feed[i].all);
    free(j);
}

wg_plan *bench_plan_of(const void *job) { return ((const bench_job *)job)->plan; }

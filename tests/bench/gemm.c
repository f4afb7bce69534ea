/* gemm.c -- f32 matrix products through the public API against OpenBLAS's cblas_sgemm, in turn in the same process.
 *
 *     gemm [ROUNDS] [MxNxK]      with OMP_NUM_THREADS=1 and 2; WG_OPENBLAS names the library, if it lies elsewhere
 *
 * Prints a line a shape: shape, threads, our median and best GFLOP/s, OpenBLAS's, ratio of the medians and of the bests
 * ("-" where there is no OpenBLAS). NN, NT, TN: which operand lies transposed, for us as a view. */
#define _XOPEN_SOURCE 700
#include "timing.h"

#include <dlfcn.h>
#include <math.h>
#include <string.h>

typedef void (*sgemm)(int, int, int, int, int, int, float, const float *, int, const float *, int, float, float *, int);

enum { ROUNDS_MOST = 64, ROW_MAJOR = 101, PLAIN = 111, TRANSPOSED = 112 };

typedef struct product {
    int m, n, k;
    bool at, bt;
    float *a, *b, *c;
    wg_plan *plan;
    wg_tensor y;
    sgemm peer;
} product;

static sgemm find_peer(void)
{
    const char *names[] = {getenv("WG_OPENBLAS"), "/usr/lib/x86_64-linux-gnu/openblas-openmp/libopenblas.so.0", "libopenblas.so.0"};
    for (int i = 0; i < 3; i++) {
        void *library = names[i] ? dlopen(names[i], RTLD_NOW | RTLD_LOCAL) : NULL, *f = library ? dlsym(library, "cblas_sgemm") : NULL;
        sgemm found;
        memcpy(&found, &f, sizeof found);
        if (f) return found;
    }
    return NULL;
}

static void ours(void *x) { run_or_fail(((product *)x)->plan); }

static void theirs(void *x)
{
    product *p = x;
    p->peer(ROW_MAJOR, p->at ? TRANSPOSED : PLAIN, p->bt ? TRANSPOSED : PLAIN, p->m, p->n, p->k, 1, p->a, p->at ? p->m : p->k, p->b,
            p->bt ? p->k : p->n, 0, p->c, p->n);
}

static float *numbers(int64_t n, uint32_t seed)
{
    float *x = aligned_alloc(64, ((size_t)n * sizeof *x + 63) / 64 * 64);
    if (!x) fail("memory", NULL);
    fill_random(x, (size_t)n, seed);
    return x;
}

static wg_tensor operand(wg_tape *t, const char *name, int rows, int columns, bool transposed)
{
    wg_tensor x = wg_input(t, name, WG_F32, transposed ? WG_SHAPE(columns, rows) : WG_SHAPE(rows, columns));
    return transposed ? wg_transpose(x) : x;
}

static wg_tape *prepare(product *p)
{
    wg_tape *t = wg_tape_new(.threads = threads_wanted());
    p->a = numbers((int64_t)p->m * p->k, 1);
    p->b = numbers((int64_t)p->k * p->n, 2);
    p->c = numbers((int64_t)p->m * p->n, 3);
    wg_tensor a = operand(t, "a", p->m, p->k, p->at), b = operand(t, "b", p->k, p->n, p->bt);
    p->y = wg_matmul(a, b);
    p->plan = wg_plan_new(p->y);
    if (!p->plan) fail("plan", wg_error(t));
    wg_feed(p->plan, wg_find(t, "a"), wg_array_wrap(p->a, WG_F32, p->at ? WG_SHAPE(p->k, p->m) : WG_SHAPE(p->m, p->k)));
    wg_feed(p->plan, wg_find(t, "b"), wg_array_wrap(p->b, WG_F32, p->bt ? WG_SHAPE(p->n, p->k) : WG_SHAPE(p->k, p->n)));
    return t;
}

/* Both compute the same: a number is worth nothing otherwise. */
static void compare(product *p)
{
    wg_array y;
    ours(p);
    theirs(p);
    if (wg_read(p->plan, p->y, &y)) fail("read", wg_plan_error(p->plan));
    for (int64_t i = 0; i < (int64_t)p->m * p->n; i++)
        if (!(fabs(wg_array_at(&y, i) - (double)p->c[i]) <= 1e-5 * p->k)) fail("compare", "the two results differ");
}

static void measure(product *p, int rounds, const char *layout)
{
    double us[ROUNDS_MOST], them[ROUNDS_MOST], flop = 2e-9 * p->m * p->n * p->k;
    wg_tape *t = prepare(p);
    long n = calls_for(ours, p, 0.01), peers = p->peer ? calls_for(theirs, p, 0.01) : 0;
    if (p->peer) compare(p);
    for (int r = 0; r < rounds; r++) {
        us[r] = sample(ours, p, n);
        if (p->peer) them[r] = sample(theirs, p, peers);
    }
    double mid = flop / median(us, rounds), best = flop / us[0];
    printf("%dx%dx%d_%s\t%d\t%.1f\t%.1f\t", p->m, p->n, p->k, layout, threads_wanted(), mid, best);
    if (p->peer) {
        double mid2 = flop / median(them, rounds), best2 = flop / them[0];
        printf("%.1f\t%.1f\t%.2f\t%.2f\n", mid2, best2, mid / mid2, best / best2);
    } else {
        printf("-\t-\t-\t-\n");
    }
    fflush(stdout);
    wg_tape_free(t);
    free(p->a);
    free(p->b);
    free(p->c);
}

int main(int argc, char **argv)
{
    static const int shapes[][3] = {{1024, 1024, 1024}, {512, 512, 512}, {256, 256, 256}, {128, 128, 128}, {64, 64, 64},
                                    {32, 32, 32},       {64, 64, 784},   {64, 784, 64},   {784, 64, 64},   {128, 128, 784},
                                    {784, 128, 128},    {64, 10, 64},    {1, 1024, 1024}, {64, 1, 64}};
    static const char *const layouts[] = {"NN", "NT", "TN"};
    int rounds = argc > 1 ? atoi(argv[1]) : 9, one[3];
    if (rounds < 1 || rounds > ROUNDS_MOST) rounds = 9;
    bool only = argc > 2 && sscanf(argv[2], "%dx%dx%d", &one[0], &one[1], &one[2]) == 3;
    sgemm peer = find_peer();
    puts("shape_MxNxK\tthreads\tours\tours_best\topenblas\topenblas_best\tratio\tratio_best");
    for (size_t i = 0; i < (only ? 1 : sizeof shapes / sizeof *shapes); i++)
        for (int l = 0; l < 3; l++) {
            const int *s = only ? one : shapes[i];
            measure(&(product){.m = s[0], .n = s[1], .k = s[2], .at = l == 2, .bt = l == 1, .peer = peer}, rounds, layouts[l]);
        }
    return 0;
}

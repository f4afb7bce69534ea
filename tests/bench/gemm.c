/* gemm.c -- f32 matrix products through the public API against the BLAS libraries that are here (blas.h), in turn in the
 * same process.
 *
 *     gemm [ROUNDS] [ROW...]      with OMP_NUM_THREADS=1 and 2
 *
 * A row is one that is printed (sq64, 64x64x784_NT, b48x64x64x32_NN) or any sizes: sqN, MxNxK, bBATCHxMxNxK, of which all
 * three layouts are measured unless one is named. NN, NT, TN: which operand lies transposed, for us as a view. Prints a
 * line a row: our median and best GFLOP/s over the rounds, the library with the best median, its median and best, ratio
 * of the medians and of the bests ("-" where no library is here); last the geometric means of both ratios. */
#define _XOPEN_SOURCE 700
#include "timing.h"

#include "blas.h"

#include <math.h>

enum { ROUNDS_MOST = 64 };

typedef struct race {
    product x;
    wg_plan *plan;
    wg_tensor y;
    const peer *peer; /* whose turn it is */
} race;

typedef struct result {
    double median, best;
} result;

static double total[2]; /* logarithms of the ratios */
static int rows;

/* ---- ours ----------------------------------------------------------------------------------------------------------- */

static void ours(void *x) { run_or_fail(((race *)x)->plan); }

static void theirs(void *x) { peer_run(((race *)x)->peer, &((race *)x)->x); }

static float *numbers(int64_t n, uint32_t seed)
{
    float *x = aligned_alloc(4096, ((size_t)n * sizeof *x + 4095) / 4096 * 4096);
    if (!x) fail("memory", NULL);
    fill_random(x, (size_t)n, seed);
    return x;
}

static wg_shape matrices(const product *x, int rows_of, int columns_of)
{
    return x->batch > 1 ? WG_SHAPE(x->batch, rows_of, columns_of) : WG_SHAPE(rows_of, columns_of);
}

static wg_tensor operand(wg_tape *t, const char *name, wg_shape lies, bool transposed)
{
    wg_tensor x = wg_input(t, name, WG_F32, lies);
    return !transposed ? x : lies.rank == 2 ? wg_transpose(x) : wg_transpose(x, WG_INTS(0, 2, 1));
}

static wg_tape *prepare(race *r)
{
    product *x = &r->x;
    wg_tape *t = wg_tape_new(.threads = threads_wanted());
    x->a = numbers((int64_t)x->batch * x->m * x->k, 1);
    x->b = numbers((int64_t)x->batch * x->k * x->n, 2);
    x->c = numbers((int64_t)x->batch * x->m * x->n, 3);
    wg_shape a = x->at ? matrices(x, x->k, x->m) : matrices(x, x->m, x->k), b = x->bt ? matrices(x, x->n, x->k) : matrices(x, x->k, x->n);
    r->y = wg_matmul(operand(t, "a", a, x->at), operand(t, "b", b, x->bt));
    r->plan = wg_plan_new(r->y);
    if (!r->plan) fail("plan", wg_error(t));
    wg_feed(r->plan, wg_find(t, "a"), wg_array_wrap(x->a, WG_F32, a));
    wg_feed(r->plan, wg_find(t, "b"), wg_array_wrap(x->b, WG_F32, b));
    return t;
}

/* All compute the same: a number is worth nothing otherwise. */
static void compare(race *r)
{
    wg_array y;
    ours(r);
    theirs(r);
    if (wg_read(r->plan, r->y, &y)) fail("read", wg_plan_error(r->plan));
    for (int64_t i = 0; i < (int64_t)r->x.batch * r->x.m * r->x.n; i++)
        if (!(fabs(wg_array_at(&y, i) - (double)r->x.c[i]) <= 1e-5 * r->x.k)) fail(r->peer->name, "its result differs from ours");
}

/* ---- a row ---------------------------------------------------------------------------------------------------------- */

static result summary(double *seconds, int rounds, double gflop)
{
    double mid = median(seconds, rounds);
    return (result){gflop / mid, gflop / seconds[0]};
}

static void print(const char *name, result us, const peer *best, result them)
{
    printf("%-20s\t%d\t%.1f\t%.1f\t", name, threads_wanted(), us.median, us.best);
    if (best) {
        double ratio[2] = {us.median / them.median, us.best / them.best};
        printf("%s\t%.1f\t%.1f\t%.2f\t%.2f\n", best->name, them.median, them.best, ratio[0], ratio[1]);
        for (int i = 0; i < 2; i++) total[i] += log(ratio[i]);
        rows++;
    } else {
        printf("-\t-\t-\t-\t-\n");
    }
    fflush(stdout);
}

static void measure(const char *name, race *r, const peer *peers, int n_peers, int rounds)
{
    static double us[ROUNDS_MOST], them[PEERS_MOST][ROUNDS_MOST];
    const product *x = &r->x;
    double gflop = 2e-9 * x->m * x->n * x->k * x->batch;
    long calls[PEERS_MOST] = {0};
    const peer *best = NULL;
    result best_result = {0, 0};
    wg_tape *t = prepare(r);
    long n = calls_for(ours, r, 0.008);
    for (int i = 0; i < n_peers; i++) {
        r->peer = &peers[i];
        if (!peer_can(r->peer, x)) continue;
        compare(r);
        calls[i] = calls_for(theirs, r, 0.008);
    }
    for (int round = 0; round < rounds; round++) {
        us[round] = sample(ours, r, n);
        for (int i = 0; i < n_peers; i++) {
            r->peer = &peers[i];
            if (calls[i]) them[i][round] = sample(theirs, r, calls[i]);
        }
    }
    for (int i = 0; i < n_peers; i++) {
        result one = calls[i] ? summary(them[i], rounds, gflop) : (result){0, 0};
        if (one.median > best_result.median) best = &peers[i], best_result = one;
    }
    print(name, summary(us, rounds, gflop), best, best_result);
    wg_tape_free(t);
    free(x->a);
    free(x->b);
    free(x->c);
}

/* ---- rows ----------------------------------------------------------------------------------------------------------- */

static const char *const table[] = {"sq16",        "sq32",           "sq64",         "sq128",      "sq256",       "sq512",
                                    "sq1024",      "sq2048",         "64x64x784",    "64x10x64",   "128x128x784", "784x128x128",
                                    "512x512x512", "1024x4096x1024", "256x1024x256", "4096x64x64", "32x32x31250", "1x1024x1024",
                                    "64x1x64",     "b48x64x64x32",   "b48x64x32x64"};

/* Reads a row's name; answers its layout or -1 for all, -2 where it makes no sense. */
static int read_row(const char *name, product *x)
{
    int used = 0;
    *x = (product){.batch = 1};
    if (sscanf(name, "sq%d%n", &x->m, &used) == 1) x->n = x->k = x->m;
    else if (sscanf(name, "b%dx%dx%dx%d%n", &x->batch, &x->m, &x->n, &x->k, &used) != 4 &&
             sscanf(name, "%dx%dx%d%n", &x->m, &x->n, &x->k, &used) != 3)
        return -2;
    if (x->batch < 1 || x->m < 1 || x->n < 1 || x->k < 1) return -2;
    const char *layout = name + used;
    if (!*layout) return name[0] == 's' ? 0 : -1;
    return !strcmp(layout, "_NN") ? 0 : !strcmp(layout, "_NT") ? 1 : !strcmp(layout, "_TN") ? 2 : -2;
}

static void measure_row(const char *name, const peer *peers, int n_peers, int rounds)
{
    static const char *const layouts[] = {"NN", "NT", "TN"};
    product x;
    int layout = read_row(name, &x);
    if (layout == -2) fail(name, "no such row: see the comment on top of gemm.c");
    for (int l = layout < 0 ? 0 : layout; l <= (layout < 0 ? 2 : layout); l++) {
        char full[64];
        race r = {.x = x};
        r.x.at = l == 2;
        r.x.bt = l == 1;
        snprintf(full, sizeof full, layout < 0 ? "%s_%s" : "%s", name, layouts[l]);
        measure(full, &r, peers, n_peers, rounds);
    }
}

int main(int argc, char **argv)
{
    peer peers[PEERS_MOST];
    int n_peers = find_peers(peers), first = 1, rounds = 9;
    if (argc > 1 && !strpbrk(argv[1], "xsb")) rounds = atoi(argv[first++]);
    if (rounds < 1 || rounds > ROUNDS_MOST) fail(argv[1], "rounds must be 1 to 64");
    puts("row                 \tthreads\tours\tbest\tlibrary\tits\tbest\tratio\tratio of bests");
    if (first < argc)
        for (int i = first; i < argc; i++) measure_row(argv[i], peers, n_peers, rounds);
    else
        for (size_t i = 0; i < sizeof table / sizeof *table; i++) measure_row(table[i], peers, n_peers, rounds);
    if (rows > 0)
        printf("%-20s\t%d\t\t\t\t\t\t%.3f\t%.3f\n", "geometric mean", threads_wanted(), exp(total[0] / rows), exp(total[1] / rows));
    return 0;
}

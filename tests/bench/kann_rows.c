/* kann_rows.c -- the perceptrons of `wengert bench` by KANN (github.com/attractivechaos/kann) over a BLAS: the same networks, sizes and
 * batches. tests/bench/run compiles it with KANN's two sources, where $KANN says that they lie.
 *
 * usage: kann_rows WORKLOAD SECONDS THREADS      prints a row as `wengert bench --tsv` does
 *
 * KANN has no Adam; its RMSprop, which does less, stands in. Of its two ways to use threads, the BLAS's and its own (a part of the
 * batch each), the faster one counts: OMP_NUM_THREADS is the BLAS's, THREADS are KANN's. */
#include <kann.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>

enum { FEATURES = 784, CLASSES = 10, BATCHES = 8, WARM = 5, LEAST = 7, MOST = 200000 };

typedef struct net {
    const char *name, *unit;
    double scale;
    int batch, wide, hidden;
    int plain; /* sigmoid, squared error and SGD; else relu, cross-entropy and RMSprop */
} net;

static const net nets[] = {{"mlp_tiny", "us/step", 1e6, 64, 64, 1, 1},
                           {"mlp_small", "us/step", 1e6, 128, 128, 1, 0},
                           {"mlp_big", "ms/step", 1e3, 256, 1024, 2, 0}};

static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static kann_t *make(const net *n)
{
    kad_node_t *h = kann_layer_input(FEATURES);
    for (int i = 0; i < n->hidden; i++) {
        h = kann_layer_dense(h, n->wide);
        h = n->plain ? kad_sigm(h) : kad_relu(h);
    }
    if (!n->plain) return kann_new(kann_layer_cost(h, CLASSES, KANN_C_CEM), 0);
    kad_node_t *out = kad_sigm(kann_layer_dense(h, CLASSES)), *truth = kad_feed(2, 1, CLASSES);
    truth->ext_flag |= KANN_F_TRUTH;
    out->ext_flag |= KANN_F_OUT;
    return kann_new(kad_mse(out, truth), 0);
}

typedef struct job {
    const net *net;
    kann_t *ann;
    float *x[BATCHES], *y[BATCHES], *square; /* RMSprop's memory */
    int variables, at;
    double loss;
} job;

static float *numbers(int n)
{
    float *x = calloc((size_t)n, sizeof *x);
    if (!x) exit(2);
    return x;
}

static void start(job *j, const net *n, int threads)
{
    *j = (job){.net = n, .ann = make(n)};
    j->variables = kann_size_var(j->ann);
    j->square = numbers(j->variables);
    for (int b = 0; b < BATCHES; b++) {
        j->x[b] = numbers(n->batch * FEATURES);
        j->y[b] = numbers(n->batch * CLASSES);
        for (int i = 0; i < n->batch * FEATURES; i++) j->x[b][i] = (float)kann_drand();
        for (int i = 0; i < n->batch; i++) j->y[b][i * CLASSES + (int)(CLASSES * kann_drand())] = 1;
    }
    kann_set_batch_size(j->ann, n->batch);
    if (threads > 1) kann_mt(j->ann, threads, n->batch);
}

static void step(job *j)
{
    kann_t *a = j->ann;
    kann_feed_bind(a, KANN_F_IN, 0, &j->x[j->at]);
    kann_feed_bind(a, KANN_F_TRUTH, 0, &j->y[j->at]);
    j->at = (j->at + 1) % BATCHES;
    j->loss = (double)kann_cost(a, 0, 1);
    if (j->net->plain) kad_saxpy(j->variables, -0.1f, a->g, a->x);
    else kann_RMSprop(j->variables, 1e-3f, NULL, 0.9f, a->g, a->x, j->square);
}

static int order(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static double median_step(job *j, double seconds)
{
    static double took[MOST];
    int n = 0;
    for (int i = 0; i < WARM; i++) step(j);
    for (double end = now() + seconds; n < MOST && (n < LEAST || now() < end); n++) {
        double begin = now();
        step(j);
        took[n] = now() - begin;
    }
    qsort(took, (size_t)n, sizeof *took, order);
    return took[n / 2];
}

int main(int argc, char **argv)
{
    for (size_t i = 0; argc == 4 && i < sizeof nets / sizeof *nets; i++) {
        if (strcmp(argv[1], nets[i].name) != 0) continue;
        job j;
        struct rusage use;
        start(&j, &nets[i], atoi(argv[3]));
        double seconds = median_step(&j, atof(argv[2]));
        getrusage(RUSAGE_SELF, &use);
        printf("%s\t%s\t%.5g\t%s\t-\t-\t-\t%.1f\n", argv[1], argv[3], seconds * nets[i].scale, nets[i].unit, (double)use.ru_maxrss / 1024);
        return j.loss == j.loss ? 0 : 1; /* not a number: it has not learned */
    }
    fprintf(stderr, "usage: kann_rows WORKLOAD SECONDS THREADS\n");
    return 2;
}

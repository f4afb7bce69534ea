/* blas.h -- the libraries that our matrix products are held against: whichever of them this machine has. OpenBLAS, BLIS and
 * oneDNN are loaded at run time, so that nothing need be installed to build; libxsmm is a static library and is linked
 * where it is there (WG_BENCH_XSMM). WG_PEERS names further libraries (paths between colons) with a cblas_sgemm or a
 * dnnl_sgemm. */
#ifndef WG_BENCH_BLAS_H
#define WG_BENCH_BLAS_H

#include <dlfcn.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#if defined WG_BENCH_XSMM
#include <libxsmm.h>
#endif

/* `batch` products c = a b one after another in memory, all row-major, alpha 1, beta 0; at, bt: a, b lie transposed. */
typedef struct product {
    int m, n, k, batch;
    bool at, bt;
    float *a, *b, *c;
} product;

typedef void (*cblas)(int, int, int, int, int, int, float, const float *, int, const float *, int, float, float *, int);
typedef int (*dnnl)(char, char, int64_t, int64_t, int64_t, float, const float *, int64_t, const float *, int64_t, float, float *, int64_t);

typedef struct peer {
    const char *name;
    cblas cblas;
    dnnl dnnl; /* neither: libxsmm */
} peer;

enum { PEERS_MOST = 8 };

/* ---- one product ---------------------------------------------------------------------------------------------------- */

static inline bool peer_can(const peer *p, const product *x)
{
#if defined WG_BENCH_XSMM
    if (!p->cblas && !p->dnnl) { /* it compiles small products without transposes and leaves the rest to a BLAS */
        bool small = (double)x->m * x->n * x->k <= 64.0 * 64 * 64;
        return small && !x->at && !x->bt && libxsmm_smmdispatch(x->n, x->m, x->k, NULL, NULL, NULL, NULL, &(float){0}, NULL, NULL);
    }
#endif
    return p && x;
}

static inline void peer_one(const peer *p, const product *x, const float *a, const float *b, float *c)
{
    enum { ROW_MAJOR = 101, PLAIN = 111, TRANSPOSED = 112 };
    int lda = x->at ? x->m : x->k, ldb = x->bt ? x->k : x->n;
    if (p->cblas) {
        p->cblas(ROW_MAJOR, x->at ? TRANSPOSED : PLAIN, x->bt ? TRANSPOSED : PLAIN, x->m, x->n, x->k, 1, a, lda, b, ldb, 0, c, x->n);
    } else if (p->dnnl) {
        p->dnnl(x->at ? 'T' : 'N', x->bt ? 'T' : 'N', x->m, x->n, x->k, 1, a, lda, b, ldb, 0, c, x->n);
    } else {
#if defined WG_BENCH_XSMM
        const float one = 1, zero = 0; /* column-major: the transpose of all three */
        libxsmm_sgemm(x->bt ? "T" : "N", x->at ? "T" : "N", &x->n, &x->m, &x->k, &one, b, &ldb, a, &lda, &zero, c, &x->n);
#endif
    }
}

static inline void peer_run(const peer *p, const product *x)
{
    size_t a = (size_t)x->m * (size_t)x->k, b = (size_t)x->k * (size_t)x->n, c = (size_t)x->m * (size_t)x->n;
    for (size_t i = 0; i < (size_t)x->batch; i++) peer_one(p, x, x->a + i * a, x->b + i * b, x->c + i * c);
}

/* ---- finding them --------------------------------------------------------------------------------------------------- */

static inline bool load_peer(peer *p, const char *name, const char *path)
{
    void *library = dlopen(path, RTLD_NOW | RTLD_LOCAL);
    if (!library) return false;
    void *c = dlsym(library, "cblas_sgemm"), *d = c ? NULL : dlsym(library, "dnnl_sgemm");
    p->name = name;
    memcpy(&p->cblas, &c, sizeof c);
    memcpy(&p->dnnl, &d, sizeof d);
    return c || d;
}

/* Into peer[PEERS_MOST]; how many. */
static inline int find_peers(peer *list)
{
    static const char *const known[][2] = {
        {"openblas", "/usr/lib/x86_64-linux-gnu/openblas-openmp/libopenblas.so.0"}, /* where Debian keeps the OpenMP build */
        {"openblas", "libopenblas.so.0"},
        {"blis", "libblis.so.4"},
        {"onednn", "libdnnl.so.3"},
        {"onednn", "libdnnl.so.2"}};
    int n = 0;
#if defined WG_BENCH_XSMM
    libxsmm_init();
    list[n++] = (peer){.name = "libxsmm"};
#endif
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        if ((n == 0 || strcmp(list[n - 1].name, known[i][0]) != 0) && load_peer(&list[n], known[i][0], known[i][1])) n++;
    const char *more = getenv("WG_PEERS");
    char *paths = more ? strdup(more) : NULL; /* lives as long as the program: names point into it */
    for (char *path = paths ? strtok(paths, ":") : NULL; path && n < PEERS_MOST; path = strtok(NULL, ":"))
        if (load_peer(&list[n], strrchr(path, '/') ? strrchr(path, '/') + 1 : path, path)) n++;
    return n;
}

#endif

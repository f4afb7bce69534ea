/* loader.c -- batches of rows, shuffled by permutation, changed on the way, and made ahead by a thread.
 *
 * Batch k, counted from the first one of all, is a function of the options and k alone, whoever makes it and when: so a
 * loader can be put anywhere, and a thread changes nothing but the time. Batch k lies in slot k % 2, so that one is made
 * while the other is in use. */
#include "base/alloc.h"
#include "base/array.h"

#include <pthread.h>
#include <string.h>
#include <wengert/data.h>

typedef struct slot {
    wg_array *array; /* as options.n, of a whole batch */
    wg_array *batch; /* those rows of it that are used */
    wg_status status;
} slot;

struct wg_loader {
    wg_loader_options o;
    wg_array *x;
    slot slot[2];
    int64_t rows, batches; /* of an epoch */
    int64_t place;         /* batches handed out */
    bool ended;            /* the epoch's end has been told, or nothing handed out yet */
    wg_status status;
    /* the maker's */
    int64_t *order, epoch; /* the order of an epoch; -1: of none yet */
    wg_rng *rng, *draws;   /* of orders; of changes */
    /* between the two, under lock */
    pthread_t thread;
    pthread_mutex_t lock;
    pthread_cond_t moved;
    bool threaded, quit;
    int64_t wanted, made; /* the batch to make, the last one made; -1: none */
};

/* ---- making a batch ------------------------------------------------------------------------------------------------------ */

/* The order of an epoch is the permutation after those of the epochs before it. */
static wg_status order_for(wg_loader *l, int64_t epoch)
{
    wg_status s = WG_OK;
    if (epoch < l->epoch) {
        if (l->rng) wg_rng_seed(l->rng, l->o.seed);
        l->epoch = -1;
    }
    if (l->epoch < 0 && !l->rng)
        for (int64_t i = 0; i < l->rows; i++) l->order[i] = i;
    for (; !s && l->epoch < epoch; l->epoch++)
        if (l->rng) s = wg_rng_permutation(l->rng, l->rows, l->order);
    return s;
}

static void gather_rows(const wg_array *x, const int64_t *order, int64_t n, wg_array *to)
{
    wg_shape row = x->shape;
    row.dim[0] = 1;
    size_t bytes = (size_t)wg_shape_count(row) * wg_dtype_size(x->dtype);
    for (int64_t i = 0; bytes && i < n; i++)
        memcpy((char *)to->data + (size_t)i * bytes, (const char *)x->data + (size_t)order[i] * bytes, bytes);
}

/* A seed for the changes of batch k: the finaliser of SplitMix64 (Steele, Lea and Flood 2014). */
static uint32_t seed_of(uint32_t seed, int64_t k)
{
    uint64_t z = ((uint64_t)seed << 32 ^ (uint64_t)k) + 0x9e3779b97f4a7c15u;
    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
    z = (z ^ z >> 27) * 0x94d049bb133111ebu;
    return (uint32_t)(z >> 32 ^ z);
}

static void make(wg_loader *l, int64_t k)
{
    slot *s = &l->slot[k % 2];
    int64_t first = k % l->batches * l->o.batch, n = l->rows - first < l->o.batch ? l->rows - first : l->o.batch;
    s->status = order_for(l, k / l->batches);
    for (int i = 0; !s->status && i < l->o.n; i++) {
        gather_rows(&l->x[i], l->order + first, n, &s->array[i]);
        s->batch[i] = wg_array_wrap(s->array[i].data, s->array[i].dtype, s->array[i].shape);
        s->batch[i].shape.dim[0] = n;
    }
    if (s->status || !l->o.change) return;
    wg_rng_seed(l->draws, seed_of(l->o.seed, k));
    s->status = l->o.change(s->batch, l->o.n, l->draws, l->o.user);
}

static void *work(void *loader)
{
    wg_loader *l = loader;
    pthread_mutex_lock(&l->lock);
    while (!l->quit) {
        if (l->made == l->wanted) {
            pthread_cond_wait(&l->moved, &l->lock);
            continue;
        }
        int64_t k = l->wanted;
        pthread_mutex_unlock(&l->lock);
        make(l, k);
        pthread_mutex_lock(&l->lock);
        l->made = k;
        pthread_cond_broadcast(&l->moved);
    }
    pthread_mutex_unlock(&l->lock);
    return NULL;
}

/* ---- making a loader ------------------------------------------------------------------------------------------------------- */

static wg_loader *refuse(const wg_loader_options *o, wg_loader *l, const char *why)
{
    if (o->why && o->why_size) snprintf(o->why, o->why_size, "loader: %s", why);
    wg_loader_free(l);
    return NULL;
}

static const char *take_arrays(wg_loader *l, const wg_loader_options *o, char why[96])
{
    for (int i = 0; i < o->n; i++) {
        const char *wrong = wg__array_wrong(&o->x[i]);
        if (wrong) return wrong;
        if (o->x[i].shape.rank < 1) return "an array has no rows";
        if (o->x[i].shape.dim[0] != o->x[0].shape.dim[0]) {
            snprintf(why, 96, "array 0 has %lld rows, array %d has %lld", (long long)o->x[0].shape.dim[0], i,
                     (long long)o->x[i].shape.dim[0]);
            return why;
        }
        l->x[i] = o->x[i];
        wg_shape s = o->x[i].shape;
        s.dim[0] = o->batch < s.dim[0] ? o->batch : s.dim[0];
        for (int k = 0; k < 2; k++)
            if (wg_array_new(&l->slot[k].array[i], o->x[i].dtype, s)) return "out of memory";
    }
    return NULL;
}

static bool start_thread(wg_loader *l)
{
    if (pthread_mutex_init(&l->lock, NULL)) return false;
    bool conditioned = pthread_cond_init(&l->moved, NULL) == 0;
    l->threaded = conditioned && pthread_create(&l->thread, NULL, work, l) == 0;
    if (!l->threaded && conditioned) pthread_cond_destroy(&l->moved);
    if (!l->threaded) pthread_mutex_destroy(&l->lock);
    return l->threaded;
}

wg_loader *wg_loader_create(const wg_loader_options *o)
{
    char why[96];
    wg_loader *l = wg__alloc(sizeof *l);
    if (!l) return refuse(o, NULL, "out of memory");
    if (o->n < 1 || o->batch < 1) return refuse(o, l, "needs at least one array and batches of at least one row");
    l->o = *o;
    l->epoch = l->wanted = l->made = -1;
    l->ended = true;
    bool room = (l->x = wg__alloc(wg__mul((size_t)o->n, sizeof *l->x))) != NULL;
    for (int k = 0; k < 2; k++) {
        room = (l->slot[k].array = wg__alloc(wg__mul((size_t)o->n, sizeof *l->x))) && room;
        room = (l->slot[k].batch = wg__alloc(wg__mul((size_t)o->n, sizeof *l->x))) && room;
    }
    const char *wrong = room ? take_arrays(l, o, why) : "out of memory";
    if (wrong) return refuse(o, l, wrong);
    l->rows = o->x[0].shape.dim[0];
    l->batches = (l->rows + o->batch - 1) / o->batch;
    l->order = wg__alloc(wg__mul((size_t)l->rows + 1, sizeof *l->order));
    l->rng = o->shuffle ? wg_rng_new(o->seed) : NULL;
    l->draws = o->change ? wg_rng_new(0) : NULL;
    if (!l->order || (o->shuffle && !l->rng) || (o->change && !l->draws)) return refuse(o, l, "out of memory");
    if (o->ahead && !start_thread(l)) return refuse(o, l, "the system gives no thread");
    return l;
}

void wg_loader_free(wg_loader *l)
{
    if (!l) return;
    if (l->threaded) {
        pthread_mutex_lock(&l->lock);
        l->quit = true;
        pthread_cond_broadcast(&l->moved);
        pthread_mutex_unlock(&l->lock);
        pthread_join(l->thread, NULL);
        pthread_cond_destroy(&l->moved);
        pthread_mutex_destroy(&l->lock);
    }
    for (int k = 0; k < 2; k++) {
        for (int i = 0; l->slot[k].array && i < l->o.n; i++) wg_array_free(&l->slot[k].array[i]);
        wg__free(l->slot[k].array);
        wg__free(l->slot[k].batch);
    }
    wg__free(l->x);
    wg__free(l->order);
    wg_rng_free(l->rng);
    wg_rng_free(l->draws);
    wg__free(l);
}

/* ---- handing out --------------------------------------------------------------------------------------------------------------- */

/* Batch k is there when this returns; the one after it is being made. */
static void wait_for(wg_loader *l, int64_t k)
{
    if (!l->threaded) {
        make(l, k);
        return;
    }
    pthread_mutex_lock(&l->lock);
    if (l->wanted != k) { /* after a seek, and at the start: what is being made then is finished first */
        while (l->made != l->wanted) pthread_cond_wait(&l->moved, &l->lock);
        l->wanted = k;
        pthread_cond_broadcast(&l->moved);
    }
    while (l->made != k) pthread_cond_wait(&l->moved, &l->lock);
    l->wanted = k + 1;
    pthread_cond_broadcast(&l->moved);
    pthread_mutex_unlock(&l->lock);
}

bool wg_next(wg_loader *l, wg_array *batch)
{
    l->status = WG_OK;
    if (!l->batches || (!l->ended && l->place % l->batches == 0)) {
        l->ended = true;
        return false;
    }
    wait_for(l, l->place);
    const slot *s = &l->slot[l->place % 2];
    l->status = s->status;
    if (s->status) return false;
    for (int i = 0; i < l->o.n; i++) batch[i] = s->batch[i];
    l->place++;
    l->ended = false;
    return true;
}

int64_t wg_loader_batches(const wg_loader *l) { return l->batches; }
int wg_loader_arrays(const wg_loader *l) { return l->o.n; }
wg_status wg_loader_status(const wg_loader *l) { return l->status; }
int64_t wg_loader_place(const wg_loader *l) { return l->place; }

wg_status wg_loader_seek(wg_loader *l, int64_t place)
{
    if (place < 0 || (place && !l->batches)) return WG_EARG;
    l->place = place;
    l->ended = !l->batches || place % l->batches == 0;
    return WG_OK;
}

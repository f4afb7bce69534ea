/* loader.c -- batches of rows, shuffled by permutation. */
#include "base/array.h"
#include "base/alloc.h"

#include <string.h>
#include <wengert/nn.h>

struct wg_loader {
    wg_array *x, *batch; /* borrowed; and own memory for one batch each */
    int n;
    int64_t rows, size, at; /* at: the next row of the epoch; -1: the epoch is to be begun */
    int64_t *order;
    wg_rng *rng; /* NULL: rows come as they stand */
};

static wg_loader *refuse(const wg_loader_options *o, wg_loader *l, const char *why)
{
    if (o->why && o->why_size) snprintf(o->why, o->why_size, "loader: %s", why);
    wg_loader_free(l);
    return NULL;
}

wg_loader *wg_loader_create(const wg_loader_options *o)
{
    wg_loader *l = wg__alloc(sizeof *l);
    if (!l) return refuse(o, NULL, "out of memory");
    if (o->n < 1 || o->batch < 1) return refuse(o, l, "needs at least one array and batches of at least one row");
    l->n = o->n;
    l->size = o->batch;
    l->at = -1;
    l->x = wg__alloc(wg__mul((size_t)o->n, sizeof *l->x));
    l->batch = wg__alloc(wg__mul((size_t)o->n, sizeof *l->batch));
    if (!l->x || !l->batch) return refuse(o, l, "out of memory");
    for (int i = 0; i < o->n; i++) {
        const char *wrong = wg__array_wrong(&o->x[i]);
        if (wrong) return refuse(o, l, wrong);
        if (o->x[i].shape.rank < 1) return refuse(o, l, "an array has no rows");
        if (o->x[i].shape.dim[0] != o->x[0].shape.dim[0]) {
            char why[96];
            snprintf(why, sizeof why, "array 0 has %lld rows, array %d has %lld", (long long)o->x[0].shape.dim[0], i,
                     (long long)o->x[i].shape.dim[0]);
            return refuse(o, l, why);
        }
        l->x[i] = o->x[i];
        wg_shape s = o->x[i].shape;
        s.dim[0] = o->batch < s.dim[0] ? o->batch : s.dim[0];
        if (wg_array_new(&l->batch[i], o->x[i].dtype, s)) return refuse(o, l, "out of memory");
    }
    l->rows = o->x[0].shape.dim[0];
    l->rng = o->shuffle ? wg_rng_new(o->seed) : NULL;
    l->order = wg__alloc(wg__mul((size_t)l->rows, sizeof *l->order));
    if (!l->order || (o->shuffle && !l->rng)) return refuse(o, l, "out of memory");
    return l;
}

void wg_loader_free(wg_loader *l)
{
    if (!l) return;
    for (int i = 0; l->batch && i < l->n; i++) wg_array_free(&l->batch[i]);
    wg__free(l->x);
    wg__free(l->batch);
    wg__free(l->order);
    wg_rng_free(l->rng);
    wg__free(l);
}

int64_t wg_loader_batches(const wg_loader *l) { return (l->rows + l->size - 1) / l->size; }

static void gather_rows(const wg_array *x, const int64_t *order, int64_t n, wg_array *to)
{
    wg_shape row = x->shape;
    row.dim[0] = 1;
    size_t bytes = (size_t)wg_shape_count(row) * wg_dtype_size(x->dtype);
    for (int64_t i = 0; bytes && i < n; i++)
        memcpy((char *)to->data + (size_t)i * bytes, (const char *)x->data + (size_t)order[i] * bytes, bytes);
}

bool wg_next(wg_loader *l, wg_array *batch)
{
    if (l->at < 0) {
        for (int64_t i = 0; i < l->rows; i++) l->order[i] = i;
        if (l->rng && wg_rng_permutation(l->rng, l->rows, l->order)) return false;
        l->at = 0;
    }
    if (l->at >= l->rows) {
        l->at = -1;
        return false;
    }
    int64_t n = l->rows - l->at < l->size ? l->rows - l->at : l->size;
    for (int i = 0; i < l->n; i++) {
        gather_rows(&l->x[i], l->order + l->at, n, &l->batch[i]);
        batch[i] = wg_array_wrap(l->batch[i].data, l->batch[i].dtype, l->batch[i].shape);
        batch[i].shape.dim[0] = n;
    }
    l->at += n;
    return true;
}

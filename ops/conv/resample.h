/* resample.h -- planes of one size from planes of another, one axis after the other: what the upsamplings and the adaptive mean share.
 * Along an axis output i is a weighted sum of inputs side by side, its band; bands begin in order. Turned around, so is an input's
 * cotangent of those of the outputs, and one kernel serves both ways, by the table that it is given. */
#ifndef WG_KERNEL_PART
#ifndef WG_OPS_CONV_RESAMPLE_H
#define WG_OPS_CONV_RESAMPLE_H

#include "ops/conv/geometry.h"

/* The first weight, and that of all others. */
typedef struct resample_band {
    int64_t from, count;
    double first, rest;
} resample_band;

/* Window i of `out` that together cover `in` places: from floor(i in / out) to before ceil((i + 1) in / out). */
static inline resample_band resample_window(int64_t in, int64_t out, int64_t i)
{
    int64_t from = i * in / out, end = ((i + 1) * in + out - 1) / out;
    return (resample_band){from, end - from, 1 / (double)(end - from), 1 / (double)(end - from)};
}

/* At a place between two inputs; a weight of 0 reads nothing. */
static inline resample_band resample_between(int64_t in, double place)
{
    int64_t from = place < 0 ? 0 : (int64_t)place;
    double t = place < 0 ? 0 : place - (double)from;
    if (from >= in - 1) from = in - 1, t = 0;
    return (resample_band){from, t > 0 ? 2 : 1, 1 - t, t};
}

static inline resample_band resample_band_of(const char *mode, int64_t in, int64_t out, int64_t i)
{
    if (*mode == 'n') return (resample_band){i * in / out, 1, 1, 0};
    if (*mode == 'a') return resample_window(in, out, i);
    if (*mode == 'c') return resample_between(in, out > 1 ? (double)i * ((double)(in - 1) / (double)(out - 1)) : 0);
    return resample_between(in, ((double)i + 0.5) * ((double)in / (double)out) - 0.5);
}

/* size: {planes, height in, width in, height out, width out, turned around} as the kernel sees them: in and out change places where it goes
   the way back. */
enum { PLANES, IN, OUT = IN + 2, BACK = OUT + 2 };

/* A table for one axis: where in the bands of all together that of `to` begins, its first place, and the weights. */
typedef struct resample_table {
    int64_t *at, *from; /* at[to + 1] - at[to] places */
    double *weight;
} resample_table;

/* Weights of an axis: at most two a window more than there are places. */
static inline int64_t resample_weights(int64_t a, int64_t b) { return a + 2 * (a > b ? a : b) + b; }

static inline bool resample_room(const int64_t *size, size_t *bytes)
{
    int64_t numbers = 0;
    for (int i = 0; i < 2; i++) numbers += 2 * size[OUT + i] + 1 + resample_weights(size[IN + i], size[OUT + i]);
    return !__builtin_mul_overflow((size_t)numbers, sizeof(int64_t), bytes);
}

static inline resample_table resample_table_at(const int64_t *size, int axis, void *shared)
{
    int64_t *at = shared;
    if (axis) at += 2 * size[OUT] + 1 + resample_weights(size[IN], size[OUT]);
    return (resample_table){at, at + size[OUT + axis] + 1, (double *)(void *)(at + 2 * size[OUT + axis] + 1)};
}

/* Turned around: the outputs that read place j are side by side, too. */
static inline void resample_fill_back(resample_table t, const char *mode, int64_t in, int64_t out)
{
    memset(t.at, 0, ((size_t)in + 1) * sizeof *t.at);
    for (int64_t j = 0; j < in; j++) t.from[j] = 0;
    for (int64_t i = 0; i < out; i++) {
        resample_band b = resample_band_of(mode, in, out, i);
        for (int64_t j = b.from; j < b.from + b.count; j++)
            if (t.at[j + 1]++ == 0) t.from[j] = i;
    }
    for (int64_t j = 0; j < in; j++) t.at[j + 1] += t.at[j];
    for (int64_t i = 0; i < out; i++) {
        resample_band b = resample_band_of(mode, in, out, i);
        for (int64_t k = 0; k < b.count; k++) t.weight[t.at[b.from + k] + i - t.from[b.from + k]] = k ? b.rest : b.first;
    }
}

static inline void resample_fill(const int64_t *size, const char *mode, void *shared)
{
    for (int axis = 0; axis < 2; axis++) {
        resample_table t = resample_table_at(size, axis, shared);
        int64_t in = size[IN + axis], out = size[OUT + axis];
        if (size[BACK]) {
            resample_fill_back(t, mode, out, in);
            continue;
        }
        t.at[0] = 0;
        for (int64_t i = 0; i < out; i++) {
            resample_band b = resample_band_of(mode, in, out, i);
            t.from[i] = b.from;
            t.at[i + 1] = t.at[i] + b.count;
            for (int64_t k = 0; k < b.count; k++) t.weight[t.at[i] + k] = k ? b.rest : b.first;
        }
    }
}

static inline bool resample_units(wg_work *w, const wg_shape *in, const wg_shape *out, bool back)
{
    w->size[PLANES] = w->units = in->dim[0] * in->dim[1];
    w->size[BACK] = back;
    w->prepare_units = 1;
    for (int i = 0; i < 2; i++) w->size[IN + i] = in->dim[2 + i], w->size[OUT + i] = out->dim[2 + i];
    double down = (double)resample_weights(in->dim[2], out->dim[2]) / 3, across = (double)resample_weights(in->dim[3], out->dim[3]) / 3;
    w->cost = 0.2 * down * (double)in->dim[3] + 0.6 * across * (double)out->dim[2];
    return resample_room(w->size, &w->shared) && !__builtin_mul_overflow((size_t)in->dim[3], sizeof(double), &w->scratch);
}

/* The shape of x, (batch, channels, height, width), with height and width of `size`; what: the attribute's name. */
static inline bool resample_shape(wg_call *c, wg_type x, const wg_ints *size, const char *what, wg_shape *y)
{
    char text[128];
    if (x.shape->rank != 4) return wg__refuse(c, "x is %s, must be (batch, channels, height, width)", wg__show_type(text, x));
    if (size->n < 1) return wg__refuse(c, "%s is empty, 1 or 2 numbers are wanted", what);
    if (!conv_list(c, what, size, 2, 1)) return false;
    *y = *x.shape;
    for (int i = 0; i < 2; i++) {
        if (y->dim[2 + i] == 0 || y->dim[2 + i] > INT32_MAX)
            return wg__refuse(c, "x is %s: its height and width must be from 1 to %d", wg__show_type(text, x), INT32_MAX);
        y->dim[2 + i] = conv_each(size, i, 1);
    }
    return true;
}

#endif
#else

/* One row of y from the row that the bands of the rows have made. */
static inline void FN(across)(const resample_table *t, const WIDE *row, T *y, int64_t n)
{
    for (int64_t j = 0; j < n; j++) {
        const WIDE *at = row + t->from[j];
        const double *w = t->weight + t->at[j];
        int64_t count = t->at[j + 1] - t->at[j];
        WIDE sum = 0;
        if (count == 1) sum = w[0] * at[0];
        else if (count == 2) sum = w[0] * at[0] + w[1] * at[1];
        else
            for (int64_t k = 0; k < count; k++) sum += w[k] * at[k];
        y[j] = (T)sum;
    }
}

/* The weighted sum of rows, side by side in x. */
static inline void FN(down)(const T *restrict x, const double *w, int64_t count, int64_t width, WIDE *restrict row)
{
    for (int64_t j = 0; j < width; j++) row[j] = count ? w[0] * (WIDE)x[j] : 0;
    for (int64_t k = 1; k < count; k++)
        for (int64_t j = 0; j < width; j++) row[j] += w[k] * (WIDE)x[k * width + j];
}

static int64_t FN(resample)(const wg_args *a, int64_t lo, int64_t hi)
{
    const int64_t *size = a->size, width = size[IN + 1], n = size[OUT + 1];
    resample_table rows = resample_table_at(size, 0, a->shared), columns = resample_table_at(size, 1, a->shared);
    T *y = (T *)a->out + lo * size[OUT] * n;
    for (int64_t u = lo; u < hi; u++) {
        const T *x = (const T *)a->in[0] + u * size[IN] * width;
        for (int64_t i = 0; i < size[OUT]; i++, y += n) {
            const double *w = rows.weight + rows.at[i];
            int64_t count = rows.at[i + 1] - rows.at[i];
            bool again = i && count == 1 && rows.at[i] - rows.at[i - 1] == 1 && rows.from[i] == rows.from[i - 1] && w[0] == w[-1];
            if (again) {
                memcpy(y, y - n, (size_t)n * sizeof(T));
                continue;
            }
            FN(down)(x + rows.from[i] * width, w, count, width, a->scratch);
            FN(across)(&columns, a->scratch, y, n);
        }
    }
    return -1;
}
#endif

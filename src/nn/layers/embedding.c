/* embedding.c -- rows of a table by their numbers, and positions in time: of waves, or learned. */
#include "nn/layers/layer.h"

#include <math.h>
#include <string.h>

/* The row of padding starts as zeros; one that is in the store already stays as it is. */
static void clear_row(const wg__layer *l, wg_tensor weight, int64_t row)
{
    wg_array a;
    if (!wg_ok(weight) || wg_params_get(wg_tape_params(l->tape), wg_name_get(weight), &a)) return;
    size_t bytes = (size_t)a.shape.dim[1] * wg_dtype_size(a.dtype);
    if (bytes) memset((char *)a.data + (size_t)row * bytes, 0, bytes);
}

/* The table, made with row `padding_idx` zero. */
static wg_tensor table(const wg__layer *l, const wg_nn_embedding_options *o, int64_t width)
{
    if (o->rows < 0 || width < 0) return wg__layer_refuse(l, "%lld rows of %lld features", (long long)o->rows, (long long)width);
    if (o->padding_idx >= o->rows) return wg__layer_refuse(l, "padding_idx is %d, there are %lld rows", o->padding_idx, (long long)o->rows);
    size_t stored = wg_params_count(wg_tape_params(l->tape));
    wg_tensor w = wg__layer_param(l, "weight", WG_SHAPE(o->rows, width), wg__layer_init(o->init, (wg_init){"normal", 0, 1}));
    bool fresh = wg_params_count(wg_tape_params(l->tape)) > stored;
    if (o->padding_idx >= 0 && fresh) clear_row(l, w, o->padding_idx);
    return w;
}

wg_tensor wg_nn_embedding_create(wg_tensor index, const wg_nn_embedding_options *o)
{
    if (!wg_ok(index)) return index;
    wg__layer l = wg__layer_open(index, "embedding", o->name, o->shared);
    l.dtype = o->dtype ? o->dtype : WG_F32;
    wg_tensor w = table(&l, o, o->width);
    return wg__layer_close(&l, wg_ok(w) ? wg_embedding(w, index, .padding_idx = o->padding_idx < 0 ? -1 : o->padding_idx) : w, NULL);
}

/* 0, 1, 2, ... along the axis before the last of x (..., time, features), as (time, 1) in x's dtype, whatever its size. */
static wg_tensor steps(wg_tensor x, wg_ints lead)
{
    wg_tensor one = wg_slice(wg_zeros_like(x), -1, .start = 0, .stop = 1);
    if (lead.n) one = wg_sum(one, .axes = lead); /* a sum, so that time is counted in an empty batch too */
    one = wg_add(one, wg_num(1));
    return wg_sub(wg_cumsum(one, .axis = 0), wg_num(1));
}

static wg_ints leading(wg_tensor x)
{
    wg_ints lead = {.n = wg_shape_get(x).rank - 2};
    for (int i = 0; i < lead.n; i++) lead.v[i] = i;
    return lead;
}

static wg_tensor refuse_time(const wg__layer *l, wg_tensor x)
{
    return wg__layer_refuse(l, wg_shape_get(x).rank < 2 ? "x has no axis of time: (..., time, features) is wanted"
                                                        : "the features of x must be known");
}

static wg_tensor waves(const wg__layer *l, wg_tensor x, int64_t n)
{
    wg_array a = {0};
    if (wg_array_new(&a, WG_F64, WG_SHAPE(n / 2))) return wg_reject(l->tape, WG_ENOMEM, "position: out of memory");
    for (int64_t i = 0; i < n / 2; i++) ((double *)a.data)[i] = pow(10000, -2.0 * (double)i / (double)n);
    wg_tensor frequency = wg_cast(wg_const(l->tape, &a), wg_dtype_get(x));
    wg_array_free(&a);
    wg_tensor angle = wg_mul(steps(x, leading(x)), frequency), pair[2] = {wg_sin(angle), wg_cos(angle)};
    return wg_add(x, wg_flatten(wg_stack(wg_tensors_of(pair, 2), .axis = -1), .start = -2, .end = -1));
}

wg_tensor wg_nn_position(wg_tensor x)
{
    if (!wg_ok(x)) return x;
    wg__layer l = wg__layer_open(x, "position", NULL, false);
    int64_t n = wg_shape_get(x).rank < 2 ? WG_ANY : wg_dim(x, -1);
    wg_tensor y = n < 0   ? refuse_time(&l, x)
                  : n % 2 ? wg__layer_refuse(&l, "x has %lld features, an even number is wanted", (long long)n)
                          : waves(&l, x, n);
    return wg__layer_close(&l, y, NULL);
}

wg_tensor wg_nn_learned_position_create(wg_tensor x, const wg_nn_embedding_options *o)
{
    if (!wg_ok(x)) return x;
    wg__layer l = wg__layer_open(x, "position", o->name, o->shared);
    wg_tensor y;
    if (wg_shape_get(x).rank < 2 || wg_dim(x, -1) < 0) {
        y = refuse_time(&l, x);
    } else {
        wg_tensor w = table(&l, o, wg_dim(x, -1));
        wg_tensor at = wg_cast(wg_squeeze(steps(x, leading(x)), .axes = WG_INTS(1)), WG_I64);
        y = wg_ok(w) ? wg_add(x, wg_embedding(w, at)) : w;
    }
    return wg__layer_close(&l, y, NULL);
}

/* norm.c -- layers that normalise: by the batch, with running statistics for evaluation, and by the item. */
#include "nn/layers/layer.h"

#include <math.h>

static const wg_init ones = {"ones", 0, 0}, zeros = {"zeros", 0, 0};

/* weight and bias, unless they are not wanted. */
typedef struct affine {
    wg_tensor weight, bias;
} affine;

static affine make_affine(const wg__layer *l, wg_shape shape, bool weight, bool bias)
{
    affine a = {WG_NONE, WG_NONE};
    if (weight) a.weight = wg__layer_param(l, "weight", shape, ones);
    if (weight && bias) a.bias = wg__layer_param(l, "bias", shape, zeros);
    return a;
}

/* The channels of x (batch, channels, ...), or a negative number and an error. */
static int64_t channels_of(const wg__layer *l, wg_tensor x)
{
    int64_t channels = wg_shape_get(x).rank > 1 ? wg_dim(x, 1) : WG_ANY;
    if (channels < 0) wg__layer_refuse(l, wg_shape_get(x).rank > 1 ? "the channels of x must be known" : "x has no axis of channels");
    return channels < 0 ? -1 : channels;
}

static double eps_of(const wg_nn_norm_options *o, double otherwise) { return isnan(o->eps) ? otherwise : o->eps; }

static wg_tensor failed(const wg__layer *l) { return wg_reject(l->tape, WG_ESHAPE, "an error before"); }

/* ---- by the batch ----------------------------------------------------------------------------------------------------- */

/* Names of the axes that a channel's statistics are taken over: all but the second. */
static wg_ints over_batch(wg_tensor x)
{
    wg_ints axes = {.n = 0};
    for (int i = 0; i < wg_shape_get(x).rank; i++)
        if (i != 1) axes.v[axes.n++] = i;
    return axes;
}

/* old + share (new - old) */
static wg_tensor moved(wg_tensor old, wg_tensor new, wg_tensor share) { return wg_add(old, wg_mul(share, wg_sub(new, old))); }

typedef struct running {
    wg_tensor mean, var, count;
} running;

/* y, with the running statistics moved by every run that computes it. */
static wg_tensor track(wg_tensor y, wg_tensor x, running r, wg_tensor mean, wg_tensor var, double momentum)
{
    wg_dtype d = wg_dtype_get(x);
    wg_tensor count = wg_add(r.count, wg_num(1)), n = wg_size(x, .axes = over_batch(x));
    wg_tensor unbiased = wg_mul(var, wg_div(n, wg_maximum(wg_sub(n, wg_num(1)), wg_num(1))));
    wg_tensor share = isnan(momentum) ? wg_reciprocal(wg_cast(count, d)) : wg_num(momentum);
    y = wg_on(y, r.mean, moved(r.mean, mean, share));
    y = wg_on(y, r.var, moved(r.var, unbiased, share));
    return wg_on(y, r.count, count);
}

/* Mean and variance of x over the batch, of one reading. */
static void moments_of(wg_tensor x, wg_tensor *mean, wg_tensor *var)
{
    wg_tensor all = wg_moments(x, .axes = over_batch(x));
    *mean = wg_squeeze(wg_slice(all, 0, .start = 0, .stop = 1), .axes = WG_INTS(0));
    *var = wg_div(wg_squeeze(wg_slice(all, 0, .start = 2, .stop = 3), .axes = WG_INTS(0)), wg_size(x, .axes = over_batch(x)));
}

wg_tensor wg_nn_batch_norm_create(wg_tensor x, const wg_nn_norm_options *o)
{
    if (!wg_ok(x)) return x;
    wg__layer l = wg__layer_open(x, "batch_norm", o->name, o->shared);
    int64_t c = channels_of(&l, x);
    if (c < 0) return wg__layer_close(&l, failed(&l), NULL);
    affine a = make_affine(&l, WG_SHAPE(c), !o->no_affine, !o->no_bias);
    running r = {wg__layer_buffer(&l, "running_mean", WG_SHAPE(c), l.dtype, zeros),
                 wg__layer_buffer(&l, "running_var", WG_SHAPE(c), l.dtype, ones),
                 wg__layer_buffer(&l, "num_batches_tracked", WG_SHAPE(), WG_I64, zeros)};
    bool training = !wg_tape_eval(l.tape);
    wg_tensor mean = r.mean, var = r.var;
    if (training) moments_of(x, &mean, &var);
    wg_tensor y = wg_batch_norm(x, mean, var, .weight = a.weight, .bias = a.bias, .eps = eps_of(o, 1e-5));
    return wg__layer_close(&l, training && wg_ok(y) ? track(y, x, r, mean, var, o->momentum) : y, NULL);
}

/* ---- by the item ------------------------------------------------------------------------------------------------------ */

/* The last axes, which weight has; rank 0 and an error where they are not all known. */
static wg_shape last_axes(const wg__layer *l, wg_tensor x, int n, wg_ints *axes)
{
    wg_shape s = wg_shape_get(x), own = {.rank = 0};
    if (n < 1 || n > s.rank) {
        wg__layer_refuse(l, "%d last axes of a tensor that has %d", n, s.rank);
        return own;
    }
    for (int i = s.rank - n; i < s.rank; i++) {
        if (s.dim[i] < 0) {
            wg__layer_refuse(l, "the last axes of x must be known");
            return (wg_shape){.rank = 0};
        }
        axes->v[axes->n++] = i - s.rank;
        own.dim[own.rank++] = s.dim[i];
    }
    return own;
}

static wg_tensor by_row(wg_tensor x, const wg_nn_norm_options *o, bool centred)
{
    if (!wg_ok(x)) return x;
    wg__layer l = wg__layer_open(x, centred ? "layer_norm" : "rms_norm", o->name, o->shared);
    wg_ints axes = {.n = 0};
    wg_shape own = last_axes(&l, x, o->axes ? o->axes : 1, &axes);
    if (!own.rank) return wg__layer_close(&l, failed(&l), NULL);
    affine a = make_affine(&l, own, !o->no_affine, centred && !o->no_bias);
    wg_tensor y = centred ? wg_layer_norm(x, .weight = a.weight, .bias = a.bias, .axes = axes, .eps = eps_of(o, 1e-5))
                          : wg_rms_norm(x, .weight = a.weight, .axes = axes, .eps = eps_of(o, 1e-6));
    return wg__layer_close(&l, y, NULL);
}

wg_tensor wg_nn_layer_norm_create(wg_tensor x, const wg_nn_norm_options *o) { return by_row(x, o, true); }
wg_tensor wg_nn_rms_norm_create(wg_tensor x, const wg_nn_norm_options *o) { return by_row(x, o, false); }

wg_tensor wg_nn_group_norm_create(wg_tensor x, const wg_nn_norm_options *o)
{
    if (!wg_ok(x)) return x;
    wg__layer l = wg__layer_open(x, "group_norm", o->name, o->shared);
    int64_t c = channels_of(&l, x);
    if (c >= 0 && (o->groups < 1 || c % o->groups))
        wg__layer_refuse(&l, "%lld groups do not share out %lld channels", (long long)o->groups, (long long)c), c = -1;
    if (c < 0) return wg__layer_close(&l, failed(&l), NULL);
    affine a = make_affine(&l, WG_SHAPE(c), !o->no_affine, !o->no_bias);
    wg_tensor y = wg_group_norm(x, .weight = a.weight, .bias = a.bias, .groups = o->groups, .eps = eps_of(o, 1e-5));
    return wg__layer_close(&l, y, NULL);
}

wg_tensor wg_nn_instance_norm_create(wg_tensor x, const wg_nn_norm_options *o)
{
    if (!wg_ok(x)) return x;
    wg__layer l = wg__layer_open(x, "instance_norm", o->name, o->shared);
    int64_t c = channels_of(&l, x);
    if (c < 0) return wg__layer_close(&l, failed(&l), NULL);
    affine a = make_affine(&l, WG_SHAPE(c), o->affine, !o->no_bias);
    return wg__layer_close(&l, wg_instance_norm(x, .weight = a.weight, .bias = a.bias, .eps = eps_of(o, 1e-5)), NULL);
}

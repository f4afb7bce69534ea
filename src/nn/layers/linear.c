/* linear.c -- the fully connected layer, and the one of two inputs. */
#include "nn/layers/layer.h"

static wg_tensor refuse_out(const wg__layer *l) { return wg__layer_refuse(l, "out is negative"); }

wg_tensor wg_nn_linear_create(wg_tensor x, const wg_nn_linear_options *o)
{
    if (!wg_ok(x)) return x;
    wg__layer l = wg__layer_open(x, "linear", o->name, o->shared);
    int rank = wg_shape_get(x).rank;
    int64_t in = rank ? wg_dim(x, -1) : WG_ANY;
    wg_tensor y;
    if (in < 0) {
        y = wg__layer_refuse(&l, rank ? "the last axis of x must be known" : "x is a scalar");
    } else if (o->out < 0) {
        y = refuse_out(&l);
    } else {
        wg_init init = wg__layer_init(o->init, (wg_init){.kind = "kaiming_uniform"});
        wg_tensor w = wg__layer_param(&l, "weight", WG_SHAPE(o->out, in), init);
        wg_tensor b = o->no_bias ? WG_NONE : wg__layer_param(&l, "bias", WG_SHAPE(o->out), wg__layer_uniform((double)in));
        y = wg_linear_create(&(wg_linear_options){x, w, b});
    }
    return wg__layer_close(&l, y, o->act);
}

wg_tensor wg_nn_bilinear_create(wg_tensor a, wg_tensor b, const wg_nn_linear_options *o)
{
    if (!wg_ok(a) || !wg_ok(b)) return wg_ok(a) ? b : a;
    wg__layer l = wg__layer_open(a, "bilinear", o->name, o->shared);
    int64_t i = wg_shape_get(a).rank ? wg_dim(a, -1) : WG_ANY, j = wg_shape_get(b).rank ? wg_dim(b, -1) : WG_ANY;
    wg_tensor y;
    if (i < 0 || j < 0) {
        y = wg__layer_refuse(&l, "the last axes of a and b must be known");
    } else if (o->out < 0) {
        y = refuse_out(&l);
    } else {
        wg_init bound = wg__layer_uniform((double)i);
        wg_tensor w = wg__layer_param(&l, "weight", WG_SHAPE(o->out, i, j), wg__layer_init(o->init, bound));
        wg_tensor bias = o->no_bias ? WG_NONE : wg__layer_param(&l, "bias", WG_SHAPE(o->out), bound);
        y = wg_bilinear_create(&(wg_bilinear_options){.a = a, .b = b, .weight = w, .bias = bias});
    }
    return wg__layer_close(&l, y, o->act);
}

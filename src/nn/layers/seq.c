/* seq.c -- layers one after the other, and around them. */
#include "nn/layers/layer.h"

wg_tensor wg_seq_of(wg_tensor x, wg_layers layers)
{
    for (size_t i = 0; i < layers.n && wg_ok(x); i++) {
        char name[24];
        snprintf(name, sizeof name, "%zu", i);
        x = layers.layer[i].apply(x, layers.layer[i].options, name);
    }
    return x;
}

wg_tensor wg_residual_of(wg_tensor x, wg_layers layers)
{
    wg_tensor y = wg_seq_of(x, layers);
    return wg_ok(x) ? wg_add(x, y) : x;
}

/* ---- what stands in a list: a layer by options that may name it ------------------------------------------------------ */

#define LAYER(layer, type)                                                                                                                 \
    wg_tensor wg_layer_##layer(wg_tensor x, const void *options, const char *name)                                                         \
    {                                                                                                                                      \
        type o = *(const type *)options;                                                                                                   \
        if (!o.name) o.name = name;                                                                                                        \
        return wg_nn_##layer##_create(x, &o);                                                                                              \
    }

LAYER(linear, wg_nn_linear_options)
LAYER(conv1d, wg_nn_conv_options)
LAYER(conv2d, wg_nn_conv_options)
LAYER(conv3d, wg_nn_conv_options)
LAYER(batch_norm, wg_nn_norm_options)
LAYER(layer_norm, wg_nn_norm_options)

static wg_tensor scoped(wg_tensor x, const void *layers, const char *name, wg_tensor (*apply)(wg_tensor x, wg_layers layers))
{
    wg_tape *t = wg_tape_of(x);
    wg_scope_push(t, "%s", name);
    x = apply(x, *(const wg_layers *)layers);
    wg_scope_pop(t);
    return x;
}

wg_tensor wg_layer_seq(wg_tensor x, const void *o, const char *name) { return scoped(x, o, name, wg_seq_of); }
wg_tensor wg_layer_residual(wg_tensor x, const void *o, const char *name) { return scoped(x, o, name, wg_residual_of); }

wg_tensor wg_layer_op(wg_tensor x, const void *o, const char *name)
{
    (void)name;
    return (*(const wg_activation *)o)(x);
}

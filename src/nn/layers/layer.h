/* layer.h -- what layers share: a scope, parameters in it, and errors that name the layer. Public API only. */
#ifndef WG_NN_LAYERS_LAYER_H
#define WG_NN_LAYERS_LAYER_H

#include <wengert.h>

/* An open layer: what is recorded lies in its scope until it is closed. */
typedef struct wg__layer {
    wg_tape *tape;
    const char *kind, *name; /* "linear" "fc1": how messages begin */
    wg_dtype dtype;          /* of parameters                      */
    bool shared;
} wg__layer;

/* A layer on the tape and in the dtype of x, which must be valid. name NULL: the kind. */
wg__layer wg__layer_open(wg_tensor x, const char *kind, const char *name, bool shared);

/* A trainable parameter; a buffer; an invalid tensor, and an error that names the layer, on failure. */
wg_tensor wg__layer_param(const wg__layer *l, const char *what, wg_shape shape, wg_init init);
wg_tensor wg__layer_buffer(const wg__layer *l, const char *what, wg_shape shape, wg_dtype dtype, wg_init init);

wg_tensor wg__layer_refuse(const wg__layer *l, const char *format, ...) WG_PRINTF(2, 3);

/* Closes the scope. Returns y, activated unless act is NULL. */
wg_tensor wg__layer_close(const wg__layer *l, wg_tensor y, wg_activation act);

/* PyTorch's default for weights and biases: uniform in +-1/sqrt(fan_in). */
wg_init wg__layer_uniform(double fan_in);

/* init, or `otherwise` where it names no kind. */
wg_init wg__layer_init(wg_init init, wg_init otherwise);

#endif

/* wengert/nn.h -- what people train with, written with the public API only: layers (they own parameters, ops do not),
 * optimisers, loaders, schedules. Names and initialisers are PyTorch's, so that weight files interchange. */
#ifndef WENGERT_NN_H
#define WENGERT_NN_H

#include <wengert/ops.h>
#include <wengert/optim.h>
#include <wengert/plan.h>
#include <wengert/schedule.h>
#include <wengert/tape.h>

#ifdef __cplusplus
extern "C" {
#endif

/* ---- layers ----------------------------------------------------------------------------------------------------- */

typedef wg_tensor (*wg_activation)(wg_tensor);

typedef struct wg_nn_linear_options {
    int64_t out;        /* features                                                             */
    wg_activation act;  /* applied to the result: wg_relu; NULL: none                           */
    const char *name;   /* of its parameters: name.weight, name.bias; NULL: "linear"            */
    bool no_bias;
    bool shared;        /* a second layer of this name on the tape uses the first's parameters  */
    wg_init init;       /* of the weight; default PyTorch's, uniform in +-1/sqrt(features of x) */
} wg_nn_linear_options;

/* x (..., in) to (..., out): x weight^T + bias, weight (out, in). The last axis of x must be known. */
WG_API wg_tensor wg_nn_linear_create(wg_tensor x, const wg_nn_linear_options *o);

/* ---- loaders -------------------------------------------------------------------------------------------------------- */

typedef struct wg_loader wg_loader;

typedef struct wg_loader_options {
    const wg_array *x;  /* n arrays with as many rows each; borrowed until wg_loader_free */
    int n;
    int64_t batch;      /* rows; the last batch of an epoch has what is left              */
    bool shuffle;       /* anew for each epoch, by NumPy's permutation from seed          */
    uint32_t seed;
    char *why;          /* where to say why there is no loader; may be NULL               */
    size_t why_size;
} wg_loader_options;

WG_API wg_loader *wg_loader_create(const wg_loader_options *o);
WG_API void wg_loader_free(wg_loader *l);
WG_API int64_t wg_loader_batches(const wg_loader *l);   /* an epoch */

/* The next n batches into batch[0..n-1], borrowed until the next call. False at the end of an epoch, and the call
   after that begins another. */
WG_API bool wg_next(wg_loader *l, wg_array *batch);

#ifdef __cplusplus
}
#endif

#ifndef __cplusplus
#define wg_nn_linear(x, ...) WG_AT(wg_nn_linear_create((x), &(wg_nn_linear_options){.out = __VA_ARGS__}))
#define wg_loader_new(...) wg_loader_create(&(wg_loader_options){.batch = 64, .x = __VA_ARGS__})
#endif
#endif

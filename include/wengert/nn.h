/* wengert/nn.h -- what people train with, written with the public API only: optimisers and schedules. */
#ifndef WENGERT_NN_H
#define WENGERT_NN_H

#include <wengert/ops.h>
#include <wengert/plan.h>
#include <wengert/tape.h>

#ifdef __cplusplus
extern "C" {
#endif

/* ---- optimisers ---------------------------------------------------------------------------------------------------- */

/* Every number of an optimiser is a scalar buffer of the store under the plan's name: optim.lr, optim.step, ... */
typedef struct wg_optimizer {
    const char *kind;   /* "sgd", "adam", "adamw" */
    double lr, momentum, beta1, beta2, eps, weight_decay;
    bool nesterov;
} wg_optimizer;

typedef struct wg_minimize_options {
    wg_optimizer with;
    double clip_norm;   /* gradients scaled so that their norm together is at most this; 0: not       */
    wg_tensors also;    /* more tensors to compute in the same run                                    */
    const char *name;   /* of the optimiser's state in the store; NULL: "optim" (then "optim2", ...)  */
} wg_minimize_options;

/* A plan whose every run computes loss (a scalar) and `also`, and moves each trainable parameter that loss depends on
   one step down. SGD: momentum as in Sutskever et al. 2013, PyTorch's form; Adam: Kingma and Ba 2015 (arXiv:1412.6980);
   AdamW: Loshchilov and Hutter 2019 (arXiv:1711.05101). The values read are those before the step.
   NULL: wg_error(tape) says why. */
WG_API wg_plan *wg_minimize_create(wg_tensor loss, const wg_minimize_options *o);

WG_API wg_status wg_set_lr(wg_plan *p, double lr);  /* of a plan that wg_minimize made; needs no new plan */
WG_API double wg_get_lr(const wg_plan *p);          /* NaN for other plans                                */

/* ---- schedules ------------------------------------------------------------------------------------------------------ */

/* From `from` at step 0 down half a cosine to `to` at step `steps` and after (Loshchilov and Hutter 2017, SGDR). */
WG_API double wg_cosine(double from, double to, int64_t step, int64_t steps);

#ifdef __cplusplus
}
#endif

#ifndef __cplusplus
#define wg_sgd(...) ((wg_optimizer){.kind = "sgd", .lr = 1e-2, __VA_ARGS__})
#define wg_adam(...) ((wg_optimizer){.kind = "adam", .lr = 1e-3, .beta1 = 0.9, .beta2 = 0.999, .eps = 1e-8, __VA_ARGS__})
#define wg_adamw(...) \
    ((wg_optimizer){.kind = "adamw", .lr = 1e-3, .beta1 = 0.9, .beta2 = 0.999, .eps = 1e-8, .weight_decay = 0.01, __VA_ARGS__})
#define wg_minimize(loss, ...) wg_minimize_create((loss), &(wg_minimize_options){.with = __VA_ARGS__})
#endif
#endif

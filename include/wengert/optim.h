/* wengert/optim.h -- optimisers: plans that compute a loss and move the parameters it depends on.
 *
 * An optimiser is a rule that records one parameter's step as ordinary nodes, ending in assigns, so that plans fuse it. All
 * that it remembers lies in the store under the plan's name: optim.lr, optim.step, optim.fc1.weight.exp_avg, ... Saving
 * the store saves the optimiser. Letters: p parameter, g gradient, t the step from 1, names and defaults PyTorch's. */
#ifndef WENGERT_OPTIM_H
#define WENGERT_OPTIM_H

#include <math.h>
#include <wengert/io.h>
#include <wengert/ops.h>
#include <wengert/plan.h>
#include <wengert/tape.h>

#ifdef __cplusplus
extern "C" {
#endif

/* ---- which optimiser, and its numbers -------------------------------------------------------------------------------- */

typedef struct wg_update wg_update;
typedef wg_tensor (*wg_rule_fn)(wg_update *u); /* records a step; returns p's next value */

/* Made by wg_sgd(), wg_adam(), ...: the defaults, then `.lr = 0.1` and so on. A rule reads the fields that its macro sets. */
typedef struct wg_optimizer {
    const char *kind;   /* its name, in messages */
    wg_rule_fn rule;
    double lr, momentum, dampening, weight_decay, beta1, beta2, eps, eps2, alpha, rho, lr_decay, initial_accumulator_value;
    double momentum_decay, beta2_decay, d;
    bool nesterov, centered, amsgrad;
    int ns_steps;
    const void *own;    /* options of a rule of your own, read while wg_minimize runs */
} wg_optimizer;

/* Every rule but adamw, lion, muon and adafactor, whose decay is p (1 - lr weight_decay), adds weight_decay p to g first.

   wg_sgd       .lr = 0.01, .momentum = 0, .dampening = 0, .weight_decay = 0, .nesterov
                b = momentum b + (1 - dampening) g, at first b = g; p -= lr b, or with nesterov lr (g + momentum b).
                Sutskever et al. 2013, in PyTorch's form. nesterov needs a momentum and no dampening.
   wg_rmsprop   .lr = 0.01, .alpha = 0.99, .eps = 1e-8, .weight_decay = 0, .momentum = 0, .centered
                s = alpha s + (1 - alpha) g^2, centered: less the square of the mean of g; p -= lr g / (sqrt s + eps),
                through a buffer as sgd's where there is a momentum. Hinton 2012, Graves 2013 (arXiv:1308.0850).
   wg_adagrad   .lr = 0.01, .lr_decay = 0, .weight_decay = 0, .initial_accumulator_value = 0, .eps = 1e-10
                s += g^2; p -= lr / (1 + (t - 1) lr_decay) g / (sqrt s + eps). Duchi, Hazan and Singer 2011.
   wg_adadelta  .lr = 1, .rho = 0.9, .eps = 1e-6, .weight_decay = 0
                s = rho s + (1 - rho) g^2; d = g sqrt(a + eps) / sqrt(s + eps); a = rho a + (1 - rho) d^2; p -= lr d.
                Zeiler 2012 (arXiv:1212.5701).
   wg_adam      .lr = 1e-3, .beta1 = 0.9, .beta2 = 0.999, .eps = 1e-8, .weight_decay = 0, .amsgrad
                m = beta1 m + (1 - beta1) g; v = beta2 v + (1 - beta2) g^2;
                p -= lr m / (1 - beta1^t) / (sqrt(v / (1 - beta2^t)) + eps); amsgrad: the largest v so far.
                Kingma and Ba 2015 (arXiv:1412.6980), Reddi et al. 2018 (arXiv:1904.09237).
   wg_adamw     as adam, .weight_decay = 0.01. Loshchilov and Hutter 2019 (arXiv:1711.05101).
   wg_nadam     .lr = 2e-3, betas and eps as adam, .weight_decay = 0, .momentum_decay = 4e-3
                Adam with Nesterov's momentum. Dozat 2016.
   wg_radam     .lr = 1e-3, betas and eps as adam, .weight_decay = 0
                Adam, its rate rectified for the variance of v, without v while that has no variance. Liu et al. 2020
                (arXiv:1908.03265).
   wg_lion      .lr = 1e-4, .beta1 = 0.9, .beta2 = 0.99, .weight_decay = 0
                p -= lr sign(beta1 m + (1 - beta1) g); m = beta2 m + (1 - beta2) g. Chen et al. 2023 (arXiv:2302.06675).
   wg_adafactor .lr = 0.01, .beta2_decay = -0.8, .eps = 0 (the dtype's own), .eps2 = 1e-3, .d = 1, .weight_decay = 0
                v of matrices kept as means of rows and columns; the step is measured against p's size and clipped at d.
                Shazeer and Stern 2018 (arXiv:1804.04235), in PyTorch's form.
   wg_muon      .lr = 1e-3, .weight_decay = 0.1, .momentum = 0.95, .nesterov = true, .eps = 1e-7, .ns_steps = 5
                b = momentum b + (1 - momentum) g, made orthogonal by ns_steps of Newton and Schulz's iteration in p's dtype;
                p -= lr sqrt(max(1, rows / columns)) of it. For matrices (of more axes, the later ones are columns); others need
                a group with another optimiser. Jordan et al. 2024, in PyTorch's form. */
WG_API wg_tensor wg_rule_sgd(wg_update *u);
WG_API wg_tensor wg_rule_rmsprop(wg_update *u);
WG_API wg_tensor wg_rule_adagrad(wg_update *u);
WG_API wg_tensor wg_rule_adadelta(wg_update *u);
WG_API wg_tensor wg_rule_adam(wg_update *u);
WG_API wg_tensor wg_rule_adamw(wg_update *u);
WG_API wg_tensor wg_rule_nadam(wg_update *u);
WG_API wg_tensor wg_rule_radam(wg_update *u);
WG_API wg_tensor wg_rule_lion(wg_update *u);
WG_API wg_tensor wg_rule_adafactor(wg_update *u);
WG_API wg_tensor wg_rule_muon(wg_update *u);

/* ---- minimising ------------------------------------------------------------------------------------------------------- */

/* Parameters whose name matches (`*`: anything, `?`: one character, `|` between patterns) are moved in their own way; the first
   group that matches counts. wg_group("*.bias", .weight_decay = 0). */
typedef struct wg_group {
    const char *match;
    double lr;           /* NaN: the plan's. It keeps its proportion to the plan's when that is set.  */
    double weight_decay; /* NaN: the plan's                                                           */
    bool frozen;         /* stays as it is                                                            */
    wg_optimizer with;   /* another optimiser, with the numbers it is given; left out: the plan's     */
} wg_group;

typedef struct wg_groups {
    const wg_group *x;
    size_t n;
} wg_groups;

typedef struct wg_minimize_options {
    wg_optimizer with;
    wg_groups groups;   /* WG_GROUPS(wg_group("head.*", .lr = 1e-4), wg_group("embed.*", .frozen = true))   */
    double clip_value;  /* every element of a gradient kept within +- this; 0: not                          */
    double clip_norm;   /* then gradients scaled so that their norm together is at most this; 0: not        */
    int accumulate;     /* the mean gradient of so many runs makes one step; 0, 1: every run steps          */
    double ema;         /* averages of parameters after each step, ema avg + (1 - ema) p; 0: none           */
    wg_tensors also;    /* more tensors to compute in the same run                                          */
    const char *name;   /* of the optimiser's state in the store; NULL: "optim" (then "optim2", ...)        */
} wg_minimize_options;

/* A plan whose every run computes loss (a scalar) and `also`, and moves each trainable parameter that loss depends on one step
   down. The values read are those before the step. clip_norm is PyTorch's clip_grad_norm_. NULL, and wg_error(tape) says why: no
   rule, a number out of its range, nothing to train, a group that matches nothing. */
WG_API wg_plan *wg_minimize_create(wg_tensor loss, const wg_minimize_options *o);

/* Of a plan that wg_minimize made: the rate of the runs that follow; needs no new plan. Rates of groups move with it. */
WG_API wg_status wg_set_lr(wg_plan *p, double lr);
WG_API double wg_get_lr(const wg_plan *p);          /* NaN for other plans */

/* Copies what evaluation needs into `to`: for each parameter its average, where the plan keeps one and has made a step, and
   otherwise itself; buffers as they are. A tape with .params = to then evaluates the averages. */
WG_API wg_status wg_ema_copy(const wg_plan *p, wg_params *to);

/* ---- an optimiser of your own: a function like those in src/nn/optim/ ------------------------------------------------ */

struct wg_update {
    wg_tensor p, g;           /* the parameter, and its gradient, clipped                   */
    wg_tensor lr;             /* scalars in f64: the rate;                                  */
    wg_tensor t;              /* the step, 1 at first                                       */
    const wg_optimizer *with; /* the numbers; weight_decay is the group's                   */
    const char *name;         /* of the parameter                                           */
    struct wg__minimize *of;
};

/* A number of the optimiser: a scalar of the store in f64, `name` under the plan's. */
WG_API wg_tensor wg_update_number(wg_update *u, const char *name, double value);
/* What is remembered about this parameter: made, and filled with `first`, when the store lacks it. */
WG_API wg_tensor wg_update_state(wg_update *u, const char *name, wg_shape shape, wg_dtype dtype, double first);
WG_API wg_tensor wg_update_like_p(wg_update *u, const char *name); /* of p's shape and dtype, zeros at first */
WG_API void wg_update_assign(wg_update *u, wg_tensor state, wg_tensor next);
WG_API wg_tensor wg_update_cast(wg_update *u, wg_tensor scalar); /* to p's dtype */

/* ---- L-BFGS ------------------------------------------------------------------------------------------------------------ */

/* Limited-memory BFGS (Liu and Nocedal 1989; Nocedal and Wright 2006, algorithms 7.4 and 3.5), PyTorch's: each step makes up to
   max_iter iterations, and every iteration evaluates the loss several times, on the inputs that the plan was fed last. Its
   memory is the host's, in double; it lives as long as the handle, and goes to files by wg_lbfgs_save. */
typedef struct wg_lbfgs wg_lbfgs;

typedef struct wg_lbfgs_options {
    double lr;               /* the first length tried                                                              */
    int max_iter, max_eval;  /* a step; max_eval 0: max_iter * 5 / 4                                                */
    double tolerance_grad;   /* it stops where no element of the gradient is larger,                                */
    double tolerance_change; /* or neither the parameters nor the loss move more                                    */
    int history_size;
    bool strong_wolfe;       /* a search along the direction (as PyTorch's line_search_fn="strong_wolfe"); false:
                                steps of length lr                                                                  */
    const char *match;       /* only parameters whose name matches, as in wg_group; NULL: all                       */
    char last_;              /* ends the macro's list                                                               */
} wg_lbfgs_options;

/* For the trainable parameters that loss depends on. NULL: wg_error(tape) says why. To be freed before the tape. */
WG_API wg_lbfgs *wg_lbfgs_create(wg_tensor loss, const wg_lbfgs_options *o);
WG_API void wg_lbfgs_free(wg_lbfgs *l);
WG_API wg_plan *wg_lbfgs_plan(const wg_lbfgs *l);   /* to feed, and to read an error: computes loss and gradients */
/* One step; *loss (may be NULL) is the loss before it. On failure the parameters are as they were before the step. */
WG_API wg_status wg_lbfgs_step(wg_lbfgs *l, double *loss);
WG_API int64_t wg_lbfgs_evaluations(const wg_lbfgs *l); /* so far */

/* Adds what it remembers to an archive, as arrays "lbfgs.*" that are borrowed until the next step: with the parameters in a
   checkpoint (wg_checkpoint_write), a run that takes both up again comes to the same bits. Load takes it up in a handle with the
   same parameters: WG_EMISSING, WG_ESHAPE: it is not of such a one, or of a longer history; WG_ENOMEM. On failure nothing
   has changed. */
WG_API wg_status wg_lbfgs_save(const wg_lbfgs *l, wg_archive *to);
WG_API wg_status wg_lbfgs_load(wg_lbfgs *l, const wg_archive *from);

#ifdef __cplusplus
}
#endif

#ifndef __cplusplus
#define WG_OPTIMIZER_(name, ...) ((wg_optimizer){.kind = #name, .rule = wg_rule_##name, __VA_ARGS__})
#define wg_sgd(...) WG_OPTIMIZER_(sgd, .lr = 1e-2, __VA_ARGS__)
#define wg_rmsprop(...) WG_OPTIMIZER_(rmsprop, .lr = 1e-2, .alpha = 0.99, .eps = 1e-8, __VA_ARGS__)
#define wg_adagrad(...) WG_OPTIMIZER_(adagrad, .lr = 1e-2, .eps = 1e-10, __VA_ARGS__)
#define wg_adadelta(...) WG_OPTIMIZER_(adadelta, .lr = 1, .rho = 0.9, .eps = 1e-6, __VA_ARGS__)
#define wg_adam(...) WG_OPTIMIZER_(adam, .lr = 1e-3, .beta1 = 0.9, .beta2 = 0.999, .eps = 1e-8, __VA_ARGS__)
#define wg_adamw(...) WG_OPTIMIZER_(adamw, .lr = 1e-3, .beta1 = 0.9, .beta2 = 0.999, .eps = 1e-8, .weight_decay = 0.01, __VA_ARGS__)
#define wg_nadam(...) \
    WG_OPTIMIZER_(nadam, .lr = 2e-3, .beta1 = 0.9, .beta2 = 0.999, .eps = 1e-8, .momentum_decay = 4e-3, __VA_ARGS__)
#define wg_radam(...) WG_OPTIMIZER_(radam, .lr = 1e-3, .beta1 = 0.9, .beta2 = 0.999, .eps = 1e-8, __VA_ARGS__)
#define wg_lion(...) WG_OPTIMIZER_(lion, .lr = 1e-4, .beta1 = 0.9, .beta2 = 0.99, __VA_ARGS__)
#define wg_adafactor(...) WG_OPTIMIZER_(adafactor, .lr = 1e-2, .beta2_decay = -0.8, .eps2 = 1e-3, .d = 1, __VA_ARGS__)
#define wg_muon(...) \
    WG_OPTIMIZER_(muon, .lr = 1e-3, .weight_decay = 0.1, .momentum = 0.95, .nesterov = true, .eps = 1e-7, .ns_steps = 5, __VA_ARGS__)
#define wg_group(...) ((wg_group){.lr = (double)NAN, .weight_decay = (double)NAN, .match = __VA_ARGS__})
#define WG_GROUPS(...) ((wg_groups){(const wg_group[]){__VA_ARGS__}, sizeof((const wg_group[]){__VA_ARGS__}) / sizeof(wg_group)})
#define wg_minimize(loss, ...) wg_minimize_create((loss), &(wg_minimize_options){.with = __VA_ARGS__})
#define wg_lbfgs_new(...) WG_LBFGS_(__VA_ARGS__, .last_ = 0)
#define WG_LBFGS_(loss, ...)                                                                                                       \
    wg_lbfgs_create((loss), &(wg_lbfgs_options){.lr = 1, .max_iter = 20, .tolerance_grad = 1e-7, .tolerance_change = 1e-9,         \
                                                .history_size = 100, __VA_ARGS__})
#endif
#endif

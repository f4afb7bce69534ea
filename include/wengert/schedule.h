/* wengert/schedule.h -- rates over time: functions of the step, so that training goes on where it was from its number alone.
 *
 *     wg_schedule s = wg_warmup_cosine(1000, .warmup = 100);
 *     wg_set_lr(plan, 1e-3 * wg_schedule_at(&s, step));
 *
 * A schedule's value is a factor of the base rate (1: the whole of it), for steps from 0; a step is what you count: a batch, an
 * epoch. The numbers are those of torch.optim.lr_scheduler, over the base rate. A schedule with a list in it borrows that. */
#ifndef WENGERT_SCHEDULE_H
#define WENGERT_SCHEDULE_H

#include <wengert/base.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Made by the macros below, with the defaults; or one of your own: a function, and what it needs in `own`. A step below 0 is 0. */
typedef struct wg_schedule wg_schedule;
struct wg_schedule {
    double (*at)(const wg_schedule *s, int64_t step);
    int64_t steps;              /* how long it changes; how often (step, restarts)                 */
    int64_t warmup;
    double from, to, gamma, power;
    wg_ints milestones;
    const wg_schedule *list;    /* of wg_product, wg_sequence */
    size_t n;
    int64_t mult;
    double pct_start, div_factor, final_div_factor;
    bool linear;
    const void *own;
};

/* The factor at a step; 1 for a schedule without a function. */
WG_API double wg_schedule_at(const wg_schedule *s, int64_t step);

/* wg_constant_rate(steps, .from = 1/3)          from until `steps`, then 1
   wg_linear_rate(steps, .from = 1/3, .to = 1)   from `from` to `to` in so many steps, then `to`
   wg_step_rate(steps, .gamma = 0.1)             times gamma every so many steps
   wg_multistep_rate(WG_INTS(30, 80), .gamma = 0.1)  times gamma at each of at most 8 milestones, in order
   wg_exponential_rate(gamma)                    times gamma every step
   wg_polynomial_rate(steps, .power = 1)         (1 - step / steps)^power, then 0
   wg_cosine_rate(steps, .to = 0)                half a cosine from 1 to `to`, then `to` (PyTorch's comes up again)
   wg_restarts_rate(steps, .mult = 1, .to = 0)   the same again and again, each `mult` times as long as the one before
                                                 (Loshchilov and Hutter 2017, arXiv:1608.03983)
   wg_one_cycle_rate(steps, .pct_start = 0.3, .div_factor = 25, .final_div_factor = 1e4, .linear = false)
                                                 from 1 / div_factor up to 1 at pct_start, and down to that over final_div_factor
                                                 (Smith and Topin 2018, arXiv:1708.07120); the base is PyTorch's max_lr
   wg_warmup_cosine(steps, .warmup, .from = 0, .to = 0)  a line from `from` to 1 in `warmup` steps, then a cosine in the rest
   wg_product(n, list)                           of its schedules at the step, as ChainedScheduler
   wg_sequence(WG_INTS(10, 20), list)            schedule i from milestone i - 1 on, its steps counted from there; one
                                                 schedule more than milestones, as SequentialLR */
WG_API double wg_rate_constant(const wg_schedule *s, int64_t step);
WG_API double wg_rate_linear(const wg_schedule *s, int64_t step);
WG_API double wg_rate_step(const wg_schedule *s, int64_t step);
WG_API double wg_rate_multistep(const wg_schedule *s, int64_t step);
WG_API double wg_rate_exponential(const wg_schedule *s, int64_t step);
WG_API double wg_rate_polynomial(const wg_schedule *s, int64_t step);
WG_API double wg_rate_cosine(const wg_schedule *s, int64_t step);
WG_API double wg_rate_restarts(const wg_schedule *s, int64_t step);
WG_API double wg_rate_one_cycle(const wg_schedule *s, int64_t step);
WG_API double wg_rate_warmup_cosine(const wg_schedule *s, int64_t step);
WG_API double wg_rate_product(const wg_schedule *s, int64_t step);
WG_API double wg_rate_sequence(const wg_schedule *s, int64_t step);

/* From `from` at step 0 down half a cosine to `to` at step `steps` and after: wg_cosine_rate for rates themselves. */
WG_API double wg_cosine(double from, double to, int64_t step, int64_t steps);

/* The one that looks at what comes out (ReduceLROnPlateau): times `factor` when a metric has not become better by `threshold` for more
   than `patience` calls. Plain values, to be kept with a checkpoint. wg_plateau_new(.patience = 5); `.rate` 1 is the base. */
typedef struct wg_plateau {
    double factor;     /* 0.1                                                                 */
    int patience;      /* 10                                                                  */
    double threshold;  /* 1e-4: of the best so far, or, with .absolute, beside it             */
    int cooldown;      /* 0: calls after a cut in which bad ones do not count                 */
    double min_rate;   /* 0                                                                   */
    double eps;        /* 1e-8: a smaller cut is not made (PyTorch's, of the rate itself)     */
    bool absolute, maximize;
    double rate;       /* what it says now: a factor of the base rate                         */
    double best;
    int bad, cooling;
    bool begun;        /* best holds a value                                                  */
} wg_plateau;

/* Tells it the metric, and returns p->rate. NaN is never better. */
WG_API double wg_plateau_step(wg_plateau *p, double metric);

#ifdef __cplusplus
}
#endif

#ifndef __cplusplus
#define WG_RATE_(kind, ...) ((wg_schedule){.at = wg_rate_##kind, __VA_ARGS__})
#define wg_constant_rate(...) WG_RATE_(constant, .from = 1.0 / 3, .steps = __VA_ARGS__)
#define wg_linear_rate(...) WG_RATE_(linear, .from = 1.0 / 3, .to = 1, .steps = __VA_ARGS__)
#define wg_step_rate(...) WG_RATE_(step, .gamma = 0.1, .steps = __VA_ARGS__)
#define wg_multistep_rate(...) WG_RATE_(multistep, .gamma = 0.1, .milestones = __VA_ARGS__)
#define wg_exponential_rate(...) WG_RATE_(exponential, .gamma = __VA_ARGS__)
#define wg_polynomial_rate(...) WG_RATE_(polynomial, .power = 1, .steps = __VA_ARGS__)
#define wg_cosine_rate(...) WG_RATE_(cosine, .to = 0, .steps = __VA_ARGS__)
#define wg_restarts_rate(...) WG_RATE_(restarts, .mult = 1, .steps = __VA_ARGS__)
#define wg_one_cycle_rate(...) WG_RATE_(one_cycle, .pct_start = 0.3, .div_factor = 25, .final_div_factor = 1e4, .steps = __VA_ARGS__)
#define wg_warmup_cosine(...) WG_RATE_(warmup_cosine, .to = 0, .steps = __VA_ARGS__)
#define wg_product(count, ...) WG_RATE_(product, .n = (count), .list = __VA_ARGS__)
#define wg_sequence(at, ...) WG_RATE_(sequence, .milestones = at, .list = __VA_ARGS__)
#define wg_plateau_new(...) ((wg_plateau){.factor = 0.1, .patience = 10, .threshold = 1e-4, .eps = 1e-8, .rate = 1, __VA_ARGS__})
#endif
#endif

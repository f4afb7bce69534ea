/* rule.h -- the words that optimisers are written in, over the public wg_update: short names for one file each. */
#ifndef WG_NN_OPTIM_RULE_H
#define WG_NN_OPTIM_RULE_H

#include <wengert.h>

/* A number of the optimiser, a scalar of the store in f64, and in p's dtype. */
#define WG_NUMBER(u, field) wg_update_number((u), #field, (u)->with->field)
#define WG_REAL(u, field) wg_update_cast((u), WG_NUMBER(u, field))

/* 1 - x. */
static inline wg_tensor wg__rest(wg_tensor x) { return wg_sub(wg_num(1), x); }

/* keep x + (1 - keep) y, keep in f64. */
static inline wg_tensor wg__average(wg_update *u, wg_tensor keep, wg_tensor x, wg_tensor y)
{
    return wg_add(wg_mul(wg_update_cast(u, keep), x), wg_mul(wg_update_cast(u, wg__rest(keep)), y));
}

/* g + weight_decay p: decay as a term of the loss. */
static inline wg_tensor wg__decayed_gradient(wg_update *u)
{
    return u->with->weight_decay != 0 ? wg_add(u->g, wg_mul(WG_REAL(u, weight_decay), u->p)) : u->g;
}

/* p (1 - lr weight_decay): decay beside the loss. */
static inline wg_tensor wg__shrunk(wg_update *u)
{
    return u->with->weight_decay != 0 ? wg_mul(u->p, wg_update_cast(u, wg__rest(wg_mul(u->lr, WG_NUMBER(u, weight_decay))))) : u->p;
}

/* p - rate d, rate a scalar in f64. */
static inline wg_tensor wg__descend(wg_update *u, wg_tensor p, wg_tensor rate, wg_tensor d)
{
    return wg_sub(p, wg_mul(wg_update_cast(u, rate), d));
}

/* The averages of g and of its square that Adam and its kin keep: the new ones, assigned. */
static inline wg_tensor wg__mean(wg_update *u, wg_tensor g)
{
    wg_tensor m = wg_update_like_p(u, "exp_avg"), next = wg__average(u, WG_NUMBER(u, beta1), m, g);
    wg_update_assign(u, m, next);
    return next;
}

static inline wg_tensor wg__mean_square(wg_update *u, wg_tensor g)
{
    wg_tensor v = wg_update_like_p(u, "exp_avg_sq"), next = wg__average(u, WG_NUMBER(u, beta2), v, wg_square(g));
    wg_update_assign(u, v, next);
    return next;
}

/* 1 - beta^t: what averages that began at zero lack. */
static inline wg_tensor wg__correction(wg_update *u, wg_tensor beta) { return wg__rest(wg_pow(beta, u->t)); }

#endif

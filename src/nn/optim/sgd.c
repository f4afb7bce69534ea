/* sgd.c -- gradient descent with momentum (Sutskever et al. 2013): PyTorch's form, in which the rate is outside of the buffer,
 * and the buffer's first value is the whole gradient, dampening or not. */
#include "nn/optim/rule.h"

wg_tensor wg_rule_sgd(wg_update *u)
{
    const wg_optimizer *o = u->with;
    wg_tensor g = wg__decayed_gradient(u);
    if (o->nesterov && (o->momentum <= 0 || o->dampening != 0))
        return wg_reject(wg_tape_of(u->p), WG_EARG, "minimize: sgd: nesterov needs a momentum and no dampening");
    if (o->momentum != 0) {
        wg_tensor mu = WG_REAL(u, momentum), b = wg_update_like_p(u, "momentum_buffer"), moved = wg_mul(mu, b), next = wg_add(moved, g);
        if (o->dampening != 0) {
            wg_tensor damped = wg_add(moved, wg_mul(wg_update_cast(u, wg__rest(WG_NUMBER(u, dampening))), g));
            next = wg_where(wg_eq(u->t, wg_num(1)), g, damped);
        }
        wg_update_assign(u, b, next);
        g = o->nesterov ? wg_add(g, wg_mul(mu, next)) : next;
    }
    return wg__descend(u, u->p, u->lr, g);
}

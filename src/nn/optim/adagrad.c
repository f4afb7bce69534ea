/* adagrad.c -- a rate for each element that falls with the squares it has met (Duchi, Hazan and Singer 2011). */
#include "nn/optim/rule.h"

wg_tensor wg_rule_adagrad(wg_update *u)
{
    const wg_optimizer *o = u->with;
    wg_tensor g = wg__decayed_gradient(u), rate = u->lr;
    wg_tensor s = wg_update_state(u, "sum", wg_shape_get(u->p), wg_dtype_get(u->p), o->initial_accumulator_value);
    wg_tensor sum = wg_add(s, wg_square(g));
    wg_update_assign(u, s, sum);
    if (o->lr_decay != 0) rate = wg_div(rate, wg_add(wg_num(1), wg_mul(wg_sub(u->t, wg_num(1)), WG_NUMBER(u, lr_decay))));
    return wg__descend(u, u->p, rate, wg_div(g, wg_add(wg_sqrt(sum), WG_REAL(u, eps))));
}

/* nadam.c -- Adam with Nesterov's momentum (Dozat 2016): the step takes the gradient and the momentum to come, each corrected by
 * the product of the momenta that went into it. */
#include "nn/optim/rule.h"

/* beta1 (1 - 0.96^(t momentum_decay) / 2) */
static wg_tensor momentum_at(wg_update *u, wg_tensor t)
{
    wg_tensor fading = wg_pow(wg_num(0.96), wg_mul(t, WG_NUMBER(u, momentum_decay)));
    return wg_mul(WG_NUMBER(u, beta1), wg__rest(wg_mul(wg_num(0.5), fading)));
}

wg_tensor wg_rule_nadam(wg_update *u)
{
    wg_tensor g = wg__decayed_gradient(u), mu = momentum_at(u, u->t), mu_next = momentum_at(u, wg_add(u->t, wg_num(1)));
    wg_tensor past = wg_update_state(u, "mu_product", (wg_shape){.rank = 0}, WG_F64, 1), product = wg_mul(past, mu);
    wg_tensor m = wg__mean(u, g), v = wg__mean_square(u, g), correction = wg__correction(u, WG_NUMBER(u, beta2));
    wg_update_assign(u, past, product);
    wg_tensor denominator = wg_add(wg_sqrt(wg_div(v, wg_update_cast(u, correction))), WG_REAL(u, eps));
    wg_tensor now = wg_div(wg_mul(u->lr, wg__rest(mu)), wg__rest(product));
    wg_tensor later = wg_div(wg_mul(u->lr, mu_next), wg__rest(wg_mul(product, mu_next)));
    return wg__descend(u, wg__descend(u, u->p, now, wg_div(g, denominator)), later, wg_div(m, denominator));
}

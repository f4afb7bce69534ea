/* radam.c -- Adam whose rate is rectified (Liu et al. 2020, arXiv:1908.03265): v of few steps has so large a variance that its
 * root is left out until the length rho of its average exceeds 5. */
#include "nn/optim/rule.h"

wg_tensor wg_rule_radam(wg_update *u)
{
    wg_tensor g = wg__decayed_gradient(u), b1 = WG_NUMBER(u, beta1), b2 = WG_NUMBER(u, beta2), two = wg_num(2), four = wg_num(4);
    wg_tensor m = wg__mean(u, g), v = wg__mean_square(u, g), correction = wg__correction(u, b2);
    wg_tensor most = wg_sub(wg_div(two, wg__rest(b2)), wg_num(1));
    wg_tensor rho = wg_sub(most, wg_div(wg_mul(wg_mul(two, u->t), wg_pow(b2, u->t)), correction));
    wg_tensor is = wg_mul(wg_mul(wg_sub(rho, four), wg_sub(rho, two)), most);
    wg_tensor of = wg_mul(wg_mul(wg_sub(most, four), wg_sub(most, two)), rho);
    wg_tensor rate = wg_div(u->lr, wg__correction(u, b1)), rectified = wg_gt(rho, wg_num(5));
    wg_tensor adapted = wg_mul(rate, wg_mul(wg_sqrt(wg_div(is, of)), wg_sqrt(correction)));
    wg_tensor d = wg_where(rectified, wg_div(m, wg_add(wg_sqrt(v), WG_REAL(u, eps))), m);
    return wg__descend(u, u->p, wg_where(rectified, adapted, rate), d);
}

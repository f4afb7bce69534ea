/* adadelta.c -- steps in the units of the parameter: the root of past steps over the root of past gradients (Zeiler 2012,
 * arXiv:1212.5701). */
#include "nn/optim/rule.h"

wg_tensor wg_rule_adadelta(wg_update *u)
{
    wg_tensor g = wg__decayed_gradient(u), rho = WG_NUMBER(u, rho), eps = WG_REAL(u, eps);
    wg_tensor s = wg_update_like_p(u, "square_avg"), a = wg_update_like_p(u, "acc_delta");
    wg_tensor square = wg__average(u, rho, s, wg_square(g));
    wg_tensor d = wg_mul(wg_div(wg_sqrt(wg_add(a, eps)), wg_sqrt(wg_add(square, eps))), g);
    wg_update_assign(u, s, square);
    wg_update_assign(u, a, wg__average(u, rho, a, wg_square(d)));
    return wg__descend(u, u->p, u->lr, d);
}

/* lion.c -- the sign of a momentum (Chen et al. 2023, arXiv:2302.06675): every element moves by lr or stays. */
#include "nn/optim/rule.h"

wg_tensor wg_rule_lion(wg_update *u)
{
    wg_tensor m = wg_update_like_p(u, "exp_avg"), d = wg_sign(wg__average(u, WG_NUMBER(u, beta1), m, u->g));
    wg_update_assign(u, m, wg__average(u, WG_NUMBER(u, beta2), m, u->g));
    return wg__descend(u, wg__shrunk(u), u->lr, d);
}

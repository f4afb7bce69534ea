/* adam.c -- Adam (Kingma and Ba 2015, arXiv:1412.6980), with the largest v so far as AMSGrad (Reddi et al. 2018,
 * arXiv:1904.09237), and AdamW (Loshchilov and Hutter 2019, arXiv:1711.05101), which differ in where the decay goes. */
#include "nn/optim/rule.h"

static wg_tensor adam(wg_update *u, wg_tensor p, wg_tensor g)
{
    wg_tensor b1 = WG_NUMBER(u, beta1), b2 = WG_NUMBER(u, beta2), m = wg__mean(u, g), v = wg__mean_square(u, g);
    if (u->with->amsgrad) {
        wg_tensor most = wg_update_like_p(u, "max_exp_avg_sq");
        v = wg_maximum(most, v);
        wg_update_assign(u, most, v);
    }
    wg_tensor rate = wg_div(u->lr, wg__correction(u, b1)), root = wg_sqrt(wg__correction(u, b2));
    wg_tensor denominator = wg_add(wg_div(wg_sqrt(v), wg_update_cast(u, root)), WG_REAL(u, eps));
    return wg__descend(u, p, rate, wg_div(m, denominator));
}

wg_tensor wg_rule_adam(wg_update *u) { return adam(u, u->p, wg__decayed_gradient(u)); }

wg_tensor wg_rule_adamw(wg_update *u) { return adam(u, wg__shrunk(u), u->g); }

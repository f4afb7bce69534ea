/* rmsprop.c -- the gradient over the root of its mean square (Tieleman and Hinton 2012); centered, over its deviation (Graves
 * 2013, arXiv:1308.0850). */
#include "nn/optim/rule.h"

wg_tensor wg_rule_rmsprop(wg_update *u)
{
    const wg_optimizer *o = u->with;
    wg_tensor g = wg__decayed_gradient(u), alpha = WG_NUMBER(u, alpha);
    wg_tensor s = wg_update_like_p(u, "square_avg"), square = wg__average(u, alpha, s, wg_square(g)), spread = square;
    wg_update_assign(u, s, square);
    if (o->centered) {
        wg_tensor m = wg_update_like_p(u, "grad_avg"), mean = wg__average(u, alpha, m, g);
        wg_update_assign(u, m, mean);
        spread = wg_sub(square, wg_square(mean));
    }
    wg_tensor d = wg_div(g, wg_add(wg_sqrt(spread), WG_REAL(u, eps)));
    if (o->momentum != 0) {
        wg_tensor b = wg_update_like_p(u, "momentum_buffer");
        d = wg_add(wg_mul(WG_REAL(u, momentum), b), d);
        wg_update_assign(u, b, d);
    }
    return wg__descend(u, u->p, u->lr, d);
}

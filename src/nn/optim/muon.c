/* muon.c -- momentum made orthogonal (Jordan et al. 2024): the singular values of the step are brought near 1 by an iteration of
 * Newton and Schulz, x = a x + (b s + c s s) x with s = x x', whose coefficients are chosen for speed near 0, not for an exact 1. */
#include "nn/optim/rule.h"

static wg_tensor orthogonal(wg_update *u, wg_tensor x)
{
    const double a = 3.4445, b = -4.775, c = 2.0315;
    bool tall = wg_dim(x, 0) > wg_dim(x, 1);
    if (tall) x = wg_transpose(x);
    x = wg_div(x, wg_maximum(wg_sqrt(wg_sum(wg_square(x))), WG_REAL(u, eps)));
    for (int i = 0; i < u->with->ns_steps; i++) {
        wg_tensor s = wg_matmul(x, wg_transpose(x)), q = wg_add(wg_mul(wg_num(b), s), wg_mul(wg_num(c), wg_matmul(s, s)));
        x = wg_add(wg_mul(wg_num(a), x), wg_matmul(q, x));
    }
    return tall ? wg_transpose(x) : x;
}

wg_tensor wg_rule_muon(wg_update *u)
{
    const wg_optimizer *o = u->with;
    wg_shape s = wg_shape_get(u->p);
    int64_t rows = s.rank ? s.dim[0] : 0, count = wg_shape_count(s);
    if (s.rank < 2 || count == 0)
        return wg_reject(
            wg_tape_of(u->p), WG_ESHAPE,
            "minimize: muon moves matrices, and %s has %d axes: give it to another optimiser, wg_group(\"%s\", .with = wg_adamw())",
            u->name, s.rank, u->name);
    wg_tensor mu = WG_NUMBER(u, momentum), b = wg_update_like_p(u, "momentum_buffer"), next = wg__average(u, mu, b, u->g);
    wg_update_assign(u, b, next);
    wg_tensor d = o->nesterov ? wg__average(u, mu, next, u->g) : next;
    wg_tensor x = orthogonal(u, s.rank > 2 ? wg_reshape(d, WG_SHAPE(rows, count / rows)) : d);
    if (s.rank > 2) x = wg_reshape_like(x, u->p);
    double ratio = (double)rows * (double)rows / (double)count;
    wg_tensor rate = wg_mul(u->lr, wg_num(sqrt(ratio > 1 ? ratio : 1)));
    return wg__descend(u, wg__shrunk(u), rate, x);
}

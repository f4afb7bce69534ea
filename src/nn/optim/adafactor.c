/* adafactor.c -- Adam without the memory (Shazeer and Stern 2018, arXiv:1804.04235): of a matrix, v is the product of its means
 * over rows and over columns (over the mean of these), kept as two vectors; there is no m. The step is lr (at most 1 / sqrt t) times
 * the root mean square of p, and shortened where its own exceeds d. PyTorch's form, which has eps in two places. */
#include "nn/optim/rule.h"

#include <float.h>

/* The new v, rows and columns kept apart where p is a matrix (or a stack of them). new: the share of this step. */
static wg_tensor variance(wg_update *u, wg_tensor new, wg_tensor eps)
{
    wg_shape s = wg_shape_get(u->p);
    wg_tensor square = wg_square(u->g), keep = wg__rest(new);
    if (s.rank < 2) {
        wg_tensor v = wg_update_like_p(u, "variance"), next = wg__average(u, keep, v, square);
        wg_update_assign(u, v, next);
        return next;
    }
    wg_shape row = s, col = s;
    row.dim[s.rank - 1] = 1;
    col.dim[s.rank - 2] = 1;
    wg_tensor r = wg_update_state(u, "row_var", row, wg_dtype_get(u->p), 0), c = wg_update_state(u, "col_var", col, wg_dtype_get(u->p), 0);
    wg_tensor rows = wg__average(u, keep, r, wg_mean(square, .axes = WG_INTS(-1), .keepdim = true));
    wg_tensor cols = wg__average(u, keep, c, wg_mean(square, .axes = WG_INTS(-2), .keepdim = true));
    wg_update_assign(u, r, rows);
    wg_update_assign(u, c, cols);
    return wg_div(wg_mul(rows, cols), wg_maximum(wg_mean(rows, .axes = WG_INTS(-2), .keepdim = true), eps));
}

/* In f64. */
static wg_tensor root_mean_square(wg_tensor x) { return wg_sqrt(wg_mean(wg_square(wg_cast(x, WG_F64)))); }

wg_tensor wg_rule_adafactor(wg_update *u)
{
    const wg_optimizer *o = u->with;
    double own = wg_dtype_get(u->p) == WG_F64 ? DBL_EPSILON : (double)FLT_EPSILON;
    wg_tensor eps = wg_update_cast(u, wg_update_number(u, "eps", o->eps > 0 ? o->eps : own));
    wg_tensor rate = wg_minimum(u->lr, wg_rsqrt(u->t));
    wg_tensor alpha = wg_mul(wg_maximum(WG_NUMBER(u, eps2), root_mean_square(u->p)), rate);
    wg_tensor v = variance(u, wg_pow(u->t, WG_NUMBER(u, beta2_decay)), eps);
    wg_tensor d = wg_mul(wg_rsqrt(wg_maximum(v, wg_square(eps))), u->g);
    wg_tensor shorten = wg_maximum(wg_num(1), wg_div(root_mean_square(d), WG_NUMBER(u, d)));
    return wg__descend(u, wg__shrunk(u), wg_div(alpha, shorten), d);
}

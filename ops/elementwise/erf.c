/* erf(x) = 2/sqrt(pi) times the integral of exp(-t^2) from 0 to x; d/dx = 2/sqrt(pi) exp(-x^2). Saturates to -1 and 1. */
#ifndef WG_KERNEL_PART
#include "tape/op.h"

static wg_tensor slope(const wg_rule *r, int i)
{
    /* 2/sqrt(pi) */
    return wg_mul(wg_num(1.12837916709551257390), wg_exp(wg_neg(wg_square(r->in[i]))));
}

static const wg_sample samples[] = {
    {.call = "erf([-1, 0, 0.5, 2.5])", .value = "[-0.8427007929497149, 0, 0.5204998778130465, 0.999593047982555]",
     .grad = "[0.4151074974205947, 1.1283791670955126, 0.8787825789354448, 0.00217828423035271]"},
    {.call = "erf([1000, -1000])", .value = "[1, -1]", .grad = "[0, 0]", .kink = true},
    {.call = "erf([inf, -inf, nan, -0.0])", .value = "[1, -1, nan, -0.0]", .grad = "[0, 0, nan, 1.1283791670955126]", .kink = true},
    {.call = "erf(0.25)", .value = "0.27632639016823696", .grad = "1.0600141293761143"},
    {.call = "erf(~[2, 3])"},
    {.call = "erf(f64[0, 3]())", .value = "f64[0, 3]()", .grad = "f64[0, 3]()"},
    {.call = "erf(i64[1, 2])", .refused = "must be f32 or f64"},
    {.call = "erf(bool[true])", .refused = "must be f32 or f64"},
    {0}};

#define WG_OVER WG_OVER_REALS
#include "tape/instances.h"

const wg_op wg_op_erf = {WG_LINE(erf), .kind = WG_ELEMENTWISE, .slope = slope, .kernel = kernels, .samples = samples};
#else

static int64_t FN(kernel)(const wg_args *a, int64_t lo, int64_t hi)
{
    const T *x = a->in[0];
    T *y = a->out;
    for (int64_t i = lo; i < hi; i++) y[i] = M(erf)(x[i]);
    return -1;
}
#endif

/* gelu_slope(x; approximate): the derivative of gelu, P(x) + x p(x); with approximate="tanh", s + x s (1 - s) u'(x), where
 * s = 1 / (1 + exp(-u)) and u = sqrt(8/pi) (x + 0.044715 x^3). Its own derivative is that of its definition.
 * A node of its own: as a chain of 16 nodes it took 1.9 times as long (393,216 values in f32, AVX-512, with the cotangent's product). */
#ifndef WG_KERNEL_PART
#include "tape/op.h"

static const double root2pi = 0.79788456080286535588, cubic = 0.044715; /* sqrt(2/pi) */

static wg_tensor define(const wg_rule *r)
{
    const wg_gelu_slope_options *o = r->attrs;
    wg_tensor x = r->in[0], square = wg_square(x), t, outer, inner;
    if (strcmp(o->approximate, "none") == 0) {
        wg_tensor P = wg_mul(wg_num(0.5), wg_add(wg_num(1), wg_erf(wg_mul(x, wg_num(sqrt(0.5))))));
        wg_tensor p = wg_mul(wg_num(root2pi / 2), wg_exp(wg_mul(wg_num(-0.5), square)));
        return wg_add(P, wg_mul(x, p));
    }
    t = wg_tanh(wg_mul(wg_num(root2pi), wg_add(x, wg_mul(wg_num(cubic), wg_mul(square, x)))));
    outer = wg_mul(wg_mul(wg_num(0.5), x), wg_sub(wg_num(1), wg_square(t)));
    inner = wg_mul(wg_num(root2pi), wg_add(wg_num(1), wg_mul(wg_num(3 * cubic), square)));
    return wg_add(wg_mul(wg_num(0.5), wg_add(wg_num(1), t)), wg_mul(outer, inner));
}

/* values from PyTorch's gradients, f64 */
static const wg_sample samples[] = {
    {.call = "gelu_slope([-3, -1, 0, 0.5, 2])", .value = "[-0.01194564720418392, -0.08331547058768635, 0.5, 0.8674951246561629, "
     "1.085231801078197]"},
    {.call = "gelu_slope([-3, -1, 0, 0.5, 2]; approximate=\"tanh\")",
     .value = "[-0.011584166630969648, -0.08296408384578252, 0.5, 0.8673699035346424, 1.0860992566236183]"},
    {.call = "gelu_slope([-1000, 100, nan]; approximate=\"tanh\")", .value = "[0, 1, nan]", .kink = true},
    {.call = "gelu_slope([-1000, 100, nan])", .value = "[0, 1, nan]", .kink = true},
    {.call = "gelu_slope(~[2, 3])"},
    {.call = "gelu_slope(~[2, 3]; approximate=\"tanh\")"},
    {.call = "gelu_slope(2.5)"},
    {.call = "gelu_slope(f64[0, 3]())", .value = "f64[0, 3]()"},
    {.call = "gelu_slope(i64[1, 2])", .refused = "must be f32 or f64"},
    {0}};

#define WG_OVER WG_OVER_REALS
#include "tape/instances.h"

const wg_op wg_op_gelu_slope = {WG_LINE(gelu_slope), .kind = WG_ELEMENTWISE, .define = define, .kernel = kernels, .samples = samples};
#else

static int64_t FN(kernel)(const wg_args *a, int64_t lo, int64_t hi)
{
    const wg_gelu_slope_options *o = a->attrs;
    const T *x = a->in[0];
    T *y = a->out;
    if (o->approximate[0] == 'n')
        for (int64_t i = lo; i < hi; i++)
            y[i] = C(0.5) * (C(1) + M(erf)(x[i] * C(0.70710678118654752440))) + x[i] * C(root2pi / 2) * M(exp)(C(-0.5) * x[i] * x[i]);
    else
        for (int64_t i = lo; i < hi; i++) {
            T square = x[i] * x[i], s = M(sigmoid)(C(2 * root2pi) * (x[i] + C(cubic) * square * x[i]));
            y[i] = s + x[i] * s * (C(1) - s) * (C(2 * root2pi) * (C(1) + C(3 * cubic) * square));
        }
    return -1;
}
#endif

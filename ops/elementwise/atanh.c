/* atanh(x), the area hyperbolic tangent, for |x| below 1; d/dx = 1 / ((1 - x) (1 + x)), which does not cancel near 1 as 1 - x^2
 * does. At +-1: +-inf, derivative inf; beyond, NaN, but the derivative is the formula's (as torch has it). A node of its own
 * for the exact kernel. */
#ifndef WG_KERNEL_PART
#include "tape/op.h"

static wg_tensor slope(const wg_rule *r, int i)
{
    return wg_reciprocal(wg_mul(wg_sub(wg_num(1), r->in[i]), wg_add(wg_num(1), r->in[i])));
}

/* values and gradients: PyTorch 1.13.1 in f64 */
static const wg_sample samples[] = {
    {.call = "atanh([-0.75, 0.25, 0.5, 0.875])",
     .value = "[-0.9729550745276566, 0.25541281188299536, 0.5493061443340548, 1.354025100551105]",
     .grad = "[2.2857142857142856, 1.0666666666666667, 1.3333333333333333, 4.266666666666667]"},
    {.call = "atanh([1, -1, 2, -3])", .value = "[inf, -inf, nan, nan]", .grad = "[inf, inf, -0.3333333333333333, -0.125]", .kink = true},
    {.call = "atanh([inf, -inf, nan])", .value = "[nan, nan, nan]", .grad = "[0, 0, nan]", .kink = true},
    {.call = "atanh([0, -0.0])", .value = "[0, -0.0]", .grad = "[1, 1]", .kink = true},
    {.call = "atanh([1e-10, -1e-10, 0.001])", .value = "[1e-10, -1e-10, 0.0010000003333335333]", .grad = "[1, 1, 1.000001000001]"},
    {.call = "atanh([[0.1, -0.2, 0.3], [-0.4, 0.5, -0.6]])",
     .value = "[[0.10033534773107558, -0.2027325540540822, 0.30951960420311175], [-0.42364893019360184, 0.5493061443340548, "
              "-0.6931471805599453]]",
     .grad = "[[1.0101010101010102, 1.0416666666666667, 1.0989010989010988], [1.1904761904761905, 1.3333333333333333, 1.5625]]"},
    {.call = "atanh(0.25)", .value = "0.25541281188299536", .grad = "1.0666666666666667"},
    {.call = "atanh([[0.25]])", .value = "[[0.25541281188299536]]", .grad = "[[1.0666666666666667]]"},
    {.call = "atanh(f64[0, 3]())", .value = "f64[0, 3]()", .grad = "f64[0, 3]()"},
    {.call = "atanh(f64[2, 0, 1]())", .value = "f64[2, 0, 1]()", .grad = "f64[2, 0, 1]()"},
    {.call = "atanh(i64[1, 2])", .refused = "must be f32 or f64"},
    {.call = "atanh(bool[true])", .refused = "must be f32 or f64"},
    {.call = "atanh(u8[1])", .refused = "must be f32 or f64"},
    {.call = "atanh([1], [2])", .refused = "atanh"},
    {.call = "atanh([1]; axis=0)", .refused = "axis"},
    {.call = "atanh()", .refused = "atanh"},
    {0}};

#define WG_OVER WG_OVER_REALS
#include "tape/instances.h"

const wg_op wg_op_atanh = {WG_LINE(atanh), .kind = WG_ELEMENTWISE, .slope = slope, .kernel = kernels, .samples = samples};
#else

static int64_t FN(kernel)(const wg_args *a, int64_t lo, int64_t hi)
{
    const T *x = a->in[0];
    T *y = a->out;
    for (int64_t i = lo; i < hi; i++) y[i] = M(atanh)(x[i]);
    return -1;
}
#endif

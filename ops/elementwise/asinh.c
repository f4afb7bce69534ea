/* asinh(x), the area hyperbolic sine; d/dx = 1 / sqrt(x^2 + 1), by hypot, since x^2 may overflow: 0 at +-inf. A node of its own for
 * the exact kernel, which near 0 keeps the digits that log(x + sqrt(x^2 + 1)) loses. */
#ifndef WG_KERNEL_PART
#include "tape/op.h"

static wg_tensor slope(const wg_rule *r, int i)
{
    return wg_reciprocal(wg_hypot(r->in[i], wg_num(1)));
}

/* values and gradients: PyTorch 1.13.1 in f64 */
static const wg_sample samples[] = {
    {.call = "asinh([-1, 0.25, 0.5, 3])", .value = "[-0.881373587019543, 0.24746646154726346, 0.48121182505960347, 1.8184464592320668]",
     .grad = "[0.7071067811865475, 0.9701425001453319, 0.8944271909999159, 0.31622776601683794]"},
    {.call = "asinh([inf, -inf, nan])", .value = "[inf, -inf, nan]", .grad = "[0, 0, nan]", .kink = true},
    {.call = "asinh([0, -0.0])", .value = "[0, -0.0]", .grad = "[1, 1]", .kink = true},
    {.call = "asinh([1e-20, 1e+20, -1e+20])", .value = "[1e-20, 46.74484904044086, -46.74484904044086]", .grad = "[1, 1e-20, 1e-20]",
     .kink = true},
    {.call = "asinh([1e-10, -1e-10, 0.001])", .value = "[1e-10, -1e-10, 0.0009999998333334083]", .grad = "[1, 1, 0.999999500000375]"},
    {.call = "asinh(0.25)", .value = "0.24746646154726346", .grad = "0.9701425001453319"},
    {.call = "asinh([[0.25]])", .value = "[[0.24746646154726346]]", .grad = "[[0.9701425001453319]]"},
    {.call = "asinh(~[4, 5])"},
    {.call = "asinh(~[3, 1, 2])"},
    {.call = "asinh(~[37])"},
    {.call = "asinh(f64[0, 3]())", .value = "f64[0, 3]()", .grad = "f64[0, 3]()"},
    {.call = "asinh(f64[2, 0, 1]())", .value = "f64[2, 0, 1]()", .grad = "f64[2, 0, 1]()"},
    {.call = "asinh(i64[1, 2])", .refused = "must be f32 or f64"},
    {.call = "asinh(bool[true])", .refused = "must be f32 or f64"},
    {.call = "asinh(u8[1])", .refused = "must be f32 or f64"},
    {.call = "asinh([1], [2])", .refused = "asinh"},
    {.call = "asinh([1]; axis=0)", .refused = "axis"},
    {.call = "asinh()", .refused = "asinh"},
    {0}};

#define WG_OVER WG_OVER_REALS
#include "tape/instances.h"

const wg_op wg_op_asinh = {WG_LINE(asinh), .kind = WG_ELEMENTWISE, .slope = slope, .kernel = kernels, .samples = samples};
#else

static int64_t FN(kernel)(const wg_args *a, int64_t lo, int64_t hi)
{
    const T *x = a->in[0];
    T *y = a->out;
    for (int64_t i = lo; i < hi; i++) y[i] = M(asinh)(x[i]);
    return -1;
}
#endif

/* cosh(x) = (e^x + e^-x) / 2; d/dx = sinh(x). Overflows to inf, with derivative +-inf. A node of its own: one pass, and
 * overflow only where the result does. */
#ifndef WG_KERNEL_PART
#include "tape/op.h"

static wg_tensor slope(const wg_rule *r, int i)
{
    return wg_sinh(r->in[i]);
}

/* values and gradients: PyTorch 1.13.1 in f64 */
static const wg_sample samples[] = {
    {.call = "cosh([-1, 0.25, 0.5, 3])", .value = "[1.5430806348152437, 1.0314130998795732, 1.1276259652063807, 10.067661995777765]",
     .grad = "[-1.1752011936438014, 0.2526123168081683, 0.5210953054937474, 10.017874927409903]"},
    {.call = "cosh([1000, -1000])", .value = "[inf, inf]", .grad = "[inf, -inf]", .kink = true},
    {.call = "cosh([inf, -inf, nan])", .value = "[inf, inf, nan]", .grad = "[inf, -inf, nan]", .kink = true},
    {.call = "cosh([0, -0.0, 1e-20])", .value = "[1, 1, 1]", .grad = "[0, 0, 1e-20]", .kink = true},
    {.call = "cosh(0.25)", .value = "1.0314130998795732", .grad = "0.2526123168081683"},
    {.call = "cosh([[0.25]])", .value = "[[1.0314130998795732]]", .grad = "[[0.2526123168081683]]"},
    {.call = "cosh(~[4, 5])"},
    {.call = "cosh(~[3, 1, 2])"},
    {.call = "cosh(~[37])"},
    {.call = "cosh(f64[0, 3]())", .value = "f64[0, 3]()", .grad = "f64[0, 3]()"},
    {.call = "cosh(f64[2, 0, 1]())", .value = "f64[2, 0, 1]()", .grad = "f64[2, 0, 1]()"},
    {.call = "cosh(i64[1, 2])", .refused = "must be f32 or f64"},
    {.call = "cosh(bool[true])", .refused = "must be f32 or f64"},
    {.call = "cosh(u8[1])", .refused = "must be f32 or f64"},
    {.call = "cosh([1], [2])", .refused = "cosh"},
    {.call = "cosh([1]; axis=0)", .refused = "axis"},
    {.call = "cosh()", .refused = "cosh"},
    {0}};

#define WG_OVER WG_OVER_REALS
#include "tape/instances.h"

const wg_op wg_op_cosh = {WG_LINE(cosh), .kind = WG_ELEMENTWISE, .slope = slope, .kernel = kernels, .samples = samples};
#else

static int64_t FN(kernel)(const wg_args *a, int64_t lo, int64_t hi)
{
    const T *x = a->in[0];
    T *y = a->out;
    for (int64_t i = lo; i < hi; i++) y[i] = M(cosh)(x[i]);
    return -1;
}
#endif

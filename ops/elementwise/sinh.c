/* sinh(x) = (e^x - e^-x) / 2, exact near 0; d/dx = cosh(x). Overflows to +-inf, with derivative inf. A node of its own for the
 * exact kernel, which near 0 keeps the digits that the difference of exponentials loses. */
#ifndef WG_KERNEL_PART
#include "tape/op.h"

static wg_tensor slope(const wg_rule *r, int i)
{
    return wg_cosh(r->in[i]);
}

/* values and gradients: PyTorch 1.13.1 in f64 */
static const wg_sample samples[] = {
    {.call = "sinh([-1, 0.25, 0.5, 3])", .value = "[-1.1752011936438014, 0.2526123168081683, 0.5210953054937474, 10.017874927409903]",
     .grad = "[1.5430806348152437, 1.0314130998795732, 1.1276259652063807, 10.067661995777765]"},
    {.call = "sinh([1000, -1000])", .value = "[inf, -inf]", .grad = "[inf, inf]", .kink = true},
    {.call = "sinh([inf, -inf, nan])", .value = "[inf, -inf, nan]", .grad = "[inf, inf, nan]", .kink = true},
    {.call = "sinh([0, -0.0, 1e-20])", .value = "[0, -0.0, 1e-20]", .grad = "[1, 1, 1]", .kink = true},
    {.call = "sinh([1e-10, -1e-10, 0.001])", .value = "[1e-10, -1e-10, 0.001000000166666675]", .grad = "[1, 1, 1.0000005000000416]"},
    {.call = "sinh(0.25)", .value = "0.2526123168081683", .grad = "1.0314130998795732"},
    {.call = "sinh([[0.25]])", .value = "[[0.2526123168081683]]", .grad = "[[1.0314130998795732]]"},
    {.call = "sinh(~[4, 5])"},
    {.call = "sinh(~[3, 1, 2])"},
    {.call = "sinh(~[37])"},
    {.call = "sinh(f64[0, 3]())", .value = "f64[0, 3]()", .grad = "f64[0, 3]()"},
    {.call = "sinh(f64[2, 0, 1]())", .value = "f64[2, 0, 1]()", .grad = "f64[2, 0, 1]()"},
    {.call = "sinh(i64[1, 2])", .refused = "must be f32 or f64"},
    {.call = "sinh(bool[true])", .refused = "must be f32 or f64"},
    {.call = "sinh(u8[1])", .refused = "must be f32 or f64"},
    {.call = "sinh([1], [2])", .refused = "sinh"},
    {.call = "sinh([1]; axis=0)", .refused = "axis"},
    {.call = "sinh()", .refused = "sinh"},
    {0}};

#define WG_OVER WG_OVER_REALS
#include "tape/instances.h"

const wg_op wg_op_sinh = {WG_LINE(sinh), .kind = WG_ELEMENTWISE, .slope = slope, .kernel = kernels, .samples = samples};
#else

static int64_t FN(kernel)(const wg_args *a, int64_t lo, int64_t hi)
{
    const T *x = a->in[0];
    T *y = a->out;
    for (int64_t i = lo; i < hi; i++) y[i] = M(sinh)(x[i]);
    return -1;
}
#endif

/* sigmoid(x) = 1 / (1 + exp(-x)), the logistic function (Verhulst 1845); d/dx = y (1 - y). Saturates to 0 and 1 without
 * overflow; the derivative there is 0. */
#ifndef WG_KERNEL_PART
#include "tape/op.h"

static wg_tensor slope(const wg_rule *r, int i)
{
    (void)i;
    return wg_mul(r->out, wg_sub(wg_num(1), r->out));
}

static const wg_sample samples[] = {
    {.call = "sigmoid([-1, 0, 0.5, 2.5])", .value = "[0.2689414213699951, 0.5, 0.6224593312018546, 0.9241418199787566]",
     .grad = "[0.19661193324148185, 0.25, 0.2350037122015945, 0.07010371654510807]"},
    {.call = "sigmoid([1000, -1000])", .value = "[1, 0]", .grad = "[0, 0]", .kink = true},
    {.call = "sigmoid([inf, -inf, nan])", .value = "[1, 0, nan]", .grad = "[0, 0, nan]", .kink = true},
    {.call = "sigmoid(-30.0)", .value = "9.357622968839299e-14"},
    {.call = "sigmoid(~[2, 3])"},
    {.call = "sigmoid(f64[0, 3]())", .value = "f64[0, 3]()", .grad = "f64[0, 3]()"},
    {.call = "sigmoid(i64[1, 2])", .refused = "must be f32 or f64"},
    {.call = "sigmoid(bool[true])", .refused = "must be f32 or f64"},
    {0}};

#define WG_OVER WG_OVER_REALS
#include "tape/instances.h"

const wg_op wg_op_sigmoid = {WG_LINE(sigmoid), .kind = WG_ELEMENTWISE, .slope = slope, .kernel = kernels, .samples = samples};
#else

static int64_t FN(kernel)(const wg_args *a, int64_t lo, int64_t hi)
{
    const T *x = a->in[0];
    T *y = a->out;
    for (int64_t i = lo; i < hi; i++) y[i] = M(sigmoid)(x[i]);
    return -1;
}
#endif

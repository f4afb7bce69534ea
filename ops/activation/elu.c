/* elu(x; alpha) = x above 0, alpha (exp(x) - 1) at and below it; d/dx = 1 above 0, else alpha exp(x), so alpha at 0; 1 at NaN,
 * which stays (as torch has it). Clevert, Unterthiner and Hochreiter 2016 (arXiv:1511.07289). A node of its own for expm1: near 0
 * exp(x) - 1 has lost its digits. */
#ifndef WG_KERNEL_PART
#include "tape/op.h"

static wg_tensor slope(const wg_rule *r, int i)
{
    const wg_elu_options *o = r->attrs;
    wg_tensor x = r->in[i];
    /* cut before exp, so that what is not chosen is finite: its derivative would be 0 times inf */
    wg_tensor left = wg_mul(wg_num(o->alpha), wg_exp(wg_clamp(x, .max = 0)));
    return wg_where(wg_le(x, wg_num(0)), left, wg_num(1));
}

static const wg_sample samples[] = {
    {.call = "elu([[-1.5, -0.25], [0.5, 2]])", .value = "[[-0.7768698398515702, -0.22119921692859515], [0.5, 2]]",
     .grad = "[[0.22313016014842982, 0.7788007830714049], [1, 1]]"},
    {.call = "elu([-1.5, -0.25, 0.5, 2]; alpha=2)", .value = "[-1.5537396797031404, -0.4423984338571903, 0.5, 2]",
     .grad = "[0.44626032029685964, 1.5576015661428098, 1, 1]"},
    {.call = "elu([-1e-20, -1e-10])", .value = "[-1e-20, -9.9999999995e-11]", .grad = "[1, 0.9999999999]", .kink = true},
    {.call = "elu([0, -0.0, nan, inf, -inf]; alpha=2)", .value = "[0, -0.0, nan, inf, -2]", .grad = "[2, 2, 1, 1, 0]", .kink = true},
    {.call = "elu([1000, -1000, -30, 30])", .value = "[1000, -1, -0.9999999999999064, 30]", .grad = "[1, 0, 9.357622968840175e-14, 1]",
     .kink = true},
    {.call = "elu([800, -800, 3])", .value = "[800, -1, 3]", .grad = "[1, 0, 1]"},
    {.call = "elu(-2.5; alpha=-0.5)", .value = "0.4589575006880506", .grad = "-0.0410424993119494"},
    {.call = "elu(~[20])"},
    {.call = "elu(f64[0, 3]())", .value = "f64[0, 3]()", .grad = "f64[0, 3]()"},
    {.call = "elu(i64[1, 2])", .refused = "must be f32 or f64"},
    {0}};

#define WG_OVER WG_OVER_REALS
#include "tape/instances.h"

const wg_op wg_op_elu = {WG_LINE(elu), .kind = WG_ELEMENTWISE, .slope = slope, .kernel = kernels, .samples = samples};
#else

static int64_t FN(kernel)(const wg_args *a, int64_t lo, int64_t hi)
{
    const wg_elu_options *o = a->attrs;
    const T alpha = C(o->alpha), *x = a->in[0];
    T *y = a->out;
    for (int64_t i = lo; i < hi; i++) {
        T left = alpha * M(expm1)(x[i]);
        y[i] = x[i] > 0 ? x[i] : left;
    }
    return -1;
}
#endif

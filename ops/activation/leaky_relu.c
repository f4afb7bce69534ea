/* leaky_relu(x; slope) = x above 0, slope x at and below it; d/dx = 1 above 0, else slope, at NaN too (as torch has it).
 * Maas, Hannun and Ng 2013. A node of its own, so that the reverse keeps only x. */
#ifndef WG_KERNEL_PART
#include "tape/op.h"

static wg_tensor slope(const wg_rule *r, int i)
{
    const wg_leaky_relu_options *o = r->attrs;
    wg_tensor one = wg__number_of(r, 1, wg_dtype_get(r->in[i]));
    return wg_where(wg_gt(r->in[i], wg_num(0)), one, wg_num(o->slope));
}

static const wg_sample samples[] = {
    {.call = "leaky_relu([[-1.5, -0.25], [0.5, 2]])", .value = "[[-0.015, -0.0025], [0.5, 2]]", .grad = "[[0.01, 0.01], [1, 1]]"},
    {.call = "leaky_relu([-1.5, -0.25, 0.5, 2]; slope=0.2)", .value = "[-0.30000000000000004, -0.05, 0.5, 2]",
     .grad = "[0.2, 0.2, 1, 1]"},
    {.call = "leaky_relu([0, -0.0, nan, inf, -inf]; slope=0.2)", .value = "[0, -0.0, nan, inf, -inf]", .grad = "[0.2, 0.2, 0.2, 1, 0.2]",
     .kink = true},
    {.call = "leaky_relu([0, -inf, -1, 1]; slope=-0.5)", .value = "[-0.0, inf, 0.5, 1]", .grad = "[-0.5, -0.5, -0.5, 1]", .kink = true},
    {.call = "leaky_relu([-inf, -1]; slope=0)", .value = "[nan, -0.0]", .grad = "[0, 0]", .kink = true},
    {.call = "leaky_relu(-2.5)", .value = "-0.025", .grad = "0.01"},
    {.call = "leaky_relu(~[20])"},
    {.call = "leaky_relu(f64[0, 3]())", .value = "f64[0, 3]()", .grad = "f64[0, 3]()"},
    {.call = "leaky_relu(i64[1, 2])", .refused = "must be f32 or f64"},
    {0}};

#define WG_OVER WG_OVER_REALS
#include "tape/instances.h"

const wg_op wg_op_leaky_relu = {WG_LINE(leaky_relu), .kind = WG_ELEMENTWISE, .slope = slope, .kernel = kernels, .samples = samples};
#else

static int64_t FN(kernel)(const wg_args *a, int64_t lo, int64_t hi)
{
    const wg_leaky_relu_options *o = a->attrs;
    const T low = C(o->slope), *x = a->in[0];
    T *y = a->out;
    for (int64_t i = lo; i < hi; i++) y[i] = x[i] > 0 ? x[i] : low * x[i];
    return -1;
}
#endif

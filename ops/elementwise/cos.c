/* cos(x), x in radians of any size; d/dx = -sin(x). NaN at the infinities. */
#ifndef WG_KERNEL_PART
#include "tape/op.h"

static wg_tensor slope(const wg_rule *r, int i)
{
    return wg_neg(wg_sin(r->in[i]));
}

static const wg_sample samples[] = {
    {.call = "cos([-1, 0.25, 1, 2.5])", .value = "[0.5403023058681398, 0.9689124217106447, 0.5403023058681398, -0.8011436155469337]",
     .grad = "[0.8414709848078965, -0.24740395925452294, -0.8414709848078965, -0.5984721441039564]"},
    {.call = "cos([501, -13437.75, 1048576])", .value = "[-0.08392939878483582, -0.4009702590382096, 0.943808393901312]",
     .grad = "[0.9964717035719659, -0.9160910715462907, -0.3304931400217347]", .kink = true},
    {.call = "cos([inf, -inf, nan])", .value = "[nan, nan, nan]", .grad = "[nan, nan, nan]", .kink = true},
    {.call = "cos(0.5)", .value = "0.8775825618903728", .grad = "-0.479425538604203"},
    {.call = "cos(~[2, 3])"},
    {.call = "cos(f64[0, 3]())", .value = "f64[0, 3]()", .grad = "f64[0, 3]()"},
    {.call = "cos(i64[1, 2])", .refused = "must be f32 or f64"},
    {.call = "cos(bool[true])", .refused = "must be f32 or f64"},
    {0}};

#define WG_OVER WG_OVER_REALS
#include "tape/instances.h"

const wg_op wg_op_cos = {WG_LINE(cos), .kind = WG_ELEMENTWISE, .slope = slope, .kernel = kernels, .samples = samples};
#else

static int64_t FN(kernel)(const wg_args *a, int64_t lo, int64_t hi)
{
    const T *x = a->in[0];
    T *y = a->out;
    for (int64_t i = lo; i < hi; i++) y[i] = M(cos)(x[i]);
    return -1;
}
#endif

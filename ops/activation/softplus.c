/* softplus(x; beta, threshold) = log(1 + exp(beta x)) / beta, and x itself where beta x > threshold; d/dx = sigmoid(beta x),
 * there 1. Without overflow: max(beta x, 0) + log(1 + exp(-|beta x|)). Dugas et al. 2001. */
#ifndef WG_KERNEL_PART
#include "tape/op.h"

static bool shape(wg_call *c)
{
    const wg_softplus_options *o = c->attrs;
    return fabs(o->beta) > 0 || wg__refuse(c, "beta is %g", o->beta);
}

static wg_tensor slope(const wg_rule *r, int i)
{
    const wg_softplus_options *o = r->attrs;
    wg_tensor x = o->beta == 1 ? r->in[i] : wg_mul(wg_num(o->beta), r->in[i]);
    return wg_where(wg_gt(x, wg_num(o->threshold)), wg_num(1), wg_sigmoid(x));
}

static const wg_sample samples[] = {
    {.call = "softplus([-1, 0, 0.5, 2.5])", .value = "[0.31326168751822286, 0.6931471805599453, 0.9740769841801067, 2.5788897342925496]",
     .grad = "[0.2689414213699951, 0.5, 0.6224593312018546, 0.9241418199787564]"},
    {.call = "softplus([-1, 0, 0.5, 2.5]; beta=2)",
     .value = "[0.06346400552148625, 0.34657359027997264, 0.6566308437591114, 2.503357674244559]",
     .grad = "[0.11920292202211755, 0.5, 0.7310585786300049, 0.9933071490757152]"},
    {.call = "softplus([-1, 2, 3]; beta=0.5, threshold=1)", .value = "[0.9481539683602134, 2.6265233750364456, 3]",
     .grad = "[0.37754066879814546, 0.7310585786300049, 1]", .kink = true},
    {.call = "softplus([-1000, 0, 1000])", .value = "[0, 0.6931471805599453, 1000]", .grad = "[0, 0.5, 1]", .kink = true},
    {.call = "softplus([20, 21, -30])", .value = "[20.000000002061153, 21, 9.357622968839737e-14]",
     .grad = "[0.9999999979388464, 1, 9.3576229688393e-14]", .kink = true},
    {.call = "softplus([inf, -inf, nan])", .value = "[inf, 0, nan]", .grad = "[1, 0, nan]", .kink = true},
    {.call = "softplus(0.25)", .value = "0.8259394198788436", .grad = "0.5621765008857981"},
    {.call = "softplus(~[2, 3]; beta=-1.5)"},
    {.call = "softplus(~[2, 3])"},
    {.call = "softplus(f64[0, 3]())", .value = "f64[0, 3]()", .grad = "f64[0, 3]()"},
    {.call = "softplus([1]; beta=0)", .refused = "beta is 0"},
    {.call = "softplus(i64[1, 2])", .refused = "must be f32 or f64"},
    {0}};

#define WG_OVER WG_OVER_REALS
#include "tape/instances.h"

const wg_op wg_op_softplus = {WG_LINE(softplus), .kind = WG_ELEMENTWISE, .shape = shape, .slope = slope, .kernel = kernels,
                              .samples = samples};
#else

static int64_t FN(kernel)(const wg_args *a, int64_t lo, int64_t hi)
{
    const wg_softplus_options *o = a->attrs;
    const T beta = C(o->beta), threshold = C(o->threshold), *x = a->in[0];
    T *y = a->out;
    for (int64_t i = lo; i < hi; i++) {
        T v = beta * x[i], soft = (M(max)(v, 0) + M(log1pexp)(v)) / beta;
        y[i] = v > threshold ? x[i] : soft;
    }
    return -1;
}
#endif

/* logaddexp(a, b) = log(exp(a) + exp(b)), with NumPy's broadcasting, by max + log(1 + exp(-|a - b|)), which neither overflows
 * nor cancels; the derivative is sigmoid(a - b) and sigmoid(b - a). Of two -inf: -inf, with derivative 0, as logsumexp has it
 * (torch: NaN); of two inf: inf, with NaN, as torch. A node of its own: one pass, and it keeps the equal infinities. */
#ifndef WG_KERNEL_PART
#include "tape/op.h"

/* chosen before the sigmoid, so that -inf - -inf reaches neither the value nor a derivative */
static wg_tensor slope(const wg_rule *r, int i)
{
    wg_tensor none = wg_num((double)-INFINITY);
    return wg_sigmoid(wg_where(wg_eq(r->out, none), none, wg_sub(r->in[i], r->in[1 - i])));
}

/* values and gradients: PyTorch 1.13.1 in f64 */
static const wg_sample samples[] = {
    {.call = "logaddexp([1, -2, 0.5, 3], [2, 1, -1, -0.25])",
     .value = "[2.313261687518223, 1.048587351573742, 0.7014132779827524, 3.038041371687783]",
     .grad = "[0.2689414213699951, 0.04742587317756678, 0.8175744761936437, 0.9626731126558706]; [0.7310585786300049, "
             "0.9525741268224334, 0.18242552380635635, 0.03732688734412946]"},
    {.call = "logaddexp([[1], [-2]], [0.5, -3, 4])",
     .value = "[[1.4740769841801067, 1.0181499279178097, 4.048587351573742], [0.5788897342925495, -1.6867383124817772, "
              "4.00247568513773]]",
     .grad = "[[1.65189899441733], [0.8093893818078832]]; [1.301682488776902, 0.28692763133208665, 1.9501015036657987]"},
    {.call = "logaddexp([-inf, 10000], [-inf, 10000])", .value = "[-inf, 10000.69314718056]", .grad = "[0, 0.5]; [0, 0.5]", .kink = true},
    {.call = "logaddexp([inf, inf, -inf, 1], [inf, 1, 2, -inf])", .value = "[inf, inf, 2, 1]", .grad = "[nan, 1, 0, 1]; [nan, 0, 1, 0]",
     .kink = true},
    {.call = "logaddexp([1000, -1000, 0], [-1000, -1000, 800])", .value = "[1000, -999.3068528194401, 800]",
     .grad = "[1, 0.5, 0]; [0, 0.5, 1]", .kink = true},
    {.call = "logaddexp([nan, 1, -inf], [1, nan, nan])", .value = "[nan, nan, nan]", .grad = "[nan, nan, nan]; [nan, nan, nan]",
     .kink = true},
    {.call = "logaddexp([2, 3], [2, 3])", .value = "[2.6931471805599454, 3.6931471805599454]", .grad = "[0.5, 0.5]; [0.5, 0.5]"},
    {.call = "logaddexp([1, 2], 0.5)", .value = "[1.4740769841801067, 2.2014132779827524]",
     .grad = "[0.6224593312018546, 0.8175744761936437]"},
    {.call = "logaddexp(1.5, [1, -2])", .value = "[1.9740769841801067, 1.5297504182726207]",
     .grad = "[0.3775406687981454, 0.02931223075135632]"},
    {.call = "logaddexp(0.5, 2.0)", .value = "2.2014132779827524", .grad = "0.18242552380635635; 0.8175744761936437"},
    {.call = "logaddexp(~[3, 1, 2], ~[1, 3, 2])"},
    {.call = "logaddexp(~[4], ~[3, 4])"},
    {.call = "logaddexp([1], f64[0]())", .value = "f64[0]()", .grad = "[0]; f64[0]()"},
    {.call = "logaddexp(f64[2, 0](), f64[2, 1]())", .value = "f64[2, 0]()", .grad = "f64[2, 0](); [[0], [0]]"},
    {.call = "logaddexp([1, 2], [1, 2, 3])", .refused = "do not broadcast"},
    {.call = "logaddexp([1, 2], f32[1, 2])", .refused = "cast one to the other's dtype"},
    {.call = "logaddexp(i64[2], i64[3])", .refused = "must be f32 or f64"},
    {.call = "logaddexp(bool[true], bool[true])", .refused = "must be f32 or f64"},
    {.call = "logaddexp([1])", .refused = "b is missing"},
    {.call = "logaddexp([1], [1]; axis=0)", .refused = "axis"},
    {0}};

#define WG_OVER WG_OVER_REALS
#include "tape/instances.h"

const wg_op wg_op_logaddexp = {WG_LINE(logaddexp), .kind = WG_ELEMENTWISE, .slope = slope, .kernel = kernels, .samples = samples};
#else

static int64_t FN(kernel)(const wg_args *a, int64_t lo, int64_t hi)
{
    const T *x = a->in[0], *z = a->in[1];
    T *y = a->out;
    for (int64_t i = lo; i < hi; i++) {
        T d = x[i] == z[i] ? 0 : x[i] - z[i]; /* equal infinities too */
        y[i] = M(max)(x[i], z[i]) + M(log1pexp)(d);
    }
    return -1;
}
#endif

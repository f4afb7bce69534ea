/* atan2(a, b), the angle in -pi..pi from the positive b axis to the point (b, a), with NumPy's broadcasting; the signs of zeros
 * count. With h = hypot(a, b), the derivative is b/h/h for a, -a/h/h for b, which neither overflows nor underflows before it
 * must; at (0, 0) NaN, as torch. A node of its own: it has no formula in other ops. */
#ifndef WG_KERNEL_PART
#include "tape/op.h"

static wg_tensor slope(const wg_rule *r, int i)
{
    wg_tensor h = wg_hypot(r->in[0], r->in[1]), part = wg_div(wg_div(r->in[1 - i], h), h);
    return i == 0 ? part : wg_neg(part);
}

/* values and gradients: PyTorch 1.13.1 in f64 */
static const wg_sample samples[] = {
    {.call = "atan2([1, -2, 0.5, 3], [2, 1, -1, -0.25])",
     .value = "[0.4636476090008061, -1.1071487177940904, 2.677945044588987, 1.6539375586833378]",
     .grad = "[0.4, 0.2, -0.8, -0.027586206896551724]; [-0.2, 0.4, -0.4, -0.3310344827586207]"},
    {.call = "atan2([[1], [-2]], [0.5, -3, 4])",
     .value = "[[1.1071487177940904, 2.819842099193151, 0.24497866312686414], [-1.3258176636680326, -2.5535900500422257, "
              "-0.4636476090008061]]",
     .grad = "[[0.3352941176470588], [0.08687782805429864]]; [-0.3294117647058824, 0.05384615384615385, 0.0411764705882353]"},
    {.call = "atan2([0, -0.0, 0, -0.0], [0, 0, -0.0, -0.0])", .value = "[0, -0.0, 3.141592653589793, -3.141592653589793]",
     .grad = "[nan, nan, nan, nan]; [nan, nan, nan, nan]", .kink = true},
    {.call = "atan2([0, 1, -1, -0.0], [-1, 0, 0, -2])",
     .value = "[3.141592653589793, 1.5707963267948966, -1.5707963267948966, -3.141592653589793]",
     .grad = "[-1, 0, 0, -0.5]; [0, -1, 1, 0]", .kink = true},
    {.call = "atan2([inf, inf, 1, -inf, 1], [inf, 1, inf, -inf, -inf])",
     .value = "[0.7853981633974483, 1.5707963267948966, 0, -2.356194490192345, 3.141592653589793]",
     .grad = "[nan, 0, nan, nan, nan]; [nan, nan, 0, nan, 0]", .kink = true},
    {.call = "atan2([nan, 1], [1, nan])", .value = "[nan, nan]", .grad = "[nan, nan]; [nan, nan]", .kink = true},
    {.call = "atan2([1e+200, 1e-200], [1e+200, 2e-200])", .value = "[0.7853981633974483, 0.4636476090008061]",
     .grad = "[5e-201, 4e+199]; [-5e-201, -2e+199]", .kink = true},
    {.call = "atan2([1, 2], 0.5)", .value = "[1.1071487177940904, 1.3258176636680326]", .grad = "[0.4, 0.11764705882352941]"},
    {.call = "atan2(1.5, [1, -2])", .value = "[0.982793723247329, 2.498091544796509]", .grad = "[-0.46153846153846156, -0.24]"},
    {.call = "atan2(0.5, 2.0)", .value = "0.24497866312686414", .grad = "0.47058823529411764; -0.11764705882352941"},
    {.call = "atan2(~[3, 1, 2], ~[1, 3, 2])"},
    {.call = "atan2(~[4], ~[3, 4])"},
    {.call = "atan2([1], f64[0]())", .value = "f64[0]()", .grad = "[0]; f64[0]()"},
    {.call = "atan2(f64[2, 0](), f64[2, 1]())", .value = "f64[2, 0]()", .grad = "f64[2, 0](); [[0], [0]]"},
    {.call = "atan2([1, 2], [1, 2, 3])", .refused = "do not broadcast"},
    {.call = "atan2([1, 2], f32[1, 2])", .refused = "cast one to the other's dtype"},
    {.call = "atan2(i64[2], i64[3])", .refused = "must be f32 or f64"},
    {.call = "atan2(bool[true], bool[true])", .refused = "must be f32 or f64"},
    {.call = "atan2([1])", .refused = "b is missing"},
    {.call = "atan2([1], [1]; axis=0)", .refused = "axis"},
    {0}};

#define WG_OVER WG_OVER_REALS
#include "tape/instances.h"

const wg_op wg_op_atan2 = {WG_LINE(atan2), .kind = WG_ELEMENTWISE, .slope = slope, .kernel = kernels, .samples = samples};
#else

static int64_t FN(kernel)(const wg_args *a, int64_t lo, int64_t hi)
{
    const T *x = a->in[0], *z = a->in[1];
    T *y = a->out;
    for (int64_t i = lo; i < hi; i++) y[i] = M(atan2)(x[i], z[i]);
    return -1;
}
#endif

/* hypot(a, b) = sqrt(a^2 + b^2), with NumPy's broadcasting; the derivative is a/y and b/y; at (0, 0), where there is none, 0,
 * as the norm has it (torch: NaN). An infinite side makes it inf, even beside NaN. A node of its own: it neither overflows nor
 * underflows where the squares would. */
#ifndef WG_KERNEL_PART
#include "tape/op.h"

static wg_tensor slope(const wg_rule *r, int i)
{
    /* twice: what is divided by 0 is nowhere */
    wg_tensor none = wg_eq(r->out, wg_num(0)), some = wg_where(none, wg_num(1), r->out);
    return wg_where(none, wg_num(0), wg_div(r->in[i], some));
}

/* values and gradients: PyTorch 1.13.1 in f64 */
static const wg_sample samples[] = {
    {.call = "hypot([3, -5, 0.5, -1], [4, 12, -1, -0.25])", .value = "[5, 13, 1.118033988749895, 1.0307764064044151]",
     .grad = "[0.6, -0.38461538461538464, 0.4472135954999579, -0.9701425001453319]; [0.8, 0.9230769230769231, -0.8944271909999159, "
             "-0.24253562503633297]"},
    {.call = "hypot([[1], [-2]], [0.5, -3, 4])",
     .value = "[[1.118033988749895, 3.1622776601683795, 4.123105625617661], [2.0615528128088303, 3.605551275463989, 4.47213595499958]]",
     .grad = "[[1.4531905820530868], [-1.972056291870519]]; [0.689749220536291, -1.7807335923883576, 1.8645696911452476]"},
    {.call = "hypot([0, -0.0], [0, 0])", .value = "[0, 0]", .grad = "[0, 0]; [0, 0]", .kink = true},
    {.call = "hypot([0, -2], [3, 0])", .value = "[3, 2]", .grad = "[0, -1]; [1, 0]", .kink = true},
    {.call = "hypot([inf, nan, inf, -inf], [1, -inf, nan, inf])", .value = "[inf, inf, inf, inf]",
     .grad = "[nan, nan, nan, nan]; [0, nan, nan, nan]", .kink = true},
    {.call = "hypot([nan, 1], [1, nan])", .value = "[nan, nan]", .grad = "[nan, nan]; [nan, nan]", .kink = true},
    {.call = "hypot([3e+200, 3e-200], [4e+200, 4e-200])", .value = "[4.9999999999999995e+200, 5e-200]",
     .grad = "[0.6000000000000001, 0.6]; [0.8, 0.8]", .kink = true},
    {.call = "hypot([1, 2], 0.5)", .value = "[1.118033988749895, 2.0615528128088303]",
     .grad = "[0.8944271909999159, 0.9701425001453319]"},
    {.call = "hypot(1.5, [1, -2])", .value = "[1.8027756377319946, 2.5]", .grad = "[0.5547001962252291, -0.8]"},
    {.call = "hypot(0.5, 2.0)", .value = "2.0615528128088303", .grad = "0.24253562503633297; 0.9701425001453319"},
    {.call = "hypot(~[3, 1, 2], ~[1, 3, 2])"},
    {.call = "hypot(~[4], ~[3, 4])"},
    {.call = "hypot([1], f64[0]())", .value = "f64[0]()", .grad = "[0]; f64[0]()"},
    {.call = "hypot(f64[2, 0](), f64[2, 1]())", .value = "f64[2, 0]()", .grad = "f64[2, 0](); [[0], [0]]"},
    {.call = "hypot([1, 2], [1, 2, 3])", .refused = "do not broadcast"},
    {.call = "hypot([1, 2], f32[1, 2])", .refused = "cast one to the other's dtype"},
    {.call = "hypot(i64[2], i64[3])", .refused = "must be f32 or f64"},
    {.call = "hypot(bool[true], bool[true])", .refused = "must be f32 or f64"},
    {.call = "hypot([1])", .refused = "b is missing"},
    {.call = "hypot([1], [1]; axis=0)", .refused = "axis"},
    {0}};

#define WG_OVER WG_OVER_REALS
#include "tape/instances.h"

const wg_op wg_op_hypot = {WG_LINE(hypot), .kind = WG_ELEMENTWISE, .slope = slope, .kernel = kernels, .samples = samples};
#else

static int64_t FN(kernel)(const wg_args *a, int64_t lo, int64_t hi)
{
    const T *x = a->in[0], *z = a->in[1];
    T *y = a->out;
    for (int64_t i = lo; i < hi; i++) y[i] = M(hypot)(x[i], z[i]);
    return -1;
}
#endif

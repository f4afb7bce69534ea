/* lerp(a, b, t) = a + t (b - a), with NumPy's broadcasting; from t = 0.5 on b - (1 - t) (b - a), so that t = 1 gives b itself,
 * as torch has it. The derivative is 1 - t for a, t for b, b - a for t. A node of its own: both forms in one pass, and one
 * derivative. */
#ifndef WG_KERNEL_PART
#include "tape/op.h"

static wg_tensor slope(const wg_rule *r, int i)
{
    wg_tensor a = r->in[0], b = r->in[1], t = r->in[2];
    return i == 0 ? wg_sub(wg_num(1), t) : i == 1 ? t : wg_sub(b, a);
}

/* values and gradients: PyTorch 1.13.1 in f64 */
static const wg_sample samples[] = {
    {.call = "lerp([1, -2, 0.5], [2, 4, -1], [0.25, 0.75, 0.5])", .value = "[1.25, 2.5, -0.25]",
     .grad = "[0.75, 0.25, 0.5]; [0.25, 0.75, 0.5]; [1, 6, -1.5]"},
    {.call = "lerp([1, 2], [3, 5], [0, 1])", .value = "[1, 5]", .grad = "[1, 0]; [0, 1]; [2, 3]"},
    {.call = "lerp([0.1, 0.3], [0.7, 1e+20], [1, 1])", .value = "[0.7, 1e+20]", .grad = "[0, 0]; [1, 1]; [0.6, 1e+20]"},
    {.call = "lerp([[1], [2]], [3, 5, -1], [0.5])", .value = "[[2, 3, 0], [2.5, 3.5, 0.5]]", .grad = "[[1.5], [1.5]]; [1, 1, 1]; [5]"},
    {.call = "lerp([1, 2], [3, 5], 0.25)", .value = "[1.5, 2.75]", .grad = "[0.75, 0.75]; [0.25, 0.25]"},
    {.call = "lerp(0.0, [3, 5], [0.25, 2])", .value = "[0.75, 10]", .grad = "[0.25, 2]; [3, 5]"},
    {.call = "lerp([1, 2], [3, 5], [-1, 1.5])", .value = "[-1, 6.5]", .grad = "[2, -0.5]; [-1, 1.5]; [2, 3]"},
    {.call = "lerp([inf, 1, nan, 1], [1, inf, 1, nan], [0.25, 0.75, 0, 1])", .value = "[nan, nan, nan, nan]",
     .grad = "[0.75, 0.25, 1, 0]; [0.25, 0.75, 0, 1]; [-inf, inf, nan, nan]", .kink = true},
    {.call = "lerp([inf, 1, inf, 1], [1, inf, 1, inf], [0.5, 0.5, 0.6, 0.6])", .value = "[inf, nan, inf, nan]",
     .grad = "[0.5, 0.5, 0.4, 0.4]; [0.5, 0.5, 0.6, 0.6]; [-inf, inf, -inf, inf]", .kink = true},
    {.call = "lerp([1, 1], [2, 2], [nan, inf])", .value = "[nan, inf]", .grad = "[nan, -inf]; [nan, inf]; [1, 1]", .kink = true},
    {.call = "lerp(0.5, 2.0, 0.25)", .value = "0.875", .grad = "0.75; 0.25; 1.5"},
    {.call = "lerp(~[3, 1, 2], ~[1, 3, 2], ~[2])"},
    {.call = "lerp(~[4], ~[3, 4], ~[3, 1])"},
    {.call = "lerp(~[37], ~[37], ~[37])"},
    {.call = "lerp([1], f64[0](), [0.5])", .value = "f64[0]()", .grad = "[0]; f64[0](); [0]"},
    {.call = "lerp(f64[2, 0](), f64[2, 1](), [[0.5]])", .value = "f64[2, 0]()", .grad = "f64[2, 0](); [[0], [0]]; [[0]]"},
    {.call = "lerp([1, 2], [1, 2, 3], [1])", .refused = "do not broadcast"},
    {.call = "lerp([1, 2], f32[1, 2], [1])", .refused = "cast one to the other's dtype"},
    {.call = "lerp(i64[2], i64[3], i64[1])", .refused = "must be f32 or f64"},
    {.call = "lerp([1], [2])", .refused = "t is missing"},
    {.call = "lerp([1], [2], bool[true])", .refused = "must be f32 or f64"},
    {.call = "lerp([1], [1], [1]; axis=0)", .refused = "axis"},
    {0}};

#define WG_OVER WG_OVER_REALS
#include "tape/instances.h"

const wg_op wg_op_lerp = {WG_LINE(lerp), .kind = WG_ELEMENTWISE, .slope = slope, .kernel = kernels, .samples = samples};
#else

static int64_t FN(kernel)(const wg_args *a, int64_t lo, int64_t hi)
{
    const T *x = a->in[0], *z = a->in[1], *t = a->in[2];
    T *y = a->out;
    for (int64_t i = lo; i < hi; i++) {
        T d = z[i] - x[i], near = x[i] + t[i] * d, far = z[i] - (C(1) - t[i]) * d;
        y[i] = t[i] < C(0.5) ? near : far;
    }
    return -1;
}
#endif

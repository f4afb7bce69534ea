/* xlogy(a, b) = a log(b), and 0 where a is 0 (but for a b of NaN), with NumPy's broadcasting; the derivative is log(b) for a,
 * but 0 where a is 0 and b is not above 0, and a/b for b, both as torch has them. Where the cotangent is 0, so is a's: log(b)
 * may be infinite there. A node of its own: it chooses before it multiplies, in one pass. */
#ifndef WG_KERNEL_PART
#include "tape/op.h"

/* what of g belongs to input i */
static wg_tensor share(const wg_rule *r, wg_tensor g, int i)
{
    wg_tensor a = r->in[0], b = r->in[1];
    if (i == 1) return wg_mul(g, wg_div(a, b));
    return wg_where(wg_logical_and(wg_eq(a, wg_num(0)), wg_le(b, wg_num(0))), wg_num(0), wg_xlogy(g, b));
}

static wg_tensor vjp(const wg_rule *r, wg_tensor g, int i)
{
    return wg_sum_to(share(r, g, i), r->in[i]);
}

static wg_tensor jvp(const wg_rule *r, const wg_tensor *dx)
{
    if (!wg_ok(dx[1])) return share(r, dx[0], 0);
    if (!wg_ok(dx[0])) return share(r, dx[1], 1);
    return wg_add(share(r, dx[0], 0), share(r, dx[1], 1));
}

/* values and gradients: PyTorch 1.13.1 in f64 */
static const wg_sample samples[] = {
    {.call = "xlogy([1, -2, 0.5, 3], [2, 1, 0.25, 4])", .value = "[0.6931471805599453, -0.0, -0.6931471805599453, 4.1588830833596715]",
     .grad = "[0.6931471805599453, 0, -1.3862943611198906, 1.3862943611198906]; [0.5, -2, 2, 0.75]"},
    {.call = "xlogy([[1], [-2]], [0.5, 3, 4])",
     .value = "[[-0.6931471805599453, 1.0986122886681098, 1.3862943611198906], [1.3862943611198906, -2.1972245773362196, "
              "-2.772588722239781]]", .grad = "[[1.791759469228055], [1.791759469228055]]; [-2, -0.3333333333333333, -0.25]"},
    {.call = "xlogy([0, 0, 1, 0], [0, nan, 0, -1])", .value = "[0, nan, -inf, 0]", .grad = "[0, nan, -inf, 0]; [nan, nan, inf, 0]",
     .kink = true},
    {.call = "xlogy([0, 2, -1], [3, -1, 0])", .value = "[0, nan, inf]", .grad = "[1.0986122886681098, nan, -inf]; [0, -2, -inf]",
     .kink = true},
    {.call = "xlogy([inf, 1, 0, nan], [2, inf, inf, 1])", .value = "[inf, inf, 0, nan]",
     .grad = "[0.6931471805599453, inf, inf, 0]; [inf, 0, 0, nan]", .kink = true},
    {.call = "xlogy([0, 0], [2, 0.5])", .value = "[0, 0]", .grad = "[0.6931471805599453, -0.6931471805599453]; [0, 0]"},
    {.call = "xlogy([1, 2], 0.5)", .value = "[-0.6931471805599453, -1.3862943611198906]",
     .grad = "[-0.6931471805599453, -0.6931471805599453]"},
    {.call = "xlogy(1.5, [1, 2])", .value = "[0, 1.0397207708399179]", .grad = "[1.5, 0.75]"},
    {.call = "xlogy(0.5, 2.0)", .value = "0.34657359027997264", .grad = "0.6931471805599453; 0.25"},
    {.call = "xlogy(~[3, 1, 2], +[1, 3, 2])"},
    {.call = "xlogy(~[4], +[3, 4])"},
    {.call = "xlogy([1], f64[0]())", .value = "f64[0]()", .grad = "[0]; f64[0]()"},
    {.call = "xlogy(f64[2, 0](), f64[2, 1]())", .value = "f64[2, 0]()", .grad = "f64[2, 0](); [[0], [0]]"},
    {.call = "xlogy([1, 2], [1, 2, 3])", .refused = "do not broadcast"},
    {.call = "xlogy([1, 2], f32[1, 2])", .refused = "cast one to the other's dtype"},
    {.call = "xlogy(i64[2], i64[3])", .refused = "must be f32 or f64"},
    {.call = "xlogy(bool[true], bool[true])", .refused = "must be f32 or f64"},
    {.call = "xlogy([1])", .refused = "b is missing"},
    {.call = "xlogy([1], [1]; axis=0)", .refused = "axis"},
    {0}};

#define WG_OVER WG_OVER_REALS
#include "tape/instances.h"

const wg_op wg_op_xlogy = {WG_LINE(xlogy), .kind = WG_ELEMENTWISE, .vjp = vjp, .jvp = jvp, .kernel = kernels, .samples = samples};
#else

static int64_t FN(kernel)(const wg_args *a, int64_t lo, int64_t hi)
{
    const T *x = a->in[0], *z = a->in[1];
    T *y = a->out;
    for (int64_t i = lo; i < hi; i++) {
        T some = x[i] * M(log)(z[i]), none = z[i] != z[i] ? z[i] : 0;
        y[i] = x[i] == 0 ? none : some;
    }
    return -1;
}
#endif

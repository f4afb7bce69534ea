/* minimum(a, b): the smaller, with NumPy's broadcasting; NaN wins. The derivative goes to the smaller, half to each in a tie, whole
 * to both when one is NaN (as torch has it). It selects, so that an infinite cotangent leaves 0 where 0 belongs. */
#ifndef WG_KERNEL_PART
#include "tape/op.h"

/* what of g belongs to input i */
static wg_tensor share(const wg_rule *r, wg_tensor g, int i)
{
    wg_tensor mine = r->in[i], other = r->in[1 - i];
    wg_tensor half = wg_where(wg_eq(mine, other), wg_mul(wg_num(0.5), g), g);
    return wg_where(wg_gt(mine, other), wg_num(0), half);
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

static const wg_sample samples[] = {
    {.call = "minimum([1, 5, -2], [3, 2, -4])", .value = "[1, 2, -4]", .grad = "[1, 0, 0]; [0, 1, 1]"},
    {.call = "minimum([2, 1], [2, 3])", .value = "[2, 1]", .grad = "[0.5, 1]; [0.5, 0]", .kink = true},
    {.call = "minimum([nan, 1, nan], [1, nan, nan])", .value = "[nan, nan, nan]", .grad = "[1, 1, 1]; [1, 1, 1]", .kink = true},
    {.call = "minimum([inf, -inf], [1, 1])", .value = "[1, -inf]", .grad = "[0, 1]; [1, 0]", .kink = true},
    {.call = "minimum(i64[5, -7], i64[-7, 5])", .value = "i64[-7, -7]"},
    {.call = "minimum([-1, 2], 0.0)", .value = "[-1, 0]"},
    {.call = "minimum(~[3, 1, 2], ~[1, 3, 2])"},
    {.call = "minimum(~[1], ~[2, 3])"},
    {.call = "minimum([1], f64[0]())", .value = "f64[0]()", .grad = "[0]; f64[0]()"},
    {.call = "minimum([1, 2], [1, 2, 3])", .refused = "do not broadcast"},
    {.call = "minimum([1, 2], f32[1, 2])", .refused = "cast one to the other's dtype"},
    {.call = "minimum(bool[true], bool[true])", .refused = "must be f32, f64 or i64"},
    {0}};

#define WG_OVER WG_OVER_NUMBERS
#include "tape/instances.h"

const wg_op wg_op_minimum = {WG_LINE(minimum), .kind = WG_ELEMENTWISE, .takes = WG_NUMBERS, .vjp = vjp, .jvp = jvp,
                             .kernel = kernels, .samples = samples};
#else

static int64_t FN(kernel)(const wg_args *a, int64_t lo, int64_t hi)
{
    const T *x = a->in[0], *z = a->in[1];
    T *y = a->out;
    for (int64_t i = lo; i < hi; i++) y[i] = M(min)(x[i], z[i]);
    return -1;
}
#endif

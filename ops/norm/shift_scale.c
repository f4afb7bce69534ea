/* shift_scale(x, shift, scale, bias) = (x - shift) scale + bias; shift and scale have one shape, which broadcasts to x, and bias broadcasts
 * to that: what the norms by channel do to each value. The gradients in all but x are sums of one reading of x and g: shifted_sums. A
 * node of its own, elementwise, for its gradients' sake: by definition each would be a pass, and write a product first. */
#ifndef WG_KERNEL_PART
#include "tape/op.h"

/* Whether `small` broadcasts to `large` and no further. */
static bool spreads(wg_call *c, const wg_shape *small, const wg_shape *large)
{
    wg_shape both = *large;
    bool fits = small->rank <= large->rank && wg__broadcast(c, &both, small);
    for (int i = 0; fits && i < both.rank; i++) fits = both.dim[i] == large->dim[i] || !wg__known(large->dim[i]);
    return fits;
}

static bool shape(wg_call *c)
{
    const wg_shape *x = c->in[0].shape, *shift = c->in[1].shape, *scale = c->in[2].shape;
    char a[128], b[128];
    bool same = shift->rank == scale->rank;
    for (int i = 0; same && i < shift->rank; i++) {
        int64_t size = shift->dim[i];
        same = wg__same_size(c, &size, scale->dim[i]);
    }
    if (!same)
        return wg__refuse(c, "shift is %s, scale is %s: they must have one shape", wg__show_type(a, c->in[1]), wg__show_type(b, c->in[2]));
    if (!spreads(c, shift, x))
        return wg__refuse(c, "x is %s, shift is %s: it must be known to broadcast to x", wg__show_type(a, c->in[0]),
                          wg__show_type(b, c->in[1]));
    if (!spreads(c, c->in[3].shape, shift))
        return wg__refuse(c, "shift is %s, bias is %s: it must be known to broadcast to shift", wg__show_type(a, c->in[1]),
                          wg__show_type(b, c->in[3]));
    c->shape = *x;
    return true;
}

static wg_tensor define(const wg_rule *r) { return wg_add(wg_mul(wg_sub(r->in[0], r->in[1]), r->in[2]), r->in[3]); }

/* The sum of g, or of g (x - shift), over what shift is broadcast along; shifted_sums has no room for shifts of the highest rank. */
static wg_tensor sum(const wg_rule *r, wg_tensor g, bool shifted)
{
    wg_tensor x = r->in[0], shift = r->in[1];
    if (wg_shape_get(shift).rank == WG_MAX_RANK) return wg_sum_to(shifted ? wg_mul(g, wg_sub(x, shift)) : g, shift);
    return wg_squeeze(wg_slice(wg_shifted_sums(x, g, shift), 0, .start = shifted, .stop = shifted + 1), .axes = WG_INTS(0));
}

static wg_tensor vjp(const wg_rule *r, wg_tensor g, int i)
{
    if (i == 0) return wg_mul(g, r->in[2]);
    if (i == 1) return wg_neg(wg_mul(sum(r, g, false), r->in[2]));
    return i == 2 ? sum(r, g, true) : wg_sum_to(sum(r, g, false), r->in[3]);
}

static const wg_sample samples[] = {
    {.call = "shift_scale([[1, 2, 4], [3, 0, -1]], [[2], [0.5]], [[3], [-2]], [[1], [0.25]])",
     .value = "[[-2, 1, 7], [-4.75, 1.25, 3.25]]", .grad = "[[3, 3, 3], [-2, -2, -2]]; [[-9], [6]]; [[1], [0.5]]; [[3], [3]]"},
    {.call = "shift_scale([[1, 2], [3, 0]], [2, 0.5], [3, -2], 1.5)", .value = "[[-1.5, -1.5], [4.5, 2.5]]",
     .grad = "[[3, -2], [3, -2]]; [-6, 4]; [0, 1]"},
    {.call = "shift_scale(2.5, 0.5, 3.0, 1.0)", .value = "7", .grad = "3; -3; 2; 1"},
    {.call = "shift_scale([inf, nan, 1], 0.0, 2.0, 1.0)", .value = "[inf, nan, 3]", .kink = true},
    {.call = "shift_scale(f64[0, 2](), [1, 2], [1, 2], 0.0)", .value = "f64[0, 2]()", .grad = "f64[0, 2](); [0, 0]; [0, 0]"},
    {.call = "shift_scale(~[3, 2, 4], ~[2, 1], ~[2, 1], ~[2, 1])"},
    {.call = "shift_scale(~[2, 3, 2, 3], ~[3, 1, 1], ~[3, 1, 1], ~[1])"},
    {.call = "shift_scale(~[37], ~[37], ~[37], ~[37])"},
    {.call = "shift_scale(~[1, 2, 1, 3, 1, 1, 1, 2], ~[1, 2, 1, 1, 1, 1, 1, 1], ~[1, 2, 1, 1, 1, 1, 1, 1], 0.5)"},
    {.call = "shift_scale([1, 2], [[1], [2]], [[1], [2]], 0.0)",
     .refused = "x is f64[2], shift is f64[2,1]: it must be known to broadcast to x"},
    {.call = "shift_scale([1, 2], [1, 2], [1], 0.0)", .refused = "shift is f64[2], scale is f64[1]: they must have one shape"},
    {.call = "shift_scale([1, 2], [1, 2], [1, 2], [[1], [2]])",
     .refused = "shift is f64[2], bias is f64[2,1]: it must be known to broadcast to shift"},
    {.call = "shift_scale([1, 2], [1, 2, 3], [1, 2, 3], 0.0)", .refused = "do not broadcast"},
    {.call = "shift_scale([1, 2], [1, 2], [1, 2])", .refused = "bias is missing"},
    {.call = "shift_scale([1, 2], f32[1, 2], [1, 2], 0.0)", .refused = "cast one to the other's dtype"},
    {.call = "shift_scale(i64[1], i64[1], i64[1], i64[1])", .refused = "must be f32 or f64"},
    {0}};

#define WG_OVER WG_OVER_REALS
#include "tape/instances.h"

const wg_op wg_op_shift_scale = {WG_LINE(shift_scale), .kind = WG_ELEMENTWISE, .shape = shape, .define = define, .vjp = vjp,
                                 .kernel = kernels, .samples = samples};
#else

static int64_t FN(kernel)(const wg_args *a, int64_t lo, int64_t hi)
{
    const T *x = a->in[0], *shift = a->in[1], *scale = a->in[2], *bias = a->in[3];
    T *y = a->out;
    for (int64_t i = lo; i < hi; i++) y[i] = (x[i] - shift[i]) * scale[i] + bias[i];
    return -1;
}
#endif

/* softmax(x; axis) = exp(x - max) / sum exp(x - max) along axis; the reverse is y (g - sum(g y)). Bridle 1990.
 * A row of -inf only gives NaN, one with +inf too, as torch has it. A node of its own: one pass in cache, no intermediates. */
#ifndef WG_KERNEL_PART
#include "tape/op.h"

static bool shape(wg_call *c)
{
    const wg_softmax_options *o = c->attrs;
    int axis;
    return wg__axis(c, o->axis, c->shape.rank, &axis);
}

static int core(const wg_work *w)
{
    const wg_softmax_options *o = w->attrs;
    return o->axis;
}

static wg_tensor vjp(const wg_rule *r, wg_tensor g, int i)
{
    const wg_softmax_options *o = r->attrs;
    (void)i;
    wg_tensor inner = wg_sum(wg_mul(g, r->out), .axes = WG_INTS(o->axis), .keepdim = true);
    return wg_mul(r->out, wg_sub(g, inner));
}

static wg_tensor jvp(const wg_rule *r, const wg_tensor *dx)
{
    return vjp(r, dx[0], 0); /* the Jacobian is symmetric */
}

static const wg_sample samples[] = {
    {"softmax([[0, 0], [0, 1.0986122886681098]])", .value = "[[0.5, 0.5], [0.25, 0.75]]"},
    {"softmax([[1, 2], [3, 5]]; axis=0)", .value = "[[0.11920292202211755, 0.04742587317756678], [0.8807970779778823, 0.9525741268224334]]"},
    {"softmax([10000, 9999, -10000])", .value = "[0.7310585786300049, 0.2689414213699951, 0]"},
    {"softmax([-inf, 0])", .value = "[0, 1]", .kink = true},
    {"softmax([-inf, -inf])", .value = "[nan, nan]", .kink = true},
    {"softmax([inf, 0])", .value = "[nan, nan]", .kink = true},
    {"softmax(2.0; axis=0)", .value = "1", .grad = "0"},
    {"softmax(f64[2, 0]())", .value = "f64[2, 0]()"},
    {"softmax(~[4, 5])"},
    {"softmax(~[3, 2, 4]; axis=1)"},
    {"softmax([1]; axis=1)", .refused = "axis 1 is out of range for rank 1"},
    {"softmax(i64[1])", .refused = "must be f32 or f64"},
    {0}};

#define WG_OVER WG_OVER_REALS
#include "tape/instances.h"

const wg_op wg_op_softmax = {WG_LINE(softmax), .kind = WG_BLOCK, .shape = shape, .core = core, .vjp = vjp, .jvp = jvp,
                             .kernel = kernels, .samples = samples};
#else

static int64_t FN(kernel)(const wg_args *a, int64_t lo, int64_t hi)
{
    for (int64_t i = lo; i < hi; i++) {
        const T *x = (const T *)a->in[0] + i * a->row;
        T *y = (T *)a->out + i * a->row, top = C(-INFINITY), total = 0;
        for (int64_t j = 0; j < a->row; j++) top = x[j] > top ? x[j] : top;
        for (int64_t j = 0; j < a->row; j++) y[j] = M(exp)(x[j] - top);
        for (int64_t j = 0; j < a->row; j++) total += y[j];
        for (int64_t j = 0; j < a->row; j++) y[j] /= total;
    }
    return -1;
}
#endif

/* logcumsumexp(x; axis) = log(cumsum(exp(x))) along axis, by a running maximum, as torch.logcumsumexp. With y the result the
 * cotangent of x_i is exp(x_i - y_i) w_i, w_i = g_i + exp(y_i - y_i+1) w_i+1, a recurrence from the end in which no factor is
 * above 1. While all are -inf: -inf, with gradient 0 (torch: NaN); inf gives inf from there on, with gradient NaN. A node of
 * its own: it neither overflows nor cancels; f32 accumulates in double. */
#ifndef WG_KERNEL_PART
#include "ops/reduce/sequence.h"

static bool shape(wg_call *c)
{
    const wg_logcumsumexp_options *o = c->attrs;
    int axis;
    return wg__axis(c, o->axis, c->shape.rank, &axis);
}

static bool units(wg_work *w)
{
    const wg_logcumsumexp_options *o = w->attrs;
    if (!wg__sequences(w, o->axis)) return false;
    w->cost *= 8;
    return true;
}

/* exp(x - y), 0 where x = -inf: chosen before exp, so that -inf - -inf reaches neither the value nor a derivative */
static wg_tensor share(wg_tensor x, wg_tensor y)
{
    wg_tensor none = wg_num((double)-INFINITY);
    return wg_exp(wg_where(wg_eq(x, none), none, wg_sub(x, y)));
}

static wg_tensor vjp(const wg_rule *r, wg_tensor g, int i)
{
    const wg_logcumsumexp_options *o = r->attrs;
    wg_tensor x = r->in[i], y = r->out, next[2], a;
    if (wg_shape_get(x).rank == 0) return wg_mul(g, share(x, y));
    next[0] = wg_slice(y, .axis = o->axis, .start = 1);
    next[1] = wg_slice(y, .axis = o->axis, .start = -1);
    a = wg_exp(wg_where(wg_isinf(y), wg_num(0), wg_sub(y, wg_concat(wg_tensors_of(next, 2), .axis = o->axis)))); /* not inf - inf */
    wg_tensor w = wg_add(g, wg_mul(a, wg_recurrence(a, .b = g, .axis = o->axis, .reverse = true)));
    return wg_mul(share(x, y), w);
}

/* values and gradients: PyTorch 1.13.1 in f64 */
static const wg_sample samples[] = {
    {.call = "logcumsumexp([1, 2, -3, 0.5]; axis=0)", .value = "[1, 2.313261687518223, 2.318175429247454, 2.468594855088593]",
     .grad = "[1.7668133664245909, 2.084414839771473, 0.009118842758451684, 0.1396529510454842]"},
    {.call = "logcumsumexp([[1, 2, 3], [4, 5, 6]]; axis=0)",
     .value = "[[1, 2, 3], [4.048587351573742, 5.048587351573742, 6.048587351573742]]",
     .grad = "[[1.0474258731775667, 1.0474258731775667, 1.047425873177567], [0.9525741268224333, 0.9525741268224333, "
             "0.9525741268224333]]"},
    {.call = "logcumsumexp([[1, 2, 3], [4, 5, 6]]; axis=1)",
     .value = "[[1, 2.313261687518223, 3.4076059644443806], [4, 5.313261687518223, 6.407605964444381]]",
     .grad = "[[1.3589719945403755, 0.9757870496848025, 0.6652409557748217], [1.358971994540376, 0.9757870496848029, "
             "0.6652409557748217]]"},
    {.call = "logcumsumexp([[[1, 2], [3, 4]], [[-5, 6], [7, 0.25]]]; axis=-2)",
     .value = "[[[1, 2], [3.1269280110429727, 4.126928011042972]], [[-5, 6], [7.0000061441934776, 6.00317772647141]]]",
     .grad = "[[[1.1192029220221176, 1.1192029220221176], [0.8807970779778823, 0.8807970779778826]], [[1.0000061441746018, "
             "1.9968273171575146], [0.999993855825398, 0.003172682842485189]]]"},
    {.call = "logcumsumexp(2.5; axis=0)", .value = "2.5", .grad = "1"},
    {.call = "logcumsumexp(-2.5; axis=-1)", .value = "-2.5", .grad = "1"},
    {.call = "logcumsumexp([[3]]; axis=0)", .value = "[[3]]", .grad = "[[1]]"},
    {.call = "logcumsumexp([10000, 10000, -10000]; axis=0)", .value = "[10000, 10000.69314718056, 10000.69314718056]",
     .grad = "[2.0000000000003446, 1, 0]", .kink = true},
    {.call = "logcumsumexp([-10000, 0, 10000]; axis=0)", .value = "[-10000, 0, 10000]", .grad = "[1, 1, 1]", .kink = true},
    {.call = "logcumsumexp([-inf, 1, 2]; axis=0)", .value = "[-inf, 1, 2.313261687518223]",
     .grad = "[0, 1.2689414213699952, 0.7310585786300049]", .kink = true},
    {.call = "logcumsumexp([-inf, -inf]; axis=0)", .value = "[-inf, -inf]", .grad = "[0, 0]", .kink = true},
    {.call = "logcumsumexp([1, -inf, 2]; axis=0)", .value = "[1, 1, 2.313261687518223]",
     .grad = "[2.268941421369995, 0, 0.7310585786300048]", .kink = true},
    {.call = "logcumsumexp([1, inf, 2]; axis=0)", .value = "[1, inf, inf]", .grad = "[1, nan, 0]", .kink = true},
    {.call = "logcumsumexp([1, nan, 2]; axis=0)", .value = "[1, nan, nan]", .grad = "[nan, nan, nan]", .kink = true},
    {.call = "logcumsumexp([inf, inf, -inf]; axis=0)", .value = "[inf, inf, inf]", .grad = "[nan, nan, 0]", .kink = true},
    {.call = "logcumsumexp([0, 40, -40]; axis=0)", .value = "[0, 40, 40]", .grad = "[1, 2.0000000000000036, 1.804851387845415e-35]",
     .kink = true},
    {.call = "logcumsumexp([0, 1e-10, 50]; axis=0)", .value = "[0, 0.6931471806099453, 50]",
     .grad = "[1.499999999975, 0.500000000025, 1]"},
    {.call = "logcumsumexp(~[3, 2, 4]; axis=1)"},
    {.call = "logcumsumexp(~[37]; axis=0)"},
    {.call = "logcumsumexp(~[2, 19]; axis=-1)"},
    {.call = "logcumsumexp(f64[0](); axis=0)", .value = "f64[0]()", .grad = "f64[0]()"},
    {.call = "logcumsumexp(f64[0, 3](); axis=0)", .value = "f64[0, 3]()", .grad = "f64[0, 3]()"},
    {.call = "logcumsumexp(f64[0, 3](); axis=1)", .value = "f64[0, 3]()", .grad = "f64[0, 3]()"},
    {.call = "logcumsumexp(f64[2, 0](); axis=1)", .value = "f64[2, 0]()", .grad = "f64[2, 0]()"},
    {.call = "logcumsumexp([1]; axis=1)", .refused = "axis 1 is out of range for rank 1"},
    {.call = "logcumsumexp([[1]]; axis=-3)", .refused = "axis -3 is out of range for rank 2"},
    {.call = "logcumsumexp([1])", .refused = "axis"},
    {.call = "logcumsumexp([1], [2]; axis=0)", .refused = "logcumsumexp"},
    {.call = "logcumsumexp(2.5; axis=1)", .refused = "axis 1 is out of range"},
    {.call = "logcumsumexp(i64[1, 2]; axis=0)", .refused = "must be f32 or f64"},
    {.call = "logcumsumexp(bool[true]; axis=0)", .refused = "must be f32 or f64"},
    {0}};

#define WG_OVER WG_OVER_REALS
#include "tape/instances.h"

const wg_op wg_op_logcumsumexp = {WG_LINE(logcumsumexp), .kind = WG_BLOCK, .shape = shape, .vjp = vjp, .units = units, .kernel = kernels,
                                  .samples = samples};
#else

static int64_t FN(kernel)(const wg_args *a, int64_t lo, int64_t hi)
{
    const T *x = a->in[0];
    T *y = a->out;
    int64_t n = a->size[0], step = a->size[1];
    for (int64_t u = lo; u < hi; u++) {
        int64_t at = u / step * step * n + u % step;
        T top = C(-INFINITY);
        WIDE sum = 0; /* of exp(x - top) */
        for (int64_t i = 0; i < n; i++, at += step) {
            T v = x[at];
            if (v > top) {
                sum = sum * (WIDE)M(exp)(top - v) + 1;
                top = v;
            } else if (v == top) {
                sum += v == C(-INFINITY) ? 0 : 1;
            } else {
                sum += (WIDE)M(exp)(v - top);
            }
            y[at] = top + M(log)((T)sum);
        }
    }
    return -1;
}
#endif

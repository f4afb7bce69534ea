/* log_softmax(x; axis) = x - max - log(sum exp(x - max)) along axis; the reverse is g - exp(y) sum(g). A row of -inf only gives
 * NaN, one with +inf too, as torch has it. A node of its own: exact where softmax underflows, one pass in cache. */
#ifndef WG_KERNEL_PART
#include "tape/op.h"

static bool shape(wg_call *c)
{
    const wg_log_softmax_options *o = c->attrs;
    int axis;
    return wg__axis(c, o->axis, c->shape.rank, &axis);
}

static int core(const wg_work *w)
{
    const wg_log_softmax_options *o = w->attrs;
    return o->axis;
}

static wg_tensor vjp(const wg_rule *r, wg_tensor g, int i)
{
    const wg_log_softmax_options *o = r->attrs;
    (void)i;
    return wg_sub(g, wg_mul(wg_exp(r->out), wg_sum(g, .axes = WG_INTS(o->axis), .keepdim = true)));
}

static wg_tensor jvp(const wg_rule *r, const wg_tensor *dx)
{
    const wg_log_softmax_options *o = r->attrs;
    return wg_sub(dx[0], wg_sum(wg_mul(wg_exp(r->out), dx[0]), .axes = WG_INTS(o->axis), .keepdim = true));
}

static const wg_sample samples[] = {
    {.call = "log_softmax([[0, 0], [0, 1.0986122886681098]])",
     .value = "[[-0.6931471805599453, -0.6931471805599453], [-1.3862943611198906, -0.28768207245178085]]", .grad = "[[0, 0], [0.5, -0.5]]"},
    {.call = "log_softmax([[1, 2], [3, 5]]; axis=0)",
     .value = "[[-2.1269280110429727, -3.048587351573742], [-0.1269280110429726, -0.048587351573741965]]",
     .grad = "[[0.761594155955765, 0.9051482536448664], [-0.7615941559557646, -0.9051482536448665]]"},
    {.call = "log_softmax([10000, 0])", .value = "[0, -10000]", .grad = "[-1, 1]", .kink = true},
    {.call = "log_softmax([-inf, 0])", .value = "[-inf, 0]", .kink = true},
    {.call = "log_softmax([-inf, -inf])", .value = "[nan, nan]", .grad = "[nan, nan]", .kink = true},
    {.call = "log_softmax([inf, 0])", .value = "[nan, nan]", .grad = "[nan, nan]", .kink = true},
    {.call = "log_softmax([nan, 0])", .value = "[nan, nan]", .grad = "[nan, nan]", .kink = true},
    {.call = "log_softmax(2.0; axis=0)", .value = "0", .grad = "0"},
    {.call = "log_softmax(f64[2, 0]())", .value = "f64[2, 0]()", .grad = "f64[2, 0]()"},
    {.call = "log_softmax(f64[0, 2](); axis=0)", .value = "f64[0, 2]()", .grad = "f64[0, 2]()"},
    {.call = "log_softmax(~[4, 19])"},
    {.call = "log_softmax(~[3, 2, 4]; axis=1)"},
    {.call = "log_softmax([1]; axis=1)", .refused = "axis 1 is out of range for rank 1"},
    {.call = "log_softmax(i64[1])", .refused = "must be f32 or f64"},
    {0}};

#define WG_OVER WG_OVER_REALS
#include "tape/instances.h"

const wg_op wg_op_log_softmax = {WG_LINE(log_softmax), .kind = WG_BLOCK, .shape = shape, .core = core, .vjp = vjp, .jvp = jvp,
                                 .kernel = kernels, .samples = samples};
#else

static int64_t FN(kernel)(const wg_args *a, int64_t lo, int64_t hi)
{
    for (int64_t i = lo; i < hi; i++) {
        const T *x = (const T *)a->in[0] + i * a->row;
        T *y = (T *)a->out + i * a->row, top = C(-INFINITY), e[8], log_total;
        WIDE lane[8] = {0}, total = 0;
        int64_t j = 0;
        for (int64_t k = 0; k < a->row; k++) top = x[k] > top ? x[k] : top;
        for (int64_t k = 0; k < a->row; k++) y[k] = x[k] - top;
        for (; j + 8 <= a->row; j += 8) {
            for (int k = 0; k < 8; k++) e[k] = M(exp)(y[j + k]);
            for (int k = 0; k < 8; k++) lane[k] += (WIDE)e[k];
        }
        for (; j < a->row; j++) total += (WIDE)M(exp)(y[j]);
        for (int k = 0; k < 8; k++) total += lane[k];
        log_total = M(log)(C(total));
        for (int64_t k = 0; k < a->row; k++) y[k] -= log_total;
    }
    return -1;
}
#endif

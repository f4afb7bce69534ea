/* adaptive_argmax(x; output): where in each plane of x, (batch, channels, height, width), the largest value of each window is, counted
 * through the plane row by row, i64: the indices of F.adaptive_max_pool2d, whose windows these are. The first of equals; the first NaN
 * wins. No derivative. A node of its own: adaptive_max_pool2d, whose derivative is that of gather, needs no other. */
#ifndef WG_KERNEL_PART
#include "ops/conv/resample.h"

static bool shape(wg_call *c)
{
    const wg_adaptive_argmax_options *o = c->attrs;
    return resample_shape(c, c->in[0], &o->output, "output", &c->shape);
}

static bool units(wg_work *w)
{
    const int64_t *in = w->in[0].shape->dim, *out = w->out.shape->dim;
    w->units = in[0] * in[1];
    for (int i = 0; i < 2; i++) w->size[IN + i] = in[2 + i], w->size[OUT + i] = out[2 + i];
    w->cost = (double)(in[2] + out[2]) * (double)(in[3] + out[3]);
    return true;
}

/* values: PyTorch 1.13.1 in f64 */
static const wg_sample samples[] = {
    {.call = "adaptive_argmax([[[[1, 2, 3], [6, 5, 4], [-1, 0, -2], [-3, 7, 8]]]]; output=[2, 1])", .value = "i64[[[[3], [11]]]]"},
    {.call = "adaptive_argmax([[[[9, 5, 2.5, 5.5], [8.5, 7.5, 6, 7], [4.5, 2, 9.5, 3], [0.5, 4, 0, 8], [3.5, 1.5, 6.5, 1]]]]; "
     "output=[2, 3])",
     .value = "i64[[[[0, 10, 10], [8, 10, 10]]]]"},
    {.call = "adaptive_argmax([[[[1, 4], [4, 2]], [[-9, 4], [9, 9]]]]; output=1)", .value = "i64[[[[1]], [[2]]]]"},
    {.call = "adaptive_argmax([[[[1, 4], [3, 2]]]]; output=3)", .value = "i64[[[[0, 1, 1], [2, 1, 1], [2, 2, 3]]]]"},
    {.call = "adaptive_argmax([[[[nan, 4], [9, nan]], [[-inf, -inf], [-inf, -inf]]]]; output=1)", .value = "i64[[[[0]], [[0]]]]"},
    {.call = "adaptive_argmax(f32[[[[1, 2], [4, 3]]]]; output=[1, 1])", .value = "i64[[[[2]]]]"},
    {.call = "adaptive_argmax(f64[0, 2, 3, 3](); output=2)", .value = "i64[0, 2, 2, 2]()"},
    {.call = "adaptive_argmax(~[2, 3, 4]; output=2)", .refused = "x is f64[2,3,4], must be (batch, channels, height, width)"},
    {.call = "adaptive_argmax(~[1, 1, 2, 2]; output=0)", .refused = "output is 0, must be at least 1"},
    {.call = "adaptive_argmax(~[1, 1, 2, 2]; output=[1, 2, 3])", .refused = "output has 3 numbers, 1 or 2 are wanted"},
    {.call = "adaptive_argmax(~[1, 1, 2, 2])", .refused = "output is missing"},
    {.call = "adaptive_argmax(f64[1, 1, 2, 0](); output=2)", .refused = "its height and width must be from 1"},
    {.call = "adaptive_argmax(i64[[[[1]]]]; output=2)", .refused = "must be f32 or f64"},
    {0}};

#define WG_OVER WG_OVER_REALS
#include "tape/instances.h"

const wg_op wg_op_adaptive_argmax = {WG_LINE(adaptive_argmax), .kind = WG_BLOCK, .gives = WG_I64, .shape = shape, .constant = true,
                                     .units = units, .kernel = kernels, .samples = samples};
#else

static int64_t FN(largest_in)(const T *x, int64_t width, resample_band rows, resample_band columns)
{
    int64_t best = rows.from * width + columns.from;
    for (int64_t i = rows.from; i < rows.from + rows.count; i++)
        for (int64_t at = i * width + columns.from, end = at + columns.count; at < end; at++)
            if (!(x[best] >= x[at]) && x[best] == x[best]) best = at;
    return best;
}

static int64_t FN(kernel)(const wg_args *a, int64_t lo, int64_t hi)
{
    const int64_t *in = a->size + IN, *out = a->size + OUT;
    int64_t *y = (int64_t *)a->out + lo * out[0] * out[1];
    for (int64_t u = lo; u < hi; u++) {
        const T *x = (const T *)a->in[0] + u * in[0] * in[1];
        for (int64_t i = 0; i < out[0]; i++)
            for (int64_t j = 0; j < out[1]; j++)
                *y++ = FN(largest_in)(x, in[1], resample_window(in[0], out[0], i), resample_window(in[1], out[1], j));
    }
    return -1;
}
#endif

/* mean(x; axes, keepdim) = sum(x) / size(x) along axes. Of bool: the share of true, as f32. Of nothing: NaN.
 * A node of its own, so that a loss reads as one; f32 accumulates in double. */
#ifndef WG_KERNEL_PART
#include "ops/reduce/along.h"

static bool shape(wg_call *c)
{
    const wg_mean_options *o = c->attrs;
    if (!wg__along(c, &o->axes, o->keepdim, NULL)) return false;
    if (c->dtype == WG_BOOL) c->dtype = WG_F32;
    return true;
}

static uint32_t axes(const wg_work *w)
{
    const wg_mean_options *o = w->attrs;
    return wg__axis_mask(&o->axes, w->in[0].shape->rank);
}

static wg_tensor define(const wg_rule *r)
{
    const wg_mean_options *o = r->attrs;
    wg_tensor x = r->in[0];
    if (wg_dtype_get(x) == WG_BOOL) x = wg_cast(x, WG_F32);
    return wg_div(wg_sum(x, .axes = o->axes, .keepdim = o->keepdim), wg_size(x, .axes = o->axes));
}

static const wg_sample samples[] = {
    {.call = "mean([[1, 2, 3], [4, 5, 6]])", .value = "3.5",
     .grad = "[[0.16666666666666666, 0.16666666666666666, 0.16666666666666666], [0.16666666666666666, 0.16666666666666666, 0.16666666666666666]]"},
    {.call = "mean([[1, 2, 3], [4, 5, 6]]; axes=[0])", .value = "[2.5, 3.5, 4.5]"},
    {.call = "mean([[1, 2, 3], [4, 5, 6]]; axes=[-1], keepdim=true)", .value = "[[2], [5]]"},
    {.call = "mean(bool[true, false, true, true])", .value = "f32 0.75"},
    {.call = "mean(f64[0]())", .value = "nan", .grad = "f64[0]()", .kink = true},
    {.call = "mean(f64[0, 3](); axes=[0])", .value = "[nan, nan, nan]", .kink = true},
    {.call = "mean(f64[0, 3](); axes=[1])", .value = "f64[0]()"},
    {.call = "mean(2.5; axes=[-1])", .value = "2.5", .grad = "1"},
    {.call = "mean([1, nan])", .value = "nan", .grad = "[0.5, 0.5]", .kink = true},
    {.call = "mean(~[3, 2, 4]; axes=[0, -1])"},
    {.call = "mean(~[20, 33]; axes=[0])"},
    {.call = "mean([[1]]; axes=[])", .refused = "axes=[]"},
    {.call = "mean([[1]]; axes=[0, -2])", .refused = "appears twice"},
    {.call = "mean([[1]]; axes=[2])", .refused = "axis 2 is out of range for rank 2"},
    {.call = "mean(i64[1, 2])", .refused = "cast it"},
    {0}};

#define WG_OVER (WG_OVER_REALS | WG_OVER_U8)
#include "tape/instances.h"

const wg_op wg_op_mean = {WG_LINE(mean), .kind = WG_REDUCE, .takes = WG_REALS | WG_BOOLS, .shape = shape, .axes = axes, .define = define,
                          .kernel = kernels, .samples = samples};
#else

static int64_t FN(kernel)(const wg_args *a, int64_t lo, int64_t hi)
{
    REAL *y = a->out;
    for (int64_t i = lo; i < hi; i++) {
        const T *row = (const T *)a->in[0] + i * a->row;
        WIDE lane[8] = {0}, total = 0;
        int64_t j = 0;
        for (; j + 8 <= a->row; j += 8)
            for (int k = 0; k < 8; k++) lane[k] += (WIDE)row[j + k];
        for (; j < a->row; j++) total += (WIDE)row[j];
        for (int k = 0; k < 8; k++) total += lane[k];
        y[i] = (REAL)((double)total / (double)a->row);
    }
    return -1;
}
#endif

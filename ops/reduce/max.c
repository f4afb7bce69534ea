/* max(x; axes, keepdim): the largest along axes, as torch.amax; NaN wins. The cotangent is split evenly among those that
 * attain it (where NaN does: the NaNs). Of an empty axis there is none: refused. */
#ifndef WG_KERNEL_PART
#include "tape/op.h"

static bool shape(wg_call *c)
{
    const wg_max_options *o = c->attrs;
    uint32_t mask;
    if (!wg__axes(c, &o->axes, c->shape.rank, &mask)) return false;
    for (int i = 0; i < c->shape.rank; i++)
        if (mask >> i & 1 && c->shape.dim[i] == 0) return wg__refuse(c, "axis %d is empty: nothing is its largest", i);
    wg__drop_axes(&c->shape, mask, o->keepdim);
    return true;
}

static uint32_t axes(const wg_work *w)
{
    const wg_max_options *o = w->attrs;
    return wg__axis_mask(&o->axes, w->in[0].shape->rank);
}

/* Which of x attain the maximum, and how many they are (keepdim). */
static wg_tensor attaining(const wg_rule *r, wg_tensor *count)
{
    const wg_max_options *o = r->attrs;
    wg_tensor x = r->in[0], y = o->keepdim ? r->out : wg__undrop(r->out, &o->axes, x);
    wg_tensor nan = wg_ne(x, x), which = wg_where(nan, nan, wg_eq(x, y));
    *count = wg_sum(wg_cast(which, wg_dtype_get(x)), .axes = o->axes, .keepdim = true);
    return which;
}

static wg_tensor vjp(const wg_rule *r, wg_tensor g, int i)
{
    const wg_max_options *o = r->attrs;
    wg_tensor count, which = attaining(r, &count);
    if (!o->keepdim) g = wg__undrop(g, &o->axes, r->in[i]);
    return wg_where(which, wg_div(g, count), wg_num(0));
}

static wg_tensor jvp(const wg_rule *r, const wg_tensor *dx)
{
    const wg_max_options *o = r->attrs;
    wg_tensor count, which = attaining(r, &count);
    return wg_sum(wg_where(which, wg_div(dx[0], count), wg_num(0)), .axes = o->axes, .keepdim = o->keepdim);
}

static const wg_sample samples[] = {
    {.call = "max([1, 3, 2])", .value = "3", .grad = "[0, 1, 0]"},
    {.call = "max([1, 3, 3])", .value = "3", .grad = "[0, 0.5, 0.5]", .kink = true},
    {.call = "max([[1, 2], [3, 2]]; axes=[0])", .value = "[3, 2]", .grad = "[[0, 0.5], [1, 0.5]]", .kink = true},
    {.call = "max([[1, 2], [3, 2]]; axes=[-1], keepdim=true)", .value = "[[2], [3]]", .grad = "[[0, 1], [1, 0]]"},
    {.call = "max([1, nan, 3])", .value = "nan", .grad = "[0, 1, 0]", .kink = true},
    {.call = "max([[nan, 1], [2, 5]]; axes=[1])", .value = "[nan, 5]", .grad = "[[1, 0], [0, 1]]", .kink = true},
    {.call = "max([-inf, -inf])", .value = "-inf", .grad = "[0.5, 0.5]", .kink = true},
    {.call = "max(i64[-9223372036854775808, -5])", .value = "i64 -5"},
    {.call = "max(2.5; axes=[-1])", .value = "2.5", .grad = "1"},
    {.call = "max(f64[0, 3](); axes=[1])", .value = "f64[0]()", .grad = "f64[0, 3]()"},
    {.call = "max(~[3, 2, 4]; axes=[0, -1])"},
    {.call = "max(~[40, 33]; axes=[0])"},
    {.call = "max(f64[0]())", .refused = "axis 0 is empty"},
    {.call = "max(f64[0, 3](); axes=[0])", .refused = "axis 0 is empty"},
    {.call = "max([[1]]; axes=[])", .refused = "axes=[]"},
    {.call = "max([[1]]; axes=[0, -2])", .refused = "appears twice"},
    {.call = "max([[1]]; axes=[2])", .refused = "axis 2 is out of range for rank 2"},
    {0}};

#define WG_OVER WG_OVER_NUMBERS
#include "tape/instances.h"

const wg_op wg_op_max = {WG_LINE(max), .kind = WG_REDUCE, .takes = WG_NUMBERS, .shape = shape, .axes = axes, .vjp = vjp,
                         .jvp = jvp, .splits = true, .kernel = kernels, .samples = samples};
#else

static int64_t FN(kernel)(const wg_args *a, int64_t lo, int64_t hi)
{
    const T *x = a->in[0];
    T *y = a->out;
    for (int64_t i = lo; i < hi; i++) {
        const T *row = x + i * a->row;
        T lane[8], top = row[0];
        int64_t j = 0;
        for (int k = 0; k < 8; k++) lane[k] = row[0];
        for (; j + 8 <= a->row; j += 8)
            for (int k = 0; k < 8; k++) lane[k] = M(max)(lane[k], row[j + k]);
        for (; j < a->row; j++) top = M(max)(top, row[j]);
        for (int k = 0; k < 8; k++) top = M(max)(top, lane[k]);
        y[i] = top;
    }
    return -1;
}
#endif

/* prod(x; axes, keepdim): the product along axes; d/dx_i is the product of all others, as what lies before i times what lies behind:
 * right with one, two, more zeros, to any order, since nothing is divided (so torch's NaN at an inf is a number here). A node of
 * its own: f32 accumulates in double, and long rows go in chunks. Of nothing: 1. Integers wrap. */
#ifndef WG_KERNEL_PART
#include "ops/reduce/along.h"

static bool shape(wg_call *c)
{
    const wg_prod_options *o = c->attrs;
    return wg__along(c, &o->axes, o->keepdim, NULL);
}

static uint32_t axes(const wg_work *w)
{
    const wg_prod_options *o = w->attrs;
    return wg__axis_mask(&o->axes, w->in[0].shape->rank);
}

/* d times the product of all other elements: of those along one axis, then of the products along it, and so on */
static wg_tensor times_others(const wg_rule *r, wg_tensor d)
{
    const wg_prod_options *o = r->attrs;
    wg_tensor x = r->in[0];
    int rank = wg_shape_get(x).rank, axis = -rank;
    for (uint32_t mask = wg__axis_mask(&o->axes, rank); mask; mask >>= 1, axis++) {
        if (!(mask & 1)) continue;
        wg_tensor before = wg_recurrence(x, .axis = axis, .start = 1), behind = wg_recurrence(x, .axis = axis, .start = 1, .reverse = true);
        d = wg_mul(d, wg_mul(before, behind));
        if (mask > 1) x = wg_prod(x, .axes = WG_INTS(axis), .keepdim = true);
    }
    return d;
}

static wg_tensor vjp(const wg_rule *r, wg_tensor g, int i)
{
    const wg_prod_options *o = r->attrs;
    return times_others(r, o->keepdim ? g : wg__undrop(g, &o->axes, r->in[i]));
}

static wg_tensor jvp(const wg_rule *r, const wg_tensor *dx)
{
    const wg_prod_options *o = r->attrs;
    return wg_sum(times_others(r, dx[0]), .axes = o->axes, .keepdim = o->keepdim);
}

static const wg_sample samples[] = {
    {.call = "prod([2, 3, 4])", .value = "24", .grad = "[12, 8, 6]"},
    {.call = "prod([0, 2, 3])", .value = "0", .grad = "[6, 0, 0]"},
    {.call = "prod([0, 2, 0])", .value = "0", .grad = "[0, 0, 0]"},
    {.call = "prod([0, 0, 0, 3])", .value = "0", .grad = "[0, 0, 0, 0]"},
    {.call = "prod([-1, 2, -3, 0.5])", .value = "3", .grad = "[-3, 1.5, -1, 6]"},
    {.call = "prod([[1, 2], [0, 5]])", .value = "0", .grad = "[[0, 0], [10, 0]]"},
    {.call = "prod([[1, 2], [0, 5]]; axes=[0])", .value = "[0, 10]", .grad = "[[0, 5], [1, 2]]"},
    {.call = "prod([[1, 2, 3], [0, 5, 0]]; axes=[1], keepdim=true)", .value = "[[6], [0]]", .grad = "[[6, 3, 2], [0, 0, 0]]"},
    {.call = "prod([[[0, 2], [3, 0]], [[5, 7], [1, 2]]]; axes=[0, -1])", .value = "[0, 0]",
     .grad = "[[[70, 0], [0, 6]], [[0, 0], [0, 0]]]"},
    {.call = "prod([2, inf])", .value = "inf", .grad = "[inf, 2]", .kink = true},
    {.call = "prod([0, inf])", .value = "nan", .grad = "[inf, 0]", .kink = true},
    {.call = "prod([nan, 0])", .value = "nan", .grad = "[0, nan]", .kink = true},
    {.call = "prod(i64[9223372036854775807, 2])", .value = "i64 -2"},
    {.call = "prod(f64[0]())", .value = "1", .grad = "f64[0]()"},
    {.call = "prod(f64[0, 3](); axes=[0])", .value = "[1, 1, 1]", .grad = "f64[0, 3]()"},
    {.call = "prod(f64[0, 3](); axes=[1])", .value = "f64[0]()", .grad = "f64[0, 3]()"},
    {.call = "prod(-2.5; axes=[-1])", .value = "-2.5", .grad = "1"},
    {.call = "prod(~[3, 2, 4]; axes=[0, -1])"},
    {.call = "prod(+[20, 9]; axes=[0])"},
    {.call = "prod([[1]]; axes=[])", .refused = "axes=[]"},
    {.call = "prod([[1]]; axes=[0, -2])", .refused = "appears twice"},
    {.call = "prod([[1]]; axes=[2])", .refused = "axis 2 is out of range for rank 2"},
    {.call = "prod(bool[true])", .refused = "must be f32, f64 or i64"},
    {0}};

#define WG_OVER WG_OVER_NUMBERS
#include "tape/instances.h"

const wg_op wg_op_prod = {WG_LINE(prod), .kind = WG_REDUCE, .takes = WG_NUMBERS, .shape = shape, .axes = axes, .vjp = vjp,
                          .jvp = jvp, .splits = true, .kernel = kernels, .samples = samples};
#else

static int64_t FN(kernel)(const wg_args *a, int64_t lo, int64_t hi)
{
    const T *x = a->in[0];
    T *y = a->out;
    for (int64_t i = lo; i < hi; i++) {
        const T *row = x + i * a->row;
        WIDE lane[8] = {1, 1, 1, 1, 1, 1, 1, 1}, total = 1;
        int64_t j = 0;
        for (; j + 8 <= a->row; j += 8)
            for (int k = 0; k < 8; k++) lane[k] *= (WIDE)row[j + k];
        for (; j < a->row; j++) total *= (WIDE)row[j];
        for (int k = 0; k < 8; k++) total *= lane[k];
        y[i] = (T)total;
    }
    return -1;
}
#endif

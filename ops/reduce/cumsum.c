/* cumsum(x; axis): the sums of x up to and with each element along axis, as torch.cumsum; the reverse sums the cotangent from
 * the end. Of bool: the counts, as i64. NaN and inf stay from where they stand on. Integers wrap. A node of its own: f32
 * accumulates in double, in one pass, and it takes integers. */
#ifndef WG_KERNEL_PART
#include "ops/reduce/sequence.h"

static bool shape(wg_call *c)
{
    const wg_cumsum_options *o = c->attrs;
    int axis;
    if (c->dtype == WG_BOOL) c->dtype = WG_I64;
    return wg__axis(c, o->axis, c->shape.rank, &axis);
}

static bool units(wg_work *w)
{
    const wg_cumsum_options *o = w->attrs;
    return wg__sequences(w, o->axis);
}

static wg_tensor vjp(const wg_rule *r, wg_tensor g, int i)
{
    const wg_cumsum_options *o = r->attrs;
    (void)i;
    if (wg_shape_get(g).rank == 0) return g;
    return wg_slice(wg_cumsum(wg_slice(g, .axis = o->axis, .step = -1), o->axis), .axis = o->axis, .step = -1);
}

/* values and gradients: PyTorch 1.13.1 in f64 */
static const wg_sample samples[] = {
    {.call = "cumsum([1, 2, -3, 0.5]; axis=0)", .value = "[1, 3, 0, 0.5]", .grad = "[4, 3, 2, 1]"},
    {.call = "cumsum([[1, 2, 3], [4, 5, 6]]; axis=0)", .value = "[[1, 2, 3], [5, 7, 9]]", .grad = "[[2, 2, 2], [1, 1, 1]]"},
    {.call = "cumsum([[1, 2, 3], [4, 5, 6]]; axis=1)", .value = "[[1, 3, 6], [4, 9, 15]]", .grad = "[[3, 2, 1], [3, 2, 1]]"},
    {.call = "cumsum([[[1, 2], [3, 4]], [[-5, 6], [7, 0.25]]]; axis=-2)", .value = "[[[1, 2], [4, 6]], [[-5, 6], [2, 6.25]]]",
     .grad = "[[[2, 2], [1, 1]], [[2, 2], [1, 1]]]"},
    {.call = "cumsum(2.5; axis=0)", .value = "2.5", .grad = "1"},
    {.call = "cumsum(-2.5; axis=-1)", .value = "-2.5", .grad = "1"},
    {.call = "cumsum([[3]]; axis=0)", .value = "[[3]]", .grad = "[[1]]"},
    {.call = "cumsum(i64[9223372036854775807, 1, 5]; axis=0)",
     .value = "i64[9223372036854775807, -9223372036854775808, -9223372036854775803]"},
    {.call = "cumsum(i32[1, -2]; axis=0)", .value = "i64[1, -1]"},
    {.call = "cumsum(bool[true, false, true]; axis=0)", .value = "i64[1, 1, 2]"},
    {.call = "cumsum([1, nan, 2]; axis=0)", .value = "[1, nan, nan]", .grad = "[3, 2, 1]", .kink = true},
    {.call = "cumsum([1, inf, -inf, 2]; axis=0)", .value = "[1, inf, nan, nan]", .grad = "[4, 3, 2, 1]", .kink = true},
    {.call = "cumsum([1, -inf, 3]; axis=0)", .value = "[1, -inf, -inf]", .grad = "[3, 2, 1]", .kink = true},
    {.call = "cumsum(~[3, 2, 4]; axis=1)"},
    {.call = "cumsum(~[37]; axis=0)"},
    {.call = "cumsum(~[2, 19]; axis=-1)"},
    {.call = "cumsum(f64[0](); axis=0)", .value = "f64[0]()", .grad = "f64[0]()"},
    {.call = "cumsum(f64[0, 3](); axis=0)", .value = "f64[0, 3]()", .grad = "f64[0, 3]()"},
    {.call = "cumsum(f64[0, 3](); axis=1)", .value = "f64[0, 3]()", .grad = "f64[0, 3]()"},
    {.call = "cumsum(f64[2, 0](); axis=1)", .value = "f64[2, 0]()", .grad = "f64[2, 0]()"},
    {.call = "cumsum(i64[0](); axis=0)", .value = "i64[0]()"},
    {.call = "cumsum([1]; axis=1)", .refused = "axis 1 is out of range for rank 1"},
    {.call = "cumsum([[1]]; axis=-3)", .refused = "axis -3 is out of range for rank 2"},
    {.call = "cumsum([1])", .refused = "axis"},
    {.call = "cumsum([1], [2]; axis=0)", .refused = "cumsum"},
    {.call = "cumsum(2.5; axis=1)", .refused = "axis 1 is out of range"},
    {0}};

#define WG_OVER (WG_OVER_NUMBERS | WG_OVER_U8)
#include "tape/instances.h"

const wg_op wg_op_cumsum = {WG_LINE(cumsum), .kind = WG_BLOCK, .takes = WG_NUMBERS | WG_BOOLS, .shape = shape, .linear = 1, .vjp = vjp,
                            .units = units, .kernel = kernels, .samples = samples};
#else

static int64_t FN(kernel)(const wg_args *a, int64_t lo, int64_t hi)
{
    const T *x = a->in[0];
    WIDE_OUT *y = a->out;
    int64_t n = a->size[0], step = a->size[1];
    for (int64_t u = lo; u < hi; u++) {
        int64_t at = u / step * step * n + u % step;
        WIDE sum = 0;
        for (int64_t i = 0; i < n; i++, at += step) {
            sum += (WIDE)x[at];
            y[at] = (WIDE_OUT)sum;
        }
    }
    return -1;
}
#endif

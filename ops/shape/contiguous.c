/* contiguous(x): x in memory of its own, packed in row-major order. The planner packs; the kernel copies. The derivative is 1. */
#ifndef WG_KERNEL_PART
#include "tape/op.h"

static wg_tensor slope(const wg_rule *r, int i)
{
    (void)r, (void)i;
    return wg_num(1);
}

static const wg_sample samples[] = {
    {.call = "contiguous([[1, 2], [3, nan]])", .value = "[[1, 2], [3, nan]]", .grad = "[[1, 1], [1, 1]]", .kink = true},
    {.call = "contiguous(i64[9007199254740993, -2])", .value = "i64[9007199254740993, -2]"},
    {.call = "contiguous(i32[1, -2])", .value = "i32[1, -2]"},
    {.call = "contiguous(u8[1, 255])", .value = "u8[1, 255]"},
    {.call = "contiguous(bool[true, false])", .value = "bool[true, false]"},
    {.call = "contiguous(f32[1.5, -2])", .value = "f32[1.5, -2]"},
    {.call = "contiguous(2.5)", .value = "2.5", .grad = "1"},
    {.call = "contiguous(~[3, 1, 2])"},
    {.call = "contiguous(f64[0, 3]())", .value = "f64[0, 3]()", .grad = "f64[0, 3]()"},
    {.call = "contiguous()", .refused = "x is missing"},
    {0}};

#define WG_OVER WG_OVER_WIDTHS
#include "tape/instances.h"

const wg_op wg_op_contiguous = {WG_LINE(contiguous), .kind = WG_ELEMENTWISE, .takes = WG_EVERY, .slope = slope, .by_width = true,
                                .kernel = kernels, .samples = samples};
#else

static int64_t FN(kernel)(const wg_args *a, int64_t lo, int64_t hi)
{
    const T *x = a->in[0];
    T *y = a->out;
    for (int64_t i = lo; i < hi; i++) y[i] = x[i];
    return -1;
}
#endif

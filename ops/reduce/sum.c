/* sum(x; axes, keepdim): the sum along axes (all by default); the reverse spreads the cotangent back. Of bool: the count, as i64.
 * f32 accumulates in double, in eight lanes of fixed order, and long rows go in chunks: 1e8 terms stay right. Of nothing: 0.
 * Integers wrap. */
#ifndef WG_KERNEL_PART
#include "ops/reduce/along.h"

static bool shape(wg_call *c)
{
    const wg_sum_options *o = c->attrs;
    if (!wg__along(c, &o->axes, o->keepdim, NULL)) return false;
    if (c->dtype == WG_BOOL) c->dtype = WG_I64;
    return true;
}

static uint32_t axes(const wg_work *w)
{
    const wg_sum_options *o = w->attrs;
    return wg__axis_mask(&o->axes, w->in[0].shape->rank);
}

/* back to x's shape: the axes that went are put back with size 1, then spread */
static wg_tensor vjp(const wg_rule *r, wg_tensor g, int i)
{
    const wg_sum_options *o = r->attrs;
    if (!o->keepdim) g = wg__undrop(g, &o->axes, r->in[i]);
    return wg_expand_like(g, r->in[i]);
}

static const wg_sample samples[] = {
    {"sum([[1, 2, 3], [4, 5, 6]])", .value = "21", .grad = "[[1, 1, 1], [1, 1, 1]]"},
    {"sum([[1, 2, 3], [4, 5, 6]]; axes=[0])", .value = "[5, 7, 9]"},
    {"sum([[1, 2, 3], [4, 5, 6]]; axes=[-1], keepdim=true)", .value = "[[6], [15]]"},
    {"sum(bool[true, false, true])", .value = "i64 2"},
    {"sum(i64[9223372036854775807, 1])", .value = "i64 -9223372036854775808"},
    {"sum(f64[0, 3](); axes=[0])", .value = "[0, 0, 0]"},
    {"sum(f64[0]())", .value = "0"},
    {"sum(2.5; axes=[0])", .value = "2.5", .grad = "1"},
    {"sum(~[3, 2, 4]; axes=[0, -1])"},
    {"sum(~[70, 33]; axes=[0])"},
    {"sum([[1, nan]]; axes=[1])", .value = "[nan]", .kink = true},
    {"sum([[1]]; axes=[])", .refused = "axes=[]"},
    {"sum([[1]]; axes=[0, -2])", .refused = "appears twice"},
    {"sum([[1]]; axes=[2])", .refused = "axis 2 is out of range for rank 2"},
    {0}};

#define WG_OVER (WG_OVER_NUMBERS | WG_OVER_U8)
#define WG_WITH_COLUMNS
#include "tape/instances.h"

const wg_op wg_op_sum = {WG_LINE(sum), .kind = WG_REDUCE, .takes = WG_NUMBERS | WG_BOOLS, .shape = shape, .axes = axes, .linear = 1,
                         .vjp = vjp, .splits = true, .kernel = kernels, .columns = columns, .samples = samples};
#else

static int64_t FN(kernel)(const wg_args *a, int64_t lo, int64_t hi)
{
    const T *x = a->in[0];
    WIDE_OUT *y = a->out;
    for (int64_t i = lo; i < hi; i++) {
        const T *row = x + i * a->row;
        WIDE lane[8] = {0}, total = 0;
        int64_t j = 0;
        for (; j + 8 <= a->row; j += 8)
            for (int k = 0; k < 8; k++) lane[k] += (WIDE)row[j + k];
        for (; j < a->row; j++) total += (WIDE)row[j];
        for (int k = 0; k < 8; k++) total += lane[k];
        y[i] = (WIDE_OUT)total;
    }
    return -1;
}

/* the same lanes and the same order as above, for columns side by side: the bits do not depend on how x lies */
static int64_t FN(columns)(const wg_args *a, int64_t lo, int64_t hi)
{
    enum { TOGETHER = 64 };
    const T *x = a->in[0];
    WIDE_OUT *y = a->out;
    int64_t even = a->row - a->row % 8;
    for (int64_t at = lo, n; at < hi; at += n) {
        WIDE lane[9][TOGETHER] = {0}; /* the last: what is left over, then the total */
        n = hi - at < TOGETHER ? hi - at : TOGETHER;
        for (int64_t i = 0; i < a->row; i++) {
            const T *row = x + i * a->step + at;
            WIDE *l = lane[i < even ? i % 8 : 8];
            for (int64_t j = 0; j < n; j++) l[j] += (WIDE)row[j];
        }
        for (int k = 0; k < 8; k++)
            for (int64_t j = 0; j < n; j++) lane[8][j] += lane[k][j];
        for (int64_t j = 0; j < n; j++) y[at + j] = (WIDE_OUT)lane[8][j];
    }
    return -1;
}
#endif

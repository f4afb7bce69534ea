/* extreme.h -- all of max and min but their names: the includer defines OPTIONS, its options; WHAT, in words; and PICK, which of
 * two wins. It is included twice, for the rules and in the kernel part. */
#ifndef WG_KERNEL_PART
#include "ops/reduce/along.h"

static bool shape(wg_call *c)
{
    const OPTIONS *o = c->attrs;
    return wg__along(c, &o->axes, o->keepdim, WHAT);
}

static uint32_t axes(const wg_work *w)
{
    const OPTIONS *o = w->attrs;
    return wg__axis_mask(&o->axes, w->in[0].shape->rank);
}

/* Which of x attain it, and how many they are (keepdim). */
static wg_tensor attaining(const wg_rule *r, wg_tensor *count)
{
    const OPTIONS *o = r->attrs;
    wg_tensor x = r->in[0], y = o->keepdim ? r->out : wg__undrop(r->out, &o->axes, x);
    wg_tensor nan = wg_ne(x, x), which = wg_where(nan, nan, wg_eq(x, y));
    *count = wg_sum(wg_cast(which, wg_dtype_get(x)), .axes = o->axes, .keepdim = true);
    return which;
}

static wg_tensor vjp(const wg_rule *r, wg_tensor g, int i)
{
    const OPTIONS *o = r->attrs;
    wg_tensor count, which = attaining(r, &count);
    if (!o->keepdim) g = wg__undrop(g, &o->axes, r->in[i]);
    return wg_where(which, wg_div(g, count), wg_num(0));
}

static wg_tensor jvp(const wg_rule *r, const wg_tensor *dx)
{
    const OPTIONS *o = r->attrs;
    wg_tensor count, which = attaining(r, &count);
    return wg_sum(wg_where(which, wg_div(dx[0], count), wg_num(0)), .axes = o->axes, .keepdim = o->keepdim);
}
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
            for (int k = 0; k < 8; k++) lane[k] = M(PICK)(lane[k], row[j + k]);
        for (; j < a->row; j++) top = M(PICK)(top, row[j]);
        for (int k = 0; k < 8; k++) top = M(PICK)(top, lane[k]);
        y[i] = top;
    }
    return -1;
}
#endif

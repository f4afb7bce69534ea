/* triangle.h -- all of tril and triu but their names: the includer defines OPTIONS, its options; AGAIN(g, offset), which records it; and
 * FROM and TO, the columns of m that a row keeps whose diagonal is at column d. Included for the rules and in the kernel part. */
#ifndef WG_KERNEL_PART
#include "tape/op.h"

static bool shape(wg_call *c)
{
    char text[128];
    return c->shape.rank > 1 || wg__refuse(c, "x is %s, which is no matrix", wg__show_type(text, c->in[0]));
}

/* size: {rows, columns}; a unit is a row */
static bool units(wg_work *w)
{
    const wg_shape *s = w->in[0].shape;
    w->size[0] = s->dim[s->rank - 2];
    w->size[1] = s->dim[s->rank - 1];
    w->units = 1;
    for (int i = 0; i + 1 < s->rank; i++) w->units *= s->dim[i];
    w->cost = 1 + 0.2 * (double)w->size[1];
    return true;
}

static wg_tensor vjp(const wg_rule *r, wg_tensor g, int i)
{
    const OPTIONS *o = r->attrs;
    (void)i;
    return AGAIN(g, o->offset);
}
#else

static int64_t FN(kernel)(const wg_args *a, int64_t lo, int64_t hi)
{
    const OPTIONS *o = a->attrs;
    const int64_t n = a->size[0], m = a->size[1];
    for (int64_t u = lo; u < hi; u++) {
        const T *x = (const T *)a->in[0] + u * m;
        T *y = (T *)a->out + u * m;
        int64_t d = u % n + o->offset, from = FROM, to = TO;
        from = from < 0 ? 0 : from > m ? m : from;
        to = to < from ? from : to > m ? m : to;
        for (int64_t j = 0; j < from; j++) y[j] = 0;
        for (int64_t j = from; j < to; j++) y[j] = x[j];
        for (int64_t j = to; j < m; j++) y[j] = 0;
    }
    return -1;
}
#endif

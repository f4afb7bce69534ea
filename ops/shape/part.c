/* part(x, before?, like, after?; axis): the stretch of x along axis that is as long as like's axis and begins where
 * before's would end; after makes up the rest. Only the shapes of like, before and after are read: the reverse of concat
 * where sizes are known only when run. A view; its own reverse puts zeros on either side. */
#include "tape/op.h"

static bool shape(wg_call *c)
{
    const wg_part_options *o = c->attrs;
    char a[128], b[128];
    int axis;
    int64_t total = 0;
    bool known = true;
    if (!wg__axis(c, o->axis, c->shape.rank, &axis)) return false;
    if (c->shape.rank == 0) return wg__refuse(c, "x is a scalar, which has no parts");
    for (int k = 1; k < c->n; k++) {
        if (!c->in[k].dtype) continue;
        const wg_shape *s = c->in[k].shape;
        bool fits = s->rank == c->shape.rank;
        for (int i = 0; fits && i < s->rank; i++) fits = i == axis || wg__same_size(c, &c->shape.dim[i], s->dim[i]);
        if (!fits)
            return wg__refuse(c, "x is %s, %s is %s: they differ along another axis than %d", wg__show_type(a, c->in[0]),
                              c->op->inputs[k].name, wg__show_type(b, c->in[k]), axis);
        known = known && wg__known(s->dim[axis]) && !__builtin_add_overflow(total, s->dim[axis], &total);
    }
    if (known && wg__known(c->shape.dim[axis]) && total != c->shape.dim[axis])
        return wg__refuse(c, "x is %s, its parts along axis %d have %lld items", wg__show_type(a, c->in[0]), axis, (long long)total);
    c->shape.dim[axis] = c->in[2].shape->dim[axis];
    return true;
}

static bool view(const wg_work *w, const wg_layout *x, wg_layout *y, int64_t *offset)
{
    const wg_part_options *o = w->attrs;
    int axis = o->axis < 0 ? o->axis + x->shape.rank : o->axis;
    *y = *x;
    y->shape = *w->out.shape;
    *offset = w->in[1].dtype && y->shape.dim[axis] ? w->in[1].shape->dim[axis] * x->stride[axis] : 0;
    return true;
}

static wg_tensor vjp(const wg_rule *r, wg_tensor g, int i)
{
    const wg_part_options *o = r->attrs;
    wg_tensor zero = wg__number_of(r, 0, wg_dtype_get(g)), piece[3];
    size_t n = 0;
    (void)i;
    if (r->in[1].tape) piece[n++] = wg_expand_like(zero, r->in[1]);
    piece[n++] = g;
    if (r->in[3].tape) piece[n++] = wg_expand_like(zero, r->in[3]);
    return wg_concat(wg_tensors_of(piece, n), .axis = o->axis);
}

static const wg_sample samples[] = {
    {.call = "part([1, 2, 3], [0], [0], [0]; axis=0)", .value = "[2]", .grad = "[0, 1, 0]; [0]; [0]; [0]"},
    {.call = "part([1, 2, 3], _, [0, 0], [0]; axis=0)", .value = "[1, 2]"},
    {.call = "part([1, 2, 3], [0, 0], [0]; axis=-1)", .value = "[3]"},
    {.call = "part([1, 2, 3], [0, 0, 0], f64[0](); axis=0)", .value = "f64[0]()"},
    {.call = "part([[1, 2, 3], [4, 5, 6]], [[nan], [0]], [[0, 0], [0, 0]]; axis=1)", .value = "[[2, 3], [5, 6]]", .kink = true},
    {.call = "part(i64[1, 2], i64[0], i64[0]; axis=0)", .value = "i64[2]"},
    {.call = "part([1, 2], _, [0, 0])", .value = "[1, 2]"},
    {.call = "part(~[3, 5, 2], ~[3, 1, 2], ~[3, 2, 2], ~[3, 2, 2]; axis=1)"},
    {.call = "part([1, 2, 3], [0], [0]; axis=0)", .refused = "its parts along axis 0 have 2 items"},
    {.call = "part([[1, 2]], [[0]], [[0], [0]]; axis=1)", .refused = "they differ along another axis than 1"},
    {.call = "part(1.5, _, 1.5)", .refused = "scalar"},
    {0}};

const wg_op wg_op_part = {WG_LINE(part), .kind = WG_VIEW, .takes = WG_EVERY, .shape_only = 14, .shape = shape, .linear = 1,
                          .vjp = vjp, .view = view, .samples = samples};

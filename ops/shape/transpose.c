/* transpose(x; axes): y's axis i is x's axis axes[i], as torch.permute; by default they are reversed. A view; the
 * reverse is the inverse permutation. */
#include "tape/op.h"

/* Which axis of x becomes axis i of y. */
static int source(const wg_transpose_options *o, int rank, int i)
{
    if (o->axes.n <= 0) return rank - 1 - i;
    return (int)(o->axes.v[i] < 0 ? o->axes.v[i] + rank : o->axes.v[i]);
}

static bool shape(wg_call *c)
{
    const wg_transpose_options *o = c->attrs;
    const wg_shape x = c->shape;
    int given = o->axes.n < 0 ? 0 : o->axes.n;
    uint32_t mask;
    if (o->axes.n != 0 && given != x.rank) return wg__refuse(c, "axes names %d axes, x has %d", given, x.rank);
    if (given > 0 && !wg__axes(c, &o->axes, x.rank, &mask)) return false;
    for (int i = 0; i < x.rank; i++) c->shape.dim[i] = x.dim[source(o, x.rank, i)];
    return true;
}

static bool view(const wg_work *w, const wg_layout *x, wg_layout *y, int64_t *offset)
{
    int rank = x->shape.rank;
    *y = *x;
    *offset = 0;
    for (int i = 0; i < rank; i++) {
        int from = source(w->attrs, rank, i);
        y->shape.dim[i] = x->shape.dim[from];
        y->stride[i] = x->stride[from];
    }
    return true;
}

static wg_tensor vjp(const wg_rule *r, wg_tensor g, int i)
{
    const wg_transpose_options *o = r->attrs;
    int rank = wg_shape_get(r->in[i]).rank;
    wg_ints back = {.n = rank};
    if (o->axes.n <= 0) return wg_transpose(g);
    for (int k = 0; k < rank; k++) back.v[source(o, rank, k)] = k - rank;
    return wg_transpose(g, .axes = back);
}

static const wg_sample samples[] = {
    {.call = "transpose([[1, 2, 3], [4, 5, 6]])", .value = "[[1, 4], [2, 5], [3, 6]]", .grad = "[[1, 1, 1], [1, 1, 1]]"},
    {.call = "transpose([[[1, 2], [3, 4]]]; axes=[1, 0, 2])", .value = "[[[1, 2]], [[3, 4]]]"},
    {.call = "transpose([[[1, 2], [3, 4]]]; axes=[-1, 0, -2])", .value = "[[[1, 3]], [[2, 4]]]"},
    {.call = "transpose([1, 2])", .value = "[1, 2]"},
    {.call = "transpose(2.5)", .value = "2.5", .grad = "1"},
    {.call = "transpose(f64[0, 3]())", .value = "f64[3, 0]()"},
    {.call = "transpose(i64[[1, 2], [3, 4]])", .value = "i64[[1, 3], [2, 4]]"},
    {.call = "transpose(~[2, 3, 4]; axes=[1, 2, 0])"},
    {.call = "transpose(~[2, 3, 4, 2]; axes=[3, 0, -2, 1])"},
    {.call = "transpose([[1, 2]]; axes=[0, 0])", .refused = "axis 0 appears twice"},
    {.call = "transpose([[1, 2]]; axes=[0, -2])", .refused = "axis 0 appears twice"},
    {.call = "transpose([[1, 2]]; axes=[0])", .refused = "axes names 1 axes, x has 2"},
    {.call = "transpose([[1, 2]]; axes=[0, 2])", .refused = "axis 2 is out of range for rank 2"},
    {.call = "transpose([[1, 2]]; axes=[])", .refused = "axes names 0 axes"},
    {0}};

const wg_op wg_op_transpose = {WG_LINE(transpose), .kind = WG_VIEW, .takes = WG_EVERY, .shape = shape, .linear = 1,
                               .vjp = vjp, .view = view, .samples = samples};

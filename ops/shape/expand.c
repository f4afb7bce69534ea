/* expand(x; shape): x broadcast to shape, as torch.broadcast_to; -1 keeps the size of an axis that x has. A view: a
 * repeated axis has stride 0. The reverse sums over what was repeated. */
#include "ops/shape/layout.h"

static bool shape(wg_call *c)
{
    const wg_expand_options *o = c->attrs;
    wg_shape x = c->shape;
    char text[128];
    if (o->shape.rank < x.rank) return wg__refuse(c, "x is %s, shape has only %d axes", wg__show_type(text, c->in[0]), o->shape.rank);
    c->shape = o->shape;
    for (int i = 0; i < o->shape.rank; i++) {
        int axis = i - (o->shape.rank - x.rank);
        int64_t *to = &c->shape.dim[i], from = axis < 0 ? 1 : x.dim[axis];
        if (*to == WG_ANY && axis < 0) return wg__refuse(c, "-1 keeps a size, but axis %d is new", i);
        if (*to == WG_ANY) *to = from;
        else if (*to < 0 && *to >= WG_START) return wg__refuse(c, "size %lld is negative", (long long)*to);
        else if (from >= 0 && *to >= 0 && from != 1 && from != *to)
            return wg__refuse(c, "x is %s, whose axis %d of size %lld does not expand to %lld", wg__show_type(text, c->in[0]), axis,
                              (long long)from, (long long)*to);
        else if (from > 1) *to = from; /* so the letter can only be that */
    }
    return true;
}

static bool view(const wg_work *w, const wg_layout *x, wg_layout *y, int64_t *offset)
{
    wg__broadcast_view(x, w->out.shape, y);
    *offset = 0;
    return true;
}

static wg_tensor vjp(const wg_rule *r, wg_tensor g, int i) { return wg_sum_to(g, r->in[i]); }

static const wg_sample samples[] = {
    {.call = "expand([[1, 2]]; shape=[3, 2])", .value = "[[1, 2], [1, 2], [1, 2]]", .grad = "[[3, 3]]"},
    {.call = "expand([1, 2]; shape=[2, 2])", .value = "[[1, 2], [1, 2]]", .grad = "[2, 2]"},
    {.call = "expand([[1], [2]]; shape=[-1, 3])", .value = "[[1, 1, 1], [2, 2, 2]]", .grad = "[[3], [3]]"},
    {.call = "expand([[1]]; shape=[0, 1])", .value = "f64[0, 1]()", .grad = "[[0]]"},
    {.call = "expand(2.5; shape=[2])", .value = "[2.5, 2.5]", .grad = "2"},
    {.call = "expand(2.5; shape=[])", .value = "2.5", .grad = "1"},
    {.call = "expand(i64[7]; shape=[2, 1])", .value = "i64[[7], [7]]"},
    {.call = "expand(~[3, 1, 4]; shape=[2, 3, 5, 4])"},
    {.call = "expand(~[1, 3]; shape=[4, -1])"},
    {.call = "expand([1, 2]; shape=[-1, 2])", .refused = "axis 0 is new"},
    {.call = "expand([1, 2]; shape=[3])", .refused = "size 2 does not expand to 3"},
    {.call = "expand([[1, 2]]; shape=[2])", .refused = "shape has only 1 axes"},
    {.call = "expand([[1, 2], [3, 4]]; shape=[3, 2])", .refused = "axis 0 of size 2 does not expand to 3"},
    {0}};

const wg_op wg_op_expand = {WG_LINE(expand), .kind = WG_VIEW, .takes = WG_EVERY, .shape = shape, .linear = 1,
                            .vjp = vjp, .view = view, .samples = samples};

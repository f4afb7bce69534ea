/* expand_like(x, like): x broadcast to the shape of like, whose value is not read. A view; the reverse is sum_to. */
#include "ops/shape/layout.h"

static bool shape(wg_call *c)
{
    char a[128], b[128];
    if (!wg__may_spread(c->in[0].shape, c->in[1].shape))
        return wg__refuse(c, "x is %s, which does not broadcast to like, %s", wg__show_type(a, c->in[0]), wg__show_type(b, c->in[1]));
    c->shape = *c->in[1].shape;
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
    {.call = "expand_like([[1, 2]], [[0, 0], [0, 0]])", .value = "[[1, 2], [1, 2]]", .grad = "[[2, 2]]; [[0, 0], [0, 0]]"},
    {.call = "expand_like([1, 2], i64[[0, 0], [0, 0], [0, 0]])", .value = "[[1, 2], [1, 2], [1, 2]]", .grad = "[3, 3]"},
    {.call = "expand_like(2.5, [0, 0])", .value = "[2.5, 2.5]", .grad = "2; [0, 0]"},
    {.call = "expand_like(2.5, 1.0)", .value = "2.5", .grad = "1; 0"},
    {.call = "expand_like([[1]], f64[0, 1]())", .value = "f64[0, 1]()", .grad = "[[0]]; f64[0, 1]()"},
    {.call = "expand_like(i64[7], [nan, 1])", .value = "i64[7, 7]"},
    {.call = "expand_like(~[3, 1], ~[2, 3, 4])"},
    {.call = "expand_like(~[4], ~[2, 4])"},
    {.call = "expand_like([1, 2], [1, 2, 3])", .refused = "does not broadcast to like"},
    {.call = "expand_like([[1, 2]], [1, 2])", .refused = "does not broadcast to like"},
    {.call = "expand_like([1, 2], [1])", .refused = "does not broadcast to like"},
    {0}};

const wg_op wg_op_expand_like = {WG_LINE(expand_like), .kind = WG_VIEW, .takes = WG_EVERY, .shape_only = 2, .shape = shape,
                                 .linear = 1, .vjp = vjp, .view = view, .samples = samples};

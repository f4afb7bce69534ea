/* checkpoint(x): x's value and derivative: a mark. What is computed between two marks, from one and for the other, is not kept for the
 * reverse sweep, which computes it again, from the first mark: less memory for more time, and the same bits. So mark x where a model
 * begins, and what each of its blocks gives. What lies before the first mark or behind the last one is kept, and so are outputs of the
 * plan. torch.utils.checkpoint does so for one function. Chen, Xu, Zhang and Guestrin 2016 (arXiv:1604.06174). A node of its own: a view, no
 * data move; the planner sees it. */
#include "tape/op.h"

static bool view(const wg_work *w, const wg_layout *x, wg_layout *y, int64_t *offset)
{
    (void)w;
    *y = *x;
    *offset = 0;
    return true;
}

static wg_tensor vjp(const wg_rule *r, wg_tensor g, int i)
{
    (void)r, (void)i;
    return g;
}

static wg_tensor jvp(const wg_rule *r, const wg_tensor *dx)
{
    (void)r;
    return dx[0];
}

/* values and gradients: by hand */
static const wg_sample samples[] = {
    {.call = "checkpoint([1, -2])", .value = "[1, -2]", .grad = "[1, 1]"},
    {.call = "checkpoint(2.5)", .value = "2.5", .grad = "1"},
    {.call = "checkpoint([[nan, inf], [-0.0, 0]])", .value = "[[nan, inf], [-0.0, 0]]", .grad = "[[1, 1], [1, 1]]", .kink = true},
    {.call = "checkpoint(~[3, 4])"},
    {.call = "checkpoint(~[37])"},
    {.call = "checkpoint(f64[0, 3]())", .value = "f64[0, 3]()", .grad = "f64[0, 3]()"},
    {.call = "checkpoint(i64[9007199254740993])", .value = "i64[9007199254740993]"},
    {.call = "checkpoint(bool[true, false])", .value = "bool[true, false]"},
    {.call = "checkpoint()", .refused = "checkpoint"},
    {.call = "checkpoint([1], [2])", .refused = "checkpoint"},
    {.call = "checkpoint([1]; axis=0)", .refused = "axis"},
    {0}};

const wg_op wg_op_checkpoint = {WG_LINE(checkpoint), .kind = WG_VIEW, .takes = WG_EVERY, .vjp = vjp, .jvp = jvp, .view = view,
                                .mark = true, .samples = samples};

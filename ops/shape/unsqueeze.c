/* unsqueeze(x; axes): new axes of size 1, at the places that axes names in the result. A view. */
#include "ops/shape/layout.h"

static bool shape(wg_call *c)
{
    const wg_unsqueeze_options *o = c->attrs;
    wg_shape x = c->shape;
    uint32_t mask;
    if (o->axes.n <= 0) return wg__refuse(c, "axes=[] names no axis");
    int rank = x.rank + o->axes.n, from = 0;
    if (rank > WG_MAX_RANK) return wg__refuse(c, "the result would have %d axes, more than %d", rank, WG_MAX_RANK);
    if (!wg__axes(c, &o->axes, rank, &mask)) return false;
    c->shape.rank = rank;
    for (int i = 0; i < rank; i++) c->shape.dim[i] = mask >> i & 1 ? 1 : x.dim[from++];
    return true;
}

static bool view(const wg_work *w, const wg_layout *x, wg_layout *y, int64_t *offset)
{
    *offset = 0;
    return wg__reshaped(x, w->out.shape, y);
}

static wg_tensor vjp(const wg_rule *r, wg_tensor g, int i) { return wg_reshape_like(g, r->in[i]); }

static const wg_sample samples[] = {
    {.call = "unsqueeze([1, 2]; axes=[0])", .value = "[[1, 2]]", .grad = "[1, 1]"},
    {.call = "unsqueeze([1, 2]; axes=[1])", .value = "[[1], [2]]"},
    {.call = "unsqueeze([1, 2]; axes=[-1, 0])", .value = "[[[1], [2]]]"},
    {.call = "unsqueeze(2.5; axes=[0, 1])", .value = "[[2.5]]", .grad = "1"},
    {.call = "unsqueeze(f64[0](); axes=[0])", .value = "f64[1, 0]()"},
    {.call = "unsqueeze(i64[1, 2]; axes=[1])", .value = "i64[[1], [2]]"},
    {.call = "unsqueeze(~[2, 3]; axes=[1])"},
    {.call = "unsqueeze(~[2, 3]; axes=[-2, 0])"},
    {.call = "unsqueeze([1]; axes=[2])", .refused = "axis 2 is out of range for rank 2"},
    {.call = "unsqueeze([1]; axes=[0, -3])", .refused = "axis 0 appears twice"},
    {.call = "unsqueeze([1]; axes=[])", .refused = "axes=[]"},
    {.call = "unsqueeze([[[1]]]; axes=[0, 1, 2, 3, 4, 5])", .refused = "more than 8"},
    {0}};

const wg_op wg_op_unsqueeze = {WG_LINE(unsqueeze), .kind = WG_VIEW, .takes = WG_EVERY, .shape = shape, .linear = 1,
                               .vjp = vjp, .view = view, .samples = samples};

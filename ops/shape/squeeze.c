/* squeeze(x; axes): without the axes (by default all) whose size is 1; one of another size stays, as in torch, and so
 * does one whose size is known only when run: the rank never depends on a run. A view. */
#include "ops/shape/layout.h"

static bool shape(wg_call *c)
{
    const wg_squeeze_options *o = c->attrs;
    uint32_t mask;
    if (!wg__axes(c, &o->axes, c->shape.rank, &mask)) return false;
    for (int i = 0; i < c->shape.rank; i++)
        if (c->shape.dim[i] != 1) mask &= ~(1u << i);
    wg__drop_axes(&c->shape, mask, false);
    return true;
}

/* A node names exactly the axes that go, so that a size which turns out to be 1 changes nothing. */
static wg_tensor define(const wg_rule *r)
{
    const wg_squeeze_options *o = r->attrs;
    const wg_shape x = wg_shape_get(r->in[0]);
    uint32_t mask = wg__axis_mask(&o->axes, x.rank);
    wg_ints gone = {.n = 0};
    for (int i = 0; i < x.rank; i++)
        if (mask >> i & 1 && x.dim[i] == 1) gone.v[gone.n++] = i - x.rank;
    if (gone.n == 0) return r->in[0];
    return gone.n == o->axes.n ? WG_NONE : wg_squeeze(r->in[0], .axes = gone);
}

static bool view(const wg_work *w, const wg_layout *x, wg_layout *y, int64_t *offset)
{
    *offset = 0;
    return wg__reshaped(x, w->out.shape, y);
}

static wg_tensor vjp(const wg_rule *r, wg_tensor g, int i) { return wg_reshape_like(g, r->in[i]); }

static const wg_sample samples[] = {
    {.call = "squeeze([[[1, 2]]])", .value = "[1, 2]", .grad = "[[[1, 1]]]"},
    {.call = "squeeze([[[1, 2]]]; axes=[0])", .value = "[[1, 2]]"},
    {.call = "squeeze([[[1], [2]]]; axes=[-1, 0])", .value = "[1, 2]"},
    {.call = "squeeze([[1], [2]]; axes=[0])", .value = "[[1], [2]]", .grad = "[[1], [1]]"},
    {.call = "squeeze([[1], [2]]; axes=[0, 1])", .value = "[1, 2]"},
    {.call = "squeeze([[2.5]])", .value = "2.5", .grad = "[[1]]"},
    {.call = "squeeze(2.5)", .value = "2.5"},
    {.call = "squeeze(2.5; axes=[0])", .value = "2.5"},
    {.call = "squeeze(f64[0, 1]())", .value = "f64[0]()"},
    {.call = "squeeze(i64[[1, 2]])", .value = "i64[1, 2]"},
    {.call = "squeeze(~[2, 1, 3, 1])"},
    {.call = "squeeze([[1]]; axes=[2])", .refused = "axis 2 is out of range for rank 2"},
    {.call = "squeeze([[1]]; axes=[0, -2])", .refused = "axis 0 appears twice"},
    {.call = "squeeze([[1]]; axes=[])", .refused = "axes=[]"},
    {0}};

const wg_op wg_op_squeeze = {WG_LINE(squeeze), .kind = WG_VIEW, .takes = WG_EVERY, .shape = shape, .define = define,
                             .define_when = true, .linear = 1, .vjp = vjp, .view = view, .samples = samples};

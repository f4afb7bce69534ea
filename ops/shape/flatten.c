/* flatten(x; start, end): the axes start to end, both included, as one axis, in row-major order: torch.flatten. A scalar becomes
 * [1]. A view where x's strides allow it. */
#include "ops/shape/layout.h"

static bool shape(wg_call *c)
{
    const wg_flatten_options *o = c->attrs;
    const wg_shape x = c->shape;
    int start, end;
    if (!wg__axis(c, o->start, x.rank, &start) || !wg__axis(c, o->end, x.rank, &end)) return false;
    if (start > end) return wg__refuse(c, "start is axis %d, which comes after end, axis %d", start, end);
    int gone = x.rank ? end - start : -1; /* a scalar gets an axis */
    int64_t size = 1;
    for (int i = start; i <= end && i < x.rank; i++) size = wg__times(c, size, x.dim[i]);
    c->shape.rank = x.rank - gone;
    c->shape.dim[start] = size;
    for (int i = start + 1; i < c->shape.rank; i++) c->shape.dim[i] = x.dim[i + gone];
    return true;
}

static bool view(const wg_work *w, const wg_layout *x, wg_layout *y, int64_t *offset)
{
    *offset = 0;
    return wg__reshaped(x, w->out.shape, y);
}

static wg_tensor vjp(const wg_rule *r, wg_tensor g, int i) { return wg_reshape_like(g, r->in[i]); }

static const wg_sample samples[] = {
    {.call = "flatten([[1, 2], [3, 4]])", .value = "[1, 2, 3, 4]", .grad = "[[1, 1], [1, 1]]"},
    {.call = "flatten([[[1, 2], [3, 4]], [[5, 6], [7, 8]]]; start=1)", .value = "[[1, 2, 3, 4], [5, 6, 7, 8]]"},
    {.call = "flatten([[[1, 2], [3, 4]], [[5, 6], [7, 8]]]; end=-2)", .value = "[[1, 2], [3, 4], [5, 6], [7, 8]]"},
    {.call = "flatten([[[[1], [2]], [[3], [4]]]]; start=-3, end=2)", .value = "[[[1], [2], [3], [4]]]"},
    {.call = "flatten([[1, 2], [3, 4]]; start=1, end=1)", .value = "[[1, 2], [3, 4]]"},
    {.call = "flatten(2.5)", .value = "[2.5]", .grad = "1"},
    {.call = "flatten(2.5; start=-1, end=0)", .value = "[2.5]"},
    {.call = "flatten([nan, inf])", .value = "[nan, inf]", .grad = "[1, 1]", .kink = true},
    {.call = "flatten(f64[0, 3]())", .value = "f64[0]()", .grad = "f64[0, 3]()"},
    {.call = "flatten(f64[2, 0, 3](); start=1)", .value = "f64[2, 0]()"},
    {.call = "flatten(f64[0, 2, 3](); start=1)", .value = "f64[0, 6]()"},
    {.call = "flatten(i64[[1, 2]])", .value = "i64[1, 2]"},
    {.call = "flatten(bool[[true], [false]])", .value = "bool[true, false]"},
    {.call = "flatten(~[2, 3, 4])"},
    {.call = "flatten(~[2, 3, 2, 2]; start=1, end=2)"},
    {.call = "flatten([[1, 2]]; start=1, end=0)", .refused = "start is axis 1, which comes after end, axis 0"},
    {.call = "flatten([[1, 2]]; start=2)", .refused = "axis 2 is out of range for rank 2"},
    {.call = "flatten([[1, 2]]; end=-3)", .refused = "axis -3 is out of range for rank 2"},
    {.call = "flatten(2.5; end=1)", .refused = "axis 1 is out of range for rank 0"},
    {0}};

const wg_op wg_op_flatten = {WG_LINE(flatten), .kind = WG_VIEW, .takes = WG_EVERY, .shape = shape, .linear = 1,
                             .vjp = vjp, .view = view, .samples = samples};

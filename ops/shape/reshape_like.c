/* reshape_like(x, like): x's elements, in row-major order, in the shape of like, whose value is not read. A view where
 * x's strides allow it. It is its own reverse. */
#include "ops/shape/layout.h"

static bool shape(wg_call *c)
{
    const wg_shape *x = c->in[0].shape, *like = c->in[1].shape;
    int64_t a = wg_shape_count(*x), b = wg_shape_count(*like);
    char from[128], to[128];
    if (a >= 0 && b >= 0 && a != b)
        return wg__refuse(c, "cannot reshape %s like %s: %lld elements against %lld", wg__show_type(from, c->in[0]),
                          wg__show_type(to, c->in[1]), (long long)a, (long long)b);
    c->shape = *like;
    return true;
}

static bool view(const wg_work *w, const wg_layout *x, wg_layout *y, int64_t *offset)
{
    *offset = 0;
    return wg__reshaped(x, w->out.shape, y);
}

static wg_tensor vjp(const wg_rule *r, wg_tensor g, int i) { return wg_reshape_like(g, r->in[i]); }

static const wg_sample samples[] = {
    {.call = "reshape_like([1, 2, 3, 4], [[0, 0], [0, 0]])", .value = "[[1, 2], [3, 4]]", .grad = "[1, 1, 1, 1]; [[0, 0], [0, 0]]"},
    {.call = "reshape_like([[1, 2], [3, 4]], i64[0, 0, 0, 0])", .value = "[1, 2, 3, 4]"},
    {.call = "reshape_like([[2.5]], 1.0)", .value = "2.5", .grad = "[[1]]; 0"},
    {.call = "reshape_like(2.5, [[1]])", .value = "[[2.5]]"},
    {.call = "reshape_like(f64[2, 0](), f64[0]())", .value = "f64[0]()"},
    {.call = "reshape_like(i64[1, 2], [[0], [0]])", .value = "i64[[1], [2]]"},
    {.call = "reshape_like(~[2, 6], ~[3, 4])"},
    {.call = "reshape_like(~[2, 3, 4], ~[6, 1, 4])"},
    {.call = "reshape_like([1, 2, 3, 4], [1, 2, 3])", .refused = "4 elements against 3"},
    {.call = "reshape_like([1], f64[0]())", .refused = "1 elements against 0"},
    {.call = "reshape_like(f64[0, 3](), 1.0)", .refused = "0 elements against 1"},
    {0}};

const wg_op wg_op_reshape_like = {WG_LINE(reshape_like), .kind = WG_VIEW, .takes = WG_EVERY, .shape_only = 2, .shape = shape,
                                  .linear = 1, .vjp = vjp, .view = view, .samples = samples};

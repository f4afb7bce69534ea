/* sum_to(x, like): x summed over the axes along which like (whose value is not read) would be broadcast to x: the
 * reverse of broadcasting, and broadcasting is its reverse. Accumulates as sum does. */
#include "ops/shape/layout.h"

static bool shape(wg_call *c)
{
    char a[128], b[128];
    if (!wg__may_spread(c->in[1].shape, c->in[0].shape))
        return wg__refuse(c, "x is %s, to whose shape like, %s, does not broadcast", wg__show_type(a, c->in[0]),
                          wg__show_type(b, c->in[1]));
    c->shape = *c->in[1].shape;
    return true;
}

static uint32_t axes(const wg_work *w)
{
    const wg_shape *x = w->in[0].shape, *like = w->in[1].shape;
    int gone = x->rank - like->rank;
    uint32_t mask = (1u << gone) - 1;
    for (int i = 0; i < like->rank; i++)
        if (like->dim[i] != x->dim[gone + i]) mask |= 1u << (gone + i);
    return mask;
}

static wg_tensor vjp(const wg_rule *r, wg_tensor g, int i) { return wg_expand_like(g, r->in[i]); }

static const wg_sample samples[] = {
    {.call = "sum_to([[1, 2], [3, 4]], [0, 0])", .value = "[4, 6]", .grad = "[[1, 1], [1, 1]]; [0, 0]"},
    {.call = "sum_to([[1, 2], [3, 4]], [[0], [0]])", .value = "[[3], [7]]"},
    {.call = "sum_to([[1, 2], [3, 4]], [[0]])", .value = "[[10]]"},
    {.call = "sum_to([[1, 2], [3, 4]], 0.0)", .value = "10", .grad = "[[1, 1], [1, 1]]; 0"},
    {.call = "sum_to([1, 2], [0, 0])", .value = "[1, 2]"},
    {.call = "sum_to(2.5, 1.0)", .value = "2.5"},
    {.call = "sum_to(f64[0, 2](), [[0, 0]])", .value = "[[0, 0]]"},
    {.call = "sum_to(i64[[1, 2], [3, 4]], [0, 0])", .value = "i64[4, 6]"},
    {.call = "sum_to(~[2, 3, 4], ~[3, 1])"},
    {.call = "sum_to(~[5, 1, 4], ~[1, 4])"},
    {.call = "sum_to([1, 2, 3], [1, 2])", .refused = "does not broadcast"},
    {.call = "sum_to([1, 2], [[1, 2]])", .refused = "does not broadcast"},
    {.call = "sum_to([[1]], [1, 2])", .refused = "does not broadcast"},
    {0}};

const wg_op wg_op_sum_to = {WG_LINE(sum_to), .kind = WG_REDUCE, .takes = WG_NUMBERS, .shape_only = 2, .shape = shape,
                            .axes = axes, .linear = 1, .vjp = vjp, .splits = true, .kernel_of = &wg_op_sum, .samples = samples};

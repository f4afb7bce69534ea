/* bilinear(a, b, weight, bias?): y[.., o] = sum over i, j of a[.., i] weight[o, i, j] b[.., j], plus bias[o], as F.bilinear: the axes
 * before the last of a and b are the same. By definition alone: einsum, which finds the cheapest order of the two products. */
#include "tape/op.h"

static bool fits(wg_call *c)
{
    const wg_shape *a = c->in[0].shape, *b = c->in[1].shape, *w = c->in[2].shape;
    bool same = a->rank == b->rank && a->rank > 0 && w->rank == 3;
    for (int i = 0; same && i + 1 < a->rank; i++) same = wg__same_size(c, &c->shape.dim[i], b->dim[i]);
    int64_t i = same ? a->dim[a->rank - 1] : 0, j = same ? b->dim[b->rank - 1] : 0;
    same = same && wg__same_size(c, &i, w->dim[1]) && wg__same_size(c, &j, w->dim[2]);
    if (!same || !c->in[3].dtype) return same;
    int64_t out = w->dim[0];
    return c->in[3].shape->rank == 1 && wg__same_size(c, &out, c->in[3].shape->dim[0]);
}

static bool shape(wg_call *c)
{
    char a[128], b[128], w[128], bias[128] = "none";
    if (c->in[3].dtype) wg__show_type(bias, c->in[3]);
    if (!fits(c))
        return wg__refuse(c, "a is %s, b is %s, weight is %s, bias is %s: [.., i], [.., j], [o, i, j] and [o] are wanted",
                          wg__show_type(a, c->in[0]), wg__show_type(b, c->in[1]), wg__show_type(w, c->in[2]), bias);
    c->shape.dim[c->shape.rank - 1] = c->in[2].shape->dim[0];
    return true;
}

static wg_tensor define(const wg_rule *r)
{
    wg_tensor y = wg_einsum(wg_tensors_of(r->in, 3), "...i,...j,oij->...o");
    return r->in[3].tape ? wg_add(y, r->in[3]) : y;
}

/* values from PyTorch in f64 */
static const wg_sample samples[] = {
    {.call = "bilinear([[1, 2]], [[3, 4, 5]], [[[1, 2, 3], [4, 5, 6]]])", .value = "[[150]]",
     .grad = "[[26, 62]]; [[9, 12, 15]]; [[[3, 4, 5], [6, 8, 10]]]"},
    {.call = "bilinear([[1, 2], [0, -1]], [[3], [2]], [[[1], [2]], [[3], [4]]], [0.5, -1])", .value = "[[15.5, 32], [-3.5, -9]]",
     .grad = "[[12, 18], [8, 12]]; [[16], [-6]]; [[[3], [4]], [[3], [4]]]; [2, 2]"},
    {.call = "bilinear([1, 2], [3, 4], [[[1, 0], [0, 1]], [[0, 1], [1, 0]]])", .value = "[11, 10]",
     .grad = "[7, 7]; [3, 3]; [[[3, 4], [6, 8]], [[3, 4], [6, 8]]]"},
    {.call = "bilinear([[[1, 2]], [[3, 4]]], [[[1, 0]], [[2, -1]]], [[[1, 2], [3, 4]]], [7])", .value = "[[[14]], [[15]]]",
     .grad = "[[[1, 3]], [[0, 2]]]; [[[7, 10]], [[15, 22]]]; [[[7, -3], [10, -4]]]; [2]"},
    {.call = "bilinear(f64[0, 2](), f64[0, 3](), [[[1, 2, 3], [4, 5, 6]]])", .value = "f64[0, 1]()"},
    {.call = "bilinear(~[4, 3], ~[4, 5], ~[2, 3, 5], ~[2])"},
    {.call = "bilinear(~[2, 3, 2], ~[2, 3, 4], ~[3, 2, 4])"},
    {.call = "bilinear([[1, 2]], [[3]], [[[1]]])", .refused = "[.., i], [.., j], [o, i, j]"},
    {.call = "bilinear([[1, 2]], [3], [[[1], [1]]])", .refused = "a is f64[1,2], b is f64[1], weight is f64[1,2,1]"},
    {.call = "bilinear([[1]], [[1], [2]], [[[1]]])", .refused = "are wanted"},
    {.call = "bilinear([[1]], [[1]], [[1]])", .refused = "are wanted"},
    {.call = "bilinear([[1]], [[1]], [[[1]]], [1, 2])", .refused = "bias is f64[2]"},
    {.call = "bilinear(1.5, 2.5, [[[1]]])", .refused = "are wanted"},
    {0}};

const wg_op wg_op_bilinear = {WG_LINE(bilinear), .kind = WG_BLOCK, .shape = shape, .define = define, .samples = samples};

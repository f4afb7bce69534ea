/* embedding(weight, index; padding_idx): weight's rows at the places that index names, as F.embedding: [n, d] and an index of
 * any shape give that shape and d. Rows named more than once accumulate their gradients; those of row padding_idx (-1: none)
 * get 0. An index below 0 or past the last row fails the run. */
#include "tape/op.h"

static bool shape(wg_call *c)
{
    const wg_embedding_options *o = c->attrs;
    const wg_shape weight = c->shape, *index = c->in[1].shape;
    char a[128];
    if (weight.rank != 2) return wg__refuse(c, "weight is %s, which must be (rows, features)", wg__show_type(a, c->in[0]));
    if (o->padding_idx < -1 || (wg__settled(c, weight.dim[0]) && o->padding_idx >= weight.dim[0]))
        return wg__refuse(c, "padding_idx is %d, weight is %s: it must be one of the rows, or -1 for none", o->padding_idx,
                          wg__show_type(a, c->in[0]));
    if (index->rank == WG_MAX_RANK) return wg__refuse(c, "the result would have more than %d axes", WG_MAX_RANK);
    c->shape = *index;
    c->shape.dim[c->shape.rank++] = weight.dim[1];
    return true;
}

static wg_tensor define(const wg_rule *r)
{
    const wg_embedding_options *o = r->attrs;
    wg_tensor y = wg_take(r->in[0], r->in[1]);
    if (o->padding_idx < 0) return y;
    wg_tensor padding = wg_unsqueeze(wg_eq(r->in[1], wg_num(o->padding_idx)), WG_INTS(-1));
    return wg_where(padding, wg_stop_gradient(y), y);
}

static const wg_sample samples[] = {
    {.call = "embedding([[1, 2], [3, 4], [5, 6]], i64[2, 0, 2])", .value = "[[5, 6], [1, 2], [5, 6]]",
     .grad = "[[1, 1], [0, 0], [2, 2]]"},
    {.call = "embedding([[1, 2], [3, 4], [5, 6]], i64[[2, 0], [1, 1]])", .value = "[[[5, 6], [1, 2]], [[3, 4], [3, 4]]]",
     .grad = "[[1, 1], [2, 2], [1, 1]]"},
    {.call = "embedding([[1, 2], [3, 4], [5, 6]], i64 1)", .value = "[3, 4]", .grad = "[[0, 0], [1, 1], [0, 0]]"},
    {.call = "embedding([[1, 2], [3, 4]], i64[1, 0, 1]; padding_idx=0)", .value = "[[3, 4], [1, 2], [3, 4]]",
     .grad = "[[0, 0], [2, 2]]", .kink = true},
    {.call = "embedding([[1, 2], [3, 4], [nan, inf]], i64[[1, 2], [2, 0]]; padding_idx=2)",
     .value = "[[[3, 4], [nan, inf]], [[nan, inf], [1, 2]]]", .grad = "[[1, 1], [1, 1], [0, 0]]", .kink = true},
    {.call = "embedding([[1], [2]], i32[1, 0])", .value = "[[2], [1]]"},
    {.call = "embedding([[1], [2]], u8[1])", .value = "[[2]]"},
    {.call = "embedding([[1, 2]], i64[0]())", .value = "f64[0, 2]()", .grad = "[[0, 0]]"},
    {.call = "embedding([[1, 2]], i64[0](); padding_idx=0)", .value = "f64[0, 2]()", .grad = "[[0, 0]]"},
    {.call = "embedding(f64[2, 0](), i64[1])", .value = "f64[1, 0]()", .grad = "f64[2, 0]()"},
    {.call = "embedding(f64[0, 2](), i64[0]())", .value = "f64[0, 2]()", .grad = "f64[0, 2]()"},
    {.call = "embedding(~[4, 3], i64[[3, 0], [1, 1]])"},
    {.call = "embedding(~[4, 3], i64[0, 1, 1]; padding_idx=3)", .kink = true}, /* with other numbers the row that does not learn is among them */
    {.call = "embedding([[1], [2]], i64[0, 2])", .refused = "index[1] is 2, must be in 0..1"},
    {.call = "embedding([[1], [2]], i64[[-1]])", .refused = "index[0,0] is -1, must be in 0..1"},
    {.call = "embedding(f64[0, 2](), i64[0])", .refused = "but the axis is empty"},
    {.call = "embedding([1, 2], i64[0])", .refused = "weight is f64[2], which must be (rows, features)"},
    {.call = "embedding([[1], [2]], i64[0]; padding_idx=2)", .refused = "padding_idx is 2, weight is f64[2,1]"},
    {.call = "embedding([[1], [2]], i64[0]; padding_idx=-2)", .refused = "padding_idx is -2"},
    {.call = "embedding([[1], [2]], [0])", .refused = "index is f64[1], which must be i64"},
    {.call = "embedding(i64[[1], [2]], i64[0])", .refused = "must be f32 or f64"},
    {0}};

const wg_op wg_op_embedding = {WG_LINE(embedding), .kind = WG_BLOCK, .index = 2, .shape = shape, .define = define, .samples = samples};

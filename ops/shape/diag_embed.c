/* diag_embed(x; offset): square matrices with x's last axis on their diagonal, `offset` to the right of the main one (below, where
 * negative), and 0 elsewhere, as torch.diag_embed. By definition alone: it is the reverse of diagonal, so unview does it. */
#include "ops/shape/along.h"

static bool shape(wg_call *c)
{
    const wg_diag_embed_options *o = c->attrs;
    int64_t more = o->offset < 0 ? -(int64_t)o->offset : o->offset;
    if (c->shape.rank == 0) return wg__refuse(c, "x is a scalar: a diagonal is at least a vector");
    if (c->shape.rank == WG_MAX_RANK) return wg__refuse(c, "the result would have more than %d axes", WG_MAX_RANK);
    int64_t *n = &c->shape.dim[c->shape.rank - 1];
    if (more && !wg__known(*n)) *n = wg__fresh(c);
    else if (more && __builtin_add_overflow(*n, more, n)) return wg__refuse(c, "the result has more elements than memory can hold");
    n[1] = n[0];
    c->shape.rank++;
    return true;
}

static wg_tensor define(const wg_rule *r)
{
    const wg_diag_embed_options *o = r->attrs;
    int64_t more = o->offset < 0 ? -(int64_t)o->offset : o->offset;
    wg_tensor x = r->in[0], side = x;
    int last = wg_shape_get(x).rank - 1;
    if (more) {
        wg_tensor both[2] = {x, wg_expand_like(wg__number_of(r, 0, wg_dtype_get(x)), wg__sized(x, last, more))};
        side = wg_concat(wg_tensors_of(both, 2), .axis = last);
    }
    /* nothing computes side and square: unview takes a shape only */
    wg_tensor square = wg_mul(wg_unsqueeze(side, WG_INTS(-1)), wg_unsqueeze(side, WG_INTS(-2)));
    wg_diagonal_options view = {.offset = o->offset, .axis1 = -2, .axis2 = -1};
    return wg_unview_create(&(wg_unview_options){.x = x, .like = square, .view = {&wg_op_diagonal, &view}});
}

/* values from PyTorch in f64 */
static const wg_sample samples[] = {
    {.call = "diag_embed([1, 2, 3])", .value = "[[1, 0, 0], [0, 2, 0], [0, 0, 3]]", .grad = "[1, 1, 1]"},
    {.call = "diag_embed([1, 2]; offset=1)", .value = "[[0, 1, 0], [0, 0, 2], [0, 0, 0]]", .grad = "[1, 1]"},
    {.call = "diag_embed([1, 2]; offset=-1)", .value = "[[0, 0, 0], [1, 0, 0], [0, 2, 0]]", .grad = "[1, 1]"},
    {.call = "diag_embed([1, 2]; offset=2)", .value = "[[0, 0, 1, 0], [0, 0, 0, 2], [0, 0, 0, 0], [0, 0, 0, 0]]", .grad = "[1, 1]"},
    {.call = "diag_embed([[1, 2], [3, 4]])", .value = "[[[1, 0], [0, 2]], [[3, 0], [0, 4]]]", .grad = "[[1, 1], [1, 1]]"},
    {.call = "diag_embed([[1, 2], [3, 4]]; offset=-1)", .value = "[[[0, 0, 0], [1, 0, 0], [0, 2, 0]], [[0, 0, 0], [3, 0, 0], [0, 4, 0]]]",
     .grad = "[[1, 1], [1, 1]]"},
    {.call = "diag_embed([7])", .value = "[[7]]", .grad = "[1]"},
    {.call = "diag_embed([[[1]], [[2]]])", .value = "[[[[1]]], [[[2]]]]", .grad = "[[[1]], [[1]]]"},
    {.call = "diag_embed([nan, inf])", .value = "[[nan, 0], [0, inf]]", .grad = "[1, 1]", .kink = true},
    {.call = "diag_embed(f64[0]())", .value = "f64[0, 0]()", .grad = "f64[0]()"},
    {.call = "diag_embed(f64[0](); offset=1)", .value = "[[0]]", .grad = "f64[0]()"},
    {.call = "diag_embed(f64[0, 2]())", .value = "f64[0, 2, 2]()", .grad = "f64[0, 2]()"},
    {.call = "diag_embed(f64[2, 0](); offset=-1)", .value = "[[[0]], [[0]]]", .grad = "f64[2, 0]()"},
    {.call = "diag_embed(i64[1, 2])", .value = "i64[[1, 0], [0, 2]]"},
    {.call = "diag_embed(~[2, 3, 4])"},
    {.call = "diag_embed(~[5, 9]; offset=-3)"},
    {.call = "diag_embed(~[40]; offset=2)"},
    {.call = "diag_embed(2.5)", .refused = "x is a scalar"},
    {.call = "diag_embed(~[1, 1, 1, 1, 1, 1, 1, 1])", .refused = "more than 8 axes"},
    {.call = "diag_embed([1]; offset=0.5)", .refused = "integer"},
    {.call = "diag_embed(bool[true])", .refused = "must be f32, f64 or i64"},
    {.call = "diag_embed()", .refused = "x is missing"},
    {.call = "diag_embed(~[1, 1, 1, 1, 1]; offset=2147483647)", .refused = "more elements than memory can hold"},
    {0}};

const wg_op wg_op_diag_embed = {WG_LINE(diag_embed), .kind = WG_BLOCK, .takes = WG_NUMBERS, .shape = shape, .define = define,
                                .samples = samples};

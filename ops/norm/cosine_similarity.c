/* cosine_similarity(a, b; axis, eps) = sum a b / (max(|a|, eps) max(|b|, eps)) along axis, after broadcasting: F.cosine_similarity. Each
 * is divided by its length before they are multiplied, so that nothing overflows. A vector shorter than eps is divided by eps: 0 gives 0,
 * with a derivative of 1 / eps. By definition alone: normalize, twice, and a sum. */
#include "tape/op.h"

static bool shape(wg_call *c)
{
    const wg_cosine_similarity_options *o = c->attrs;
    int axis;
    if (!wg__broadcast(c, &c->shape, c->in[1].shape) || !wg__axis(c, o->axis, c->shape.rank, &axis)) return false;
    wg__drop_axes(&c->shape, 1u << axis, false);
    return true;
}

/* x as it broadcasts; `both` is read for its shape only. Two sizes that are known only when run may differ then. */
static wg_tensor spread(wg_tensor x, wg_tensor both)
{
    wg_shape s = wg_shape_get(x);
    bool same = wg_shape_equal(s, wg_shape_get(both));
    for (int i = 0; i < s.rank; i++) same = same && s.dim[i] != WG_ANY;
    return same ? x : wg_expand_like(x, both);
}

static wg_tensor define(const wg_rule *r)
{
    const wg_cosine_similarity_options *o = r->attrs;
    wg_tensor both = wg_add(r->in[0], r->in[1]);
    wg_tensor a = wg_normalize(spread(r->in[0], both), .axis = o->axis, .eps = o->eps);
    wg_tensor b = wg_normalize(spread(r->in[1], both), .axis = o->axis, .eps = o->eps);
    return wg_sum(wg_mul(a, b), .axes = WG_INTS(o->axis));
}

/* values and gradients: PyTorch 1.13.1 in f64 */
static const wg_sample samples[] = {
    {.call = "cosine_similarity([[1, 2], [0, -1], [3, 0.5]], [[1.25, 1.5], [0.5, -1.25], [0.25, 2]])",
     .value = "[0.973417168333576, 0.9284766908852594, 0.285476586600165]",
     .grad = "[[0.0916157334902189, -0.045807866745109505], [0.3713906763541037, 0], [-0.05180463154520369, 0.3108277892712221]]; "
     "[[-0.0901138362198875, 0.0750948635165728], [-0.2561315009338647, -0.10245260037354564], [0.4718206442270859, "
     "-0.058977580528385753]]"},
    {.call = "cosine_similarity([1, 2, -3], [2, 0.5, -1]; axis=0)", .value = "0.6998542122237652",
     .grad = "[0.18329515082050993, -0.04165798882284318, 0.03332639105827455]; [-0.14996875976223545, 0.16663195529137265, "
     "-0.21662154187878443]"},
    {.call = "cosine_similarity([[1, 2], [3, -1]], [2, 1]; axis=-1)", .value = "[0.7999999999999999, 0.7071067811865475]",
     .grad = "[[0.24, -0.11999999999999997], [0.07071067811865478, 0.21213203435596423]]; [0.021421356237309536, -0.042842712474619016]"},
    {.call = "cosine_similarity([2, 1], [[1, 2], [3, -1]]; axis=0)", .value = "[0.8944271909999157, 0.3162277660168379]",
     .kink = true}, /* the gradient in a is nothing but rounding */
    {.call = "cosine_similarity([[[1], [2]]], [[[1, 2, 3], [0.5, -1, 4]]])", .value = "[[0.7999999999999999, 0, 0.9838699100999074]]",
     .grad = "[[[0.7115541752799932], [-0.35577708763999655]]]; [[[-0.23999999999999994, 0.19999999999999998, -0.028621670111997302], "
     "[0.48, 0.39999999999999997, 0.02146625258399798]]]"},
    {.call = "cosine_similarity([0, 0], [3, 4]; axis=0)", .value = "0", .grad = "[60000000, 80000000]; [0, 0]", .kink = true},
    {.call = "cosine_similarity([1e+200, 0], [1e+200, 1e+200]; axis=0)", .value = "0", .kink = true},
    {.call = "cosine_similarity([[nan, 1], [inf, 1]], [[1, 1], [1, 1]])", .value = "[nan, nan]", .kink = true},
    {.call = "cosine_similarity(f64[0, 3](), f64[0, 3]())", .value = "f64[0]()", .grad = "f64[0, 3](); f64[0, 3]()"},
    {.call = "cosine_similarity(f64[2, 0](), f64[2, 0]())", .value = "[0, 0]", .grad = "f64[2, 0](); f64[2, 0]()"},
    {.call = "cosine_similarity(~[3, 5], ~[3, 5])"},
    {.call = "cosine_similarity(~[2, 3, 4], ~[3, 4]; axis=-1)"},
    {.call = "cosine_similarity(~[4, 33], ~[33]; eps=0.5)"},
    {.call = "cosine_similarity([1, 2], [1, 2])", .refused = "axis 1 is out of range for rank 1"},
    {.call = "cosine_similarity([[1, 2]], [[1, 2, 3]])", .refused = "do not broadcast"},
    {.call = "cosine_similarity([[1, 2]], [[1, 2]]; axis=2)", .refused = "axis 2 is out of range for rank 2"},
    {.call = "cosine_similarity([[1, 2]], f32[[1, 2]])", .refused = "cast one to the other's dtype"},
    {.call = "cosine_similarity([[1, 2]])", .refused = "b is missing"},
    {.call = "cosine_similarity(i64[[1, 2]], i64[[1, 2]])", .refused = "must be f32 or f64"},
    {0}};

const wg_op wg_op_cosine_similarity = {WG_LINE(cosine_similarity), .kind = WG_BLOCK, .shape = shape, .define = define,
                                       .samples = samples};

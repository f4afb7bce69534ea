/* pixel_shuffle(x; factor): x, (..., channels r^2, height, width), as (..., channels, height r, width r), r the factor: channel c r^2 + i r
 * + j of x becomes row i and column j of every square of channel c: F.pixel_shuffle. Shi et al. 2016 (arXiv:1609.05158). Linear. By
 * definition alone: views, and one copy where the result is needed packed. */
#include "tape/op.h"

static bool shape(wg_call *c)
{
    const wg_pixel_shuffle_options *o = c->attrs;
    char a[128];
    int rank = c->shape.rank;
    if (rank < 3 || rank > WG_MAX_RANK - 2)
        return wg__refuse(c, "x is %s, must have 3 to %d axes: channels, height and width last", wg__show_type(a, c->in[0]),
                          WG_MAX_RANK - 2);
    if (o->factor < 1) return wg__refuse(c, "factor is %d, must be at least 1", o->factor);
    int64_t *channels = &c->shape.dim[rank - 3], each = (int64_t)o->factor * o->factor;
    if (!wg__known(*channels)) return wg__refuse(c, "x is %s: how many channels it has must be known", wg__show_type(a, c->in[0]));
    if (*channels % each)
        return wg__refuse(c, "x is %s: its %lld channels are not a multiple of %lld", wg__show_type(a, c->in[0]), (long long)*channels,
                          (long long)each);
    *channels /= each;
    for (int i = rank - 2; i < rank; i++) c->shape.dim[i] = wg__times(c, c->shape.dim[i], o->factor);
    return true;
}

/* (..., c, r, r, H, W), then (..., c, H, r, W, r); the split is one of axes of size 1, so that sizes not known stay as they are. */
static wg_tensor define(const wg_rule *r)
{
    const wg_pixel_shuffle_options *o = r->attrs;
    int lead = wg_shape_get(r->in[0]).rank - 3;
    wg_shape split = {.rank = lead + 5};
    wg_ints order = {.n = lead + 5};
    for (int i = 0; i < split.rank; i++) split.dim[i] = WG_ANY, order.v[i] = i;
    split.dim[lead] = wg_dim(r->in[0], -3) / ((int64_t)o->factor * o->factor);
    split.dim[lead + 1] = split.dim[lead + 2] = o->factor;
    const int back[5] = {0, 3, 1, 4, 2};
    for (int i = 0; i < 5; i++) order.v[lead + i] = lead + back[i];
    wg_tensor x = wg_transpose(wg_reshape(wg_unsqueeze(r->in[0], WG_INTS(lead, lead + 1)), split), .axes = order);
    return wg_flatten(wg_flatten(x, .start = -4, .end = -3), .start = -2);
}

/* values and gradients: PyTorch 1.13.1 in f64 */
static const wg_sample samples[] = {
    {.call = "pixel_shuffle([[[[0.5, 1.25]], [[-1.25, -1]], [[-2, 1]], [[-1.5, -0.75]]]]; factor=2)",
     .value = "[[[[0.5, -1.25, 1.25, -1], [-2, -1.5, 1, -0.75]]]]", .grad = "[[[[1, 1]], [[1, 1]], [[1, 1]], [[1, 1]]]]"},
    {.call = "pixel_shuffle([[[-1.75]], [[0.75]], [[1.5]], [[1]], [[-1.75]], [[1.25]], [[-1.75]], [[0.75]]]; factor=2)",
     .value = "[[[-1.75, 0.75], [1.5, 1]], [[-1.75, 1.25], [-1.75, 0.75]]]",
     .grad = "[[[1]], [[1]], [[1]], [[1]], [[1]], [[1]], [[1]], [[1]]]"},
    {.call = "pixel_shuffle([[[[1.75, 0.5]]]]; factor=1)", .value = "[[[[1.75, 0.5]]]]", .grad = "[[[[1, 1]]]]"},
    {.call = "pixel_shuffle(i64[[[1, 2]], [[3, 4]], [[5, 6]], [[7, 8]]]; factor=2)", .value = "i64[[[1, 3, 2, 4], [5, 7, 6, 8]]]"},
    {.call = "pixel_shuffle(bool[[[true]], [[false]], [[false]], [[true]]]; factor=2)", .value = "bool[[[true, false], [false, true]]]"},
    {.call = "pixel_shuffle([[[1]], [[nan]], [[inf]], [[2]]]; factor=2)", .value = "[[[1, nan], [inf, 2]]]", .kink = true},
    {.call = "pixel_shuffle(~[2, 8, 3, 2]; factor=2)"},
    {.call = "pixel_shuffle(~[2, 2, 9, 2, 1]; factor=3)"},
    {.call = "pixel_shuffle(~[1, 2, 1, 4, 1, 2]; factor=2)"},
    {.call = "pixel_shuffle(f64[0, 4, 2, 3](); factor=2)", .value = "f64[0, 1, 4, 6]()", .grad = "f64[0, 4, 2, 3]()"},
    {.call = "pixel_shuffle(f64[2, 0, 2, 3](); factor=2)", .value = "f64[2, 0, 4, 6]()", .grad = "f64[2, 0, 2, 3]()"},
    {.call = "pixel_shuffle(~[4, 2]; factor=2)", .refused = "x is f64[4,2], must have 3 to 6 axes"},
    {.call = "pixel_shuffle(~[1, 1, 1, 1, 4, 1, 1]; factor=2)", .refused = "must have 3 to 6 axes"},
    {.call = "pixel_shuffle(~[1, 6, 2, 2]; factor=2)", .refused = "its 6 channels are not a multiple of 4"},
    {.call = "pixel_shuffle(~[1, 4, 2, 2]; factor=0)", .refused = "factor is 0, must be at least 1"},
    {.call = "pixel_shuffle(~[1, 4, 2, 2]; factor=-2)", .refused = "factor is -2, must be at least 1"},
    {.call = "pixel_shuffle(~[1, 4, 2, 2])", .refused = "factor is missing"},
    {0}};

const wg_op wg_op_pixel_shuffle = {WG_LINE(pixel_shuffle), .kind = WG_BLOCK, .takes = WG_EVERY, .shape = shape, .define = define,
                                   .samples = samples};

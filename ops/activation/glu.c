/* glu(x; axis) = a sigmoid(b), a the first half of x along axis and b the second. Dauphin, Fan, Auli and Grangier 2017
 * (arXiv:1612.08083). An axis of odd size is refused. By definition alone: the halves are views, and its two steps run as one
 * chain. */
#include "tape/op.h"

static bool shape(wg_call *c)
{
    const wg_glu_options *o = c->attrs;
    int axis;
    if (c->shape.rank == 0) return wg__refuse(c, "x is a scalar, which has no halves");
    if (!wg__axis(c, o->axis, c->shape.rank, &axis)) return false;
    int64_t *n = &c->shape.dim[axis];
    if (wg__settled(c, *n) && *n % 2) return wg__refuse(c, "axis %d has %lld items, which have no halves", axis, (long long)*n);
    *n = wg__known(*n) ? *n / 2 : wg__fresh(c);
    return true;
}

/* Every second item: as long as a half. Of an odd axis, known only when run, the two parts would be too long: refused then. */
static wg_tensor define(const wg_rule *r)
{
    const wg_glu_options *o = r->attrs;
    wg_tensor x = r->in[0], half = wg_slice(x, .axis = o->axis, .step = 2);
    wg_tensor a = wg_part_create(&(wg_part_options){.x = x, .like = half, .after = half, .axis = o->axis});
    wg_tensor b = wg_part_create(&(wg_part_options){.x = x, .before = half, .like = half, .axis = o->axis});
    return wg_mul(a, wg_sigmoid(b));
}

/* values and gradients: PyTorch 1.13.1 in f64 */
static const wg_sample samples[] = {
    {.call = "glu([[-1.5, 0.25], [5, -0.75]])", .value = "[[-0.843264751328697], [1.6041065041230351]]",
     .grad = "[[0.5621765008857981, -0.3692011241063975], [0.320821300824607, 1.0894749688090701]]"},
    {.call = "glu([[-1.5, 0.25], [5, -0.75]]; axis=0)", .value = "[[-1.489960723613573, 0.08020532520615176]]",
     .grad = "[[0.9933071490757153, 0.320821300824607], [-0.00997208500618505, 0.05447374844045351]]"},
    {.call = "glu([1, 2, 3, -4])", .value = "[0.9525741268224334, 0.03597241992418312]",
     .grad = "[0.9525741268224334, 0.01798620996209156, 0.045176659730912, 0.035325412426582235]"},
    {.call = "glu([[[1, 2], [3, 4], [5, 6], [-7, 8]]]; axis=1)",
     .value = "[[[0.9933071490757153, 1.9950547536867307], [0.0027331535832019363, 3.9986585994781345]]]",
     .grad = "[[[0.9933071490757153, 0.9975273768433653], [0.0009110511944006454, 0.9996646498695336], [0.006648056670790033, "
             "0.004933018582719862], [0.0027306635403654797, 0.0013409506830254726]]]"},
    {.call = "glu([[[1, 2], [3, 4]]]; axis=-2)", .value = "[[[0.9525741268224334, 1.964027580075817]]]",
     .grad = "[[[0.9525741268224334, 0.9820137900379085], [0.045176659730912, 0.035325412426582214]]]"},
    {.call = "glu([1, -1, 1000, -1000])", .value = "[1, -0.0]", .grad = "[1, 0, 0, 0]", .kink = true},
    {.call = "glu([nan, 1, inf, 0, nan, -inf])", .value = "[nan, nan, nan]", .grad = "[0.5, nan, 0, nan, nan, nan]", .kink = true},
    {.call = "glu([inf, 1, -inf, inf])", .value = "[nan, 1]", .grad = "[0, 1, nan, 0]", .kink = true},
    {.call = "glu(~[4, 6])"},
    {.call = "glu(~[3, 4, 2]; axis=1)"},
    {.call = "glu(~[38])"},
    {.call = "glu(f64[0, 4]())", .value = "f64[0, 2]()", .grad = "f64[0, 4]()"},
    {.call = "glu(f64[2, 0]())", .value = "f64[2, 0]()", .grad = "f64[2, 0]()"},
    {.call = "glu(f64[4, 0](); axis=0)", .value = "f64[2, 0]()", .grad = "f64[4, 0]()"},
    {.call = "glu([1, 2, 3])", .refused = "axis 0 has 3 items, which have no halves"},
    {.call = "glu([[1], [2]]; axis=1)", .refused = "axis 1 has 1 items"},
    {.call = "glu([1, 2]; axis=1)", .refused = "axis 1 is out of range for rank 1"},
    {.call = "glu(1.5)", .refused = "x is a scalar, which has no halves"},
    {.call = "glu(i64[1, 2])", .refused = "must be f32 or f64"},
    {.call = "glu(bool[true])", .refused = "must be f32 or f64"},
    {.call = "glu(u8[1])", .refused = "must be f32 or f64"},
    {.call = "glu()", .refused = "glu"},
    {.call = "glu([1], [2])", .refused = "glu"},
    {0}};

const wg_op wg_op_glu = {WG_LINE(glu), .kind = WG_BLOCK, .shape = shape, .define = define, .samples = samples};

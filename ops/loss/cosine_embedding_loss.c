/* cosine_embedding_loss(a, b, target; margin, reduction): with s the cosine of the angle between a and b along the last axis, 1
 * - s where target is 1, max(0, s - margin) where it is -1, 0 elsewhere, then the mean over the pairs, the sum or neither:
 * F.cosine_embedding_loss. Each squared norm gets 1e-12 added, as torch has it (in single precision), so that s and its
 * derivatives are finite where a vector is 0. Where the second just gets to 0 it still has its slope, as torch's clamp. target
 * is in a's dtype or integers. It selects: what is not chosen leaks no NaN. A loss near 0 has the digits of 1 - s. */
#include "ops/loss/distance.h"

static bool shape(wg_call *c)
{
    const wg_cosine_embedding_loss_options *o = c->attrs;
    if (isnan(o->margin)) return wg__refuse(c, "margin is nan");
    if (!wg__same_as(c, 1) || !wg__labels_fit(c, 2) || !wg__vector_rows(c) || !wg__row_each(c, 2, "label a pair")) return false;
    return wg__reduced_shape(c, o->reduction);
}

static wg_tensor length(wg_tensor a)
{
    return wg_sqrt(wg_add(wg_sum(wg_square(a), .axes = WG_INTS(-1)), wg_num(1e-12)));
}

static wg_tensor define(const wg_rule *r)
{
    const wg_cosine_embedding_loss_options *o = r->attrs;
    wg_tensor a = r->in[0], b = r->in[1], target = wg__labels(r->in[2], a);
    wg_tensor s = wg_div(wg_sum(wg_mul(a, b), .axes = WG_INTS(-1)), wg_mul(length(a), length(b)));
    wg_tensor apart = wg_clamp(wg_sub(s, wg_num(o->margin)), .min = 0);
    wg_tensor other = wg_where(wg_eq(target, wg_num(-1)), apart, wg_num(0));
    return wg__reduce_loss(wg_where(wg_eq(target, wg_num(1)), wg_sub(wg_num(1), s), other), o->reduction);
}

/* values and gradients: PyTorch 1.13.1 in f64 */
static const wg_sample samples[] = {
    {.call = "cosine_embedding_loss([[1, 2], [0, -1], [3, 0.5]], [[1.25, 1.5], [0.5, -1.25], [0.25, 2]], [1, -1, -1])",
     .value = "0.41351203638376743",
     .grad = "[[-0.030538577830078892, 0.015269288915006979], [0.12379689211793851, -3.094746681142624e-13], [-0.017268210515061506, "
             "0.10360926309038956]]; [[0.030037945406594282, -0.02503162117221866], [-0.08537716697784153, -0.03415086679127319], "
             "[0.15727354807566887, -0.019659193509446907]]; [0, 0, 0]"},
    {.call = "cosine_embedding_loss([[1, 2], [0, -1], [3, 0.5]], [[1.25, 1.5], [0.5, -1.25], [0.25, 2]], i64[1, -1, 1]; "
             "reduction=\"sum\")", .value = "1.6695829359510737",
     .grad = "[[-0.09161573349023672, 0.04580786674502091], [0.37139067635381556, -9.28590537796481e-13], [0.051804631545184526, "
             "-0.3108277892711687]]; [[0.0901138362197828, -0.07509486351665606], [-0.25613150093352455, -0.10245260037381976], "
             "[-0.4718206442270066, 0.058977580528340706]]"},
    {.call = "cosine_embedding_loss([[1, 2], [0, -1], [3, 0.5]], [[1.25, 1.5], [0.5, -1.25], [0.25, 2]], i32[-1, -1, -1]; margin=0.5, "
             "reduction=\"none\")", .value = "[0.4734171683333509, 0.4284766908845389, 0]",
     .grad = "[[0.09161573349023672, -0.04580786674502091], [0.37139067635381556, -9.28590537796481e-13], [0, 0]]; "
             "[[-0.0901138362197828, 0.07509486351665606], [-0.25613150093352455, -0.10245260037381976], [0, 0]]"},
    {.call = "cosine_embedding_loss([[1, 2], [0, -1]], [[1.25, 1.5], [0.5, -1.25]], [1, 0]; reduction=\"none\")",
     .value = "[0.026582831666649098, 0]",
     .grad = "[[-0.09161573349023672, 0.04580786674502091], [0, 0]]; [[0.0901138362197828, -0.07509486351665606], [0, 0]]; [0, 0]",
     .ulps = 64},
    {.call = "cosine_embedding_loss([1, 2], [1.25, 1.5], f64 1)", .value = "0.026582831666649098",
     .grad = "[-0.09161573349023672, 0.04580786674502091]; [0.0901138362197828, -0.07509486351665606]; 0", .ulps = 64},
    {.call = "cosine_embedding_loss([1, 2], [-1.25, 1.5], i64 -1; margin=-0.5)", .value = "0.900818834019615",
     .grad = "[-0.3664629339607749, 0.18323146698042753]; [0.36045534487943204, 0.30037945406626343]"},
    {.call = "cosine_embedding_loss([[0, 0], [1, 2]], [[1, 2], [0, 0]], [1, -1]; reduction=\"none\")", .value = "[1, 0]",
     .grad = "[[-447213.59549991327, -894427.1909998265], [0, 0]]; [[0, 0], [447213.59549991327, 894427.1909998265]]; [0, 0]",
     .kink = true},
    {.call = "cosine_embedding_loss([[1, 0]], [[0, 1]], [-1]; reduction=\"none\")", .value = "[0]",
     .grad = "[[0, 0.9999999999989999]]; [[0.9999999999989999, 0]]; [0]", .kink = true},
    {.call = "cosine_embedding_loss([[nan, 0], [1, nan]], [[1, 2], [1, 2]], [1, 0]; reduction=\"none\")", .value = "[nan, 0]",
     .grad = "[[nan, nan], [nan, nan]]; [[nan, nan], [nan, nan]]; [0, 0]", .kink = true},
    {.call = "cosine_embedding_loss(f64[0, 3](), f64[0, 3](), f64[0]())", .value = "nan", .grad = "f64[0, 3](); f64[0, 3](); f64[0]()",
     .kink = true},
    {.call = "cosine_embedding_loss(f64[0, 3](), f64[0, 3](), f64[0](); reduction=\"sum\")", .value = "0",
     .grad = "f64[0, 3](); f64[0, 3](); f64[0]()"},
    {.call = "cosine_embedding_loss(f64[2, 0](), f64[2, 0](), [1, -1]; reduction=\"none\")", .value = "[1, 0]",
     .grad = "f64[2, 0](); f64[2, 0](); [0, 0]", .kink = true},
    {.call = "cosine_embedding_loss(~[3, 4], ~[3, 4], i64[1, -1, 1])"},
    {.call = "cosine_embedding_loss(~[5, 7], ~[5, 7], i64[-1, -1, 1, -1, -1]; margin=-2, reduction=\"sum\")"},
    {.call = "cosine_embedding_loss([[1, 2]], [1, 2], [1])", .refused = "a is f64[1,2], b is f64[2]: their shapes differ"},
    {.call = "cosine_embedding_loss([[1, 2]], [[1, 2]], [1, 1])",
     .refused = "a is f64[1,2], target is f64[2]: one label a pair is wanted"},
    {.call = "cosine_embedding_loss([[1, 2]], [[1, 2]], [[1]])", .refused = "one label a pair is wanted"},
    {.call = "cosine_embedding_loss(1.5, 2.5, f64 1)", .refused = "a is a scalar, which has no vectors"},
    {.call = "cosine_embedding_loss([[1]], [[1]], bool[true])",
     .refused = "target is bool[1], which must be of the same dtype or integers"},
    {.call = "cosine_embedding_loss([[1]], [[1]], [1]; margin=nan)", .refused = "margin is nan"},
    {.call = "cosine_embedding_loss([[1]], [[1]], [1]; reduction=\"max\")", .refused = "reduction=\"max\" is not one of mean, sum, none"},
    {.call = "cosine_embedding_loss(i64[[1]], i64[[1]], i64[1])", .refused = "must be f32 or f64"},
    {0}};

const wg_op wg_op_cosine_embedding_loss = {WG_LINE(cosine_embedding_loss), .kind = WG_BLOCK, .any_dtype = 4, .shape = shape,
                                           .define = define, .samples = samples};

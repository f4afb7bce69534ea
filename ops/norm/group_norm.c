/* group_norm(x, weight?, bias?; groups, eps) = (x - mean) / sqrt(variance + eps) weight + bias, mean and variance (biased) of each item's
 * channels (axis 1) of one of `groups` equal groups, over all axes behind too; one weight and bias for each channel: F.group_norm. Wu and
 * He 2018 (arXiv:1803.08494). By definition alone: moments and shift_scale do the work. */
#include "ops/norm/channels.h"

static bool shape(wg_call *c)
{
    const wg_group_norm_options *o = c->attrs;
    if (!wg__channels_of(c, 2) || !wg__by_channel(c, 1) || !wg__by_channel(c, 2)) return false;
    int64_t channels = c->shape.dim[1];
    char a[128];
    if (!wg__known(channels)) return wg__refuse(c, "x is %s: how many channels it has must be known", wg__show_type(a, c->in[0]));
    if (o->groups < 1 || channels % o->groups)
        return wg__refuse(c, "%lld channels do not make %lld groups", (long long)channels, (long long)o->groups);
    return true;
}

/* Of items and channels, (items, groups, channels of a group, 1); axes of size 1 in the split leave sizes not known as they are. */
static wg_tensor split(wg_tensor t, int64_t groups, int64_t each)
{
    return wg_reshape(wg_unsqueeze(t, WG_INTS(1, 3)), WG_SHAPE(WG_ANY, groups, each, WG_ANY));
}

/* And back, of one number a group. */
static wg_tensor spread(wg_tensor t, wg_tensor like) { return wg_flatten(wg_squeeze(wg_expand_like(t, like), WG_INTS(-1)), .start = 1); }

/* A group's moments from those of its channels. */
static wg_tensor define(const wg_rule *r)
{
    const wg_group_norm_options *o = r->attrs;
    const wg_ints along = WG_INTS(-2);
    wg_tensor given = wg__with_channels(r), x = wg__with_places(given);
    wg_tensor m = wg_moments(x, .axes = wg__places(x)), n = wg_size(x, .axes = wg__places(x));
    int64_t each = wg_dim(x, 1) / o->groups;
    wg_tensor of = split(wg__moment(m, 0), o->groups, each), mean = wg_mean(of, .axes = along, .keepdim = true);
    wg_tensor apart = wg_add(wg_sub(of, mean), split(wg__moment(m, 1), o->groups, each));
    wg_tensor rest = wg_mean(apart, .axes = along, .keepdim = true);
    wg_tensor between = wg_sum(wg_square(wg_sub(apart, rest)), .axes = along, .keepdim = true);
    wg_tensor within = wg_sum(split(wg__moment(m, 2), o->groups, each), .axes = along, .keepdim = true);
    wg_tensor var = wg_div(wg_add(wg_div(within, n), between), wg_num((double)each));
    wg_tensor scale = wg_rsqrt(wg_add(var, wg_num(o->eps)));
    return wg__shaped_as(wg__normed(x, spread(mean, of), spread(rest, of), spread(scale, of), r->in[1], r->in[2]), given);
}

/* values and gradients: PyTorch 1.13.1 in f64; of constants by the formula */
static const wg_sample samples[] = {
    {.call = "group_norm([[[1, 2], [4, -3], [0.5, -1], [2, 2.5]], [[3, 0], [-2.5, 1], [0.25, 7], [1, -1]]], [1.5, -2, 0.5, 1], [0.25, "
     "1, -1, 0]; groups=2)",
     .value = "[[[0.2500000000000001, 0.838347952839378], [-1.3533918113575116, 4.137855748476682], [-1.1825736989725073, "
     "-1.7302947958900292], [0.730294795890029, 1.0954421938350434]], [[2.23825983492644, -0.03403711927520581], [3.9034905525909926, "
     "0.36880640161065403], [-1.2537317973057542, -0.15761043294489638], [-0.2638810691979843, -0.9134344703007149]]]",
     .grad = "[[[0.6864059449792742, 0.633605568904524], [-0.8448070732035249, -0.47520444068027334], [-0.12171612388873859, "
     "0.06085660136256732], [0.06085854880497005, 9.737212013916086e-07]], [[0.2182790047454036, 0.9787270424593247], "
     "[-0.1549083349359103, -1.0420977122688182], [-0.10544869301314796, -0.0006691757918232955], [0.06858182584268185, "
     "0.03753604296228935]]]; [1.5283804456604084, -1.5283804456604082, -0.6484214502263735, 0.6484214502263735]; [4, 4, 4, 4]"},
    {.call = "group_norm([[1, 2, 4], [-0.5, 3, 0.25]]; groups=1)",
     .value = "[[-1.0690415314502977, -0.26726038286257453, 1.3363019143128718], [-0.9415408390825057, 1.3846188810036846, "
     "-0.44307804192117917]]"},
    {.call = "group_norm([[[1, 2], [4, 3], [-0.5, 3]]], [1.5, -2, 0.5]; groups=3, eps=0.125)",
     .value = "[[[-1.224744871391589, 1.2247448713915894], [-1.6329931618554525, 1.632993161855452], [-0.4900980294098034, "
     "0.4900980294098034]]]",
     .grad = "[[[0, 0], [0, 0], [0, 0]]]; [0, 0, 0]"},
    {.call = "group_norm([[[1, 2], [4, 3]]], _, [1.5, -2]; groups=1)",
     .value = "[[[0.1583645800310729, 1.052788193343691], [-0.6583645800310736, -1.5527881933436916]]]"},
    {.call = "group_norm([[[2.7, 2.7], [2.7, 2.7], [-100000000, -100000000], [-100000000, -100000000]]], [1, 2, 3, 4], [0.5, 0.25, -1, "
     "3]; groups=2)",
     .value = "[[[0.5, 0.5], [0.25, 0.25], [-1, -1], [3, 3]]]", .kink = true},
    {.call = "group_norm([[[1, inf]], [[nan, 1]], [[1, 3]]]; groups=1)",
     .value = "[[[nan, nan]], [[nan, nan]], [[-0.9999950000374997, 0.9999950000374997]]]", .kink = true},
    {.call = "group_norm(f64[0, 4, 3](), [1, 2, 3, 4], [1, 2, 3, 4]; groups=2)", .value = "f64[0, 4, 3]()",
     .grad = "f64[0, 4, 3](); [0, 0, 0, 0]; [0, 0, 0, 0]"},
    {.call = "group_norm(f64[2, 4, 0](); groups=2)", .value = "f64[2, 4, 0]()", .grad = "f64[2, 4, 0]()"},
    {.call = "group_norm(f64[2, 0, 3](); groups=2)", .value = "f64[2, 0, 3]()", .grad = "f64[2, 0, 3]()"},
    {.call = "group_norm(~[3, 4, 5], ~[4], ~[4]; groups=2)"},
    {.call = "group_norm(~[2, 6, 3, 3], ~[6]; groups=3)"},
    {.call = "group_norm(~[2, 35]; groups=7)"},
    {.call = "group_norm([1, 2]; groups=1)", .refused = "x is f64[2]: it needs at least two axes"},
    {.call = "group_norm(~[2, 3]; groups=2)", .refused = "3 channels do not make 2 groups"},
    {.call = "group_norm(~[2, 3]; groups=0)", .refused = "3 channels do not make 0 groups"},
    {.call = "group_norm(~[2, 3]; groups=-3)", .refused = "3 channels do not make -3 groups"},
    {.call = "group_norm(~[2, 3])", .refused = "groups"},
    {.call = "group_norm(~[2, 4, 3], ~[3]; groups=2)", .refused = "x is f64[2,4,3], weight is f64[3]"},
    {.call = "group_norm(~[2, 4, 3], ~[4], ~[4, 1]; groups=2)", .refused = "bias is f64[4,1]"},
    {.call = "group_norm(i64[[1, 2]]; groups=1)", .refused = "must be f32 or f64"},
    {0}};

const wg_op wg_op_group_norm = {WG_LINE(group_norm), .kind = WG_BLOCK, .shape = shape, .define = define, .samples = samples};

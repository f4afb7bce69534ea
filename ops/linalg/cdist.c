/* cdist(a, b; p): y[.., i, j] is the p-norm of a[.., i, :] - b[.., j, :], as torch.cdist; axes in front broadcast; p is 0 or more, or
 * inf. Derivatives are those of norm: 0 where the two are equal, for p = inf split evenly among those that attain it (torch: all of
 * it to each). The differences are summed as they are, never by way of a product, which would lose the distance of near points. By
 * definition alone. */
#include "ops/linalg/matrix.h"

static bool shape(wg_call *c)
{
    const wg_cdist_options *o = c->attrs;
    const wg_shape *a = c->in[0].shape, *b = c->in[1].shape;
    char at[128], bt[128];
    if (!(o->p >= 0)) return wg__refuse(c, "p is %g, must be 0 or more", o->p);
    if (!wg__is_matrix(c, 0, false) || !wg__is_matrix(c, 1, false)) return false;
    int64_t size = a->dim[a->rank - 1];
    if (!wg__same_size(c, &size, b->dim[b->rank - 1]))
        return wg__refuse(c, "a is %s, b is %s: their vectors differ in size", wg__show_type(at, c->in[0]), wg__show_type(bt, c->in[1]));
    wg_shape y = *a, with = *b;
    y.rank -= 2;
    with.rank -= 2;
    if (!wg__broadcast(c, &y, &with)) return false;
    if (y.rank + 3 > WG_MAX_RANK) return wg__refuse(c, "all differences would have %d axes, more than %d", y.rank + 3, WG_MAX_RANK);
    y.dim[y.rank++] = a->dim[a->rank - 2];
    y.dim[y.rank++] = b->dim[b->rank - 2];
    c->shape = y;
    return true;
}

static wg_tensor define(const wg_rule *r)
{
    const wg_cdist_options *o = r->attrs;
    wg_tensor d = wg_sub(wg_unsqueeze(r->in[0], WG_INTS(-2)), wg_unsqueeze(r->in[1], WG_INTS(-3)));
    wg_ints none = {.n = wg_shape_get(d).rank}, one = none;
    one.v[one.n - 1] = 1;
    if (isinf(o->p) && wg_dim(r->in[0], -1) <= 0) d = wg_pad(d, none, one); /* if there may be no difference, which has no largest: one of 0 */
    return wg_norm(d, .p = o->p, .axes = WG_INTS(-1));
}

/* values from PyTorch in f64. Lengths differ: the tests repeat what is of the first one's shape, and the square of that is too large. */
static const wg_sample samples[] = {
    {.call = "cdist([[0, 0], [1, 2]], [[3, 4], [1, 1], [-1, 0.5]])",
     .value = "[[5, 1.4142135623730951, 1.118033988749895], [2.8284271247461903, 1, 2.5]]",
     .grad = "[[-0.4126795901866317, -1.9543203766865054], [0.09289321881345258, 0.8928932188134525]]; [[1.3071067811865476, "
             "1.5071067811865475], [0.7071067811865475, -0.29289321881345254], [-1.694427190999916, -0.15278640450004205]]"},
    {.call = "cdist([[0, 0], [1, 2]], [[3, 4], [1.5, 1], [-1, 0.5]]; p=1)", .value = "[[7, 2.5, 1.5], [4, 1.5, 3.5]]",
     .grad = "[[-1, -3], [-1, 1]]; [[2, 2], [2, 0], [-2, 0]]"},
    {.call = "cdist([[0, 0], [1, 2]], [[3, 4], [1.5, 1], [-1, 0.5]]; p=3)",
     .value = "[[4.497941445275415, 1.6355331550942949, 1.040041911525952], [2.5198420997897464, 1.040041911525952, "
             "2.2489707226377074]]",
     .grad = "[[-0.3615009895019934, -1.395803422040336], [-0.07023410221002924, 0.7393725259172786]]; [[1.074811876677972, "
             "1.4208073724683885], [1.0722517616891822, -0.5506455493983407], [-1.7153285466551318, -0.2137309269469907]]"},
    {.call = "cdist([[0, 0], [1, 2]], [[3, 4], [1.5, 1], [-1, 0.5]]; p=1.5)",
     .value = "[[5.584250376480029, 2.004094496344089, 1.2236304073857378], [3.1748021039363987, 1.2236304073857378, "
             "2.7921251882400147]]",
     .grad = "[[-0.6940833505201348, -2.1919633242411765], [-0.586589296601056, 0.8432693532979965]]; [[1.5266570018130747, "
             "1.640045763232376], [1.5043742860095137, -0.19762932432545377], [-1.7503586407013976, -0.0937224679637424]]"},
    {.call = "cdist([[0, 0], [1, 2]], [[3, 4], [1.5, 1], [-1, 0.5]]; p=0.5)",
     .value = "[[13.928203230275509, 4.949489742783178, 2.914213562373095], [8.000000000000002, 2.914213562373095, "
             "6.964101615137755]]",
     .grad = "[[-2.2640903381204303, -6.504983837549123], [-2.5481881585886574, 1.8618073195657994]]; [[4.1547005383792515, "
             "3.866025403784439], [4.230710143300821, 0.5176380902050415], [-3.5731321849709863, 0.25951302399384346]]"},
    {.call = "cdist([[0, 0], [1, 2]], [[3, 4.5], [1.5, 1.25], [-1, 0.5]]; p=inf)", .value = "[[4.5, 1.5, 1], [2.5, 0.75, 2]]",
     .grad = "[[0, -1], [1, 0]]; [[0, 2], [1, -1], [-2, 0]]"},
    {.call = "cdist([[0, 0], [1, 2]], [[3, 0], [1, 2], [0, 0]]; p=0)", .value = "[[1, 2, 0], [2, 0, 2]]",
     .grad = "[[0, 0], [0, 0]]; [[0, 0], [0, 0], [0, 0]]", .kink = true},
    {.call = "cdist([[0, 0], [1, 2]], [[0, 0], [1, 1], [4, 2]])",
     .value = "[[0, 1.4142135623730951, 4.47213595499958], [2.23606797749979, 1, 3]]",
     .grad = "[[-1.6015339721864632, -1.1543203766865053], [-0.5527864045000421, 1.8944271909999157]]; [[-0.4472135954999579, "
             "-0.8944271909999159], [0.7071067811865475, -0.29289321881345254], [1.8944271909999157, 0.4472135954999579]]", .kink = true},
    {.call = "cdist([[0, 0], [1, 2]], [[0, 0], [1, 1], [4, 2]]; p=1)", .value = "[[0, 2, 6], [3, 1, 3]]",
     .grad = "[[-2, -2], [0, 2]]; [[-1, -1], [1, 0], [2, 1]]", .kink = true},
    {.call = "cdist([[[1, 2]], [[3, 4]]], [[[0, 0]], [[1, 1]]])", .value = "[[[2.23606797749979]], [[3.605551275463989]]]",
     .grad = "[[[0.4472135954999579, 0.8944271909999159]], [[0.5547001962252291, 0.8320502943378437]]]; [[[-0.4472135954999579, "
             "-0.8944271909999159]], [[-0.5547001962252291, -0.8320502943378437]]]"},
    {.call = "cdist([[[1, 2]], [[3, 4]]], [[0, 0], [1, 1]])", .value = "[[[2.23606797749979, 1]], [[5, 3.605551275463989]]]",
     .grad = "[[[0.4472135954999579, 1.8944271909999157]], [[1.154700196225229, 1.6320502943378439]]]; [[-1.047213595499958, "
             "-1.694427190999916], [-0.5547001962252291, -1.8320502943378436]]"},
    {.call = "cdist(f64[2, 0](), f64[3, 0](); p=inf)", .value = "[[0, 0, 0], [0, 0, 0]]"},
    {.call = "cdist(f64[2, 0](), f64[3, 0](); p=1)", .value = "[[0, 0, 0], [0, 0, 0]]"},
    {.call = "cdist(f64[0, 2](), f64[3, 2]())", .value = "f64[0, 3]()"},
    {.call = "cdist(f64[2, 2](), f64[0, 2]())", .value = "f64[2, 0]()"},
    {.call = "cdist(~[3, 4], ~[5, 4])"},
    {.call = "cdist(~[2, 3, 4], ~[1, 5, 4]; p=4)"},
    {.call = "cdist([[1]], [[1]]; p=-1)", .refused = "p is -1, must be 0 or more"},
    {.call = "cdist([[1]], [[1]]; p=nan)", .refused = "p is nan"},
    {.call = "cdist([1], [[1]])", .refused = "a is f64[1], which is no matrix"},
    {.call = "cdist([[1]], [1])", .refused = "b is f64[1], which is no matrix"},
    {.call = "cdist([[1, 2]], [[1]])", .refused = "their vectors differ in size"},
    {.call = "cdist([[[1]], [[1]]], [[[1]], [[1]], [[1]]])", .refused = "do not broadcast"},
    {.call = "cdist(i64[[1]], i64[[1]])", .refused = "must be f32 or f64"},
    {0}};

const wg_op wg_op_cdist = {WG_LINE(cdist), .kind = WG_BLOCK, .shape = shape, .define = define, .samples = samples};

/* rope(x, position; base): rotary position embedding. The last axis of x, of even size d, is d/2 pairs (x[i], x[i + d/2]), as in GPT-NeoX;
 * pair i is turned by the angle position base^(-2i/d). Su et al. 2021 (arXiv:2104.09864). position is integers or reals, and broadcasts to
 * x without its last axis: one for each row. Angles are in f64, so that far positions keep their digits. Linear in x, whose gradient is
 * turned back. By definition alone: a table of cosines and sines, small beside x, and one chain. */
#include "tape/op.h"

static bool shape(wg_call *c)
{
    const wg_rope_options *o = c->attrs;
    char a[128], b[128];
    wg_shape rows = c->shape, both;
    if (rows.rank == 0) return wg__refuse(c, "x is a scalar, which has no pairs");
    int64_t d = rows.dim[--rows.rank];
    if (!wg__known(d) || d % 2) return wg__refuse(c, "x is %s: its last axis must be known, and even", wg__show_type(a, c->in[0]));
    if (c->in[1].dtype == WG_BOOL) return wg__refuse(c, "position is %s, must be numbers", wg__show_type(b, c->in[1]));
    if (!(o->base > 0)) return wg__refuse(c, "base is %g, must be more than 0", o->base);
    both = rows;
    bool fits = wg__broadcast(c, &both, c->in[1].shape) && both.rank == rows.rank;
    for (int i = 0; fits && i < rows.rank; i++) fits = both.dim[i] == rows.dim[i] || !wg__known(rows.dim[i]);
    return fits || wg__refuse(c, "x is %s, position is %s: it must be known to have one for each row of x", wg__show_type(a, c->in[0]),
                              wg__show_type(b, c->in[1]));
}

static wg_tensor define(const wg_rule *r)
{
    const wg_rope_options *o = r->attrs;
    wg_tensor x = r->in[0], place = wg_unsqueeze(wg_cast(r->in[1], WG_F64), WG_INTS(-1));
    double d = (double)wg_dim(x, -1), half = d / 2;
    wg_tensor speed = wg_pow(wg_num(o->base), wg_mul(wg_arange(r->tape, half, .dtype = WG_F64), wg_num(-2 / d)));
    wg_tensor angle = wg_mul(place, speed), cos = wg_cast(wg_cos(angle), wg_dtype_get(x)), sin = wg_cast(wg_sin(angle), wg_dtype_get(x));
    wg_tensor a = wg_slice(x, -1, 0, (int64_t)half), b = wg_slice(x, -1, (int64_t)half);
    wg_tensor turned[2] = {wg_sub(wg_mul(a, cos), wg_mul(b, sin)), wg_add(wg_mul(b, cos), wg_mul(a, sin))};
    return wg_concat(wg_tensors_of(turned, 2), .axis = -1);
}

/* values and gradients: the formula in PyTorch 1.13.1, f64, as Hugging Face has it for GPT-NeoX */
static const wg_sample samples[] = {
    {.call = "rope([[1, 2, 3, 4], [0.5, -1, 2, -3], [1, 0, 0, 1]], i64[0, 1, 7])",
     .value = "[[1, 2, 3, 4], [-1.4127908166817231, -0.9699505004141653, 1.501340104140228, -3.0098498345841627], [0.7539022543433046, "
     "-0.06994284733753277, 0.6569865987187891, 0.9975510002532796]]",
     .grad = "[[1, 1, 1, 1], [1.3817732906760363, 1.009949833750832, -0.30116867893975674, 0.9899501670824986], [1.4108888530620938, "
     "1.0674938475908125, 0.09691565562451554, 0.9276081529157468]]"},
    {.call = "rope([[1, 2, -0.5, 4]], i64 3; base=100)",
     .value = "[[-0.9194324925705119, 0.7285921516058536, 0.63611625636009, 4.412386369825104]]",
     .grad = "[[-0.8488724885405782, 1.2508566957869456, -1.1311125046603125, 0.6598162824642664]]"},
    {.call = "rope([[[1, 2], [3, 4]], [[-1, 0.5], [2, 2]]], i32[2, 5])",
     .value = "[[[-2.234741690198506, 0.0770037537313969], [4.686683655042232, -1.7421240821365103]], [[-0.03850187686569845, "
     "-1.117370845099253], [2.4851729202527295, -1.3505241783998243]]]",
     .grad = "[[[0.4931505902785393, -1.325444263372824], [-0.6752620891999122, 1.2425864601263648]], [[0.4931505902785393, "
     "-1.325444263372824], [-0.6752620891999122, 1.2425864601263648]]]"},
    {.call = "rope([[1, 2, 3, 4, 5, 6]], i64[1000])",
     .value = "[[-2.745139085837307, -4.770910440848553, -6.659970219816269, 3.0763958456948144, -2.497681638120091, "
     "-0.8029923232263405]]",
     .grad = "[[1.3892586168227055, -0.10934621187224058, 0.28339955000914985, -0.2645004642412996, -1.4099799310448327, "
     "-1.3855268655116766]]"},
    {.call = "rope([[1, 2, 3, 4], [0.5, -1, 2, -3]], [0.5, -1.25])",
     .value = "[[-0.5606940539222363, 1.9799750833853125, 3.1121732242753213, 4.009949958437552], [2.0556304199088067, "
     "-1.0374208994623766, 0.15615241511274425, -2.987265953570032]]",
     .grad = "[[1.3570081004945758, 1.0049874791927345, 0.39815702328616975, 0.9949875208593489], [-0.6336622569603175, "
     "0.9874222015355375, 1.2643069817508548, 1.012421550498957]]; [-3.69316702694808, 1.918976455337139]"},
    {.call = "rope([[1, nan], [inf, 1]], i64[0, 1])", .value = "[[nan, nan], [inf, inf]]", .kink = true},
    {.call = "rope(f64[0, 4](), i64[0]())", .value = "f64[0, 4]()", .grad = "f64[0, 4]()"},
    {.call = "rope(f64[2, 0](), i64[1, 2])", .value = "f64[2, 0]()", .grad = "f64[2, 0]()"},
    {.call = "rope(~[2, 3, 4, 6], i64[0, 1, 2, 3])"},
    {.call = "rope(~[2, 4], i64[1, 2]; base=0.5)"},
    {.call = "rope(~[2, 3, 4], ~[2, 1])"},
    {.call = "rope(~[5, 40], i64[1, 2, 3, 4, 1000]; base=500)"},
    {.call = "rope(~[3, 4], i64 2)"},
    {.call = "rope(2.5, i64 1)", .refused = "x is a scalar, which has no pairs"},
    {.call = "rope(~[2, 3], i64[1, 2])", .refused = "x is f64[2,3]: its last axis must be known, and even"},
    {.call = "rope(~[2, 4], i64[1, 2, 3])", .refused = "x is f64[2,4], position is i64[3]: it must be known to have one for each row of x"},
    {.call = "rope(~[2, 4], i64[[1, 2]])", .refused = "position is i64[1,2]: it must be known to have one for each row of x"},
    {.call = "rope(~[2, 4], bool[true, false])", .refused = "position is bool[2], must be numbers"},
    {.call = "rope(~[2, 4], i64[1, 2]; base=0)", .refused = "base is 0, must be more than 0"},
    {.call = "rope(~[2, 4])", .refused = "position is missing"},
    {.call = "rope(i64[[1, 2]], i64[1])", .refused = "must be f32 or f64"},
    {0}};

const wg_op wg_op_rope = {WG_LINE(rope), .kind = WG_BLOCK, .any_dtype = 2, .shape = shape, .define = define, .samples = samples};

/* attention(q, k, v, mask?; causal, scale) = softmax(q k^T scale + mask) v: F.scaled_dot_product_attention. q is (..., L, d),
 * k (..., S, d), v (..., S, e), the result (..., L, e); axes before the last two broadcast. scale is 1/sqrt(d) unless given. A mask of
 * booleans says which keys a query may look at, one of numbers is added to the scores; it broadcasts to (..., L, S). causal: query i looks
 * at keys 0 to i, whether or not there is a mask. A query that may look at no key gives 0, with gradient 0. A NaN or an infinity in a key
 * that is masked may reach the result. Vaswani et al. 2017 (arXiv:1706.03762).
 * The scores are never whole in memory, which is linear in L and S, in the first derivatives too (attention_grad); beyond those, and
 * for the gradient of a mask, by definition. */
#ifndef WG_KERNEL_PART
#include "ops/norm/attention.h"

static bool shape(wg_call *c)
{
    int64_t size[4];
    wg_shape y;
    if (!wg__attention_sizes(c, 3, &y, size)) return false;
    y.dim[y.rank++] = size[0];
    y.dim[y.rank++] = size[3];
    c->shape = y;
    return true;
}

static wg_tensor define(const wg_rule *r)
{
    const wg_attention_options *o = r->attrs;
    return wg_matmul(wg__attention_weights(r, r->in[3], o->causal, o->scale), r->in[2]);
}

/* The gradient of the scores, after mask and scale, by definition. */
static wg_tensor scores_grad(const wg_rule *r, wg_tensor g)
{
    const wg_attention_options *o = r->attrs;
    wg_tensor w = wg__attention_weights(r, r->in[3], o->causal, o->scale);
    wg_tensor dw = wg_matmul(g, wg__attention_swap(r->in[2]));
    return wg_mul(w, wg_sub(dw, wg_sum(wg_mul(w, dw), .axes = WG_INTS(-1), .keepdim = true)));
}

/* x with zeros behind its features, as many as `wide` has. */
static wg_tensor widened(const wg_rule *r, wg_tensor x, wg_tensor wide)
{
    wg_ints lead = {.n = wg_shape_get(wide).rank - 1};
    for (int i = 0; i < lead.n; i++) lead.v[i] = i;
    /* read for its shape only: the rows of x, with the features of wide */
    wg_tensor like = wg_add(wg_sum(x, .axes = WG_INTS(-1), .keepdim = true), wg_sum(wide, .axes = lead));
    wg_tensor zero = wg__number_of(r, 0, wg_dtype_get(x)), rest = wg_slice(like, -1, wg_dim(x, -1), WG_END);
    wg_tensor piece[2] = {x, wg_expand_like(zero, rest)};
    return wg_concat(wg_tensors_of(piece, 2), .axis = -1);
}

/* The stretch of attention_grad's result that belongs to input i; rows and keys: tensors with as many rows as queries, and keys. */
static wg_tensor stretch(wg_tensor all, wg_tensor rows, wg_tensor keys, int i)
{
    wg_tensor before[2] = {rows, keys}, after[2] = {keys, keys};
    if (i == 0) return wg_part(all, .like = rows, .after = wg_concat(wg_tensors_of(after, 2), .axis = -2), .axis = -2);
    if (i == 1) return wg_part(all, .before = rows, .like = keys, .after = keys, .axis = -2);
    return wg_part(all, .before = wg_concat(wg_tensors_of(before, 2), .axis = -2), .like = keys, .axis = -2);
}

/* Surely of one shape: of a size that is only known when run nothing is sure. */
static bool alike(wg_shape a, wg_shape b)
{
    for (int i = 0; i < a.rank; i++)
        if (a.dim[i] == WG_ANY) return false;
    return wg_shape_equal(a, b);
}

/* By definition, where it is not known whether keys and values have as many features. */
static wg_tensor vjp_unknown(const wg_rule *r, wg_tensor g, int i)
{
    const wg_attention_options *o = r->attrs;
    wg_tensor q = r->in[0], k = r->in[1], v = r->in[2];
    if (i == 2) return wg_sum_to(wg_matmul(wg__attention_swap(wg__attention_weights(r, r->in[3], o->causal, o->scale)), g), v);
    wg_tensor ds = wg_mul(scores_grad(r, g), wg__attention_scale(q, o->scale));
    return i == 0 ? wg_sum_to(wg_matmul(ds, k), q) : wg_sum_to(wg_matmul(wg__attention_swap(ds), q), k);
}

static wg_tensor vjp(const wg_rule *r, wg_tensor g, int i)
{
    const wg_attention_options *o = r->attrs;
    wg_tensor q = r->in[0], k = r->in[1], v = r->in[2];
    int64_t d = wg_dim(q, -1), e = wg_dim(v, -1), own = i == 2 ? e : d;
    double scale = isnan(o->scale) && d != e && d > 0 ? 1 / sqrt((double)d) : o->scale; /* as it was before q is widened */
    if (i == 3) return wg_sum_to(scores_grad(r, g), r->in[3]);
    if (d == WG_ANY || (d != e && (d < 0 || e < 0))) return vjp_unknown(r, g, i);
    if (d > e) g = widened(r, g, q), v = widened(r, v, q);
    if (d < e) q = widened(r, q, v), k = widened(r, k, v);
    wg_tensor all = wg_attention_grad(q, k, v, g, .mask = r->in[3], .causal = o->causal, .scale = scale);
    /* read for its shape only: k with all of the batch */
    wg_tensor keys = wg_add(k, wg_sum(g, .axes = WG_INTS(-2), .keepdim = true)), y = stretch(all, g, keys, i);
    if (own < d || own < e) y = wg_slice(y, -1, 0, own);
    return alike(wg_shape_get(y), wg_shape_get(r->in[i])) ? y : wg_sum_to(y, r->in[i]);
}

static bool units(wg_work *w)
{
    attention_plan p;
    int64_t elements;
    wg__attention_plan(w, &p);
    if (p.batches < MANY_ITEMS && p.L > 0) p.parts = (p.L - 1) / ROWS + 1;
    w->units = p.L && p.e ? p.batches * p.parts : 0;
    w->cost = 2.0 * (double)(p.L * p.S) * (double)(p.d + p.e + WIDTH) / (double)p.parts / FLOPS;
    w->flops = 2.0 * (double)p.batches * (double)(p.L * p.S) * (double)(p.d + p.e); /* as if all were seen */
    memcpy(w->size, &p, sizeof p);
    return wg__attention_room(&p, 1, 0, w->width, &elements) && !__builtin_mul_overflow((size_t)elements, w->width, &w->scratch);
}

/* Values from the formula in PyTorch, f64. ulps: in the gradients, which are compared with it too, terms larger than the result cancel. */
static const wg_sample samples[] = {
    {.call = "attention([[0.5, -1], [2, 0.25], [-0.75, 1.5]], [[1, 0.5], [-1, 2], [0.25, -0.5], [0, 1]], [[1, 2], [3, -1], [0.5, 4], [-2, "
     "0]])",
     .value = "[[0.4049894172373725, 2.5010615615320377], [0.5175611337651853, 1.8884881168201764], [2.0458148377245275, "
     "-0.5444272089794657]]",
     .grad = "[[0.19076376776593068, -0.8612361666446904], [0.3365483759006044, -0.5368076325786006], [-0.19728204144635675, "
     "0.1522871756745423]]; [[0.48199328417967596, 0.1292170535665289], [-0.24584584147799576, 0.43410543767318865], [0.7544041644450796, "
     "-0.3906454074146197], [-0.9905516071467599, -0.172677083825098]]; [[0.9768833385617787, 0.9768833385617787], [0.8632209782908453, "
     "0.8632209782908453], [0.688644192635009, 0.688644192635009], [0.4712514905123669, 0.4712514905123669]]"},
    {.call = "attention([[0.5, -1], [2, 0.25], [-0.75, 1.5]], [[1, 0.5], [-1, 2], [0.25, -0.5], [0, 1]], [[1, 2], [3, -1], [0.5, 4], [-2, "
     "0]]; causal=true)",
     .value = "[[1, 2], [1.1430811270525079, 1.785378309421238], [2.790453111763172, -0.6446298513381936]]", .ulps = 64},
    {.call = "attention([[0.5, -1], [2, 0.25]], [[1, 0.5], [-1, 2], [0.25, -0.5], [0, 1]], [[1, 2], [3, -1], [0.5, 4], [-2, 0]]; "
     "causal=true, scale=0.5)",
     .value = "[[1, 2], [1.2806724989801663, 1.5789912515297502]]"},
    {.call = "attention([[0.5, -1], [2, 0.25], [-0.75, 1.5]], [[1, 0.5], [-1, 2]], [[1, 2], [3, -1]]; causal=true)",
     .value = "[[1, 2], [1.1430811270525079, 1.785378309421238], [2.8682252820021708, -0.8023379230032565]]"},
    {.call = "attention([[0.5, -1], [2, 0.25], [-0.75, 1.5]], [[1, 0.5], [-1, 2], [0.25, -0.5], [0, 1]], [[1, 2], [3, -1], [0.5, 4], [-2, "
     "0]], bool[[true, false, true, true], [false, false, false, false], [true, true, false, true]])",
     .value = "[[0.25968472157313244, 2.697099561561541], [0, 0], [2.0899112750825006, -0.6740630779452558]]",
     .grad = "[[0.1492285413278247, -0.8402446283748044], [0, 0], [-0.26215029086250297, 0.2931528197985475]]; [[-0.04149228253205366, "
     "0.08298456506410733], [-0.24311651155094396, 0.48623302310188793], [0.27841103916759713, -0.5568220783351943], "
     "[0.006197754915400519, -0.012395509830801038]]; [[0.3833520985554544, 0.3833520985554544], [0.7847701372308283, "
     "0.7847701372308283], [0.5102756059340512, 0.5102756059340512], [0.321602158279666, 0.321602158279666]]"},
    {.call = "attention([[0.5, -1], [2, 0.25], [-0.75, 1.5]], [[1, 0.5], [-1, 2], [0.25, -0.5], [0, 1]], [[1, 2], [3, -1], [0.5, 4], [-2, "
     "0]], [[0, 0.5, -1, 0], [1, 0, 0.25, -2], [0, 0, 2, 1]])",
     .value = "[[0.48763313427137567, 1.7077453267611764], [0.9563058266594918, 2.137965823304995], [1.107965418498487, "
     "0.11381239855391329]]",
     .grad = "[[0.35835425057288184, -0.7338994902412139], [-0.00905365443436009, -0.1636999698000952], [-0.161626656476278, "
     "-0.22609341514047598]]; [[-0.02703986902285383, -0.1862918018620862], [-0.26353570178196606, 0.4479813216106767], "
     "[0.18317590406326806, 0.12486189830749636], [0.10739966674155271, -0.38655141805608606]]; [[1.311819642316529, 1.311819642316529], "
     "[0.6722698288867335, 0.6722698288867335], [0.5020385232184401, 0.5020385232184401], [0.5138720055782974, 0.5138720055782974]]; "
     "[[0.3428520906860501, -0.023431907294839162, 0.5620217732533072, -0.8814419566445189], [-0.07998510394026066, -0.02631770977588079, "
     "0.16345437309707408, -0.05715155938093179], [0.06626131594588766, 0.41112585390718226, 0.46515971332610007, -0.94254688317917]]"},
    {.call = "attention([[0.5, -1], [2, 0.25], [-0.75, 1.5]], [[1, 0.5], [-1, 2], [0.25, -0.5], [0, 1]], [[1, 2], [3, -1], [0.5, 4], [-2, "
     "0]], bool[[true, false, true, true], [false, false, false, false], [true, true, false, true]]; causal=true)",
     .value = "[[1, 2], [0, 0], [2.8682252820021708, -0.8023379230032565]]"},
    {.call = "attention([[0.5, -1], [2, 0.25], [-0.75, 1.5]], [[1, 0.5], [-1, 2], [0.25, -0.5], [0, 1]], [[1, 2, -1], [3, -1, 0], [0.5, "
     "4, 2], [0, 1, 1]])",
     .value = "[[0.7112901053973913, 2.6542119056120472, 0.8089805150599294], [0.842879150480677, 2.051147125177922, "
     "-0.09441813720271147], [2.3566991138737508, -0.388985070904854, 0.1570941593633883]]",
     .grad = "[[-0.19740563616832016, -1.0346360595383548], [-0.20337141998427116, -0.5509488314996707], [0.08403886462029536, "
     "-0.19366994891622905]]; [[-0.9278090593053718, 0.3838891681163105], [-0.04362755119813097, -0.026145994453111596], "
     "[1.2628268063572679, -0.5496563378669069], [-0.2913901958537652, 0.191913164203708]]; [[0.9768833385617787, 0.9768833385617787, "
     "0.9768833385617787], [0.8632209782908453, 0.8632209782908453, 0.8632209782908453], [0.688644192635009, 0.688644192635009, "
     "0.688644192635009], [0.4712514905123669, 0.4712514905123669, 0.4712514905123669]]"},
    {.call = "attention([[0.5, -1], [2, 0.25], [-0.75, 1.5]], [[1, 0.5], [-1, 2], [0.25, -0.5], [0, 1]], [[1], [3], [0.5], [-2]]; "
     "causal=true)",
     .value = "[[1], [1.1430811270525079], [2.790453111763172]]",
     .grad = "[[0, 0], [-0.18787123264506356, 0.14090342448379772], [-0.22783759361855266, 0.25398328803570003]]; [[-0.12736366288464193, "
     "-0.1444990436014761], [0.08747321833018501, 0.22427993271039015], [0.039890444554457165, -0.07978088910891433], [0, 0]]; "
     "[[1.9921830642855967], [0.9749770826691525], [0.032839853045250986], [0]]"},
    {.call = "attention([[[[1, 2]]], [[[0, -1]]]], [[[1, 0], [0.5, 1]], [[2, 1], [-1, 0]], [[0, 0], [1, 1]]], [[1], [2]])",
     .value = "[[[[1.742816684773193]], [[1.0283179185426456]], [[1.8929581985348296]]], [[[1.3302384506733431]], [[1.6697615493266569]], "
     "[[1.3302384506733431]]]]"},
    {.call = "attention([[1]], [[1000], [0]], [[1], [2]])", .value = "[[1]]", .grad = "[[0]]; [[0], [0]]; [[1], [0]]"},
    {.call = "attention([[1, 2]], [[1, 2], [0, 1]], [[3, 4], [5, 6]], [-inf, -inf])", .value = "[[0, 0]]",
     .grad = "[[0, 0]]; [[0, 0], [0, 0]]; [[0, 0], [0, 0]]; [0, 0]", .kink = true},
    {.call = "attention([[1, 2]], [[1, 2], [0, 1]], [[3, 4], [5, 6]], bool false)", .value = "[[0, 0]]",
     .grad = "[[0, 0]]; [[0, 0], [0, 0]]; [[0, 0], [0, 0]]"},
    {.call = "attention([[nan, 2]], [[1, 2], [0, 1]], [[3, 4], [5, 6]])", .value = "[[nan, nan]]", .kink = true},
    {.call = "attention([[0], [0], [0], [0], [0], [0], [0], [0], [0], [0], [0], [0], [0], [0], [0], [0]], [[0], [0], [0], [0], [0], [0], "
     "[0], "
     "[0], [0], [0], [0], [0], [0], [0], [0], [0]], [[0], [1], [2], [3], [4], [5], [6], [7], [8], [9], [10], [11], [12], [13], [14], "
     "[15]], [[2000, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0], [0, 2000, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0], [0, 0, 2000, "
     "0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0], [0, 0, 0, 2000, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0], [0, 0, 0, 0, 2000, 0, 0, 0, 0, 0, "
     "0, 0, 0, 0, 0, 0], [0, 0, 0, 0, 0, 2000, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0], [0, 0, 0, 0, 0, 0, 2000, 0, 0, 0, 0, 0, 0, 0, 0, 0], "
     "[0, 0, 0, 0, 0, 0, 0, 2000, 0, 0, 0, 0, 0, 0, 0, 0], [0, 0, 0, 0, 0, 0, 0, 0, 2000, 0, 0, 0, 0, 0, 0, 0], [0, 0, 0, 0, 0, 0, 0, "
     "0, 0, 2000, 0, 0, 0, 0, 0, 0], [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2000, 0, 0, 0, 0, 0], [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2000, 0, "
     "0, 0, 0], [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2000, 0, 0, 0], [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2000, 0, 0], [0, 0, 0, "
     "0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2000, 0], [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2000]])",
     .value = "[[0], [1], [2], [3], [4], [5], [6], [7], [8], [9], [10], [11], [12], [13], [14], [15]]"},
    {.call = "attention(f64[2, 3](), f64[0, 3](), f64[0, 4]())", .value = "[[0, 0, 0, 0], [0, 0, 0, 0]]",
     .grad = "[[0, 0, 0], [0, 0, 0]]; f64[0, 3](); f64[0, 4]()"},
    {.call = "attention(f64[0, 3](), [[1, 2, 3]], [[4, 5]])", .value = "f64[0, 2]()", .grad = "f64[0, 3](); [[0, 0, 0]]; [[0, 0]]"},
    {.call = "attention(f64[0, 2, 3](), [[1, 2, 3]], [[4, 5, 6]])", .value = "f64[0, 2, 3]()",
     .grad = "f64[0, 2, 3](); [[0, 0, 0]]; [[0, 0, 0]]"},
    {.call = "attention([[1, 2]], [[3, 4]], f64[1, 0]())", .value = "f64[1, 0]()", .grad = "[[0, 0]]; [[0, 0]]; f64[1, 0]()"},
    {.call = "attention(~[3, 5], ~[4, 5], ~[4, 5])", .ulps = 64},
    {.call = "attention(~[2, 3, 4], ~[2, 5, 4], ~[2, 5, 2], ~[3, 5]; causal=true)", .ulps = 64},
    {.call = "attention(~[2, 1, 3, 2], ~[4, 3, 2], ~[3, 2], bool[[[[true, false, true]]], [[[true, true, false]]]])", .ulps = 64},
    {.call = "attention(~[70, 1], ~[37, 1], ~[37, 1]; causal=true, scale=-0.5)", .ulps = 64},
    {.call = "attention(~[3, 2], ~[70, 2], ~[70, 2])", .ulps = 64},
    {.call = "attention(~[3, 2], ~[5, 2], ~[5, 3], bool[[true], [false], [true]])", .ulps = 64},
    {.call = "attention(~[129, 1], ~[5, 1], ~[5, 1])", .ulps = 64},
    {.call = "attention(1.5, [[1]], [[1]])", .refused = "q is f64[], k is f64[1,1]: each needs at least two axes"},
    {.call = "attention([[1, 2]], [1, 2], [[1]])", .refused = "q is f64[1,2], k is f64[2]: each needs at least two axes"},
    {.call = "attention(~[2, 3], ~[2, 4], ~[2, 3])", .refused = "q is f64[2,3], k is f64[2,4]: the features of q and k differ"},
    {.call = "attention(~[2, 3], ~[2, 3], ~[4, 3])", .refused = "k is f64[2,3], v is f64[4,3]: as many values are wanted as keys"},
    {.call = "attention(~[2, 2, 3], ~[3, 2, 3], ~[2, 3])", .refused = "do not broadcast"},
    {.call = "attention(~[2, 3], ~[4, 3], ~[4, 3], bool[true, false])",
     .refused = "q is f64[2,3], mask is bool[2]: it must broadcast to queries by keys"},
    {.call = "attention(~[2, 3], ~[4, 3], ~[4, 3], i64[1, 2, 3, 4])", .refused = "mask is i64[4]: it must be bool, or of the dtype of q"},
    {.call = "attention(i64[[1]], i64[[1]], i64[[1]])", .refused = "must be f32 or f64"},
    {0}};

#define WG_OVER WG_OVER_REALS
#include "tape/instances.h"

const wg_op wg_op_attention = {WG_LINE(attention), .kind = WG_BLOCK, .any_dtype = 8, .shape = shape, .define = define, .vjp = vjp,
                               .units = units, .strided = true, .kernel = kernels, .samples = samples};
#else
#include "run/gemm.h"
#include "ops/norm/attention.h"

static int64_t FN(kernel)(const wg_args *a, int64_t lo, int64_t hi)
{
    const wg_attention_options *o = a->attrs;
    attention_plan p;
    memcpy(&p, a->size, sizeof p);
    T *weights = a->scratch;
    void *scratch = weights + ROWS * p.row;
    int64_t step = o->causal ? KEYS : ROWS;
    for (int64_t u = lo; u < hi; u++) {
        FN(item) x = FN(item_at)(a, 4, u / p.parts, o->causal, o->scale);
        int64_t first = u % p.parts * ROWS, last = p.parts == 1 || first + ROWS > p.L ? p.L : first + ROWS;
        for (int64_t i0 = first, i1; i0 < last; i0 = i1) {
            i1 = i0 + ROWS < last ? i0 + ROWS : last;
            T *y = (T *)a->out + (u / p.parts * p.L + i0) * p.e;
            FN(weights)(&x, &p, i0, i1, weights, scratch);
            for (int64_t i = i0; i < i1; i += step, y += step * p.e)
                FN(product)(i1 - i < step ? i1 - i : step, p.e, FN(keys_near)(&x, p.S, i), weights + (i - i0) * p.row, p.row, 1, x.v.at,
                            x.v.rs, x.v.cs, y, p.e, scratch);
        }
    }
    return -1;
}
#endif

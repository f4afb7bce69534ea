/* attention_grad(q, k, v, g, mask?; causal, scale): the gradients of attention in q, k and v, of cotangent g, one below the other
 * along the last axis but one: L rows of dq, S of dk, S of dv; v has as many features as q. With w the weights and D = g v^T,
 *     dv = w^T g,   ds = w (D - sum over keys of w D) scale,   dq = ds k,   dk = ds^T q.
 * An op of its own, since by definition w, D and ds lie in memory whole. One op for the three, since they share w and ds: 5 products,
 * where two ops take 8. A unit is one batch item; what its queries give to a key adds up in order. */
#ifndef WG_KERNEL_PART
#include "ops/norm/attention.h"

static bool shape(wg_call *c)
{
    const wg_shape *g = c->in[3].shape;
    int64_t size[4], rows = 0;
    wg_shape y, with = wg__attention_batch(g);
    if (!wg__attention_sizes(c, 4, &y, size)) return false;
    if (!wg__same_size(c, &size[2], size[3])) return wg__attention_refuse(c, 2, "as many features are wanted");
    bool fits = g->rank >= 2 && wg__same_size(c, &size[0], g->dim[g->rank - 2]) && wg__same_size(c, &size[2], g->dim[g->rank - 1]);
    if (!fits) return wg__attention_refuse(c, 3, "it must have the rows and features of the result");
    if (!wg__broadcast(c, &y, &with)) return false;
    bool known = wg__known(size[0]) && wg__known(size[1]);
    if (known && (__builtin_mul_overflow(size[1], 2, &rows) || __builtin_add_overflow(rows, size[0], &rows)))
        return wg__refuse(c, "the result has more elements than memory can hold");
    y.dim[y.rank++] = known ? rows : wg__fresh(c);
    y.dim[y.rank++] = size[2];
    c->shape = y;
    return true;
}

static wg_tensor define(const wg_rule *r)
{
    const wg_attention_grad_options *o = r->attrs;
    wg_tensor w = wg__attention_weights(r, r->in[4], o->causal, o->scale), dw = wg_matmul(r->in[3], wg__attention_swap(r->in[2]));
    wg_tensor ds = wg_mul(w, wg_sub(dw, wg_sum(wg_mul(w, dw), .axes = WG_INTS(-1), .keepdim = true)));
    ds = wg_mul(ds, wg__attention_scale(r->in[0], o->scale));
    wg_tensor piece[3] = {wg_matmul(ds, r->in[1]), wg_matmul(wg__attention_swap(ds), r->in[0]), wg_matmul(wg__attention_swap(w), r->in[3])};
    return wg_concat(wg_tensors_of(piece, 3), .axis = -2);
}

static bool units(wg_work *w)
{
    attention_plan p;
    int64_t elements, sums;
    wg__attention_plan(w, &p);
    w->units = p.d && p.L + p.S ? p.batches : 0;
    w->cost = 10.0 * (double)(p.L * p.S) * (double)(p.d + WIDTH) / FLOPS;
    w->flops = 10.0 * (double)p.batches * (double)(p.L * p.S) * (double)p.d; /* five products, as if all were seen */
    memcpy(w->size, &p, sizeof p);
    return !__builtin_mul_overflow(p.S, p.d, &sums) && wg__attention_room(&p, 2, sums, w->width, &elements) &&
           !__builtin_mul_overflow((size_t)elements, w->width, &w->scratch);
}

/* Values from PyTorch's gradients of the formula, f64. ulps: the terms of D - sum of w D are larger than their difference. */
static const wg_sample samples[] = {
    {.call = "attention_grad([[0.5, -1], [2, 0.25], [-0.75, 1.5]], [[1, 0.5], [-1, 2], [0.25, -0.5], [0, 1]], [[1, 2], [3, -1], [0.5, 4], "
     "[-2, 0]], [[1, -2], [0.5, 3], [-1, 0.25]])",
     .value = "[[-0.25702314819541855, 1.6722534224476542], [0.6957903954429915, -1.5646278641638998], [0.6534108819803689, "
     "-0.687154243900189], [0.6260749498424636, -0.19243654411958566], [0.11662184529887995, -1.2861563316958253], [1.0542318030376534, "
     "1.2694691298019205], [-1.7969285981789955, 0.20912374601349118], [0.563017486629097, 1.2296171794576838], [-0.6863837285833737, "
     "0.2262767460411119], [0.5443285317700058, -0.42643079693066704], [0.07903771018427067, 0.22053687143187153]]", .ulps = 64},
    {.call = "attention_grad([[0.5, -1], [2, 0.25], [-0.75, 1.5]], [[1, 0.5], [-1, 2], [0.25, -0.5], [0, 1]], [[1, 2], [3, -1], [0.5, 4], "
     "[-2, 0]], [[1, -2], [0.5, 3], [-1, 0.25]]; causal=true, scale=0.5)",
     .value = "[[0, 0], [0.9651358925531228, -0.7238519194148417], [0.41076873001198455, -0.49557667761331364], [0.8673476578299264, "
     "0.31621845601553367], [-0.7773475953798498, -0.49621858091568577], [-0.09000006245007622, 0.18000012490015244], [0, 0], "
     "[1.307081327075497, 0.6096788885746155], [-0.7302659968545923, 0.6211172788701581], [-0.07681533022090484, 0.01920383255522621], "
     "[0, 0]]", .ulps = 64},
    {.call = "attention_grad([[0.5, -1], [2, 0.25], [-0.75, 1.5]], [[1, 0.5], [-1, 2]], [[1, 2], [3, -1]], [[1, -2], [0.5, 3], [-1, "
     "0.25]]; causal=true)",
     .value = "[[0, 0], [0.7514849305802542, -0.5636136979351909], [0.2393586026065426, -0.17951895195490694], [0.6617254546028006, "
     "0.2734545682774387], [-0.661725454602801, -0.27345456827743875], [1.3983423592379587, 0.8018501491709669], [-0.8983423592379585, "
     "0.44814985082903325]]", .ulps = 64},
    {.call = "attention_grad([[0.5, -1], [2, 0.25]], [[1, 0.5], [-1, 2], [0.25, -0.5], [0, 1]], [[1, 2], [3, -1], [0.5, 4], [-2, 0]], "
     "[[1, -2], [0.5, 3]], [[0, 0.5, -1, 0], [1, 0, 0.25, -2]]; causal=true)",
     .value = "[[0, 0], [0.303264255493479, -0.22744819162010907], [0.30326425549347913, 0.03790803193668489], [-0.30326425549347885, "
     "-0.037908031936684856], [0, 0], [0, 0], [1.4862175763761738, 0.9173054582570428], [0.013782423623826248, 0.08269454174295748], [0, "
     "0], [0, 0]]", .ulps = 64},
    {.call = "attention_grad([[0.5, -1], [2, 0.25], [-0.75, 1.5]], [[1, 0.5], [-1, 2], [0.25, -0.5], [0, 1]], [[1, 2], [3, -1], [0.5, 4], "
     "[-2, 0]], [[1, -2], [0.5, 3], [-1, 0.25]], bool[[true, false, true, true], [false, false, false, false], [true, true, false, true]])",
     .value = "[[0.28167971257047475, 1.0327404572823733], [0, 0], [0.6190663214792136, -0.5846531514581008], [0.19590922066880603, "
     "-0.39181844133761207], [0.4126799860777415, -0.825359972155483], [-0.42675647766094954, 0.8535129553218991], [-0.18183272908559833, "
     "0.36366545817119666], [0.2726450392698818, -0.6421587554146396], [-0.7847701372308283, 0.19619253430770708], [0.5102756059340512, "
     "-1.0205512118681024], [0.0018494920268952442, -0.2834825670249649]]", .ulps = 64},
    {.call = "attention_grad([[1]], [[2]], [[3]], [[4]], [[-inf]])", .value = "[[0], [0], [0]]", .kink = true},
    {.call = "attention_grad(f64[2, 3](), f64[0, 3](), f64[0, 3](), f64[2, 3]())", .value = "[[0, 0, 0], [0, 0, 0]]"},
    {.call = "attention_grad(f64[0, 3](), [[1, 2, 3]], [[4, 5, 6]], f64[0, 3]())", .value = "[[0, 0, 0], [0, 0, 0]]"},
    {.call = "attention_grad(f64[2, 0](), f64[1, 0](), f64[1, 0](), f64[2, 0]())", .value = "f64[4, 0]()"},
    {.call = "attention_grad(~[3, 2], ~[4, 2], ~[4, 2], ~[3, 2])", .ulps = 64},
    {.call = "attention_grad(~[2, 3, 2], ~[3, 2], ~[2, 3, 2], ~[3, 2], ~[3, 3]; causal=true)", .ulps = 64},
    {.call = "attention_grad(~[66, 1], ~[34, 1], ~[34, 1], ~[66, 1]; causal=true)", .ulps = 64},
    {.call = "attention_grad(~[2, 2], ~[66, 2], ~[66, 2], ~[2, 2]; causal=true)", .ulps = 64},
    {.call = "attention_grad(~[66, 1], ~[17, 1], ~[17, 1], ~[66, 1], bool[true, true, true, true, false, true, true, true, true, true, "
     "true, true, true, true, true, true, true])", .ulps = 64},
    {.call = "attention_grad(~[2, 3], ~[4, 3], ~[4, 2], ~[2, 2])", .refused = "q is f64[2,3], v is f64[4,2]: as many features are wanted"},
    {.call = "attention_grad(~[2, 3], ~[4, 3], ~[4, 3], ~[3, 3])",
     .refused = "q is f64[2,3], g is f64[3,3]: it must have the rows and features of the result"},
    {.call = "attention_grad(~[2, 3], ~[4, 2], ~[4, 3], ~[2, 3])", .refused = "the features of q and k differ"},
    {0}};

#define WG_OVER WG_OVER_REALS
#include "tape/instances.h"

const wg_op wg_op_attention_grad = {WG_LINE(attention_grad), .kind = WG_BLOCK, .any_dtype = 16, .shape = shape, .define = define,
                                    .units = units, .strided = true, .kernel = kernels, .samples = samples};
#else
#include "run/gemm.h"
#include "ops/norm/attention.h"

/* ds of rows i0..i1-1, over D. */
static void FN(scores_grad)(const FN(item) *x, const attention_plan *p, int64_t i0, int64_t i1, const T *weights, T *ds)
{
    T lanes[ROWS * WIDTH];
    for (int64_t i = i0; i < i1; i++) {
        const T *w = weights + (i - i0) * p->row;
        T *d = ds + (i - i0) * p->row;
        int64_t n = FN(keys_of)(x, p->S, i), padded = FN(padded)(x, p, i);
        FN(many) sum = {0};
        for (int64_t j = 0; j < padded; j += WIDTH) {
            int left = n - j < WIDTH ? (int)(n - j) : WIDTH;
            FN(many) v = PICK_MANY(LANE_NUMBERS < (FN(number))left, MANY(d + j), (FN(many)){0});
            PUT_MANY(d + j, v);
            sum += MANY(w + j) * v;
        }
        PUT_MANY(lanes + (i - i0) * WIDTH, sum);
    }
    FN(fold_all)(lanes, i1 - i0, true);
    for (int64_t i = i0; i < i1; i++) {
        const T *w = weights + (i - i0) * p->row;
        T *d = ds + (i - i0) * p->row, total = lanes[(i - i0) * WIDTH];
        int64_t padded = FN(padded)(x, p, i);
        for (int64_t j = 0; j < padded; j += WIDTH) PUT_MANY(d + j, MANY(w + j) * (MANY(d + j) - total) * x->scale);
    }
}

/* Adds a^T b to y, of the keys that rows i0..i1-1 look at; a has a row of scores each, b of d values. The first strip that reaches a
   key stores. */
static void FN(to_keys)(const FN(item) *x, const attention_plan *p, const T *a, const FN(matrix) *b, int64_t i0, int64_t i1, T *y,
                        T *sums, void *scratch)
{
    int64_t end = FN(keys_of)(x, p->S, i1 - 1), step = x->causal ? KEYS : p->S > 0 ? p->S : 1;
    for (int64_t j = 0; j < end; j += step) {
        int64_t from = x->causal && j > i0 ? j : i0, n = p->S - j < step ? p->S - j : step;
        bool first = x->causal ? j >= i0 : i0 == 0;
        T *to = y + j * p->d;
        FN(product)(n, p->d, i1 - from, a + (from - i0) * p->row + j, 1, p->row, b->at + from * b->rs, b->rs, b->cs, first ? to : sums,
                    p->d, scratch);
        for (int64_t t = 0; !first && t < n * p->d; t++) to[t] += sums[t];
    }
}

/* One batch item; room: see .units. */
static void FN(item_grad)(const FN(item) *x, const attention_plan *p, T *dq, T *room)
{
    T *dk = dq + p->L * p->d, *dv = dk + p->S * p->d, *weights = room, *ds = weights + ROWS * p->row, *sums = ds + ROWS * p->row;
    void *scratch = sums + p->S * p->d;
    int64_t reached = p->L ? FN(keys_near)(x, p->S, p->L - 1) : 0, step = x->causal ? KEYS : ROWS;
    memset(dk + reached * p->d, 0, (size_t)((p->S - reached) * p->d) * sizeof(T));
    memset(dv + reached * p->d, 0, (size_t)((p->S - reached) * p->d) * sizeof(T));
    for (int64_t i0 = 0, i1; i0 < p->L; i0 = i1) {
        i1 = i0 + ROWS < p->L ? i0 + ROWS : p->L;
        FN(weights)(x, p, i0, i1, weights, scratch);
        FN(against)(x, p, &x->g, &x->v, i0, i1, ds, scratch);
        FN(to_keys)(x, p, weights, &x->g, i0, i1, dv, sums, scratch);
        FN(scores_grad)(x, p, i0, i1, weights, ds);
        FN(to_keys)(x, p, ds, &x->q, i0, i1, dk, sums, scratch);
        for (int64_t i = i0; i < i1; i += step)
            FN(product)(i1 - i < step ? i1 - i : step, p->d, FN(keys_near)(x, p->S, i), ds + (i - i0) * p->row, p->row, 1, x->k.at,
                        x->k.rs, x->k.cs, dq + i * p->d, p->d, scratch);
    }
}

static int64_t FN(kernel)(const wg_args *a, int64_t lo, int64_t hi)
{
    const wg_attention_grad_options *o = a->attrs;
    attention_plan p;
    memcpy(&p, a->size, sizeof p);
    for (int64_t u = lo; u < hi; u++) {
        FN(item) x = FN(item_at)(a, 5, u, o->causal, o->scale);
        FN(item_grad)(&x, &p, (T *)a->out + u * (p.L + 2 * p.S) * p.d, a->scratch);
    }
    return -1;
}
#endif

/* ctc_share(logp, target, input_len, target_len; blank): the share of the alignments, each weighed with its probability, that are at
 * class c in frame t, for ctc_loss, whose derivative it is but for the sign; y is [T, N, C], of sum 1 over the classes of a frame. 0 in
 * the frames past input_len, and in a row that no alignment fits. A node of its own: forward and backward sums in one pass over a
 * row (Graves, Fernandez, Gomez and Schmidhuber 2006), where the gradient of ctc_nll's definition, which is this op's, takes
 * steps a frame: its derivatives go through that, and the number of frames must then be known when they are recorded. */
#include "ops/loss/ctc.h"

#ifndef WG_KERNEL_PART
static bool shape(wg_call *c)
{
    const wg_ctc_share_options *o = c->attrs;
    return wg__ctc_sizes(c, o->blank, &c->shape.dim[1]);
}

static bool units(wg_work *w)
{
    int64_t rows;
    if (__builtin_add_overflow(w->in[0].shape->dim[0], 2, &rows) || !wg__ctc_units(w, rows)) return false;
    w->cost *= 3;
    return true;
}

static wg_tensor define(const wg_rule *r)
{
    const wg_ctc_share_options *o = r->attrs;
    wg_tensor nll = wg__ctc_define(r, o->blank);
    return wg_ok(nll) ? wg_neg(wg_vjp(nll, wg_ones_like(nll), r->in[0])) : nll;
}

/* values and gradients: PyTorch 1.13.1 in f64, ctc_loss, exp(logp) taken from its gradient: see ctc_loss */
static const wg_sample samples[] = {
    {.call = "ctc_share([[[-1.172, -0.922, -1.922, -1.922], [-2.376, -2.126, -0.626, -1.376], [-3.827, -1.077, -0.577, -2.577]], "
             "[[-2.175, -1.175, -2.675, -0.675], [-0.941, -3.191, -0.691, -2.691], [-2.096, -1.596, -2.096, -0.596]], [[-2.112, -3.362, "
             "-0.862, -0.862], [-1.327, -2.327, -0.577, -2.577], [-1.385, -1.135, -4.135, -0.885]], [[-1.496, -1.246, -4.246, -0.746], "
             "[-2.181, -1.181, -0.931, -1.681], [-2.942, -1.192, -1.942, -0.692]], [[-1.957, -0.707, -2.707, -1.207], [-2.601, -0.601, "
             "-1.101, -3.101], [-0.537, -3.287, -2.287, -1.287]]], i64[[1, 2, 3], [3, 3, 0], [2, 0, 0]], i64[5, 4, 2], i64[3, 2, 1])",
     .value = "[[[0.2972137910531822, 0.7027862089468174, 0, 0], [0.03764934845464934, 0, 0, 0.9623506515453508], "
              "[0.019018392366734506, 0, 0.9809816076332657, 0]], [[0.14029068173635195, 0.6785323109650525, 0.18117700729859565, 0], "
              "[0.8600091117877549, 0, 0, 0.13999088821224503], [0.4904908038166328, 0, 0.509509196183367, 0]], [[0.027445290985822213, "
              "0.0009832593360923417, 0.8989096950325954, 0.07266175464548968], [0.7289257867678531, 0, 0, 0.271074213232147], [0, 0, "
              "0, 0]], [[0.23036473933811277, 0, 0.018295037786832065, 0.7513402228750555], [0.10234153975759579, 0, 0, "
              "0.8976584602424041], [0, 0, 0, 0]], [[0.25060835426055666, 0, 0, 0.7493916457394436], [0, 0, 0, 0], [0, 0, 0, 0]]]"},
    {.call = "ctc_share(f64[3, 0, 2](), i64[0, 1](), i64[0](), i64[0]())", .value = "f64[3, 0, 2]()"},
    {.call = "ctc_share(~[3, 3, 80], i64[[1, 2], [2, 2], [3, 0]], i64[3, 3, 2], i64[2, 2, 1])"},
    {.call = "ctc_share(~[2, 1, 3], i64[[1]], i64[3], i64[1])", .refused = "input_len[0] is 3, must be in 1..2"},
    {.call = "ctc_share(~[2, 1, 3], i64[[1]], i64[0], i64[1])", .refused = "input_len[0] is 0, must be in 1..2"},
    {.call = "ctc_share(~[2, 1, 3], i64[[1]], i64[2], i64[2])", .refused = "target_len[0] is 2, must be in 0..1"},
    {.call = "ctc_share(~[2, 1, 3], i64[[1]], i64[1], i64[2])", .refused = "target_len[0] is 2, must be in 0..1"},
    {.call = "ctc_share(~[2, 1, 3], i64[[9]], i64[1], i64[1])", .refused = "target[0,0] is 9, must be in 0..2"},
    {.call = "ctc_share(~[2, 2, 3], i64[[1, 9], [1, 3]], i64[2, 2], i64[1, 2])", .refused = "target[1,1] is 3, must be in 0..2"},
    {.call = "ctc_share(~[2, 1, 3], i64[[-1]], i64[2], i64[1])", .refused = "target[0,0] is -1, must be in 0..2"},
    {.call = "ctc_share(~[2, 1, 3], i64[[1]], i64[2], i64[1]; blank=3)", .refused = "blank is 3, must be below the number of classes, 3"},
    {.call = "ctc_share(~[2, 1, 3], i64[[1]], i64[2], i64[1]; blank=-1)", .refused = "blank is -1, must be 0 or more"},
    {.call = "ctc_share(~[2, 1, 3], i64[[1], [1]], i64[2], i64[1])", .refused = "their batches differ"},
    {.call = "ctc_share(~[2, 1, 3], i64[[1]], i64[[2]], i64[1])", .refused = "one length a row is wanted"},
    {.call = "ctc_share(~[2, 1, 3], [[1]], i64[2], i64[1])", .refused = "target is f64[1,1], which must be i64"},
    {.call = "ctc_share(~[2, 3], i64[[1]], i64[2], i64[1])", .refused = "logp is f64[2,3], must be [T,N,C]"},
    {.call = "ctc_share(~[2, 1, 3], i64[1], i64[2], i64[1])", .refused = "[N,S] is wanted"},
    {0}};

#define WG_OVER WG_OVER_REALS
#include "tape/instances.h"

const wg_op wg_op_ctc_share = {WG_LINE(ctc_share), .kind = WG_BLOCK, .index = 14, .shape = shape, .define = define,
                               .units = units, .kernel = kernels, .explain = wg__ctc_explain, .samples = samples};
#else

/* from `after`, of the frame behind (NULL: there is none): the sum over what follows state s, its own frame left out */
static void FN(follow)(const int64_t *target, int64_t states, const double *after, double *beta)
{
    const double none = -(double)INFINITY;
    for (int64_t s = 0; s < states; s++)
        if (!after) beta[s] = s >= states - 2 ? 0 : none;
        else
            beta[s] = FN(either)(after[s], s + 1 < states ? after[s + 1] : none,
                                 s + 2 < states && FN(skips)(target, s + 2) ? after[s + 2] : none);
}

static void FN(row)(const wg_args *a, int64_t blank, int64_t n)
{
    const int64_t *z = a->size, *target = (const int64_t *)a->in[1] + n * z[CTC_S], width = 2 * z[CTC_S] + 1;
    const int64_t frames = ((const int64_t *)a->in[2])[n], states = 2 * ((const int64_t *)a->in[3])[n] + 1, next = z[CTC_N] * z[CTC_C];
    const T *p = (const T *)a->in[0] + n * z[CTC_C];
    T *y = (T *)a->out + n * z[CTC_C];
    double *alpha = a->scratch, *beta = alpha + z[CTC_T] * width, *after = beta + width, none = -(double)INFINITY;
    for (int64_t t = 0; t < z[CTC_T]; t++)
        for (int64_t c = 0; c < z[CTC_C]; c++) y[t * next + c] = 0;
    for (int64_t t = 0; t < frames; t++)
        FN(step)(p + t * next, target, blank, states, t ? alpha + (t - 1) * width : NULL, alpha + t * width);
    const double *end = alpha + (frames - 1) * width + states - 1, total = FN(either)(end[0], states > 1 ? end[-1] : none, none);
    if (total == none) return;
    for (int64_t t = frames - 1; t >= 0; t--) {
        double blanks = 0; /* half of all states */
        FN(follow)(target, states, t == frames - 1 ? NULL : after, beta);
        for (int64_t s = 0; s < states; s++) {
            const int64_t label = FN(label)(target, blank, s);
            const double share = WG_K64(exp)(alpha[t * width + s] + beta[s] - total);
            if (s % 2) y[t * next + label] += (T)share;
            else blanks += share;
            after[s] = beta[s] + (double)p[t * next + label];
        }
        y[t * next + blank] += (T)blanks;
    }
}

static int64_t FN(kernel)(const wg_args *a, int64_t lo, int64_t hi)
{
    const wg_ctc_share_options *o = a->attrs;
    for (int64_t n = lo; n < hi; n++) {
        if (!FN(sound)(a, n)) return n;
        FN(row)(a, o->blank, n);
    }
    return -1;
}
#endif

/* moments(x; axes) = [mean, rest, m2] along axes, one below the other: the mean of x, what rounding took from it, and the sum of
 * (x - mean - rest)^2. So values far from 0 keep their digits, and of one value repeated m2 is 0. Where x is not all finite the three are
 * NaN. The derivative in x is 1/n for the mean, n the number of values, 0 for the rest, 2 (x - mean - rest) for m2. What var and the norms
 * by channel are made of. Chan, Golub and LeVeque 1979, "Updating formulae and a pairwise algorithm for computing sample variances", put
 * pieces together. A node of its own: one reading of x, where by definition there are five, and a quarter of the time (the variance over
 * batch and places of 64 x 64 x 32 x 32, f32, AVX-512). */
#ifndef WG_KERNEL_PART
#include "ops/norm/fold.h"

static bool shape(wg_call *c)
{
    const wg_moments_options *o = c->attrs;
    uint32_t mask;
    if (!wg__axes(c, &o->axes, c->shape.rank, &mask)) return false;
    wg__drop_axes(&c->shape, mask, false);
    for (int i = c->shape.rank++; i > 0; i--) c->shape.dim[i] = c->shape.dim[i - 1];
    c->shape.dim[0] = 3;
    return true;
}

static wg_tensor define(const wg_rule *r)
{
    const wg_moments_options *o = r->attrs;
    wg_tensor x = r->in[0], mean = wg_mean(x, .axes = o->axes), d = wg_sub(x, wg__undrop(mean, &o->axes, x));
    wg_tensor rest = wg_mean(d, .axes = o->axes), square = wg_square(wg_sub(d, wg__undrop(rest, &o->axes, x)));
    wg_tensor all[3] = {mean, rest, wg_sum(square, .axes = o->axes)};
    return wg_stack(wg_tensors_of(all, 3));
}

/* Row i of three, as it broadcasts to x. */
static wg_tensor row(wg_tensor three, int64_t i, const wg_ints *axes, wg_tensor x)
{
    return wg__undrop(wg_squeeze(wg_slice(three, 0, .start = i, .stop = i + 1), .axes = WG_INTS(0)), axes, x);
}

static wg_tensor vjp(const wg_rule *r, wg_tensor g, int i)
{
    const wg_moments_options *o = r->attrs;
    wg_tensor x = r->in[i], slope = wg_mul(row(g, 2, &o->axes, x), wg_num(2));
    wg_tensor even = wg_div(row(g, 0, &o->axes, x), wg_size(x, .axes = o->axes));
    return wg_shift_scale(x, row(r->out, 0, &o->axes, x), slope, wg_sub(even, wg_mul(slope, row(r->out, 1, &o->axes, x))));
}

static bool units(wg_work *w)
{
    const wg_moments_options *o = w->attrs;
    return fold_units(w, wg__axis_mask(&o->axes, w->in[0].shape->rank), 3, 0.2);
}

/* values and gradients: the formula in PyTorch 1.13.1, f64 */
static const wg_sample samples[] = {
    {.call = "moments([1, 2, 6])", .value = "[3, 0, 14]", .grad = "[-3.6666666666666665, -1.6666666666666667, 6.333333333333333]"},
    {.call = "moments([[1, 2, 6], [-0.5, 3, 0.5]]; axes=[1])", .value = "[[3, 1], [0, 0], [14, 6.5]]"},
    {.call = "moments([[1, 2], [3, 5]]; axes=[-2])", .value = "[[2, 3.5], [0, 0], [2, 4.5]]", .grad = "[[-1.5, -2.5], [2.5, 3.5]]"},
    {.call = "moments([3, 3, 3])", .value = "[3, 0, 0]", .grad = "[0.3333333333333333, 0.3333333333333333, 0.3333333333333333]"},
    {.call = "moments([100000000, 100000008])", .value = "[100000004, 0, 32]", .grad = "[-7.5, 8.5]"},
    {.call = "moments(2.5)", .value = "[2.5, 0, 0]", .grad = "1"},
    {.call = "moments(2.5; axes=[0])", .value = "[2.5, 0, 0]", .grad = "1"},
    {.call = "moments([nan, 1])", .value = "[nan, nan, nan]", .kink = true},
    {.call = "moments(f64[0]())", .value = "[nan, nan, 0]", .grad = "f64[0]()", .kink = true},
    {.call = "moments(f64[0, 2](); axes=[0])", .value = "[[nan, nan], [nan, nan], [0, 0]]", .kink = true},
    {.call = "moments(f64[0, 2](); axes=[1])", .value = "f64[3, 0]()", .grad = "f64[0, 2]()"},
    {.call = "moments(~[3, 2, 4]; axes=[0, -1])", .ulps = 64},
    {.call = "moments(~[20, 7]; axes=[0])", .ulps = 64},
    {.call = "moments(~[2, 70]; axes=[1])", .ulps = 64},
    {.call = "moments(~[600, 2]; axes=[0])", .ulps = 64},
    {.call = "moments(~[2, 16500]; axes=[1])", .ulps = 256},
    {.call = "moments(~[2, 3, 2, 3, 2]; axes=[1, 3])", .ulps = 64},
    {.call = "moments([[1]]; axes=[])", .refused = "axes=[]"},
    {.call = "moments([[1]]; axes=[0, -2])", .refused = "appears twice"},
    {.call = "moments([[1]]; axes=[2])", .refused = "axis 2 is out of range for rank 2"},
    {.call = "moments(i64[1, 2])", .refused = "must be f32 or f64"},
    {0}};

#define WG_OVER WG_OVER_REALS
#define WG_WITH_PREPARE
#include "tape/instances.h"

const wg_op wg_op_moments = {WG_LINE(moments), .kind = WG_BLOCK, .shape = shape, .define = define, .vjp = vjp, .units = units,
                             .kernel = kernels, .prepare = prepares, .samples = samples};
#else
#include "ops/norm/fold.h"

/* A piece leaves its first value, its mean less that, and its sum of squares about the mean. */
static void FN(along)(const fold_plan *p, const T *x, int64_t result, int64_t piece, double *part)
{
    fold_piece f = fold_piece_of(p, result, piece), again = f;
    WIDE lanes[WIDTH], total[WIDTH] = {0}, squares[WIDTH] = {0};
    fold_next(&f);
    const T first = x[f.from];
    do {
        const T *row = x + f.from;
        fold_fetch(&f, x, sizeof(T));
        ROW_SUMS(lanes, f.n, MANY(row + j) - first, row[j] - first);
        for (int k = 0; k < WIDTH; k++) total[k] += lanes[k];
    } while (fold_next(&f));
    WIDE mean = FN(lanes_total)(total) / (WIDE)fold_count(p, piece);
    const T middle = (T)mean;
    while (fold_next(&again)) {
        const T *row = x + again.from;
        ROW_SUMS(lanes, again.n, (MANY(row + j) - first - middle) * (MANY(row + j) - first - middle),
                 (row[j] - first - middle) * (row[j] - first - middle));
        for (int k = 0; k < WIDTH; k++) squares[k] += lanes[k];
    }
    part[0] = (double)first, part[1] = mean, part[2] = FN(lanes_total)(squares);
}

/* The same of columns side by side. */
static void FN(down)(const fold_plan *p, const T *x, int64_t u, double *parts)
{
    fold_block b = fold_block_of(p, u);
    fold_walk w = fold_start(&p->folded, b.first), again = w;
    WIDE sum[SIDE] = {0}, squares[SIDE] = {0};
    T first[SIDE], middle[SIDE];
    for (int64_t j = 0; j < b.columns; j++) first[j] = x[b.base + w.offset + j];
    for (int64_t i = 0; i < b.rows; i++, fold_step(&p->folded, &w))
        for (int64_t j = 0; j < b.columns; j++) sum[j] += (WIDE)(x[b.base + w.offset + j] - first[j]);
    for (int64_t j = 0; j < b.columns; j++) sum[j] /= (WIDE)b.rows, middle[j] = (T)sum[j];
    for (int64_t i = 0; i < b.rows; i++, fold_step(&p->folded, &again))
        for (int64_t j = 0; j < b.columns; j++) {
            WIDE d = (WIDE)(x[b.base + again.offset + j] - first[j] - middle[j]);
            squares[j] += d * d;
        }
    for (int64_t j = 0; j < b.columns; j++) {
        double *part = parts + ((b.result + j) * p->pieces + b.piece) * 3;
        part[0] = (double)first[j], part[1] = sum[j], part[2] = squares[j];
    }
}

static int64_t FN(prepare)(const wg_args *a, int64_t lo, int64_t hi)
{
    fold_plan p;
    memcpy(&p, a->size, sizeof p);
    for (int64_t u = lo; u < hi && p.each; u++)
        if (p.run) FN(along)(&p, a->in[0], u / p.pieces, u % p.pieces, (double *)a->shared + 3 * u);
        else FN(down)(&p, a->in[0], u, a->shared);
    return -1;
}

static int64_t FN(kernel)(const wg_args *a, int64_t lo, int64_t hi)
{
    fold_plan p;
    memcpy(&p, a->size, sizeof p);
    T *y = a->out;
    for (int64_t u = lo; u < hi && u < p.results; u++) {
        const double *part = (const double *)a->shared + u * p.pieces * 3, first = p.each ? part[0] : 0;
        double mean = 0, squares = 0;
        for (int64_t i = 0; i < p.pieces && p.each; i++)
            mean += (double)fold_count(&p, i) * (part[3 * i] - first + part[3 * i + 1]);
        mean /= (double)p.each;
        for (int64_t i = 0; i < p.pieces && p.each; i++) {
            double d = part[3 * i] - first + part[3 * i + 1] - mean;
            squares += part[3 * i + 2] + (double)fold_count(&p, i) * d * d;
        }
        y[u] = (T)(first + mean);
        y[u + p.results] = (T)(first - (double)y[u] + mean);
        y[u + 2 * p.results] = (T)squares;
    }
    return -1;
}
#endif

/* shifted_sums(x, g, shift) = [sum g, sum g (x - shift)], one below the other, over the axes along which shift would be broadcast to x, of
 * whose shape g is: the gradients of shift_scale in bias and scale. shift has at most seven axes. f32 accumulates in double. A node of its
 * own: one reading of x and g, where by definition a product is written and three are read; half of the time (64 x 64 x 32 x 32, f32,
 * AVX-512). */
#ifndef WG_KERNEL_PART
#include "ops/norm/fold.h"

static bool shape(wg_call *c)
{
    wg_shape both = c->shape, shift = *c->in[2].shape;
    char a[128], b[128];
    bool fits = wg__broadcast(c, &both, &shift) && both.rank == c->shape.rank;
    for (int i = 0; fits && i < both.rank; i++) fits = both.dim[i] == c->shape.dim[i] || !wg__known(c->shape.dim[i]);
    if (!fits || shift.rank == WG_MAX_RANK)
        return wg__refuse(c, "x is %s, shift is %s: it must broadcast to x, and have at most %d axes", wg__show_type(a, c->in[0]),
                          wg__show_type(b, c->in[2]), WG_MAX_RANK - 1);
    if (!wg__norm_cotangent(c, 1)) return false;
    c->shape = (wg_shape){.rank = shift.rank + 1, .dim = {2}};
    for (int i = 0; i < shift.rank; i++) c->shape.dim[i + 1] = shift.dim[i];
    return true;
}

static wg_tensor define(const wg_rule *r)
{
    wg_tensor x = r->in[0], g = r->in[1], shift = r->in[2];
    wg_tensor all[2] = {wg_sum_to(g, shift), wg_sum_to(wg_mul(g, wg_sub(x, shift)), shift)};
    return wg_stack(wg_tensors_of(all, 2));
}

static bool units(wg_work *w)
{
    const wg_shape *x = w->in[0].shape, *shift = w->in[2].shape;
    int gone = x->rank - shift->rank;
    uint32_t mask = (1u << gone) - 1;
    for (int i = 0; i < shift->rank; i++)
        if (shift->dim[i] != x->dim[gone + i]) mask |= 1u << (gone + i);
    return fold_units(w, mask, 2, 0.3);
}

static const wg_sample samples[] = {
    {.call = "shifted_sums([[1, 2, 4], [3, 0, -1]], [[1, -2, 0.5], [3, 1, 2]], [[2], [0.5]])",
     .value = "[[[-0.5], [6]], [[0], [4]]]", .grad = "[[1, -2, 0.5], [3, 1, 2]]; [[0, 1, 3], [3.5, 0.5, -0.5]]; [[0.5], [-6]]"},
    {.call = "shifted_sums([[1, 2, 4], [3, 0, -1]], [[1, -2, 0.5], [3, 1, 2]], [1, 0.5, 2])",
     .value = "[[4, -1, 2.5], [6, -3.5, -5]]"},
    {.call = "shifted_sums([1, 2, 4], [1, -2, 0.5], 2.0)", .value = "[-0.5, 0]", .grad = "[1, -2, 0.5]; [0, 1, 3]"},
    {.call = "shifted_sums(2.5, 3.0, 0.5)", .value = "[3, 6]", .grad = "3; 3; -3"},
    {.call = "shifted_sums([1, 2], [3, 4], [0.5, 1])", .value = "[[3, 4], [1.5, 4]]"},
    {.call = "shifted_sums([[1, inf], [nan, 2]], [[1, 2], [3, 4]], [[0], [0]])", .value = "[[[3], [7]], [[inf], [nan]]]", .kink = true},
    {.call = "shifted_sums(f64[0, 2](), f64[0, 2](), [1, 2])", .value = "[[0, 0], [0, 0]]", .grad = "f64[0, 2](); f64[0, 2](); [0, 0]"},
    {.call = "shifted_sums(f64[2, 0](), f64[2, 0](), f64[1, 0]())", .value = "f64[2, 1, 0]()"},
    {.call = "shifted_sums(~[3, 2, 4], ~[3, 2, 4], ~[2, 1])"},
    {.call = "shifted_sums(~[20, 7], ~[20, 7], ~[7])"},
    {.call = "shifted_sums(~[2, 70], ~[2, 70], ~[2, 1])"},
    {.call = "shifted_sums(~[600, 2], ~[600, 2], ~[2])"},
    {.call = "shifted_sums(~[2, 16500], ~[2, 16500], ~[2, 1])"},
    {.call = "shifted_sums(~[2, 3, 2, 3, 2], ~[2, 3, 2, 3, 2], ~[2, 1, 2, 1, 2])"},
    {.call = "shifted_sums([1, 2], [1, 2], [1, 2, 3])", .refused = "x is f64[2], shift is f64[3]: it must broadcast to x"},
    {.call = "shifted_sums([1, 2], [1, 2], [[1], [2]])", .refused = "it must broadcast to x"},
    {.call = "shifted_sums([1, 2], [1], [1, 2])", .refused = "x is f64[2], g is f64[1]: they must have one shape"},
    {.call = "shifted_sums([1, 2], [1, 2])", .refused = "shift is missing"},
    {.call = "shifted_sums([1, 2], f32[1, 2], [1])", .refused = "cast one to the other's dtype"},
    {.call = "shifted_sums(i64[1], i64[1], i64[1])", .refused = "must be f32 or f64"},
    {0}};

#define WG_OVER WG_OVER_REALS
#define WG_WITH_PREPARE
#include "tape/instances.h"

const wg_op wg_op_shifted_sums = {WG_LINE(shifted_sums), .kind = WG_BLOCK, .shape = shape, .define = define, .units = units,
                                  .kernel = kernels, .prepare = prepares, .samples = samples};
#else
#include "ops/norm/fold.h"

static void FN(along)(const fold_plan *p, const T *x, const T *g, T shift, int64_t result, int64_t piece, double *part)
{
    fold_piece f = fold_piece_of(p, result, piece);
    WIDE lanes[WIDTH], total[WIDTH] = {0}, product[WIDTH] = {0};
    while (fold_next(&f)) {
        const T *a = x + f.from, *b = g + f.from;
        fold_fetch(&f, x, sizeof(T));
        fold_fetch(&f, g, sizeof(T));
        ROW_SUMS(lanes, f.n, MANY(b + j), b[j]);
        for (int k = 0; k < WIDTH; k++) total[k] += lanes[k];
        ROW_SUMS(lanes, f.n, MANY(b + j) * (MANY(a + j) - shift), b[j] * (a[j] - shift));
        for (int k = 0; k < WIDTH; k++) product[k] += lanes[k];
    }
    part[0] = FN(lanes_total)(total), part[1] = FN(lanes_total)(product);
}

static void FN(down)(const fold_plan *p, const T *x, const T *g, const T *shift, int64_t u, double *parts)
{
    fold_block b = fold_block_of(p, u);
    fold_walk w = fold_start(&p->folded, b.first);
    WIDE sum[SIDE] = {0}, product[SIDE] = {0};
    for (int64_t i = 0; i < b.rows; i++, fold_step(&p->folded, &w))
        for (int64_t j = 0; j < b.columns; j++) {
            T v = g[b.base + w.offset + j];
            sum[j] += (WIDE)v;
            product[j] += (WIDE)(v * (x[b.base + w.offset + j] - shift[b.result + j]));
        }
    for (int64_t j = 0; j < b.columns; j++) {
        double *part = parts + ((b.result + j) * p->pieces + b.piece) * 2;
        part[0] = sum[j], part[1] = product[j];
    }
}

static int64_t FN(prepare)(const wg_args *a, int64_t lo, int64_t hi)
{
    fold_plan p;
    const T *shift = a->in[2];
    memcpy(&p, a->size, sizeof p);
    for (int64_t u = lo; u < hi && p.each; u++)
        if (p.run) FN(along)(&p, a->in[0], a->in[1], shift[u / p.pieces], u / p.pieces, u % p.pieces, (double *)a->shared + 2 * u);
        else FN(down)(&p, a->in[0], a->in[1], shift, u, a->shared);
    return -1;
}

static int64_t FN(kernel)(const wg_args *a, int64_t lo, int64_t hi)
{
    fold_plan p;
    memcpy(&p, a->size, sizeof p);
    T *y = a->out;
    for (int64_t u = lo; u < hi && u < p.results; u++) {
        const double *part = (const double *)a->shared + u * p.pieces * 2;
        double sum = 0, product = 0;
        for (int64_t i = 0; i < p.pieces && p.each; i++) sum += part[2 * i], product += part[2 * i + 1];
        y[u] = (T)sum;
        y[u + p.results] = (T)product;
    }
    return -1;
}
#endif

/* matmul(a, b): the matrix product, as torch.matmul: y[..., i, j] = sum over k of a[..., i, k] b[..., k, j].
 *
 * A vector a is a row, a vector b a column, and that axis of the result goes away: 1-D with 1-D gives a scalar. Axes
 * before the last two broadcast. A scalar is refused. No terms (inner size 0) give zeros.
 * da = g b^T, db = a^T g, summed over what broadcasting repeated. Transposed, sliced and expanded operands are read
 * where they are. Integers wrap. */
#ifndef WG_KERNEL_PART
#include "run/gemm.h"
#include "tape/op.h"

/* ---- rules ---------------------------------------------------------------------------------------------------------- */

/* The size of the inner axis of a (last) or of b (last but one); the other core axis is at the other place. */
static int inner_axis(const wg_shape *s, int input) { return input == 0 || s->rank == 1 ? s->rank - 1 : s->rank - 2; }

/* The axes before the core ones. */
static wg_shape batch_of(const wg_shape *s)
{
    wg_shape batch = *s;
    batch.rank = s->rank > 2 ? s->rank - 2 : 0;
    return batch;
}

static bool shape(wg_call *c)
{
    const wg_shape *a = c->in[0].shape, *b = c->in[1].shape;
    char at[128], bt[128];
    if (a->rank == 0 || b->rank == 0)
        return wg__refuse(c, "a is %s, b is %s: a scalar has no axis to sum over; use mul", wg__show_type(at, c->in[0]),
                          wg__show_type(bt, c->in[1]));
    int64_t inner = a->dim[inner_axis(a, 0)], other = b->dim[inner_axis(b, 1)], first = inner;
    if (!wg__same_size(c, &inner, other))
        return wg__refuse(c, "a is %s, b is %s: inner sizes %lld and %lld differ", wg__show_type(at, c->in[0]), wg__show_type(bt, c->in[1]),
                          (long long)first, (long long)other);
    wg_shape y = batch_of(a), with = batch_of(b);
    if (!wg__broadcast(c, &y, &with)) return false;
    if (a->rank > 1) y.dim[y.rank++] = a->dim[a->rank - 2];
    if (b->rank > 1) y.dim[y.rank++] = b->dim[b->rank - 1];
    c->shape = y;
    return true;
}

/* x with its last two axes swapped. */
static wg_tensor swap(wg_tensor x)
{
    int rank = wg_shape_get(x).rank;
    if (rank < 2) return x; /* of an invalid tensor only */
    wg_ints axes = {.n = rank};
    for (int i = 0; i < rank; i++) axes.v[i] = i - rank;
    axes.v[rank - 2] = -1;
    axes.v[rank - 1] = -2;
    return wg_transpose(x, .axes = axes);
}

/* x with all axes but the last in one. Only where the last one is known not to be 0: else -1 has no answer. */
static wg_tensor rows(wg_tensor x) { return wg_reshape(x, WG_SHAPE(WG_ANY, wg_dim(x, -1))); }

/* A transposed operand gets a transposed gradient, so that what it is the transpose of (a weight) gets a packed one. */
static bool turned(wg_tensor x) { return wg_shape_get(x).rank == 2 && strcmp(wg_op_name(x), "transpose") == 0; }

static wg_tensor product(wg_tensor a, wg_tensor b, bool turn) { return turn ? swap(wg_matmul(swap(b), swap(a))) : wg_matmul(a, b); }

/* The gradient for b. A batch of a alone is one more stretch of rows: one product with a long inner axis, and no sum. */
static wg_tensor vjp_b(wg_tensor a, wg_tensor b, wg_tensor g)
{
    int ra = wg_shape_get(a).rank, rb = wg_shape_get(b).rank;
    if (ra == 1 && rb == 1) return wg_mul(a, g);
    if (ra == 1) return wg_matmul(wg_unsqueeze(a, WG_INTS(-1)), wg_unsqueeze(g, WG_INTS(-2)));
    bool long_rows = ra > 2 && rb <= 2 && wg_dim(a, -1) > 0;
    if (rb == 1) {
        if (ra == 2) return wg_matmul(g, a);
        if (long_rows) return wg_matmul(wg_reshape(g, WG_SHAPE(WG_ANY)), rows(a));
        return wg_sum_to(wg_mul(wg_unsqueeze(g, WG_INTS(-1)), a), b);
    }
    if (long_rows && wg_dim(b, -1) > 0) return product(swap(rows(a)), rows(g), turned(b));
    wg_tensor db = product(swap(a), g, turned(b));
    return ra == 2 && rb == 2 ? db : wg_sum_to(db, b);
}

static wg_tensor vjp_a(wg_tensor a, wg_tensor b, wg_tensor g)
{
    int ra = wg_shape_get(a).rank, rb = wg_shape_get(b).rank;
    if (ra == 1 && rb == 1) return wg_mul(b, g);
    if (rb == 1) return wg_matmul(wg_unsqueeze(g, WG_INTS(-1)), wg_unsqueeze(b, WG_INTS(0)));
    if (ra == 1) {
        if (rb == 2) return wg_matmul(b, g);
        return wg_sum_to(wg_matmul(wg_unsqueeze(g, WG_INTS(-2)), swap(b)), a);
    }
    wg_tensor da = product(g, swap(b), turned(a));
    return rb == 2 ? da : wg_sum_to(da, a);
}

static wg_tensor vjp(const wg_rule *r, wg_tensor g, int i) { return i == 0 ? vjp_a(r->in[0], r->in[1], g) : vjp_b(r->in[0], r->in[1], g); }

/* ---- units ------------------------------------------------------------------------------------------------------------ */

enum { BATCH_AXES = WG_MAX_RANK - 2, UNIT_FLOPS = 250000 };

/* What .units tells the kernel through size[]. A unit is a block of rows and columns of one product of the batch;
   blocks of columns run fastest, and a kernel does neighbours together: so blocks may be small. */
typedef struct matmul_plan {
    wg_gemm g;
    int64_t m, n;
    int64_t row_blocks, column_blocks;
    int64_t wide;                  /* columns a block is a multiple of; of a vector's product: values a block        */
    int64_t vector;                /* 1: a is one row, 2: b is one column: no panels                                 */
    int64_t packs;                 /* a or b is packed before, in so many units; 0: neither is                       */
    bool keeps;                    /* b's panels are made by the tiles that read them first; what is packed is a     */
    int64_t tall;                  /* rows a block is a multiple of                                                  */
    int64_t terms;                 /* blocks of terms, each a product of its own, which are added after; 0: not so   */
    int64_t axes, dim[BATCH_AXES]; /* of the batch */
    int64_t a_step[BATCH_AXES], b_step[BATCH_AXES];
} matmul_plan;

_Static_assert(sizeof(matmul_plan) <= WG_NUMBERS_MAX * sizeof(int64_t), "the plan travels in size[]");

/* The batch's axes and both operands' strides along them (0 where one broadcasts), axes of size 1 left out. */
static int64_t batch_axes(const wg_work *w, matmul_plan *p)
{
    const wg_layout *x[2] = {&w->layout[0], &w->layout[1]};
    int lead[2] = {batch_of(&x[0]->shape).rank, batch_of(&x[1]->shape).rank};
    int rank = lead[0] > lead[1] ? lead[0] : lead[1];
    int64_t batch = 1;
    for (int i = 0; i < rank; i++) {
        int64_t step[2] = {0, 0}, size = w->out.shape->dim[i];
        if (size == 1) continue;
        for (int o = 0; o < 2; o++) {
            int axis = i - rank + lead[o];
            if (axis >= 0 && x[o]->shape.dim[axis] != 1) step[o] = x[o]->stride[axis];
        }
        p->dim[p->axes] = size;
        p->a_step[p->axes] = step[0];
        p->b_step[p->axes++] = step[1];
        batch *= size;
    }
    return batch;
}

/* Where b is the same for the last axis of the batch and a goes on evenly, that axis is more rows of a. */
static void fold_rows(matmul_plan *p, int64_t *batch)
{
    while (p->axes > 0 && p->b_step[p->axes - 1] == 0) {
        int64_t last = p->axes - 1, step = p->a_step[last];
        if (p->m == 1) p->g.a_rs = step;
        else if (step != p->m * p->g.a_rs) return;
        p->m *= p->dim[last];
        *batch /= p->dim[last];
        p->axes--;
    }
}

static void operands(const wg_work *w, matmul_plan *p)
{
    const wg_layout *a = &w->layout[0], *b = &w->layout[1];
    int ra = a->shape.rank, rb = b->shape.rank;
    p->m = ra > 1 ? a->shape.dim[ra - 2] : 1;
    p->n = rb > 1 ? b->shape.dim[rb - 1] : 1;
    p->g.k = a->shape.dim[ra - 1];
    p->g.a_cs = a->stride[ra - 1];
    p->g.a_rs = ra > 1 ? a->stride[ra - 2] : 0;
    p->g.b_rs = rb > 1 ? b->stride[rb - 2] : b->stride[0];
    p->g.b_cs = rb > 1 ? b->stride[rb - 1] : 0;
}

static double flops(const matmul_plan *p) { return 2.0 * (double)p->m * (double)p->n * (double)p->g.k; }

static int64_t least(int64_t a, int64_t b) { return a < b ? a : b; }

/* Rows of a block at most: of an a that each block packs, so many that they stay in the second-level cache; where the first tiles make b's
   panels, more, since each block reads all of b, and a comes in order. */
enum { ROWS = 360, KEPT_ROWS = 1032 };

/* Where reading in place beats packing (measured): few panels would use the copy, or the operand is small and its
   strides let lines and pages be used whole. */
static void choose_packing(const wg_work *w, matmul_plan *p)
{
    enum { FEW_COLUMNS = 8, FEW_ROWS = 96, SHORT_STRIDE = 1024, SMALL = 1 << 20, HALF_PAGE = 2048 };
    wg_gemm *g = &p->g;
    int64_t width = (int64_t)w->width, rs = g->a_rs < 0 ? -g->a_rs : g->a_rs, cs = g->a_cs < 0 ? -g->a_cs : g->a_cs;
    bool small = (double)p->m * (double)g->k * (double)width <= SMALL;
    bool collide = rs * width % HALF_PAGE == 0; /* the rows of a tile would share a few sets of the cache */
    g->a_direct = p->n <= FEW_COLUMNS * p->wide || (cs <= 1 && small && !collide);
    bool near = g->b_rs >= 0 && g->b_rs <= SHORT_STRIDE / width;
    g->b_direct = g->b_cs == 1 && (p->m <= FEW_ROWS || near);
    p->keeps = g->b_cs == 1 && !g->b_direct && p->m <= KEPT_ROWS;
}

/* Blocks: enough to share out evenly (a few microseconds each, at most about 64). Rows are cut further into a power of two,
   so that threads get equally many: finely where columns are few or b is read in place, else only so far that making b's
   panels again and the last tiles, which are not whole, cost little. */
static void choose_blocks(matmul_plan *p, int64_t batch)
{
    enum { LEAST_ROWS = 2 * WG_GEMM_ROWS, MANY_ROWS = 20 * WG_GEMM_ROWS, FEW_COLUMNS = 8, CUT = 2 * LEAST_ROWS, EVEN_ROWS = 4, UNITS = 64 };
    double worth = flops(p) / UNIT_FLOPS, most = batch < UNITS ? (double)(UNITS / batch) : 1;
    int64_t parts = 1 + (int64_t)(worth < most ? worth : most), panels = (p->n - 1) / p->wide + 1;
    p->row_blocks = (p->m - 1) / (p->keeps ? KEPT_ROWS : ROWS) + 1;
    p->column_blocks = least(panels, (parts - 1) / p->row_blocks + 1);
    int64_t rows = p->column_blocks <= FEW_COLUMNS || p->g.b_direct ? LEAST_ROWS : MANY_ROWS;
    int64_t cut = least(p->m / rows, (parts - 1) / p->column_blocks + 1), even = 1;
    while (2 * even <= cut) even *= 2;
    if (p->m > CUT && p->row_blocks < even) p->row_blocks = even;
    if (p->m / p->row_blocks < CUT) p->tall = EVEN_ROWS;
}

/* Rows of the largest block. */
static int64_t most_rows(const matmul_plan *p)
{
    int64_t groups = (p->m - 1) / p->tall + 1;
    return ((groups - 1) / p->row_blocks + 1) * p->tall;
}

static bool b_is_one(const matmul_plan *p)
{
    for (int64_t i = 0; i < p->axes; i++)
        if (p->b_step[i] != 0) return false;
    return true;
}

/* Where rows and columns are too few to share out and there are many terms, the blocks of terms are products of their own
   (they would be added up one after another anyway: the bits are the same). Then a unit is a piece of the sums. */
static bool few_to_share(const matmul_plan *p, int64_t batch)
{
    enum { FEW = 4 };
    return batch == 1 && p->row_blocks * p->column_blocks < FEW && p->g.k > (FEW - 1) * p->g.kc && flops(p) >= FEW * UNIT_FLOPS;
}

static bool plan_terms(wg_work *w, matmul_plan *p)
{
    enum { PIECE = 16 };
    int64_t blocks = (p->g.k - 1) / p->g.kc + 1, elements;
    w->prepare_units = p->terms = blocks;
    p->wide = PIECE;
    p->row_blocks = 1;
    p->column_blocks = (p->m * p->n - 1) / PIECE + 1;
    w->scratch = (size_t)wg__gemm_scratch(p->m, p->g.kc, p->g.a_direct, w->width) * w->width;
    return !__builtin_mul_overflow(p->m * p->n, blocks, &elements) && !__builtin_mul_overflow((size_t)elements, w->width, &w->shared);
}

/* Whether all of an operand is packed before: a, where b's panels are kept and several blocks of columns read a; b, where several
   blocks of rows read it. */
static bool packs_before(const matmul_plan *p, int64_t batch)
{
    if (p->keeps) return !p->g.a_direct && batch == 1 && p->column_blocks > 1;
    return !p->g.b_direct && b_is_one(p) && p->row_blocks * batch > 1;
}

static bool plan_packs(wg_work *w, matmul_plan *p)
{
    enum { UNITS = 64 };
    int64_t elements, groups = p->g.a_rows / WG_GEMM_ROWS;
    if (p->keeps) p->tall = WG_GEMM_ROWS; /* a block begins where a panel does */
    w->prepare_units = p->packs = p->keeps ? least(groups, UNITS) : p->column_blocks;
    return !__builtin_mul_overflow(p->keeps ? p->g.a_rows : p->g.b_columns, p->g.k, &elements) &&
           !__builtin_mul_overflow((size_t)elements, w->width, &w->shared);
}

/* Blocks and bytes of a product with panels. */
static bool plan_panels(wg_work *w, matmul_plan *p, int64_t batch)
{
    p->wide = wg__gemm_columns(w->width);
    p->tall = WG_GEMM_ROWS;
    choose_packing(w, p);
    choose_blocks(p, batch);
    if (few_to_share(p, batch)) return plan_terms(w, p);
    p->g.a_rows = wg__gemm_up(p->m, WG_GEMM_ROWS);
    p->g.b_columns = wg__gemm_up(p->n, p->wide);
    bool packs = packs_before(p, batch);
    if (packs && !plan_packs(w, p)) return false;
    w->scratch = (size_t)wg__gemm_scratch(most_rows(p), p->g.kc, p->g.a_direct || (packs && p->keeps), w->width) * w->width;
    return true;
}

/* Blocks and bytes of a product with a vector. */
static bool plan_vector(wg_work *w, matmul_plan *p)
{
    int64_t values = p->m * p->n; /* one of them is 1 */
    p->vector = p->m == 1 ? 1 : 2;
    p->wide = 256;
    p->row_blocks = 1;
    p->column_blocks = (values - 1) / p->wide + 1;
    return !__builtin_mul_overflow((size_t)p->g.k, w->width, &w->scratch);
}

static bool units(wg_work *w)
{
    matmul_plan p = {.g.k = 0};
    operands(w, &p);
    int64_t batch = batch_axes(w, &p);
    w->units = w->prepare_units = 0;
    if (batch == 0 || p.m == 0 || p.n == 0) return true;
    w->flops = flops(&p) * (double)batch;
    fold_rows(&p, &batch);
    p.g.c_rs = p.n;
    p.g.rows = p.m;
    p.g.kc = wg__gemm_depth(p.g.k, w->width);
    if (p.m == 1 || p.n == 1 ? !plan_vector(w, &p) : !plan_panels(w, &p, batch)) return false;
    int64_t each = p.row_blocks * p.column_blocks;
    double a_nanosecond = p.vector ? 10 : w->width == 4 ? 80 : 40;
    w->cost = flops(&p) / (double)each / a_nanosecond;
    memcpy(w->size, &p, sizeof p);
    return !__builtin_mul_overflow(each, batch, &w->units);
}

/* Moves to the operands of product `batch`. */
static void offsets(const matmul_plan *p, int64_t batch, int64_t *a, int64_t *b)
{
    *a = *b = 0;
    for (int64_t i = p->axes - 1; i >= 0; i--) {
        int64_t at = batch % p->dim[i];
        batch /= p->dim[i];
        *a += at * p->a_step[i];
        *b += at * p->b_step[i];
    }
}

/* ---- samples (values from NumPy) ------------------------------------------------------------------------------------ */

static const wg_sample samples[] = {
    {.call = "matmul([[1, 2, 3], [4, 5, 6]], [[1, 0], [0, 1], [2, -1]])",
     .value = "[[7, -1], [16, -1]]",
     .grad = "[[1, 1, 1], [1, 1, 1]]; [[5, 5], [7, 7], [9, 9]]"},
    {.call = "matmul([0.5, -1, 2, 3], [1.5, 2, -0.25, 1])", .value = "1.25", .grad = "[1.5, 2, -0.25, 1]; [0.5, -1, 2, 3]"},
    {.call = "matmul([1, -2, 0.5], [[1, 2], [3, 4], [5, 6]])", .value = "[-2.5, -3]", .grad = "[3, 7, 11]; [[1, 1], [-2, -2], [0.5, 0.5]]"},
    {.call = "matmul([[1, 2], [3, 4], [5, 6]], [0.5, -1.5])",
     .value = "[-2.5, -4.5, -6.5]",
     .grad = "[[0.5, -1.5], [0.5, -1.5], [0.5, -1.5]]; [9, 12]"},
    {.call = "matmul([[[0.5, 1, 1.5], [2, 2.5, 3]], [[3.5, 4, 4.5], [5, 5.5, 6]]], [[1, -1], [2, 0], [0, 3]])",
     .value = "[[[2.5, 4], [7, 7]], [[11.5, 10], [16, 13]]]",
     .grad = "[[[0, 2, 3], [0, 2, 3]], [[0, 2, 3], [0, 2, 3]]]; [[11, 11], [13, 13], [15, 15]]"},
    {.call = "matmul([1, 0], [[[0, 1], [2, 3]], [[4, 5], [6, 7]]])",
     .value = "[[0, 1], [4, 5]]",
     .grad = "[10, 18]; [[[1, 1], [0, 0]], [[1, 1], [0, 0]]]"},
    {.call = "matmul([[[0, 1], [2, 3]], [[4, 5], [6, 7]]], [1, -1])",
     .value = "[[-1, -1], [-1, -1]]",
     .grad = "[[[1, -1], [1, -1]], [[1, -1], [1, -1]]]; [12, 16]"},
    {.call = "matmul([[[[1, 2]]], [[[3, 4]]]], [[[1, 0], [0, 1]], [[2, 1], [1, 2]], [[0, -1], [1, 0]]])",
     .value = "[[[[1, 2]], [[4, 5]], [[2, -1]]], [[[3, 4]], [[10, 11]], [[4, -3]]]]",
     .grad = "[[[[3, 5]]], [[[3, 5]]]]; [[[4, 4], [6, 6]], [[4, 4], [6, 6]], [[4, 4], [6, 6]]]"},
    {.call = "matmul(~[2, 1, 3, 4], ~[5, 4, 2])"},
    {.call = "matmul(~[3, 4], ~[2, 4, 5])"},
    {.call = "matmul(~[2, 3, 4], ~[4])"},
    {.call = "matmul(~[7, 17], ~[17, 35])"},
    {.call = "matmul(~[2, 2, 2, 2, 2, 2, 1, 2], ~[2, 2, 2, 2, 2, 2, 2, 1])"},
    {.call = "matmul(~[2, 97, 256], ~[2, 256, 129])", .ulps = 64},
    {.call = "matmul(~[520, 8], ~[8, 136])"},
    {.call = "matmul(~[6, 16129], ~[16129, 6])", .ulps = 1024},
    {.call = "matmul(f64[2, 0](), f64[0, 3]())", .value = "[[0, 0, 0], [0, 0, 0]]", .grad = "f64[2, 0](); f64[0, 3]()"},
    {.call = "matmul(f64[0, 3](), [[1, 2], [3, 4], [5, 6]])", .value = "f64[0, 2]()", .grad = "f64[0, 3](); [[0, 0], [0, 0], [0, 0]]"},
    {.call = "matmul(f64[0](), f64[0]())", .value = "0", .grad = "f64[0](); f64[0]()"},
    {.call = "matmul([[0, 1]], [[inf, 1], [2, 3]])", .value = "[[nan, 3]]", .grad = "[[inf, 5]]; [[0, 0], [1, 1]]", .kink = true},
    {.call = "matmul(i64[4611686018427387904, 3], i64[[4, 1], [5, -1]])", .value = "i64[15, 4611686018427387901]"},
    {.call = "matmul(~[2, 128], ~[100, 10])", .refused = "a is f64[2,128], b is f64[100,10]: inner sizes 128 and 100 differ"},
    {.call = "matmul([1, 2], [1, 2, 3])", .refused = "inner sizes 2 and 3 differ"},
    {.call = "matmul([[1, 2]], [1, 2, 3])", .refused = "inner sizes 2 and 3 differ"},
    {.call = "matmul(~[2, 3, 4], ~[3, 4, 2])", .refused = "do not broadcast"},
    {.call = "matmul([1, 2], sum([1, 2]))", .refused = "a scalar has no axis to sum over"},
    {.call = "matmul([1, 2], i64[1, 2])", .refused = "cast"},
    {.call = "matmul(bool[true], bool[true])", .refused = "must be f32, f64 or i64"},
    {0},
};

#define WG_OVER WG_OVER_NUMBERS
#define WG_WITH_PREPARE
#include "tape/instances.h"

const wg_op wg_op_matmul = {
    WG_LINE(matmul), .kind = WG_BLOCK, .takes = WG_NUMBERS, .shape = shape,      .multilinear = 3,   .vjp = vjp,
    .units = units,  .strided = true,  .product = true, .kernel = kernels,   .prepare = prepares, .samples = samples,
};

/* ---- kernel --------------------------------------------------------------------------------------------------------- */
#else
#include "run/gemm.h"

/* Where block i of `blocks` begins: blocks of x are multiples of `step`, as even as can be. */
static int64_t FN(start)(int64_t i, int64_t blocks, int64_t x, int64_t step)
{
    if (blocks == 1) return i == 0 ? 0 : x; /* the small ones: no division */
    int64_t groups = (x - 1) / step + 1, at = (i * (groups / blocks) + i * (groups % blocks) / blocks) * step;
    return at < x ? at : x;
}

/* Packs b, some columns a unit, or multiplies, a block of terms a unit. */
static int64_t FN(prepare)(const wg_args *args, int64_t lo, int64_t hi)
{
    matmul_plan p;
    memcpy(&p, args->size, sizeof p);
    if (p.terms > 0) {
        for (int64_t q = lo; q < hi; q++)
            FN(gemm_terms)(&p.g, args->in[0], args->in[1], (T *)args->shared + q * p.m * p.n, q, p.m, p.n, args->scratch);
        return -1;
    }
    int64_t size = p.keeps ? p.m : p.n, step = p.keeps ? p.tall : p.wide;
    int64_t from = FN(start)(lo, p.packs, size, step), to = FN(start)(hi, p.packs, size, step);
    if (p.keeps) FN(gemm_pack_rows)(&p.g, args->shared, args->in[0], from, to);
    else FN(gemm_pack_columns)(&p.g, args->shared, args->in[1], from, to);
    return -1;
}

static void FN(vector)(const matmul_plan *p, const T *a, const T *b, T *c, int64_t j0, int64_t j1, void *scratch)
{
    const wg_gemm *g = &p->g;
    if (p->vector == 1) FN(gemm_vector_product)(a, g->a_cs, b, g->b_rs, g->b_cs, g->k, c, j0, j1, scratch);
    else FN(gemm_vector_product)(b, g->b_rs, a, g->a_cs, g->a_rs, g->k, c, j0, j1, scratch);
}

static int64_t FN(kernel)(const wg_args *args, int64_t lo, int64_t hi)
{
    matmul_plan p;
    memcpy(&p, args->size, sizeof p);
    if (p.terms > 0) {
        int64_t size = p.m * p.n;
        FN(gemm_add_terms)(args->shared, p.terms, size, args->out, lo * p.wide, hi * p.wide < size ? hi * p.wide : size);
        return -1;
    }
    int64_t length = p.vector ? p.m * p.n : p.n;
    for (int64_t u = lo, next; u < hi; u = next) {
        bool one = p.column_blocks * p.row_blocks == 1;
        int64_t across = one ? 0 : u % p.column_blocks, down = one ? 0 : u / p.column_blocks % p.row_blocks;
        int64_t batch = one ? u : u / p.column_blocks / p.row_blocks, a_at, b_at;
        next = u - across + p.column_blocks < hi ? u - across + p.column_blocks : hi;
        int64_t j0 = FN(start)(across, p.column_blocks, length, p.wide);
        int64_t j1 = FN(start)(across + next - u, p.column_blocks, length, p.wide);
        int64_t i0 = FN(start)(down, p.row_blocks, p.m, p.tall), i1 = FN(start)(down + 1, p.row_blocks, p.m, p.tall);
        offsets(&p, batch, &a_at, &b_at);
        const T *a = args->in[0], *b = args->in[1];
        if (p.g.k > 0) a += a_at, b += b_at; /* without terms they may be NULL */
        T *c = (T *)args->out + batch * p.m * p.n;
        FN(gemm_operands) x = {a, b, p.packs && p.keeps ? args->shared : NULL, p.packs && !p.keeps ? args->shared : NULL};
        if (p.vector) FN(vector)(&p, a, b, c, j0, j1, args->scratch);
        else FN(gemm_block)(&p.g, &x, c, i0, i1, j0, j1, args->scratch);
    }
    return -1;
}
#endif

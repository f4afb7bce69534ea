/* solve_triangular(a, b; upper, left, unit): the x with a x = b (left), or x a = b, where a is triangular: torch.linalg.solve_triangular;
 * only a's upper (lower) triangle is read, with unit not its diagonal either, which then is 1. The axes before the last two broadcast.
 * A 0 on the diagonal gives inf and NaN, as in torch: no error.
 * db = solve_triangular(a^T, g), da = -db x^T in the triangle that is read. A node of its own: one pass of substitution, which no other
 * op says; f32 accumulates in double. */
#ifndef WG_KERNEL_PART
#include "ops/linalg/matrix.h"

static bool shape(wg_call *c)
{
    const wg_solve_triangular_options *o = c->attrs;
    return wg__solution(c, o->left);
}

/* x a = b is a^T x^T = b^T. */
static wg_tensor define(const wg_rule *r)
{
    const wg_solve_triangular_options *o = r->attrs;
    if (o->left) return WG_NONE;
    return wg__swapped(wg_solve_triangular(wg__swapped(r->in[0]), wg__swapped(r->in[1]), !o->upper, .unit = o->unit));
}

/* The part of x, a square matrix, that a kernel with these options reads. */
static wg_tensor part(const wg_solve_triangular_options *o, wg_tensor x)
{
    return o->upper ? wg_triu(x, .offset = o->unit ? 1 : 0) : wg_tril(x, .offset = o->unit ? -1 : 0);
}

static wg_tensor vjp(const wg_rule *r, wg_tensor g, int i)
{
    const wg_solve_triangular_options *o = r->attrs;
    wg_tensor db = wg_solve_triangular(wg__swapped(r->in[0]), g, !o->upper, .unit = o->unit);
    if (i == 1) return wg_sum_to(db, r->in[1]);
    return wg_sum_to(part(o, wg_neg(wg_matmul(db, wg__swapped(r->out)))), r->in[0]);
}

static wg_tensor jvp(const wg_rule *r, const wg_tensor *dx)
{
    const wg_solve_triangular_options *o = r->attrs;
    wg_tensor right = dx[1];
    if (wg_ok(dx[0])) {
        wg_tensor moved = wg_matmul(part(o, dx[0]), r->out);
        right = wg_ok(right) ? wg_sub(right, moved) : wg_neg(moved);
    }
    return wg_solve_triangular(r->in[0], right, o->upper, .unit = o->unit);
}

enum { COLUMNS = 64 };

typedef struct triangle {
    wg_batch batch;
    int64_t n, k, blocks, row[2], column[2]; /* rows of x, its columns, blocks of these; strides of a and b */
} triangle;

_Static_assert(sizeof(triangle) <= WG_NUMBERS_MAX * sizeof(int64_t), "the plan travels in size[]");

/* A unit is a block of columns of one matrix. */
static bool units(wg_work *w)
{
    const wg_shape *y = w->out.shape;
    triangle p = {.n = y->dim[y->rank - 2], .k = y->dim[y->rank - 1]};
    int64_t many = wg__batch_of(w, 2, &p.batch);
    for (int o = 0; o < 2; o++) {
        p.row[o] = w->layout[o].stride[w->layout[o].shape.rank - 2];
        p.column[o] = w->layout[o].stride[w->layout[o].shape.rank - 1];
    }
    p.blocks = (p.k + COLUMNS - 1) / COLUMNS;
    w->units = many * p.blocks;
    w->cost = 1 + 0.2 * (double)p.n * (double)p.n * (double)(p.k < COLUMNS ? p.k : COLUMNS);
    memcpy(w->size, &p, sizeof p);
    return true;
}

/* values from PyTorch in f64 */
static const wg_sample samples[] = {
    {.call = "solve_triangular([[2, 0], [1, 4]], [[2], [9]]; upper=false)", .value = "[[1], [2]]",
     .grad = "[[-0.375, 0], [-0.25, -0.5]]; [[0.375], [0.25]]"},
    {.call = "solve_triangular([[2, 1], [0, 4]], [[2], [8]]; upper=true)", .value = "[[0], [2]]",
     .grad = "[[0, -1], [0, -0.25]]; [[0.5], [0.125]]"},
    {.call = "solve_triangular([[2, 7], [1, 4]], [[2, 1], [9, 0]]; upper=false)", .value = "[[1, 0.5], [2, -0.125]]",
     .grad = "[[-0.5625, 0], [-0.375, -0.46875]]; [[0.375, 0.375], [0.25, 0.25]]"},
    {.call = "solve_triangular([[2, 7], [1, 4]], [[2, 1], [9, 0]]; upper=false, unit=true)", .value = "[[2, 1], [7, -1]]",
     .grad = "[[0, 0], [-3, 0]]; [[0, 0], [1, 1]]"},
    {.call = "solve_triangular([[2, 7], [1, 4]], [[2, 1], [9, 0]]; upper=true, unit=true)", .value = "[[-61, 1], [9, 0]]",
     .grad = "[[0, -9], [0, 0]]; [[1, 1], [-6, -6]]"},
    {.call = "solve_triangular([[2, 7], [1, 4]], [[2, 1]]; upper=true, left=false)", .value = "[[1, -1.5]]",
     .grad = "[[0.375, -0.25], [0, 0.375]]; [[-0.375, 0.25]]"},
    {.call = "solve_triangular([[2, 7], [1, 4]], [[2, 1], [3, 5], [0, 1]]; upper=false, left=false)",
     .value = "[[0.875, 0.25], [0.875, 1.25], [-0.125, 0.25]]",
     .grad = "[[-0.8125, 0], [-0.875, -0.21875]]; [[0.5, 0.125], [0.5, 0.125], [0.5, 0.125]]"},
    {.call = "solve_triangular([[[2, 0], [1, 4]], [[1, 0], [3, -1]]], [[[2], [9]], [[1], [1]]]; upper=false)",
     .value = "[[[1], [2]], [[1], [2]]]", .grad = "[[[-0.375, 0], [-0.25, -0.5]], [[-4, 0], [1, 2]]]; [[[0.375], [0.25]], [[4], [-1]]]"},
    {.call = "solve_triangular([[2, 0], [1, 4]], [[[2], [9]], [[1], [1]]]; upper=false)", .value = "[[[1], [2]], [[0.5], [0.125]]]",
     .grad = "[[-0.5625, 0], [-0.375, -0.53125]]; [[[0.375], [0.25]], [[0.375], [0.25]]]"},
    {.call = "solve_triangular([[[2, 0], [1, 4]], [[1, 0], [3, -1]]], [[2], [9]]; upper=false)", .value = "[[[1], [2]], [[2], [-3]]]",
     .grad = "[[[-0.375, 0], [-0.25, -0.5]], [[-8, 0], [2, -3]]]; [[4.375], [-0.75]]"},
    {.call = "solve_triangular([[4]], [[2, 1]]; upper=false)", .value = "[[0.5, 0.25]]", .grad = "[[-0.1875]]; [[0.25, 0.25]]"},
    {.call = "solve_triangular([[1, 2], [0, 0]], [[1], [1]]; upper=true)", .value = "[[-inf], [inf]]",
     .grad = "[[inf, -inf], [0, inf]]; [[1], [-inf]]", .kink = true},
    {.call = "solve_triangular([[1, 0], [0, nan]], [[1], [1]]; upper=true)", .value = "[[nan], [nan]]", .kink = true},
    {.call = "solve_triangular(f64[0, 0](), f64[0, 2](); upper=true)", .value = "f64[0, 2]()"},
    {.call = "solve_triangular([[1, 2], [0, 1]], f64[2, 0](); upper=true)", .value = "f64[2, 0]()"},
    {.call = "solve_triangular(f64[0, 2, 2](), f64[0, 2, 1](); upper=true)", .value = "f64[0, 2, 1]()"},
    {.call = "solve_triangular(+[4, 4], ~[4, 3]; upper=false)", .ulps = 512},
    {.call = "solve_triangular(+[3, 3], ~[2, 3, 70]; upper=true)", .ulps = 256},
    {.call = "solve_triangular(~[2, 4, 4], ~[2, 4, 2]; upper=true, unit=true)", .ulps = 512},
    {.call = "solve_triangular(+[2, 2, 2, 2, 2, 2, 1, 1], ~[2, 2, 2, 2, 2, 2, 1, 1]; upper=true)", .ulps = 256},
    {.call = "solve_triangular([[1, 2, 3], [4, 5, 6]], [[1], [2]]; upper=true)", .refused = "a is f64[2,3], which is not square"},
    {.call = "solve_triangular([[1, 2], [4, 5]], [[1], [2], [3]]; upper=true)", .refused = "a's size 2 and b's 3 rows differ"},
    {.call = "solve_triangular([[1, 2], [4, 5]], [[1], [2]]; upper=true, left=false)", .refused = "a's size 2 and b's 1 columns differ"},
    {.call = "solve_triangular([[1, 2], [4, 5]], [1, 2]; upper=true)", .refused = "b is f64[2], which is no matrix"},
    {.call = "solve_triangular([1], [[1]]; upper=true)", .refused = "a is f64[1], which is no matrix"},
    {.call = "solve_triangular([[1]], [[1]])", .refused = "upper is missing"},
    {.call = "solve_triangular(i64[[1]], i64[[1]]; upper=true)", .refused = "must be f32 or f64"},
    {0}};

#define WG_OVER WG_OVER_REALS
#include "tape/instances.h"

const wg_op wg_op_solve_triangular = {WG_LINE(solve_triangular), .kind = WG_BLOCK, .shape = shape, .define = define, .define_when = true,
                                      .vjp = vjp, .jvp = jvp, .units = units, .strided = true, .kernel = kernels, .samples = samples};
#else

/* w columns of a x = b. */
static void FN(substitute)(const triangle *p, const wg_solve_triangular_options *o, const T *a, const T *b, T *x, int64_t w)
{
    WIDE sum[COLUMNS];
    for (int64_t s = 0; s < p->n; s++) {
        int64_t i = o->upper ? p->n - 1 - s : s, from = o->upper ? i + 1 : 0, to = o->upper ? p->n : i;
        for (int64_t c = 0; c < w; c++) sum[c] = (WIDE)b[i * p->row[1] + c * p->column[1]];
        for (int64_t j = from; j < to; j++) {
            WIDE f = (WIDE)a[i * p->row[0] + j * p->column[0]];
            for (int64_t c = 0; c < w; c++) sum[c] -= f * (WIDE)x[j * p->k + c];
        }
        WIDE pivot = o->unit ? (WIDE)1 : (WIDE)a[i * (p->row[0] + p->column[0])];
        for (int64_t c = 0; c < w; c++) x[i * p->k + c] = (T)(sum[c] / pivot);
    }
}

static int64_t FN(kernel)(const wg_args *args, int64_t lo, int64_t hi)
{
    triangle p;
    memcpy(&p, args->size, sizeof p);
    for (int64_t u = lo; u < hi && p.n; u++) {
        int64_t matrix = u / p.blocks, column = u % p.blocks * COLUMNS, w = p.k - column < COLUMNS ? p.k - column : COLUMNS;
        const T *a = (const T *)args->in[0] + wg__batch_place(&p.batch, 0, matrix);
        const T *b = (const T *)args->in[1] + wg__batch_place(&p.batch, 1, matrix) + column * p.column[1];
        FN(substitute)(&p, args->attrs, a, b, (T *)args->out + matrix * p.n * p.k + column, w);
    }
    return -1;
}
#endif

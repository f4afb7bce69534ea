/* solve(a, b): the x with a x = b, as torch.linalg.solve, by elimination with partial pivoting. The axes before the last two broadcast;
 * b is a vector, or a batch of them, where it has a's shape without the last axis, or one axis; while sizes are not known, b of one axis
 * less than a is taken for vectors, and a run where it is not fails. A singular a (a column without any pivot but 0) fails the run,
 * with the matrix and the column.
 * db = solve(a^T, g), da = -db x^T: solves again, so any order. A node of its own: elimination is no other op; in double also for f32. */
#ifndef WG_KERNEL_PART
#include "ops/linalg/lu.h"

/* Is b a vector, or one for each matrix of a? */
static bool vectors(const wg_shape *a, const wg_shape *b)
{
    bool same = b->rank == a->rank - 1;
    for (int i = 0; same && i < b->rank; i++) same = !wg__known(a->dim[i]) || !wg__known(b->dim[i]) || a->dim[i] == b->dim[i];
    return b->rank == 1 || same;
}

static bool shape(wg_call *c)
{
    wg_shape b = *c->in[1].shape;
    if (!wg__is_matrix(c, 0, true)) return false;
    if (!vectors(c->in[0].shape, &b)) return wg__solution(c, true);
    b.dim[b.rank++] = 1;
    wg_type in[2] = {c->in[0], {c->in[1].dtype, &b}};
    wg_call columns = *c;
    columns.in = in;
    if (!wg__solution(&columns, true)) return false;
    c->shape = columns.shape;
    c->shape.rank--;
    return true;
}

static wg_tensor define(const wg_rule *r)
{
    wg_shape a = wg_shape_get(r->in[0]), b = wg_shape_get(r->in[1]);
    if (!vectors(&a, &b)) return WG_NONE;
    return wg_squeeze(wg_solve(r->in[0], wg_unsqueeze(r->in[1], WG_INTS(-1))), .axes = WG_INTS(-1));
}

static wg_tensor vjp(const wg_rule *r, wg_tensor g, int i)
{
    wg_tensor db = wg_solve(wg__swapped(r->in[0]), g);
    if (i == 1) return wg_sum_to(db, r->in[1]);
    return wg_sum_to(wg_neg(wg_matmul(db, wg__swapped(r->out))), r->in[0]);
}

static wg_tensor jvp(const wg_rule *r, const wg_tensor *dx)
{
    wg_tensor right = dx[1];
    if (wg_ok(dx[0])) {
        wg_tensor moved = wg_matmul(dx[0], r->out);
        right = wg_ok(right) ? wg_sub(right, moved) : wg_neg(moved);
    }
    return wg_solve(r->in[0], right);
}

typedef struct system {
    wg_batch batch;
    int64_t n, k, row[2], column[2]; /* strides of a and b */
} system;

_Static_assert(sizeof(system) <= WG_NUMBERS_MAX * sizeof(int64_t), "the plan travels in size[]");

/* A unit is a matrix with all its right sides: scratch has both side by side. */
static bool units(wg_work *w)
{
    const wg_shape *y = w->out.shape;
    system p = {.n = y->dim[y->rank - 2], .k = y->dim[y->rank - 1]};
    size_t items;
    w->units = wg__batch_of(w, 2, &p.batch);
    for (int o = 0; o < 2; o++) {
        p.row[o] = w->layout[o].stride[w->layout[o].shape.rank - 2];
        p.column[o] = w->layout[o].stride[w->layout[o].shape.rank - 1];
    }
    double n = (double)p.n;
    w->cost = 10 + 0.2 * n * n * (n + 3 * (double)p.k);
    memcpy(w->size, &p, sizeof p);
    return !__builtin_mul_overflow((size_t)p.n, (size_t)p.n + (size_t)p.k, &items) &&
           !__builtin_mul_overflow(items, sizeof(double), &w->scratch);
}

static void explain(const wg_work *w, const wg_args *a, int64_t position, char *why, size_t why_size)
{
    const wg_shape *y = w->out.shape;
    (void)a;
    wg__explain_column(y, y->rank - 2, y->dim[y->rank - 2], position, "is singular", why, why_size);
}

/* a is eliminated: from the last row up, x stands behind a. */
static void back(double *a, int64_t n, int64_t width)
{
    for (int64_t i = n - 1; i >= 0; i--) {
        double *to = a + i * width;
        for (int64_t j = i + 1; j < n; j++)
            for (int64_t c = n; c < width; c++) to[c] -= to[j] * a[j * width + c];
        for (int64_t c = n; c < width; c++) to[c] /= to[i];
    }
}

/* values from PyTorch in f64 */
static const wg_sample samples[] = {
    {.call = "solve([[2, 1], [1, 3]], [[3], [5]])", .value = "[[0.8], [1.4]]",
     .grad = "[[-0.32000000000000006, -0.5599999999999999], [-0.16000000000000003, -0.27999999999999997]]; [[0.4], [0.2]]", .ulps = 64},
    {.call = "solve([[0, 1], [2, 0]], [[3, 1], [4, 5]])", .value = "[[2, 2.5], [3, 1]]",
     .grad = "[[-4.5, -4], [-2.25, -2]]; [[1, 1], [0.5, 0.5]]", .ulps = 64},
    {.call = "solve([[2, 1], [1, 3]], [3, 5])", .value = "[0.8, 1.4]",
     .grad = "[[-0.32000000000000006, -0.5599999999999999], [-0.16000000000000003, -0.27999999999999997]]; [0.4, 0.2]", .ulps = 64},
    {.call = "solve([[4]], [2])", .value = "[0.5]", .grad = "[[-0.125]]; [0.25]"},
    {.call = "solve([[[2, 1], [1, 3]], [[1, 0], [0, -2]]], [[[3], [5]], [[1], [4]]])", .value = "[[[0.8], [1.4]], [[1], [-2]]]",
     .grad = "[[[-0.32000000000000006, -0.5599999999999999], [-0.16000000000000003, -0.27999999999999997]], [[-1, 2], [0.5, -1]]]; "
             "[[[0.4], [0.2]], [[1], [-0.5]]]", .ulps = 64},
    {.call = "solve([[[2, 1], [1, 3]], [[1, 0], [0, -2]]], [[3, 5], [1, 4]])", .value = "[[0.8, 1.4], [1, -2]]",
     .grad = "[[[-0.32000000000000006, -0.5599999999999999], [-0.16000000000000003, -0.27999999999999997]], [[-1, 2], [0.5, -1]]]; "
             "[[0.4, 0.2], [1, -0.5]]", .ulps = 64},
    {.call = "solve([[2, 1], [1, 3]], [[[3], [5]], [[1], [4]]])", .value = "[[[0.8], [1.4]], [[-0.19999999999999996], [1.4]]]",
     .grad = "[[-0.24000000000000007, -1.1199999999999999], [-0.12000000000000004, -0.5599999999999999]]; [[[0.4], [0.2]], [[0.4], "
             "[0.2]]]", .ulps = 64},
    {.call = "solve([[[2, 1], [1, 3]], [[1, 0], [0, -2]]], [[3, 1, 2], [5, 0, 1]])",
     .value = "[[[0.7999999999999999, 0.6, 1], [1.4000000000000001, -0.2, 0]], [[3, 1, 2], [-2.5, 0, -0.5]]]",
     .grad = "[[[-0.9600000000000001, -0.48000000000000004], [-0.48000000000000004, -0.24000000000000002]], [[-6, 3], [3, -1.5]]]; "
             "[[1.4, 1.4, 1.4], [-0.3, -0.3, -0.3]]", .ulps = 64},
    {.call = "solve([[1, 2], [nan, 1]], [1, 1])", .value = "[nan, nan]", .kink = true},
    {.call = "solve(f64[0, 0](), f64[0, 2]())", .value = "f64[0, 2]()"},
    {.call = "solve([[1, 2], [0, 1]], f64[2, 0]())", .value = "f64[2, 0]()"},
    {.call = "solve(f64[0, 2, 2](), f64[0, 2, 1]())", .value = "f64[0, 2, 1]()"},
    {.call = "solve(~[4, 4], ~[4, 3])", .ulps = 4096},
    {.call = "solve(~[2, 3, 3], ~[3, 2])", .ulps = 4096},
    {.call = "solve(~[2, 3, 3], ~[2, 3])", .ulps = 4096},
    {.call = "solve([[1, 2], [2, 4]], [1, 1])", .refused = "the matrix is singular: column 1"},
    {.call = "solve([[0, 2], [0, 4]], [1, 1])", .refused = "the matrix is singular: column 0"},
    {.call = "solve([[[1, 2], [2, 3]], [[1, 1], [1, 1]]], [[1, 1], [1, 1]])", .refused = ": matrix [1] is singular: column 1"},
    {.call = "solve([[1, 2, 3], [4, 5, 6]], [[1], [2]])", .refused = "a is f64[2,3], which is not square"},
    {.call = "solve([[1, 2], [4, 5]], [[1], [2], [3]])", .refused = "a's size 2 and b's 3 rows differ"},
    {.call = "solve([[1, 2], [4, 5]], [1, 2, 3])", .refused = "a's size 2 and b's 3 rows differ"},
    {.call = "solve([1], [1])", .refused = "a is f64[1], which is no matrix"},
    {.call = "solve(i64[[1]], i64[[1]])", .refused = "must be f32 or f64"},
    {0}};

#define WG_OVER WG_OVER_REALS
#include "tape/instances.h"

const wg_op wg_op_solve = {WG_LINE(solve), .kind = WG_BLOCK, .shape = shape, .define = define, .define_when = true,
                           .vjp = vjp, .jvp = jvp, .units = units, .strided = true, .kernel = kernels, .explain = explain,
                           .samples = samples};
#else

static int64_t FN(kernel)(const wg_args *args, int64_t lo, int64_t hi)
{
    system p;
    memcpy(&p, args->size, sizeof p);
    const int64_t n = p.n, width = p.n + p.k;
    double *both = args->scratch, sign = 1;
    for (int64_t u = lo; u < hi && n; u++) {
        const T *a = (const T *)args->in[0] + wg__batch_place(&p.batch, 0, u);
        const T *b = (const T *)args->in[1] + (p.k ? wg__batch_place(&p.batch, 1, u) : 0);
        T *x = (T *)args->out + u * n * p.k;
        for (int64_t i = 0; i < n; i++) {
            for (int64_t j = 0; j < n; j++) both[i * width + j] = (double)a[i * p.row[0] + j * p.column[0]];
            for (int64_t j = 0; j < p.k; j++) both[i * width + n + j] = (double)b[i * p.row[1] + j * p.column[1]];
        }
        int64_t singular = wg__eliminate(both, n, width, &sign);
        if (singular >= 0) return u * n + singular;
        back(both, n, width);
        for (int64_t i = 0; i < n; i++)
            for (int64_t j = 0; j < p.k; j++) x[i * p.k + j] = (T)both[i * width + n + j];
    }
    return -1;
}
#endif

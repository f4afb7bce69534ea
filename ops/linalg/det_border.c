/* det_border(x): what to add to each matrix so that det may be differentiated through its inverse: E of rank r <= 3 where x is singular
 * with r pivots missing (0 where it is regular), so that x + E is regular; NaN throughout where more are missing. Pivots are sought in
 * all of what is left (complete pivoting), of x scaled by powers of 2 so that the largest item of rows and columns is near 1; missing is
 * what is below n eps of the largest. A constant to any derivative: det, which is right with any E, does not depend on it. A node of
 * its own: a search. */
#ifndef WG_KERNEL_PART
#include "ops/linalg/lu.h"

static bool shape(wg_call *c) { return wg__is_matrix(c, 0, true); }

/* scratch: the matrix, scales of rows and columns, and which row and column each pivot is in */
static bool units(wg_work *w)
{
    size_t more;
    return wg__matrix_units(w) && !__builtin_mul_overflow((size_t)w->size[0], 4 * sizeof(double), &more) &&
           !__builtin_add_overflow(w->scratch, more, &w->scratch);
}

/* Powers of 2 that bring the largest item of each line to 1/2..1; lines are `line` apart, their items `item`. */
static void scale(double *a, double *by, int64_t n, int64_t line, int64_t item)
{
    for (int64_t i = 0; i < n; i++) {
        double most = 0;
        int power = 0;
        for (int64_t j = 0; j < n; j++) most = fabs(a[i * line + j * item]) > most ? fabs(a[i * line + j * item]) : most;
        if (isfinite(most)) frexp(most, &power);
        by[i] = ldexp(1, power);
        for (int64_t j = 0; j < n; j++) a[i * line + j * item] = ldexp(a[i * line + j * item], -power);
    }
}

static void swap(double *x, double *y)
{
    double t = *x;
    *x = *y;
    *y = t;
}

/* Brings the largest item of what is left to place p, p. Returns it. */
static double bring(double *a, double *row, double *column, int64_t n, int64_t p)
{
    int64_t r = p, c = p;
    for (int64_t i = p; i < n; i++)
        for (int64_t j = p; j < n; j++)
            if (fabs(a[i * n + j]) > fabs(a[r * n + c])) r = i, c = j;
    wg__swap_rows(a, n, p, r);
    swap(&row[p], &row[r]);
    for (int64_t i = 0; i < n; i++) swap(&a[i * n + p], &a[i * n + c]);
    swap(&column[p], &column[c]);
    return a[p * n + p];
}

/* How many pivots a has that are not missing; row and column say where they are. */
static int64_t rank_of(double *a, double *row, double *column, int64_t n, double *first)
{
    for (int64_t i = 0; i < n; i++) row[i] = column[i] = (double)i;
    for (int64_t p = 0; p < n; p++) {
        double pivot = bring(a, row, column, n, p);
        if (p == 0) *first = fabs(pivot) > 0 ? fabs(pivot) : 1;
        if (fabs(pivot) <= (double)n * 0x1p-52 * *first) return p;
        for (int64_t i = p + 1; i < n; i++) {
            double f = a[i * n + p] / pivot;
            for (int64_t j = p + 1; j < n; j++) a[i * n + j] -= f * a[p * n + j];
        }
    }
    return n;
}

static const wg_sample samples[] = {
    {.call = "det_border([[1, 2], [3, 4]])", .value = "[[0, 0], [0, 0]]"},
    {.call = "det_border([[1, 2], [2, 4]])", .value = "[[0, 0], [0, 4]]"},
    {.call = "det_border([[0, 0], [0, 0]])", .value = "[[1, 0], [0, 1]]"},
    {.call = "det_border([[1e20, 0], [0, 1e-20]])", .value = "[[0, 0], [0, 0]]"},
    {.call = "det_border([[[1, 2], [3, 4]], [[0, 0], [0, 3]]])", .value = "[[[0, 0], [0, 0]], [[0.75, 0], [0, 0]]]"},
    {.call = "det_border([[0, 0, 0, 0], [0, 0, 0, 0], [0, 0, 0, 0], [0, 0, 0, 0]])",
     .value = "[[nan, nan, nan, nan], [nan, nan, nan, nan], [nan, nan, nan, nan], [nan, nan, nan, nan]]"},
    {.call = "det_border(f64[0, 0]())", .value = "f64[0, 0]()"},
    {.call = "det_border(f64[0, 2, 2]())", .value = "f64[0, 2, 2]()"},
    {.call = "det_border([[1, 2, 3], [4, 5, 6]])", .refused = "x is f64[2,3], which is not square"},
    {.call = "det_border([1])", .refused = "no matrix"},
    {0}};

#define WG_OVER WG_OVER_REALS
#include "tape/instances.h"

const wg_op wg_op_det_border = {WG_LINE(det_border), .kind = WG_BLOCK, .shape = shape, .constant = true, .units = units,
                                .kernel = kernels, .samples = samples};
#else

static int64_t FN(kernel)(const wg_args *args, int64_t lo, int64_t hi)
{
    enum { MOST = 3 };
    const int64_t n = args->size[0];
    double *a = args->scratch, *down = a + n * n, *across = down + n, *row = across + n, *column = row + n, first = 1;
    for (int64_t u = lo; u < hi; u++) {
        const T *x = (const T *)args->in[0] + u * n * n;
        T *y = (T *)args->out + u * n * n;
        for (int64_t i = 0; i < n * n; i++) a[i] = (double)x[i];
        scale(a, down, n, n, 1);
        scale(a, across, n, 1, n);
        int64_t rank = rank_of(a, row, column, n, &first);
        for (int64_t i = 0; i < n * n; i++) y[i] = rank < n - MOST ? C(NAN) : C(0);
        for (int64_t p = rank; p < n && rank >= n - MOST; p++) {
            int64_t i = (int64_t)row[p], j = (int64_t)column[p];
            y[i * n + j] = (T)(first * down[i] * across[j]);
        }
    }
    return -1;
}
#endif

/* lu.h -- Gaussian elimination with partial pivoting, in double whatever the type: shared by solve, det and logabsdet. */
#ifndef WG_OPS_LINALG_LU_H
#define WG_OPS_LINALG_LU_H

#include "ops/linalg/matrix.h"

static inline void wg__swap_rows(double *x, int64_t width, int64_t i, int64_t j)
{
    for (int64_t c = 0; c < width && i != j; c++) {
        double t = x[i * width + c];
        x[i * width + c] = x[j * width + c];
        x[j * width + c] = t;
    }
}

/* The row at or below p with the largest item in column p of a, n rows of `width`. */
static inline int64_t wg__pivot(const double *a, int64_t n, int64_t width, int64_t p)
{
    int64_t best = p;
    for (int64_t i = p + 1; i < n; i++)
        if (fabs(a[i * width + p]) > fabs(a[best * width + p])) best = i;
    return best;
}

/* Eliminates below the diagonal of a's first n columns; what is behind them goes along. *sign turns with every exchange. Returns the
   first column without a pivot, or -1. */
static inline int64_t wg__eliminate(double *a, int64_t n, int64_t width, double *sign)
{
    for (int64_t p = 0; p < n; p++) {
        int64_t row = wg__pivot(a, n, width, p);
        if (row != p) *sign = -*sign;
        wg__swap_rows(a, width, p, row);
        double pivot = a[p * width + p];
        if (pivot == 0) return p;
        for (int64_t i = p + 1; i < n; i++) {
            double f = a[i * width + p] / pivot;
            const double *from = a + p * width;
            double *to = a + i * width;
            for (int64_t c = p + 1; c < width; c++) to[c] -= f * from[c];
        }
    }
    return -1;
}

/* One square matrix a unit, of x, packed. size: {n}; scratch: a copy in double. */
static inline bool wg__matrix_units(wg_work *w)
{
    const wg_shape *s = w->in[0].shape;
    size_t items;
    int64_t n = s->dim[s->rank - 1];
    w->size[0] = n;
    w->units = 1;
    for (int i = 0; i + 2 < s->rank; i++) w->units *= s->dim[i];
    w->cost = 10 + 0.2 * (double)n * (double)n * (double)n;
    return !__builtin_mul_overflow((size_t)n, (size_t)n, &items) && !__builtin_mul_overflow(items, sizeof(double), &w->scratch);
}

#endif

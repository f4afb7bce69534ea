/* pack.c -- gathering by width, and the way back: layouts come with axes that walk as one joined, so the inner loop is as long as it can
 * be. Where the last axis strides and another is dense (a transpose), a square of both is walked at a time, so that each
 * cache line that is fetched is used whole; where it stands still, its rows are one value each. */
#include "run/pack.h"

/* One value again and again; memcpy has wider stores than this file is compiled for. */
#define FILL(T, name)                                                                                                                      \
    static void fill_##name(T *y, T x, int64_t n)                                                                                          \
    {                                                                                                                                      \
        int64_t there = n < 64 ? n : 64;                                                                                                   \
        for (int64_t i = 0; i < there; i++) y[i] = x;                                                                                      \
        for (int64_t more; there < n; there += more) {                                                                                     \
            more = there < n - there ? there : n - there;                                                                                  \
            memcpy(y + there, y, (size_t)more * sizeof(T));                                                                                \
        }                                                                                                                                  \
    }
FILL(uint8_t, 1)
FILL(uint16_t, 2)
FILL(uint32_t, 4)
FILL(uint64_t, 8)

#define GATHER(T, name)                                                                                                                    \
    static void run_##name(T *y, const T *x, int64_t stride, int64_t n)                                                                    \
    {                                                                                                                                      \
        if (stride == 1) memcpy(y, x, (size_t)n * sizeof(T));                                                                              \
        else if (stride == 0) fill_##name(y, *x, n);                                                                                       \
        else                                                                                                                               \
            for (int64_t i = 0; i < n; i++) y[i] = x[i * stride];                                                                          \
    }                                                                                                                                      \
    static void square_##name(T *y, const T *x, int64_t row, int64_t rows, int64_t stride)                                                 \
    {                                                                                                                                      \
        for (int64_t j = 0; j < row; j++)                                                                                                  \
            for (int64_t i = 0; i < rows; i++) y[i * row + j] = x[i + j * stride];                                                         \
    }                                                                                                                                      \
    static void spread_##name(T *y, const T *x, int64_t row, int64_t rows, int64_t stride)                                                 \
    {                                                                                                                                      \
        for (int64_t i = 0; i < rows; i++, y += row) {                                                                                     \
            T some[8], v = x[i * stride];                                                                                                  \
            for (int j = 0; j < 8; j++) some[j] = v;                                                                                       \
            for (int64_t j = 0; j + 8 <= row; j += 8) memcpy(y + j, some, sizeof some);                                                    \
            if (row >= 8) memcpy(y + row - 8, some, sizeof some);                                                                          \
            for (int64_t j = 0; row < 8 && j < row; j++) y[j] = v;                                                                         \
        }                                                                                                                                  \
    }
GATHER(uint8_t, 1)
GATHER(uint16_t, 2)
GATHER(uint32_t, 4)
GATHER(uint64_t, 8)

static void run(void *y, const char *x, int64_t stride, int64_t n, size_t width)
{
    if (width == 4) run_4(y, (const void *)x, stride, n);
    else if (width == 8) run_8(y, (const void *)x, stride, n);
    else if (width == 2) run_2(y, (const void *)x, stride, n);
    else run_1(y, (const void *)x, stride, n);
}

static void square(void *y, const char *x, int64_t row, int64_t rows, int64_t stride, size_t width)
{
    if (width == 4) square_4(y, (const void *)x, row, rows, stride);
    else if (width == 8) square_8(y, (const void *)x, row, rows, stride);
    else if (width == 2) square_2(y, (const void *)x, row, rows, stride);
    else square_1(y, (const void *)x, row, rows, stride);
}

static void spread(void *y, const char *x, int64_t row, int64_t rows, int64_t stride, size_t width)
{
    if (width == 4) spread_4(y, (const void *)x, row, rows, stride);
    else if (width == 8) spread_8(y, (const void *)x, row, rows, stride);
    else if (width == 2) spread_2(y, (const void *)x, row, rows, stride);
    else spread_1(y, (const void *)x, row, rows, stride);
}

void wg__fill(void *y, const void *x, int64_t n, size_t width) { run(y, x, 0, n, width); }

void wg__gather(void *y, const void *x, const wg_layout *l, int64_t lo, int64_t n, size_t width)
{
    int r = l->shape.rank;
    int64_t at[WG_MAX_RANK] = {0}, offset = 0, rest = lo;
    if (r == 0 || n <= 0) {
        if (n > 0) run(y, x, 0, n, width);
        return;
    }
    for (int i = r - 1; i >= 0; i--) {
        at[i] = rest % l->shape.dim[i];
        rest /= l->shape.dim[i];
        offset += at[i] * l->stride[i];
    }
    int64_t row = l->shape.dim[r - 1], step = l->stride[r - 1];
    char *to = y;
    while (n > 0) {
        int64_t take = row - at[r - 1] < n ? row - at[r - 1] : n, rows = 1;
        const char *from = (const char *)x + offset * (int64_t)width;
        if (r > 1 && at[r - 1] == 0 && step != 1 && (step ? l->stride[r - 2] == 1 : row <= 64) && n >= 2 * row) {
            rows = n / row < l->shape.dim[r - 2] - at[r - 2] ? n / row : l->shape.dim[r - 2] - at[r - 2];
            take = rows * row;
            (step ? square : spread)(to, from, row, rows, step ? step : l->stride[r - 2], width);
            at[r - 2] += rows - 1;
            offset += (rows - 1) * l->stride[r - 2];
        } else {
            run(to, from, step, take, width);
            at[r - 1] += take;
            offset += take * step;
            n -= take;
            to += take * (int64_t)width;
            if (at[r - 1] < row) return;
            at[r - 1] = 0;
            offset -= row * step;
            take = 0;
        }
        n -= take;
        to += take * (int64_t)width;
        for (int i = r - 2; i >= 0; i--) { /* the next row */
            offset += l->stride[i];
            if (++at[i] < l->shape.dim[i]) break;
            offset -= l->stride[i] * l->shape.dim[i];
            at[i] = 0;
        }
    }
}

void wg__scatter(void *y, const wg_layout *l, int64_t lo, int64_t n, const void *x, size_t width)
{
    int r = l->shape.rank;
    int64_t row = l->shape.dim[r - 1], step = l->stride[r - 1] * (int64_t)width;
    const char *from = x;
    for (int64_t end = lo + n; lo < end;) { /* one row, or what is left of it, at a time */
        int64_t rest = lo / row, at = lo % row, offset = at * step, take = row - at < end - lo ? row - at : end - lo;
        for (int i = r - 2; i >= 0; i--) {
            offset += rest % l->shape.dim[i] * l->stride[i] * (int64_t)width;
            rest /= l->shape.dim[i];
        }
        char *to = (char *)y + offset;
        if (step == (int64_t)width) memcpy(to, from, (size_t)take * width);
        else
            for (int64_t i = 0; i < take; i++) memcpy(to + i * step, from + i * (int64_t)width, width);
        lo += take;
        from += take * (int64_t)width;
    }
}

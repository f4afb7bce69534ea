/* rows.c -- rows of arrays by their numbers, and numbers in two sets. */
#include "base/alloc.h"
#include "base/array.h"

#include <math.h>
#include <string.h>
#include <wengert/data.h>

static void take_marked(const bool *mark, bool wanted, int64_t n, int64_t *to)
{
    for (int64_t i = 0; i < n; i++)
        if (mark[i] == wanted) *to++ = i;
}

wg_status wg_split(int64_t n, double share, uint32_t seed, wg_array *first, wg_array *rest)
{
    *first = *rest = (wg_array){0};
    if (n < 0 || !(share >= 0 && share <= 1)) return WG_EARG;
    int64_t k = (int64_t)floor(share * (double)n + 0.5);
    int64_t *order = wg__alloc(wg__mul((size_t)n + 1, sizeof *order));
    bool *mark = wg__alloc((size_t)n + 1);
    wg_rng *r = wg_rng_new(seed);
    wg_status s = order && mark && r ? wg_rng_permutation(r, n, order) : WG_ENOMEM;
    if (!s) s = wg_array_new(first, WG_I64, (wg_shape){{k}, 1});
    if (!s) s = wg_array_new(rest, WG_I64, (wg_shape){{n - k}, 1});
    for (int64_t i = 0; !s && i < k; i++) mark[order[i]] = true;
    if (!s) take_marked(mark, true, n, first->data);
    if (!s) take_marked(mark, false, n, rest->data);
    if (s) wg_array_free(first);
    wg_rng_free(r);
    wg__free(mark);
    wg__free(order);
    return s;
}

wg_status wg_rows_of(const wg_array *a, const wg_array *rows, wg_array *out)
{
    *out = (wg_array){0};
    if (wg__array_wrong(a) || wg__array_wrong(rows) || a->shape.rank < 1 || rows->shape.rank != 1 || rows->dtype != WG_I64) return WG_EARG;
    wg_shape s = a->shape, row = a->shape;
    const int64_t *at = rows->data;
    for (int64_t i = 0; i < rows->shape.dim[0]; i++)
        if (at[i] < 0 || at[i] >= a->shape.dim[0]) return WG_EINDEX;
    s.dim[0] = rows->shape.dim[0];
    row.dim[0] = 1;
    size_t bytes = (size_t)wg_shape_count(row) * wg_dtype_size(a->dtype);
    wg_status status = wg_array_new(out, a->dtype, s);
    for (int64_t i = 0; !status && bytes && i < s.dim[0]; i++)
        memcpy((char *)out->data + (size_t)i * bytes, (const char *)a->data + (size_t)at[i] * bytes, bytes);
    return status;
}

/* draws.c -- whole arrays of random numbers, orders and choices, draw for draw as NumPy's RandomState: what it promises
 * never to change is also how many numbers each of these takes from the generator. Written on top of rng.c's single
 * draws.
 *
 * Letters: n: how many there are to choose from; count: how many are wanted; cdf: sums of probabilities. */
#include "base/alloc.h"

#include <wengert/base.h>

#include <float.h>
#include <math.h>
#include <string.h>

/* ---- arrays ------------------------------------------------------------------------------------------------------- */

/* The number of elements; -1: there is no array of such to fill. */
static int64_t fillable(const wg_rng *r, const wg_array *a)
{
    int64_t n = a ? wg_shape_count(a->shape) : -1;
    return !r || n < 0 || (n && !a->data) ? -1 : n;
}

static wg_status fill(wg_rng *r, wg_array *a, double (*draw)(wg_rng *), double from, double times)
{
    int64_t n = fillable(r, a);
    if (n < 0 || !isfinite(from) || !isfinite(times)) return WG_EARG;
    if (!wg_dtype_real(a->dtype)) return WG_EDTYPE;
    for (int64_t i = 0; i < n; i++) {
        double v = from + times * draw(r);
        if (a->dtype == WG_F64) ((double *)a->data)[i] = v;
        else ((float *)a->data)[i] = (float)v;
    }
    return WG_OK;
}

wg_status wg_rng_fill_uniform(wg_rng *r, wg_array *a, double lo, double hi)
{
    return lo <= hi ? fill(r, a, wg_rng_uniform, lo, hi - lo) : WG_EARG;
}

wg_status wg_rng_fill_normal(wg_rng *r, wg_array *a, double mean, double deviation)
{
    return deviation >= 0 ? fill(r, a, wg_rng_normal, mean, deviation) : WG_EARG;
}

wg_status wg_rng_fill_integer(wg_rng *r, wg_array *a, int64_t lo, int64_t hi)
{
    int64_t n = fillable(r, a), width;
    if (n < 0 || lo >= hi || __builtin_sub_overflow(hi, lo, &width)) return WG_EARG;
    if (a->dtype != WG_I64 && a->dtype != WG_I32 && a->dtype != WG_U8) return WG_EDTYPE;
    if (a->dtype == WG_I32 && (lo < INT32_MIN || hi - 1 > INT32_MAX)) return WG_EARG;
    if (a->dtype == WG_U8 && (lo < 0 || hi - 1 > UINT8_MAX)) return WG_EARG;
    for (int64_t i = 0; i < n; i++) {
        int64_t v = lo + wg_rng_integer(r, width);
        if (a->dtype == WG_I64) ((int64_t *)a->data)[i] = v;
        else if (a->dtype == WG_I32) ((int32_t *)a->data)[i] = (int32_t)v;
        else ((uint8_t *)a->data)[i] = (uint8_t)v;
    }
    return WG_OK;
}

wg_status wg_rng_shuffle(wg_rng *r, wg_array *a)
{
    int64_t count = fillable(r, a);
    if (count < 0 || !wg_dtype_size(a->dtype) || a->shape.rank < 1) return WG_EARG;
    int64_t n = a->shape.dim[0];
    size_t row = n ? (size_t)(count / n) * wg_dtype_size(a->dtype) : 0;
    char *data = a->data, *kept = wg__alloc(row);
    if (!kept) return WG_ENOMEM;
    for (int64_t i = n - 1; i > 0; i--) {
        int64_t j = wg_rng_integer(r, i + 1);
        if (i == j || row == 0) continue;
        memcpy(kept, data + (size_t)i * row, row);
        memcpy(data + (size_t)i * row, data + (size_t)j * row, row);
        memcpy(data + (size_t)j * row, kept, row);
    }
    wg__free(kept);
    return WG_OK;
}

/* ---- choices ------------------------------------------------------------------------------------------------------ */

static bool probabilities(int64_t n, const double *p, int64_t *possible)
{
    double sum = 0, lost = 0; /* as Kahan (1965): NumPy adds them so to judge them */
    for (int64_t i = 0; i < n; i++) {
        if (!(p[i] >= 0)) return false;
        double y = p[i] - lost, next = sum + y;
        lost = next - sum - y;
        sum = next;
        *possible += p[i] > 0;
    }
    return fabs(sum - 1) <= sqrt(DBL_EPSILON);
}

static void add_up(int64_t n, const double *p, double *cdf)
{
    double sum = 0;
    for (int64_t i = 0; i < n; i++) cdf[i] = sum += p[i];
    for (int64_t i = 0; i < n; i++) cdf[i] /= sum;
}

/* The first place whose sum is above x. */
static int64_t search(int64_t n, const double *cdf, double x)
{
    int64_t lo = 0, hi = n;
    while (lo < hi) {
        int64_t middle = lo + (hi - lo) / 2;
        if (cdf[middle] <= x) lo = middle + 1;
        else hi = middle;
    }
    return lo;
}

/* Rounds of draws; of each the new ones are kept, in order, and become impossible for the rounds after. */
static void choose_others(wg_rng *r, int64_t n, int64_t count, double *p, double *cdf, int64_t *out)
{
    for (int64_t found = 0; found < count;) {
        int64_t before = found;
        add_up(n, p, cdf);
        for (int64_t i = before; i < count; i++) {
            int64_t x = search(n, cdf, wg_rng_uniform(r));
            if (p[x] < 0) continue; /* seen in this round */
            p[x] = -1;
            out[found++] = x;
        }
        for (int64_t i = before; i < found; i++) p[out[i]] = 0;
    }
}

static wg_status choose_by(wg_rng *r, int64_t n, int64_t count, bool replace, const double *p, int64_t *out)
{
    int64_t possible = 0;
    if (!probabilities(n, p, &possible) || (!replace && count > possible)) return WG_EARG;
    double *own = wg__alloc(wg__mul((size_t)n, 2 * sizeof *own));
    if (!own) return WG_ENOMEM;
    memcpy(own, p, (size_t)n * sizeof *own);
    if (replace) {
        add_up(n, own, own + n);
        for (int64_t i = 0; i < count; i++) out[i] = search(n, own + n, wg_rng_uniform(r));
    } else {
        choose_others(r, n, count, own, own + n, out);
    }
    wg__free(own);
    return WG_OK;
}

wg_status wg_rng_choice(wg_rng *r, int64_t n, int64_t count, bool replace, const double *p, int64_t *out)
{
    if (!r || n < 1 || count < 0 || (count && !out) || (!replace && count > n)) return WG_EARG;
    if (p) return choose_by(r, n, count, replace, p, out);
    if (replace) {
        for (int64_t i = 0; i < count; i++) out[i] = wg_rng_integer(r, n);
        return WG_OK;
    }
    int64_t *all = wg__alloc(wg__mul((size_t)n, sizeof *all));
    if (!all) return WG_ENOMEM;
    wg_status s = wg_rng_permutation(r, n, all);
    if (!s && count) memcpy(out, all, (size_t)count * sizeof *all);
    wg__free(all);
    return s;
}

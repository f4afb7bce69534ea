/* compare.c -- whether what was computed is what it must be: by its bits, by itself, or by units in the last place. */
#include "samples.h"

#include <float.h>

static double largest_of(const wg_array *a)
{
    double most = 0;
    int64_t n = wg_shape_count(a->shape);
    for (int64_t i = 0; i < n; i++) {
        double v = fabs(wg_array_at(a, i));
        if (isfinite(v) && v > most) most = v;
    }
    return most;
}

static double unit_in_last_place(double v, wg_dtype d)
{
    int e;
    frexp(v, &e);
    double least = d == WG_F32 ? (double)FLT_MIN : DBL_MIN;
    return ldexp(fmax(v == 0 ? 0 : ldexp(1, e - 1), least), d == WG_F32 ? -23 : -52);
}

static bool same_bits(const wg_array *a, const wg_array *b, int64_t i)
{
    size_t w = wg_dtype_size(a->dtype);
    return memcmp((const char *)a->data + (size_t)i * w, (const char *)b->data + (size_t)i * w, w) == 0;
}

static bool agree(double got, double want, double room)
{
    if (isnan(want)) return isnan(got);
    if (isinf(want) || isinf(got)) return want == got;
    return fabs(got - want) <= room;
}

bool sample_agree(const wg_array *got, const wg_array *want, measure how, double much, char *why, size_t size)
{
    char a[128], b[128];
    wg_dtype coarse = got->dtype == WG_F32 || want->dtype == WG_F32 ? WG_F32 : WG_F64;
    if (!wg_shape_equal(got->shape, want->shape))
        return snprintf(why, size, " is %s, must be %s", wg__show_type(a, (wg_type){got->dtype, &got->shape}),
                        wg__show_type(b, (wg_type){want->dtype, &want->shape})),
               false;
    int64_t n = wg_shape_count(got->shape);
    if (got->dtype == want->dtype && (n == 0 || memcmp(got->data, want->data, (size_t)n * wg_dtype_size(got->dtype)) == 0)) return true;
    bool real = wg_dtype_real(got->dtype) && wg_dtype_real(want->dtype), beyond = false;
    double ulp = real && how >= SUMMED ? unit_in_last_place(largest_of(want), coarse) : 0;
    for (int64_t i = 0; i < n; i++) {
        double x = wg_array_at(got, i), y = wg_array_at(want, i);
        double room = how == ULPS ? much * ulp : much * fabs(y) + 4 * ulp;
        bool fine = !real || how == EXACT ? got->dtype == want->dtype && same_bits(got, want, i) : agree(x, y, room);
        beyond = real && coarse == WG_F32 && how == ULPS && fabs(y) > (double)FLT_MAX; /* f32 cannot hold it */
        if (fine || (real && isnan(x) && isnan(y)) || beyond) continue;
        return snprintf(why, size, "[%lld] is %.17g, must be %.17g, off by %.3g%s (%s)", (long long)i, x, y, fabs(x - y),
                        how == ULPS && ulp > 0 ? "" : " ",
                        how == EXACT  ? "the bits must be the same"
                        : how == ULPS ? "beyond its ulps"
                                      : "beyond 1e-12 of it"),
               false;
    }
    return true;
}

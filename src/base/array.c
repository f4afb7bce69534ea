/* array.c -- dtypes, shapes, lists of integers and packed arrays in the host's memory.
 *
 * Invariant: a shape whose rank is not 0..WG_MAX_RANK, or a list whose n is above WG_MAX_RANK, is bad: nothing here
 * reads its numbers, and every consumer refuses it. */
#include "base/array.h"
#include "base/alloc.h"
#include "base/half.h"
#include "base/shape.h"

#include <wengert/base.h>

#include <math.h>
#include <string.h>

/* ---- dtypes -------------------------------------------------------------------------------------------------- */

const wg_dtype_row wg__dtypes[WG_DTYPES] = {
    [WG_F32] = {"f32", 4, .real = true},   [WG_F64] = {"f64", 8, .real = true}, [WG_I64] = {"i64", 8},   [WG_I32] = {"i32", 4},
    [WG_BF16] = {"bf16", 2, .half = true}, [WG_F16] = {"f16", 2, .half = true}, [WG_BOOL] = {"bool", 1}, [WG_U8] = {"u8", 1},
};

static bool is_dtype(wg_dtype d) { return (size_t)d < WG_DTYPES && wg__dtypes[d].name; }

const char *wg_dtype_name(wg_dtype d) { return is_dtype(d) ? wg__dtypes[d].name : "?"; }

size_t wg_dtype_size(wg_dtype d) { return is_dtype(d) ? wg__dtypes[d].size : 0; }

wg_dtype wg_dtype_of(const char *name)
{
    for (int d = 1; name && d < WG_DTYPES; d++)
        if (strcmp(name, wg__dtypes[d].name) == 0) return (wg_dtype)d;
    return (wg_dtype)0;
}

bool wg_dtype_real(wg_dtype d) { return is_dtype(d) && wg__dtypes[d].real; }

bool wg_dtype_half(wg_dtype d) { return is_dtype(d) && wg__dtypes[d].half; }

/* ---- shapes -------------------------------------------------------------------------------------------------- */

static bool rank_fits(const wg_shape *s) { return s->rank >= 0 && s->rank <= WG_MAX_RANK; }

wg_shape wg_shape_of(const int64_t *dims, size_t count)
{
    wg_shape s = {.rank = -1};
    if (count > WG_MAX_RANK || (count && !dims)) return s;
    if (count) memcpy(s.dim, dims, count * sizeof *dims);
    s.rank = (int)count;
    wg_shape known = s; /* a symbol is at least no reason to overflow */
    int64_t n;
    for (int i = 0; i < s.rank; i++)
        if (known.dim[i] < 0) known.dim[i] = 1;
    if (!wg__count(&known, &n)) s.rank = -1;
    return s;
}

wg_ints wg_ints_of(const int64_t *values, size_t count)
{
    wg_ints list = {.n = -1};
    if (count > WG_MAX_RANK || (count && !values)) {
        list.n = WG_MAX_RANK + 1;
    } else if (count) {
        memcpy(list.v, values, count * sizeof *values);
        list.n = (int)count;
    }
    return list;
}

bool wg_shape_equal(wg_shape a, wg_shape b) { return rank_fits(&a) && wg__dims_equal(&a, &b); }

int64_t wg_shape_count(wg_shape s)
{
    int64_t n;
    return rank_fits(&s) && wg__shape_known(&s) && wg__count(&s, &n) ? n : -1;
}

/* ---- arrays -------------------------------------------------------------------------------------------------- */

wg_status wg_array_new(wg_array *out, wg_dtype dtype, wg_shape shape)
{
    if (!out) return WG_EARG;
    *out = (wg_array){0};
    if (!is_dtype(dtype) || !rank_fits(&shape) || !wg__shape_known(&shape)) return WG_EARG;
    int64_t n;
    if (!wg__count(&shape, &n) || (uint64_t)n > SIZE_MAX) return WG_ENOMEM;
    void *data = wg__alloc(wg__mul((size_t)n, wg_dtype_size(dtype)));
    if (!data) return WG_ENOMEM;
    *out = (wg_array){.data = data, .dtype = dtype, .shape = shape, .owner = data};
    return WG_OK;
}

wg_array wg_array_wrap(const void *data, wg_dtype dtype, wg_shape shape)
{
    return (wg_array){.data = (void *)data, .dtype = dtype, .shape = shape};
}

wg_array wg_array_of(const void *values, size_t count, wg_dtype dtype, wg_shape shape)
{
    int64_t n = wg_shape_count(shape);
    wg_array a = wg_array_wrap(values, dtype, shape);
    if (n >= 0 && (uint64_t)n == count) return a;
    a.data = NULL;
    if (n == 0) a.shape.rank = -1; /* an empty array needs no data, so this one would pass for one */
    return a;
}

const char *wg__array_wrong(const wg_array *a)
{
    if (!a) return "there is no array";
    if (!is_dtype(a->dtype)) return "the array has no dtype";
    int64_t n = wg_shape_count(a->shape);
    if (n < 0) return "the array has no proper shape";
    if (n > 0 && !a->data) return "the array has no data (a literal whose values do not fill its shape has none)";
    return NULL;
}

void wg_array_free(wg_array *a)
{
    if (!a) return;
    wg__free(a->owner);
    *a = (wg_array){0};
}

wg_array wg_rows(const wg_array *a, int64_t lo, int64_t hi)
{
    wg_array rows = {0};
    if (!a || a->shape.rank < 1 || wg_shape_count(a->shape) < 0 || !is_dtype(a->dtype)) return rows;
    int64_t n = a->shape.dim[0], width = 1;
    lo = lo < 0 ? 0 : lo > n ? n : lo;
    hi = hi < lo ? lo : hi > n ? n : hi;
    for (int i = 1; i < a->shape.rank; i++) width *= a->shape.dim[i];
    rows = wg_array_wrap(a->data, a->dtype, a->shape);
    rows.shape.dim[0] = hi - lo;
    size_t skipped = (size_t)(lo * width) * wg_dtype_size(a->dtype);
    if (skipped && a->data) rows.data = (char *)a->data + skipped;
    return rows;
}

/* ---- one value --------------------------------------------------------------------------------------------------- */

/* Through memcpy: what a caller wrapped may be aligned to bytes only. */
typedef union value {
    float f32;
    double f64;
    int64_t i64;
    int32_t i32;
    uint16_t half;
    uint8_t u8;
} value;

double wg_array_at(const wg_array *a, int64_t i)
{
    if (!a || !a->data || i < 0 || i >= wg_shape_count(a->shape)) return (double)NAN;
    size_t size = wg_dtype_size(a->dtype);
    value x = {.f64 = 0};
    memcpy(&x, (const char *)a->data + (size_t)i * size, size);
    switch (a->dtype) {
    case WG_F32: return (double)x.f32;
    case WG_F64: return x.f64;
    case WG_I64: return (double)x.i64;
    case WG_I32: return (double)x.i32;
    case WG_U8: return (double)x.u8;
    case WG_BOOL: return x.u8 ? 1.0 : 0.0;
    case WG_BF16: return (double)wg__from_bf16(x.half);
    case WG_F16: return (double)wg__from_f16(x.half);
    }
    return (double)NAN;
}

/* Towards zero, within low..high. */
static int64_t whole(double v, double low, double high)
{
    const double beyond = 0x1p63; /* the largest int64_t is no double */
    if (v != v) return 0;
    return v <= low ? (int64_t)low : v < high ? (int64_t)v : high >= beyond ? INT64_MAX : (int64_t)high;
}

void wg__put_value(void *at, wg_dtype d, double v)
{
    value x = {.f64 = 0};
    switch (d) {
    case WG_F32: x.f32 = (float)v; break;
    case WG_F64: x.f64 = v; break;
    case WG_I64: x.i64 = whole(v, -0x1p63, 0x1p63); break;
    case WG_I32: x.i32 = (int32_t)whole(v, INT32_MIN, INT32_MAX); break;
    case WG_U8: x.u8 = (uint8_t)whole(v, 0, UINT8_MAX); break;
    case WG_BOOL: x.u8 = v != 0; break;
    case WG_BF16: x.half = wg__to_bf16(wg__odd(v)); break;
    case WG_F16: x.half = wg__to_f16(wg__odd(v)); break;
    }
    memcpy(at, &x, wg_dtype_size(d));
}

void wg_array_put(wg_array *a, int64_t i, double v)
{
    if (!a || !a->data || i < 0 || i >= wg_shape_count(a->shape)) return;
    wg__put_value((char *)a->data + (size_t)i * wg_dtype_size(a->dtype), a->dtype, v);
}

double wg__rounded_to(wg_dtype d, double v)
{
    value x = {.f64 = 0};
    wg_array a = wg_array_wrap(&x, d, (wg_shape){.rank = 0});
    wg__put_value(&x, d, v);
    return wg_array_at(&a, 0);
}

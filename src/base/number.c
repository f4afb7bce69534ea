/* number.c -- numbers as text and back, the same in every locale.
 *
 * The C library's conversions are correctly rounded but write and expect the locale's decimal point. So digits go to
 * strtod without any point, as "12345e-3"; and what printf writes between the digits is skipped.
 *
 * Invariant: what is written reads back to the same bits (the sign and payload of a NaN excepted). */
#include "base/number.h"
#include "base/array.h"

#include <errno.h>
#include <float.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool is_digit(char c) { return c >= '0' && c <= '9'; }

/* ---- writing ------------------------------------------------------------------------------------------------- */

wg__decimal wg__rounded(double v, int count)
{
    wg__decimal d = {.count = 0};
    char text[64];
    snprintf(text, sizeof text, "%.*e", count - 1, fabs(v));
    const char *p = text;
    for (; *p != 'e'; p++)
        if (is_digit(*p)) d.digit[d.count++] = *p;
    d.exponent = atoi(p + 1);
    return d;
}

/* The digits with no point among them: what strtod reads alike in every locale. */
static void write_plain(char text[64], const wg__decimal *d)
{
    snprintf(text, 64, "%.*se%d", d->count, d->digit, d->exponent - (d->count - 1));
}

static double as_double(const wg__decimal *d)
{
    char text[64];
    write_plain(text, d);
    return strtod(text, NULL);
}

static float as_float(const wg__decimal *d)
{
    char text[64];
    write_plain(text, d);
    return strtof(text, NULL);
}

static bool reads_back(const wg__decimal *d, double v, wg_dtype as)
{
    return as == WG_F32 ? as_float(d) == (float)v : wg__rounded_to(as, as_double(d)) == v;
}

static void add_one_to_the_last_digit(wg__decimal *d)
{
    int i = d->count - 1;
    while (i >= 0 && d->digit[i] == '9') d->digit[i--] = '0';
    if (i >= 0) {
        d->digit[i]++;
    } else {
        d->digit[0] = '1';
        d->exponent++;
    }
}

/* Is there a decimal of `count` digits that reads back? The nearest does if any does, except at a power of two: its
 * neighbour below is half as far away as the one above, so there the next decimal up may do what the nearest can't. */
static bool found(double v, wg_dtype as, int count, wg__decimal *d)
{
    int exponent;
    *d = wg__rounded(v, count);
    if (reads_back(d, v, as)) return true;
    if (frexp(v, &exponent) != 0.5) return false;
    add_one_to_the_last_digit(d);
    return reads_back(d, v, as);
}

/* Decimal digits that every value of a dtype keeps, digits that tell any two of them apart, and the least normal value:
   floor((p - 1) log10 2), ceil(1 + p log10 2) for p binary digits. */
static const struct {
    int sure, most;
    double normal;
} precision[WG_DTYPES] = {[WG_F32] = {FLT_DIG, FLT_DECIMAL_DIG, (double)FLT_MIN},
                          [WG_F64] = {DBL_DIG, DBL_DECIMAL_DIG, DBL_MIN},
                          [WG_BF16] = {2, 4, (double)FLT_MIN},
                          [WG_F16] = {3, 5, 0x1p-14}};

wg__decimal wg__shortest(double v, wg_dtype as)
{
    wg__decimal d = {.digit = "0", .count = 1};
    v = fabs(v);
    if (v == 0) return d;
    int kept = errno;
    /* up to `sure` digits, what reads back is unique, so its trailing zeros tell how many were needed */
    bool subnormal = v < precision[as].normal;
    for (int count = subnormal ? 1 : precision[as].sure; count <= precision[as].most; count++)
        if (found(v, as, count, &d)) break;
    while (d.count > 1 && d.digit[d.count - 1] == '0') d.count--;
    errno = kept;
    return d;
}

char *wg__show_positional(char *text, const wg__decimal *d, bool point)
{
    int whole = d->exponent + 1; /* digits before the point; 0 or less: zeros after it */
    if (whole <= 0) *text++ = '0';
    for (int i = 0; i < whole; i++) *text++ = i < d->count ? d->digit[i] : '0';
    if (point || whole < d->count) *text++ = '.';
    for (int zero = whole; zero < 0; zero++) *text++ = '0';
    for (int i = whole > 0 ? whole : 0; i < d->count; i++) *text++ = d->digit[i];
    *text = '\0';
    return text;
}

char *wg__show_scientific(char *text, const wg__decimal *d, bool point, int width)
{
    int e = abs(d->exponent);
    *text++ = d->digit[0];
    if (point || d->count > 1) *text++ = '.';
    for (int i = 1; i < d->count; i++) *text++ = d->digit[i];
    *text++ = 'e';
    *text++ = d->exponent < 0 ? '-' : '+';
    if (e > 99 || width > 2) *text++ = (char)('0' + e / 100);
    *text++ = (char)('0' + e / 10 % 10);
    *text++ = (char)('0' + e % 10);
    *text = '\0';
    return text;
}

void wg__show_real(char text[40], double v, wg_dtype as)
{
    if (!isfinite(v)) {
        strcpy(text, isnan(v) ? "nan" : v > 0 ? "inf" : "-inf");
        return;
    }
    wg__decimal d = wg__shortest(v, as);
    /* read as a double first, a float's digits round twice, which can end one float away: then one digit more */
    int kept = errno;
    while (as == WG_F32 && d.count < FLT_DECIMAL_DIG && (float)as_double(&d) != (float)fabs(v)) d = wg__rounded(fabs(v), d.count + 1);
    errno = kept;
    if (signbit(v)) *text++ = '-';
    if (d.exponent < -4 || d.exponent > 15) wg__show_scientific(text, &d, false, 2);
    else wg__show_positional(text, &d, false);
}

/* ---- reading ------------------------------------------------------------------------------------------------- */

static bool name_goes_on(const char *p, const char *end)
{
    return p < end && (is_digit(*p) || *p == '_' || (*p >= 'a' && *p <= 'z') || (*p >= 'A' && *p <= 'Z'));
}

static const char *skip_word(const char *p, const char *end, const char *word)
{
    for (; *word; word++, p++)
        if (p >= end || (*p | 0x20) != *word) return NULL;
    return name_goes_on(p, end) ? NULL : p; /* "nano" is a name */
}

static const char *skip_sign(const char *p, const char *end) { return p < end && (*p == '-' || *p == '+') ? p + 1 : p; }

/* The exponent at p, if there is one: added to *scale. Far past what a double holds it is cut, not overflown. */
static const char *read_exponent(const char *p, const char *end, int64_t *scale)
{
    if (p >= end || (*p != 'e' && *p != 'E')) return p;
    const char *q = skip_sign(p + 1, end);
    bool minus = q > p + 1 && q[-1] == '-';
    if (q >= end || !is_digit(*q)) return p; /* "2em" is 2 and a name */
    int64_t e = 0;
    for (; q < end && is_digit(*q); q++)
        if (e < INT64_MAX / 100) e = e * 10 + (*q - '0');
    *scale += minus ? -e : e;
    return q;
}

/* 767 digits decide between any two neighbouring doubles; of those after, it matters only whether one is not 0. */
enum { KEPT = 800 };

static const char *read_digits(const char *p, const char *end, double *v)
{
    char text[KEPT + 32];
    size_t n = 0;
    int64_t scale = 0;
    bool any = false, more = false, point = false;
    for (; p < end && (is_digit(*p) || (*p == '.' && !point)); p++) {
        if (*p == '.') {
            point = true;
            continue;
        }
        any = true;
        scale -= point;
        if (n == 0 && *p == '0') continue;
        if (n < KEPT) {
            text[n++] = *p;
        } else {
            scale++;
            more = more || *p != '0';
        }
    }
    if (!any) return NULL;
    p = read_exponent(p, end, &scale);
    *v = 0;
    if (n == 0) return p;
    if (more) {
        text[n++] = '1';
        scale--;
    }
    int64_t limit = 5000; /* past it all is 0 or inf, whatever the KEPT digits are */
    scale = scale < -limit ? -limit : scale > limit ? limit : scale;
    snprintf(text + n, sizeof text - n, "e%d", (int)scale);
    int kept = errno;
    *v = strtod(text, NULL);
    errno = kept;
    return p;
}

bool wg__read_real(const char *text, const char *end, double *v, const char **stop)
{
    const char *p = skip_sign(text, end), *q;
    bool minus = p > text && *text == '-';
    double x = 0;
    if ((q = skip_word(p, end, "inf")) || (q = skip_word(p, end, "infinity"))) x = (double)INFINITY;
    else if ((q = skip_word(p, end, "nan"))) x = (double)NAN;
    else if (!(q = read_digits(p, end, &x))) return false;
    *v = minus ? -x : x;
    *stop = q;
    return true;
}

bool wg__read_int(const char *text, const char *end, int64_t *v, const char **stop)
{
    const char *p = skip_sign(text, end), *first = p;
    bool minus = p > text && *text == '-';
    uint64_t x = 0, top = (uint64_t)INT64_MAX + minus;
    for (; p < end && is_digit(*p); p++) {
        uint64_t digit = (uint64_t)(*p - '0');
        if (x > (top - digit) / 10) return false;
        x = x * 10 + digit;
    }
    if (p == first) return false;
    *v = !minus ? (int64_t)x : x ? -(int64_t)(x - 1) - 1 : 0;
    *stop = p;
    return true;
}

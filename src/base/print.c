/* print.c -- an array as text, as NumPy's print shows it with the default options.
 *
 * The idea: three walks over the elements shown. The first finds the range of the reals, which decides between "0.001"
 * and "1.e-03"; the second finds the common widths; the third writes. Each walk is an odometer over the axes, so
 * brackets and blank lines follow from how many of its wheels have just turned to 0.
 *
 * Invariant: spaces are held back until something follows them, so a broken line ends in none, as NumPy's do.
 * Letters: t: the array of the printer; v: a value; d: its decimal digits. */
#include "base/array.h"
#include "base/number.h"

#include <wengert/base.h>

#include <inttypes.h>
#include <math.h>
#include <string.h>

enum { PRECISION = 8, THRESHOLD = 1000, EDGE = 3, LINE = 75, WORD = 64 };

/* How all reals of one array are written. */
typedef struct style {
    wg_dtype dtype;
    bool scientific;
    int precision;   /* digits after the point, scientific only: every number has as many */
    int exponent;    /* digits of the exponent                                             */
    int left, right; /* widths before and after the point                                  */
} style;

typedef struct printer {
    FILE *to;
    const wg_array *t;
    bool cut; /* some of the elements only: the first and last EDGE on long axes */
    int64_t index[WG_MAX_RANK];
    style reals;
    int width; /* of an integer or a truth value */
    int column, spaces;
} printer;

/* ---- the walk ------------------------------------------------------------------------------------------------ */

static bool cut_axis(const printer *p, int axis) { return p->cut && p->t->shape.dim[axis] > 2 * EDGE; }

/* Goes to the next element shown, jumping over the middle of a cut axis. False behind the last. */
static bool advance(printer *p)
{
    for (int axis = p->t->shape.rank - 1; axis >= 0; axis--) {
        int64_t size = p->t->shape.dim[axis], *i = &p->index[axis];
        ++*i;
        if (cut_axis(p, axis) && *i == EDGE) *i = size - EDGE;
        if (*i < size) return true;
        *i = 0;
    }
    return false;
}

static int64_t place(const printer *p)
{
    int64_t n = 0;
    for (int axis = 0; axis < p->t->shape.rank; axis++) n = n * p->t->shape.dim[axis] + p->index[axis];
    return n;
}

static double real_here(const printer *p) { return wg_array_at(p->t, place(p)); }

static int64_t integer_here(const printer *p)
{
    size_t size = wg_dtype_size(p->t->dtype);
    const char *from = (const char *)p->t->data + (size_t)place(p) * size;
    int32_t x = 0;
    int64_t y = 0;
    if (size == 8) {
        memcpy(&y, from, size);
        return y;
    }
    if (size == 4) {
        memcpy(&x, from, size);
        return x;
    }
    return *(const unsigned char *)from;
}

/* ---- reals --------------------------------------------------------------------------------------------------- */

static void drop_zeros(wg__decimal *d)
{
    while (d->count > 1 && d->digit[d->count - 1] == '0') d->count--;
}

/* The shortest digits; but no more than PRECISION of them after the point, and all before it. Only for numbers that
 * are written so: 0 and 1e-4 to 1e8, so that there are at most 17. */
static wg__decimal positional_digits(double v, wg_dtype dtype)
{
    wg__decimal d = wg__shortest(v, dtype);
    int whole = d.exponent + 1;
    if (d.count - whole > PRECISION) d = wg__rounded(v, whole + PRECISION);
    if (d.count < whole) d = wg__rounded(v, whole);
    drop_zeros(&d);
    return d;
}

/* The shortest digits, cut to PRECISION after the point; with `fill`, the exact value's up to s->precision. */
static wg__decimal scientific_digits(const style *s, double v, bool fill)
{
    int most = 1 + (fill ? s->precision : PRECISION);
    wg__decimal d = wg__shortest(v, s->dtype);
    if (d.count > most || (fill && d.count < most)) d = wg__rounded(v, most);
    if (!fill) drop_zeros(&d);
    return d;
}

static void write_finite(char word[WORD], const style *s, double v, bool fill)
{
    wg__decimal d = s->scientific ? scientific_digits(s, v, fill) : positional_digits(v, s->dtype);
    if (signbit(v)) *word++ = '-';
    if (s->scientific) wg__show_scientific(word, &d, true, s->exponent);
    else wg__show_positional(word, &d, true);
}

static int larger(int a, int b) { return a > b ? a : b; }

static bool wants_scientific(printer *p)
{
    double least = (double)INFINITY, most = 0;
    do {
        double v = fabs(real_here(p));
        if (!isfinite(v) || v == 0) continue;
        least = v < least ? v : least;
        most = v > most ? v : most;
    } while (advance(p));
    if (most == 0) return false;
    double ratio = wg__rounded_to(p->reals.dtype, most / least); /* as NumPy divides in the array's dtype */
    return most >= 1e8 || least < 1e-4 || ratio > 1000;
}

static void measure_reals(printer *p)
{
    style *s = &p->reals;
    int strange = 0; /* the longest of nan, inf, -inf */
    *s = (style){.dtype = p->t->dtype};
    s->scientific = wants_scientific(p);
    do {
        double v = real_here(p);
        char word[WORD];
        if (!isfinite(v)) {
            strange = larger(strange, isinf(v) && v < 0 ? 4 : 3);
            continue;
        }
        write_finite(word, s, v, false);
        const char *point = strchr(word, '.'), *e = strchr(word, 'e');
        s->left = larger(s->left, (int)(point - word));
        if (e) s->exponent = larger(s->exponent, (int)strlen(e) - 2);
        int after = e ? (int)(e - point) - 1 : (int)strlen(point) - 1;
        s->precision = larger(s->precision, after);
    } while (advance(p));
    s->right = s->scientific ? s->precision + s->exponent + 2 : s->precision;
    s->left = larger(s->left, strange - s->right - 1);
}

static void pad(char word[WORD], int before, int after)
{
    int n = (int)strlen(word);
    if (before > 0) memmove(word + before, word, (size_t)n + 1);
    for (int i = 0; i < before; i++) word[i] = ' ';
    n += larger(before, 0);
    for (; after > 0; after--) word[n++] = ' ';
    word[n] = '\0';
}

static void write_real(char word[WORD], const style *s, double v)
{
    if (!isfinite(v)) {
        strcpy(word, isnan(v) ? "nan" : v > 0 ? "inf" : "-inf");
        pad(word, s->left + 1 + s->right - (int)strlen(word), 0);
        return;
    }
    write_finite(word, s, v, true);
    int left = (int)(strchr(word, '.') - word), right = (int)strlen(word) - left - 1;
    pad(word, s->left - left, s->right - right);
}

/* An array of rank 0 is shown like a lone number: all digits, "1.0", "1e-05". */
static void write_lone_real(char word[WORD], double v, wg_dtype dtype)
{
    double size = fabs(v);
    if (!isfinite(v)) {
        wg__show_real(word, v, dtype);
        return;
    }
    wg__decimal d = wg__shortest(v, dtype);
    if (signbit(v)) *word++ = '-';
    if (size != 0 && (size < 1e-4 || size >= 1e16)) {
        wg__show_scientific(word, &d, false, 2);
        return;
    }
    char *end = wg__show_positional(word, &d, true);
    if (end[-1] == '.') strcpy(end, "0");
}

/* ---- elements ------------------------------------------------------------------------------------------------ */

static void write_word(char word[WORD], const printer *p)
{
    bool lone = p->t->shape.rank == 0;
    if (wg__floats(p->t->dtype) && lone) write_lone_real(word, real_here(p), p->t->dtype);
    else if (wg__floats(p->t->dtype)) write_real(word, &p->reals, real_here(p));
    else if (p->t->dtype == WG_BOOL) snprintf(word, WORD, "%*s", lone ? 0 : 5, integer_here(p) ? "True" : "False");
    else snprintf(word, WORD, "%*" PRId64, p->width, integer_here(p));
}

static void measure(printer *p)
{
    char word[WORD];
    if (wg__floats(p->t->dtype)) {
        measure_reals(p);
        return;
    }
    int width = 0;
    do {
        write_word(word, p);
        width = larger(width, (int)strlen(word));
    } while (advance(p));
    p->width = width;
}

/* ---- lines --------------------------------------------------------------------------------------------------- */

static void put(printer *p, const char *text)
{
    for (; *text; text++) {
        p->column++;
        if (*text == ' ') {
            p->spaces++;
            continue;
        }
        for (; p->spaces; p->spaces--) fputc(' ', p->to);
        fputc(*text, p->to);
    }
}

static void break_line(printer *p, int lines, int indent)
{
    for (; lines > 0; lines--) fputc('\n', p->to);
    p->column = p->spaces = indent;
}

static void put_word(printer *p, const char *word)
{
    int rank = p->t->shape.rank;
    bool first = p->column <= rank; /* breaking the line before it would not help */
    if (!first && p->column + (int)strlen(word) > LINE - rank) break_line(p, 1, rank);
    put(p, word);
}

/* How many of the last axes stand at their first (last) element. */
static int axes_at(const printer *p, bool last)
{
    int n = 0, axis = p->t->shape.rank - 1;
    for (; axis >= 0 && p->index[axis] == (last ? p->t->shape.dim[axis] - 1 : 0); axis--) n++;
    return n;
}

/* What goes between an element and the one before it: here `turned` of the last axes began again. */
static void put_gap(printer *p, int turned)
{
    int rank = p->t->shape.rank, axis = rank - 1 - turned; /* the axis that went one on */
    bool dots = axis >= 0 && cut_axis(p, axis) && p->index[axis] == p->t->shape.dim[axis] - EDGE;
    if (turned == 0) {
        put(p, " ");
        if (dots) {
            put_word(p, "...");
            put(p, " ");
        }
        return;
    }
    break_line(p, turned, rank - turned);
    if (dots) {
        put(p, "...");
        break_line(p, turned, rank - turned);
    }
}

static void put_all(printer *p)
{
    char word[WORD];
    bool first = true;
    do {
        int turned = axes_at(p, false);
        if (!first) put_gap(p, turned);
        for (int i = 0; i < turned; i++) put(p, "[");
        write_word(word, p);
        put_word(p, word);
        for (int i = axes_at(p, true); i > 0; i--) put(p, "]");
        first = false;
    } while (advance(p));
}

wg_status wg_array_print(FILE *to, const wg_array *a)
{
    if (!to || wg__array_wrong(a)) return WG_EARG;
    int64_t n = wg_shape_count(a->shape);
    printer p = {.to = to, .t = a, .cut = n > THRESHOLD};
    if (n == 0) {
        put(&p, "[]");
    } else {
        measure(&p);
        put_all(&p);
    }
    fputc('\n', to);
    return ferror(to) ? WG_EIO : WG_OK;
}

/* number.h -- numbers as text and back, the same in every locale. */
#ifndef WG_BASE_NUMBER_H
#define WG_BASE_NUMBER_H

#include <wengert/base.h>

/* A number without its sign, in decimal: digit[0].digit[1]... times 10^exponent. */
typedef struct wg__decimal {
    char digit[20]; /* '0' to '9', not terminated */
    int count, exponent;
} wg__decimal;

/* The fewest digits that read back as |v| in d, a real dtype that has v, and of those the nearest. v is finite. */
wg__decimal wg__shortest(double v, wg_dtype d);

/* |v| correctly rounded to count digits, 1 to 20, trailing zeros kept. v is finite. */
wg__decimal wg__rounded(double v, int count);

/* "12", "0.5" and "1.5e-05", with `point` "12." and "1.e-05" too, the exponent of 2 digits or more, or of `width` = 3.
 * Both give the end of the text, which has a '\0'; the positional form takes |exponent| + count + 3 characters. */
char *wg__show_positional(char *text, const wg__decimal *d, bool point);
char *wg__show_scientific(char *text, const wg__decimal *d, bool point, int width);

/* The shortest text that reads back as v, through wg__read_real and rounding to d: "2", "0.5", "1e-05", "inf", "-inf", "nan". */
void wg__show_real(char text[40], double v, wg_dtype d);

/* Reads a number at text, never at or past end, and sets *stop behind it. Reals: decimal, with or without point and
 * exponent, correctly rounded (too large: inf), "inf", "infinity" and "nan" in any case. Integers: decimal.
 * False, with *v and *stop untouched, where there is none or an integer does not fit. */
bool wg__read_real(const char *text, const char *end, double *v, const char **stop);
bool wg__read_int(const char *text, const char *end, int64_t *v, const char **stop);

#endif

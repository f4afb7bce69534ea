/* test_number.c -- numbers as text and back: shortest, exact, and the same where 0,5 is what a half looks like. */
#define _GNU_SOURCE
#include "base/number.h"
#include "with_numpy.h"

#include <wengert/base.h>

#include <check.h>
#include <float.h>
#include <locale.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

static double read_back(const char *text)
{
    double v;
    const char *stop, *end = text + strlen(text);
    ck_assert_msg(wg__read_real(text, end, &v, &stop) && stop == end, "cannot read back %s", text);
    return v;
}

/* Does the nearest decimal of one digit fewer read back too? Asked of the C library, in the C locale. */
static bool one_digit_less_would_do(const char *shown, double v, bool single)
{
    char text[64];
    int count = 0, zeros = 0; /* of digits, from the first that is not 0; and those of them at the end */
    for (; *shown && *shown != 'e'; shown++) {
        if (*shown < '0' || *shown > '9' || (count == 0 && *shown == '0')) continue;
        count++;
        zeros = *shown == '0' ? zeros + 1 : 0;
    }
    count -= zeros;
    if (count < 2) return false;
    snprintf(text, sizeof text, "%.*e", count - 2, v);
    return single ? strtof(text, NULL) == (float)v : strtod(text, NULL) == v;
}

static void check_text_of(double v, bool single, bool c_locale)
{
    char text[40];
    wg__show_real(text, v, single ? WG_F32 : WG_F64);
    ck_assert_uint_lt(strlen(text), 30);
    double back = read_back(text);
    if (isnan(v)) {
        ck_assert_str_eq(text, "nan");
        ck_assert(isnan(back));
        return;
    }
    ck_assert_msg((single ? (float)back == (float)v : back == v) && signbit(back) == signbit(v), "%a shows as %s", v, text);
    if (isfinite(v) && c_locale) ck_assert_msg(!one_digit_less_would_do(text, v, single), "%a shows as %s", v, text);
}

static void random_round_trips(int numbers, bool c_locale)
{
    wg_rng *r = wg_rng_new(99);
    ck_assert_ptr_nonnull(r);
    for (int i = 0; i < numbers; i++) {
        uint64_t bits = (uint64_t)wg_rng_u32(r) << 32 | wg_rng_u32(r);
        uint32_t bits32 = wg_rng_u32(r);
        double v;
        float f;
        memcpy(&v, &bits, sizeof v);
        memcpy(&f, &bits32, sizeof f);
        check_text_of(v, false, c_locale);
        check_text_of((double)f, true, c_locale);
    }
    wg_rng_free(r);
}

static void powers_of_two(bool c_locale)
{
    for (int e = -1074; e < 1024; e++) {
        check_text_of(ldexp(1, e), false, c_locale);
        check_text_of(-nextafter(ldexp(1, e), 0), false, c_locale);
    }
    for (int e = -149; e < 128; e++) {
        check_text_of(ldexp(1, e), true, c_locale);
        check_text_of((double)nextafterf(ldexpf(1, e), 0), true, c_locale);
    }
}

START_TEST(number_round_trips)
{
    random_round_trips(100000, true);
    powers_of_two(true);
}
END_TEST

/* A locale that writes 0,5: the system's, or one compiled for the test. */
static bool set_comma_locale(place *p)
{
    char command[128];
    if (setlocale(LC_NUMERIC, "de_DE.UTF-8")) return true;
    snprintf(command, sizeof command, "localedef -i de_DE -f UTF-8 %s/de_DE.UTF-8 >/dev/null 2>&1", p->folder);
    if (system(command) != 0) return false;
    setenv("LOCPATH", p->folder, 1);
    return setlocale(LC_NUMERIC, "de_DE.UTF-8") != NULL;
}

START_TEST(number_in_a_comma_locale)
{
    char text[40], command[64];
    place p = make_place();
    if (set_comma_locale(&p)) {
        snprintf(text, sizeof text, "%.1f", 0.5);
        ck_assert_str_eq(text, "0,5"); /* the locale is what it should be */
        wg__show_real(text, 0.5, WG_F64);
        ck_assert_str_eq(text, "0.5");
        wg__show_real(text, -1.25e-7, WG_F32);
        ck_assert_str_eq(text, "-1.25e-07");
        ck_assert(read_back("2.5") == 2.5);
        random_round_trips(100000, false);
        powers_of_two(false);
    } else {
        puts("no de_DE.UTF-8 locale: the decimal comma was not tried");
    }
    snprintf(command, sizeof command, "rm -rf %s", p.folder);
    ck_assert_int_eq(system(command), 0);
}
END_TEST

START_TEST(number_texts)
{
    static const struct {
        double v;
        const char *text, *single;
    } known[] = {{0, "0", "0"},
                 {-0.0, "-0", "-0"},
                 {2, "2", "2"},
                 {0.5, "0.5", "0.5"},
                 {-100, "-100", "-100"},
                 {1e-5, "1e-05", "1e-05"},
                 {1e-4, "0.0001", "0.0001"},
                 {1e15, "1000000000000000", "1000000000000000"},
                 {1e16, "1e+16", "1e+16"},
                 {0.1 + 0.2, "0.30000000000000004", "0.3"},
                 {1e22, "1e+22", "1e+22"},
                 {0x1p-44, "5.684341886080802e-14", "5.684342e-14"}, /* not the nearest of 16 digits, which does not read back */
                 {5e-324, "5e-324", "0"},
                 {DBL_MAX, "1.7976931348623157e+308", "inf"},
                 {HUGE_VAL, "inf", "inf"},
                 {-HUGE_VAL, "-inf", "-inf"},
                 {1.5e300, "1.5e+300", "inf"},
                 {12.25, "12.25", "12.25"}};
    char text[40];
    for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
        wg__show_real(text, known[i].v, WG_F64);
        ck_assert_str_eq(text, known[i].text);
        float f = fabs(known[i].v) > (double)FLT_MAX ? copysignf(HUGE_VALF, known[i].v < 0 ? -1.0f : 1.0f) : (float)known[i].v;
        wg__show_real(text, (double)f, WG_F32);
        ck_assert_str_eq(text, known[i].single);
    }
    wg__show_real(text, (double)NAN, WG_F64);
    ck_assert_str_eq(text, "nan");
    /* 7.038531e-26 reads back as a float, but not by way of a double, which lies half way between two floats */
    ck_assert(strtof("7.038531e-26", NULL) == 0x1.5c87fap-84f && (float)strtod("7.038531e-26", NULL) != 0x1.5c87fap-84f);
    check_text_of(0x1.5c87fap-84, true, false);
}
END_TEST

/* Reads from memory of exactly that many bytes, so that a sanitizer sees a read past the end. -1: refused. */
static ptrdiff_t read_exactly(const char *text, double *v)
{
    size_t n = strlen(text);
    char *copy = malloc(n ? n : 1);
    const char *stop = NULL;
    ck_assert_ptr_nonnull(copy);
    memcpy(copy, text, n);
    ptrdiff_t used = wg__read_real(copy, copy + n, v, &stop) ? stop - copy : -1;
    if (used < 0) ck_assert_ptr_null(stop);
    free(copy);
    return used;
}

START_TEST(number_reading)
{
    static const struct {
        const char *text;
        ptrdiff_t used;
        double v;
    } known[] = {{"1e999", 5, HUGE_VAL},
                 {"-1e-999", 7, -0.0},
                 {"inf", 3, HUGE_VAL},
                 {"-Infinity,", 9, -HUGE_VAL},
                 {"info", -1, 0},
                 {"nano", -1, 0},
                 {"in", -1, 0},
                 {"", -1, 0},
                 {"-", -1, 0},
                 {".", -1, 0},
                 {"+-1", -1, 0},
                 {" 1", -1, 0},
                 {"e5", -1, 0},
                 {"1.", 2, 1},
                 {".5x", 2, 0.5},
                 {"1e+", 1, 1},
                 {"2em", 1, 2},
                 {"0x10", 1, 0},
                 {"2.5e1000000000000000000000", 26, HUGE_VAL},
                 {"2.5e-1000000000000000000000", 27, 0},
                 {"1..2", 2, 1},
                 {"0.000", 5, 0},
                 {"1,5", 1, 1},
                 {"+12.5E-1]", 8, 1.25},
                 {"9007199254740993", 16, 9007199254740992.0}};
    for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
        double v = 7;
        ck_assert_msg(read_exactly(known[i].text, &v) == known[i].used, "%s", known[i].text);
        bool same = v == (known[i].used < 0 ? 7 : known[i].v) && (known[i].used < 0 || !signbit(v) == !signbit(known[i].v));
        ck_assert_msg(same, "%s reads as %a", known[i].text, v);
    }
    double v = 0;
    ck_assert_int_eq(read_exactly("-nan", &v), 4);
    ck_assert(isnan(v));
}
END_TEST

/* Half way between 1 and the double after it: 1 + 2^-53. A digit far behind decides. */
START_TEST(number_reading_long)
{
    static char text[3000];
    const char *half = "1.00000000000000011102230246251565404236316680908203125";
    size_t n = strlen(half);
    memcpy(text, half, n);
    memset(text + n, '0', 2500);
    ck_assert(read_back(text) == 1);
    text[n + 2499] = '1';
    ck_assert(read_back(text) == 1 + DBL_EPSILON);
    memset(text, '0', 2000);
    strcpy(text + 2000, "12.5");
    ck_assert(read_back(text) == 12.5);
    strcpy(text, "0.");
    memset(text + 2, '0', 2000);
    strcpy(text + 2002, "125e2002");
    ck_assert(read_back(text) == 12.5);
    memset(text, '9', 1000);
    strcpy(text + 1000, "e-1000");
    ck_assert(read_back(text) == 1);
}
END_TEST

START_TEST(number_reading_integers)
{
    static const struct {
        const char *text;
        ptrdiff_t used;
        int64_t v;
    } known[] = {{"0", 1, 0},
                 {"-0", 2, 0},
                 {"+7,", 2, 7},
                 {"9223372036854775807", 19, INT64_MAX},
                 {"-9223372036854775808", 20, INT64_MIN},
                 {"9223372036854775808", -1, 0},
                 {"-9223372036854775809", -1, 0},
                 {"99999999999999999999999", -1, 0},
                 {"", -1, 0},
                 {"-", -1, 0},
                 {"x", -1, 0},
                 {"--1", -1, 0},
                 {"12.5", 2, 12},
                 {"00000000000000000000000012", 26, 12}};
    for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
        const char *text = known[i].text, *stop = NULL;
        int64_t v = 7;
        bool read = wg__read_int(text, text + strlen(text), &v, &stop);
        ck_assert_msg((read ? stop - text : -1) == known[i].used, "%s", text);
        ck_assert_int_eq(v, read ? known[i].v : 7);
    }
}
END_TEST

int main(void)
{
    const struct {
        const char *name;
        const TTest *test;
    } tests[] = {
        {"round trips", number_round_trips}, {"comma locale", number_in_a_comma_locale}, {"texts", number_texts},
        {"reading", number_reading},         {"reading long ones", number_reading_long}, {"reading integers", number_reading_integers}};
    Suite *suite = suite_create("number");
    for (size_t i = 0; i < sizeof tests / sizeof *tests; i++) {
        TCase *c = tcase_create(tests[i].name);
        tcase_set_timeout(c, 120);
        tcase_add_test(c, tests[i].test);
        suite_add_tcase(suite, c);
    }
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}

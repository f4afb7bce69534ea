/* texts.h -- for the tests of the text form: a tape that each test starts without, reading and printing in memory, and the
 * example of the design. Define _XOPEN_SOURCE 700 before all includes. */
#ifndef WG_TESTS_TEXTS_H
#define WG_TESTS_TEXTS_H

#include "tape/tape.h"

#include <check.h>
#include <stdlib.h>
#include <wengert.h>

static char why[600];
static wg_tape *tape;

static inline void set_up(void)
{
    why[0] = 0;
    tape = NULL;
}

static inline void tear_down(void)
{
    wg_tape_free(tape);
    tape = NULL;
}

static inline wg_status parse_into(wg_tape **t, const char *text, size_t length)
{
    return wg_tape_parse(t, text, length, "t.tape", NULL, why, sizeof why);
}

static inline void parse(const char *text)
{
    wg_tape_free(tape);
    wg_status s = parse_into(&tape, text, strlen(text));
    ck_assert_msg(s == WG_OK, "%s", why);
    ck_assert_str_eq(why, "");
}

static inline char *printed(const wg_tape *t)
{
    char *text = NULL;
    size_t size = 0;
    FILE *f = open_memstream(&text, &size);
    ck_assert_ptr_nonnull(f);
    ck_assert_int_eq(wg_print(f, t), WG_OK);
    fclose(f);
    return text;
}

#define LINES                                                                                                                              \
    "tape seed=42 mode=train\n"                                                                                                            \
    "image      = input() : f32[?, 784]\n"                                                                                                 \
    "label      = input() : i64[?]\n"                                                                                                      \
    "fc1.weight = param(init=kaiming_uniform) : f32[128, 784]\n"                                                                           \
    "fc1.bias   = param(init=zeros) : f32[128]\n"                                                                                          \
    "fc1/%4     = transpose(fc1.weight) : f32[784, 128]\n"                                                                                 \
    "fc1/%5     = matmul(image, fc1/%4) : f32[?, 128]\n"                                                                                   \
    "fc1/%6     = add(fc1/%5, fc1.bias) : f32[?, 128]\n"                                                                                   \
    "%7         = relu(fc1/%6) : f32[?, 128]\n"                                                                                            \
    "%8         = mul(%7, 0.5) : f32[?, 128]\n"                                                                                            \
    "c          = constant(; data=[1, 2, 3]) : f32[3]\n"                                                                                   \
    "%9         = sum(%8; axes=[1], keepdim=true) : f32[?, 1]\n"

#endif

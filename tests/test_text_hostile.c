/* test_text_hostile.c -- texts that are wrong: every message of the reader with its place; what a stranger's text may do,
 * which is nothing but be refused. */
#define _XOPEN_SOURCE 700
#include "texts.h"

/* ---- what is refused ----------------------------------------------------------------------------------------------- */

static const struct {
    const char *text, *why;
} refused[] = {
    {"x = foo([1])", "1:5: there is no op `foo`"},
    {"x = sum([1]; axis=1)", "1:14: sum has no attribute `axis`"},
    {"x = sum([1]; axes=\"a\")", "1:19: expected an integer, found \"a\""},
    {"x = sum([1]; axes=[0], axes=[0])", "1:24: sum: axes is given twice"},
    {"x = sum([1]; keepdim=1)", "1:22: expected true or false, found `1`"},
    {"x = sum([1]; axes=1.5)", "1:19: `1.5` is no integer"},
    {"x = sum([1]; axes=[0, 0, 0, 0, 0, 0, 0, 0, 0])", "1:19: axes has more than 8 items"},
    {"x = sum([1]; axes=[9223372036854775808])", "1:20: 9223372036854775808 is out of range, -9223372036854775808 to 9223372036854775807"},
    {"x = softmax([1]; axis=2147483648)", "1:23: 2147483648 is out of range, -2147483647 to 2147483647"},
    {"x = cast([1]; dtype=f8)", "1:21: `f8` is no dtype"},
    {"x = gelu([1]; approximate=\"fast\")", "1:5: gelu: approximate=\"fast\" is not one of none, tanh"},
    {"x = gelu([1]; approximate=3)", "1:27: expected a word, found `3`"},
    {"x = slice([1, 2]; start=0)", "1:5: slice: axis is missing"},
    {"x = slice([1, 2]; axis=1)", "1:5: slice: axis 1 is out of range for rank 1"},
    {"x = unview([1], [1]; view=add(axis=1))", "1:31: add has no attribute `axis`"},
    {"x = unview([1], [1]; view=add())", "1:5: unview: view is not a view of one tensor"},
    {"x = unview([1], [1]; view=assign())", "1:27: `assign` is no op that may stand here"},
    {"x = unview([1], [1]; view=unview(view=slice(axis=0)))", "1:27: `unview` is no op that may stand here"},
    {"x = checked([1], [1])", "1:5: checked: call is missing"},
    {"x = checked([1], [1]; call=matmul())", "1:5: checked: matmul: b is missing"},
    {"x = unview([1], [1]; view=slice(start=1))", "1:27: slice: axis is missing"},
    {"x = unview([1], [1, 2, 3]; view=slice(axis=7))", "1:5: unview: axis 7 is out of range for rank 1"},
    {"x = sum(y)", "1:9: nothing is called `y`"},
    {"x = sum([1], [2])", "1:14: sum takes 1 input"},
    {"x = mul([1])", "1:5: mul: b is missing"},
    {"x = sum([1], axes=1)", "1:14: sum takes 1 input"},
    {"x = mul([1], axes=1)", "1:14: nothing is called `axes`"},
    {"x = add([1], [2];)", "1:18: expected an attribute, found `)`"},
    {"x = add([1, 2], [1, 2, 3])", "1:5: add: shapes [2] and [3] do not broadcast"},
    {"x = add([1], [2]) y", "1:19: expected the end of the line, found `y`"},
    {"x = add(", "1:9: expected an input, found the end of the text"},
    {"x = add(]", "1:9: expected an input, found `]`"},
    {"x = input() : f32[2]\nx = sum(x)", "2:1: `x` is defined on line 1 already"},
    {"%1 = tanh([1])\n%1 = tanh([1])", "2:1: `%1` is defined on line 1 already"},
    {"x = input()", "1:5: input: the type is missing, as in `: f32[2, 3]`"},
    {"x = input() : f32", "1:18: expected `[` and the sizes, found the end of the text"},
    {"x = input() : f32[2\n", "1:20: expected `,` or `]`, found the end of the line"},
    {"x = input() : f32[-2]", "1:19: -2 is out of range, 0 to 9223372036854775807"},
    {"x = input() : f32[1, 1, 1, 1, 1, 1, 1, 1, 1]", "1:15: a shape has at most 8 axes"},
    {"x = input() : f32[4611686018427387904, 4]", "1:5: input: the result has more elements than memory can hold"},
    {"%1 = input() : f32[]", "1:6: input: needs a name of its own"},
    {"x = sum(input())", "1:9: input: the type is missing, as in `: f32[2, 3]`"},
    {"x = param() : f32[?]", "1:5: parameter x: the sizes of f32[?] must be known"},
    {"x = param(init=some) : f32[2]", "1:5: param: init=\"some\" is not one of zeros, ones, constant, uniform, normal, kaiming_uniform, "
                                      "kaiming_normal, xavier_uniform, xavier_normal, truncated_normal, orthogonal"},
    {"x = constant(; data=[300]) : u8[1]", "1:22: 300 is out of range, 0 to 255"},
    {"x = constant(; data=[1.5]) : i64[1]", "1:22: `1.5` is no integer"},
    {"x = constant(; data=[true]) : f32[1]", "1:22: `true` is no f32"},
    {"x = constant(; data=[1, 2, 3]) : f32[2, 2]", "1:21: the data are f32[3], the type is f32[2,2]"},
    {"x = constant(; data=[[1, 2]]) : f32[2]", "1:21: the data are f32[1,2], the type is f32[2]"},
    {"x = constant(; data=[1, 2]) : f32[?]", "1:21: a constant is f32[?]: its sizes must be numbers"},
    {"x = constant() : f32[2]", "1:5: constant: data is missing"},
    {"x = [[1, 2], [3]]", "1:16: the lists are not all of one length"},
    {"x = [1, [2]]", "1:9: a list among values"},
    {"x = [[1], 2]", "1:11: a value among lists"},
    {"x = [[[[[[[[[1]]]]]]]]]", "1:13: lists are nested at most 8 deep"},
    {"x = [1,]", "1:8: expected a value or a list, found `]`"},
    {"x = [1", "1:7: expected `,` or `]`, found the end of the text"},
    {"x = [one]", "1:6: expected a value or a list, found `one`"},
    {"x = f64[2, 1]()", "1:8: an array that is not empty needs its values"},
    {"x = f32[1e50]", "1:9: 1e50 is out of range for f32"},
    {"x = [1e400]", "1:6: `1e400` is out of range"},
    {"x = [1.2.3]", "1:6: `1.2.3` is no number"},
    {"x = tanh(f32[1, 2]) : f32[3]", "1:23: the text says f32[3], the op gives f32[2]"},
    {"x = tanh(f32[1, 2]) : f64[2]", "1:23: the text says f64[2], the op gives f32[2]"},
    {"x = tanh(f32[1, 2]) : f32[?]", "1:23: the text says f32[?], the op gives f32[2]"},
    {"x = input() : f32[?]\ny = tanh(x) : f32[3]", "2:15: the text says f32[3], the op gives f32[?]"},
    {"x = input() : f32[B, 2]\ny = reshape(x; shape=[-1]) : f32[B]", "2:30: the text says f32[B], the op gives f32[?]"},
    {"x = \"abc\"", "1:5: expected an op, found \"abc\""},
    {"x = \"ab", "1:5: a quote without its end"},
    {"x", "1:2: expected `=`, found the end of the text"},
    {"x = y", "1:6: expected `(`, found the end of the text"},
    {"@", "1:1: expected a name, found `@`"},
    {"x = tanh([1])\nreturn x\ny = tanh(x)", "3:1: `return` is the last line"},
    {"return x", "1:8: nothing is called `x`"},
    {"return", "1:7: expected a name, found the end of the text"},
    {"x = [1]\ntape seed=1", "2:1: `tape` is the first line"},
    {"tape seed=4294967296", "1:11: a seed is 0 to 4294967295"},
    {"tape mode=test", "1:6: a tape has seed=0 to 4294967295 and mode=train or eval"},
    {"a+/%1 = tanh([1])", "1:2: expected `=`, found `+`"},
    {"a//%1 = tanh(", "1:14: expected an input, found the end of the text"},
};

START_TEST(test_refused)
{
    char expected[600];
    wg_status s = parse_into(&tape, refused[_i].text, strlen(refused[_i].text));
    snprintf(expected, sizeof expected, "t.tape:%s", refused[_i].why);
    ck_assert_int_ne(s, WG_OK);
    ck_assert_ptr_null(tape);
    ck_assert_str_eq(why, expected);
}
END_TEST

START_TEST(test_no_text)
{
    ck_assert_int_eq(parse_into(&tape, "x = [1]\ny\0z", 11), WG_EFORMAT);
    ck_assert_str_eq(why, "t.tape:2:2: a zero byte: this is no text");
    ck_assert_int_eq(parse_into(&tape, "# \xff", 3), WG_EFORMAT);
    ck_assert_str_eq(why, "t.tape:1:3: this is no UTF-8 text");
    ck_assert_int_eq(parse_into(&tape, "# \xed\xa0\x80", 5), WG_EFORMAT); /* a surrogate */
    ck_assert_int_eq(parse_into(&tape, "x\xc3\xa9 = [1]", 9), WG_EFORMAT);
    ck_assert_str_eq(why, "t.tape:1:2: expected `=`, found `\xc3\xa9`");
    ck_assert_int_eq(wg_tape_parse(NULL, "", 0, NULL, NULL, NULL, 0), WG_EARG);
    ck_assert_int_eq(wg_tape_parse(&tape, NULL, 0, NULL, NULL, NULL, 0), WG_OK);
    ck_assert_uint_eq(wg_tape_size(tape), 0);
    ck_assert_int_eq(wg_print(NULL, tape), WG_EARG);
}
END_TEST

/* Nested calls are bounded; a name of any length, a list of any depth, only use the text's own room. */
START_TEST(test_deep)
{
    enum { LENGTH = 1 << 20 };
    char *text = malloc(LENGTH + 16);
    ck_assert_ptr_nonnull(text);
    for (int deep = 63; deep <= 64; deep++) {
        size_t n = (size_t)sprintf(text, "x = tanh(");
        for (int i = 0; i < deep; i++) n += (size_t)sprintf(text + n, "tanh(");
        n += (size_t)sprintf(text + n, "[1]");
        for (int i = 0; i <= deep; i++) text[n++] = ')';
        wg_tape_free(tape);
        wg_status s = parse_into(&tape, text, n);
        ck_assert_msg(deep == 63 ? s == WG_OK : s == WG_EFORMAT && strstr(why, "at most 64 deep"), "%s", why);
    }
    memset(text, '[', LENGTH);
    memcpy(text, "x = ", 4);
    ck_assert_int_eq(parse_into(&tape, text, LENGTH), WG_EFORMAT);
    memset(text, 'a', LENGTH);
    ck_assert_int_eq(parse_into(&tape, text, LENGTH), WG_EFORMAT);
    memcpy(text + LENGTH, " = [1]", 6);
    ck_assert_int_eq(parse_into(&tape, text, LENGTH + 6), WG_EARG);
    ck_assert_msg(strstr(why, "is no name") != NULL, "%s", why);
    free(text);
}
END_TEST

/* ---- a stranger's text ----------------------------------------------------------------------------------------------- */

static const char *const samples[] = {
    LINES "loss       = mean(%9) : f32[]\nreturn loss, %7\n",
    ("tape seed=3 mode=train\nx = input(high=9) : i64[B, ?]\nw = param(init=normal, hi=1, kind=buffer) : f64[3]\na/%2 = take(w, x; axis=0) "
     ": f64[B, ?]\n"
     "a/y = dropout(a/%2; p=0.5)\n%u = assign(w, mul(w, 0.5), a/y)\n"),
    ("c = constant(; data=[[1, nan], [-inf, 2e3]]) : f64[2, 2]\nd = unview(c, [[1, 2], [3, 4], [5, 6]]; view=slice(axis=0, start=1))\n"
     "e = reshape(d; shape=[-1, 3])\nf = where(bool[true, false, true], e, f64 0.5)\ng = gelu(f; approximate=\"tanh\")\n"),
    "x = sum(mul(i64[1, 2], cast([3, 4]; dtype=i64)); keepdim=true, axes=[0])\ny = slice(f64[2, 0](); axis=1, step=-1, stop=end)\n",
};

static uint32_t next_random(uint32_t *state)
{
    *state ^= *state << 13;
    *state ^= *state >> 17;
    return *state ^= *state << 5;
}

/* Refused with a message, or read to a tape whose print reads back to itself. */
static void check_harmless(const char *text, size_t length)
{
    wg_tape *t, *again = NULL;
    if (parse_into(&t, text, length)) {
        ck_assert(!t && why[0]);
        return;
    }
    char *first = printed(t);
    ck_assert_msg(parse_into(&again, first, strlen(first)) == WG_OK, "%s\n%.*s\n%s", why, (int)length, text, first);
    char *second = printed(again);
    ck_assert_str_eq(first, second);
    free(first);
    free(second);
    wg_tape_free(t);
    wg_tape_free(again);
}

START_TEST(test_mutations)
{
    static const char bytes[] = "()[]{};:,=%#\"?-+.e019aBx_/ \n\t\r\\~\x01\x7f\x80\xff";
    size_t length = strlen(samples[_i]);
    char *text = malloc(2 * length + 16);
    uint32_t state = 2463534242u + (uint32_t)_i;
    ck_assert_ptr_nonnull(text);
    for (size_t cut = 0; cut <= length; cut++) { /* truncated, in a block of its own, so that a byte too far is seen */
        char *exact = malloc(cut ? cut : 1);
        ck_assert_ptr_nonnull(exact);
        memcpy(exact, samples[_i], cut);
        check_harmless(exact, cut);
        free(exact);
    }
    for (int round = 0; round < 4000; round++) {
        memcpy(text, samples[_i], length);
        size_t n = length;
        for (uint32_t edits = 1 + next_random(&state) % 3; edits; edits--) {
            size_t at = next_random(&state) % n;
            char c = bytes[next_random(&state) % (sizeof bytes - 1)];
            switch (next_random(&state) % 4) {
            case 0: text[at] = c; break;
            case 1: text[at] = (char)(text[at] ^ (1 << next_random(&state) % 8)); break;
            case 2: memmove(text + at, text + at + 1, --n - at); break;
            default: memmove(text + at + 1, text + at, n++ - at), text[at] = c;
            }
        }
        check_harmless(text, n);
    }
    free(text);
}
END_TEST

int main(void)
{
    Suite *s = suite_create("text_hostile");
    TCase *c = tcase_create("hostile");
    tcase_add_checked_fixture(c, set_up, tear_down);
    tcase_set_timeout(c, 120);
    tcase_add_loop_test(c, test_refused, 0, (int)(sizeof refused / sizeof *refused));
    tcase_add_test(c, test_no_text);
    tcase_add_test(c, test_deep);
    tcase_add_loop_test(c, test_mutations, 0, (int)(sizeof samples / sizeof *samples));
    suite_add_tcase(s, c);
    SRunner *r = srunner_create(s);
    srunner_run_all(r, CK_NORMAL);
    int failed = srunner_ntests_failed(r);
    srunner_free(r);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}

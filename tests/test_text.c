/* test_text.c -- the text form: printing, reading, and that the one undoes the other. What is refused: test_text_hostile.c. */
#define _XOPEN_SOURCE 700
#include "texts.h"

#include <pthread.h>
#include <unistd.h>

/* The text prints as `expected` (NULL: as itself), and what is printed prints the same again. */
static void check_prints(const char *text, const char *expected)
{
    parse(text);
    char *first = printed(tape);
    ck_assert_str_eq(first, expected ? expected : text);
    parse(first);
    char *second = printed(tape);
    ck_assert_str_eq(second, first);
    free(first);
    free(second);
}

/* ---- printing and reading --------------------------------------------------------------------------------------- */

START_TEST(test_example) { check_prints(LINES "loss       = mean(%9) : f32[]\nreturn loss, %7\n", NULL); }
END_TEST

/* An op that is a definition is read, and what it is made of is printed; its name goes to the last of it. */
START_TEST(test_definition)
{
    parse(LINES "loss       = var(%9) : f32[]\nreturn loss, %7\n");
    char *first = printed(tape);
    ck_assert(strncmp(first, LINES, strlen(LINES)) == 0);
    ck_assert(strstr(first, "\nloss       = ") && strstr(first, " : f32[]\nreturn loss, %7\n"));
    parse(first);
    char *second = printed(tape);
    ck_assert_str_eq(first, second);
    free(first);
    free(second);
}
END_TEST

START_TEST(test_recorded)
{
    tape = wg_tape_new(.seed = 7, .eval = true);
    wg_tensor x = wg_input_range(tape, "x", WG_I64, WG_SHAPE(WG_DIM('B'), 3), 0, 10);
    wg_tensor w = wg_param(tape, "w", WG_SHAPE(10), .dtype = WG_F64, .init = {"uniform", -0.5, 0.5}, .kind = WG_BUFFER);
    wg_scope_push(tape, "deep");
    wg_scope_push(tape, "er");
    wg_tensor y = wg_clamp(wg_take(w, x), .min = -1);
    wg_scope_pop(tape);
    wg_tensor z = wg_name(wg_add(wg_sub(wg_num(1), y), wg_num(1e-5)), "z");
    wg_scope_pop(tape);
    wg_tensor s = wg_slice(z, 1, .start = 1, .step = -1);
    wg_return(tape, WG_LIST(s, z));
    ck_assert_msg(!wg_error(tape), "%s", wg_error(tape));
    char *text = printed(tape);
    ck_assert_str_eq(text, "tape seed=7 mode=eval\n"
                           "x          = input(high=10) : i64[B, 3]\n"
                           "w          = param(init=uniform, lo=-0.5, hi=0.5, kind=buffer) : f64[10]\n"
                           "deep/er/%2 = take(w, x) : f64[B, 3]\n"
                           "deep/er/%3 = clamp(deep/er/%2; min=-1) : f64[B, 3]\n"
                           "deep/%4    = sub(1, deep/er/%3) : f64[B, 3]\n"
                           "deep/z     = add(deep/%4, 1e-05) : f64[B, 3]\n"
                           "%6         = slice(deep/z; axis=1, start=1, step=-1) : f64[B, 2]\n"
                           "return %6, deep/z\n");
    free(text);
}
END_TEST

/* Derivatives of every order are nodes like others; numbers beside nothing but shapes keep their dtype. */
START_TEST(test_derivatives)
{
    for (int f64 = 0; f64 < 2; f64++) {
        tape = wg_tape_new(.seed = 1);
        wg_tensor x = wg_input(tape, "x", f64 ? WG_F64 : WG_F32, WG_SHAPE(WG_ANY, 4)),
                  v = wg_input(tape, "v", f64 ? WG_F64 : WG_F32, WG_SHAPE(WG_ANY, 4));
        wg_scope_push(tape, "net");
        wg_tensor part = wg_slice(wg_transpose(x), 0, .start = 1, .stop = 3);
        wg_tensor y = wg_add(wg_sum(wg_tanh(wg_mul(part, part))), wg_sum(wg_softmax(x)));
        wg_scope_pop(tape);
        wg_tensor g = wg_grad(y, x), h = wg_grad(wg_sum(wg_mul(g, v)), x), u = wg_jvp(g, x, v), none = wg_grad(y, v);
        wg_return(tape, WG_LIST(y, h, u, none));
        ck_assert_msg(!wg_error(tape), "%s", wg_error(tape));
        char *first = printed(tape);
        ck_assert_msg(strstr(first, "view=slice(axis=0, start=1, stop=3)") != NULL, "%s", first);
        ck_assert((strstr(first, "(f64(0), ") != NULL) == (f64 == 1));
        wg_tape *again = NULL;
        ck_assert_msg(parse_into(&again, first, strlen(first)) == WG_OK, "%s", why);
        char *second = printed(again);
        ck_assert_str_eq(first, second);
        ck_assert_uint_eq(wg_returned(again).n, 4);
        free(first);
        free(second);
        wg_tape_free(again);
        tear_down();
    }
}
END_TEST

START_TEST(test_values)
{
    check_prints("tape seed=0 mode=train\n"
                 "a = constant(; data=[[1, nan], [-inf, 1e+300]]) : f64[2, 2]\n"
                 "b = constant(; data=[0.1, -0, inf]) : f32[3]\n"
                 "c = constant(; data=[9223372036854775807, -9223372036854775808, 9007199254740993]) : i64[3]\n"
                 "d = constant(; data=[[[true], [false]]]) : bool[1, 2, 1]\n"
                 "e = constant(; data=[255, 0]) : u8[2]\n"
                 "f = constant(; data=-2147483648) : i32[]\n"
                 "g = constant(; data=[]) : f64[2, 0]\n"
                 "h = mul(a, inf) : f64[2, 2]\n"
                 "i = mul(b, -1e-05) : f32[3]\n",
                 NULL);
    ck_assert_int_eq(wg_dtype_get(wg_find(tape, "c")), WG_I64);
    const wg_leaf_constant_options *c = wg__node(wg_find(tape, "c"))->attrs, *b = wg__node(wg_find(tape, "b"))->attrs;
    ck_assert(((const int64_t *)c->data.data)[2] == 9007199254740993 && ((const int64_t *)c->data.data)[1] == INT64_MIN);
    ck_assert(((const float *)b->data.data)[0] == 0.1f && signbit(((const float *)b->data.data)[1]));
}
END_TEST

START_TEST(test_what_people_write)
{
    check_prints(
        "\xef\xbb\xbf# a comment \xc3\xa9\r\n\r\n  x=input( high = 10 ):i64[?]  # why not\r\ny = constant(; data=[1, # one\n 2,\n 3])\n"
        "z = reshape(y; shape=3)\nreturn z\n\n# end",
        "tape seed=0 mode=train\nx = input(high=10) : i64[?]\ny = constant(; data=[1, 2, 3]) : f32[3]\nz = reshape(y; shape=[3]) : "
        "f32[3]\nreturn z\n");
    check_prints("w = param(kind=\"state\", dtype=f64, shape=[2])", "tape seed=0 mode=train\nw = param(init=zeros, kind=state) : f64[2]\n");
    check_prints("y = sum(mul([[1, 2]], 3); axes=all)",
                 "tape seed=0 mode=train\n%0 = constant(; data=[[1, 2]]) : f64[1, 2]\n%1 = mul(%0, 3) : f64[1, 2]\ny  = sum(%1) : f64[]\n");
    check_prints("y = where(bool[true, false], f32[1, 2], f32 0.5)\nx = i64[2, 0]()\nz = [1, 2] : f32[2]\nv = -3",
                 "tape seed=0 mode=train\n%0 = constant(; data=[true, false]) : bool[2]\n%1 = constant(; data=[1, 2]) : f32[2]\n"
                 "%2 = constant(; data=0.5) : f32[]\ny  = where(%0, %1, %2) : f32[2]\nx  = constant(; data=[]) : i64[2, 0]\n"
                 "z  = constant(; data=[1, 2]) : f32[2]\nv  = constant(; data=-3) : f64[]\n");
    check_prints("g = gelu([1]; approximate=tanh)\ns = slice(g; axis=0, start=start, stop=end)\nm = softmax([[1, 2]]; axis=-2)",
                 "tape seed=0 mode=train\n%0 = constant(; data=[1]) : f64[1]\ng  = gelu(%0; approximate=\"tanh\") : f64[1]\n"
                 "s  = slice(g; axis=0) : f64[1]\n%3 = constant(; data=[[1, 2]]) : f64[1, 2]\nm  = softmax(%3; axis=-2) : f64[1, 2]\n");
    /* words that are names */
    check_prints("tape seed=0 mode=train\n"
                 "tape   = input() : f32[]\n"
                 "return = mul(tape, 2) : f32[]\n"
                 "inf    = mul(return, +inf) : f32[]\n"
                 "nan    = mul(inf, +inf) : f32[]\n"
                 "f64    = mul(nan, +nan) : f32[]\n"
                 "true   = add(f64, inf) : f32[]\n"
                 "return return, true\n",
                 NULL);
    check_prints("tape = input() : f32[]", "tape seed=0 mode=train\ntape = input() : f32[]\n");
}
END_TEST

/* An absent optional input before a present one, and absent ones at the end. */
START_TEST(test_optional)
{
    tape = wg_tape_new(.seed = 0);
    wg_tensor w = wg_param(tape, "w", WG_SHAPE());
    wg_tensor y = wg_add(w, wg_num(1));
    wg_on(y, w, y);
    wg_assign(w, y);
    char *text = printed(tape);
    const char *expected =
        "tape seed=0 mode=train\nw  = param(init=zeros) : f32[]\n%1 = add(w, 1) : f32[]\n%2 = assign(w, %1, %1) : f32[]\n"
        "%3 = assign(w, %1) : f32[]\n";
    ck_assert_str_eq(text, expected);
    free(text);
    check_prints(expected, NULL);
    ck_assert_uint_eq(tape->hooks, 1);
    check_prints("w = param() : f32[]\ny = add(w, 1)\nz = assign(w, y, _)",
                 "tape seed=0 mode=train\nw = param(init=zeros) : f32[]\ny = add(w, 1) : f32[]\nz = assign(w, y) : f32[]\n");
}
END_TEST

/* ---- names, scopes, places ---------------------------------------------------------------------------------------- */

START_TEST(test_scopes)
{
    parse("x = input() : f32[3]\na/b/%1 = tanh(x)\na/y = sum(a/b/%1)\n");
    ck_assert_str_eq(wg__node(wg_node_input(wg_find(tape, "a/y"), 0))->scope, "a/b");
    ck_assert_str_eq(wg__node(wg_find(tape, "a/y"))->scope, "a");
    ck_assert_str_eq(tape->place.scope, "");
    wg_tensor g = wg_grad(wg_find(tape, "a/y"), wg_find(tape, "x")); /* takes the scope of what it differentiates */
    ck_assert_str_eq(wg__node(g)->scope, "a/b");
}
END_TEST

START_TEST(test_places)
{
    parse("\nx = input() : f32[3]\n%h = tanh(x)\n");
    const wg_node *n = &tape->node[1];
    ck_assert_str_eq(n->file, "t.tape");
    ck_assert_int_eq(n->line, 3);
    wg_tensor y = (wg_matmul)(wg_tape_node(tape, 1), wg_num(2)); /* what is recorded now is not the text's */
    ck_assert(!wg_ok(y));
    ck_assert_ptr_null(strstr(wg_error(tape), "t.tape"));
}
END_TEST

START_TEST(test_random_keys)
{
    parse("x = input() : f32[3]\ny = dropout(x; p=0.5)\n");
    char *text = printed(tape);
    ck_assert(strstr(text, "key=0") && !strstr(text, "key=1"));
    parse(text);
    free(text);
    wg_dropout(wg_find(tape, "y"), .p = 0.25);
    text = printed(tape);
    ck_assert_msg(strstr(text, "key=0") && strstr(text, "key=1"), "%s", text);
    free(text);
}
END_TEST

/* An op may answer a node that is there already: the line's name is then another name for it. */
START_TEST(test_alias)
{
    parse("tape mode=eval\nx = input() : f32[3]\ny = dropout(x; p=0.5)\nz = mul(y, 2)\nreturn y\n");
    ck_assert_uint_eq(wg_node_index(wg_node_input(wg_find(tape, "z"), 0)), 0);
    ck_assert_uint_eq(wg_node_index(wg_returned(tape).x[0]), 0);
    parse("tape mode=eval\nx = input() : f32[3]\n%1 = tanh(x)\ny = dropout(%1; p=0.5)\n");
    ck_assert_uint_eq(wg_node_index(wg_find(tape, "y")), 1);
}
END_TEST

START_TEST(test_params)
{
    wg_params *store = wg_params_new();
    wg_array a;
    wg_tape *t;
    ck_assert_ptr_nonnull(store);
    ck_assert_int_eq(wg_array_new(&a, WG_F32, WG_SHAPE(2)), WG_OK);
    ((float *)a.data)[1] = 5;
    ck_assert_int_eq(wg_params_set(store, "w", &a, WG_TRAINABLE), WG_OK);
    const char *good = "tape seed=9\nw = param(init=ones) : f32[2]\nb.c = param(init=ones, kind=buffer) : f64[]\n",
               *bad = "w = param() : f32[3]";
    ck_assert_int_eq(
        wg_tape_parse(&t, good, strlen(good), NULL, &(wg_tape_options){.params = store, .seed = 1, .eval = true}, why, sizeof why), WG_OK);
    ck_assert(wg_tape_eval(t) && t->seed == 9);
    wg_array w;
    ck_assert_int_eq(wg_params_get(store, "w", &w), WG_OK);
    ck_assert(((const float *)w.data)[1] == 5.0f);
    ck_assert_int_eq(wg_params_kind(store, "b.c"), WG_BUFFER);
    wg_tape_free(t);
    ck_assert_int_eq(wg_tape_parse(&t, bad, strlen(bad), NULL, &(wg_tape_options){.params = store}, why, sizeof why), WG_ESHAPE);
    ck_assert_str_eq(why, "text:1:5: parameter w is f32[2], this call needs f32[3]");
    ck_assert_ptr_null(t);
    wg_array_free(&a);
    wg_params_free(store);
}
END_TEST

/* A letter is one size throughout; `?` is any that is not known. */
START_TEST(test_letters)
{
    check_prints(
        "tape seed=0 mode=train\nx = input() : f32[B, T]\ny = reshape(x; shape=[T, B]) : f32[T, B]\nz = reshape(y; shape=[-1]) : f32[?]\n"
        "s = slice(x; axis=0, stop=T) : f32[T, T]\n",
        NULL);
    parse("x = input() : f32[B, 2]\nz = reshape(x; shape=[-1]) : f32[C]\nw = tanh(z) : f32[C]\n");
}
END_TEST

/* ---- large ------------------------------------------------------------------------------------------------------------- */

enum { MILLION = 1000000 };

static void *million(void *unused)
{
    (void)unused;
    tape = wg_tape_new(.seed = 0);
    wg_tensor x = wg_input(tape, "x", WG_F32, WG_SHAPE(WG_ANY));
    for (int i = 0; i < MILLION; i++) x = (i & 1 ? wg_tanh : wg_neg)(x);
    wg_return(tape, WG_LIST(x));
    char *first = printed(tape);
    parse(first);
    ck_assert_uint_eq(wg_tape_size(tape), MILLION + 1);
    char *second = printed(tape);
    ck_assert(strcmp(first, second) == 0);
    free(first);
    free(second);
    return NULL;
}

#if defined __SANITIZE_ADDRESS__ || defined __SANITIZE_THREAD__
enum { STACK = 1 << 20 };
#elif defined __clang__ && defined __has_feature
#if __has_feature(address_sanitizer)
enum { STACK = 1 << 20 };
#else
enum { STACK = 1 << 16 };
#endif
#else
enum { STACK = 1 << 16 };
#endif

START_TEST(test_million)
{
    pthread_attr_t attributes;
    pthread_t thread;
    ck_assert_int_eq(pthread_attr_init(&attributes), 0);
    ck_assert_int_eq(pthread_attr_setstacksize(&attributes, STACK), 0);
    ck_assert_int_eq(pthread_create(&thread, &attributes, million, NULL), 0);
    ck_assert_int_eq(pthread_join(thread, NULL), 0);
    pthread_attr_destroy(&attributes);
}
END_TEST

/* ---- files -------------------------------------------------------------------------------------------------------------- */

START_TEST(test_files)
{
    char path[] = "/tmp/wengert-text-XXXXXX", expected[300];
    int fd = mkstemp(path);
    ck_assert_int_ge(fd, 0);
    close(fd);
    parse(LINES);
    ck_assert_int_eq(wg_tape_save(tape, path), WG_OK);
    wg_tape *t;
    ck_assert_int_eq(wg_tape_read(&t, path, NULL, why, sizeof why), WG_OK);
    char *first = printed(t);
    ck_assert_str_eq(first, LINES);
    free(first);
    wg_tape_free(t);
    unlink(path);
    ck_assert_int_eq(wg_tape_read(&t, path, NULL, why, sizeof why), WG_EIO);
    snprintf(expected, sizeof expected, "%s: cannot be opened: No such file or directory", path);
    ck_assert_str_eq(why, expected);
    ck_assert_ptr_null(t);
    ck_assert_int_eq(wg_tape_save(tape, "/nowhere/at/all.tape"), WG_EIO);
    ck_assert_int_eq(wg_tape_save(NULL, path), WG_EARG);
}
END_TEST

int main(void)
{
    Suite *s = suite_create("text");
    TCase *c = tcase_create("text");
    tcase_add_checked_fixture(c, set_up, tear_down);
    tcase_set_timeout(c, 120);
    tcase_add_test(c, test_example);
    tcase_add_test(c, test_definition);
    tcase_add_test(c, test_recorded);
    tcase_add_test(c, test_derivatives);
    tcase_add_test(c, test_values);
    tcase_add_test(c, test_what_people_write);
    tcase_add_test(c, test_optional);
    tcase_add_test(c, test_scopes);
    tcase_add_test(c, test_places);
    tcase_add_test(c, test_random_keys);
    tcase_add_test(c, test_alias);
    tcase_add_test(c, test_params);
    tcase_add_test(c, test_letters);
    tcase_add_test(c, test_million);
    tcase_add_test(c, test_files);
    suite_add_tcase(s, c);
    SRunner *r = srunner_create(s);
    srunner_run_all(r, CK_NORMAL);
    int failed = srunner_ntests_failed(r);
    srunner_free(r);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}

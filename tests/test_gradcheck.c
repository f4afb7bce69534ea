/* test_gradcheck.c -- the check of gradients itself: it passes what is right, catches what is wrong by 1e-3 in one element,
 * and says what it could not test. And replay, on which it stands. */
#include "tape/params.h"
#include "tape/replay.h"
#include <wengert/check.h>

#include <stdlib.h>

static wg_tape *tape;
static void set_up(void) { tape = wg_tape_new(.seed = 7); }
static void tear_down(void)
{
    wg_tape_free(tape);
    tape = NULL;
}

static wg_tensor swish_net(wg_tensor x)
{
    wg_tensor w = wg_param(wg_tape_of(x), "w", WG_SHAPE(3, 4), .init = {"normal", 0, 1});
    wg_tensor h = wg_matmul(x, w);
    return wg_mul(h, wg_sigmoid(h));
}

#define ck_assert_contains(text, part) ck_assert_msg(strstr((text), (part)) != NULL, "\"%s\" must contain \"%s\"", (text), (part))

/* ---- what is right ------------------------------------------------------------------------------------------------------ */

/* Forward mode by an op's definition: what stands in two places has one tangent, not two. */
START_TEST(test_one_tensor_in_two_places)
{
    wg_tensor x = wg_input(tape, "x", WG_F64, WG_SHAPE(3, 5));
    ck_assert_gradients(wg_norm_dweight(x, x));
    ck_assert_gradients(wg_attention_grad(x, x, x, x));
}
END_TEST

START_TEST(test_model_of_any_size)
{
    wg_tensor x = wg_input(tape, "x", WG_F32, WG_SHAPE(WG_ANY, 3));
    wg_tensor y = wg_mean(wg_square(swish_net(wg_dropout(x, 0.3))));
    size_t size = wg_tape_size(tape);
    ck_assert_gradients(y);
    wg_gradcheck_report r = (wg_gradcheck)(y);
    ck_assert_uint_eq(r.tested[0], 2);
    ck_assert_uint_eq(r.tested[1], 2);
    ck_assert_double_lt(r.worst, 1e-9);
    ck_assert_uint_eq(wg_tape_size(tape), size); /* the model is left as it is */
    ck_assert_ptr_null(wg_error(tape));
}
END_TEST

START_TEST(test_labels_with_a_range)
{
    wg_tensor x = wg_input(tape, "x", WG_F32, WG_SHAPE(WG_DIM('B'), 3));
    wg_tensor label = wg_input_range(tape, "label", WG_I32, WG_SHAPE(WG_DIM('B')), 0, 4);
    ck_assert_gradients(wg_cross_entropy(swish_net(x), label));
}
END_TEST

START_TEST(test_letters_that_must_agree)
{
    wg_tensor a = wg_input(tape, "a", WG_F32, WG_SHAPE(WG_DIM('M'), 3)), b = wg_input(tape, "b", WG_F32, WG_SHAPE(WG_DIM('N'), 3));
    ck_assert_gradients(wg_mul(a, b));
}
END_TEST

/* An op that is given one tensor twice, and is differentiated by its definition. */
START_TEST(test_given_twice)
{
    wg_tensor x = wg_input(tape, "x", WG_F64, WG_SHAPE(3, 3));
    ck_assert_gradients(wg_attention_grad(x, x, x, x));
    ck_assert_gradients(wg_norm_dweight(x, x));
}
END_TEST

/* Sizes that only the feeds tell: what broadcasts, and that values have more features than keys or fewer, shows when it is run. */
START_TEST(test_attention_of_unknown_sizes)
{
    static const double numbers[60] = {0.3, -1.2, 0.7, 1.9, -0.4, 0.2, 1.1, -0.8, 0.5, -1.7, 0.9, 0.1};
    static const int64_t features[] = {1, 2, 3};
    for (int i = 0; i < 6; i++) {
        int64_t e = features[i % 3];
        wg_tensor q = wg_input(tape, "q", WG_F64, WG_SHAPE(WG_ANY, WG_ANY, WG_ANY, i < 3 ? WG_ANY : 2));
        wg_tensor k = wg_input(tape, "k", WG_F64, WG_SHAPE(WG_ANY, WG_ANY, WG_ANY));
        wg_tensor v = wg_input(tape, "v", WG_F64, WG_SHAPE(WG_ANY, i < 3 ? WG_ANY : e));
        wg_gradcheck_feed feed[] = {{"q", wg_array_wrap(numbers, WG_F64, WG_SHAPE(2, 1, 3, 2))},
                                    {"k", wg_array_wrap(numbers + 5, WG_F64, WG_SHAPE(4, 3, 2))},
                                    {"v", wg_array_wrap(numbers + 2, WG_F64, WG_SHAPE(3, e))}};
        wg_gradcheck_report r = wg_gradcheck(wg_attention(q, k, v), .feeds = feed, .n_feeds = 3);
        ck_assert_msg(r.ok, "%s", r.text);
        wg_tape_reset(tape);
    }
}
END_TEST

START_TEST(test_output_of_many_elements)
{
    wg_tensor x = wg_input(tape, "x", WG_F64, WG_SHAPE(20, 30));
    wg_gradcheck_report r = wg_gradcheck(wg_softmax(x), .seed = 3);
    ck_assert_msg(r.ok, "%s", r.text);
}
END_TEST

START_TEST(test_feeds_and_wrt)
{
    wg_tensor x = wg_input(tape, "x", WG_F32, WG_SHAPE(WG_ANY, 3)), label = wg_input(tape, "label", WG_I64, WG_SHAPE(WG_ANY));
    wg_tensor loss = wg_cross_entropy(swish_net(x), label), w = wg_find(tape, "w");
    const wg_gradcheck_feed feeds[] = {{"x", WG_ARRAY(double, WG_SHAPE(2, 3), 1, 2, 3, 4, 5, 6)},
                                       {"label", WG_ARRAY(int64_t, WG_SHAPE(2), 3, 0)}};
    wg_gradcheck_report r = wg_gradcheck(loss, .feeds = feeds, .n_feeds = 2, .wrt = WG_LIST(w), .order = 1);
    ck_assert_msg(r.ok, "%s", r.text);
    ck_assert_uint_eq(r.tested[0], 1);
    ck_assert_uint_eq(r.tested[1], 0);
    const wg_gradcheck_feed bad = {"x", WG_ARRAY(double, WG_SHAPE(3, 2), 1, 2, 3, 4, 5, 6)};
    r = wg_gradcheck(loss, .feeds = &bad, .n_feeds = 1);
    ck_assert_int_eq(r.status, WG_ESHAPE);
    ck_assert_contains(r.text, "input x is f32[?,3], fed is f64[3,2]");
    const wg_gradcheck_feed none = {"x", WG_ARRAY(double, WG_SHAPE(2, 3), 1, 2, 3, 4, 5)};
    r = wg_gradcheck(loss, .feeds = &none, .n_feeds = 1);
    ck_assert_int_eq(r.status, WG_EARG);
    ck_assert_contains(r.text, "input x: the array has no data");
}
END_TEST

START_TEST(test_kink_is_drawn_again)
{
    /* each element is within the smallest stencil of the corner at 0.3 about every seventh time */
    wg_tensor x = wg_input_range(tape, "x", WG_F64, WG_SHAPE(5), 0.29999, 0.30001);
    wg_tensor y = wg_sum(wg_relu(wg_sub(x, wg_num(0.3))));
    int redrawn = 0, passed = 0;
    for (uint32_t seed = 0; seed < 20; seed++) {
        wg_gradcheck_report r = wg_gradcheck(y, .seed = seed, .order = 1);
        redrawn += r.redrawn;
        passed += r.ok;
        ck_assert_int_eq(r.status, WG_OK);
        if (r.redrawn) ck_assert_contains(r.text, "as a stencil straddled a kink");
        ck_assert_int_le(r.redrawn, 3);
    }
    ck_assert_int_gt(redrawn, 0);
    ck_assert_int_gt(passed, 10);
}
END_TEST

START_TEST(test_kink_of_a_parameter)
{
    wg_tensor w = wg_param(tape, "w", WG_SHAPE(3));
    wg_gradcheck_report r = wg_gradcheck(wg_sum(wg_abs(w)));
    ck_assert(!r.ok);
    ck_assert_contains(r.text, "w[0]: a kink");
    ck_assert_contains(r.text, "nothing is drawn that could be drawn again");
}
END_TEST

/* ---- what cannot be checked ---------------------------------------------------------------------------------------------- */

START_TEST(test_integers_need_a_range)
{
    wg_tensor x = wg_input(tape, "x", WG_F32, WG_SHAPE(WG_ANY, 3)), label = wg_input(tape, "label", WG_I32, WG_SHAPE(WG_ANY));
    wg_gradcheck_report r = wg_gradcheck(wg_cross_entropy(swish_net(x), label));
    ck_assert(!r.ok);
    ck_assert_int_eq(r.status, WG_EARG);
    ck_assert_contains(r.text, "input label is i32[?] and has no range");
    ck_assert_contains(r.text, "test_gradcheck.c:");
}
END_TEST

START_TEST(test_invalid)
{
    wg_tensor x = wg_input(tape, "x", WG_F32, WG_SHAPE(2, 3)), y = wg_matmul(x, x);
    wg_gradcheck_report r = wg_gradcheck(y);
    ck_assert(!r.ok);
    ck_assert_contains(r.text, "inner sizes 3 and 2 differ");
    r = wg_gradcheck(WG_NONE);
    ck_assert_int_eq(r.status, WG_EARG);
    wg_error_clear(tape);
    r = wg_gradcheck(wg_input_range(tape, "k", WG_I64, WG_SHAPE(2), 0, 3));
    ck_assert_int_eq(r.status, WG_EDTYPE);
    r = wg_gradcheck(wg_square(x), .wrt = WG_LIST(wg_square(x)));
    ck_assert_int_eq(r.status, WG_EARG);
}
END_TEST

START_TEST(test_zero_is_untested)
{
    wg_tensor x = wg_input(tape, "x", WG_F32, WG_SHAPE(4)), z = wg_input(tape, "z", WG_F32, WG_SHAPE(4));
    wg_gradcheck_report r = wg_gradcheck(wg_sum(wg_add(wg_square(x), wg_mul(z, wg_num(0)))));
    ck_assert_msg(r.ok, "%s", r.text);
    ck_assert_uint_eq(r.untested[0], 1);
    ck_assert_contains(r.text, "untested, zero on both sides: z");
    r = wg_gradcheck(wg_sum(wg_sign(x)));
    ck_assert(!r.ok);
    ck_assert_contains(r.text, "nothing was tested");
    ck_assert_uint_eq(r.failed, 0);
}
END_TEST

START_TEST(test_nan_never_passes)
{
    wg_tensor x = wg_input(tape, "x", WG_F64, WG_SHAPE(3));
    const wg_gradcheck_feed feed = {"x", WG_ARRAY(double, WG_SHAPE(3), 1, -1, 2)};
    wg_gradcheck_report r = wg_gradcheck(wg_sum(wg_sqrt(x)), .feeds = &feed, .n_feeds = 1);
    ck_assert(!r.ok);
    ck_assert_uint_eq(r.failed, 1);
    ck_assert_contains(r.text, "x[1]");
}
END_TEST

/* ---- what is wrong: ops of the test's own, which are as square but for one rule --------------------------------------------- */

static const wg_input_spec one_input[] = {{"x", false}};
#define OF_SQUARE                                                                                                                          \
    .family = "test", .inputs = one_input, .n_inputs = 1, .options_size = sizeof(wg_tensor), .inputs_size = sizeof(wg_tensor),             \
    .kind = WG_ELEMENTWISE, .kernel_of = &wg_op_square

static wg_tensor slightly_off(const wg_rule *r, int i) { return wg_mul(r->in[i], wg_num(2.0000001)); }
static wg_tensor right_but_constant(const wg_rule *r, int i) { return wg_stop_gradient(wg_mul(r->in[i], wg_num(2))); }
static wg_tensor zero(const wg_rule *r, int i) { return wg_mul(r->in[i], wg_num(0)); }
static wg_tensor right(const wg_rule *r, wg_tensor g, int i) { return wg_mul(g, wg_mul(r->in[i], wg_num(2))); }
static wg_tensor wrong_forward(const wg_rule *r, const wg_tensor *dx) { return wg_mul(dx[0], wg_mul(r->in[0], wg_num(2.002))); }
/* wrong in the first element alone, by 1e-3 */
static wg_tensor off_in_one(const wg_rule *r, wg_tensor g, int i)
{
    wg_tensor at = wg_slice(r->in[i], 0, .stop = 1), rest = wg_slice(r->in[i], 0, .start = 1);
    return wg_mul(g, wg_concat(WG_LIST(wg_mul(at, wg_num(2.002)), wg_mul(rest, wg_num(2))), 0));
}

static const wg_op op_off = {OF_SQUARE, .name = "off", .slope = slightly_off},
                   op_order = {OF_SQUARE, .name = "order", .slope = right_but_constant},
                   op_zero = {OF_SQUARE, .name = "zero", .slope = zero},
                   op_one = {OF_SQUARE, .name = "one", .vjp = off_in_one, .jvp = wrong_forward},
                   op_forward = {OF_SQUARE, .name = "forward", .vjp = right, .jvp = wrong_forward};

static void assert_caught(const wg_op *op, const char *order, const char *by)
{
    wg_tensor x = wg_input(tape, "x", WG_F32, WG_SHAPE(4));
    wg_tensor y = wg_sum(wg_tanh(wg__record_with(tape, op, NULL, &x, 1)));
    wg_gradcheck_report r = wg_gradcheck(y);
    ck_assert(!r.ok);
    ck_assert_uint_eq(r.failed, 1);
    ck_assert_contains(r.text, order);
    ck_assert_contains(r.text, by);
    ck_assert_contains(r.text, "The op at fault is ");
    char fault[60];
    snprintf(fault, sizeof fault, "%s: gradient of order", op->name);
    ck_assert_contains(strstr(r.text, "The op at fault is "), fault);
    ck_assert(r.here != r.there);
}

START_TEST(test_wrong_by_a_little) { assert_caught(&op_off, "order 1", "differences give"); }
END_TEST
START_TEST(test_wrong_at_order_two) { assert_caught(&op_order, "order 2", "differences give"); }
END_TEST
START_TEST(test_zero_against_not_zero) { assert_caught(&op_zero, "order 1", "differences give"); }
END_TEST
START_TEST(test_wrong_in_one_element) { assert_caught(&op_one, "order 1, in x[0]", "differences give"); }
END_TEST
START_TEST(test_wrong_forward) { assert_caught(&op_forward, "order 1", "forward mode gives"); }
END_TEST

/* ---- replay -------------------------------------------------------------------------------------------------------------------- */

static int64_t five(void *context, int64_t symbol)
{
    (void)context;
    (void)symbol;
    return 5;
}

START_TEST(test_replay_in_f64_with_sizes)
{
    wg_scope_push(tape, "net");
    wg_tensor x = wg_input(tape, "x", WG_F32, WG_SHAPE(WG_ANY, WG_DIM('T')));
    wg_tensor w = wg_param(tape, "w", WG_SHAPE(2), .init = {"normal", 0, 1});
    wg_tensor y = wg_name(wg_add(wg_cast(wg_expand(wg_mul(wg_sum(x), wg_num(0.1)), WG_SHAPE(WG_DIM('T'), 2)), WG_F32), w), "y");
    wg_scope_pop(tape);
    ck_assert(wg_ok(y));
    wg_tape *to = wg_tape_new(.seed = 1);
    wg_tensor *map = calloc(wg_tape_size(tape), sizeof *map);
    ck_assert(wg__replay(to, tape, NULL, map, &(wg_replay_options){.real = WG_F64, .size = five}));
    wg_tensor z = wg_find(to, "net/y");
    ck_assert(wg_ok(z));
    ck_assert_int_eq(wg_dtype_get(z), WG_F64);
    ck_assert(wg_shape_equal(wg_shape_get(z), WG_SHAPE(5, 2)));
    ck_assert(wg_shape_equal(wg_shape_get(wg_find(to, "net/x")), WG_SHAPE(5, 5)));
    const wg_stored *was = wg__stored(wg_tape_params(tape), "net.w"), *is = wg__stored(wg_tape_params(to), "net.w");
    ck_assert_ptr_nonnull(is);
    ck_assert_int_eq(is->array.dtype, WG_F64);
    ck_assert_double_eq(wg_array_at(&is->array, 1), wg_array_at(&was->array, 1));
    for (size_t i = 0; i < wg_tape_size(to); i++) ck_assert_str_eq(to->node[i].scope, "net");
    ck_assert_str_eq(wg__node(z)->file, __FILE__);
    free(map);
    wg_tape_free(to);
}
END_TEST

START_TEST(test_replay_substituted)
{
    wg_tensor x = wg_input(tape, "x", WG_F32, WG_SHAPE(3)), y = wg_tanh(wg_square(x)), other = wg_exp(x);
    size_t n = wg_tape_size(tape);
    wg_tensor *map = calloc(n, sizeof *map);
    uint8_t *wanted = calloc(n, 1);
    map[wg__index(x)] = other; /* tanh(square(exp x)), on the same tape */
    wg__mark_ancestors(tape, &y, 1, map, NULL, wanted);
    ck_assert(!wanted[wg__index(other)]);
    ck_assert(wg__replay(tape, tape, wanted, map, NULL));
    wg_tensor z = map[wg__index(y)];
    ck_assert_uint_eq(wg_tape_size(tape), n + 2);
    ck_assert_str_eq(wg_op_name(z), "tanh");
    ck_assert_uint_eq(wg_node_input(wg_node_input(z, 0), 0).id, other.id);
    free(map);
    free(wanted);
}
END_TEST

START_TEST(test_replay_effects)
{
    wg_tensor w = wg_param(tape, "w", WG_SHAPE(3)), done = wg_assign(w, wg_add(w, wg_num(1)));
    wg_tensor y = wg_square(done);
    for (int effects = 0; effects < 2; effects++) {
        wg_tape *to = wg_tape_new(.seed = 1);
        wg_tensor *map = calloc(wg_tape_size(tape), sizeof *map);
        ck_assert(wg__replay(to, tape, NULL, map, &(wg_replay_options){.effects = effects}));
        ck_assert_str_eq(wg_op_name(wg_node_input(map[wg__index(y)], 0)), effects ? "assign" : "add");
        free(map);
        wg_tape_free(to);
    }
}
END_TEST

START_TEST(test_replay_refuses)
{
    wg_tensor x = wg_input(tape, "x", WG_F32, WG_SHAPE(3)), y = wg_tanh(x);
    wg_tensor map[2] = {{0}, {0}};
    const uint8_t wanted[2] = {0, 1};
    wg_tape *to = wg_tape_new(.seed = 1);
    ck_assert(wg_ok(y));
    ck_assert(!wg__replay(to, tape, wanted, map, NULL));
    ck_assert_contains(wg_error(to), "what it reads was left out");
    wg_tape_free(to);
}
END_TEST

int main(void)
{
    Suite *s = suite_create("gradcheck");
    TCase *c = tcase_create("gradcheck");
    tcase_set_timeout(c, 60);
    tcase_add_checked_fixture(c, set_up, tear_down);
    tcase_add_test(c, test_one_tensor_in_two_places);
    tcase_add_test(c, test_model_of_any_size);
    tcase_add_test(c, test_labels_with_a_range);
    tcase_add_test(c, test_letters_that_must_agree);
    tcase_add_test(c, test_given_twice);
    tcase_add_test(c, test_attention_of_unknown_sizes);
    tcase_add_test(c, test_output_of_many_elements);
    tcase_add_test(c, test_feeds_and_wrt);
    tcase_add_test(c, test_kink_is_drawn_again);
    tcase_add_test(c, test_kink_of_a_parameter);
    tcase_add_test(c, test_integers_need_a_range);
    tcase_add_test(c, test_invalid);
    tcase_add_test(c, test_zero_is_untested);
    tcase_add_test(c, test_nan_never_passes);
    tcase_add_test(c, test_wrong_by_a_little);
    tcase_add_test(c, test_wrong_at_order_two);
    tcase_add_test(c, test_zero_against_not_zero);
    tcase_add_test(c, test_wrong_in_one_element);
    tcase_add_test(c, test_wrong_forward);
    tcase_add_test(c, test_replay_in_f64_with_sizes);
    tcase_add_test(c, test_replay_substituted);
    tcase_add_test(c, test_replay_effects);
    tcase_add_test(c, test_replay_refuses);
    suite_add_tcase(s, c);
    SRunner *r = srunner_create(s);
    srunner_run_all(r, CK_NORMAL);
    int failed = srunner_ntests_failed(r);
    srunner_free(r);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}

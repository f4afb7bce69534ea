/* test_tape.c -- recording: what a mistake says and where, that the first one is kept, and that nothing stops at it; names, scopes,
 * shared parameters; sizes that are known only when a plan runs. Messages are compared whole: they are what a user has to go by. */
#include <check.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <wengert.h>

static wg_tape *tape;
static wg_tensor x, label; /* f32[2, 3] and i64[2] */

static void set_up(void)
{
    tape = wg_tape_new(.seed = 1);
    x = wg_input(tape, "x", WG_F32, WG_SHAPE(2, 3));
    label = wg_input(tape, "label", WG_I64, WG_SHAPE(2));
    ck_assert(wg_ok(x) && wg_ok(label));
}

static void tear_down(void)
{
    wg_tape_free(tape);
    tape = NULL;
}

/* y is invalid and the tape says so with exactly this text, after the place where line is not 0; then the tape is clean again. */
static void refused(wg_tensor y, wg_status status, int line, const char *want)
{
    char text[600];
    ck_assert_msg(!wg_ok(y), "not refused; wanted: %s", want);
    if (line) snprintf(text, sizeof text, "%s:%d: %s", __FILE__, line, want);
    else snprintf(text, sizeof text, "%s", want);
    ck_assert_ptr_nonnull(wg_error(tape));
    ck_assert_str_eq(wg_error(tape), text);
    ck_assert_int_eq(wg_error_status(tape), status);
    wg_error_clear(tape);
    ck_assert_ptr_null(wg_error(tape));
    ck_assert_int_eq(wg_error_status(tape), WG_OK);
}

#define REFUSED(call, status, want) refused((call), (status), __LINE__, (want))

/* ---- errors of ops --------------------------------------------------------------------------------------------------- */

START_TEST(test_shapes)
{
    REFUSED(wg_matmul(x, x), WG_ESHAPE, "matmul: a is f32[2,3], b is f32[2,3]: inner sizes 3 and 2 differ");
    wg_tensor four = wg_input(tape, "four", WG_F32, WG_SHAPE(4));
    REFUSED(wg_add(x, four), WG_ESHAPE, "add: shapes [2,3] and [4] do not broadcast");
    REFUSED(wg_sum(x, .axes = WG_INTS(2)), WG_ESHAPE, "sum: axis 2 is out of range for rank 2");
    REFUSED(wg_sum(x, .axes = WG_INTS(0, -2)), WG_ESHAPE, "sum: axis 0 appears twice");
    REFUSED(wg_linear(x, four), WG_ESHAPE, "linear: weight is f32[4], which must be (out, in)");
    size_t nodes = wg_tape_size(tape);
    REFUSED(wg_reshape(x, WG_SHAPE(7)), WG_ESHAPE, "reshape: cannot reshape f32[2,3] to [7]: 6 elements against 7");
    ck_assert_uint_eq(wg_tape_size(tape), nodes); /* what is refused leaves no node */
}
END_TEST

START_TEST(test_dtypes)
{
    wg_tensor wide = wg_input(tape, "wide", WG_F64, WG_SHAPE(2, 3));
    REFUSED(wg_add(x, wide), WG_ESHAPE, "add: a is f32[2,3] and b is f64[2,3]: cast one to the other's dtype");
    REFUSED(wg_exp(label), WG_ESHAPE, "exp: x is i64[2], which must be f32 or f64: cast it");
    REFUSED(wg_where(x, x, x), WG_ESHAPE, "where: cond is f32[2,3], which must be bool: cast it");
    REFUSED(wg_take(x, x), WG_ESHAPE, "take: index is f32[2,3], which must be i64, i32 or u8: cast it");
    REFUSED(wg_cast(x, (wg_dtype)77), WG_EARG, "cast: dtype is no dtype");
    wg_tensor ok = wg_take(x, label, 0); /* an index of any integer dtype */
    ck_assert_int_eq(wg_dtype_get(ok), WG_F32);
    wg_tensor small = wg_input(tape, "small", WG_U8, WG_SHAPE(2));
    ck_assert_int_eq(wg_dtype_get(wg_take(x, small, 0)), WG_F32);
    ck_assert_int_eq(wg_dtype_get(wg_add(small, label)), WG_I64); /* u8 is cast at the door */
    ck_assert_ptr_null(wg_error(tape));
}
END_TEST

/* The first error stays, with its own place, whatever follows; invalid in, invalid out. */
START_TEST(test_first_error)
{
    int line = __LINE__ + 1;
    wg_tensor bad = wg_matmul(x, x), after = wg_relu(wg_add(bad, x));
    ck_assert(!wg_ok(bad) && !wg_ok(after));
    ck_assert(!wg_ok(wg_concat(WG_LIST(x, bad), .axis = 0)));
    wg_tensor other = wg_sum(x, .axes = WG_INTS(9)), fine = wg_relu(x);
    ck_assert(!wg_ok(other) && wg_ok(fine));
    ck_assert_ptr_null(wg_plan_new(fine)); /* no plan of a tape with an error: its message is there already */
    ck_assert(!wg_ok(wg_grad(bad, x)));
    ck_assert_ptr_null(wg_op_name(bad));
    ck_assert_int_eq(wg_dtype_get(bad), 0);
    ck_assert_uint_eq(wg_node_index(bad), SIZE_MAX);
    refused(after, WG_ESHAPE, line, "matmul: a is f32[2,3], b is f32[2,3]: inner sizes 3 and 2 differ");
    ck_assert_ptr_nonnull(wg_plan_new(fine));
}
END_TEST

START_TEST(test_missing)
{
    REFUSED(wg_matmul(x, WG_NONE), WG_EARG, "matmul: b is missing");
    REFUSED(wg_where(WG_NONE, x, x), WG_EARG, "where: cond is missing");
    ck_assert(!wg_ok(wg_relu(WG_NONE))); /* no tape to tell */
    ck_assert(!wg_ok(wg_add(wg_num(1), wg_num(2))));
    ck_assert_ptr_null(wg_error(tape));
    wg_tensor none = WG_NONE;
    REFUSED(wg_concat(WG_LIST(x, none)), WG_EARG, "concat: x is missing");
    wg_tensor w = wg_param(tape, "w", WG_SHAPE(4, 3));
    ck_assert(wg_ok(wg_linear(x, w, WG_NONE))); /* an optional one may be */
    ck_assert(wg_ok(wg_linear(x, w)));
    ck_assert_ptr_null(wg_error(tape));
    ck_assert_str_eq(wg_error(NULL), "no tape: out of memory");
    ck_assert_int_eq(wg_error_status(NULL), WG_ENOMEM);
}
END_TEST

START_TEST(test_two_tapes)
{
    wg_tape *other = wg_tape_new();
    wg_tensor y = wg_input(other, "y", WG_F32, WG_SHAPE(2, 3));
    REFUSED(wg_add(x, y), WG_EARG, "add: b belongs to another tape");
    ck_assert_ptr_null(wg_error(other));
    ck_assert(!wg_ok(wg_add(y, x)));
    ck_assert_ptr_nonnull(strstr(wg_error(other), "add: b belongs to another tape"));
    ck_assert_ptr_null(wg_error(tape));
    wg_tensor s = wg_sum(x);
    wg_error_clear(other);
    REFUSED(wg_grad(s, y), WG_EARG, "grad: x belongs to another tape");
    ck_assert(!wg_ok(wg_grad(s, wg_num(1))));
    ck_assert_ptr_nonnull(strstr(wg_error(tape), "is a number, not a tensor of the tape"));
    wg_error_clear(tape);
    ck_assert_ptr_null(wg_plan_new(s, y));
    refused(wg_tape_node(tape, SIZE_MAX), WG_EARG, 0, "plan: an output belongs to another tape");
    wg_tape_free(other);
}
END_TEST

START_TEST(test_reset)
{
    wg_tensor before = wg_relu(x);
    wg_param(tape, "w", WG_SHAPE(3));
    wg_matmul(x, x);
    wg_tape_reset(tape);
    ck_assert_ptr_null(wg_error(tape)); /* gone with the nodes */
    ck_assert_uint_eq(wg_tape_size(tape), 0);
    ck_assert(!wg_ok(before));
    REFUSED(wg_relu(before), WG_EARG, "relu: x is a handle from before wg_tape_reset");
    wg_tensor now = wg_input(tape, "x", WG_F32, WG_SHAPE(2, 3)); /* the name is free again */
    REFUSED(wg_add(now, before), WG_EARG, "add: b is a handle from before wg_tape_reset");
    ck_assert_uint_eq(wg_params_count(wg_tape_params(tape)), 1); /* parameters stay */
    ck_assert(wg_ok(wg_param(tape, "w", WG_SHAPE(3))));
    wg_plan *p = wg_plan_new(wg_relu(now));
    ck_assert_ptr_nonnull(p);
    for (int i = 0; i < 3; i++) wg_tape_reset(tape);
    ck_assert(!wg_ok(now));
    ck_assert(!wg_ok(wg_find(tape, "x")));
    ck_assert_ptr_null(wg_error(tape));
}
END_TEST

START_TEST(test_words)
{
    REFUSED(wg_gelu(x, .approximate = "cubic"), WG_EARG, "gelu: approximate=\"cubic\" is not one of none, tanh");
    wg_tensor logits = x;
    REFUSED(wg_cross_entropy(logits, label, .reduction = "avg"), WG_EARG, "cross_entropy: reduction=\"avg\" is not one of mean, sum, none");
    char word[] = "tanh"; /* equal words, not equal pointers */
    ck_assert(wg_ok(wg_gelu(x, .approximate = word)));
    wg_tensor wrong = wg_input(tape, "labels", WG_I64, WG_SHAPE(96)), many = wg_input(tape, "images", WG_F32, WG_SHAPE(128, 10));
    REFUSED(wg_cross_entropy(many, wrong), WG_ESHAPE, "cross_entropy: logits is f32[128,10], target is i64[96]: 128 rows but 96 targets");
}
END_TEST

/* A number beside tensors takes their dtype; an integer one must be whole. */
/* What a call gives without a name is what the function of that name takes: the required attributes, wherever they stand in ops.def. */
START_TEST(test_required_come_first)
{
    wg_tensor a = wg_arange(tape, 4), b = (wg_arange)(tape, 4), c = wg_arange(tape, 4, .start = 1);
    ck_assert_int_eq(wg_dim(a, 0), 4);
    ck_assert_int_eq(wg_dim(b, 0), 4);
    ck_assert_int_eq(wg_dim(c, 0), 3);
}
END_TEST

START_TEST(test_weak_numbers)
{
    wg_tensor d = wg_input(tape, "d", WG_F64, WG_SHAPE(2));
    ck_assert_int_eq(wg_dtype_get(wg_mul(x, wg_num(0.1))), WG_F32);
    ck_assert_int_eq(wg_dtype_get(wg_sub(wg_num(1), d)), WG_F64);
    ck_assert_int_eq(wg_dtype_get(wg_add(label, wg_num(-3))), WG_I64);
    ck_assert_ptr_null(wg_error(tape));
    REFUSED(wg_add(label, wg_num(0.5)), WG_EDTYPE, "add: the number 0.5 is not an i64");
    REFUSED(wg_add(label, wg_num((double)NAN)), WG_EDTYPE, "add: the number nan is not an i64");
    REFUSED(wg_mul(label, wg_num(1e300)), WG_EDTYPE, "mul: the number 1e+300 is not an i64");
    size_t nodes = wg_tape_size(tape);
    wg_tensor a = wg_mul(x, wg_num(7)), b = wg_mul(x, wg_num(7)); /* one node for the number, not two */
    ck_assert_uint_eq(wg_tape_size(tape), nodes + 3);
    ck_assert_uint_eq(wg_node_index(wg_node_input(a, 1)), wg_node_index(wg_node_input(b, 1)));
    wg_tensor plus = wg_mul(x, wg_num(0.0)), minus = wg_mul(x, wg_num(-0.0));
    ck_assert_uint_ne(wg_node_index(wg_node_input(plus, 1)), wg_node_index(wg_node_input(minus, 1)));
}
END_TEST

START_TEST(test_effects)
{
    wg_tensor w = wg_param(tape, "w", WG_SHAPE(3)), v = wg_param(tape, "v", WG_SHAPE(2));
    REFUSED(wg_assign(x, x), WG_EARG, "assign: param is not a parameter");
    REFUSED(wg_assign(w, v), WG_ESHAPE, "assign: param is f32[3], x is f32[2]");
    REFUSED(wg_on(x, w, v), WG_ESHAPE, "assign: param is f32[3], x is f32[2]");
    REFUSED(wg_grad(x, w), WG_ESHAPE, "grad: y is f32[2,3], which is not one number: sum it, or use wg_vjp");
    REFUSED(wg_grad(wg_sum(x), label), WG_EDTYPE, "grad: x is i64: only real numbers have derivatives");
}
END_TEST

/* ---- places ---------------------------------------------------------------------------------------------------------- */

static wg_tensor inner(wg_tensor y) { return wg_at(wg_matmul(y, y), "outer.c", 1); }

START_TEST(test_at)
{
    int line = __LINE__ - 4; /* where inner calls matmul */
    refused(wg_at(inner(x), "outermost.c", 2), WG_ESHAPE, line, "matmul: a is f32[2,3], b is f32[2,3]: inner sizes 3 and 2 differ");
    wg_tensor y = (wg_matmul)(x, x); /* the function itself: no place yet, the next call around it gives one */
    ck_assert_str_eq(wg_error(tape), "matmul: a is f32[2,3], b is f32[2,3]: inner sizes 3 and 2 differ");
    wg_at(y, "layer.c", 12);
    wg_at(y, "user.c", 99);
    ck_assert_str_eq(wg_error(tape), "layer.c:12: matmul: a is f32[2,3], b is f32[2,3]: inner sizes 3 and 2 differ");
    wg_error_clear(tape);
    ck_assert_ptr_null(wg_at(WG_NONE, "a.c", 1).tape);
    ck_assert(!wg_ok(wg_reject(tape, WG_EARG, "%s of %d", "bad luck", 7)));
    refused(wg_at((wg_relu)(wg_tape_node(tape, 12345)), "a.c", 1), WG_EARG, 0, "a.c:1: bad luck of 7");
}
END_TEST

/* A layer's error names the layer, and its place is the user's. */
START_TEST(test_layer)
{
    REFUSED(wg_nn_linear(wg_sum(x), 4, .name = "fc"), WG_ESHAPE, "linear \"fc\": x is a scalar");
    wg_tensor any = wg_input(tape, "any", WG_F32, WG_SHAPE(3, WG_ANY));
    REFUSED(wg_nn_linear(any, 4), WG_ESHAPE, "linear \"linear\": the last axis of x must be known");
    REFUSED(wg_nn_linear(x, -4), WG_ESHAPE, "linear \"linear\": out is negative");
    ck_assert(wg_ok(wg_nn_linear(x, 4, .name = "fc")));
    wg_tensor again = wg_nn_linear(x, 4, .name = "fc");
    ck_assert(!wg_ok(again));
    ck_assert_ptr_nonnull(strstr(wg_error(tape), "parameter fc.weight is on this tape already; .shared = true uses it again"));
}
END_TEST

/* ---- names ----------------------------------------------------------------------------------------------------------- */

START_TEST(test_names)
{
    static const char *const bad[] = {"", "_", "2x", "a b", "a\"b", "-a", ".a", "a\n", "\xc3\xa9"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        ck_assert_msg(!wg_ok(wg_input(tape, bad[i], WG_F32, WG_SHAPE(1))), "'%s' taken", bad[i]);
        ck_assert_ptr_nonnull(strstr(wg_error(tape), "is no name"));
        wg_error_clear(tape);
        ck_assert(!wg_ok(wg_param(tape, bad[i], WG_SHAPE(1))));
        wg_error_clear(tape);
    }
    char *long_name = malloc(3000);
    ck_assert_ptr_nonnull(long_name);
    memset(long_name, 'n', 2999);
    long_name[2999] = 0;
    ck_assert(!wg_ok(wg_input(tape, long_name, WG_F32, WG_SHAPE(1))));
    wg_error_clear(tape);
    free(long_name);
    REFUSED(wg_input(tape, "x", WG_F32, WG_SHAPE(1)), WG_EARG, "the name \"x\" is taken on this tape");
    wg_tensor y = wg_name(wg_relu(x), "y");
    ck_assert_str_eq(wg_name_get(y), "y");
    ck_assert(wg_ok(wg_name(y, "y"))); /* the same again is no mistake */
    refused(wg_name(y, "z"), WG_EARG, 0, "name \"z\": the node is called \"y\" already");
    refused(wg_name(wg_relu(x), "x"), WG_EARG, 0, "the name \"x\" is taken on this tape");
    ck_assert_uint_eq(wg_node_index(wg_find(tape, "y")), wg_node_index(y));
    ck_assert(!wg_ok(wg_find(tape, "none")));
    ck_assert_ptr_null(wg_error(tape));
}
END_TEST

START_TEST(test_many_names)
{
    char name[32];
    for (int i = 0; i < 3000; i++) {
        snprintf(name, sizeof name, "n.%d", i);
        ck_assert(wg_ok(wg_param(tape, name, WG_SHAPE(1))));
    }
    for (int i = 0; i < 3000; i++) {
        snprintf(name, sizeof name, "n.%d", i);
        ck_assert_str_eq(wg_name_get(wg_find(tape, name)), name);
        ck_assert_str_eq(wg_params_name(wg_tape_params(tape), (size_t)i), name);
    }
    ck_assert_ptr_null(wg_params_name(wg_tape_params(tape), 3000));
}
END_TEST

START_TEST(test_scopes)
{
    wg_scope_push(tape, "h.%d", 3);
    wg_scope_push(tape, "attn");
    wg_tensor w = wg_param(tape, "weight", WG_SHAPE(2)), y = wg_name(wg_relu(x), "out");
    ck_assert_str_eq(wg_name_get(w), "h.3.attn.weight"); /* dots, as PyTorch's files have it */
    ck_assert_str_eq(wg_name_get(y), "h.3/attn/out");
    wg_scope_pop(tape);
    ck_assert_str_eq(wg_name_get(wg_param(tape, "b", WG_SHAPE(1))), "h.3.b");
    wg_scope_pop(tape);
    ck_assert_str_eq(wg_name_get(wg_param(tape, "b", WG_SHAPE(1))), "b");
    ck_assert_ptr_null(wg_error(tape));
    wg_scope_pop(tape);
    refused(wg_tape_node(tape, SIZE_MAX), WG_EARG, 0, "scope: more popped than pushed");
    wg_scope_push(tape, "not good");
    ck_assert_ptr_nonnull(wg_error(tape));
    wg_error_clear(tape);
    for (int i = 0; i < 400; i++) wg_scope_push(tape, "deep"); /* refused before a buffer runs over */
    ck_assert_ptr_nonnull(wg_error(tape));
}
END_TEST

/* ---- parameters ------------------------------------------------------------------------------------------------------ */

START_TEST(test_shared)
{
    wg_params *store = wg_params_new();
    wg_tape *a = wg_tape_new(.params = store, .seed = 3), *b = wg_tape_new(.params = store, .seed = 9, .eval = true);
    ck_assert(wg_tape_eval(b) && !wg_tape_eval(a));
    wg_init init = {.kind = "normal", .hi = 0.5};
    wg_tensor w = wg_param(a, "w", WG_SHAPE(4, 2), .init = init);
    wg_tensor same = wg_param(a, "w", WG_SHAPE(4, 2), .shared = true);
    ck_assert_uint_eq(wg_node_index(w), wg_node_index(same));
    wg_array first, second;
    ck_assert_int_eq(wg_params_get(store, "w", &first), WG_OK);
    float kept[8];
    memcpy(kept, first.data, sizeof kept);
    ck_assert(wg_ok(wg_param(b, "w", WG_SHAPE(4, 2), .init = init))); /* there already: not filled again from seed 9 */
    ck_assert_int_eq(wg_params_get(store, "w", &second), WG_OK);
    ck_assert_ptr_eq(first.data, second.data);
    ck_assert_mem_eq(kept, second.data, sizeof kept);
    ck_assert(!wg_ok(wg_param(b, "w", WG_SHAPE(4, 3), .shared = true)));
    ck_assert_ptr_nonnull(strstr(wg_error(b), "parameter w is f32[4,2], this call needs f32[4,3]"));
    wg_error_clear(b);
    ck_assert(!wg_ok(wg_param(a, "w", WG_SHAPE(4, 2))));
    ck_assert_ptr_nonnull(strstr(wg_error(a), "parameter w is on this tape already; .shared = true uses it again"));
    ck_assert(!wg_ok(wg_param(b, "u", WG_SHAPE(4, WG_ANY))));
    ck_assert_ptr_nonnull(strstr(wg_error(b), "parameter u: the sizes of f32[4,?] must be known"));
    ck_assert_uint_eq(wg_params_count(store), 1);
    ck_assert_int_eq(wg_params_get(store, "u", &second), WG_EMISSING);
    wg_tape_free(a);
    wg_tape_free(b);
    wg_params_free(store);
}
END_TEST

/* An initialiser's numbers depend on seed and name, not on what else is made. */
START_TEST(test_initial_values)
{
    static const char *const kinds[] = {"uniform", "normal", "kaiming_uniform", "kaiming_normal", "xavier_uniform", "xavier_normal"};
    for (size_t k = 0; k < sizeof kinds / sizeof *kinds; k++) {
        wg_tape *a = wg_tape_new(.seed = 5), *b = wg_tape_new(.seed = 5), *c = wg_tape_new(.seed = 6);
        wg_init init = {.kind = kinds[k], .lo = -1, .hi = 2};
        wg_array u, v, w;
        wg_param(a, "p", WG_SHAPE(30, 20), .init = init);
        wg_param(b, "before", WG_SHAPE(7), .init = init);
        wg_param(b, "p", WG_SHAPE(30, 20), .init = init);
        wg_param(c, "p", WG_SHAPE(30, 20), .init = init);
        wg_params_get(wg_tape_params(a), "p", &u);
        wg_params_get(wg_tape_params(b), "p", &v);
        wg_params_get(wg_tape_params(c), "p", &w);
        ck_assert_mem_eq(u.data, v.data, 600 * sizeof(float));
        ck_assert_mem_ne(u.data, w.data, 600 * sizeof(float));
        double sum = 0, squares = 0, want = 0;
        for (int i = 0; i < 600; i++) sum += wg_array_at(&u, i), squares += pow(wg_array_at(&u, i), 2);
        double mean = sum / 600, deviation = sqrt(squares / 600 - mean * mean);
        if (k == 0) want = 3 / sqrt(12);
        if (k == 1) want = 2;
        if (k == 2) want = 1 / sqrt(20) / sqrt(3);
        if (k == 3) want = sqrt(2.0 / 20);
        if (k >= 4) want = sqrt(2.0 / 50);
        ck_assert_msg(fabs(deviation / want - 1) < 0.15, "%s: deviation %g, wanted %g", kinds[k], deviation, want);
        wg_tape_free(a);
        wg_tape_free(b);
        wg_tape_free(c);
    }
    ck_assert(!wg_ok(wg_param(tape, "q", WG_SHAPE(2), .init = {.kind = "magic"})));
    ck_assert_ptr_nonnull(wg_error(tape));
    ck_assert_ptr_nonnull(strstr(wg_error(tape), "magic"));
    ck_assert_uint_eq(wg_params_count(wg_tape_params(tape)), 0); /* and the store has no half-made entry */
}
END_TEST

/* ---- sizes known when run ---------------------------------------------------------------------------------------------- */

static wg_array zeros(wg_dtype d, wg_shape s)
{
    wg_array a;
    ck_assert_int_eq(wg_array_new(&a, d, s), WG_OK);
    return a;
}

START_TEST(test_letters)
{
    wg_tensor a = wg_input(tape, "a", WG_F32, WG_SHAPE(WG_DIM('B'), 3)), b = wg_input(tape, "b", WG_F32, WG_SHAPE(WG_DIM('B')));
    wg_tensor c = wg_input(tape, "c", WG_F32, WG_SHAPE(WG_ANY));
    ck_assert_int_eq(wg_dim(a, 0), WG_DIM('B'));
    ck_assert_int_eq(wg_dim(a, -1), 3);
    ck_assert_int_eq(wg_dim(c, 0), WG_ANY);
    ck_assert_int_eq(wg_dim(c, 5), WG_ANY);
    wg_tensor y = wg_add(wg_sum(a, .axes = WG_INTS(1)), b);
    ck_assert_int_eq(wg_dim(y, 0), WG_DIM('B')); /* the same letter: the same size, so it stays known by name */
    wg_plan *p = wg_plan_new(y, wg_sum(c));
    ck_assert_msg(p != NULL, "%s", wg_error(tape));
    wg_array a4 = zeros(WG_F32, WG_SHAPE(4, 3)), b4 = zeros(WG_F32, WG_SHAPE(4)), b5 = zeros(WG_F32, WG_SHAPE(5)), out;
    ck_assert_int_eq(wg_feed(p, a, a4), WG_OK);
    ck_assert_int_eq(wg_feed(p, c, b5), WG_OK);
    ck_assert_int_eq(wg_feed(p, b, b5), WG_OK);
    ck_assert_int_eq(wg_run(p), WG_ESHAPE); /* B is 4 and 5 */
    ck_assert_ptr_nonnull(strstr(wg_plan_error(p), "B is 4"));
    ck_assert_int_eq(wg_feed(p, b, b4), WG_OK);
    ck_assert_msg(wg_run(p) == WG_OK, "%s", wg_plan_error(p));
    ck_assert_int_eq(wg_read(p, y, &out), WG_OK);
    ck_assert_int_eq(out.shape.dim[0], 4);
    wg_array_free(&a4);
    wg_array_free(&b4);
    wg_array_free(&b5);
}
END_TEST

/* Two unknown sizes may fit or not: known when run, and then said with the op's place. */
START_TEST(test_unknown_sizes)
{
    wg_tensor a = wg_input(tape, "a", WG_F32, WG_SHAPE(WG_ANY)), b = wg_input(tape, "b", WG_F32, WG_SHAPE(WG_ANY));
    int line = __LINE__ + 1;
    wg_tensor y = wg_add(a, b);
    char place[200];
    snprintf(place, sizeof place, "%s:%d: add: shapes [4] and [3] do not broadcast", __FILE__, line);
    wg_plan *p = wg_plan_new(y);
    wg_array one = zeros(WG_F32, WG_SHAPE(1)), three = zeros(WG_F32, WG_SHAPE(3)), four = zeros(WG_F32, WG_SHAPE(4)), out;
    ck_assert_int_eq(wg_feed(p, a, four), WG_OK);
    ck_assert_int_eq(wg_feed(p, b, three), WG_OK);
    ck_assert_int_eq(wg_run(p), WG_ESHAPE);
    ck_assert_str_eq(wg_plan_error(p), place);
    ck_assert_int_eq(wg_read(p, y, &out), WG_EARG);
    ck_assert_int_eq(wg_feed(p, b, one), WG_OK);
    ck_assert_int_eq(wg_run(p), WG_OK);
    ck_assert_int_eq(wg_read(p, y, &out), WG_OK);
    ck_assert_int_eq(out.shape.dim[0], 4);
    ck_assert_ptr_null(wg_error(tape)); /* an error of the run, not of the tape */
    wg_array_free(&one);
    wg_array_free(&three);
    wg_array_free(&four);
}
END_TEST

/* y of inputs of those sizes, all 1, and its gradients: as many elements, each that number; the gradients' sum is of all their elements. */
static void gives(wg_tensor y, const wg_tensor *in, const wg_shape *size, int n, int64_t count, double value, double slopes)
{
    wg_tensor g[4], out[5] = {y};
    ck_assert_msg(!wg_grads(wg_sum(y), in, (size_t)n, g), "%s", wg_error(tape));
    for (int i = 0; i < n; i++) out[i + 1] = g[i];
    wg_plan *p = wg_plan_of((wg_tensors){out, (size_t)n + 1});
    ck_assert_msg(p != NULL, "%s", wg_error(tape));
    wg_array fed[4], a;
    double sum = 0;
    for (int i = 0; i < n; i++) {
        fed[i] = zeros(WG_F64, size[i]);
        for (int64_t k = 0; k < wg_shape_count(size[i]); k++) ((double *)fed[i].data)[k] = 1;
        ck_assert_int_eq(wg_feed(p, in[i], fed[i]), WG_OK);
    }
    ck_assert_msg(wg_run(p) == WG_OK, "%s", wg_plan_error(p));
    ck_assert_int_eq(wg_read(p, y, &a), WG_OK);
    ck_assert_int_eq(wg_shape_count(a.shape), count);
    for (int64_t i = 0; i < count; i++) ck_assert_double_eq_tol(wg_array_at(&a, i), value, 1e-9);
    for (int i = 0; i < n; i++) {
        ck_assert_int_eq(wg_read(p, g[i], &a), WG_OK);
        ck_assert_int_eq(wg_shape_count(a.shape), wg_shape_count(size[i]));
        for (int64_t k = 0; k < wg_shape_count(a.shape); k++) sum += wg_array_at(&a, k);
        wg_array_free(&fed[i]);
    }
    ck_assert_double_eq_tol(sum, slopes, 1e-9);
}

/* Sizes that turn out to be 1 when run broadcast, summed over or not. */
START_TEST(test_unknown_ones)
{
    wg_tensor a = wg_input(tape, "a", WG_F64, WG_SHAPE(WG_ANY, WG_ANY)), b = wg_input(tape, "b", WG_F64, WG_SHAPE(WG_ANY, WG_ANY));
    wg_tensor y = wg_einsum(WG_LIST(a, b), "ij,jk->ik"), z = wg_einsum(WG_LIST(a, b), "ij,ij->ij");
    wg_tensor w = wg_einsum(WG_LIST(a, b), "ij,jk->");
    const wg_tensor in[] = {a, b};
    gives(y, in, (wg_shape[]){WG_SHAPE(2, 4), WG_SHAPE(4, 3)}, 2, 6, 4, 48);
    gives(y, in, (wg_shape[]){WG_SHAPE(2, 1), WG_SHAPE(4, 3)}, 2, 6, 4, 48);
    gives(y, in, (wg_shape[]){WG_SHAPE(2, 4), WG_SHAPE(1, 3)}, 2, 6, 4, 48);
    gives(w, in, (wg_shape[]){WG_SHAPE(2, 1), WG_SHAPE(4, 3)}, 2, 1, 24, 48);
    gives(z, in, (wg_shape[]){WG_SHAPE(1, 4), WG_SHAPE(3, 1)}, 2, 12, 1, 24);
    wg_tensor cosine = wg_cosine_similarity(a, b, .axis = 1); /* 4 / (2 2), not 4 / (2 1) */
    gives(cosine, in, (wg_shape[]){WG_SHAPE(3, 4), WG_SHAPE(3, 1)}, 2, 3, 1, 0);
    wg_tensor c = wg_input(tape, "c", WG_F64, WG_SHAPE(3, WG_DIM('T'))), d = wg_input(tape, "d", WG_F64, WG_SHAPE(WG_DIM('T'), 1));
    wg_tensor v = wg_einsum(WG_LIST(c, d), "ij,jk->ik");
    ck_assert_str_eq(wg_op_name(v), "matmul"); /* one letter is one size: the product and nothing else */
    ck_assert_uint_eq(wg_node_index(wg_node_input(v, 0)), wg_node_index(c));
    gives(v, (wg_tensor[]){c, d}, (wg_shape[]){WG_SHAPE(3, 5), WG_SHAPE(5, 1)}, 2, 3, 5, 30);
}
END_TEST

/* How many channels x has, only its weight says. */
START_TEST(test_unknown_channels)
{
    wg_tensor a = wg_input(tape, "a", WG_F64, WG_SHAPE(WG_ANY, WG_ANY, WG_ANY)), w = wg_input(tape, "w", WG_F64, WG_SHAPE(6));
    wg_tensor y = wg_group_norm(a, .weight = w, .groups = 3);
    ck_assert_int_eq(wg_dim(y, 1), 6);
    gives(y, (wg_tensor[]){a, w}, (wg_shape[]){WG_SHAPE(2, 6, 5), WG_SHAPE(6)}, 2, 60, 0, 0);
    y = wg_group_norm(a, .bias = w, .groups = 2);
    gives(y, (wg_tensor[]){a, w}, (wg_shape[]){WG_SHAPE(2, 6, 5), WG_SHAPE(6)}, 2, 60, 1, 60);
    REFUSED(wg_group_norm(a, .groups = 3), WG_ESHAPE, "group_norm: x is f64[?,?,?]: how many channels it has must be known");
}
END_TEST

START_TEST(test_show)
{
    char text[200] = "";
    wg_tensor c = wg_const(tape, &WG_ARRAY(float, WG_SHAPE(2, 2), 1, 2, 3, 4));
    FILE *f = tmpfile();
    ck_assert_int_eq(wg_show(f, wg_mul(wg_transpose(c), wg_num(2))), WG_OK);
    rewind(f);
    text[fread(text, 1, sizeof text - 1, f)] = 0;
    ck_assert_str_eq(text, "[[2. 6.]\n [4. 8.]]\n");
    ck_assert_int_eq(wg_show(f, wg_input(tape, "shown", WG_F32, WG_SHAPE(2))), WG_EMISSING);
    ck_assert_ptr_nonnull(strstr(wg_error(tape), "show: run: input not fed: shown"));
    fclose(f);
}
END_TEST

int main(void)
{
    Suite *s = suite_create("tape");
    TCase *c = tcase_create("tape");
    tcase_add_checked_fixture(c, set_up, tear_down);
    tcase_set_timeout(c, 60);
    tcase_add_test(c, test_shapes);
    tcase_add_test(c, test_dtypes);
    tcase_add_test(c, test_first_error);
    tcase_add_test(c, test_missing);
    tcase_add_test(c, test_two_tapes);
    tcase_add_test(c, test_reset);
    tcase_add_test(c, test_words);
    tcase_add_test(c, test_required_come_first);
    tcase_add_test(c, test_weak_numbers);
    tcase_add_test(c, test_effects);
    tcase_add_test(c, test_at);
    tcase_add_test(c, test_layer);
    tcase_add_test(c, test_names);
    tcase_add_test(c, test_many_names);
    tcase_add_test(c, test_scopes);
    tcase_add_test(c, test_shared);
    tcase_add_test(c, test_initial_values);
    tcase_add_test(c, test_letters);
    tcase_add_test(c, test_unknown_sizes);
    tcase_add_test(c, test_unknown_ones);
    tcase_add_test(c, test_unknown_channels);
    tcase_add_test(c, test_show);
    suite_add_tcase(s, c);
    SRunner *r = srunner_create(s);
    srunner_run_all(r, CK_NORMAL);
    int failed = srunner_ntests_failed(r);
    srunner_free(r);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}

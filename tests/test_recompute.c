/* test_recompute.c -- marks (wg_checkpoint): what lies between two of them is not kept for the reverse sweep but computed again. The
 * bits are those of the plan that keeps all, whatever the threads, the order of the derivative, and what is drawn on the way; the
 * memory is less; what is kept anyway is not computed twice. */
#include "plan_tests.h"
#include "wrapped.h"

enum { BATCH = 256, WIDE = 32, DEEP = 24, EACH = 4, OUT = DEEP + 3 };

/* What a model records: outputs[0] is the loss. */
typedef struct net {
    wg_tensor in, weight[DEEP], out[OUT];
    size_t n;
} net;

typedef enum kind { PLAIN, DROPPED, SKIPPING, SECOND, HESSIAN, KINDS } kind;

/* A mark at the beginning, and behind every EACH layers. */
static wg_tensor chain(net *m, kind k)
{
    wg_tensor x = wg_checkpoint(m->in), old = x;
    for (int i = 0; i < DEEP; i++) {
        char name[20];
        snprintf(name, sizeof name, "w%d", i);
        m->weight[i] = wg_param(tape, name, WG_SHAPE(WIDE, WIDE), .init = {.kind = "normal", .hi = 0.25});
        wg_tensor h = wg_gelu(wg_matmul(x, m->weight[i]));
        if (k == DROPPED) h = wg_dropout(h, .p = 0.25);
        if (k == SKIPPING && i % 3 == 2) h = wg_add(h, old), old = h; /* past marks, too */
        x = i % EACH == EACH - 1 ? wg_checkpoint(h) : h;
    }
    return wg_mean(wg_square(x));
}

static net record(kind k)
{
    net m = {.in = wg_input(tape, "x", WG_F32, WG_SHAPE(WG_ANY, WIDE)), .n = DEEP + 1};
    wg_tensor x[DEEP], s = WG_NONE;
    m.out[0] = chain(&m, k);
    ck_assert_msg(wg_grads(m.out[0], m.weight, DEEP, m.out + 1) == WG_OK, "%s", wg_error(tape));
    if (k == SECOND) { /* the gradient of a sum of gradients */
        for (int i = 0; i < DEEP; i++) s = i ? wg_add(s, wg_sum(wg_square(m.out[i + 1]))) : wg_sum(wg_square(m.out[1]));
        ck_assert_int_eq(wg_grads(s, m.weight, DEEP, x), WG_OK);
        memcpy(m.out + 1, x, sizeof x);
    }
    if (k == HESSIAN) /* forward over reverse: the tangents of the forward side are kept */
        for (int i = 0; i < 3; i++) m.out[i + 1] = wg_jvp(m.out[i + 1], m.weight[DEEP / 2], m.weight[i]);
    ck_assert_msg(!wg_error(tape), "%s", wg_error(tape));
    return m;
}

/* ---- results -------------------------------------------------------------------------------------------------------------- */

typedef struct result {
    float *value;
    size_t count, memory;
    int again; /* values that the printed plan says are computed again */
} result;

static int count_of(const char *text, const char *word)
{
    int n = 0;
    for (const char *p = text; (p = strstr(p, word)); p++) n++;
    return n;
}

static result outcome(kind k, unsigned without, int threads)
{
    result r = {.count = 0};
    wg_tape *before = tape;
    tape = wg_tape_new(.seed = 4);
    net m = record(k);
    wg_plan *p = made(wg_plan_create(&(wg_plan_options){.outputs = wg_tensors_of(m.out, m.n), .without = without, .threads = threads}));
    ck_assert_int_eq(wg_feed(p, m.in, drawn(WG_SHAPE(BATCH, WIDE))), WG_OK);
    run(p);
    for (size_t i = 0; i < m.n; i++) {
        wg_array a;
        ck_assert_int_eq(wg_read(p, m.out[i], &a), WG_OK);
        size_t n = (size_t)wg_shape_count(a.shape);
        r.value = realloc(r.value, (r.count + n) * sizeof(float));
        ck_assert_ptr_nonnull(r.value);
        memcpy(r.value + r.count, a.data, n * sizeof(float));
        r.count += n;
    }
    r.memory = wg_plan_memory(p);
    r.again = count_of(printed(p), "  (again)");
    wg_tape_free(tape);
    tape = before;
    return r;
}

START_TEST(test_same_bits)
{
    /* the two passes that may add in another order see other graphs with marks and without: they stay off */
    enum { SUMS = WG_PASS_JOIN | WG_PASS_STACK };
    static const unsigned without[] = {0, WG_PASS_FUSE, WG_PASS_INPLACE, WG_PASS_REUSE, WG_PASS_MERGE};
    kind k = (kind)_i;
    result kept = outcome(k, WG_PASS_RECOMPUTE | SUMS, 2);
    ck_assert_int_eq(kept.again, 0);
    for (size_t i = 0; i < sizeof without / sizeof *without; i++) {
        result r = outcome(k, without[i] | SUMS, i == 0 ? 3 : 2);
        ck_assert_uint_eq(r.count, kept.count);
        ck_assert_msg(memcmp(r.value, kept.value, kept.count * sizeof(float)) == 0, "kind %d, passes %zu: other bits", (int)k, i);
        ck_assert_int_gt(r.again, 0);
        free(r.value);
    }
    free(kept.value);
    result marked = outcome(k, 0, 2), whole = outcome(k, WG_PASS_RECOMPUTE, 2);
    if (k != HESSIAN)
        ck_assert_msg(marked.memory < whole.memory, "kind %d: %zu bytes, %zu without marks", (int)k, marked.memory, whole.memory);
    free(marked.value);
    free(whole.value);
}
END_TEST

/* Of each stretch all products, but the last gelu, which the mark shows: nothing twice. Less than half of the memory. */
START_TEST(test_what)
{
    result kept = outcome(PLAIN, WG_PASS_RECOMPUTE, 1), r = outcome(PLAIN, 0, 1);
    ck_assert_int_eq(r.again, DEEP + (EACH - 1) * (DEEP / EACH));
    ck_assert_msg(2 * r.memory < kept.memory, "%zu bytes, %zu without marks", r.memory, kept.memory);
    free(kept.value);
    free(r.value);
}
END_TEST

static int again_of(const wg_tensor *out, size_t n)
{
    wg_plan *p = made(wg_plan_of(wg_tensors_of(out, n)));
    run(p);
    return count_of(printed(p), "  (again)");
}

/* Marks, and what needs no copy: behind the last one, before the first, outputs, what is assigned, shapes, the forward side alone. */
START_TEST(test_what_is_kept)
{
    wg_tensor x = wg_param(tape, "x", WG_SHAPE(4, 4), .init = {.kind = "normal", .hi = 1}), out[3], g;
    wg_tensor a = wg_tanh(wg_matmul(x, x)), b = wg_checkpoint(a), c = wg_tanh(wg_matmul(b, x)), d = wg_tanh(wg_matmul(c, x));
    out[0] = wg_sum(d);
    out[1] = wg_grad(out[0], x);
    ck_assert_int_eq(again_of(out, 2), 0); /* one mark only */
    wg_tensor e = wg_checkpoint(d);
    out[0] = wg_sum(wg_sin(e));
    out[1] = g = wg_grad(out[0], x);
    ck_assert_int_eq(again_of(out, 1), 0); /* no sweep */
    /* c, and the products before the two tanh, are read through the tanh alone; d is what e shows */
    ck_assert_int_eq(again_of(out, 2), 2);
    out[2] = c;
    ck_assert_int_eq(again_of(out, 3), 0); /* c is an output, and d shown */
    wg_tensor store = wg_param(tape, "store", WG_SHAPE(4, 4), .kind = WG_BUFFER);
    out[2] = wg_assign(store, c);
    ck_assert_int_eq(again_of(out, 3), 0);
    /* tangents go along: there is nothing to compute again */
    out[0] = wg_jvp(out[0], x, x);
    ck_assert_int_eq(again_of(out, 1), 0);
    ck_assert_msg(wg_ok(g) && !wg_error(tape), "%s", wg_error(tape));
}
END_TEST

/* A recurrent net with a mark at every few steps: the gradient of its weights is not taken in one product, for which all would be kept. */
START_TEST(test_recurrent)
{
    enum { STEPS = 40, ROWS = 64 };
    wg_tensor u = wg_param(tape, "u", WG_SHAPE(WIDE, WIDE), .init = {.kind = "normal", .hi = 0.2});
    wg_tensor in = wg_input(tape, "x", WG_F32, WG_SHAPE(ROWS, WIDE)), h = wg_checkpoint(in), out[2];
    for (int t = 0; t < STEPS; t++) {
        h = wg_tanh(wg_add(wg_sin(wg_exp(wg_matmul(h, u))), h));
        if (t % EACH == EACH - 1) h = wg_checkpoint(h);
    }
    out[0] = wg_mean(wg_square(h));
    out[1] = wg_grad(out[0], u);
    size_t memory[2];
    float first[2];
    for (int i = 0; i < 2; i++) {
        wg_plan *p = made(wg_plan_create(&(wg_plan_options){.outputs = wg_tensors_of(out, 2), .without = i ? WG_PASS_RECOMPUTE : 0}));
        wg_array a;
        ck_assert_int_eq(wg_feed(p, in, drawn(WG_SHAPE(ROWS, WIDE))), WG_OK);
        run(p);
        memory[i] = wg_plan_memory(p);
        ck_assert_int_eq(wg_read(p, out[1], &a), WG_OK);
        first[i] = ((const float *)a.data)[0];
    }
    ck_assert_msg(2 * memory[0] < memory[1], "%zu bytes, %zu without marks", memory[0], memory[1]);
    ck_assert_double_le(fabs((double)(first[0] - first[1])), 1e-5 * fabs((double)first[1]));
}
END_TEST

/* Long chains: neither recursion nor a quadratic walk. */
START_TEST(test_long)
{
    enum { LONG = 100000 };
    wg_tensor x = wg_param(tape, "x", WG_SHAPE(2), .init = {.kind = "constant", .hi = 0.5}), y = wg_checkpoint(x), out[2];
    for (int i = 1; i <= LONG; i++) {
        y = i % 2 ? wg_sin(y) : wg_add(y, wg_num(0.125));
        if (i % 1000 == 0) y = wg_checkpoint(y);
    }
    out[0] = wg_sum(y);
    out[1] = wg_grad(out[0], x);
    wg_plan *p = made(wg_plan_of(wg_tensors_of(out, 2)));
    run(p);
    ck_assert(isfinite(wg_read_scalar(p, out[0])));
    ck_assert_uint_gt(wg_plan_nodes(p), (size_t)LONG * 2);
}
END_TEST

/* Every allocation of planning, refused in turn: an error, and nothing lost. */
START_TEST(test_no_memory)
{
    net m = record(PLAIN);
    long n = 0, leaks = 0;
    bool made_one = false;
    for (n = 1; n < 2000 && !made_one; n++) {
        count_from_here(n);
        wg_plan *p = wg_plan_of(wg_tensors_of(m.out, m.n));
        stop_counting();
        made_one = p && !failed_one;
        leaks += !p && !wg_error(tape);
        wg_error_clear(tape);
        wg_plan_free(p);
    }
    ck_assert(made_one && n > 3);
    ck_assert_int_eq(leaks, 0);
}
END_TEST

int main(void)
{
    Suite *s = suite_create("recompute");
    TCase *c = tcase_create("recompute");
    tcase_set_timeout(c, 120);
    tcase_add_checked_fixture(c, set_up, tear_down);
    tcase_add_loop_test(c, test_same_bits, 0, KINDS);
    tcase_add_test(c, test_what);
    tcase_add_test(c, test_what_is_kept);
    tcase_add_test(c, test_recurrent);
    tcase_add_test(c, test_long);
    tcase_add_test(c, test_no_memory);
    suite_add_tcase(s, c);
    SRunner *r = srunner_create(s);
    srunner_run_all(r, CK_NORMAL);
    int failed = srunner_ntests_failed(r);
    srunner_free(r);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}

/* test_plan.c -- plans give the same bits whatever passes run and however many threads, do what they are for (fewer steps, less
 * memory, no allocation after the first run of a size). */
#include "plan_tests.h"
#include "wrapped.h"

#include "plan/plan.h"

static int steps(wg_plan *p, int *needs)
{
    int n = -1, k = -1;
    ck_assert_int_eq(sscanf(printed(p), "plan of %d nodes: %d steps", &k, &n), 2);
    if (needs) *needs = k;
    return n;
}

/* ---- models: each records on `tape` and says what to feed and what to read ---------------------------------------------------- */

typedef struct model {
    wg_tensor in, out[4];
    wg_shape shape;
    int n;
} model;

static void net_and_grads(model *m, wg_tensor loss, wg_tensor a, wg_tensor b)
{
    wg_tensor of[3] = {m->in, a, b}, g[3];
    m->n = wg_ok(b) ? 4 : wg_ok(a) ? 3 : 2;
    ck_assert_msg(wg_grads(loss, of, (size_t)m->n - 1, g) == WG_OK, "%s", wg_error(tape));
    m->out[0] = loss;
    for (int i = 1; i < m->n; i++) m->out[i] = g[i - 1];
}

static model attention(void)
{
    model m = {.shape = WG_SHAPE(2, 3, 17, 8)};
    m.in = wg_input(tape, "x", WG_F32, WG_SHAPE(2, 3, WG_ANY, 8));
    wg_tensor w = wg_param(tape, "w", WG_SHAPE(8, 8), .init = {.kind = "normal", .hi = 0.5});
    wg_tensor v = wg_param(tape, "v", WG_SHAPE(8, 8), .init = {.kind = "normal", .hi = 0.5});
    wg_tensor q = wg_matmul(m.in, w), k = wg_matmul(m.in, v);
    wg_tensor p = wg_softmax(wg_mul(wg_matmul(q, wg_transpose(k, .axes = WG_INTS(0, 1, 3, 2))), wg_num(0.35355)));
    net_and_grads(&m, wg_mean(wg_square(wg_gelu(wg_matmul(p, m.in)))), w, v);
    return m;
}

static model long_sums(void)
{
    model m = {.shape = WG_SHAPE(2, 100003), .n = 4};
    m.in = wg_input(tape, "x", WG_F32, WG_SHAPE(2, WG_ANY));
    wg_tensor e = wg_exp(wg_mul(wg_tanh(m.in), m.in));
    m.out[0] = wg_sum(e);
    m.out[1] = wg_logsumexp(e, .axes = WG_INTS(1));
    m.out[2] = wg_var(e, .axes = WG_INTS(0));
    m.out[3] = wg_grad(wg_mean(wg_square(e)), m.in);
    return m;
}

static model broadcast(void)
{
    model m = {.shape = WG_SHAPE(60, 70, 5)};
    m.in = wg_input(tape, "x", WG_F32, WG_SHAPE(WG_ANY, 70, 5));
    wg_tensor row = wg_param(tape, "row", WG_SHAPE(5), .init = {.kind = "normal", .hi = 1});
    wg_tensor column = wg_param(tape, "column", WG_SHAPE(70, 1), .init = {.kind = "normal", .hi = 1});
    wg_tensor y = wg_div(wg_sub(m.in, row), wg_add(wg_square(column), wg_num(1)));
    wg_tensor z = wg_where(wg_gt(y, wg_num(0)), wg_sigmoid(y), wg_mul(wg_transpose(wg_transpose(y)), wg_num(0.1)));
    net_and_grads(&m, wg_sum(wg_mul(z, wg_max(z, .axes = WG_INTS(1), .keepdim = true))), row, column);
    return m;
}

static model layers(void)
{
    model m = {.shape = WG_SHAPE(129, 33)};
    m.in = wg_input(tape, "x", WG_F32, WG_SHAPE(WG_ANY, 33));
    wg_tensor h = wg_nn_linear(m.in, 40, .act = wg_relu, .name = "a");
    h = wg_dropout(wg_nn_linear(h, 30, .act = wg_softplus, .name = "b"), 0.3);
    net_and_grads(&m, wg_mean(wg_square(wg_concat(WG_LIST(h, wg_slice(m.in, 1, 3, 20, 2)), .axis = 1))), WG_NONE, WG_NONE);
    return m;
}

static model (*const models[])(void) = {attention, long_sums, broadcast, layers};
enum { MODELS = 4 };

typedef struct results {
    char *bytes;
    size_t size;
    double sum;
} results;

/* Records and runs a model on a tape of its own; all its outputs' bytes. */
static results outcome(model (*record)(void), unsigned without, int threads, const char *isa)
{
    results r = {0};
    wg_tape *before = tape;
    tape = wg_tape_new(.seed = 4);
    model m = record();
    wg_plan *p = made(wg_plan_create(
        &(wg_plan_options){.outputs = wg_tensors_of(m.out, (size_t)m.n), .without = without, .threads = threads, .isa = isa}));
    ck_assert_int_eq(wg_feed(p, m.in, drawn(m.shape)), WG_OK);
    run(p);
    for (int i = 0; i < m.n; i++) {
        wg_array a;
        ck_assert_int_eq(wg_read(p, m.out[i], &a), WG_OK);
        int64_t n = wg_shape_count(a.shape);
        size_t bytes = (size_t)n * sizeof(float);
        r.bytes = realloc(r.bytes, r.size + bytes);
        ck_assert_ptr_nonnull(r.bytes);
        memcpy(r.bytes + r.size, a.data, bytes);
        r.size += bytes;
        for (int64_t k = 0; k < n; k++) r.sum += fabs(wg_array_at(&a, k));
    }
    ck_assert(isfinite(r.sum) && r.sum > 0);
    wg_tape_free(tape);
    tape = before;
    return r;
}

START_TEST(test_passes)
{
    results all = outcome(models[_i], 0, 2, NULL);
    for (unsigned without = 1; without < 16; without++) {
        results r = outcome(models[_i], without, 2, NULL);
        ck_assert_uint_eq(r.size, all.size);
        ck_assert_msg(memcmp(r.bytes, all.bytes, r.size) == 0, "model %d without %u: sums of |results| %.17g and %.17g", _i, without, r.sum,
                      all.sum);
        free(r.bytes);
    }
    free(all.bytes);
}
END_TEST

START_TEST(test_threads)
{
    static const int counts[] = {2, 3, 5, 8, 16};
    results one = outcome(models[_i], 0, 1, NULL);
    for (size_t k = 0; k < sizeof counts / sizeof *counts; k++) {
        results r = outcome(models[_i], 0, counts[k], NULL);
        ck_assert_uint_eq(r.size, one.size);
        ck_assert_msg(memcmp(r.bytes, one.bytes, r.size) == 0, "model %d, %d threads: %.17g and %.17g", _i, counts[k], r.sum, one.sum);
        free(r.bytes);
    }
    free(one.bytes);
}
END_TEST

START_TEST(test_isa)
{
    results best = outcome(models[_i], 0, 1, NULL), base = outcome(models[_i], 0, 1, "base");
    const float *a = (const float *)(void *)best.bytes, *b = (const float *)(void *)base.bytes;
    double largest = 0, apart = 0;
    for (size_t k = 0; k < best.size / sizeof *a; k++) {
        largest = fmax(largest, fabs((double)a[k]));
        apart = fmax(apart, fabs((double)a[k] - (double)b[k]));
    }
    ck_assert_msg(apart <= 1e-5 * largest, "model %d: %g apart, largest %g", _i, apart, largest);
    free(best.bytes);
    free(base.bytes);
    wg_tensor x = wg_relu(wg_input(tape, "x", WG_F32, WG_SHAPE(1)));
    ck_assert_ptr_null(wg_plan_create(&(wg_plan_options){.outputs = wg_tensors_of(&x, 1), .isa = "z80"}));
    ck_assert_ptr_nonnull(strstr(wg_error(tape), "plan: this machine has no instruction set \"z80\": base"));
}
END_TEST

/* Parameters after three steps of training, their bits. */
static results trained(unsigned without, int threads)
{
    results r = {0};
    wg_tape *t = wg_tape_new(.seed = 8, .threads = threads);
    wg_tensor x = wg_input(t, "x", WG_F32, WG_SHAPE(WG_ANY, 50)), y = wg_input(t, "y", WG_I64, WG_SHAPE(WG_ANY));
    wg_tensor h = wg_nn_linear(wg_dropout(wg_nn_linear(x, 64, .act = wg_relu, .name = "a"), 0.2), 10, .name = "b");
    wg_plan *p = wg_minimize(wg_cross_entropy(h, y), wg_adamw(.lr = 1e-2), .clip_norm = 1);
    ck_assert_msg(p != NULL, "%s", wg_error(t));
    wg_plan_options o = {.without = without}; /* the same outputs, planned anew: minimise takes no passes */
    wg_tensor out[64];
    for (size_t i = 0; i < wg_tape_size(t); i++) {
        wg_tensor n = wg_tape_node(t, i);
        if (strcmp(wg_op_name(n), "assign") == 0 && wg_node_inputs(n) < 3) out[o.outputs.n++] = n;
        else if (strcmp(wg_op_name(n), "assign") == 0 && !wg_ok(wg_node_input(n, 2))) out[o.outputs.n++] = n;
        ck_assert_uint_lt(o.outputs.n, 64);
    }
    ck_assert_uint_ge(o.outputs.n, 12);
    o.outputs.x = out;
    wg_plan *q = wg_plan_create(&o);
    ck_assert_msg(q != NULL, "%s", wg_error(t));
    int64_t labels[100];
    for (int step = 0; step < 3; step++) {
        int64_t batch = step == 2 ? 37 : 100;
        for (int i = 0; i < 100; i++) labels[i] = (i * 7 + step) % 10;
        ck_assert_int_eq(wg_feed(q, x, drawn(WG_SHAPE(batch, 50))), WG_OK);
        ck_assert_int_eq(wg_feed(q, y, wg_array_wrap(labels, WG_I64, WG_SHAPE(batch))), WG_OK);
        run(q);
    }
    wg_params *store = wg_tape_params(t);
    for (size_t i = 0; i < wg_params_count(store); i++) {
        wg_array a;
        ck_assert_int_eq(wg_params_get(store, wg_params_name(store, i), &a), WG_OK);
        size_t bytes = (size_t)wg_shape_count(a.shape) * wg_dtype_size(a.dtype);
        r.bytes = realloc(r.bytes, r.size + bytes);
        memcpy(r.bytes + r.size, a.data, bytes);
        r.size += bytes;
        if (strcmp(wg_params_name(store, i), "a.weight") == 0)
            for (int64_t k = 0; k < wg_shape_count(a.shape); k++) r.sum += wg_array_at(&a, k);
    }
    wg_tape_free(t);
    return r;
}

START_TEST(test_training)
{
    results all = trained(0, 1);
    for (unsigned without = 1; without < 16; without++) {
        results r = trained(without, 2);
        ck_assert_uint_eq(r.size, all.size);
        ck_assert_msg(memcmp(r.bytes, all.bytes, r.size) == 0, "without %u: %.17g, with all %.17g", without, r.sum, all.sum);
        free(r.bytes);
    }
    static const int counts[] = {2, 3, 5, 8, 16};
    for (size_t k = 0; k < sizeof counts / sizeof *counts; k++) {
        results r = trained(0, counts[k]);
        ck_assert_msg(memcmp(r.bytes, all.bytes, r.size) == 0, "%d threads", counts[k]);
        free(r.bytes);
    }
    free(all.bytes);
}
END_TEST

/* ---- what the passes are for -------------------------------------------------------------------------------------------- */

START_TEST(test_dead_and_equal)
{
    wg_tensor x = wg_input(tape, "x", WG_F32, WG_SHAPE(64, 64)), y = WG_NONE;
    for (int i = 0; i < 5; i++) wg_matmul(x, wg_add(x, wg_num(i))); /* nobody asks for these */
    for (int i = 0; i < 4; i++) {
        wg_tensor z = wg_matmul(wg_tanh(x), wg_exp(x)); /* the same four times */
        y = i ? wg_add(y, z) : z;
    }
    int nodes[2], n[2];
    for (int i = 0; i < 2; i++) {
        wg_plan *p = made(wg_plan_create(&(wg_plan_options){.outputs = wg_tensors_of(&y, 1), .without = i ? WG_PASS_MERGE : 0}));
        ck_assert_int_eq(wg_feed(p, x, drawn(WG_SHAPE(64, 64))), WG_OK);
        run(p);
        n[i] = steps(p, &nodes[i]);
    }
    ck_assert_int_eq(nodes[0], 1 + 2 + 1 + 3); /* x, tanh, exp, one matmul, three adds */
    ck_assert_int_eq(nodes[1], 1 + 4 * 3 + 3);
    ck_assert_int_eq(n[0], 3); /* tanh and exp; matmul; the sums */
    ck_assert_int_ge(n[1], 4 + 2);
    wg_plan *alone = made(wg_plan_new(wg_neg(x)));
    ck_assert_int_eq(wg_feed(alone, x, drawn(WG_SHAPE(64, 64))), WG_OK);
    ck_assert_ptr_null(strstr(printed(alone), "matmul"));
}
END_TEST

START_TEST(test_fuse)
{
    wg_tensor x = wg_input(tape, "x", WG_F32, WG_SHAPE(1000, 50)), y = x;
    for (int i = 0; i < 8; i++) y = wg_mul(wg_tanh(y), wg_num(1.5));
    wg_tensor g = wg_grad(wg_sum(y), x), out[2] = {y, g};
    int n[2];
    for (int i = 0; i < 2; i++) {
        wg_plan *p = made(wg_plan_create(&(wg_plan_options){.outputs = wg_tensors_of(out, 2), .without = i ? WG_PASS_FUSE : 0}));
        ck_assert_int_eq(wg_feed(p, x, drawn(WG_SHAPE(1000, 50))), WG_OK);
        n[i] = steps(p, NULL);
    }
    ck_assert_int_le(n[0], 3); /* forward and reverse together */
    ck_assert_int_ge(n[1], 30);
}
END_TEST

START_TEST(test_memory)
{
    wg_tensor x = wg_input(tape, "x", WG_F32, WG_SHAPE(WG_ANY, 200)), y = x;
    for (int i = 0; i < 12; i++) y = i % 2 ? wg_tanh(y) : wg_exp(y);
    wg_tensor s = wg_sum(y);
    size_t memory[4], one = 300 * 200 * sizeof(float);
    static const unsigned without[] = {0, WG_PASS_INPLACE, WG_PASS_REUSE, WG_PASS_INPLACE | WG_PASS_REUSE};
    for (int i = 0; i < 4; i++) {
        wg_plan *p = made(wg_plan_create(&(wg_plan_options){.outputs = wg_tensors_of(&s, 1), .without = without[i] | WG_PASS_FUSE}));
        ck_assert_int_eq(wg_feed(p, x, drawn(WG_SHAPE(300, 200))), WG_OK);
        run(p);
        memory[i] = wg_plan_memory(p);
    }
    ck_assert_uint_lt(memory[0], one + one / 2);                      /* all in the place of the first */
    ck_assert(memory[1] >= 2 * one && memory[1] < 2 * one + one / 2); /* to and fro */
    ck_assert_uint_ge(memory[3], 12 * one);
    ck_assert_uint_le(memory[2], memory[3]);
    wg_plan *p = made(wg_plan_new(s)); /* fused: tiles only */
    ck_assert_int_eq(wg_feed(p, x, drawn(WG_SHAPE(300, 200))), WG_OK);
    run(p);
    ck_assert_uint_le(wg_plan_memory(p), memory[0]);
    ck_assert_uint_eq(wg_plan_nodes(p), 1 + 12 + 1);
    p = made(wg_plan_new(wg_sub(wg_exp(x), wg_exp(x)))); /* equal ones once */
    ck_assert_uint_eq(wg_plan_nodes(p), 3);
    ck_assert_uint_eq(wg_plan_nodes(NULL), 0);
}
END_TEST

/* ---- sizes in turn --------------------------------------------------------------------------------------------------------- */

/* A perceptron and its update, on random sizes. */
static wg_plan *perceptron(wg_rng *r, wg_tensor *in, wg_shape *shape)
{
    int64_t wide = 16 + wg_rng_integer(r, 100), batch = 16 + wg_rng_integer(r, 100);
    *shape = WG_SHAPE(batch, wide);
    *in = wg_input(tape, "x", WG_F32, *shape);
    wg_tensor x = *in, old[3] = {x, x, x};
    for (int i = 0; i < 8; i++) {
        int64_t next = 16 + wg_rng_integer(r, 100);
        char name[] = {'w', (char)('0' + i), 0};
        x = wg_tanh(wg_matmul(x, wg_param(tape, name, WG_SHAPE(wg_dim(x, 1), next), .init = {.kind = "normal", .hi = 0.2})));
        for (int k = 0; k < 3; k++)
            if (wg_dim(old[k], 1) == next) x = wg_mul(x, old[k]);
        old[wg_rng_integer(r, 3)] = x;
    }
    return wg_minimize(wg_mean(wg_square(x)), wg_adamw(.lr = 1e-3));
}

/* The plan's memory is within a tenth of what is needed at once where most is, but for a page of rounding: also where sizes do not
   fit each other. */
START_TEST(test_memory_is_used)
{
    wg_rng *r = wg_rng_new(5);
    for (int i = 0; i < 40; i++) {
        wg_tape *before = tape;
        wg_tensor in = WG_NONE;
        wg_shape shape = WG_SHAPE();
        model m = {.n = 0};
        tape = wg_tape_new(.seed = 1);
        if (i < MODELS) m = models[i](), in = m.in, shape = m.shape;
        wg_plan *p = made(i < MODELS ? wg_plan_of((wg_tensors){m.out, (size_t)m.n}) : perceptron(r, &in, &shape));
        ck_assert_int_eq(wg_feed(p, in, drawn(shape)), WG_OK);
        run(p);
        size_t most = p->current->live, bytes = p->current->bytes;
        ck_assert(most > 0);
        ck_assert_msg(bytes >= most && (double)bytes <= 1.1 * (double)most + 4096, "model %d: %zu bytes, %zu live", i, bytes, most);
        wg_tape_free(tape);
        tape = before;
    }
    wg_rng_free(r);
}
END_TEST

START_TEST(test_sizes_and_allocations)
{
    static const int64_t batches[] = {128, 96, 1, 0, 128, 96, 1, 0, 1, 128};
    wg_tensor x = wg_input(tape, "x", WG_F32, WG_SHAPE(WG_ANY, 20)), y = wg_input(tape, "y", WG_I64, WG_SHAPE(WG_ANY));
    wg_tensor h = wg_nn_linear(wg_nn_linear(x, 30, .act = wg_tanh, .name = "a"), 10, .name = "b");
    wg_tensor loss = wg_cross_entropy(h, y, .reduction = "sum");
    wg_plan *p = made(wg_minimize(loss, wg_sgd(.lr = 0)));
    int64_t labels[128];
    float values[10];
    bool counted = false;
    for (int i = 0; i < 128; i++) labels[i] = i % 10;
    for (int k = 0; k < 10; k++) {
        wg_array xa = drawn(WG_SHAPE(batches[k], 20)), ya = wg_array_wrap(labels, WG_I64, WG_SHAPE(batches[k]));
        bool done = true;
        count_from_here(0);
        for (int twice = 0; twice < 2; twice++) {
            done &= wg_feed(p, x, xa) == WG_OK && wg_feed(p, y, ya) == WG_OK && wg_run(p) == WG_OK;
            values[k] = (float)wg_read_scalar(p, loss);
            if (twice == 0 && k < 4) {
                counted |= allocations > 0;
                count_from_here(0); /* the first run of a size may allocate */
            }
        }
        stop_counting();
        ck_assert_msg(done, "%s", wg_plan_error(p));
        ck_assert_msg(allocations == 0, "batch %lld, turn %d: %ld allocations", (long long)batches[k], k, allocations);
    }
    ck_assert(counted);
    ck_assert(values[0] > 0 && values[3] == 0.0f && values[2] > 0);
    for (int k = 4; k < 10; k++) ck_assert_msg(values[k] == values[k == 4 || k == 9 ? 0 : k == 5 ? 1 : k == 7 ? 3 : 2], "turn %d", k);
}
END_TEST

START_TEST(test_labels_and_dtypes)
{
    wg_tensor x = wg_input(tape, "x", WG_F32, WG_SHAPE(WG_ANY, 10)), y = wg_input(tape, "y", WG_I64, WG_SHAPE(WG_ANY));
    wg_tensor loss = wg_cross_entropy(x, y);
    wg_plan *p = made(wg_plan_new(loss));
    int64_t wide[96];
    int32_t middle[96];
    uint8_t narrow[96];
    for (int i = 0; i < 96; i++) narrow[i] = (uint8_t)(middle[i] = (int32_t)(wide[i] = i % 10));
    ck_assert_int_eq(wg_run(p), WG_EMISSING);
    ck_assert_str_eq(wg_plan_error(p), "run: inputs not fed: x, y");
    ck_assert_int_eq(wg_feed(p, x, drawn(WG_SHAPE(128, 10))), WG_OK);
    ck_assert_int_eq(wg_run(p), WG_EMISSING);
    ck_assert_str_eq(wg_plan_error(p), "run: input not fed: y");
    ck_assert_int_eq(wg_feed(p, y, wg_array_wrap(wide, WG_I64, WG_SHAPE(96))), WG_OK);
    ck_assert_int_eq(wg_run(p), WG_ESHAPE); /* 128 images, 96 labels */
    ck_assert_ptr_nonnull(strstr(wg_plan_error(p), "cross_entropy: expand_like: x is i64[96], which does not broadcast to like, f32[128]"));
    ck_assert_ptr_nonnull(strstr(wg_plan_error(p), __FILE__));
    ck_assert_int_eq(wg_feed(p, x, drawn(WG_SHAPE(96, 10))), WG_OK);
    double want = 0;
    const wg_array feeds[] = {wg_array_wrap(wide, WG_I64, WG_SHAPE(96)), wg_array_wrap(middle, WG_I32, WG_SHAPE(96)),
                              wg_array_wrap(narrow, WG_U8, WG_SHAPE(96))};
    for (int i = 0; i < 3; i++) {
        ck_assert_int_eq(wg_feed(p, y, feeds[i]), WG_OK);
        run(p);
        if (i == 0) want = wg_read_scalar(p, loss);
        ck_assert(want > 0 && wg_read_scalar(p, loss) == want);
    }
    ck_assert_int_eq(wg_feed(p, y, wg_array_wrap(numbers, WG_F32, WG_SHAPE(96))), WG_EDTYPE);
    ck_assert_str_eq(wg_plan_error(p), "feed y: the input is i64[?], the array is f32[96]");
    ck_assert_int_eq(wg_feed(p, x, wg_array_wrap(numbers, WG_F32, WG_SHAPE(96, 11))), WG_ESHAPE);
    ck_assert_str_eq(wg_plan_error(p), "feed x: the input is f32[?,10], the array is f32[96,11]");
    ck_assert_int_eq(wg_feed(p, x, WG_ARRAY(float, WG_SHAPE(96, 10), 1, 2, 3)), WG_EARG);
    ck_assert_str_eq(wg_plan_error(p), "feed x: the array has no data (a literal whose values do not fill its shape has none)");
    ck_assert_int_eq(wg_feed(p, loss, feeds[0]), WG_EARG);
    ck_assert_str_eq(wg_plan_error(p), "feed: not an input of the plan's tape");
    run(p); /* what was refused changed nothing */
    ck_assert(wg_read_scalar(p, loss) == want);
}
END_TEST

int main(void)
{
    Suite *s = suite_create("plan");
    TCase *c = tcase_create("plan");
    tcase_add_checked_fixture(c, set_up, tear_down);
    tcase_set_timeout(c, 300);
    tcase_add_loop_test(c, test_passes, 0, MODELS);
    tcase_add_loop_test(c, test_threads, 0, MODELS);
    tcase_add_loop_test(c, test_isa, 0, MODELS);
    tcase_add_test(c, test_training);
    tcase_add_test(c, test_dead_and_equal);
    tcase_add_test(c, test_fuse);
    tcase_add_test(c, test_memory);
    tcase_add_test(c, test_memory_is_used);
    tcase_add_test(c, test_sizes_and_allocations);
    tcase_add_test(c, test_labels_and_dtypes);
    suite_add_tcase(s, c);
    SRunner *r = srunner_create(s);
    srunner_run_all(r, CK_NORMAL);
    int failed = srunner_ntests_failed(r);
    srunner_free(r);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}

/* test_passes.c -- the passes that make one of many: products and sums that an unrolled net repeats at every step, what is put side
 * by side and is computed there. Results with and without are the same bits, or, where sums are taken in another order, a few
 * units in the last place of the largest number apart; the bits never depend on the number of threads. */
#include "plan_tests.h"
#include "wrapped.h"

enum { OUT = 12 };

/* What a model records, and what it is fed. */
typedef struct model {
    wg_tensor in, out[OUT];
    wg_shape shape;
    int n;
} model;

static wg_tensor weight(const char *name, wg_shape s) { return wg_param(tape, name, s, .init = {.kind = "normal", .hi = 0.4}); }

/* The loss, and its gradients for x and `of`. */
static model with_grads(model m, wg_tensor loss, const wg_tensor *of, int n)
{
    wg_tensor all[OUT] = {m.in}, g[OUT];
    for (int i = 0; i < n; i++) all[i + 1] = of[i];
    ck_assert_msg(wg_grads(loss, all, (size_t)n + 1, g) == WG_OK, "%s", wg_error(tape));
    m.out[0] = loss;
    for (int i = 0; i <= n; i++) m.out[i + 1] = g[i];
    m.n = n + 2;
    return m;
}

/* ---- models -------------------------------------------------------------------------------------------------------------- */

enum { T = 6, B = 5, V = 7, H = 9 };

static wg_tensor gate(wg_tensor all, int64_t i) { return wg_slice(all, 1, .start = i * H, .stop = (i + 1) * H); }

/* PyTorch's gates and weights; time comes first. */
static model lstm(void)
{
    model m = {.shape = WG_SHAPE(T, B, V)};
    m.in = wg_input(tape, "x", WG_F32, WG_SHAPE(T, WG_ANY, V));
    wg_tensor w = weight("w", WG_SHAPE(4 * H, V)), u = weight("u", WG_SHAPE(4 * H, H)), b = weight("b", WG_SHAPE(4 * H)),
              c = weight("c", WG_SHAPE(4 * H)), h = wg_zeros(tape, WG_SHAPE(B, H)), s = h, hs[T];
    for (int t = 0; t < T; t++) {
        wg_tensor x = wg_squeeze(wg_slice(m.in, 0, .start = t, .stop = t + 1), .axes = WG_INTS(0));
        wg_tensor all = wg_add(wg_linear(x, w, b), wg_linear(h, u, c));
        s = wg_add(wg_mul(wg_sigmoid(gate(all, 1)), s), wg_mul(wg_sigmoid(gate(all, 0)), wg_tanh(gate(all, 2))));
        hs[t] = h = wg_mul(wg_sigmoid(gate(all, 3)), wg_tanh(s));
    }
    return with_grads(m, wg_mean(wg_square(wg_matmul(wg_stack((wg_tensors){hs, T}), weight("v", WG_SHAPE(H, 3))))),
                      (wg_tensor[]){w, u, b, c}, 4);
}

/* The batch comes first, weights lie the other way, one bias. */
static model gru(void)
{
    model m = {.shape = WG_SHAPE(B, T, V)};
    m.in = wg_input(tape, "x", WG_F32, WG_SHAPE(WG_ANY, T, V));
    wg_tensor w = weight("w", WG_SHAPE(V, 3 * H)), u = weight("u", WG_SHAPE(H, 3 * H)), b = weight("b", WG_SHAPE(3 * H)),
              h = weight("h", WG_SHAPE(B, H));
    for (int t = 0; t < T; t++) {
        wg_tensor x = wg_reshape(wg_slice(m.in, 1, .start = t, .stop = t + 1), WG_SHAPE(-1, V));
        wg_tensor in = wg_add(wg_matmul(x, w), b), back = wg_matmul(h, u);
        wg_tensor r = wg_sigmoid(wg_add(gate(in, 0), gate(back, 0))), z = wg_sigmoid(wg_add(gate(in, 1), gate(back, 1)));
        wg_tensor n = wg_tanh(wg_add(gate(in, 2), wg_mul(r, gate(back, 2))));
        h = wg_add(wg_mul(wg_sub(wg_num(1), z), n), wg_mul(z, h));
    }
    return with_grads(m, wg_sum(wg_square(h)), (wg_tensor[]){w, u, b}, 3);
}

/* A weight transposed once; its terms are views of products. A forward sum of products whose operands lie in line. */
static model transposed_once(void)
{
    model m = {.shape = WG_SHAPE(B, T * V)};
    m.in = wg_input(tape, "x", WG_F32, WG_SHAPE(WG_ANY, T * V));
    wg_tensor w = weight("w", WG_SHAPE(H, V)), wt = wg_transpose(w), u = weight("u", WG_SHAPE(T * V, H)), y = WG_NONE, z = WG_NONE;
    for (int t = 0; t < T; t++) {
        wg_tensor x = wg_slice(m.in, 1, .start = t * V, .stop = (t + 1) * V);
        wg_tensor p = wg_tanh(wg_matmul(x, wt)), q = wg_matmul(x, wg_slice(u, 0, .start = t * V, .stop = (t + 1) * V));
        y = t ? wg_mul(wg_add(y, p), p) : p;
        z = t ? wg_add(z, q) : q;
    }
    return with_grads(m, wg_sum(wg_mul(y, z)), (wg_tensor[]){w, u}, 2);
}

/* A bias whose rows, all together, are summed in chunks; sums along other axes. */
static model long_rows(void)
{
    enum { ROWS = 12007 };
    model m = {.shape = WG_SHAPE(4, ROWS, 3)};
    m.in = wg_input(tape, "x", WG_F32, WG_SHAPE(4, WG_ANY, 3));
    wg_tensor b = weight("b", WG_SHAPE(3)), c = weight("c", WG_SHAPE(ROWS, 1)), y = WG_NONE;
    for (int t = 0; t < 4; t++) {
        wg_tensor x = wg_squeeze(wg_slice(m.in, 0, .start = t, .stop = t + 1), .axes = WG_INTS(0));
        wg_tensor s = wg_mean(wg_square(wg_add(wg_mul(x, c), b)));
        y = t ? wg_add(y, s) : s;
    }
    return with_grads(m, y, (wg_tensor[]){b, c}, 2);
}

/* All that concat may be given: along the first axis and others, what is computed, fed, given twice, itself a concat, wanted. */
static model side_by_side(void)
{
    model m = {.shape = WG_SHAPE(4, 6), .n = 7};
    m.in = wg_input(tape, "x", WG_F32, WG_SHAPE(WG_ANY, 6));
    wg_tensor a = wg_tanh(m.in), b = wg_exp(wg_neg(a)), w = weight("w", WG_SHAPE(6, 6)), c = wg_matmul(a, w);
    wg_tensor rows = wg_concat(WG_LIST(a, m.in, b, a, c)), columns = wg_concat(WG_LIST(wg_square(a), b, c, wg_sigmoid(b)), .axis = 1);
    m.out[0] = wg_concat(WG_LIST(wg_concat(WG_LIST(wg_abs(a), wg_cos(b))), wg_sin(c)));
    m.out[1] = wg_sum(wg_mul(rows, rows), .axes = WG_INTS(0));
    m.out[2] = wg_transpose(columns);
    m.out[3] = b;
    m.out[4] = wg_matmul(columns, wg_transpose(columns));
    m.out[5] = wg_concat(WG_LIST(wg_sqrt(wg_abs(a)), wg_sqrt(b)), .axis = -1);
    m.out[6] = wg_grad(wg_add(wg_sum(wg_square(rows)), wg_sum(wg_exp(columns))), m.in);
    return m;
}

/* Gradients of slices that make up the whole, leave a gap, overlap, go backwards, along both axes, and beside another gradient. */
static model pieces(void)
{
    static const int64_t cut[][4] = {{0, 3, 3, 9}, {0, 4, 5, 9}, {0, 6, 4, 9}, {3, 9, 0, 3}};
    model m = {.shape = WG_SHAPE(9, 9)};
    m.in = wg_input(tape, "x", WG_F32, WG_SHAPE(9, 9));
    wg_tensor loss = wg_num(0), w = weight("w", WG_SHAPE(9, 9));
    for (int i = 0; i < 8; i++) {
        const int64_t *c = cut[i % 4];
        wg_tensor y = wg_tanh(wg_mul(m.in, wg_num(0.1 * (i + 1)))), whole = i == 5 ? wg_mul(y, w) : y;
        wg_tensor a = wg_slice(whole, i / 4, .start = c[0], .stop = c[1]), b = wg_slice(whole, i / 4, .start = c[2], .stop = c[3]);
        loss = wg_add(loss, wg_add(wg_sum(wg_exp(a)), wg_sum(wg_square(wg_sin(b)))));
        if (i == 3) loss = wg_add(loss, wg_sum(wg_mul(whole, w)));
        if (i == 6) loss = wg_add(loss, wg_sum(wg_exp(wg_slice(whole, 0, .step = -2))));
    }
    return with_grads(m, loss, &w, 1);
}

/* What follows products and convolutions: bias, activation, reshape; results that are read twice, wanted, put side by side, committed. */
static model followed(void)
{
    enum { ROWS = 150, IN = 70, WIDE = 130 };
    model m = {.shape = WG_SHAPE(ROWS, IN)};
    m.in = wg_input(tape, "x", WG_F32, WG_SHAPE(WG_ANY, IN));
    wg_tensor w = weight("w", WG_SHAPE(IN, WIDE)), u = weight("u", WG_SHAPE(WIDE, WIDE)), b = weight("b", WG_SHAPE(WIDE));
    wg_tensor h = wg_relu(wg_add(wg_matmul(m.in, w), b)), y = wg_matmul(h, u);
    wg_tensor split = wg_tanh(wg_reshape(y, WG_SHAPE(-1, 2, WIDE / 2)));                 /* through a view of all of it      */
    wg_tensor twice = wg_add(wg_matmul(h, wg_transpose(u)), h);                          /* residual                         */
    wg_tensor both = wg_mul(wg_exp(wg_neg(wg_square(y))), wg_slice(y, 1, .stop = 1));    /* the product itself, and a column */
    wg_tensor sides = wg_concat(WG_LIST(wg_matmul(h, u), wg_sigmoid(twice)), .axis = 1); /* equal to y                       */
    model all = with_grads(m, wg_add(wg_add(wg_mean(split), wg_mean(wg_square(twice))), wg_add(wg_mean(both), wg_mean(wg_square(sides)))),
                           (wg_tensor[]){w, u, b}, 3);
    all.out[all.n++] = wg_abs(wg_matmul(wg_mul(h, wg_num(2)), u));
    wg_tensor wanted = wg_matmul(wg_sub(h, wg_num(1)), u);
    all.out[all.n++] = wanted;
    all.out[all.n++] = wg_add(wanted, b);
    return all;
}

/* Images whose planes are smaller and larger than a unit's part, pools both ways; a transposed convolution. */
static model images(void)
{
    model m = {.shape = WG_SHAPE(3, 2, 27, 26)};
    m.in = wg_input(tape, "x", WG_F32, WG_SHAPE(WG_ANY, 2, 27, 26));
    wg_tensor w = weight("w", WG_SHAPE(5, 2, 3, 3)), b = weight("b", WG_SHAPE(5)), v = weight("v", WG_SHAPE(7, 5, 3, 3));
    wg_tensor h = wg_max_pool2d(wg_relu(wg_conv2d(m.in, w, b)), WG_INTS(2, 2));
    wg_tensor z = wg_tanh(wg_avg_pool2d(wg_sigmoid(wg_conv2d(h, v, .stride = WG_INTS(2, 1))), WG_INTS(2, 2)));
    wg_tensor back = wg_relu(wg_conv_transpose2d(h, wg_transpose(w, .axes = WG_INTS(0, 1, 3, 2)), .stride = WG_INTS(2, 2)));
    return with_grads(m, wg_add(wg_mean(wg_square(z)), wg_mean(back)), (wg_tensor[]){w, b, v}, 3);
}

static model (*const models[])(void) = {lstm, gru, transposed_once, long_rows, side_by_side, pieces, followed, images};
enum { MODELS = 8 };

/* ---- comparing ------------------------------------------------------------------------------------------------------------ */

typedef struct results {
    float *value[OUT];
    int64_t count[OUT];
    int n;
} results;

static results outcome(model (*record)(void), unsigned without, int threads)
{
    results r = {.n = 0};
    wg_tape *before = tape;
    tape = wg_tape_new(.seed = 4);
    model m = record();
    wg_plan *p =
        made(wg_plan_create(&(wg_plan_options){.outputs = wg_tensors_of(m.out, (size_t)m.n), .without = without, .threads = threads}));
    ck_assert_int_eq(wg_feed(p, m.in, drawn(m.shape)), WG_OK);
    run(p);
    run(p);
    for (int i = 0; i < m.n; i++) {
        wg_array a;
        ck_assert_int_eq(wg_read(p, m.out[i], &a), WG_OK);
        r.count[i] = wg_shape_count(a.shape);
        r.value[i] = malloc((size_t)r.count[i] * sizeof(float) + 1);
        memcpy(r.value[i], a.data, (size_t)r.count[i] * sizeof(float));
        r.n++;
    }
    wg_tape_free(tape);
    tape = before;
    return r;
}

static void let_go(results *r)
{
    for (int i = 0; i < r->n; i++) free(r->value[i]);
}

/* In units of the last place of the largest number of each output. */
static void compare(const results *a, const results *b, double ulps, const char *what, int which)
{
    for (int i = 0; i < a->n; i++) {
        double largest = 0, apart = 0;
        for (int64_t k = 0; k < a->count[i]; k++) {
            largest = fmax(largest, fabs((double)a->value[i][k]));
            apart = fmax(apart, fabs((double)a->value[i][k] - (double)b->value[i][k]));
        }
        ck_assert(largest > 0 && isfinite(largest));
        ck_assert_msg(apart <= ulps * largest * 0x1p-23, "model %d, output %d, %s: %g apart, the largest is %g", which, i, what, apart,
                      largest);
    }
}

START_TEST(test_with_and_without)
{
    results all = outcome(models[_i], WG_PASS_STACK, 2);
    for (unsigned more = 0; more < 32; more++) {
        results r = outcome(models[_i], WG_PASS_STACK | more, 2);
        compare(&all, &r, 0, "without stack", _i);
        let_go(&r);
    }
    for (unsigned without = 0; without < 32; without++) {
        results r = outcome(models[_i], without, 2);
        compare(&all, &r, 16, "with and without stack", _i);
        let_go(&r);
    }
    let_go(&all);
}
END_TEST

START_TEST(test_threads)
{
    static const int counts[] = {2, 3, 5, 8, 16};
    results one = outcome(models[_i], 0, 1);
    for (size_t k = 0; k < sizeof counts / sizeof *counts; k++) {
        results r = outcome(models[_i], 0, counts[k]);
        compare(&one, &r, 0, "threads", _i);
        let_go(&r);
    }
    static const unsigned without[] = {WG_PASS_WAIT,    WG_PASS_EPILOGUE, WG_PASS_EPILOGUE | WG_PASS_INPLACE,
                                       WG_PASS_INPLACE, WG_PASS_REUSE,    WG_PASS_FUSE};
    for (size_t k = 0; k < sizeof without / sizeof *without; k++) {
        results r = outcome(models[_i], without[k], 3);
        compare(&one, &r, 0, "a pass left out", _i);
        let_go(&r);
    }
    let_go(&one);
}
END_TEST

/* Updates of parameters that are worth splitting do not wait for each other. */
START_TEST(test_waits)
{
    int waits[2], steps[2];
    for (int i = 0; i < 2; i++) {
        wg_tensor out[8];
        for (int k = 0; k < 8; k++) {
            char name[] = {'p', (char)('0' + k), 0};
            wg_tensor w = wg_param(tape, name, WG_SHAPE(100 + k, 1000), .shared = i > 0);
            out[k] = wg_assign(w, wg_add(wg_tanh(w), wg_num(1)));
        }
        wg_plan *p =
            made(wg_plan_create(&(wg_plan_options){.outputs = wg_tensors_of(out, 8), .without = i ? WG_PASS_WAIT : 0, .threads = 2}));
        const char *text = printed(p), *line = strstr(text, "threads wait for each other before ");
        ck_assert_ptr_nonnull(line);
        ck_assert_int_eq(sscanf(line, "threads wait for each other before %d", &waits[i]), 1);
        ck_assert_int_eq(sscanf(text, "plan of %*d nodes: %d steps", &steps[i]), 1);
        run(p);
    }
    ck_assert_int_eq(steps[0], 8);
    ck_assert_int_eq(waits[0], 0);
    ck_assert_int_eq(waits[1], 7);
}
END_TEST

/* ---- what is made of what --------------------------------------------------------------------------------------------------- */

static wg_plan *planned(model (*record)(void), unsigned without)
{
    model m = record();
    wg_plan *p = made(wg_plan_create(&(wg_plan_options){.outputs = wg_tensors_of(m.out, (size_t)m.n), .without = without}));
    ck_assert_int_eq(wg_feed(p, m.in, drawn(m.shape)), WG_OK);
    return p;
}

/* How often a text stands in the printed plan. */
static int count(const char *text, const char *what)
{
    int n = 0;
    for (const char *at = strstr(text, what); at; at = strstr(at + 1, what)) n++;
    return n;
}

START_TEST(test_recurrent)
{
    const char *text = printed(planned(lstm, 0));
    ck_assert_int_eq(count(text, "products in one"), 1); /* X_t W^T                                      */
    ck_assert_msg(strstr(text, "matmul : f32[6,5,36] is 6 products in one"), "%s", text);
    ck_assert_msg(strstr(text, "matmul : f32[36,7] is 6 terms of a sum in one"), "%s", text);
    ck_assert_msg(strstr(text, "matmul : f32[36,9] is 5 terms of a sum in one"), "%s", text); /* the first h lies elsewhere */
    ck_assert_int_eq(count(text, "sum_to : f32[36] is 6 terms of a sum in one"), 2);
    ck_assert_int_eq(count(text, "concat : f32[5,36] is 4 parts computed side by side"), 6); /* gate gradients */
    ck_assert_int_eq(count(text, "unview"), 0);
    int with = count(text, " block ");
    tear_down();
    set_up();
    text = printed(planned(lstm, WG_PASS_STACK | WG_PASS_JOIN));
    ck_assert_int_eq(count(text, " in one") + count(text, "side by side"), 0);
    ck_assert_ptr_nonnull(strstr(text, "without join"));
    ck_assert_ptr_nonnull(strstr(text, "without stack"));
    ck_assert_int_gt(count(text, " block "), with + 5 * T);
}
END_TEST

START_TEST(test_pieces)
{
    const char *text = printed(planned(pieces, 0));
    ck_assert_int_eq(count(text, "f32[9,9] is 2 parts computed side by side"), 4); /* neither gaps nor overlaps, of 8 */
    tear_down();
    set_up();
    text = printed(planned(side_by_side, 0));
    ck_assert_int_eq(count(text, "parts computed side by side"), 4); /* not `rows`: most of its parts must lie elsewhere */
}
END_TEST

/* ---- epilogues ---------------------------------------------------------------------------------------------------------------- */

/* A convolution of n images with what follows it. */
static wg_tensor convolved(wg_tensor x, const char *name, int64_t outputs)
{
    char bias[16];
    snprintf(bias, sizeof bias, "%s.bias", name);
    wg_tensor w = weight(name, WG_SHAPE(outputs, wg_shape_get(x).dim[1], 3, 3)), b = weight(bias, WG_SHAPE(outputs, 1, 1));
    return wg_add(wg_conv2d(x, w, .padding = WG_INTS(1, 1)), b);
}

/* Of sizes around those of units and tiles, empty ones too: the same bits with a head and without, whatever the number of threads. */
START_TEST(test_epilogue_sizes)
{
    static const int64_t sizes[][6] = {{0, 2, 5, 5, 3},       {3, 0, 5, 5, 3, 1},   {1, 1, 1, 1, 1},     {3, 1, 1, 1, 1, 1},
                                       {3, 1, 1, 2, 2, 1},    {2, 2, 9, 9, 4},      {2, 2, 9, 9, 1, 1},  {5, 3, 31, 33, 7, 1},
                                       {9, 1, 32, 32, 13, 1}, {3, 2, 60, 61, 5, 1}, {40, 2, 5, 6, 12, 1}};
    const int64_t *n = sizes[_i];
    float *first = NULL;
    size_t bytes = (size_t)(n[0] * n[4] * n[2] * n[3]) * sizeof(float);
    wg_shape shape = WG_SHAPE(n[0], n[1], n[2], n[3]);
    wg_tensor x = wg_input(tape, "x", WG_F32, shape), y = wg_tanh(convolved(x, "w", n[4]));
    for (int threads = 0; threads <= 8; threads++) { /* 0: without, on one */
        wg_plan *p = made(wg_plan_create(&(wg_plan_options){
            .outputs = wg_tensors_of(&y, 1), .without = threads ? 0 : WG_PASS_EPILOGUE, .threads = threads ? threads : 1}));
        wg_array a;
        ck_assert_int_eq(wg_feed(p, x, drawn(shape)), WG_OK);
        run(p);
        ck_assert_int_eq(wg_read(p, y, &a), WG_OK);
        if (!first) first = memcpy(malloc(bytes + 1), a.data, bytes);
        ck_assert_msg(memcmp(first, a.data, bytes) == 0, "%d threads", threads);
        ck_assert_int_eq(count(printed(p), "an epilogue of 2 ops"), threads ? n[5] : 0);
    }
    free(first);
}
END_TEST

/* The printed plan says what follows what, and why something does not. */
START_TEST(test_epilogue_shown)
{
    wg_tensor x = wg_input(tape, "x", WG_F32, WG_SHAPE(6, 2, 20, 20)), y = wg_relu(convolved(x, "w", 3));
    wg_tensor few = wg_tanh(convolved(wg_slice(x, 0, .stop = 2), "u", 3));
    wg_tensor residual = wg_add(convolved(wg_slice(x, 0, .stop = 5), "v", 3), wg_slice(y, 0, .stop = 5)), out[] = {y, few, residual};
    for (int i = 0; i < 2; i++) {
        wg_plan *p = made(wg_plan_create(&(wg_plan_options){.outputs = wg_tensors_of(out, 3), .without = i ? WG_PASS_EPILOGUE : 0}));
        ck_assert_int_eq(wg_feed(p, x, drawn(WG_SHAPE(6, 2, 20, 20))), WG_OK);
        run(p);
        const char *text = printed(p);
        ck_assert_int_eq(count(text, "an epilogue of 2 ops"), !i);
        ck_assert_int_eq(count(text, "apart "), i ? 0 : 2);
        ck_assert_int_eq(count(text, "lies in short pieces"), !i);
        ck_assert_int_eq(count(text, "it reads or writes more arrays as large"), !i);
        ck_assert_int_eq(count(text, "without epilogue"), i);
    }
}
END_TEST

/* The first bad value is named, whoever finds one first. */
START_TEST(test_epilogue_fails)
{
    enum { IMAGES = 8, SIDE = 30 };
    static int64_t divisor[SIDE];
    char message[256] = "";
    wg_tensor x = wg_input(tape, "x", WG_F32, WG_SHAPE(IMAGES, 2, SIDE, SIDE)), d = wg_input(tape, "d", WG_I64, WG_SHAPE(SIDE));
    wg_tensor y = wg_div(wg_cast(convolved(x, "w", 4), WG_I64), d);
    for (int threads = 0; threads <= 8; threads++) { /* 0: without, on one */
        wg_plan *p = made(wg_plan_create(&(wg_plan_options){
            .outputs = wg_tensors_of(&y, 1), .without = threads ? 0 : WG_PASS_EPILOGUE, .threads = threads ? threads : 1}));
        for (int i = 0; i < SIDE; i++) divisor[i] = i == 17 || i == 21 ? 0 : i + 1;
        ck_assert_int_eq(wg_feed(p, x, drawn(WG_SHAPE(IMAGES, 2, SIDE, SIDE))), WG_OK);
        ck_assert_int_eq(wg_feed(p, d, wg_array_wrap(divisor, WG_I64, WG_SHAPE(SIDE))), WG_OK);
        ck_assert_int_eq(wg_run(p), WG_EINDEX);
        if (!threads) snprintf(message, sizeof message, "%s", wg_plan_error(p));
        ck_assert_str_eq(wg_plan_error(p), message);
        ck_assert_int_eq(count(printed(p), "an epilogue of 3 ops"), threads > 0);
        divisor[17] = divisor[21] = 1;
        run(p);
    }
}
END_TEST

/* The first run of a size allocates, the second does not; when memory ends while planning, the plan says so and works later. */
START_TEST(test_allocations)
{
    model m = lstm();
    wg_plan *p = made(wg_plan_create(&(wg_plan_options){.outputs = wg_tensors_of(m.out, (size_t)m.n), .threads = 1}));
    wg_array x = drawn(m.shape);
    wg_status s = WG_OK;
    ck_assert_int_eq(wg_feed(p, m.in, x), WG_OK);
    for (long nth = 1; nth < 400; nth++) {
        count_from_here(nth);
        s = wg_run(p);
        stop_counting();
        if (!failed_one) break;
        ck_assert_int_eq(s, WG_ENOMEM);
    }
    ck_assert_int_eq(s, WG_OK);
    count_from_here(0);
    s = wg_run(p);
    stop_counting();
    ck_assert_int_eq(s, WG_OK);
    ck_assert_int_eq(allocations, 0);
}
END_TEST

int main(void)
{
    Suite *s = suite_create("passes");
    TCase *c = tcase_create("passes");
    tcase_add_checked_fixture(c, set_up, tear_down);
    tcase_set_timeout(c, 300);
    tcase_add_loop_test(c, test_with_and_without, 0, MODELS);
    tcase_add_loop_test(c, test_threads, 0, MODELS);
    tcase_add_test(c, test_waits);
    tcase_add_test(c, test_recurrent);
    tcase_add_test(c, test_pieces);
    tcase_add_loop_test(c, test_epilogue_sizes, 0, 11);
    tcase_add_test(c, test_epilogue_shown);
    tcase_add_test(c, test_epilogue_fails);
    tcase_add_test(c, test_allocations);
    suite_add_tcase(s, c);
    SRunner *r = srunner_create(s);
    srunner_run_all(r, CK_NORMAL);
    int failed = srunner_ntests_failed(r);
    srunner_free(r);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}

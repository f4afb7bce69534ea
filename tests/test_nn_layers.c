/* test_nn_layers.c -- layers against torch.nn: golden/layers.txt, made by golden/layers.py, has for each case the names and
 * shapes of the parameters, the results, and the gradients of their sum weighted by waves. Parameters and inputs are
 * waves too, so nothing but the numbers that are compared needs a file. */
#define _XOPEN_SOURCE 700
#include "nn_tests.h"
#include "with_numpy.h"

#include <math.h>

enum { LINE = 16384, MOST_INPUTS = 3, MOST_PARAMS = 32 };

static double wave(int64_t i, double scale, double step, double phase) { return scale * sin(step * (double)i + phase); }

static wg_array waves(wg_shape shape, double scale, double step, double phase)
{
    wg_array a;
    ck_assert_int_eq(wg_array_new(&a, WG_F64, shape), WG_OK);
    for (int64_t i = 0; i < wg_shape_count(shape); i++) ((double *)a.data)[i] = wave(i, scale, step, phase);
    return a;
}

/* What was read, kept beyond the next run. */
static wg_array copied(wg_array a)
{
    wg_array kept;
    ck_assert_int_eq(wg_array_new(&kept, a.dtype, a.shape), WG_OK);
    size_t bytes = (size_t)wg_shape_count(a.shape) * wg_dtype_size(a.dtype);
    if (bytes) memcpy(kept.data, a.data, bytes);
    return kept;
}

/* ---- the cases ---------------------------------------------------------------------------------------------------------- */

/* What a case records: x are its inputs; more results than the first go to out[1 ..]. */
typedef struct model_case {
    const char *name;
    wg_shape in[MOST_INPUTS];
    int n; /* inputs */
    void (*record)(const wg_tensor *x, wg_tensor *out);
    bool eval;
} model_case;

#define CASE(name) static void name(const wg_tensor *x, wg_tensor *out)

CASE(linear) { out[0] = wg_nn_linear(x[0], 4, .name = "m"); }
CASE(bilinear) { out[0] = wg_nn_bilinear(x[0], x[1], 4, .name = "m"); }
CASE(conv1d)
{
    out[0] =
        wg_nn_conv1d(x[0], 6, WG_INTS(3), .stride = WG_INTS(2), .padding = WG_INTS(1), .dilation = WG_INTS(2), .groups = 2, .name = "m");
}
CASE(conv2d) { out[0] = wg_nn_conv2d(x[0], 3, WG_INTS(3, 2), .stride = WG_INTS(1, 2), .padding = WG_INTS(1, 0), .name = "m"); }
CASE(conv3d) { out[0] = wg_nn_conv3d(x[0], 2, WG_INTS(2), .no_bias = true, .name = "m"); }
CASE(conv_transpose1d)
{
    out[0] = wg_nn_conv_transpose1d(x[0], 6, WG_INTS(3), .stride = WG_INTS(2), .padding = WG_INTS(1), .output_padding = WG_INTS(1),
                                    .groups = 2, .name = "m");
}
CASE(conv_transpose2d) { out[0] = wg_nn_conv_transpose2d(x[0], 3, WG_INTS(3), .stride = WG_INTS(2), .padding = WG_INTS(1), .name = "m"); }
CASE(conv_transpose2d_more)
{
    out[0] = wg_nn_conv_transpose2d(x[0], 2, WG_INTS(3, 2), .stride = WG_INTS(3, 2), .output_padding = WG_INTS(2, 1),
                                    .dilation = WG_INTS(2), .groups = 2, .name = "m");
}
CASE(conv_transpose3d)
{
    out[0] = wg_nn_conv_transpose3d(x[0], 4, WG_INTS(2, 1, 3), .stride = WG_INTS(2), .padding = WG_INTS(0, 0, 1),
                                    .output_padding = WG_INTS(1), .groups = 2, .name = "m");
}
CASE(batch_norm) { out[0] = wg_nn_batch_norm(x[0], .name = "m"); }
CASE(batch_norm_mean) { out[0] = wg_nn_batch_norm(x[0], .name = "m", .momentum = (double)NAN, .eps = 1e-3); }
CASE(layer_norm) { out[0] = wg_nn_layer_norm(x[0], .name = "m", .axes = 2); }
CASE(group_norm) { out[0] = wg_nn_group_norm(x[0], 2, .name = "m"); }
CASE(instance_norm) { out[0] = wg_nn_instance_norm(x[0], .affine = true, .name = "m"); }
CASE(embedding)
{
    wg_array index = WG_ARRAY(int64_t, WG_SHAPE(2, 3), 0, 4, 1, 2, 4, 4);
    (void)x;
    out[0] = wg_nn_embedding(wg_const(tape, &index), 5, 3, .padding_idx = 1, .name = "m", .dtype = WG_F64);
}
CASE(rnn) { out[0] = wg_nn_rnn(x[0], WG_NONE, &out[1], 4, .name = "m"); }
CASE(rnn_relu) { out[0] = wg_nn_rnn(x[0], x[1], &out[1], 4, .relu = true, .no_bias = true, .name = "m"); }
CASE(gru) { out[0] = wg_nn_gru(x[0], x[1], &out[1], 2, .layers = 2, .bidirectional = true, .name = "m"); }
CASE(lstm) { out[0] = wg_nn_lstm(x[0], x[1], x[2], &out[1], &out[2], 2, .layers = 2, .name = "m"); }
CASE(lstm_lengths)
{
    wg_array lengths = WG_ARRAY(int64_t, WG_SHAPE(3), 2, 4, 1);
    wg_tensor l = wg_const(tape, &lengths);
    out[0] = wg_nn_lstm(x[0], WG_NONE, WG_NONE, &out[1], &out[2], 2, .bidirectional = true, .lengths = l, .name = "m");
}
CASE(attention) { out[0] = wg_nn_attention(x[0], 2, .name = "m"); }
CASE(attention_causal) { out[0] = wg_nn_attention(x[0], 2, .causal = true, .no_bias = true, .name = "m"); }
CASE(attention_cross) { out[0] = wg_nn_attention(x[0], 2, .key = x[1], .value = x[2], .name = "m"); }
CASE(encoder_layer) { out[0] = wg_nn_encoder_layer(x[0], 2, .ff = 6, .name = "m"); }
CASE(encoder_layer_first)
{
    out[0] = wg_nn_encoder_layer(x[0], 2, .ff = 6, .act = wg_gelu, .norm_first = true, .causal = true, .name = "m");
}
CASE(decoder_layer) { out[0] = wg_nn_decoder_layer(x[0], x[1], 2, .ff = 6, .causal = true, .name = "m"); }
CASE(sequential)
{
    wg_scope_push(tape, "m");
    out[0] = wg_seq(x[0], WG_LINEAR(4), WG_OP(wg_relu), WG_SEQ(WG_LINEAR(4), WG_OP(wg_tanh)), WG_LINEAR(2));
    wg_scope_pop(tape);
}

#define S(...)                                                                                                                             \
    {                                                                                                                                      \
        .rank = (int)WG_COUNT_(int64_t, __VA_ARGS__), .dim = { __VA_ARGS__ }                                                               \
    }

static const model_case cases[] = {
    {"linear", {S(2, 3)}, 1, linear, false},
    {"bilinear", {S(2, 3), S(2, 2)}, 2, bilinear, false},
    {"conv1d", {S(2, 4, 9)}, 1, conv1d, false},
    {"conv2d", {S(2, 2, 4, 5)}, 1, conv2d, false},
    {"conv3d", {S(1, 1, 3, 3, 3)}, 1, conv3d, false},
    {"conv_transpose1d", {S(2, 4, 3)}, 1, conv_transpose1d, false},
    {"conv_transpose2d", {S(1, 2, 3, 2)}, 1, conv_transpose2d, false},
    {"conv_transpose2d_more", {S(1, 4, 2, 3)}, 1, conv_transpose2d_more, false},
    {"conv_transpose3d", {S(1, 2, 2, 1, 2)}, 1, conv_transpose3d, false},
    {"batch_norm", {S(2, 3, 2, 2)}, 1, batch_norm, false},
    {"batch_norm_mean", {S(4, 3)}, 1, batch_norm_mean, false},
    {"batch_norm_eval", {S(4, 3)}, 1, batch_norm, true},
    {"layer_norm", {S(2, 3, 4)}, 1, layer_norm, false},
    {"group_norm", {S(2, 4, 3)}, 1, group_norm, false},
    {"instance_norm", {S(2, 3, 2, 3)}, 1, instance_norm, false},
    {"embedding", {S(0)}, 0, embedding, false},
    {"rnn", {S(2, 3, 3)}, 1, rnn, false},
    {"rnn_relu", {S(2, 3, 3), S(1, 2, 4)}, 2, rnn_relu, false},
    {"gru", {S(2, 3, 3), S(4, 2, 2)}, 2, gru, false},
    {"lstm", {S(2, 3, 3), S(2, 2, 2), S(2, 2, 2)}, 3, lstm, false},
    {"lstm_lengths", {S(3, 4, 2)}, 1, lstm_lengths, false},
    {"attention", {S(2, 3, 4)}, 1, attention, false},
    {"attention_causal", {S(2, 3, 4)}, 1, attention_causal, false},
    {"attention_cross", {S(2, 3, 4), S(2, 5, 3), S(2, 5, 2)}, 3, attention_cross, false},
    {"encoder_layer", {S(2, 3, 4)}, 1, encoder_layer, false},
    {"encoder_layer_first", {S(2, 3, 4)}, 1, encoder_layer_first, false},
    {"decoder_layer", {S(2, 3, 4), S(2, 5, 4)}, 2, decoder_layer, false},
    {"sequential", {S(2, 3)}, 1, sequential, false},
};

enum { CASES = sizeof cases / sizeof cases[0] };

/* ---- the file ------------------------------------------------------------------------------------------------------------- */

static FILE *open_case(const char *name)
{
    char path[512], line[LINE], wanted[80];
    const char *source = getenv("WG_SOURCE");
    snprintf(path, sizeof path, "%s/tests/golden/layers.txt", source ? source : ".");
    snprintf(wanted, sizeof wanted, "case: %s\n", name);
    FILE *f = open_or_fail(path, "r");
    while (fgets(line, sizeof line, f))
        if (strcmp(line, wanted) == 0) return f;
    ck_abort_msg("%s has no case %s", path, name);
    return NULL;
}

/* The next line of the case: what it is of, and its numbers' text. False at its end. */
static bool next_line(FILE *f, char line[LINE], char **key, char **numbers)
{
    if (!fgets(line, LINE, f) || strncmp(line, "case: ", 6) == 0) return false;
    char *colon = strchr(line, ':');
    ck_assert_ptr_nonnull(colon);
    *colon = 0;
    *key = line;
    *numbers = colon + 1;
    return true;
}

static void compare(const char *name, const char *key, char *numbers, const wg_array *a)
{
    int64_t n = wg_shape_count(a->shape), got = 0;
    double largest = 0, wanted[2048];
    for (char *end; got < 2048; got++, numbers = end) {
        wanted[got] = strtod(numbers, &end);
        if (end == numbers) break;
        largest = fmax(largest, fabs(wanted[got]));
    }
    ck_assert_msg(got == n, "%s: %s has %lld values, PyTorch's %lld", name, key, (long long)n, (long long)got);
    for (int64_t i = 0; i < n; i++) /* sums in another order: rounding is that of the largest */
        ck_assert_msg(fabs(wg_array_at(a, i) - wanted[i]) <= 1e-13 * (1 + largest), "%s: %s[%lld] is %.17g, PyTorch's is %.17g", name, key,
                      (long long)i, wg_array_at(a, i), wanted[i]);
}

/* ---- running one ------------------------------------------------------------------------------------------------------------ */

typedef struct trial {
    wg_tensor in[MOST_INPUTS], out[3], grad[MOST_INPUTS + MOST_PARAMS], param[MOST_PARAMS];
    char name[MOST_PARAMS][96];
    int params;
} trial;

/* Fills parameter k by its wave, and checks its name and shape. */
static void fill(const model_case *c, trial *t, const char *key, const char *sizes)
{
    char text[96] = "";
    snprintf(t->name[t->params], sizeof t->name[0], "m.%.80s", key + strlen("param "));
    wg_array a = stored(tape, t->name[t->params]);
    for (int i = 0; i < a.shape.rank; i++) snprintf(text + strlen(text), sizeof text - strlen(text), " %lld", (long long)a.shape.dim[i]);
    ck_assert_msg(strncmp(text, sizes, strlen(text)) == 0 && sizes[strlen(text)] == '\n', "%s: %s is%s, PyTorch's is%s", c->name, key, text,
                  sizes);
    ck_assert_int_eq(wg_params_kind(wg_tape_params(tape), t->name[t->params]), WG_TRAINABLE);
    wg_array v = waves(a.shape, 0.4, 0.7, 1.3 * t->params + 0.2);
    ck_assert_int_eq(wg_params_set(wg_tape_params(tape), t->name[t->params], &v, WG_TRAINABLE), WG_OK);
    wg_array_free(&v);
    t->param[t->params] = wg_find(tape, t->name[t->params]);
    t->params++;
}

static void record(const model_case *c, trial *t)
{
    for (int i = 0; i < c->n; i++) {
        char name[8];
        snprintf(name, sizeof name, "x%d", i);
        t->in[i] = wg_input(tape, name, WG_F64, c->in[i]);
    }
    c->record(t->in, t->out);
    ck_assert_msg(wg_ok(t->out[0]), "%s: %s", c->name, wg_error(tape));
}

static wg_tensor weighted(const trial *t)
{
    wg_tensor loss = WG_NONE;
    for (int i = 0; i < 3 && wg_ok(t->out[i]); i++) {
        wg_array w = waves(wg_shape_get(t->out[i]), 1, 0.5, 0.3 + i);
        wg_tensor s = wg_sum(wg_mul(t->out[i], wg_const(tape, &w)));
        wg_array_free(&w);
        loss = i ? wg_add(loss, s) : s;
    }
    return loss;
}

static wg_plan *planned(trial *t, int inputs)
{
    wg_tensor of[MOST_INPUTS + MOST_PARAMS], list[MOST_INPUTS + MOST_PARAMS + 3];
    size_t n = 0, k = 0;
    for (int i = 0; i < inputs; i++) of[n++] = t->in[i];
    for (int i = 0; i < t->params; i++) of[n++] = t->param[i];
    ck_assert_msg(wg_grads(weighted(t), of, n, t->grad) == WG_OK, "%s", wg_error(tape));
    for (int i = 0; i < 3 && wg_ok(t->out[i]); i++) list[k++] = t->out[i];
    for (size_t i = 0; i < n; i++) list[k++] = t->grad[i];
    wg_plan *p = wg_plan_of(wg_tensors_of(list, k));
    ck_assert_msg(p != NULL, "%s", wg_error(tape));
    return p;
}

static wg_array result_of(const model_case *c, const trial *t, wg_plan *p, const char *key)
{
    wg_array a;
    char full[96];
    wg_tensor x = WG_NONE;
    snprintf(full, sizeof full, "m.%.80s", strchr(key, ' ') ? strchr(key, ' ') + 1 : "");
    if (strncmp(key, "buffer ", 7) == 0) return stored(tape, full);
    if (strncmp(key, "out", 3) == 0) x = t->out[key[3] - '0'];
    if (strncmp(key, "grad x", 6) == 0) x = t->grad[key[6] - '0'];
    for (int i = 0; i < t->params; i++)
        if (strncmp(key, "grad ", 5) == 0 && strcmp(full, t->name[i]) == 0) x = t->grad[c->n + i];
    ck_assert_msg(wg_ok(x), "%s: nothing is %s", c->name, key);
    ck_assert_int_eq(wg_read(p, x, &a), WG_OK);
    return a;
}

/* As golden/layers.py has them for the case of an evaluation tape. */
static void set_statistics(void)
{
    wg_array mean = waves(WG_SHAPE(3), 0.4, 1, 0.5), var = waves(WG_SHAPE(3), 0.4, 1, 0.5);
    for (int i = 0; i < 3; i++) ((double *)var.data)[i] += 1.5;
    ck_assert_int_eq(wg_params_set(wg_tape_params(tape), "m.running_mean", &mean, WG_BUFFER), WG_OK);
    ck_assert_int_eq(wg_params_set(wg_tape_params(tape), "m.running_var", &var, WG_BUFFER), WG_OK);
    wg_array_free(&mean);
    wg_array_free(&var);
}

START_TEST(agrees_with_pytorch)
{
    const model_case *c = &cases[_i];
    char line[LINE], *key, *numbers;
    trial t = {.params = 0};
    wg_array x[MOST_INPUTS];
    FILE *f = open_case(c->name);
    if (c->eval) wg_tape_free(tape), tape = wg_tape_new(.eval = true);
    record(c, &t);
    long at = ftell(f);
    while (next_line(f, line, &key, &numbers) && strncmp(key, "param ", 6) == 0) fill(c, &t, key, numbers), at = ftell(f);
    fseek(f, at, SEEK_SET);
    if (c->eval) set_statistics();
    wg_plan *p = planned(&t, c->n);
    for (int i = 0; i < c->n; i++) {
        x[i] = waves(c->in[i], 1, 0.37, 0.5 * i + 0.1);
        ck_assert_msg(wg_feed(p, t.in[i], x[i]) == WG_OK, "%s", wg_plan_error(p));
    }
    run_ok(p);
    int compared = 0;
    for (; next_line(f, line, &key, &numbers); compared++) {
        wg_array a = result_of(c, &t, p, key);
        compare(c->name, key, numbers, &a);
    }
    ck_assert_int_ge(compared, 2);
    for (int i = 0; i < c->n; i++) wg_array_free(&x[i]);
    fclose(f);
}
END_TEST

/* ---- what no golden number says ------------------------------------------------------------------------------------------------ */

START_TEST(a_cache_gives_what_the_whole_gives)
{
    enum { TIME = 5 };
    wg_params *params = wg_params_new();
    wg_tape *whole = wg_tape_new(.params = params), *piece = wg_tape_new(.params = params);
    wg_tensor x = wg_input(whole, "x", WG_F64, WG_SHAPE(2, WG_ANY, 4)), y = wg_nn_attention(x, 2, .causal = true);
    wg_nn_cache cache = {wg_input(piece, "k", WG_F64, WG_SHAPE(2, 2, WG_ANY, 2)), wg_input(piece, "v", WG_F64, WG_SHAPE(2, 2, WG_ANY, 2))};
    wg_tensor k = cache.k, v = cache.v, xi = wg_input(piece, "x", WG_F64, WG_SHAPE(2, WG_ANY, 4));
    wg_tensor yi = wg_nn_attention(xi, 2, .causal = true, .cache = &cache);
    wg_plan *p = wg_plan_new(y), *q = wg_plan_new(yi, cache.k, cache.v);
    wg_array all = waves(WG_SHAPE(2, TIME, 4), 1, 0.3, 0),
             kept[2] = {waves(WG_SHAPE(2, 2, 0, 2), 1, 1, 0), waves(WG_SHAPE(2, 2, 0, 2), 1, 1, 0)};
    ck_assert_msg(p && q, "%s", wg_error(p ? piece : whole));
    ck_assert_int_eq(wg_feed(p, x, all), WG_OK);
    run_ok(p);
    wg_array want, got;
    wg_read(p, y, &want);
    for (int from = 0, to; from < TIME; from = to) { /* one step, then two at a time */
        to = from + (from ? 2 : 1);
        wg_array now;
        wg_array_new(&now, WG_F64, WG_SHAPE(2, to - from, 4));
        for (int64_t b = 0; b < 2; b++)
            memcpy((double *)now.data + b * (to - from) * 4, (double *)all.data + (b * TIME + from) * 4,
                   sizeof(double[4]) * (size_t)(to - from));
        ck_assert_int_eq(wg_feed(q, xi, now), WG_OK);
        ck_assert_int_eq(wg_feed(q, k, kept[0]), WG_OK);
        ck_assert_int_eq(wg_feed(q, v, kept[1]), WG_OK);
        run_ok(q);
        wg_read(q, yi, &got);
        for (int64_t b = 0; b < 2; b++)
            for (int64_t i = 0; i < (to - from) * 4; i++)
                ck_assert_double_eq_tol(wg_array_at(&got, b * (to - from) * 4 + i), wg_array_at(&want, (b * TIME + from) * 4 + i), 1e-14);
        for (int i = 0; i < 2; i++) {
            wg_array grown;
            wg_array_free(&kept[i]);
            wg_read(q, i ? cache.v : cache.k, &grown);
            ck_assert_int_eq(grown.shape.dim[2], to);
            kept[i] = copied(grown);
        }
        wg_array_free(&now);
    }
    for (int i = 0; i < 2; i++) wg_array_free(&kept[i]);
    wg_array_free(&all);
    wg_tape_free(whole);
    wg_tape_free(piece);
    wg_params_free(params);
}
END_TEST

START_TEST(positions_are_waves_of_time)
{
    wg_tensor x = wg_input(tape, "x", WG_F64, WG_SHAPE(WG_ANY, WG_ANY, 4)), y = wg_nn_position(x);
    wg_plan *p = wg_plan_new(y);
    ck_assert_msg(p != NULL, "%s", wg_error(tape));
    for (int64_t batch = 0; batch < 3; batch++) {
        wg_array zero, got;
        wg_array_new(&zero, WG_F64, WG_SHAPE(batch, 7, 4));
        ck_assert_int_eq(wg_feed(p, x, zero), WG_OK);
        run_ok(p);
        wg_read(p, y, &got);
        for (int64_t i = 0; i < batch * 28; i++) {
            double angle = (double)(i / 4 % 7) * pow(10000, -2.0 * (double)(i % 4 / 2) / 4);
            ck_assert_double_eq_tol(wg_array_at(&got, i), i % 2 ? cos(angle) : sin(angle), 1e-15);
        }
        wg_array_free(&zero);
    }
}
END_TEST

START_TEST(learned_positions_are_rows)
{
    wg_tensor x = wg_input(tape, "x", WG_F64, WG_SHAPE(2, WG_ANY, 3)), y = wg_nn_learned_position(x, 4);
    wg_plan *p = wg_plan_new(y);
    wg_array in, got, w = stored(tape, "position.weight");
    ck_assert_msg(p != NULL, "%s", wg_error(tape));
    wg_array_new(&in, WG_F64, WG_SHAPE(2, 4, 3));
    wg_feed(p, x, in);
    run_ok(p);
    wg_read(p, y, &got);
    for (int i = 0; i < 24; i++) ck_assert_double_eq(wg_array_at(&got, i), wg_array_at(&w, i % 12));
    wg_array_free(&in);
    wg_array_new(&in, WG_F64, WG_SHAPE(2, 5, 3));
    wg_feed(p, x, in);
    ck_assert_int_eq(wg_run(p), WG_EINDEX); /* a fifth row is not there */
    wg_array_free(&in);
}
END_TEST

START_TEST(the_row_of_padding_is_zero_and_does_not_learn)
{
    wg_array index = WG_ARRAY(int64_t, WG_SHAPE(3), 0, 1, 2);
    wg_tensor e = wg_nn_embedding(wg_const(tape, &index), 3, 2, .padding_idx = 1);
    wg_plan *step = wg_minimize(wg_sum(wg_add(e, wg_num(1))), wg_sgd(.lr = 1));
    run_ok(step);
    wg_array w = stored(tape, "embedding.weight");
    for (int i = 0; i < 6; i++) ck_assert((wg_array_at(&w, i) == 0) == (i / 2 == 1));
}
END_TEST

START_TEST(sharing_is_by_name)
{
    wg_tensor x = wg_input(tape, "x", WG_F32, WG_SHAPE(2, 4));
    wg_tensor a = wg_nn_linear(x, 4, .name = "one"), b = wg_nn_linear(a, 4, .name = "one", .shared = true);
    ck_assert(wg_ok(b));
    ck_assert_uint_eq(wg_params_count(wg_tape_params(tape)), 2);
    ck_assert(!wg_ok(wg_nn_linear(x, 4, .name = "one")));
    expect_error("linear \"one\": parameter one.weight is on this tape already");
}
END_TEST

START_TEST(a_residual_adds)
{
    wg_tensor x = wg_input(tape, "x", WG_F64, WG_SHAPE(2, 3));
    wg_scope_push(tape, "m");
    wg_tensor y = wg_residual(x, WG_LAYER_NORM(), WG_LINEAR(3)), z = wg_seq(x, WG_RESIDUAL(WG_OP(wg_tanh)), WG_OP(wg_relu));
    ck_assert_msg(wg_ok(y) && wg_ok(z), "%s", wg_error(tape));
    ck_assert(wg_ok(wg_find(tape, "m.0.weight")) && wg_ok(wg_find(tape, "m.1.weight")));
    wg_plan *p = wg_plan_new(y, z);
    wg_array in = waves(WG_SHAPE(2, 3), 1, 1, 0), got;
    wg_feed(p, x, in);
    run_ok(p);
    wg_read(p, z, &got);
    for (int i = 0; i < 6; i++) {
        double v = wg_array_at(&in, i) + tanh(wg_array_at(&in, i));
        ck_assert_double_eq_tol(wg_array_at(&got, i), v > 0 ? v : 0, 1e-15);
    }
    wg_array_free(&in);
}
END_TEST

START_TEST(dropout_in_layers_is_for_training)
{
    wg_params *params = wg_params_new();
    wg_array x = waves(WG_SHAPE(2, 6, 4), 1, 0.3, 0), out[3];
    for (int i = 0; i < 3; i++) { /* training, evaluation, without dropout */
        wg_tape *t = wg_tape_new(.params = params, .eval = i == 1, .seed = 3);
        wg_tensor in = wg_input(t, "x", WG_F64, WG_SHAPE(2, 6, 4)),
                  mid = wg_nn_gru(in, WG_NONE, NULL, 4, .layers = 2, .dropout = i == 2 ? 0 : 0.5);
        wg_tensor y = wg_nn_encoder_layer(mid, 2, .dropout = i == 2 ? 0 : 0.5, .causal = true);
        wg_plan *p = wg_plan_new(y);
        wg_array got;
        ck_assert_msg(p != NULL, "%s", wg_error(t));
        wg_feed(p, in, x);
        run_ok(p);
        wg_read(p, y, &got);
        out[i] = copied(got);
        wg_tape_free(t);
    }
    double apart = 0, same = 0;
    for (int64_t i = 0; i < 48; i++) {
        apart += fabs(wg_array_at(&out[0], i) - wg_array_at(&out[2], i));
        same += fabs(wg_array_at(&out[1], i) - wg_array_at(&out[2], i));
    }
    ck_assert_double_gt(apart, 0.1);
    ck_assert_double_eq(same, 0);
    for (int i = 0; i < 3; i++) wg_array_free(&out[i]);
    wg_array_free(&x);
    wg_params_free(params);
}
END_TEST

START_TEST(layers_refuse)
{
    wg_tensor x = wg_input(tape, "x", WG_F32, WG_SHAPE(WG_ANY, 3, 4)), any = wg_input(tape, "any", WG_F32, WG_SHAPE(WG_ANY, WG_ANY));
    wg_tensor image = wg_input(tape, "image", WG_F32, WG_SHAPE(2, 3, 8, 8)), h = wg_input(tape, "h", WG_F32, WG_SHAPE(2, 5));
#define REFUSED(call, text)                                                                                                                \
    ck_assert(!wg_ok(call));                                                                                                               \
    expect_error(text)
    REFUSED(wg_nn_linear(any, 3, .name = "fc"), "linear \"fc\": the last axis of x must be known");
    REFUSED(wg_nn_linear(x, -1), "linear \"linear\": out is negative");
    REFUSED(wg_nn_bilinear(any, x, 3), "bilinear \"bilinear\": the last axes of a and b must be known");
    REFUSED(wg_nn_conv2d(x, 3, WG_INTS(3)), "conv2d \"conv2d\": x has 3 axes");
    REFUSED(wg_nn_conv2d(image, 3, WG_INTS()), "the kernel has no size");
    REFUSED(wg_nn_conv2d(image, 3, WG_INTS(3, 3, 3)), "sizes are one for all axes, or 2");
    REFUSED(wg_nn_conv2d(image, 3, WG_INTS(0)), "the kernel's size is 0");
    REFUSED(wg_nn_conv2d(image, 4, WG_INTS(3), .groups = 2), "2 groups do not share out 3 channels and 4 outputs");
    REFUSED(wg_nn_conv2d(image, 4, WG_INTS(9)), "conv2d");
    REFUSED(wg_nn_batch_norm(any), "batch_norm \"batch_norm\": the channels of x must be known");
    REFUSED(wg_nn_layer_norm(x, .axes = 4), "4 last axes of a tensor that has 3");
    REFUSED(wg_nn_layer_norm(any), "the last axes of x must be known");
    REFUSED(wg_nn_group_norm(image, 2), "2 groups do not share out 3 channels");
    REFUSED(wg_nn_embedding(x, 4, 4, .padding_idx = 4), "padding_idx is 4, there are 4 rows");
    REFUSED(wg_nn_position(wg_slice(x, -1, .stop = 3)), "3 features, an even number is wanted");
    REFUSED(wg_nn_gru(any, WG_NONE, NULL, 4), "x must be (batch, time, features)");
    REFUSED(wg_nn_gru(x, WG_NONE, NULL, 0), "hidden is 0");
    REFUSED(wg_nn_gru(x, h, NULL, 4), "gru \"gru\": h0 must be (1, batch, 4)");
    REFUSED(wg_nn_gru(x, WG_NONE, NULL, 4, .layers = 65), "layers is 65, at most 64");
    REFUSED(wg_nn_attention(x, 3), "3 heads do not share out 4 features");
    REFUSED(wg_nn_decoder_layer(x, WG_NONE, 2), "memory is no tensor");
#undef REFUSED
}
END_TEST

int main(void)
{
    Suite *s = suite_create("nn_layers");
    TCase *c = tcase_create("layers");
    tcase_add_checked_fixture(c, set_up, tear_down);
    tcase_set_timeout(c, 120);
    tcase_add_loop_test(c, agrees_with_pytorch, 0, CASES);
    tcase_add_test(c, a_cache_gives_what_the_whole_gives);
    tcase_add_test(c, positions_are_waves_of_time);
    tcase_add_test(c, learned_positions_are_rows);
    tcase_add_test(c, the_row_of_padding_is_zero_and_does_not_learn);
    tcase_add_test(c, sharing_is_by_name);
    tcase_add_test(c, a_residual_adds);
    tcase_add_test(c, dropout_in_layers_is_for_training);
    tcase_add_test(c, layers_refuse);
    suite_add_tcase(s, c);
    SRunner *r = srunner_create(s);
    srunner_run_all(r, CK_ENV);
    int failed = srunner_ntests_failed(r);
    srunner_free(r);
    return failed != 0;
}

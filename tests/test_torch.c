/* test_torch.c -- weights go to PyTorch and come back: models saved here are loaded by torch.nn under its own names and answer the
 * same, and the reverse, in f32 and f64 (tests/exchange is the other side). Without PyTorch it is passed over, with a line; with
 * WG_REQUIRE_TORCH=1, as in CI, that is a failure. */
#define _XOPEN_SOURCE 700
#include "nn_tests.h"

#include <math.h>

static char why[512];

/* ---- the models, as tests/exchange has them -------------------------------------------------------------------------------- */

static wg_tensor mlp(wg_tensor x, wg_tensor memory)
{
    (void)memory;
    wg_scope_push(wg_tape_of(x), "net");
    x = wg_nn_linear(x, 8, .act = wg_relu, .name = "0");
    x = wg_nn_linear(wg_dropout(x, .p = 0.5), 5, .act = wg_tanh, .name = "3");
    x = wg_nn_linear(x, 3, .name = "5");
    wg_scope_pop(wg_tape_of(x));
    return x;
}

static wg_tensor cnn(wg_tensor x, wg_tensor memory)
{
    (void)memory;
    x = wg_nn_conv2d(x, 6, WG_INTS(3), .padding = WG_INTS(1), .no_bias = true, .name = "conv1");
    x = wg_relu(wg_nn_batch_norm(x, .name = "bn1"));
    x = wg_nn_conv2d(x, 4, WG_INTS(3), .stride = WG_INTS(2), .groups = 2, .name = "conv2");
    x = wg_relu(wg_nn_batch_norm(x, .name = "bn2"));
    x = wg_nn_conv_transpose2d(x, 3, WG_INTS(2), .stride = WG_INTS(2), .name = "up");
    return wg_nn_linear(wg_flatten(x, .start = 1), 5, .name = "fc");
}

static wg_tensor lstm(wg_tensor x, wg_tensor memory)
{
    (void)memory;
    x = wg_nn_lstm(x, WG_NONE, WG_NONE, NULL, NULL, 4, .layers = 2, .bidirectional = true, .name = "lstm");
    return wg_nn_linear(x, 2, .name = "head");
}

static wg_tensor gru(wg_tensor x, wg_tensor memory)
{
    (void)memory;
    x = wg_nn_gru(x, WG_NONE, NULL, 4, .layers = 2, .bidirectional = true, .name = "gru");
    return wg_nn_linear(x, 2, .name = "head");
}

static wg_tensor encode(wg_tensor x, wg_dtype d)
{
    x = wg_nn_embedding(x, 7, 8, .name = "embed", .dtype = d);
    wg_scope_push(wg_tape_of(x), "encoder");
    x = wg_nn_encoder_layer(x, 2, .ff = 12, .dropout = 0.1, .name = "layers.0");
    x = wg_nn_encoder_layer(x, 2, .ff = 12, .dropout = 0.1, .name = "layers.1");
    x = wg_nn_layer_norm(x, .name = "norm");
    wg_scope_pop(wg_tape_of(x));
    return x;
}

static wg_tensor encoder_f32(wg_tensor x, wg_tensor memory) { return (void)memory, encode(x, WG_F32); }
static wg_tensor encoder_f64(wg_tensor x, wg_tensor memory) { return (void)memory, encode(x, WG_F64); }

static wg_tensor decoder(wg_tensor x, wg_tensor memory)
{
    return wg_nn_decoder_layer(x, memory, 2, .ff = 12, .dropout = 0.1, .act = wg_gelu, .norm_first = true, .causal = true,
                               .name = "decoder");
}

/* The name up to its `-` is PyTorch's model. */
static const struct model_case {
    const char *name;
    wg_tensor (*record)(wg_tensor x, wg_tensor memory);
    wg_dtype dtype, input;
    wg_shape x, memory; /* of rank 0: there is none */
} cases[] = {
    {"mlp-f32", mlp, WG_F32, WG_F32, {{5, 6}, 2}, {.rank = 0}},
    {"mlp-f64", mlp, WG_F64, WG_F64, {{5, 6}, 2}, {.rank = 0}},
    {"cnn-f32", cnn, WG_F32, WG_F32, {{3, 2, 8, 8}, 4}, {.rank = 0}},
    {"cnn-f64", cnn, WG_F64, WG_F64, {{3, 2, 8, 8}, 4}, {.rank = 0}},
    {"lstm-f32", lstm, WG_F32, WG_F32, {{2, 5, 3}, 3}, {.rank = 0}},
    {"lstm-f64", lstm, WG_F64, WG_F64, {{2, 5, 3}, 3}, {.rank = 0}},
    {"gru-f32", gru, WG_F32, WG_F32, {{2, 5, 3}, 3}, {.rank = 0}},
    {"gru-f64", gru, WG_F64, WG_F64, {{2, 5, 3}, 3}, {.rank = 0}},
    {"encoder-f32", encoder_f32, WG_F32, WG_I64, {{2, 5}, 2}, {.rank = 0}},
    {"encoder-f64", encoder_f64, WG_F64, WG_I64, {{2, 5}, 2}, {.rank = 0}},
    {"decoder-f32", decoder, WG_F32, WG_F32, {{2, 4, 8}, 3}, {{2, 6, 8}, 3}},
    {"decoder-f64", decoder, WG_F64, WG_F64, {{2, 4, 8}, 3}, {{2, 6, 8}, 3}},
};
enum { CASES = sizeof cases / sizeof *cases };

/* ---- a model of ours ------------------------------------------------------------------------------------------------------- */

typedef struct model {
    wg_tape *tape;
    wg_tensor x, memory, y;
} model;

static model declare(const struct model_case *c, wg_params *store, bool eval)
{
    model m = {.tape = wg_tape_new(.seed = 5, .params = store, .eval = eval), .memory = WG_NONE};
    m.x = wg_input(m.tape, "x", c->input, c->x);
    if (c->memory.rank) m.memory = wg_input(m.tape, "memory", c->input, c->memory);
    m.y = wg_name(c->record(m.x, m.memory), "y");
    ck_assert_msg(wg_ok(m.y), "%s: %s", c->name, wg_error(m.tape));
    return m;
}

static const char *file_of(const struct model_case *c, const char *ending)
{
    char name[64];
    snprintf(name, sizeof name, "%s%s", c->name, ending);
    return at(name);
}

/* The inputs, into in.safetensors and back out of it for the run. */
static void make_inputs(const struct model_case *c, wg_archive *in)
{
    const wg_shape *shape[] = {&c->x, &c->memory};
    for (int k = 0; k < 2 && shape[k]->rank; k++) {
        wg_array a;
        ck_assert_int_eq(wg_array_new(&a, c->input, *shape[k]), WG_OK);
        for (int64_t i = 0; i < wg_shape_count(*shape[k]); i++)
            wg_array_put(&a, i, c->input == WG_I64 ? (double)(i * 5 % 7) : sin(0.37 * (double)i + 0.5 * k));
        ck_assert_int_eq(wg_archive_add(in, k ? "memory" : "x", &a), WG_OK);
    }
    ck_assert_msg(!wg_safetensors_write(file_of(c, ".in.safetensors"), in, why, sizeof why), "%s", why);
}

static void run(wg_plan *p, const model *m, const wg_archive *in)
{
    ck_assert_int_eq(wg_feed(p, m->x, in->entry[0].array), WG_OK);
    if (in->count > 1) ck_assert_int_eq(wg_feed(p, m->memory, in->entry[1].array), WG_OK);
    run_ok(p);
}

/* Trains a little, so that nothing is as it was made, and leaves the weights as PyTorch names them. */
static void save_ours(const struct model_case *c, const wg_archive *in)
{
    wg_params *store = wg_params_new();
    model learn = declare(c, store, false), judge = declare(c, store, true);
    wg_plan *step = wg_minimize(wg_mean(wg_square(wg_sub(learn.y, wg_num(1)))), wg_adamw(.lr = 0.02));
    for (int i = 0; i < 4; i++) run(step, &learn, in);
    ck_assert_msg(!wg_model_save(judge.tape, file_of(c, ""), why, sizeof why), "%s", why);
    wg_tape_free(learn.tape);
    wg_tape_free(judge.tape);
    wg_params_free(store);
}

/* What the weights of `file` answer here against what `answer` says that they answer there. */
static void compare(const struct model_case *c, const wg_archive *in, const char *file, const char *answer)
{
    wg_params *store = wg_params_new();
    model m = declare(c, store, true);
    wg_plan *p = wg_plan_new(m.y);
    wg_archive theirs;
    wg_array y;
    ck_assert_msg(!wg_params_load(store, file_of(c, file)), "%s", wg_params_error(store));
    ck_assert_msg(!wg_safetensors_read(file_of(c, answer), &theirs, why, sizeof why), "%s", why);
    run(p, &m, in);
    ck_assert_int_eq(wg_read(p, m.y, &y), WG_OK);
    const wg_array *wanted = wg_archive_find(&theirs, "y");
    ck_assert(wanted && wanted->dtype == c->dtype && wg_shape_equal(wanted->shape, y.shape));
    double far = 0, relative = c->dtype == WG_F64 ? 1e-12 : 1.3e-6, absolute = c->dtype == WG_F64 ? 1e-12 : 1e-5; /* f32: assert_close's */
    for (int64_t i = 0; i < wg_shape_count(y.shape); i++) {
        double a = wg_array_at(&y, i), b = wg_array_at(wanted, i);
        far = fmax(far, fabs(a));
        ck_assert_msg(fabs(a - b) <= absolute + relative * fabs(b), "%s%s: y[%lld] is %.17g here, %.17g in PyTorch", c->name, file,
                      (long long)i, a, b);
    }
    ck_assert_double_gt(far, 0.01); /* they do not agree on nothing */
    wg_archive_free(&theirs);
    wg_tape_free(m.tape);
    wg_params_free(store);
}

/* ---- an array of each dtype --------------------------------------------------------------------------------------------------- */

static const struct {
    const char *name;
    wg_dtype dtype;
} dtypes[] = {{"F64", WG_F64}, {"F32", WG_F32}, {"F16", WG_F16}, {"BF16", WG_BF16},
              {"I64", WG_I64}, {"I32", WG_I32}, {"U8", WG_U8},   {"BOOL", WG_BOOL}};
enum { DTYPES = sizeof dtypes / sizeof *dtypes };

static void make_types(wg_archive *a)
{
    for (int d = 0; d < DTYPES; d++) {
        wg_array x;
        ck_assert_int_eq(wg_array_new(&x, dtypes[d].dtype, WG_SHAPE(3, 4)), WG_OK);
        for (int64_t i = 0; i < 12; i++) {
            double v = ((double)i - 5) / 3;
            wg_array_put(&x, i, dtypes[d].dtype == WG_U8 || dtypes[d].dtype == WG_BOOL ? fabs(v) : v);
        }
        ck_assert_int_eq(wg_archive_add(a, dtypes[d].name, &x), WG_OK);
    }
}

/* ---- both ways ---------------------------------------------------------------------------------------------------------------- */

static bool have_torch(void)
{
    const char *required = getenv("WG_REQUIRE_TORCH");
    bool have = system("/usr/bin/python3 -c 'import torch' >/dev/null 2>&1") == 0;
    ck_assert_msg(have || !required || strcmp(required, "1") != 0, "WG_REQUIRE_TORCH=1, and there is no PyTorch");
    if (!have) puts("test_torch: /usr/bin/python3 has no PyTorch (Debian: python3-torch): passed over");
    return have;
}

START_TEST(weights_go_to_torch_and_come_back)
{
    char command[1024], *source = getenv("WG_SOURCE");
    wg_archive in[CASES] = {{0}}, types = {0}, back;
    if (!have_torch()) return;
    int n = snprintf(command, sizeof command, "/usr/bin/python3 -W ignore %s/tests/exchange %s types", source ? source : ".", folder);
    for (int i = 0; i < CASES; i++) {
        make_inputs(&cases[i], &in[i]);
        save_ours(&cases[i], &in[i]);
        n += snprintf(command + n, sizeof command - (size_t)n, " %s", cases[i].name);
    }
    make_types(&types);
    ck_assert_int_eq(wg_safetensors_write(at("types.safetensors"), &types, why, sizeof why), WG_OK);
    ck_assert_int_eq(system(command), 0);
    for (int i = 0; i < CASES; i++) {
        compare(&cases[i], &in[i], ".safetensors", ".out.safetensors");
        compare(&cases[i], &in[i], ".back.safetensors", ".back.out.safetensors");
        wg_archive_free(&in[i]);
    }
    ck_assert_msg(!wg_safetensors_map(at("types.back.safetensors"), &back, why, sizeof why), "%s", why);
    for (int d = 0; d < DTYPES; d++)
        ck_assert_msg(same_bits(*wg_archive_find(&types, dtypes[d].name), *wg_archive_find(&back, dtypes[d].name)), "%s", dtypes[d].name);
    wg_archive_free(&back);
    wg_archive_free(&types);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {weights_go_to_torch_and_come_back};
    return run_all("torch", tests, 1, make_folder, remove_folder);
}

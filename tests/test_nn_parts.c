/* test_nn_parts.c -- what golden numbers of layers do not say: the first values of their parameters, where they drop out, and
 * attention that drops out or has two masks against attention without. */
#define _XOPEN_SOURCE 700
#include "nn_tests.h"

#include <math.h>

/* ---- first values ------------------------------------------------------------------------------------------------------------ */

static wg_tensor input(const char *name, wg_shape shape) { return wg_input(tape, name, WG_F32, shape); }

/* Uniform in +-bound: all of it, and nothing beyond; 0: zeros. */
static void within(const char *name, double bound)
{
    wg_array a = stored(tape, name);
    double least = (double)INFINITY, most = -(double)INFINITY, square = 0;
    int64_t n = wg_shape_count(a.shape);
    for (int64_t i = 0; i < n; i++) {
        double v = wg_array_at(&a, i);
        least = fmin(least, v), most = fmax(most, v), square += v * v / (double)n;
    }
    ck_assert_msg(most <= bound * (1 + 1e-6) && least >= -bound * (1 + 1e-6), "%s: %g..%g, the bound is %g", name, least, most, bound);
    if (n < 64 || bound <= 0) return;
    ck_assert_msg(most > 0.9 * bound && least < -0.9 * bound, "%s: %g..%g, the bound is %g", name, least, most, bound);
    ck_assert_msg(fabs(sqrt(3 * square) / bound - 1) < 0.25, "%s: its deviation is %g", name, sqrt(square)); /* a uniform one's */
}

/* torch.nn's reset_parameters of each. */
START_TEST(parameters_begin_as_pytorchs)
{
    wg_nn_linear(input("a", WG_SHAPE(2, 25)), 90);
    within("linear.weight", 0.2);
    within("linear.bias", 0.2);
    wg_nn_bilinear(input("b", WG_SHAPE(2, 16)), input("c", WG_SHAPE(2, 4)), 80);
    within("bilinear.weight", 0.25);
    within("bilinear.bias", 0.25);
    wg_nn_conv1d(input("d", WG_SHAPE(1, 8, 9)), 80, WG_INTS(2), .groups = 2);
    within("conv1d.weight", 1 / sqrt(8));
    within("conv1d.bias", 1 / sqrt(8));
    wg_nn_conv2d(input("e", WG_SHAPE(1, 4, 9, 9)), 80, WG_INTS(3, 2));
    within("conv2d.weight", 1 / sqrt(24));
    within("conv2d.bias", 1 / sqrt(24));
    wg_nn_conv3d(input("f", WG_SHAPE(1, 2, 4, 4, 4)), 64, WG_INTS(2));
    within("conv3d.weight", 0.25);
    wg_nn_conv_transpose2d(input("g", WG_SHAPE(1, 8, 5, 5)), 80, WG_INTS(2)); /* PyTorch counts the outputs there */
    within("conv_transpose2d.weight", 1 / sqrt(320));
    within("conv_transpose2d.bias", 1 / sqrt(320));
    wg_nn_conv_transpose3d(input("h", WG_SHAPE(1, 4, 3, 3, 3)), 16, WG_INTS(1, 2, 2));
    within("conv_transpose3d.weight", 0.125);
    wg_nn_gru(input("i", WG_SHAPE(1, 3, 30)), WG_NONE, NULL, 16);
    within("gru.weight_ih_l0", 0.25);
    within("gru.weight_hh_l0", 0.25);
    within("gru.bias_hh_l0", 0.25);
    wg_nn_attention(input("j", WG_SHAPE(1, 3, 20)), 2);
    within("attention.in_proj_weight", sqrt(6.0 / 80));
    within("attention.in_proj_bias", 0);
    within("attention.out_proj.weight", 1 / sqrt(20));
    within("attention.out_proj.bias", 0);
    wg_nn_encoder_layer(input("k", WG_SHAPE(1, 3, 12)), 2);
    wg_array ff = stored(tape, "encoder_layer.linear1.weight"), sd;
    ck_assert(wg_shape_equal(ff.shape, WG_SHAPE(48, 12))); /* four times the features */
    wg_array ids = WG_ARRAY(int64_t, WG_SHAPE(1), 0);
    wg_nn_embedding(wg_const(tape, &ids), 40, 50);
    sd = stored(tape, "embedding.weight");
    double square = 0;
    for (int i = 0; i < 2000; i++) square += pow(wg_array_at(&sd, i), 2) / 2000;
    ck_assert_double_eq_tol(square, 1, 0.1);
    ck_assert_msg(!wg_error(tape), "%s", wg_error(tape));
}
END_TEST

START_TEST(norms_add_their_eps)
{
    wg_array x = WG_ARRAY(double, WG_SHAPE(1, 2), 1e-3, -1e-3), got;
    wg_tensor y[] = {wg_nn_layer_norm(wg_const(tape, &x)), wg_nn_rms_norm(wg_const(tape, &x)),
                     wg_nn_rms_norm(wg_const(tape, &x), .eps = 1, .name = "own")};
    const double eps[] = {1e-5, 1e-6, 1};
    for (int i = 0; i < 3; i++) {
        wg_plan *p = wg_plan_new(y[i]);
        run_ok(p);
        ck_assert_int_eq(wg_read(p, y[i], &got), WG_OK);
        ck_assert_double_eq_tol(wg_array_at(&got, 0), 1e-3 / sqrt(1e-6 + eps[i]), 1e-12);
    }
}
END_TEST

/* The table of a store that was loaded stays as it is, also its row of padding. */
START_TEST(a_row_of_padding_that_is_there_stays)
{
    wg_array table = WG_ARRAY(float, WG_SHAPE(2, 2), 1, 2, 3, 4), ids = WG_ARRAY(int64_t, WG_SHAPE(1), 0), fresh;
    ck_assert_int_eq(wg_params_set(wg_tape_params(tape), "loaded.weight", &table, WG_TRAINABLE), WG_OK);
    wg_nn_embedding(wg_const(tape, &ids), 2, 2, .padding_idx = 1, .name = "loaded");
    ck_assert(same_bits(stored(tape, "loaded.weight"), table));
    wg_nn_embedding(wg_const(tape, &ids), 2, 2, .padding_idx = 1, .name = "fresh");
    fresh = stored(tape, "fresh.weight");
    ck_assert(wg_array_at(&fresh, 0) != 0 && wg_array_at(&fresh, 2) == 0 && wg_array_at(&fresh, 3) == 0);
}
END_TEST

/* ---- where they drop out -------------------------------------------------------------------------------------------------------- */

static int draws(void)
{
    int n = 0;
    for (size_t i = 0; i < wg_tape_size(tape); i++) n += strcmp(wg_op_name(wg_tape_node(tape, i)), "random") == 0;
    return n;
}

/* As torch.nn: between the layers of a recurrent net; behind each part of a transformer's, inside its linear layers and on the
 * weights of its attentions. */
START_TEST(dropout_is_where_pytorch_has_it)
{
    wg_tensor x = input("x", WG_SHAPE(2, 3, 4));
    int before = 0;
#define DRAWS(call, more)                                                                                                                  \
    ck_assert(wg_ok(call));                                                                                                                \
    ck_assert_int_eq(draws(), before += more)
    DRAWS(wg_nn_gru(x, WG_NONE, NULL, 4, .dropout = 0.5, .name = "one"), 0);
    DRAWS(wg_nn_gru(x, WG_NONE, NULL, 4, .layers = 3, .dropout = 0.5, .name = "three"), 2);
    DRAWS(wg_nn_attention(x, 2, .dropout = 0.5, .name = "attention"), 1);
    DRAWS(wg_nn_encoder_layer(x, 2, .dropout = 0.5, .name = "encoder"), 4);
    DRAWS(wg_nn_decoder_layer(x, x, 2, .dropout = 0.5, .name = "decoder"), 6);
    DRAWS(wg_nn_encoder_layer(x, 2, .name = "none"), 0);
#undef DRAWS
}
END_TEST

/* ---- truncated backpropagation ------------------------------------------------------------------------------------------------- */

/* A text in pieces of three steps, the state read and fed again: the results of the whole, and gradients that stop at the piece. */
START_TEST(a_state_is_carried_over)
{
    enum { PIECE = 3, PIECES = 3, IN = 2, HIDDEN = 4, LONG = PIECE * PIECES };
    wg_params *store = wg_params_new();
    wg_tape *all = wg_tape_new(.params = store, .seed = 1), *part = wg_tape_new(.params = store, .seed = 1);
    wg_tensor x = wg_input(all, "x", WG_F64, WG_SHAPE(1, LONG, IN)), y = wg_nn_lstm(x, WG_NONE, WG_NONE, NULL, NULL, HIDDEN);
    wg_tensor px = wg_input(part, "x", WG_F64, WG_SHAPE(1, PIECE, IN)), h0 = wg_input(part, "h", WG_F64, WG_SHAPE(1, HIDDEN));
    wg_tensor c0 = wg_input(part, "c", WG_F64, WG_SHAPE(1, HIDDEN)), h, c, py = wg_nn_lstm(px, h0, c0, &h, &c, HIDDEN);
    wg_tensor g = wg_grad(wg_sum(py), px);
    wg_plan *whole = wg_plan_new(y), *piece = wg_plan_new(py, h, c, g);
    double v[LONG * IN], wanted[LONG * HIDDEN], state[2][HIDDEN] = {{0}};
    wg_array got;
    for (int i = 0; i < LONG * IN; i++) v[i] = sin(1.1 * i);
    ck_assert_msg(whole && piece, "%s", wg_error(whole ? part : all));
    ck_assert_int_eq(wg_feed(whole, x, wg_array_wrap(v, WG_F64, WG_SHAPE(1, LONG, IN))), WG_OK);
    run_ok(whole);
    ck_assert_int_eq(wg_read(whole, y, &got), WG_OK);
    memcpy(wanted, got.data, sizeof wanted);
    for (int k = 0; k < PIECES; k++) {
        ck_assert(!wg_feed(piece, px, wg_array_wrap(v + (ptrdiff_t)k * PIECE * IN, WG_F64, WG_SHAPE(1, PIECE, IN))));
        ck_assert(!wg_feed(piece, h0, wg_array_wrap(state[0], WG_F64, WG_SHAPE(1, HIDDEN))));
        ck_assert(!wg_feed(piece, c0, wg_array_wrap(state[1], WG_F64, WG_SHAPE(1, HIDDEN))));
        run_ok(piece);
        ck_assert_int_eq(wg_read(piece, py, &got), WG_OK);
        for (int i = 0; i < PIECE * HIDDEN; i++) ck_assert_double_eq_tol(wg_array_at(&got, i), wanted[k * PIECE * HIDDEN + i], 1e-14);
        ck_assert_int_eq(wg_read(piece, g, &got), WG_OK);
        ck_assert_double_ne(wg_array_at(&got, 0), 0);
        for (int s = 0; s < 2; s++) {
            ck_assert_int_eq(wg_read(piece, s ? c : h, &got), WG_OK);
            memcpy(state[s], got.data, sizeof state[s]);
        }
    }
    wg_tape_free(all);
    wg_tape_free(part);
    wg_params_free(store);
}
END_TEST

/* ---- masks ----------------------------------------------------------------------------------------------------------------------- */

enum { TIME = 4, FEATURES = 6, HEADS = 2 };

/* As the layer with these options answers. */
static void answer(wg_tensor x, const wg_nn_attention_options *o, double out[TIME * FEATURES])
{
    float v[TIME * FEATURES];
    wg_array got;
    wg_tensor y = wg_nn_attention_create(x, o);
    wg_plan *p = wg_plan_new(y);
    for (int i = 0; i < TIME * FEATURES; i++) v[i] = (float)sin(0.7 * i);
    ck_assert_msg(p && !wg_feed(p, x, wg_array_wrap(v, WG_F32, WG_SHAPE(1, TIME, FEATURES))), "%s", wg_error(tape));
    run_ok(p);
    ck_assert_int_eq(wg_read(p, y, &got), WG_OK);
    for (int i = 0; i < TIME * FEATURES; i++) out[i] = wg_array_at(&got, i);
}

/* A mask of both: what each forbids is forbidden. */
static void both_masks(const bool *looks, const float *added, bool seen[TIME * TIME], float sum[TIME * TIME])
{
    for (int q = 0; q < TIME; q++)
        for (int k = 0; k < TIME; k++) {
            seen[q * TIME + k] = looks[q * TIME + k] && k <= q;
            sum[q * TIME + k] = k <= q ? added[q * TIME + k] : -INFINITY;
        }
}

/* A share of 1e-300 is dropped, so nothing, but it goes the way of those that are; with a causal mask and another one. */
START_TEST(attention_that_drops_nothing_is_attention)
{
    static const bool looks[TIME * TIME] = {1, 0, 1, 1, 1, 1, 0, 1, 0, 1, 1, 1, 1, 1, 0, 1};
    float added[TIME * TIME], sum[TIME * TIME];
    bool seen[TIME * TIME];
    double plain[TIME * FEATURES], other[TIME * FEATURES];
    for (int i = 0; i < TIME * TIME; i++) added[i] = (float)cos(1.3 * i);
    both_masks(looks, added, seen, sum);
    wg_array a[] = {wg_array_wrap(looks, WG_BOOL, WG_SHAPE(TIME, TIME)), wg_array_wrap(added, WG_F32, WG_SHAPE(TIME, TIME)),
                    wg_array_wrap(seen, WG_BOOL, WG_SHAPE(TIME, TIME)), wg_array_wrap(sum, WG_F32, WG_SHAPE(TIME, TIME))};
    wg_tensor x = input("x", WG_SHAPE(1, WG_ANY, FEATURES)), mask[5] = {WG_NONE};
    for (int i = 0; i < 4; i++) mask[1 + i] = wg_const(tape, &a[i]);
    const struct {
        wg_tensor mask;
        bool causal;
        wg_tensor same; /* the mask alone that forbids as much */
    } kinds[] = {{mask[0], false, mask[0]},
                 {mask[1], false, mask[1]},
                 {mask[2], false, mask[2]},
                 {mask[1], true, mask[3]},
                 {mask[2], true, mask[4]}};
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        answer(x, &(wg_nn_attention_options){.heads = HEADS, .mask = kinds[i].same, .name = "a", .shared = i > 0}, plain);
        answer(x,
               &(wg_nn_attention_options){
                   .heads = HEADS, .mask = kinds[i].mask, .causal = kinds[i].causal, .dropout = 1e-300, .name = "a", .shared = true},
               other);
        for (int k = 0; k < TIME * FEATURES; k++)
            ck_assert_msg(fabs(plain[k] - other[k]) <= 1e-6, "kind %zu: [%d] is %.9g, not %.9g", i, k, other[k], plain[k]);
    }
}
END_TEST

/* A key of the memory that no query may look at has no say. */
START_TEST(memory_can_be_masked)
{
    static const bool looks[3] = {1, 1, 0};
    wg_array m = wg_array_wrap(looks, WG_BOOL, WG_SHAPE(1, 3)), got[2];
    wg_tensor x = input("x", WG_SHAPE(1, 2, 4)), memory = input("memory", WG_SHAPE(1, 3, 4));
    wg_tensor y = wg_nn_decoder_layer(x, memory, 2, .memory_mask = wg_const(tape, &m));
    wg_plan *p = wg_plan_new(y);
    float v[8], w[12];
    for (int i = 0; i < 8; i++) v[i] = (float)sin(i);
    for (int i = 0; i < 12; i++) w[i] = (float)cos(i);
    for (int i = 0; i < 2; i++) {
        for (int k = 8; k < 12; k++) w[k] += (float)i; /* of the third key */
        ck_assert(!wg_feed(p, x, wg_array_wrap(v, WG_F32, WG_SHAPE(1, 2, 4))) &&
                  !wg_feed(p, memory, wg_array_wrap(w, WG_F32, WG_SHAPE(1, 3, 4))));
        run_ok(p);
        wg_array now;
        ck_assert(!wg_read(p, y, &now) && !wg_array_new(&got[i], WG_F32, now.shape));
        memcpy(got[i].data, now.data, sizeof v);
    }
    ck_assert(same_bits(got[0], got[1]));
    for (int i = 0; i < 2; i++) wg_array_free(&got[i]);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {parameters_begin_as_pytorchs,
                                  norms_add_their_eps,
                                  a_row_of_padding_that_is_there_stays,
                                  dropout_is_where_pytorch_has_it,
                                  a_state_is_carried_over,
                                  attention_that_drops_nothing_is_attention,
                                  memory_can_be_masked};
    return run_all("nn_parts", tests, sizeof tests / sizeof *tests, set_up, tear_down);
}

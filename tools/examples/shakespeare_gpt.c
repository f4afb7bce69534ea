/* shakespeare_gpt.c -- writes like Shakespeare: a transformer over characters (four layers, four heads, 128 wide, 64
 * characters back), after Radford et al. 2018 and Karpathy's nanoGPT.
 *
 * usage: shakespeare_gpt [--epochs N] [--data DIR] [--out DIR] [--resume]
 *
 * DIR/input.txt is the text; its last tenth is not learned from. The line before the text it writes is the mean loss, in nats a
 * character, over all of that tenth, in windows that do not overlap. Leaves graph.svg, curve.csv, loss.svg, model.tape and
 * model.safetensors in the out folder. Exit status: 0; 1 on an error; 77 when the text is not there. */
#include "example.h"

enum { LAYERS = 4, HEADS = 4, WIDTH = 128, BLOCK = 64, BATCH = 32, BATCHES = 500, WRITTEN = 500 };
static const double dropout = 0.1;

typedef struct model {
    wg_tape *tape;
    wg_tensor in[2], share, loss; /* in: characters [batch, time], those that follow; share: the next one's probabilities */
} model;

static wg_tensor block(wg_tensor x, int i)
{
    char name[16];
    snprintf(name, sizeof name, "h.%d", i);
    return wg_nn_encoder_layer(x, HEADS, .act = wg_gelu, .norm_first = true, .causal = true, .dropout = dropout, .name = name);
}

static model declare(wg_params *params, int64_t characters, bool eval)
{
    model m = {.tape = wg_tape_new(.seed = 1, .params = params, .eval = eval)};
    wg_init small = {"normal", 0, 0.02};
    m.in[0] = wg_input_range(m.tape, "id", WG_I32, WG_SHAPE(WG_ANY, WG_ANY), 0, (double)characters);
    m.in[1] = wg_input_range(m.tape, "next", WG_I32, WG_SHAPE(WG_ANY, WG_ANY), 0, (double)characters);
    wg_tensor x = wg_nn_embedding(m.in[0], characters, WIDTH, .name = "wte", .init = small);
    x = wg_dropout(wg_nn_learned_position(x, BLOCK, .name = "wpe", .init = small), .p = dropout);
    for (int i = 0; i < LAYERS; i++) x = block(x, i);
    x = wg_nn_linear(wg_nn_layer_norm(x, .name = "ln_f"), characters, .no_bias = true, .name = "head");
    m.share = wg_name(wg_softmax(wg_slice(x, 1, .start = -1)), "share");
    m.loss = wg_name(wg_cross_entropy(wg_reshape(x, WG_SHAPE(-1, characters)), wg_reshape(m.in[1], WG_SHAPE(-1))), "loss");
    wg_return(m.tape, WG_LIST(m.share, m.loss));
    return m;
}

/* ---- windows of the text ---------------------------------------------------------------------------------------------------- */

static void window(const int32_t *text, int64_t at, int64_t row, wg_array *batch)
{
    for (int64_t t = 0; t < BLOCK; t++) {
        ((int32_t *)batch[0].data)[row * BLOCK + t] = text[at + t];
        ((int32_t *)batch[1].data)[row * BLOCK + t] = text[at + t + 1];
    }
}

/* Fills a batch with windows from anywhere in the text. */
static wg_status anywhere(wg_array *batch, int n, wg_rng *r, void *text)
{
    (void)n;
    const wg_array *ids = text;
    for (int64_t i = 0; i < batch[0].shape.dim[0]; i++) window(ids->data, wg_rng_integer(r, ids->shape.dim[0] - BLOCK), i, batch);
    return WG_OK;
}

static bool make_room(wg_array room[2], int64_t windows)
{
    return !wg_array_new(&room[0], WG_I32, WG_SHAPE(windows, BLOCK)) && !wg_array_new(&room[1], WG_I32, WG_SHAPE(windows, BLOCK));
}

/* All of the text, window after window. */
static wg_loader *whole(const wg_array *text, wg_array room[2])
{
    int64_t windows = (text->shape.dim[0] - 1) / BLOCK;
    if (!make_room(room, windows)) return NULL;
    for (int64_t i = 0; i < windows; i++) window(text->data, i * BLOCK, i, room);
    return wg_loader_new(room, .n = 2, .batch = 64);
}

/* ---- learning, writing --------------------------------------------------------------------------------------------------------- */

static double rate(int64_t step, int64_t steps, void *user)
{
    (void)user;
    enum { WARM = 200 };
    return step < WARM ? 2e-3 * (double)(step + 1) / WARM : wg_cosine(2e-3, 1e-4, step - WARM, steps - WARM);
}

static double train(example *e, model m, model v, wg_loader *train, wg_loader *test)
{
    wg_plan *step = wg_minimize(m.loss, wg_adamw(.lr = 2e-3, .beta2 = 0.99, .weight_decay = 0.1), .clip_norm = 1);
    wg_fit_options o = {.step = step, .loss = m.loss, .inputs = {m.in, 2}, .train = train, .rate = rate};
    return example_fit(e, o) ? example_score(e, wg_plan_new(v.loss), (wg_tensors){v.in, 2}, test, v.loss) : (double)NAN;
}

static int64_t draw(const wg_array *share, wg_rng *r)
{
    int64_t k = 0, last = wg_shape_count(share->shape) - 1;
    for (double u = wg_rng_uniform(r); k < last && (u -= wg_array_at(share, k)) > 0;) k++;
    return k;
}

static bool write_text(const example *e, model v, const wg_chars *c)
{
    int32_t id[WRITTEN + 1] = {0}; /* it begins after the first character, a new line */
    wg_plan *p = wg_plan_new(v.share);
    wg_rng *r = wg_rng_new(1);
    bool good = p && r;
    for (int i = 0; good && i < WRITTEN; i++) {
        int first = i + 1 > BLOCK ? i + 1 - BLOCK : 0;
        char one[5];
        wg_array share;
        good = !wg_feed(p, v.in[0], wg_array_wrap(id + first, WG_I32, WG_SHAPE(1, i + 1 - first))) && !wg_run(p) &&
               !wg_read(p, v.share, &share);
        if (good) id[i + 1] = (int32_t)draw(&share, r);
        if (good) fputs(wg_chars_decode(c, id[i + 1], one), stdout);
    }
    putchar('\n');
    if (!good) example_fail(e, "%s", p ? wg_plan_error(p) : wg_error(v.tape));
    wg_rng_free(r);
    return good;
}

static int work(example *e, const wg_chars *c)
{
    int64_t n = c->ids.shape.dim[0], kept = n / 10;
    wg_array learned = wg_rows(&c->ids, 0, n - kept), rest = wg_rows(&c->ids, n - kept, n), room[4] = {{0}};
    wg_loader *learn = NULL, *valid = kept > BLOCK ? whole(&rest, room + 2) : NULL;
    if (make_room(room, (int64_t)BATCH * BATCHES))
        learn = wg_loader_new(room, .n = 2, .batch = BATCH, .seed = 1, .change = anywhere, .user = &learned, .ahead = true);
    wg_params *params = wg_params_new();
    model m = declare(params, c->count, false), v = declare(params, c->count, true);
    double loss = (double)NAN;
    if (learn && valid && example_draw(e, v.tape)) loss = train(e, m, v, learn, valid);
    bool good = loss >= 0 && example_save(e, v.tape) && example_result(e, "validation loss %.4f nats a character", loss);
    good = good && write_text(e, v, c);
    wg_loader_free(learn);
    wg_loader_free(valid);
    wg_tape_free(m.tape);
    wg_tape_free(v.tape);
    wg_params_free(params);
    for (int i = 0; i < 4; i++) wg_array_free(&room[i]);
    return good ? 0 : 1;
}

int main(int argc, char **argv)
{
    example e = {.name = "shakespeare_gpt", .epochs = 30, .data = "tinyshakespeare"};
    wg_chars c;
    char why[512];
    int status = example_begin(&e, argc, argv);
    if (status) return status;
    wg_status s = wg_chars_read(example_out(e.data, "input.txt"), &c, why, sizeof why);
    if (s == WG_EIO) return example_lacks(&e, example_out(e.data, "input.txt"), "Name the folder that has the text: --data DIR");
    status = s ? example_fail(&e, "%s", why) : work(&e, &c);
    wg_chars_free(&c);
    return status;
}

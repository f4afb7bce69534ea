/* cats_dogs.c -- a cat or a dog? Colour pictures of 32 x 32 in folders (train/cat, train/dog, test/cat, test/dog), a
 * convolutional network with batch norm, pictures mirrored and moved while it learns.
 *
 * usage: cats_dogs [--epochs N] [--data DIR] [--out DIR] [--resume]       to learn
 *        cats_dogs [--out DIR] PICTURE                                    to ask, by the weights in the out folder
 *
 * A tenth of the training pictures is kept apart to choose the best weights; the last line is the accuracy of those on the
 * test pictures, which nothing was chosen by. Leaves graph.svg, curve.csv, loss.svg, model.tape and model.safetensors in the out
 * folder. Exit status: 0; 1 on an error; 77 when the pictures are not there. */
#include "example.h"

enum { SIZE = 32, BATCH = 64 };
static const char *const animals[2] = {"cat", "dog"};

typedef struct model {
    wg_tape *tape;
    wg_tensor in[2], loss, accuracy; /* in: pictures, labels */
} model;

static wg_tensor block(wg_tensor x, int64_t channels, const char *name)
{
    wg_scope_push(wg_tape_of(x), "%s", name);
    x = wg_seq(x, WG_CONV2D(channels, WG_INTS(3), .padding = WG_INTS(1), .no_bias = true), WG_BATCH_NORM(), WG_OP(wg_relu),
               WG_CONV2D(channels, WG_INTS(3), .padding = WG_INTS(1), .no_bias = true), WG_BATCH_NORM(), WG_OP(wg_relu));
    wg_scope_pop(wg_tape_of(x));
    return wg_max_pool2d(x, WG_INTS(2));
}

/* Training and evaluation from one function: batch norm and dropout ask the tape which it is. Pictures of any size are brought to
   32 x 32 by means over boxes, which changes none that has it. */
static model declare(wg_params *params, bool eval)
{
    model m = {.tape = wg_tape_new(.seed = 1, .params = params, .eval = eval)};
    m.in[0] = wg_input(m.tape, "image", WG_U8, eval ? WG_SHAPE(WG_ANY, WG_ANY, WG_ANY, 3) : WG_SHAPE(WG_ANY, SIZE, SIZE, 3));
    m.in[1] = wg_input_range(m.tape, "label", WG_I64, WG_SHAPE(WG_ANY), 0, 2);
    wg_tensor x = wg_transpose(wg_cast(m.in[0], WG_F32), .axes = WG_INTS(0, 3, 1, 2));
    if (eval) x = wg_adaptive_avg_pool2d(x, WG_INTS(SIZE, SIZE));
    x = wg_sub(wg_div(x, wg_num(127.5)), wg_num(1));
    x = block(block(block(x, 32, "block1"), 64, "block2"), 128, "block3");
    x = wg_mean(x, .axes = WG_INTS(2, 3));
    wg_tensor logits = wg_nn_linear(wg_dropout(x, .p = 0.3), 2, .name = "head");
    wg_tensor share = wg_name(wg_softmax(logits), "share"); /* the probability of each animal */
    m.loss = wg_name(wg_cross_entropy(logits, m.in[1], .label_smoothing = eval ? 0 : 0.05), "loss");
    m.accuracy = wg_name(wg_mean(wg_eq(wg_argmax(logits, .axis = 1), m.in[1])), "accuracy");
    wg_return(m.tape, WG_LIST(share, m.loss, m.accuracy));
    return m;
}

/* ---- learning ------------------------------------------------------------------------------------------------------------ */

static wg_status changed(wg_array *batch, int n, wg_rng *r, void *user)
{
    (void)n, (void)user;
    wg_status s = wg_augment_flip(&batch[0], r, 0.5);
    return s ? s : wg_augment_crop(&batch[0], r, 4);
}

static double rate(int64_t step, int64_t steps, void *user)
{
    (void)user;
    int64_t warm = steps / 20;
    return step < warm ? 3e-3 * (double)(step + 1) / (double)warm : wg_cosine(3e-3, 1e-5, step - warm, steps - warm);
}

/* The accuracy on the test pictures of the weights that were best on `valid`, or NaN. */
static double train(example *e, model m, model v, wg_loader *train, wg_loader *valid, wg_loader *test)
{
    wg_plan *step = wg_minimize(m.loss, wg_adamw(.lr = 3e-3, .weight_decay = 0.05)), *score = wg_plan_new(v.accuracy);
    wg_fit_options o = {.step = step, .loss = m.loss, .inputs = {m.in, 2}, .train = train, .rate = rate};
    o.score = score;
    o.scores = WG_LIST(v.accuracy);
    o.score_inputs = (wg_tensors){v.in, 2};
    o.valid = valid;
    o.larger = true;
    return score && example_fit(e, o) ? example_score(e, score, o.score_inputs, test, v.accuracy) : (double)NAN;
}

static int learn(example *e, const wg_pictures *pictures, const wg_pictures *exam)
{
    const wg_array *whole[2] = {&pictures->images, &pictures->labels}, last[2] = {exam->images, exam->labels};
    wg_array rows[2], part[4] = {{0}};
    wg_split(pictures->n, 0.1, 1, &rows[1], &rows[0]);
    for (int i = 0; i < 4; i++) wg_rows_of(whole[i % 2], &rows[i / 2], &part[i]); /* to train on, to choose by */
    wg_loader *train_on = wg_loader_new(part, .n = 2, .batch = BATCH, .shuffle = true, .seed = 1, .ahead = true, .change = changed);
    wg_loader *choose = wg_loader_new(part + 2, .n = 2, .batch = 250), *test = wg_loader_new(last, .n = 2, .batch = 250);
    wg_params *params = wg_params_new();
    model m = declare(params, false), v = declare(params, true);
    double accuracy = (double)NAN;
    if (train_on && choose && test && example_draw(e, v.tape)) accuracy = train(e, m, v, train_on, choose, test);
    bool saved = accuracy >= 0 && example_save(e, v.tape) && example_result(e, "test accuracy %.4f", accuracy);
    wg_loader_free(train_on);
    wg_loader_free(choose);
    wg_loader_free(test);
    wg_tape_free(m.tape);
    wg_tape_free(v.tape);
    wg_params_free(params);
    for (int i = 0; i < 4; i++) wg_array_free(&part[i]);
    for (int i = 0; i < 2; i++) wg_array_free(&rows[i]);
    return saved ? 0 : 1;
}

/* ---- asking ------------------------------------------------------------------------------------------------------------------ */

/* The model is what learning left: its inputs and its answer by their names. */
static int ask(const example *e)
{
    char why[1024];
    wg_array picture, share;
    wg_tape *t;
    if (wg_image_read(e->argument, &picture, why, sizeof why)) return example_fail(e, "%s", why);
    bool colour = picture.shape.rank == 3 && picture.shape.dim[2] == 3;
    wg_array one = wg_array_wrap(picture.data, WG_U8, WG_SHAPE(1, picture.shape.dim[0], picture.shape.dim[1], 3));
    int status = 1;
    if (!colour) example_fail(e, "%s: a picture in colours is wanted", e->argument);
    else if (wg_model_load(&t, example_out(e->out, "model"), NULL, why, sizeof why))
        example_fail(e, "%s\nLearn first: cats_dogs --out %s", why, e->out);
    else {
        wg_tensor y = wg_find(t, "share");
        wg_plan *p = wg_plan_new(y);
        if (!p || wg_feed(p, wg_find(t, "image"), one) || wg_run(p) || wg_read(p, y, &share)) {
            example_fail(e, "%s", p ? wg_plan_error(p) : wg_error(t));
        } else {
            int animal = wg_array_at(&share, 1) > wg_array_at(&share, 0);
            printf("%s: a %s, %.0f %% sure\n", e->argument, animals[animal], 100 * wg_array_at(&share, animal));
            status = 0;
        }
        wg_tape_free(t);
    }
    wg_array_free(&picture);
    return status;
}

int main(int argc, char **argv)
{
    example e = {.name = "cats_dogs", .epochs = 40, .data = "cats-dogs"};
    wg_pictures pictures = {.n = 0}, exam = {.n = 0};
    char why[512];
    int status = example_begin(&e, argc, argv);
    if (status) return status;
    if (e.argument) return ask(&e);
    wg_status s = wg_pictures_read(example_out(e.data, "train"), 3, &pictures, why, sizeof why);
    if (s == WG_EIO) return example_lacks(&e, example_out(e.data, "train"), "Name the folder that has train/ and test/: --data DIR");
    if (!s) s = wg_pictures_read(example_out(e.data, "test"), 3, &exam, why, sizeof why);
    status = s ? example_fail(&e, "%s", why) : learn(&e, &pictures, &exam);
    wg_pictures_free(&pictures);
    wg_pictures_free(&exam);
    return status;
}

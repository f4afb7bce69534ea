/* mnist_cnn.c -- reads digits: MNIST (LeCun, Cortes and Burges), 28 x 28 grey pictures of ten digits, with a small
 * convolutional network.
 *
 * usage: mnist_cnn [--epochs N] [--data DIR] [--out DIR] [--resume]
 *
 * DIR holds the four gzipped IDX files. 5,000 of the 60,000 pictures to train on are kept apart to choose the best weights; the
 * last line is the accuracy of those on the 10,000 test pictures, which nothing was chosen by. Leaves graph.svg, curve.csv, loss.svg,
 * model.tape and model.safetensors in the out folder. Exit status: 0; 1 on an error; 77 when the pictures are not there. */
#include "example.h"

enum { BATCH = 128, KEPT = 5000 };

typedef struct model {
    wg_tape *tape;
    wg_tensor in[2], loss, accuracy; /* in: pictures, labels */
} model;

static model declare(wg_params *params, bool eval)
{
    model m = {.tape = wg_tape_new(.seed = 1, .params = params, .eval = eval)};
    m.in[0] = wg_input(m.tape, "image", WG_U8, WG_SHAPE(WG_ANY, 28, 28));
    m.in[1] = wg_input_range(m.tape, "label", WG_U8, WG_SHAPE(WG_ANY), 0, 10);
    wg_tensor x = wg_div(wg_cast(wg_reshape(m.in[0], WG_SHAPE(WG_ANY, 1, 28, 28)), WG_F32), wg_num(255));
    x = wg_nn_conv2d(x, 32, WG_INTS(5), .padding = WG_INTS(2), .act = wg_relu, .name = "conv1");
    x = wg_max_pool2d(x, WG_INTS(2));
    x = wg_nn_conv2d(x, 64, WG_INTS(5), .padding = WG_INTS(2), .act = wg_relu, .name = "conv2");
    x = wg_max_pool2d(x, WG_INTS(2));
    x = wg_nn_linear(wg_flatten(x, .start = 1), 256, .act = wg_relu, .name = "fc1");
    x = wg_dropout(x, .p = 0.5);
    wg_tensor logits = wg_name(wg_nn_linear(x, 10, .name = "fc2"), "logits");
    m.loss = wg_name(wg_cross_entropy(logits, m.in[1]), "loss");
    m.accuracy = wg_name(wg_mean(wg_eq(wg_argmax(logits, .axis = 1), wg_cast(m.in[1], WG_I64))), "accuracy");
    wg_return(m.tape, WG_LIST(logits, m.loss, m.accuracy));
    return m;
}

/* Moves each digit by up to two pixels: more to learn from. */
static wg_status moved(wg_array *batch, int n, wg_rng *r, void *user)
{
    (void)n, (void)user;
    return wg_augment_crop(&batch[0], r, 2);
}

static double rate(int64_t step, int64_t steps, void *user)
{
    (void)user;
    return wg_cosine(1e-3, 1e-5, step, steps);
}

/* The accuracy on the test pictures of the weights that were best on `valid`, or NaN. */
static double train(example *e, model m, model v, wg_loader *train, wg_loader *valid, wg_loader *test)
{
    wg_plan *step = wg_minimize(m.loss, wg_adamw(.lr = 1e-3)), *score = wg_plan_new(v.accuracy);
    wg_fit_options o = {.step = step, .loss = m.loss, .inputs = {m.in, 2}, .train = train, .rate = rate};
    o.score = score;
    o.scores = WG_LIST(v.accuracy);
    o.score_inputs = (wg_tensors){v.in, 2};
    o.valid = valid;
    o.larger = true;
    return score && example_fit(e, o) ? example_score(e, score, o.score_inputs, test, v.accuracy) : (double)NAN;
}

int main(int argc, char **argv)
{
    example e = {.name = "mnist_cnn", .epochs = 10, .data = "mnist"};
    wg_array file[4] = {{0}}, rows[2], part[4] = {{0}};
    int status = example_begin(&e, argc, argv);
    if (!status) status = example_digits(&e, file, "Name the folder of the four files of MNIST: --data DIR");
    if (status) return status;
    wg_split(file[0].shape.dim[0], (double)KEPT / (double)file[0].shape.dim[0], 1, &rows[0], &rows[1]);
    for (int i = 0; i < 4; i++) wg_rows_of(&file[i % 2], &rows[i < 2], &part[i]); /* to train on, to choose by */
    wg_loader *learn = wg_loader_new(part, .n = 2, .batch = BATCH, .shuffle = true, .seed = 1, .ahead = true, .change = moved);
    wg_loader *choose = wg_loader_new(part + 2, .n = 2, .batch = 500), *test = wg_loader_new(file + 2, .n = 2, .batch = 500);
    wg_params *params = wg_params_new();
    model m = declare(params, false), v = declare(params, true);
    double accuracy = (double)NAN;
    if (learn && choose && test && example_draw(&e, v.tape)) accuracy = train(&e, m, v, learn, choose, test);
    if (!(accuracy >= 0 && example_save(&e, v.tape) && example_result(&e, "test accuracy %.4f", accuracy))) status = 1;
    wg_loader_free(learn);
    wg_loader_free(choose);
    wg_loader_free(test);
    wg_tape_free(m.tape);
    wg_tape_free(v.tape);
    wg_params_free(params);
    for (int i = 0; i < 4; i++) wg_array_free(&file[i]), wg_array_free(&part[i]);
    for (int i = 0; i < 2; i++) wg_array_free(&rows[i]);
    return status;
}

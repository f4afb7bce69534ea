/* digits.c -- build your own neural network: the fourth tutorial, from one neuron to a network that reads handwritten digits.
 *
 * Every number printed comes out of the tape. Parts 1 and 2 (arrays, the math) are in digits_lessons.c; here are Part 3, the eight
 * steps, Part 4, the cheat sheet, and Part 5, the exercises. Steps 1 to 7 compute in f64 as NumPy does, the training in f32.
 *
 * usage: digits [--set NAME[i,j]=VALUE]... [--data DIR] [--epochs N] [--out DIR] [--exercise N]
 *
 * Step 8 needs MNIST (LeCun, Cortes and Burges); without it the program says so and does the rest. It writes DIR/digits.png (the
 * first pictures), digits_loss.dat and .gp, and with gnuplot draws from them digits_loss.svg. */
#define _POSIX_C_SOURCE 200809L
#include "digits.h"

#include <unistd.h>
#include <wengert/image.h>

typedef struct asked {
    const char *data, *out; /* data NULL: the usual places */
    int64_t epochs, exercise;
} asked;

/* ---- Steps 1 to 3: a neuron, a neuron with three inputs, a layer ------------------------------------------------------------ */

static void single_neuron(tutorial *t)
{
    heading(t, "Step 1: Single Neuron");
    wg_tensor weight = given_number(t, "weight", 0.5);
    wg_tensor bias = given_number(t, "bias", 0);
    wg_tensor input_val = given_number(t, "input_val", 2);
    wg_tensor output = wg_add(wg_mul(input_val, weight), bias), activated = sigmoid(output);
    print_number(t, "input_val * weight + bias =", output);
    print_number_rounded(t, "sigmoid of it =", activated, 2);
    print_number(t, "Output:", activated);
}

static void multiple_inputs(tutorial *t)
{
    heading(t, "Step 2: Multiple Inputs, One Neuron");
    wg_tensor inputs = given(t, "inputs", &WG_ARRAY(double, WG_SHAPE(3), 1, 2, 3));
    wg_tensor weights = given(t, "weights", &WG_ARRAY(double, WG_SHAPE(3), 0.2, 0.8, -0.5));
    wg_tensor z = wg_add(wg_dot(inputs, weights), given_number(t, "neuron.bias", 0.1));
    print_number_rounded(t, "z =", z, 6);
    print_number_rounded(t, "sigmoid(z) =", sigmoid(z), 2);
}

/* A tenth of np.random.randn, under a name that --set knows. */
static wg_tensor small_random(tutorial *t, const char *name, wg_rng *random, wg_dtype dtype, wg_shape shape)
{
    return settle(t, name, wg_cast(wg_mul(randn(t, random, WG_F64, shape), wg_num(0.1)), dtype));
}

/* The biases have the shape (1, 4), and so has what they are added to: the tutorial's comment says (4,), which is wrong. */
static void full_layer(tutorial *t, wg_rng *random)
{
    heading(t, "Step 3: A Full Layer (Multiple Neurons)");
    wg_tensor inputs = given(t, "layer.inputs", &WG_ARRAY(double, WG_SHAPE(3), 1, 2, 3));
    wg_tensor weights = small_random(t, "layer.weights", random, WG_F64, WG_SHAPE(3, 4));
    wg_tensor biases = wg_zeros(t->tape, WG_SHAPE(1, 4), .dtype = WG_F64);
    wg_tensor output = sigmoid(wg_add(wg_matmul(inputs, weights), biases));
    print_array(t, "Layer output:", output);
    print_shape(t, "Its shape, which the tutorial's comment takes for (4,):", output);
}

/* ---- Step 4: two layers --------------------------------------------------------------------------------------------------------- */

enum { W1, B1, W2, B2, PARTS };
static const char *const part_name[] = {"W1", "b1", "W2", "b2"};

typedef struct network {
    wg_tensor part[PARTS];
} network;

typedef struct answer {
    wg_tensor hidden, output;
} answer;

static answer forward(network n, wg_tensor X)
{
    answer a;
    a.hidden = wg_sigmoid(wg_add(wg_matmul(X, n.part[W1]), n.part[B1]));
    a.output = wg_sigmoid(wg_add(wg_matmul(a.hidden, n.part[W2]), n.part[B2]));
    return a;
}

static network two_layers(tutorial *t, wg_rng *random, wg_dtype dtype, const char *const name[PARTS])
{
    network n;
    n.part[W1] = small_random(t, name[W1], random, dtype, WG_SHAPE(784, 64));
    n.part[B1] = settle(t, name[B1], wg_zeros(t->tape, WG_SHAPE(1, 64), .dtype = dtype));
    n.part[W2] = small_random(t, name[W2], random, dtype, WG_SHAPE(64, 10));
    n.part[B2] = settle(t, name[B2], wg_zeros(t->tape, WG_SHAPE(1, 10), .dtype = dtype));
    return n;
}

/* ---- Steps 5 to 7: error, backpropagation, update --------------------------------------------------------------------------- */

static void calculate_error(tutorial *t, wg_tensor target)
{
    heading(t, "Step 5: Calculate Error");
    wg_tensor guess = given(t, "guess", &WG_ARRAY(double, WG_SHAPE(10), 0, 0, 0, 0.2, 0, 0, 0, 0.6, 0, 0)); /* the comment's two numbers */
    wg_tensor error = wg_sub(guess, target);
    print_array(t, "target:", target);
    print_text(t, "output[3] = {}, so error[3] = {}", WG_LIST(element(guess, 3), element(error, 3)));
    print_text(t, "output[7] = {}, so error[7] = {}", WG_LIST(element(guess, 7), element(error, 7)));
}

/* What the tutorial calculates by its two formulas is the gradient of half the sum of the squared errors, which the tape derives by
 * itself. */
static network backpropagation(tutorial *t, network n, wg_tensor X, answer a, wg_tensor error)
{
    wg_tensor d_output = wg_mul(error, sigmoid_derivative(a.output));
    wg_tensor d_hidden = wg_mul(wg_matmul(d_output, wg_transpose(n.part[W2])), sigmoid_derivative(a.hidden));
    network slope = {{wg_matmul(wg_transpose(X), d_hidden), d_hidden, wg_matmul(wg_transpose(a.hidden), d_output), d_output}};
    print_array(t, "d_output:\n", d_output);

    wg_tensor loss = wg_mul(wg_num(0.5), wg_sum(wg_square(error))), derived[PARTS];
    wg_grads(loss, n.part, PARTS, derived);
    for (int i = 0; i < PARTS; i++) {
        char label[80];
        snprintf(label, sizeof label, "%s: the formula and the tape's gradient differ by at most", part_name[i]);
        print_number_rounded(t, label, wg_max(wg_abs(wg_sub(slope.part[i], derived[i]))), 12);
    }
    return slope;
}

static network update(network n, network slope, wg_tensor learning_rate)
{
    for (int i = 0; i < PARTS; i++) n.part[i] = wg_sub(n.part[i], wg_mul(learning_rate, slope.part[i]));
    return n;
}

static void one_image(tutorial *t, wg_rng *random)
{
    heading(t, "Step 4: Two Layers (Full Network!)");
    wg_tensor X = settle(t, "X", randn(t, random, WG_F64, WG_SHAPE(1, 784))); /* one fake image */
    network n = two_layers(t, random, WG_F64, part_name);
    answer a = forward(n, X);
    print_array(t, "Predicted digit:", wg_argmax(a.output));
    print_array(t, "Confidence:", a.output);

    wg_tensor target = element(wg_eye(t->tape, 10, .dtype = WG_F64), 3), error = wg_sub(a.output, target); /* the answer was "3" */
    calculate_error(t, target);
    print_array(t, "error:\n", error);
    heading(t, "Step 6: Backpropagation");
    network slope = backpropagation(t, n, X, a, error);
    heading(t, "Step 7: Update Weights");
    answer better = forward(update(n, slope, given_number(t, "learning_rate", 0.5)), X);
    print_array(t, "Confidence after one update:", better.output);
    print_number_rounded(t, "Half the squared errors, before:", wg_mul(wg_num(0.5), wg_sum(wg_square(error))), 6);
    print_number_rounded(t, "after:", wg_mul(wg_num(0.5), wg_sum(wg_square(wg_sub(better.output, target)))), 6);
}

/* ---- MNIST ------------------------------------------------------------------------------------------------------------------------ */

typedef struct mnist {
    wg_array train[2], test[2]; /* images u8 (n, 28, 28), labels u8 (n) */
} mnist;

static const char *const mnist_file[] = {"train-images-idx3-ubyte.gz", "train-labels-idx1-ubyte.gz", "t10k-images-idx3-ubyte.gz",
                                         "t10k-labels-idx1-ubyte.gz"};

/* The folder asked for; or the first usual one that has the pictures; or NULL, after saying how to name one. */
static const char *mnist_folder(const char *data)
{
    static const char *const usual[] = {"../shared/data/mnist", WG_SOURCE "/../shared/data/mnist"};
    char path[4096];
    if (data) return data;
    for (int i = 0; i < 2; i++) {
        snprintf(path, sizeof path, "%s/%s", usual[i], mnist_file[0]);
        if (access(path, R_OK) == 0) return usual[i];
    }
    puts("MNIST is not here: the training is passed over. --data DIR names the folder of its four files:");
    for (int i = 0; i < 4; i++) printf("    %s\n", mnist_file[i]);
    return NULL;
}

static void load(tutorial *t, mnist *d, const char *folder)
{
    for (int i = 0; i < 4 && tutorial_fine(t); i++) {
        char path[4096], why[512];
        snprintf(path, sizeof path, "%s/%s", folder, mnist_file[i]);
        if (wg_idx_read(path, i < 2 ? &d->train[i] : &d->test[i - 2], why, sizeof why)) tutorial_fail(t, "%s", why);
    }
}

static void free_mnist(mnist *d)
{
    for (int i = 0; i < 2; i++) wg_array_free(&d->train[i]), wg_array_free(&d->test[i]);
}

/* ---- Step 8: the training loop --------------------------------------------------------------------------------------------------- */

typedef struct training {
    wg_tensor image, label, loss, digit, confidence, accuracy;
    wg_plan *step, *test, *look;
} training;

/* A parameter with the value of `start`: what wg_minimize moves. */
static wg_tensor trained(tutorial *t, const char *name, wg_tensor start)
{
    wg_array value = value_of(t, start);
    wg_params *store = wg_tape_params(t->tape);
    if (value.data && wg_params_set(store, name, &value, WG_TRAINABLE)) tutorial_fail(t, "%s", wg_params_error(store));
    return tutorial_fine(t) ? wg_param(t->tape, name, value.shape, .dtype = value.dtype) : WG_NONE;
}

static network trained_network(tutorial *t, network start, const char *const name[PARTS])
{
    for (int i = 0; i < PARTS; i++) start.part[i] = trained(t, name[i], start.part[i]);
    return start;
}

/* Half the squared errors of an image, on average: its gradient is the tutorial's. The tutorial divides the weights' by 64 even where the
 * last batch has 32 images (and the biases' by 32); here it is always as many as there are. */
static wg_tensor half_squares(wg_tensor error) { return wg_mul(wg_num(0.5), wg_mean(wg_sum(wg_square(error), .axes = WG_INTS(1)))); }

static training declare(tutorial *t)
{
    static const char *const start[] = {"start.W1", "start.b1", "start.W2", "start.b2"}, *const name[] = {"mnist.W1", "mnist.b1",
                                                                                                          "mnist.W2", "mnist.b2"};
    training m = {0};
    wg_rng *random = wg_rng_new(42);
    if (!random) return tutorial_fail(t, "%s", wg_status_text(WG_ENOMEM)), m;
    network n = trained_network(t, two_layers(t, random, WG_F32, start), name);
    wg_rng_free(random);

    m.image = wg_input(t->tape, "image", WG_U8, WG_SHAPE(WG_DIM('B'), 28, 28));
    m.label = wg_input_range(t->tape, "label", WG_U8, WG_SHAPE(WG_DIM('B')), 0, 10);
    wg_tensor batch = wg_div(wg_cast(wg_reshape(m.image, WG_SHAPE(WG_ANY, 784)), WG_F32), wg_num(255));
    wg_tensor output = forward(n, batch).output;
    m.loss = half_squares(wg_sub(output, wg_one_hot(m.label, 10)));
    m.digit = wg_argmax(output, .axis = 1);
    m.confidence = wg_mul(wg_max(output, .axes = WG_INTS(1)), wg_num(100));
    m.accuracy = wg_mul(wg_mean(wg_eq(m.digit, wg_cast(m.label, WG_I64))), wg_num(100));
    m.step = wg_minimize(m.loss, wg_sgd(.lr = 0.5));
    m.test = wg_plan_new(m.accuracy);
    m.look = wg_plan_new(m.digit, m.confidence);
    return m;
}

static void run(tutorial *t, wg_plan *p, const training *m, const wg_array *batch)
{
    if (tutorial_fine(t) && (wg_feed(p, m->image, batch[0]) || wg_feed(p, m->label, batch[1]) || wg_run(p)))
        tutorial_fail(t, "%s", wg_plan_error(p));
}

/* Until the accuracy is above `enough`, at most so many epochs. No shuffling: the tutorial's loop has none. `curve` may be NULL. */
static double train(tutorial *t, const training *m, const mnist *d, int64_t epochs, double enough, FILE *curve)
{
    wg_array batch[2];
    double accuracy = 0;
    char why[256];
    wg_loader *loader = wg_loader_new(d->train, .n = 2, .batch = 64, .why = why, .why_size = sizeof why);
    if (!loader) tutorial_fail(t, "%s", why);
    for (int64_t epoch = 1; tutorial_fine(t) && epoch <= epochs && accuracy <= enough; epoch++) {
        double losses = 0;
        while (wg_next(loader, batch) && tutorial_fine(t)) {
            run(t, m->step, m, batch);
            losses += wg_read_scalar(m->step, m->loss);
        }
        run(t, m->test, m, d->test);
        if (!tutorial_fine(t)) break;
        accuracy = wg_read_scalar(m->test, m->accuracy);
        printf("Epoch %lld: %.2f%%\n", (long long)epoch, accuracy);
        fflush(stdout);
        if (curve) fprintf(curve, "%lld %.6f %.2f\n", (long long)epoch, losses / (double)wg_loader_batches(loader), accuracy);
    }
    wg_loader_free(loader);
    return accuracy;
}

static void predict(tutorial *t, const training *m, const mnist *d)
{
    wg_array first = wg_rows(&d->test[0], 0, 1);
    if (!tutorial_fine(t)) return;
    if (wg_feed(m->look, m->image, first) || wg_run(m->look)) tutorial_fail(t, "%s", wg_plan_error(m->look));
    else
        printf("Predicted digit: %.0f (it is %.0f)\nConfidence: %.1f%%\n", wg_read_scalar(m->look, m->digit), wg_array_at(&d->test[1], 0),
               wg_read_scalar(m->look, m->confidence));
}

/* The first ten as one picture, five side by side, and the very first as characters. */
static void show(tutorial *t, const mnist *d, const char *out)
{
    wg_array ten = wg_rows(&d->test[0], 0, 10), one = wg_rows(&d->test[0], 0, 1), grid = {0}, digit = {0};
    char why[512];
    if (!tutorial_fine(t)) return;
    wg_status s = wg_image_grid(&grid, &ten, 5, 2);
    if (s || (s = wg_image_grid(&digit, &one, 1, 0))) tutorial_fail(t, "the first pictures: %s", wg_status_text(s));
    else {
        printf("Digit: %.0f\n", wg_array_at(&d->test[1], 0));
        wg_image_text(stdout, &digit, false);
        s = wg_png_write("digits.png", &grid, why, sizeof why);
        if (s == WG_EMISSING) printf("there is no picture of the first ten: %s\n", why);
        else if (s) tutorial_fail(t, "%s", why);
        else printf("%s/digits.png shows the first ten\n", out);
    }
    wg_array_free(&grid);
    wg_array_free(&digit);
}

static const char loss_script[] = "set terminal svg size 800, 480 font 'Helvetica, 15' background 'white'\n"
                                  "set output 'digits_loss.svg'\n"
                                  "set grid linecolor '#e0e0e0'\n"
                                  "set yrange [0:]\n"
                                  "set xlabel 'Epoch'\n"
                                  "set ylabel 'Loss'\n"
                                  "plot 'digits_loss.dat' using 1:2 with linespoints pointtype 7 linecolor '#2050a0' notitle\n";

static void full_training_loop(tutorial *t, const asked *a)
{
    heading(t, "Step 8: Full Training Loop");
    const char *folder = mnist_folder(a->data);
    mnist d = {0};
    if (!folder || !tutorial_fine(t)) return;
    load(t, &d, folder);
    go_to(t, a->out);
    show(t, &d, a->out);
    training m = declare(t);
    FILE *curve = open_for_writing(t, "digits_loss.dat");
    train(t, &m, &d, a->epochs, 100, curve);
    close_written(t, "digits_loss.dat", curve);
    predict(t, &m, &d);
    if (a->epochs > 0 && plot(t, "digits_loss", loss_script)) printf("%s/digits_loss.svg shows the loss over time\n", a->out);
    free_mnist(&d);
}

/* ---- Part 4: the cheat sheet --------------------------------------------------------------------------------------------------------- */

/* Few inputs bear weights that are not small. */
static network random_network(tutorial *t, const char *const name[PARTS], int64_t inputs, int64_t hidden, int64_t outputs)
{
    network n = {0};
    wg_rng *random = wg_rng_new(42);
    if (!random) return tutorial_fail(t, "%s", wg_status_text(WG_ENOMEM)), n;
    n.part[W1] = settle(t, name[W1], randn(t, random, WG_F64, WG_SHAPE(inputs, hidden)));
    n.part[B1] = settle(t, name[B1], wg_zeros(t->tape, WG_SHAPE(1, hidden), .dtype = WG_F64));
    n.part[W2] = settle(t, name[W2], randn(t, random, WG_F64, WG_SHAPE(hidden, outputs)));
    n.part[B2] = settle(t, name[B2], wg_zeros(t->tape, WG_SHAPE(1, outputs), .dtype = WG_F64));
    wg_rng_free(random);
    return n;
}

/* Line 8, as a plan whose every run does it: W = W - lr gradient, for the mean of the rows. */
static wg_plan *update_plan(network n, wg_tensor X, wg_tensor hidden, wg_tensor d_output, wg_tensor d_hidden)
{
    wg_tensor rows = wg_size(X, .axes = WG_INTS(0)), new[PARTS], learning_rate = wg_num(2);
    network gradient = {{wg_div(wg_matmul(wg_transpose(X), d_hidden), rows), wg_mean(d_hidden, .axes = WG_INTS(0), .keepdim = true),
                         wg_div(wg_matmul(wg_transpose(hidden), d_output), rows), wg_mean(d_output, .axes = WG_INTS(0), .keepdim = true)}};
    network updated = update(n, gradient, learning_rate);
    for (int i = 0; i < PARTS; i++) new[i] = wg_assign(n.part[i], updated.part[i]);
    return wg_plan_of(wg_tensors_of(new, PARTS));
}

/* On the smallest pictures that there are: 2 x 2 pixels, of which two are lit. Are they in a row, in a column or across? */
static void nine_lines(tutorial *t)
{
    static const char *const start[] = {"tiny.W1", "tiny.b1", "tiny.W2", "tiny.b2"}, *const name[] = {"sheet.W1", "sheet.b1", "sheet.W2",
                                                                                                      "sheet.b2"};
    enum { EPOCHS = 1000 };
    heading(t, "PART 4: Neural Network in 9 Lines");
    wg_tensor images = given(t, "tiny.images",
                             &WG_ARRAY(uint8_t, WG_SHAPE(6, 2, 2), 255, 255, 0, 0, 0, 0, 255, 255, /* rows      */
                                       255, 0, 255, 0, 0, 255, 0, 255,                             /* columns   */
                                       255, 0, 0, 255, 0, 255, 255, 0));                           /* diagonals */
    wg_tensor labels = given(t, "tiny.labels", &WG_ARRAY(int64_t, WG_SHAPE(6), 0, 0, 1, 1, 2, 2));

    wg_tensor X = wg_div(wg_cast(wg_reshape(images, WG_SHAPE(6, 4)), WG_F64), wg_num(255)), target = wg_one_hot(labels, 3, .dtype = WG_F64);
    print_shape(t, "1. Load data, normalize, one-hot encode:", X);
    network n = trained_network(t, random_network(t, start, 4, 8, 3), name);
    print_shape(t, "2. Initialize weights (small random):", n.part[W1]);
    answer a = forward(n, X);
    print_shape(t, "3. Forward: hidden = sigmoid(X.W1 + b1):", a.hidden);
    print_shape(t, "4. Forward: output = sigmoid(H.W2 + b2):", a.output);
    wg_tensor error = wg_sub(a.output, target);
    print_shape(t, "5. Error = output - target:", error);
    wg_tensor d_output = wg_mul(error, sigmoid_derivative(a.output));
    print_shape(t, "6. d_output = error x sigmoid'(output):", d_output);
    wg_tensor d_hidden = wg_mul(wg_matmul(d_output, wg_transpose(n.part[W2])), sigmoid_derivative(a.hidden));
    print_shape(t, "7. d_hidden = d_output.W2^T x sigmoid'(H):", d_hidden);
    wg_plan *step = update_plan(n, X, a.hidden, d_output, d_hidden);
    print_number_rounded(t, "8. Update: W = W - lr x gradient; the loss before:", half_squares(error), 5);
    for (int epoch = 0; tutorial_fine(t) && epoch < EPOCHS; epoch++)
        if (wg_run(step)) tutorial_fail(t, "%s", wg_plan_error(step));
    print_number_rounded(t, "9. Repeat for N epochs; the loss after 1000:", half_squares(error), 5);
    print_array(t, "Row (0), column (1) or diagonal (2)?", wg_argmax(a.output, .axis = 1));
}

/* ---- Part 5: the exercises ------------------------------------------------------------------------------------------------------------ */

static void exercise1(tutorial *t)
{
    wg_tensor a = given(t, "exercise.a", &WG_ARRAY(double, WG_SHAPE(5, 3), 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15));
    wg_tensor b = given(t, "exercise.b", &WG_ARRAY(double, WG_SHAPE(3, 2), 1, 0, 0, 1, 1, 1));
    print_shape(t, "(5, 3) dot (3, 2) =", wg_matmul(a, b));
    print_array(t, "", wg_matmul(a, b));
}

static void exercise2(tutorial *t)
{
    wg_tensor z = given(t, "z", &WG_ARRAY(double, WG_SHAPE(3), -10, 0, 10));
    print_array(t, "sigmoid of -10, 0, 10:", sigmoid(z));
}

static void exercise3(tutorial *t)
{
    wg_tensor inputs = given(t, "inputs", &WG_ARRAY(double, WG_SHAPE(4), 1, 2, 3, 4));
    wg_tensor weights = given(t, "weights", &WG_ARRAY(double, WG_SHAPE(4), 0.5, -0.25, 0.125, 0.25));
    wg_tensor products = wg_mul(inputs, weights), z = wg_add(wg_sum(products), given_number(t, "bias", 0.5));
    print_list(t, "inputs times weights:", products);
    print_number(t, "their sum and the bias:", z);
    print_number(t, "sigmoid of it:", sigmoid(z));
}

/* A network 2-3-1 for "one or the other, not both", which no single neuron can answer. */
typedef struct either {
    wg_tensor X, y, output;
} either;

static either either_or(tutorial *t)
{
    static const char *const start[] = {"start.W1", "start.b1", "start.W2", "start.b2"};
    either e = {.X = given(t, "X", &WG_ARRAY(double, WG_SHAPE(4, 2), 0, 0, 0, 1, 1, 0, 1, 1))};
    e.y = given(t, "y", &WG_ARRAY(double, WG_SHAPE(4, 1), 0, 1, 1, 0));
    e.output = forward(trained_network(t, random_network(t, start, 2, 3, 1), part_name), e.X).output;
    return e;
}

static void exercise4(tutorial *t) { print_array(t, "A network 2-3-1 that has not learnt:\n", either_or(t).output); }

static void exercise5(tutorial *t)
{
    enum { STEPS = 2000 };
    either e = either_or(t);
    wg_tensor loss = half_squares(wg_sub(e.output, e.y));
    print_number_rounded(t, "loss before:", loss, 6);
    wg_plan *step = wg_minimize(loss, wg_sgd(.lr = 2));
    for (int i = 0; tutorial_fine(t) && i < STEPS; i++)
        if (wg_run(step)) tutorial_fail(t, "%s", wg_plan_error(step));
    print_number_rounded(t, "loss after 2000 steps:", loss, 6);
    print_array_rounded(t, "output:\n", e.output, 4);
}

static void exercise6(tutorial *t, const asked *a)
{
    const char *folder = mnist_folder(a->data);
    mnist d = {0};
    if (!folder) return;
    load(t, &d, folder);
    training m = declare(t);
    double accuracy = train(t, &m, &d, a->epochs, 90, NULL);
    if (tutorial_fine(t)) printf("%.2f%% is %s 90%%\n", accuracy, accuracy > 90 ? "more than" : "not more than");
    free_mnist(&d);
}

static void exercise(tutorial *t, const asked *a)
{
    static void (*const answers[])(tutorial *) = {exercise1, exercise2, exercise3, exercise4, exercise5};
    if (a->exercise < 6) answers[a->exercise - 1](t);
    else exercise6(t, a);
}

/* ---- all of it ------------------------------------------------------------------------------------------------------------------------ */

static void guide(tutorial *t, const asked *a)
{
    arrays(t);
    the_math(t);
    single_neuron(t);
    multiple_inputs(t);
    wg_rng *random = wg_rng_new(42); /* the tutorial seeds its generator once, by 42 */
    if (random) {
        full_layer(t, random);
        one_image(t, random);
    } else tutorial_fail(t, "%s", wg_status_text(WG_ENOMEM));
    wg_rng_free(random);
    full_training_loop(t, a);
    nine_lines(t);
}

int main(int argc, char **argv)
{
    asked a = {.out = "."};
    const char *epochs = "20", *number = NULL;
    const tutorial_option options[] = {{"--data", "DIR: the folder with MNIST's four files", &a.data},
                                       {"--epochs", "N: how often the network sees all pictures, 20 unless said", &epochs},
                                       {"--out", "DIR: where the pictures go", &a.out},
                                       {"--exercise", "N: answers this exercise of Part 5, 1 to 6, and nothing else", &number},
                                       {0}};
    tutorial t = tutorial_start("digits", argc, argv, options);
    a.epochs = option_number(&t, "--epochs", epochs, 0, 1000000);
    a.exercise = number ? option_number(&t, "--exercise", number, 1, 6) : 0;
    if (tutorial_fine(&t)) {
        if (a.exercise) exercise(&t, &a);
        else guide(&t, &a);
    }
    return tutorial_end(&t);
}

/* spiral.c -- a neural network from scratch: the third tutorial. Neurons, layers, activations with their derivatives, losses, and at
 * the end a network that learns what the tutorial leaves untrained: the three arms of a spiral.
 *
 * Every number printed comes out of the tape. Names are the tutorial's; where it uses one twice, the option --set knows them apart.
 *
 * usage: spiral [--set NAME[i,j]=VALUE]... [--epochs N] [--out DIR]
 *
 * Writes DIR/spiral.dat and spiral.gp, and with gnuplot draws from them spiral.svg: what the network answers everywhere. */
#include "tutorial.h"

/* ---- Neuron Concept: z = sum_i x_i w_i + b -------------------------------------------------------------------------------- */

/* The first n products, one after the other, then the bias. */
static wg_tensor neuron(wg_tensor inputs, wg_tensor weights, wg_tensor bias, int64_t n)
{
    wg_tensor output = wg_mul(element(inputs, 0), element(weights, 0));
    for (int64_t i = 1; i < n; i++) output = wg_add(output, wg_mul(element(inputs, i), element(weights, i)));
    return wg_add(output, bias);
}

static void one_neuron(tutorial *t)
{
    wg_tensor inputs = given(t, "inputs", &WG_ARRAY(double, WG_SHAPE(3), 1.2, 2.3, 3.1)); /* 3 neurons' output */
    wg_tensor weights = given(t, "weights", &WG_ARRAY(double, WG_SHAPE(3), 3.1, 2.1, 8.7));
    wg_tensor bias = given_number(t, "bias", 3);
    print_number(t, "", neuron(inputs, weights, bias, 3));
}

/* Four neurons to three. The tutorial's first version adds up three of the four products; its loop has them all. */
static void three_neurons(tutorial *t)
{
    wg_tensor input_layer = given(t, "input_layer", &WG_ARRAY(double, WG_SHAPE(4), 1.2, 2.3, 3.1, 4.2));
    wg_tensor weights = given(t, "layer_weights",
                              &WG_ARRAY(double, WG_SHAPE(3, 4), 0.9, 0.1, -0.1, -0.3, /* neuron 1 */
                                        0.5, -0.91, 0.3, 0.2,                         /* neuron 2 */
                                        -0.1, 0.26, -0.26, -0.29));                   /* neuron 3 */
    wg_tensor biases = given(t, "layer_biases", &WG_ARRAY(double, WG_SHAPE(3), 2, 3, 0.5));
    wg_tensor layer1_neurons[3], layer_outputs[3];
    for (int i = 0; i < 3; i++) {
        layer1_neurons[i] = neuron(input_layer, element(weights, i), element(biases, i), 3);
        layer_outputs[i] = neuron(input_layer, element(weights, i), element(biases, i), 4);
    }
    print_list(t, "", wg_stack(wg_tensors_of(layer1_neurons, 3)));
    print_list(t, "", wg_stack(wg_tensors_of(layer_outputs, 3)));
}

/* ---- Basic Math --------------------------------------------------------------------------------------------------------- */

static void shapes(tutorial *t)
{
    print_shape(t, "", given(t, "a", &WG_ARRAY(double, WG_SHAPE(3), 1, 2, 3)));
    print_shape(t, "", given(t, "b", &WG_ARRAY(double, WG_SHAPE(2, 3), 1, 2, 3, 4, 5, 6)));
}

static void dot_product(tutorial *t)
{
    wg_tensor inputs = given(t, "dot_inputs", &WG_ARRAY(double, WG_SHAPE(4), 1, 2, 3, 2.5));
    wg_tensor weights = given(t, "dot_weights", &WG_ARRAY(double, WG_SHAPE(4), 0.2, 0.8, -0.5, 1.0));
    wg_tensor bias = given_number(t, "dot_bias", 2);
    print_number(t, "", wg_add(wg_dot(inputs, weights), bias));
}

/* ---- Batches, Layers & Objects --------------------------------------------------------------------------------------------- */

/* A batch is three samples at once; its layer's weights hold a neuron a row, so that y = x W^T + b. Multiple layers: one's output is
 * the next one's input. */
static void layers(tutorial *t)
{
    wg_tensor mult_samp_input = given(t, "mult_samp_input",
                                      &WG_ARRAY(double, WG_SHAPE(3, 4), 1, 2, 3, 2.5, /* sample 1 */
                                                2.0, 5.0, -1.0, 2.0,                  /* sample 2 */
                                                -1.5, 2.7, 3.3, -0.8));               /* sample 3 */
    wg_tensor l1_weights = given(t, "l1_weights",
                                 &WG_ARRAY(double, WG_SHAPE(3, 4), 0.2, 0.8, -0.5, 1.0, /* neuron 1 */
                                           0.5, -0.91, 0.26, -0.5,                      /* neuron 2 */
                                           -0.26, -0.27, 0.17, 0.87));                  /* neuron 3 */
    wg_tensor l1_biases = given(t, "l1_biases", &WG_ARRAY(double, WG_SHAPE(3), 2, 3, 0.5));
    wg_tensor l1_output = wg_add(wg_matmul(mult_samp_input, wg_transpose(l1_weights)), l1_biases);
    print_array(t, "", l1_output);

    wg_tensor l2_weights = given(t, "l2_weights",
                                 &WG_ARRAY(double, WG_SHAPE(3, 3), 0.1, -0.14, 0.5, /* neuron 1 */
                                           -0.5, 0.12, -0.33,                       /* neuron 2 */
                                           -0.44, 0.73, -0.13));                    /* neuron 3 */
    wg_tensor l2_biases = given(t, "l2_biases", &WG_ARRAY(double, WG_SHAPE(3), -1, 2, -0.5));
    print_array(t, "", wg_add(wg_matmul(l1_output, wg_transpose(l2_weights)), l2_biases));
}

typedef struct Layer_Dense {
    wg_tensor weights, biases;
} Layer_Dense;

static Layer_Dense layer_dense(tutorial *t, const char *name, wg_rng *random, wg_dtype dtype, int64_t n_inputs, int64_t n_neurons)
{
    wg_tensor weights = wg_mul(wg_num(0.10), randn(t, random, dtype, WG_SHAPE(n_inputs, n_neurons)));
    return (Layer_Dense){settle(t, name, weights), wg_zeros(t->tape, WG_SHAPE(1, n_neurons), .dtype = dtype)};
}

static wg_tensor forward(Layer_Dense layer, wg_tensor inputs) { return wg_add(wg_matmul(inputs, layer.weights), layer.biases); }

static void objects(tutorial *t, wg_rng *random)
{
    wg_tensor X = given(t, "X",
                        &WG_ARRAY(double, WG_SHAPE(3, 4), 1, 2, 3, 2.5, /* sample 1 */
                                  2.0, 5.0, -1.0, 2.0,                  /* sample 2 */
                                  -1.5, 2.7, 3.3, -0.8));               /* sample 3 */
    Layer_Dense layer1 = layer_dense(t, "layer1", random, WG_F64, 4, 5);
    Layer_Dense layer2 = layer_dense(t, "layer2", random, WG_F64, 5, 2);
    Layer_Dense layer3 = layer_dense(t, "layer3", random, WG_F64, 2, 1);
    wg_tensor output1 = forward(layer1, X), output2 = forward(layer2, output1);
    print_array(t, "", output1);
    print_array(t, "", output2);
    print_array(t, "", forward(layer3, output2));
}

/* ---- the data: nnfs.datasets.spiral_data --------------------------------------------------------------------------------------- */

enum { SAMPLES = 100, CLASSES = 3, POINTS = SAMPLES * CLASSES };

typedef struct spiral {
    wg_tensor X, y; /* f32 (points, 2), i64 (points) */
} spiral;

/* An arm goes outwards as r grows from 0 to 1, while its angle turns by 4 * 2.5 radians and trembles. f64 but for the draws, as there. */
static spiral spiral_data(tutorial *t, const char *name, wg_rng *random)
{
    wg_tensor X[CLASSES], y[CLASSES], r = wg_linspace(t->tape, 0, 1, SAMPLES, .dtype = WG_F64);
    for (int c = 0; c < CLASSES; c++) {
        wg_tensor noise = wg_mul(randn(t, random, WG_F32, WG_SHAPE(SAMPLES)), wg_num(0.2));
        wg_tensor angle = wg_add(wg_linspace(t->tape, 4 * c, 4 * c + 4, SAMPLES, .dtype = WG_F64), wg_cast(noise, WG_F64));
        angle = wg_mul(angle, wg_num(2.5));
        X[c] = wg_stack(WG_LIST(wg_mul(r, wg_sin(angle)), wg_mul(r, wg_cos(angle))), .axis = 1);
        y[c] = wg_full(t->tape, WG_SHAPE(SAMPLES), c, .dtype = WG_I64);
    }
    wg_tensor all = wg_cast(wg_concat(wg_tensors_of(X, CLASSES)), WG_F32);
    return (spiral){settle(t, name, all), wg_concat(wg_tensors_of(y, CLASSES))};
}

static wg_tensor first_five(wg_tensor x) { return wg_slice(x, .axis = 0, .start = 0, .stop = 5); }

static void spiral_through_a_layer(tutorial *t, wg_rng *random)
{
    spiral s = spiral_data(t, "spiral1", random);
    Layer_Dense dense1 = layer_dense(t, "dense", random, WG_F32, 2, 3); /* 2 input features, 3 output values */
    print_array(t, "", first_five(forward(dense1, s.X)));
}

/* ---- Activation Function ---------------------------------------------------------------------------------------------------- */

/* The function, its derivative as the tape has it, and the tutorial's formula for that (WG_NONE: it has none). */
static void activation(tutorial *t, const char *name, wg_tensor inputs, wg_tensor output, wg_tensor formula)
{
    char label[40];
    wg_tensor slope = wg_grad(wg_sum(output), inputs);
    snprintf(label, sizeof label, "%s:", name);
    print_array_rounded(t, label, output, 6);
    snprintf(label, sizeof label, "  d%s by the tape:", name);
    print_array_rounded(t, label, slope, 6);
    if (!wg_ok(formula)) return;
    snprintf(label, sizeof label, "  d%s by formula:", name);
    print_array_rounded(t, label, formula, 6);
}

/* The tutorial's dsigmoid takes the sigmoid's output, its dReLU and dtanh the input. */
static void activations(tutorial *t)
{
    wg_tensor x = given(t, "activation_inputs", &WG_ARRAY(double, WG_SHAPE(5), -2, -0.5, 0, 0.5, 2));
    wg_tensor one = wg_num(1), sigmoid = wg_sigmoid(x);
    print_array(t, "inputs:", x);
    activation(t, "ReLU", x, wg_relu(x), wg_where(wg_gt(x, wg_num(0)), wg_full(t->tape, WG_SHAPE(5), 1, .dtype = WG_F64), wg_num(0)));
    activation(t, "sigmoid", x, sigmoid, wg_mul(sigmoid, wg_sub(one, sigmoid)));
    activation(t, "tanh", x, wg_tanh(x), wg_sub(one, wg_square(wg_tanh(x))));
    activation(t, "leaky_relu", x, wg_leaky_relu(x), WG_NONE);
    activation(t, "elu", x, wg_elu(x), WG_NONE);
    activation(t, "silu", x, wg_silu(x), WG_NONE);

    wg_tensor exp_values = wg_exp(wg_sub(x, wg_max(x, .axes = WG_INTS(0), .keepdim = true)));
    print_array_rounded(t, "softmax:", wg_softmax(x, .axis = 0), 6);
    print_array_rounded(t, "  by formula:", wg_div(exp_values, wg_sum(exp_values, .axes = WG_INTS(0), .keepdim = true)), 6);
}

/* Two layers, not trained yet: every class is as likely as the others. */
static spiral spiral_through_two_layers(tutorial *t, wg_rng *random)
{
    spiral s = spiral_data(t, "spiral2", random);
    Layer_Dense dense1 = layer_dense(t, "dense1", random, WG_F32, 2, 3);
    Layer_Dense dense2 = layer_dense(t, "dense2", random, WG_F32, 3, 3);
    wg_tensor activation1 = wg_relu(forward(dense1, s.X));
    print_array(t, "", first_five(wg_softmax(forward(dense2, activation1), .axis = 1)));
    return s;
}

/* ---- Loss Functions ----------------------------------------------------------------------------------------------------------- */

static void regression(tutorial *t)
{
    wg_tensor y = given(t, "y", &WG_ARRAY(double, WG_SHAPE(4), 3, -0.5, 2, 7));
    wg_tensor y_hat = given(t, "y_hat", &WG_ARRAY(double, WG_SHAPE(4), 2.5, 0, 2, 8.5));
    print_number_rounded(t, "Mean Squared Error:", wg_mse_loss(y_hat, y), 6);
    print_number_rounded(t, "Mean Absolute Error:", wg_l1_loss(y_hat, y), 6);
    /* the summary table writes MAE without its absolute value: errors of both signs would cancel, and this is no loss */
    print_number_rounded(t, "  the table's formula, which forgets the absolute value:", wg_mean(wg_sub(y, y_hat)), 6);
    print_number_rounded(t, "Huber Loss:", wg_huber_loss(y_hat, y), 6);
}

static void classification(tutorial *t)
{
    wg_tensor y = given(t, "spam", &WG_ARRAY(double, WG_SHAPE(4), 1, 0, 1, 1));
    wg_tensor y_hat = given(t, "spam_hat", &WG_ARRAY(double, WG_SHAPE(4), 0.9, 0.2, 0.8, 0.4));
    print_number_rounded(t, "Binary Cross-Entropy:", wg_binary_cross_entropy(y_hat, y), 6);

    wg_tensor one_hot = given(t, "one_hot", &WG_ARRAY(double, WG_SHAPE(2, 3), 0, 1, 0, 1, 0, 0));
    wg_tensor labels = given(t, "labels", &WG_ARRAY(int64_t, WG_SHAPE(2), 1, 0)); /* the same as integers */
    wg_tensor p = given(t, "p", &WG_ARRAY(double, WG_SHAPE(2, 3), 0.1, 0.8, 0.1, 0.7, 0.2, 0.1));
    print_number_rounded(t, "Categorical Cross-Entropy:", wg_categorical_cross_entropy(p, one_hot), 6);
    print_number_rounded(t, "Sparse Categorical Cross-Entropy:", wg_nll_loss(wg_log(p), labels), 6);
}

/* Distributions P and Q; pairs of embeddings, of which the first two are of the same face; an anchor, one like it, one unlike it. */
static void other_losses(tutorial *t)
{
    wg_tensor P = given(t, "P", &WG_ARRAY(double, WG_SHAPE(3), 0.36, 0.48, 0.16));
    wg_tensor Q = given(t, "Q", &WG_ARRAY(double, WG_SHAPE(3), 0.3, 0.5, 0.2));
    print_number_rounded(t, "KL Divergence:", wg_kl_div(wg_log(Q), P, .reduction = "sum"), 6);

    wg_tensor anchor = given(t, "anchor", &WG_ARRAY(double, WG_SHAPE(2, 2), 0.1, 0.9, 0.8, 0.2));
    wg_tensor positive = given(t, "positive", &WG_ARRAY(double, WG_SHAPE(2, 2), 0.2, 0.7, 0.9, 0.5));
    wg_tensor negative = given(t, "negative", &WG_ARRAY(double, WG_SHAPE(2, 2), 0.6, 0.3, 0.2, 0.4));
    wg_tensor same = given(t, "same", &WG_ARRAY(double, WG_SHAPE(4), 1, 1, 0, 0));
    wg_tensor left = wg_concat(WG_LIST(anchor, anchor)), right = wg_concat(WG_LIST(positive, negative));
    print_number_rounded(t, "Contrastive Loss:", wg_contrastive_loss(left, right, same), 6);
    print_number_rounded(t, "Triplet Loss:", wg_triplet_margin_loss(anchor, positive, negative), 6);
}

/* ---- what the tutorial is for: a network that learns the spiral ------------------------------------------------------------------ */

static wg_tensor network(wg_tensor x)
{
    x = wg_nn_linear(x, 64, .act = wg_tanh, .name = "hidden1", .shared = true);
    x = wg_nn_linear(x, 64, .act = wg_tanh, .name = "hidden2", .shared = true);
    return wg_nn_linear(x, CLASSES, .name = "output", .shared = true);
}

/* All points at every step. The weights decay, or the borders between the classes would bend around single points. */
static double train(tutorial *t, spiral s, int64_t epochs)
{
    const double rate = 0.01, last_rate = 1e-4;
    wg_tensor logits = network(s.X), loss = wg_cross_entropy(logits, s.y);
    wg_tensor accuracy = wg_mean(wg_eq(wg_argmax(logits, .axis = 1), s.y));
    wg_plan *step = wg_minimize(loss, wg_adamw(.lr = rate, .weight_decay = 0.4), .also = WG_LIST(accuracy));
    for (int64_t epoch = 0; tutorial_fine(t) && epoch < epochs; epoch++) {
        wg_set_lr(step, wg_cosine(rate, last_rate, epoch, epochs));
        if (wg_run(step)) tutorial_fail(t, "%s", wg_plan_error(step));
        else if (epoch % 100 == 0)
            printf("epoch %4lld: loss %.4f, accuracy %.4f\n", (long long)epoch, wg_read_scalar(step, loss), wg_read_scalar(step, accuracy));
    }
    return number_of(t, accuracy);
}

/* ---- the picture --------------------------------------------------------------------------------------------------------------- */

enum { SIDE = 241 }; /* places across */

typedef struct picture {
    wg_array place, colour, point, label; /* (places, 2), (places, 3), (points, 2), (points) */
} picture;

/* What the network says all over the square: the classes' colours, mixed as it believes in them. */
static picture look(tutorial *t, spiral s)
{
    wg_tensor side = wg_linspace(t->tape, -1.2, 1.2, SIDE);
    wg_tensor x = wg_expand(side, WG_SHAPE(SIDE, SIDE)), y = wg_transpose(x);
    wg_tensor places = wg_reshape(wg_stack(WG_LIST(x, y), .axis = 2), WG_SHAPE(SIDE * SIDE, 2));
    wg_tensor colours = wg_const(t->tape, &WG_ARRAY(float, WG_SHAPE(CLASSES, 3), 196, 217, 243, 251, 218, 186, 200, 230, 198));
    wg_tensor colour = wg_matmul(wg_softmax(network(places), .axis = 1), colours);
    return (picture){value_of(t, places), value_of(t, colour), value_of(t, s.X), value_of(t, s.y)};
}

static void write_data(FILE *f, const picture *p)
{
    for (int64_t i = 0; i < SIDE * SIDE; i++) {
        fprintf(f, "%.2f %.2f", wg_array_at(&p->place, 2 * i), wg_array_at(&p->place, 2 * i + 1));
        for (int64_t j = 0; j < 3; j++) fprintf(f, " %.0f", wg_array_at(&p->colour, 3 * i + j));
        fputc('\n', f);
    }
    for (int64_t i = 0; i < POINTS; i++) {
        if (i % SAMPLES == 0) fputs("\n\n", f); /* gnuplot's index: 0 the places, 1 to 3 the classes */
        fprintf(f, "%.4f %.4f %.0f\n", wg_array_at(&p->point, 2 * i), wg_array_at(&p->point, 2 * i + 1), wg_array_at(&p->label, i));
    }
}

static const char script[] =
    "set terminal svg size 760, 800 font 'Helvetica, 15' background 'white'\n"
    "set output 'spiral.svg'\n"
    "set size ratio -1\n"
    "set xrange [-1.2:1.2]\n"
    "set yrange [-1.2:1.2]\n"
    "set tics 0.5 scale 0 textcolor '#606060'\n"
    "unset border\n"
    "set key above samplen 0.5 textcolor '#404040'\n"
    "array colour[3] = [0x3d74b8, 0xd9822b, 0x459a52]\n"
    "plot 'spiral.dat' index 0 using 1:2:3:4:5 with rgbimage notitle, \\\n"
    "     for [c=0:2] '' index c+1 with points pointtype 7 pointsize 0.75 linecolor 'white' notitle, \\\n"
    "     for [c=0:2] '' index c+1 with points pointtype 7 pointsize 0.55 linecolor rgb colour[c+1] title sprintf('class %d', c)\n";

static void draw(tutorial *t, spiral s, const char *out)
{
    picture p = look(t, s);
    go_to(t, out);
    FILE *data = open_for_writing(t, "spiral.dat");
    if (data) write_data(data, &p), close_written(t, "spiral.dat", data);
    if (plot(t, "spiral", script)) printf("%s/spiral.svg shows where the network sees each class\n", out);
}

/* ---- all of it --------------------------------------------------------------------------------------------------------------------- */

static void work(tutorial *t, int64_t epochs, const char *out)
{
    one_neuron(t);
    three_neurons(t);
    shapes(t);
    dot_product(t);
    layers(t);

    wg_rng *random = wg_rng_new(0), *again = wg_rng_new(0); /* np.random.seed(0), and once more by nnfs.init() */
    if (random && again) {
        objects(t, random);
        spiral_through_a_layer(t, again);
        activations(t);
        spiral s = spiral_through_two_layers(t, again);
        regression(t);
        classification(t);
        other_losses(t);
        if (tutorial_fine(t)) puts("Hello World"); /* the tutorial's last cell */
        double accuracy = train(t, s, epochs);
        draw(t, s, out);
        if (tutorial_fine(t)) printf("accuracy %.4f after %lld epochs\n", accuracy, (long long)epochs);
    } else tutorial_fail(t, "%s", wg_status_text(WG_ENOMEM));
    wg_rng_free(random);
    wg_rng_free(again);
}

int main(int argc, char **argv)
{
    const char *epochs = "1000", *out = ".";
    const tutorial_option options[] = {{"--epochs", "N: how often the network sees all points, 1000 unless said", &epochs},
                                       {"--out", "DIR: where the picture goes", &out},
                                       {0}};
    tutorial t = tutorial_start("spiral", argc, argv, options);
    int64_t n = option_number(&t, "--epochs", epochs, 0, 1000000);
    if (tutorial_fine(&t)) work(&t, n, out);
    return tutorial_end(&t);
}

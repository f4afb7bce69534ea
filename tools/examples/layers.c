/* layers.c -- creating a neural network from scratch: the second tutorial. One neuron, three of them as one product of a matrix and a
 * vector, a batch, a second layer, and a layer as an object that draws its own weights.
 *
 * The tutorial warns of shapes that do not fit. These mistakes are made here too, and the error that each gives is printed: it names
 * the line, the shapes and the sizes that differ. Every number printed comes out of the tape. Names are the tutorial's; where it uses
 * one twice, the option --set knows them apart.
 *
 * usage: layers [--set NAME[i,j]=VALUE]...      layers --set bias=3 */
#include "tutorial.h"

/* ---- Canonical Depiction of Calculating a neuron in the second layer --------------------------------------------- */

/* Output = Dot Product + Bias, written out. */
static wg_tensor neuron(wg_tensor inputs, wg_tensor weights, wg_tensor bias, int64_t n)
{
    wg_tensor output = wg_mul(element(inputs, 0), element(weights, 0));
    for (int64_t i = 1; i < n; i++) output = wg_add(output, wg_mul(element(inputs, i), element(weights, i)));
    return wg_add(output, bias);
}

/* 3 input neurons, 3 weights, 1 bias and 1 output neuron. */
static void one_neuron(tutorial *t)
{
    wg_tensor inputs = given(t, "neuron_inputs", &WG_ARRAY(double, WG_SHAPE(3), 1, 2, 3));
    wg_tensor weights = given(t, "neuron_weights", &WG_ARRAY(double, WG_SHAPE(3), 0.2, 0.8, -0.5));
    wg_tensor bias = given_number(t, "bias", 2);
    print_number(t, "", neuron(inputs, weights, bias, 3));
}

/* ---- Another example: 4 input neurons and 3 output neurons ------------------------------------------------------- */

typedef struct neurons {
    wg_tensor inputs, weights, biases;
} neurons;

static neurons three_neurons(tutorial *t)
{
    neurons l;
    l.inputs = given(t, "inputs", &WG_ARRAY(double, WG_SHAPE(4), 1, 2, 3, 2.5));
    wg_tensor weights1 = given(t, "weights1", &WG_ARRAY(double, WG_SHAPE(4), 0.2, 0.8, -0.5, 1.0));
    wg_tensor weights2 = given(t, "weights2", &WG_ARRAY(double, WG_SHAPE(4), 0.5, -0.91, 0.26, -0.5));
    wg_tensor weights3 = given(t, "weights3", &WG_ARRAY(double, WG_SHAPE(4), -0.26, -0.27, 0.17, 0.87));
    wg_tensor bias1 = given_number(t, "bias1", 2);
    wg_tensor bias2 = given_number(t, "bias2", 3);
    wg_tensor bias3 = given_number(t, "bias3", 0.5);

    wg_tensor output1 = neuron(l.inputs, weights1, bias1, 4);
    wg_tensor output2 = neuron(l.inputs, weights2, bias2, 4);
    wg_tensor output3 = neuron(l.inputs, weights3, bias3, 4);
    print_list(t, "", wg_stack(WG_LIST(output1, output2, output3)));

    l.weights = wg_stack(WG_LIST(weights1, weights2, weights3)); /* a list of lists: a neuron a row */
    l.biases = wg_stack(WG_LIST(bias1, bias2, bias3));
    return l;
}

/* ---- NumPy Shapes ------------------------------------------------------------------------------------------------ */

/* A list of lists has a shape only where all the lists are as long. */
static void shapes(tutorial *t, neurons l)
{
    print_shape(t, "inputs:", l.inputs);
    print_shape(t, "weights:", l.weights);
    wg_tensor shorter = wg_slice(l.inputs, .axis = 0, .start = 0, .stop = 3);
    print_mistake(t, "a list of 4 and a list of 3:", wg_stack(WG_LIST(l.inputs, shorter)));
}

/* ---- Numpy Dot Product ------------------------------------------------------------------------------------------- */

/* (3, 4) times (4,) is (3,). The other way round the 4 inputs meet the 3 neurons. */
static void dot_product(tutorial *t, neurons l)
{
    wg_tensor product = wg_matmul(l.weights, l.inputs);
    print_shape(t, "weights times inputs:", product);
    print_array(t, "", wg_add(product, l.biases));
    print_mistake(t, "inputs times weights:", wg_matmul(l.inputs, l.weights));
}

/* ---- 2. Batches, Layers and Networks ----------------------------------------------------------------------------- */

/* Samples are rows, neurons are rows: the weights are transposed, so that a row of one meets a row of the other. */
static neurons batch(tutorial *t, neurons l)
{
    l.inputs = given(t, "batch",
                     &WG_ARRAY(double, WG_SHAPE(3, 4), 1, 2, 3, 2.5, /* sample 1 */
                               2.0, 5.0, -1.0, 2.0,                  /* sample 2 */
                               -1.5, 2.7, 3.3, -0.8));               /* sample 3 */
    print_mistake(t, "(3,4) times (3,4), the inputs first:", wg_matmul(l.inputs, l.weights));
    print_mistake(t, "(3,4) times (3,4), the weights first:", wg_add(wg_matmul(l.weights, l.inputs), l.biases));
    print_shape(t, "weights.T:", wg_transpose(l.weights));
    print_array(t, "", wg_add(wg_matmul(l.inputs, wg_transpose(l.weights)), l.biases));
    return l;
}

/* ---- Adding another Layer ---------------------------------------------------------------------------------------- */

/* As many neurons as inputs: no shape tells the weights from their transpose. The mistake gives other numbers, and no error. */
static void two_layers(tutorial *t, neurons l)
{
    wg_tensor layer1_outputs = wg_add(wg_matmul(l.inputs, wg_transpose(l.weights)), l.biases);
    wg_tensor weights2 = given(t, "layer2_weights",
                               &WG_ARRAY(double, WG_SHAPE(3, 3), 0.1, -0.14, 0.5, /* neuron 1 */
                                         -0.5, 0.12, -0.33,                       /* neuron 2 */
                                         -0.44, 0.73, -0.13));                    /* neuron 3 */
    wg_tensor biases2 = given(t, "layer2_biases", &WG_ARRAY(double, WG_SHAPE(3), -1, 2, -0.5));
    t->subject = wg_add(wg_matmul(layer1_outputs, wg_transpose(weights2)), biases2);
    print_array(t, "", t->subject);
    print_array(t, "not transposed, (3,3) fits all the same, and every number is wrong:\n",
                wg_add(wg_matmul(layer1_outputs, weights2), biases2));
}

/* ---- Layer_Dense ------------------------------------------------------------------------------------------------- */

typedef struct Layer_Dense {
    wg_tensor weights, biases;
} Layer_Dense;

/* Inputs first, then neurons: forward needs no transpose. Small weights, so that nothing explodes. */
static Layer_Dense layer_dense(tutorial *t, const char *name, wg_rng *random, int64_t n_inputs, int64_t n_neurons)
{
    wg_tensor weights = wg_mul(wg_num(0.1), randn(t, random, WG_F64, WG_SHAPE(n_inputs, n_neurons)));
    return (Layer_Dense){settle(t, name, weights), wg_zeros(t->tape, WG_SHAPE(1, n_neurons), .dtype = WG_F64)};
}

static wg_tensor forward(Layer_Dense layer, wg_tensor inputs) { return wg_add(wg_matmul(inputs, layer.weights), layer.biases); }

static void objects(tutorial *t, wg_tensor X, wg_rng *random)
{
    Layer_Dense layer1 = layer_dense(t, "layer1", random, 4, 5);
    Layer_Dense layer2 = layer_dense(t, "layer2", random, 5, 2);
    wg_tensor output1 = forward(layer1, X), output2 = forward(layer2, output1);
    print_array(t, "", output1);
    print_array(t, "", output2);
    print_shape(t, "layer1.output:", output1);
    print_shape(t, "layer2.output:", output2);
    print_mistake(t, "layer2 before layer1:", forward(layer2, X));
}

/* ---- all of it --------------------------------------------------------------------------------------------------- */

int main(int argc, char **argv)
{
    tutorial t = tutorial_start("layers", argc, argv, NULL);
    wg_rng *random = wg_rng_new(0); /* np.random.seed(0) */
    if (!random) tutorial_fail(&t, "%s", wg_status_text(WG_ENOMEM));
    if (tutorial_fine(&t)) {
        one_neuron(&t);
        neurons l = three_neurons(&t);
        shapes(&t, l);
        dot_product(&t, l);
        l = batch(&t, l);
        two_layers(&t, l);
        print_array(&t, "np.random.randn(4,3):\n", randn(&t, random, WG_F64, WG_SHAPE(4, 3)));
        wg_rng_seed(random, 0); /* shown only: the layers draw the same numbers again */
        objects(&t, l.inputs, random);
    }
    wg_rng_free(random);
    return tutorial_end(&t);
}

/* arrays.c -- a refresher for neural networks: the fifth tutorial. Arrays, operations on all of one at once, the dot product, matrix
 * multiplication, broadcasting, and from these a neuron and a whole layer.
 *
 * Every number printed comes out of the tape; {} in a printed text is the value of the tensor behind it. Names are the tutorial's; where
 * it uses one twice, the option --set knows them apart. Where the tutorial prints what its program does not, the truth is printed, and why.
 *
 * usage: arrays [--set NAME[i,j]=VALUE]... [--count N]      arrays --set weights[1]=0.5 */
#include "tutorial.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

/* ---- NumPy Arrays: The Language of Data -------------------------------------------------------------------------- */

/* x[:, i] */
static wg_tensor column(wg_tensor x, int64_t i) { return element(wg_transpose(x), i); }

static void print_dtype(tutorial *t, const char *label, wg_tensor x)
{
    wg_dtype d = wg_dtype_get(x);
    size_t bytes = wg_dtype_size(d);
    if (!tutorial_fine(t)) return;
    printf("%s float%zu, here %s: each number uses %zu bytes, ", label, 8 * bytes, wg_dtype_name(d), bytes);
    printf("1000 of them %zu KB, 1000x1000 of them %zu MB\n", bytes, bytes);
}

/* Each row is a person, each column a feature. */
static void creating_and_indexing(tutorial *t)
{
    wg_tensor x = given(t, "x", &WG_ARRAY(double, WG_SHAPE(3), 170, 65, 25)); /* height_cm, weight_kg, age */
    print_array(t, "", x);
    print_shape(t, "x.shape", x);
    print_dtype(t, "x.dtype", x);

    wg_tensor X = given(t, "X",
                        &WG_ARRAY(double, WG_SHAPE(4, 3), 170, 65, 25, /* person 0 */
                                  160, 55, 30,                         /* person 1 */
                                  180, 80, 22,                         /* person 2 */
                                  155, 50, 35));                       /* person 3 */
    print_array(t, "X =\n", X);
    print_shape(t, "X.shape", X);
    print_array(t, "X[0] =", element(X, 0));
    print_number(t, "X[0, 1] =", element(element(X, 0), 1));
    print_array(t, "X[:, 0] =", column(X, 0));
    wg_tensor shorter = wg_slice(x, .axis = 0, .start = 0, .stop = 2);
    print_mistake(t, "jagged arrays are not allowed:", wg_stack(WG_LIST(x, shorter)));
}

/* ---- From Loops to Vectors: min-max normalization, (x - min) / (max - min) --------------------------------------- */

enum { HEIGHTS = 4 };

static void slow_way(tutorial *t, wg_tensor heights, wg_tensor low, wg_tensor range)
{
    wg_tensor normalized[HEIGHTS];
    for (int i = 0; i < HEIGHTS; i++) {
        wg_tensor h = element(heights, i), above = wg_sub(h, low);
        normalized[i] = wg_div(above, range);
        wg_tensor so_far = wg_stack(wg_tensors_of(normalized, (size_t)i + 1));
        print_text(t, "h={}: (h - {}) / {} = {}/{} = {} -> {}", WG_LIST(h, low, range, above, range, normalized[i], so_far));
    }
    print_list(t, "normalized =", wg_stack(wg_tensors_of(normalized, HEIGHTS)));
}

static void fast_way(tutorial *t, wg_tensor heights, wg_tensor low, wg_tensor range)
{
    print_array(t, "heights =", heights);
    print_array(t, "heights - min =", wg_sub(heights, low));
    print_array(t, "normalized =", wg_div(wg_sub(heights, low), range));
}

static void normalize(tutorial *t)
{
    wg_tensor heights = given(t, "heights", &WG_ARRAY(double, WG_SHAPE(HEIGHTS), 170, 160, 180, 155));
    wg_tensor low = wg_min(heights), high = wg_max(heights), range = wg_sub(high, low);
    double divisor = number_of(t, range);
    if (!(divisor > 0 && divisor < (double)INFINITY))
        tutorial_fail(t, "heights from %g to %g: their range is %g, and (x - min) / (max - min) divides by it", number_of(t, low),
                      number_of(t, high), divisor);
    slow_way(t, heights, low, range);
    fast_way(t, heights, low, range);
}

/* ---- the same for millions of heights: one number at a time, or all at once -------------------------------------- */

static double seconds(void)
{
    struct timespec t;
    timespec_get(&t, TIME_UTC);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

enum { LOOPED = 100000 }; /* heights are enough to know what one costs */

typedef struct stopwatch {
    wg_plan *plan;
    wg_tensor heights, normalized; /* one plan for any number of heights */
} stopwatch;

static void feed_and_run(tutorial *t, stopwatch s, wg_array heights, wg_array *normalized)
{
    if (t->failed) return;
    if (wg_feed(s.plan, s.heights, heights) || wg_run(s.plan) || wg_read(s.plan, s.normalized, normalized))
        tutorial_fail(t, "%s", wg_plan_error(s.plan));
}

/* The best of a few tries: the first one asks the system for memory. Few heights are normalized often, or the clock would stand still. */
static double at_once(tutorial *t, stopwatch s, wg_array heights, wg_array *normalized)
{
    double best = (double)INFINITY;
    int64_t runs = 1 + LOOPED / heights.shape.dim[0];
    for (int try = 0; try < 5; try++) {
        double began = seconds();
        for (int64_t i = 0; !t->failed && i < runs; i++) feed_and_run(t, s, heights, normalized);
        best = fmin(best, (seconds() - began) / (double)runs);
    }
    return best;
}

static double one_by_one(tutorial *t, stopwatch s, wg_array heights, double *normalized)
{
    double began = seconds();
    for (int64_t i = 0; !t->failed && i < heights.shape.dim[0]; i++) {
        wg_array one = {0};
        feed_and_run(t, s, wg_rows(&heights, i, i + 1), &one);
        normalized[i] = wg_array_at(&one, 0);
    }
    return seconds() - began;
}

static void loop_against_vectorized(tutorial *t, int64_t count)
{
    stopwatch s = {.heights = wg_input(t->tape, "many_heights", WG_F64, WG_SHAPE(WG_ANY))};
    s.normalized = wg_div(wg_sub(s.heights, wg_num(155.0)), wg_num(180.0 - 155.0));
    s.plan = wg_plan_new(s.normalized);
    wg_tensor draws = wg_rand(t->tape, WG_SHAPE(count), .dtype = WG_F64);
    wg_array all = value_of(t, wg_add(wg_num(155), wg_mul(wg_num(25), draws)));
    int64_t looped = count < LOOPED ? count : LOOPED;
    double *normalized = calloc((size_t)looped, sizeof *normalized);
    if (!normalized) tutorial_fail(t, "%s", wg_status_text(WG_ENOMEM));
    if (tutorial_fine(t)) {
        wg_array vectorized = {0};
        feed_and_run(t, s, wg_rows(&all, 0, 1), &vectorized); /* the first run of a size costs more than the others */
        double loop = one_by_one(t, s, wg_rows(&all, 0, looped), normalized) / (double)looped;
        double vector = at_once(t, s, all, &vectorized) / (double)count;
        if (tutorial_fine(t) && memcmp(normalized, vectorized.data, (size_t)looped * sizeof *normalized) != 0)
            tutorial_fail(t, "the loop and the vectorized operation differ");
        if (tutorial_fine(t))
            printf("%lld heights at once: %.3g s; one at a time: %.3g s, by the first %lld; the same numbers %.0f times as fast\n",
                   (long long)count, vector * (double)count, loop * (double)count, (long long)looped, loop / vector);
    }
    free(normalized);
}

/* ---- Element-wise operations ------------------------------------------------------------------------------------- */

static wg_tensor number(tutorial *t, double v) { return wg_full(t->tape, WG_SHAPE(), v, .dtype = WG_F64); }

/* As NumPy prints them, as lists, and rounded where the tutorial rounds. */
static void element_wise(tutorial *t)
{
    wg_tensor a = given(t, "a", &WG_ARRAY(double, WG_SHAPE(3), 1, 2, 3));
    wg_tensor b = given(t, "b", &WG_ARRAY(double, WG_SHAPE(3), 4, 5, 6));
    wg_tensor sum = wg_add(a, b), product = wg_mul(a, b), squares = wg_pow(a, wg_num(2)), roots = wg_sqrt(a), powers = wg_exp(a);
    print_array(t, "", sum);
    print_array(t, "", product);
    print_array(t, "", squares);
    print_array(t, "", roots);
    print_array_rounded(t, "", roots, 2);
    print_array(t, "", powers);
    print_array_rounded(t, "", powers, 2);
    print_text(t, "a + b = {}\na * b = {}\na ** 2 = {}", WG_LIST(sum, product, squares));
    print_text(t, "np.sqrt(a) = {:.3f}\nnp.exp(a) = {:.3f}", WG_LIST(roots, powers));
    print_number(t, "np.sum(a) =", wg_sum(a));
    print_number(t, "np.mean(a) =", wg_mean(a));
    print_text(t, "a * b is a vector, np.dot(a, b) a scalar: {}", WG_LIST(wg_dot(a, b)));
    print_text(t, "np.sqrt(4) = {}, np.sqrt(2) = {:.3f}", WG_LIST(wg_sqrt(number(t, 4)), wg_sqrt(number(t, 2))));
    wg_tensor e = wg_exp(number(t, 1));
    print_text(t, "e = {:.5f}: np.exp(0) = {}, np.exp(1) = {:.3f}, np.exp(-inf) = {}",
               WG_LIST(e, wg_exp(number(t, 0)), e, wg_exp(number(t, -(double)INFINITY))));
}

/* ---- The Dot Product: The Core Operation ------------------------------------------------------------------------- */

/* a . b = |a| |b| cos(theta): a lies along the first axis, b at the angle to it. */
static void geometric_interpretation(tutorial *t)
{
    wg_tensor degrees = given(t, "theta", &WG_ARRAY(double, WG_SHAPE(3), 45, 90, 135));
    wg_tensor length_a = given_number(t, "length_a", 2), length_b = given_number(t, "length_b", 3);
    wg_tensor theta = wg_mul(degrees, wg_num(acos(-1) / 180));
    for (int i = 0; i < 3; i++) {
        wg_tensor cosine = wg_cos(element(theta, i)), sine = wg_sin(element(theta, i));
        wg_tensor a = wg_stack(WG_LIST(length_a, number(t, 0)));
        wg_tensor b = wg_mul(length_b, wg_stack(WG_LIST(cosine, sine)));
        wg_tensor product = wg_mul(wg_mul(length_a, length_b), cosine);
        print_text(t, "theta = {}: a . b = {:.4f}, |a| |b| cos(theta) = {:.4f}", WG_LIST(element(degrees, i), wg_dot(a, b), product));
    }
}

typedef struct one_neuron {
    wg_tensor w, x;
} one_neuron;

static wg_tensor dot_product(tutorial *t, wg_tensor a, wg_tensor b)
{
    wg_tensor total = number(t, 0);
    for (int64_t i = 0; i < 3; i++) {
        wg_tensor product = wg_mul(element(a, i), element(b, i)), next = wg_add(total, product);
        print_text(t, "  {} * {} = {:.2f}, total = {:.2f} + ({:.2f}) = {:.2f}",
                   WG_LIST(element(a, i), element(b, i), product, total, product, next));
        total = next;
    }
    return total;
}

static one_neuron dot_products(tutorial *t)
{
    wg_tensor weights = given(t, "weights", &WG_ARRAY(double, WG_SHAPE(3), 0.8, -0.5, 0.2));
    wg_tensor inputs = given(t, "inputs", &WG_ARRAY(double, WG_SHAPE(3), 1.0, 0.5, -0.3));
    wg_tensor result = dot_product(t, weights, inputs), w = weights, x = inputs;
    print_text(t, "Manual dot product: {:.2f}", WG_LIST(result));
    print_text(t, "to the last digit {}, which is what Python prints: binary numbers hold no tenths", WG_LIST(result));

    wg_tensor by_dot = wg_dot(w, x), by_matmul = wg_matmul(w, x), by_sum = wg_sum(wg_mul(w, x));
    print_text(t, "w * x = {:.2f}", WG_LIST(wg_mul(w, x)));
    print_text(t, "np.dot(w, x) = {:.2f}\nw @ x = {:.2f}\nnp.sum(w * x) = {:.2f}", WG_LIST(by_dot, by_matmul, by_sum));
    print_mistake(t, "a weight for each input, not fewer:", wg_dot(wg_slice(w, .axis = 0, .start = 0, .stop = 2), x));
    return (one_neuron){w, x};
}

/* ---- Matrix Multiplication: Parallelizing Dot Products ----------------------------------------------------------- */

typedef struct layer {
    wg_tensor X, W, b;
} layer;

static wg_tensor at(wg_tensor x, int64_t i, int64_t j) { return element(element(x, i), j); }

static layer matrix_multiplication(tutorial *t)
{
    layer l;
    l.X = given(t, "layer_X",
                &WG_ARRAY(double, WG_SHAPE(4, 3), 1.0, 0.5, -0.3, /* data point 0 */
                          0.2, 1.5, 0.7,                          /* data point 1 */
                          -0.5, 0.8, 1.2,                         /* data point 2 */
                          0.9, -0.2, 0.4));                       /* data point 3 */
    l.W = given(t, "layer_W",
                &WG_ARRAY(double, WG_SHAPE(2, 3), 0.8, -0.5, 0.2, /* neuron 0 */
                          0.3, 0.7, -0.1));                       /* neuron 1 */
    l.b = given(t, "layer_b", &WG_ARRAY(double, WG_SHAPE(2), 0.1, -0.2));
    print_array(t, "X =\n", l.X);
    print_shape(t, "X.shape", l.X);
    print_array(t, "W =\n", l.W);
    print_shape(t, "W.shape", l.W);
    print_array(t, "W.T =\n", wg_transpose(l.W));

    wg_tensor Z = wg_matmul(l.X, wg_transpose(l.W));
    print_array(t, "Z =\n", Z);
    print_shape(t, "Z.shape", Z);
    print_text(t, "Z[0,0] = X[0] . W[0] = {:.2f}", WG_LIST(wg_dot(element(l.X, 0), element(l.W, 0))));
    print_text(t, "Z[0,1] = X[0] . W[1] = {:.2f}", WG_LIST(wg_dot(element(l.X, 0), element(l.W, 1))));
    wg_tensor products = wg_mul(element(l.X, 1), element(l.W, 0));
    print_text(t, "Z[1,0] = X[1] . W[0], the sum of {:.2f}, is {:.2f}: the tutorial prints 0.29, which is Z[2,1]",
               WG_LIST(products, wg_sum(products)));
    print_mistake(t, "X @ W, not transposed:", wg_matmul(l.X, l.W));
    return l;
}

/* ---- Broadcasting: Automatic Shape Alignment --------------------------------------------------------------------- */

/* From the Z that the tutorial prints. Returns Z + b. */
static wg_tensor adding_bias_to_a_batch(tutorial *t, wg_tensor b)
{
    wg_tensor Z = given(t, "Z", &WG_ARRAY(double, WG_SHAPE(4, 2), 0.49, 0.68, 0.29, 1.04, -0.56, 0.29, 0.90, 0.09));
    wg_tensor padded = wg_unsqueeze(b, .axes = WG_INTS(0)), stretched = wg_expand(padded, WG_SHAPE(4, 2)), Z_biased = wg_add(Z, b);
    print_array(t, "Z, as printed in the tutorial =\n", Z);
    print_shape(t, "Z.shape", Z);
    print_list(t, "b =", b);
    print_shape(t, "Start: b.shape", b);
    print_shape(t, "Pad b:", padded);
    print_shape(t, "Stretch b:", stretched);
    print_shape(t, "Add:", wg_add(Z, stretched));
    print_array(t, "Z_biased =\n", Z_biased);
    print_array(t, "with b written out four times =\n", wg_add(Z, wg_contiguous(stretched)));
    for (int i = 0; i < 4; i++) {
        printf("Row %d: ", i);
        print_text(t, "[{:.2f}+{}, {:.2f}+({})] = {:.2f}",
                   WG_LIST(at(Z, i, 0), element(b, 0), at(Z, i, 1), element(b, 1), element(Z_biased, i)));
    }
    return Z_biased;
}

static void broadcasting_rules(tutorial *t)
{
    wg_tensor m42 = wg_ones(t->tape, WG_SHAPE(4, 2)), m41 = wg_ones(t->tape, WG_SHAPE(4, 1)), m12 = wg_ones(t->tape, WG_SHAPE(1, 2));
    wg_tensor m32 = wg_ones(t->tape, WG_SHAPE(3, 2)), v2 = wg_ones(t->tape, WG_SHAPE(2)), v4 = wg_ones(t->tape, WG_SHAPE(4));
    print_shape(t, "1. Align shapes from the right: (4, 2) and (2,) give", wg_add(m42, v2));
    print_shape(t, "2. Equal sizes match, and so does 1: (4, 2) and (1, 2) give", wg_add(m42, m12));
    print_shape(t, "3. Size 1 is stretched, on either side: (4, 1) and (1, 2) give", wg_add(m41, m12));
    print_mistake(t, "4. Anything else is an error: (4, 2) and (4,)", wg_add(m42, v4));
    print_mistake(t, "   (4, 2) and (3, 2)", wg_add(m42, m32));
}

/* ---- Building a Neuron from Scratch ------------------------------------------------------------------------------ */

static wg_tensor relu(wg_tensor z) { return wg_maximum(wg_num(0), z); }

static wg_tensor sigmoid(wg_tensor z) { return wg_div(wg_num(1), wg_add(wg_num(1), wg_exp(wg_neg(z)))); }

static wg_tensor neuron(wg_tensor x, wg_tensor w, wg_tensor b, wg_activation activation)
{
    wg_tensor z = wg_add(wg_dot(w, x), b); /* Step 1: weighted sum + bias */
    return activation(z);                  /* Step 2: apply activation    */
}

static void activations(tutorial *t)
{
    wg_tensor zero = number(t, 0);
    print_text(t, "np.maximum(0, 3) = {}, np.maximum(0, -2) = {}",
               WG_LIST(wg_maximum(zero, number(t, 3)), wg_maximum(zero, number(t, -2))));
    print_text(t, "relu(2.5) = {}, relu(0) = {}, relu(-1.3) = {}", WG_LIST(relu(number(t, 2.5)), relu(zero), relu(number(t, -1.3))));
    print_list(t, "relu([1,-2,3,-4]) =", relu(given(t, "relu_inputs", &WG_ARRAY(double, WG_SHAPE(4), 1, -2, 3, -4))));
    print_text(t, "sigmoid(0) = {}", WG_LIST(sigmoid(zero)));
}

static void single_neuron(tutorial *t, one_neuron n)
{
    wg_tensor b = given_number(t, "bias", 0.1), dot = wg_dot(n.w, n.x), z = wg_add(dot, b);
    print_text(t, "z = {:.2f} + {} = {:.2f}", WG_LIST(dot, b, z));
    wg_tensor output_relu = neuron(n.x, n.w, b, relu), output_sig = neuron(n.x, n.w, b, sigmoid);
    print_text(t, "ReLU output: {:.4f}", WG_LIST(output_relu));
    wg_tensor power = wg_exp(wg_neg(z)), sum = wg_add(wg_num(1), power);
    print_text(t, "exp(-z) = {:.4f}, 1 + {:.4f} = {:.4f}, 1 / {:.4f} = {:.4f}", WG_LIST(power, power, sum, sum, output_sig));
    print_text(t, "Sigmoid output: {:.4f}", WG_LIST(output_sig));
    print_text(t, "a probability of {:.2f}%: the tutorial prints 0.6436 and 64.36%, but its own last step, 1/1.5543, is 0.6434",
               WG_LIST(wg_mul(output_sig, wg_num(100))));
    print_text(t, "by the library's own: {:.4f}, {:.4f}", WG_LIST(neuron(n.x, n.w, b, wg_relu), neuron(n.x, n.w, b, wg_sigmoid)));
}

/* ---- Scaling Up: From One Neuron to a Full Layer ----------------------------------------------------------------- */

/* X (batch_size, input_dim), W (num_neurons, input_dim), b (num_neurons,). */
static wg_tensor layer_forward(wg_tensor X, wg_tensor W, wg_tensor b)
{
    wg_tensor Z = wg_add(wg_matmul(X, wg_transpose(W)), b); /* Linear transform + broadcast bias */
    return relu(Z);                                         /* Apply activation element-wise     */
}

static void print_sparsity(tutorial *t, wg_tensor A)
{
    wg_tensor is_zero = wg_cast(wg_eq(A, wg_num(0)), WG_F64);
    wg_tensor count = wg_sum(is_zero), all = wg_size(A);
    print_text(t, "{:.0f} out of {:.0f} values are zero ({}% sparsity)", WG_LIST(count, all, wg_mul(wg_num(100), wg_mean(is_zero))));
}

static void full_layer(tutorial *t, layer l, wg_tensor Z_printed)
{
    print_array(t, "Z = X @ W.T + b =\n", wg_add(wg_matmul(l.X, wg_transpose(l.W)), l.b));
    wg_tensor A = layer_forward(l.X, l.W, l.b);
    t->subject = A;
    print_array(t, "Activations (4 data points x 2 neurons):\n", A);
    print_sparsity(t, A);
    print_text(
        t, "A[1] is {:.2f}: the tutorial's [0.39, 0.84] comes from the wrong Z[1,0], and so does its sparsity:", WG_LIST(element(A, 1)));
    wg_tensor A_printed = relu(Z_printed);
    print_array(t, "", A_printed);
    print_sparsity(t, A_printed);
}

/* ---- Summary and Practice Exercise ------------------------------------------------------------------------------- */

/* A third neuron, a larger batch: predict the shapes first. */
static void practice(tutorial *t, layer l)
{
    print_array(t, "the layer as a single line, relu(linear(X, W, b)):\n", wg_relu(wg_linear(l.X, l.W, .bias = l.b)));
    wg_tensor w = given(t, "third_w", &WG_ARRAY(double, WG_SHAPE(1, 3), -0.4, 0.6, 0.5));
    wg_tensor b = given(t, "third_b", &WG_ARRAY(double, WG_SHAPE(1), 0.3));
    wg_tensor W3 = wg_concat(WG_LIST(l.W, w)), b3 = wg_concat(WG_LIST(l.b, b));
    print_mistake(t, "a third neuron without its bias:", layer_forward(l.X, W3, l.b));
    print_array(t, "a third neuron with it:\n", layer_forward(l.X, W3, b3));
    print_shape(t, "8 data points:", layer_forward(wg_concat(WG_LIST(l.X, l.X)), W3, b3));
}

/* ---- all of it --------------------------------------------------------------------------------------------------- */

static void work(tutorial *t, int64_t count)
{
    creating_and_indexing(t);
    normalize(t);
    loop_against_vectorized(t, count);
    element_wise(t);
    geometric_interpretation(t);
    one_neuron n = dot_products(t);
    layer l = matrix_multiplication(t);
    wg_tensor Z_biased = adding_bias_to_a_batch(t, l.b);
    broadcasting_rules(t);
    activations(t);
    single_neuron(t, n);
    full_layer(t, l, Z_biased);
    practice(t, l);
}

int main(int argc, char **argv)
{
    const char *count = "10000000";
    const tutorial_option options[] = {{"--count", "N: how many heights are normalised in the comparison, ten million unless said", &count},
                                       {0}};
    tutorial t = tutorial_start("arrays", argc, argv, options);
    int64_t n = option_number(&t, "--count", count, 1, 100000000);
    if (tutorial_fine(&t)) work(&t, n);
    return tutorial_end(&t);
}

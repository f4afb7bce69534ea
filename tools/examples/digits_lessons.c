/* digits_lessons.c -- Parts 1 and 2 of the tutorial of the digits: what can be done with arrays, and the little mathematics that a
 * network needs. Each line printed is the tutorial's line of Python and what the tape answers; where Python's arrays have one name in
 * several lessons, the option --set knows them apart. */
#include "digits.h"

void heading(tutorial *t, const char *title)
{
    if (tutorial_fine(t)) printf("\n---- %s\n", title);
}

/* a[start:stop], rows of a matrix. */
static wg_tensor rows(wg_tensor a, int64_t start, int64_t stop) { return wg_slice(a, .axis = 0, .start = start, .stop = stop); }

static wg_tensor one_to_six(tutorial *t, const char *name) { return given(t, name, &WG_ARRAY(int64_t, WG_SHAPE(2, 3), 1, 2, 3, 4, 5, 6)); }

/* ---- Creating arrays ---------------------------------------------------------------------------------------------------- */

static void creating(tutorial *t, wg_rng *random)
{
    heading(t, "Creating arrays");
    print_array(t, "a = np.array([1, 2, 3]):", given(t, "a", &WG_ARRAY(int64_t, WG_SHAPE(3), 1, 2, 3)));
    print_array(t, "b = np.array([[1,2],[3,4]]):\n", given(t, "b", &WG_ARRAY(int64_t, WG_SHAPE(2, 2), 1, 2, 3, 4)));
    print_array(t, "c = np.zeros((3, 4)):\n", wg_zeros(t->tape, WG_SHAPE(3, 4)));
    print_array(t, "d = np.ones((2, 5)):\n", wg_ones(t->tape, WG_SHAPE(2, 5)));
    print_array(t, "e = np.random.randn(3, 3):\n", randn(t, random, WG_F64, WG_SHAPE(3, 3)));
    print_array(t, "f = np.eye(5):\n", wg_eye(t->tape, 5));
}

/* ---- Shape and reshape -------------------------------------------------------------------------------------------------- */

static void shape_and_reshape(tutorial *t)
{
    heading(t, "Shape and reshape");
    wg_tensor a = one_to_six(t, "shape.a");
    print_shape(t, "a.shape:", a);
    print_array(t, "a.reshape(3, 2):\n", wg_reshape(a, WG_SHAPE(3, 2)));
    print_array(t, "a.reshape(6):", wg_reshape(a, WG_SHAPE(6)));
    print_array(t, "a.T:\n", wg_transpose(a));
    print_shape(t, "a 28x28 image, reshaped:", wg_reshape(wg_zeros(t->tape, WG_SHAPE(28, 28)), WG_SHAPE(784)));
}

/* ---- Indexing and slicing ----------------------------------------------------------------------------------------------- */

static void indexing(tutorial *t)
{
    heading(t, "Indexing and slicing");
    wg_tensor a = given(t, "index.a", &WG_ARRAY(int64_t, WG_SHAPE(5), 10, 20, 30, 40, 50));
    print_array(t, "a[0]:", element(a, 0));
    print_array(t, "a[-1]:", wg_squeeze(rows(a, -1, WG_END)));
    print_array(t, "a[1:4]:", rows(a, 1, 4));
    print_array(t, "a[:3]:", rows(a, 0, 3));

    wg_tensor b = given(t, "index.b", &WG_ARRAY(int64_t, WG_SHAPE(3, 3), 1, 2, 3, 4, 5, 6, 7, 8, 9));
    print_array(t, "b[0]:", element(b, 0));
    print_array(t, "b[:, 1]:", wg_squeeze(wg_slice(b, .axis = 1, .start = 1, .stop = 2)));
    print_array(t, "b[0:2, :]:\n", rows(b, 0, 2));
}

/* ---- Math operations (element-wise) --------------------------------------------------------------------------------------- */

static void element_wise(tutorial *t)
{
    heading(t, "Math operations (element-wise)");
    wg_tensor a = given(t, "math.a", &WG_ARRAY(int64_t, WG_SHAPE(3), 1, 2, 3));
    wg_tensor b = given(t, "math.b", &WG_ARRAY(int64_t, WG_SHAPE(3), 4, 5, 6));
    wg_tensor real = wg_cast(a, WG_F64); /* NumPy does this by itself where integers would not do; here it is written */
    print_array(t, "a + b:", wg_add(a, b));
    print_array(t, "a * b:", wg_mul(a, b));
    print_array(t, "a ** 2:", wg_square(a));
    print_array_rounded(t, "1 / a:", wg_div(wg_num(1), real), 2);
    print_array_rounded(t, "np.exp(a):", wg_exp(real), 1);
}

/* ---- Matrix multiplication (dot product) ------------------------------------------------------------------------------------- */

static void matrix_multiplication(tutorial *t)
{
    heading(t, "Matrix multiplication (dot product)");
    wg_tensor A = given(t, "A", &WG_ARRAY(double, WG_SHAPE(2, 2), 1, 2, 3, 4));
    wg_tensor B = given(t, "B", &WG_ARRAY(double, WG_SHAPE(2, 2), 5, 6, 7, 8));
    print_array(t, "A @ B:\n", wg_matmul(A, B));

    wg_tensor image = wg_zeros(t->tape, WG_SHAPE(1, 784)), wide = wg_zeros(t->tape, WG_SHAPE(784, 64));
    print_shape(t, "(784, 64) dot (64, 10) =", wg_matmul(wide, wg_zeros(t->tape, WG_SHAPE(64, 10))));
    print_mistake(t, "(784, 64) dot (10, 64) = ERROR:", wg_matmul(wide, wg_zeros(t->tape, WG_SHAPE(10, 64))));
    print_shape(t, "Input (1, 784) x Weights (784, 64) = Hidden", wg_matmul(image, wide));
}

/* ---- Broadcasting --------------------------------------------------------------------------------------------------------- */

static void broadcasting(tutorial *t)
{
    heading(t, "Broadcasting");
    wg_tensor a = one_to_six(t, "broadcast.a"), b = given(t, "broadcast.b", &WG_ARRAY(int64_t, WG_SHAPE(3), 10, 20, 30));
    print_array(t, "a + b, b added to each row of a:\n", wg_add(a, b));

    wg_tensor X_batch = wg_ones(t->tape, WG_SHAPE(32, 784)), W1 = wg_ones(t->tape, WG_SHAPE(784, 64));
    print_shape(t, "X_batch.dot(W1) + b1, of 32 images:", wg_add(wg_matmul(X_batch, W1), wg_zeros(t->tape, WG_SHAPE(1, 64))));
}

/* ---- Axis operations ------------------------------------------------------------------------------------------------------ */

static void axes(tutorial *t)
{
    heading(t, "Axis operations");
    wg_tensor a = one_to_six(t, "axis.a");
    print_array(t, "np.sum(a):", wg_sum(a));
    print_array(t, "np.sum(a, axis=0):", wg_sum(a, .axes = WG_INTS(0)));
    print_array(t, "np.sum(a, axis=1):", wg_sum(a, .axes = WG_INTS(1)));
    print_array(t, "np.mean(a, axis=0):", wg_mean(wg_cast(a, WG_F64), .axes = WG_INTS(0)));
    print_array(t, "np.argmax(a, axis=1):", wg_argmax(a, .axis = 1));
}

/* ---- Random and permutation ------------------------------------------------------------------------------------------------- */

static void random_and_permutation(tutorial *t, wg_rng *random)
{
    heading(t, "Random and permutation");
    int64_t order[100];
    print_array(t, "np.random.randn(3, 4):\n", randn(t, random, WG_F64, WG_SHAPE(3, 4)));
    if (wg_rng_permutation(random, 100, order)) tutorial_fail(t, "%s", wg_status_text(WG_ENOMEM));
    wg_array shuffled = wg_array_wrap(order, WG_I64, WG_SHAPE(100));
    print_array(t, "np.random.permutation(100):\n", given(t, "permutation", &shuffled));
}

void arrays(tutorial *t)
{
    wg_rng *random = wg_rng_new(42), *again = wg_rng_new(42); /* np.random.seed(42) at the start, and in the last lesson */
    if (random && again) {
        creating(t, random);
        shape_and_reshape(t);
        indexing(t);
        element_wise(t);
        matrix_multiplication(t);
        broadcasting(t);
        axes(t);
        random_and_permutation(t, again);
    } else tutorial_fail(t, "%s", wg_status_text(WG_ENOMEM));
    wg_rng_free(random);
    wg_rng_free(again);
}

/* ---- Part 2: the math ---------------------------------------------------------------------------------------------------------- */

wg_tensor sigmoid(wg_tensor z) { return wg_div(wg_num(1), wg_add(wg_num(1), wg_exp(wg_neg(z)))); }

wg_tensor sigmoid_derivative(wg_tensor a) { return wg_mul(a, wg_sub(wg_num(1), a)); }

/* new_weight = old_weight - learning_rate * gradient, three times, down a hill whose lowest place is 3. */
static void gradient_descent(tutorial *t)
{
    wg_tensor weight = given_number(t, "hill_weight", 0), learning_rate = given_number(t, "hill_rate", 0.25);
    for (int step = 0; step < 3; step++) {
        wg_tensor height = wg_square(wg_sub(weight, wg_num(3))), gradient = wg_grad(height, weight);
        weight = wg_sub(weight, wg_mul(learning_rate, gradient));
        print_number(t, "new_weight:", weight);
    }
}

void the_math(tutorial *t)
{
    heading(t, "The math");
    wg_tensor z = given(t, "z", &WG_ARRAY(double, WG_SHAPE(3), -10, 0, 10));
    print_array(t, "sigmoid(-10, 0, 10):", sigmoid(z));

    /* the tape differentiates by the input; these are the inputs where sigmoid answers 0.5 and 0.99 */
    wg_tensor a = given(t, "activations", &WG_ARRAY(double, WG_SHAPE(2), 0.5, 0.99));
    wg_tensor input = wg_log(wg_div(a, wg_sub(wg_num(1), a)));
    print_list_rounded(t, "derivative a (1 - a) at a = 0.5, 0.99:", sigmoid_derivative(a), 4);
    print_list_rounded(t, "the same by the tape:", wg_grad(wg_sum(sigmoid(input)), input), 4);
    gradient_descent(t);
}

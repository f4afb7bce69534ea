/* songs.c -- neurons, layers and the magic of matrix multiplication: the first tutorial.
 *
 * How much will you love a song? Experts (neurons) vote: each weighs the song's features and adds a bias. The same votes are computed by
 * hand, with loops, with one matrix product, and for a batch of songs. Every number printed comes out of the tape: the calls below
 * only record what is to be computed, and each print computes what it needs.
 *
 * usage: songs [--set NAME[i,j]=VALUE]...      songs --set weights[0]=0.6 */
#include "tutorial.h"

/* 1. The single neuron: y = x1 w1 + x2 w2 + x3 w3 + b. 2. A fourth input joins: its contribution is added to the score. */
static void one_neuron(tutorial *t)
{
    wg_tensor danceability = given_number(t, "danceability", 0.82);
    wg_tensor energy = given_number(t, "energy", 0.76);
    wg_tensor sadness = given_number(t, "sadness", 0.68);
    wg_tensor weights = given(t, "weights", &WG_ARRAY(double, WG_SHAPE(4), 0.5, 0.9, -0.4, 0.015)); /* loves energy, dislikes sadness */
    wg_tensor bias = given_number(t, "bias", 1.1);

    wg_tensor score = wg_mul(danceability, element(weights, 0));
    score = wg_add(score, wg_mul(energy, element(weights, 1)));
    score = wg_add(score, wg_mul(sadness, element(weights, 2)));
    score = wg_add(score, bias);
    print_number_rounded(t, "Single output score:", score, 3);

    wg_tensor tempo = given_number(t, "tempo", 133);
    print_list(t, "", weights);
    print_number_rounded(t, "Updated 4-feature output score:", wg_add(score, wg_mul(tempo, element(weights, 3))), 3);
}

typedef struct experts {
    wg_tensor song, weights, biases;
} experts;

/* 3. A full layer: three experts with different tastes hear the same song. */
static experts three_experts(tutorial *t)
{
    experts e;
    e.song = given(t, "song", &WG_ARRAY(double, WG_SHAPE(4), 0.82, 0.76, 0.68, 127));
    e.weights = given(t, "expert_weights",
                      &WG_ARRAY(double, WG_SHAPE(3, 4), 0.5, 0.9, -0.4, 0.017, /* dance lover  */
                                0.3, -0.8, 0.7, 0.04,                          /* chill seeker */
                                -0.6, 0.2, 0.95, 0.008));                      /* emotional    */
    e.biases = given(t, "expert_biases", &WG_ARRAY(double, WG_SHAPE(3), 1.1, 2.3, 0.9));
    printf("%lld\n", (long long)wg_dim(e.song, 0));

    wg_tensor score[3];
    for (int i = 0; i < 3; i++) score[i] = wg_add(wg_sum(wg_mul(e.song, element(e.weights, i))), element(e.biases, i));
    print_list_rounded(t, "Three expert scores:", wg_stack(WG_LIST(score[0], score[1], score[2])), 3);
    return e;
}

/* 4. Loops: a neuron for each row of the weights, a product for each of its features. Nothing is written down for three experts only. */
enum { MOST = 8 }; /* experts */

static void loops(tutorial *t, experts e)
{
    wg_tensor scores[MOST];
    int64_t count = wg_dim(e.weights, 0), features = wg_dim(e.song, 0);
    if (!tutorial_fine(t)) return;
    for (int64_t i = 0; i < count && i < MOST; i++) {
        wg_tensor score = wg_num(0), row = element(e.weights, i);
        for (int64_t j = 0; j < features; j++) score = wg_add(wg_mul(element(e.song, j), element(row, j)), score);
        scores[i] = wg_add(score, element(e.biases, i));
    }
    print_list_rounded(t, "Loop result:", wg_stack(wg_tensors_of(scores, (size_t)count)), 3);
}

/* 5. One line for the whole layer: y = W x + b. */
static void one_line(tutorial *t, experts e) { print_array_rounded(t, "One line:", wg_add(wg_matmul(e.weights, e.song), e.biases), 3); }

/* 6. Many songs at once: Y = X W^T + b. X is (songs, features), W^T (features, experts), so Y is (songs, experts). */
static void batch(tutorial *t, experts e)
{
    wg_tensor songs = given(t, "songs",
                            &WG_ARRAY(double, WG_SHAPE(3, 4), 0.82, 0.76, 0.68, 127, /* pop           */
                                      0.91, 0.88, 0.45, 150,                         /* energy banger */
                                      0.38, 0.32, 0.22, 92));                        /* sad           */
    wg_tensor scores = wg_add(wg_matmul(songs, wg_transpose(e.weights)), e.biases);
    t->subject = scores;
    print_shape(t, "Batch Shape: ", scores);
    print_array_rounded(t, "All Scores: \n", scores, 3);
}

/* The last part: each feature beside its weight, and their product. */
static void pairs(tutorial *t, experts e)
{
    wg_tensor weights = element(e.weights, 0), products = wg_mul(e.song, weights);
    print_list(t, "Song features:", e.song);
    print_list(t, "Expert 1 weights:", weights);
    wg_array x = value_of(t, e.song), w = value_of(t, weights), y = value_of(t, products);
    for (int64_t i = 0; tutorial_fine(t) && i < 4; i++) {
        char text[3][40];
        python_float(text[0], wg_array_at(&x, i));
        python_float(text[1], wg_array_at(&w, i));
        python_float(text[2], wg_array_at(&y, i));
        printf("%s * %s = %s\n", text[0], text[1], text[2]);
    }
}

int main(int argc, char **argv)
{
    tutorial t = tutorial_start("songs", argc, argv, NULL);
    if (tutorial_fine(&t)) {
        one_neuron(&t);
        experts e = three_experts(&t);
        loops(&t, e);
        one_line(&t, e);
        batch(&t, e);
        pairs(&t, e);
    }
    return tutorial_end(&t);
}

/* fashion_mlp.c -- learns Fashion-MNIST: 28 x 28 pictures of ten kinds of clothes, 784-256-128-10.
 * usage: fashion_mlp [DATA_DIR [OUT_DIR]]
 * Writes OUT_DIR/graph.svg, loss.tsv, model.tape and model.safetensors; ends with the accuracy on the test set. */
#include "progress.h"
#include <string.h>
#include <wengert.h>

enum { EPOCHS = 12, BATCH = 128 };

typedef struct model {
    wg_tensor image, label, loss, right;
} model;

static model declare(wg_tape *t)
{
    model m;
    m.image = wg_input(t, "image", WG_U8, WG_SHAPE(WG_ANY, 28, 28));
    m.label = wg_input_range(t, "label", WG_U8, WG_SHAPE(WG_ANY), 0, 10);
    wg_tensor x = wg_div(wg_cast(wg_reshape(m.image, WG_SHAPE(-1, 784)), WG_F32), wg_num(255));
    x = wg_nn_linear(x, 256, .act = wg_relu, .name = "fc1");
    x = wg_dropout(x, .p = 0.1);
    x = wg_nn_linear(x, 128, .act = wg_relu, .name = "fc2");
    x = wg_nn_linear(x, 10, .name = "fc3");
    m.loss = wg_name(wg_cross_entropy(x, m.label), "loss");
    m.right = wg_name(wg_mean(wg_eq(wg_argmax(x, .axis = 1), wg_cast(m.label, WG_I64))), "accuracy");
    return m;
}

typedef struct data {
    wg_array image, label, test_image, test_label;
} data;

static bool load(const char *dir, const char *file, wg_array *a)
{
    char path[4096], why[512];
    snprintf(path, sizeof path, "%s/%s", dir, file);
    if (wg_idx_read(path, a, why, sizeof why) == WG_OK) return true;
    fprintf(stderr, "%s\n", why);
    return false;
}

static bool load_all(const char *dir, data *d)
{
    return load(dir, "train-images-idx3-ubyte.gz", &d->image) && load(dir, "train-labels-idx1-ubyte.gz", &d->label) &&
           load(dir, "t10k-images-idx3-ubyte.gz", &d->test_image) && load(dir, "t10k-labels-idx1-ubyte.gz", &d->test_label);
}

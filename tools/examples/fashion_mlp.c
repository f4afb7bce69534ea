/* fashion_mlp.c -- learns Fashion-MNIST, 28 x 28 pictures of ten kinds of clothes (Xiao, Rasul and Vollgraf 2017,
 * arXiv:1708.07747), with a network 784-256-128-10.
 *
 * usage: fashion_mlp [--epochs N] [DATA_DIR [OUT_DIR]]
 *
 * Writes OUT_DIR/graph.svg and graph.dot (the training tape), loss.tsv (the losses), model.tape (the
 * evaluation tape) and model.safetensors (its weights). The last line is the accuracy on the test pictures after the last
 * epoch: nothing is chosen by them. Exit status: 0; 1 on an error; 77 when the pictures are not there. */
#include "progress.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <wengert.h>

/* ---- the model -------------------------------------------------------------------------------------------------------- */

typedef struct model {
    wg_tape *tape;
    wg_tensor image, label, logits, loss, accuracy;
} model;

static model declare(wg_params *params, bool eval)
{
    model m = {.tape = wg_tape_new(.seed = 1, .params = params, .eval = eval)};
    m.image = wg_input(m.tape, "image", WG_U8, WG_SHAPE(WG_ANY, 28, 28));
    m.label = wg_input_range(m.tape, "label", WG_U8, WG_SHAPE(WG_ANY), 0, 10);
    wg_tensor x = wg_cast(wg_reshape(m.image, WG_SHAPE(WG_ANY, 784)), WG_F32);
    x = wg_div(x, wg_num(255));
    x = wg_nn_linear(x, 256, .act = wg_relu, .name = "fc1");
    x = wg_dropout(x, .p = 0.1);
    x = wg_nn_linear(x, 128, .act = wg_relu, .name = "fc2");
    m.logits = wg_name(wg_nn_linear(x, 10, .name = "fc3"), "logits");
    m.loss = wg_name(wg_cross_entropy(m.logits, m.label), "loss");
    m.accuracy = wg_name(wg_mean(wg_eq(wg_argmax(m.logits, .axis = 1), wg_cast(m.label, WG_I64))), "accuracy");
    wg_return(m.tape, WG_LIST(m.logits, m.loss, m.accuracy));
    return m;
}

/* ---- the pictures ----------------------------------------------------------------------------------------------------- */

typedef struct data {
    wg_array train[2], test[2]; /* images, labels */
} data;

static void free_data(data *d)
{
    for (int i = 0; i < 2; i++) wg_array_free(&d->train[i]), wg_array_free(&d->test[i]);
}

/* 0, or the exit status. */
static int load(data *d, const char *dir)
{
    static const char *const files[] = {"train-images-idx3-ubyte.gz", "train-labels-idx1-ubyte.gz", "t10k-images-idx3-ubyte.gz",
                                        "t10k-labels-idx1-ubyte.gz"};
    for (int i = 0; i < 4; i++) {
        char path[4096], why[512];
        struct stat s;
        snprintf(path, sizeof path, "%s/%s", dir, files[i]);
        if (stat(path, &s)) {
            fprintf(stderr,
                    "fashion_mlp: %s: %s\nThe pictures are Debian's package dataset-fashion-mnist (apt-get install dataset-fashion-mnist), "
                    "or name the folder that holds them: fashion_mlp DATA_DIR\n",
                    path, strerror(errno));
            return 77;
        }
        if (wg_idx_read(path, i < 2 ? &d->train[i] : &d->test[i - 2], why, sizeof why)) return fprintf(stderr, "fashion_mlp: %s\n", why), 1;
    }
    return 0;
}

/* ---- training --------------------------------------------------------------------------------------------------------- */

enum { BATCH = 128 };
static const double rate = 1e-3, last_rate = 1e-5;

typedef struct training {
    model m, e; /* training, evaluation: two tapes, one set of parameters */
    wg_plan *step, *test;
    wg_loader *loader;
    data *d;
    FILE *curve;
    int epochs;
    double accuracy; /* on the test pictures, after the epoch that ended last */
} training;

static bool run(wg_plan *p, const model *m, const wg_array *batch)
{
    if (!wg_feed(p, m->image, batch[0]) && !wg_feed(p, m->label, batch[1]) && !wg_run(p)) return true;
    fprintf(stderr, "fashion_mlp: %s\n", wg_plan_error(p));
    return false;
}

static bool train_epoch(training *t, progress *p, int epoch)
{
    wg_array batch[2];
    double sum = 0;
    while (wg_next(t->loader, batch)) {
        wg_set_lr(t->step, wg_cosine(rate, last_rate, p->step, p->steps));
        if (!run(t->step, &t->m, batch)) return false;
        double loss = wg_read_scalar(t->step, t->m.loss);
        sum += loss;
        progress_step(p, loss, batch[0].shape.dim[0]);
        fprintf(t->curve, "%lld\t%.6f\n", (long long)p->step, loss);
    }
    if (!run(t->test, &t->e, t->d->test)) return false;
    double mean = sum / (double)wg_loader_batches(t->loader), test = wg_read_scalar(t->test, t->e.loss);
    t->accuracy = wg_read_scalar(t->test, t->e.accuracy);
    fprintf(t->curve, "%lld\tnan\t%.6f\t%.6f\t%.4f\n", (long long)p->step, mean, test, t->accuracy);
    progress_line(p, "epoch %d of %d: loss %.4f, on the test pictures %.4f, %.0f images/s, %.1f s", epoch, t->epochs, mean, test,
                  (double)p->images / progress_seconds(p), progress_seconds(p));
    return true;
}

static bool train(training *t)
{
    progress p = progress_start(t->epochs * wg_loader_batches(t->loader));
    fputs("step\tloss\tepoch_loss\ttest_loss\ttest_accuracy\n", t->curve);
    for (int epoch = 1; epoch <= t->epochs; epoch++)
        if (!train_epoch(t, &p, epoch)) return false;
    return true;
}

/* ---- what is left behind ---------------------------------------------------------------------------------------------- */

static bool draw(const wg_tape *tape, const char *out)
{
    char path[4096], why[512] = "";
    snprintf(path, sizeof path, "%s/graph.dot", out);
    if (wg_draw(tape, path, .why = why, .why_size = sizeof why)) return fprintf(stderr, "fashion_mlp: %s\n", why), false;
    snprintf(path, sizeof path, "%s/graph.svg", out);
    wg_status s = wg_draw(tape, path, .why = why, .why_size = sizeof why);
    if (s) fprintf(stderr, "fashion_mlp: %s\n", why);
    return s == WG_OK || s == WG_EMISSING; /* without Graphviz there is graph.dot */
}

static bool save(const training *t, const char *out)
{
    char path[4096];
    snprintf(path, sizeof path, "%s/model.tape", out);
    wg_status s = wg_tape_save(t->e.tape, path);
    if (s) return fprintf(stderr, "fashion_mlp: %s: %s\n", path, wg_status_text(s)), false;
    snprintf(path, sizeof path, "%s/model.safetensors", out);
    wg_params *params = wg_tape_params(t->e.tape);
    if (wg_params_save(params, path)) return fprintf(stderr, "fashion_mlp: %s\n", wg_params_error(params)), false;
    return true;
}

static bool work(training *t, const char *out)
{
    char path[4096], why[512] = "";
    if (!wg_error(t->m.tape) && !draw(t->m.tape, out)) return false; /* the model alone: wg_minimize adds some 300 nodes */
    t->step = wg_minimize(t->m.loss, wg_adamw(.lr = rate));
    t->test = wg_plan_new(t->e.loss, t->e.accuracy);
    const char *error = !t->step ? wg_error(t->m.tape) : !t->test ? wg_error(t->e.tape) : NULL;
    if (error) return fprintf(stderr, "fashion_mlp: %s\n", error), false;
    t->loader = wg_loader_new(t->d->train, .n = 2, .batch = BATCH, .shuffle = true, .seed = 1, .why = why, .why_size = sizeof why);
    if (!t->loader) return fprintf(stderr, "fashion_mlp: %s\n", why), false;
    snprintf(path, sizeof path, "%s/loss.tsv", out);
    t->curve = fopen(path, "w");
    if (!t->curve) return fprintf(stderr, "fashion_mlp: %s: %s\n", path, strerror(errno)), false;
    if (!train(t) || !save(t, out)) return false;
    printf("test accuracy %.4f (epoch %d of %d)\n", t->accuracy, t->epochs, t->epochs);
    return true;
}

int main(int argc, char **argv)
{
    data d = {0};
    training t = {.epochs = 12, .d = &d};
    int i = 1;
    if (argc > 2 && strcmp(argv[1], "--epochs") == 0) t.epochs = atoi(argv[2]), i = 3;
    if (t.epochs < 1 || argc > i + 2 || (argc > i && argv[i][0] == '-'))
        return fputs("usage: fashion_mlp [--epochs N] [DATA_DIR [OUT_DIR]]\n", stderr), 1;
    const char *from = argc > i ? argv[i] : "/usr/share/datasets/fashion-mnist", *out = argc > i + 1 ? argv[i + 1] : "out";
    if (mkdir(out, 0777) && errno != EEXIST) return fprintf(stderr, "fashion_mlp: %s: %s\n", out, strerror(errno)), 1;
    int status = load(&d, from);
    if (!status) {
        wg_params *params = wg_params_new();
        t.m = declare(params, false);
        t.e = declare(params, true);
        status = work(&t, out) ? 0 : 1;
        wg_loader_free(t.loader);
        wg_tape_free(t.m.tape);
        wg_tape_free(t.e.tape);
        wg_params_free(params);
    }
    if (t.curve && fclose(t.curve)) status = 1;
    free_data(&d);
    return status;
}

/* test_saving.c -- parameters and models to and from files: strictly, or what fits; a model in two files; a mapped file; what a
 * file says of itself. */
#define _XOPEN_SOURCE 700
#include "io_files.h"

#include <sys/resource.h>
#include <wengert.h>

/* ---- parameters --------------------------------------------------------------------------------------------------- */

static void set(wg_params *p, const char *name, wg_dtype dtype, wg_shape shape, wg_param_kind kind)
{
    wg_array a = filled(dtype, shape);
    ck_assert_int_eq(wg_params_set(p, name, &a, kind), WG_OK);
    wg_array_free(&a);
}

static void zero(wg_params *p, const char *name)
{
    wg_array a;
    ck_assert_int_eq(wg_params_get(p, name, &a), WG_OK);
    memset(a.data, 0, (size_t)wg_shape_count(a.shape) * wg_dtype_size(a.dtype));
}

static void ck_param(const wg_params *p, const char *name, wg_dtype dtype, wg_shape shape, bool loaded)
{
    wg_array a;
    ck_assert_int_eq(wg_params_get(p, name, &a), WG_OK);
    if (loaded) {
        ck_filled(&a, dtype, shape);
        return;
    }
    for (int64_t i = 0; i < wg_shape_count(a.shape); i++) ck_assert_double_eq(wg_array_at(&a, i), 0);
}

START_TEST(params_save_and_load)
{
    place p = at("p.safetensors");
    wg_params *a = wg_params_new();
    set(a, "fc1.weight", WG_F32, SHAPE(2, 4, 3), WG_TRAINABLE);
    set(a, "bn.mean", WG_F64, SHAPE(1, 5), WG_BUFFER);
    set(a, "adam/step", WG_I64, SHAPE(0, 0), WG_STATE);
    ck_assert_msg(!wg_params_save(a, p.path), "%s", wg_params_error(a));
    for (int strict = 0; strict < 2; strict++) {
        zero(a, "fc1.weight");
        zero(a, "bn.mean");
        ck_assert_msg(!wg_params_load(a, p.path, .strict = strict), "%s", wg_params_error(a));
        ck_assert_ptr_null(wg_params_error(a));
        ck_param(a, "fc1.weight", WG_F32, SHAPE(2, 4, 3), true);
        ck_param(a, "bn.mean", WG_F64, SHAPE(1, 5), true);
        ck_assert_int_eq(wg_params_kind(a, "bn.mean"), WG_BUFFER);
        ck_assert_int_eq(wg_params_kind(a, "adam/step"), WG_STATE);
        ck_assert_uint_eq(wg_params_count(a), 3);
    }
    ck_assert_int_eq(wg_params_save(a, at("nowhere/p").path), WG_EIO);
    ck_assert_ptr_nonnull(strstr(wg_params_error(a), "No such file"));
    ck_assert_int_eq(wg_params_load(a, at("nowhere/p").path, .strict = false), WG_EIO);
    ck_assert_int_eq(wg_params_save(a, NULL), WG_EARG);
    ck_assert_int_eq(wg_params_load(a, NULL), WG_EARG);
    wg_params_free(a);
}
END_TEST

START_TEST(params_that_do_not_fit)
{
    char want[768];
    place p = at("q.safetensors");
    wg_params *a = wg_params_new(), *b = wg_params_new();
    set(a, "same", WG_F32, SHAPE(1, 3), WG_TRAINABLE);
    set(a, "extra.1", WG_F32, SHAPE(1, 3), WG_TRAINABLE);
    set(a, "extra.2", WG_F32, SHAPE(1, 3), WG_TRAINABLE);
    set(a, "long", WG_F32, SHAPE(2, 4, 3), WG_TRAINABLE);
    set(a, "wide", WG_F64, SHAPE(1, 2), WG_TRAINABLE);
    set(b, "absent", WG_F32, SHAPE(1, 3), WG_TRAINABLE);
    set(b, "same", WG_F32, SHAPE(1, 3), WG_TRAINABLE);
    set(b, "long", WG_F32, SHAPE(2, 3, 4), WG_TRAINABLE);
    set(b, "wide", WG_F32, SHAPE(1, 2), WG_TRAINABLE);
    ck_assert_int_eq(wg_params_save(a, p.path), WG_OK);
    zero(b, "same");
    ck_assert_int_eq(wg_params_load(b, p.path), WG_EMISSING);
    snprintf(want, sizeof want,
             "%s: does not fit the parameters: missing from the file: absent; not among the "
             "parameters: extra.1, extra.2; unlike: long is f32[4,3] in the file, f32[3,4] here, wide is f64[2] in the "
             "file, f32[2] here",
             p.path);
    ck_assert_str_eq(wg_params_error(b), want);
    ck_param(b, "same", WG_F32, SHAPE(1, 3), false); /* a transaction */
    ck_assert_ptr_null(wg_params_left(b));
    ck_assert_int_eq(wg_params_load(b, p.path, .strict = false), WG_OK);
    ck_assert_ptr_null(wg_params_error(b));
    ck_assert_str_eq(wg_params_left(b), want);
    ck_param(b, "same", WG_F32, SHAPE(1, 3), true);
    ck_param(b, "long", WG_F32, SHAPE(2, 3, 4), true);
    ck_assert_uint_eq(wg_params_count(b), 4);
    ck_assert_int_eq(wg_params_load(a, p.path, .strict = false), WG_OK);
    ck_assert_ptr_null(wg_params_left(a));
    ck_assert_ptr_null(wg_params_left(NULL));
    for (int i = 0; i < 1000; i++) {
        char name[32];
        snprintf(name, sizeof name, "block.%d.weight", i);
        set(b, name, WG_F32, SHAPE(1, 1), WG_TRAINABLE);
    }
    ck_assert_int_eq(wg_params_load(b, p.path), WG_EMISSING); /* however many they are, all are named */
    int listed = 0;
    for (const char *c = wg_params_error(b) + strlen(p.path); (c = strstr(c, "block.")); c++) listed++;
    ck_assert_int_eq(listed, 1000);
    ck_assert_ptr_nonnull(strstr(wg_params_error(b), "; unlike: long is f32[4,3] in the file, f32[3,4] here, wide"));
    ck_assert_int_eq(wg_params_load(b, at("nowhere/p").path), WG_EIO); /* another error takes its place */
    ck_assert_ptr_null(strstr(wg_params_error(b), "block."));
    wg_params_free(a);
    wg_params_free(b);
}
END_TEST

/* A file that breaks at its very end has changed nothing. */
START_TEST(params_load_is_a_transaction)
{
    unsigned char bytes[1024];
    place p = at("t.safetensors");
    wg_params *a = wg_params_new();
    set(a, "first", WG_F32, SHAPE(1, 3), WG_TRAINABLE);
    set(a, "second", WG_F32, SHAPE(1, 3), WG_TRAINABLE);
    ck_assert_int_eq(wg_params_save(a, p.path), WG_OK);
    size_t n = slurp(p.path, bytes, sizeof bytes);
    spew(p.path, bytes, n - 1);
    zero(a, "first");
    zero(a, "second");
    for (int strict = 0; strict < 2; strict++) {
        ck_assert_int_eq(wg_params_load(a, p.path, .strict = strict), WG_EFORMAT);
        ck_assert_ptr_nonnull(strstr(wg_params_error(a), p.path));
        ck_param(a, "first", WG_F32, SHAPE(1, 3), false);
        ck_param(a, "second", WG_F32, SHAPE(1, 3), false);
    }
    wg_params_free(a);
}
END_TEST

/* ---- a model --------------------------------------------------------------------------------------------------------- */

/* Batch norm and dropout, so that a training tape has buffers and a step that an evaluation tape has not. */
static wg_tensor declare(wg_tape *t)
{
    wg_tensor x = wg_input(t, "x", WG_F32, WG_SHAPE(WG_ANY, 3));
    x = wg_nn_batch_norm(wg_nn_linear(x, 4, .name = "fc1"), .name = "bn");
    x = wg_name(wg_nn_linear(wg_dropout(wg_tanh(x), .p = 0.2), 2, .name = "fc2"), "y");
    wg_return(t, WG_LIST(x));
    return x;
}

static void answer(wg_tape *t, wg_tensor y, float out[4][2])
{
    static const float x[4][3] = {{1, 2, 3}, {-1, 0.5f, 2}, {0, 0, 1}, {3, -2, 0.25f}};
    wg_array a;
    wg_plan *p = wg_plan_new(y);
    ck_assert_msg(p && !wg_feed(p, wg_find(t, "x"), wg_array_wrap(x, WG_F32, WG_SHAPE(4, 3))) && !wg_run(p), "%s",
                  p ? wg_plan_error(p) : wg_error(t));
    ck_assert_int_eq(wg_read(p, y, &a), WG_OK);
    memcpy(out, a.data, sizeof(float[4][2]));
}

/* A store with a trained model: its evaluation tape. */
static wg_tape *trained(wg_params *params)
{
    wg_tape *learn = wg_tape_new(.seed = 3, .params = params), *judge = wg_tape_new(.seed = 3, .params = params, .eval = true);
    float out[4][2];
    wg_plan *step = wg_minimize(wg_mean(wg_square(declare(learn))), wg_adam(.lr = 0.1));
    ck_assert_msg(step && wg_ok(declare(judge)), "%s", wg_error(learn));
    float x[2][3] = {{1, 2, 3}, {3, 2, -1}};
    for (int i = 0; i < 5; i++) ck_assert(!wg_feed(step, wg_find(learn, "x"), wg_array_wrap(x, WG_F32, WG_SHAPE(2, 3))) && !wg_run(step));
    answer(judge, wg_find(judge, "y"), out);
    wg_tape_free(learn);
    return judge;
}

START_TEST(a_model_in_two_files)
{
    wg_params *params = wg_params_new(), *shared = wg_params_new();
    wg_tape *t = trained(params), *back;
    float wanted[4][2], got[4][2];
    wg_archive a;
    place p = at("model");
    ck_assert_msg(wg_model_save(t, p.path, why, sizeof why) == WG_OK && !*why, "%s", why);
    answer(t, wg_find(t, "y"), wanted);
    ck_assert_int_eq(wg_safetensors_read(at("model.safetensors").path, &a, why, sizeof why), WG_OK);
    static const char *const names[] = {
        "fc1.weight", "fc1.bias", "bn.weight", "bn.bias", "bn.running_mean", "bn.running_var", "bn.num_batches_tracked",
        "fc2.weight", "fc2.bias"}; /* as PyTorch's state_dict; nothing of Adam's */
    ck_assert_uint_eq(a.count, sizeof names / sizeof *names);
    for (size_t i = 0; i < a.count; i++) ck_assert_ptr_nonnull(wg_archive_find(&a, names[i]));
    ck_assert_str_eq(wg_archive_meta(&a, "format"), "pt");
    ck_assert_double_eq(wg_array_at(wg_archive_find(&a, "bn.num_batches_tracked"), 0), 5);
    wg_archive_free(&a);
    set(shared, "another", WG_F32, SHAPE(1, 3), WG_TRAINABLE); /* a store may hold more than the model */
    for (int i = 0; i < 2; i++) {
        ck_assert_msg(!wg_model_load(&back, p.path, i ? &(wg_tape_options){.params = shared} : NULL, why, sizeof why), "%s", why);
        ck_assert(wg_tape_eval(back) && wg_returned(back).n == 1);
        answer(back, wg_returned(back).x[0], got);
        ck_assert_mem_eq(got, wanted, sizeof wanted);
        wg_tape_free(back);
    }
    ck_param(shared, "another", WG_F32, SHAPE(1, 3), true);
    wg_tape_free(t);
    wg_params_free(params);
    wg_params_free(shared);
}
END_TEST

/* A tape with an optimiser on it saves the optimiser's state, too, and goes on where it was. */
START_TEST(a_training_tape_goes_on)
{
    wg_tape *t = wg_tape_new(.seed = 3), *back;
    wg_tensor w = wg_param(t, "w", WG_SHAPE(3), .init = {.kind = "ones"}), loss = wg_name(wg_sum(wg_square(w)), "loss");
    wg_plan *step = wg_minimize(loss, wg_adam(.lr = 0.1));
    wg_array a, b;
    for (int i = 0; i < 3; i++) ck_assert_int_eq(wg_run(step), WG_OK);
    ck_assert_msg(wg_model_save(t, at("learning").path, why, sizeof why) == WG_OK, "%s", why);
    ck_assert_msg(wg_model_load(&back, at("learning").path, NULL, why, sizeof why) == WG_OK, "%s", why);
    ck_assert_int_eq(wg_params_kind(wg_tape_params(back), "optim.w.exp_avg"), WG_STATE);
    ck_assert_uint_eq(wg_params_count(wg_tape_params(back)), wg_params_count(wg_tape_params(t)));
    for (size_t i = 0; i < wg_params_count(wg_tape_params(t)); i++) {
        const char *name = wg_params_name(wg_tape_params(t), i);
        ck_assert(!wg_params_get(wg_tape_params(t), name, &a) && !wg_params_get(wg_tape_params(back), name, &b));
        ck_same(&a, &b);
    }
    wg_tape_free(back);
    wg_tape_free(t);
}
END_TEST

START_TEST(models_that_do_not_fit)
{
    wg_params *params = wg_params_new(), *shared = wg_params_new();
    wg_tape *t = trained(params), *back = t;
    wg_archive a, b = {0};
    place p = at("odd"), w = at("odd.safetensors");
    ck_assert_int_eq(wg_model_save(t, p.path, why, sizeof why), WG_OK);
    ck_assert_int_eq(wg_safetensors_read(w.path, &a, why, sizeof why), WG_OK);
    for (size_t i = 0; i < a.count; i++) { /* one left out, one of another shape, one more */
        wg_array x = wg_array_wrap(a.entry[i].array.data, a.entry[i].array.dtype, a.entry[i].array.shape);
        if (!strcmp(a.entry[i].name, "fc1.bias")) x.shape = SHAPE(1, 3);
        if (strcmp(a.entry[i].name, "bn.weight")) ck_assert_int_eq(wg_archive_add(&b, a.entry[i].name, &x), WG_OK);
    }
    put(&b, "fc3.weight", WG_F32, SHAPE(1, 2));
    ck_assert_int_eq(wg_safetensors_write(w.path, &b, why, sizeof why), WG_OK);
    set(shared, "fc1.weight", WG_F32, SHAPE(2, 4, 3), WG_TRAINABLE);
    ck_assert_int_eq(wg_model_load(&back, p.path, &(wg_tape_options){.params = shared}, why, sizeof why), WG_EMISSING);
    ck_why(w.path, ": does not fit the parameters: missing from the file: bn.weight; not among the parameters: fc3.weight; unlike: "
                   "fc1.bias is f32[3] in the file, f32[4] here");
    ck_assert_ptr_null(back);
    ck_param(shared, "fc1.weight", WG_F32, SHAPE(2, 4, 3), true);
    wg_archive_free(&a);
    wg_archive_free(&b);
    ck_assert_int_eq(remove(w.path), 0);
    ck_assert_int_eq(wg_model_load(&back, p.path, NULL, why, sizeof why), WG_EIO);
    ck_why(w.path, "No such file");
    ck_assert_int_eq(wg_model_load(&back, at("nothing").path, NULL, why, sizeof why), WG_EIO);
    ck_why(at("nothing.tape").path, "No such file");
    spew(at("bad.tape").path, "x = relu(y)\n", 12);
    ck_assert_int_eq(wg_model_load(&back, at("bad").path, NULL, why, sizeof why), WG_EFORMAT);
    ck_assert_ptr_null(back);
    ck_assert_int_eq(wg_model_save(t, at("nowhere/m").path, why, sizeof why), WG_EIO);
    ck_why(at("nowhere/m.safetensors").path, "No such file");
    ck_assert_int_eq(wg_model_save(NULL, p.path, why, sizeof why), WG_EARG);
    ck_assert_int_eq(wg_model_save(t, NULL, why, sizeof why), WG_EARG);
    ck_assert_int_eq(wg_model_load(NULL, p.path, NULL, why, sizeof why), WG_EARG);
    ck_assert_int_eq(wg_model_load(&back, NULL, NULL, NULL, 0), WG_EARG);
    wg_reject(t, WG_ESHAPE, "matmul: as it may be");
    ck_assert_int_eq(wg_model_save(t, p.path, why, sizeof why), WG_EARG);
    ck_why(p.path, "matmul");
    wg_tape_free(t);
    wg_params_free(params);
    wg_params_free(shared);
}
END_TEST

/* ---- a mapped file ------------------------------------------------------------------------------------------------------- */

static bool inside(const wg_archive *a, const void *p)
{
    return (const char *)p >= (const char *)a->mapped && (const char *)p < (const char *)a->mapped + a->mapped_size;
}

START_TEST(a_mapped_file)
{
    unsigned char before[2048], after[2048];
    place p = at("m.safetensors");
    wg_archive a = {0}, b, c;
    for (int d = 1; d < WG_DTYPES; d++) put(&a, wg_dtype_name((wg_dtype)d), (wg_dtype)d, SHAPE(2, 3, 5));
    put(&a, "empty", WG_F32, SHAPE(2, 0, 3));
    ck_assert_int_eq(wg_safetensors_write(p.path, &a, why, sizeof why), WG_OK);
    size_t n = slurp(p.path, before, sizeof before);
    ck_assert_msg(wg_safetensors_map(p.path, &b, why, sizeof why) == WG_OK && !*why, "%s", why);
    ck_assert_uint_eq(b.count, a.count);
    for (size_t i = 0; i < b.count; i++) {
        wg_array *x = &b.entry[i].array;
        ck_assert(wg_shape_count(x->shape) == 0 || (inside(&b, x->data) && !x->owner));
        ck_same(wg_archive_find(&a, b.entry[i].name), x);
        for (int64_t k = 0; k < wg_shape_count(x->shape); k++) wg_array_put(x, k, 1); /* of this process alone */
    }
    ck_assert_uint_eq(slurp(p.path, after, sizeof after), n);
    ck_assert_mem_eq(after, before, n);
    ck_assert_int_eq(wg_safetensors_write(p.path, &(wg_archive){0}, why, sizeof why), WG_OK); /* the file behind it stays */
    ck_assert_int_eq(wg_safetensors_map(p.path, &c, why, sizeof why), WG_OK);
    ck_assert_uint_eq(c.count, 0);
    for (size_t i = 0; i < b.count; i++)
        for (int64_t k = 0; k < wg_shape_count(b.entry[i].array.shape); k++) ck_assert_double_eq(wg_array_at(&b.entry[i].array, k), 1);
    wg_archive_free(&a);
    wg_archive_free(&b);
    wg_archive_free(&c);
    ck_assert_ptr_null(b.mapped);
}
END_TEST

/* Writers of others may put an array at any byte; a bool may be any byte. */
START_TEST(a_mapped_file_at_odd_places)
{
    static const char header[] = "{\"b\":{\"dtype\":\"BOOL\",\"shape\":[3],\"data_offsets\":[0,3]},"
                                 "\"f\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[3,11]}}";
    unsigned char file[256] = {0};
    const float two[2] = {1.5f, -2};
    size_t n = sizeof header - 1;
    wg_archive a;
    wg__put_le(file, n, 8);
    memcpy(file + 8, header, n);
    memcpy(file + 8 + n, "\0\7\1", 3);
    memcpy(file + 8 + n + 3, two, sizeof two);
    spew(at("odd").path, file, 8 + n + 11);
    ck_assert_msg(wg_safetensors_map(at("odd").path, &a, why, sizeof why) == WG_OK, "%s", why);
    const wg_array *b = wg_archive_find(&a, "b"), *f = wg_archive_find(&a, "f");
    ck_assert(inside(&a, b->data) && memcmp(b->data, "\0\1\1", 3) == 0);
    ck_assert((uintptr_t)f->data % sizeof(float) == 0 && memcmp(f->data, two, sizeof two) == 0);
    wg_archive_free(&a);
    ck_assert_int_eq(wg_safetensors_map("/dev/null", &a, why, sizeof why), WG_EIO);
    ck_why("/dev/null", "cannot be mapped");
    ck_assert_int_eq(wg_safetensors_map(dir, &a, why, sizeof why), WG_EIO);
    ck_assert_int_eq(wg_safetensors_map(NULL, &a, why, sizeof why), WG_EARG);
    ck_assert_int_eq(wg_safetensors_map(at("odd").path, NULL, why, sizeof why), WG_EARG);
    spew(at("odd").path, "", 0);
    ck_assert_int_eq(wg_safetensors_map(at("odd").path, &a, why, sizeof why), WG_EFORMAT);
    ck_why(at("odd").path, "cut short (0 bytes)");
}
END_TEST

/* A gigabyte is there at once, and takes no memory until it is looked at. */
START_TEST(a_large_mapped_file)
{
    static const char header[] = "{\"w\":{\"dtype\":\"F32\",\"shape\":[268435456],\"data_offsets\":[0,1073741824]}}";
    unsigned char start[128];
    size_t n = (sizeof header - 1 + 7) / 8 * 8;
    struct rusage before, after;
    wg_archive a;
    place p = at("large.safetensors");
    memset(start, ' ', sizeof start);
    wg__put_le(start, n, 8);
    memcpy(start + 8, header, sizeof header - 1);
    spew(p.path, start, 8 + n);
    ck_assert_int_eq(truncate(p.path, (off_t)(8 + n + 1073741824u)), 0); /* a hole, which takes no disk */
    ck_assert_int_eq(getrusage(RUSAGE_SELF, &before), 0);
    ck_assert_msg(wg_safetensors_map(p.path, &a, why, sizeof why) == WG_OK, "%s", why);
    ck_assert(inside(&a, a.entry[0].array.data) && !a.entry[0].array.owner);
    ck_assert_double_eq(wg_array_at(&a.entry[0].array, 268435455), 0);
    ck_assert_int_eq(getrusage(RUSAGE_SELF, &after), 0);
    ck_assert_int_lt(after.ru_maxrss - before.ru_maxrss, 64 << 10); /* KiB */
    wg_archive_free(&a);
    ck_assert_int_eq(truncate(p.path, 4096), 0);
    ck_assert_int_eq(wg_safetensors_map(p.path, &a, why, sizeof why), WG_EFORMAT);
    ck_why(p.path, "outside of the");
}
END_TEST

/* ---- what a file says of itself -------------------------------------------------------------------------------------------- */

START_TEST(metadata)
{
    place p = at("meta.safetensors");
    wg_archive a = {0}, b;
    ck_assert_ptr_null(wg_archive_meta(&a, "format"));
    for (int arrays = 0; arrays < 2; arrays++) {
        ck_assert(!wg_archive_set_meta(&a, "format", "tf") && !wg_archive_set_meta(&a, "what \"is\" it", "two\nlines, \xc3\xa9"));
        ck_assert(!wg_archive_set_meta(&a, "format", "pt") && !wg_archive_set_meta(&a, "", ""));
        if (arrays) put(&a, "x", WG_F32, SHAPE(1, 3));
        ck_assert_msg(!wg_safetensors_write(p.path, &a, why, sizeof why), "%s", why);
        for (int mapped = 0; mapped < 2; mapped++) {
            wg_status s = mapped ? wg_safetensors_map(p.path, &b, why, sizeof why) : wg_safetensors_read(p.path, &b, why, sizeof why);
            ck_assert_msg(!s, "%s", why);
            ck_assert(b.metas == 3 && b.count == (size_t)arrays);
            ck_assert_str_eq(wg_archive_meta(&b, "format"), "pt");
            ck_assert_str_eq(wg_archive_meta(&b, "what \"is\" it"), "two\nlines, \xc3\xa9");
            ck_assert_str_eq(wg_archive_meta(&b, ""), "");
            ck_assert_ptr_null(wg_archive_meta(&b, "x"));
            wg_archive_free(&b);
        }
    }
    ck_assert(python("import sys, json, struct\n"
                     "b = open(sys.argv[1] + '/meta.safetensors', 'rb').read()\n"
                     "h = json.loads(b[8:8 + struct.unpack('<Q', b[:8])[0]])\n"
                     "assert h['__metadata__'] == {'format': 'pt', 'what \"is\" it': 'two\\nlines, \\u00e9', '': ''}, h\n"
                     "assert list(h) == ['__metadata__', 'x']\n"));
    ck_assert(wg_archive_set_meta(&a, NULL, "") == WG_EARG && wg_archive_set_meta(&a, "x", NULL) == WG_EARG);
    ck_assert_int_eq(wg_archive_set_meta(&a, "bad", "\xff"), WG_OK);
    ck_assert_int_eq(wg_safetensors_write(p.path, &a, why, sizeof why), WG_EARG);
    ck_why(p.path, "metadata bad: not UTF-8");
    wg_archive_free(&a);
    ck_assert_uint_eq(a.metas, 0);
}
END_TEST

int main(void)
{
    Suite *s = suite_create("saving");
    TCase *c = tcase_create("saving");
    suite_add_tcase(s, c);
    tcase_set_timeout(c, 120);
    tcase_add_test(c, params_save_and_load);
    tcase_add_test(c, params_that_do_not_fit);
    tcase_add_test(c, params_load_is_a_transaction);
    tcase_add_test(c, a_model_in_two_files);
    tcase_add_test(c, a_training_tape_goes_on);
    tcase_add_test(c, models_that_do_not_fit);
    tcase_add_test(c, a_mapped_file);
    tcase_add_test(c, a_mapped_file_at_odd_places);
    tcase_add_test(c, a_large_mapped_file);
    tcase_add_test(c, metadata);
    return run_in_directory(s) != 0;
}

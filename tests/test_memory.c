/* test_memory.c -- memory runs out: in every scenario the first allocation is refused, then the second, and so on until none is.
 * Each time the library must say so, give back what it took, and leave what was there fit for use. */
#define _XOPEN_SOURCE 700
#include "wrapped.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <wengert.h>

static char said[1200], dir[] = "/tmp/wengert-memory-XXXXXX", path[128], dir_csv[128], dir_fit[128];

static const char *at(const char *name)
{
    snprintf(path, sizeof path, "%s/%s", dir, name);
    return path;
}

static bool no(const char *text)
{
    snprintf(said, sizeof said, "%s", text ? text : "");
    return false;
}

static const float pixels[8 * 6] = {1, -2, 3, 0.5f, 0.25f, -1, 2, 2, 1, 0, -3, 1};
static const int64_t labels[8] = {0, 1, 2, 3, 0, 1, 2, 3};

/* ---- models ------------------------------------------------------------------------------------------------------------ */

typedef struct net {
    wg_tape *tape;
    wg_tensor x, y, h, loss;
} net;

static net mlp(wg_params *store)
{
    net m = {.tape = wg_tape_new(.seed = 2, .params = store, .threads = 2)};
    m.x = wg_input(m.tape, "x", WG_F32, WG_SHAPE(WG_ANY, 6));
    m.y = wg_input_range(m.tape, "y", WG_I64, WG_SHAPE(WG_ANY), 0, 4);
    if (m.tape) wg_scope_push(m.tape, "net");
    m.h = wg_dropout(wg_nn_linear(m.x, 5, .act = wg_gelu, .name = "a"), 0.1);
    m.h = wg_nn_linear(m.h, 4, .name = "b");
    if (m.tape) wg_scope_pop(m.tape);
    m.loss = wg_name(wg_cross_entropy(m.h, m.y), "loss");
    return m;
}

/* Frees the tape; whether all went well, else what it said. */
static bool end(wg_tape *t, bool done)
{
    if (!done || wg_error(t)) done = no(wg_error(t));
    wg_tape_free(t);
    return done;
}

static bool feed(wg_plan *p, const net *m, int64_t rows)
{
    return wg_feed(p, m->x, wg_array_wrap(pixels, WG_F32, WG_SHAPE(rows, 6))) == WG_OK &&
           wg_feed(p, m->y, wg_array_wrap(labels, WG_I64, WG_SHAPE(rows))) == WG_OK;
}

/* ---- scenarios: true when done; false when told, in `said` ------------------------------------------------------------------ */

static bool recording(void)
{
    net m = mlp(NULL);
    return end(m.tape, wg_ok(m.loss));
}

static bool many_inputs(void)
{
    wg_tape *t = wg_tape_new();
    wg_tensor x[40];
    char name[16];
    for (int i = 0; i < 40; i++) {
        snprintf(name, sizeof name, "x%d", i);
        x[i] = wg_relu(wg_input(t, name, WG_F64, WG_SHAPE(2, WG_ANY)));
        snprintf(name, sizeof name, "y%d", i);
        wg_name(x[i], name);
    }
    wg_tensor y = wg_concat(wg_tensors_of(x, 40), .axis = 1);
    return end(t, wg_ok(y));
}

static bool reverse(void)
{
    net m = mlp(NULL);
    wg_tensor g = wg_grad(m.loss, m.x), gg = wg_grad(wg_sum(wg_square(g)), m.x);
    return end(m.tape, wg_ok(gg));
}

static bool forward(void)
{
    net m = mlp(NULL);
    wg_tensor d = wg_jvp(m.h, m.x, wg_exp(m.x));
    return end(m.tape, wg_ok(d));
}

static bool training(void)
{
    net m = mlp(NULL);
    wg_plan *p = wg_ok(m.loss) ? wg_minimize(m.loss, wg_adamw(.lr = 1e-2), .clip_norm = 1, .also = WG_LIST(m.h)) : NULL;
    bool done = p && feed(p, &m, 8) && wg_run(p) == WG_OK && wg_run(p) == WG_OK;
    if (p && !done) {
        no(wg_plan_error(p));
        wg_tape_free(m.tape);
        return false;
    }
    return end(m.tape, done);
}

/* A run that memory failed changes nothing, and the next one works. */
static bool new_sizes(void)
{
    net m = mlp(NULL);
    wg_plan *p = wg_ok(m.loss) ? wg_minimize(m.loss, wg_sgd(.lr = 1e-2, .momentum = 0.9)) : NULL;
    bool done = true;
    for (int64_t rows = 1; p && rows <= 8; rows++) {
        if (!feed(p, &m, rows)) done = no(wg_plan_error(p));
        else if (wg_run(p) == WG_OK) continue;
        else if (!wg_plan_error(p) || !strstr(wg_plan_error(p), "memory") || wg_run(p)) done = no("the plan did not recover");
        else done = no("out of memory, and recovered");
    }
    if (p && !done) return wg_tape_free(m.tape), false;
    return end(m.tape, p && done);
}

static bool text(void)
{
    static const char lines[] = "tape seed=3\nx = input() : f32[?, 4]\nw = param(init=normal, hi=1) : f32[4, 4]\n"
                                "h/y = matmul(x, w) : f32[?, 4]\nz = softmax(h/y; axis=0) : f32[?, 4]\n"
                                "c = constant(; data=[1, 2, 3, 4]) : f32[4]\nd = add(z, c) : f32[?, 4]\nreturn d\n";
    wg_tape *t = NULL;
    char why[300] = "";
    if (wg_tape_parse(&t, lines, sizeof lines - 1, "t.tape", NULL, why, sizeof why)) return wg_tape_free(t), no(why);
    FILE *f = tmpfile();
    if (!f || wg_print(f, t)) no("out of memory: printing");
    else no("");
    bool done = !said[0];
    if (f) fclose(f);
    if (done) done = wg_tape_save(t, at("m.tape")) == WG_OK;
    if (!done && !said[0]) no(wg_error(t) ? wg_error(t) : "out of memory: saving");
    wg_tape_free(t);
    t = NULL;
    if (!done) return false;
    if (wg_tape_read(&t, at("m.tape"), NULL, why, sizeof why)) return wg_tape_free(t), no(why);
    return end(t, true);
}

static bool store(void)
{
    wg_params *s = wg_params_new();
    if (!s) return no(wg_params_error(s));
    net m = mlp(s);
    bool done = wg_ok(m.loss);
    if (!done) no(wg_error(m.tape));
    wg_array a = wg_array_wrap(pixels, WG_F32, WG_SHAPE(2, 3));
    if (done &&
        (wg_params_set(s, "extra", &a, WG_BUFFER) || wg_params_save(s, at("p.safetensors")) || wg_params_load(s, at("p.safetensors"))))
        done = no(wg_params_error(s));
    wg_tape_free(m.tape);
    wg_params_free(s);
    return done;
}

static bool loader(void)
{
    char why[200] = "";
    wg_array data[2] = {wg_array_wrap(pixels, WG_F32, WG_SHAPE(8, 6)), wg_array_wrap(labels, WG_I64, WG_SHAPE(8))}, batch[2];
    wg_loader *l = wg_loader_new(data, .n = 2, .batch = 3, .shuffle = true, .seed = 1, .why = why, .why_size = sizeof why);
    if (!l) return no(why);
    int64_t rows = 0;
    for (int epoch = 0; epoch < 2; epoch++)
        while (wg_next(l, batch)) rows += batch[0].shape.dim[0];
    wg_loader_free(l);
    return rows == 16 ? true : no("out of memory: the epoch is short");
}

static bool archive(wg_status (*write)(const char *, const wg_archive *, char *, size_t),
                    wg_status (*read)(const char *, wg_archive *, char *, size_t))
{
    char why[300] = "";
    wg_archive a = {0}, b = {0};
    wg_array x = wg_array_wrap(pixels, WG_F32, WG_SHAPE(8, 6)), y = {0};
    bool done =
        wg_array_new(&y, WG_I64, WG_SHAPE(3, 2)) == WG_OK && wg_archive_add(&a, "x", &x) == WG_OK && wg_archive_add(&a, "y", &y) == WG_OK;
    if (!done) no("out of memory");
    else if (write(at("a"), &a, why, sizeof why) || read(at("a"), &b, why, sizeof why)) done = no(why);
    else if (b.count != 2 || !wg_archive_find(&b, "y")) done = no("not what was written");
    wg_array_free(&y);
    wg_archive_free(&a);
    wg_archive_free(&b);
    return done;
}

static bool npz(void) { return archive(wg_npz_write, wg_npz_read); }
static bool safetensors(void) { return archive(wg_safetensors_write, wg_safetensors_read); }

/* An archive that says something of itself, mapped. */
static bool mapped(void)
{
    char why[300] = "";
    wg_archive a = {0}, b = {0};
    wg_array x = wg_array_wrap(pixels, WG_F32, WG_SHAPE(8, 6));
    bool done = wg_archive_add(&a, "x", &x) == WG_OK && wg_archive_set_meta(&a, "k", "1") == WG_OK &&
                wg_archive_set_meta(&a, "k", "2") == WG_OK && wg_archive_set_meta(&a, "format", "pt") == WG_OK;
    if (!done) no("out of memory");
    else if (wg_safetensors_write(at("a"), &a, why, sizeof why) || wg_safetensors_map(at("a"), &b, why, sizeof why)) done = no(why);
    else if (b.metas != 2 || !b.mapped) done = no("not what was written");
    wg_archive_free(&a);
    wg_archive_free(&b);
    return done;
}

static bool npy(void)
{
    char why[300] = "";
    wg_array x = wg_array_wrap(pixels, WG_F32, WG_SHAPE(8, 6)), y = {0};
    if (wg_npy_write(at("a.npy"), &x, why, sizeof why) || wg_npy_read(at("a.npy"), &y, why, sizeof why)) return no(why);
    wg_array_free(&y);
    return true;
}

static bool gradients(void)
{
    wg_tape *t = wg_tape_new(.seed = 3);
    wg_tensor x = wg_input(t, "x", WG_F32, WG_SHAPE(WG_ANY, 2)), w = wg_param(t, "w", WG_SHAPE(2), .init = {.kind = "normal", .hi = 1});
    wg_tensor y = wg_sum(wg_sin(wg_mul(x, w)));
    if (!wg_ok(y)) return end(t, false);
    wg_gradcheck_report r = wg_gradcheck(y, .order = 1);
    if (!r.ok) no(r.status == WG_ENOMEM ? r.text : "not told as WG_ENOMEM");
    wg_tape_free(t);
    return r.ok;
}

static bool drawing(void)
{
    char why[300] = "";
    net m = mlp(NULL);
    if (!wg_ok(m.loss)) return end(m.tape, false);
    bool done = wg_draw(m.tape, at("m.dot"), .brief = true, .why = why, .why_size = sizeof why) == WG_OK;
    if (!done) no(why);
    wg_tape_free(m.tape);
    return done;
}

static bool showing(void)
{
    wg_tape *t = wg_tape_new();
    wg_array a = wg_array_wrap(pixels, WG_F32, WG_SHAPE(8, 6));
    wg_tensor y = wg_transpose(wg_matmul(wg_transpose(wg_const(t, &a)), wg_const(t, &a)));
    FILE *f = tmpfile();
    wg_status s = f && wg_ok(y) ? wg_show(f, y) : WG_ENOMEM;
    if (f) fclose(f);
    if (s && wg_ok(y) && !wg_error(t)) return wg_tape_free(t), no(wg_status_text(s));
    return end(t, s == WG_OK);
}

static bool profiling(void)
{
    net m = mlp(NULL);
    wg_plan *p = wg_plan_new(m.loss);
    wg_profile profile;
    if (!p) return end(m.tape, false);
    bool done = feed(p, &m, 8) && wg_plan_profile(p, true) == WG_OK && wg_run(p) == WG_OK && wg_profile_read(p, &profile) == WG_OK;
    if (!done) no(wg_plan_error(p));
    wg_tape_free(m.tape);
    return done;
}

/* Steps, and its memory through an archive into another handle. */
static bool lbfgs(void)
{
    net m = mlp(NULL);
    wg_archive kept = {0};
    wg_lbfgs *l = wg_ok(m.loss) ? wg_lbfgs_new(m.loss, .strong_wolfe = true, .max_iter = 4, .history_size = 2) : NULL;
    wg_lbfgs *other = l ? wg_lbfgs_new(m.loss, .history_size = 2) : NULL;
    if (!other) {
        wg_lbfgs_free(l);
        return end(m.tape, false);
    }
    wg_status s = feed(wg_lbfgs_plan(l), &m, 8) ? WG_OK : WG_ENOMEM;
    for (int i = 0; !s && i < 3; i++) s = wg_lbfgs_step(l, NULL);
    if (!s) s = wg_lbfgs_save(l, &kept);
    if (!s) s = wg_lbfgs_load(other, &kept);
    if (s) no(wg_status_text(s));
    wg_archive_free(&kept);
    wg_lbfgs_free(l);
    wg_lbfgs_free(other);
    wg_tape_free(m.tape);
    return s == WG_OK;
}

static bool averages(void)
{
    net m = mlp(NULL);
    wg_params *to = wg_params_new();
    wg_plan *p = wg_ok(m.loss) && to ? wg_minimize(m.loss, wg_muon(), .ema = 0.9, .accumulate = 2,
                                                   .groups = WG_GROUPS(wg_group("*.bias", .with = wg_sgd())))
                                     : NULL;
    bool done = to != NULL;
    if (!done) no("out of memory");
    else if (!p) done = no(wg_error(m.tape));
    else if (!feed(p, &m, 8) || wg_run(p) || wg_run(p)) done = no(wg_plan_error(p));
    else if (wg_ema_copy(p, to)) done = no("out of memory");
    wg_tape_free(m.tape);
    wg_params_free(to);
    return done;
}

static bool fit(const net *m, const net *v, wg_loader *rows)
{
    char why[300] = "";
    wg_plan *step = wg_minimize(m->loss, wg_adam()), *score = step ? wg_plan_new(v->loss) : NULL;
    if (!score) return no(wg_error(step ? v->tape : m->tape));
    wg_tensor in[2] = {m->x, m->y}, judged[2] = {v->x, v->y};
    wg_fit_options o = {.step = step, .loss = m->loss, .inputs = {in, 2}, .train = rows, .epochs = 1, .valid = rows};
    o.score = score;
    o.scores = (wg_tensors){&v->loss, 1};
    o.score_inputs = (wg_tensors){judged, 2};
    o.csv = dir_csv;
    o.checkpoint = dir_fit;
    for (int again = 0; again < 2; again++, o.resume = true, o.epochs = 2)
        if (wg_fit_run(&o, NULL, why, sizeof why)) return no(why);
    return true;
}

static bool fitting(void)
{
    char why[300] = "";
    wg_params *store = wg_params_new();
    wg_array data[2] = {wg_array_wrap(pixels, WG_F32, WG_SHAPE(8, 6)), wg_array_wrap(labels, WG_I64, WG_SHAPE(8))};
    wg_loader *rows = wg_loader_new(data, .n = 2, .batch = 3, .shuffle = true, .seed = 1, .why = why, .why_size = sizeof why);
    snprintf(dir_csv, sizeof dir_csv, "%s", at("fit.csv"));
    snprintf(dir_fit, sizeof dir_fit, "%s", at("fit"));
    if (!store || !rows) {
        no(rows ? "out of memory" : why);
    } else {
        net m = mlp(store), v = wg_ok(m.loss) ? mlp(store) : m;
        bool made = wg_ok(m.loss) && wg_ok(v.loss), done = made ? fit(&m, &v, rows) : no(wg_error(wg_ok(m.loss) ? v.tape : m.tape));
        if (v.tape != m.tape) wg_tape_free(v.tape);
        wg_tape_free(m.tape);
        wg_loader_free(rows);
        wg_params_free(store);
        return done;
    }
    wg_loader_free(rows);
    wg_params_free(store);
    return false;
}

static bool saving(void)
{
    char why[300] = "";
    net m = mlp(NULL);
    if (!wg_ok(m.loss)) return end(m.tape, false);
    wg_tape *back = NULL;
    wg_status s = wg_model_save(m.tape, at("m"), why, sizeof why);
    if (!s) s = wg_model_load(&back, at("m"), NULL, why, sizeof why);
    wg_tape_free(m.tape);
    wg_tape_free(back);
    return !s || no(why);
}

static bool misfits(void)
{
    wg_params *s = wg_params_new();
    wg_array a = wg_array_wrap(pixels, WG_F32, WG_SHAPE(2, 3)), b = wg_array_wrap(pixels, WG_F32, WG_SHAPE(3, 2));
    if (!s) return no(wg_params_error(s));
    wg_archive file = {0};
    char why[300] = "";
    bool done = !wg_archive_add(&file, "a", &a) && !wg_archive_add(&file, "c", &b);
    if (!done) no("out of memory");
    if (done && wg_safetensors_write(at("p.safetensors"), &file, why, sizeof why)) done = no(why);
    if (done && (wg_params_set(s, "a", &b, WG_TRAINABLE) || wg_params_set(s, "b", &a, WG_TRAINABLE))) done = no(wg_params_error(s));
    if (done && wg_params_load(s, at("p.safetensors"), .strict = false)) done = no(wg_params_error(s));
    else if (done && !wg_params_left(s)) done = no("nothing is said of what was left");
    wg_archive_free(&file);
    wg_params_free(s);
    return done;
}

static const struct scenario {
    const char *name;
    bool (*run)(void);
} scenarios[] = {{"recording", recording},
                 {"many inputs", many_inputs},
                 {"reverse", reverse},
                 {"forward", forward},
                 {"training", training},
                 {"new sizes", new_sizes},
                 {"text", text},
                 {"store", store},
                 {"loader", loader},
                 {"npz", npz},
                 {"safetensors", safetensors},
                 {"npy", npy},
                 {"gradients", gradients},
                 {"drawing", drawing},
                 {"showing", showing},
                 {"profiling", profiling},
                 {"lbfgs", lbfgs},
                 {"averages", averages},
                 {"fitting", fitting},
                 {"saving", saving},
                 {"misfits", misfits},
                 {"mapped", mapped}};
enum { SCENARIOS = sizeof scenarios / sizeof *scenarios, MOST = 100000 };

START_TEST(test_each)
{
    const struct scenario *s = &scenarios[_i];
    ck_assert_msg(s->run(), "%s fails with memory to spare: %s", s->name, said);
    for (long n = 1;; n++) {
        said[0] = 0;
        count_from_here(n);
        bool done = s->run();
        stop_counting();
        ck_assert_msg(live == 0, "%s: allocation %ld of %ld refused: %ld were not given back; it said '%s'", s->name, n, allocations, live,
                      said);
        if (!failed_one) {
            ck_assert_msg(done, "%s: %s", s->name, said);
            ck_assert_int_gt(n, 1);
            break;
        }
        ck_assert_msg(!done, "%s: allocation %ld of %ld was refused, and nothing said so", s->name, n, allocations);
        ck_assert_msg(strstr(said, "memory"), "%s: allocation %ld refused: it said '%s'", s->name, n, said);
        ck_assert_int_lt(n, MOST);
    }
}
END_TEST

int main(void)
{
    if (!mkdtemp(dir)) return EXIT_FAILURE;
    Suite *s = suite_create("memory");
    TCase *c = tcase_create("memory");
    tcase_set_timeout(c, 300);
    tcase_add_loop_test(c, test_each, 0, SCENARIOS);
    suite_add_tcase(s, c);
    SRunner *r = srunner_create(s);
    srunner_run_all(r, CK_NORMAL);
    int failed = srunner_ntests_failed(r);
    srunner_free(r);
    static const char *const left[] = {"m.tape",
                                       "m.safetensors",
                                       "p.safetensors",
                                       "a",
                                       "a.npy",
                                       "m.dot",
                                       "fit.csv",
                                       "fit/params.safetensors",
                                       "fit/best.safetensors",
                                       "fit/fit.safetensors",
                                       "fit"};
    for (size_t i = 0; i < sizeof left / sizeof *left; i++) remove(at(left[i]));
    return rmdir(dir) || failed ? EXIT_FAILURE : EXIT_SUCCESS; /* a file beside would stay: rmdir says so */
}

/* test_cli.c -- the command line as its users see it: the program that WG_TOOL names is run with files, and what it
 * prints, writes and answers is compared. */
#define _XOPEN_SOURCE 700
#include <check.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>
#include <wengert.h>
#include <wengert/catalogue.h>

static char dir[] = "/tmp/wengert-cli-XXXXXX", out[1 << 16], err[4096], why[600];

static void slurp(const char *name, char *to, size_t room)
{
    char path[128];
    snprintf(path, sizeof path, "%s/%s", dir, name);
    FILE *f = fopen(path, "rb");
    ck_assert_msg(f != NULL, "%s", path);
    size_t n = fread(to, 1, room - 1, f);
    to[n] = 0;
    fclose(f);
}

static void spew(const char *name, const char *text)
{
    char path[128];
    snprintf(path, sizeof path, "%s/%s", dir, name);
    FILE *f = fopen(path, "wb");
    ck_assert_msg(f != NULL, "%s", path);
    fputs(text, f);
    ck_assert_int_eq(fclose(f), 0);
}

/* Runs in the directory; the exit status; out and err hold what was printed. */
static int run(const char *arguments)
{
    char command[1200];
    snprintf(command, sizeof command, "cd %s && \"$WG_TOOL\" %s >stdout 2>stderr", dir, arguments);
    int status = system(command);
    ck_assert(WIFEXITED(status));
    slurp("stdout", out, sizeof out);
    slurp("stderr", err, sizeof err);
    return WEXITSTATUS(status);
}

static void check_run(const char *arguments, int status, const char *o, const char *e)
{
    int got = run(arguments);
    ck_assert_msg(got == status, "%s: %d\n%s", arguments, got, err);
    ck_assert_str_eq(err, e);
    if (o) ck_assert_str_eq(out, o);
}

static wg_array read_result(const char *name)
{
    static wg_archive a;
    char path[128];
    wg_array empty = {0};
    wg_archive_free(&a);
    if (!name) return empty;
    snprintf(path, sizeof path, "%s/out.npz", dir);
    ck_assert_msg(wg_npz_read(path, &a, why, sizeof why) == WG_OK, "%s", why);
    const wg_array *found = wg_archive_find(&a, name);
    ck_assert_msg(found != NULL, "%s is not in out.npz", name);
    return *found;
}

static void check_result(const char *name, wg_dtype dtype, int64_t n, const double *expected)
{
    wg_array a = read_result(name);
    ck_assert_int_eq(a.dtype, dtype);
    ck_assert_int_eq(wg_shape_count(a.shape), n);
    for (int64_t i = 0; i < n; i++)
        ck_assert_msg(fabs(wg_array_at(&a, i) - expected[i]) <= 1e-6, "%s[%d]: %g, not %g", name, (int)i, wg_array_at(&a, i), expected[i]);
}

static const char model[] = "# y = w x, and its square's sum\n"
                            "tape seed=3 mode=train\n"
                            "x = input() : f64[?, 2]\n"
                            "k = input(high=3) : i32[?]\n"
                            "w = param(init=ones) : f64[2]\n"
                            "unused = param(init=ones) : f32[2]\n"
                            "%y = mul(x, w)\n"
                            "picked = take(w, k)\n"
                            "loss = sum(square(%y))\n"
                            "%u = assign(w, mul(w, 0.5))\n"
                            "return loss, %y, w, k # the end\n";

static void put(wg_archive *a, const char *name, wg_dtype dtype, wg_shape shape, const void *data)
{
    wg_array array = wg_array_wrap(data, dtype, shape);
    ck_assert_int_eq(wg_archive_add(a, name, &array), WG_OK);
}

static void save(wg_archive *a, const char *name)
{
    char path[128];
    snprintf(path, sizeof path, "%s/%s", dir, name);
    ck_assert_msg(wg_npz_write(path, a, why, sizeof why) == WG_OK, "%s", why);
    wg_archive_free(a);
}

static void set_up(void)
{
    static const double x[] = {1, 2, 3, 4}, w[] = {1, -2}, cot[] = {1, 0, 0, 2}, dot[] = {1, 1};
    static const int64_t k[] = {0, 1}, far[] = {0, (int64_t)1 << 40}, out_of_range[] = {0, 2};
    static const float single[] = {1, 2, 3, 4};
    wg_archive a = {0};
    spew("m.tape", model);
    put(&a, "x", WG_F64, WG_SHAPE(2, 2), x);
    put(&a, "k", WG_I64, WG_SHAPE(2), k);
    put(&a, "w", WG_F64, WG_SHAPE(2), w);
    put(&a, "cot.%y", WG_F64, WG_SHAPE(2, 2), cot);
    put(&a, "dot.w", WG_F64, WG_SHAPE(2), dot);
    put(&a, "of another model", WG_F64, WG_SHAPE(2), w);
    save(&a, "in.npz");
    put(&a, "x", WG_F64, WG_SHAPE(2, 2), x);
    put(&a, "k", WG_I64, WG_SHAPE(2), far);
    save(&a, "far.npz");
    put(&a, "x", WG_F64, WG_SHAPE(2, 2), x);
    put(&a, "k", WG_I64, WG_SHAPE(2), out_of_range);
    save(&a, "range.npz");
    put(&a, "x", WG_F32, WG_SHAPE(2, 2), single);
    save(&a, "single.npz");
    put(&a, "x", WG_F64, WG_SHAPE(4), x);
    put(&a, "k", WG_I64, WG_SHAPE(2), k);
    save(&a, "shape.npz");
    put(&a, "x", WG_F64, WG_SHAPE(2, 2), x);
    put(&a, "k", WG_I64, WG_SHAPE(2), k);
    put(&a, "w", WG_F64, WG_SHAPE(1), w);
    save(&a, "param.npz");
    put(&a, "x", WG_F64, WG_SHAPE(2, 2), x);
    put(&a, "k", WG_I64, WG_SHAPE(2), k);
    put(&a, "cot.loss", WG_F64, WG_SHAPE(2), cot);
    save(&a, "cot.npz");
}

static void tear_down(void)
{
    static const char *const left[] = {"m.tape",  "in.npz",  "far.npz", "range.npz", "single.npz", "shape.npz", "param.npz",
                                       "cot.npz", "out.npz", "stdout",  "stderr",    "t.tape",     "o.dot",     "o.svg"};
    char path[128];
    read_result(NULL);
    for (size_t i = 0; i < sizeof left / sizeof *left; i++) {
        snprintf(path, sizeof path, "%s/%s", dir, left[i]);
        unlink(path);
    }
}

/* ---- run ------------------------------------------------------------------------------------------------------------ */

START_TEST(test_run)
{
    check_run("run m.tape --inputs in.npz", 0, "loss = 90.0\n%y =\n[[ 1. -4.]\n [ 3. -8.]]\nw =\n[ 1. -2.]\nk =\n[0 1]\n", "");
    check_run("run m.tape --inputs in.npz --threads 2 --isa base --outputs=out.npz", 0, "", "");
    check_result("loss", WG_F64, 1, (double[]){90});
    check_result("%y", WG_F64, 4, (double[]){1, -4, 3, -8});
    check_result("k", WG_I32, 2, (double[]){0, 1});
    ck_assert_int_eq(read_result("loss").shape.rank, 0);
}
END_TEST

START_TEST(test_gradients)
{
    check_run("run m.tape --inputs in.npz --grad loss --outputs out.npz", 0, "", "");
    check_result("grad.x", WG_F64, 4, (double[]){2, 16, 6, 32});
    check_result("grad.w", WG_F64, 2, (double[]){20, -80});
    check_result("grad.unused", WG_F32, 2, (double[]){0, 0});
    check_run("run m.tape --inputs in.npz --grad %y --outputs out.npz", 0, "", ""); /* with its cotangent */
    check_result("grad.x", WG_F64, 4, (double[]){1, 0, 0, -4});
    check_result("grad.w", WG_F64, 2, (double[]){1, 8});
    check_run("run m.tape --inputs in.npz --grad picked", 2, "",
              "m.tape: --grad picked: grad: y is f64[?], which is not one number: sum it, or use wg_vjp\n");
    check_run("run m.tape --inputs in.npz --grad k", 2, "", "m.tape: --grad k: grad: y is i32: only real numbers have derivatives\n");
    check_run("run m.tape --inputs in.npz --grad nothing", 2, "", "m.tape: nothing is called `nothing`\n");
    check_run("run m.tape --inputs in.npz --grad 'a, b'", 2, "", "m.tape: nothing is called `a, b`\n");
    check_run("run m.tape --inputs cot.npz --grad loss", 2, "", "cot.npz: cot.loss has not the shape of what it belongs to\n");
}
END_TEST

START_TEST(test_forward)
{
    check_run("run m.tape --inputs in.npz --jvp loss --grad loss --outputs out.npz", 0, "", "");
    check_result("jvp.loss", WG_F64, 1, (double[]){20 - 80});
    check_run("run m.tape --inputs in.npz --jvp %y --outputs out.npz", 0, "", "");
    check_result("jvp.%y", WG_F64, 4, (double[]){1, 2, 3, 4});
    check_run("run m.tape --inputs cot.npz --jvp loss --outputs out.npz", 0, "", ""); /* no dot.*: zero */
    check_result("jvp.loss", WG_F64, 1, (double[]){0});
}
END_TEST

START_TEST(test_updates)
{
    check_run("run m.tape --inputs in.npz --updates --outputs out.npz", 0, "", "");
    check_result("w", WG_F64, 2, (double[]){0.5, -1});
    check_result("loss", WG_F64, 1, (double[]){90}); /* of the old values */
    check_run("run m.tape --inputs in.npz --outputs out.npz", 0, "", "");
    check_result("w", WG_F64, 2, (double[]){1, -2});
}
END_TEST

/* The text's seed, unless another is given; by name, so the order of things does not matter. */
START_TEST(test_seed)
{
    double first[3], second;
    spew("t.tape", "\n  tape seed=3 # mine\nw = param(init=normal, hi=1) : f64[3]\nreturn w\n");
    check_run("run t.tape --outputs out.npz", 0, "", "");
    wg_array a = read_result("w");
    for (int i = 0; i < 3; i++) first[i] = wg_array_at(&a, i);
    check_run("run t.tape --outputs out.npz --seed 3", 0, "", "");
    check_result("w", WG_F64, 3, first);
    check_run("run t.tape --outputs out.npz --seed 4", 0, "", "");
    a = read_result("w");
    second = wg_array_at(&a, 0);
    ck_assert(fabs(second - first[0]) > 1e-3);
    spew("t.tape", "w = param(init=normal, hi=1) : f64[3]\nreturn w\n");
    check_run("run t.tape --outputs out.npz --seed 3", 0, "", "");
    check_result("w", WG_F64, 3, first);
    check_run("run t.tape --seed 4 --grad w", 2, "",
              "t.tape: --grad w: grad: y is f64[3], which is not one number: sum it, or use wg_vjp\n");
}
END_TEST

static const struct {
    const char *arguments, *error;
} failures[] = {
    {"", "wengert: which command? run, train, dot, print, plan, check, ops or bench (wengert --help)\n"},
    {"fly", "wengert: unknown command fly: run, train, dot, print, plan, check, ops or bench (wengert --help)\n"},
    {"run", "wengert run: which file? (wengert --help)\n"},
    {"run m.tape other.tape", "wengert run: one file too many: other.tape\n"},
    {"run m.tape --fast", "wengert run: unknown option --fast\n"},
    {"print m.tape --grad x", "wengert print: unknown option --grad\n"},
    {"run m.tape --inputs", "wengert run: --inputs: a value is missing\n"},
    {"run m.tape --updates=yes", "wengert run: --updates takes no value\n"},
    {"run m.tape --threads 0", "wengert run: --threads 0: a number from 1 to 1024 is wanted\n"},
    {"run m.tape --threads -1", "wengert run: --threads -1: a number from 1 to 1024 is wanted\n"},
    {"run m.tape --seed 4294967296", "wengert run: --seed 4294967296: a number from 0 to 4294967295 is wanted\n"},
    {"run m.tape --seed 1x", "wengert run: --seed 1x: a number from 0 to 4294967295 is wanted\n"},
    {"run none.tape", "none.tape: No such file or directory\n"},
    {"run m.tape", "m.tape: missing inputs x, k: give them in --inputs FILE.npz\n"},
    {"run m.tape --inputs single.npz", "single.npz: x is f32, the tape needs f64\n"},
    {"run m.tape --inputs far.npz", "far.npz: k is i64 and holds 1099511627776, the tape needs i32\n"},
    {"run m.tape --inputs shape.npz", "shape.npz: feed x: the input is f64[?,2], the array is f64[4]\n"},
    {"run m.tape --inputs none.npz", "none.npz: cannot be opened: No such file or directory\n"},
    {"run m.tape --inputs m.tape", NULL},
    {"run m.tape --inputs param.npz", NULL},
    {"run m.tape --inputs in.npz --outputs no/such/out.npz", NULL},
    {"run m.tape --inputs in.npz --isa abacus", NULL},
    {"run m.tape --inputs range.npz --grad picked", NULL},
    {"ops nothing", "wengert ops: there is no op nothing\n"},
    {"dot m.tape -o o.jpeg", "o.jpeg: a drawing is a .dot, .svg, .png or .pdf file\n"},
    {"dot m.tape --grad nothing", "m.tape: nothing is called `nothing`\n"},
    {"check none.tape", "none.tape: No such file or directory\n"},
    {"plan none.tape", "none.tape: No such file or directory\n"},
};

/* Status 2 and one line. */
START_TEST(test_failures)
{
    int status = run(failures[_i].arguments);
    ck_assert_msg(status == 2, "%s: %d %s", failures[_i].arguments, status, err);
    ck_assert_str_eq(out, "");
    const char *end = strchr(err, '\n');
    ck_assert_msg(end && !end[1], "%s", err);
    if (failures[_i].error) ck_assert_str_eq(err, failures[_i].error);
}
END_TEST

START_TEST(test_bad_texts)
{
    spew("t.tape", "x = input() : f32[2]\ny = tanh(x\nreturn y\n");
    check_run("print t.tape", 2, "", "t.tape:2:11: expected `,`, `;` or `)`, found the end of the line\n");
    spew("t.tape", "x = input() : f32[2, 3]\ny = matmul(x, x)\nreturn y\n");
    check_run("run t.tape", 2, "", "t.tape:2:5: matmul: a is f32[2,3], b is f32[2,3]: inner sizes 3 and 2 differ\n");
    spew("t.tape", "x = [1, 2]\n");
    check_run("run t.tape", 2, "", "t.tape: nothing is returned: end the text with `return NAME`\n");
    check_run("check t.tape", 2, "", "t.tape: no real tensor is returned: end the text with `return NAME`\n");
    check_run("plan t.tape", 2, "", "t.tape: nothing is returned: end the text with `return NAME`\n");
    spew("t.tape", "x = take([1, 2], i64[5])\nreturn x\n");
    ck_assert_int_eq(run("run t.tape"), 2); /* an error of the run says where it was written */
    ck_assert_msg(strncmp(err, "t.tape:1: take: ", 16) == 0, "%s", err);
}
END_TEST

/* ---- the others ------------------------------------------------------------------------------------------------------ */

START_TEST(test_print)
{
    check_run("print m.tape", 0, NULL, "");
    ck_assert_ptr_nonnull(strstr(out, "\nk      = input(high=3) : i32[?]\n"));
    char first[sizeof out];
    memcpy(first, out, sizeof out);
    spew("t.tape", first);
    check_run("print t.tape", 0, first, "");
}
END_TEST

START_TEST(test_dot)
{
    check_run("dot m.tape", 0, NULL, "");
    ck_assert(strncmp(out, "digraph wengert {\n", 18) == 0 && strstr(out, "\n}\n"));
    ck_assert_ptr_null(strstr(out, "grad."));
    check_run("dot m.tape --grad loss", 0, NULL, "");
    ck_assert(strstr(out, "grad.w") && strstr(out, "cluster derivative"));
    check_run("dot m.tape --grad loss -o o.dot", 0, "", "");
    slurp("o.dot", out, sizeof out);
    ck_assert_ptr_nonnull(strstr(out, "grad.w"));
    check_run("dot m.tape --grad loss --plan --inputs in.npz", 0, NULL, "");
    ck_assert_msg(strstr(out, "one group") != NULL, "%s", out);
    const char *required = getenv("WG_REQUIRE_DOT");
    if (system("dot -V >/dev/null 2>&1") == 0 || (required && strcmp(required, "1") == 0)) {
        check_run("dot m.tape --depth 1 -o o.svg", 0, "", "");
        slurp("o.svg", out, sizeof out);
        ck_assert_ptr_nonnull(strstr(out, "<svg"));
    }
}
END_TEST

START_TEST(test_plan)
{
    check_run("plan m.tape", 0, NULL, "");
    ck_assert_ptr_nonnull(strstr(out, "mul"));
    check_run("plan m.tape --inputs in.npz --isa base --threads 2", 0, NULL, "");
    ck_assert(out[0]);
}
END_TEST

START_TEST(test_check)
{
    check_run("check m.tape", 0, NULL, "");
    ck_assert_ptr_nonnull(strstr(out, "agree"));
    check_run("check m.tape --inputs in.npz --seed 5", 0, NULL, "");
    /* nothing that could be compared: a gradient of zero throughout is no proof */
    spew("t.tape", "x = input() : f32[2]\ny = sum(sign(x))\nreturn y\n");
    check_run("check t.tape", 1, NULL, "");
}
END_TEST

START_TEST(test_ops)
{
    wg_op_info op;
    check_run("ops softmax", 0, NULL, "");
    ck_assert(strncmp(out, "softmax(x; axis=-1)\n", 20) == 0 && strstr(out, "inputs     x: f32 f64\n") &&
              strstr(out, "PyTorch    F.softmax\n"));
    check_run("ops gelu --tsv", 0, NULL, "");
    ck_assert(strncmp(out, "gelu\tactivation\tx; approximate=\"none\"\t", 38) == 0);
    ck_assert(strstr(out, "\telementwise\tf32 f64\tany\n"));
    check_run("ops", 0, NULL, "");
    size_t lines = 0, n = 0;
    for (const char *p = out; (p = strchr(p, '\n')); p++) lines++;
    while (wg_op_info_at(n, &op)) n++;
    ck_assert_uint_eq(lines, n);
    check_run("ops --tsv", 0, NULL, "");
    size_t tabs = 0;
    for (const char *p = out; (p = strchr(p, '\t')); p++) tabs++;
    ck_assert_uint_eq(tabs, 6 * n);
    for (size_t i = 0; i < n; i++) {
        wg_op_info again;
        ck_assert(wg_op_info_at(i, &op) && wg_op_info_of(op.name, &again) && again.doc == op.doc);
        ck_assert(op.doc[0] && op.kind[0] && strlen(op.signature) + 1 < sizeof op.signature);
    }
    ck_assert(op.hidden && !wg_op_info_of("nothing", &op) && !wg_op_info_of(NULL, &op));
    check_run("--help", 0, NULL, "");
    ck_assert_int_eq(strncmp(out, "usage: wengert run", 18), 0);
}
END_TEST

/* ---- train -------------------------------------------------------------------------------------------------------------------- */

static const char lesson[] = "tape seed=1\n"
                             "x = input() : f64[?, 2]\n"
                             "y = input() : f64[?]\n"
                             "w = param(init=zeros) : f64[2]\n"
                             "answer = sum(mul(x, w); axes=[1])\n"
                             "loss = mse_loss(answer, y)\n"
                             "return answer, loss\n";

/* y = 2 x0 - 3 x1, which is learned. */
static void make_lesson(int64_t rows)
{
    double x[50][2], y[50];
    wg_archive a = {0};
    for (int i = 0; i < 50; i++) {
        x[i][0] = i % 7 - 3;
        x[i][1] = i % 5 - 2;
        y[i] = 2 * x[i][0] - 3 * x[i][1];
    }
    spew("lesson.tape", lesson);
    put(&a, "x", WG_F64, WG_SHAPE(50, 2), x);
    put(&a, "y", WG_F64, WG_SHAPE(rows), y);
    save(&a, "rows.npz");
}

START_TEST(train_learns_and_leaves_a_model)
{
    char path[128];
    wg_tape *back;
    wg_array w;
    make_lesson(50);
    check_run("train lesson.tape --inputs rows.npz --epochs 300 --batch 8 --rate 0.05 --seed 3 --outputs learned", 0, NULL, "");
    ck_assert_msg(strncmp(out, "epoch 1 of 300: loss ", 21) == 0, "%s", out);
    const char *last = strstr(out, "\nloss ");
    ck_assert_msg(last && strstr(last, " after 300 epochs\n"), "%s", out);
    ck_assert_double_lt(strtod(last + 6, NULL), 1e-3);
    snprintf(path, sizeof path, "%s/learned", dir);
    ck_assert_msg(!wg_model_load(&back, path, NULL, why, sizeof why), "%s", why);
    ck_assert_int_eq(wg_params_get(wg_tape_params(back), "w", &w), WG_OK);
    ck_assert_double_eq_tol(wg_array_at(&w, 0), 2, 0.02);
    ck_assert_double_eq_tol(wg_array_at(&w, 1), -3, 0.02);
    ck_assert_uint_eq(wg_params_count(wg_tape_params(back)), 1); /* nothing of the optimiser's */
    wg_tape_free(back);
    unlink(strcat(path, ".tape"));
    snprintf(path, sizeof path, "%s/learned.safetensors", dir);
    unlink(path);
}
END_TEST

START_TEST(train_refuses)
{
    make_lesson(49);
    check_run("train lesson.tape", 2, "", "wengert train: --inputs FILE.npz is wanted\n");
    check_run("train lesson.tape --inputs rows.npz", 2, "", "rows.npz: loader: array 0 has 49 rows, array 1 has 50\n");
    check_run("train lesson.tape --inputs in.npz", 2, "", "lesson.tape: missing input y: give it in --inputs FILE.npz\n");
    check_run("train lesson.tape --inputs rows.npz --loss w", 2, "", "lesson.tape: w depends on no input\n");
    check_run("train lesson.tape --inputs rows.npz --loss nothing", 2, "", "lesson.tape: nothing is called `nothing`\n");
    check_run("train lesson.tape --inputs rows.npz --epochs 0", 2, "",
              "wengert train: --epochs 0: a number from 1 to 1000000000 is wanted\n");
    check_run("train lesson.tape --inputs rows.npz --rate x", 2, "", "wengert train: --rate x: a number from 0 to 3600 is wanted\n");
}
END_TEST

int main(void)
{
    if (!getenv("WG_TOOL") || !mkdtemp(dir)) return fputs("WG_TOOL names the program to test\n", stderr), EXIT_FAILURE;
    Suite *s = suite_create("cli");
    TCase *c = tcase_create("cli");
    tcase_add_checked_fixture(c, set_up, tear_down);
    tcase_set_timeout(c, 120);
    tcase_add_test(c, test_run);
    tcase_add_test(c, test_gradients);
    tcase_add_test(c, test_forward);
    tcase_add_test(c, test_updates);
    tcase_add_test(c, test_seed);
    tcase_add_loop_test(c, test_failures, 0, (int)(sizeof failures / sizeof *failures));
    tcase_add_test(c, test_bad_texts);
    tcase_add_test(c, test_print);
    tcase_add_test(c, test_dot);
    tcase_add_test(c, test_plan);
    tcase_add_test(c, test_check);
    tcase_add_test(c, test_ops);
    tcase_add_test(c, train_learns_and_leaves_a_model);
    tcase_add_test(c, train_refuses);
    suite_add_tcase(s, c);
    SRunner *r = srunner_create(s);
    srunner_run_all(r, CK_NORMAL);
    int failed = srunner_ntests_failed(r);
    srunner_free(r);
    rmdir(dir);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}

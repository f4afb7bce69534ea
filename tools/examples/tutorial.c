/* tutorial.c -- see tutorial.h. Everything printed was read from a plan: no number is computed here but the rounding of what is shown. */
#define _POSIX_C_SOURCE 200809L
#include "tutorial.h"

#include <errno.h>
#include <math.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* ---- the command line ------------------------------------------------------------------------------------------- */

static void usage(const char *program, const tutorial_option *options)
{
    fprintf(stderr, "usage: %s [--set NAME[i,j]=VALUE]... [--draw FILE]", program);
    for (const tutorial_option *o = options; o && o->name; o++)
        fprintf(stderr, " [%s %.*s]", o->name, (int)strcspn(o->meaning, ":"), o->meaning);
    fputs("\n  --set changes a value before the program uses it: --set bias=2, --set weights[0,1]=0.5\n"
          "  --draw draws the graph: FILE.svg, .png, .pdf through Graphviz, or .dot\n",
          stderr);
    for (const tutorial_option *o = options; o && o->name; o++) fprintf(stderr, "  %s %s\n", o->name, o->meaning);
}

static bool take_option(tutorial *t, const tutorial_option *options, const char *name, const char *value)
{
    if (strcmp(name, "--set") == 0 && value && strchr(value, '=') && t->sets < TUTORIAL_SETS) return t->set[t->sets++] = value, true;
    if (strcmp(name, "--draw") == 0 && value) return t->picture = value, true;
    for (const tutorial_option *o = options; o && o->name; o++)
        if (strcmp(name, o->name) == 0 && value) return *o->value = value, true;
    return false;
}

tutorial tutorial_start(const char *program, int argc, char **argv, const tutorial_option *options)
{
    tutorial t = {.program = program, .tape = wg_tape_new()};
    for (int i = 1; i < argc && !t.failed; i += 2) {
        t.help = strcmp(argv[i], "--help") == 0;
        t.failed = t.help || !take_option(&t, options, argv[i], i + 1 < argc ? argv[i + 1] : NULL);
    }
    if (!getcwd(t.from, sizeof t.from)) strcpy(t.from, "."); /* go_to may leave it */
    if (t.failed) usage(program, options);
    else if (!t.tape) tutorial_fail(&t, "%s", wg_status_text(WG_ENOMEM));
    return t;
}

/* ---- mistakes ---------------------------------------------------------------------------------------------------- */

bool tutorial_fine(tutorial *t)
{
    const char *error = t->failed ? NULL : wg_error(t->tape);
    if (error) tutorial_fail(t, "%s", error);
    return !t->failed;
}

void tutorial_fail(tutorial *t, const char *format, ...)
{
    va_list list;
    if (t->failed) return;
    t->failed = true;
    fflush(stdout);
    fprintf(stderr, "%s: ", t->program);
    va_start(list, format);
    vfprintf(stderr, format, list);
    va_end(list);
    fputc('\n', stderr);
}

void print_mistake(tutorial *t, const char *label, wg_tensor wrong)
{
    if (t->failed) return;
    if (wg_ok(wrong) || !wg_error(t->tape)) {
        tutorial_fail(t, "%s: the mistake was not noticed", label);
        return;
    }
    const char *text = wg_error(t->tape), *file = strrchr(text, '/'); /* the folders of the build say nothing to a reader */
    printf("%s\n    %s\n", label, file && file < strstr(text, ": ") ? file + 1 : text);
    wg_error_clear(t->tape);
}

static void draw(tutorial *t)
{
    char why[500], path[2000];
    snprintf(path, sizeof path, "%s/%s", t->picture[0] == '/' ? "" : t->from, t->picture);
    wg_plan *made_of = t->subject.tape ? wg_plan_new(t->subject) : NULL;
    if (wg_draw(t->tape, path, .plan = made_of, .why = why, .why_size = sizeof why)) tutorial_fail(t, "%s", why);
}

int tutorial_end(tutorial *t)
{
    tutorial_fine(t);
    for (int i = 0; i < t->sets; i++)
        if (t->set[i]) tutorial_fail(t, "--set %s: no value has this name", t->set[i]);
    if (t->picture && !t->failed) draw(t);
    wg_tape_free(t->tape);
    if (fflush(stdout)) return 1;
    return t->failed && !t->help ? 1 : 0;
}

/* ---- values -------------------------------------------------------------------------------------------------------- */

/* The place that "[i,j]" names in row-major order, or -1. *end is behind it. */
static int64_t place(const char *at, wg_shape shape, const char **end)
{
    int64_t n = 0;
    int axis = 0;
    for (; axis < shape.rank && *at == (axis ? ',' : '['); axis++) {
        char *stop;
        long long i = strtoll(at + 1, &stop, 10);
        if (stop == at + 1 || i < 0 || i >= shape.dim[axis]) return -1;
        n = n * shape.dim[axis] + i;
        at = stop;
    }
    if (axis && *at++ != ']') return -1;
    *end = at;
    return axis == shape.rank ? n : -1;
}

void given_array(tutorial *t, const char *name, wg_array *values)
{
    size_t length = strlen(name);
    for (int i = 0; i < t->sets && !t->failed; i++) {
        const char *set = t->set[i], *equal;
        char *end;
        if (!set || strncmp(set, name, length) != 0 || !strchr("[=", set[length])) continue;
        int64_t at = place(set + length, values->shape, &equal);
        double v = at < 0 || *equal != '=' ? 0 : strtod(equal + 1, &end);
        if (at < 0 || *equal != '=' || end == equal + 1 || *end) {
            tutorial_fail(t, "--set %s: %s has %d axes; its elements are NAME[i,j] with one index an axis, from 0", set, name,
                          values->shape.rank);
            return;
        }
        wg_array_put(values, at, v);
        t->set[i] = NULL;
    }
}

wg_tensor given(tutorial *t, const char *name, const wg_array *values)
{
    if (t->failed) return WG_NONE;
    wg_array copy;
    if (!values->data || wg_array_new(&copy, values->dtype, values->shape)) {
        tutorial_fail(t, "%s: %s", name, values->data ? wg_status_text(WG_ENOMEM) : "its values do not fill its shape");
        return WG_NONE;
    }
    memcpy(copy.data, values->data, (size_t)wg_shape_count(copy.shape) * wg_dtype_size(copy.dtype));
    given_array(t, name, &copy);
    wg_tensor x = wg_name(wg_const(t->tape, &copy), name);
    wg_array_free(&copy);
    return x;
}

wg_tensor given_number(tutorial *t, const char *name, double value) { return given(t, name, &(wg_array){.data = &value, .dtype = WG_F64}); }

wg_tensor element(wg_tensor x, int64_t i) { return wg_squeeze(wg_slice(x, .axis = 0, .start = i, .stop = i + 1), .axes = WG_INTS(0)); }

wg_tensor randn(tutorial *t, wg_rng *random, wg_dtype dtype, wg_shape shape)
{
    wg_array draws;
    wg_status s = wg_array_new(&draws, dtype, shape);
    if (s || (s = wg_rng_fill_normal(random, &draws, 0, 1))) tutorial_fail(t, "randn: %s", wg_status_text(s));
    wg_tensor x = s ? WG_NONE : wg_const(t->tape, &draws);
    wg_array_free(&draws);
    return x;
}

wg_tensor settle(tutorial *t, const char *name, wg_tensor x)
{
    wg_array value = value_of(t, x);
    return given(t, name, &value);
}

wg_array value_of(tutorial *t, wg_tensor x)
{
    wg_array value = {0};
    if (!tutorial_fine(t)) return value;
    wg_plan *p = wg_plan_new(x);
    if (!p) tutorial_fine(t);
    else if (wg_run(p) || wg_read(p, x, &value)) tutorial_fail(t, "%s", wg_plan_error(p));
    return value;
}

double number_of(tutorial *t, wg_tensor x)
{
    wg_array value = value_of(t, x);
    return value.data ? wg_array_at(&value, 0) : (double)NAN;
}

/* ---- printing ------------------------------------------------------------------------------------------------------ */

void python_float(char text[40], double v)
{
    int digits = 1;
    do snprintf(text, 40, "%.*g", digits, v);
    while (digits++ < 17 && strtod(text, NULL) != v && v == v);
    char *e = strchr(text, 'e');
    if (e && fabs(v) < 1e16 && fabs(v) >= 1e-4) snprintf(text, 40, "%.*f", 0, v); /* Python writes 100000.0 where C has 1e+05 */
    if (!strpbrk(text, ".en")) strcat(text, ".0");
}

/* rint(v 10^n) / 10^n, which is what np.round does. */
static double rounded(double v, int places) { return places < 0 ? v : rint(v * pow(10, places)) / pow(10, places); }

static void print_label(const char *label)
{
    size_t n = strlen(label);
    if (n) printf("%s%s", label, label[n - 1] == '\n' ? "" : " ");
}

static void print_floats(tutorial *t, const char *label, wg_tensor x, int places, bool list)
{
    wg_array a = value_of(t, x);
    char text[40];
    if (!a.data) return;
    print_label(label);
    for (int64_t i = 0; i < wg_shape_count(a.shape); i++) {
        python_float(text, rounded(wg_array_at(&a, i), places));
        printf("%s%s", !list ? "" : i ? ", " : "[", text);
    }
    puts(list ? "]" : "");
}

void print_number(tutorial *t, const char *label, wg_tensor x) { print_floats(t, label, x, -1, false); }
void print_list(tutorial *t, const char *label, wg_tensor x) { print_floats(t, label, x, -1, true); }
void print_number_rounded(tutorial *t, const char *label, wg_tensor x, int places) { print_floats(t, label, x, places, false); }
void print_list_rounded(tutorial *t, const char *label, wg_tensor x, int places) { print_floats(t, label, x, places, true); }
void print_array(tutorial *t, const char *label, wg_tensor x) { print_array_rounded(t, label, x, -1); }

/* A number, or a list of them, with so many places behind the point (-1: as many as it takes). */
static void print_field(tutorial *t, wg_tensor x, int places)
{
    wg_array a = value_of(t, x);
    char text[40];
    if (!a.data) return;
    if (a.shape.rank) putchar('[');
    for (int64_t i = 0; i < wg_shape_count(a.shape); i++) {
        if (i) fputs(", ", stdout);
        if (places >= 0) printf("%.*f", places, wg_array_at(&a, i));
        else python_float(text, wg_array_at(&a, i)), fputs(text, stdout);
    }
    if (a.shape.rank) putchar(']');
}

void print_text(tutorial *t, const char *text, wg_tensors values)
{
    for (size_t i = 0; tutorial_fine(t) && *text; text++) {
        if (*text != '{') putchar(*text);
        else if (i == values.n) tutorial_fail(t, "%s: a value for each field is wanted", text);
        else print_field(t, values.x[i++], strncmp(text, "{:.", 3) ? -1 : atoi(text + 3)), text += strcspn(text, "}");
    }
    if (tutorial_fine(t)) putchar('\n');
}

void print_array_rounded(tutorial *t, const char *label, wg_tensor x, int places)
{
    wg_array a = value_of(t, x), copy;
    if (!a.data) return;
    if (wg_array_new(&copy, a.dtype, a.shape)) {
        tutorial_fail(t, "%s", wg_status_text(WG_ENOMEM));
        return;
    }
    print_label(label);
    for (int64_t i = 0; i < wg_shape_count(a.shape); i++) wg_array_put(&copy, i, rounded(wg_array_at(&a, i), places));
    wg_array_print(stdout, &copy);
    wg_array_free(&copy);
}

void print_shape(tutorial *t, const char *label, wg_tensor x)
{
    if (!tutorial_fine(t)) return;
    wg_shape s = wg_shape_get(x);
    print_label(label);
    for (int i = 0; i < s.rank; i++) printf("%s%lld", i ? ", " : "(", (long long)s.dim[i]);
    puts(s.rank == 0 ? "()" : s.rank == 1 ? ",)" : ")");
}

/* ---- options and files ---------------------------------------------------------------------------------------------- */

int64_t option_number(tutorial *t, const char *option, const char *text, int64_t low, int64_t high)
{
    char *end;
    long long n = strtoll(text, &end, 10);
    if (end != text && !*end && n >= low && n <= high) return n;
    tutorial_fail(t, "%s %s: not a number from %lld to %lld", option, text, (long long)low, (long long)high);
    return low;
}

void go_to(tutorial *t, const char *folder)
{
    if (!tutorial_fine(t)) return;
    if ((mkdir(folder, 0777) && errno != EEXIST) || chdir(folder)) tutorial_fail(t, "%s: %s", folder, strerror(errno));
}

FILE *open_for_writing(tutorial *t, const char *name)
{
    FILE *f = tutorial_fine(t) ? fopen(name, "w") : NULL;
    if (!f) tutorial_fail(t, "%s: %s", name, strerror(errno));
    return f;
}

void close_written(tutorial *t, const char *name, FILE *f)
{
    if (!f) return;
    bool failed = ferror(f);
    if (fclose(f) || failed) tutorial_fail(t, "%s: %s", name, strerror(errno));
}

bool plot(tutorial *t, const char *name, const char *script)
{
    char file[64], command[96];
    snprintf(file, sizeof file, "%s.gp", name);
    snprintf(command, sizeof command, "gnuplot %s", file);
    FILE *f = open_for_writing(t, file);
    if (f) fputs(script, f), close_written(t, file, f);
    if (!tutorial_fine(t)) return false;
    fflush(stdout);
    if (system("command -v gnuplot >/dev/null")) printf("gnuplot is not installed: there is no %s.svg; gnuplot %s draws it\n", name, file);
    else if (system(command)) tutorial_fail(t, "gnuplot could not draw %s.svg as %s says", name, file);
    else return true;
    return false;
}

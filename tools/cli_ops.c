/* cli_ops.c -- `wengert ops`: the catalogue, for people and, with --tsv, for other programs. What it says of an op is what the library knows:
 * its documentation, types, attributes and their defaults, and calls of it as the tests have them. Shapes are worked out here, by
 * recording those calls; so is what an op by definition expands into. */
#include "cli.h"

#include <ctype.h>
#include <stdarg.h>
#include <string.h>

enum { LINE = 132, MOST_SHAPES = 5, MOST_EDGES = 8, MOST_REFUSED = 6 };

/* What an op means in a sentence: the first of its documentation, in one line. */
static void first_sentence(const char *doc, char *out, size_t size)
{
    size_t n = 0;
    for (; doc[n] && n + 1 < size; n++) {
        bool ends = doc[n] == '.' && (!doc[n + 1] || isspace((unsigned char)doc[n + 1]));
        if (ends && n && isalnum((unsigned char)doc[n - 1])) break; /* not `0 .. n` */
        if (ends && n && strchr(")\"|]", doc[n - 1])) break;
        out[n] = doc[n] == '\n' ? ' ' : doc[n];
    }
    out[n] = '\0';
}

/* ---- calls of examples, recorded ---------------------------------------------------------------------------------------- */

typedef struct text {
    char at[2000];
    size_t used;
    bool full;
} text;

static void add(text *t, const char *format, ...) WG_PRINTF(2, 3);
static void add(text *t, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    int n = vsnprintf(t->at + t->used, sizeof t->at - t->used, format, args);
    va_end(args);
    t->full |= n < 0 || (size_t)n >= sizeof t->at - t->used;
    if (!t->full) t->used += (size_t)n;
}

/* The shape of a nested list, as `2, 3`. */
static void add_list_shape(text *t, const char *list)
{
    const char *sep = "";
    for (const char *p = list; *p == '['; p++) {
        int depth = 0, n = 0;
        bool some = false;
        for (const char *q = p; *q; q++) {
            depth += *q == '[';
            depth -= *q == ']';
            n += *q == ',' && depth == 1;
            some |= depth >= 1 && q > p && !isspace((unsigned char)*q);
            if (depth == 0) break;
        }
        add(t, "%s%d", sep, some ? n + 1 : 0);
        sep = ", ";
    }
}

/* The operand [from, to) as a type, `f64[2, 3]`; false: it stays as it is written: a number, or `_`. */
static bool add_type(text *t, const char *from, const char *to)
{
    char word[16] = "", one[600];
    size_t n = 0;
    if (to - from >= (ptrdiff_t)sizeof one) return t->full = true, false;
    if (*from == '_' || *from == '-' || isdigit((unsigned char)*from) || strncmp(from, "inf", 3) == 0 || strncmp(from, "nan", 3) == 0)
        return false;
    bool sizes = *from == '~' || *from == '+' || (to[-1] == ')' && to[-2] == '(');
    from += *from == '~' || *from == '+';
    while (isalnum((unsigned char)from[n]) && n + 1 < sizeof word) word[n] = from[n], n++;
    snprintf(one, sizeof one, "%.*s", (int)(to - from - (ptrdiff_t)n), from + n);
    char *list = one + strspn(one, " "), *end = strchr(list, ']');
    add(t, "%s[", n ? word : "f64");
    if (sizes && end) add(t, "%.*s", (int)(end - list - 1), list + 1);
    else if (!sizes && *list == '[') add_list_shape(t, list);
    add(t, "]");
    return true;
}

/* A call in two texts: one that the library reads, and one for people, with types for operands. */
static bool rewrite(const char *call, text *program, text *shown)
{
    const char *p = strchr(call, '('), *from = p + 1;
    text line = {.used = 0};
    int depth = 0, n = 0;
    if (!p) return false;
    add(&line, "y = %.*s(", (int)(p - call), call);
    add(shown, "%.*s(", (int)(p - call), call);
    for (p = from; *p; p++) {
        bool last = depth == 0 && (*p == ')' || *p == ';');
        if (last || (depth == 0 && *p == ',')) {
            while (*from == ' ') from++;
            text type = {.used = 0};
            const char *sep = n ? ", " : "";
            if (p > from && add_type(&type, from, p)) {
                add(program, "x%d = input() : %s\n", n, type.at);
                add(&line, "%sx%d", sep, n);
                add(shown, "%s%s", sep, type.at);
            } else if (p > from) {
                add(&line, "%s%.*s", sep, (int)(p - from), from);
                add(shown, "%s%.*s", sep, (int)(p - from), from);
            }
            n++;
            from = p + 1;
        }
        if (last) break;
        depth += *p == '[' || *p == '(';
        depth -= *p == ']' || *p == ')';
    }
    add(&line, "%s", p);
    add(shown, "%s", p);
    add(program, "%s\nreturn y\n", line.at);
    return !line.full && !program->full && !shown->full;
}

/* The tape of a call, whose result is *y. NULL: it is refused, or of a kind that has no text of its own. */
static wg_tape *recorded(const char *call, text *shown, wg_tensor *y)
{
    char why[CLI_WHY];
    text program = {.used = 0};
    wg_tape *t = NULL;
    if (!rewrite(call, &program, shown)) return NULL;
    if (wg_tape_parse(&t, program.at, program.used, "example", NULL, why, sizeof why) || wg_returned(t).n != 1)
        return wg_tape_free(t), NULL;
    *y = wg_returned(t).x[0];
    return t;
}

/* ---- an op, all of it -------------------------------------------------------------------------------------------------------- */

static void show_row(const char *what, const char *said) { printf("%-10s %s\n", what, said[0] ? said : "none"); }

static void show_type(wg_tensor x)
{
    wg_shape s = wg_shape_get(x);
    printf("%s[", wg_dtype_name(wg_dtype_get(x)));
    for (int i = 0; i < s.rank; i++) printf("%s%lld", i ? ", " : "", (long long)s.dim[i]);
    printf("]");
}

static void show_shapes(const char *name)
{
    wg_op_example e;
    const char *what = "shapes";
    text before = {.used = 0};
    for (size_t i = 0, shown = 0; shown < MOST_SHAPES && wg_op_example_at(name, i, &e); i++) {
        text call = {.used = 0};
        wg_tensor y;
        if (e.refused) continue;
        wg_tape *t = recorded(e.call, &call, &y);
        if (t && call.used < LINE && strcmp(call.at, before.at) != 0) {
            printf("%-10s %s : ", what, call.at);
            show_type(y);
            printf("\n");
            what = "";
            shown++;
            before = call;
        }
        wg_tape_free(t);
    }
    if (what[0]) show_row(what, "");
}

/* The ops that the first example that is not refused is made of, each once. */
static void show_expansion(const char *name)
{
    wg_op_example e;
    for (size_t i = 0; wg_op_example_at(name, i, &e); i++) {
        text call = {.used = 0}, ops = {.used = 0};
        wg_tensor y;
        wg_tape *t = e.refused ? NULL : recorded(e.call, &call, &y);
        for (size_t k = 0; t && k < wg_tape_size(t); k++) {
            const char *op = wg_op_name(wg_tape_node(t, k));
            char word[80];
            snprintf(word, sizeof word, " %s ", op);
            if (strcmp(op, "input") != 0 && strcmp(op, "number") != 0 && !strstr(ops.at, word)) add(&ops, "%s%s ", ops.used ? "" : " ", op);
        }
        wg_tape_free(t);
        if (!ops.used) continue;
        printf("%-10s%.*s\n", "expands to", (int)ops.used - 1, ops.at);
        return;
    }
}

/* Kinks, what is not finite, what is empty. */
static bool at_an_edge(const wg_op_example *e)
{
    const char *both[] = {strchr(e->call, '('), e->value ? e->value : ""};
    bool edge = e->kink;
    for (int i = 0; i < 2; i++) edge |= strstr(both[i], "nan") || strstr(both[i], "inf") || strstr(both[i], "()");
    return edge && e->value && !e->refused;
}

static void show_edges(const char *name)
{
    wg_op_example e;
    const char *what = "edges";
    for (size_t i = 0, shown = 0; shown < MOST_EDGES && wg_op_example_at(name, i, &e); i++) {
        if (!at_an_edge(&e) || strlen(e.call) + strlen(e.value) > LINE) continue;
        bool grad = e.grad && strlen(e.call) + strlen(e.value) + strlen(e.grad) < LINE;
        printf("%-10s %s = %s%s%s\n", what, e.call, e.value, grad ? ", gradient " : "", grad ? e.grad : "");
        what = "";
        shown++;
    }
    if (what[0]) show_row(what, "");
}

static void show_refused(const char *name)
{
    wg_op_example e;
    const char *what = "refused";
    for (size_t i = 0, shown = 0; shown < MOST_REFUSED && wg_op_example_at(name, i, &e); i++) {
        if (!e.refused || strlen(e.call) + strlen(e.refused) > LINE) continue;
        printf("%-10s %s: %s\n", what, e.call, e.refused);
        what = "";
        shown++;
    }
    if (what[0]) show_row(what, "");
}

static void show_op(const wg_op_info *op)
{
    printf("%s(%s)\n\n%s\n\n", op->name, op->signature, op->doc);
    show_row("inputs", op->inputs);
    show_row("attributes", op->attributes);
    show_row("derivative", op->differentiable ? "any order" : "none");
    show_row("PyTorch", op->torch ? op->torch : "none");
    show_row("family", op->family);
    printf("%-10s %s%s%s\n", "kind", op->kind, op->definition ? ", by definition" : "", op->hidden ? " (in text only)" : "");
    if (op->definition) show_expansion(op->name);
    if (op->hidden) return;
    show_shapes(op->name);
    show_edges(op->name);
    show_refused(op->name);
}

int cli_ops(const cli_options *o)
{
    wg_op_info op;
    if (o->file && !wg_op_info_of(o->file, &op)) return cli_say("wengert ops: there is no op %s", o->file), 2;
    for (size_t i = 0; o->file ? i == 0 : wg_op_info_at(i, &op); i++) {
        char meaning[600];
        first_sentence(op.doc, meaning, sizeof meaning);
        if (o->tsv)
            printf("%s\t%s\t%s\t%s\t%s\t%s\t%s\n", op.name, op.family, op.signature, meaning, op.kind, op.dtypes,
                   op.differentiable ? "any" : "0");
        else if (o->file) show_op(&op);
        else printf("%-16s %-12s %-12s %s\n", op.name, op.family, op.kind, op.signature);
    }
    return fflush(stdout) ? (cli_say("standard output cannot be written"), 2) : 0;
}

/* cli_model.c -- a tape and its arrays, loaded.
 *
 * Labels (%7) mean something in their file only, so what a command asks for by label is asked of the reader: the text is
 * read a second time with those names behind the others in its `return`. Likewise --seed: a header says its own seed, so
 * it is made a comment. Line numbers stay as they are. */
#include "cli.h"

#include <errno.h>
#include <math.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

bool cli_say(const char *format, ...)
{
    va_list args;
    va_start(args, format);
    vfprintf(stderr, format, args);
    va_end(args);
    fputc('\n', stderr);
    return false;
}

static bool read_text(cli_model *m, const char *path)
{
    size_t room = 1 << 16;
    FILE *f = fopen(path, "rb");
    if (!f) return cli_say("%s: %s", path, strerror(errno));
    m->text = malloc(room);
    while (m->text) {
        m->length += fread(m->text + m->length, 1, room - m->length, f);
        if (m->length < room) break;
        char *more = realloc(m->text, room *= 2);
        if (!more) free(m->text);
        m->text = more;
    }
    bool good = m->text && !ferror(f);
    if (!good) cli_say("%s: %s", path, m->text ? strerror(errno) : "out of memory");
    fclose(f);
    return good;
}

/* again: with names that the options ask for at its end, whose place in the text is nobody's concern. */
static bool parse(cli_model *m, const char *text, size_t length, const cli_options *o, bool eval, bool again)
{
    char why[CLI_WHY];
    wg_tape_free(m->tape);
    wg_tape_options with = {.seed = o->seed, .eval = eval, .threads = o->threads};
    if (!wg_tape_parse(&m->tape, text, length, o->file, &with, why, sizeof why)) return true;
    const char *unknown = again ? strstr(why, "nothing is called") : NULL;
    return unknown ? cli_say("%s: %s", o->file, unknown) : cli_say("%s", why);
}

/* ---- the text's first and last line -------------------------------------------------------------------------------- */

static bool blank(char c) { return c == ' ' || c == '\t' || c == '\r'; }

static const char *skip_blanks(const char *p, const char *end)
{
    while (p < end && blank(*p)) p++;
    return p;
}

/* Whether the line at p is a statement `word ...` and not a node called so. */
static bool is_statement(const char *p, const char *end, const char *word)
{
    size_t n = strlen(word);
    if ((size_t)(end - p) < n || memcmp(p, word, n) != 0) return false;
    const char *q = skip_blanks(p + n, end);
    return (q > p + n || q == end || *q == '\n' || *q == '#') && !(q < end && *q == '=');
}

static const char *next_line(const char *p, const char *end)
{
    const char *nl = p < end ? memchr(p, '\n', (size_t)(end - p)) : NULL;
    return nl ? nl + 1 : end;
}

static bool add_name(cli_model *m, const char *name, size_t length)
{
    char **more = realloc(m->name, (m->names + 1) * sizeof *more);
    if (!more) return cli_say("out of memory");
    m->name = more;
    m->name[m->names] = malloc(length + 1);
    if (!m->name[m->names]) return cli_say("out of memory");
    memcpy(m->name[m->names], name, length);
    m->name[m->names++][length] = 0;
    return true;
}

/* The names behind `return`; where that line begins (the end, if there is none). The text has been read without error. */
static bool read_return(cli_model *m, size_t *at)
{
    const char *end = m->text + m->length, *p = m->text;
    for (; p < end; p = next_line(p, end)) {
        const char *q = skip_blanks(p, end);
        if (!is_statement(q, end, "return")) continue;
        *at = (size_t)(p - m->text);
        for (q += 6; q < end && *q != '\n' && *q != '#';) {
            const char *name = q;
            while (q < end && !blank(*q) && *q != ',' && *q != '\n' && *q != '#') q++;
            if (q > name && !add_name(m, name, (size_t)(q - name))) return false;
            if (q < end && (blank(*q) || *q == ',')) q++;
        }
        return true;
    }
    *at = m->length;
    return true;
}

/* The text once more, with a `return` that names `extra` too. */
static bool parse_again(cli_model *m, const cli_options *o, size_t at, const char *const *extra, size_t n)
{
    size_t room = at + 32;
    bool eval = wg_tape_eval(m->tape);
    for (size_t i = 0; i < m->names; i++) room += strlen(m->name[i]) + 2;
    for (size_t i = 0; i < n; i++) room += extra[i] ? strlen(extra[i]) + 2 : 0;
    char *text = malloc(room), *to = text;
    if (!text) return cli_say("out of memory");
    memcpy(to, m->text, at);
    to += at;
    for (char *p = text; o->seeded && p < text + at; p = (char *)(uintptr_t)next_line(p, text + at)) {
        char *q = (char *)(uintptr_t)skip_blanks(p, text + at);
        if (q == text + at || *q == '\n' || *q == '#') continue;
        if (is_statement(q, text + at, "tape")) *q = '#';
        break;
    }
    if (at && to[-1] != '\n') *to++ = '\n';
    const char *before = "return ";
    for (size_t i = 0; i < m->names; i++, before = ", ") to += sprintf(to, "%s%s", before, m->name[i]);
    for (size_t i = 0; i < n; i++)
        if (extra[i]) to += sprintf(to, "%s%s", before, extra[i]), before = ", ";
    bool good = parse(m, text, (size_t)(to - text), o, eval, true);
    free(text);
    return good;
}

/* ---- arrays ---------------------------------------------------------------------------------------------------------- */

bool cli_is(wg_tensor x, const char *op)
{
    const char *name = wg_op_name(x);
    return name && strcmp(name, op) == 0;
}

bool cli_real_leaf(wg_tensor x)
{
    return (cli_is(x, "input") || cli_is(x, "param")) && (wg_dtype_real(wg_dtype_get(x)) || wg_dtype_half(wg_dtype_get(x)));
}

/* NumPy's integers are i64, its real numbers f64, and it has no bf16: values that fit are taken for narrower ones. */
static bool narrow(const wg_array *a, wg_array *made, wg_dtype to, const char *file, const char *name)
{
    int64_t n = wg_shape_count(a->shape);
    if (wg_array_new(made, to, a->shape)) return cli_say("out of memory");
    for (int64_t i = 0; i < n; i++) {
        double v = wg_array_at(a, i);
        wg_array_put(made, i, v);
        if (wg_array_at(made, i) == v || isnan(v)) continue;
        return cli_say("%s: %s is %s and holds %.17g, the tape needs %s", file, name, wg_dtype_name(a->dtype), v, wg_dtype_name(to));
    }
    return true;
}

const wg_array *cli_given(const cli_model *m, const char *name, wg_tensor x, wg_array *made, bool *bad)
{
    const wg_array *a = wg_archive_find(&m->given, name);
    wg_dtype want = wg_dtype_get(x);
    *made = (wg_array){0};
    *bad = false;
    if (!a) return NULL;
    if ((want == WG_I32 && a->dtype == WG_I64) || (wg_dtype_half(want) && a->dtype != want && wg_dtype_real(a->dtype))) {
        *bad = !narrow(a, made, want, m->archive, name);
        return *bad ? NULL : made;
    }
    bool widens = cli_is(x, "input") && ((want == WG_I64 && (a->dtype == WG_I32 || a->dtype == WG_U8)) ||
                                         (want == WG_I32 && a->dtype == WG_U8) || (wg_dtype_real(want) && wg_dtype_half(a->dtype)));
    if (a->dtype == want || widens) return a;
    *bad = true;
    cli_say("%s: %s is %s, the tape needs %s", m->archive, name, wg_dtype_name(a->dtype), wg_dtype_name(want));
    return NULL;
}

static bool set_params(cli_model *m)
{
    wg_params *store = wg_tape_params(m->tape);
    for (size_t i = 0; i < wg_tape_size(m->tape); i++) {
        wg_tensor x = wg_tape_node(m->tape, i);
        if (!cli_is(x, "param")) continue;
        const char *name = wg_name_get(x);
        wg_array made;
        bool bad;
        const wg_array *a = cli_given(m, name, x, &made, &bad);
        if (a && wg_params_set(store, name, a, wg_params_kind(store, name)))
            bad = true, cli_say("%s: %s", m->archive, wg_params_error(store));
        wg_array_free(&made);
        if (bad) return false;
    }
    return true;
}

bool cli_load(cli_model *m, const cli_options *o, const char *const *extra, size_t n)
{
    char why[CLI_WHY];
    size_t at, wanted = 0;
    *m = (cli_model){0};
    for (size_t i = 0; i < n; i++) wanted += extra[i] != NULL;
    m->archive = o->inputs;
    if (!read_text(m, o->file) || !parse(m, m->text, m->length, o, false, false) || !read_return(m, &at)) return false;
    for (size_t i = 0; i < n; i++)
        if (extra[i] && (!extra[i][0] || strpbrk(extra[i], " \t\r\n,#"))) return cli_say("%s: nothing is called `%s`", o->file, extra[i]);
    if ((wanted || o->seeded) && m->names + wanted == 0) at = m->length; /* nothing to return */
    if (wanted || (o->seeded && m->names)) {
        if (!parse_again(m, o, at, extra, n)) return false;
    } else if (o->seeded) {
        return cli_say("%s: nothing is returned", o->file);
    }
    wg_tensors returned = wg_returned(m->tape);
    m->output = malloc((returned.n + 1) * sizeof *m->output);
    if (!m->output) return cli_say("out of memory");
    if (returned.n) memcpy(m->output, returned.x, returned.n * sizeof *m->output);
    m->outputs = returned.n;
    if (o->inputs && wg_npz_read(o->inputs, &m->given, why, sizeof why)) return cli_say("%s", why);
    return set_params(m);
}

void cli_free(cli_model *m)
{
    wg_tape_free(m->tape);
    wg_archive_free(&m->given);
    for (size_t i = 0; i < m->names; i++) free(m->name[i]);
    free(m->name);
    free(m->text);
    free(m->output);
}

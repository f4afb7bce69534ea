/* programs.c -- a program's lines, its text, its tape. */
#include "programs.h"

#include <stdlib.h>

int program_ops(const program *p)
{
    int ops = 0;
    for (int k = 0; k < p->n; k++) ops += p->line[k].op != NULL;
    return ops;
}

bool program_reads(const program *p, int line)
{
    for (int k = line + 1; k < p->n; k++)
        for (int i = 0; i < p->line[k].n; i++)
            if (p->line[k].arg[i].line == line) return true;
    return false;
}

bool program_keep(wg_array *to, const wg_array *from)
{
    if (wg_array_new(to, from->dtype, from->shape)) return false;
    int64_t n = wg_shape_count(from->shape);
    if (n > 0) memcpy(to->data, from->data, (size_t)n * wg_dtype_size(from->dtype));
    return true;
}

bool program_copy(program *to, const program *from)
{
    bool done = true;
    *to = *from;
    for (int k = 0; k < to->n; k++) to->line[k].value = (wg_array){0};
    for (int k = 0; done && k < to->n; k++) done = program_keep(&to->line[k].value, &from->line[k].value);
    if (!done) program_free(to);
    return done;
}

void program_free(program *p)
{
    for (int k = 0; k < p->n; k++) wg_array_free(&p->line[k].value);
    p->n = 0;
}

double program_weight(int64_t i, uint32_t salt)
{
    uint32_t h = ((uint32_t)i + 1) * 2654435761u ^ salt * 40503u;
    h = (h ^ h >> 15) * 2246822519u;
    h ^= h >> 13;
    double size = 0.5 + (double)(h >> 8) * 0x1p-24;
    return h & 1 ? size : -size;
}

/* ---- text ------------------------------------------------------------------------------------------------------------------ */

static void put_leaf(char *text, size_t *used, int k, const wg_array *a, bool f32, bool open)
{
    wg__append(text, PROGRAM_TEXT, used, "v%d = input() : %s[", k, wg_dtype_name(f32 && a->dtype == WG_F64 ? WG_F32 : a->dtype));
    for (int i = 0; i < a->shape.rank; i++)
        if (open) wg__append(text, PROGRAM_TEXT, used, i ? ", ?" : "?");
        else wg__append(text, PROGRAM_TEXT, used, "%s%lld", i ? ", " : "", (long long)a->shape.dim[i]);
    wg__append(text, PROGRAM_TEXT, used, "]\n");
}

static void put_call(char *text, size_t *used, int k, const program_line *l, bool f32)
{
    char attributes[sizeof l->attributes];
    snprintf(attributes, sizeof attributes, "%s", l->attributes);
    for (char *at = attributes; f32 && (at = strstr(at, "f64"));) memcpy(at, "f32", 3);
    wg__append(text, PROGRAM_TEXT, used, "v%d = %s(", k, l->op->name);
    for (int i = 0; i < l->n; i++)
        if (l->arg[i].line < 0) wg__append(text, PROGRAM_TEXT, used, "%s%s", i ? ", " : "", l->arg[i].text);
        else wg__append(text, PROGRAM_TEXT, used, "%sv%d", i ? ", " : "", l->arg[i].line);
    wg__append(text, PROGRAM_TEXT, used, "%s%s)\n", attributes[0] ? "; " : "", attributes);
}

char *program_text(const program *p, bool f32, bool open)
{
    char *text = malloc(PROGRAM_TEXT);
    size_t used = 0;
    if (!text) return NULL;
    text[0] = 0;
    for (int k = 0; k < p->n; k++)
        if (p->line[k].op) put_call(text, &used, k, &p->line[k], f32);
        else put_leaf(text, &used, k, &p->line[k].value, f32, open);
    const char *before = "return ";
    for (int k = 0; k < p->n; k++) {
        if (program_reads(p, k)) continue;
        wg__append(text, PROGRAM_TEXT, &used, "%sv%d", before, k);
        before = ", ";
    }
    wg__append(text, PROGRAM_TEXT, &used, "\n");
    return text;
}

void program_print(FILE *to, const program *p)
{
    enum { SHOWN = 64 };
    char *text = program_text(p, false, false);
    fprintf(to, "%s", text ? text : "(no memory for the text)\n");
    free(text);
    for (int k = 0; k < p->n; k++) {
        const wg_array *a = &p->line[k].value;
        int64_t n = wg_shape_count(a->shape);
        if (p->line[k].op) continue;
        fprintf(to, "# v%d =", k);
        for (int64_t i = 0; i < n && i < SHOWN; i++) fprintf(to, " %.17g", wg_array_at(a, i));
        fprintf(to, n > SHOWN ? " ... (%lld)\n" : "\n", (long long)n);
    }
}

/* ---- recording --------------------------------------------------------------------------------------------------------------- */

wg_tape *program_record(const program *p, bool f32, bool open, const planted *bad, wg_tensor *line, char *why, size_t size)
{
    wg_tape *t = NULL;
    char *text = program_text(p, f32, open);
    if (!text) return snprintf(why, size, "out of memory"), NULL;
    wg_status s = wg_tape_parse(&t, text, strlen(text), "program", NULL, why, size);
    free(text);
    if (s) return wg_tape_free(t), NULL;
    for (size_t i = 0; bad && i < t->count; i++)
        if (t->node[i].op == bad->real) t->node[i].op = bad->broken;
    wg_tensors returned = wg_returned(t);
    size_t next = 0;
    for (int k = 0; k < p->n; k++) {
        char name[16];
        snprintf(name, sizeof name, "v%d", k);
        /* by what is returned: squeeze of a scalar is that scalar, and has its name */
        line[k] = program_reads(p, k) ? wg_find(t, name) : returned.x[next++];
    }
    return t;
}

/* ink.c -- DOT: colours, labels, escapes. Names may hold anything: what is printed inside an HTML-like label or a quoted
 * string goes through put_html and put_quoted, and nothing else prints text that a user gave. */
#define _XOPEN_SOURCE 700 /* fmemopen */
#include "io/draw.h"

#include "base/number.h"
#include "base/shape.h"
#include "tape/lexer.h"
#include "tape/text.h"

typedef struct palette {
    const char *fill, *line, *style;
} palette;

static const palette palettes[WG_LOOKS] = {
    [WG_LOOK_INPUT] = {"#dbeafe", "#3b82f6", "rounded,filled"},     [WG_LOOK_PARAM] = {"#fef3c7", "#d97706", "rounded,filled"},
    [WG_LOOK_CONSTANT] = {"#f1f5f9", "#94a3b8", "rounded,filled"},  [WG_LOOK_OP] = {"#ffffff", "#64748b", "rounded,filled"},
    [WG_LOOK_LOSS] = {"#fee2e2", "#dc2626", "rounded,filled,bold"}, [WG_LOOK_DERIVATIVE] = {"#ede9fe", "#8b5cf6", "rounded,filled"},
    [WG_LOOK_EFFECT] = {"#dcfce7", "#16a34a", "rounded,filled"},
};

static void indent(FILE *to, int level)
{
    for (int i = 0; i < level; i++) fputs("  ", to);
}

/* ---- escapes ------------------------------------------------------------------------------------------------------ */

static bool is_utf8(const char *text)
{
    int line, column;
    return !wg__text_bad(text, strlen(text), &line, &column);
}

static void put_html(FILE *to, const char *text)
{
    bool good = is_utf8(text);
    for (; *text; text++) {
        unsigned char c = (unsigned char)*text;
        if (c == '&') fputs("&amp;", to);
        else if (c == '<') fputs("&lt;", to);
        else if (c == '>') fputs("&gt;", to);
        else if (c == '"') fputs("&quot;", to);
        else if (c < 0x20 || c == 0x7f) fputc(' ', to);
        else fputc(c >= 0x80 && !good ? '?' : c, to);
    }
}

/* Between quotes, as one line: Graphviz knows \" and \\ there. */
static void put_quoted(FILE *to, const char *text)
{
    bool good = is_utf8(text);
    fputc('"', to);
    for (; *text; text++) {
        unsigned char c = (unsigned char)*text;
        if (c == '"' || c == '\\') fprintf(to, "\\%c", c);
        else if (c == '&') fputs("&amp;", to); /* of strings too, entities are read */
        else if (c < 0x20 || c == 0x7f) fputc(' ', to);
        else fputc(c >= 0x80 && !good ? '?' : c, to);
    }
    fputc('"', to);
}

/* ---- labels ------------------------------------------------------------------------------------------------------- */

static void put_shape(FILE *to, const wg_node *n)
{
    const wg_shape *s = n->shape;
    if (n->dtype != WG_F32) fprintf(to, "%s%s", wg_dtype_name((wg_dtype)n->dtype), s->rank ? " " : "");
    else if (s->rank == 0) fputs("scalar", to);
    for (int i = 0; i < s->rank; i++) {
        char letter = wg__is_letter(s->dim[i]) ? (char)(s->dim[i] - INT64_MIN) : '?';
        bool plain = (letter >= 'a' && letter <= 'z') || (letter >= 'A' && letter <= 'Z');
        if (i) fputs(" \xc3\x97 ", to);
        if (s->dim[i] >= 0) fprintf(to, "%lld", (long long)s->dim[i]);
        else fputc(plain ? letter : '?', to);
    }
}

static const wg_node *number_at(const wg_tape *t, const wg_node *n, uint32_t i)
{
    uint32_t e = wg__edges(t, n)[i];
    return e != WG_ABSENT && t->node[e].op->leaf == WG_LEAF_NUMBER ? &t->node[e] : NULL;
}

/* As in the text, but long ones to 4 digits: 0.7979 says enough in a picture. */
static void put_number(FILE *to, const wg_node *number)
{
    char text[64];
    const wg_leaf_number_options *o = number->attrs;
    wg__show_real(text, o->value, WG_F64);
    if (strlen(text) > 8 && !isnan(o->value) && !isinf(o->value)) {
        wg__decimal d = wg__rounded(o->value, 4);
        while (d.count > 1 && d.digit[d.count - 1] == '0') d.count--;
        bool plain = d.exponent >= -4 && d.exponent < 6;
        if (plain) wg__show_positional(text, &d, false);
        else wg__show_scientific(text, &d, false, 2);
        if (o->value < 0) fputc('-', to);
    }
    fputs(text, to);
}

/* The op and the numbers in it: "mul 0.5"; where the number does not come last, its place is shown: "sub (1, .)". */
static void put_title(FILE *to, const wg_tape *t, const wg_node *n)
{
    uint32_t numbers = 0, first = n->n;
    for (uint32_t i = 0; i < n->n; i++)
        if (number_at(t, n, i)) {
            numbers++;
            if (first == n->n) first = i;
        }
    put_html(to, n->op->name);
    if (!numbers || numbers > 4) return;
    bool last = first + numbers == n->n;
    fputs(last ? " " : " (", to);
    for (uint32_t i = last ? first : 0; i < n->n; i++) {
        if (i > (last ? first : 0)) fputs(", ", to);
        if (number_at(t, n, i)) put_number(to, number_at(t, n, i));
        else fputs("\xc2\xb7", to);
    }
    if (!last) fputc(')', to);
}

static void put_small(FILE *to, const char *text, const char *colour)
{
    fprintf(to, "<br/><font point-size=\"9\" color=\"%s\">", colour);
    put_html(to, text);
    fputs("</font>", to);
}

/* Attributes, cut where they are long. Arrays are left out, but for the smallest. */
static void put_attributes(FILE *to, const wg_node *n)
{
    char text[72] = "";
    const wg_leaf_constant_options *constant = n->op->leaf == WG_LEAF_CONSTANT ? n->attrs : NULL;
    if (!n->attrs || n->op->leaf == WG_LEAF_INPUT || n->op->leaf == WG_LEAF_PARAM || (constant && wg_shape_count(constant->data.shape) > 6))
        return;
    FILE *line = fmemopen(text, sizeof text, "w");
    if (!line) return;
    wg__put_attributes(line, n->op, n->attrs, "");
    fclose(line);
    size_t length = strlen(text);
    if (length > 48) snprintf(text + 45, sizeof text - 45, "...");
    if (length) put_small(to, constant && strncmp(text, "data=", 5) == 0 ? text + 5 : text, "#64748b");
}

static void put_type(FILE *to, const wg_node *n)
{
    fputs("<br/><font point-size=\"9\" color=\"#64748b\">", to);
    put_shape(to, n);
    fputs("</font>", to);
}

/* ---- the parts of a picture ----------------------------------------------------------------------------------------- */

void wg__ink_start(FILE *to)
{
    fputs("digraph wengert {\n"
          "  graph [rankdir=TB, nodesep=0.3, ranksep=0.42, pad=0.3, bgcolor=\"#ffffff\", fontname=\"Helvetica,Arial,sans-serif\",\n"
          "         fontsize=12, fontcolor=\"#475569\", labeljust=l, tooltip=\"wengert\"];\n"
          "  node [shape=box, style=\"rounded,filled\", fontname=\"Helvetica,Arial,sans-serif\", fontsize=12, fontcolor=\"#0f172a\",\n"
          "        margin=\"0.14,0.07\", height=0.3, penwidth=1.2];\n"
          "  edge [color=\"#94a3b8\", fontname=\"Helvetica,Arial,sans-serif\", fontsize=9, fontcolor=\"#64748b\", arrowsize=0.6,\n"
          "        penwidth=1.1];\n",
          to);
}

void wg__ink_frame(FILE *to, const char *id, const char *title, const char *extra, bool derivative, int level)
{
    indent(to, level);
    fputs("subgraph ", to);
    put_quoted(to, id);
    fputs(" {\n", to);
    indent(to, level + 1);
    fputs("graph [label=<<b>", to);
    put_html(to, title);
    fputs("</b>", to);
    if (extra) {
        fputs(" <font point-size=\"9\">", to);
        put_html(to, extra);
        fputs("</font>", to);
    }
    fprintf(to, ">, style=\"rounded,filled\", color=\"%s\", fillcolor=\"%s\", fontcolor=\"%s\", margin=12];\n",
            derivative ? "#ddd6fe" : "#cbd5e1", derivative ? "#f5f3ff80" : "#f1f5f980", derivative ? "#6d28d9" : "#475569");
}

void wg__ink_node(FILE *to, const wg_tape *t, uint32_t node, wg_look look, bool returned, int level)
{
    const wg_node *n = &t->node[node];
    const palette *p = &palettes[look];
    char place[300];
    /* what it is called says more than its op */
    bool leaf = n->op->leaf == WG_LEAF_INPUT || n->op->leaf == WG_LEAF_PARAM || n->op->leaf == WG_LEAF_CONSTANT;
    bool by_name = n->name && (leaf || look == WG_LOOK_LOSS);
    indent(to, level);
    fprintf(to, "n%u [label=<<b>", node);
    if (by_name) put_html(to, n->name);
    else put_title(to, t, n);
    fputs("</b>", to);
    if (n->name && !leaf) put_small(to, by_name ? n->op->name : n->name, "#334155");
    put_attributes(to, n);
    if (n->op->kind == WG_LEAF) put_type(to, n);
    fprintf(to, ">, style=\"%s\", fillcolor=\"%s\", color=\"%s\"%s, tooltip=", p->style, p->fill, p->line,
            returned ? ", penwidth=2.4" : "");
    wg__locate(n, place, sizeof place);
    size_t length = strlen(place);
    if (length > 2) place[length - 2] = 0; /* its ": " */
    put_quoted(to, place);
    fputs("];\n", to);
}

/* The parameters in a box, a line each. */
static void put_params(const drawing *d, const box *b)
{
    enum { MOST = 6 };
    uint32_t shown = 0;
    for (size_t k = 0; k < b->count && shown < MOST; k++) {
        const item *x = &d->item[b->first + k];
        const wg_node *n = &d->t->node[x->node];
        if (n->op->leaf != WG_LEAF_PARAM) continue;
        const char *name = n->name ? n->name : n->op->name;
        fputs("<br/><font point-size=\"9\" color=\"#b45309\">", d->to);
        put_html(d->to, strlen(name) > x->titled ? name + x->titled + 1 : name);
        fputs("  ", d->to);
        put_shape(d->to, n);
        fputs("</font>", d->to);
        shown++;
    }
    if (shown < b->params) fprintf(d->to, "<br/><font point-size=\"9\" color=\"#b45309\">and %u more</font>", b->params - shown);
}

/* Called by its scope, by what its last op is called, or by the op whose call it is. */
void wg__ink_box(const drawing *d, uint32_t id, int level)
{
    const box *b = &d->box[id - d->t->count];
    const item *x = &d->item[b->first];
    const wg_node *last = b->last != WG_ABSENT ? &d->t->node[b->last] : NULL;
    wg_look look = b->last != WG_ABSENT ? wg__look_of(d, b->last) : WG_LOOK_PARAM;
    const palette *p = &palettes[look];
    char title[600] = "";
    bool scope = x->titled > x->framed;
    uint32_t from = scope && x->framed ? x->framed + 1 : 0, length = x->titled - from;
    if (scope) snprintf(title, sizeof title, "%.*s", (int)(length < 500 ? length : 500), x->scope + from);
    else snprintf(title, sizeof title, "%s", last && last->name ? last->name : b->call->name);
    indent(d->to, level);
    fprintf(d->to, "n%u [label=<<b>", id);
    put_html(d->to, title);
    fputs("</b>", d->to);
    if (b->call && strcmp(title, b->call->name) != 0) put_small(d->to, b->call->name, "#334155");
    if (!b->call && b->ops) fprintf(d->to, "<br/><font point-size=\"9\" color=\"#64748b\">%u ops</font>", b->ops);
    put_params(d, b);
    fprintf(d->to, ">, style=\"%s\", fillcolor=\"%s\", color=\"%s\"%s, tooltip=", p->style, look == WG_LOOK_OP ? "#f1f5f9" : p->fill,
            p->line, b->ops > 1 ? ", peripheries=2" : "");
    put_quoted(d->to, title);
    fputs("];\n", d->to);
}

void wg__ink_edge(FILE *to, uint32_t from, uint32_t into, const wg_node *value, bool shape_only, bool derivative)
{
    fprintf(to, "  n%u -> n%u [", from, into);
    if (shape_only) {
        fputs("style=dotted, color=\"#cbd5e1\", arrowhead=open", to);
    } else {
        fputs("label=\" ", to);
        put_shape(to, value);
        fprintf(to, "\"%s", derivative ? ", color=\"#a78bfa\"" : "");
    }
    fputs("];\n", to);
}

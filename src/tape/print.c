/* print.c -- the tape as text, one node a line, in tape order. What is printed here reads back (parse.c) to a tape that
 * prints the same.
 *
 * Labels. A node is called by the user's name, else by %k behind its scope; k counts the lines above, but those of named
 * constants, which are data written in the text. Numbers have no line: they stand where they are used, weak (`0.5`)
 * where reading gives them the dtype that they have here, else with it (`f64(0)`). A number gets a line of its own only
 * when it is returned or has a name. */
#include "base/number.h"
#include "base/shape.h"
#include "tape/text.h"

#define NO_LINE UINT32_MAX
enum { LABEL = 1100, WIDEST = 24 }; /* longer names do not move the others' `=` */

typedef struct wg_printer {
    FILE *to;
    const wg_tape *t;
    uint32_t *label; /* by node: k, or NO_LINE */
    int width;
} wg_printer;

/* ---- labels ------------------------------------------------------------------------------------------------------- */

static void number_lines(wg_printer *p)
{
    const wg_tape *t = p->t;
    uint32_t k = 0;
    for (size_t i = 0; i < t->count; i++) p->label[i] = t->node[i].op->leaf == WG_LEAF_NUMBER && !t->node[i].name ? NO_LINE : 0;
    for (size_t i = 0; i < t->n_returned; i++) p->label[wg__index(t->returned[i])] = 0;
    for (size_t i = 0; i < t->count; i++) {
        const wg_node *n = &t->node[i];
        if (p->label[i] == NO_LINE) continue;
        p->label[i] = k;
        k += !(n->name && n->op->leaf == WG_LEAF_CONSTANT);
    }
}

static int label_text(const wg_printer *p, uint32_t i, char text[LABEL])
{
    const wg_node *n = &p->t->node[i];
    if (n->name) return snprintf(text, LABEL, "%s", n->name);
    return snprintf(text, LABEL, "%s%s%%%u", n->scope, n->scope[0] ? "/" : "", p->label[i]);
}

static void find_width(wg_printer *p)
{
    char text[LABEL];
    for (size_t i = 0; i < p->t->count; i++) {
        int length = p->label[i] == NO_LINE ? 0 : label_text(p, (uint32_t)i, text);
        if (length <= WIDEST && length > p->width) p->width = length;
    }
}

/* ---- values ------------------------------------------------------------------------------------------------------- */

static void put_size(FILE *to, int64_t v)
{
    char c = v == WG_START || !wg__is_letter(v) ? 0 : (char)(v - INT64_MIN);
    if (v == WG_END) fputs("end", to);
    else if (v == WG_START) fputs("start", to);
    else if ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z')) fputc(c, to);
    else fprintf(to, "%lld", (long long)v);
}

static void put_real(FILE *to, double v, wg_dtype d)
{
    char text[40];
    wg__show_real(text, v, d);
    fputs(text, to);
}

static void put_element(FILE *to, const wg_array *a, int64_t i)
{
    switch (a->dtype) {
    case WG_F32:
    case WG_F64:
    case WG_BF16:
    case WG_F16: put_real(to, wg_array_at(a, i), a->dtype); break;
    case WG_I64: fprintf(to, "%lld", (long long)((const int64_t *)a->data)[i]); break;
    case WG_I32: fprintf(to, "%d", (int)((const int32_t *)a->data)[i]); break;
    case WG_U8: fprintf(to, "%d", (int)((const uint8_t *)a->data)[i]); break;
    case WG_BOOL: fputs(((const uint8_t *)a->data)[i] ? "true" : "false", to); break;
    }
}

/* Nested lists: before element i a bracket opens for every axis whose block begins there, after it one closes for each
   that ends. The element alone is a scalar; `[]` is any array without elements. */
static void put_data(FILE *to, const wg_array *a)
{
    int64_t count = wg_shape_count(a->shape);
    if (count == 0) fputs("[]", to);
    for (int64_t i = 0; i < count; i++) {
        int opens = 0, closes = 0;
        int64_t block = 1;
        for (int axis = a->shape.rank - 1; axis >= 0; axis--) {
            block *= a->shape.dim[axis];
            opens += i % block == 0;
            closes += (i + 1) % block == 0;
        }
        if (i) fputs(", ", to);
        while (opens-- > 0) fputc('[', to);
        put_element(to, a, i);
        while (closes-- > 0) fputc(']', to);
    }
}

static void put_list(FILE *to, const int64_t *v, int n)
{
    fputc('[', to);
    for (int i = 0; i < n; i++) {
        if (i) fputs(", ", to);
        put_size(to, v[i]);
    }
    fputc(']', to);
}

static void put_value(FILE *to, const wg_op *op, const wg_attr *a, const void *x)
{
    const wg_shape *s = x;
    const wg_ints *list = x;
    const wg_applied *v = x;
    switch (a->type) {
    case WG_A_INT:
        if (*(const int *)x == WG_NO_AXIS) fputs("none", to);
        else fprintf(to, "%d", *(const int *)x);
        break;
    case WG_A_SIZE: put_size(to, *(const int64_t *)x); break;
    case WG_A_REAL: put_real(to, *(const double *)x, WG_F64); break;
    case WG_A_BOOL: fputs(*(const bool *)x ? "true" : "false", to); break;
    case WG_A_ENUM: fprintf(to, wg__text_bare(op) ? "%s" : "\"%s\"", *(const char *const *)x); break;
    case WG_A_TEXT: fprintf(to, "\"%s\"", *(const char *const *)x); break;
    case WG_A_DTYPE: fputs(wg_dtype_name(*(const wg_dtype *)x), to); break;
    case WG_A_INTS: put_list(to, list->v, list->n); break;
    case WG_A_SHAPE: put_list(to, s->dim, s->rank); break;
    case WG_A_DATA: put_data(to, x); break;
    case WG_A_CALL:
        fprintf(to, "%s(", v->op->name);
        wg__put_attributes(to, v->op, v->attrs, "");
        fputc(')', to);
        break;
    }
}

void wg__put_attributes(FILE *to, const wg_op *op, const void *attrs, const char *before)
{
    for (int i = 0; attrs && i < op->n_attributes; i++) {
        const wg_attr *a = &op->attributes[i];
        if (wg__text_typed(op) && (a->type == WG_A_DTYPE || a->type == WG_A_SHAPE)) continue;
        if (wg__attr_default(a, attrs) && !wg__text_always(op, a)) continue;
        fprintf(to, "%s%s=", before, a->name);
        put_value(to, op, a, wg__attr_field(a, attrs));
        before = ", ";
    }
}

/* ---- inputs -------------------------------------------------------------------------------------------------------- */

/* The dtype that recording gives a number which stands as input i: see admit in record.c. */
static wg_dtype weak_dtype(const wg_tape *t, const wg_node *n, uint32_t i)
{
    const wg_op *op = n->op;
    if (wg__may_disagree(op, (int)i)) return op->index >> i & 1 ? WG_I64 : WG_F32;
    for (uint32_t j = 0; j < n->n; j++) {
        uint32_t e = wg__edges(t, n)[j];
        if (e == WG_ABSENT || t->node[e].op->leaf == WG_LEAF_NUMBER || wg__may_disagree(op, (int)j)) continue;
        return wg__at_the_door(op, (int)j, (wg_dtype)t->node[e].dtype);
    }
    return WG_F32;
}

static void put_number(const wg_printer *p, const wg_node *n, uint32_t i, const wg_node *number)
{
    const wg_leaf_number_options *o = number->attrs;
    char text[40];
    wg__show_real(text, o->value, WG_F64);
    /* `inf` is a number unless a node is called so */
    bool taken = (text[0] == 'i' || text[0] == 'n') && wg__name_find(p->t, text, strlen(text)) != WG_ABSENT;
    bool weak = weak_dtype(p->t, n, i) == (wg_dtype)number->dtype;
    if (!weak) fprintf(p->to, "%s(", wg_dtype_name((wg_dtype)number->dtype));
    fprintf(p->to, "%s%s%s", taken ? "+" : "", text, weak ? "" : ")");
}

static void put_inputs(const wg_printer *p, const wg_node *n)
{
    char text[LABEL];
    uint32_t count = n->n;
    while (count && !n->op->variadic && wg__edges(p->t, n)[count - 1] == WG_ABSENT) count--;
    for (uint32_t i = 0; i < count; i++) {
        uint32_t e = wg__edges(p->t, n)[i];
        if (i) fputs(", ", p->to);
        if (e == WG_ABSENT) {
            fputc('_', p->to);
        } else if (p->t->node[e].op->leaf == WG_LEAF_NUMBER && p->label[e] == NO_LINE) {
            put_number(p, n, i, &p->t->node[e]);
        } else {
            label_text(p, e, text);
            fputs(text, p->to);
        }
    }
}

/* ---- lines --------------------------------------------------------------------------------------------------------- */

static void put_type(FILE *to, const wg_node *n)
{
    char text[512];
    size_t used = 0;
    wg__show_shape(text, sizeof text, &used, n->shape, true);
    fprintf(to, " : %s%s\n", wg_dtype_name((wg_dtype)n->dtype), text);
}

static void put_line(const wg_printer *p, uint32_t i)
{
    const wg_node *n = &p->t->node[i];
    char text[LABEL];
    label_text(p, i, text);
    fprintf(p->to, "%-*s = %s(", p->width, text, n->op->name);
    put_inputs(p, n);
    wg__put_attributes(p->to, n->op, n->attrs, wg__text_bare(n->op) ? "" : "; ");
    fputc(')', p->to);
    put_type(p->to, n);
}

static void put_return(const wg_printer *p)
{
    char text[LABEL];
    for (size_t i = 0; i < p->t->n_returned; i++) {
        label_text(p, wg__index(p->t->returned[i]), text);
        fprintf(p->to, "%s %s", i ? "," : "return", text);
    }
    if (p->t->n_returned) fputc('\n', p->to);
}

wg_status wg_print(FILE *to, const wg_tape *t)
{
    if (!to || !t) return WG_EARG;
    wg_printer p = {.to = to, .t = t, .label = wg__alloc(wg__mul(t->count ? t->count : 1, sizeof *p.label))};
    if (!p.label) return WG_ENOMEM;
    number_lines(&p);
    find_width(&p);
    fprintf(to, "tape seed=%u mode=%s\n", t->seed, t->eval ? "eval" : "train");
    for (size_t i = 0; i < t->count; i++)
        if (p.label[i] != NO_LINE) put_line(&p, (uint32_t)i);
    put_return(&p);
    wg__free(p.label);
    return ferror(to) ? WG_EIO : WG_OK;
}

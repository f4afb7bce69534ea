/* catalogue.c -- the registry looked at: an op by its name, and all that its line in ops.def says, for people and tools. */
#include "base/error.h"
#include "tape/op.h"

#include <wengert/catalogue.h>

const wg_op *wg__op_find(const char *name)
{
    size_t lo = 0, hi = 0;
    while (wg__ops[hi]) hi++;
    while (lo < hi) {
        size_t middle = lo + (hi - lo) / 2;
        int order = strcmp(name, wg__ops[middle]->name);
        if (order == 0) return wg__ops[middle];
        if (order < 0) hi = middle;
        else lo = middle + 1;
    }
    return NULL;
}

static void show_signature(const wg_op *op, char *text, size_t size)
{
    size_t used = 0;
    text[0] = 0;
    for (int i = 0; i < op->n_inputs; i++)
        wg__append(text, size, &used, "%s%s%s", i ? ", " : "", op->inputs[i].name,
                   op->variadic             ? "..."
                   : op->inputs[i].optional ? "?"
                                            : "");
    for (int i = 0; i < op->n_attributes; i++) {
        const wg_attr *a = &op->attributes[i];
        const char *quote = a->type == WG_A_ENUM || a->type == WG_A_TEXT ? "\"" : "";
        wg__append(text, size, &used, "%s%s", i ? ", " : "; ", a->name);
        if (!a->required) wg__append(text, size, &used, "=%s%s%s", quote, a->fallback, quote);
    }
}

static void show_dtypes(uint32_t takes, char *text, size_t size)
{
    size_t used = 0;
    text[0] = 0;
    for (int d = 1; d < WG_DTYPES; d++)
        if (takes >> d & 1) wg__append(text, size, &used, "%s%s", used ? " " : "", wg_dtype_name((wg_dtype)d));
}

static const char *dtypes_of_input(const wg_op *op, int i, char *text, size_t size)
{
    uint32_t bit = op->variadic ? 1u : 1u << i, takes = op->takes ? op->takes : WG_REALS;
    if (op->shape_only & bit) return "its shape only";
    if (op->any_dtype & bit) return "any";
    if (op->bools & bit) return "bool";
    if (op->index & bit) return "i64 i32 u8";
    if (takes == WG_EVERY) return "any";
    show_dtypes(takes, text, size);
    return text;
}

static void show_inputs(const wg_op *op, char *text, size_t size)
{
    size_t used = 0;
    char dtypes[64];
    text[0] = 0;
    for (int i = 0; i < op->n_inputs; i++)
        wg__append(text, size, &used, "%s%s%s: %s", i ? "; " : "", op->inputs[i].name,
                   op->variadic             ? "..."
                   : op->inputs[i].optional ? "?"
                                            : "",
                   dtypes_of_input(op, i, dtypes, sizeof dtypes));
}

static void show_attributes(const wg_op *op, char *text, size_t size)
{
    static const char *const types[] = {
        [WG_A_INT] = "int",   [WG_A_SIZE] = "size",   [WG_A_REAL] = "real", [WG_A_BOOL] = "bool", [WG_A_DTYPE] = "dtype",
        [WG_A_INTS] = "ints", [WG_A_SHAPE] = "shape", [WG_A_DATA] = "data", [WG_A_CALL] = "call", [WG_A_TEXT] = "text"};
    size_t used = 0;
    text[0] = 0;
    for (int i = 0; i < op->n_attributes; i++) {
        const wg_attr *a = &op->attributes[i];
        const char *quote = a->type == WG_A_ENUM || a->type == WG_A_TEXT ? "\"" : "";
        wg__append(text, size, &used, "%s%s: ", i ? "; " : "", a->name);
        for (const char *const *w = a->words; a->type == WG_A_ENUM && *w; w++)
            wg__append(text, size, &used, "%s\"%s\"", w == a->words ? "" : " or ", *w);
        if (a->type != WG_A_ENUM) wg__append(text, size, &used, "%s", types[a->type]);
        if (a->required) wg__append(text, size, &used, ", required");
        else wg__append(text, size, &used, ", %s%s%s", quote, a->fallback, quote);
    }
}

static bool is_hidden(const wg_op *op) { return op->kind == WG_LEAF; /* opgen's rule: these have no generated function */ }

static void describe(const wg_op *op, wg_op_info *out)
{
    static const char *const kinds[] = {"leaf", "elementwise", "view", "reduce", "block", "effect"};
    uint32_t takes = op->takes ? op->takes : WG_REALS, apart = op->index | op->bools | op->any_dtype | op->shape_only;
    if (op->n_inputs == 0) takes = 0;
    else if (op->index & 1 && (op->variadic || apart == (1u << op->n_inputs) - 1)) takes = WG_INTEGERS;
    else if (op->any_dtype & 1) takes = WG_EVERY;
    *out = (wg_op_info){.name = op->name,
                        .family = op->family,
                        .doc = op->doc,
                        .torch = op->torch,
                        .definition = op->define && !op->kernel && !op->kernel_of && !op->view,
                        .kind = kinds[op->kind],
                        .hidden = is_hidden(op),
                        .differentiable = takes & WG_REALS && !op->constant && op->kind != WG_EFFECT && op->kind != WG_LEAF};
    show_signature(op, out->signature, sizeof out->signature);
    show_dtypes(takes, out->dtypes, sizeof out->dtypes);
    show_inputs(op, out->inputs, sizeof out->inputs);
    show_attributes(op, out->attributes, sizeof out->attributes);
}

bool wg_op_info_at(size_t i, wg_op_info *out)
{
    for (int hidden = 0; hidden < 2; hidden++)
        for (size_t k = 0; wg__ops[k]; k++)
            if (is_hidden(wg__ops[k]) == hidden && i-- == 0) return describe(wg__ops[k], out), true;
    return false;
}

bool wg_op_info_of(const char *name, wg_op_info *out)
{
    const wg_op *op = name ? wg__op_find(name) : NULL;
    if (op) describe(op, out);
    return op != NULL;
}

bool wg_op_example_at(const char *name, size_t i, wg_op_example *out)
{
    const wg_op *op = name ? wg__op_find(name) : NULL;
    const wg_sample *s = op ? op->samples : NULL;
    for (; s && s->call && i; i--) s++;
    if (!s || !s->call) return false;
    *out = (wg_op_example){.call = s->call, .value = s->value, .grad = s->grad, .refused = s->refused, .kink = s->kink};
    return true;
}

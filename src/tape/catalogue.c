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
                        .kind = kinds[op->kind],
                        .hidden = is_hidden(op),
                        .differentiable = takes & WG_REALS && !op->constant && op->kind != WG_EFFECT && op->kind != WG_LEAF};
    show_signature(op, out->signature, sizeof out->signature);
    show_dtypes(takes, out->dtypes, sizeof out->dtypes);
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

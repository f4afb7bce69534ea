/* gradcheck.c -- wg_gradcheck: the private model is made and checked; when a gradient is wrong, each of the model's nodes
 * is checked alone, at the values that it has there, and the report names the one at fault. */
#include "check/check.h"

enum { BLAME_MOST = 2000 }; /* nodes: each costs a plan of all that lies before it */

/* The first node whose own gradient is wrong, into the text. A node is a small model, so this is the same check. */
static void blame(wg_check_model *m, int order, wg_gradcheck_report *r)
{
    uint32_t end = wg__index(m->y);
    for (uint32_t i = 0; i <= end && end < BLAME_MOST; i++) {
        const wg_node *n = &m->tape->node[i];
        if (n->op->kind == WG_LEAF || n->op->kind == WG_EFFECT || n->op->constant || !wg_dtype_real((wg_dtype)n->dtype)) continue;
        wg_check_model part;
        wg_gradcheck_report alone = {.ok = false};
        bool wrong = wg__check_model_node(&part, m, i, &alone) && wg__check_model(&part, order, &alone) == WG_DIFFERS;
        wg__check_model_free(&part);
        if (!wrong) continue;
        char place[300];
        size_t used = strlen(r->text);
        wg__locate(n, place, sizeof place);
        wg__append(r->text, sizeof r->text, &used, ". The op at fault is %s%s%s%s", place, n->name ? n->name : "", n->name ? ": " : "",
                   alone.text);
        return;
    }
}

wg_gradcheck_report wg_gradcheck_with(wg_tensor y, const wg_gradcheck_options *o)
{
    static const wg_gradcheck_options defaults = {.order = 2};
    wg_gradcheck_report r = {.ok = false};
    wg_check_model m = {0};
    if (!o) o = &defaults;
    int order = o->order > 1 ? 2 : 1;
    if (wg__check_model_new(&m, y, o, &r) && wg__check_model(&m, order, &r) == WG_DIFFERS) blame(&m, order, &r);
    wg__check_model_free(&m);
    return r;
}

wg_gradcheck_report(wg_gradcheck)(wg_tensor y) { return wg_gradcheck_with(y, NULL); }

/* text.h -- what the printed form and its reader agree on (DESIGN: "The text form"). */
#ifndef WG_TAPE_TEXT_H
#define WG_TAPE_TEXT_H

#include "tape/tape.h"

/* input and param: they are printed without `;`, their words bare, as a person writes them. */
static inline bool wg__text_bare(const wg_op *op) { return op->leaf == WG_LEAF_INPUT || op->leaf == WG_LEAF_PARAM; }

/* Leaves whose dtype and shape are the type after the colon, not attributes. */
static inline bool wg__text_typed(const wg_op *op)
{
    return wg__text_bare(op) || op->leaf == WG_LEAF_CONSTANT || op->leaf == WG_LEAF_NUMBER;
}

/* What a parameter starts from is always said. */
static inline bool wg__text_always(const wg_op *op, const wg_attr *a)
{
    return op->leaf == WG_LEAF_PARAM && a->offset == offsetof(wg_leaf_param_options, init);
}

/* `before`, then the attributes that are not at their default, as name=value; nothing where all are. */
void wg__put_attributes(FILE *to, const wg_op *op, const void *attrs, const char *before);

#endif

/* A parameter, buffer or optimiser state: an array of the tape's store, by name. A run reads what it was at its start. */
#include "tape/op.h"

static bool shape(wg_call *c)
{
    const wg_leaf_param_options *o = c->attrs;
    c->dtype = o->dtype;
    c->shape = o->shape;
    for (int i = 0; i < c->shape.rank; i++)
        if (!wg__known(c->shape.dim[i])) return wg__refuse(c, "the sizes of a parameter must be known");
    return true;
}

const wg_op wg_op_param = {WG_LINE(param), .kind = WG_LEAF, .leaf = WG_LEAF_PARAM, .shape = shape};

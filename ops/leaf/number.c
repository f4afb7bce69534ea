/* A number beside tensors: weak, so it is a double until it takes the dtype of the operand it stands beside. */
#include "tape/op.h"

static bool shape(wg_call *c)
{
    const wg_leaf_number_options *o = c->attrs;
    c->dtype = o->dtype;
    c->shape = (wg_shape){.rank = 0};
    return true;
}

const wg_op wg_op_number = {WG_LINE(number), .kind = WG_LEAF, .leaf = WG_LEAF_NUMBER, .shape = shape};

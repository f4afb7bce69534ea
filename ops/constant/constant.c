/* An array that is part of the tape. */
#include "tape/op.h"

static bool shape(wg_call *c)
{
    const wg_leaf_constant_options *o = c->attrs;
    if (!wg_shape_equal(o->shape, o->data.shape) || o->dtype != o->data.dtype)
        return wg__refuse(c, "the data are not of the shape and dtype that are stated");
    c->dtype = o->dtype;
    c->shape = o->shape;
    return true;
}

const wg_op wg_op_constant = {WG_LINE(constant), .kind = WG_LEAF, .leaf = WG_LEAF_CONSTANT, .shape = shape};

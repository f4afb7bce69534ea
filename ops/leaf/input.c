/* A value fed when a plan runs. `low` and `high` say what a check may draw: integers low..high-1, reals low..high. */
#include "tape/op.h"

static bool is_letter(int64_t c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static bool shape(wg_call *c)
{
    const wg_leaf_input_options *o = c->attrs;
    c->dtype = o->dtype;
    c->shape = o->shape;
    for (int i = 0; i < c->shape.rank; i++)
        if (c->shape.dim[i] == WG_ANY) c->shape.dim[i] = wg__fresh(c);
        else if (c->shape.dim[i] < 0 && !is_letter(c->shape.dim[i] - INT64_MIN))
            return wg__refuse(c, "axis %d has no size: a number, WG_ANY or WG_DIM(letter)", i);
    return true;
}

const wg_op wg_op_input = {WG_LINE(input), .kind = WG_LEAF, .leaf = WG_LEAF_INPUT, .shape = shape};

/* assign(param, x, on?): the parameter takes x's value when the plan runs, after every step that can fail. With `on`, it runs in
 * every plan that computes `on`; else in plans that ask for it. The node's value is x's. */
#include "tape/op.h"

static bool shape(wg_call *c)
{
    char a[128], b[128];
    if (c->in[0].dtype != c->in[1].dtype || !wg_shape_equal(*c->in[0].shape, *c->in[1].shape))
        return wg__refuse(c, "param is %s, x is %s", wg__show_type(a, c->in[0]), wg__show_type(b, c->in[1]));
    return true;
}

static const wg_sample samples[] = {
    {"assign([1, 2], [3, 4])", .refused = "not a parameter"},
    {"assign([1, 2], [3, 4, 5])", .refused = "param is f64[2], x is f64[3]"},
    {"assign([1, 2], i64[3, 4])", .refused = "param is f64[2], x is i64[2]"},
    {0}};

const wg_op wg_op_assign = {WG_LINE(assign), .kind = WG_EFFECT, .takes = WG_EVERY, .shape_only = 1u | 1u << 2, .shape = shape,
                            .constant = true, .samples = samples};

/* any(x; axes, keepdim): whether an element along axes is not 0, as torch.any; a bool, no derivative. x is of any dtype; NaN is
 * not 0. Of nothing: false. By definition alone: comparing and counting run as one pass. */
#include "ops/reduce/along.h"

static bool shape(wg_call *c)
{
    const wg_any_options *o = c->attrs;
    return wg__along(c, &o->axes, o->keepdim, NULL);
}

static wg_tensor define(const wg_rule *r)
{
    const wg_any_options *o = r->attrs;
    return wg_ne(wg_sum(wg_ne(r->in[0], wg_num(0)), .axes = o->axes, .keepdim = o->keepdim), wg_num(0));
}

/* values and gradients: PyTorch 1.13.1 in f64 */
static const wg_sample samples[] = {
    {.call = "any(bool[true, false, true])", .value = "bool true"},
    {.call = "any(bool[true, true])", .value = "bool true"},
    {.call = "any(bool[false, false])", .value = "bool false"},
    {.call = "any([1, 2, nan])", .value = "bool true"},
    {.call = "any([0, -0.0])", .value = "bool false"},
    {.call = "any([0, nan, inf])", .value = "bool true"},
    {.call = "any(i64[9007199254740993, -1])", .value = "bool true"},
    {.call = "any(i32[0, 3])", .value = "bool true"},
    {.call = "any(u8[0, 0])", .value = "bool false"},
    {.call = "any([[1, 0], [2, 3]]; axes=[0])", .value = "bool[true, true]"},
    {.call = "any(bool[[true, false], [true, true]]; axes=[-1], keepdim=true)", .value = "bool[[true], [true]]"},
    {.call = "any(bool[[[true, false], [true, true]], [[false, false], [true, false]]]; axes=[0, -1])", .value = "bool[true, true]"},
    {.call = "any([[1, 0]]; keepdim=true)", .value = "bool[[true]]"},
    {.call = "any(2.5)", .value = "bool true"},
    {.call = "any(0.0; axes=[0])", .value = "bool false"},
    {.call = "any(bool true; axes=[-1])", .value = "bool true"},
    {.call = "any(f64[0]())", .value = "bool false"},
    {.call = "any(f64[0, 3](); axes=[0])", .value = "bool[false, false, false]"},
    {.call = "any(f64[0, 3](); axes=[1])", .value = "bool[0]()"},
    {.call = "any(bool[2, 0](); axes=[1])", .value = "bool[false, false]"},
    {.call = "any(~[70, 33]; axes=[0])"},
    {.call = "any(~[3, 2, 4]; axes=[0, 2])"},
    {.call = "any([[1]]; axes=[])", .refused = "axes=[]"},
    {.call = "any([[1]]; axes=[0, -2])", .refused = "appears twice"},
    {.call = "any([[1]]; axes=[2])", .refused = "axis 2 is out of range for rank 2"},
    {.call = "any(2.5; axes=[1])", .refused = "axis 1 is out of range"},
    {.call = "any()", .refused = "any"},
    {.call = "any([1], [2])", .refused = "any"},
    {0}};

const wg_op wg_op_any = {WG_LINE(any), .kind = WG_BLOCK, .takes = WG_COMPUTED, .gives = WG_BOOL, .shape = shape, .define = define,
                         .constant = true, .samples = samples};

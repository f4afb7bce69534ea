/* all(x; axes, keepdim): whether no element along axes is 0, as torch.all; a bool, no derivative. x is of any dtype; NaN is not
 * 0. Of nothing: true. By definition alone: comparing and counting run as one pass. */
#include "ops/reduce/along.h"

static bool shape(wg_call *c)
{
    const wg_all_options *o = c->attrs;
    return wg__along(c, &o->axes, o->keepdim, NULL);
}

static wg_tensor define(const wg_rule *r)
{
    const wg_all_options *o = r->attrs;
    return wg_eq(wg_sum(wg_eq(r->in[0], wg_num(0)), .axes = o->axes, .keepdim = o->keepdim), wg_num(0));
}

/* values and gradients: PyTorch 1.13.1 in f64 */
static const wg_sample samples[] = {
    {.call = "all(bool[true, false, true])", .value = "bool false"},
    {.call = "all(bool[true, true])", .value = "bool true"},
    {.call = "all(bool[false, false])", .value = "bool false"},
    {.call = "all([1, 2, nan])", .value = "bool true"},
    {.call = "all([0, -0.0])", .value = "bool false"},
    {.call = "all([0, nan, inf])", .value = "bool false"},
    {.call = "all(i64[9007199254740993, -1])", .value = "bool true"},
    {.call = "all(i32[0, 3])", .value = "bool false"},
    {.call = "all(u8[0, 0])", .value = "bool false"},
    {.call = "all([[1, 0], [2, 3]]; axes=[0])", .value = "bool[true, false]"},
    {.call = "all(bool[[true, false], [true, true]]; axes=[-1], keepdim=true)", .value = "bool[[false], [true]]"},
    {.call = "all(bool[[[true, false], [true, true]], [[false, false], [true, false]]]; axes=[0, -1])", .value = "bool[false, false]"},
    {.call = "all([[1, 0]]; keepdim=true)", .value = "bool[[false]]"},
    {.call = "all(2.5)", .value = "bool true"},
    {.call = "all(0.0; axes=[0])", .value = "bool false"},
    {.call = "all(bool true; axes=[-1])", .value = "bool true"},
    {.call = "all(f64[0]())", .value = "bool true"},
    {.call = "all(f64[0, 3](); axes=[0])", .value = "bool[true, true, true]"},
    {.call = "all(f64[0, 3](); axes=[1])", .value = "bool[0]()"},
    {.call = "all(bool[2, 0](); axes=[1])", .value = "bool[true, true]"},
    {.call = "all(~[70, 33]; axes=[0])"},
    {.call = "all(~[3, 2, 4]; axes=[0, 2])"},
    {.call = "all([[1]]; axes=[])", .refused = "axes=[]"},
    {.call = "all([[1]]; axes=[0, -2])", .refused = "appears twice"},
    {.call = "all([[1]]; axes=[2])", .refused = "axis 2 is out of range for rank 2"},
    {.call = "all(2.5; axes=[1])", .refused = "axis 1 is out of range"},
    {.call = "all()", .refused = "all"},
    {.call = "all([1], [2])", .refused = "all"},
    {0}};

const wg_op wg_op_all = {WG_LINE(all), .kind = WG_BLOCK, .takes = WG_COMPUTED, .gives = WG_BOOL, .shape = shape, .define = define,
                         .constant = true, .samples = samples};

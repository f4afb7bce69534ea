/* count_nonzero(x; axes): how many elements along axes are not 0, i64, as torch.count_nonzero; no derivative. x is of any
 * dtype; NaN is not 0. Of nothing: 0. By definition alone: comparing and counting run as one pass. */
#include "ops/reduce/along.h"

static bool shape(wg_call *c)
{
    const wg_count_nonzero_options *o = c->attrs;
    return wg__along(c, &o->axes, false, NULL);
}

static wg_tensor define(const wg_rule *r)
{
    const wg_count_nonzero_options *o = r->attrs;
    return wg_sum(wg_ne(r->in[0], wg_num(0)), .axes = o->axes);
}

/* values and gradients: PyTorch 1.13.1 in f64 */
static const wg_sample samples[] = {
    {.call = "count_nonzero(bool[true, false, true])", .value = "i64 2"},
    {.call = "count_nonzero([1, 0, nan, -0.0])", .value = "i64 2"},
    {.call = "count_nonzero([0, -0.0])", .value = "i64 0"},
    {.call = "count_nonzero([-inf, inf, 1e-300])", .value = "i64 3"},
    {.call = "count_nonzero(i64[9007199254740993, 0, -1])", .value = "i64 2"},
    {.call = "count_nonzero(i32[0, 3])", .value = "i64 1"},
    {.call = "count_nonzero(u8[0, 255])", .value = "i64 1"},
    {.call = "count_nonzero([[1, 0], [2, 3]]; axes=[0])", .value = "i64[2, 1]"},
    {.call = "count_nonzero(bool[[true, false], [true, true]]; axes=[-1])", .value = "i64[1, 2]"},
    {.call = "count_nonzero(bool[[[true, false], [true, true]], [[false, false], [true, false]]]; axes=[0, -1])", .value = "i64[1, 3]"},
    {.call = "count_nonzero(2.5)", .value = "i64 1"},
    {.call = "count_nonzero(0.0; axes=[0])", .value = "i64 0"},
    {.call = "count_nonzero(f64[0]())", .value = "i64 0"},
    {.call = "count_nonzero(f64[0, 3](); axes=[0])", .value = "i64[0, 0, 0]"},
    {.call = "count_nonzero(f64[0, 3](); axes=[1])", .value = "i64[0]()"},
    {.call = "count_nonzero(~[70, 33]; axes=[0])"},
    {.call = "count_nonzero(~[3, 2, 4]; axes=[0, 2])"},
    {.call = "count_nonzero([[1]]; axes=[])", .refused = "axes=[]"},
    {.call = "count_nonzero([[1]]; axes=[0, -2])", .refused = "appears twice"},
    {.call = "count_nonzero([[1]]; axes=[2])", .refused = "axis 2 is out of range for rank 2"},
    {.call = "count_nonzero(2.5; axes=[1])", .refused = "axis 1 is out of range"},
    {.call = "count_nonzero()", .refused = "count_nonzero"},
    {.call = "count_nonzero([1]; keepdim=true)", .refused = "keepdim"},
    {0}};

const wg_op wg_op_count_nonzero = {WG_LINE(count_nonzero), .kind = WG_BLOCK, .takes = WG_COMPUTED, .gives = WG_I64, .shape = shape,
                                   .define = define, .constant = true, .samples = samples};

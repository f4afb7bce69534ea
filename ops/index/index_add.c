/* index_add(x, index, src; axis): x with src's items along axis added at the places that index, a vector, names, as torch.index_add;
 * items at one place add up, in order. An index below 0 or past the end fails the run. By definition alone: take_add and a sum. */
#include "tape/op.h"

static bool shape(wg_call *c)
{
    const wg_index_add_options *o = c->attrs;
    const wg_shape *x = c->in[0].shape, *index = c->in[1].shape, *src = c->in[2].shape;
    char a[128], b[128], s[128];
    int axis;
    if (x->rank == 0) return wg__refuse(c, "x is a scalar, which has no axis to add along");
    if (!wg__axis(c, o->axis, x->rank, &axis)) return false;
    if (index->rank != 1) return wg__refuse(c, "index is %s, must be a vector", wg__show_type(b, c->in[1]));
    bool fits = src->rank == x->rank;
    for (int i = 0; fits && i < x->rank; i++) {
        int64_t size = src->dim[i];
        fits = wg__same_size(c, &size, i == axis ? index->dim[0] : x->dim[i]);
    }
    return fits || wg__refuse(c, "src is %s, which does not fit x, %s, with an item along axis %d for each of index, %s",
                              wg__show_type(s, c->in[2]), wg__show_type(a, c->in[0]), axis, wg__show_type(b, c->in[1]));
}

static wg_tensor define(const wg_rule *r)
{
    const wg_index_add_options *o = r->attrs;
    return wg_add(r->in[0], wg_take_add(r->in[0], r->in[1], r->in[2], .axis = o->axis));
}

/* values from PyTorch in f64 */
static const wg_sample samples[] = {
    {.call = "index_add([1, 2, 3], i64[0, 2], [10, 20]; axis=0)", .value = "[11, 2, 23]", .grad = "[1, 1, 1]; [1, 1]"},
    {.call = "index_add([1, 2, 3], i64[1, 1, 1], [10, 20, 30]; axis=0)", .value = "[1, 62, 3]", .grad = "[1, 1, 1]; [1, 1, 1]"},
    {.call = "index_add([[1, 2], [3, 4]], i64[1, 0], [[10, 20], [30, 40]]; axis=0)", .value = "[[31, 42], [13, 24]]",
     .grad = "[[1, 1], [1, 1]]; [[1, 1], [1, 1]]"},
    {.call = "index_add([[1, 2], [3, 4]], i64[1], [[10], [30]]; axis=1)", .value = "[[1, 12], [3, 34]]",
     .grad = "[[1, 1], [1, 1]]; [[1], [1]]"},
    {.call = "index_add([[1, 2], [3, 4]], i64[1, 1, 0], [[1, 2, 3], [4, 5, 6]]; axis=-1)", .value = "[[4, 5], [9, 13]]",
     .grad = "[[1, 1], [1, 1]]; [[1, 1, 1], [1, 1, 1]]"},
    {.call = "index_add([1, 2], i64[0](), f64[0](); axis=0)", .value = "[1, 2]", .grad = "[1, 1]; f64[0]()"},
    {.call = "index_add(f64[0, 2](), i64[0](), f64[0, 2](); axis=0)", .value = "f64[0, 2]()", .grad = "f64[0, 2](); f64[0, 2]()"},
    {.call = "index_add(f64[2, 0](), i64[1], f64[1, 0](); axis=0)", .value = "f64[2, 0]()", .grad = "f64[2, 0](); f64[1, 0]()"},
    {.call = "index_add([1, nan], i64[0, 1], [nan, 1]; axis=0)", .value = "[nan, nan]", .grad = "[1, 1]; [1, 1]", .kink = true},
    {.call = "index_add(i64[1, 2], i64[1, 1], i64[9223372036854775807, 1]; axis=0)", .value = "i64[1, -9223372036854775806]"},
    {.call = "index_add([7], i64[0, 0], [1, 2]; axis=0)", .value = "[10]", .grad = "[1]; [1, 1]"},
    {.call = "index_add([1, 2], i32[1], [3]; axis=0)", .value = "[1, 5]", .grad = "[1, 1]; [1]"},
    {.call = "index_add(~[4, 3, 2], i64[3, 0, 3], ~[3, 3, 2]; axis=0)"},
    {.call = "index_add(~[2, 5, 3], i64[4, 4, 0], ~[2, 3, 3]; axis=1)"},
    {.call = "index_add(~[40, 9], i64[7, 7, 39, 0], ~[4, 9]; axis=-2)"},
    {.call = "index_add([1, 2], i64[0, 2], [1, 1]; axis=0)", .refused = "index[1] is 2, must be in 0..1"},
    {.call = "index_add([1, 2], i64[-1], [1]; axis=0)", .refused = "index[0] is -1, must be in 0..1"},
    {.call = "index_add([1, 2], i64[0, 1], [1, 1, 1]; axis=0)", .refused = "src is f64[3], which does not fit x, f64[2]"},
    {.call = "index_add([[1, 2]], i64[0], [1, 2]; axis=0)", .refused = "src is f64[2], which does not fit x, f64[1,2]"},
    {.call = "index_add([1, 2], i64 0, [1]; axis=0)", .refused = "index is i64[], must be a vector"},
    {.call = "index_add(2.5, i64[0], 1.5; axis=0)", .refused = "x is a scalar"},
    {.call = "index_add([1], i64[0], [1]; axis=1)", .refused = "axis 1 is out of range for rank 1"},
    {.call = "index_add([1], [0], [1]; axis=0)", .refused = "index is f64[1], which must be i64"},
    {0}};

const wg_op wg_op_index_add = {WG_LINE(index_add), .kind = WG_BLOCK, .takes = WG_NUMBERS, .index = 2, .shape = shape, .define = define,
                               .samples = samples};

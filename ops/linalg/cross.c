/* cross(a, b; axis): the vector product of a's and b's vectors of three along axis, as torch.linalg.cross; the other axes broadcast. By
 * definition alone: y = a' b'' - a'' b', with ' and '' for vectors turned on by one and by two, as views joined. */
#include "tape/op.h"

static bool three(wg_call *c, int i, int axis)
{
    const wg_cross_options *o = c->attrs;
    const wg_shape *s = c->in[i].shape;
    char text[128];
    int64_t n = 3;
    if (wg__same_size(c, &n, s->dim[axis])) return true;
    return wg__refuse(c, "%s is %s, whose axis %d must be 3", c->op->inputs[i].name, wg__show_type(text, c->in[i]), o->axis);
}

static bool shape(wg_call *c)
{
    const wg_cross_options *o = c->attrs;
    char a[128], b[128];
    int axis;
    if (c->shape.rank == 0 || c->in[1].shape->rank != c->shape.rank)
        return wg__refuse(c, "a is %s, b is %s: both must have vectors, and as many axes", wg__show_type(a, c->in[0]),
                          wg__show_type(b, c->in[1]));
    return wg__axis(c, o->axis, c->shape.rank, &axis) && three(c, 0, axis) && three(c, 1, axis) &&
           wg__broadcast(c, &c->shape, c->in[1].shape);
}

/* (x1, x2, x0) for n = 1, (x2, x0, x1) for n = 2 */
static wg_tensor turned(wg_tensor x, int axis, int n)
{
    wg_tensor part[2] = {wg_slice(x, axis, .start = n), wg_slice(x, axis, .stop = n)};
    return wg_concat(wg_tensors_of(part, 2), .axis = axis);
}

static wg_tensor define(const wg_rule *r)
{
    const wg_cross_options *o = r->attrs;
    int rank = wg_shape_get(r->in[0]).rank, axis = o->axis < 0 ? o->axis + rank : o->axis;
    wg_tensor a = r->in[0], b = r->in[1];
    return wg_sub(wg_mul(turned(a, axis, 1), turned(b, axis, 2)), wg_mul(turned(a, axis, 2), turned(b, axis, 1)));
}

/* values from PyTorch in f64 */
static const wg_sample samples[] = {
    {.call = "cross([1, 0, 0], [0, 1, 0])", .value = "[0, 0, 1]", .grad = "[1, 0, -1]; [0, 1, -1]"},
    {.call = "cross([1, 2, 3], [4, 5, 6])", .value = "[-3, 6, -3]", .grad = "[-1, 2, -1]; [1, -2, 1]"},
    {.call = "cross([[1, 2, 3], [4, 5, 6]], [[7, 8, 9], [1, 0, -1]])", .value = "[[-6, 12, -6], [-5, 10, -5]]",
     .grad = "[[-1, 2, -1], [1, -2, 1]]; [[1, -2, 1], [1, -2, 1]]"},
    {.call = "cross([[1, 2], [3, 4], [5, 6]], [[1, 0], [2, 1], [-1, 3]]; axis=0)", .value = "[[-13, 6], [6, -6], [-1, 2]]",
     .grad = "[[3, -2], [-2, 3], [-1, -1]]; [[2, 2], [-4, -4], [2, 2]]"},
    {.call = "cross([[1, 2, 3]], [[7, 8, 9], [1, 0, -1]])", .value = "[[-6, 12, -6], [-2, 4, -2]]",
     .grad = "[[0, 0, 0]]; [[1, -2, 1], [1, -2, 1]]"},
    {.call = "cross([[[1, 2, 3]], [[4, 5, 6]]], [[[1, 0, 2], [3, 1, 1]]])",
     .value = "[[[4, 1, -2], [-1, 8, -5]], [[10, -2, -5], [-1, 14, -11]]]",
     .grad = "[[[-2, -1, 3]], [[-2, -1, 3]]]; [[[2, -4, 2], [2, -4, 2]]]"},
    {.call = "cross(f64[0, 3](), f64[0, 3]())", .value = "f64[0, 3]()", .grad = "f64[0, 3](); f64[0, 3]()"},
    {.call = "cross([1, nan, 2], [0, 1, 0])", .value = "[nan, 0, nan]", .grad = "[1, 0, -1]; [nan, -1, nan]", .kink = true},
    {.call = "cross(i64[1, 2, 3], i64[4, 5, 6])", .value = "i64[-3, 6, -3]"},
    {.call = "cross(~[4, 3, 2], ~[4, 3, 2]; axis=1)"},
    {.call = "cross(~[5, 3], ~[1, 3])"},
    {.call = "cross([1, 2], [3, 4])", .refused = "a is f64[2], whose axis -1 must be 3"},
    {.call = "cross([1, 2, 3], [3, 4])", .refused = "b is f64[2], whose axis -1 must be 3"},
    {.call = "cross([1, 2, 3], [[1, 2, 3]])", .refused = "as many axes"},
    {.call = "cross(1.5, 2.5)", .refused = "must have vectors"},
    {.call = "cross([1, 2, 3], [1, 2, 3]; axis=1)", .refused = "axis 1 is out of range for rank 1"},
    {.call = "cross([[1, 2, 3], [1, 2, 3]], [[1, 2, 3], [1, 2, 3], [1, 2, 3]])", .refused = "do not broadcast"},
    {.call = "cross([1, 2, 3], i64[1, 2, 3])", .refused = "cast one"},
    {0}};

const wg_op wg_op_cross = {WG_LINE(cross), .kind = WG_BLOCK, .takes = WG_NUMBERS, .shape = shape, .define = define, .samples = samples};

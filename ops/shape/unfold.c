/* unfold(x; axis, size, step): all windows of `size` items along axis, one every `step` items: axis counts them, a new last axis lies
 * inside of them, as torch.Tensor.unfold. A scalar is a window of itself. A view: windows may overlap, and the reverse (unview, made by
 * the engine) adds up what they share. */
#include "tape/op.h"

static bool shape(wg_call *c)
{
    const wg_unfold_options *o = c->attrs;
    char text[128];
    int axis;
    if (!wg__axis(c, o->axis, c->shape.rank, &axis)) return false;
    if (o->step <= 0) return wg__refuse(c, "step is %d, must be 1 or more", o->step);
    if (c->shape.rank == WG_MAX_RANK) return wg__refuse(c, "the result would have more than %d axes", WG_MAX_RANK);
    int64_t n = c->shape.rank ? c->shape.dim[axis] : 1;
    if (o->size < 0 || (wg__known(n) && o->size > n))
        return wg__refuse(c, "size is %d, must be 0 to the %lld items of axis %d: x is %s", o->size, wg__known(n) ? (long long)n : -1, axis,
                          wg__show_type(text, c->in[0]));
    if (c->shape.rank) c->shape.dim[axis] = wg__known(n) ? (n - o->size) / o->step + 1 : wg__fresh(c);
    c->shape.dim[c->shape.rank++] = o->size;
    return true;
}

static bool view(const wg_work *w, const wg_layout *x, wg_layout *y, int64_t *offset)
{
    const wg_unfold_options *o = w->attrs;
    int rank = x->shape.rank, axis = o->axis < 0 ? o->axis + rank : o->axis;
    *y = *x;
    *offset = 0;
    y->shape = *w->out.shape;
    y->stride[rank] = rank ? x->stride[axis] : 1;
    if (rank) y->stride[axis] = x->stride[axis] * o->step;
    return true;
}

/* values from PyTorch in f64 */
static const wg_sample samples[] = {
    {.call = "unfold([1, 2, 3, 4, 5]; axis=0, size=2, step=1)", .value = "[[1, 2], [2, 3], [3, 4], [4, 5]]", .grad = "[1, 2, 2, 2, 1]"},
    {.call = "unfold([1, 2, 3, 4, 5]; axis=0, size=2, step=2)", .value = "[[1, 2], [3, 4]]", .grad = "[1, 1, 1, 1, 0]"},
    {.call = "unfold([1, 2, 3, 4, 5]; axis=-1, size=3, step=1)", .value = "[[1, 2, 3], [2, 3, 4], [3, 4, 5]]", .grad = "[1, 2, 3, 2, 1]"},
    {.call = "unfold([1, 2, 3, 4, 5]; axis=0, size=1, step=3)", .value = "[[1], [4]]", .grad = "[1, 0, 0, 1, 0]"},
    {.call = "unfold([1, 2, 3, 4, 5]; axis=0, size=5, step=7)", .value = "[[1, 2, 3, 4, 5]]", .grad = "[1, 1, 1, 1, 1]"},
    {.call = "unfold([1, 2, 3]; axis=0, size=0, step=1)", .value = "f64[4, 0]()", .grad = "[0, 0, 0]"},
    {.call = "unfold([[1, 2, 3], [4, 5, 6], [7, 8, 9]]; axis=0, size=2, step=1)",
     .value = "[[[1, 4], [2, 5], [3, 6]], [[4, 7], [5, 8], [6, 9]]]", .grad = "[[1, 1, 1], [2, 2, 2], [1, 1, 1]]"},
    {.call = "unfold([[1, 2, 3], [4, 5, 6], [7, 8, 9]]; axis=1, size=2, step=1)",
     .value = "[[[1, 2], [2, 3]], [[4, 5], [5, 6]], [[7, 8], [8, 9]]]", .grad = "[[1, 2, 1], [1, 2, 1], [1, 2, 1]]"},
    {.call = "unfold([[1, 2, 3, 4]]; axis=-1, size=3, step=2)", .value = "[[[1, 2, 3]]]", .grad = "[[1, 1, 1, 0]]"},
    {.call = "unfold(2.5; axis=0, size=1, step=1)", .value = "[2.5]", .grad = "1"},
    {.call = "unfold(2.5; axis=-1, size=0, step=1)", .value = "f64[0]()", .grad = "0"},
    {.call = "unfold(f64[0, 3](); axis=0, size=0, step=1)", .value = "f64[1, 3, 0]()", .grad = "f64[0, 3]()"},
    {.call = "unfold(f64[0, 3](); axis=1, size=2, step=1)", .value = "f64[0, 2, 2]()", .grad = "f64[0, 3]()"},
    {.call = "unfold([1, nan, 3]; axis=0, size=2, step=1)", .value = "[[1, nan], [nan, 3]]", .grad = "[1, 2, 1]", .kink = true},
    {.call = "unfold(i64[1, 2, 3]; axis=0, size=2, step=1)", .value = "i64[[1, 2], [2, 3]]"},
    {.call = "unfold(bool[true, false, true]; axis=0, size=2, step=1)", .value = "bool[[true, false], [false, true]]"},
    {.call = "unfold(u8[1, 2, 3]; axis=0, size=2, step=1)", .value = "u8[[1, 2], [2, 3]]"},
    {.call = "unfold(~[3, 7, 2]; axis=1, size=3, step=2)"},
    {.call = "unfold(~[9, 8]; axis=0, size=4, step=1)"},
    {.call = "unfold(~[40]; axis=0, size=16, step=3)"},
    {.call = "unfold([1, 2, 3]; axis=0, size=4, step=1)", .refused = "size is 4, must be 0 to the 3 items of axis 0: x is f64[3]"},
    {.call = "unfold([1, 2, 3]; axis=0, size=-1, step=1)", .refused = "size is -1"},
    {.call = "unfold([1, 2, 3]; axis=0, size=2, step=0)", .refused = "step is 0, must be 1 or more"},
    {.call = "unfold([1, 2, 3]; axis=0, size=2, step=-1)", .refused = "step is -1"},
    {.call = "unfold([1, 2, 3]; axis=1, size=2, step=1)", .refused = "axis 1 is out of range for rank 1"},
    {.call = "unfold(2.5; axis=0, size=2, step=1)", .refused = "size is 2"},
    {.call = "unfold(~[1, 1, 1, 1, 1, 1, 1, 1]; axis=0, size=1, step=1)", .refused = "more than 8 axes"},
    {0}};

const wg_op wg_op_unfold = {WG_LINE(unfold), .kind = WG_VIEW, .takes = WG_EVERY, .shape = shape, .linear = 1, .view = view,
                            .samples = samples};

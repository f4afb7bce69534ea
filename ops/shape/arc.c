/* arc(x; shift, axis, tail): one of the two stretches that roll changes round: of the n items along axis the last shift mod n (tail), or
 * those before them. A view whose place depends on n, which may be known only when run; its reverse is unview, made by the engine. */
#include "tape/op.h"

/* How many of n items the tail has. */
static int64_t behind(int shift, int64_t n)
{
    int64_t rest = n ? shift % n : 0;
    return rest < 0 ? rest + n : rest;
}

static bool shape(wg_call *c)
{
    const wg_arc_options *o = c->attrs;
    int axis;
    if (!wg__axis(c, o->axis, c->shape.rank, &axis)) return false;
    if (c->shape.rank == 0) return wg__refuse(c, "x is a scalar, which has no axis to turn");
    int64_t *n = &c->shape.dim[axis];
    if (!wg__known(*n)) *n = wg__fresh(c);
    else *n = o->tail ? behind(o->shift, *n) : *n - behind(o->shift, *n);
    return true;
}

static bool view(const wg_work *w, const wg_layout *x, wg_layout *y, int64_t *offset)
{
    const wg_arc_options *o = w->attrs;
    int axis = o->axis < 0 ? o->axis + x->shape.rank : o->axis;
    int64_t tail = behind(o->shift, x->shape.dim[axis]), head = x->shape.dim[axis] - tail;
    *y = *x;
    y->shape.dim[axis] = o->tail ? tail : head;
    *offset = o->tail && tail ? head * x->stride[axis] : 0;
    return true;
}

static const wg_sample samples[] = {
    {.call = "arc([1, 2, 3, 4, 5]; shift=2, tail=true)", .value = "[4, 5]", .grad = "[0, 0, 0, 1, 1]"},
    {.call = "arc([1, 2, 3, 4, 5]; shift=2)", .value = "[1, 2, 3]", .grad = "[1, 1, 1, 0, 0]"},
    {.call = "arc([1, 2, 3, 4, 5]; shift=-6, tail=true)", .value = "[2, 3, 4, 5]"},
    {.call = "arc([1, 2, 3]; shift=3, tail=true)", .value = "f64[0]()", .grad = "[0, 0, 0]"},
    {.call = "arc([1, 2, 3]; shift=0)", .value = "[1, 2, 3]"},
    {.call = "arc([[1, 2], [3, 4], [5, 6]]; shift=1, axis=0, tail=true)", .value = "[[5, 6]]", .grad = "[[0, 0], [0, 0], [1, 1]]"},
    {.call = "arc([[1, 2, 3], [3, 4, nan]]; shift=4, axis=-1)", .value = "[[1, 2], [3, 4]]", .kink = true},
    {.call = "arc(f64[0](); shift=5, tail=true)", .value = "f64[0]()"},
    {.call = "arc(i64[7, 8]; shift=1)", .value = "i64[7]"},
    {.call = "arc(bool[true, false]; shift=1, tail=true)", .value = "bool[false]"},
    {.call = "arc(~[3, 5, 2]; shift=7, axis=1, tail=true)"},
    {.call = "arc(~[3, 5, 2]; shift=-7, axis=-2)"},
    {.call = "arc(2.5; shift=1)", .refused = "scalar"},
    {.call = "arc([1]; shift=1, axis=1)", .refused = "axis 1 is out of range for rank 1"},
    {0}};

const wg_op wg_op_arc = {WG_LINE(arc), .kind = WG_VIEW, .takes = WG_EVERY, .shape = shape, .linear = 1, .view = view, .samples = samples};

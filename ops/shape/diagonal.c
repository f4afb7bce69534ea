/* diagonal(x; offset, axis1, axis2): the items whose place along axis2 is offset more than along axis1, as the last axis, as
 * torch.diagonal; the other axes stay in order. A diagonal outside of x is empty. A view; the reverse is unview, made by the engine. */
#include "tape/op.h"

static int axis_of(int axis, int rank)
{
    return axis < 0 ? axis + rank : axis;
}

/* Items of the diagonal of n by m. */
static int64_t length(int64_t n, int64_t m, int64_t offset)
{
    int64_t down = offset < 0 ? n + offset : n, right = offset > 0 ? m - offset : m, least = down < right ? down : right;
    return least > 0 ? least : 0;
}

/* s without the axes a and b, then the diagonal's. */
static void drop(int64_t *s, int rank, int a, int b, int64_t last)
{
    int n = 0;
    for (int i = 0; i < rank; i++)
        if (i != a && i != b) s[n++] = s[i];
    s[n] = last;
}

static bool shape(wg_call *c)
{
    const wg_diagonal_options *o = c->attrs;
    char text[128];
    int a, b;
    if (c->shape.rank < 2) return wg__refuse(c, "x is %s, which has no two axes", wg__show_type(text, c->in[0]));
    if (!wg__axis(c, o->axis1, c->shape.rank, &a) || !wg__axis(c, o->axis2, c->shape.rank, &b)) return false;
    if (a == b) return wg__refuse(c, "axis1 and axis2 are both axis %d", a);
    int64_t n = c->shape.dim[a], m = c->shape.dim[b], size;
    if (wg__known(n) && wg__known(m)) size = length(n, m, o->offset);
    else size = n == m && o->offset == 0 ? n : wg__fresh(c);
    drop(c->shape.dim, c->shape.rank--, a, b, size);
    return true;
}

static bool view(const wg_work *w, const wg_layout *x, wg_layout *y, int64_t *offset)
{
    const wg_diagonal_options *o = w->attrs;
    int rank = x->shape.rank, a = axis_of(o->axis1, rank), b = axis_of(o->axis2, rank);
    *y = *x;
    y->shape = *w->out.shape;
    drop(y->stride, rank, a, b, x->stride[a] + x->stride[b]);
    *offset = 0;
    if (y->shape.dim[rank - 2]) *offset = o->offset < 0 ? -(int64_t)o->offset * x->stride[a] : o->offset * x->stride[b];
    return true;
}

/* values from PyTorch in f64 */
static const wg_sample samples[] = {
    {.call = "diagonal([[1, 2, 3], [4, 5, 6], [7, 8, 9]])", .value = "[1, 5, 9]", .grad = "[[1, 0, 0], [0, 1, 0], [0, 0, 1]]"},
    {.call = "diagonal([[1, 2, 3], [4, 5, 6], [7, 8, 9]]; offset=1)", .value = "[2, 6]", .grad = "[[0, 1, 0], [0, 0, 1], [0, 0, 0]]"},
    {.call = "diagonal([[1, 2, 3], [4, 5, 6], [7, 8, 9]]; offset=-2)", .value = "[7]", .grad = "[[0, 0, 0], [0, 0, 0], [1, 0, 0]]"},
    {.call = "diagonal([[1, 2, 3], [4, 5, 6]])", .value = "[1, 5]", .grad = "[[1, 0, 0], [0, 1, 0]]"},
    {.call = "diagonal([[1, 2], [3, 4], [5, 6]]; offset=-1)", .value = "[3, 6]", .grad = "[[0, 0], [1, 0], [0, 1]]"},
    {.call = "diagonal([[1, 2], [3, 4], [5, 6]]; offset=1)", .value = "[2]", .grad = "[[0, 1], [0, 0], [0, 0]]"},
    {.call = "diagonal([[1, 2], [3, 4]]; offset=5)", .value = "f64[0]()", .grad = "[[0, 0], [0, 0]]"},
    {.call = "diagonal([[1, 2], [3, 4]]; offset=-2147483647)", .value = "f64[0]()", .grad = "[[0, 0], [0, 0]]"},
    {.call = "diagonal([[1, 2], [3, 4]]; offset=2147483647)", .value = "f64[0]()", .grad = "[[0, 0], [0, 0]]"},
    {.call = "diagonal([[1, 2, 3], [4, 5, 6]]; axis1=1, axis2=0, offset=1)", .value = "[4]", .grad = "[[0, 0, 0], [1, 0, 0]]"},
    {.call = "diagonal([[[1, 2], [3, 4]], [[5, 6], [7, 8]]])", .value = "[[1, 7], [2, 8]]",
     .grad = "[[[1, 1], [0, 0]], [[0, 0], [1, 1]]]"},
    {.call = "diagonal([[[1, 2], [3, 4]], [[5, 6], [7, 8]]]; axis1=-2, axis2=-1)", .value = "[[1, 4], [5, 8]]",
     .grad = "[[[1, 0], [0, 1]], [[1, 0], [0, 1]]]"},
    {.call = "diagonal([[[1, 2], [3, 4]], [[5, 6], [7, 8]]]; axis1=0, axis2=2)", .value = "[[1, 6], [3, 8]]",
     .grad = "[[[1, 0], [1, 0]], [[0, 1], [0, 1]]]"},
    {.call = "diagonal([[7]])", .value = "[7]", .grad = "[[1]]"},
    {.call = "diagonal([[1, nan], [nan, inf]])", .value = "[1, inf]", .grad = "[[1, 0], [0, 1]]", .kink = true},
    {.call = "diagonal(f64[0, 3]())", .value = "f64[0]()", .grad = "f64[0, 3]()"},
    {.call = "diagonal(f64[0, 2, 3](); axis1=1, axis2=2)", .value = "f64[0, 2]()", .grad = "f64[0, 2, 3]()"},
    {.call = "diagonal(i64[[1, 2], [3, 4]])", .value = "i64[1, 4]"},
    {.call = "diagonal(bool[[true, false], [false, true]]; offset=1)", .value = "bool[false]"},
    {.call = "diagonal(u8[[1, 2], [3, 4]])", .value = "u8[1, 4]"},
    {.call = "diagonal(~[4, 3, 5]; offset=1, axis1=0, axis2=2)"},
    {.call = "diagonal(~[2, 5, 4, 3]; offset=-1, axis1=-1, axis2=1)"},
    {.call = "diagonal([1, 2])", .refused = "x is f64[2], which has no two axes"},
    {.call = "diagonal(2.5)", .refused = "no two axes"},
    {.call = "diagonal([[1, 2]]; axis1=1)", .refused = "axis1 and axis2 are both axis 1"},
    {.call = "diagonal([[1, 2]]; axis1=-1)", .refused = "both axis 1"},
    {.call = "diagonal([[1, 2]]; axis2=2)", .refused = "axis 2 is out of range for rank 2"},
    {.call = "diagonal([[1, 2]]; axis1=-3)", .refused = "axis -3 is out of range for rank 2"},
    {0}};

const wg_op wg_op_diagonal = {WG_LINE(diagonal), .kind = WG_VIEW, .takes = WG_EVERY, .shape = shape, .linear = 1, .view = view,
                              .samples = samples};

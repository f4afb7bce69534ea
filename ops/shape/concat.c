/* concat(x...; axis): the tensors one after the other along axis, as torch.cat; their other sizes agree. An empty one of
 * another rank is refused, as in NumPy. The reverse cuts the cotangent up again. More than 32 go in groups, since a
 * kernel is told only so many sizes. */
#ifndef WG_KERNEL_PART
#include "tape/op.h"

enum { MOST = 32 };

static bool shape(wg_call *c)
{
    const wg_concat_options *o = c->attrs;
    char a[128], b[128];
    int axis;
    if (!wg__axis(c, o->axis, c->shape.rank, &axis)) return false;
    if (c->shape.rank == 0) return wg__refuse(c, "tensor 0 is a scalar, which has no axis to join");
    int64_t total = c->shape.dim[axis];
    for (int k = 1; k < c->n; k++) {
        const wg_shape *x = c->in[k].shape;
        bool fits = x->rank == c->shape.rank;
        for (int i = 0; fits && i < x->rank; i++) fits = i == axis || wg__same_size(c, &c->shape.dim[i], x->dim[i]);
        if (!fits)
            return wg__refuse(c, "tensor 0 is %s, tensor %d is %s: they differ along another axis than %d", wg__show_type(a, c->in[0]), k,
                              wg__show_type(b, c->in[k]), axis);
        int64_t more = x->dim[axis];
        if (total == 0 || more == 0) total += more;
        else if (!wg__known(total) || !wg__known(more)) total = wg__fresh(c);
        else if (__builtin_add_overflow(total, more, &total)) return wg__refuse(c, "the result has more elements than memory can hold");
    }
    c->shape.dim[axis] = total;
    return true;
}

static wg_tensor define(const wg_rule *r)
{
    const wg_concat_options *o = r->attrs;
    wg_tensor group[MOST];
    size_t n = (size_t)r->n, each = (n + MOST - 1) / MOST, groups = 0;
    if (n == 1) return r->in[0];
    if (n <= MOST) return WG_NONE;
    for (size_t i = 0; i < n; i += each)
        group[groups++] = wg_concat(wg_tensors_of(r->in + i, i + each < n ? each : n - i), .axis = o->axis);
    return wg_concat(wg_tensors_of(group, groups), .axis = o->axis);
}

static int joins(const wg_work *w)
{
    const wg_concat_options *o = w->attrs;
    return o->axis < 0 ? o->axis + w->out.shape->rank : o->axis;
}

/* size: {n, values of the result a row, where input 0, 1, ... n starts in a row} */
static bool units(wg_work *w)
{
    const wg_shape *y = w->out.shape;
    int axis = joins(w);
    int64_t inner = 1, outer = 1;
    for (int i = 0; i < y->rank; i++)
        if (i < axis) outer *= y->dim[i];
        else if (i > axis) inner *= y->dim[i];
    w->size[0] = w->n;
    w->size[1] = y->dim[axis] * inner;
    w->size[2] = 0;
    for (int k = 0; k < w->n; k++) w->size[3 + k] = w->size[2 + k] + w->in[k].shape->dim[axis] * inner;
    w->units = outer * w->size[1];
    w->cost = 0.5;
    return true;
}

/* Input i's part of g. Where sizes along the axis are not known yet, joined neighbours stand for them, by shape only. */
static wg_tensor vjp(const wg_rule *r, wg_tensor g, int i)
{
    const wg_concat_options *o = r->attrs;
    int64_t start = 0;
    bool known = true;
    for (int k = 0; k <= i; k++) {
        int64_t size = wg_dim(r->in[k], o->axis);
        known = known && wg__known(size);
        if (k < i && known) start += size;
    }
    if (known) return wg_slice(g, o->axis, .start = start, .stop = start + wg_dim(r->in[i], o->axis));
    size_t after = (size_t)(r->n - 1 - i);
    wg_tensor before = i ? wg_concat(wg_tensors_of(r->in, (size_t)i), .axis = o->axis) : WG_NONE;
    wg_tensor behind = after ? wg_concat(wg_tensors_of(r->in + i + 1, after), .axis = o->axis) : WG_NONE;
    return wg_part(g, .before = before, .like = r->in[i], .after = behind, .axis = o->axis);
}

static const wg_sample samples[] = {
    {.call = "concat([1, 2], [3])", .value = "[1, 2, 3]", .grad = "[1, 1]; [1]"},
    {.call = "concat([[1, 2]], [[3, 4], [5, 6]])", .value = "[[1, 2], [3, 4], [5, 6]]"},
    {.call = "concat([[1], [2]], [[3, 4], [5, 6]]; axis=1)", .value = "[[1, 3, 4], [2, 5, 6]]"},
    {.call = "concat([[1], [2]], [[3, 4], [5, 6]], [[7], [8]]; axis=-1)", .value = "[[1, 3, 4, 7], [2, 5, 6, 8]]"},
    {.call = "concat(f64[0, 3](), [[1, 2, 3]])", .value = "[[1, 2, 3]]", .grad = "f64[0, 3](); [[1, 1, 1]]"},
    {.call = "concat(f64[0](), f64[0]())", .value = "f64[0]()"},
    {.call = "concat([1, nan])", .value = "[1, nan]", .grad = "[1, 1]", .kink = true},
    {.call = "concat(i64[1], i64[2, 3])", .value = "i64[1, 2, 3]"},
    {.call = "concat(bool[true], bool[false])", .value = "bool[true, false]"},
    {.call = "concat(~[2, 3, 4], ~[2, 1, 4], ~[2, 2, 4]; axis=1)"},
    {.call = "concat(~[3, 2], ~[3, 5]; axis=-1)"},
    {.call = "concat([0, 0], [1, 1], [2, 2], [3, 0], [4, 1], [5, 2], [6, 0], [0, 1], [1, 2], [2, 0], [3, 1], [4, 2], [5, 0], [6, "
     "1], [0, 2], [1, 0], [2, 1], [3, 2], [4, 0], [5, 1], [6, 2], [0, 0], [1, 1], [2, 2], [3, 0], [4, 1], [5, 2], [6, 0], "
     "[0, 1], [1, 2], [2, 0], [3, 1], [4, 2], [5, 0], [6, 1], [0, 2], [1, 0], [2, 1], [3, 2], [4, 0])",
     .value = "[0, 0, 1, 1, 2, 2, 3, 0, 4, 1, 5, 2, 6, 0, 0, 1, 1, 2, 2, 0, 3, 1, 4, 2, 5, 0, 6, 1, 0, 2, 1, 0, 2, 1, 3, 2, 4, 0, 5, "
              "1, 6, 2, 0, 0, 1, 1, 2, 2, 3, 0, 4, 1, 5, 2, 6, 0, 0, 1, 1, 2, 2, 0, 3, 1, 4, 2, 5, 0, 6, 1, 0, 2, 1, 0, 2, 1, 3, 2, "
              "4, 0]",
     .grad = "[1, 1]; [1, 1]; [1, 1]; [1, 1]; [1, 1]; [1, 1]; [1, 1]; [1, 1]; [1, 1]; [1, 1]; [1, 1]; [1, 1]; [1, 1]; [1, 1]; [1, "
             "1]; [1, 1]; [1, 1]; [1, 1]; [1, 1]; [1, 1]; [1, 1]; [1, 1]; [1, 1]; [1, 1]; [1, 1]; [1, 1]; [1, 1]; [1, 1]; [1, 1]; "
             "[1, 1]; [1, 1]; [1, 1]; [1, 1]; [1, 1]; [1, 1]; [1, 1]; [1, 1]; [1, 1]; [1, 1]; [1, 1]"},
    {.call = "concat(f64[0](), [[1, 2, 3]])", .refused = "tensor 1 is f64[1,3]: they differ along another axis than 0"},
    {.call = "concat([[1, 2]], [[1, 2, 3]])", .refused = "tensor 1 is f64[1,3]: they differ along another axis than 0"},
    {.call = "concat([1], [2]; axis=1)", .refused = "axis 1 is out of range for rank 1"},
    {.call = "concat(1.5, 2.5)", .refused = "tensor 0 is a scalar"},
    {.call = "concat([1], i64[2])", .refused = "cast one to the other's dtype"},
    {0}};

#define WG_OVER WG_OVER_WIDTHS
#include "tape/instances.h"

const wg_op wg_op_concat = {WG_LINE(concat), .kind = WG_BLOCK, .takes = WG_EVERY, .shape = shape, .define = define, .define_when = true,
                            .linear = 1, .vjp = vjp, .joins = joins, .units = units, .kernel = kernels, .by_width = true, .samples = samples};
#else

static int64_t FN(kernel)(const wg_args *a, int64_t lo, int64_t hi)
{
    int64_t row = a->size[1], k = 0;
    const int64_t *start = a->size + 2;
    T *y = a->out;
    for (int64_t u = lo, next; u < hi; u = next) { /* from u to the end of the input's stretch of this row */
        int64_t r = u / row, at = u % row;
        if (at < start[k]) k = 0;
        while (at >= start[k + 1]) k++;
        int64_t length = start[k + 1] - start[k];
        next = u + start[k + 1] - at < hi ? u + start[k + 1] - at : hi;
        const T *x = (const T *)a->in[k] + r * length + at - start[k];
        for (int64_t i = 0; i < next - u; i++) y[u + i] = x[i];
    }
    return -1;
}
#endif

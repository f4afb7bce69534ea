/* stack(x...; axis): the tensors, all of one shape, one beside the other along a new axis, which axis names in the result:
 * torch.stack. */
#include "tape/op.h"

enum { MOST = 32 };

static bool shape(wg_call *c)
{
    const wg_stack_options *o = c->attrs;
    char a[128], b[128];
    int axis, rank = c->shape.rank;
    if (rank == WG_MAX_RANK) return wg__refuse(c, "the result would have more than %d axes", WG_MAX_RANK);
    if (!wg__axis(c, o->axis, rank + 1, &axis)) return false;
    for (int k = 1; k < c->n; k++) {
        const wg_shape *x = c->in[k].shape;
        bool same = x->rank == rank;
        for (int i = 0; same && i < rank; i++) same = wg__same_size(c, &c->shape.dim[i], x->dim[i]);
        if (!same)
            return wg__refuse(c, "tensor 0 is %s, tensor %d is %s: their shapes differ", wg__show_type(a, c->in[0]), k,
                              wg__show_type(b, c->in[k]));
    }
    for (int i = rank; i > axis; i--) c->shape.dim[i] = c->shape.dim[i - 1];
    c->shape.dim[axis] = c->n;
    c->shape.rank = rank + 1;
    return true;
}

/* More than 32 are stacked in groups, each of which is stacked so in its turn. */
static wg_tensor define(const wg_rule *r)
{
    const wg_stack_options *o = r->attrs;
    wg_tensor part[MOST];
    size_t n = (size_t)r->n, each = (n + MOST - 1) / MOST, parts = 0;
    for (size_t i = 0; i < n; i += each)
        part[parts++] = each == 1 ? wg_unsqueeze(r->in[i], WG_INTS(o->axis))
                                  : wg_stack(wg_tensors_of(r->in + i, i + each < n ? each : n - i), .axis = o->axis);
    return wg_concat(wg_tensors_of(part, parts), .axis = o->axis);
}

static const wg_sample samples[] = {
    {.call = "stack([1, 2], [3, 4])", .value = "[[1, 2], [3, 4]]", .grad = "[1, 1]; [1, 1]"},
    {.call = "stack([1, 2], [3, 4], [5, 6]; axis=1)", .value = "[[1, 3, 5], [2, 4, 6]]", .grad = "[1, 1]; [1, 1]; [1, 1]"},
    {.call = "stack([[1], [2]], [[3], [4]]; axis=-1)", .value = "[[[1, 3]], [[2, 4]]]"},
    {.call = "stack([[1], [2]], [[3], [4]]; axis=-2)", .value = "[[[1], [3]], [[2], [4]]]"},
    {.call = "stack(1.5, 2.5)", .value = "[1.5, 2.5]", .grad = "1; 1"},
    {.call = "stack([1, nan])", .value = "[[1, nan]]", .grad = "[1, 1]", .kink = true},
    {.call = "stack(f64[0, 3](), f64[0, 3]())", .value = "f64[2, 0, 3]()", .grad = "f64[0, 3](); f64[0, 3]()"},
    {.call = "stack(f64[0](), f64[0](); axis=1)", .value = "f64[0, 2]()"},
    {.call = "stack(i64[1], i64[2])", .value = "i64[[1], [2]]"},
    {.call = "stack(bool[true], bool[false]; axis=1)", .value = "bool[[true, false]]"},
    {.call = "stack(0.5, 1.5, 2.5)", .value = "[0.5, 1.5, 2.5]"},
    {.call = "stack([0], [1], [2], [3], [4], [5], [6], [7], [8], [9], [10], [11], [12], [13], [14], [15], [16], [17], "
             "[18], [19], [20], [21], [22], [23], [24], [25], [26], [27], [28], [29], [30], [31], [32], [33], [34], [35]; "
             "axis=1)",
     .value = "[[0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, "
              "29, 30, 31, 32, 33, 34, 35]]"},
    {.call = "stack(~[2, 3], ~[2, 3]; axis=1)"},
    {.call = "stack(~[2, 3, 2], ~[2, 3, 2], ~[2, 3, 2]; axis=-1)"},
    {.call = "stack([1, 2], [1, 2, 3])", .refused = "tensor 0 is f64[2], tensor 1 is f64[3]: their shapes differ"},
    {.call = "stack([1, 2], [[1, 2]])", .refused = "tensor 1 is f64[1,2]: their shapes differ"},
    {.call = "stack([1], [2], f64[0]())", .refused = "tensor 2 is f64[0]: their shapes differ"},
    {.call = "stack([1], [2]; axis=2)", .refused = "axis 2 is out of range for rank 2"},
    {.call = "stack(f64[1, 1, 1, 1, 1, 1, 1, 1]())", .refused = "more than 8 axes"},
    {.call = "stack([1], i64[2])", .refused = "cast one to the other's dtype"},
    {0}};

const wg_op wg_op_stack = {WG_LINE(stack), .kind = WG_BLOCK, .takes = WG_EVERY, .shape = shape, .define = define, .samples = samples};

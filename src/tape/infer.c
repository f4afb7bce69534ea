/* infer.c -- shape rules: what they are made of, and running one. The same rules run when a node is recorded (sizes
 * may be symbols) and when a plan knows its inputs' sizes (none is), so that a shape is never worked out twice. */
#include "tape/infer.h"

#include <stdarg.h>

bool wg__refuse(wg_call *c, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    vsnprintf(c->why, c->why_size, format, args);
    va_end(args);
    return false;
}

bool wg__known(int64_t size) { return size >= 0; }

bool wg__settled(wg_call *c, int64_t size)
{
    c->trusts |= size < 0;
    return size >= 0;
}

int64_t wg__fresh(wg_call *c) { return (*c->fresh)++; }

int64_t wg__times(wg_call *c, int64_t a, int64_t b)
{
    if (a == 0 || b == 0) return 0;
    if (a == 1) return b;
    if (b == 1) return a;
    int64_t product;
    if (a < 0 || b < 0 || __builtin_mul_overflow(a, b, &product)) return wg__fresh(c);
    return product;
}

bool wg__same_size(wg_call *c, int64_t *a, int64_t b)
{
    if ((*a >= 0 && b >= 0) || *a == b) return *a == b;
    c->trusts = true;
    if (*a < 0 && (b >= 0 || (wg__is_letter(b) && !wg__is_letter(*a)))) *a = b;
    return true;
}

/* One axis of NumPy's rule. Two unknown sizes that differ as symbols may be 1 or equal when run: the result is new. */
static bool broadcast_size(wg_call *c, int64_t *a, int64_t b)
{
    if (*a == b || b == 1) return true;
    if (*a == 1) return *a = b, true;
    if (*a >= 0 && b >= 0) return false;
    c->trusts = true;
    if (*a < 0 && b < 0) *a = wg__fresh(c);
    else if (b >= 0) *a = b;
    return true;
}

bool wg__broadcast(wg_call *c, wg_shape *into, const wg_shape *with)
{
    wg_shape a = *into;
    while (into->rank < with->rank) {
        for (int i = into->rank; i > 0; i--) into->dim[i] = into->dim[i - 1];
        into->dim[0] = 1;
        into->rank++;
    }
    for (int i = 0; i < with->rank; i++)
        if (!broadcast_size(c, &into->dim[into->rank - with->rank + i], with->dim[i])) {
            char text[2][128];
            size_t used[2] = {0, 0};
            wg__show_shape(text[0], 128, &used[0], &a, false);
            wg__show_shape(text[1], 128, &used[1], with, false);
            return wg__refuse(c, "shapes %s and %s do not broadcast", text[0], text[1]);
        }
    return true;
}

bool wg__axis(wg_call *c, int64_t axis, int rank, int *out)
{
    int64_t room = rank > 0 ? rank : 1; /* a scalar has one axis, of size 1: 0 or -1 */
    if (axis < -room || axis >= room) return wg__refuse(c, "axis %lld is out of range for rank %d", (long long)axis, rank);
    *out = (int)(axis < 0 ? axis + room : axis);
    return true;
}

bool wg__axes(wg_call *c, const wg_ints *axes, int rank, uint32_t *mask)
{
    *mask = 0;
    if (axes->n < 0) return wg__refuse(c, "axes=[] names no axis; leave it out to mean all");
    if (axes->n == 0) *mask = (1u << rank) - 1;
    for (int i = 0; i < axes->n; i++) {
        int axis = 0;
        if (!wg__axis(c, axes->v[i], rank, &axis)) return false;
        if (*mask & 1u << axis) return wg__refuse(c, "axis %d appears twice", axis);
        *mask |= 1u << axis;
    }
    return true;
}

uint32_t wg__axis_mask(const wg_ints *axes, int rank)
{
    uint32_t mask = 0;
    for (int i = 0; i < axes->n; i++) mask |= 1u << (axes->v[i] < 0 ? axes->v[i] + (rank ? rank : 1) : axes->v[i]);
    return axes->n == 0 ? (1u << rank) - 1 : mask;
}

void wg__drop_axes(wg_shape *s, uint32_t mask, bool keepdim)
{
    int rank = 0;
    for (int i = 0; i < s->rank; i++)
        if (!(mask >> i & 1)) s->dim[rank++] = s->dim[i];
        else if (keepdim) s->dim[rank++] = 1;
    s->rank = rank;
}

const char *wg__show_type(char text[128], wg_type t)
{
    size_t used = 0;
    wg__append(text, 128, &used, "%s", wg_dtype_name(t.dtype));
    if (t.shape) wg__show_shape(text, 128, &used, t.shape, false);
    return text;
}

/* The dtypes of inputs that must agree; casting and weak numbers were seen to when recording. */
static bool check_dtypes(wg_call *c)
{
    const wg_op *op = c->op;
    uint32_t takes = op->takes ? op->takes : WG_REALS, others = op->index | op->bools | op->shape_only | op->any_dtype;
    int first = -1;
    char a[128], b[128];
    bool plain = !others && c->n; /* what most calls are: all must agree, and do */
    for (int i = 0; i < c->n; i++) plain &= c->in[i].dtype == c->in[0].dtype;
    if (plain && takes >> c->in[0].dtype & 1) return c->dtype = op->gives ? op->gives : c->in[0].dtype, true;
    for (int i = 0; i < c->n; i++) {
        const char *name = op->inputs[op->variadic ? 0 : i].name;
        wg_dtype d = c->in[i].dtype;
        uint32_t bit = op->variadic ? 1u : 1u << i, want = takes;
        if (!d || bit & (op->any_dtype | op->shape_only)) continue;
        if (bit & op->index) want = WG_INTEGERS;
        if (bit & op->bools) want = WG_BOOLS;
        if (!(want >> d & 1))
            return wg__refuse(c, "%s is %s, which must be %s: cast it", name, wg__show_type(a, c->in[i]),
                              want == WG_INTEGERS   ? "i64, i32 or u8"
                              : want == WG_BOOLS    ? "bool"
                              : want == WG_REALS    ? "f32 or f64"
                              : want == WG_COMPUTED ? "f32, f64, i64, i32, u8 or bool"
                              : want & WG_BOOLS     ? "f32, f64 or bool"
                                                    : "f32, f64 or i64");
        if (bit & others) continue;
        if (first >= 0 && c->in[first].dtype != d)
            return wg__refuse(c, "%s is %s and %s is %s: cast one to the other's dtype", op->inputs[op->variadic ? 0 : first].name,
                              wg__show_type(a, c->in[first]), name, wg__show_type(b, c->in[i]));
        if (first < 0) first = i;
    }
    c->dtype = op->gives ? op->gives : first >= 0 ? c->in[first].dtype : WG_F32;
    return true;
}

/* All inputs have one shape, which was found good when they were recorded. */
static bool alike(const wg_call *c)
{
    if (!c->n || c->op->shape_only || !c->in[0].shape) return false;
    for (int i = 1; i < c->n; i++)
        if (!c->in[i].shape || !wg__dims_equal(c->in[i].shape, c->in[0].shape)) return false;
    return true;
}

bool wg__infer(wg_call *c)
{
    const wg_op *op = c->op;
    if (!check_dtypes(c)) return false;
    if (op->kind == WG_ELEMENTWISE && !op->shape && alike(c)) return c->shape = *c->in[0].shape, true;
    c->shape = (wg_shape){.rank = 0};
    if (op->kind == WG_ELEMENTWISE) {
        for (int i = 0; i < c->n; i++)
            if (c->in[i].dtype && !(op->shape_only >> i & 1) && !wg__broadcast(c, &c->shape, c->in[i].shape)) return false;
    } else if (c->n && c->in[0].dtype) {
        c->shape = *c->in[0].shape;
    }
    if (op->shape && !op->shape(c)) return false;
    int64_t count = 1;
    for (int i = 0; i < c->shape.rank; i++)
        if (c->shape.dim[i] > 0 && __builtin_mul_overflow(count, c->shape.dim[i], &count)) break;
        else if (count > INT64_MAX / 16) break;
        else if (i == c->shape.rank - 1) return true;
    if (c->shape.rank == 0) return true;
    return wg__refuse(c, "the result has more elements than memory can hold");
}

bool wg__shape_of_call(wg_call *c, const wg_applied *call, int from, wg_shape *shape)
{
    const wg_op *op = call->op;
    char why[256] = "";
    int n = c->n - from;
    if (!op || op->kind == WG_LEAF || op->kind == WG_EFFECT || op->checks) return wg__refuse(c, "that is no call with tensors");
    while (n > 0 && !c->in[from + n - 1].dtype) n--;
    if (!op->variadic && op->n_inputs <= c->n - from && n <= op->n_inputs) n = op->n_inputs;
    else if (!op->variadic) return wg__refuse(c, "%s: takes no %d tensors", op->name, n);
    for (int i = 0; i < n; i++)
        if (!c->in[from + i].dtype && (op->variadic || !op->inputs[i].optional))
            return wg__refuse(c, "%s: %s is missing", op->name, op->inputs[op->variadic ? 0 : i].name);
    wg_call of = {.op = op, .attrs = call->attrs, .in = c->in + from, .n = n, .fresh = c->fresh, .why = why, .why_size = sizeof why};
    if (!wg__infer(&of)) return wg__refuse(c, "%s: %s", op->name, why);
    *shape = of.shape;
    return true;
}

/* recurrence(a, b?; axis, start, reverse): the states that s <- a[i] s + b[i] passes through along axis, each as it is before step i,
 * from s = start; the last one is left out, so that y has the shape of a, which is b's. reverse goes from the end to the front. The
 * product of all before i is a=x, start=1; the sum of all before i is a=1, b=x. Its reverse is itself the other way round: with
 * h = recurrence(a, g), h for b and y h for a. So its derivatives, and those of prod, need no division, at any order.
 * f32 accumulates in double. */
#ifndef WG_KERNEL_PART
#include "ops/reduce/sequence.h"

static bool shape(wg_call *c)
{
    const wg_recurrence_options *o = c->attrs;
    char a[128], b[128];
    int axis;
    if (!wg__axis(c, o->axis, c->shape.rank, &axis)) return false;
    if (!c->in[1].dtype) return true;
    bool same = c->in[1].shape->rank == c->shape.rank;
    for (int i = 0; same && i < c->shape.rank; i++) same = wg__same_size(c, &c->shape.dim[i], c->in[1].shape->dim[i]);
    return same || wg__refuse(c, "a is %s, b is %s: their shapes differ", wg__show_type(a, c->in[0]), wg__show_type(b, c->in[1]));
}

static bool units(wg_work *w)
{
    const wg_recurrence_options *o = w->attrs;
    return wg__sequences(w, o->axis);
}

static wg_tensor vjp(const wg_rule *r, wg_tensor g, int i)
{
    const wg_recurrence_options *o = r->attrs;
    wg_tensor h = wg_recurrence(r->in[0], .b = g, .axis = o->axis, .reverse = !o->reverse);
    return i == 0 ? wg_mul(r->out, h) : h;
}

static wg_tensor jvp(const wg_rule *r, const wg_tensor *dx)
{
    const wg_recurrence_options *o = r->attrs;
    wg_tensor db = wg_ok(dx[0]) ? wg_mul(dx[0], r->out) : dx[1];
    if (wg_ok(dx[0]) && wg_ok(dx[1])) db = wg_add(db, dx[1]);
    return wg_recurrence(r->in[0], .b = db, .axis = o->axis, .reverse = o->reverse);
}

static const wg_sample samples[] = {
    {.call = "recurrence([2, 3, 4]; start=1)", .value = "[1, 2, 6]", .grad = "[4, 2, 0]"},
    {.call = "recurrence([2, 3, 4]; start=1, reverse=true)", .value = "[12, 4, 1]", .grad = "[0, 4, 4]"},
    {.call = "recurrence([0, 2, 0, 3]; start=1)", .value = "[1, 0, 0, 0]", .grad = "[3, 0, 0, 0]"},
    {.call = "recurrence([2, 3, 4], [5, -1, 7])", .value = "[0, 5, 14]", .grad = "[0, 5, 0]; [4, 1, 0]"},
    {.call = "recurrence([2, 3, 4], [5, -1, 7]; start=0.5, reverse=true)", .value = "[26, 9, 0.5]", .grad = "[0, 9, 2]; [0, 1, 4]"},
    {.call = "recurrence([[2, 3], [4, 5], [6, 7]], [[1, 0], [1, 0], [1, 0]]; axis=0, start=1)", .value = "[[1, 1], [3, 3], [13, 15]]"},
    {.call = "recurrence([2, 3]; start=inf)", .value = "[inf, inf]", .kink = true},
    {.call = "recurrence([0, 3], [nan, 1]; start=1)", .value = "[1, nan]", .kink = true},
    {.call = "recurrence([inf, 2], [1, 1])", .value = "[0, 1]", .kink = true},
    {.call = "recurrence(2.5; axis=0, start=3)", .value = "3", .grad = "0"},
    {.call = "recurrence(f64[0, 3](); axis=0)", .value = "f64[0, 3]()", .grad = "f64[0, 3]()"},
    {.call = "recurrence(f64[2, 0](); axis=0)", .value = "f64[2, 0]()", .grad = "f64[2, 0]()"},
    {.call = "recurrence(~[3, 4, 2], ~[3, 4, 2]; axis=1, start=-1.5, reverse=true)"},
    {.call = "recurrence(~[2, 5], ~[2, 5])"},
    {.call = "recurrence([1, 2], [1, 2, 3])", .refused = "a is f64[2], b is f64[3]: their shapes differ"},
    {.call = "recurrence([[1, 2]], [1, 2])", .refused = "their shapes differ"},
    {.call = "recurrence([1]; axis=1)", .refused = "axis 1 is out of range for rank 1"},
    {.call = "recurrence(i64[1, 2])", .refused = "must be f32 or f64"},
    {0}};

#define WG_OVER WG_OVER_REALS
#include "tape/instances.h"

const wg_op wg_op_recurrence = {WG_LINE(recurrence), .kind = WG_BLOCK, .shape = shape, .vjp = vjp, .jvp = jvp, .units = units,
                                .kernel = kernels, .samples = samples};
#else

static int64_t FN(kernel)(const wg_args *a, int64_t lo, int64_t hi)
{
    const wg_recurrence_options *o = a->attrs;
    const T *x = a->in[0], *b = a->in[1];
    T *y = a->out;
    int64_t n = a->size[0], step = a->size[1];
    for (int64_t u = lo; u < hi; u++) {
        int64_t first = u / step * step * n + u % step;
        WIDE s = (WIDE)o->start;
        for (int64_t i = 0; i < n; i++) {
            int64_t at = first + (o->reverse ? n - 1 - i : i) * step;
            y[at] = (T)s;
            if (i || o->start != 0) s *= (WIDE)x[at]; /* of nothing, an inf is nothing */
            if (b) s += (WIDE)b[at];
        }
    }
    return -1;
}
#endif

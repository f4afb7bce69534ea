/* pad(x; before, after, mode, value): x with before[i] items more in front of axis i and after[i] behind it; lists shorter than
 * x's axes are of the last ones, and a negative number cuts off, as torch's F.pad (which lists the last axis first). What is added:
 * "constant" value; "reflect" x mirrored at its end items, which are not repeated (fewer than the axis has); "replicate" the end
 * item; "circular" what is at the other end (at most all of it). As in torch, constant and circular cut before they add, reflect and
 * replicate add before they cut. The reverse adds up. By definition alone: slices, expand and concat. */
#include "ops/shape/along.h"

typedef struct sides {
    int axis;
    int64_t before, after;
} sides;

static int count(const wg_ints *list)
{
    return list->n > 0 ? list->n : 0;
}

/* What is asked of the i-th of the axes that are padded. */
static sides sides_of(const wg_pad_options *o, int rank, int i)
{
    return (sides){rank - count(&o->before) + i, o->before.v[i], o->after.v[i]};
}

static bool holds(wg_dtype d, double v)
{
    double low = d == WG_I64 ? -0x1p53 : d == WG_I32 ? -0x1p31 : 0;
    double high = d == WG_I64 ? 0x1p53 : d == WG_I32 ? 0x1p31 - 1 : d == WG_U8 ? 255 : 1;
    return wg_dtype_real(d) || wg_dtype_half(d) || (v >= low && v <= high && !(trunc(v) < v || trunc(v) > v));
}

static bool cuts_first(const wg_pad_options *o)
{
    return o->mode[2] == 'n' || o->mode[2] == 'r';
}

/* The most that mode, known by its third letter, can add to one end of an axis of n items. */
static int64_t most(const char *mode, int64_t n)
{
    switch (mode[2]) {
    case 'n': return INT64_MAX; /* constant */
    case 'f': return n - 1;     /* reflect */
    case 'p': return n ? INT64_MAX : 0;
    default: return n;
    }
}

static bool pad_axis(wg_call *c, const wg_pad_options *o, sides s)
{
    int64_t *size = &c->shape.dim[s.axis], n = *size, more = s.before > s.after ? s.before : s.after;
    int64_t cut = (s.before < 0 ? s.before : 0) + (s.after < 0 ? s.after : 0);
    char text[128];
    if (!wg__known(n)) {
        if (s.before || s.after) *size = wg__fresh(c);
        return true;
    }
    if (more > 0 && more > most(o->mode, cuts_first(o) ? n + cut : n))
        return wg__refuse(c, "x is %s, whose axis %d is too short for %lld items more, mode=\"%s\"", wg__show_type(text, c->in[0]), s.axis,
                          (long long)more, o->mode);
    if (__builtin_add_overflow(n, s.before, size) || __builtin_add_overflow(*size, s.after, size))
        return wg__refuse(c, "the result has more elements than memory can hold");
    if (*size >= 0 && (!cuts_first(o) || n + cut >= 0)) return true;
    return wg__refuse(c, "x is %s, from whose axis %d %lld items cannot be cut", wg__show_type(text, c->in[0]), s.axis, (long long)-cut);
}

static bool shape(wg_call *c)
{
    const wg_pad_options *o = c->attrs;
    const int64_t far = INT64_MAX / 4;
    if (count(&o->before) != count(&o->after))
        return wg__refuse(c, "before has %d items, after has %d", count(&o->before), count(&o->after));
    if (count(&o->before) > c->shape.rank) return wg__refuse(c, "before has %d items, x has %d axes", count(&o->before), c->shape.rank);
    if (!holds(c->dtype, o->value)) return wg__refuse(c, "value is %g, which is no %s", o->value, wg_dtype_name(c->dtype));
    for (int i = 0, rank = c->shape.rank; i < count(&o->before); i++) {
        sides s = sides_of(o, rank, i);
        if (s.before < -far || s.after < -far) return wg__refuse(c, "more is cut off than memory can hold");
        if (!pad_axis(c, o, s)) return false;
    }
    return true;
}

/* The n items that are added in front of or behind x. */
static wg_tensor added(const wg_rule *r, wg_tensor x, int axis, int64_t n, bool behind)
{
    const wg_pad_options *o = r->attrs;
    switch (o->mode[2]) {
    case 'n': return wg_expand_like(wg__number_of(r, o->value, wg_dtype_get(x)), wg__sized(x, axis, n));
    case 'p': {
        wg_tensor end = behind ? wg_slice(x, axis, .start = -1) : wg_slice(x, axis, .stop = 1);
        return wg_expand(end, wg__only(x, axis, n));
    }
    case 'f':
        return wg__exactly(behind ? wg_slice(x, axis, .start = -2, .stop = -2 - n, .step = -1)
                                  : wg_slice(x, axis, .start = n, .stop = 0, .step = -1), axis, n);
    default: return wg__exactly(behind ? wg_slice(x, axis, .stop = n) : wg_slice(x, axis, .start = -n), axis, n);
    }
}

static wg_tensor add(const wg_rule *r, wg_tensor x, sides s)
{
    wg_tensor part[3];
    size_t n = 0;
    if (s.before > 0) part[n++] = added(r, x, s.axis, s.before, false);
    part[n++] = x;
    if (s.after > 0) part[n++] = added(r, x, s.axis, s.after, true);
    return wg_concat(wg_tensors_of(part, n), .axis = s.axis);
}

/* Cuts n items off one end: where sizes are known only when run, as a part of x beside a stretch of exactly n, which is refused then
   where there are fewer. */
static wg_tensor cut_end(wg_tensor x, int axis, int64_t n, bool behind)
{
    if (n <= 0) return x;
    wg_tensor rest = behind ? wg_slice(x, axis, .stop = -n) : wg_slice(x, axis, .start = n);
    if (wg__known(wg_dim(x, axis))) return rest;
    wg_tensor gone = wg__exactly(behind ? wg_slice(x, axis, .start = -n) : wg_slice(x, axis, .stop = n), axis, n);
    return behind ? wg_part(x, .like = rest, .after = gone, .axis = axis) : wg_part(x, .before = gone, .like = rest, .axis = axis);
}

static wg_tensor cut(wg_tensor x, sides s) { return cut_end(cut_end(x, s.axis, -s.before, false), s.axis, -s.after, true); }

static wg_tensor define(const wg_rule *r)
{
    const wg_pad_options *o = r->attrs;
    wg_tensor y = r->in[0];
    int rank = wg_shape_get(y).rank;
    for (int i = 0; i < count(&o->before); i++) {
        sides s = sides_of(o, rank, i);
        y = cuts_first(o) ? add(r, cut(y, s), s) : cut(add(r, y, s), s);
    }
    return y;
}

/* values from PyTorch in f64 */
static const wg_sample samples[] = {
    {.call = "pad([1, 2]; before=[1], after=[2])", .value = "[0, 1, 2, 0, 0]", .grad = "[1, 1]"},
    {.call = "pad([1, 2]; before=1, after=0, value=-3.5)", .value = "[-3.5, 1, 2]", .grad = "[1, 1]"},
    {.call = "pad([[1, 2], [3, 4]]; before=[1], after=[0])", .value = "[[0, 1, 2], [0, 3, 4]]", .grad = "[[1, 1], [1, 1]]"},
    {.call = "pad([[1, 2], [3, 4]]; before=[1, 0], after=[0, 2], value=9)", .value = "[[9, 9, 9, 9], [1, 2, 9, 9], [3, 4, 9, 9]]",
     .grad = "[[1, 1], [1, 1]]"},
    {.call = "pad([[1, 2], [3, 4]]; before=[1, 1], after=[1, 1])", .value = "[[0, 0, 0, 0], [0, 1, 2, 0], [0, 3, 4, 0], [0, 0, 0, 0]]",
     .grad = "[[1, 1], [1, 1]]"},
    {.call = "pad([1, 2, 3, 4]; before=[-1], after=[-2])", .value = "[2]", .grad = "[0, 1, 0, 0]"},
    {.call = "pad([1, 2, 3, 4]; before=[-2], after=[3])", .value = "[3, 4, 0, 0, 0]", .grad = "[0, 0, 1, 1]"},
    {.call = "pad([1, 2, 3, 4]; before=[3], after=[-4])", .value = "[0, 0, 0]", .grad = "[0, 0, 0, 0]"},
    {.call = "pad([1, 2]; before=[0], after=[0])", .value = "[1, 2]", .grad = "[1, 1]"},
    {.call = "pad(2.5; before=[], after=[])", .value = "2.5", .grad = "1"},
    {.call = "pad([1, 2]; before=[], after=[])", .value = "[1, 2]", .grad = "[1, 1]"},
    {.call = "pad([1]; before=[2], after=[2], value=inf)", .value = "[inf, inf, 1, inf, inf]", .grad = "[1]", .kink = true},
    {.call = "pad(f64[0](); before=[1], after=[2])", .value = "[0, 0, 0]", .grad = "f64[0]()"},
    {.call = "pad(f64[0, 3](); before=[1, 1], after=[0, 0])", .value = "[[0, 0, 0, 0]]", .grad = "f64[0, 3]()"},
    {.call = "pad(f64[0, 3](); before=[1], after=[0])", .value = "f64[0, 4]()", .grad = "f64[0, 3]()"},
    {.call = "pad([nan, 1]; before=[1], after=[0])", .value = "[0, nan, 1]", .grad = "[1, 1]", .kink = true},
    {.call = "pad(i64[1, 2]; before=[1], after=[1], value=7)", .value = "i64[7, 1, 2, 7]"},
    {.call = "pad(i32[1, 2]; before=[1], after=[1], value=-7)", .value = "i32[-7, 1, 2, -7]"},
    {.call = "pad(u8[1, 2]; before=[1], after=[1], value=255)", .value = "u8[255, 1, 2, 255]"},
    {.call = "pad(u8[1, 2]; before=[1], after=[1])", .value = "u8[0, 1, 2, 0]"},
    {.call = "pad(bool[true, false]; before=[1], after=[1], value=1)", .value = "bool[true, true, false, true]"},
    {.call = "pad([1, 2, 3, 4]; before=[2], after=[3], mode=\"reflect\")", .value = "[3, 2, 1, 2, 3, 4, 3, 2, 1]", .grad = "[2, 3, 3, 1]"},
    {.call = "pad([1, 2, 3, 4]; before=[3], after=[0], mode=\"reflect\")", .value = "[4, 3, 2, 1, 2, 3, 4]", .grad = "[1, 2, 2, 2]"},
    {.call = "pad([1, 2, 3, 4]; before=[-1], after=[2], mode=\"reflect\")", .value = "[2, 3, 4, 3, 2]", .grad = "[0, 2, 2, 1]"},
    {.call = "pad([1, 2, 3, 4]; before=[-3], after=[3], mode=\"reflect\")", .value = "[4, 3, 2, 1]", .grad = "[1, 1, 1, 1]"},
    {.call = "pad([[1, 2, 3], [4, 5, 6]]; before=[1, 2], after=[0, 1], mode=\"reflect\")",
     .value = "[[6, 5, 4, 5, 6, 5], [3, 2, 1, 2, 3, 2], [6, 5, 4, 5, 6, 5]]", .grad = "[[1, 3, 2], [2, 6, 4]]"},
    {.call = "pad([1, 2, 3]; before=[2], after=[4], mode=\"replicate\")", .value = "[1, 1, 1, 2, 3, 3, 3, 3, 3]", .grad = "[3, 1, 5]"},
    {.call = "pad([7]; before=[1], after=[1], mode=\"replicate\")", .value = "[7, 7, 7]", .grad = "[3]"},
    {.call = "pad([1, 2, 3]; before=[-2], after=[2], mode=\"replicate\")", .value = "[3, 3, 3]", .grad = "[0, 0, 3]"},
    {.call = "pad([[1, 2], [4, 5]]; before=[1, 1], after=[1, 2], mode=\"replicate\")",
     .value = "[[1, 1, 2, 2, 2], [1, 1, 2, 2, 2], [4, 4, 5, 5, 5], [4, 4, 5, 5, 5]]", .grad = "[[4, 6], [4, 6]]"},
    {.call = "pad([1, 2, 3]; before=[2], after=[1], mode=\"circular\")", .value = "[2, 3, 1, 2, 3, 1]", .grad = "[2, 2, 2]"},
    {.call = "pad([1, 2, 3]; before=[3], after=[3], mode=\"circular\")", .value = "[1, 2, 3, 1, 2, 3, 1, 2, 3]", .grad = "[3, 3, 3]"},
    {.call = "pad([1, 2, 3]; before=[1], after=[-1], mode=\"circular\")", .value = "[2, 1, 2]", .grad = "[1, 2, 0]"},
    {.call = "pad([1, 2, 3, 4]; before=[-1], after=[3], mode=\"circular\")", .value = "[2, 3, 4, 2, 3, 4]", .grad = "[0, 2, 2, 2]"},
    {.call = "pad([[1, 2], [4, 5]]; before=[0, 1], after=[2, 1], mode=\"circular\")",
     .value = "[[2, 1, 2, 1], [5, 4, 5, 4], [2, 1, 2, 1], [5, 4, 5, 4]]", .grad = "[[4, 4], [4, 4]]"},
    {.call = "pad([7]; before=[1], after=[1], mode=\"circular\")", .value = "[7, 7, 7]", .grad = "[3]"},
    {.call = "pad(i64[1, 2, 3]; before=[1], after=[2], mode=\"reflect\")", .value = "i64[2, 1, 2, 3, 2, 1]"},
    {.call = "pad([1, nan, 3]; before=[1], after=[1], mode=\"reflect\")", .value = "[nan, 1, nan, 3, nan]", .grad = "[1, 3, 1]",
     .kink = true},
    {.call = "pad(f64[0](); before=[0], after=[0], mode=\"circular\")", .value = "f64[0]()"},
    {.call = "pad(f64[0](); before=[0], after=[0], mode=\"reflect\")", .value = "f64[0]()"},
    {.call = "pad(~[2, 3, 4]; before=[1, 2], after=[0, 3], value=0.5)"},
    {.call = "pad(~[5, 4]; before=[2, 3], after=[4, 1], mode=\"reflect\")"},
    {.call = "pad(~[5, 4]; before=[2, 3], after=[4, 1], mode=\"replicate\")"},
    {.call = "pad(~[5, 4]; before=[2, -3], after=[4, 1], mode=\"circular\")"},
    {.call = "pad([1, 2]; before=[1], after=[1, 2])", .refused = "before has 1 items, after has 2"},
    {.call = "pad([1, 2]; before=[1, 1], after=[1, 1])", .refused = "before has 2 items, x has 1 axes"},
    {.call = "pad([1, 2]; before=[2], after=[0], mode=\"reflect\")",
     .refused = "x is f64[2], whose axis 0 is too short for 2 items more, mode=\"reflect\""},
    {.call = "pad([1, 2]; before=[0], after=[3], mode=\"circular\")", .refused = "too short for 3 items more"},
    {.call = "pad(f64[0](); before=[0], after=[1], mode=\"replicate\")", .refused = "too short for 1 items more"},
    {.call = "pad([1, 2]; before=[-2], after=[-1])", .refused = "x is f64[2], from whose axis 0 3 items cannot be cut"},
    {.call = "pad([1, 2]; before=[-3], after=[5])", .refused = "3 items cannot be cut"},
    {.call = "pad([1, 2]; before=[-2], after=[-1], mode=\"replicate\")", .refused = "3 items cannot be cut"},
    {.call = "pad(i64[1]; before=[1], after=[0], value=0.5)", .refused = "value is 0.5, which is no i64"},
    {.call = "pad([1]; before=[-9223372036854775807], after=[0])", .refused = "more is cut off than memory can hold"},
    {.call = "pad([1]; before=[0], after=[-9223372036854775807])", .refused = "more is cut off than memory can hold"},
    {.call = "pad(u8[1]; before=[1], after=[0], value=256)", .refused = "value is 256, which is no u8"},
    {.call = "pad([1]; before=[1], after=[0], mode=\"mirror\")", .refused = "is not one of constant, reflect, replicate, circular"},
    {.call = "pad([1]; before=[9223372036854775807], after=[1])", .refused = "more elements than memory can hold"},
    {0}};

const wg_op wg_op_pad = {WG_LINE(pad), .kind = WG_BLOCK, .takes = WG_EVERY, .shape = shape, .define = define, .samples = samples};

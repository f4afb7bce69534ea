/* reshape(x; shape): x's elements, in row-major order, in another shape. One -1 is inferred; of several, each copies the
 * size of x's axis at that place; letters name sizes that are known when run. A -1 beside a size of 0 has no one answer:
 * refused. A view where x's strides allow it; the reverse is reshape_like. */
#include "ops/shape/layout.h"

static bool cannot(wg_call *c, int64_t have, int64_t want)
{
    const wg_reshape_options *o = c->attrs;
    char from[128], to[128];
    const char *shown = strchr(wg__show_type(to, (wg_type){WG_F32, &o->shape}), '[');
    return wg__refuse(c, "cannot reshape %s to %s: %lld elements against %lld", wg__show_type(from, c->in[0]), shown, (long long)have,
                      (long long)want);
}

/* s as a product of numbers and a list of symbols; false when it does not fit. */
static bool numbers(const wg_shape *s, int64_t *product, int64_t symbol[WG_MAX_RANK], int *symbols)
{
    *product = 1;
    *symbols = 0;
    for (int i = 0; i < s->rank; i++)
        if (s->dim[i] < 0) symbol[(*symbols)++] = s->dim[i];
        else if (__builtin_mul_overflow(*product, s->dim[i], product)) return false;
    return true;
}

/* Takes out of both lists the symbols that they share. */
static void cancel(int64_t *a, int *na, int64_t *b, int *nb)
{
    for (int i = 0; i < *na; i++)
        for (int j = 0; j < *nb; j++)
            if (a[i] == b[j]) {
                a[i--] = a[--*na];
                b[j] = b[--*nb];
                break;
            }
}

/* The size that stands for -1, from x's elements and the other sizes. */
static bool infer(wg_call *c, const wg_shape *x, const wg_shape *others, int64_t *size)
{
    int64_t have, want, a[WG_MAX_RANK], b[WG_MAX_RANK];
    int na, nb;
    if (!numbers(x, &have, a, &na) || !numbers(others, &want, b, &nb)) return wg__refuse(c, "shape has more elements than memory can hold");
    if (want == 0) return wg__refuse(c, "the -1 in shape could be anything, as another size is 0");
    cancel(a, &na, b, &nb);
    if (na == 0 && nb == 0) {
        if (have % want) return cannot(c, have, want);
        *size = have / want;
    } else {
        *size = na == 1 && nb == 0 && have == want ? a[0] : wg__fresh(c);
    }
    return true;
}

static bool agree(wg_call *c, const wg_shape *x)
{
    int64_t have, want, a[WG_MAX_RANK], b[WG_MAX_RANK];
    int na, nb;
    if (!numbers(x, &have, a, &na) || !numbers(&c->shape, &want, b, &nb))
        return wg__refuse(c, "shape has more elements than memory can hold");
    cancel(a, &na, b, &nb);
    return na || nb || have == want ? true : cannot(c, have, want);
}

static bool shape(wg_call *c)
{
    const wg_reshape_options *o = c->attrs;
    wg_shape x = c->shape, others = {.rank = 0};
    int open = 0, at = 0;
    for (int i = 0; i < o->shape.rank; i++) {
        int64_t size = o->shape.dim[i];
        if (size == WG_ANY) open++, at = i;
        else if (size < 0 && size >= WG_START) return wg__refuse(c, "size %lld is negative", (long long)size);
        else others.dim[others.rank++] = size;
    }
    c->shape = o->shape;
    if (open == 1) return infer(c, &x, &others, &c->shape.dim[at]);
    for (int i = 0; i < o->shape.rank; i++) {
        if (o->shape.dim[i] != WG_ANY) continue;
        if (i >= x.rank) return wg__refuse(c, "of several -1, each copies a size of x, which has no axis %d", i);
        c->shape.dim[i] = x.dim[i];
    }
    return agree(c, &x);
}

static bool view(const wg_work *w, const wg_layout *x, wg_layout *y, int64_t *offset)
{
    *offset = 0;
    return wg__reshaped(x, w->out.shape, y);
}

static wg_tensor vjp(const wg_rule *r, wg_tensor g, int i) { return wg_reshape_like(g, r->in[i]); }

static const wg_sample samples[] = {
    {.call = "reshape([1, 2, 3, 4]; shape=[2, 2])", .value = "[[1, 2], [3, 4]]", .grad = "[1, 1, 1, 1]"},
    {.call = "reshape([[1, 2, 3], [4, 5, 6]]; shape=[-1])", .value = "[1, 2, 3, 4, 5, 6]"},
    {.call = "reshape([[1, 2, 3], [4, 5, 6]]; shape=[3, -1])", .value = "[[1, 2], [3, 4], [5, 6]]"},
    {.call = "reshape([[1, 2, 3, 4], [5, 6, 7, 8]]; shape=[-1, 2, -1])", .refused = "no axis 2"},
    {.call = "reshape([[[1, 2]], [[3, 4]]]; shape=[-1, -1, 2])", .value = "[[[1, 2]], [[3, 4]]]"},
    {.call = "reshape(f64[0, 3](); shape=[3, -1])", .value = "f64[3, 0]()"},
    {.call = "reshape(f64[0, 3](); shape=[5, 0])", .value = "f64[5, 0]()"},
    {.call = "reshape(2.5; shape=[1, 1])", .value = "[[2.5]]", .grad = "1"},
    {.call = "reshape([2.5]; shape=[])", .value = "2.5"},
    {.call = "reshape(bool[true, false]; shape=[2, 1])", .value = "bool[[true], [false]]"},
    {.call = "reshape(~[2, 3, 4]; shape=[4, 6])"},
    {.call = "reshape(~[2, 6]; shape=[-1, 1, 3])"},
    {.call = "reshape([1, 2, 3, 4]; shape=[3])", .refused = "to [3]: 4 elements against 3"},
    {.call = "reshape([1, 2, 3, 4]; shape=[3, -1])", .refused = "4 elements against 3"},
    {.call = "reshape(f64[0, 3](); shape=[0, -1])", .refused = "could be anything"},
    {.call = "reshape([1]; shape=[4611686018427387904, 4])", .refused = "more elements than memory"},
    {0}};

const wg_op wg_op_reshape = {WG_LINE(reshape), .kind = WG_VIEW, .takes = WG_EVERY, .shape = shape, .linear = 1,
                             .vjp = vjp, .view = view, .samples = samples};

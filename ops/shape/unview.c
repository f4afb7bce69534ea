/* unview(x, like; view): the reverse of a view: zeros of like's shape, with x added at the places that the view of such a
 * tensor shows. like's value is not read. Where the view shows a place more than once, as with overlapping windows, all
 * of it adds up, in a fixed order. Its own reverse is the view. */
#ifndef WG_KERNEL_PART
#include "ops/shape/layout.h"

static bool shape(wg_call *c)
{
    const wg_unview_options *o = c->attrs;
    wg_call inner = *c;
    char text[128];
    if (!o->view.op || !o->view.op->view || o->view.op->n_inputs != 1) return wg__refuse(c, "view is not a view of one tensor");
    inner.op = o->view.op;
    inner.attrs = o->view.attrs;
    inner.in = &c->in[1];
    inner.n = 1;
    inner.shape = *c->in[1].shape;
    if (inner.op->shape && !inner.op->shape(&inner)) return false;
    bool same = inner.shape.rank == c->in[0].shape->rank;
    for (int i = 0; same && i < inner.shape.rank; i++) same = wg__same_size(c, &inner.shape.dim[i], c->in[0].shape->dim[i]);
    if (!same) return wg__refuse(c, "x is %s, which is not what %s gives", wg__show_type(text, c->in[0]), inner.op->name);
    c->shape = *c->in[1].shape;
    return true;
}

/* One axis of the view: its size, its stride in the result, its stride in x. */
typedef struct axis {
    int64_t n, y, x;
} axis;

typedef struct unview_plan {
    axis axes[WG_MAX_RANK]; /* of more than one item, the largest y stride first; no y stride is negative       */
    int64_t rank;           /* -1: the view shows nothing                                                       */
    int64_t y, x;           /* where the first element is                                                       */
    int64_t count, share;   /* the result's elements; those of a unit: [start + u share, start + (u + 1) share) */
    int64_t start;          /* <= 0                                                                             */
    int64_t split;          /* 1: a unit has one item of the first axis; 0: one unit has all                    */
} unview_plan;

_Static_assert(sizeof(unview_plan) <= WG_NUMBERS_MAX * sizeof(int64_t), "the plan travels in size[]");

static void insert(unview_plan *p, axis a)
{
    int64_t i = p->rank++;
    if (a.y < 0) { /* the other way round */
        p->y += (a.n - 1) * a.y;
        p->x += (a.n - 1) * a.x;
        a.y = -a.y;
        a.x = -a.x;
    }
    for (; i > 0 && p->axes[i - 1].y < a.y; i--) p->axes[i] = p->axes[i - 1];
    p->axes[i] = a;
}

/* Neighbouring axes that go on evenly in both are one. */
static void merge(unview_plan *p)
{
    int64_t n = 0;
    for (int64_t i = 0; i < p->rank; i++) {
        axis *last = &p->axes[n - (n > 0)], a = p->axes[i];
        if (n > 0 && last->y == a.n * a.y && last->x == a.n * a.x) *last = (axis){last->n * a.n, a.y, a.x};
        else p->axes[n++] = a;
    }
    p->rank = n;
}

/* Items of the first axis that keep clear of each other have a stretch of the result each. */
static void divide(unview_plan *p)
{
    int64_t reach = 0;
    p->share = p->count;
    for (int64_t i = 1; i < p->rank; i++) reach += (p->axes[i].n - 1) * p->axes[i].y;
    if (p->rank < 1 || p->axes[0].y <= reach) return;
    p->split = 1;
    p->share = p->axes[0].y;
    p->start = p->y % p->share ? p->y % p->share - p->share : 0;
}

/* What the view shows of a packed tensor: where x goes. */
static bool embeds(const wg_work *w, wg_layout *shown, int64_t *offset)
{
    const wg_unview_options *o = w->attrs;
    wg_layout like;
    wg_work inner = {.op = o->view.op, .attrs = o->view.attrs, .in = &w->in[1], .n = 1, .out = w->in[0], .width = w->width};
    wg__row_major(w->in[1].shape, &like);
    return o->view.op->view(&inner, &like, shown, offset); /* none refuses a packed layout */
}

static bool units(wg_work *w)
{
    wg_layout x, shown, like = {.shape = *w->in[1].shape};
    unview_plan p = {.rank = 0};
    wg__row_major(w->in[0].shape, &x);
    if (!embeds(w, &shown, &p.y)) return false;
    p.count = 1;
    for (int i = 0; i < like.shape.rank; i++) p.count *= like.shape.dim[i];
    bool empty = false;
    for (int i = 0; i < x.shape.rank; i++) {
        empty = empty || x.shape.dim[i] == 0;
        if (x.shape.dim[i] > 1) insert(&p, (axis){x.shape.dim[i], shown.stride[i], x.stride[i]});
    }
    merge(&p);
    if (empty) p.rank = -1;
    divide(&p);
    w->units = p.count ? (p.count - p.start + p.share - 1) / p.share : 0;
    w->cost = 0.3 * (double)p.share;
    for (int64_t i = p.split; i < p.rank; i++) w->cost *= p.split ? 1 : (double)p.axes[i].n;
    memcpy(w->size, &p, sizeof p);
    return true;
}

static wg_tensor vjp(const wg_rule *r, wg_tensor g, int i)
{
    const wg_unview_options *o = r->attrs;
    (void)i;
    return wg__apply_view(&o->view, g);
}

static const wg_sample samples[] = {
    {.call = "unview([1, 2], [0, 0, 0]; view=slice(axis=0, start=1))", .value = "[0, 1, 2]", .grad = "[1, 1]; [0, 0, 0]"},
    {.call = "unview([1, 2], [0, 0, 0, 0]; view=slice(axis=0, start=3, stop=0, step=-2))", .value = "[0, 2, 0, 1]"},
    {.call = "unview([[1, 2], [3, 4]], [0, nan]; view=expand(shape=[2, 2]))", .value = "[4, 6]", .grad = "[[1, 1], [1, 1]]; [0, 0]",
     .kink = true},
    {.call = "unview([[1, 2], [3, 4], [5, 6]], [[0, 0, 0], [0, 0, 0]]; view=transpose())", .value = "[[1, 3, 5], [2, 4, 6]]"},
    {.call = "unview(f64[0](), [0, 0]; view=slice(axis=0, start=5))", .value = "[0, 0]"},
    {.call = "unview([1, 2, 3, 4], [[0, 0], [0, 0]]; view=reshape(shape=[4]))", .value = "[[1, 2], [3, 4]]"},
    {.call = "unview([[1], [2]], [[0, 0], [0, 0]]; view=slice(axis=1, start=-1))", .value = "[[0, 1], [0, 2]]"},
    {.call = "unview(i64[[7, 8]], i64[7, 8]; view=unsqueeze(axes=[0]))", .value = "i64[7, 8]"},
    {.call = "unview(f64[0, 2](), f64[0, 5](); view=slice(axis=1, stop=2))", .value = "f64[0, 5]()"},
    {.call = "unview(~[3, 2, 5], ~[3, 4, 5]; view=slice(axis=1, start=3, step=-2))"},
    {.call = "unview(~[4, 2, 3], ~[2, 3, 4]; view=transpose(axes=[2, 0, 1]))"},
    {.call = "unview([1, 2], [0, 0]; view=slice(axis=0, start=1))", .refused = "is not what slice gives"},
    {.call = "unview([1], [0, 0]; view=slice(axis=1))", .refused = "axis 1 is out of range"},
    {.call = "unview([1], [0]; view=reshape_like())", .refused = "not a view of one tensor"},
    {0}};

#define WG_OVER WG_OVER_NUMBERS
#include "tape/instances.h"

const wg_op wg_op_unview = {WG_LINE(unview), .kind = WG_BLOCK, .takes = WG_NUMBERS, .shape_only = 2, .shape = shape, .linear = 1,
                            .vjp = vjp, .embeds = embeds, .units = units, .kernel = kernels, .samples = samples};
#else

/* y += x over axes from..rank-1, from the elements at y and x. */
static void FN(add)(const unview_plan *p, int64_t from, T *y, const T *x)
{
    int64_t at[WG_MAX_RANK] = {0}, last = p->rank - 1, i = 0, j = 0, k;
    axis inner = last >= from ? p->axes[last] : (axis){1, 0, 0};
    do {
        for (int64_t n = 0; n < inner.n; n++) y[i + n * inner.y] = M(add)(y[i + n * inner.y], x[j + n * inner.x]);
        for (k = last - 1; k >= from; k--) { /* on to the next row */
            i += p->axes[k].y;
            j += p->axes[k].x;
            if (++at[k] < p->axes[k].n) break;
            at[k] = 0;
            i -= p->axes[k].n * p->axes[k].y;
            j -= p->axes[k].n * p->axes[k].x;
        }
    } while (k >= from);
}

static int64_t FN(kernel)(const wg_args *a, int64_t lo, int64_t hi)
{
    unview_plan p;
    memcpy(&p, a->size, sizeof p);
    const T *x = a->in[0];
    T *y = a->out;
    int64_t first = p.start + lo * p.share, last = p.start + hi * p.share;
    if (first < 0) first = 0;
    if (last > p.count) last = p.count;
    for (int64_t i = first; i < last; i++) y[i] = 0;
    if (p.rank < 0) return -1;
    if (!p.split) return FN(add)(&p, 0, y + p.y, x + p.x), -1;
    int64_t before = (p.y - p.start) / p.share; /* units that lie before the first item's */
    int64_t from = lo > before ? lo - before : 0, to = hi - before < p.axes[0].n ? hi - before : p.axes[0].n;
    if (p.rank == 1)
        for (int64_t i = from; i < to; i++) y[p.y + i * p.axes[0].y] = x[p.x + i * p.axes[0].x];
    else
        for (int64_t i = from; i < to; i++) FN(add)(&p, 1, y + p.y + i * p.axes[0].y, x + p.x + i * p.axes[0].x);
    return -1;
}
#endif

/* take_add(like, index, g; axis): zeros of like's shape, with g's items added along axis at the places that index names:
 * the reverse of take. like's value is not read. A unit owns a stretch of the axis and some columns, and goes through the
 * index in order: the same bits on any number of threads. */
#ifndef WG_KERNEL_PART
#include "ops/index/range.h"

static int axis_of(int axis, int rank) { return axis < 0 ? axis + rank : axis; }

/* g must be what take gives from like: like's axes before axis, then index's, then like's after it. */
static bool shape(wg_call *c)
{
    const wg_take_add_options *o = c->attrs;
    const wg_shape *like = c->in[0].shape, *index = c->in[1].shape, *g = c->in[2].shape;
    char at[128], bt[128], gt[128];
    int axis;
    if (!wg__axis(c, o->axis, like->rank, &axis)) return false;
    bool fits = like->rank > 0 && g->rank == like->rank - 1 + index->rank;
    for (int i = 0; fits && i < g->rank; i++) {
        int64_t size = g->dim[i];
        fits = wg__same_size(c, &size,
                             i < axis                 ? like->dim[i]
                             : i < axis + index->rank ? index->dim[i - axis]
                                                      : like->dim[i + 1 - index->rank]);
    }
    if (fits) return true;
    return wg__refuse(c, "g is %s, which is not what take along axis %d gives from like, %s, and index, %s", wg__show_type(gt, c->in[2]),
                      axis, wg__show_type(at, c->in[0]), wg__show_type(bt, c->in[1]));
}

enum { COLUMNS = 128, PARTS = 16 }; /* values a block of columns; stretches of the axis where there is little else */

/* size: {n, inner, m, parts, blocks} */
static bool units(wg_work *w)
{
    const wg_take_add_options *o = w->attrs;
    int64_t *size = w->size, around[3], m = wg__product(w->in[1].shape);
    wg__around(w->in[0].shape, axis_of(o->axis, w->in[0].shape->rank), around);
    int64_t blocks = (around[2] + COLUMNS - 1) / COLUMNS, parts = around[0] * blocks >= PARTS ? 1 : PARTS;
    if (parts > around[1]) parts = around[1] > 0 ? around[1] : 1;
    size[0] = around[1];
    size[1] = around[2];
    size[2] = m;
    size[3] = parts;
    size[4] = blocks;
    w->units = around[0] * parts * blocks;
    double columns = (double)(around[2] < COLUMNS ? around[2] : COLUMNS);
    w->cost = (double)m + ((double)m + (double)around[1]) * columns * 0.25 / (double)parts;
    return true;
}

static void explain(const wg_work *w, const wg_args *a, int64_t position, char *why, size_t why_size)
{
    const wg_take_add_options *o = w->attrs;
    const wg_shape *like = w->in[0].shape;
    wg__explain_index(w->in[1].shape, a->in[1], position, like->dim[axis_of(o->axis, like->rank)], why, why_size);
}

static wg_tensor vjp(const wg_rule *r, wg_tensor g, int i)
{
    const wg_take_add_options *o = r->attrs;
    (void)i;
    return wg_take(g, r->in[1], .axis = o->axis);
}

static const wg_sample samples[] = {
    {.call = "take_add([0, 0, 0], i64[2, 0, 2], [1, 2, 3])", .value = "[2, 0, 4]", .grad = "[0, 0, 0]; [1, 1, 1]"},
    {.call = "take_add([[0, 0], [0, 0], [0, 0]], i64[2, 0], [[1, 2], [3, 4]])", .value = "[[3, 4], [0, 0], [1, 2]]"},
    {.call = "take_add([[nan, 0], [0, 0]], i64[1, 1, 0], [[1, 2, 3], [4, 5, 6]]; axis=-1)", .value = "[[3, 3], [6, 9]]", .kink = true},
    {.call = "take_add([[0, 0], [0, 0]], i64 1, [3, 4])", .value = "[[0, 0], [3, 4]]"},
    {.call = "take_add([0, 0, 0], i64[[0, 1], [2, 0]], [[1, 2], [3, 4]])", .value = "[5, 2, 3]"},
    {.call = "take_add([0, 0], i64[0](), f64[0]())", .value = "[0, 0]"},
    {.call = "take_add(f64[0, 2](), i64[0](), f64[0, 2]())", .value = "f64[0, 2]()"},
    {.call = "take_add(i64[0, 0], i64[1, 1], i64[9223372036854775807, 1])", .value = "i64[0, -9223372036854775808]"},
    {.call = "take_add(~[4, 3, 2], i64[[3, 0], [1, 1]], ~[2, 2, 3, 2])"},
    {.call = "take_add(~[2, 5, 3], i64[4, 4, 0], ~[2, 3, 3]; axis=1)"},
    {.call = "take_add(~[40, 150], i64[7, 7, 39, 0], ~[4, 150])"},
    {.call = "take_add([0, 0], i64[0, 2], [1, 1])", .refused = "index[1] is 2, must be in 0..1"},
    {.call = "take_add([0, 0], i64[-1], [1])", .refused = "index[0] is -1, must be in 0..1"},
    {.call = "take_add([0, 0], i64[0, 1], [1, 1, 1])", .refused = "g is f64[3], which is not what take along axis 0 gives"},
    {.call = "take_add([0], i64[0], [1]; axis=1)", .refused = "axis 1 is out of range for rank 1"},
    {0}};

#define WG_OVER WG_OVER_NUMBERS
#include "tape/instances.h"

const wg_op wg_op_take_add = {WG_LINE(take_add), .kind = WG_BLOCK, .takes = WG_NUMBERS, .index = 2, .shape_only = 1, .shape = shape,
                              .linear = 4, .vjp = vjp, .units = units, .kernel = kernels, .key = 2, .explain = explain, .samples = samples};
#else

static int64_t FN(kernel)(const wg_args *a, int64_t lo, int64_t hi)
{
    int64_t n = a->size[0], inner = a->size[1], m = a->size[2], parts = a->size[3], blocks = a->size[4];
    const int64_t *index = a->in[1];
    for (int64_t u = lo; u < hi; u++) {
        int64_t block = u % blocks, part = u / blocks % parts, outer = u / blocks / parts, step = (n + parts - 1) / parts;
        int64_t first = part * step < n ? part * step : n, last = first + step < n ? first + step : n;
        int64_t left = block * COLUMNS, width = inner - left < COLUMNS ? inner - left : COLUMNS;
        T *y = (T *)a->out + outer * n * inner + left;
        const T *g = (const T *)a->in[2] + outer * m * inner + left;
        for (int64_t i = first; i < last; i++)
            for (int64_t j = 0; j < width; j++) y[i * inner + j] = 0;
        for (int64_t k = 0; k < m; k++) {
            int64_t to = index[k];
            if (to < 0 || to >= n) return k;
            if (to < first || to >= last) continue;
            for (int64_t j = 0; j < width; j++) y[to * inner + j] = M(add)(y[to * inner + j], g[k * inner + j]);
        }
    }
    return -1;
}
#endif

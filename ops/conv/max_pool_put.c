/* max_pool_put(x, g; kernel, stride, padding, dilation, ceil): zeros of x's shape, with what g has of each window added at the place of the
 * largest value of x that the window sees: the reverse of max_pool at x. Linear in g, whose reverse is max_pool_take; constant in x. */
#ifndef WG_KERNEL_PART
#include "ops/conv/max_pool.h"

static bool shape(wg_call *c)
{
    const wg_max_pool_put_options *o = c->attrs;
    return pool_fits(c, c->in[0], c->in[1], "g", MAX_ATTRS(o));
}

static bool units(wg_work *w)
{
    return pool_units(w, w->in[0].shape, w->in[1].shape, MAX_ATTRS((const wg_max_pool_put_options *)w->attrs), 1);
}

static wg_tensor zeros(const wg_rule *r, wg_tensor like) { return wg_expand_like(wg__number_of(r, 0, wg_dtype_get(like)), like); }

static wg_tensor jvp(const wg_rule *r, const wg_tensor *dx)
{
    const wg_max_pool_put_options *o = r->attrs;
    if (!wg_ok(dx[1])) return zeros(r, r->out);
    return wg_max_pool_put(wg_stop_gradient(r->in[0]), dx[1], o->kernel, .stride = o->stride, .padding = o->padding,
                           .dilation = o->dilation, .ceil = o->ceil);
}

static wg_tensor vjp(const wg_rule *r, wg_tensor g, int i)
{
    const wg_max_pool_put_options *o = r->attrs;
    if (i == 0) return zeros(r, r->in[0]);
    return wg_max_pool_take(wg_stop_gradient(r->in[0]), g, o->kernel, .stride = o->stride, .padding = o->padding, .dilation = o->dilation,
                            .ceil = o->ceil);
}

static const wg_sample samples[] = {
    {"max_pool_put([[[[6.5, -0.5, 3.5, 6], [1.5, 5, 4.5, -1], [1, 2.5, 4, 0.5], [2, 5.5, 3, 0]]]], [[[[-2, 0.5], [1, 1]]]]; kernel=2)",
     .value = "[[[[-2, 0, 0, 0.5], [0, 0, 0, 0], [0, 0, 1, 0], [0, 1, 0, 0]]]]",
     .grad = "[[[[0, 0, 0, 0], [0, 0, 0, 0], [0, 0, 0, 0], [0, 0, 0, 0]]]]; [[[[1, 1], [1, 1]]]]"},
    {"max_pool_put([[[0, 2, 3.5, -1, -0.5], [0.5, 1, 1.5, 3, 2.5]]], [[[1, -1, 2], [3, -0.5, -1]]]; kernel=3, stride=2, padding=1)",
     .value = "[[[0, 1, -1, 0, 2], [0, 3, 0, -1.5, 0]]]",
     .grad = "[[[0, 0, 0, 0, 0], [0, 0, 0, 0, 0]]]; [[[1, 1, 1], [1, 1, 1]]]"},
    {"max_pool_put([[[[1, 4.5, 2.5, 3], [-0.5, 4, 1.5, 3.5], [2, 0, -1, 0.5]]]], [[[[2, 2], [-1, -2]]]]; kernel=[2, 3], stride=1)",
     .value = "[[[[0, 4, 0, 0], [0, -3, 0, 0], [0, 0, 0, 0]]]]",
     .grad = "[[[[0, 0, 0, 0], [0, 0, 0, 0], [0, 0, 0, 0]]]]; [[[[1, 1], [1, 1]]]]"},
    {"max_pool_put([[[1, 3, 3, 2, nan, nan]]], [[[10, 20]]]; kernel=3)", .value = "[[[0, 10, 0, 0, 20, 0]]]",
     .grad = "[[[0, 0, 0, 0, 0, 0]]]; [[[1, 1]]]", .kink = true},
    {"max_pool_put(~[2, 3, 6, 5], ~[2, 3, 3, 1]; kernel=[2, 3])"},
    {"max_pool_put(~[1, 2, 150], ~[1, 2, 148]; kernel=3, stride=1)"},
    {"max_pool_put(f64[0, 2, 4](), f64[0, 2, 2](); kernel=2)", .value = "f64[0, 2, 4]()"},
    {"max_pool_put(~[1, 1, 4, 4], ~[1, 1, 2, 2]; kernel=5)",
     .refused = "x is f64[1,1,4,4]: with dilation 1 the kernel of 5 is larger than axis 2 and its padding, 0 on each side"},
    {"max_pool_put(~[1, 1, 4, 4], ~[1, 1, 2, 2]; kernel=2, dilation=4)",
     .refused = "with dilation 4 the kernel of 2 is larger than axis 2"},
    {"max_pool_put(~[1, 1, 4, 4], ~[1, 1, 2, 2]; kernel=2, stride=0)", .refused = "stride is 0, must be at least 1"},
    {"max_pool_put(~[1, 1, 4, 4], ~[1, 1, 2, 2]; kernel=2, padding=-1)", .refused = "padding is -1, must be at least 0"},
    {"max_pool_put(~[1, 1, 4, 4], ~[1, 1, 2, 2]; kernel=3, padding=2)", .refused = "padding 2 is more than half of kernel 3"},
    {"max_pool_put(~[1, 1, 4, 4], ~[1, 1, 2, 2]; kernel=[2, 2, 2])", .refused = "kernel has 3 numbers, 1 or 2 are wanted"},
    {"max_pool_put(~[1, 1, 4, 4], ~[1, 1, 2, 2]; kernel=[])", .refused = "kernel is empty"},
    {"max_pool_put(~[1, 1, 4, 4], ~[1, 1, 2, 2]; kernel=0)", .refused = "kernel is 0, must be at least 1"},
    {"max_pool_put(~[1, 2, 4], ~[1, 2, 3]; kernel=2)", .refused = "g is f64[1,2,3], which is not what the pool gives from x, f64[1,2,4]"},
    {0}};

#define WG_OVER WG_OVER_REALS
#include "tape/instances.h"

const wg_op wg_op_max_pool_put = {WG_LINE(max_pool_put), .kind = WG_BLOCK, .shape = shape, .vjp = vjp, .jvp = jvp, .units = units, .region = pool_region,
                                  .kernel = kernels, .samples = samples};
#else
#include "ops/conv/max_pool.h"

static inline __attribute__((always_inline)) void FN(join)(T *y, const FN(four) *first, const FN(four) *second)
{
    *(FN(four_there) *)y = __builtin_shufflevector(*first, *second, 0, 4, 1, 5);
    *(FN(four_there) *)(y + 4) = __builtin_shufflevector(*first, *second, 2, 6, 3, 7);
}

/* A row of windows of 2 by 2, side by side, at least four. */
static inline void FN(squares)(const T *x, const T *g, T *y, int64_t width, int64_t n)
{
    for (int64_t t = 0; t < n; t += 4) {
        if (t + 4 > n) t = n - 4;
        FN(four) a, b, c, d, v = *(const FN(four_there) *)(g + t), zero = {0}, above, below;
        FN(split)(x + 2 * t, &a, &b);
        FN(split)(x + width + 2 * t, &c, &d);
        FN(mask) left = STAYS(a, b), lower = STAYS(c, d);
        FN(four) top = PICK(left, a, b), bottom = PICK(lower, c, d);
        FN(mask) up = STAYS(top, bottom);
        above = PICK(up, v, zero);
        below = PICK(up, zero, v);
        a = PICK(left, above, zero);
        b = PICK(left, zero, above);
        c = PICK(lower, below, zero);
        d = PICK(lower, zero, below);
        FN(join)(y + 2 * t, &a, &b);
        FN(join)(y + width + 2 * t, &c, &d);
    }
}

static int64_t FN(kernel)(const wg_args *a, int64_t lo, int64_t hi)
{
    conv_plan p;
    memcpy(&p, a->size, sizeof p);
    int64_t row = p.axis[2].out, where[STRETCH];
    const conv_axis *v = p.axis;
    bool squares = pool_pairs(&p) && v[0].k == 1 && v[1].k == 2 && v[1].stride >= 2 && v[1].dilation == 1;
    for (int64_t u = lo; u < hi; u++) {
        const T *x = (const T *)a->in[0] + u * p.in_plane, *g = (const T *)a->in[1] + u * p.out_plane;
        T *y = (T *)a->out + u * p.in_plane;
        memset(y, 0, (size_t)p.in_plane * sizeof(T));
        for (int64_t i = 0; squares && i < v[0].out * v[1].out; i++)
            FN(squares)(x + pool_row(&p, i), g + i * row, y + pool_row(&p, i), v[2].in, row);
        for (int64_t j = 0, n; j < p.out_plane && !squares; j += n) {
            n = conv_least(STRETCH, row - j % row);
            FN(largest)(&p, x, j, n, where);
            for (int64_t t = 0; t < n; t++) y[where[t]] += g[j + t];
        }
    }
    return -1;
}
#endif

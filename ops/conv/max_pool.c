/* max_pool(x; kernel, stride, padding, dilation, ceil): the largest value that each window sees of x, (batch, channels, 1 to 3 sizes):
 * what max_pool1d to 3d are. The first of equals; NaN wins over all.
 * Every window sees something. The gradient goes to
 * the place of the largest: max_pool_put; the tangent comes from there: max_pool_take, which is also the definition,
 * max_pool(x) = max_pool_take(x, x). A node, because the value alone needs no place: this is one pass of maxima. */
#ifndef WG_KERNEL_PART
#include "ops/conv/max_pool.h"

static bool shape(wg_call *c) { return pool_shape(c, c->in[0], MAX_ATTRS((const wg_max_pool_options *)c->attrs), &c->shape); }

static bool units(wg_work *w)
{
    return pool_units(w, w->in[0].shape, w->out.shape, MAX_ATTRS((const wg_max_pool_options *)w->attrs), 0.3);
}

static wg_tensor take(const wg_rule *r, wg_tensor v)
{
    const wg_max_pool_options *o = r->attrs;
    return wg_max_pool_take(wg_stop_gradient(r->in[0]), v, o->kernel, .stride = o->stride, .padding = o->padding, .dilation = o->dilation,
                            .ceil = o->ceil);
}

static wg_tensor define(const wg_rule *r) { return take(r, r->in[0]); }

static wg_tensor jvp(const wg_rule *r, const wg_tensor *dx) { return take(r, dx[0]); }

static wg_tensor vjp(const wg_rule *r, wg_tensor g, int i)
{
    const wg_max_pool_options *o = r->attrs;
    return wg_max_pool_put(wg_stop_gradient(r->in[i]), g, o->kernel, .stride = o->stride, .padding = o->padding, .dilation = o->dilation,
                           .ceil = o->ceil);
}

static const wg_sample samples[] = {
    {"max_pool([[[[6.5, -1, 1.5, 3], [2, 0, 5.5, 3.5], [1, 0.5, -0.5, 6], [5, 4.5, 4, 2.5]]]]; kernel=2)",
     .value = "[[[[6.5, 5.5], [5, 6]]]]",
     .grad = "[[[[1, 0, 0, 0], [0, 0, 1, 0], [0, 0, 0, 1], [1, 0, 0, 0]]]]"},
    {"max_pool([[[1.5, 3.5, 2, 2.5, 0.5], [-0.5, 3, -1, 0, 1]]]; kernel=3, stride=2, padding=1)",
     .value = "[[[3.5, 3.5, 2.5], [3, 3, 1]]]",
     .grad = "[[[0, 2, 0, 1, 0], [0, 2, 0, 0, 1]]]"},
    {"max_pool([[[[5, 5.5, 6.5, 1, 8.5], [2, 8, 7.5, -1, 6], [4, 4.5, 7, 2.5, 1.5], [-0.5, 3.5, 3, 0, 0.5]]]]; kernel=[2, 3], stride=1, "
       "dilation=[2, 1])",
     .value = "[[[[7, 7, 8.5], [8, 8, 7.5]]]]",
     .grad = "[[[[0, 0, 0, 0, 1], [0, 2, 1, 0, 0], [0, 0, 2, 0, 0], [0, 0, 0, 0, 0]]]]"},
    {"max_pool([[[[5.5, -0.5, 1, 6, 5], [3, -1, 1.5, 0, 2], [2.5, 4.5, 3.5, 4, 0.5]]]]; kernel=2, ceil=true)",
     .value = "[[[[5.5, 6, 5], [4.5, 4, 0.5]]]]",
     .grad = "[[[[1, 0, 0, 1, 1], [0, 0, 0, 0, 0], [0, 1, 0, 1, 1]]]]"},
    {"max_pool([[[[[-1, 3.5, 4], [2, 0.5, 0]], [[2.5, 1.5, 4.5], [-0.5, 1, 3]]]]]; kernel=[1, 2, 2], stride=1)",
     .value = "[[[[[3.5, 4]], [[2.5, 4.5]]]]]",
     .grad = "[[[[[0, 1, 1], [0, 0, 0]], [[1, 0, 1], [0, 0, 0]]]]]"},
    {"max_pool([[[[[61, 58, 106, 29, 62, 63, 24, 28], [46, 34, 100, 75, 15, 8, 71, 118], [7, 89, 103, 42, 5, 33, 115, 51], [18, "
     "12, 36, 95, 93, 84, 50, 66], [97, 92, 57, 109, 39, 65, 41, 11]], [[86, 30, 44, 22, 54, 81, 55, 116], [43, 53, 77, 72, 64, "
     "90, 19, 112], [4, 82, 85, 108, 10, 68, 110, 2], [38, 87, 70, 114, 76, 96, 25, 40], [37, 74, 21, 91, 26, 78, 0, 80]], [[16, "
     "56, 104, 119, 17, 9, 102, 49], [23, 35, 52, 27, 1, 98, 73, 13], [69, 48, 105, 60, 47, 14, 20, 6], [111, 31, 99, 59, 113, 3, "
     "67, 83], [117, 107, 88, 101, 45, 94, 32, 79]]]]]; kernel=2, stride=[1, 1, 2], dilation=[2, 3, 1])",
     .value = "[[[[[111, 119, 113, 102], [117, 109, 98, 118]]]]]",
     .grad = "[[[[[0, 0, 0, 0, 0, 0, 0, 0], [0, 0, 0, 0, 0, 0, 0, 1], [0, 0, 0, 0, 0, 0, 0, 0], [0, 0, 0, 0, 0, 0, 0, 0], [0, 0, 0, 1, 0, "
     "0, 0, 0]], [[0, 0, 0, 0, 0, 0, 0, 0], [0, 0, 0, 0, 0, 0, 0, 0], [0, 0, 0, 0, 0, 0, 0, 0], [0, 0, 0, 0, 0, 0, 0, 0], [0, 0, "
     "0, 0, 0, 0, 0, 0]], [[0, 0, 0, 1, 0, 0, 1, 0], [0, 0, 0, 0, 0, 1, 0, 0], [0, 0, 0, 0, 0, 0, 0, 0], [1, 0, 0, 0, 1, 0, 0, 0], "
     "[1, 0, 0, 0, 0, 0, 0, 0]]]]]"},
    {"max_pool([[[[[24, 62, 1, 48, 21], [94, 56, 93, 98, 0], [70, 55, 83, 14, 34], [85, 90, 82, 28, 16]], [[57, 41, 2, 74, 64], "
     "[15, 38, 5, 91, 47], [12, 66, 45, 25, 37], [59, 17, 72, 79, 31]], [[71, 33, 52, 81, 29], [49, 67, 54, 3, 9], [23, 27, 77, "
     "97, 26], [50, 88, 60, 36, 96]], [[8, 13, 75, 42, 63], [73, 7, 95, 53, 58], [32, 44, 30, 4, 51], [68, 76, 84, 6, 20]], [[61, "
     "86, 19, 80, 10], [22, 92, 40, 87, 39], [11, 69, 89, 35, 99], [18, 46, 78, 65, 43]]]]]; kernel=[2, 3, 2], stride=[2, 1, 1], "
     "padding=[1, 1, 0], dilation=[2, 1, 3])",
     .value = "[[[[[91, 64], [91, 66], [91, 66], [79, 66]], [[91, 64], [91, 66], [91, 76], [79, 76]], [[73, 63], [73, 63], [73, 76], [68, "
     "76]]]]]",
     .grad = "[[[[[0, 0, 0, 0, 0], [0, 0, 0, 0, 0], [0, 0, 0, 0, 0], [0, 0, 0, 0, 0]], [[0, 0, 0, 0, 2], [0, 0, 0, 6, 0], [0, 4, 0, 0, 0], "
     "[0, 0, 0, 2, 0]], [[0, 0, 0, 0, 0], [0, 0, 0, 0, 0], [0, 0, 0, 0, 0], [0, 0, 0, 0, 0]], [[0, 0, 0, 0, 2], [3, 0, 0, 0, 0], "
     "[0, 0, 0, 0, 0], [1, 4, 0, 0, 0]], [[0, 0, 0, 0, 0], [0, 0, 0, 0, 0], [0, 0, 0, 0, 0], [0, 0, 0, 0, 0]]]]]"},
    {"max_pool([[[[35, 30, 81, 45, 1, 34, 88, 94], [64, 55, 91, 71, 23, 54, 20, 4], [39, 36, 29, 3, 19, 93, 56, 95], [68, 6, 27, "
       "78, 75, 24, 66, 12], [21, 17, 60, 80, 73, 15, 67, 76], [70, 13, 5, 44, 43, 9, 28, 87], [8, 86, 52, 18, 92, 40, 11, 51], [63, "
       "14, 16, 0, 2, 33, 47, 57], [42, 49, 85, 26, 84, 90, 25, 77], [10, 59, 32, 83, 37, 50, 46, 38], [7, 89, 79, 53, 58, 65, 31, "
       "62], [61, 48, 41, 74, 72, 82, 22, 69]]]]; kernel=2)",
     .value = "[[[[64, 91, 54, 94], [68, 78, 93, 95], [70, 80, 73, 87], [86, 52, 92, 57], [59, 85, 90, 77], [89, 79, 82, 69]]]]",
     .grad = "[[[[0, 0, 0, 0, 0, 0, 0, 1], [1, 0, 1, 0, 0, 1, 0, 0], [0, 0, 0, 0, 0, 1, 0, 1], [1, 0, 0, 1, 0, 0, 0, 0], [0, 0, "
             "0, 1, 1, 0, 0, 0], [1, 0, 0, 0, 0, 0, 0, 1], [0, 1, 1, 0, 1, 0, 0, 0], [0, 0, 0, 0, 0, 0, 0, 1], [0, 0, 1, 0, 0, "
             "1, 0, 1], [0, 1, 0, 0, 0, 0, 0, 0], [0, 1, 1, 0, 0, 0, 0, 0], [0, 0, 0, 0, 0, 1, 0, 1]]]]"},
    {"max_pool([[[9, 6, 11, 14, 5, 10, 17, 13, 16], [1, 8, 0, 3, 15, 4, 12, 7, 2]]]; kernel=2, dilation=2)",
     .value = "[[[11, 11, 17, 17], [1, 15, 15, 12]]]", .grad = "[[[0, 0, 2, 0, 0, 0, 2, 0, 0], [1, 0, 0, 0, 2, 0, 1, 0, 0]]]"},
    {"max_pool([[[[[62, 41, 10, 1, 6, 60, 17, 56], [21, 2, 9, 28, 27, 11, 40, 55], [14, 0, 37, 15, 25, 33, 13, 12], [30, 63, 50, 18, "
       "52, 39, 38, 22]], [[5, 23, 44, 51, 24, 48, 35, 36], [59, 20, 47, 54, 58, 26, 53, 8], [7, 61, 46, 43, 45, 29, 42, 32], [49, 3, "
       "34, 19, 4, 16, 31, 57]]]]]; kernel=[1, 2, 2])",
     .value = "[[[[[62, 28, 60, 56], [63, 50, 52, 38]], [[59, 54, 58, 53], [61, 46, 45, 57]]]]]",
     .grad = "[[[[[1, 0, 0, 0, 0, 1, 0, 1], [0, 0, 0, 1, 0, 0, 0, 0], [0, 0, 0, 0, 0, 0, 0, 0], [0, 1, 1, 0, 1, 0, 1, 0]], [[0, "
             "0, 0, 0, 0, 0, 0, 0], [1, 0, 0, 1, 1, 0, 1, 0], [0, 1, 1, 0, 1, 0, 0, 0], [0, 0, 0, 0, 0, 0, 0, 1]]]]]"},
    {"max_pool([[[1, 2]]]; kernel=1, dilation=5)", .value = "[[[1, 2]]]", .grad = "[[[1, 1]]]"},
    {"max_pool([[[1, 3, 3, 2, 3, 3]]]; kernel=3)", .value = "[[[3, 3]]]", .grad = "[[[0, 1, 0, 0, 1, 0]]]", .kink = true},
    {"max_pool([[[nan, 1, inf, nan, 2, nan]]]; kernel=3)", .value = "[[[nan, nan]]]", .grad = "[[[1, 0, 0, 1, 0, 0]]]", .kink = true},
    {"max_pool([[[-inf, -inf, -inf, 5]]]; kernel=2)", .value = "[[[-inf, 5]]]", .grad = "[[[1, 0, 0, 1]]]", .kink = true},
    {"max_pool([[[0, -0.0]]]; kernel=2)", .value = "[[[0]]]", .grad = "[[[1, 0]]]", .kink = true},
    {"max_pool([[[1, 2, 1]]]; kernel=2, stride=1)", .value = "[[[2, 2]]]", .grad = "[[[0, 2, 0]]]"},
    {"max_pool(f64[0, 2, 4](); kernel=2)", .value = "f64[0, 2, 2]()", .grad = "f64[0, 2, 4]()"},
    {"max_pool(~[2, 3, 6, 5]; kernel=[2, 3])"},
    {"max_pool(~[1, 2, 4, 11]; kernel=2)"},
    {"max_pool(~[2, 3, 7, 9]; kernel=3, stride=[2, 3], padding=1, dilation=[2, 1], ceil=true)"},
    {"max_pool(~[1, 2, 150]; kernel=3, stride=1)"},
    {"max_pool(~[1, 2, 4, 4, 5]; kernel=2, stride=[1, 2, 2], padding=[0, 1, 0])"},
    {"max_pool(~[1, 1, 4]; kernel=2, padding=1, dilation=5)",
     .refused = "x is f64[1,1,4]: dilation 5 is larger than axis 2, a window could see padding only"},
    {"max_pool(~[1, 1, 4, 4]; kernel=5)",
     .refused = "x is f64[1,1,4,4]: with dilation 1 the kernel of 5 is larger than axis 2 and its padding, 0 on each side"},
    {"max_pool(~[1, 1, 4, 4]; kernel=2, dilation=4)", .refused = "with dilation 4 the kernel of 2 is larger than axis 2"},
    {"max_pool(~[1, 1, 4, 4]; kernel=2, stride=0)", .refused = "stride is 0, must be at least 1"},
    {"max_pool(~[1, 1, 4, 4]; kernel=2, padding=-1)", .refused = "padding is -1, must be at least 0"},
    {"max_pool(~[1, 1, 4, 4]; kernel=3, padding=2)", .refused = "padding 2 is more than half of kernel 3"},
    {"max_pool(~[1, 1, 4, 4]; kernel=[2, 2, 2])", .refused = "kernel has 3 numbers, 1 or 2 are wanted"},
    {"max_pool(~[1, 1, 4, 4]; kernel=[])", .refused = "kernel is empty"},
    {"max_pool(~[1, 1, 4, 4]; kernel=0)", .refused = "kernel is 0, must be at least 1"},
    {"max_pool(~[1, 1, 4, 4]; kernel=65536, padding=32768)", .refused = "kernel has more than 2147483647 places"},
    {"max_pool(~[3, 4]; kernel=2)", .refused = "x is f64[3,4], must be (batch, channels, 1 to 3 sizes)"},
    {"max_pool(f64[1, 2, 0](); kernel=2, padding=1)", .refused = "is larger than axis 2"},
    {"max_pool(i64[[[1, 2]]]; kernel=2)", .refused = "must be f32 or f64"},
    {0}};

#define WG_OVER WG_OVER_REALS
#include "tape/instances.h"

const wg_op wg_op_max_pool = {WG_LINE(max_pool), .kind = WG_BLOCK, .shape = shape, .define = define, .vjp = vjp, .jvp = jvp,
                              .units = units, .kernel = kernels, .samples = samples};
#else
#include "ops/conv/max_pool.h"

/* A row of windows of 2 along the last axis, side by side, all inside; at least four. */
static inline void FN(pairs)(const conv_plan *p, const T *x, T *y)
{
    const conv_axis *a = p->axis;
    for (int64_t t = 0; t < a[2].out; t += 4) {
        FN(four) best = {0}, first, second;
        if (t + 4 > a[2].out) t = a[2].out - 4;
        for (int64_t z = 0; z < a[0].k; z++)
            for (int64_t k = 0; k < a[1].k; k++) {
                FN(split)(x + (z * a[0].dilation * a[1].in + k * a[1].dilation) * a[2].in + 2 * t, &first, &second);
                first = PICK(STAYS(first, second), first, second);
                best = z + k == 0 ? first : PICK(STAYS(best, first), best, first);
            }
        *(FN(four_there) *)(y + t) = best;
    }
}

/* A row of any windows: y[j..j+n-1]. */
static void FN(any)(const conv_plan *p, const T *x, T *y, int64_t j, int64_t n)
{
    conv_run run;
    conv_span span;
    conv_runs(p, j, j + n, &run);
    for (int64_t t = 0; t < n; t++) y[j + t] = -(T)INFINITY;
    for (int64_t tap = 0; tap < p->taps; tap++) {
        conv_spans(p, tap, &run, 1, &span);
        for (int64_t t = span.lo; t < span.hi; t++) y[j + t] = M(max)(y[j + t], x[span.from + t * p->axis[2].stride]);
    }
}

static int64_t FN(kernel)(const wg_args *a, int64_t lo, int64_t hi)
{
    conv_plan p;
    memcpy(&p, a->size, sizeof p);
    int64_t n = p.axis[2].out, rows = p.axis[0].out * p.axis[1].out;
    bool pairs = pool_pairs(&p);
    for (int64_t u = lo; u < hi; u++) {
        const T *x = (const T *)a->in[0] + u * p.in_plane;
        T *y = (T *)a->out + u * p.out_plane;
        for (int64_t row = 0; row < rows; row++)
            if (pairs) FN(pairs)(&p, x + pool_row(&p, row), y + row * n);
            else FN(any)(&p, x, y, row * n, n);
    }
    return -1;
}
#endif

/* layer_norm(x, weight?, bias?; axes, eps) = (x - mean) / sqrt(variance + eps) weight + bias, mean and variance (biased) over the
 * last axes of x, of whose sizes weight and bias are: F.layer_norm. Ba, Kiros and Hinton 2016 (arXiv:1607.06450). A row of one value
 * repeated, or of one value, gives bias, and the derivative there is that of the formula: 0 for an even cotangent.
 * A node of its own, with norm_dx and norm_dweight for its gradients: two passes over a row that is in cache. By definition the three
 * took 3.8 times as long (768 rows of 128, f32, AVX-512). */
#ifndef WG_KERNEL_PART
#include "ops/norm/rows.h"

static bool shape(wg_call *c)
{
    const wg_layer_norm_options *o = c->attrs;
    int n = wg__norm_axes(c, &o->axes);
    return n && wg__norm_affine(c, 1, n) && wg__norm_affine(c, 2, n);
}

static wg_tensor define(const wg_rule *r)
{
    const wg_layer_norm_options *o = r->attrs;
    wg_normal n = wg__normal(r->in[0], &o->axes, o->eps, true);
    wg_tensor y = wg_mul(n.c, n.r);
    if (r->in[1].tape) y = wg_mul(y, r->in[1]);
    return r->in[2].tape ? wg_add(y, r->in[2]) : y;
}

static wg_tensor vjp(const wg_rule *r, wg_tensor g, int i)
{
    const wg_layer_norm_options *o = r->attrs;
    if (i == 0) return wg_norm_dx(r->in[0], g, .weight = r->in[1], .axes = o->axes, .eps = o->eps);
    if (i == 1) return wg_norm_dweight(r->in[0], g, .axes = o->axes, .eps = o->eps);
    return wg_sum_to(g, r->in[2]);
}

static bool units(wg_work *w)
{
    const wg_layer_norm_options *o = w->attrs;
    wg__norm_sizes(w, o->axes.n ? o->axes.n : 1);
    w->units = w->size[0] ? w->size[1] : 0;
    w->cost = 10 + 0.2 * (double)w->size[0];
    return true;
}

/* values from F.layer_norm in f64 */
static const wg_sample samples[] = {
    {.call = "layer_norm([[1, 2, 4], [-0.5, 3, 0.25]], [1.5, -2, 0.5], [0.25, 1, -1])",
     .value = "[[-1.3535622971754468, 1.5345207657251492, -0.3318490428435641], [-1.1623112586237587, -1.7692377620073696, "
     "-1.2215390209605896]]",
     .grad = "[[1.0881322951225172, -1.6321971541152134, 0.5440648589926962], [0.0784941087800225, 0.021400411799154417, "
     "-0.09989452057917714]]; [-2.010582370532804, 1.1173584981411102, 0.8932238723916925]; [2, 2, 2]"},
    {.call = "layer_norm([[1, 2], [3, 5], [4, -1]]; eps=0.001)",
     .value = "[[-0.9980059800697492, 0.9980059800697489], [-0.9995003746877732, 0.9995003746877732], [0.9999200095987202, "
     "-0.9999200095987201]]"},
    {.call = "layer_norm([[1, 2, 4], [-0.5, 3, 0.25]], [1.5, -2, 0.5])",
     .value = "[[-1.6035622971754468, 0.5345207657251492, 0.6681509571564359], [-1.4123112586237587, -2.7692377620073696, "
     "-0.2215390209605896]]"},
    {.call = "layer_norm([[1, 2, 4], [-0.5, 3, 0.25]], _, [0.25, 1, -1])",
     .value = "[[-0.8190415314502979, 0.7327396171374254, 0.3363019143128718], [-0.6915408390825057, 2.384618881003685, "
     "-1.4430780419211793]]", .kink = true}, /* of a plain sum the gradient is all rounding */
    {.call = "layer_norm([[[1, 2], [4, 3]], [[0.5, -1], [2, 2]]], [[1, 2], [3, 4]], [[0, 0.5], [1, 0]]; axes=[-1, 1])",
     .value = "[[[-1.341635419968927, -0.3944236133126182], [5.02490625990678, 1.7888472266252355]], [[-0.30151037000036496, "
     "-2.5151037000036496], [3.713593330003284, 3.618124440004379]]]"},
    {.call = "layer_norm([[2.7, 2.7, 2.7], [-1e8, -1e8, -1e8]])",
     .value = "[[0, 0, 0], [0, 0, 0]]",
     .grad = "[[0, 0, 0], [0, 0, 0]]", .kink = true},
    {.call = "layer_norm([[3], [-2]], [1.5], [0.25])",
     .value = "[[0.25], [0.25]]",
     .grad = "[[0], [0]]; [0]; [2]", .kink = true},
    {.call = "layer_norm([[100000000, 100000008]])",
     .value = "[[-0.9999996875001465, 0.9999996875001465]]", .kink = true}, /* by the formula: PyTorch is off by 3e-10 */
    {.call = "layer_norm([[1, inf], [nan, 2], [1, 3]])", .value = "[[nan, nan], [nan, nan], [-0.9999950000374997, 0.9999950000374997]]",
     .kink = true},
    {.call = "layer_norm(f64[0, 3](), [1, 2, 3], [0, 0, 0])", .value = "f64[0, 3]()", .grad = "f64[0, 3](); [0, 0, 0]; [0, 0, 0]"},
    {.call = "layer_norm(f64[2, 0](), f64[0](), f64[0]())", .value = "f64[2, 0]()", .grad = "f64[2, 0](); f64[0](); f64[0]()"},
    {.call = "layer_norm(~[3, 5], ~[5], ~[5])"},
    {.call = "layer_norm(~[2, 70], ~[70])"},
    {.call = "layer_norm(~[2, 2, 3, 4], ~[3, 4], ~[3, 4]; axes=[2, 3])"},
    {.call = "layer_norm(2.5)", .refused = "x is a scalar"},
    {.call = "layer_norm(~[2, 3], ~[2])", .refused = "x is f64[2,3], weight is f64[2]: it must have the sizes of the last axis of x"},
    {.call = "layer_norm(~[2, 3], ~[3], ~[2, 3])", .refused = "x is f64[2,3], bias is f64[2,3]"},
    {.call = "layer_norm(~[2, 3]; axes=[0])", .refused = "axes must be its last 1"},
    {.call = "layer_norm(~[2, 3, 4]; axes=[0, 2])", .refused = "axes must be its last 2"},
    {.call = "layer_norm(~[2, 3]; axes=[2])", .refused = "axis 2 is out of range for rank 2"},
    {.call = "layer_norm(i64[1, 2])", .refused = "must be f32 or f64"},
    {0}};

#define WG_OVER WG_OVER_REALS
#include "tape/instances.h"

const wg_op wg_op_layer_norm = {WG_LINE(layer_norm), .kind = WG_BLOCK, .shape = shape, .define = define, .vjp = vjp, .units = units,
                                .kernel = kernels, .samples = samples};
#else
#include "ops/norm/rows.h"

/* Whether there is a weight and a bias is known where this is inlined. */
static inline __attribute__((always_inline)) void FN(row)(const T *x, const T *weight, const T *bias, T *y, int64_t n, T first, T mean, T r)
{
    int64_t j = 0;
    for (; j + WIDTH <= n; j += WIDTH) {
        FN(many) v = (MANY(x + j) - first - mean) * r;
        if (weight) v *= MANY(weight + j);
        if (bias) v += MANY(bias + j);
        PUT_MANY(y + j, v);
    }
    for (; j < n; j++) {
        T v = (x[j] - first - mean) * r;
        if (weight) v *= weight[j];
        if (bias) v += bias[j];
        y[j] = v;
    }
}

static int64_t FN(kernel)(const wg_args *a, int64_t lo, int64_t hi)
{
    const wg_layer_norm_options *o = a->attrs;
    int64_t n = a->size[0];
    const T *weight = a->in[1], *bias = a->in[2];
    FN(moments) m;
    for (int64_t i0 = lo; i0 < hi; i0 += ROWS) {
        int64_t rows = hi - i0 < ROWS ? hi - i0 : ROWS;
        const T *x = (const T *)a->in[0] + i0 * n;
        T *y = (T *)a->out + i0 * n;
        FN(take_moments)(x, n, rows, o->eps, true, &m);
        for (int64_t i = 0; i < rows; i++, x += n, y += n) {
            if (weight && bias) FN(row)(x, weight, bias, y, n, m.first[i], m.mean[i], m.r[i]);
            else if (weight) FN(row)(x, weight, NULL, y, n, m.first[i], m.mean[i], m.r[i]);
            else FN(row)(x, NULL, bias, y, n, m.first[i], m.mean[i], m.r[i]);
        }
    }
    return -1;
}
#endif

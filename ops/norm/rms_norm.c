/* rms_norm(x, weight?; axes, eps) = x / sqrt(mean of x^2 + eps) weight, the mean over the last axes of x, of whose sizes weight is:
 * torch.nn.functional.rms_norm. Zhang and Sennrich 2019 (arXiv:1910.07467). Gradients through norm_dx and norm_dweight, as layer_norm. */
#ifndef WG_KERNEL_PART
#include "ops/norm/rows.h"

static bool shape(wg_call *c)
{
    const wg_rms_norm_options *o = c->attrs;
    int n = wg__norm_axes(c, &o->axes);
    return n && wg__norm_affine(c, 1, n);
}

static wg_tensor define(const wg_rule *r)
{
    const wg_rms_norm_options *o = r->attrs;
    wg_normal n = wg__normal(r->in[0], &o->axes, o->eps, false);
    wg_tensor y = wg_mul(n.c, n.r);
    return r->in[1].tape ? wg_mul(y, r->in[1]) : y;
}

static wg_tensor vjp(const wg_rule *r, wg_tensor g, int i)
{
    const wg_rms_norm_options *o = r->attrs;
    if (i == 0) return wg_norm_dx(r->in[0], g, .weight = r->in[1], .axes = o->axes, .eps = o->eps, .center = false);
    return wg_norm_dweight(r->in[0], g, .axes = o->axes, .eps = o->eps, .center = false);
}

static bool units(wg_work *w)
{
    const wg_rms_norm_options *o = w->attrs;
    wg__norm_sizes(w, o->axes.n ? o->axes.n : 1);
    w->units = w->size[0] ? w->size[1] : 0;
    w->cost = 10 + 0.15 * (double)w->size[0];
    return true;
}

/* values from the formula in PyTorch, f64 */
static const wg_sample samples[] = {
    {.call = "rms_norm([[1, 2, 4], [-0.5, 3, 0.25]], [1.5, -2, 0.5])",
     .value = "[[0.5669466690176516, -1.5118577840470708, 0.7559288920235354], [-0.4256853242896038, -3.4054825943168305, "
     "0.0709475540482673]]",
     .grad = "[[0.575945821208529, -0.7379305876417805, 0.22497883176939382], [0.6494796873329043, 0.07618490270554323, "
     "0.3847356968162209]]; [0.0941742298186985, 2.4586701891819507, 1.6537528921436055]"},
    {.call = "rms_norm([[1, 2, 4], [-0.5, 3, 0.25]]; eps=0.5)",
     .value = "[[0.3651483716701107, 0.7302967433402214, 1.4605934866804429], [-0.26337076878368826, 1.5802246127021295, "
     "0.13168538439184413]]"},
    {.call = "rms_norm([[[1, 2], [4, 3]], [[0.5, -1], [2, 2]]], [[1, 2], [3, 4]]; axes=[-2, -1])",
     .value = "[[[0.3651483473268884, 1.4605933893075536], [4.381780167922661, 4.381780167922661]], [[0.3287979035192837, "
     "-1.3151916140771347], [3.9455748422314043, 5.260766456308539]]]"},
    {.call = "rms_norm([[0, 0, 0]], [1, 2, 3])", .value = "[[0, 0, 0]]", .grad = "[[1000, 2000, 3000]]; [0, 0, 0]", .kink = true},
    {.call = "rms_norm([[1, inf], [nan, 2]])", .value = "[[0, nan], [nan, nan]]", .kink = true},
    {.call = "rms_norm(f64[0, 3](), [1, 2, 3])", .value = "f64[0, 3]()", .grad = "f64[0, 3](); [0, 0, 0]"},
    {.call = "rms_norm(f64[2, 0](), f64[0]())", .value = "f64[2, 0]()", .grad = "f64[2, 0](); f64[0]()"},
    {.call = "rms_norm(~[3, 5], ~[5])"},
    {.call = "rms_norm(~[2, 70])"},
    {.call = "rms_norm(~[2, 2, 3, 4], ~[3, 4]; axes=[2, 3])"},
    {.call = "rms_norm(2.5)", .refused = "x is a scalar"},
    {.call = "rms_norm(~[2, 3], ~[3, 1])", .refused = "x is f64[2,3], weight is f64[3,1]"},
    {.call = "rms_norm(~[2, 3]; axes=[0])", .refused = "axes must be its last 1"},
    {.call = "rms_norm(i64[1, 2])", .refused = "must be f32 or f64"},
    {0}};

#define WG_OVER WG_OVER_REALS
#include "tape/instances.h"

const wg_op wg_op_rms_norm = {WG_LINE(rms_norm), .kind = WG_BLOCK, .shape = shape, .define = define, .vjp = vjp, .units = units,
                              .kernel = kernels, .samples = samples};
#else
#include "ops/norm/rows.h"

static int64_t FN(kernel)(const wg_args *a, int64_t lo, int64_t hi)
{
    const wg_rms_norm_options *o = a->attrs;
    int64_t n = a->size[0];
    const T *weight = a->in[1];
    FN(moments) m;
    for (int64_t i0 = lo; i0 < hi; i0 += ROWS) {
        int64_t rows = hi - i0 < ROWS ? hi - i0 : ROWS;
        const T *x = (const T *)a->in[0] + i0 * n;
        T *y = (T *)a->out + i0 * n;
        FN(take_moments)(x, n, rows, o->eps, false, &m);
        for (int64_t i = 0; i < rows; i++, x += n, y += n) {
            T r = m.r[i];
            if (weight)
                for (int64_t j = 0; j < n; j++) y[j] = x[j] * r * weight[j];
            else
                for (int64_t j = 0; j < n; j++) y[j] = x[j] * r;
        }
    }
    return -1;
}
#endif

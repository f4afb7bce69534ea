/* tan(x), x in radians of any size; d/dx = 1 + tan(x)^2. NaN at the infinities. A node of its own: one reduction of the angle,
 * where sin / cos takes two. */
#ifndef WG_KERNEL_PART
#include "tape/op.h"

static wg_tensor slope(const wg_rule *r, int i)
{
    (void)i;
    return wg_add(wg_square(r->out), wg_num(1));
}

/* values and gradients: PyTorch 1.13.1 in f64 */
static const wg_sample samples[] = {
    {.call = "tan([-1, 0.25, 0.5, 2.5])", .value = "[-1.5574077246549023, 0.25534192122103627, 0.5463024898437905, -0.7470222972386603]",
     .grad = "[3.42551882081476, 1.06519949673285, 1.2984464104095248, 1.5580423125717253]"},
    {.call = "tan([inf, -inf, nan])", .value = "[nan, nan, nan]", .grad = "[nan, nan, nan]", .kink = true},
    {.call = "tan([0, -0.0])", .value = "[0, -0.0]", .grad = "[1, 1]", .kink = true},
    {.call = "tan([501, -13437.75, 1048576])", .value = "[11.872737300627563, -2.284685836160716, 0.350169740126609]",
     .grad = "[141.96189100971307, 6.219789369953389, 1.1226188469003369]", .kink = true},
    {.call = "tan([1.5707963267948966, -1.5707963267948966])", .value = "[1.633123935319537e+16, -1.633123935319537e+16]",
     .grad = "[2.6670937881135714e+32, 2.6670937881135714e+32]", .kink = true},
    {.call = "tan([[0.1, -0.2, 0.3], [-0.4, 3.5, -0.6]])",
     .value = "[[0.10033467208545055, -0.2027100355086725, 0.30933624960962325], [-0.4227932187381618, 0.3745856401585947, "
              "-0.6841368083416923]]",
     .grad = "[[1.0100670464224948, 1.0410913584959274, 1.095688915322547], [1.1787541058109752, 1.1403144018130242, "
             "1.4680431725279575]]"},
    {.call = "tan(0.25)", .value = "0.25534192122103627", .grad = "1.06519949673285"},
    {.call = "tan([[0.25]])", .value = "[[0.25534192122103627]]", .grad = "[[1.06519949673285]]"},
    {.call = "tan(f64[0, 3]())", .value = "f64[0, 3]()", .grad = "f64[0, 3]()"},
    {.call = "tan(f64[2, 0, 1]())", .value = "f64[2, 0, 1]()", .grad = "f64[2, 0, 1]()"},
    {.call = "tan(i64[1, 2])", .refused = "must be f32 or f64"},
    {.call = "tan(bool[true])", .refused = "must be f32 or f64"},
    {.call = "tan(u8[1])", .refused = "must be f32 or f64"},
    {.call = "tan([1], [2])", .refused = "tan"},
    {.call = "tan([1]; axis=0)", .refused = "axis"},
    {.call = "tan()", .refused = "tan"},
    {0}};

#define WG_OVER WG_OVER_REALS
#include "tape/instances.h"

const wg_op wg_op_tan = {WG_LINE(tan), .kind = WG_ELEMENTWISE, .slope = slope, .kernel = kernels, .samples = samples};
#else

static int64_t FN(kernel)(const wg_args *a, int64_t lo, int64_t hi)
{
    const T *x = a->in[0];
    T *y = a->out;
    for (int64_t i = lo; i < hi; i++) y[i] = M(tan)(x[i]);
    return -1;
}
#endif

/* erfc(x) = 1 - erf(x); d/dx = -2/sqrt(pi) exp(-x^2). A node of its own: for x beyond 1 it keeps the digits that 1 - erf(x)
 * loses, down to the smallest numbers. */
#ifndef WG_KERNEL_PART
#include "tape/op.h"

static wg_tensor slope(const wg_rule *r, int i)
{
    return wg_mul(wg_num(-1.12837916709551257390), wg_exp(wg_neg(wg_square(r->in[i]))));
}

/* values and gradients: PyTorch 1.13.1 in f64 */
static const wg_sample samples[] = {
    {.call = "erfc([-1, 0.25, 0.5, 2.5])", .value = "[1.8427007929497148, 0.7236736098317631, 0.4795001221869535, 0.0004069520174449589]",
     .grad = "[-0.4151074974205947, -1.0600141293761143, -0.8787825789354448, -0.00217828423035271]"},
    {.call = "erfc([1000, -1000])", .value = "[0, 2]", .grad = "[0, 0]", .kink = true},
    {.call = "erfc([inf, -inf, nan])", .value = "[0, 2, nan]", .grad = "[0, 0, nan]", .kink = true},
    {.call = "erfc([0, -0.0])", .value = "[1, 1]", .grad = "[-1.1283791670955126, -1.1283791670955126]", .kink = true},
    {.call = "erfc([10, 26])", .value = "[2.088487583762545e-45, 5.663192408856143e-296]",
     .grad = "[-4.197656231354417e-44, -2.9470349932662693e-294]", .kink = true},
    {.call = "erfc([4, -4, 5.5])", .value = "[1.541725790028002e-08, 1.999999984582742, 7.357847917974398e-15]",
     .grad = "[-1.2698234671866558e-07, -1.2698234671866558e-07, -8.223316045262922e-14]"},
    {.call = "erfc(0.25)", .value = "0.7236736098317631", .grad = "-1.0600141293761143"},
    {.call = "erfc([[0.25]])", .value = "[[0.7236736098317631]]", .grad = "[[-1.0600141293761143]]"},
    {.call = "erfc(~[4, 5])"},
    {.call = "erfc(~[3, 1, 2])"},
    {.call = "erfc(~[37])"},
    {.call = "erfc(f64[0, 3]())", .value = "f64[0, 3]()", .grad = "f64[0, 3]()"},
    {.call = "erfc(f64[2, 0, 1]())", .value = "f64[2, 0, 1]()", .grad = "f64[2, 0, 1]()"},
    {.call = "erfc(i64[1, 2])", .refused = "must be f32 or f64"},
    {.call = "erfc(bool[true])", .refused = "must be f32 or f64"},
    {.call = "erfc(u8[1])", .refused = "must be f32 or f64"},
    {.call = "erfc([1], [2])", .refused = "erfc"},
    {.call = "erfc([1]; axis=0)", .refused = "axis"},
    {.call = "erfc()", .refused = "erfc"},
    {0}};

#define WG_OVER WG_OVER_REALS
#include "tape/instances.h"

const wg_op wg_op_erfc = {WG_LINE(erfc), .kind = WG_ELEMENTWISE, .slope = slope, .kernel = kernels, .samples = samples};
#else

static int64_t FN(kernel)(const wg_args *a, int64_t lo, int64_t hi)
{
    const T *x = a->in[0];
    T *y = a->out;
    for (int64_t i = lo; i < hi; i++) y[i] = M(erfc)(x[i]);
    return -1;
}
#endif

/* soft_margin_loss(x, target; reduction) = log(1 + exp(-target x)), then the mean, the sum or neither: F.soft_margin_loss, by
 * softplus, which does not overflow where -target x is large (torch: inf). target is -1 or 1, in x's dtype or as integers.
 * Differentiable in both. Shapes must be equal. */
#include "ops/loss/reduction.h"

static bool shape(wg_call *c)
{
    const wg_soft_margin_loss_options *o = c->attrs;
    return wg__same_as_target(c) && wg__labels_fit(c, 1) && wg__reduced_shape(c, o->reduction);
}

static wg_tensor define(const wg_rule *r)
{
    const wg_soft_margin_loss_options *o = r->attrs;
    wg_tensor x = r->in[0], against = wg_neg(wg_mul(wg__labels(r->in[1], x), x));
    return wg__reduce_loss(wg_softplus(against, .threshold = (double)INFINITY), o->reduction);
}

/* values and gradients: PyTorch 1.13.1 in f64 */
static const wg_sample samples[] = {
    {.call = "soft_margin_loss([0.5, 2, 0.25, -3], [1, 1, -1, -1])", .value = "0.3688829416689162",
     .grad = "[-0.09438516719953637, -0.029800730505529387, 0.14054412522144952, 0.011856468294391697]; [-0.04719258359976818, "
             "-0.05960146101105877, -0.03513603130536238, 0.03556940488317509]"},
    {.call = "soft_margin_loss([0.5, 2, 0.25, -3], [1, 1, -1, -1]; reduction=\"sum\")", .value = "1.4755317666756649",
     .grad = "[-0.37754066879814546, -0.11920292202211755, 0.5621765008857981, 0.04742587317756679]; [-0.18877033439907273, "
             "-0.2384058440442351, -0.14054412522144952, 0.14227761953270035]"},
    {.call = "soft_margin_loss([0.5, 2, 0.25, 3], i64[1, 1, -1, -1]; reduction=\"none\")",
     .value = "[0.4740769841801067, 0.1269280110429726, 0.8259394198788436, 3.048587351573742]",
     .grad = "[-0.37754066879814546, -0.11920292202211755, 0.5621765008857981, 0.9525741268224333]"},
    {.call = "soft_margin_loss([[0.5, -2], [0.25, 3]], i32[[1, -1], [-1, 1]]; reduction=\"none\")",
     .value = "[[0.4740769841801067, 0.1269280110429726], [0.8259394198788436, 0.048587351573741965]]",
     .grad = "[[-0.37754066879814546, 0.11920292202211755], [0.5621765008857981, -0.04742587317756679]]"},
    {.call = "soft_margin_loss([0.5, 2], u8[1, 1]; reduction=\"none\")", .value = "[0.4740769841801067, 0.1269280110429726]",
     .grad = "[-0.37754066879814546, -0.11920292202211755]"},
    {.call = "soft_margin_loss([0, -0.0], [1, -1]; reduction=\"none\")", .value = "[0.6931471805599453, 0.6931471805599453]",
     .grad = "[-0.5, 0.5]; [0, 0]"},
    {.call = "soft_margin_loss([1000, -1000, -30], [1, 1, 1]; reduction=\"none\")", .value = "[0, 1000, 30.000000000000092]",
     .grad = "[0, -1, -0.9999999999999064]; [0, 1000, 29.999999999997193]", .kink = true},
    {.call = "soft_margin_loss([inf, -inf, nan, 1], [1, 1, 1, nan]; reduction=\"none\")", .value = "[0, inf, nan, nan]",
     .grad = "[0, -1, nan, nan]; [nan, inf, nan, nan]", .kink = true},
    {.call = "soft_margin_loss(f64 0.25, f64 -1)", .value = "0.8259394198788436", .grad = "0.5621765008857981; -0.14054412522144952"},
    {.call = "soft_margin_loss(f64[0](), f64[0]())", .value = "nan", .grad = "f64[0](); f64[0]()", .kink = true},
    {.call = "soft_margin_loss(f64[0](), f64[0](); reduction=\"sum\")", .value = "0", .grad = "f64[0](); f64[0]()"},
    {.call = "soft_margin_loss(f64[0, 3](), f64[0, 3](); reduction=\"none\")", .value = "f64[0, 3]()",
     .grad = "f64[0, 3](); f64[0, 3]()"},
    {.call = "soft_margin_loss(~[3, 4], i64[[1, 1, -1, -1], [-1, 1, -1, 1], [1, -1, 1, 1]])"},
    {.call = "soft_margin_loss(~[37], ~[37]; reduction=\"sum\")"},
    {.call = "soft_margin_loss([[1], [2]], [1, 2])", .refused = "x is f64[2,1], target is f64[2]: their shapes differ"},
    {.call = "soft_margin_loss([1, 2], [1, 2, 3])", .refused = "their shapes differ"},
    {.call = "soft_margin_loss([1], bool[true])", .refused = "target is bool[1], which must be of the same dtype or integers"},
    {.call = "soft_margin_loss([1], f32[1])", .refused = "target is f32[1], which must be of the same dtype or integers"},
    {.call = "soft_margin_loss([1], [1]; reduction=\"max\")", .refused = "reduction=\"max\" is not one of mean, sum, none"},
    {.call = "soft_margin_loss(i64[1], i64[1])", .refused = "must be f32 or f64"},
    {0}};

const wg_op wg_op_soft_margin_loss = {WG_LINE(soft_margin_loss), .kind = WG_BLOCK, .any_dtype = 2, .shape = shape, .define = define,
                                      .samples = samples};

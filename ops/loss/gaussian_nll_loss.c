/* gaussian_nll_loss(x, target, var; eps, reduction) = (log v + (x - target)^2 / v) / 2, v = max(var, eps), then the mean, the
 * sum or neither: F.gaussian_nll_loss, without the constant log(2 pi) / 2. var has x's shape, or the last axis left out or of
 * size 1. Differentiable in all three; for var the derivative is that at v, also below eps, so that training gets out of there
 * (as torch has it; differences do not see it). A var below 0 gives NaN (torch refuses it). Nix and Weigend 1994. */
#include "ops/loss/reduction.h"

static bool shape(wg_call *c)
{
    const wg_gaussian_nll_loss_options *o = c->attrs;
    const wg_shape *var = c->in[2].shape;
    char a[128], b[128];
    if (!(o->eps > 0)) return wg__refuse(c, "eps is %g, must be above 0", o->eps);
    if (!wg__same_as_target(c)) return false;
    int last = c->shape.rank - 1;
    bool fits = var->rank == c->shape.rank || (last >= 0 && var->rank == last);
    for (int i = 0; fits && i < var->rank; i++) fits = (i == last && var->dim[i] == 1) || wg__same_size(c, &c->shape.dim[i], var->dim[i]);
    if (!fits)
        return wg__refuse(c, "x is %s, var is %s: it must have x's shape, or the last axis left out or of size 1",
                          wg__show_type(a, c->in[0]), wg__show_type(b, c->in[2]));
    return wg__reduced_shape(c, o->reduction);
}

static wg_tensor define(const wg_rule *r)
{
    const wg_gaussian_nll_loss_options *o = r->attrs;
    wg_tensor x = r->in[0], var = r->in[2], eps = wg_num(o->eps);
    if (wg_shape_get(var).rank < wg_shape_get(x).rank) var = wg_unsqueeze(var, WG_INTS(-1));
    wg_tensor lifted = wg_add(var, wg_stop_gradient(wg_sub(eps, var))), v = wg_where(wg_lt(var, eps), lifted, var);
    v = wg_where(wg_lt(var, wg_num(0)), wg_num((double)NAN), v);
    wg_tensor off = wg_div(wg_square(wg_sub(x, r->in[1])), v);
    return wg__reduce_loss(wg_mul(wg_num(0.5), wg_add(wg_log(v), off)), o->reduction);
}

/* values and gradients: PyTorch 1.13.1 in f64 */
static const wg_sample samples[] = {
    {.call = "gaussian_nll_loss([0.5, -2, 0.25, 3], [1, 0, 5, 2], [1, 0.5, 2, 4])", .value = "2.6459430451399863",
     .grad = "[-0.125, -1, -0.59375, 0.0625]; [0.125, 1, 0.59375, -0.0625]; [0.09375, -1.75, -0.642578125, 0.0234375]"},
    {.call = "gaussian_nll_loss([0.5, -2, 0.25, 3], [1, 0, 5, 2], [1, 0.5, 2, 4]; reduction=\"sum\")", .value = "10.583772180559945",
     .grad = "[-0.5, -4, -2.375, 0.25]; [0.5, 4, 2.375, -0.25]; [0.375, -7, -2.5703125, 0.09375]"},
    {.call = "gaussian_nll_loss([[0.5, -2], [0.25, 3]], [[1, 0], [5, 2]], [[1, 0.5], [2, 4]]; reduction=\"none\")",
     .value = "[[0.125, 3.6534264097200273], [5.987198590279973, 0.8181471805599453]]",
     .grad = "[[-0.5, -4], [-2.375, 0.25]]; [[0.5, 4], [2.375, -0.25]]; [[0.375, -7], [-2.5703125, 0.09375]]"},
    {.call = "gaussian_nll_loss([[0.5, -2], [0.25, 3]], [[1, 0], [5, 2]], [0.5, 2]; reduction=\"none\")",
     .value = "[[-0.09657359027997264, 3.6534264097200273], [5.987198590279973, 0.5965735902799727]]",
     .grad = "[[-1, -4], [-2.375, 0.5]]; [[1, 4], [2.375, -0.5]]; [-6.5, -2.4453125]"},
    {.call = "gaussian_nll_loss([[0.5, -2], [0.25, 3]], [[1, 0], [5, 2]], [[0.5], [2]])", .value = "2.53515625",
     .grad = "[[-0.25, -1], [-0.59375, 0.125]]; [[0.25, 1], [0.59375, -0.125]]; [[-1.625], [-0.611328125]]"},
    {.call = "gaussian_nll_loss([0.5, -2, 1], [0.5, -2.5, 1], [0, 1e-07, 1e-06]; reduction=\"none\")",
     .value = "[-6.907755278982137, 124993.09224472102, -6.907755278982137]",
     .grad = "[0, 500000, 0]; [0, -500000, 0]; [500000, -124999500000, 500000]", .kink = true},
    {.call = "gaussian_nll_loss([0.5, -2], [1, 0], [0.25, 1]; eps=0.5, reduction=\"none\")", .value = "[-0.09657359027997264, 2]",
     .grad = "[-1, -2]; [1, 2]; [0.5, -1.5]", .kink = true},
    {.call = "gaussian_nll_loss([1, 2], [1, 2], [-1, -1e-09]; reduction=\"none\")", .value = "[nan, nan]",
     .grad = "[nan, nan]; [nan, nan]; [0, 0]", .kink = true},
    {.call = "gaussian_nll_loss([nan, inf, 1, 1], [1, 1, 1, 2], [1, 1, nan, inf]; reduction=\"none\")", .value = "[nan, inf, nan, inf]",
     .grad = "[nan, inf, nan, 0]; [nan, -inf, nan, 0]; [nan, -inf, nan, 0]", .kink = true},
    {.call = "gaussian_nll_loss(f64 0.25, f64 2, f64 1.5)", .value = "1.2235658873874153",
     .grad = "-1.1666666666666665; 1.1666666666666665; -0.34722222222222215"},
    {.call = "gaussian_nll_loss(f64[0](), f64[0](), f64[0]())", .value = "nan", .grad = "f64[0](); f64[0](); f64[0]()", .kink = true},
    {.call = "gaussian_nll_loss(f64[0](), f64[0](), f64[0](); reduction=\"sum\")", .value = "0", .grad = "f64[0](); f64[0](); f64[0]()"},
    {.call = "gaussian_nll_loss(f64[0, 3](), f64[0, 3](), f64[0, 3](); reduction=\"none\")", .value = "f64[0, 3]()",
     .grad = "f64[0, 3](); f64[0, 3](); f64[0, 3]()"},
    {.call = "gaussian_nll_loss(~[3, 4], ~[3, 4], +[3, 4])"},
    {.call = "gaussian_nll_loss(~[37], ~[37], +[37]; reduction=\"sum\")"},
    {.call = "gaussian_nll_loss(~[3, 4], ~[3, 4], +[3])"},
    {.call = "gaussian_nll_loss([[1], [2]], [1, 2], [1, 2])", .refused = "x is f64[2,1], target is f64[2]: their shapes differ"},
    {.call = "gaussian_nll_loss([1, 2], [1, 2], [1, 2, 3])", .refused = "x is f64[2], var is f64[3]: it must have x's shape"},
    {.call = "gaussian_nll_loss([[1, 2]], [[1, 2]], [1, 2])", .refused = "it must have x's shape, or the last axis left out"},
    {.call = "gaussian_nll_loss([1], [1], [1]; eps=0)", .refused = "eps is 0, must be above 0"},
    {.call = "gaussian_nll_loss([1], [1], [1]; eps=nan)", .refused = "eps is nan"},
    {.call = "gaussian_nll_loss([1], [1], f32[1])", .refused = "cast one to the other's dtype"},
    {.call = "gaussian_nll_loss([1], [1], [1]; reduction=\"max\")", .refused = "reduction=\"max\" is not one of mean, sum, none"},
    {.call = "gaussian_nll_loss(i64[1], i64[1], i64[1])", .refused = "must be f32 or f64"},
    {0}};

const wg_op wg_op_gaussian_nll_loss = {WG_LINE(gaussian_nll_loss), .kind = WG_BLOCK, .shape = shape, .define = define,
                                       .samples = samples};

/* norm(x; p, axes, keepdim) = (sum |x|^p)^(1/p) along axes, as torch.linalg.vector_norm; p = inf: the largest |x|; p = 0: how many are
 * not 0. The derivative is 0 where x is the zero vector, of any order, and where an element is 0 and p < 1; for p = inf it is
 * split evenly among those that attain it, each with its sign. Of nothing 0; for p = inf refused. The sum of powers may overflow where
 * the norm would not, as in torch. By definition alone: powers and sum run as one pass. */
#include "ops/reduce/along.h"

static bool shape(wg_call *c)
{
    const wg_norm_options *o = c->attrs;
    if (!(o->p >= 0)) return wg__refuse(c, "p is %g, must be 0 or more", o->p);
    return wg__along(c, &o->axes, o->keepdim, isinf(o->p) ? "largest" : NULL);
}

/* |x|^p. No even power asks for |x|, which would hide the derivatives of order p at 0. */
static wg_tensor power(wg_tensor x, double p)
{
    if (p == 2) return wg_square(x);
    if (fmod(p, 2) == 0) return wg_pow(x, wg_num(p));
    wg_tensor a = wg_abs(x), none = wg_eq(x, wg_num(0));
    return p == 1 ? a : wg_where(none, wg_num(0), wg_pow(wg_where(none, wg_num(1), a), wg_num(p)));
}

static wg_tensor define(const wg_rule *r)
{
    const wg_norm_options *o = r->attrs;
    wg_tensor x = r->in[0];
    if (isinf(o->p)) return wg_max(wg_abs(x), .axes = o->axes, .keepdim = o->keepdim);
    wg_tensor powers = o->p == 0 ? wg_cast(wg_ne(x, wg_num(0)), wg_dtype_get(x)) : power(x, o->p);
    wg_tensor total = wg_sum(powers, .axes = o->axes, .keepdim = o->keepdim);
    if (o->p == 0 || o->p == 1) return total;
    wg_tensor none = wg_eq(total, wg_num(0)), some = wg_where(none, wg_num(1), total);
    /* twice: the root of 0, whose slope is inf, is nowhere */
    return wg_where(none, wg_num(0), o->p == 2 ? wg_sqrt(some) : wg_pow(some, wg_num(1 / o->p)));
}

static const wg_sample samples[] = {
    {.call = "norm([3, -4])", .value = "5", .grad = "[0.6, -0.8]"},
    {.call = "norm([0, -3, 4])", .value = "5", .grad = "[0, -0.6, 0.8]"},
    {.call = "norm([0, 0, 0])", .value = "0", .grad = "[0, 0, 0]", .kink = true},
    {.call = "norm([[3, -4, 0], [0, 0, 0]]; axes=[1])", .value = "[5, 0]", .grad = "[[0.6, -0.8, 0], [0, 0, 0]]", .kink = true},
    {.call = "norm([[3, -4], [4, 3]]; axes=[0], keepdim=true)", .value = "[[5, 5]]", .grad = "[[0.6, -0.8], [0.8, 0.6]]"},
    {.call = "norm([1, inf])", .value = "inf", .grad = "[0, nan]", .kink = true},
    {.call = "norm([nan, 1])", .value = "nan", .grad = "[nan, nan]", .kink = true},
    {.call = "norm(f64[0]())", .value = "0", .grad = "f64[0]()", .kink = true},
    {.call = "norm(-2.5)", .value = "2.5", .grad = "-1", .kink = true}, /* smooth, but its second derivative is all rounding */
    {.call = "norm(-2.5; p=1, axes=[0])", .value = "2.5", .grad = "-1"},
    {.call = "norm([2, -2, 0, nan]; p=0)", .value = "3", .grad = "[0, 0, 0, 0]", .kink = true},
    {.call = "norm([3, -4]; p=0)", .value = "2", .grad = "[0, 0]"},
    {.call = "norm([3, -4]; p=0.5)", .value = "13.928203230275509", .grad = "[2.154700538379252, -1.8660254037844386]"},
    {.call = "norm([[0, -3, 4], [0, 0, 0]]; p=0.5, axes=[1])", .value = "[13.928203230275509, 0]",
     .grad = "[[0, -2.154700538379252, 1.8660254037844386], [0, 0, 0]]", .kink = true},
    {.call = "norm([1, inf]; p=0.5)", .value = "inf", .grad = "[inf, nan]", .kink = true},
    {.call = "norm([1, -2, 2]; p=1)", .value = "5", .grad = "[1, -1, 1]"},
    {.call = "norm([0, -3, nan]; p=1)", .value = "nan", .grad = "[0, -1, 0]", .kink = true},
    {.call = "norm([[0, -3, 4], [0, 0, 0]]; p=1.5, axes=[1])", .value = "[5.584250376480029, 0]",
     .grad = "[[0, -0.7329564758289748, 0.8463452372482761], [0, 0, 0]]", .kink = true},
    {.call = "norm([1, -2, 2]; p=3)", .value = "2.571281590658235",
     .grad = "[0.15125185827401386, -0.6050074330960554, 0.6050074330960554]"},
    {.call = "norm([0, -3, 4]; p=3)", .value = "4.497941445275415", .grad = "[0, -0.4448513517305356, 0.7908468475209521]", .kink = true},
    {.call = "norm([0, -3, 4]; p=4)", .value = "4.284572294953817", .grad = "[0, -0.34327433817137415, 0.813687320109924]"},
    {.call = "norm([0, 0]; p=4)", .value = "0", .grad = "[0, 0]", .kink = true},
    {.call = "norm([3, -4]; p=10)", .value = "4.021974149822332", .grad = "[0.07147230984399318, -0.951889305072588]"},
    {.call = "norm([3, -4]; p=inf)", .value = "4", .grad = "[0, -1]"},
    {.call = "norm([2, -2, 1]; p=inf)", .value = "2", .grad = "[0.5, -0.5, 0]", .kink = true},
    {.call = "norm([0, 0, 0]; p=inf)", .value = "0", .grad = "[0, 0, 0]", .kink = true},
    {.call = "norm([-inf, 2]; p=inf)", .value = "inf", .grad = "[-1, 0]", .kink = true},
    {.call = "norm([nan, 1]; p=inf)", .value = "nan", .grad = "[0, 0]", .kink = true},
    {.call = "norm(f64[0, 3](); p=inf, axes=[1])", .value = "f64[0]()", .grad = "f64[0, 3]()"},
    {.call = "norm(~[3, 2, 4]; axes=[0, -1])"},
    {.call = "norm(~[20, 7]; axes=[0], p=2.5)"},
    {.call = "norm(f64[0](); p=inf)", .refused = "axis 0 is empty: nothing is its largest"},
    {.call = "norm([1]; p=-1)", .refused = "p is -1, must be 0 or more"},
    {.call = "norm([1]; p=nan)", .refused = "p is nan"},
    {.call = "norm([[1]]; axes=[])", .refused = "axes=[]"},
    {.call = "norm([[1]]; axes=[0, -2])", .refused = "appears twice"},
    {.call = "norm([[1]]; axes=[2])", .refused = "axis 2 is out of range for rank 2"},
    {.call = "norm(i64[1, 2])", .refused = "must be f32 or f64"},
    {0}};

const wg_op wg_op_norm = {WG_LINE(norm), .kind = WG_BLOCK, .shape = shape, .define = define, .samples = samples};

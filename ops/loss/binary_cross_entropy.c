/* binary_cross_entropy(p, target, weight?; reduction) = -weight (target log p + (1 - target) log(1 - p)), then the mean, the sum or
 * neither: F.binary_cross_entropy. A logarithm is no less than -100, log(1 - p) is by log1p, and the derivative in p is
 * (p - target) / max(p (1 - p), 1e-12), as torch has it: where p is the sigmoid of a large x, loss and gradient are wrong, and
 * bce_with_logits, which takes x itself, is right. Differentiable in all three; weight broadcasts to p. A p below 0 or above 1 fails
 * the run; NaN gives NaN. */
#include "ops/loss/reduction.h"

static bool shape(wg_call *c)
{
    const wg_binary_cross_entropy_options *o = c->attrs;
    return wg__same_as_target(c) && wg__weights_fit(c, 2) && wg__reduced_shape(c, o->reduction);
}

static wg_tensor define(const wg_rule *r)
{
    const wg_binary_cross_entropy_options *o = r->attrs;
    wg_tensor p = r->in[0], target = r->in[1], one = wg_num(1);
    wg_tensor yes = wg_mul(target, wg_bce_log(p)), no = wg_mul(wg_sub(one, target), wg_bce_log(p, .complement = true));
    wg_tensor loss = wg_neg(wg_add(yes, no));
    return wg__reduce_loss(r->in[2].tape ? wg_mul(loss, r->in[2]) : loss, o->reduction);
}

static const wg_sample samples[] = {
    {.call = "binary_cross_entropy([[0.25, 0.5, 0.9], [0.1, 0.75, 0.6]], [[1, 0, 1], [0, 0.25, 1]])", .value = "0.6521049142857237",
     .grad = "[[-0.6666666666666666, 0.3333333333333333, -0.18518518518518517], [0.18518518518518515, 0.4444444444444444, "
             "-0.2777777777777778]]; [[0.18310204811135158, 0, -0.3662040962227032], [0.36620409622270317, "
             "-0.18310204811135158, -0.06757751801802737]]"},
    {.call = "binary_cross_entropy([[0.25, 0.5, 0.9], [0.1, 0.75, 0.6]], [[1, 0, 1], [0, 0.25, 1]]; reduction=\"sum\")",
     .value = "3.9126294857143424",
     .grad = "[[-4, 2, -1.1111111111111112], [1.111111111111111, 2.6666666666666665, -1.6666666666666667]]; "
             "[[1.0986122886681096, 0, -2.1972245773362196], [2.197224577336219, -1.0986122886681096, "
             "-0.4054651081081643]]"},
    {.call = "binary_cross_entropy([0.25, 0.5, 0.9], [1, 0, 0.5]; reduction=\"none\")",
     .value = "[1.3862943611198906, 0.6931471805599453, 1.2039728043259361]",
     .grad = "[-4, 2, 4.4444444444444455]; [1.0986122886681096, 0, -2.1972245773362196]"},
    {.call = "binary_cross_entropy([0.25, 0.5, 0.9], [1, 0, 0.5], [2, 3, 0.5]; reduction=\"none\")",
     .value = "[2.772588722239781, 2.0794415416798357, 0.6019864021629681]",
     .grad = "[-8, 6, 2.2222222222222228]; [2.197224577336219, 0, -1.0986122886681098]; [1.3862943611198906, "
             "0.6931471805599453, 1.2039728043259361]"},
    {.call = "binary_cross_entropy([[0.25, 0.5], [0.9, 0.1]], [[1, 0], [0.5, 1]], [[2], [3]])", .value = "3.6696391938299042",
     .grad = "[[-2, 1], [3.3333333333333344, -7.5]]; [[0.5493061443340548, 0], [-1.6479184330021646, 1.6479184330021643]]; "
             "[[0.5198603854199589], [0.8766394743299954]]"},
    {.call = "binary_cross_entropy([0, 1, 0, 1], [0, 1, 1, 0]; reduction=\"none\")", .value = "[0, 0, 100, 100]",
     .grad = "[0, 0, -1000000000000, 1000000000000]; [100, -100, 100, -100]", .kink = true},
    {.call = "binary_cross_entropy([1e-13, 1e-13], [0, 1]; reduction=\"none\")",
     .value = "[1.00000000000005e-13, 29.933606208922594]",
     .grad = "[0.1, -999999999999.9]; [29.933606208922495, 29.933606208922495]", .kink = true},
    {.call = "binary_cross_entropy(0.25, 1)", .value = "1.3862943611198906", .grad = "-4; 1.0986122886681096"},
    {.call = "binary_cross_entropy([nan, 0.5], [1, nan]; reduction=\"none\")", .value = "[nan, nan]", .grad = "[nan, nan]; [nan, 0]",
     .kink = true},
    {.call = "binary_cross_entropy(f64[0](), f64[0]())", .value = "nan", .grad = "f64[0](); f64[0]()", .kink = true},
    {.call = "binary_cross_entropy(f64[0, 3](), f64[0, 3](); reduction=\"sum\")", .value = "0", .grad = "f64[0, 3](); f64[0, 3]()"},
    {.call = "binary_cross_entropy(f64[0](), f64[0](); reduction=\"none\")", .value = "f64[0]()", .grad = "f64[0](); f64[0]()"},
    {.call = "binary_cross_entropy([[0.3, 0.6, 0.2], [0.8, 0.5, 0.45]], ~[2, 3], ~[3])"},
    {.call = "binary_cross_entropy([0.3, 0.6, 0.2], +[3]; reduction=\"sum\")"},
    {.call = "binary_cross_entropy([0.5, 1.5], [1, 0])", .refused = "a probability is outside 0..1 at element 1"},
    {.call = "binary_cross_entropy([0.5, -0.5], [1, 0])", .refused = "a probability is outside 0..1 at element 1"},
    {.call = "binary_cross_entropy([1, 1], [1, 1], [1, 2, 3])", .refused = "to whose shape weight, f64[3], does not broadcast"},
    {.call = "binary_cross_entropy([1, 1], [1, 1], [[1, 2]])", .refused = "to whose shape weight, f64[1,2], does not broadcast"},
    {.call = "binary_cross_entropy([[1], [2]], [1, 2])", .refused = "p is f64[2,1], target is f64[2]: their shapes differ"},
    {.call = "binary_cross_entropy([1, 2], [1, 2, 3])", .refused = "their shapes differ"},
    {.call = "binary_cross_entropy([1], [1]; reduction=\"max\")", .refused = "reduction=\"max\" is not one of mean, sum, none"},
    {.call = "binary_cross_entropy([1], f32[1])", .refused = "cast one to the other's dtype"},
    {.call = "binary_cross_entropy(i64[1], i64[1])", .refused = "must be f32 or f64"},
    {0}};

const wg_op wg_op_binary_cross_entropy = {WG_LINE(binary_cross_entropy), .kind = WG_BLOCK, .shape = shape, .define = define,
                                          .samples = samples};

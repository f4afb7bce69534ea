/* triplet_margin_loss(anchor, positive, negative; margin, p, reduction) = max(0, margin + |anchor - positive| - |anchor - negative|),
 * then the mean over the rows, the sum or neither: F.triplet_margin_loss; Balntas and others 2016. |v| is the p-norm of v + 1e-6 along
 * the last axis, as torch has it, for p above 0 or inf; its derivative is 0 where it is 0, and where an element is 0. Where
 * the loss just gets to 0 it still has its slope, as torch's clamp. Shapes must be equal. */
#include "ops/loss/distance.h"

static bool shape(wg_call *c)
{
    const wg_triplet_margin_loss_options *o = c->attrs;
    if (!(o->p > 0)) return wg__refuse(c, "p is %g, must be above 0", o->p);
    if (isnan(o->margin)) return wg__refuse(c, "margin is nan");
    return wg__same_as(c, 1) && wg__same_as(c, 2) && wg__vector_rows(c) && wg__reduced_shape(c, o->reduction);
}

static wg_tensor distance(wg_tensor a, wg_tensor b, double p)
{
    wg_tensor v = wg_add(wg_sub(a, b), wg_num(1e-6)), size = wg_abs(v);
    if (isinf(p)) return wg_max(size, .axes = WG_INTS(-1));
    if (p < 1 || p > 1) {
        wg_tensor none = wg_eq(size, wg_num(0)), power = wg_pow(wg_where(none, wg_num(1), size), wg_num(p));
        size = p < 2 || p > 2 ? wg_where(none, wg_num(0), power) : wg_square(v);
    }
    wg_tensor total = wg_sum(size, .axes = WG_INTS(-1));
    return p < 1 || p > 1 ? wg__root(total, p) : total;
}

static wg_tensor define(const wg_rule *r)
{
    const wg_triplet_margin_loss_options *o = r->attrs;
    wg_tensor near = distance(r->in[0], r->in[1], o->p), far = distance(r->in[0], r->in[2], o->p);
    return wg__reduce_loss(wg_clamp(wg_sub(wg_add(near, wg_num(o->margin)), far), .min = 0), o->reduction);
}

static const wg_sample samples[] = {
    {.call = "triplet_margin_loss([[1, 2], [0, -1], [3, 0.5]], [[1.25, 1.5], [2, -1.25], [0, 2]], [[1.5, 2.25], [-0.5, -3], [8, 7]])",
     .value = "0.6513371107335111",
     .grad = "[[0.1490720332987453, 0.44721371475515176], [-0.4116045918188923, -0.2820357101286004], [0, 0]]; "
             "[[0.14907048295837627, -0.29814275476970353], [0.3307592693391084, -0.04134509471957057], [0, 0]]; "
             "[[-0.29814251625712157, -0.14907095998544823], [0.08084532247978393, 0.32338080484817094], [0, 0]]"},
    {.call = "triplet_margin_loss([[1, 2], [0, -1]], [[1.25, 1.5], [2, -1.25]], [[1.5, 2.25], [-0.5, -3]]; reduction=\"sum\")",
     .value = "1.9540113322005332",
     .grad = "[[0.4472160998962359, 1.3416411442654552], [-1.234813775456677, -0.8461071303858012]]; "
             "[[0.44721144887512887, -0.8944282643091106], [0.9922778080173251, -0.12403528415871172]]; "
             "[[-0.8944275487713648, -0.4472128799563447], [0.2425359674393518, 0.9701424145445129]]"},
    {.call = "triplet_margin_loss([[1, 2], [0, -1]], [[1.25, 1.5], [2, -1.25]], [[1.5, 2.25], [-0.5, -3]]; margin=2, reduction=\"none\")",
     .value = "[2.000001788855813, 1.9540095433447209]",
     .grad = "[[0.4472160998962359, 1.3416411442654552], [-1.234813775456677, -0.8461071303858012]]; "
             "[[0.44721144887512887, -0.8944282643091106], [0.9922778080173251, -0.12403528415871172]]; "
             "[[-0.8944275487713648, -0.4472128799563447], [0.2425359674393518, 0.9701424145445129]]"},
    {.call = "triplet_margin_loss([[1, 2], [0, -1]], [[1.25, 1.5], [2, -1.25]], [[1.5, 2.25], [-0.5, -3]]; p=1, reduction=\"none\")",
     .value = "[1.0000019999999998, 0.7499979999999997]", .grad = "[[0, 2], [-2, 0]]; [[1, -1], [1, -1]]; [[-1, -1], [1, 1]]"},
    {.call = "triplet_margin_loss([[1, 2], [0, -1]], [[1.25, 1.5], [2, -1.25]], [[1.5, 2.25], [-0.5, -3]]; p=3, reduction=\"none\")",
     .value = "[1.0000018489650417, 0.9909363225771664]",
     .grad = "[[0.6933641505079313, 1.1556025347893943], [-1.0605575168290102, -0.9741122359542134]]; "
             "[[0.2311179595072314, -0.9244829317686382], [0.9987000147490616, -0.015604828173029873]]; "
             "[[-0.9244821100151628, -0.23111960302075618], [0.06185750207994861, 0.9897170641272433]]"},
    {.call = "triplet_margin_loss([[1, 2], [0, -1]], [[1.25, 1.5], [2, -1.25]], [[1.5, 2.25], [-0.5, -3]]; p=1.5, reduction=\"none\")",
     .value = "[1.0000018080277515, 0.8951234140250732]",
     .grad = "[[0.2647810485125067, 1.5432476474473615], [-1.4664383301548654, -0.613005460783163]]; [[0.6392325910728964, "
             "-0.9040141118471643], [0.9856881528861586, -0.34849417263015664]]; [[-0.9040136395854032, "
             "-0.6392335356001971], [0.48075017726870684, 0.9614996334133196]]"},
    {.call = "triplet_margin_loss([[1, 2], [0, -1]], [[1.25, 1.5], [2, -1.25]], [[1.5, 2.25], [-0.5, -3]]; p=0.5, reduction=\"none\")",
     .value = "[1.000003414210734, 0.164211537243812]",
     .grad = "[[-0.7071117309463903, 4.121319636458872], [-4.353552686090342, 2.328420385803785]]; [[2.4142178050243888, "
             "-1.7071046598672648], [1.3535541860879055, -3.8284207608034566]]; [[-1.7071060740779984, "
             "-2.414214976591607], [2.9999985000024374, 1.5000003749996718]]"},
    {.call = "triplet_margin_loss([[1, 2], [0, -1]], [[1.25, 1.5], [2, -1.25]], [[1.5, 2.25], [-0.5, -3]]; p=inf, reduction=\"none\")",
     .value = "[1.000002, 0.9999979999999997]", .grad = "[[1, 1], [-1, -1]]; [[0, -1], [1, 0]]; [[-1, 0], [0, 1]]"},
    {.call = "triplet_margin_loss([1, 2], [1.5, 2], [1, 3])", .value = "0.5000000000005",
     .grad = "[-1.0000009999989998, 1.0000020000035001]; [0.9999999999979999, -2.0000040000039997e-06]; "
             "[1.0000010000005002e-06, -0.9999999999995001]"},
    {.call = "triplet_margin_loss([[1, 2]], [[1, 2]], [[1, 2]]; margin=0, reduction=\"none\")", .value = "[0]",
     .grad = "[[0, 0]]; [[-0.7071067811865476, -0.7071067811865476]]; [[0.7071067811865476, 0.7071067811865476]]", .kink = true},
    {.call = "triplet_margin_loss([[0, 0]], [[1e-06, 1e-06]], [[3, 4]]; margin=6, reduction=\"none\")",
     .value = "[1.000001399999996]",
     .grad = "[[0.5999999679999906, 0.800000024000006]]; [[0, 0]]; [[-0.5999999679999906, -0.800000024000006]]", .kink = true},
    {.call = "triplet_margin_loss([[0, 1]], [[1e-06, 0]], [[1, 1e-06]]; margin=6, p=0.5, reduction=\"none\")",
     .value = "[3.0000030000002496]",
     .grad = "[[2.000000500000375, -0.9999994999998751]]; [[0, -1]]; [[-2.000000500000375, 1.9999994999998751]]", .kink = true},
    {.call = "triplet_margin_loss([[0, 1]], [[1e-06, 0]], [[1, 1e-06]]; margin=6, p=1, reduction=\"none\")", .value = "[5.000002]",
     .grad = "[[1, 0]]; [[0, -1]]; [[-1, 1]]", .kink = true},
    {.call = "triplet_margin_loss([[0, 1]], [[1e-06, 0]], [[1, 1e-06]]; margin=6, p=3, reduction=\"none\")",
     .value = "[5.740080580065337]",
     .grad = "[[0.6299598949864391, 0.370038845091881]]; [[0, -1]]; [[-0.6299598949864391, 0.629961154908119]]", .kink = true},
    {.call = "triplet_margin_loss([[nan, 2], [inf, 1]], [[1, 2], [1, 2]], [[1, 2], [0, 0]]; reduction=\"none\")",
     .value = "[nan, nan]", .grad = "[[nan, nan], [nan, 0]]; [[nan, nan], [nan, 0]]; [[nan, nan], [nan, 0]]", .kink = true},
    {.call = "triplet_margin_loss(f64[0, 3](), f64[0, 3](), f64[0, 3]())", .value = "nan",
     .grad = "f64[0, 3](); f64[0, 3](); f64[0, 3]()", .kink = true},
    {.call = "triplet_margin_loss(f64[0, 3](), f64[0, 3](), f64[0, 3](); reduction=\"sum\")", .value = "0",
     .grad = "f64[0, 3](); f64[0, 3](); f64[0, 3]()"},
    {.call = "triplet_margin_loss(f64[2, 0](), f64[2, 0](), f64[2, 0](); reduction=\"none\")", .value = "[1, 1]",
     .grad = "f64[2, 0](); f64[2, 0](); f64[2, 0]()"},
    {.call = "triplet_margin_loss(~[3, 4], ~[3, 4], ~[3, 4]; margin=3)"},
    {.call = "triplet_margin_loss(~[2, 3, 2], ~[2, 3, 2], ~[2, 3, 2]; margin=5, p=1, reduction=\"sum\")"},
    {.call = "triplet_margin_loss(~[2, 3], ~[2, 3], ~[2, 3]; margin=5, p=4)"},
    {.call = "triplet_margin_loss(~[2, 3], ~[2, 3], ~[2, 3]; margin=5, p=inf)"},
    {.call = "triplet_margin_loss([[1, 2]], [1, 2], [[1, 2]])",
     .refused = "anchor is f64[1,2], positive is f64[2]: their shapes differ"},
    {.call = "triplet_margin_loss([[1, 2]], [[1, 2]], [[1]])",
     .refused = "anchor is f64[1,2], negative is f64[1,1]: their shapes differ"},
    {.call = "triplet_margin_loss(1.5, 2.5, 1.0)", .refused = "anchor is a scalar, which has no vectors"},
    {.call = "triplet_margin_loss([[1]], [[1]], [[1]]; p=0)", .refused = "p is 0, must be above 0"},
    {.call = "triplet_margin_loss([[1]], [[1]], [[1]]; p=nan)", .refused = "p is nan"},
    {.call = "triplet_margin_loss([[1]], [[1]], [[1]]; margin=nan)", .refused = "margin is nan"},
    {.call = "triplet_margin_loss([[1]], [[1]], i64[[1]])", .refused = "must be f32 or f64"},
    {.call = "triplet_margin_loss([[1]], [[1]], [[1]]; reduction=\"max\")",
     .refused = "reduction=\"max\" is not one of mean, sum, none"},
    {0}};

const wg_op wg_op_triplet_margin_loss = {WG_LINE(triplet_margin_loss), .kind = WG_BLOCK, .shape = shape, .define = define,
                                         .samples = samples};

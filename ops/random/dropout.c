/* dropout(x; p): inverted dropout (Srivastava et al. 2014; Hinton et al. 2012): each value is 0 with probability p, else
 * x / (1 - p), and so is the cotangent, by the same draw. On an evaluation tape the identity. p = 1 gives zeros. */
#include "tape/op.h"

static bool shape(wg_call *c)
{
    const wg_dropout_options *o = c->attrs;
    return (o->p >= 0 && o->p <= 1) || wg__refuse(c, "p is %g, must be in 0..1", o->p);
}

static wg_tensor define(const wg_rule *r)
{
    const wg_dropout_options *o = r->attrs;
    wg_tensor x = r->in[0];
    if (wg_tape_eval(r->tape)) return x;
    wg_tensor keep = wg_ge(wg__draw(r, x, "uniform"), wg_num(o->p));
    return wg_where(keep, wg_mul(x, wg_num(o->p < 1 ? 1 / (1 - o->p) : 0)), wg_num(0)); /* selects: what is dropped leaks no NaN */
}

static const wg_sample samples[] = {
    {.call = "dropout([1, 2]; p=0)", .value = "[1, 2]", .grad = "[1, 1]"},
    {.call = "dropout([1, 2]; p=1)", .value = "[0, 0]", .grad = "[0, 0]"},
    {.call = "dropout([nan, inf]; p=1)", .value = "[0, 0]", .grad = "[0, 0]", .kink = true},
    {.call = "dropout(2.5; p=0)", .value = "2.5", .grad = "1"},
    /* a tape's first draws, by random's samples: 0.399, 0.972, 0.019 */
    {.call = "dropout([2, 3, 4]; p=0.4)", .value = "[0, 5, 0]", .grad = "[0, 1.6666666666666667, 0]", .kink = true},
    {.call = "dropout(f64[0, 3]())", .value = "f64[0, 3]()", .grad = "f64[0, 3]()"},
    {.call = "dropout([1]; p=1.5)", .refused = "p is 1.5, must be in 0..1"},
    {.call = "dropout([1]; p=-0.1)", .refused = "p is -0.1, must be in 0..1"},
    {.call = "dropout([1]; p=nan)", .refused = "p is nan, must be in 0..1"},
    {.call = "dropout(i64[1])", .refused = "must be f32 or f64"},
    {0}};

const wg_op wg_op_dropout = {WG_LINE(dropout), .kind = WG_BLOCK, .shape = shape, .define = define, .samples = samples};

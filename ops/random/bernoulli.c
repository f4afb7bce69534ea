/* bernoulli(p): 1 with probability p, else 0, of p's shape and dtype, new draws in every run, also on an evaluation tape: see
 * random. As torch.bernoulli; no derivative. A p of 0 or less gives 0, one of 1 or more gives 1 (torch refuses those beyond),
 * NaN stays. By definition alone: a draw and a comparison. */
#include "tape/op.h"

static wg_tensor define(const wg_rule *r)
{
    wg_tensor p = r->in[0], draw = wg_cast(wg_lt(wg__draw(r, p, "uniform"), p), wg_dtype_get(p));
    return wg_where(wg_isnan(p), p, draw);
}

/* values and gradients: a tape's first draws, by random's samples: 0.399, 0.972, 0.019 */
static const wg_sample samples[] = {
    {.call = "bernoulli([0, 1])", .value = "[0, 1]"},
    {.call = "bernoulli([0.5, 0.5, 0.5])", .value = "[1, 0, 1]"},
    {.call = "bernoulli([0.399, 0.973, 0.02])", .value = "[0, 1, 1]"},
    {.call = "bernoulli([[0.4, 0.97, 0.019]])", .value = "[[1, 0, 0]]"},
    {.call = "bernoulli([-0.5, 1.5])", .value = "[0, 1]"},
    {.call = "bernoulli([nan, inf, -inf])", .value = "[nan, 1, 0]"},
    {.call = "bernoulli(0.5)", .value = "1"},
    {.call = "bernoulli(0.25)", .value = "0"},
    {.call = "bernoulli(f32[1, 0])", .value = "f32[1, 0]"},
    {.call = "bernoulli(f64[0, 3]())", .value = "f64[0, 3]()"},
    {.call = "bernoulli(f64[2, 0]())", .value = "f64[2, 0]()"},
    {.call = "bernoulli(i64[1])", .refused = "must be f32 or f64"},
    {.call = "bernoulli(bool[true])", .refused = "must be f32 or f64"},
    {.call = "bernoulli(u8[1])", .refused = "must be f32 or f64"},
    {.call = "bernoulli()", .refused = "bernoulli"},
    {.call = "bernoulli([1], [2])", .refused = "bernoulli"},
    {.call = "bernoulli([1]; p=1)", .refused = "p"},
    {0}};

const wg_op wg_op_bernoulli = {WG_LINE(bernoulli), .kind = WG_BLOCK, .define = define, .constant = true, .samples = samples};

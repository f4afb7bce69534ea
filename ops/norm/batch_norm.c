/* batch_norm(x, mean, var, weight?, bias?; eps) = (x - mean) / sqrt(var + eps) weight + bias, along axis 1 of x, the channels, of which
 * mean, var, weight and bias have one number each: F.batch_norm with the statistics given. Ioffe and Szegedy 2015 (arXiv:1502.03167). For
 * training they are wg_mean and wg_var of x over all other axes, with correction 0: the gradient goes through them, too. A variance of 0
 * gives a finite value, one below -eps NaN. By definition alone: shift_scale does the work, beside what comes after. */
#include "ops/norm/channels.h"

static bool shape(wg_call *c)
{
    if (!wg__channels_of(c, 2)) return false;
    for (int i = 1; i < c->n; i++)
        if (!wg__by_channel(c, i)) return false;
    return true;
}

static wg_tensor define(const wg_rule *r)
{
    const wg_batch_norm_options *o = r->attrs;
    return wg__normed(r->in[0], r->in[1], WG_NONE, wg_rsqrt(wg_add(r->in[2], wg_num(o->eps))), r->in[3], r->in[4]);
}

/* values and gradients: PyTorch 1.13.1 in f64; of constants by the formula */
static const wg_sample samples[] = {
    {.call = "batch_norm([[[1, 2], [4, -3]], [[0.5, -1], [2, 2]], [[3, 0], [-2.5, 1]]], [0.5, -1], [2, 0.25], [1.5, -2], [0.25, 1])",
     .value = "[[[0.7803287600696678, 1.8409862802090031], [-18.999600011999597, 8.99984000479984]], [[0.25, -1.3409862802090031], "
     "[-10.99976000719976, -10.99976000719976]], [[2.9016438003483387, -0.2803287600696678], [6.99988000359988, -6.9998400047998395]]]",
     .grad = "[[[1.0606575201393353, 1.0606575201393353], [-3.9999200023999197, -3.9999200023999197]], [[1.0606575201393353, "
     "1.0606575201393353], [-3.9999200023999197, -3.9999200023999197]], [[1.0606575201393353, 1.0606575201393353], "
     "[-3.9999200023999197, -3.9999200023999197]]]; [-6.3639451208360125, 23.99952001439952]; [-0.6629076355489069, 75.99544022798933]; "
     "[1.7677625335655591, 18.999620011399617]; [6, 6]"},
    {.call = "batch_norm([[1, 2], [4, -3], [0.5, 8]], [0.5, -1], [2, 0.25])",
     .value = "[[0.35355250671311184, 5.99988000359988], [2.4748675469917827, -3.9999200023999197], [0, 17.999640010799638]]",
     .grad = "[[0.7071050134262237, 1.9999600011999599], [0.7071050134262237, 1.9999600011999599], [0.7071050134262237, "
     "1.9999600011999599]]; [-2.121315040278671, -5.99988000359988]; [-0.7071014779188339, -39.99760011999439]"},
    {.call = "batch_norm([[[[1, 2], [0, -1]]]], [0.5], [2], [3]; eps=0.125)",
     .value = "[[[[1.028991510855053, 3.0869745325651587], [-1.028991510855053, -3.0869745325651587]]]]",
     .grad = "[[[[2.057983021710106, 2.057983021710106], [2.057983021710106, 2.057983021710106]]]]; [-8.231932086840423]; [0]; [0]"},
    {.call = "batch_norm([[1, 2], [4, -3]], [0.5, -1], [2, 0.25], _, [3, -4])",
     .value = "[[3.353552506713112, 1.9998800035998796], [5.474867546991783, -7.99992000239992]]",
     .grad = "[[0.7071050134262237, 1.9999600011999599], [0.7071050134262237, 1.9999600011999599]]; [-1.4142100268524473, "
     "-3.9999200023999197]; [-0.7071014779188339, -3.9997600119994385]; [2, 2]"},
    {.call = "batch_norm([[1, 3]], [1, 1], [0, 0])", .value = "[[0, 632.4555320336758]]",
     .grad = "[[316.2277660168379, 316.2277660168379]]; [-316.2277660168379, -316.2277660168379]; [-0.0, -31622776.601683788]",
     .kink = true}, /* too steep for differences */
    {.call = "batch_norm([[1, nan, inf, 2]], [1, 1, 1, 1], [0.5, 1, 1, -1])", .value = "[[0, nan, inf, nan]]", .kink = true},
    {.call = "batch_norm(f64[0, 2, 3](), [1, 2], [1, 2], [1, 2], [1, 2])", .value = "f64[0, 2, 3]()",
     .grad = "f64[0, 2, 3](); [0, 0]; [0, 0]; [0, 0]; [0, 0]"},
    {.call = "batch_norm(f64[2, 1, 0](), [1], [2])", .value = "f64[2, 1, 0]()", .grad = "f64[2, 1, 0](); [0]; [0]"},
    {.call = "batch_norm(~[3, 2, 4], ~[2], +[2], ~[2], ~[2])"},
    {.call = "batch_norm(~[2, 3, 3, 5], ~[3], +[3], ~[3])"},
    {.call = "batch_norm(~[33, 5], ~[5], +[5]; eps=0.1)"},
    {.call = "batch_norm([1, 2], [1, 1], [1, 1])", .refused = "x is f64[2]: it needs at least two axes"},
    {.call = "batch_norm(1.5, [1], [1])", .refused = "x is f64[]: it needs at least two axes"},
    {.call = "batch_norm(~[2, 3], ~[2], ~[3])", .refused = "x is f64[2,3], mean is f64[2]: it must have one number for each channel"},
    {.call = "batch_norm(~[2, 3], ~[3], ~[1, 3])", .refused = "var is f64[1,3]"},
    {.call = "batch_norm(~[2, 3], ~[3], ~[3], 2.5)", .refused = "weight is f64[]"},
    {.call = "batch_norm(~[2, 3], ~[3], ~[3], ~[3], ~[1])", .refused = "bias is f64[1]"},
    {.call = "batch_norm(~[2, 3], ~[3])", .refused = "var is missing"},
    {.call = "batch_norm(~[2, 3], f32[1, 2, 3], ~[3])", .refused = "cast one to the other's dtype"},
    {.call = "batch_norm(i64[[1, 2]], i64[1, 2], i64[1, 2])", .refused = "must be f32 or f64"},
    {0}};

const wg_op wg_op_batch_norm = {WG_LINE(batch_norm), .kind = WG_BLOCK, .shape = shape, .define = define, .samples = samples};

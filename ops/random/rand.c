/* rand(; shape, dtype): numbers uniform in [0, 1), new ones in every run: see random. They follow from the tape's seed, from
 * which of the tape's draws this is, and from the store's step. */
#include "tape/op.h"

static bool shape(wg_call *c)
{
    const wg_rand_options *o = c->attrs;
    if (!wg_dtype_real(o->dtype)) return wg__refuse(c, "dtype is %s, must be f32 or f64", wg_dtype_name(o->dtype));
    for (int i = 0; i < o->shape.rank; i++)
        if (o->shape.dim[i] < 0 && o->shape.dim[i] >= WG_START)
            return wg__refuse(c, "size %lld of axis %d: a size is 0 or more, or a letter", (long long)o->shape.dim[i], i);
    c->shape = o->shape;
    c->dtype = o->dtype;
    return true;
}

static wg_tensor define(const wg_rule *r)
{
    const wg_rand_options *o = r->attrs;
    return wg__draw(r, wg_zeros(r->tape, o->shape, .dtype = o->dtype), "uniform");
}

/* the first draw of a tape with seed 0: see random's samples */
static const wg_sample samples[] = {
    {.call = "rand(; shape=[2], dtype=f64)", .value = "[0.3990464708489645, 0.9722412015223156]"},
    {.call = "rand(; shape=[1, 2], dtype=f64)", .value = "[[0.3990464708489645, 0.9722412015223156]]"},
    {.call = "rand(; shape=[0])", .value = "f32[0]()"},
    {.call = "rand(; shape=[2, 0], dtype=f64)", .value = "f64[2, 0]()"},
    {.call = "rand(; shape=[-1])", .refused = "size -1 of axis 0"},
    {.call = "rand(; shape=[2], dtype=i64)", .refused = "dtype is i64"},
    {.call = "rand(; shape=[2], dtype=bool)", .refused = "dtype is bool"},
    {0}};

const wg_op wg_op_rand = {WG_LINE(rand), .kind = WG_BLOCK, .shape = shape, .define = define, .constant = true, .samples = samples};

/* checked(x, a, b?, ...; call): x's value and derivative, if the op that call names, called with a, b, ..., takes their shapes and gives
 * x's; else it refuses, as that op would. Their values are not read. It is recorded behind what an op is defined as, when the
 * op's rule hangs on sizes known only when run: what it is defined as may broadcast them. Where all sizes are known it is x itself.
 * Derivatives of x pass through it, and are checked likewise. A node of its own: only so does the rule reach the run. */
#include "tape/op.h"

static bool shape(wg_call *c)
{
    const wg_checked_options *o = c->attrs;
    char text[128];
    wg_shape given = {.rank = 0};
    if (!wg__shape_of_call(c, &o->call, 1, &given)) return false;
    bool same = given.rank == c->shape.rank;
    for (int i = 0; same && i < given.rank; i++) same = wg__same_size(c, &c->shape.dim[i], given.dim[i]);
    return same || wg__refuse(c, "x is %s, which is not what %s gives", wg__show_type(text, c->in[0]), o->call.op->name);
}

static bool known(wg_tensor x)
{
    bool all = true;
    for (int i = 0; x.tape && i < wg_shape_get(x).rank; i++) all &= wg__known(wg_dim(x, i));
    return all;
}

static wg_tensor define(const wg_rule *r)
{
    bool all = true;
    for (int i = 0; i < r->n; i++) all &= known(r->in[i]);
    return all ? r->in[0] : WG_NONE;
}

static bool view(const wg_work *w, const wg_layout *x, wg_layout *y, int64_t *offset)
{
    (void)w;
    *y = *x;
    *offset = 0;
    return true;
}

static wg_tensor vjp(const wg_rule *r, wg_tensor g, int i)
{
    const wg_tensor *in = r->in;
    (void)i;
    return wg_checked_create(&(wg_checked_options){
        .x = g, .a = in[1], .b = in[2], .c = in[3], .d = in[4], .e = in[5], .f = in[6], .g = in[7],
        .call = ((const wg_checked_options *)r->attrs)->call});
}

/* values and gradients: by hand */
static const wg_sample samples[] = {
    {.call = "checked([1, -2], [3, 4], [5, 6]; call=mse_loss(reduction=\"none\"))", .value = "[1, -2]", .grad = "[1, 1]; [0, 0]; [0, 0]"},
    {.call = "checked(2.5, [3, 4], [5, 6]; call=mse_loss())", .value = "2.5"},
    {.call = "checked(~[2, 3], ~[2, 5], ~[3, 5], ~[3]; call=linear())"},
    {.call = "checked(~[2, 3], ~[2, 5], ~[3, 5]; call=linear())"},
    {.call = "checked(~[4], ~[4, 7]; call=sum(axes=[1]))"},
    {.call = "checked(f64[0, 3](), f64[0](), f64[3](); call=outer())", .value = "f64[0, 3]()"},
    {.call = "checked(i64[7, 8], f64[[1, 2]], i64[0]; call=take(axis=0))", .refused = "x is i64[2], which is not what take gives"},
    {.call = "checked([1, 2], [1], [2, 3]; call=mse_loss())", .refused = "checked: mse_loss: "},
    {.call = "checked([1, 2], [1, 2], [2, 3]; call=mse_loss())", .refused = "x is f64[2], which is not what mse_loss gives"},
    {.call = "checked([1], [1]; call=add())", .refused = "checked: add: b is missing"},
    {.call = "checked([1], [1], [2]; call=exp())", .refused = "checked: exp: takes no 2 tensors"},
    {.call = "checked([1], [1]; call=checked())", .refused = "`checked` is no op that may stand here"},
    {.call = "checked([1], [1]; call=slice())", .refused = "slice: axis is missing"},
    {0}};

const wg_op wg_op_checked = {WG_LINE(checked), .kind = WG_VIEW, .takes = WG_EVERY, .any_dtype = 254, .shape_only = 254,
                             .shape = shape, .define = define, .define_when = true, .linear = 1, .vjp = vjp, .view = view,
                             .checks = true, .samples = samples};

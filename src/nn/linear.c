/* linear.c -- the fully connected layer. */
#include <math.h>
#include <wengert.h>

static wg_tensor refuse(wg_tensor x, const char *name, const char *why)
{
    return wg_reject(wg_tape_of(x), WG_ESHAPE, "linear \"%s\": %s", name, why);
}

/* The parameters of the layer; an error in making them is worded with the layer's name. */
static wg_tensor parameter(wg_tape *t, const wg_nn_linear_options *o, const char *what, wg_shape shape, wg_dtype dtype, wg_init init)
{
    if (wg_error(t)) return WG_NONE;
    wg_tensor p = wg_param_create(t, what, shape, &(wg_param_options){.dtype = dtype, .init = init, .shared = o->shared});
    if (wg_ok(p)) return p;
    char why[512];
    snprintf(why, sizeof why, "%s", wg_error(t));
    wg_error_clear(t);
    return wg_reject(t, WG_ESHAPE, "linear \"%s\": %s", o->name ? o->name : "linear", why);
}

wg_tensor wg_nn_linear_create(wg_tensor x, const wg_nn_linear_options *o)
{
    wg_tape *t = wg_tape_of(x);
    const char *name = o->name ? o->name : "linear";
    if (!wg_ok(x)) return x;
    wg_shape s = wg_shape_get(x);
    int64_t in = s.rank ? wg_dim(x, -1) : WG_ANY;
    if (in < 0) return refuse(x, name, s.rank ? "the last axis of x must be known" : "x is a scalar");
    if (o->out < 0) return refuse(x, name, "out is negative");
    double bound = 1 / sqrt(in ? (double)in : 1);
    wg_init weight_init = o->init.kind ? o->init : (wg_init){.kind = "kaiming_uniform"};
    wg_scope_push(t, "%s", name);
    wg_tensor w = parameter(t, o, "weight", WG_SHAPE(o->out, in), wg_dtype_get(x), weight_init), b = WG_NONE;
    if (!o->no_bias) b = parameter(t, o, "bias", WG_SHAPE(o->out), wg_dtype_get(x), (wg_init){"uniform", -bound, bound});
    wg_tensor y = wg_ok(w) && (o->no_bias || wg_ok(b)) ? wg_linear_create(&(wg_linear_options){x, w, b}) : wg_ok(w) ? b : w;
    wg_scope_pop(t);
    return wg_ok(y) && o->act ? o->act(y) : y;
}

/* layer.c -- what layers share: see layer.h. */
#include "nn/layers/layer.h"

#include <math.h>
#include <stdarg.h>

wg__layer wg__layer_open(wg_tensor x, const char *kind, const char *name, bool shared)
{
    wg__layer l = {wg_tape_of(x), kind, name ? name : kind, wg_dtype_get(x), shared};
    wg_scope_push(l.tape, "%s", l.name);
    return l;
}

wg_tensor wg__layer_close(const wg__layer *l, wg_tensor y, wg_activation act)
{
    wg_scope_pop(l->tape);
    return wg_ok(y) && act ? act(y) : y;
}

wg_tensor wg__layer_refuse(const wg__layer *l, const char *format, ...)
{
    char why[512];
    va_list args;
    va_start(args, format);
    vsnprintf(why, sizeof why, format, args);
    va_end(args);
    return wg_reject(l->tape, WG_ESHAPE, "%s \"%s\": %s", l->kind, l->name, why);
}

static wg_tensor make(const wg__layer *l, const char *what, wg_shape shape, const wg_param_options *o)
{
    if (wg_error(l->tape)) return wg_reject(l->tape, WG_ESHAPE, "an error before"); /* the first one is kept */
    wg_tensor p = wg_param_create(l->tape, what, shape, o);
    if (wg_ok(p)) return p;
    char why[512];
    wg_status status = wg_error_status(l->tape);
    snprintf(why, sizeof why, "%s", wg_error(l->tape));
    wg_error_clear(l->tape);
    return wg_reject(l->tape, status, "%s \"%s\": %s", l->kind, l->name, why);
}

wg_tensor wg__layer_param(const wg__layer *l, const char *what, wg_shape shape, wg_init init)
{
    return make(l, what, shape, &(wg_param_options){.dtype = l->dtype, .init = init, .shared = l->shared});
}

wg_tensor wg__layer_buffer(const wg__layer *l, const char *what, wg_shape shape, wg_dtype dtype, wg_init init)
{
    return make(l, what, shape, &(wg_param_options){.dtype = dtype, .init = init, .kind = WG_BUFFER, .shared = l->shared});
}

wg_init wg__layer_uniform(double fan_in)
{
    double bound = 1 / sqrt(fan_in > 0 ? fan_in : 1);
    return (wg_init){"uniform", -bound, bound};
}

wg_init wg__layer_init(wg_init init, wg_init otherwise) { return init.kind ? init : otherwise; }

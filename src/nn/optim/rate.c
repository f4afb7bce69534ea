/* rate.c -- what may be asked of a plan that wg_minimize made: its rate, its averages (which are kept in f32 of what is stored in
 * bf16 or f16). */
#include <string.h>
#include <wengert.h>

static wg_status find_lr(const wg_plan *p, char name[80], wg_array *a)
{
    if (!p) return WG_EARG;
    snprintf(name, 80, "%s.lr", wg_plan_name(p));
    return wg_params_get(wg_tape_params(wg_plan_tape(p)), name, a);
}

wg_status wg_set_lr(wg_plan *p, double lr)
{
    char name[80];
    wg_array a;
    if (find_lr(p, name, &a)) return WG_EMISSING;
    a = wg_array_wrap(&lr, WG_F64, (wg_shape){.rank = 0});
    return wg_params_set(wg_tape_params(wg_plan_tape(p)), name, &a, WG_STATE);
}

double wg_get_lr(const wg_plan *p)
{
    char name[80];
    wg_array a;
    return find_lr(p, name, &a) ? (double)NAN : wg_array_at(&a, 0);
}

/* Sets a parameter of `to`, in the dtype that it has where it is from. */
static wg_status set_as(wg_params *to, const char *name, const wg_array *value, wg_dtype dtype, wg_param_kind kind)
{
    wg_array cast;
    if (value->dtype == dtype) return wg_params_set(to, name, value, kind);
    wg_status s = wg_array_new(&cast, dtype, value->shape);
    if (s) return s;
    for (int64_t i = 0; i < wg_shape_count(value->shape); i++) wg_array_put(&cast, i, wg_array_at(value, i));
    s = wg_params_set(to, name, &cast, kind);
    wg_array_free(&cast);
    return s;
}

wg_status wg_ema_copy(const wg_plan *p, wg_params *to)
{
    char name[80], average[700];
    wg_array a, own;
    if (!to || find_lr(p, name, &a)) return WG_EMISSING;
    const wg_params *from = wg_tape_params(wg_plan_tape(p));
    if (from == to) return WG_EARG;
    snprintf(name, sizeof name, "%s.step", wg_plan_name(p));
    bool stepped = wg_params_get(from, name, &a) == WG_OK && wg_array_at(&a, 0) > 0;
    for (size_t i = 0; i < wg_params_count(from); i++) {
        const char *is = wg_params_name(from, i);
        wg_param_kind kind = wg_params_kind(from, is);
        if (kind == WG_STATE) continue;
        snprintf(average, sizeof average, "%s.%s.ema", wg_plan_name(p), is);
        wg_params_get(from, is, &own);
        if (!(stepped && kind == WG_TRAINABLE && wg_params_get(from, average, &a) == WG_OK)) a = own;
        wg_status s = set_as(to, is, &a, own.dtype, kind);
        if (s) return s;
    }
    return WG_OK;
}

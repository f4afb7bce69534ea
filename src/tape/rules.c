/* rules.c -- what rules of ops need of the engine beyond recording ops: views applied, numbers, random draws. */
#include "tape/tape.h"

wg_dtype wg__derived(wg_dtype d) { return wg_dtype_half(d) ? WG_F32 : d; }

wg_tensor wg__number_of(const wg_rule *r, double value, wg_dtype dtype) { return wg__number(r->tape, value, dtype); }

wg_tensor wg__apply_view(const wg_applied *v, wg_tensor x) { return wg__record_with(x.tape, v->op, v->attrs, &x, 1); }

wg_tensor wg__undrop(wg_tensor g, const wg_ints *axes, wg_tensor x)
{
    /* of all axes: a scalar, which spreads as it is */
    return axes->n > 0 && wg_shape_get(x).rank > 0 ? (wg_unsqueeze)(g, *axes) : g;
}

/* All draws of a tape count their store's step up by one node, so that no plan takes them for different counts. */
static wg_tensor step_after(wg_tape *t, wg_tensor step)
{
    for (size_t h = t->hooks; h-- > 0;) {
        const uint32_t *in = wg__edges(t, &t->node[t->hook[h]]);
        if (in[0] == wg__index(step)) return wg__tensor(t, in[1]);
    }
    return wg_add(step, wg_num(1));
}

wg_tensor wg__draw(const wg_rule *r, wg_tensor like, const char *kind)
{
    static const char step_name[] = "rng.step";
    wg_tape *t = r->tape;
    const char *scope = t->place.scope;
    t->place.scope = ""; /* one step for the whole store */
    wg_tensor step =
        wg_param_create(t, step_name, (wg_shape){.rank = 0}, &(wg_param_options){.dtype = WG_I64, .kind = WG_BUFFER, .shared = true});
    t->place.scope = scope;
    if (!wg_ok(step)) return step;
    wg_random_options o = {.step = step, .like = like, .key = t->random_keys++, .kind = kind, .seed = t->seed};
    wg_tensor y = wg_random_create(&o);
    return wg_on(y, step, step_after(t, step));
}

wg_tensor(wg_on)(wg_tensor node, wg_tensor param, wg_tensor value)
{
    wg_tensor a = wg_assign_create(&(wg_assign_options){.param = param, .x = value, .on = node});
    return wg_ok(a) ? node : a;
}

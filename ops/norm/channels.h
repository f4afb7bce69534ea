/* channels.h -- what the norms by channel share: axis 1 of x is the channels, with one number each in weight, bias and statistics. */
#ifndef WG_OPS_NORM_CHANNELS_H
#define WG_OPS_NORM_CHANNELS_H

#include "tape/op.h"

/* Whether x has at least `axes` axes. */
static inline bool wg__channels_of(wg_call *c, int axes)
{
    char a[128];
    if (c->shape.rank >= axes) return true;
    return wg__refuse(c, "x is %s: it needs at least %s", wg__show_type(a, c->in[0]),
                      axes == 2 ? "two axes, of which the second is the channels" : "three axes: channels, and positions behind them");
}

/* Whether input i, if it is there, has one number for each channel of x. */
static inline bool wg__by_channel(wg_call *c, int i)
{
    char a[128], b[128];
    const wg_shape *w = c->in[i].shape;
    if (!c->in[i].dtype) return true;
    if (w->rank == 1 && wg__same_size(c, &c->shape.dim[1], w->dim[0])) return true;
    return wg__refuse(c, "x is %s, %s is %s: it must have one number for each channel, the size of axis 1 of x",
                      wg__show_type(a, c->in[0]), c->op->inputs[i].name, wg__show_type(b, c->in[i]));
}

/* How many channels x has, as far as it, weight or bias says: what wg__by_channel has found. */
static inline int64_t wg__channels(const wg_rule *r)
{
    int64_t n = wg_dim(r->in[0], 1);
    for (int i = 1; i < 3 && !wg__known(n); i++)
        if (r->in[i].tape) n = wg_dim(r->in[i], 0);
    return n;
}

/* w, of the channels, as it broadcasts to x. */
static inline wg_tensor wg__over_channels(wg_tensor w, wg_tensor x)
{
    wg_ints behind = {.n = wg_shape_get(x).rank - 2};
    for (int i = 0; i < behind.n; i++) behind.v[i] = i + 1;
    return behind.n ? wg_unsqueeze(w, behind) : w;
}

/* x weight + bias, each where it is there. */
static inline wg_tensor wg__affine(wg_tensor x, wg_tensor weight, wg_tensor bias)
{
    if (weight.tape) x = wg_mul(x, wg__over_channels(weight, x));
    return bias.tape ? wg_add(x, wg__over_channels(bias, x)) : x;
}

#endif

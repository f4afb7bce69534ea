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

/* x, of as many channels as weight or bias says where x does not: what wg__by_channel has found. */
static inline wg_tensor wg__with_channels(const wg_rule *r)
{
    wg_tensor x = r->in[0];
    wg_shape s = {.rank = wg_shape_get(x).rank};
    for (int i = 0; i < s.rank; i++) s.dim[i] = WG_ANY; /* as they are */
    for (int i = 1; i < 3 && !wg__known(wg_dim(x, 1)) && !wg__known(s.dim[1]); i++)
        if (r->in[i].tape) s.dim[1] = wg_dim(r->in[i], 0);
    return wg__known(s.dim[1]) ? wg_reshape(x, s) : x;
}

/* w, whose last axis is that of x's channels, as it broadcasts to x. */
static inline wg_tensor wg__over_channels(wg_tensor w, wg_tensor x)
{
    int before = wg_shape_get(w).rank;
    wg_ints behind = {.n = wg_shape_get(x).rank - 2};
    for (int i = 0; i < behind.n; i++) behind.v[i] = i + before;
    return behind.n ? wg_unsqueeze(w, behind) : w;
}

/* (x - mean - rest) scale weight + bias; rest, weight and bias each where they are there. */
static inline wg_tensor wg__normed(wg_tensor x, wg_tensor mean, wg_tensor rest, wg_tensor scale, wg_tensor weight, wg_tensor bias)
{
    if (weight.tape) scale = wg_mul(scale, weight);
    if (rest.tape && bias.tape) bias = wg_sub(bias, wg_mul(rest, scale));
    else if (rest.tape) bias = wg_neg(wg_mul(rest, scale));
    return wg_shift_scale(x, wg__over_channels(mean, x), wg__over_channels(scale, x), bias.tape ? wg__over_channels(bias, x) : wg_num(0));
}

/* Row i of the moments of x by item and channel: (items, channels). */
static inline wg_tensor wg__moment(wg_tensor moments, int64_t i)
{
    return wg_squeeze(wg_slice(moments, 0, .start = i, .stop = i + 1), .axes = WG_INTS(0));
}

/* The axes behind the channels. */
static inline wg_ints wg__places(wg_tensor x)
{
    wg_ints behind = {.n = wg_shape_get(x).rank - 2};
    for (int i = 0; i < behind.n; i++) behind.v[i] = i + 2;
    return behind;
}

/* x as the norms by item see it: with an axis behind the channels, and one to spare. */
static inline wg_tensor wg__with_places(wg_tensor x)
{
    int rank = wg_shape_get(x).rank;
    return rank == 2 ? wg_unsqueeze(x, WG_INTS(-1)) : rank == WG_MAX_RANK ? wg_flatten(x, .start = 2) : x;
}

static inline wg_tensor wg__shaped_as(wg_tensor y, wg_tensor x)
{
    return wg_shape_get(y).rank == wg_shape_get(x).rank ? y : wg_reshape_like(y, x);
}

#endif

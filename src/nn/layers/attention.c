/* attention.c -- attention with several heads, and the layers of a transformer that are made with it. */
#include "nn/layers/layer.h"

#include <math.h>

/* ---- attention ------------------------------------------------------------------------------------------------------------ */

/* The projections of query, key and value. */
typedef struct projections {
    wg_tensor weight[3], bias[3];
} projections;

/* PyTorch keeps one weight of three parts where key and value have the query's features, else three. */
static projections make_projections(const wg__layer *l, const wg_tensor in[3], int64_t features, bool bias)
{
    static const char *const names[3] = {"q_proj_weight", "k_proj_weight", "v_proj_weight"};
    const wg_init xavier = {.kind = "xavier_uniform"};
    projections p;
    bool one = wg_dim(in[1], -1) == features && wg_dim(in[2], -1) == features;
    wg_tensor w = one ? wg__layer_param(l, "in_proj_weight", WG_SHAPE(3 * features, features), xavier) : WG_NONE;
    wg_tensor b = bias ? wg__layer_param(l, "in_proj_bias", WG_SHAPE(3 * features), (wg_init){.kind = "zeros"}) : WG_NONE;
    for (int i = 0; i < 3; i++) {
        p.weight[i] = one ? wg_slice(w, 0, .start = i * features, .stop = (i + 1) * features)
                          : wg__layer_param(l, names[i], WG_SHAPE(features, wg_dim(in[i], -1)), xavier);
        p.bias[i] = bias ? wg_slice(b, 0, .start = i * features, .stop = (i + 1) * features) : WG_NONE;
    }
    return p;
}

/* (batch, time, features) to (batch, heads, time, features of a head) */
static wg_tensor split(wg_tensor x, int64_t heads, int64_t features)
{
    wg_shape s = {.rank = 4, .dim = {WG_ANY, WG_ANY, heads, features / heads}};
    return wg_transpose(wg_reshape(x, s), .axes = WG_INTS(0, 2, 1, 3));
}

/* 1, 2, ... down the rows of x (..., time, features), as (..., time, 1) */
static wg_tensor counted(wg_tensor x) { return wg_cumsum(wg_ones_like(wg_slice(x, -1, .start = 0, .stop = 1)), .axis = -2); }

/* Which keys a query may look at that stands behind what the cache held: those up to its own. */
static wg_tensor causal_mask(wg_tensor q, wg_tensor k)
{
    wg_tensor before = wg_sub(wg_size(k, .axes = WG_INTS(-2)), wg_size(q, .axes = WG_INTS(-2)));
    return wg_le(wg_transpose(counted(k), .axes = WG_INTS(0, 1, 3, 2)), wg_add(counted(q), before));
}

static wg_tensor both_masks(wg_tensor a, wg_tensor b)
{
    if (!a.tape) return b;
    if (wg_dtype_get(a) == WG_BOOL) return wg_logical_and(a, b);
    return wg_where(b, a, wg_num(-(double)INFINITY));
}

/* softmax(q k^T / sqrt(d)) with some of its weights dropped, times v: by definition, since the op has none to drop. */
static wg_tensor dropped(wg_tensor q, wg_tensor k, wg_tensor v, wg_tensor mask, double p)
{
    double scale = 1 / sqrt((double)wg_dim(q, -1));
    wg_tensor s = wg_mul(wg_matmul(q, wg_transpose(k, .axes = WG_INTS(0, 1, 3, 2))), wg_num(scale));
    if (mask.tape) s = wg_dtype_get(mask) == WG_BOOL ? wg_where(mask, s, wg_num(-(double)INFINITY)) : wg_add(s, mask);
    return wg_matmul(wg_dropout(wg_softmax(s), .p = p), v);
}

static wg_tensor attend(const wg__layer *l, const wg_tensor in[3], const wg_nn_attention_options *o)
{
    int64_t features = wg_dim(in[0], -1);
    projections p = make_projections(l, in, features, !o->no_bias);
    wg_tensor x[3];
    for (int i = 0; i < 3; i++) x[i] = split(wg_linear(in[i], p.weight[i], .bias = p.bias[i]), o->heads, features);
    bool behind = o->cache && o->cache->k.tape;
    if (behind) {
        x[1] = wg_concat(WG_LIST(o->cache->k, x[1]), .axis = 2);
        x[2] = wg_concat(WG_LIST(o->cache->v, x[2]), .axis = 2);
    }
    if (o->cache) *o->cache = (wg_nn_cache){x[1], x[2]};
    bool drops = o->dropout > 0 && !wg_tape_eval(l->tape), causal = o->causal;
    wg_tensor mask = o->mask;
    if (causal && (behind || drops)) mask = both_masks(mask, causal_mask(x[0], x[1])), causal = false;
    wg_tensor y = drops ? dropped(x[0], x[1], x[2], mask, o->dropout) : wg_attention(x[0], x[1], x[2], .mask = mask, .causal = causal);
    wg_shape flat = {.rank = 3, .dim = {WG_ANY, WG_ANY, features}};
    y = wg_reshape(wg_transpose(y, .axes = WG_INTS(0, 2, 1, 3)), flat);
    wg_scope_push(l->tape, "out_proj");
    wg_tensor w = wg__layer_param(l, "weight", WG_SHAPE(features, features), wg__layer_uniform((double)features));
    wg_tensor b = o->no_bias ? WG_NONE : wg__layer_param(l, "bias", WG_SHAPE(features), (wg_init){.kind = "zeros"});
    y = wg_linear(y, w, .bias = b);
    wg_scope_pop(l->tape);
    return y;
}

wg_tensor wg_nn_attention_create(wg_tensor x, const wg_nn_attention_options *o)
{
    wg_tensor key = o->key.tape ? o->key : x, in[3] = {x, key, o->value.tape ? o->value : key};
    for (int i = 0; i < 3; i++)
        if (!wg_ok(in[i])) return in[i];
    wg__layer l = wg__layer_open(x, "attention", o->name, o->shared);
    wg_tensor y;
    bool shaped = true;
    for (int i = 0; i < 3; i++) shaped &= wg_shape_get(in[i]).rank == 3 && wg_dim(in[i], -1) > 0;
    if (!shaped) y = wg__layer_refuse(&l, "x, key and value must be (batch, time, features), features known");
    else if (o->heads < 1 || wg_dim(x, -1) % o->heads)
        y = wg__layer_refuse(&l, "%lld heads do not share out %lld features", (long long)o->heads, (long long)wg_dim(x, -1));
    else y = attend(&l, in, o);
    return wg__layer_close(&l, y, NULL);
}

/* ---- transformers ----------------------------------------------------------------------------------------------------------- */

/* A part of a layer: what x becomes, before it is dropped out and added to x. */
typedef wg_tensor (*part)(wg_tensor x, const wg_nn_transformer_options *o);

static wg_tensor self_attention(wg_tensor x, const wg_nn_transformer_options *o)
{
    return wg_nn_attention(x, o->heads, .mask = o->mask, .causal = o->causal, .dropout = o->dropout, .cache = o->cache, .name = "self_attn",
                           .shared = o->shared);
}

static wg_tensor cross_attention(wg_tensor x, const wg_nn_transformer_options *o)
{
    return wg_nn_attention(x, o->heads, .key = o->memory, .mask = o->memory_mask, .dropout = o->dropout, .name = "multihead_attn",
                           .shared = o->shared);
}

static wg_tensor feed_forward(wg_tensor x, const wg_nn_transformer_options *o)
{
    int64_t features = wg_dim(x, -1);
    wg_tensor y = wg_nn_linear(x, o->ff ? o->ff : 4 * features, .act = o->act ? o->act : wg_relu, .name = "linear1", .shared = o->shared);
    if (o->dropout > 0) y = wg_dropout(y, .p = o->dropout);
    return wg_nn_linear(y, features, .name = "linear2", .shared = o->shared);
}

static wg_tensor normed(wg_tensor x, const wg_nn_transformer_options *o, int i)
{
    static const char *const names[3] = {"norm1", "norm2", "norm3"};
    return wg_nn_layer_norm(x, .name = names[i], .eps = o->eps > 0 ? o->eps : 1e-5, .shared = o->shared);
}

static wg_tensor transformer_layer(wg_tensor x, const wg_nn_transformer_options *o, const char *kind, const part *parts, int n)
{
    if (!wg_ok(x)) return x;
    wg__layer l = wg__layer_open(x, kind, o->name, o->shared);
    for (int i = 0; i < n; i++) {
        wg_tensor y = parts[i](o->norm_first ? normed(x, o, i) : x, o);
        if (o->dropout > 0) y = wg_dropout(y, .p = o->dropout);
        x = wg_add(x, y);
        if (!o->norm_first) x = normed(x, o, i);
    }
    return wg__layer_close(&l, x, NULL);
}

wg_tensor wg_nn_encoder_layer_create(wg_tensor x, const wg_nn_transformer_options *o)
{
    static const part parts[] = {self_attention, feed_forward};
    return transformer_layer(x, o, "encoder_layer", parts, 2);
}

wg_tensor wg_nn_decoder_layer_create(wg_tensor x, const wg_nn_transformer_options *o)
{
    static const part parts[] = {self_attention, cross_attention, feed_forward};
    if (wg_ok(x) && !wg_ok(o->memory)) return wg_reject(wg_tape_of(x), WG_EARG, "decoder_layer: memory is no tensor");
    return transformer_layer(x, o, "decoder_layer", parts, 3);
}

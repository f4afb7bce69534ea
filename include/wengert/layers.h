/* wengert/layers.h -- layers: they own parameters, ops do not. Each is one call that records ops; names, shapes and
 * initialisers of parameters are PyTorch's (torch.nn), so that weight files interchange.
 *
 * Every layer's parameters lie in a scope of the layer's name (`.name`, or what kind of layer it is), under the scopes
 * that are open: "block1.conv.weight". A second layer of a name that the tape has already is an error, or, with
 * `.shared = true`, uses the first's parameters. A layer of your own is a function that opens a scope. On a wrong shape
 * the call answers an invalid tensor and the tape keeps `linear "block1.fc": why`. Parameters have the dtype of x.
 * What has no parameters needs no layer: activations, dropout, pools, flatten are ops (<wengert/ops.h>). */
#ifndef WENGERT_LAYERS_H
#define WENGERT_LAYERS_H

#include <wengert/ops.h>
#include <wengert/tape.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef wg_tensor (*wg_activation)(wg_tensor);

/* ---- fully connected ------------------------------------------------------------------------------------------------ */

typedef struct wg_nn_linear_options {
    int64_t out;        /* features                                                             */
    wg_activation act;  /* applied to the result: wg_relu; NULL: none                           */
    const char *name;   /* of its parameters: name.weight, name.bias; NULL: "linear"            */
    bool no_bias;
    bool shared;        /* a second layer of this name on the tape uses the first's parameters  */
    wg_init init;       /* of the weight; default PyTorch's, uniform in +-1/sqrt(features of x) */
} wg_nn_linear_options;

/* x (..., in) to (..., out): x weight^T + bias, weight (out, in). The last axis of x must be known. */
WG_API wg_tensor wg_nn_linear_create(wg_tensor x, const wg_nn_linear_options *o);

/* a (..., i), b (..., j) to (..., out): sum over i, j of a_i weight[o, i, j] b_j + bias[o], as torch.nn.Bilinear;
   uniform in +-1/sqrt(i). */
WG_API wg_tensor wg_nn_bilinear_create(wg_tensor a, wg_tensor b, const wg_nn_linear_options *o);

/* ---- convolutions --------------------------------------------------------------------------------------------------- */

/* Sizes are one number an axis, or one for all axes; an empty list is the default. */
typedef struct wg_nn_conv_options {
    int64_t out;             /* channels                                                       */
    wg_ints kernel;
    wg_ints stride;          /* 1                                                              */
    wg_ints padding;         /* zeros on both sides: 0                                         */
    wg_ints dilation;        /* 1                                                              */
    wg_ints output_padding;  /* transposed only: 0                                             */
    int64_t groups;          /* 1 where it is 0                                                */
    wg_activation act;
    const char *name;        /* NULL: "conv2d", "conv_transpose2d", ...                        */
    bool no_bias, shared;
    wg_init init;            /* of the weight; default PyTorch's, +-1/sqrt(fan in), as of bias */
} wg_nn_conv_options;

/* x (batch, in, sizes...) to (batch, out, sizes...), weight (out, in / groups, kernel...). */
WG_API wg_tensor wg_nn_conv1d_create(wg_tensor x, const wg_nn_conv_options *o);
WG_API wg_tensor wg_nn_conv2d_create(wg_tensor x, const wg_nn_conv_options *o);
WG_API wg_tensor wg_nn_conv3d_create(wg_tensor x, const wg_nn_conv_options *o);

/* Weight (in, out / groups, kernel...). */
WG_API wg_tensor wg_nn_conv_transpose1d_create(wg_tensor x, const wg_nn_conv_options *o);
WG_API wg_tensor wg_nn_conv_transpose2d_create(wg_tensor x, const wg_nn_conv_options *o);
WG_API wg_tensor wg_nn_conv_transpose3d_create(wg_tensor x, const wg_nn_conv_options *o);

/* ---- normalisation -------------------------------------------------------------------------------------------------- */

typedef struct wg_nn_norm_options {
    const char *name;   /* NULL: "batch_norm", "layer_norm", ...                                          */
    double eps;         /* added to the variance; NaN: the ops' default                                   */
    double momentum;    /* batch: the share of the new statistics in the running ones; NaN: the mean of all so far */
    int64_t groups;     /* group                                                                          */
    int axes;           /* layer, rms: how many of the last axes are normalised together; 0: one          */
    bool no_affine;     /* neither weight nor bias                                                        */
    bool no_bias;       /* no bias                                                                        */
    bool affine;        /* instance: with weight and bias, which PyTorch's default is not                 */
    bool shared;
    char last_;         /* ends the macro's list                                                          */
} wg_nn_norm_options;

/* x (batch, channels, ...) normalised along each channel. Recorded for training by the batch's own statistics, and each
   run moves running_mean, running_var (unbiased) and num_batches_tracked, buffers of the store, PyTorch's names; on an
   evaluation tape by those. Ioffe and Szegedy 2015 (arXiv:1502.03167). */
WG_API wg_tensor wg_nn_batch_norm_create(wg_tensor x, const wg_nn_norm_options *o);

/* Over the last axes of each row. Ba, Kiros and Hinton 2016 (arXiv:1607.06450); by the root mean square alone: Zhang and
   Sennrich 2019 (arXiv:1910.07467). */
WG_API wg_tensor wg_nn_layer_norm_create(wg_tensor x, const wg_nn_norm_options *o);
WG_API wg_tensor wg_nn_rms_norm_create(wg_tensor x, const wg_nn_norm_options *o);

/* x (batch, channels, ...): each of `.groups` groups of neighbouring channels of an item (Wu and He 2018,
   arXiv:1803.08494), and each channel of an item (Ulyanov et al. 2016, arXiv:1607.08022). */
WG_API wg_tensor wg_nn_group_norm_create(wg_tensor x, const wg_nn_norm_options *o);
WG_API wg_tensor wg_nn_instance_norm_create(wg_tensor x, const wg_nn_norm_options *o);

/* ---- embedding and positions ---------------------------------------------------------------------------------------- */

typedef struct wg_nn_embedding_options {
    int64_t rows, width;
    int padding_idx;      /* a row of zeros that never learns; -1: none */
    const char *name;     /* NULL: "embedding"                          */
    bool shared;
    wg_init init;         /* default PyTorch's, normal(0, 1)            */
    wg_dtype dtype;       /* of the weight; 0: f32                      */
} wg_nn_embedding_options;

/* index (...) of integers 0..rows-1 to (..., width): rows of weight (rows, width). */
WG_API wg_tensor wg_nn_embedding_create(wg_tensor index, const wg_nn_embedding_options *o);

/* x (..., time, features) plus where in time each row stands: sin and cos of position / 10000^(2i / features) in features
   2i and 2i + 1 (Vaswani et al. 2017, arXiv:1706.03762, section 3.5). No parameters; features must be known and even. */
WG_API wg_tensor wg_nn_position(wg_tensor x);

/* The same with learned rows, weight (o->rows, features): time may be at most `rows`. */
WG_API wg_tensor wg_nn_learned_position_create(wg_tensor x, const wg_nn_embedding_options *o);

/* ---- recurrent ------------------------------------------------------------------------------------------------------ */

typedef struct wg_nn_recurrent_options {
    int64_t hidden;
    int64_t layers;      /* one above the other; 0: one                                               */
    bool bidirectional;  /* the second half of the features runs backwards                            */
    double dropout;      /* between layers                                                            */
    wg_tensor lengths;   /* i64 (batch): steps of each item that count; WG_NONE: all                  */
    bool relu;           /* rnn: instead of tanh                                                      */
    const char *name;    /* NULL: "rnn", "gru", "lstm"                                                */
    bool no_bias, shared;
} wg_nn_recurrent_options;

/* x (batch, time, in) to (batch, time, hidden or twice that), as torch.nn with batch_first; time must be known: the steps
   are unrolled. h0: the state at the start, (layers * directions, batch, hidden), or (batch, hidden) where that product
   is 1; WG_NONE: zeros. *h, if not NULL: the state at the end, in the same shape. Past an item's length the result is 0
   and the state stays (PyTorch's packed sequences). Parameters weight_ih_l0, weight_hh_l0, bias_ih_l0, bias_hh_l0,
   ..._l0_reverse, ..._l1, uniform in +-1/sqrt(hidden). Gates: r, z, n (Cho et al. 2014, arXiv:1406.1078, PyTorch's form);
   i, f, g, o (Hochreiter and Schmidhuber 1997). Truncated backpropagation: feed the state that the last run read out, or
   wg_stop_gradient it. */
WG_API wg_tensor wg_nn_rnn_create(wg_tensor x, wg_tensor h0, wg_tensor *h, const wg_nn_recurrent_options *o);
WG_API wg_tensor wg_nn_gru_create(wg_tensor x, wg_tensor h0, wg_tensor *h, const wg_nn_recurrent_options *o);
WG_API wg_tensor wg_nn_lstm_create(wg_tensor x, wg_tensor h0, wg_tensor c0, wg_tensor *h, wg_tensor *c, const wg_nn_recurrent_options *o);

/* ---- attention ------------------------------------------------------------------------------------------------------ */

/* Keys and values of what came before, (batch, heads, time, features of a head): WG_NONE at the start. */
typedef struct wg_nn_cache {
    wg_tensor k, v;
} wg_nn_cache;

typedef struct wg_nn_attention_options {
    int64_t heads;
    wg_tensor key, value;  /* (batch, keys, features); WG_NONE: x, and value as key                          */
    wg_tensor mask;        /* bool: which keys a query may look at; real: added; broadcasts to (batch, heads, time, keys) */
    bool causal;           /* query i looks at keys up to i (behind what the cache holds)                    */
    double dropout;        /* of the weights of attention                                                    */
    wg_nn_cache *cache;    /* keys and values go behind it; it becomes the longer one                        */
    const char *name;      /* NULL: "attention"                                                              */
    bool no_bias, shared;
} wg_nn_attention_options;

/* torch.nn.MultiheadAttention, batch first: x (batch, time, features) to the same shape. Parameters in_proj_weight (or
   q_proj_weight, k_proj_weight, v_proj_weight where key or value has other features), in_proj_bias, out_proj.weight,
   out_proj.bias. Vaswani et al. 2017. */
WG_API wg_tensor wg_nn_attention_create(wg_tensor x, const wg_nn_attention_options *o);

typedef struct wg_nn_transformer_options {
    int64_t heads;
    int64_t ff;             /* features between the two linear layers; 0: four times those of x     */
    double dropout;         /* PyTorch's default is 0.1, here it is 0                               */
    wg_activation act;      /* NULL: wg_relu                                                        */
    bool norm_first;        /* layer norm before each part instead of after it                      */
    bool causal;            /* of self-attention                                                    */
    wg_tensor mask;         /* likewise                                                             */
    wg_tensor memory;       /* decoder: what the encoder gave, (batch, keys, features)              */
    wg_tensor memory_mask;
    wg_nn_cache *cache;     /* of self-attention                                                    */
    double eps;             /* of the norms; 0: 1e-5                                                */
    const char *name;       /* NULL: "encoder_layer", "decoder_layer"                               */
    bool shared;
} wg_nn_transformer_options;

/* torch.nn.TransformerEncoderLayer and TransformerDecoderLayer, batch first: parameters self_attn.*, multihead_attn.*,
   linear1.*, linear2.*, norm1.*, norm2.*, norm3.*. */
WG_API wg_tensor wg_nn_encoder_layer_create(wg_tensor x, const wg_nn_transformer_options *o);
WG_API wg_tensor wg_nn_decoder_layer_create(wg_tensor x, const wg_nn_transformer_options *o);

/* ---- combinators ---------------------------------------------------------------------------------------------------- */

/* A layer not applied yet: what to call, with which options, as macros like WG_LINEAR(10) make it. `name` is the scope
   of its parameters. */
typedef struct wg_layer {
    wg_tensor (*apply)(wg_tensor x, const void *options, const char *name);
    const void *options;
} wg_layer;

typedef struct wg_layers {
    const wg_layer *layer;
    size_t n;
} wg_layers;

/* One after the other; layer i's parameters are named "i.", as in torch.nn.Sequential, so a scope must be open, which gives
   them a name to begin with. Write it as wg_seq(x, WG_LINEAR(128), WG_OP(wg_relu), WG_LINEAR(10)). */
WG_API wg_tensor wg_seq_of(wg_tensor x, wg_layers layers);

/* x + what the layers make of it, which has the shape of x (He et al. 2015, arXiv:1512.03385). */
WG_API wg_tensor wg_residual_of(wg_tensor x, wg_layers layers);

/* What the macros below put into a wg_layer. */
WG_API wg_tensor wg_layer_linear(wg_tensor x, const void *o, const char *name);
WG_API wg_tensor wg_layer_conv1d(wg_tensor x, const void *o, const char *name);
WG_API wg_tensor wg_layer_conv2d(wg_tensor x, const void *o, const char *name);
WG_API wg_tensor wg_layer_conv3d(wg_tensor x, const void *o, const char *name);
WG_API wg_tensor wg_layer_batch_norm(wg_tensor x, const void *o, const char *name);
WG_API wg_tensor wg_layer_layer_norm(wg_tensor x, const void *o, const char *name);
WG_API wg_tensor wg_layer_seq(wg_tensor x, const void *o, const char *name);
WG_API wg_tensor wg_layer_residual(wg_tensor x, const void *o, const char *name);
WG_API wg_tensor wg_layer_op(wg_tensor x, const void *o, const char *name);

#ifdef __cplusplus
}
#endif

#ifndef __cplusplus
#define WG_LINEAR_(...) &(wg_nn_linear_options){.out = __VA_ARGS__}
#define WG_CONV_(...) &(wg_nn_conv_options){.out = __VA_ARGS__}
#define WG_NORM_(...) &(wg_nn_norm_options){.eps = (double)NAN, .momentum = 0.1, __VA_ARGS__}
#define WG_RECURRENT_(...) &(wg_nn_recurrent_options){.hidden = __VA_ARGS__}
#define WG_NN_NORM_(layer, x, ...) WG_AT(wg_nn_##layer##_create((x), WG_NORM_(__VA_ARGS__)))

#define wg_nn_linear(x, ...) WG_AT(wg_nn_linear_create((x), WG_LINEAR_(__VA_ARGS__)))
#define wg_nn_bilinear(a, b, ...) WG_AT(wg_nn_bilinear_create((a), (b), WG_LINEAR_(__VA_ARGS__)))
#define wg_nn_conv1d(x, ...) WG_AT(wg_nn_conv1d_create((x), WG_CONV_(__VA_ARGS__)))
#define wg_nn_conv2d(x, ...) WG_AT(wg_nn_conv2d_create((x), WG_CONV_(__VA_ARGS__)))
#define wg_nn_conv3d(x, ...) WG_AT(wg_nn_conv3d_create((x), WG_CONV_(__VA_ARGS__)))
#define wg_nn_conv_transpose1d(x, ...) WG_AT(wg_nn_conv_transpose1d_create((x), WG_CONV_(__VA_ARGS__)))
#define wg_nn_conv_transpose2d(x, ...) WG_AT(wg_nn_conv_transpose2d_create((x), WG_CONV_(__VA_ARGS__)))
#define wg_nn_conv_transpose3d(x, ...) WG_AT(wg_nn_conv_transpose3d_create((x), WG_CONV_(__VA_ARGS__)))
/* x, then options */
#define wg_nn_batch_norm(...) WG_NN_NORM_(batch_norm, __VA_ARGS__, .last_ = 0)
#define wg_nn_layer_norm(...) WG_NN_NORM_(layer_norm, __VA_ARGS__, .last_ = 0)
#define wg_nn_rms_norm(...) WG_NN_NORM_(rms_norm, __VA_ARGS__, .last_ = 0)
#define wg_nn_instance_norm(...) WG_NN_NORM_(instance_norm, __VA_ARGS__, .last_ = 0)
/* x, groups, then options */
#define wg_nn_group_norm(x, ...) WG_AT(wg_nn_group_norm_create((x), WG_NORM_(.groups = __VA_ARGS__)))
#define wg_nn_embedding(index, ...)                                                                                                        \
    WG_AT(wg_nn_embedding_create((index), &(wg_nn_embedding_options){.padding_idx = -1, .rows = __VA_ARGS__}))
#define wg_nn_learned_position(x, ...)                                                                                                     \
    WG_AT(wg_nn_learned_position_create((x), &(wg_nn_embedding_options){.padding_idx = -1, .rows = __VA_ARGS__}))
#define wg_nn_rnn(x, h0, h, ...) WG_AT(wg_nn_rnn_create((x), (h0), (h), WG_RECURRENT_(__VA_ARGS__)))
#define wg_nn_gru(x, h0, h, ...) WG_AT(wg_nn_gru_create((x), (h0), (h), WG_RECURRENT_(__VA_ARGS__)))
#define wg_nn_lstm(x, h0, c0, h, c, ...) WG_AT(wg_nn_lstm_create((x), (h0), (c0), (h), (c), WG_RECURRENT_(__VA_ARGS__)))
#define wg_nn_attention(x, ...) WG_AT(wg_nn_attention_create((x), &(wg_nn_attention_options){.heads = __VA_ARGS__}))
#define wg_nn_encoder_layer(x, ...) WG_AT(wg_nn_encoder_layer_create((x), &(wg_nn_transformer_options){.heads = __VA_ARGS__}))
/* x, what the encoder gave, heads, then options */
#define wg_nn_decoder_layer(x, memory_, ...)                                                                                               \
    WG_AT(wg_nn_decoder_layer_create((x), &(wg_nn_transformer_options){.memory = (memory_), .heads = __VA_ARGS__}))

#define WG_LAYERS_(...) ((wg_layers){(const wg_layer[]){__VA_ARGS__}, WG_COUNT_(wg_layer, __VA_ARGS__)})
#define wg_seq(x, ...) WG_AT(wg_seq_of((x), WG_LAYERS_(__VA_ARGS__)))
#define wg_residual(x, ...) WG_AT(wg_residual_of((x), WG_LAYERS_(__VA_ARGS__)))
#define WG_LINEAR(...) {wg_layer_linear, WG_LINEAR_(__VA_ARGS__)}
#define WG_CONV1D(...) {wg_layer_conv1d, WG_CONV_(__VA_ARGS__)}
#define WG_CONV2D(...) {wg_layer_conv2d, WG_CONV_(__VA_ARGS__)}
#define WG_CONV3D(...) {wg_layer_conv3d, WG_CONV_(__VA_ARGS__)}
#define WG_BATCH_NORM(...) {wg_layer_batch_norm, WG_NORM_(__VA_ARGS__)}
#define WG_LAYER_NORM(...) {wg_layer_layer_norm, WG_NORM_(__VA_ARGS__)}
#define WG_OP(op) {wg_layer_op, &(wg_activation){op}}
#define WG_SEQ(...) {wg_layer_seq, &WG_LAYERS_(__VA_ARGS__)}
#define WG_RESIDUAL(...) {wg_layer_residual, &WG_LAYERS_(__VA_ARGS__)}
#endif
#endif

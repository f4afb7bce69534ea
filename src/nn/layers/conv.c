/* conv.c -- convolutional layers over one to three axes, and transposed ones. */
#include "nn/layers/layer.h"

/* The size of each axis: one for all, or the default where none is given. False: neither one nor `axes` of them. */
static bool spread(wg_ints *sizes, int axes, int64_t otherwise)
{
    if (sizes->n == 0) *sizes = (wg_ints){.n = 1, .v = {otherwise}};
    for (int i = 1; sizes->n == 1 && i < axes; i++) sizes->v[i] = sizes->v[0];
    if (sizes->n == 1) sizes->n = axes;
    return sizes->n == axes;
}

static wg_tensor apply(wg_tensor x, wg_tensor w, wg_tensor b, const wg_nn_conv_options *o, int axes, bool transposed)
{
    if (axes == 1 && transposed)
        return wg_conv_transpose1d(x, w, .bias = b, .stride = o->stride.v[0], .padding = o->padding.v[0],
                                   .output_padding = o->output_padding.v[0], .dilation = o->dilation.v[0], .groups = o->groups);
    if (axes == 3 && transposed) {
        wg_tensor y = wg_conv_dx(w, x, .stride = o->stride, .padding = o->padding, .output_padding = o->output_padding,
                                 .dilation = o->dilation, .groups = o->groups);
        return b.tape && wg_ok(y) ? wg_add(y, wg_reshape(b, WG_SHAPE(-1, 1, 1, 1))) : y;
    }
    if (transposed)
        return wg_conv_transpose2d(x, w, .bias = b, .stride = o->stride, .padding = o->padding, .output_padding = o->output_padding,
                                   .dilation = o->dilation, .groups = o->groups);
    if (axes == 1)
        return wg_conv1d(x, w, .bias = b, .stride = o->stride.v[0], .padding = o->padding.v[0], .dilation = o->dilation.v[0],
                         .groups = o->groups);
    if (axes == 2)
        return wg_conv2d(x, w, .bias = b, .stride = o->stride, .padding = o->padding, .dilation = o->dilation, .groups = o->groups);
    return wg_conv3d(x, w, .bias = b, .stride = o->stride, .padding = o->padding, .dilation = o->dilation, .groups = o->groups);
}

static wg_tensor record(const wg__layer *l, wg_tensor x, wg_nn_conv_options o, int axes, bool transposed)
{
    int rank = wg_shape_get(x).rank;
    int64_t in = rank == axes + 2 ? wg_dim(x, 1) : WG_ANY, groups = o.groups = o.groups ? o.groups : 1;
    if (rank != axes + 2) return wg__layer_refuse(l, "x has %d axes, (batch, channels, sizes of %d axes) are wanted", rank, axes);
    if (in < 0) return wg__layer_refuse(l, "the channels of x must be known");
    if (o.kernel.n < 1) return wg__layer_refuse(l, "the kernel has no size");
    if (!spread(&o.kernel, axes, 1) || !spread(&o.stride, axes, 1) || !spread(&o.padding, axes, 0) || !spread(&o.dilation, axes, 1) ||
        !spread(&o.output_padding, axes, 0))
        return wg__layer_refuse(l, "sizes are one for all axes, or %d", axes);
    if (o.out < 0) return wg__layer_refuse(l, "out is negative");
    if (groups < 0 || in % groups || o.out % groups)
        return wg__layer_refuse(l, "%lld groups do not share out %lld channels and %lld outputs", (long long)groups, (long long)in,
                                (long long)o.out);
    wg_shape s = transposed ? WG_SHAPE(in, o.out / groups) : WG_SHAPE(o.out, in / groups);
    double fan = (double)s.dim[1];
    for (int i = 0; i < axes; i++) {
        if (o.kernel.v[i] < 1) return wg__layer_refuse(l, "the kernel's size is %lld", (long long)o.kernel.v[i]);
        s.dim[s.rank++] = o.kernel.v[i];
        fan *= (double)o.kernel.v[i];
    }
    wg_tensor w = wg__layer_param(l, "weight", s, wg__layer_init(o.init, wg__layer_uniform(fan)));
    wg_tensor b = o.no_bias ? WG_NONE : wg__layer_param(l, "bias", WG_SHAPE(o.out), wg__layer_uniform(fan));
    return wg_ok(w) && (o.no_bias || wg_ok(b)) ? apply(x, w, b, &o, axes, transposed) : wg_ok(w) ? b : w;
}

static wg_tensor layer(wg_tensor x, const wg_nn_conv_options *o, const char *kind, int axes, bool transposed)
{
    if (!wg_ok(x)) return x;
    wg__layer l = wg__layer_open(x, kind, o->name, o->shared);
    return wg__layer_close(&l, record(&l, x, *o, axes, transposed), o->act);
}

wg_tensor wg_nn_conv1d_create(wg_tensor x, const wg_nn_conv_options *o) { return layer(x, o, "conv1d", 1, false); }
wg_tensor wg_nn_conv2d_create(wg_tensor x, const wg_nn_conv_options *o) { return layer(x, o, "conv2d", 2, false); }
wg_tensor wg_nn_conv3d_create(wg_tensor x, const wg_nn_conv_options *o) { return layer(x, o, "conv3d", 3, false); }
wg_tensor wg_nn_conv_transpose1d_create(wg_tensor x, const wg_nn_conv_options *o) { return layer(x, o, "conv_transpose1d", 1, true); }
wg_tensor wg_nn_conv_transpose2d_create(wg_tensor x, const wg_nn_conv_options *o) { return layer(x, o, "conv_transpose2d", 2, true); }
wg_tensor wg_nn_conv_transpose3d_create(wg_tensor x, const wg_nn_conv_options *o) { return layer(x, o, "conv_transpose3d", 3, true); }

/* size(x; axes): the number of elements along axes (all by default), as a scalar of x's dtype, or f32 where x is not
 * real. x's value is not read. The derivative is 0. */
#ifndef WG_KERNEL_PART
#include "tape/op.h"

static bool shape(wg_call *c)
{
    const wg_size_options *o = c->attrs;
    uint32_t mask;
    if (!wg__axes(c, &o->axes, c->in[0].shape->rank, &mask)) return false;
    c->dtype = wg_dtype_real(c->in[0].dtype) ? c->in[0].dtype : WG_F32;
    c->shape = (wg_shape){.rank = 0};
    return true;
}

static bool units(wg_work *w)
{
    const wg_size_options *o = w->attrs;
    const wg_shape *x = w->in[0].shape;
    uint32_t mask = wg__axis_mask(&o->axes, x->rank);
    w->size[0] = 1;
    for (int i = 0; i < x->rank; i++)
        if (mask >> i & 1) w->size[0] *= x->dim[i];
    w->units = 1;
    w->cost = 1;
    return true;
}

static const wg_sample samples[] = {
    {.call = "size([[1, 2, 3], [4, 5, 6]])", .value = "6", .grad = "[[0, 0, 0], [0, 0, 0]]"},
    {.call = "size([[1, 2, 3], [4, 5, 6]]; axes=[-1])", .value = "3"},
    {.call = "size([[1, 2, 3], [4, 5, 6]]; axes=[0, 1])", .value = "6"},
    {.call = "size(f64[0, 3]())", .value = "0"},
    {.call = "size(f64[0, 3](); axes=[1])", .value = "3"},
    {.call = "size(2.5)", .value = "1", .grad = "0"},
    {.call = "size(2.5; axes=[0])", .value = "1"},
    {.call = "size(i64[1, 2])", .value = "f32 2"},
    {.call = "size(~[3, 4, 5]; axes=[0, -1])", .value = "15"},
    {.call = "size([1]; axes=[1])", .refused = "axis 1 is out of range for rank 1"},
    {.call = "size([1]; axes=[0, 0])", .refused = "appears twice"},
    {.call = "size([1]; axes=[])", .refused = "axes=[]"},
    {0}};

#define WG_OVER WG_OVER_REALS
#include "tape/instances.h"

const wg_op wg_op_size = {WG_LINE(size), .kind = WG_BLOCK, .shape_only = 1, .shape = shape, .constant = true,
                          .units = units, .kernel = kernels, .key = -1, .samples = samples};
#else

static int64_t FN(kernel)(const wg_args *a, int64_t lo, int64_t hi)
{
    T *y = a->out;
    for (int64_t i = lo; i < hi; i++) y[i] = (T)a->size[0];
    return -1;
}
#endif

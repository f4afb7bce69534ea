/* eye(; n, m, dtype): n rows of m values, 1 where row and column are the same and 0 elsewhere, as torch.eye. m = -1, the default,
 * is n. Letters are sizes known when run. */
#ifndef WG_KERNEL_PART
#include "ops/constant/fill.h"

static bool shape(wg_call *c)
{
    const wg_eye_options *o = c->attrs;
    if (wg_dtype_half(o->dtype)) return wg__refuse(c, "dtype is %s: make it f32 and cast it", wg_dtype_name(o->dtype));
    return wg__fill_shape(c, (wg_shape){{o->n, o->m == -1 ? o->n : o->m}, 2}, o->dtype);
}

/* size: {m} */
static bool units(wg_work *w)
{
    w->units = w->out.shape->dim[0];
    w->size[0] = w->out.shape->dim[1];
    w->cost = 1 + 0.25 * (double)w->size[0];
    return true;
}

static const wg_sample samples[] = {
    {.call = "eye(; n=2)", .value = "f32[[1, 0], [0, 1]]"},
    {.call = "eye(; n=2, m=3, dtype=f64)", .value = "[[1, 0, 0], [0, 1, 0]]"},
    {.call = "eye(; n=3, m=2, dtype=f64)", .value = "[[1, 0], [0, 1], [0, 0]]"},
    {.call = "eye(; n=1, m=-1, dtype=f64)", .value = "[[1]]"},
    {.call = "eye(; n=2, dtype=i64)", .value = "i64[[1, 0], [0, 1]]"},
    {.call = "eye(; n=1, m=2, dtype=i32)", .value = "i32[[1, 0]]"},
    {.call = "eye(; n=2, m=1, dtype=u8)", .value = "u8[[1], [0]]"},
    {.call = "eye(; n=2, dtype=bool)", .value = "bool[[true, false], [false, true]]"},
    {.call = "eye(; n=0)", .value = "f32[0, 0]()"},
    {.call = "eye(; n=2, m=0)", .value = "f32[2, 0]()"},
    {.call = "eye(; n=0, m=3, dtype=f64)", .value = "f64[0, 3]()"},
    {.call = "eye(; n=-1)", .refused = "size -1 of axis 0"},
    {.call = "eye(; n=2, m=-2)", .refused = "size -2 of axis 1"},
    {.call = "eye(; n=2, dtype=bf16)", .refused = "dtype is bf16: make it f32 and cast it"},
    {.call = "eye(; m=2)", .refused = "n"},
    {.call = "eye(; n=4611686018427387904, m=4)", .refused = "more elements than memory can hold"},
    {0}};

#define WG_OVER WG_OVER_COMPUTED
#include "tape/instances.h"

const wg_op wg_op_eye = {WG_LINE(eye), .kind = WG_BLOCK, .shape = shape, .constant = true, .units = units, .kernel = kernels,
                         .samples = samples};
#else

static int64_t FN(kernel)(const wg_args *a, int64_t lo, int64_t hi)
{
    const int64_t m = a->size[0];
    for (int64_t i = lo; i < hi; i++) {
        T *y = (T *)a->out + i * m;
        for (int64_t j = 0; j < m; j++) y[j] = i == j;
    }
    return -1;
}
#endif

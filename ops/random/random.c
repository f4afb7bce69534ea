/* random(step, like; key, kind, seed): random numbers of the shape and dtype of like, by counter: element i of a draw is
 * Philox4x32-10 of (i, step) under (seed, key), and of nothing else, so threads, merging, recomputation and resumption cannot
 * change it. "uniform" in [0, 1): 24 bits for f32, 53 for f64; "normal": Box and Muller 1958. rand, randn and dropout record it. */
#ifndef WG_KERNEL_PART
#include "tape/op.h"

#include "base/philox.h"

enum { GRAIN = 1024 };

static bool shape(wg_call *c)
{
    if (c->in[0].shape->rank != 0) return wg__refuse(c, "step must be a scalar");
    if (!wg_dtype_real(c->in[1].dtype)) return wg__refuse(c, "like must be f32 or f64");
    c->dtype = c->in[1].dtype;
    c->shape = *c->in[1].shape;
    return true;
}

static bool units(wg_work *w)
{
    w->size[0] = wg_shape_count(*w->out.shape);
    w->units = (w->size[0] + GRAIN - 1) / GRAIN;
    w->cost = 8 * GRAIN;
    return true;
}

/* two uniform doubles in [0, 1), 53 bits each */
static inline void draw(const wg_random_options *o, int64_t step, int64_t i, double u[2])
{
    uint32_t counter[4] = {(uint32_t)i, (uint32_t)((uint64_t)i >> 32), (uint32_t)step, (uint32_t)((uint64_t)step >> 32)}, out[4];
    uint32_t key[2] = {(uint32_t)o->seed, (uint32_t)o->key};
    wg__philox(counter, key, out);
    for (int k = 0; k < 2; k++) u[k] = ((double)(out[2 * k] >> 5) * 67108864.0 + (double)(out[2 * k + 1] >> 6)) / 9007199254740992.0;
}

static const wg_sample samples[] = {
    {"random(i64 0, [1, 2, 3]; key=1, seed=7)"},
    {"random(i64[0, 1], [1])", .refused = "key"},
    {"random(i64[0, 1], [1]; key=0)", .refused = "step must be a scalar"},
    {"random(i64 0, i64[1]; key=0)", .refused = "like must be f32 or f64"},
    {0}};

#define WG_OVER WG_OVER_REALS
#include "tape/instances.h"

const wg_op wg_op_random = {WG_LINE(random), .kind = WG_BLOCK, .index = 1, .shape_only = 2, .shape = shape, .units = units, .key = -1,
                            .constant = true, .kernel = kernels, .samples = samples};
#else

static int64_t FN(kernel)(const wg_args *a, int64_t lo, int64_t hi)
{
    const wg_random_options *o = a->attrs;
    int64_t step = *(const int64_t *)a->in[0], n = a->size[0], end = hi * GRAIN < n ? hi * GRAIN : n;
    T *y = a->out;
    for (int64_t i = lo * GRAIN; i < end; i++) {
        double u[2];
        draw(o, step, i, u);
        if (o->kind[0] == 'n') y[i] = (T)(sqrt(-2 * log(1 - u[0])) * cos(6.283185307179586476925 * u[1]));
        else y[i] = sizeof(T) == sizeof(double) ? (T)u[0] : (T)(floor(u[0] * 16777216.0) / 16777216.0);
    }
    return -1;
}
#endif

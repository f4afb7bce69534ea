/* random(step, like; key, kind, seed): draws of like's shape and dtype, "uniform" in [0, 1) or "normal" (Box and Muller
 * 1958): words of Philox4x32-10 (Salmon et al. 2011) of the counters (block, step) under (seed, key), so that a draw
 * depends on nothing but its place: not on the number of threads, on the order or on what else is drawn; f32 draws are f64
 * ones with 24 bits, of u or of the angle 2 pi u. Blocks are made LANES at a time; their first numbers come first, then the
 * second. like's value is not read. */
#ifndef WG_KERNEL_PART
#include <string.h>

#include "base/philox.h"
#include "tape/op.h"

enum { LANES = 16, DRAWN = 2 * LANES };

static bool shape(wg_call *c)
{
    char text[128];
    if (c->in[0].shape->rank != 0) return wg__refuse(c, "step is %s, which must be a scalar", wg__show_type(text, c->in[0]));
    if (!wg_dtype_real(c->in[1].dtype)) return wg__refuse(c, "like is %s, which must be f32 or f64", wg__show_type(text, c->in[1]));
    c->shape = *c->in[1].shape;
    c->dtype = c->in[1].dtype;
    return true;
}

static bool units(wg_work *w)
{
    const wg_random_options *o = w->attrs;
    w->units = 1;
    for (int i = 0; i < w->out.shape->rank; i++) w->units *= w->out.shape->dim[i];
    w->cost = o->kind[0] == 'u' ? 2 : 8;
    return true;
}

/* Philox's first block for key (0, 0) and counter 0 is 6627e8d5 e169c58d bc57ac4c 9b00dbd8 (its authors' test vector). */
static const wg_sample samples[] = {
    {.call = "random(i64 0, [0, 0, 0]; key=0)", .value = "[0.3990464708489645, 0.9722412015223156, 0.019449422443156505]"},
    {.call = "random(i64 0, [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, "
     "0, 0, 0]; key=0)",
     .value = "[0.3990464708489645, 0.9722412015223156, 0.019449422443156505, 0.7873677707778073, 0.9345361787578239, "
              "0.45032620314223437, 0.7136123163642784, 0.6589830631954937, 0.24912508684843004, 0.5894929012673422, "
              "0.8416718493252352, 0.6287523810839876, 0.6456545182158121, 0.354971192681395, 0.03251116351119199, "
              "0.6363595998584118, 0.7357127844834425, 0.6939309190579442, 0.14094660740153553, 0.6046306675828007, "
              "0.9421295367453658, 0.6702778102726364, 0.8296334212726296, 0.7200757843564742, 0.9407203092341611, "
              "0.9471833252128012, 0.1685871795716598, 0.9253368367958115, 0.1395097195528211, 0.403940139038787, "
              "0.5184539302875263, 0.711451754675268, 0.5835218479400437, 0.4185551933716247, 0.10381138895284958, "
              "0.6287854204945369]"},
    {.call = "random(i64 7, [[0], [0]]; key=3, seed=42)", .value = "[[0.9720318179899676], [0.814664019955357]]"},
    {.call = "random(i64 0, [0, 0, 0]; key=0, kind=\"normal\")",
     .value = "[-0.09047305844120267, -0.9238335510946979, 0.12542508072952097]", .ulps = 64},
    {.call = "random(i64 7, [0, nan]; key=3, kind=\"normal\", seed=42)", .value = "[-0.3662340576908462, -0.21207451857567597]"},
    {.call = "random(i64 -1, 0.0; key=0)", .value = "0.8379536651789878"},
    {.call = "random(i64 15032385541, [0, 0, 0]; key=2, seed=9)", .value = "[0.9082573062459223, 0.8292418331790926, 0.18563354545356103]"},
    {.call = "random(i64 0, f64[0, 2](); key=0)", .value = "f64[0, 2]()"},
    {.call = "random(i64[0], [0]; key=0)", .refused = "step is i64[1], which must be a scalar"},
    {.call = "random([0.5], [0]; key=0)", .refused = "step is f64[1], which must be i64"},
    {.call = "random(i64 0, i64[0]; key=0)", .refused = "like is i64[1], which must be f32 or f64"},
    {.call = "random(i64 0, [0]; key=0, kind=\"poisson\")", .refused = "kind=\"poisson\" is not one of uniform, normal"},
    {0}};

#define WG_OVER WG_OVER_REALS
#include "tape/instances.h"

const wg_op wg_op_random = {WG_LINE(random), .kind = WG_BLOCK, .index = 1, .shape_only = 2, .shape = shape, .constant = true,
                            .units = units, .kernel = kernels, .key = -1, .keyed = 1, .samples = samples};
#else

/* [0, 1): 24 bits of one word, or 53 of two; high is the more significant. */
static T FN(uniform)(uint32_t high, uint32_t low)
{
    if (sizeof(T) == 4) return (T)(high >> 8) * C(0x1p-24);
    return (T)(((uint64_t)high << 32 | low) >> 11) * C(0x1p-53);
}

/* (0, 1]; f32 keeps 32 bits near 0, since they make the tails of the normal distribution. */
static T FN(above_zero)(uint32_t high, uint32_t low)
{
    if (sizeof(T) == 4) return ((T)~high + C(0.5)) * C(0x1p-32);
    return C(1) - FN(uniform)(high, low);
}

static void FN(blocks)(uint64_t first, uint64_t step, const uint32_t key[2], uint32_t word[4][LANES])
{
    for (int l = 0; l < LANES; l++) {
        const uint64_t block = first + (uint64_t)l;
        const uint32_t counter[4] = {(uint32_t)block, (uint32_t)(block >> 32), (uint32_t)step, (uint32_t)(step >> 32)};
        uint32_t bits[4];
        wg__philox(counter, key, bits);
        for (int k = 0; k < 4; k++) word[k][l] = bits[k];
    }
}

static void FN(uniforms)(uint32_t word[4][LANES], T *y)
{
    for (int l = 0; l < LANES; l++) {
        y[l] = FN(uniform)(word[0][l], word[1][l]);
        y[LANES + l] = FN(uniform)(word[2][l], word[3][l]);
    }
}

/* A radius and an angle are two numbers, one along each axis. */
static void FN(normals)(uint32_t word[4][LANES], T *y)
{
    for (int l = 0; l < LANES; l++) {
        const T radius = M(sqrt)(C(-2) * M(log)(FN(above_zero)(word[0][l], word[1][l])));
        const T angle = C(6.28318530717958647693) * FN(uniform)(word[2][l], word[3][l]);
        y[l] = radius * M(cos)(angle);
        y[LANES + l] = radius * M(sin)(angle);
    }
}

static int64_t FN(kernel)(const wg_args *a, int64_t lo, int64_t hi)
{
    const wg_random_options *o = a->attrs;
    const uint32_t key[2] = {(uint32_t)o->seed, (uint32_t)o->key};
    T *y = a->out, drawn[DRAWN];
    for (int64_t i = lo, skip = lo % DRAWN, n; i < hi; i += n, skip = 0) {
        uint32_t word[4][LANES];
        FN(blocks)((uint64_t)(i / DRAWN * LANES), ((const uint64_t *)a->in[0])[0], key, word);
        if (o->kind[0] == 'n') FN(normals)(word, drawn);
        else FN(uniforms)(word, drawn);
        n = DRAWN - skip < hi - i ? DRAWN - skip : hi - i;
        memcpy(y + i, drawn + skip, (size_t)n * sizeof *y);
    }
    return -1;
}
#endif

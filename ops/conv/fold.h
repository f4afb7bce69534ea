/* fold.h -- the way back from windows to an image, with AVX-512 and stride 1 along the last axis: 16 (8) places of a row of x, of several
 * channels, are kept in registers while all that taps have for them is added. Adding window by window in memory instead would wait for
 * each store before it. A template: see tile.h. */
#if defined WG_AVX512_HERE

/* The rows of x, along one axis, that rows o0..o1 of y come from. */
static inline void FN(fold_range)(const conv_axis *a, int64_t o0, int64_t o1, int64_t *lo, int64_t *hi)
{
    int64_t first = o0 * a->stride - a->padding, last = o1 * a->stride - a->padding + (a->k - 1) * a->dilation + 1;
    *lo = first > 0 ? first : 0;
    *hi = conv_least(last, a->in);
}

/* The row of y whose tap k sees place i, or -1. */
static inline int64_t FN(fold_from)(const conv_axis *a, int64_t i, int64_t k)
{
    int64_t at = i + a->padding - k * a->dilation;
    return at < 0 || at % a->stride || at / a->stride >= a->out ? -1 : at / a->stride;
}

/* Of a panel of positions j0..j1-1 the windows of a block of channels: row tap * channels + channel. */
typedef struct FN(fold) {
    const conv_plan *p;
    const T *windows;
    int64_t channels, j0, j1;
} FN(fold);

/* Adds to places x0, x0 + 1, ... of row z, y of `count` channels from x on. */
static inline __attribute__((always_inline)) void FN(fold_places)(const FN(fold) *f, T *x, const T *windows, const int count, int64_t z,
                                                                  int64_t y, int64_t x0)
{
    const conv_axis *a = f->p->axis;
    FN(gemm_vector) sum[8] = {{0}};
    for (int64_t kz = 0; kz < a[0].k; kz++)
        for (int64_t ky = 0; ky < a[1].k; ky++) {
            int64_t oz = FN(fold_from)(&a[0], z, kz), oy = FN(fold_from)(&a[1], y, ky), at = (oz * a[1].out + oy) * a[2].out - f->j0;
            if (oz < 0 || oy < 0 || at >= f->j1 - f->j0 || at + a[2].out <= 0) continue;
            int64_t lo = at < 0 ? -at : 0, hi = conv_least(a[2].out, f->j1 - f->j0 - at);
            const T *row = windows + (kz * a[1].k + ky) * a[2].k * f->channels * CONV_NR;
            for (int64_t kx = 0; kx < a[2].k; kx++, row += f->channels * CONV_NR) {
                int64_t from = x0 + a[2].padding - kx * a[2].dilation; /* of y, in the first lane */
                int64_t first = lo > from ? lo - from : 0, last = conv_least(hi - from, CONV_LANES);
                if (first >= last) continue;
                int64_t mask = ((1 << (last - first)) - 1) << first;
                for (int c = 0; c < count; c++) sum[c] += FN(conv_load)((FN(gemm_vector)){0}, mask, row + c * CONV_NR + at + from);
            }
        }
    int64_t mask = (1 << conv_least(a[2].in - x0, CONV_LANES)) - 1;
    for (int c = 0; c < count; c++) {
        T *to = x + c * f->p->in_plane + (z * a[1].in + y) * a[2].in + x0;
        FN(conv_store)(to, mask, FN(conv_load)((FN(gemm_vector)){0}, mask, to) + sum[c]);
    }
}

static void FN(fold_all)(const FN(fold) *f, T *x)
{
    const conv_axis *a = f->p->axis;
    int64_t r0 = f->j0 / a[2].out, r1 = (f->j1 - 1) / a[2].out, z0, z1, y0, y1, x0 = 0, x1 = a[2].in;
    bool one = r0 / a[1].out == r1 / a[1].out; /* one plane of y */
    FN(fold_range)(&a[0], r0 / a[1].out, r1 / a[1].out, &z0, &z1);
    FN(fold_range)(&a[1], one ? r0 % a[1].out : 0, one ? r1 % a[1].out : a[1].out - 1, &y0, &y1);
    if (r0 == r1) FN(fold_range)(&a[2], f->j0 % a[2].out, (f->j1 - 1) % a[2].out, &x0, &x1);
    for (int64_t z = z0; z < z1; z++)
        for (int64_t y = y0; y < y1; y++)
            for (int64_t i = x0; i < x1; i += CONV_LANES) {
                int64_t c = 0;
                for (; c + 8 <= f->channels; c += 8) FN(fold_places)(f, x + c * f->p->in_plane, f->windows + c * CONV_NR, 8, z, y, i);
                for (; c < f->channels; c++) FN(fold_places)(f, x + c * f->p->in_plane, f->windows + c * CONV_NR, 1, z, y, i);
            }
}
#endif

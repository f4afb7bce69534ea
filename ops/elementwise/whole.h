/* whole.h -- what div, fmod and remainder share: words for an integer by 0, and the remainder of a cut division. */
#ifndef WG_KERNEL_PART
#ifndef WG_OPS_ELEMENTWISE_WHOLE_H
#define WG_OPS_ELEMENTWISE_WHOLE_H

#include "tape/op.h"

static inline void wg__explain_zero(const wg_work *w, const wg_args *a, int64_t position, char *why, size_t why_size)
{
    (void)w, (void)a;
    snprintf(why, why_size, "integer division by zero at element %lld", (long long)position);
}

#endif
#elif defined WG_WITH_REMAINDERS

/* a's sign, or, floored, b's. f64's is exact for f32 too; the smallest integer by -1 would overflow. */
static inline __attribute__((always_inline)) int64_t FN(remainders)(const wg_args *a, int64_t lo, int64_t hi, bool floored)
{
    const T *x = a->in[0], *z = a->in[1];
    T *y = a->out;
    const bool whole = C(0.5) == 0;
    for (int64_t i = lo; i < hi; i++) {
        if (whole && z[i] == 0) return i;
        T cut = !whole ? (T)WG_K64(fmod)((double)x[i], (double)z[i]) : z[i] == C(-1) ? 0 : x[i] - x[i] / z[i] * z[i];
        y[i] = floored && cut != 0 && (cut < 0) != (z[i] < 0) ? cut + z[i] : cut;
    }
    return -1;
}
#endif

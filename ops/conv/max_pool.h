/* max_pool.h -- which value of a window is its largest, for the three ops that go by it: max_pool gives it, max_pool_take what another
 * tensor has at its place, max_pool_put puts there what comes back. The first of equals; the first NaN wins. So max_pool's place need
 * not be kept: finding it again costs less than writing and reading it. */
#include "ops/conv/pool.h"

#ifndef WG_KERNEL_PART
#define MAX_ATTRS(o)                                                                                                                       \
    (&(pool_attrs){                                                                                                                        \
        .kernel = (o)->kernel, .stride = (o)->stride, .padding = (o)->padding, .dilation = (o)->dilation, .ceil = (o)->ceil})

enum { STRETCH = 64 }; /* windows of a row at a time */
#else

/* Windows of 2 along the last axis, side by side: four at a time. Spelt in vectors, because the few that a compiler leaves over at the end
   of a row go through branches that are wrong half of the time, and rows are short. */
typedef T FN(four) __attribute__((vector_size(4 * sizeof(T))));
typedef T FN(four_there) __attribute__((vector_size(4 * sizeof(T)), aligned(sizeof(T)), may_alias));
typedef __typeof__((FN(four)){0} == (FN(four)){0}) FN(mask);

/* Macros, because not every instruction set passes vectors of four f64 to functions. */
#undef PICK
#undef STAYS
#define PICK(m, a, b) ((FN(four))(((m) & (FN(mask))(a)) | (~(m) & (FN(mask))(b))))
#define STAYS(a, b) (((a) >= (b)) | ((a) != (a))) /* whether a is the largest still when b comes */

/* The first and the second values of four pairs. */
static inline __attribute__((always_inline)) void FN(split)(const T *x, FN(four) *first, FN(four) *second)
{
    FN(four) a = *(const FN(four_there) *)x, b = *(const FN(four_there) *)(x + 4);
    *first = __builtin_shufflevector(a, b, 0, 2, 4, 6);
    *second = __builtin_shufflevector(a, b, 1, 3, 5, 7);
}

/* Of n windows side by side from position j, where in x the largest is. */
static inline void FN(largest)(const conv_plan *p, const T *x, int64_t j, int64_t n, int64_t *where)
{
    conv_run run;
    conv_span span;
    T best[STRETCH] = {0};
    conv_runs(p, j, j + n, &run);
    for (int64_t t = 0; t < n; t++) where[t] = -1;
    for (int64_t tap = 0; tap < p->taps; tap++) {
        conv_spans(p, tap, &run, 1, &span);
        for (int64_t t = span.lo; t < span.hi; t++) {
            int64_t at = span.from + t * p->axis[2].stride;
            bool better = where[t] < 0 || (!(best[t] >= x[at]) && best[t] == best[t]);
            best[t] = better ? x[at] : best[t];
            where[t] = better ? at : where[t];
        }
    }
}
#endif

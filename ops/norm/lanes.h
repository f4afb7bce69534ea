/* lanes.h -- WIDTH values at a time, for the kernel part: vectors of the compiler's, which makes of them what the instruction set has.
 * Sums over a row are kept lane by lane; the lanes of many rows are then folded in two together, step by step, for the steps of one row
 * would wait for each other. */
#ifndef WG_KERNEL_PART
#ifndef WG_OPS_NORM_LANES_H
#define WG_OPS_NORM_LANES_H

enum { WIDTH = 16, BLOCK = 256 /* terms that are added in T before they go to double */ };

#endif
#else

typedef T FN(many) __attribute__((vector_size(WIDTH * sizeof(T))));
typedef T FN(many_there) __attribute__((vector_size(WIDTH * sizeof(T)), aligned(sizeof(T)), may_alias));
typedef __typeof__(__builtin_choose_expr(sizeof(T) == 4, (int32_t)0, (int64_t)0)) FN(number);
typedef FN(number) FN(many_numbers) __attribute__((vector_size(WIDTH * sizeof(T))));

#define MANY(x) (*(const FN(many_there) *)(x))
#define PUT_MANY(y, v) (*(FN(many_there) *)(y) = (v))
#define LANE_NUMBERS ((FN(many_numbers)){0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15})
/* lane by lane a where pick says so, else b; in registers, for a masked load would wait for the store before it */
#define PICK_MANY(pick, a, b) ((FN(many))(((pick) & (FN(many_numbers))(a)) | (~(pick) & (FN(many_numbers))(b))))

/* Lane by lane, the sums of what `term` gives of the values x[j .. j + WIDTH), written with v and of x[j]; into lanes of WIDE. */
#define ROW_SUMS(lanes, n, vector_term, term)                                                                                              \
    do {                                                                                                                                   \
        int64_t j = 0;                                                                                                                     \
        for (int k = 0; k < WIDTH; k++) (lanes)[k] = 0;                                                                                    \
        while (j + WIDTH <= (n)) {                                                                                                         \
            int64_t end = j + BLOCK < (n) ? j + BLOCK : (n);                                                                               \
            FN(many) sum = {0};                                                                                                            \
            for (; j + WIDTH <= end; j += WIDTH) sum += vector_term;                                                                       \
            for (int k = 0; k < WIDTH; k++) (lanes)[k] += (WIDE)sum[k];                                                                    \
        }                                                                                                                                  \
        for (int k = 0; j < (n); j++, k++) (lanes)[k] += (WIDE)(term);                                                                     \
    } while (0)
#endif

/* lanes.h -- WIDTH values at a time, for the kernel part: vectors of the compiler's, which makes of them what the instruction set has.
 * Sums over a row are kept lane by lane; the lanes of many rows are then folded in two together, step by step, for the steps of one row
 * would wait for each other. */
#ifndef WG_KERNEL_PART
#ifndef WG_OPS_NORM_LANES_H
#define WG_OPS_NORM_LANES_H

enum { WIDTH = 16 };

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
#endif

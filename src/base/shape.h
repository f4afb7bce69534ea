/* shape.h -- sizes that are numbers or symbols. A negative size is a symbol: WG_DIM(letter), which the user gave, or
 * a fresh one, given to each WG_ANY and to each size that a rule cannot work out. Equal symbols are equal sizes. */
#ifndef WG_BASE_SHAPE_H
#define WG_BASE_SHAPE_H

#include <wengert/base.h>

#define WG_FIRST_FRESH (INT64_MIN + 256)

static inline bool wg__is_letter(int64_t size) { return size < WG_FIRST_FRESH && size > INT64_MIN; }
static inline bool wg__dims_equal(const wg_shape *a, const wg_shape *b)
{
    if (a == b) return true;
    if (a->rank != b->rank) return false;
    for (int i = 0; i < a->rank; i++)
        if (a->dim[i] != b->dim[i]) return false;
    return true;
}
static inline bool wg__shape_known(const wg_shape *s)
{
    for (int i = 0; i < s->rank; i++)
        if (s->dim[i] < 0) return false;
    return true;
}
/* Elements of a shape that is known and was found to fit memory. */
static inline int64_t wg__elements(const wg_shape *s)
{
    int64_t n = 1;
    for (int i = 0; i < s->rank; i++) n *= s->dim[i];
    return n;
}
/* Elements, or false when the product does not fit. Sizes must be known. */
bool wg__count(const wg_shape *s, int64_t *count);
/* "[?,128]"; spaced: "[?, 128]". */
void wg__show_shape(char *text, size_t size, size_t *used, const wg_shape *s, bool spaced);
void wg__strides(const wg_shape *s, int64_t stride[WG_MAX_RANK]); /* row-major */

#endif

/* shape.c -- comparing, counting and showing shapes with symbols. */
#include "base/shape.h"

#include "base/error.h"

bool wg__count(const wg_shape *s, int64_t *count)
{
    /* the product of what is not zero must fit too: (2^40, 2^40, 0) is refused, as its strides would overflow */
    int64_t product = 1;
    bool empty = false;
    for (int i = 0; i < s->rank; i++) {
        if (s->dim[i] == 0) empty = true;
        else if (__builtin_mul_overflow(product, s->dim[i], &product)) return false;
    }
    *count = empty ? 0 : product;
    return product <= INT64_MAX / 16;
}

void wg__show_shape(char *text, size_t size, size_t *used, const wg_shape *s, bool spaced)
{
    wg__append(text, size, used, "[");
    for (int i = 0; i < s->rank; i++) {
        const char *gap = i == 0 ? "" : spaced ? ", " : ",";
        if (s->dim[i] >= 0) wg__append(text, size, used, "%s%lld", gap, (long long)s->dim[i]);
        else if (wg__is_letter(s->dim[i])) wg__append(text, size, used, "%s%c", gap, (char)(s->dim[i] - INT64_MIN));
        else wg__append(text, size, used, "%s?", gap);
    }
    wg__append(text, size, used, "]");
}

void wg__strides(const wg_shape *s, int64_t stride[WG_MAX_RANK])
{
    int64_t step = 1;
    for (int i = s->rank - 1; i >= 0; i--) {
        stride[i] = step;
        step *= s->dim[i] ? s->dim[i] : 1;
    }
}

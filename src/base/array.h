/* array.h -- what is wrong with an array that somebody handed in; one value of it. */
#ifndef WG_BASE_ARRAY_H
#define WG_BASE_ARRAY_H

#include <wengert/base.h>

typedef struct wg_dtype_row {
    const char *name; /* NULL: no dtype has this number */
    size_t size;
    bool real, half;
} wg_dtype_row;

extern const wg_dtype_row wg__dtypes[];

/* The bytes of an element, d being a dtype. */
static inline size_t wg__width(unsigned d) { return wg__dtypes[d].size; }

/* NULL: it is one, whose elements may be read. Else the reason, for a message. */
const char *wg__array_wrong(const wg_array *a);

/* Whether values of d are real numbers, computed with or only stored. */
static inline bool wg__floats(wg_dtype d) { return wg_dtype_real(d) || wg_dtype_half(d); }

/* What wg_array_put does, at `at`, which may be aligned to bytes only. */
void wg__put_value(void *at, wg_dtype d, double v);

/* v rounded to what d, which is real, can hold. */
double wg__rounded_to(wg_dtype d, double v);

#endif

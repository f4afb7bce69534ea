/* array.h -- what is wrong with an array that somebody handed in; one value of it. */
#ifndef WG_BASE_ARRAY_H
#define WG_BASE_ARRAY_H

#include <wengert/base.h>

/* NULL: it is one, whose elements may be read. Else the reason, for a message. */
const char *wg__array_wrong(const wg_array *a);

/* Whether values of d are real numbers, computed with or only stored. */
static inline bool wg__floats(wg_dtype d) { return wg_dtype_real(d) || wg_dtype_half(d); }

/* What wg_array_put does, at `at`, which may be aligned to bytes only. */
void wg__put_value(void *at, wg_dtype d, double v);

/* v rounded to what d, which is real, can hold. */
double wg__rounded_to(wg_dtype d, double v);

#endif

/* array.h -- what is wrong with an array that somebody handed in. */
#ifndef WG_BASE_ARRAY_H
#define WG_BASE_ARRAY_H

#include <wengert/base.h>

/* NULL: it is one, whose elements may be read. Else the reason, for a message. */
const char *wg__array_wrong(const wg_array *a);

#endif

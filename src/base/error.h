/* error.h -- the first error of a tape, a plan, a store or a reader, in words. */
#ifndef WG_BASE_ERROR_H
#define WG_BASE_ERROR_H

#include <wengert/base.h>

typedef struct wg_fault {
    wg_status status;
    char text[512];
} wg_fault;

/* Keeps the first error only: a later one is mostly its consequence. Returns the status kept. */
wg_status wg__fail(wg_fault *f, wg_status status, const char *format, ...) WG_PRINTF(3, 4);

/* snprintf at *used; never writes past size, *used never exceeds it. */
void wg__append(char *text, size_t size, size_t *used, const char *format, ...) WG_PRINTF(4, 5);

#endif

/* params.h -- the parameter store: named arrays at fixed addresses, so that tapes and plans may keep pointers. */
#ifndef WG_TAPE_PARAMS_H
#define WG_TAPE_PARAMS_H

#include "base/error.h"
#include <wengert/tape.h>

typedef struct wg_stored {
    char *name;
    wg_array array; /* owned; never moves */
    wg_param_kind kind;
} wg_stored;

wg_stored *wg__stored(const wg_params *p, const char *name); /* NULL: not there */
wg_status wg__params_add(wg_params *p, const char *name, wg_dtype dtype, wg_shape shape, wg_param_kind kind, wg_stored **out);
void wg__params_drop_last(wg_params *p); /* the entry made last: what it was made for failed, and no one has seen it */
wg_status wg__params_fail(wg_params *p, wg_status s, const char *format, ...) WG_PRINTF(3, 4);
/* The same with a text as long as it needs to be, which the store takes over; of WG_OK it is what wg_params_left says. */
wg_status wg__params_fail_long(wg_params *p, wg_status s, char *text);
void wg__params_fail_clear(wg_params *p);
/* Fills a new parameter by a param node's init, from the seed and its name. */
wg_status wg__params_fill(wg_stored *s, uint32_t seed, const wg_init *init);

#endif

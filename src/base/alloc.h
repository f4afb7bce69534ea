/* alloc.h -- the only door to the system's memory: everything here may fail, and says so with NULL or false. */
#ifndef WG_BASE_ALLOC_H
#define WG_BASE_ALLOC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

void *wg__alloc(size_t bytes);     /* zeroed, aligned for any type; NULL when there is none      */
void *wg__alloc_big(size_t bytes); /* 64-byte aligned, not zeroed, huge pages asked for when big */
void wg__free(void *p);            /* frees both kinds; NULL is fine                             */
char *wg__strdup(const char *s);

/* a * b, or SIZE_MAX where it does not fit (which no allocation grants). */
size_t wg__mul(size_t a, size_t b);

/* Makes room for `need` items of `size` bytes in *items: by doubling, or, of many, for as many as are asked for. */
bool wg__grow(void **items, size_t *capacity, size_t need, size_t size);
static inline bool wg__reserve(void **items, size_t *capacity, size_t need, size_t size)
{
    return need <= *capacity || wg__grow(items, capacity, need, size);
}
#define WG_RESERVE(items, capacity, need) wg__reserve((void **)&(items), &(capacity), (need), sizeof *(items))

/* A bump allocator: freed all at once. Zero-initialise. */
typedef struct wg_arena {
    struct wg_arena_block *last;
    size_t used, size;
    size_t total; /* bytes of all blocks: later ones are larger */
} wg_arena;
void *wg__arena_get(wg_arena *a, size_t bytes); /* zeroed, 16-byte aligned */
char *wg__arena_text(wg_arena *a, const char *text, size_t length);
void wg__arena_free(wg_arena *a);

#endif

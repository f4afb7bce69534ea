/* alloc.h -- the only door to the system's memory: everything here may fail, and says so with NULL or false. */
#ifndef WG_BASE_ALLOC_H
#define WG_BASE_ALLOC_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

void *wg__alloc(size_t bytes);     /* zeroed, aligned for any type; NULL when there is none      */
void *wg__alloc_big(size_t bytes); /* 64-byte aligned, not zeroed, huge pages asked for when big */
void wg__free(void *p);            /* frees both kinds; NULL is fine                             */
char *wg__strdup(const char *s);

/* A file's bytes in memory, at the start of a page; what is written there stays this process's own. NULL: errno says why. */
void *wg__map(int file, size_t bytes);
void wg__unmap(void *p, size_t bytes); /* NULL is fine */

/* a * b, or SIZE_MAX where it does not fit (which no allocation grants). */
size_t wg__mul(size_t a, size_t b);

/* Big blocks that stay with their owner: what is put back is kept and given out again, without new pages from the system. What
   is small is the system's all the same, which keeps it likewise. Zero-initialise. A stock may be used by several threads, and
   everywhere NULL is one that keeps nothing. */
typedef struct wg_stock {
    struct wg_stocked *block;
    size_t blocks, capacity;
    atomic_flag busy;
} wg_stock;
void *wg__take(wg_stock *k, size_t bytes); /* as wg__alloc_big: not zeroed                         */
void *wg__take_zeroed(wg_stock *k, size_t bytes);
void wg__put(wg_stock *k, void *p); /* what was taken from k; NULL is fine                  */
void wg__stock_age(wg_stock *k);    /* frees what was not needed since the call before this */
void wg__stock_shrink(wg_stock *k); /* frees what is not taken                              */
void wg__stock_free(wg_stock *k);   /* everything, also what was not put back               */

/* Makes room for `need` items of `size` bytes in *items: by doubling, or, of many, for as many as are asked for. */
bool wg__grow(wg_stock *k, void **items, size_t *capacity, size_t need, size_t size);
static inline bool wg__reserve(wg_stock *k, void **items, size_t *capacity, size_t need, size_t size)
{
    return need <= *capacity || wg__grow(k, items, capacity, need, size);
}
#define WG_RESERVE_FROM(stock, items, capacity, need) wg__reserve(stock, (void **)&(items), &(capacity), (need), sizeof *(items))
#define WG_RESERVE(items, capacity, need) WG_RESERVE_FROM(NULL, items, capacity, need)

/* A bump allocator: freed all at once. Zero-initialise. */
typedef struct wg_arena {
    struct wg_arena_block *last;
    size_t used, size, zeroed;
    size_t total;    /* bytes of all blocks: later ones are larger */
    wg_stock *stock; /* where they are from; stays when it is freed */
} wg_arena;
void *wg__arena_get(wg_arena *a, size_t bytes); /* zeroed, 16-byte aligned */
char *wg__arena_text(wg_arena *a, const char *text, size_t length);
void wg__arena_free(wg_arena *a);

#endif

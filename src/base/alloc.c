/* alloc.c -- memory. All of the library's allocations pass through malloc, aligned_alloc and realloc below, so a
 * test that wraps these three sees, and can fail, every one of them. */
#define _GNU_SOURCE
#include "base/alloc.h"

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

/* A fresh small page costs nearly a nanosecond a byte, a huge one a ninth of that: what is not small is made of whole
   huge pages, also where it fills no more than BIG bytes of one. From KEPT on a stock keeps it: the system may take back what is freed,
   and its pages are fresh again. */
enum { ALIGN = 64, HUGE_PAGE = 2 << 20, BIG = HUGE_PAGE / 4, KEPT = 1 << 14, BLOCK = 1 << 16, BLOCK_MOST = 32 << 20, AHEAD = 4096 };

/* What is kept is no one's: to the address sanitizer it is freed memory. */
#if defined __has_feature
#if __has_feature(address_sanitizer)
#define WG_ASAN 1
#endif
#endif
#if defined __SANITIZE_ADDRESS__ || defined WG_ASAN
#include <sanitizer/asan_interface.h>
#define WG_POISON(p, size) ASAN_POISON_MEMORY_REGION(p, size)
#define WG_UNPOISON(p, size) ASAN_UNPOISON_MEMORY_REGION(p, size)
#else
#define WG_POISON(p, size) ((void)0)
#define WG_UNPOISON(p, size) ((void)0)
#endif

struct wg_arena_block {
    struct wg_arena_block *previous;
    size_t size;
};

static size_t rounded(size_t bytes)
{
    size_t to = bytes >= BIG ? HUGE_PAGE : ALIGN;
    return bytes ? (bytes + to - 1) / to * to : to;
}

void *wg__alloc_big(size_t bytes)
{
    if (bytes > PTRDIFF_MAX - HUGE_PAGE) return NULL;
    void *p = aligned_alloc(bytes >= BIG ? HUGE_PAGE : ALIGN, rounded(bytes));
#if defined MADV_HUGEPAGE
    if (p && bytes >= BIG) (void)madvise(p, rounded(bytes), MADV_HUGEPAGE);
#endif
    return p;
}

void *wg__alloc(size_t bytes)
{
    if (bytes > PTRDIFF_MAX) return NULL;
    void *p = bytes >= BIG ? wg__alloc_big(bytes) : malloc(bytes ? bytes : 1);
    if (p) memset(p, 0, bytes);
    return p;
}

void wg__free(void *p) { free(p); }

void *wg__map(int file, size_t bytes)
{
    void *p = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE, file, 0);
    return p == MAP_FAILED ? NULL : p;
}

void wg__unmap(void *p, size_t bytes)
{
    if (p) munmap(p, bytes);
}

char *wg__strdup(const char *s)
{
    size_t n = strlen(s) + 1;
    char *copy = wg__alloc(n);
    if (copy) memcpy(copy, s, n);
    return copy;
}

size_t wg__mul(size_t a, size_t b) { return b && a > SIZE_MAX / b ? SIZE_MAX : a * b; }

/* ---- stocks ---------------------------------------------------------------------------------------------------------- */

typedef struct wg_stocked {
    void *p;
    size_t size;
    bool taken;
    uint8_t rests; /* how often wg__stock_age found it there since it was taken last */
} wg_stocked;

static void lock(wg_stock *k)
{
    while (atomic_flag_test_and_set_explicit(&k->busy, memory_order_acquire)) continue;
}

static void unlock(wg_stock *k) { atomic_flag_clear_explicit(&k->busy, memory_order_release); }

/* The smallest that is there and not much too large. */
static void *spare(wg_stock *k, size_t bytes)
{
    wg_stocked *best = NULL;
    lock(k);
    for (size_t i = 0; i < k->blocks; i++) {
        wg_stocked *b = &k->block[i];
        if (!b->taken && b->size >= bytes && b->size / 2 <= rounded(bytes) && (!best || b->size < best->size)) best = b;
    }
    if (best) best->taken = true, best->rests = 0;
    void *p = best ? best->p : NULL;
    if (p) WG_UNPOISON(p, best->size);
    unlock(k);
    return p;
}

static void *new_block(wg_stock *k, size_t bytes)
{
    void *p = wg__alloc_big(bytes);
    if (!p) return NULL;
    lock(k);
    bool listed = WG_RESERVE(k->block, k->capacity, k->blocks + 1);
    if (listed) k->block[k->blocks++] = (wg_stocked){.p = p, .size = rounded(bytes), .taken = true};
    unlock(k);
    if (listed) return p;
    free(p);
    return NULL;
}

void *wg__take(wg_stock *k, size_t bytes)
{
    if (bytes < KEPT || bytes > PTRDIFF_MAX - HUGE_PAGE) return bytes < KEPT ? malloc(bytes ? bytes : 1) : NULL;
    if (!k) return wg__alloc_big(bytes);
    void *p = spare(k, bytes);
    if (!p && !(p = new_block(k, bytes)) && bytes >= BIG) { /* what is kept may be what is missing */
        wg__stock_shrink(k);
        p = new_block(k, bytes);
    }
    return p;
}

void *wg__take_zeroed(wg_stock *k, size_t bytes)
{
    void *p = wg__take(k, bytes);
    if (p) memset(p, 0, bytes);
    return p;
}

void wg__put(wg_stock *k, void *p)
{
    bool kept = false;
    if (!p) return;
    if (k) lock(k);
    for (size_t i = k ? k->blocks : 0; !kept && i-- > 0;) {
        wg_stocked *b = &k->block[i];
        if (b->p != p) continue;
        b->taken = false;
        kept = true;
        WG_POISON(p, b->size);
    }
    if (k) unlock(k);
    if (!kept) free(p);
}

static void drop(wg_stock *k, unsigned rests)
{
    size_t n = 0;
    lock(k);
    for (size_t i = 0; i < k->blocks; i++) {
        wg_stocked *b = &k->block[i];
        if (b->taken || b->rests < rests) {
            k->block[n++] = *b;
        } else {
            WG_UNPOISON(b->p, b->size);
            free(b->p);
        }
    }
    k->blocks = n;
    unlock(k);
}

void wg__stock_age(wg_stock *k)
{
    drop(k, 1);
    for (size_t i = 0; i < k->blocks; i++) k->block[i].rests = !k->block[i].taken;
}

void wg__stock_shrink(wg_stock *k) { drop(k, 0); }

void wg__stock_free(wg_stock *k)
{
    for (size_t i = 0; i < k->blocks; i++) k->block[i].taken = false;
    wg__stock_shrink(k);
    free(k->block);
    k->block = NULL;
    k->capacity = 0;
}

/* ---- room that grows ------------------------------------------------------------------------------------------------- */

bool wg__grow(wg_stock *k, void **items, size_t *capacity, size_t need, size_t size)
{
    size_t room = *capacity ? *capacity : 8, twice = wg__mul(*capacity, 2);
    size_t least = k ? KEPT : BIG;
    bool big = wg__mul(need, size) >= least;
    while (!big && room < need) room *= 2;
    if (big) room = need > twice ? need : twice;
    size_t bytes = wg__mul(room, size);
    if (bytes > PTRDIFF_MAX - HUGE_PAGE) return false;
    big = bytes >= least;
    void *p = big ? wg__take(k, bytes) : realloc(*items, bytes);
    if (!p) return false;
    if (big) { /* not realloc, which would move small pages as they are */
        if (*items) memcpy(p, *items, *capacity * size);
        wg__put(k, *items);
    }
    *items = p;
    *capacity = big ? rounded(bytes) / size : room;
    return true;
}

void *wg__arena_get(wg_arena *a, size_t bytes)
{
    if (bytes > PTRDIFF_MAX / 2) return NULL;
    bytes = bytes ? (bytes + 15) & ~(size_t)15 : 16;
    if (a->size - a->used < bytes) {
        size_t head = (sizeof(struct wg_arena_block) + 15) & ~(size_t)15;
        size_t block = a->total < BLOCK ? BLOCK : a->total > BLOCK_MOST ? BLOCK_MOST : a->total; /* as much again */
        size_t size = rounded(bytes > block / 4 ? head + bytes : block);
        struct wg_arena_block *b = wg__take(a->stock, size);
        if (!b) return NULL;
        b->previous = a->last;
        b->size = size;
        a->last = b;
        a->used = a->zeroed = head;
        a->size = b->size;
        a->total += b->size;
    }
    if (a->zeroed < a->used + bytes) { /* some way ahead, and in the cache when it is given out */
        size_t to = a->size - a->used - bytes < AHEAD ? a->size : a->used + bytes + AHEAD;
        memset((char *)a->last + a->zeroed, 0, to - a->zeroed);
        a->zeroed = to;
    }
    void *p = (char *)a->last + a->used;
    a->used += bytes;
    return p;
}

char *wg__arena_text(wg_arena *a, const char *text, size_t length)
{
    char *p = length < SIZE_MAX ? wg__arena_get(a, length + 1) : NULL;
    if (p && length) memcpy(p, text, length);
    return p;
}

void wg__arena_free(wg_arena *a)
{
    for (struct wg_arena_block *b = a->last, *previous; b; b = previous) {
        previous = b->previous;
        wg__put(a->stock, b);
    }
    *a = (wg_arena){.stock = a->stock};
}

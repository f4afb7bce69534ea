/* alloc.c -- memory. All of the library's allocations pass through malloc, aligned_alloc and realloc below, so a
 * test that wraps these three sees, and can fail, every one of them. */
#define _GNU_SOURCE
#include "base/alloc.h"

#include <stdlib.h>
#include <string.h>
#if defined __linux__
#include <sys/mman.h>
#endif

/* A fresh small page costs nearly a nanosecond a byte, a huge one a ninth of that: what is not small is made of whole
   huge pages, also where it fills no more than BIG bytes of one. */
enum { ALIGN = 64, HUGE_PAGE = 2 << 20, BIG = HUGE_PAGE / 4, BLOCK = 1 << 16, BLOCK_MOST = 32 << 20 };

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

char *wg__strdup(const char *s)
{
    size_t n = strlen(s) + 1;
    char *copy = wg__alloc(n);
    if (copy) memcpy(copy, s, n);
    return copy;
}

size_t wg__mul(size_t a, size_t b) { return b && a > SIZE_MAX / b ? SIZE_MAX : a * b; }

bool wg__grow(void **items, size_t *capacity, size_t need, size_t size)
{
    size_t room = *capacity ? *capacity : 8, twice = wg__mul(*capacity, 2);
    bool big = wg__mul(need, size) >= BIG;
    while (!big && room < need) room *= 2;
    if (big) room = need > twice ? need : twice;
    size_t bytes = wg__mul(room, size);
    if (bytes > PTRDIFF_MAX - HUGE_PAGE) return false;
    big = bytes >= BIG;
    void *p = big ? wg__alloc_big(bytes) : realloc(*items, bytes);
    if (!p) return false;
    if (big) { /* not realloc, which would move small pages as they are */
        if (*items) memcpy(p, *items, *capacity * size);
        free(*items);
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
        struct wg_arena_block *b = wg__alloc(size);
        if (!b) return NULL;
        b->previous = a->last;
        b->size = size;
        a->last = b;
        a->used = head;
        a->size = b->size;
        a->total += b->size;
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
        wg__free(b);
    }
    *a = (wg_arena){0};
}

/* alloc.c -- memory. All of the library's allocations pass through malloc, aligned_alloc and realloc below, so a
 * test that wraps these three sees, and can fail, every one of them. */
#define _GNU_SOURCE
#include "base/alloc.h"

#include <stdlib.h>
#include <string.h>
#if defined __linux__
#include <sys/mman.h>
#endif

enum { ALIGN = 64, PAGE = 4096, HUGE_PAGE = 2 << 20, BLOCK = 1 << 16, BLOCK_MOST = 32 << 20 };

struct wg_arena_block {
    struct wg_arena_block *previous;
    size_t size;
};

/* A fresh 4 KiB page costs as much time as filling it; a huge one an eighth of that. */
static void prefer_huge_pages(void *p, size_t bytes)
{
#if defined MADV_HUGEPAGE
    uintptr_t lo = ((uintptr_t)p + PAGE - 1) / PAGE * PAGE, hi = ((uintptr_t)p + bytes) / PAGE * PAGE;
    if (p && bytes >= HUGE_PAGE) (void)madvise((void *)lo, hi - lo, MADV_HUGEPAGE);
#else
    (void)p, (void)bytes;
#endif
}

void *wg__alloc(size_t bytes)
{
    if (bytes > PTRDIFF_MAX) return NULL;
    void *p = malloc(bytes ? bytes : 1);
    prefer_huge_pages(p, bytes);
    if (p) memset(p, 0, bytes);
    return p;
}

void *wg__alloc_big(size_t bytes)
{
    size_t align = bytes >= HUGE_PAGE ? HUGE_PAGE : ALIGN;
    if (bytes > PTRDIFF_MAX - align) return NULL;
    size_t rounded = (bytes + align - 1) / align * align;
    void *p = aligned_alloc(align, rounded ? rounded : align);
    prefer_huge_pages(p, rounded);
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

bool wg__reserve(void **items, size_t *capacity, size_t need, size_t size)
{
    if (need <= *capacity) return true;
    size_t room = *capacity ? *capacity : 8;
    while (room < need) {
        if (room > SIZE_MAX / 2) return false;
        room *= 2;
    }
    size_t bytes = wg__mul(room, size);
    if (bytes > PTRDIFF_MAX) return false;
    void *p = realloc(*items, bytes);
    if (!p) return false;
    prefer_huge_pages(p, bytes);
    memset((char *)p + *capacity * size, 0, (room - *capacity) * size);
    *items = p;
    *capacity = room;
    return true;
}

void *wg__arena_get(wg_arena *a, size_t bytes)
{
    if (bytes > PTRDIFF_MAX / 2) return NULL;
    bytes = bytes ? (bytes + 15) & ~(size_t)15 : 16;
    if (a->size - a->used < bytes) {
        size_t head = (sizeof(struct wg_arena_block) + 15) & ~(size_t)15;
        size_t block = a->total / 4 < BLOCK ? BLOCK : a->total / 4 > BLOCK_MOST ? BLOCK_MOST : a->total / 4;
        size_t room = bytes > block / 4 ? bytes : block - head;
        struct wg_arena_block *b = wg__alloc(head + room);
        if (!b) return NULL;
        b->previous = a->last;
        b->size = head + room;
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

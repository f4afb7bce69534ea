/* wrapped.h -- every allocation of the library, counted and, where asked, refused.
 *
 * Linked with -Wl,--wrap=malloc,--wrap=realloc,--wrap=aligned_alloc,--wrap=free against the static library: the linker sends its
 * calls here, those of libc stay as they are. Check may be static too: make no assertion while counting. Addresses given out are
 * counted in and out by a small set, so that what was there before does not disturb. One test program includes this once. */
#ifndef WG_TESTS_WRAPPED_H
#define WG_TESTS_WRAPPED_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

void *__real_malloc(size_t size);
void *__real_realloc(void *p, size_t size);
void *__real_aligned_alloc(size_t align, size_t size);
void __real_free(void *p);
void *__wrap_malloc(size_t size);
void *__wrap_realloc(void *p, size_t size);
void *__wrap_aligned_alloc(size_t align, size_t size);
void __wrap_free(void *p);

enum { LIVE_SLOTS = 1 << 14 };
static void *live_slot[LIVE_SLOTS]; /* open addressing; a freed one leaves the mark */
static char live_mark;
static bool counting;
static long allocations, live, fail_at; /* fail_at: the allocation to refuse, from 1; 0: none */
static bool failed_one;

static size_t slot_for(const void *p) { return (size_t)((uintptr_t)p >> 4) * 0x9e3779b97f4a7c15u >> 50; }

static void remember(void *p)
{
    if (!p || !counting) return;
    size_t i = slot_for(p) % LIVE_SLOTS, n = 0;
    while (live_slot[i] && live_slot[i] != &live_mark && n++ < LIVE_SLOTS) i = (i + 1) % LIVE_SLOTS;
    live_slot[i] = p;
    live++;
}

static void forget(const void *p)
{
    if (!p || !counting) return;
    size_t i = slot_for(p) % LIVE_SLOTS;
    for (size_t n = 0; live_slot[i] && n < LIVE_SLOTS; n++, i = (i + 1) % LIVE_SLOTS)
        if (live_slot[i] == p) {
            live_slot[i] = &live_mark;
            live--;
            return;
        }
}

static bool refuse(void)
{
    if (!counting) return false;
    bool no = ++allocations == fail_at;
    failed_one |= no;
    return no;
}

/* From here on allocations are counted; the nth is refused (0: none). */
static void count_from_here(long nth)
{
    for (size_t i = 0; i < LIVE_SLOTS; i++) live_slot[i] = NULL;
    allocations = live = 0;
    fail_at = nth;
    failed_one = false;
    counting = true;
}

static void stop_counting(void) { counting = false; }

void *__wrap_malloc(size_t size)
{
    void *p = refuse() ? NULL : __real_malloc(size);
    remember(p);
    return p;
}

void *__wrap_realloc(void *old, size_t size)
{
    if (refuse()) return NULL;
    forget(old);
    void *p = __real_realloc(old, size);
    remember(p ? p : old);
    return p;
}

void *__wrap_aligned_alloc(size_t align, size_t size)
{
    void *p = refuse() ? NULL : __real_aligned_alloc(align, size);
    remember(p);
    return p;
}

void __wrap_free(void *p)
{
    forget(p);
    __real_free(p);
}

#endif

/* rng.c -- the host's random numbers: NumPy's legacy RandomState, number for number.
 *
 * The generator is MT19937 (M. Matsumoto and T. Nishimura, "Mersenne Twister", ACM TOMACS 8(1), 1998) with the 2002
 * initialisation by one 32-bit seed. What is drawn from it, and how many words each draw takes, is fixed by
 * NumPy's promise never to change RandomState, so the order of every draw below matters to the bit.
 *
 * Letters: key, position: the state as NumPy names it; n: a bound; i, j: places. */
#include "base/alloc.h"

#include <wengert/base.h>

#include <math.h>

enum { WORDS = 624, SHIFT = 397 };

/* position: the next word of key to give out; WORDS: twist first. The polar method makes two normals at a time. */
struct wg_rng {
    wg_rng_state now;
};

void wg_rng_seed(wg_rng *r, uint32_t seed)
{
    if (!r) return;
    r->now.key[0] = seed;
    for (uint32_t i = 1; i < WORDS; i++) {
        seed = 1812433253U * (seed ^ (seed >> 30)) + i;
        r->now.key[i] = seed;
    }
    r->now.position = WORDS;
    r->now.has_half = false;
}

wg_rng *wg_rng_new(uint32_t seed)
{
    wg_rng *r = wg__alloc(sizeof *r);
    wg_rng_seed(r, seed);
    return r;
}

wg_rng_state wg_rng_get_state(const wg_rng *r) { return r ? r->now : (wg_rng_state){.position = WORDS}; }

wg_status wg_rng_set_state(wg_rng *r, const wg_rng_state *s)
{
    if (!r || !s || s->position < 0 || s->position > WORDS) return WG_EARG;
    r->now = *s;
    return WG_OK;
}

void wg_rng_free(wg_rng *r) { wg__free(r); }

static uint32_t twisted(uint32_t high, uint32_t low, uint32_t far)
{
    uint32_t y = (high & 0x80000000U) | (low & 0x7fffffffU);
    return far ^ (y >> 1) ^ ((y & 1U) * 0x9908b0dfU);
}

static void twist(wg_rng *r)
{
    uint32_t *key = r->now.key;
    int i = 0;
    for (; i < WORDS - SHIFT; i++) key[i] = twisted(key[i], key[i + 1], key[i + SHIFT]);
    for (; i < WORDS - 1; i++) key[i] = twisted(key[i], key[i + 1], key[i + SHIFT - WORDS]);
    key[i] = twisted(key[i], key[0], key[SHIFT - 1]);
    r->now.position = 0;
}

uint32_t wg_rng_u32(wg_rng *r)
{
    if (!r) return 0;
    if (r->now.position == WORDS) twist(r);
    uint32_t y = r->now.key[r->now.position++];
    y ^= y >> 11;
    y ^= (y << 7) & 0x9d2c5680U;
    y ^= (y << 15) & 0xefc60000U;
    return y ^ (y >> 18);
}

/* The first word drawn is the high half. */
static uint64_t u64(wg_rng *r)
{
    uint64_t high = wg_rng_u32(r);
    return high << 32 | wg_rng_u32(r);
}

double wg_rng_uniform(wg_rng *r)
{
    uint32_t a = wg_rng_u32(r) >> 5, b = wg_rng_u32(r) >> 6;
    return ((double)a * 67108864.0 + (double)b) / 9007199254740992.0;
}

/* Marsaglia's polar method: a point in the unit disc gives two independent normals. */
double wg_rng_normal(wg_rng *r)
{
    if (!r) return 0.0;
    if (r->now.has_half) {
        r->now.has_half = false;
        return r->now.half;
    }
    double x, y, square;
    do {
        x = 2.0 * wg_rng_uniform(r) - 1.0;
        y = 2.0 * wg_rng_uniform(r) - 1.0;
        square = x * x + y * y;
    } while (square >= 1.0 || square == 0.0);
    double f = sqrt(-2.0 * log(square) / square);
    r->now.half = f * x;
    r->now.has_half = true;
    return f * y;
}

/* A draw from 0..top: words are cut to the bits of top and thrown away while too large. */
static uint64_t masked(wg_rng *r, uint64_t top)
{
    if (top == 0) return 0;
    uint64_t mask = top, draw;
    for (int shift = 1; shift < 64; shift *= 2) mask |= mask >> shift;
    do draw = (top > UINT32_MAX ? u64(r) : wg_rng_u32(r)) & mask;
    while (draw > top);
    return draw;
}

int64_t wg_rng_integer(wg_rng *r, int64_t n) { return r && n > 0 ? (int64_t)masked(r, (uint64_t)n - 1) : 0; }

wg_status wg_rng_permutation(wg_rng *r, int64_t n, int64_t *out)
{
    if (!r || n < 0 || (n && !out)) return WG_EARG;
    for (int64_t i = 0; i < n; i++) out[i] = i;
    for (int64_t i = n - 1; i > 0; i--) {
        int64_t j = (int64_t)masked(r, (uint64_t)i), kept = out[i];
        out[i] = out[j];
        out[j] = kept;
    }
    return WG_OK;
}

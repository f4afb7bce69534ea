/* philox.h -- Philox4x32-10, the counter-based generator of draws inside a graph.
 *
 * J. K. Salmon, M. A. Moraes, R. O. Dror, D. E. Shaw, "Parallel random numbers: as easy as 1, 2, 3", SC 2011.
 * A keyed bijection of a 128-bit counter: number i of a draw depends on nothing but i and the key, so the numbers
 * are the same for any number of threads and any order of computing them. */
#ifndef WG_BASE_PHILOX_H
#define WG_BASE_PHILOX_H

#include <stdint.h>

static inline void wg__philox(const uint32_t counter[4], const uint32_t key[2], uint32_t out[4])
{
    uint32_t c0 = counter[0], c1 = counter[1], c2 = counter[2], c3 = counter[3], k0 = key[0], k1 = key[1];
    for (int round = 0; round < 10; round++) {
        uint64_t p = (uint64_t)c0 * 0xd2511f53U, q = (uint64_t)c2 * 0xcd9e8d57U;
        c0 = (uint32_t)(q >> 32) ^ c1 ^ k0;
        c1 = (uint32_t)q;
        c2 = (uint32_t)(p >> 32) ^ c3 ^ k1;
        c3 = (uint32_t)p;
        k0 += 0x9e3779b9U; /* the golden ratio */
        k1 += 0xbb67ae85U; /* the square root of 3, less 1 */
    }
    out[0] = c0;
    out[1] = c1;
    out[2] = c2;
    out[3] = c3;
}

#endif

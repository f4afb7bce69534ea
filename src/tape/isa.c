/* isa.c -- the instruction sets that kernels are compiled for, and which of them this machine has. One binary holds all; a plan
 * takes the last one that is here, unless it is told otherwise. */
#include "tape/op.h"

const char *wg__isa_name(wg_isa isa)
{
    static const char *const names[WG_ISAS] = {[WG_ISA_BASE] = "base", [WG_ISA_AVX2] = "avx2", [WG_ISA_AVX512] = "avx512"};
    return names[isa];
}

bool wg__isa_here(wg_isa isa)
{
    if (isa == WG_ISA_BASE) return true;
#if defined __x86_64__
    __builtin_cpu_init();
    bool avx2 = __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
    if (isa == WG_ISA_AVX2) return avx2;
    return avx2 && __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512dq") &&
           __builtin_cpu_supports("avx512vl");
#else
    return false;
#endif
}

/* instances.h -- compiles the kernel part of the file that includes it once for every type and instruction set.
 *
 * An op's file reads:      #ifndef WG_KERNEL_PART
 *                          ... doc, rules, samples ...
 *                          #define WG_OVER WG_OVER_REALS
 *                          #include "tape/instances.h"     -> wg_kernels FN-table `kernels`
 *                          ... descriptor ...
 *                          #else
 *                          static int64_t FN(kernel)(const wg_args *a, int64_t lo, int64_t hi) { ... T ... M(exp) ... }
 *                          #endif
 * In the kernel part T is the type, FN(x) a name of this instance's own, M(f) a function of this type and instruction
 * set from kernelmath.h (M(exp), M(fma)), C(1.5) a constant of this type. A file whose kernels have a first phase
 * defines WG_WITH_PREPARE and FN(prepare) too, and WG_WITH_COLUMNS and FN(columns) for reductions. */
#define WG_KERNEL_PART

#define WG_OVER_F32 1
#define WG_OVER_F64 2
#define WG_OVER_I64 4
#define WG_OVER_U8 8 /* bool, u8, and what moves by bytes       */
#define WG_OVER_I32 16
#define WG_OVER_U16 32 /* the bits of bf16 and f16 */
#define WG_OVER_REALS 3
#define WG_OVER_NUMBERS 7
#define WG_OVER_WIDTHS 43 /* with .by_width: 4, 8, 2 and 1 bytes     */
#define WG_OVER_COMPUTED 31
#define WG_OVER_EVERY 63

#define FN(name) WG_FN_(name, SUFFIX, ISA)
#define WG_FN_(name, suffix, isa) WG_FN__(name, suffix, isa)
#define WG_FN__(name, suffix, isa) name##_##suffix##_##isa
#define M(name) WG_M_(name, SUFFIX, ISA)
#define WG_M_(name, suffix, isa) WG_M__(name, suffix, isa)
#define WG_M__(name, suffix, isa) wg_##name##_##suffix##_##isa
#define C(number) ((T)(number))

#define ISA base
#include "tape/kernelmath.h" /* its first reading, outside any target region, reads the system headers */
#include "tape/instances_types.h"
#undef ISA

/* A region is code for one instruction set; what its functions inline must be read inside it. */
#if defined __x86_64__
#define WG_HAVE_AVX 1
#define WG_FMA_HERE 1
#if defined __clang__
#pragma clang attribute push(__attribute__((target("avx2,fma"))), apply_to = function)
#else
#pragma GCC push_options
#pragma GCC target("avx2,fma")
#endif
#define ISA avx2
#include "tape/kernelmath.h"
#include "tape/instances_types.h"
#undef ISA
#if defined __clang__
#pragma clang attribute pop
#pragma clang attribute push(__attribute__((target("avx2,fma,avx512f,avx512bw,avx512dq,avx512vl"))), apply_to = function)
#else
#pragma GCC pop_options
#pragma GCC push_options
#pragma GCC target("avx2,fma,avx512f,avx512bw,avx512dq,avx512vl,prefer-vector-width=512")
#endif
#define WG_AVX512_HERE 1
#define ISA avx512
#include "tape/kernelmath.h"
#include "tape/instances_types.h"
#undef ISA
#undef WG_AVX512_HERE
#undef WG_FMA_HERE
#if defined __clang__
#pragma clang attribute pop
#else
#pragma GCC pop_options
#endif
#endif

#if WG_OVER & WG_OVER_F32
#define WG_F32_OF(f, isa) [WG_F32] = f##_f32_##isa,
#else
#define WG_F32_OF(f, isa)
#endif
#if WG_OVER & WG_OVER_F64
#define WG_F64_OF(f, isa) [WG_F64] = f##_f64_##isa,
#else
#define WG_F64_OF(f, isa)
#endif
#if WG_OVER & WG_OVER_I64
#define WG_I64_OF(f, isa) [WG_I64] = f##_i64_##isa,
#else
#define WG_I64_OF(f, isa)
#endif
#if WG_OVER & WG_OVER_U8
#define WG_U8_OF(f, isa) [WG_U8] = f##_u8_##isa, [WG_BOOL] = f##_u8_##isa,
#else
#define WG_U8_OF(f, isa)
#endif
#if WG_OVER & WG_OVER_I32
#define WG_I32_OF(f, isa) [WG_I32] = f##_i32_##isa,
#else
#define WG_I32_OF(f, isa)
#endif
#if WG_OVER & WG_OVER_U16
#define WG_U16_OF(f, isa) [WG_BF16] = f##_u16_##isa, [WG_F16] = f##_u16_##isa,
#else
#define WG_U16_OF(f, isa)
#endif
#define WG_ROW(f, isa)                                                                                                                     \
    {                                                                                                                                      \
        WG_F32_OF(f, isa) WG_F64_OF(f, isa) WG_I64_OF(f, isa) WG_U8_OF(f, isa) WG_I32_OF(f, isa) WG_U16_OF(f, isa)                         \
    }
#if defined WG_HAVE_AVX
#define WG_TABLE(f)                                                                                                                        \
    {                                                                                                                                      \
        [WG_ISA_BASE] = WG_ROW(f, base), [WG_ISA_AVX2] = WG_ROW(f, avx2), [WG_ISA_AVX512] = WG_ROW(f, avx512)                              \
    }
#else
#define WG_TABLE(f)                                                                                                                        \
    {                                                                                                                                      \
        [WG_ISA_BASE] = WG_ROW(f, base)                                                                                                    \
    }
#endif

static wg_kernels kernels = WG_TABLE(kernel);
#if defined WG_WITH_PREPARE
static wg_kernels prepares = WG_TABLE(prepare);
#endif
#if defined WG_WITH_COLUMNS
static wg_kernels columns = WG_TABLE(columns);
#endif

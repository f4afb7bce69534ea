/* instances_types.h -- the loop over types inside instances.h, for one instruction set. WIDE is what sums of T
   are kept in (unsigned: integers wrap), WIDE_OUT what they are stored as; REAL is T, or float where T is no real. HALF_BITS: T holds
   the bits of bf16 or f16. */
#if WG_OVER & WG_OVER_F32
#define T float
#define REAL float
#define WIDE double
#define WIDE_OUT float
#define SUFFIX f32
#include __BASE_FILE__
#undef T
#undef REAL
#undef WIDE
#undef WIDE_OUT
#undef SUFFIX
#endif
#if WG_OVER & WG_OVER_F64
#define T double
#define REAL double
#define WIDE double
#define WIDE_OUT double
#define SUFFIX f64
#include __BASE_FILE__
#undef T
#undef REAL
#undef WIDE
#undef WIDE_OUT
#undef SUFFIX
#endif
#if WG_OVER & WG_OVER_I64
#define T int64_t
#define REAL float
#define WIDE uint64_t
#define WIDE_OUT int64_t
#define SUFFIX i64
#include __BASE_FILE__
#undef T
#undef REAL
#undef WIDE
#undef WIDE_OUT
#undef SUFFIX
#endif
#if WG_OVER & WG_OVER_U8
#define T uint8_t
#define REAL float
#define WIDE uint64_t
#define WIDE_OUT int64_t
#define SUFFIX u8
#include __BASE_FILE__
#undef T
#undef REAL
#undef WIDE
#undef WIDE_OUT
#undef SUFFIX
#endif
#if WG_OVER & WG_OVER_I32
#define T int32_t
#define REAL float
#define WIDE uint64_t
#define WIDE_OUT int64_t
#define SUFFIX i32
#include __BASE_FILE__
#undef T
#undef REAL
#undef WIDE
#undef WIDE_OUT
#undef SUFFIX
#endif
#if WG_OVER & WG_OVER_U16
#define T uint16_t
#define REAL float
#define WIDE uint64_t
#define WIDE_OUT int64_t
#define SUFFIX u16
#define HALF_BITS 1
#include __BASE_FILE__
#undef T
#undef REAL
#undef WIDE
#undef WIDE_OUT
#undef SUFFIX
#undef HALF_BITS
#endif

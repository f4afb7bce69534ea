/* wengert/base.h -- status, dtypes, shapes, host arrays and random numbers: what every other header speaks.
 *
 * Ownership: a wg_array made by wg_array_new or by a reader owns its memory (wg_array_free); one made by
 * wg_array_wrap or wg_rows, or handed out by wg_read and wg_params_get, borrows it (wg_array_free leaves it be). */
#ifndef WENGERT_BASE_H
#define WENGERT_BASE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#ifdef __cplusplus
extern "C" {
#endif

#if defined __GNUC__
#define WG_API __attribute__((visibility("default")))
#define WG_PRINTF(text, first) __attribute__((__format__(__printf__, text, first)))
#else
#define WG_API
#define WG_PRINTF(text, first)
#endif

/* ---- status ------------------------------------------------------------------------------------------------- */

/* What a call answers; WG_OK is zero, so `if (wg_run(p))` reads as "if it failed". */
typedef enum wg_status {
    WG_OK,
    WG_EARG,       /* an argument makes no sense                          */
    WG_ESHAPE,     /* shapes do not fit                                   */
    WG_EDTYPE,     /* dtypes do not fit                                   */
    WG_EINDEX,     /* an index, or an integer divisor, is out of range    */
    WG_EMISSING,   /* an input, a parameter or a name is not there        */
    WG_ENOMEM,     /* memory ran out                                      */
    WG_EIO,        /* the system refused a file; errno says why           */
    WG_EFORMAT     /* a file or a text is malformed                       */
} wg_status;

/* The status in words ("out of memory"). Never NULL. */
WG_API const char *wg_status_text(wg_status s);

/* ---- dtypes and shapes -------------------------------------------------------------------------------------- */

/* f32 and f64 are computed in. bf16 (a float's upper half) and f16 (IEEE 754 binary16) are stored only: inputs, parameters,
   constants and files hold them, what moves values (reshape, concat, take, where, ...) moves them, cast rounds to them, to
   nearest even; to compute with them, cast them. */
typedef enum wg_dtype { WG_F32 = 1, WG_F64, WG_I64, WG_I32, WG_U8, WG_BOOL, WG_BF16, WG_F16 } wg_dtype;
enum { WG_DTYPES = 9 }; /* one past the last, to size tables by dtype */

WG_API const char *wg_dtype_name(wg_dtype d);         /* "f32"; "?" for what is no dtype       */
WG_API size_t wg_dtype_size(wg_dtype d);              /* bytes an element; 0 for what is none  */
WG_API wg_dtype wg_dtype_of(const char *name);        /* 0 when there is none of that name     */
WG_API bool wg_dtype_real(wg_dtype d);                /* f32 or f64                            */
WG_API bool wg_dtype_half(wg_dtype d);                /* bf16 or f16                           */

enum { WG_MAX_RANK = 8 };

/* Sizes, outermost first. A size may be WG_ANY or WG_DIM(letter) where it is known only when a plan runs. */
typedef struct wg_shape {
    int64_t dim[WG_MAX_RANK];
    int rank;
} wg_shape;

/* A list of at most 8 integers (axes, kernel sizes). n = 0 is "not given", n < 0 an empty list given on purpose. */
typedef struct wg_ints {
    int64_t v[WG_MAX_RANK];
    int n;
} wg_ints;

#define WG_ANY ((int64_t)-1)                          /* known when run; in reshape: inferred, or copied        */
#define WG_DIM(letter) (INT64_MIN + (int64_t)(letter)) /* the same letter is the same size, on all of a tape    */
#define WG_END INT64_MAX                              /* slice: to the end                                      */

WG_API wg_shape wg_shape_of(const int64_t *dims, size_t count);
WG_API wg_ints wg_ints_of(const int64_t *values, size_t count);
WG_API bool wg_shape_equal(wg_shape a, wg_shape b);

/* Number of elements. -1 when a size is negative or unknown, or the product does not fit int64_t. */
WG_API int64_t wg_shape_count(wg_shape s);

/* ---- host arrays -------------------------------------------------------------------------------------------- */

/* Packed, row-major values in the host's memory. */
typedef struct wg_array {
    void *data;
    wg_dtype dtype;
    wg_shape shape;
    void *owner; /* what wg_array_free frees; NULL: borrowed */
} wg_array;

/* Zeros. WG_EARG: no dtype, negative sizes; WG_ENOMEM. *out is empty ({0}) on failure. */
WG_API wg_status wg_array_new(wg_array *out, wg_dtype dtype, wg_shape shape);
WG_API wg_array wg_array_wrap(const void *data, wg_dtype dtype, wg_shape shape); /* borrows */
/* What WG_ARRAY (tape.h) is made of: borrows `count` values. Where they do not fill the shape, .data is NULL (and a shape
   of no elements becomes none), which everything that takes an array refuses. */
WG_API wg_array wg_array_of(const void *values, size_t count, wg_dtype dtype, wg_shape shape);
WG_API void wg_array_free(wg_array *a);                                          /* and empties *a; NULL is fine */
WG_API wg_array wg_rows(const wg_array *a, int64_t lo, int64_t hi); /* rows lo..hi-1, clipped; borrows */

/* Element i in row-major order as a double (integers beyond 2^53 round). NaN when i is outside. */
WG_API double wg_array_at(const wg_array *a, int64_t i);

/* Sets it to v, as the op cast converts: rounded to nearest even where the dtype is real, else towards zero and into the
   dtype's range, NaN as 0; bool is v != 0. Nothing happens when i is outside. */
WG_API void wg_array_put(wg_array *a, int64_t i, double v);

/* As NumPy's repr of the array's str() with default print options: widths, 8 digits, line breaks, truncation.
   WG_EARG: no array, or one without data. */
WG_API wg_status wg_array_print(FILE *to, const wg_array *a);

/* ---- random numbers of the host ------------------------------------------------------------------------------ */

/* NumPy's legacy RandomState: MT19937 (Matsumoto and Nishimura 1998), seeded as np.random.seed(seed). Same seed,
   same numbers, to the last bit. One generator belongs to one thread at a time. */
typedef struct wg_rng wg_rng;
WG_API wg_rng *wg_rng_new(uint32_t seed);              /* NULL: out of memory */
WG_API void wg_rng_free(wg_rng *r);
WG_API void wg_rng_seed(wg_rng *r, uint32_t seed);     /* begins anew, as np.random.seed(seed)             */
WG_API uint32_t wg_rng_u32(wg_rng *r);                 /* the raw 32-bit output                            */
WG_API double wg_rng_uniform(wg_rng *r);               /* random_sample(): [0, 1), 53 bits                 */
WG_API double wg_rng_normal(wg_rng *r);                /* randn(): polar method, with its cached half      */
WG_API int64_t wg_rng_integer(wg_rng *r, int64_t n);   /* randint(n): 0..n-1 by masked rejection; 0 for n<1 */
WG_API wg_status wg_rng_permutation(wg_rng *r, int64_t n, int64_t *out); /* permutation(n)                 */

/* Whole arrays, in row-major order; a is of f64, or of f32, to which each double is cast (integer: of i64, i32 or u8).
   uniform(lo, hi), normal(mean, deviation) (0 and 1: randn) and randint(lo, hi), hi left out, of dtype int64.
   WG_EARG: no array, bounds in the wrong order, more than INT64_MAX apart or beyond
   the dtype, a negative deviation, a NaN; WG_EDTYPE. */
WG_API wg_status wg_rng_fill_uniform(wg_rng *r, wg_array *a, double lo, double hi);
WG_API wg_status wg_rng_fill_normal(wg_rng *r, wg_array *a, double mean, double deviation);
WG_API wg_status wg_rng_fill_integer(wg_rng *r, wg_array *a, int64_t lo, int64_t hi);

/* shuffle(a): the rows (along axis 0) in another order, in place. WG_EARG: a scalar, or no array; WG_ENOMEM. */
WG_API wg_status wg_rng_shuffle(wg_rng *r, wg_array *a);

/* choice(n, count, replace, p): `count` of 0..n-1 into out; p: n probabilities, or NULL for equal ones. WG_EARG: more are
   wanted, without replacement, than there are (with a probability above 0), or p has a negative or a NaN, or does not add up to 1
   (within sqrt(2^-52), NumPy's tolerance); WG_ENOMEM. On failure nothing is drawn. */
WG_API wg_status wg_rng_choice(wg_rng *r, int64_t n, int64_t count, bool replace, const double *p, int64_t *out);

/* All of a generator, as RandomState.get_state() gives it: to go on later where it was. */
typedef struct wg_rng_state {
    uint32_t key[624];
    int position; /* 0..624 */
    bool has_half;
    double half; /* the second normal of the last pair */
} wg_rng_state;
WG_API wg_rng_state wg_rng_get_state(const wg_rng *r);
WG_API wg_status wg_rng_set_state(wg_rng *r, const wg_rng_state *s); /* WG_EARG: a position out of range */

#ifdef __cplusplus
}
#endif
#endif

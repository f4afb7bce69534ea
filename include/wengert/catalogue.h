/* wengert/catalogue.h -- the ops, looked at: what tools, bindings and other languages need to know of them. */
#ifndef WENGERT_CATALOGUE_H
#define WENGERT_CATALOGUE_H

#include <wengert/base.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct wg_op_info {
    const char *name, *family;
    const char *doc;      /* formula, derivative, conventions: lines, the first says what the op is   */
    const char *torch;    /* PyTorch's name, NULL: it has none                                        */
    const char *kind;     /* "leaf", "elementwise", "view", "reduce", "block", "effect"               */
    bool hidden;          /* a part of the text form with a function of its own: input, param, ...    */
    bool differentiable;  /* to any order, where its inputs are real                                  */
    bool definition;      /* it has no kernel: when it is recorded it expands into other ops          */
    char signature[384];  /* "x, weight, bias?; axis=-1, keepdim=false": `?` optional, `...` any number */
    char dtypes[64];      /* of the inputs that must agree: "f32 f64"                                 */
    char inputs[256];     /* each with its dtypes: "weight: f32 f64; index: i64 i32 u8"               */
    char attributes[512]; /* each with type and default: "axis: int, -1; k: size, required"          */
} wg_op_info;

/* A call with what it gives, as the tests have it: `[1, 2]` is an f64 tensor, `i64[1]` says its dtype, `~[2, 3]` and `+[2, 3]` are
   random of that shape, `f64[0, 3]()` is empty. */
typedef struct wg_op_example {
    const char *call, *value, *grad; /* value, gradients of its sum: NULL: not given */
    const char *refused;             /* not NULL: what the message says              */
    bool kink;                       /* there is no derivative, or one by convention */
} wg_op_example;

/* Op i in the order of names, the hidden ones last; false past the last one. */
WG_API bool wg_op_info_at(size_t i, wg_op_info *out);
WG_API bool wg_op_info_of(const char *name, wg_op_info *out); /* false: there is none of that name */

/* Example i of that op; false past the last one. */
WG_API bool wg_op_example_at(const char *name, size_t i, wg_op_example *out);

#ifdef __cplusplus
}
#endif
#endif

/* wengert/catalogue.h -- the ops, looked at: what tools, bindings and other languages need to know of them. */
#ifndef WENGERT_CATALOGUE_H
#define WENGERT_CATALOGUE_H

#include <wengert/base.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct wg_op_info {
    const char *name, *family;
    const char *doc;     /* formula, derivative, conventions: lines, the first says what the op is   */
    const char *kind;    /* "leaf", "elementwise", "view", "reduce", "block", "effect"               */
    bool hidden;         /* a part of the text form with a function of its own: input, param, ...    */
    bool differentiable; /* to any order, where its inputs are real                                  */
    char signature[384]; /* "x, weight, bias?; axis=-1, keepdim=false": `?` optional, `...` any number */
    char dtypes[64];     /* of the inputs that must agree: "f32 f64"                                 */
} wg_op_info;

/* Op i in the order of names, the hidden ones last; false past the last one. */
WG_API bool wg_op_info_at(size_t i, wg_op_info *out);
WG_API bool wg_op_info_of(const char *name, wg_op_info *out); /* false: there is none of that name */

#ifdef __cplusplus
}
#endif
#endif

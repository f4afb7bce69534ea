/* wengert/diff.h -- derivatives: ordinary nodes, appended to the same tape, so that any order follows.
 *
 * Reverse mode (Linnainmaa 1970; Speelpenning 1980) and forward mode (Wengert 1964). A tensor that y does not reach
 * from x gets zeros of x's shape. Only real (f32, f64) tensors have derivatives: asking for another is an error. */
#ifndef WENGERT_DIFF_H
#define WENGERT_DIFF_H

#include <wengert/tape.h>

#ifdef __cplusplus
extern "C" {
#endif

/* dy/dx for a y of one element: a tensor of x's shape and dtype. What passes through bf16 and f16 on the way is f32. */
WG_API wg_tensor wg_grad(wg_tensor y, wg_tensor x);

/* dy/dx[i] for i < n in one sweep, into g[0..n-1]. On error g holds invalid tensors and the tape says why. */
WG_API wg_status wg_grads(wg_tensor y, const wg_tensor *x, size_t n, wg_tensor *g);

/* The vector-Jacobian product: sum over y's elements of cotangent * dy/dx; cotangent has y's shape and dtype. */
WG_API wg_tensor wg_vjp(wg_tensor y, wg_tensor cotangent, wg_tensor x);
WG_API wg_status wg_vjps(wg_tensor y, wg_tensor cotangent, const wg_tensor *x, size_t n, wg_tensor *g);

/* The Jacobian-vector product dy/dx * tangent, of y's shape; tangent has x's shape and dtype. */
WG_API wg_tensor wg_jvp(wg_tensor y, wg_tensor x, wg_tensor tangent);
WG_API wg_tensor wg_jvps(wg_tensor y, const wg_tensor *x, const wg_tensor *tangent, size_t n);

#ifdef __cplusplus
}
#endif

#ifndef __cplusplus
#define wg_grad(...) WG_AT(wg_grad(__VA_ARGS__))
#define wg_vjp(...) WG_AT(wg_vjp(__VA_ARGS__))
#define wg_jvp(...) WG_AT(wg_jvp(__VA_ARGS__))
#endif
#endif

/* tril(x; offset): the items of each matrix (the last two axes) on and below a diagonal, `offset` to the right of the main one (below it,
 * where negative), and 0 elsewhere, as torch.tril; what is cut off does not matter, NaN neither. Linear, and its own reverse. A node of
 * its own: no view says it, and a mask would be as large as x. */
#define OPTIONS wg_tril_options
#define AGAIN(g, d) wg_tril(g, .offset = d)
#define FROM 0
#define TO d + 1
#include "ops/shape/triangle.h"

#ifndef WG_KERNEL_PART
/* values from PyTorch in f64 */
static const wg_sample samples[] = {
    {.call = "tril([[1, 2, 3], [4, 5, 6], [7, 8, 9]])", .value = "[[1, 0, 0], [4, 5, 0], [7, 8, 9]]",
     .grad = "[[1, 0, 0], [1, 1, 0], [1, 1, 1]]"},
    {.call = "tril([[1, 2, 3], [4, 5, 6], [7, 8, 9]]; offset=1)", .value = "[[1, 2, 0], [4, 5, 6], [7, 8, 9]]",
     .grad = "[[1, 1, 0], [1, 1, 1], [1, 1, 1]]"},
    {.call = "tril([[1, 2, 3], [4, 5, 6], [7, 8, 9]]; offset=-1)", .value = "[[0, 0, 0], [4, 0, 0], [7, 8, 0]]",
     .grad = "[[0, 0, 0], [1, 0, 0], [1, 1, 0]]"},
    {.call = "tril([[1, 2, 3], [4, 5, 6]])", .value = "[[1, 0, 0], [4, 5, 0]]", .grad = "[[1, 0, 0], [1, 1, 0]]"},
    {.call = "tril([[1, 2], [3, 4], [5, 6]])", .value = "[[1, 0], [3, 4], [5, 6]]", .grad = "[[1, 0], [1, 1], [1, 1]]"},
    {.call = "tril([[1, 2], [3, 4]]; offset=5)", .value = "[[1, 2], [3, 4]]", .grad = "[[1, 1], [1, 1]]"},
    {.call = "tril([[1, 2], [3, 4]]; offset=-5)", .value = "[[0, 0], [0, 0]]", .grad = "[[0, 0], [0, 0]]"},
    {.call = "tril([[1, 2], [3, 4]]; offset=2147483647)", .value = "[[1, 2], [3, 4]]", .grad = "[[1, 1], [1, 1]]"},
    {.call = "tril([[1, 2], [3, 4]]; offset=-2147483647)", .value = "[[0, 0], [0, 0]]", .grad = "[[0, 0], [0, 0]]"},
    {.call = "tril([[[1, 2], [3, 4]], [[5, 6], [7, 8]]])", .value = "[[[1, 0], [3, 4]], [[5, 0], [7, 8]]]",
     .grad = "[[[1, 0], [1, 1]], [[1, 0], [1, 1]]]"},
    {.call = "tril([[7]])", .value = "[[7]]", .grad = "[[1]]"},
    {.call = "tril([[nan, nan], [nan, nan]])", .value = "[[nan, 0], [nan, nan]]", .grad = "[[1, 0], [1, 1]]", .kink = true},
    {.call = "tril(f64[0, 3]())", .value = "f64[0, 3]()", .grad = "f64[0, 3]()"},
    {.call = "tril(f64[3, 0]())", .value = "f64[3, 0]()", .grad = "f64[3, 0]()"},
    {.call = "tril(f64[0, 2, 2]())", .value = "f64[0, 2, 2]()", .grad = "f64[0, 2, 2]()"},
    {.call = "tril(i64[[1, 2], [3, 4]])", .value = "i64[[1, 0], [3, 4]]"},
    {.call = "tril(i32[[1, 2], [3, 4]])", .value = "i32[[1, 0], [3, 4]]"},
    {.call = "tril(u8[[1, 2], [3, 4]])", .value = "u8[[1, 0], [3, 4]]"},
    {.call = "tril(bool[[true, true], [true, true]])", .value = "bool[[true, false], [true, true]]"},
    {.call = "tril(f32[[1.5, 2], [3, 4]])", .value = "f32[[1.5, 0], [3, 4]]", .grad = "f32[[1, 0], [1, 1]]"},
    {.call = "tril(~[2, 4, 5]; offset=1)"},
    {.call = "tril(~[3, 3, 33, 17]; offset=-2)"},
    {.call = "tril([1, 2])", .refused = "x is f64[2], which is no matrix"},
    {.call = "tril(2.5)", .refused = "which is no matrix"},
    {.call = "tril([[1]]; offset=0.5)", .refused = "integer"},
    {.call = "tril()", .refused = "x is missing"},
    {.call = "tril([[1]]; axis=1)", .refused = "no attribute"},
    {.call = "tril([[1]], [[1]])", .refused = "takes 1 input"},
    {0}};

#define WG_OVER WG_OVER_WIDTHS
#include "tape/instances.h"

const wg_op wg_op_tril = {WG_LINE(tril), .kind = WG_BLOCK, .takes = WG_EVERY, .shape = shape, .linear = 1, .vjp = vjp,
                          .units = units, .kernel = kernels, .by_width = true, .samples = samples};
#endif

/* triu(x; offset): the items of each matrix (the last two axes) on and above a diagonal, `offset` to the right of the main one (below it,
 * where negative), and 0 elsewhere, as torch.triu; what is cut off does not matter, NaN neither. Linear, and its own reverse. A node of
 * its own: no view says it, and a mask would be as large as x. */
#define OPTIONS wg_triu_options
#define AGAIN(g, d) wg_triu(g, .offset = d)
#define FROM d
#define TO m
#include "ops/shape/triangle.h"

#ifndef WG_KERNEL_PART
/* values from PyTorch in f64 */
static const wg_sample samples[] = {
    {.call = "triu([[1, 2, 3], [4, 5, 6], [7, 8, 9]])", .value = "[[1, 2, 3], [0, 5, 6], [0, 0, 9]]",
     .grad = "[[1, 1, 1], [0, 1, 1], [0, 0, 1]]"},
    {.call = "triu([[1, 2, 3], [4, 5, 6], [7, 8, 9]]; offset=1)", .value = "[[0, 2, 3], [0, 0, 6], [0, 0, 0]]",
     .grad = "[[0, 1, 1], [0, 0, 1], [0, 0, 0]]"},
    {.call = "triu([[1, 2, 3], [4, 5, 6], [7, 8, 9]]; offset=-1)", .value = "[[1, 2, 3], [4, 5, 6], [0, 8, 9]]",
     .grad = "[[1, 1, 1], [1, 1, 1], [0, 1, 1]]"},
    {.call = "triu([[1, 2, 3], [4, 5, 6]])", .value = "[[1, 2, 3], [0, 5, 6]]", .grad = "[[1, 1, 1], [0, 1, 1]]"},
    {.call = "triu([[1, 2], [3, 4], [5, 6]])", .value = "[[1, 2], [0, 4], [0, 0]]", .grad = "[[1, 1], [0, 1], [0, 0]]"},
    {.call = "triu([[1, 2], [3, 4]]; offset=5)", .value = "[[0, 0], [0, 0]]", .grad = "[[0, 0], [0, 0]]"},
    {.call = "triu([[1, 2], [3, 4]]; offset=-5)", .value = "[[1, 2], [3, 4]]", .grad = "[[1, 1], [1, 1]]"},
    {.call = "triu([[1, 2], [3, 4]]; offset=2147483647)", .value = "[[0, 0], [0, 0]]", .grad = "[[0, 0], [0, 0]]"},
    {.call = "triu([[1, 2], [3, 4]]; offset=-2147483647)", .value = "[[1, 2], [3, 4]]", .grad = "[[1, 1], [1, 1]]"},
    {.call = "triu([[[1, 2], [3, 4]], [[5, 6], [7, 8]]])", .value = "[[[1, 2], [0, 4]], [[5, 6], [0, 8]]]",
     .grad = "[[[1, 1], [0, 1]], [[1, 1], [0, 1]]]"},
    {.call = "triu([[7]])", .value = "[[7]]", .grad = "[[1]]"},
    {.call = "triu([[nan, nan], [nan, nan]])", .value = "[[nan, nan], [0, nan]]", .grad = "[[1, 1], [0, 1]]", .kink = true},
    {.call = "triu(f64[0, 3]())", .value = "f64[0, 3]()", .grad = "f64[0, 3]()"},
    {.call = "triu(f64[3, 0]())", .value = "f64[3, 0]()", .grad = "f64[3, 0]()"},
    {.call = "triu(f64[0, 2, 2]())", .value = "f64[0, 2, 2]()", .grad = "f64[0, 2, 2]()"},
    {.call = "triu(i64[[1, 2], [3, 4]])", .value = "i64[[1, 2], [0, 4]]"},
    {.call = "triu(i32[[1, 2], [3, 4]])", .value = "i32[[1, 2], [0, 4]]"},
    {.call = "triu(u8[[1, 2], [3, 4]])", .value = "u8[[1, 2], [0, 4]]"},
    {.call = "triu(bool[[true, true], [true, true]])", .value = "bool[[true, true], [false, true]]"},
    {.call = "triu(f32[[1.5, 2], [3, 4]])", .value = "f32[[1.5, 2], [0, 4]]", .grad = "f32[[1, 1], [0, 1]]"},
    {.call = "triu(~[2, 4, 5]; offset=1)"},
    {.call = "triu(~[3, 3, 33, 17]; offset=-2)"},
    {.call = "triu([1, 2])", .refused = "x is f64[2], which is no matrix"},
    {.call = "triu(2.5)", .refused = "which is no matrix"},
    {.call = "triu([[1]]; offset=0.5)", .refused = "integer"},
    {.call = "triu()", .refused = "x is missing"},
    {.call = "triu([[1]]; axis=1)", .refused = "no attribute"},
    {.call = "triu([[1]], [[1]])", .refused = "takes 1 input"},
    {0}};

#define WG_OVER WG_OVER_WIDTHS
#include "tape/instances.h"

const wg_op wg_op_triu = {WG_LINE(triu), .kind = WG_BLOCK, .takes = WG_EVERY, .shape = shape, .linear = 1, .vjp = vjp,
                          .units = units, .kernel = kernels, .by_width = true, .samples = samples};
#endif

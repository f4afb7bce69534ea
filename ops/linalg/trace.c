/* trace(x): the sum of the diagonal of each matrix, as torch.trace, and also of batches and of matrices that are not square. By
 * definition alone: diagonal and sum. */
#include "ops/linalg/matrix.h"

static bool shape(wg_call *c)
{
    if (!wg__is_matrix(c, 0, false)) return false;
    c->shape.rank -= 2;
    return true;
}

static wg_tensor define(const wg_rule *r) { return wg_sum(wg_diagonal(r->in[0], .axis1 = -2, .axis2 = -1), .axes = WG_INTS(-1)); }

/* values from PyTorch in f64 */
static const wg_sample samples[] = {
    {.call = "trace([[1, 2], [3, 4]])", .value = "5", .grad = "[[1, 0], [0, 1]]"},
    {.call = "trace([[1, 2, 3], [4, 5, 6]])", .value = "6", .grad = "[[1, 0, 0], [0, 1, 0]]"},
    {.call = "trace([[1, 2], [3, 4], [5, 6]])", .value = "5", .grad = "[[1, 0], [0, 1], [0, 0]]"},
    {.call = "trace([[[1, 2], [3, 4]], [[5, 6], [7, 8]]])", .value = "[5, 13]", .grad = "[[[1, 0], [0, 1]], [[1, 0], [0, 1]]]"},
    {.call = "trace([[7]])", .value = "7", .grad = "[[1]]"},
    {.call = "trace(f64[0, 3]())", .value = "0", .grad = "f64[0, 3]()"},
    {.call = "trace(f64[0, 2, 2]())", .value = "f64[0]()", .grad = "f64[0, 2, 2]()"},
    {.call = "trace([[1, nan], [2, inf]])", .value = "inf", .grad = "[[1, 0], [0, 1]]", .kink = true},
    {.call = "trace([[nan, 1], [2, 3]])", .value = "nan", .grad = "[[1, 0], [0, 1]]", .kink = true},
    {.call = "trace(i64[[1, 2], [3, 4]])", .value = "i64 5"},
    {.call = "trace(~[2, 3, 4])"},
    {.call = "trace(~[33, 33])"},
    {.call = "trace([1, 2])", .refused = "x is f64[2], which is no matrix"},
    {.call = "trace(2.5)", .refused = "no matrix"},
    {.call = "trace()", .refused = "x is missing"},
    {.call = "trace([[1]]; offset=1)", .refused = "no attribute"},
    {.call = "trace([[1]], [[1]])", .refused = "takes 1 input"},
    {.call = "trace([[1]]; axis=0)", .refused = "no attribute"},
    {0}};

const wg_op wg_op_trace = {WG_LINE(trace), .kind = WG_BLOCK, .takes = WG_NUMBERS, .shape = shape, .define = define, .samples = samples};

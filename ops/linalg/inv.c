/* inv(x): the inverse of each matrix, as torch.linalg.inv; a singular one fails the run, with the matrix and the column. The derivative is
 * -y dx y. By definition alone: solve, with the identity on the right. */
#include "ops/linalg/matrix.h"

static bool shape(wg_call *c) { return wg__is_matrix(c, 0, true); }

static wg_tensor define(const wg_rule *r) { return wg_solve(r->in[0], wg__identity(r, r->in[0])); }

/* values from PyTorch in f64 */
static const wg_sample samples[] = {
    {.call = "inv([[2, 1], [1, 3]])", .value = "[[0.6, -0.2], [-0.2, 0.4]]",
     .grad = "[[-0.15999999999999998, -0.07999999999999999], [-0.07999999999999999, -0.04]]", .ulps = 64},
    {.call = "inv([[0, 1], [2, 0]])", .value = "[[0, 0.5], [1, 0]]", .grad = "[[-0.5, -1], [-0.25, -0.5]]"},
    {.call = "inv([[4]])", .value = "[[0.25]]", .grad = "[[-0.0625]]"},
    {.call = "inv([[[2, 1], [1, 3]], [[1, 0], [0, -2]]])", .value = "[[[0.6, -0.2], [-0.2, 0.4]], [[1, 0], [0, -0.5]]]",
     .grad = "[[[-0.15999999999999998, -0.07999999999999999], [-0.08, -0.04000000000000001]], [[-1, 0.5], [0.5, -0.25]]]", .ulps = 64},
    {.call = "inv([[2, 1, 0], [1, 3, 1], [0, 1, 4]])",
     .value = "[[0.6111111111111112, -0.22222222222222224, 0.05555555555555556], [-0.22222222222222224, 0.4444444444444445, "
             "-0.11111111111111112], [0.05555555555555556, -0.11111111111111112, 0.2777777777777778]]",
     .grad = "[[-0.19753086419753094, -0.04938271604938272, -0.09876543209876544], [-0.04938271604938274, -0.012345679012345684, "
             "-0.024691358024691367], [-0.09876543209876545, -0.02469135802469136, -0.04938271604938272]]", .ulps = 64},
    {.call = "inv(f64[0, 0]())", .value = "f64[0, 0]()"},
    {.call = "inv(f64[0, 2, 2]())", .value = "f64[0, 2, 2]()"},
    {.call = "inv([[1, 2], [nan, 1]])", .value = "[[nan, nan], [nan, nan]]", .kink = true},
    {.call = "inv(~[2, 3, 3])", .ulps = 4096},
    {.call = "inv(~[4, 4])", .ulps = 4096},
    {.call = "inv([[1, 2], [2, 4]])", .refused = "the matrix is singular: column 1"},
    {.call = "inv([[[1, 2], [2, 3]], [[1, 1], [1, 1]]])", .refused = ": matrix [1] is singular: column 1"},
    {.call = "inv([[1, 2, 3], [4, 5, 6]])", .refused = "x is f64[2,3], which is not square"},
    {.call = "inv([1, 2])", .refused = "x is f64[2], which is no matrix"},
    {.call = "inv(2.5)", .refused = "no matrix"},
    {.call = "inv(i64[[1]])", .refused = "must be f32 or f64"},
    {0}};

const wg_op wg_op_inv = {WG_LINE(inv), .kind = WG_BLOCK, .shape = shape, .define = define, .samples = samples};
